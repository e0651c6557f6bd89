//! A ZIP archive of one stored file: what a fixture appends to a compound file.

use crate::bytes::Put;
use crate::png::crc32;

/// The archive that holds `data` as `name`, uncompressed.
pub fn stored(name: &str, data: &[u8]) -> Vec<u8> {
    let mut entry = Vec::new();
    entry.u16(20).u16(0).u16(0).u16(0).u16(0x0021); // version needed, flags, method, time, date
    entry.u32(crc32(data)).u32(data.len() as u32).u32(data.len() as u32);
    entry.u16(name.len() as u16).u16(0); // name and extra lengths
    let mut out = b"PK\x03\x04".to_vec();
    out.raw(&entry).raw(name.as_bytes()).raw(data);
    let directory_at = out.len() as u32;
    out.raw(b"PK\x01\x02").u16(20).raw(&entry);
    out.u16(0).u16(0).u16(0).u32(0).u32(0); // comment, disk, attributes, local header offset
    out.raw(name.as_bytes());
    let directory_len = out.len() as u32 - directory_at;
    out.raw(b"PK\x05\x06").u16(0).u16(0).u16(1).u16(1);
    out.u32(directory_len).u32(directory_at).u16(0);
    out
}
