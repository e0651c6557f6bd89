//! `winmail.dat`: a mail as TNEF ([MS-OXTNEF]), and the property lists inside it.
//!
//! Attributes are walked by their lengths; one that passes the end ends the walk and keeps what was read.
//! Checksums are not looked at, as Outlook does not.

use std::ops::Range;

use crate::base::{Cx, LimitHit, Reader, Short};

const SIGNATURE: u32 = 0x223E_9F78;

const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800C;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
const ATTACHMENT_TITLE: u32 = 0x0001_8010;
const ATTACHMENT_DATA: u32 = 0x0006_800F;
const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;

/// A mail as TNEF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tnef {
    /// Subject, decoded where the properties have it.
    pub subject: Option<Value>,
    /// Text of the mail.
    pub body: Option<Value>,
    /// Text of the mail as HTML.
    pub html: Option<Value>,
    /// Text of the mail as compressed RTF.
    pub rtf: Option<Range<u64>>,
    /// Attachments, in order.
    pub attachments: Vec<TnefAttachment>,
}

/// Text, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// Where its bytes stand.
    pub at: Range<u64>,
    /// Whether they are UTF-16LE.
    pub is_wide: bool,
}

/// An attachment of a TNEF mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TnefAttachment {
    /// Its short name, from the attribute.
    pub title: Option<Value>,
    /// Its long name, from its properties.
    pub long_name: Option<Value>,
    /// Its content.
    pub data: Option<Range<u64>>,
}

/// Most attachments that are read.
const MOST: usize = 10_000;

/// Reads a TNEF stream into `into`.
///
/// # Errors
/// [`LimitHit`] when the steps do not last: one for each attribute and property.
pub fn read(file: &[u8], into: &mut Tnef, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(file);
    if reader.u32() != Ok(SIGNATURE) || reader.u16().is_err() {
        cx.abandoned(0..file.len() as u64, "no TNEF stream");
        return Ok(());
    }
    while !reader.is_empty() {
        cx.budget.step(1)?;
        let at = reader.at();
        match attribute(&mut reader) {
            Ok((id, value)) => take(id, value, into, cx)?,
            Err(short) => {
                cx.abandoned(at..file.len() as u64, &short);
                break;
            }
        }
    }
    Ok(())
}

fn attribute<'a>(reader: &mut Reader<'a>) -> Result<(u32, Reader<'a>), Short> {
    reader.u8()?; // level
    let id = reader.u32()?;
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let value = reader.sub(len)?;
    // The last checksum of a cut file may be missing.
    let _ = reader.u16();
    Ok((id, value))
}

fn range(reader: &Reader<'_>) -> Range<u64> {
    reader.at()..reader.at().saturating_add(reader.remaining() as u64)
}

fn take(id: u32, value: Reader<'_>, into: &mut Tnef, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let narrow = || Some(Value { at: range(&value), is_wide: false });
    match id {
        SUBJECT => into.subject = into.subject.take().or_else(narrow),
        BODY => into.body = into.body.take().or_else(narrow),
        MESSAGE_PROPERTIES => {
            for property in properties(value, cx)? {
                match property.id {
                    0x0037 => into.subject = Some(property.value()),
                    0x1000 => into.body = Some(property.value()),
                    0x1013 => into.html = Some(property.value()),
                    0x1009 => into.rtf = Some(property.at),
                    _ => {}
                }
            }
        }
        ATTACHMENT_BEGINS if into.attachments.len() < MOST => {
            into.attachments.push(TnefAttachment::default())
        }
        ATTACHMENT_BEGINS => cx.abandoned(value.at()..value.at(), "too many attachments"),
        ATTACHMENT_TITLE | ATTACHMENT_DATA | ATTACHMENT_PROPERTIES => {
            let found = if id == ATTACHMENT_PROPERTIES { properties(value.clone(), cx)? } else { Vec::new() };
            // Data without its beginning is kept all the same.
            if into.attachments.is_empty() {
                into.attachments.push(TnefAttachment::default());
            }
            let Some(attachment) = into.attachments.last_mut() else { return Ok(()) };
            match id {
                ATTACHMENT_TITLE => attachment.title = narrow(),
                ATTACHMENT_DATA => attachment.data = Some(range(&value)),
                _ => {}
            }
            for property in found {
                match property.id {
                    0x3707 => attachment.long_name = Some(property.value()),
                    // An object has the identifier of its interface in front.
                    0x3701 if property.kind == 0x000D => {
                        attachment.data = Some(property.at.start.saturating_add(16)..property.at.end);
                    }
                    0x3701 => attachment.data = Some(property.at),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

struct Property {
    kind: u16,
    id: u16,
    at: Range<u64>,
}

impl Property {
    fn value(&self) -> Value {
        Value { at: self.at.clone(), is_wide: self.kind == 0x001F }
    }
}

/// Reads a `MsgPropertyList` ([MS-OXTNEF] 2.1.3.4); a property that does not fit ends it.
fn properties(mut reader: Reader<'_>, cx: &mut Cx<'_>) -> Result<Vec<Property>, LimitHit> {
    let mut found = Vec::new();
    let count = reader.u32().unwrap_or(0);
    for _ in 0..count {
        cx.budget.step(1)?;
        match property(&mut reader, cx) {
            Ok(Some(property)) => found.push(property),
            Ok(None) => {}
            Err(PropertyError::Short(short)) => {
                cx.abandoned(short.at..short.at, &format_args!("a property is cut: {short}"));
                break;
            }
            Err(PropertyError::Limit(hit)) => return Err(hit),
        }
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum PropertyError {
    #[error(transparent)]
    Short(#[from] Short),
    #[error(transparent)]
    Limit(#[from] LimitHit),
}

fn padded(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX).saturating_add(3) & !3
}

fn property(reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<Option<Property>, PropertyError> {
    let (kind, id) = (reader.u16()?, reader.u16()?);
    if id >= 0x8000 {
        reader.skip(16)?;
        if reader.u32()? == 0 {
            reader.u32()?;
        } else {
            let len = reader.u32()?;
            reader.skip(padded(len))?;
        }
    }
    let single = kind & 0x0FFF;
    let fixed = match single {
        0x0001 => Some(0),
        0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => Some(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        _ => None,
    };
    let is_many = kind & 0x1000 != 0;
    let count = if is_many || fixed.is_none() { reader.u32()? } else { 1 };
    let mut first = None;
    for _ in 0..count {
        cx.budget.step(1)?;
        match fixed {
            Some(len) => reader.skip(len)?,
            None => {
                let len = reader.u32()?;
                let at = reader.at();
                let len_usize = usize::try_from(len).unwrap_or(usize::MAX);
                if reader.remaining() < len_usize {
                    reader.skip(len_usize)?;
                }
                reader.skip(padded(len).min(reader.remaining()))?;
                first = first.or(Some(at..at.saturating_add(len.into())));
            }
        }
    }
    Ok(first.map(|at| Property { kind: single, id, at }))
}
