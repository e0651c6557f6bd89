//! Office packages in XML.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::ooxml::ooxml);
