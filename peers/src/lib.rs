//! Other readers of the same formats, run beside docsift and compared.

pub mod bench;
pub mod crypto;
pub mod files;
pub mod mutants;
pub mod streams;
