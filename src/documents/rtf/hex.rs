//! Bytes from hexadecimal digits that stand apart by anything.

use super::lex::hex_digit;

/// Data as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Hex {
    kept: Half,
    /// The same with each digit before an escape left out, once there was one.
    left_out: Option<Half>,
    /// Whether something else stood amid the digits.
    pub(super) is_disguised: bool,
}

#[derive(Debug, Clone, Default)]
struct Half {
    bytes: Vec<u8>,
    high: Option<u8>,
}

impl Half {
    fn text(&mut self, text: &[u8]) {
        for digit in text.iter().filter_map(|byte| hex_digit(*byte)) {
            match self.high.take() {
                Some(high) => self.bytes.push((high << 4) | digit),
                None => self.high = Some(digit),
            }
        }
    }
}

impl Hex {
    /// Whether there was a digit or a byte.
    pub(super) fn has_begun(&self) -> bool {
        self.kept.high.is_some() || !self.kept.bytes.is_empty()
    }

    /// Takes text; what is no digit is passed over.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.kept.text(text);
        if let Some(other) = &mut self.left_out {
            other.text(text);
        }
    }

    /// Takes binary data.
    pub(super) fn binary(&mut self, data: &[u8]) {
        for half in [Some(&mut self.kept), self.left_out.as_mut()].into_iter().flatten() {
            half.bytes.extend_from_slice(data);
        }
    }

    /// Bytes that the next escape copies.
    pub(super) fn escape_cost(&self) -> u64 {
        let copies = self.left_out.is_none() && self.kept.high.is_some();
        if copies { self.kept.bytes.len() as u64 } else { 0 }
    }

    /// An escape: it brings no data, and may cost the digit before it.
    pub(super) fn escape(&mut self) {
        if self.left_out.is_none() && self.kept.high.is_some() {
            self.left_out = Some(self.kept.clone());
        }
        if let Some(other) = &mut self.left_out {
            other.high = None;
        }
    }

    /// The data both ways; a digit without its fellow is dropped.
    pub(super) fn into_data(self) -> (Vec<u8>, Option<Vec<u8>>) {
        let other = self.left_out.map(|half| half.bytes).filter(|bytes| *bytes != self.kept.bytes);
        (self.kept.bytes, other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_joined_over_anything() {
        let mut hex = Hex::default();
        hex.text(b"0 1\t0x5!");
        hex.text(b"g0");
        assert_eq!(hex.into_data(), (vec![0x01, 0x05], None));
    }

    #[test]
    fn escape_behind_a_single_digit_is_read_both_ways() {
        let mut hex = Hex::default();
        hex.text(b"01 0");
        hex.escape();
        hex.text(b"50 20");
        hex.binary(b"\xFF");
        assert_eq!(hex.into_data(), (vec![0x01, 0x05, 0x02, 0xFF], Some(vec![0x01, 0x50, 0x20, 0xFF])));
    }

    #[test]
    fn escape_between_bytes_changes_nothing() {
        let mut hex = Hex::default();
        hex.text(b"01");
        hex.escape();
        hex.text(b"05");
        assert_eq!(hex.into_data(), (vec![0x01, 0x05], None));
    }
}
