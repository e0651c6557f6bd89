//! Texts in metafiles.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::metafile::metafile);
