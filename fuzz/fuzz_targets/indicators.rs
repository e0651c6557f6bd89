//! Addresses, paths and commands in text.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::indicators::indicators);
