//! Codings and plain wrappings: Base64, uuencode, zlib and deflate with stored blocks, gzip, tar, ActiveMime,
//! web archives.

use crate::bytes::Put;

/// Base64 ([RFC 4648] 4) in lines of 76 letters.
pub fn base64(data: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (index, group) in data.chunks(3).enumerate() {
        if index > 0 && index % 19 == 0 {
            out.push_str("\r\n");
        }
        let mut bits = [0u8; 3];
        bits[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// A file as uuencode ([POSIX.1] `uuencode`).
pub fn uuencode(name: &str, content: &[u8]) -> String {
    let letter = |value: u8| char::from(if value == 0 { b'`' } else { 0x20 + value });
    let mut out = format!("begin 644 {name}\r\n");
    for line in content.chunks(45) {
        out.push(letter(line.len() as u8));
        for group in line.chunks(3) {
            let byte = |index: usize| group.get(index).copied().unwrap_or(0);
            let (one, two, three) = (byte(0), byte(1), byte(2));
            let values = [one >> 2, (one & 3) << 4 | two >> 4, (two & 15) << 2 | three >> 6, three & 63];
            out.extend(values.map(letter));
        }
        out += "\r\n";
    }
    out + "`\r\nend\r\n"
}

/// Deflate ([RFC 1951] 3.2.4): stored blocks only.
pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut blocks = data.chunks(0xFFFF).peekable();
    if blocks.peek().is_none() {
        out.u8(1).u16(0).u16(0xFFFF);
    }
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        out.u8(u8::from(blocks.peek().is_none())).u16(len).u16(!len).raw(block);
    }
    out
}

/// A zlib stream ([RFC 1950] 2.2) of stored blocks.
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let (mut one, mut two) = (1u32, 0u32);
    for byte in data {
        one = (one + u32::from(*byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    let mut out = vec![0x78, 0x01];
    out.raw(&deflate(data)).raw(&((two << 16) | one).to_be_bytes());
    out
}

/// A gzip file of one member ([RFC 1952] 2.3).
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.raw(&miniz_oxide::deflate::compress_to_vec(content, 6));
    out.u32(crate::png::crc32(content)).u32(content.len() as u32);
    out
}

/// A tar archive ([POSIX.1] `ustar`).
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.raw(&header).raw(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.zeros(1024);
    out
}

/// An ActiveMime file with its stream at 0x32.
pub fn active_mime(data: &[u8]) -> Vec<u8> {
    active_mime_of(&zlib(data))
}

/// An ActiveMime file with any bytes where the stream stands.
pub fn active_mime_of(stream: &[u8]) -> Vec<u8> {
    let mut out = b"ActiveMime".to_vec();
    out.u16(0).u32(0x0000_F001).u32(4).u32(0xFFFF_FFFF).u32(stream.len() as u32);
    out.zeros(0x32 - out.len());
    out.raw(stream);
    out
}

/// A part of a web archive.
pub struct Part<'p> {
    /// `Content-Location`
    pub location: &'p str,
    /// `Content-Type`
    pub content_type: &'p str,
    /// Its content, written as Base64 unless it is text.
    pub content: &'p [u8],
}

/// A web archive as Word writes it: the header states `boundary`, the parts are separated by `used`.
pub fn web_archive(boundary: &str, used: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut out = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"{boundary}\"\r\n\r\nA web archive.\r\n"
    )
    .into_bytes();
    for part in parts {
        out.raw(format!("\r\n--{used}\r\nContent-Location: {}\r\n", part.location).as_bytes());
        let text = part.content_type.starts_with("text/");
        let encoding = if text { "8bit" } else { "base64" };
        out.raw(
            format!("Content-Transfer-Encoding: {encoding}\r\nContent-Type: {}\r\n\r\n", part.content_type)
                .as_bytes(),
        );
        if text {
            out.raw(part.content);
        } else {
            out.raw(base64(part.content).as_bytes());
        }
        out.raw(b"\r\n");
    }
    out.raw(format!("\r\n--{used}--\r\n").as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_those_of_their_specifications() {
        // [RFC 4648] 10
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
        // Wikipedia's checksum of its own name.
        let stream = zlib(b"Wikipedia");
        assert_eq!(stream[stream.len() - 4..], [0x11, 0xE6, 0x03, 0x98]);
        assert_eq!(deflate(b"a"), [1, 1, 0, 0xFE, 0xFF, b'a']);
    }
}
