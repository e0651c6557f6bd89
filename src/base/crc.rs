//! CRC-32 as ZIP and PNG have it, sixteen bytes at a time.

static TABLES: [[u32; 256]; 16] = tables();

// The indices are below the lengths of the tables, which the compiler checks while it builds them.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::arithmetic_side_effects)]
const fn tables() -> [[u32; 256]; 16] {
    let mut tables = [[0_u32; 256]; 16];
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
    while table < 16 {
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
    let at = |table: &[u32; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
    let (pieces, rest) = bytes.as_chunks::<16>();
    let mut crc = u32::MAX;
    for piece in pieces {
        let mut piece = *piece;
        for (byte, turned) in piece.iter_mut().zip(crc.to_le_bytes()) {
            *byte ^= turned;
        }
        // The first byte is turned by all that follow it, the last one by none.
        crc = piece.iter().zip(TABLES.iter().rev()).fold(0, |crc, (byte, table)| crc ^ at(table, *byte));
    }
    rest.iter().fold(crc, |crc, byte| step(crc, *byte)) ^ u32::MAX
}

#[cfg(test)]
mod tests {
    use super::{crc32, step};

    #[test]
    fn checksum_is_that_of_the_specification() {
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b"The quick brown fox jumps over the lazy dog"), 0x414F_A339);
        let byte_by_byte =
            |bytes: &[u8]| bytes.iter().fold(u32::MAX, |crc, byte| step(crc, *byte)) ^ u32::MAX;
        let bytes: Vec<u8> = (0..100_u8).map(|byte| byte.wrapping_mul(151)).collect();
        for len in 0..bytes.len() {
            assert_eq!(crc32(&bytes[..len]), byte_by_byte(&bytes[..len]), "{len} bytes");
        }
    }
}
