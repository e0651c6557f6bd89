//! Exports of Windows programs, as far as they tell an Excel add-in.
//!
//! Layout: the PE format, "Export Directory Table". An offset that leads nowhere means no exports: Windows would
//! not load the file either.

use crate::base::{Reader, Short};

/// Most export names that are looked at.
const NAMES: u32 = 4096;
/// Most sections of a file that Windows loads.
const SECTIONS: u16 = 96;

/// Whether a program exports `xlAutoOpen`, which Excel calls when it loads an add-in (`.xll`).
pub(super) fn is_excel_addin(bytes: &[u8]) -> bool {
    exports(bytes, b"xlAutoOpen").unwrap_or(false)
}

fn reader_at(bytes: &[u8], at: usize) -> Result<Reader<'_>, Short> {
    let mut reader = Reader::new(bytes);
    reader.skip(at)?;
    Ok(reader)
}

fn exports(bytes: &[u8], wanted: &[u8]) -> Result<bool, Short> {
    let pe_at = reader_at(bytes, 0x3C)?.u32()? as usize;
    let mut header = reader_at(bytes, pe_at)?;
    if header.take(4)? != b"PE\0\0" {
        return Ok(false);
    }
    header.skip(2)?; // Machine
    let section_count = header.u16()?.min(SECTIONS);
    header.skip(12)?;
    let optional_len = header.u16()?;
    header.skip(2)?;
    let mut optional = header.sub(usize::from(optional_len))?;
    let directories_at = if optional.u16()? == 0x20B { 112 } else { 96 };
    optional.skip(directories_at - 2)?;
    let export_rva = optional.u32()?;

    let mut sections = Vec::new();
    for _ in 0..section_count {
        header.skip(8)?; // Name
        let virtual_len = header.u32()?;
        let rva = header.u32()?;
        let raw_len = header.u32()?;
        let raw_at = header.u32()?;
        header.skip(16)?;
        sections.push((rva, virtual_len.max(raw_len), raw_at));
    }
    let place = |rva: u32| {
        let section =
            sections.iter().find(|(start, len, _)| rva.checked_sub(*start).is_some_and(|into| into < *len));
        section.map_or(usize::MAX, |(start, _, raw_at)| {
            (*raw_at as usize).saturating_add(rva.saturating_sub(*start) as usize)
        })
    };
    if export_rva == 0 {
        return Ok(false);
    }
    let mut directory = reader_at(bytes, place(export_rva))?;
    directory.skip(24)?;
    let name_count = directory.u32()?.min(NAMES);
    directory.skip(4)?;
    let names_rva = directory.u32()?;
    let mut names = reader_at(bytes, place(names_rva))?;
    for _ in 0..name_count {
        let name = bytes.get(place(names.u32()?)..).unwrap_or_default();
        if name.strip_prefix(wanted).is_some_and(|rest| rest.first() == Some(&0)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A library with one section and one exported name.
    fn library(name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 0x40];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3C] = 0x40;
        bytes.extend(b"PE\0\0");
        bytes.extend([0x4C, 1, 1, 0]); // Machine, NumberOfSections
        bytes.extend([0; 12]);
        bytes.extend([0xE0, 0, 0, 0x20]); // SizeOfOptionalHeader, Characteristics
        let mut optional = vec![0; 0xE0];
        optional[..2].copy_from_slice(&[0x0B, 1]); // Magic: PE32
        optional[96..100].copy_from_slice(&0x1000_u32.to_le_bytes());
        bytes.extend(optional);
        bytes.extend(b".edata\0\0");
        for field in [0x1000_u32, 0x1000, 0x200, 0x200] {
            bytes.extend(field.to_le_bytes()); // VirtualSize, VirtualAddress, SizeOfRawData, PointerToRawData
        }
        bytes.extend([0; 16]);
        bytes.resize(0x200, 0);
        bytes.extend([0; 24]);
        for field in [1_u32, 0, 0x1028, 0] {
            bytes.extend(field.to_le_bytes()); // NumberOfNamePointers, tables
        }
        bytes.extend(0x102C_u32.to_le_bytes());
        bytes.extend(name);
        bytes.push(0);
        bytes
    }

    #[test]
    fn an_excel_add_in_is_told_by_its_exported_name() {
        assert!(is_excel_addin(&library(b"xlAutoOpen")));
        assert!(!is_excel_addin(&library(b"xlAutoOpener")));
        let cut = library(b"xlAutoOpen");
        assert!((0..cut.len() - 11).all(|len| !is_excel_addin(&cut[..len])));
    }
}
