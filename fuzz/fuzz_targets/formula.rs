//! Formula tokens: decoding, structure, printing.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::formula::formula);
