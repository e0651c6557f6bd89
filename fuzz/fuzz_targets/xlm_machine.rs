//! Excel 4.0 macros that are run.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::xlm::machine);
