//! VBA projects from a storage tree.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::vba::project);
