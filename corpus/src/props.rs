//! Property sets: `SummaryInformation` and `DocumentSummaryInformation` ([MS-OLEPS] 2.21).

use crate::bytes::Put;

/// The property values that fixtures set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `VT_LPSTR` in the set's code page, which is UTF-8.
    Text(String),
    /// `VT_FILETIME`, in units of 100 ns since 1601.
    Time(u64),
    /// `VT_I4`.
    Number(u32),
    /// `VT_BLOB`.
    Blob(Vec<u8>),
}

/// 2022-01-01 00:00 UTC as a FILETIME: every fixture says it was made then.
pub const FIXED_TIME: u64 = 132_854_688_000_000_000;

const SUMMARY: [u8; 16] =
    [0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9];
const DOCUMENT_SUMMARY: [u8; 16] =
    [0x02, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE];

/// The stream `\x05SummaryInformation` with a title, an author and fixed times.
pub fn summary(title: &str, author: &str) -> Vec<u8> {
    property_set(
        SUMMARY,
        &[
            (2, Value::Text(title.to_owned())),
            (4, Value::Text(author.to_owned())),
            (8, Value::Text(author.to_owned())),
            (12, Value::Time(FIXED_TIME)),
            (13, Value::Time(FIXED_TIME)),
            (18, Value::Text("Microsoft Excel".to_owned())),
            (19, Value::Number(0)),
        ],
    )
}

/// The stream `\x05DocumentSummaryInformation` with a company.
pub fn document_summary(company: &str) -> Vec<u8> {
    property_set(DOCUMENT_SUMMARY, &[(15, Value::Text(company.to_owned()))])
}

/// The stream `\x05DocumentSummaryInformation` with `GKPIDDSI_DIGSIG`, where a binary workbook keeps
/// the signature of its VBA project ([MS-OSHARED] 2.3.3.2.2.1).
pub fn signed_document_summary(signature: Vec<u8>) -> Vec<u8> {
    let company = Value::Text("docsift".to_owned());
    property_set(DOCUMENT_SUMMARY, &[(15, company), (0x18, Value::Blob(signature))])
}

/// A stream with one property set; the code page property comes first by itself.
pub fn property_set(format: [u8; 16], properties: &[(u32, Value)]) -> Vec<u8> {
    let mut values = Vec::new();
    values.u16(2).u16(0).u16(65001).u16(0); // VT_I2: CP_UTF8
    let mut index = vec![(1, 0)];
    for (id, value) in properties {
        index.push((*id, values.len()));
        match value {
            Value::Text(text) => {
                values.u32(0x1E).u32(text.len() as u32 + 1).raw(text.as_bytes()).u8(0);
                values.zeros(values.len().wrapping_neg() % 4);
            }
            Value::Time(time) => {
                values.u32(0x40).u64(*time);
            }
            Value::Number(number) => {
                values.u32(0x03).u32(*number);
            }
            Value::Blob(bytes) => {
                values.u32(0x41).u32(bytes.len() as u32).raw(bytes);
                values.zeros(values.len().wrapping_neg() % 4);
            }
        }
    }
    let head = 8 + index.len() * 8;
    let mut out = Vec::new();
    out.u16(0xFFFE).u16(0).u32(0x0002_0006).zeros(16); // ByteOrder, Version, SystemIdentifier, CLSID
    out.u32(1).raw(&format).u32(48); // NumPropertySets, FMTID0, Offset0
    out.u32((head + values.len()) as u32).u32(index.len() as u32); // Size, NumProperties
    for (id, at) in index {
        out.u32(id).u32((head + at) as u32);
    }
    out.raw(&values);
    out
}
