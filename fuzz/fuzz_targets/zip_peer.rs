//! ZIP archives by our reader and by the crate `zip`.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::zip::peer);
