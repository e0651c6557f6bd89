//! The style sheet: what a style hides, by itself or by the style that it is based on.
//!
//! Layout: [MS-DOC] 2.9.271 STSH, 2.9.272 STSHI, 2.9.259 STD, 2.9.135 (LPStd), 2.9.117 (GrLPUpxSw).

use super::DocError;
use super::look::{self, Look};
use crate::base::{Cx, Reader, Short};

/// Styles that are looked at: a number of one has 12 bits.
const STYLES: usize = 4095;
/// Styles that one can be based on, one on the other.
const DEEPEST: usize = 32;
/// `istdBase` of a style that is based on none.
const NONE: u16 = 0x0FFF;

/// The looks of the styles, by number, each with those that it is based on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Styles {
    looks: Vec<Look>,
}

/// A style as it stands.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    base: Option<u16>,
    look: Look,
}

impl Styles {
    /// What a style sets.
    pub(super) fn look(&self, number: u16) -> Look {
        self.looks.get(usize::from(number)).copied().unwrap_or_default()
    }

    /// Reads the style sheet; what was read before damage is kept.
    pub(super) fn read(&mut self, sheet: &[u8], cx: &mut Cx<'_>) -> Result<(), DocError> {
        if sheet.is_empty() {
            return Ok(());
        }
        cx.budget.touch(sheet.len().saturating_mul(2))?;
        let mut reader = Reader::new(sheet);
        let head_len = usize::from(reader.u16()?);
        let mut head = reader.sub(head_len)?;
        let count = usize::from(head.u16()?).min(STYLES);
        let base_len = usize::from(head.u16()?);
        let mut styles = Vec::new();
        let mut result = Ok(());
        for _ in 0..count {
            cx.budget.step(1)?;
            cx.budget.hold(size_of::<Style>().saturating_add(size_of::<Look>()))?;
            let len = match reader.u16() {
                Ok(len) => usize::from(len),
                Err(short) => {
                    result = Err(DocError::Short(short));
                    break;
                }
            };
            let body = reader.take_up_to(len);
            // Each style begins at an even place.
            if len % 2 != 0 {
                reader.take_up_to(1);
            }
            // A style that does not fit sets nothing.
            styles.push(style(body, base_len).unwrap_or_default());
        }
        for style in &styles {
            let mut look = style.look;
            let mut base = style.base;
            for _ in 0..DEEPEST {
                cx.budget.step(1)?;
                let Some(below) = base.and_then(|base| styles.get(usize::from(base))) else { break };
                look = look.over(below.look);
                base = below.base;
            }
            // A style does not set another one.
            look.style = None;
            self.looks.push(look);
        }
        result
    }
}

fn style(body: &[u8], base_len: usize) -> Result<Style, Short> {
    let mut reader = Reader::new(body);
    if body.is_empty() {
        return Ok(Style::default());
    }
    let mut base = reader.sub(base_len)?;
    base.skip(2)?; // sti and flags
    let kind_and_base = base.u16()?;
    let lists = base.u16()? & 0x0F; // cupx
    let name_len = usize::from(reader.u16()?);
    reader.skip(name_len.saturating_mul(2).saturating_add(2))?;
    // The character properties are the second list of a paragraph style, the only one of a character style.
    let wanted = match kind_and_base & 0x0F {
        1 => 1,
        2 => 0,
        _ => u16::MAX,
    };
    let based_on = Some(kind_and_base >> 4).filter(|base| *base != NONE);
    let mut style = Style { base: based_on, look: Look::default() };
    for list in 0..lists {
        let len = usize::from(reader.u16()?);
        let properties = reader.take(len)?;
        if len % 2 != 0 {
            reader.take_up_to(1);
        }
        if list == wanted {
            style.look = look::read(properties).0;
        }
    }
    Ok(style)
}
