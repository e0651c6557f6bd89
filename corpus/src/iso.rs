//! ISO 9660 images with the long names of Joliet ([ECMA-119]).

use crate::bytes::Put;

const SECTOR: usize = 2048;

/// An image that holds files in its root folder, in both kinds of names.
pub fn image(files: &[(&str, &[u8])]) -> Vec<u8> {
    // 16 and 17 descriptors, 18 the end, 19 the plain folder, 20 Joliet's, then the files.
    let mut at = 21;
    let mut places = Vec::new();
    for (_, content) in files {
        places.push(at as u32);
        at += content.len().div_ceil(SECTOR).max(1);
    }
    let record = |name: &[u8], sector: u32, len: u32, flags: u8| {
        let mut out = Vec::new();
        let pad = name.len().is_multiple_of(2);
        out.u8((33 + name.len() + usize::from(pad)) as u8).u8(0).u32(sector).raw(&sector.to_be_bytes());
        out.u32(len).raw(&len.to_be_bytes()).zeros(7).u8(flags).u8(0).u8(0).u16(1).raw(&[0, 1]);
        out.u8(name.len() as u8).raw(name);
        if pad {
            out.u8(0);
        }
        out
    };
    let folder = |sector: u32, is_joliet: bool| {
        let mut out = record(&[0], sector, SECTOR as u32, 2);
        out.extend(record(&[1], sector, SECTOR as u32, 2));
        for (index, ((name, content), place)) in files.iter().zip(&places).enumerate() {
            let name: Vec<u8> = if is_joliet {
                name.encode_utf16().flat_map(u16::to_be_bytes).collect()
            } else {
                format!("FILE{index}.BIN;1").into_bytes()
            };
            out.extend(record(&name, *place, content.len() as u32, 0));
        }
        assert!(out.len() <= SECTOR, "too many files for one sector");
        out.resize(SECTOR, 0);
        out
    };
    let descriptor = |kind: u8, root: u32| {
        let mut out = vec![kind];
        out.raw(b"CD001").u8(1);
        out.resize(SECTOR, 0);
        if kind == 2 {
            out[88..91].copy_from_slice(b"%/E");
        }
        let root = record(&[0], root, SECTOR as u32, 2);
        out[156..156 + root.len()].copy_from_slice(&root);
        out
    };
    let mut out = vec![0; 16 * SECTOR];
    out.extend(descriptor(1, 19));
    out.extend(descriptor(2, 20));
    out.extend(descriptor(255, 19));
    out.extend(folder(19, false));
    out.extend(folder(20, true));
    for (_, content) in files {
        let len = out.len() + content.len().div_ceil(SECTOR).max(1) * SECTOR;
        out.extend(*content);
        out.resize(len, 0);
    }
    out
}
