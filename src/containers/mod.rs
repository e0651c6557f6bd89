//! From bytes to named parts.

pub mod activemime;
pub mod cfb;
pub mod inflate;
pub mod mhtml;
pub mod onenote;
pub mod part;
mod pe;
pub mod polyglot;
pub mod sniff;
pub mod zip;
