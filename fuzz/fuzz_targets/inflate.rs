//! Deflate by our reader and by the crate `miniz_oxide`.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::inflate::inflate);
