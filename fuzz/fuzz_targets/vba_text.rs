//! VBA source read as text.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::vba::text);
