//! Compressed containers of VBA.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::vba::container);
