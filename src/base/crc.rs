//! CRC-32 as ZIP and PNG have it, eight bytes at a time.

static TABLES: [[u32; 256]; 8] = tables();

// The indices are below the lengths of the tables, which the compiler checks while it builds them.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::arithmetic_side_effects)]
const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0_u32; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 0 { value >> 1 } else { (value >> 1) ^ 0xEDB8_8320 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// One step of it: what `value` becomes with `byte`. ZipCrypto turns its keys with that.
pub fn step(value: u32, byte: u8) -> u32 {
    let [first, ..] = &TABLES;
    let [low, ..] = value.to_le_bytes();
    (value >> 8) ^ first.get(usize::from(low ^ byte)).copied().unwrap_or(0)
}

/// The checksum of `bytes`.
pub fn crc32(bytes: &[u8]) -> u32 {
    let [t0, t1, t2, t3, t4, t5, t6, t7] = &TABLES;
    let at = |table: &[u32; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut crc = u32::MAX;
    for [b0, b1, b2, b3, b4, b5, b6, b7] in eights {
        let [c0, c1, c2, c3] = crc.to_le_bytes();
        crc = at(t7, b0 ^ c0)
            ^ at(t6, b1 ^ c1)
            ^ at(t5, b2 ^ c2)
            ^ at(t4, b3 ^ c3)
            ^ at(t3, *b4)
            ^ at(t2, *b5)
            ^ at(t1, *b6)
            ^ at(t0, *b7);
    }
    for byte in rest {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ at(t0, byte ^ low);
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn checksum_is_that_of_the_specification() {
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b"The quick brown fox jumps over the lazy dog"), 0x414F_A339);
    }
}
