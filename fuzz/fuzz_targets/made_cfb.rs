//! Compound files with arbitrary trees, chains and headers.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::made::cfb);
