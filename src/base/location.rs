//! Where something is: a part, and a place in it.

use std::fmt;
use std::ops::Range;

/// Index of a part in the report's list of parts. The input is part 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PartId(pub u32);

/// A part, and a place in it when it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The part whose bytes the place means.
    pub part: PartId,
    /// The place; `None` is the whole part.
    pub place: Option<Place>,
}

/// A place in a part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// Bytes of the part: first, and one past the last.
    Bytes {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// A cell. Row and column count from 0; `sheet` is an index into the workbook's sheets, orphan
    /// ones included.
    Cell {
        /// Index of the sheet.
        sheet: u32,
        /// Row, from 0.
        row: u32,
        /// Column, from 0.
        column: u32,
    },
    /// A line of a text part, from 1.
    Line(u32),
}

impl Location {
    /// The whole part.
    pub fn part(part: PartId) -> Self {
        Location { part, place: None }
    }

    /// Bytes of a part.
    pub fn bytes(part: PartId, range: Range<u64>) -> Self {
        Location { part, place: Some(Place::Bytes { start: range.start, end: range.end }) }
    }

    /// A cell of the workbook in `part`.
    pub fn cell(part: PartId, sheet: u32, row: u32, column: u32) -> Self {
        Location { part, place: Some(Place::Cell { sheet, row, column }) }
    }

    /// A line of a text part, from 1.
    pub fn line(part: PartId, line: u32) -> Self {
        Location { part, place: Some(Place::Line(line)) }
    }
}

/// A cell address in A1 style, from a row and a column that count from 0.
pub struct A1(pub u32, pub u32);

impl fmt::Display for A1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", ColumnName(self.1), u64::from(self.0).saturating_add(1))
    }
}

/// Letters of a column that counts from 0.
pub struct ColumnName(pub u32);

impl ColumnName {
    /// Hands out the letters.
    fn with_letters<T>(&self, take: impl FnOnce(&str) -> T) -> T {
        // 26^7 is more than any u32.
        let mut letters = [b'A'; 7];
        let mut rest = u64::from(self.0).saturating_add(1);
        let mut first = letters.len();
        for letter in letters.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            rest = rest.saturating_sub(1);
            *letter = b'A'.saturating_add(u8::try_from(rest % 26).unwrap_or(0));
            rest /= 26;
            first = first.saturating_sub(1);
        }
        let name = letters.get(first..).unwrap_or_default();
        take(std::str::from_utf8(name).unwrap_or_default())
    }

    /// Puts the letters behind a text.
    pub fn push_to(&self, text: &mut String) {
        self.with_letters(|letters| text.push_str(letters));
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_letters(|letters| f.write_str(letters))
    }
}

/// Number of a row that counts from 0.
pub struct RowName(pub u32);

impl RowName {
    /// Puts the number behind a text.
    pub fn push_to(&self, text: &mut String) {
        let mut rest = u64::from(self.0).saturating_add(1);
        let mut digits = [b'0'; 10];
        let mut first = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
            first = first.saturating_sub(1);
            if rest == 0 {
                break;
            }
        }
        text.push_str(std::str::from_utf8(digits.get(first..).unwrap_or_default()).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_in_excel() {
        let named = [0, 25, 26, 255, 701, 702, 16_383].map(|column| ColumnName(column).to_string());
        assert_eq!(named, ["A", "Z", "AA", "IV", "ZZ", "AAA", "XFD"]);
        assert_eq!(ColumnName(u32::MAX).to_string(), "MWLQKWV");
        assert_eq!(A1(15, 6).to_string(), "G16");
    }

    #[test]
    fn rows_are_numbered_from_one() {
        let numbered = [0, 9, 65_535, u32::MAX].map(|row| {
            let mut text = String::new();
            RowName(row).push_to(&mut text);
            text
        });
        assert_eq!(numbered, ["1", "10", "65536", "4294967296"]);
    }
}
