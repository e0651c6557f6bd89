//! From bytes to named parts.

pub mod cfb;
pub mod part;
pub mod sniff;
