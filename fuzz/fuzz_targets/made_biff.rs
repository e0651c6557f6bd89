//! Workbooks of arbitrary records and tokens.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::made::biff);
