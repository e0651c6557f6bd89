//! The text of a formula, compiled to tokens.
//!
//! FORMULA, SET.VALUE, EVALUATE, RUN and DEFINE.NAME carry formulas as text, and so do the macro
//! sheets of XML workbooks. [`compile`] makes BIFF12 tokens of it ([MS-XLSB] 2.5.98), so that whoever
//! reads the formulas of a file reads these as well. The grammar is that of [MS-XLS] 2.2.2.1 and
//! ECMA-376 part 1, 18.17, with what Excel accepts besides: spaces, a missing argument, `!A1`, the
//! question mark of a command's dialog, names with characters that Excel would not let a person type.
//!
//! Operators wait on a list until one that binds less follows; nothing recurses, however deep the
//! text nests. Text that is no formula gives a [`TextError`] that says where.

mod emit;
mod parse;
mod reference;
mod resolve;

use crate::base::{Cx, LimitHit};
use crate::documents::workbook::BiffVersion;

pub(super) use reference::is_word;
pub use resolve::{InWorkbook, Named, Qualifier, Resolve, Tables, Unresolved};

/// The longest formula text, in bytes. A cell holds 32,767 characters, and a macro cannot make a longer
/// text; Excel itself ends at 8,192 characters of a formula.
pub const MAX_LEN: usize = 32_767 * 3;

/// How references are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Style {
    /// `B$3`
    #[default]
    A1,
    /// `R3C[1]`: what FORMULA and its kin take.
    R1C1,
    /// `R3C[1]`, and where that is no reference `B$3`.
    Both,
}

/// Signs that depend on the language of Excel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signs {
    /// Between arguments, and for a union.
    pub list: char,
    /// In numbers.
    pub decimal: char,
    /// Between the columns of an array constant.
    pub column: char,
    /// Between its rows.
    pub row: char,
}

impl Signs {
    /// `f(1.5,2)`, `{1,2;3,4}`: files, and Excel in English.
    pub const ENGLISH: Signs = Signs { list: ',', decimal: '.', column: ',', row: ';' };
    /// `f(1,5;2)`, `{1.2;3.4}`: most of Europe.
    pub const EUROPEAN: Signs = Signs { list: ';', decimal: ',', column: '.', row: ';' };
    /// `f(1.5;2)`, `{1,2;3,4}`: a semicolon as list separator and a decimal point.
    pub const SEMICOLON: Signs = Signs { list: ';', ..Signs::ENGLISH };
}

/// What the text of a formula means where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How references are written.
    pub style: Style,
    /// Signs of the language.
    pub signs: Signs,
    /// Row and column, from 0, that `R[1]C[1]` and distances count from.
    pub cell: (u32, u32),
    /// Whether relative parts become distances from [`Options::cell`], as in a shared formula or a
    /// name, and not positions.
    pub distances: bool,
    /// Whether the formula stands in a macro sheet, where `name=value` is an assignment.
    pub macro_sheet: bool,
    /// Rows of a sheet: what is a cell, and what a name.
    pub rows: u32,
    /// Columns of a sheet.
    pub columns: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            style: Style::A1,
            signs: Signs::ENGLISH,
            cell: (0, 0),
            distances: false,
            macro_sheet: false,
            rows: 1 << 20,
            columns: 1 << 14,
        }
    }
}

impl Options {
    /// For formulas of a workbook of this dialect: `ABC1` is a name where sheets end at column IV.
    pub fn for_version(version: BiffVersion) -> Self {
        let (rows, columns) = match version {
            BiffVersion::Biff12 => (1 << 20, 1 << 14),
            BiffVersion::Biff8 => (1 << 16, 1 << 8),
            _ => (1 << 14, 1 << 8),
        };
        Options { rows, columns, ..Options::default() }
    }
}

/// The row and column, from 0, of a text that is one cell of a sheet of this dialect in the style A1 and
/// nothing else: `B3`, `$B$3`. `None` for any other text, which may mean cells as well.
pub fn plain_cell(text: &str, version: BiffVersion) -> Option<(u32, u16)> {
    let options = Options::for_version(version);
    let text = text.strip_prefix('$').unwrap_or(text);
    let digits_at = text.find(|char: char| !char.is_ascii_alphabetic())?;
    let (letters, rest) = text.split_at_checked(digits_at)?;
    let digits = rest.strip_prefix('$').unwrap_or(rest);
    let is_number = digits.len() <= 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=3).contains(&letters.len()) || !is_number || digits.starts_with('0') {
        return None;
    }
    let digit = |byte: u8| u32::from(byte.to_ascii_uppercase().saturating_sub(b'A')).saturating_add(1);
    let column = letters.bytes().fold(0u32, |all, byte| all.saturating_mul(26).saturating_add(digit(byte)));
    let (row, column) = (digits.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?);
    let column = u16::try_from(column).ok().filter(|_| column < options.columns && row < options.rows)?;
    Some((row, column))
}

/// A compiled formula: BIFF12 tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compiled {
    /// Tokens.
    pub rgce: Vec<u8>,
    /// The data behind them: array constants.
    pub rgcb: Vec<u8>,
}

/// Why a text is no formula. Offsets are in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A ceiling was reached.
    #[error(transparent)]
    Limit(#[from] LimitHit),
    /// A table of the workbook has no room for a name or sheet.
    #[error("at {at}: the tables of the workbook are full")]
    Full {
        /// Where the name or sheet stands.
        at: u64,
    },
    /// The text is longer than [`MAX_LEN`].
    #[error("text of {len} bytes is too long for a formula")]
    TooLong {
        /// Its length in bytes.
        len: u64,
    },
    /// An operand was expected and the text ends.
    #[error("at {at}: the text ends where a value is expected")]
    Ends {
        /// Where it ends.
        at: u64,
    },
    /// A character that cannot stand where it does.
    #[error("at {at}: unexpected {found:?}")]
    Unexpected {
        /// Where it stands.
        at: u64,
        /// The character.
        found: char,
    },
    /// A text, quoted name or bracket without an end.
    #[error("at {at}: no end of what begins with {opening:?}")]
    Open {
        /// Where it begins.
        at: u64,
        /// With what.
        opening: char,
    },
    /// An array constant that is empty, or whose rows differ in length.
    #[error("at {at}: no array constant")]
    Array {
        /// Where it begins.
        at: u64,
    },
    /// A function with another number of arguments than it takes.
    #[error("at {at}: {have} arguments, {need} needed")]
    Arguments {
        /// Where the function stands.
        at: u64,
        /// Arguments given.
        have: u32,
        /// Arguments that it takes, at most.
        need: u32,
    },
    /// A number that no cell can hold.
    #[error("at {at}: number out of range")]
    Number {
        /// Where it stands.
        at: u64,
    },
}

/// Whether a macro or a person that enters this text enters a formula.
pub fn is_formula(text: &str) -> bool {
    text.starts_with('=') && text.len() > 1
}

/// Compiles the text of a formula; a leading `=` may be there or not.
///
/// Names and sheets get their indexes from `resolve`. A function of [`super::functions`] is a call of
/// it; any other name before parentheses is a user-defined function, future functions (`_xlfn.`) too.
///
/// # Errors
/// [`TextError`] says what is wrong and where.
pub fn compile(
    text: &str,
    options: &Options,
    resolve: &mut dyn Resolve,
    cx: &mut Cx<'_>,
) -> Result<Compiled, TextError> {
    if text.len() > MAX_LEN {
        return Err(TextError::TooLong { len: text.len() as u64 });
    }
    // A character is looked at a few times, and gives at most fourteen bytes of tokens.
    cx.budget.step((text.len() as u64 / 4).saturating_add(1))?;
    parse::Parser::new(text, options, resolve, cx).formula()
}

#[cfg(test)]
mod tests;
