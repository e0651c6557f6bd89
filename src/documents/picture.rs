//! Format and size of a picture from its first bytes. Nothing is decoded.

use crate::base::Reader;
use crate::containers::sniff::FileKind;

/// Width and height in pixels, when the header says.
pub fn pixels(bytes: &[u8], kind: FileKind) -> Option<[u32; 2]> {
    match kind {
        FileKind::Png => png(bytes),
        FileKind::Gif => gif(bytes),
        FileKind::Jpeg => jpeg(bytes),
        FileKind::Bmp => bmp(bytes),
        _ => None,
    }
}

/// Whether a file of this kind is a picture and nothing else.
pub fn is_picture(kind: FileKind) -> bool {
    use FileKind::{Bmp, Emf, Gif, Jpeg, Png, Tiff, Wmf};
    matches!(kind, Bmp | Emf | Gif | Jpeg | Png | Tiff | Wmf)
}

/// Whether a file with this name is shown as a picture, or has no extension that says otherwise.
pub fn is_name(name: &str) -> bool {
    const EXTENSIONS: [&str; 14] =
        ["bmp", "dib", "emf", "emz", "gif", "jfif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "wmf", "wmz"];
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.')
        .is_none_or(|(_, extension)| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

fn png(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut reader = Reader::new(bytes);
    reader.skip(16).ok()?;
    let mut side = || reader.array().map(u32::from_be_bytes).ok();
    Some([side()?, side()?])
}

fn gif(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut reader = Reader::new(bytes);
    reader.skip(6).ok()?;
    Some([reader.u16().ok()?.into(), reader.u16().ok()?.into()])
}

fn bmp(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut reader = Reader::new(bytes);
    reader.skip(18).ok()?;
    Some([reader.i32().ok()?.unsigned_abs(), reader.i32().ok()?.unsigned_abs()])
}

/// Walks the segments to the first frame header.
fn jpeg(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut reader = Reader::new(bytes);
    reader.skip(2).ok()?;
    // Each segment is at least two bytes long, so the walk ends.
    loop {
        let [mark, marker] = reader.array().ok()?;
        if mark != 0xFF {
            return None;
        }
        let len = u16::from_be_bytes(reader.array().ok()?);
        let mut body = reader.sub(usize::from(len).checked_sub(2)?).ok()?;
        let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        if is_frame {
            body.skip(1).ok()?;
            let height = u16::from_be_bytes(body.array().ok()?);
            let width = u16::from_be_bytes(body.array().ok()?);
            return Some([width.into(), height.into()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_in_the_headers() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x00\0\0\0\x02";
        assert_eq!(pixels(png, FileKind::Png), Some([256, 2]));
        assert_eq!(pixels(b"GIF89a\x03\0\x04\0", FileKind::Gif), Some([3, 4]));
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04xx\xFF\xC0\0\x08\x08\0\x05\0\x06\x01";
        assert_eq!(pixels(jpeg, FileKind::Jpeg), Some([6, 5]));
        assert_eq!(pixels(&jpeg[..12], FileKind::Jpeg), None);
    }
}
