//! Whether a person sees a cell, and what keeps it from sight.
//!
//! Facts come from the model alone: sheet state, row and column sizes, number formats, fonts and
//! fills ([MS-XLS] 2.4.28, 2.4.53, 2.4.126, 2.4.221, 2.4.353). Conditional formats, and objects
//! that lie over cells, are not looked at.

use crate::documents::workbook::{Format, Sheet, Workbook};

/// What keeps a text from sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Hiding {
    /// The sheet is hidden or very hidden.
    HiddenSheet,
    /// The row is hidden.
    HiddenRow,
    /// The column is hidden.
    HiddenColumn,
    /// The row is at most one pixel high.
    ZeroHeight,
    /// The column is at most one pixel wide.
    ZeroWidth,
    /// The number format shows no text (`;;;`).
    NumberFormat,
    /// The font has the colour of the background, or nearly.
    WhiteOnWhite,
    /// The font is too small to read.
    TinyFont,
    /// The drawing object is hidden.
    HiddenShape,
    /// The text is formatted as hidden.
    HiddenFormat,
}

impl Hiding {
    /// What it is, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Hiding::HiddenSheet => "a hidden sheet",
            Hiding::HiddenRow => "a hidden row",
            Hiding::HiddenColumn => "a hidden column",
            Hiding::ZeroHeight => "a row without height",
            Hiding::ZeroWidth => "a column without width",
            Hiding::NumberFormat => "a number format that shows nothing",
            Hiding::WhiteOnWhite => "the colour of the background",
            Hiding::TinyFont => "a font too small to read",
            Hiding::HiddenShape => "a hidden drawing object",
            Hiding::HiddenFormat => "the format \"hidden\"",
        }
    }
}

/// One pixel of a default screen, in twips.
const PIXEL_TWIPS: u16 = 15;
/// One pixel of a column in the default font, in 1/256 of a character.
const PIXEL_WIDTH: u16 = 36;
/// The largest font that counts as unreadable, in twips (2 points).
const TINY_TWIPS: u16 = 40;
/// How far two colours may be apart in each channel and still look alike.
const ALIKE: u8 = 12;

/// Which cell formats of a workbook hide text, judged once for all sheets.
#[derive(Debug)]
pub struct HidingFormats {
    by_index: Vec<Option<Hiding>>,
}

impl HidingFormats {
    /// Judges every format of `book`.
    pub fn new(book: &Workbook) -> Self {
        let mut empty: Vec<u16> = book
            .number_formats
            .iter()
            .filter(|(_, text)| shows_no_text(book.texts.get(*text)))
            .map(|(id, _)| *id)
            .collect();
        empty.sort_unstable();
        let judge = |format: &Format| {
            if empty.binary_search(&format.number_format).is_ok() {
                return Some(Hiding::NumberFormat);
            }
            font_hiding(book, format)
        };
        HidingFormats { by_index: book.formats.iter().map(judge).collect() }
    }

    /// What the format at `index` hides text with.
    pub fn reason(&self, index: u16) -> Option<Hiding> {
        self.by_index.get(usize::from(index)).copied().flatten()
    }
}

/// What is hidden on one sheet, made once and asked for many cells.
#[derive(Debug)]
pub struct HiddenCells<'f> {
    formats: &'f HidingFormats,
    sheet: Option<Hiding>,
    /// Hidden rows, ascending.
    rows: Vec<(u32, Hiding)>,
    /// Hidden columns by first column; the second value is the greatest last column so far.
    columns: Vec<(u16, u16, Hiding)>,
}

impl<'f> HiddenCells<'f> {
    /// Gathers what is hidden on `sheet`.
    pub fn new(formats: &'f HidingFormats, sheet: &Sheet) -> Self {
        let mut rows: Vec<(u32, Hiding)> = sheet
            .rows
            .iter()
            .filter_map(|row| {
                let low = (row.height <= PIXEL_TWIPS).then_some(Hiding::ZeroHeight);
                Some((row.row, if row.hidden { Hiding::HiddenRow } else { low? }))
            })
            .collect();
        rows.sort_unstable();
        let mut columns: Vec<(u16, u16, Hiding)> = sheet
            .columns
            .iter()
            .filter_map(|column| {
                let narrow = (column.width <= PIXEL_WIDTH).then_some(Hiding::ZeroWidth);
                let hiding = if column.hidden { Hiding::HiddenColumn } else { narrow? };
                Some((column.first, column.last, hiding))
            })
            .collect();
        columns.sort_unstable();
        let mut furthest: Option<(u16, Hiding)> = None;
        for (_, last, hiding) in &mut columns {
            match furthest {
                Some((far, why)) if far > *last => (*last, *hiding) = (far, why),
                _ => furthest = Some((*last, *hiding)),
            }
        }
        let sheet = sheet.visibility.is_hidden().then_some(Hiding::HiddenSheet);
        HiddenCells { formats, sheet, rows, columns }
    }

    /// What hides the cell, or `None` when a person sees it; `format` is the index of its format.
    pub fn reason(&self, row: u32, column: u16, format: u16) -> Option<Hiding> {
        self.sheet
            .or_else(|| self.row(row))
            .or_else(|| self.column(column))
            .or_else(|| self.formats.reason(format))
    }

    /// What makes the cell invisible although its sheet, row and column are shown: its format, or a
    /// size of nothing.
    pub fn invisible(&self, row: u32, column: u16, format: u16) -> Option<Hiding> {
        let size = self.row(row).or_else(|| self.column(column));
        size.filter(|why| matches!(why, Hiding::ZeroHeight | Hiding::ZeroWidth))
            .or_else(|| self.formats.reason(format))
    }

    fn row(&self, row: u32) -> Option<Hiding> {
        let index = self.rows.partition_point(|(hidden, _)| *hidden < row);
        self.rows.get(index).filter(|(hidden, _)| *hidden == row).map(|(_, why)| *why)
    }

    fn column(&self, column: u16) -> Option<Hiding> {
        let behind = self.columns.partition_point(|(first, _, _)| *first <= column);
        let (_, last, why) = self.columns.get(behind.checked_sub(1)?)?;
        (*last >= column).then_some(*why)
    }
}

/// What hides a cell, or `None` when a person sees it. `format` is the index of its format.
///
/// Judges all formats of the workbook and all rows of the sheet: for many cells make one
/// [`HidingFormats`] and a [`HiddenCells`] a sheet.
pub fn cell_is_hidden(book: &Workbook, sheet: &Sheet, row: u32, column: u16, format: u16) -> Option<Hiding> {
    HiddenCells::new(&HidingFormats::new(book), sheet).reason(row, column, format)
}

/// Whether the text section of a number format, the fourth, is there and empty.
fn shows_no_text(format: &str) -> bool {
    let mut sections = 0_u8;
    let mut quoted = false;
    let mut escaped = false;
    let mut blank = true;
    for ch in format.chars() {
        match ch {
            _ if escaped => (escaped, blank) = (false, blank && ch == ' '),
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            ';' if !quoted => (sections, blank) = (sections.saturating_add(1), true),
            _ => blank &= ch == ' ',
        }
    }
    sections == 3 && blank
}

fn font_hiding(book: &Workbook, format: &Format) -> Option<Hiding> {
    // Index 4 is not used, and the list has no entry for it.
    let index = usize::from(format.font);
    let font = book.fonts.get(if index > 4 { index.saturating_sub(1) } else { index })?;
    if font.height > 0 && font.height <= TINY_TWIPS {
        return Some(Hiding::TinyFont);
    }
    let ink = colour(book, font.colour, [0, 0, 0])?;
    let white = [255, 255, 255];
    let paper = match format.fill {
        0 => Some(white),
        1 => colour(book, format.fill_foreground, white),
        // A pattern mixes both colours; it hides only what has the colour of both.
        _ => {
            let back = colour(book, format.fill_background, white)?;
            let fore = colour(book, format.fill_foreground, [0, 0, 0])?;
            alike(fore, back).then_some(back)
        }
    }?;
    alike(ink, paper).then_some(Hiding::WhiteOnWhite)
}

fn alike(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= ALIKE)
}

/// The colour for an index ([MS-XLS] 2.5.161 `Icv`); `automatic` stands for the indexes that mean
/// the window's own.
fn colour(book: &Workbook, index: u16, automatic: [u8; 3]) -> Option<[u8; 3]> {
    match index {
        0..=7 => BUILT_IN.get(usize::from(index)).copied(),
        8..=63 => {
            let place = usize::from(index.saturating_sub(8));
            book.palette.get(place).or_else(|| BUILT_IN.get(place)).copied()
        }
        64 => Some([0, 0, 0]),
        65 => Some([255, 255, 255]),
        0x7FFF => Some(automatic),
        _ => None,
    }
}

/// The colours from index 8 on; the first eight are also those of indexes 0 to 7.
const BUILT_IN: [[u8; 3]; 56] = {
    let packed: [u32; 56] = [
        0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFF00FF, 0x00FFFF, //
        0x800000, 0x008000, 0x000080, 0x808000, 0x800080, 0x008080, 0xC0C0C0, 0x808080, //
        0x9999FF, 0x993366, 0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080, 0x0066CC, 0xCCCCFF, //
        0x000080, 0xFF00FF, 0xFFFF00, 0x00FFFF, 0x800080, 0x800000, 0x008080, 0x0000FF, //
        0x00CCFF, 0xCCFFFF, 0xCCFFCC, 0xFFFF99, 0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99, //
        0x3366FF, 0x33CCCC, 0x99CC00, 0xFFCC00, 0xFF9900, 0xFF6600, 0x666699, 0x969696, //
        0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366, 0x333399, 0x333333,
    ];
    let mut colours = [[0; 3]; 56];
    let mut index = 0;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while index < 56 {
        let [_, red, green, blue] = packed[index].to_be_bytes();
        colours[index] = [red, green, blue];
        index += 1;
    }
    colours
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::workbook::{ColumnFormat, Font, RowFormat, Visibility};

    fn book(fonts: &[(u16, u16)], formats: &[Format], number_formats: &[(u16, &str)]) -> Workbook {
        let fonts = fonts.iter().map(|&(height, colour)| Font { height, colour, ..Font::default() });
        let mut book = Workbook { fonts: fonts.collect(), formats: formats.to_vec(), ..Workbook::default() };
        for (id, text) in number_formats {
            let text = book.texts.push(text).unwrap();
            book.number_formats.push((*id, text));
        }
        book
    }

    #[test]
    fn number_format_with_an_empty_text_section_hides_text() {
        let hiding = [";;;", "0;0;0;", ";;; ", ";;;\"\"", "\"a;b\";;;"];
        assert_eq!(hiding.map(shows_no_text), [true; 5]);
        let showing = ["General", "0;0", "0;0;0;@", ";;", ";;;;", "\";;;\"", ";;;\\;", ";;;\"x\""];
        assert_eq!(showing.map(shows_no_text), [false; 8]);
    }

    #[test]
    fn white_text_hides_on_white_and_on_a_white_fill_but_not_on_blue() {
        let white = Format { font: 0, ..Format::default() };
        let on_white = Format { fill: 1, fill_foreground: 9, ..white };
        let on_blue = Format { fill: 1, fill_foreground: 12, ..white };
        let book = book(&[(200, 9)], &[white, on_white, on_blue], &[]);
        let formats = HidingFormats::new(&book);
        let reasons = [0, 1, 2, 3].map(|index| formats.reason(index));
        assert_eq!(reasons, [Some(Hiding::WhiteOnWhite), Some(Hiding::WhiteOnWhite), None, None]);
    }

    #[test]
    fn palette_of_the_file_replaces_the_built_in_colours() {
        let mut book = book(&[(200, 8)], &[Format::default()], &[]);
        assert_eq!(HidingFormats::new(&book).reason(0), None);
        book.palette = vec![[250, 250, 250]];
        assert_eq!(HidingFormats::new(&book).reason(0), Some(Hiding::WhiteOnWhite));
    }

    #[test]
    fn font_index_five_is_the_fifth_font() {
        let fifth = Format { font: 5, ..Format::default() };
        let book = book(&[(200, 8), (200, 8), (200, 8), (200, 8), (20, 8)], &[fifth], &[]);
        assert_eq!(HidingFormats::new(&book).reason(0), Some(Hiding::TinyFont));
    }

    #[test]
    fn rows_and_columns_hide_within_their_bounds() {
        let book = Workbook::default();
        let rows = vec![
            RowFormat { row: 9, height: 0, hidden: false, format: None },
            RowFormat { row: 3, height: 300, hidden: true, format: None },
        ];
        let columns = vec![
            ColumnFormat { first: 2, last: 9, width: 2048, hidden: true, format: 0 },
            ColumnFormat { first: 3, last: 4, width: 0, hidden: false, format: 0 },
            ColumnFormat { first: 20, last: 20, width: 9, hidden: false, format: 0 },
        ];
        let sheet = Sheet { rows, columns, ..Sheet::default() };
        let formats = HidingFormats::new(&book);
        let hidden = HiddenCells::new(&formats, &sheet);
        assert_eq!(hidden.reason(9, 0, 0), Some(Hiding::ZeroHeight));
        assert_eq!(hidden.reason(3, 0, 0), Some(Hiding::HiddenRow));
        assert_eq!(hidden.reason(4, 0, 0), None);
        let columns = [1, 2, 7, 9, 10, 20, 21].map(|column| hidden.reason(0, column, 0));
        let hidden_column = Some(Hiding::HiddenColumn);
        let narrow = Some(Hiding::ZeroWidth);
        assert_eq!(columns, [None, hidden_column, hidden_column, hidden_column, None, narrow, None]);
    }

    #[test]
    fn very_hidden_sheet_hides_every_cell() {
        let sheet = Sheet { visibility: Visibility::VeryHidden, ..Sheet::default() };
        assert_eq!(cell_is_hidden(&Workbook::default(), &sheet, 1, 1, 0), Some(Hiding::HiddenSheet));
    }
}
