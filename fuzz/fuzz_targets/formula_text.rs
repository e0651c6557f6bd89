//! Formula text: compiling, and printing what was compiled.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::formula::text);
