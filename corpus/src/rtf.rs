//! Rich Text Format, and the OLE 1 objects in it ([MS-OLEDS] 2.2).

use std::fmt::Write;

use crate::bytes::Put;

/// A document around a body.
pub fn document(body: &str) -> Vec<u8> {
    format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\r\n{body}\\par}}").into_bytes()
}

/// A document that calls itself Western, with a text in the encoding that the character set of its font means.
pub fn in_font(charset: u8, encoding: &'static encoding_rs::Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, has_others) = encoding.encode(text);
    assert!(!has_others, "a text that its encoding has not");
    let mut shown = String::new();
    for byte in bytes.iter() {
        let _ = write!(shown, "\\'{byte:02x}");
    }
    format!(
        "{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Arial;}}{{\\f1\\fcharset{charset} Arial;}}}}\r\n\
         \\pard\\f1 {shown}\\par}}"
    )
    .into_bytes()
}

/// Hexadecimal digits in lines.
pub fn digits(data: &[u8]) -> String {
    let mut out = String::new();
    for (index, byte) in data.iter().enumerate() {
        if index % 40 == 0 {
            out.push('\n');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// An object group: words such as `\objemb\objupdate`, and data.
pub fn object(words: &str, class: &str, data: &[u8]) -> String {
    format!("{{\\object{words}{{\\*\\objclass {class}}}{{\\*\\objdata {}}}{{\\result \\par}}}}", digits(data))
}

/// EmbeddedObject of OLE 1.
pub fn embedded(class: &str, native: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(0x0000_0501).u32(2); // OLEVersion, FormatID
    name(&mut out, class);
    name(&mut out, ""); // TopicName
    name(&mut out, ""); // ItemName
    out.u32(native.len() as u32).raw(native); // NativeDataSize, NativeData
    out
}

/// LinkedObject of OLE 1.
pub fn linked(class: &str, topic: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(0x0000_0501).u32(1);
    name(&mut out, class);
    name(&mut out, topic);
    name(&mut out, "");
    name(&mut out, ""); // NetworkName
    out.u32(0).u32(1); // Reserved, LinkUpdateOption: always
    out
}

fn name(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        out.u32(0);
    } else {
        out.u32(text.len() as u32 + 1).raw(text.as_bytes()).u8(0);
    }
}
