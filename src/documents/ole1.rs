//! Objects of OLE 1 ([MS-OLEDS] 2.2): what RTF and old documents hold an object in.
//!
//! A version, a format, three names, and either native data or where the link leads. Readers look at
//! neither the version nor what stands behind the data, and so do we.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::ops::Range;

use crate::base::text::CodePage;
use crate::base::{Reader, Short};

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ole1 {
    /// Its class: a program identifier.
    pub class: String,
    /// Where a link leads, or the name that a container keeps.
    pub topic: String,
    /// The item of the topic.
    pub item: String,
    /// What it holds.
    pub content: Content,
}

/// What an object holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A link; whether it is updated by itself.
    Link {
        /// `LinkUpdateOption` 1.
        is_automatic: bool,
    },
    /// Native data.
    Native {
        /// Where it lies, from the start of the object; cut at its end.
        bytes: Range<usize>,
        /// Bytes that are stated.
        stated: u32,
    },
}

/// Why data is no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ole1Error {
    /// A field does not fit.
    #[error(transparent)]
    Short(#[from] Short),
    /// The format is neither link nor data.
    #[error("format 0x{format:08x} is not one of an ole object")]
    Format {
        /// The format.
        format: u32,
    },
}

/// Reads an object.
///
/// # Errors
/// [`Ole1Error`] when the data is none.
pub fn read(data: &[u8], page: CodePage) -> Result<Ole1, Ole1Error> {
    let mut reader = Reader::new(data);
    reader.skip(4)?; // OLEVersion
    let format = reader.u32()?;
    if !matches!(format, 0..=2) {
        return Err(Ole1Error::Format { format });
    }
    if format == 0 {
        let (class, topic, item) = Default::default();
        return Ok(Ole1 { class, topic, item, content: Content::Empty });
    }
    let class = text(&mut reader, page)?;
    let topic = text(&mut reader, page)?;
    let item = text(&mut reader, page)?;
    let content = if format == 1 {
        let _network = text(&mut reader, page);
        let mut option = || -> Result<u32, Short> {
            reader.skip(4)?;
            reader.u32()
        };
        Content::Link { is_automatic: option() == Ok(1) }
    } else {
        let stated = reader.u32()?;
        let start = usize::try_from(reader.at()).unwrap_or(usize::MAX);
        let len = reader.take_up_to(usize::try_from(stated).unwrap_or(usize::MAX)).len();
        Content::Native { bytes: start..start.saturating_add(len), stated }
    };
    Ok(Ole1 { class, topic, item, content })
}

/// [MS-OLEDS] 2.1.4 LengthPrefixedAnsiString: its length counts the zero at its end.
fn text(reader: &mut Reader<'_>, page: CodePage) -> Result<String, Short> {
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let bytes = reader.take(len)?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    Ok(page.decode(bytes.get(..end).unwrap_or_default()).text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(format: u32) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(0x0501u32.to_le_bytes());
        out.extend(format.to_le_bytes());
        for name in ["Package\0", "C:\\x.doc\0", "R1\0"] {
            out.extend((name.len() as u32).to_le_bytes());
            out.extend(name.as_bytes());
        }
        out
    }

    #[test]
    fn embedded_object_says_where_its_data_lies() {
        let mut data = sample(2);
        let start = data.len() + 4;
        data.extend([3, 0, 0, 0, 7, 8, 9, 0, 0]);
        let object = read(&data, CodePage::WESTERN).unwrap();
        assert_eq!(
            (object.class.as_str(), object.topic.as_str(), object.item.as_str()),
            ("Package", "C:\\x.doc", "R1")
        );
        assert_eq!(object.content, Content::Native { bytes: start..start + 3, stated: 3 });
        data.truncate(start + 1);
        let cut = read(&data, CodePage::WESTERN).unwrap();
        assert_eq!(cut.content, Content::Native { bytes: start..start + 1, stated: 3 });
    }

    #[test]
    fn linked_object_says_whether_it_is_updated() {
        let mut data = sample(1);
        data.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]); // NetworkName, Reserved, LinkUpdateOption
        assert_eq!(read(&data, CodePage::WESTERN).unwrap().content, Content::Link { is_automatic: true });
    }

    #[test]
    fn other_data_is_no_object() {
        assert_eq!(read(&[1, 5, 0, 0, 9, 0, 0, 0], CodePage::WESTERN), Err(Ole1Error::Format { format: 9 }));
        let short = Short { at: 4, need: 4, have: 0 };
        assert_eq!(read(&[1, 5, 0, 0], CodePage::WESTERN), Err(Ole1Error::Short(short)));
    }
}
