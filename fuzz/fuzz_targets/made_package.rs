//! Office packages with arbitrary parts and elements.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::made::package);
