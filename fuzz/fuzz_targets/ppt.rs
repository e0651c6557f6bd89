//! Binary presentations.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::ppt::ppt);
