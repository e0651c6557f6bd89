//! Encrypted entries of archives.
#![cfg_attr(fuzzing, no_main)]
docsift_fuzz::target!(docsift_fuzz::zip_crypto::crypto);
