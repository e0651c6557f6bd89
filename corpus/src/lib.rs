//! Builds the inert fixtures of docsift. Knows nothing of docsift.
//!
//! Builders write the formats by their specifications; [`fixtures`] puts them together. Every host
//! is under `.invalid` and every file that a macro names does not exist.

pub mod agile;
pub mod art;
pub mod biff;
pub mod bytes;
pub mod container;
pub mod equation;
pub mod fixtures;
pub mod floods;
pub mod formula;
pub mod functions;
pub mod growth;
pub mod heavy;
pub mod hostile;
pub mod hostile_mail;
pub mod iso;
pub mod lettering;
pub mod listed;
pub mod lures;
pub mod mail;
pub mod manifest;
pub mod metafile;
pub mod notes;
pub mod ooxml;
pub mod outlook;
pub mod packed;
pub mod png;
pub mod ppt;
pub mod props;
pub mod ptg;
pub mod publisher;
pub mod raw_cfb;
pub mod rtf;
pub mod shell_link;
pub mod signature;
pub mod standard;
pub mod tiff;
pub mod udf;
pub mod vba;
pub mod word;
pub mod wrapped;
pub mod zip;
pub mod zip_crypt;
