//! From bytes to named parts.

pub mod activemime;
pub mod cfb;
pub mod flash;
pub mod gzip;
pub mod inflate;
pub mod iso;
pub mod listed;
pub mod mail;
pub mod mhtml;
pub mod onenote;
pub mod part;
mod pe;
pub mod polyglot;
pub mod sniff;
pub mod tar;
pub mod udf;
pub mod zip;
