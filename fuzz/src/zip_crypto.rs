//! Fuzz body of `crypto::archive`.

use docsift::crypto::archive::{winzip_aes, zip_crypto};

/// Takes the bytes as an encrypted entry, in every way that there is.
///
/// # Panics
/// When more comes out than went in.
pub fn crypto(data: &[u8]) {
    for check in [0, 1, data.first().copied().unwrap_or(2)] {
        assert!(zip_crypto(b"x", data, check).is_none_or(|plain| plain.len() + 12 == data.len()));
    }
    // The derivation is slow, and does not depend on the data behind the salt.
    if data.len() < 4096 {
        let strength = data.first().copied().unwrap_or(0) % 4;
        assert!(winzip_aes(b"x", data, strength).is_none_or(|plain| plain.len() < data.len()));
    }
}
