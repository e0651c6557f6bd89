//! Command lines as their shells read them.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::indicators::command);
