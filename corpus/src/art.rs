//! Drawing data by [MS-ODRAW]: pictures, where they lie, and what shapes say.

use crate::bytes::Put;

/// A record.
pub fn record(version: u16, instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(version | (instance << 4)).u16(kind).u32(body.len() as u32).raw(body);
    out
}

/// A container record.
pub fn container(instance: u16, kind: u16, children: &[Vec<u8>]) -> Vec<u8> {
    record(0xF, instance, kind, &children.concat())
}

/// OfficeArtBlipPNG
pub fn png(file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.zeros(16).u8(0xFF).raw(file); // rgbUid1, tag
    record(0, 0x6E0, 0xF01E, &body)
}

/// OfficeArtFBSE: with its picture, or the offset of one in another stream.
pub fn entry(picture: Result<&[u8], u32>) -> Vec<u8> {
    let mut body = Vec::new();
    body.u8(6).u8(6).zeros(16).u16(0xFF); // btWin32, btMacOS: PNG; rgbUid, tag
    body.u32(0).u32(1).u32(picture.err().unwrap_or(u32::MAX)).u32(0); // size, cRef, foDelay, names
    body.raw(picture.unwrap_or_default());
    record(2, 6, 0xF007, &body)
}

/// A value of a property of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u32),
    /// Data behind the table.
    Data(Vec<u8>),
}

/// OfficeArtFOPT
pub fn properties(values: &[(u16, Value)]) -> Vec<u8> {
    let (mut table, mut data) = (Vec::new(), Vec::new());
    for (id, value) in values {
        match value {
            Value::Number(number) => table.u16(*id).u32(*number),
            Value::Data(bytes) => {
                data.raw(bytes);
                table.u16(*id | 0x8000).u32(bytes.len() as u32)
            }
        };
    }
    record(3, values.len() as u16, 0xF00B, &[table, data].concat())
}

/// Text as properties have it: UTF-16 with a NUL.
pub fn text(text: &str) -> Value {
    let mut data = Vec::new();
    data.utf16(text).u16(0);
    Value::Data(data)
}

/// `pihlShape`: a link of a shape to an address.
pub fn link(target: &str) -> Value {
    let mut data = Vec::new();
    data.zeros(16).u32(2).u32(0x103); // class, streamVersion, flags: a moniker, saved as text, absolute
    data.u32(target.encode_utf16().count() as u32 + 1).utf16(target).u16(0);
    Value::Data(data)
}
