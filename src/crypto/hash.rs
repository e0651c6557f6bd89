//! The hashes that Office names, behind one type, and what is built from them.

/// Hash functions of [MS-OFFCRYPTO] 2.3.4.10 that are computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5
    Md5,
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// The output of a [`Hash`](enum@Hash).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    bytes: [u8; 64],
    len: usize,
}

impl Digest {
    fn of(from: &[u8]) -> Self {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(from) {
            *to = *from;
        }
        Digest { bytes, len: from.len().min(64) }
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Exactly `len` bytes: cut, or filled with `0x36` ([MS-OFFCRYPTO] 2.3.4.11).
    pub fn fitted(&self, len: usize) -> Vec<u8> {
        fitted(self.as_slice(), len)
    }
}

/// Exactly `len` bytes of `from`: cut, or filled with `0x36` ([MS-OFFCRYPTO] 2.3.4.11, 2.3.4.12).
pub fn fitted(from: &[u8], len: usize) -> Vec<u8> {
    from.iter().copied().chain(std::iter::repeat(0x36)).take(len).collect()
}

impl Hash {
    /// The hash that an encryption descriptor names; blanks and hyphens in the name do not count.
    pub fn named(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_uppercase().as_str() {
            "MD5" => Some(Hash::Md5),
            "SHA1" => Some(Hash::Sha1),
            "SHA256" => Some(Hash::Sha256),
            "SHA384" => Some(Hash::Sha384),
            "SHA512" => Some(Hash::Sha512),
            _ => None,
        }
    }

    /// Bytes of its output.
    pub fn output_len(self) -> usize {
        match self {
            Hash::Md5 => 16,
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }

    /// Bytes of the block that its compression works on.
    fn block_len(self) -> usize {
        match self {
            Hash::Md5 | Hash::Sha1 | Hash::Sha256 => 64,
            Hash::Sha384 | Hash::Sha512 => 128,
        }
    }

    /// The hash of `parts` one behind the other.
    pub fn digest(self, parts: &[&[u8]]) -> Digest {
        match self {
            Hash::Md5 => digest::<md5::Md5>(parts),
            Hash::Sha1 => digest::<sha1::Sha1>(parts),
            Hash::Sha256 => digest::<sha2::Sha256>(parts),
            Hash::Sha384 => digest::<sha2::Sha384>(parts),
            Hash::Sha512 => digest::<sha2::Sha512>(parts),
        }
    }

    /// `H(n) = hash(n as u32, H(n - 1))`, `rounds` times from `first` ([MS-OFFCRYPTO] 2.3.4.7, 2.3.4.11).
    /// The caller has spent the rounds.
    pub fn spin(self, first: Digest, rounds: u32) -> Digest {
        match self {
            Hash::Md5 => spin::<md5::Md5>(first, rounds),
            Hash::Sha1 => spin::<sha1::Sha1>(first, rounds),
            Hash::Sha256 => spin::<sha2::Sha256>(first, rounds),
            Hash::Sha384 => spin::<sha2::Sha384>(first, rounds),
            Hash::Sha512 => spin::<sha2::Sha512>(first, rounds),
        }
    }

    /// HMAC of `data` ([RFC 2104]).
    pub fn hmac(self, key: &[u8], data: &[u8]) -> Digest {
        let long = self.digest(&[key]);
        let key = if key.len() > self.block_len() { long.as_slice() } else { key };
        let pad = |with: u8| -> Vec<u8> {
            let filled = key.iter().copied().chain(std::iter::repeat(0)).take(self.block_len());
            filled.map(|byte| byte ^ with).collect()
        };
        let inner = self.digest(&[&pad(0x36), data]);
        self.digest(&[&pad(0x5C), inner.as_slice()])
    }
}

fn digest<D: sha2::Digest>(parts: &[&[u8]]) -> Digest {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    Digest::of(&hash.finalize())
}

fn spin<D: sha2::Digest>(first: Digest, rounds: u32) -> Digest {
    let mut last = first;
    for round in 0..rounds {
        let mut hash = D::new();
        hash.update(round.to_le_bytes());
        hash.update(last.as_slice());
        last = Digest::of(&hash.finalize());
    }
    last
}

/// A password as UTF-16LE, as all methods but XOR hash it.
pub fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn hashes_are_found_by_the_names_that_writers_use() {
        let names = ["SHA1", "SHA-512", "sha256", "MD5", "SHA384", "RIPEMD-160", ""];
        let found = names.map(Hash::named);
        use Hash::*;
        assert_eq!(found, [Some(Sha1), Some(Sha512), Some(Sha256), Some(Md5), Some(Sha384), None, None]);
    }

    #[test]
    fn hmac_gives_the_values_of_the_rfcs() {
        // [RFC 2202] 2, case 2; [RFC 4231] 4.3; and a key longer than a block, [RFC 2202] 3, case 6.
        let data = b"what do ya want for nothing?";
        assert_eq!(hex(Hash::Md5.hmac(b"Jefe", data).as_slice()), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(
            hex(Hash::Sha256.hmac(b"Jefe", data).as_slice()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = Hash::Sha1.hmac(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex(long.as_slice()), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    }

    #[test]
    fn digests_are_cut_or_filled() {
        let digest = Hash::Md5.digest(&[b"a", b"bc"]);
        assert_eq!(hex(digest.as_slice()), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(digest.fitted(2), [0x90, 0x01]);
        assert_eq!(digest.fitted(18)[14..], [0x7f, 0x72, 0x36, 0x36]);
    }
}
