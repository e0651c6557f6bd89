//! From bytes to named parts.

pub mod cfb;
pub mod inflate;
pub mod part;
pub mod sniff;
pub mod zip;
