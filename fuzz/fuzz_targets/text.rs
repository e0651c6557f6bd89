//! Code pages and escaping.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::text::text);
