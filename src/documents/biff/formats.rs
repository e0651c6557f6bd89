//! Fonts, number formats, cell formats and colours: what a macro can read of a cell's looks, and
//! what can hide text.

use crate::documents::workbook::{BiffVersion, Font, Format, reserve_a_quarter_more};

use super::consts;
use super::error::BiffError;
use super::records::Record;
use super::walk::Walk;

/// Formats that are kept; more than cells can name.
const MAX_FORMATS: usize = 1 << 16;

impl<'s> Walk<'s, '_, '_> {
    /// Reads `Font` ([MS-XLS] 2.4.122) or its older forms, which have no weight.
    pub(super) fn font(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if self.book.fonts.len() >= MAX_FORMATS {
            return Ok(());
        }
        let mut body = self.body(record);
        let mut font = Font { height: body.u16()?, style: body.u16()?, ..Font::default() };
        let is_bold = font.style & 1 != 0;
        font.weight = if is_bold { 700 } else { 400 };
        font.colour = 0x7FFF;
        if self.dialect.version >= BiffVersion::Biff3 {
            font.colour = body.u16()?;
        }
        if self.dialect.version >= BiffVersion::Biff5 {
            font.weight = body.u16()?;
            body.skip(6)?;
        }
        self.scratch.clear();
        let mut name = std::mem::take(&mut self.scratch);
        let read = self.dialect.short_text(&mut body, &mut name);
        self.scratch = name;
        font.name = self.keep_scratch(record.at)?;
        reserve_a_quarter_more(&mut self.book.fonts);
        self.book.fonts.push(font);
        Ok(read?)
    }

    /// BIFF2: the colour of the font before it.
    pub(super) fn font_colour(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let colour = self.body(record).u16()?;
        if let Some(font) = self.book.fonts.last_mut() {
            font.colour = colour;
        }
        Ok(())
    }

    /// Reads `Format` ([MS-XLS] 2.4.126). Before BIFF5 a format's number is its position.
    pub(super) fn number_format(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if self.book.number_formats.len() >= MAX_FORMATS {
            return Ok(());
        }
        let mut body = self.body(record);
        let mut id = u16::try_from(self.book.number_formats.len()).unwrap_or(u16::MAX);
        if record.id == consts::FORMAT {
            let stated = body.u16()?;
            if self.dialect.version >= BiffVersion::Biff5 {
                id = stated;
            }
        }
        self.scratch.clear();
        let mut text = std::mem::take(&mut self.scratch);
        let read = if self.dialect.is_unicode() {
            self.dialect.long_text(&mut body, &mut text)
        } else {
            self.dialect.short_text(&mut body, &mut text)
        };
        self.scratch = text;
        self.charge(16)?;
        if let Some(text) = self.keep_scratch(record.at)? {
            reserve_a_quarter_more(&mut self.book.number_formats);
            self.book.number_formats.push((id, text));
        }
        Ok(read?)
    }

    /// Reads `XF` ([MS-XLS] 2.4.353) or its older forms.
    pub(super) fn format(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if self.book.formats.len() >= MAX_FORMATS {
            return Ok(());
        }
        let mut format = match (record.id, self.dialect.version) {
            (consts::XF2, _) => self.format2(record)?,
            (consts::XF3 | consts::XF4, _) => self.format3(record)?,
            (_, BiffVersion::Biff8) => self.format8(record)?,
            _ => self.format5(record)?,
        };
        let font = usize::from(format.font).saturating_add(self.fonts_from);
        format.font = u16::try_from(font).unwrap_or(u16::MAX);
        reserve_a_quarter_more(&mut self.book.formats);
        self.book.formats.push(format);
        Ok(())
    }

    fn format8(&self, record: &Record<'s>) -> Result<Format, BiffError> {
        let mut body = self.body(record);
        let [font, number_format, protection] = [body.u16()?, body.u16()?, body.u16()?];
        let alignment = body.u8()?;
        body.skip(7)?;
        let borders = body.u32()?;
        let fill = body.u16()?;
        Ok(Format {
            font,
            number_format,
            horizontal: alignment & 0x07,
            vertical: alignment >> 4 & 0x07,
            fill: low_byte(borders >> 26),
            fill_foreground: fill & 0x7F,
            fill_background: fill >> 7 & 0x7F,
            hides_formula: protection & 2 != 0,
        })
    }

    fn format5(&self, record: &Record<'s>) -> Result<Format, BiffError> {
        let mut body = self.body(record);
        let [font, number_format, protection] = [body.u16()?, body.u16()?, body.u16()?];
        let [alignment, _] = body.array()?;
        let [colours, pattern] = [body.u16()?, body.u16()?];
        Ok(Format {
            font,
            number_format,
            horizontal: alignment & 0x07,
            vertical: alignment >> 4 & 0x07,
            fill: low_byte(u32::from(pattern & 0x3F)),
            fill_foreground: colours & 0x7F,
            fill_background: colours >> 7 & 0x7F,
            hides_formula: protection & 2 != 0,
        })
    }

    /// BIFF3 and BIFF4: 12 bytes, with the alignment in different places.
    fn format3(&self, record: &Record<'s>) -> Result<Format, BiffError> {
        let mut body = self.body(record);
        let [font, number_format, protection, second] = body.array()?;
        let (alignment, vertical) = if record.id == consts::XF4 {
            let [alignment, _] = body.array()?;
            (alignment, alignment >> 4 & 0x03)
        } else {
            let [alignment, _] = body.array()?;
            (alignment, 2)
        };
        let _ = second;
        let fill = body.u16()?;
        Ok(Format {
            font: u16::from(font),
            number_format: u16::from(number_format),
            horizontal: alignment & 0x07,
            vertical,
            fill: low_byte(u32::from(fill & 0x3F)),
            fill_foreground: fill >> 6 & 0x1F,
            fill_background: fill >> 11,
            hides_formula: protection & 2 != 0,
        })
    }

    /// BIFF2: font, a byte without meaning, number format with protection, alignment with borders.
    fn format2(&self, record: &Record<'s>) -> Result<Format, BiffError> {
        let [font, _, number_format, alignment] = self.body(record).array()?;
        Ok(Format {
            font: u16::from(font),
            number_format: u16::from(number_format & 0x3F),
            horizontal: alignment & 0x07,
            vertical: 2,
            // Shading is one bit: a light grey pattern.
            fill: if alignment & 0x80 != 0 { 17 } else { 0 },
            hides_formula: number_format & 0x80 != 0,
            ..Format::default()
        })
    }

    /// Reads `Palette` ([MS-XLS] 2.4.188): a count, then red, green, blue and nothing each.
    pub(super) fn palette(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let count = body.u16()?;
        self.book.palette.clear();
        for _ in 0..count.min(56) {
            let [red, green, blue, _] = body.array()?;
            self.book.palette.push([red, green, blue]);
        }
        Ok(())
    }
}

fn low_byte(number: u32) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low
}
