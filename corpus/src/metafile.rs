//! Windows metafiles that draw lines of text and nothing else: [MS-EMF], [MS-WMF].

use crate::bytes::Put;

/// An enhanced metafile with an `EMR_EXTTEXTOUTW` a line ([MS-EMF] 2.3.5.8).
pub fn emf(lines: &[&str]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = (0..).zip(lines).map(|(line, text)| ext_text_out(line * 300, text)).collect();
    let end = [14u32, 20, 0, 16, 20].map(u32::to_le_bytes).concat(); // EMR_EOF
    let size = 88 + records.iter().map(Vec::len).sum::<usize>() + end.len();
    let mut out = Vec::new();
    // EMR_HEADER: bounds and frame of four 32-bit numbers each, signature, version.
    out.u32(1).u32(88).raw(&[0; 16]).raw(&[0; 16]).raw(b" EMF").u32(0x1_0000);
    out.u32(size as u32).u32(records.len() as u32 + 2).u16(1).u16(0).u32(0).u32(0).u32(0);
    out.u32(1920).u32(1080).u32(508).u32(286); // device in pixels and millimetres
    assert_eq!(out.len(), 88);
    records.iter().for_each(|record| {
        out.raw(record);
    });
    out.raw(&end);
    out
}

fn ext_text_out(height: u32, text: &str) -> Vec<u8> {
    let mut letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let count = letters.len() as u32 / 2;
    letters.resize(letters.len().next_multiple_of(4), 0);
    let mut out = Vec::new();
    out.u32(84).u32(76 + letters.len() as u32).raw(&[0; 16]).u32(2).u32(0).u32(0);
    // EmrText: reference point, count, offset of the string, options, rectangle, offset of the spacing.
    out.u32(0).u32(height).u32(count).u32(76).u32(0).raw(&[0; 16]).u32(0);
    out.raw(&letters);
    out
}

/// A placeable Windows metafile with a `META_EXTTEXTOUT` a line ([MS-WMF] 2.3.3.5), letters in
/// Western bytes.
pub fn wmf(lines: &[&str]) -> Vec<u8> {
    let mut records = Vec::new();
    for (line, text) in (0u16..).zip(lines) {
        let mut letters = text.as_bytes().to_vec();
        letters.resize(letters.len().next_multiple_of(2), 0);
        records
            .u32(7 + letters.len() as u32 / 2)
            .u16(0x0A32)
            .u16(line * 300)
            .u16(0)
            .u16(text.len() as u16)
            .u16(0);
        records.raw(&letters);
    }
    records.u32(3).u16(0); // META_EOF
    let mut out = Vec::new();
    out.u32(0x9AC6_CDD7).u16(0).raw(&[0; 8]).u16(1440).u32(0).u16(0);
    out.u16(1).u16(9).u16(0x0300).u32(9 + records.len() as u32 / 2).u16(0).u32(64).u16(0);
    out.raw(&records);
    out
}

/// The stream `\2OlePres000` of an object ([MS-OLEDS] 2.3.4) with a picture of a clipboard format.
pub fn presentation(format: u32, picture: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // AnsiClipboardFormat, TargetDeviceSize; Aspect, Lindex, Advf, Reserved1, Width, Height, Size.
    out.u32(u32::MAX).u32(format).u32(4);
    out.u32(1).u32(u32::MAX).u32(0).u32(0).u32(4000).u32(1000).u32(picture.len() as u32);
    out.raw(picture);
    out
}
