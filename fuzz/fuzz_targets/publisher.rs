//! The text of Publisher.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::formats::publisher);
