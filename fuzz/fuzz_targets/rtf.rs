//! Rich Text Format.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::rtf::rtf);
