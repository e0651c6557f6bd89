//! What lies in the state of a control.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::mtef::state);
