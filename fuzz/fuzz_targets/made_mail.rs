//! Mails with arbitrary entities and encodings.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::made::mail);
