//! XOR obfuscation ([MS-OFFCRYPTO] 2.3.7): a key of 16 bits and 16 bytes of pad, for workbooks
//! (method 1) and Word documents (method 2).

/// Longest password in bytes; Office cuts longer ones.
const LONGEST: usize = 15;

/// `InitialCode` of 2.3.7.2, by the length of the password.
const INITIAL_CODE: [u16; LONGEST] = [
    0xE1F0, 0x1D0F, 0xCC9C, 0x84C0, 0x110C, 0x0E10, 0xF1CE, 0x313E, 0x1872, 0xE139, 0xD40F, 0x84F9, 0x280C,
    0xA96A, 0x4EC3,
];

/// First element of each row of `XorMatrix` of 2.3.7.2; the six behind it follow by shifts.
const ROWS: [u16; LONGEST] = [
    0xAEFC, 0x7B61, 0x4563, 0x0375, 0xD849, 0x6F45, 0xEB23, 0x47D3, 0xB861, 0x45A0, 0xAA51, 0x76B4, 0x3730,
    0x3331, 0x1021,
];

/// `PadArray` of 2.3.7.2.
const PAD: [u8; LONGEST] =
    [0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80, 0x00, 0xBE, 0x0F, 0x00, 0xBF, 0x0F, 0x00];

/// How bytes are changed with the array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Workbooks.
    One,
    /// Word documents.
    Two,
}

/// The 16 bytes that a password makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XorArray {
    bytes: [u8; 16],
    method: Method,
}

/// A password as bytes: of each UTF-16 unit the low byte, or the high one where that is zero
/// (2.3.7.4).
fn bytes_of(password: &str) -> Vec<u8> {
    let byte = |unit: u16| match unit.to_le_bytes() {
        [0, high] => high,
        [low, _] => low,
    };
    password.encode_utf16().map(byte).take(LONGEST).collect()
}

/// `CreateXorKey_Method1` of 2.3.7.2.
fn key(password: &[u8]) -> u16 {
    let Some(first) = password.len().checked_sub(1).and_then(|at| INITIAL_CODE.get(at)) else { return 0 };
    let rows = ROWS.iter().rev();
    password.iter().rev().zip(rows).fold(*first, |key, (byte, row)| {
        let mut element = *row;
        let mut key = key;
        for bit in 0..7 {
            if byte.wrapping_shr(bit) & 1 != 0 {
                key ^= element;
            }
            let carried = if element & 0x8000 != 0 { 0x1021 } else { 0 };
            element = element.wrapping_shl(1) ^ carried;
        }
        key
    })
}

/// `CreatePasswordVerifier_Method1` of 2.3.7.1.
fn verifier(password: &[u8]) -> u16 {
    let len = u8::try_from(password.len()).unwrap_or(u8::MAX);
    let folded = password.iter().rev().chain([&len]).fold(0u16, |verifier, byte| {
        let carried = u16::from(verifier & 0x4000 != 0);
        (carried | (verifier.wrapping_shl(1) & 0x7FFF)) ^ u16::from(*byte)
    });
    folded ^ 0xCE4B
}

impl XorArray {
    /// The array of `password` when the file states its key and its verifier.
    pub fn verified(password: &str, stated_key: u16, stated_verifier: u16, method: Method) -> Option<Self> {
        let password = bytes_of(password);
        let key = key(&password);
        if key != stated_key || verifier(&password) != stated_verifier || password.is_empty() {
            return None;
        }
        let [low, high] = key.to_le_bytes();
        let mut bytes = [0; 16];
        let filled = password.iter().chain(&PAD);
        for (at, (to, from)) in bytes.iter_mut().zip(filled).enumerate() {
            let mixed = from ^ if at % 2 == 0 { low } else { high };
            *to = match method {
                Method::One => mixed.rotate_right(1),
                Method::Two => mixed,
            };
        }
        Some(XorArray { bytes, method })
    }

    /// Restores `bytes`, the first of which uses element `index` (modulo 16) of the array.
    pub fn apply(&self, bytes: &mut [u8], index: usize) {
        let keys = self.bytes.iter().cycle().skip(index % 16);
        for (byte, key) in bytes.iter_mut().zip(keys) {
            match self.method {
                Method::One => *byte = (*byte ^ key).rotate_right(5),
                // A byte that would be zero either way was left alone (2.3.7.6).
                Method::Two if *byte != 0 && byte != key => *byte ^= key,
                Method::Two => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_verifiers_are_those_that_files_state() {
        let stated = ["abc", "123456789012345", "VelvetSweatshop"].map(|password| {
            let bytes = bytes_of(password);
            (key(&bytes), verifier(&bytes))
        });
        assert_eq!(stated, [(0x514A, 0xCC1A), (0x8265, 0x9EB1), (0xB359, 0x9A0A)]);
    }

    #[test]
    fn only_the_right_password_makes_an_array() {
        let array = |password| XorArray::verified(password, 0xB359, 0x9A0A, Method::One);
        assert_eq!(
            array("VelvetSweatshop").unwrap().bytes,
            [0x87, 0x6B, 0x9A, 0xE2, 0x1E, 0xE3, 0x05, 0x62, 0x1E, 0x69, 0x96, 0x60, 0x98, 0x6E, 0x94, 0x04]
        );
        assert_eq!(array("VelvetSweatshop and more"), array("VelvetSweatshop"));
        assert_eq!(array("VelvetSweatshoq"), None);
        assert_eq!(array(""), None);
    }

    #[test]
    fn bytes_of_word_that_would_become_zero_were_left_alone() {
        let array = XorArray { bytes: [0x55; 16], method: Method::Two };
        let mut bytes = [0x00, 0x55, 0x55 ^ b'a'];
        array.apply(&mut bytes, 3);
        assert_eq!(bytes, [0x00, 0x55, b'a']);
    }
}
