//! Sequences of calls of the C ABI.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::capi::calls);
