//! Other readers of the same formats, run beside docsift and compared.

pub mod bench;
pub mod files;
pub mod streams;
