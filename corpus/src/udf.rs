//! Disk images in UDF 1.02 ([ECMA-167]), without ISO 9660 beside it.

use crate::bytes::Put;

const SECTOR: usize = 2048;
/// Sectors of the descriptors of the volume, and where the partition begins.
const MAIN: usize = 32;
const START: usize = 40;

/// A descriptor with its tag; checksums are left at zero where no reader looks.
fn tagged(kind: u16, block: u32, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(kind).u16(2).u8(0).u8(0).u16(0).u16(0).u16(body.len() as u16).u32(block);
    out[4] = out.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    out.raw(body);
    out
}

fn long_ad(len: u32, block: u32) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(len).u32(block).u16(0).zeros(6);
    out
}

/// Bytes of an extent, in whole sectors.
pub const EXTENT: usize = 2 * SECTOR;

/// FileEntry: the content lies in the entry itself when `inside`, and otherwise in extents from `block` on, the
/// last piece first.
fn entry(kind: u8, content: &[u8], block: u32, at: u32, inside: bool) -> Vec<u8> {
    let mut list = Vec::new();
    if inside {
        list.raw(content);
    } else {
        let count = content.len().div_ceil(EXTENT) as u32;
        for (index, piece) in (0..count).zip(content.chunks(EXTENT)) {
            list.u32(piece.len() as u32).u32(block + 2 * (count - 1 - index));
        }
    }
    let mut body = Vec::new();
    // ICBTag: prior entries, strategy, parameter, entries, reserved, type, parent, flags
    body.u32(0).u16(4).u16(0).u16(1).u8(0).u8(kind).zeros(6).u16(if inside { 3 } else { 0 });
    body.zeros(20); // owner, permissions, links, record
    body.u64(content.len() as u64).zeros(104); // length; blocks, times, identifiers
    body.u32(0).u32(list.len() as u32).raw(&list);
    tagged(261, at, &body)
}

/// FileIdentifierDescriptor; the name in 8 bits when that is enough, and otherwise in 16.
fn identifier(name: &str, flags: u8, icb: u32) -> Vec<u8> {
    let mut coded = Vec::new();
    if name.is_empty() {
    } else if name.is_ascii() {
        coded.u8(8).raw(name.as_bytes());
    } else {
        coded.u8(16);
        name.encode_utf16().for_each(|unit| coded.extend(unit.to_be_bytes()));
    }
    let mut body = Vec::new();
    body.u16(1).u8(flags).u8(coded.len() as u8).raw(&long_ad(SECTOR as u32, icb)).u16(0).raw(&coded);
    let mut out = tagged(257, 0, &body);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// An image that holds files in its root folder. Its anchor stands in sector 256, or, in an image that is to
/// stay small, in the last.
pub fn image(files: &[(&str, &[u8])], is_small: bool) -> Vec<u8> {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    // 0 is the file set, 1 the root's entry, 2 its list.
    let mut file_set = Vec::new();
    file_set.zeros(384).raw(&long_ad(SECTOR as u32, 1)).zeros(96);
    blocks.push(tagged(256, 0, &file_set));
    let mut list = identifier("", 2 | 8, 1);
    let mut next = 3;
    let mut behind: Vec<Vec<u8>> = Vec::new();
    for (name, content) in files {
        let inside = content.len() < 1000;
        list.raw(&identifier(name, 0, next));
        behind.push(entry(5, content, next + 1, next, inside));
        next += 1;
        if !inside {
            for piece in content.chunks(EXTENT).rev() {
                let mut sectors: Vec<Vec<u8>> = piece.chunks(SECTOR).map(<[u8]>::to_vec).collect();
                sectors.resize(2, Vec::new());
                behind.extend(sectors);
            }
            next += 2 * content.len().div_ceil(EXTENT) as u32;
        }
    }
    assert!(list.len() <= SECTOR, "too many files for one sector");
    blocks.push(entry(4, &list, 2, 1, false));
    blocks.push(list);
    blocks.extend(behind);

    let mut sectors: Vec<Vec<u8>> = vec![Vec::new(); START];
    for (sector, name) in [(16, b"BEA01"), (17, b"NSR02"), (18, b"TEA01")] {
        sectors[sector].u8(0).raw(name).u8(1);
    }
    // PartitionDescriptor: number at 22, start at 188
    let mut partition = Vec::new();
    partition.u32(1).u16(1).u16(0).zeros(164).u32(START as u32).u32(blocks.len() as u32);
    sectors[MAIN] = tagged(5, MAIN as u32, &partition);
    // LogicalVolumeDescriptor: block size at 212, file set at 248, one map at 440
    let mut volume = Vec::new();
    volume.u32(2).zeros(192).u32(SECTOR as u32).zeros(32).raw(&long_ad(SECTOR as u32, 0));
    volume.u32(6).u32(1).zeros(168).u8(1).u8(6).u16(1).u16(0);
    sectors[MAIN + 1] = tagged(6, MAIN as u32 + 1, &volume);
    sectors[MAIN + 2] = tagged(8, MAIN as u32 + 2, &[0; 496]);
    sectors.extend(blocks);
    let anchor_at = if is_small { sectors.len() } else { sectors.len().max(256) };
    sectors.resize(anchor_at, Vec::new());
    let mut anchor = Vec::new();
    anchor.u32(3 * SECTOR as u32).u32(MAIN as u32).u32(3 * SECTOR as u32).u32(MAIN as u32).zeros(480);
    sectors.push(tagged(2, anchor_at as u32, &anchor));
    let mut out = Vec::new();
    for sector in sectors {
        assert!(sector.len() <= SECTOR);
        let end = out.len() + SECTOR;
        out.raw(&sector);
        out.resize(end, 0);
    }
    out
}
