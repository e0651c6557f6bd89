//! Office packages in BIFF12.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::ooxml::biff12);
