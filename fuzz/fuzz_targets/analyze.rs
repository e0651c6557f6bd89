//! The whole analysis.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::analyze::analyze);
