//! The one model of a workbook, whatever container filled it.
//!
//! Owned and compact: texts lie in pools and are named by index, formulas stay token bytes and are
//! printed on demand, blank cells are not kept, and numbers only where a macro could read them.

use std::ops::Range;

use crate::base::text::CodePage;
use crate::base::{Location, PartId};

/// A workbook as a file states it.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// The part that offsets mean.
    pub part: PartId,
    /// Which dialect the tokens and records are in.
    pub version: BiffVersion,
    /// How 8-bit text is decoded; `None` when the file does not say.
    pub code_page: Option<CodePage>,
    /// The shared string table; a [`TextCell`] of kind shared names an entry by its index.
    pub shared_strings: Texts,
    /// All other texts.
    pub texts: Texts,
    /// Token bytes of all formulas.
    pub tokens: Tokens,
    /// Sheets: first those that the workbook lists, in its order, then those found by walking.
    pub sheets: Vec<Sheet>,
    /// Defined names, in file order: token `PtgName` counts them from 1.
    pub names: Vec<DefinedName>,
    /// Other workbooks, add-ins and DDE sources that formulas refer to.
    pub books: Vec<ExternalBook>,
    /// Sheet ranges that `PtgRef3d` and its kin name by index.
    pub sheet_ranges: Vec<SheetRange>,
    /// Fonts, by the index that [`Format::font`] uses (BIFF leaves out index 4; so does this).
    pub fonts: Vec<Font>,
    /// Number formats: identifier and text.
    pub number_formats: Vec<(u16, TextId)>,
    /// Cell formats (XF), by index.
    pub formats: Vec<Format>,
    /// Colours that replace the built-in ones, from colour index 8: red, green, blue.
    pub palette: Vec<[u8; 3]>,
    /// Data connections and queries, with what they name.
    pub connections: Vec<Connection>,
    /// Workbook protection.
    pub protection: Protection,
    /// Encryption of the stream; unless it was opened, what lies behind it was not harvested.
    pub encryption: Option<Encryption>,
    /// The person whom the file names as its last writer (WRITEACCESS).
    pub written_by: Option<TextId>,
    /// Pictures of the drawing group, by place of their bytes.
    pub pictures: Vec<PictureAt>,
    /// Facts about the structure that rules may look at.
    pub oddities: Vec<Oddity>,
}

/// Dialects of the binary workbook format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum BiffVersion {
    /// Excel 2.
    Biff2,
    /// Excel 3.
    Biff3,
    /// Excel 4.
    Biff4,
    /// Excel 5 and 95 (BIFF5 and BIFF7 differ in nothing that is read here).
    Biff5,
    /// Excel 97 to 2003.
    #[default]
    Biff8,
    /// Excel 2007 and later: the tokens of `.xlsb`, and those that formula text is compiled to.
    Biff12,
}

/// A text in a [`Texts`] pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

/// Many texts in one allocation.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text. `None` when the pool would pass 4 GiB or 2³² texts.
    pub fn push(&mut self, text: &str) -> Option<TextId> {
        let end = u32::try_from(self.all.len().checked_add(text.len())?).ok()?;
        let id = TextId(u32::try_from(self.ends.len()).ok()?);
        reserve_a_quarter_more(&mut self.ends);
        if self.all.capacity().saturating_sub(self.all.len()) < text.len() {
            self.all.reserve_exact(text.len().max(self.all.len() / 4));
        }
        self.all.push_str(text);
        self.ends.push(end);
        Some(id)
    }

    /// The text, or nothing for an index outside.
    pub fn get(&self, id: TextId) -> &str {
        let index = id.0 as usize;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.all.get(start as usize..end as usize).unwrap_or_default()
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0u32..).zip(&self.ends).map(|(index, _)| (TextId(index), self.get(TextId(index))))
    }
}

/// A run of token bytes in a [`Tokens`] pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TokenSpan {
    start: u32,
    rgce_len: u32,
    rgcb_len: u32,
}

impl TokenSpan {
    /// Bytes of tokens and trailing data together.
    pub fn byte_len(self) -> usize {
        (self.rgce_len as usize).saturating_add(self.rgcb_len as usize)
    }
}

/// Token bytes of many formulas in one allocation.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    all: Vec<u8>,
}

impl Tokens {
    /// Adds a formula: its tokens (`rgce`) and the data that some of them have behind the last
    /// one (`rgcb`: array constants, memory areas). `None` when the pool would pass 4 GiB.
    pub fn push(&mut self, rgce: &[u8], rgcb: &[u8]) -> Option<TokenSpan> {
        let start = u32::try_from(self.all.len()).ok()?;
        let rgce_len = u32::try_from(rgce.len()).ok()?;
        let rgcb_len = u32::try_from(rgcb.len()).ok()?;
        start.checked_add(rgce_len)?.checked_add(rgcb_len)?;
        let more = rgce.len().saturating_add(rgcb.len());
        if self.all.capacity().saturating_sub(self.all.len()) < more {
            self.all.reserve_exact(more.max(self.all.len() / 4));
        }
        self.all.extend_from_slice(rgce);
        self.all.extend_from_slice(rgcb);
        Some(TokenSpan { start, rgce_len, rgcb_len })
    }

    /// Makes room for `len` more bytes, which the caller has seen to be there.
    pub fn make_room(&mut self, len: usize) {
        // Where it cannot be had, the pool grows step by step.
        let _ = self.all.try_reserve_exact(len);
    }

    /// Tokens and trailing data of a formula.
    pub fn get(&self, span: TokenSpan) -> (&[u8], &[u8]) {
        let start = span.start as usize;
        let middle = start.saturating_add(span.rgce_len as usize);
        let end = middle.saturating_add(span.rgcb_len as usize);
        let tokens = self.all.get(start..middle).unwrap_or_default();
        (tokens, self.all.get(middle..end).unwrap_or_default())
    }
}

/// Makes room for one more item, growing by a quarter: a model must not cost twice its size.
pub fn reserve_a_quarter_more<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact((items.len() / 4).max(16));
    }
}

/// A sheet of any kind.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Its name; an orphan has none and gets a made-up one.
    pub name: String,
    /// What it is.
    pub kind: SheetKind,
    /// Whether Excel shows it.
    pub visibility: Visibility,
    /// All bits of the field that holds the visibility (`hsState` and its reserved bits).
    pub state_bits: u8,
    /// Offset of its BOF record; `None` when the stream holds none there.
    pub bof_at: Option<u64>,
    /// Offset of the record that lists it (BOUNDSHEET); `None` for an orphan.
    pub listed_at: Option<u64>,
    /// Cells with text.
    pub texts: Vec<TextCell>,
    /// Cells with a number; kept only in a workbook that has a macro sheet.
    pub numbers: Vec<NumberCell>,
    /// Cells with a formula.
    pub formulas: Vec<FormulaCell>,
    /// Formulas that several cells share, or array formulas, in order of first row and column.
    pub shared: Vec<SharedFormula>,
    /// How many cells with a number, boolean or error the sheet has, kept or not.
    pub value_count: u64,
    /// Heights and formats of rows that differ from the default.
    pub rows: Vec<RowFormat>,
    /// Widths and formats of columns that differ from the default.
    pub columns: Vec<ColumnFormat>,
    /// Default column width in characters; `None` when the file does not say.
    pub default_column_width: Option<u16>,
    /// Default row height in twips; `None` when the file does not say.
    pub default_row_height: Option<u16>,
    /// Text boxes, buttons, pictures and other drawing objects.
    pub shapes: Vec<Shape>,
    /// Cell comments.
    pub notes: Vec<Note>,
    /// Page header and footer.
    pub headers: Vec<TextId>,
    /// Cell hyperlinks.
    pub hyperlinks: Vec<Hyperlink>,
    /// Prompts and error messages of data validation.
    pub prompts: Vec<Prompt>,
    /// Sheet protection.
    pub protection: Protection,
    /// Where in [`Workbook::books`] the sources begin that tokens of this sheet count from 1: before
    /// BIFF8 a sheet can have a list of its own.
    pub books_from: u32,
    /// Where in [`Workbook::names`] the names begin that tokens of this sheet count from 1: in a
    /// BIFF4 workbook every sheet has its own.
    pub names_from: u32,
}

/// What a sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SheetKind {
    /// Cells.
    #[default]
    Worksheet,
    /// Excel 4.0 macros.
    Macro,
    /// A chart.
    Chart,
    /// An Excel 5 dialog.
    Dialog,
    /// An Excel 5 Visual Basic module.
    Module,
    /// A number that the specification does not have.
    Unknown(u16),
}

impl SheetKind {
    /// What it is, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            SheetKind::Worksheet => "worksheet",
            SheetKind::Macro => "macro sheet",
            SheetKind::Chart => "chart sheet",
            SheetKind::Dialog => "dialog sheet",
            SheetKind::Module => "module sheet",
            SheetKind::Unknown(_) => "sheet of unknown kind",
        }
    }
}

/// Whether Excel shows a sheet ([MS-XLS] 2.4.28 `hsState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Visibility {
    /// Shown.
    #[default]
    Visible,
    /// Hidden; the menu can show it.
    Hidden,
    /// Hidden, and no menu can show it.
    VeryHidden,
    /// A value that the specification does not have; Excel accepts it.
    Reserved(u8),
}

impl Visibility {
    /// Whether a person does not see the sheet.
    pub fn is_hidden(self) -> bool {
        self != Visibility::Visible
    }

    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Visibility::Visible => "visible",
            Visibility::Hidden => "hidden",
            Visibility::VeryHidden => "very_hidden",
            Visibility::Reserved(_) => "reserved",
        }
    }
}

/// A cell with text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextCell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
    /// Index of its format.
    pub format: u16,
    /// Its text.
    pub text: CellText,
}

/// Where the text of a cell lies: in the shared string table or in the texts of the workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellText(u32);

impl CellText {
    const SHARED: u32 = 1 << 31;

    /// An entry of the shared string table; `None` when the index is too large to be one.
    pub fn shared(index: u32) -> Option<Self> {
        (index < Self::SHARED).then_some(CellText(index | Self::SHARED))
    }

    /// A text of its own; `None` when there are too many.
    pub fn own(id: TextId) -> Option<Self> {
        (id.0 < Self::SHARED).then_some(CellText(id.0))
    }

    /// Index in the shared string table, if it lies there.
    pub fn shared_index(self) -> Option<u32> {
        (self.0 & Self::SHARED != 0).then_some(self.0 & !Self::SHARED)
    }
}

/// A cell with a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberCell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
    /// Index of its format.
    pub format: u16,
    /// The number.
    pub value: f64,
}

/// A cell with a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FormulaCell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
    /// Index of its format.
    pub format: u16,
    /// Its tokens.
    pub tokens: TokenSpan,
    /// The value that the file keeps for it.
    pub cached: Cached,
}

/// The value that a file keeps for a formula.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Cached {
    /// None, or an empty text.
    #[default]
    Empty,
    /// A number.
    Number(f64),
    /// A text.
    Text(TextId),
    /// A boolean.
    Boolean(bool),
    /// An error code ([MS-XLS] 2.5.10 `BErr`).
    Error(u8),
}

/// A formula that the cells of a range share, or an array formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedFormula {
    /// First row.
    pub first_row: u32,
    /// Last row.
    pub last_row: u32,
    /// First column.
    pub first_column: u16,
    /// Last column.
    pub last_column: u16,
    /// Whether it is an array formula.
    pub array: bool,
    /// Its tokens.
    pub tokens: TokenSpan,
}

/// A row that differs from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowFormat {
    /// Row, from 0.
    pub row: u32,
    /// Height in twips (twentieths of a point).
    pub height: u16,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Index of its format, if it has one.
    pub format: Option<u16>,
}

/// Columns that differ from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnFormat {
    /// First column.
    pub first: u16,
    /// Last column.
    pub last: u16,
    /// Width in 1/256 of a character.
    pub width: u16,
    /// Whether they are hidden.
    pub hidden: bool,
    /// Index of their format.
    pub format: u16,
}

/// A drawing object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// Offset of its record.
    pub at: u64,
    /// Object type ([MS-XLS] 2.5.143 `ot`): 6 text box, 7 button, 8 picture, 25 note ...
    pub object_type: u16,
    /// Object identifier within the sheet.
    pub id: u16,
    /// Its text.
    pub text: Option<TextId>,
    /// Its name.
    pub name: Option<TextId>,
    /// Alternative text, which a person sees who cannot see the picture.
    pub description: Option<TextId>,
    /// Macro that a click runs: its tokens.
    pub macro_tokens: Option<TokenSpan>,
    /// Cells that it covers: first row, first column, last row, last column.
    pub anchor: Option<[u32; 4]>,
    /// Index of the picture that it shows, from 1, in the drawing group.
    pub picture: Option<u32>,
    /// Program identifier or class of an embedded object or control.
    pub class: Option<TextId>,
    /// Number of the embedded object's storage (`MBD%08X`), or offset in `Ctls`.
    pub storage: Option<u32>,
    /// Whether [`Shape::storage`] is an offset in `Ctls` (`fPrstm`).
    pub in_control_stream: bool,
    /// What a linked object or picture refers to: its tokens.
    pub link_tokens: Option<TokenSpan>,
    /// Whether it is hidden.
    pub hidden: bool,
}

/// A cell comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
    /// Its author.
    pub author: Option<TextId>,
    /// Its text: own (before BIFF8), or of the shape with this identifier.
    pub text: Option<TextId>,
    /// Identifier of the shape that shows it.
    pub shape: u16,
}

/// A hyperlink of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hyperlink {
    /// First row.
    pub row: u32,
    /// First column.
    pub column: u16,
    /// Where it leads: address or path, with `#` and a place behind.
    pub target: TextId,
    /// What it shows.
    pub shown: Option<TextId>,
}

/// Texts of a data validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// First row it stands in.
    pub row: u32,
    /// First column it stands in.
    pub column: u16,
    /// Title of the prompt, prompt, title of the error, error.
    pub texts: [Option<TextId>; 4],
}

/// Protection of a sheet or workbook. It hides nothing from a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protection {
    /// Whether it is on.
    pub on: bool,
    /// 16-bit verifier of its password; 0 is no password.
    pub verifier: u16,
}

/// Encryption of a workbook stream ([MS-XLS] 2.4.117 `FilePass`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    /// How.
    pub method: EncryptionMethod,
    /// Offset of the record.
    pub at: u64,
    /// Whether it was decrypted, and the model holds what is behind it.
    pub opened: bool,
}

/// How a workbook stream is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncryptionMethod {
    /// XOR obfuscation.
    Xor,
    /// RC4 with a 40-bit key.
    Rc4,
    /// RC4 through CryptoAPI.
    Rc4CryptoApi,
    /// A type that the specification does not have.
    Unknown(u16),
}

/// A defined name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedName {
    /// Offset of its record.
    pub at: u64,
    /// The name as stored, with every character; a built-in one in words (`Auto_Open`).
    pub name: String,
    /// Code of a built-in name ([MS-XLS] 2.5.66): 1 Auto_Open, 2 Auto_Close ...
    pub builtin: Option<u8>,
    /// Whether it is stored with 16-bit characters.
    pub wide: bool,
    /// All flags of the record, as stored.
    pub flags: u16,
    /// Sheet that it belongs to, by its position in the list of sheets, from 0.
    pub scope: Option<u16>,
    /// What it stands for.
    pub tokens: TokenSpan,
    /// Keyboard shortcut.
    pub key: u8,
}

impl DefinedName {
    /// Whether the Name Manager does not list it (`fHidden`).
    pub fn is_hidden(&self) -> bool {
        self.flags & 0x0001 != 0
    }

    /// Whether it names a macro (`fProc`) or a function (`fFunc`).
    pub fn is_macro(&self) -> bool {
        self.flags & 0x000A != 0
    }

    /// Whether it names a VBA procedure (`fOB`).
    pub fn is_vba(&self) -> bool {
        self.flags & 0x0004 != 0
    }
}

/// A source outside the sheets of this workbook ([MS-XLS] 2.4.271 `SupBook`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalBook {
    /// Offset of its record.
    pub at: u64,
    /// What it is.
    pub kind: ExternalKind,
    /// Path, or `program|topic` of a DDE or OLE source, decoded ([MS-XLS] 2.5.277 `VirtualPath`).
    pub path: String,
    /// Its sheets.
    pub sheets: Vec<String>,
    /// Its names and items, in file order: `PtgNameX` counts them from 1.
    pub names: Vec<ExternalName>,
}

/// Kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExternalKind {
    /// This workbook.
    SelfReference,
    /// The sheet that is active when the formula is calculated: `!A1` in a macro sheet, and in a name
    /// the sheet of the caller ([MS-XLS] 2.2.7.2 "same-sheet referencing").
    ActiveSheet,
    /// Functions of add-ins.
    AddIn,
    /// Another workbook.
    Workbook,
    /// A DDE conversation.
    Dde,
    /// A linked OLE object.
    Ole,
    /// A reference that is no longer used.
    Unused,
    /// Sheets and names that the text of a formula states and the workbook does not have.
    Unknown,
}

/// A name or item of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalName {
    /// Offset of its record.
    pub at: u64,
    /// The name, or the DDE item.
    pub name: String,
    /// Whether Excel updates it without being asked (`fWantAdvise`).
    pub automatic: bool,
    /// What it stands for.
    pub tokens: TokenSpan,
}

/// A range of sheets ([MS-XLS] 2.4.105 `XTI`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetRange {
    /// Index of the source.
    pub book: u16,
    /// First sheet; negative values mean no sheet or a deleted one.
    pub first: i16,
    /// Last sheet.
    pub last: i16,
}

/// A font.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Font {
    /// Height in twips.
    pub height: u16,
    /// Colour index.
    pub colour: u16,
    /// Weight, 400 normal, 700 bold.
    pub weight: u16,
    /// Style bits as stored.
    pub style: u16,
    /// Its name.
    pub name: Option<TextId>,
}

/// A cell format (XF), as far as a macro could read it or it can hide text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Format {
    /// Index of its font.
    pub font: u16,
    /// Identifier of its number format.
    pub number_format: u16,
    /// Horizontal alignment as stored.
    pub horizontal: u8,
    /// Vertical alignment as stored.
    pub vertical: u8,
    /// Fill pattern; 0 is none, 1 solid.
    pub fill: u8,
    /// Foreground colour index of the fill.
    pub fill_foreground: u16,
    /// Background colour index of the fill.
    pub fill_background: u16,
    /// Whether protection hides the formula.
    pub hides_formula: bool,
}

/// A connection to data elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Offset of its record.
    pub at: u64,
    /// What its strings say: address, connection string or query.
    pub text: TextId,
    /// Whether it is refreshed when the workbook is opened.
    pub on_open: bool,
}

/// A picture in the drawing group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureAt {
    /// Format by content.
    pub kind: PictureKind,
    /// Whether its bytes are deflated ([MS-ODRAW] 2.2.31): metafiles often are.
    pub deflated: bool,
    /// The pieces of its bytes in the part: a picture runs through CONTINUE records.
    pub runs: Vec<Range<u64>>,
}

/// Picture formats of a drawing group ([MS-ODRAW] 2.2.23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureKind {
    /// Enhanced metafile.
    Emf,
    /// Windows metafile.
    Wmf,
    /// Macintosh picture.
    Pict,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Device-independent bitmap.
    Dib,
    /// TIFF.
    Tiff,
    /// GIF.
    Gif,
}

/// A fact about the structure of the stream that a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// Where.
    pub location: Location,
    /// What.
    pub kind: OddityKind,
}

/// Kinds of structural oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OddityKind {
    /// A substream that no BOUNDSHEET lists.
    OrphanSubstream,
    /// Records behind the EOF of the last substream.
    RecordsAfterEnd,
    /// A BOUNDSHEET that points to no BOF.
    MissingSubstream,
    /// A formula whose tokens cannot all be decoded.
    DamagedFormula,
    /// A record whose body is shorter than its fields.
    ShortRecord,
    /// A sheet whose BOF states another kind than its BOUNDSHEET.
    KindMismatch,
    /// A sheet of a package that is a macro sheet by its root element alone.
    MacrosByRoot,
}

impl Workbook {
    /// The text of a cell.
    pub fn cell_text(&self, text: CellText) -> &str {
        match text.shared_index() {
            Some(index) => self.shared_strings.get(TextId(index)),
            None => self.texts.get(TextId(text.0)),
        }
    }

    /// Macro sheets, with their index.
    pub fn macro_sheets(&self) -> impl Iterator<Item = (u32, &Sheet)> {
        (0u32..).zip(&self.sheets).filter(|(_, sheet)| sheet.kind == SheetKind::Macro)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_give_back_what_was_put_in() {
        let mut texts = Texts::default();
        let ids: Vec<_> = ["", "eins", "", "日本"].iter().map(|text| texts.push(text).unwrap()).collect();
        let read: Vec<_> = ids.iter().map(|id| texts.get(*id)).collect();
        assert_eq!(read, ["", "eins", "", "日本"]);
        assert_eq!(texts.get(TextId(9)), "");

        let mut tokens = Tokens::default();
        let first = tokens.push(&[1, 2, 3], &[4]).unwrap();
        let second = tokens.push(&[], &[5]).unwrap();
        assert_eq!(tokens.get(first), (&[1, 2, 3][..], &[4][..]));
        assert_eq!(tokens.get(second), (&[][..], &[5][..]));
    }

    #[test]
    fn cell_text_is_twelve_bytes_and_tells_shared_from_own() {
        assert_eq!(size_of::<TextCell>(), 12);
        assert_eq!(CellText::shared(7).unwrap().shared_index(), Some(7));
        assert_eq!(CellText::own(TextId(7)).unwrap().shared_index(), None);
        assert_eq!(CellText::shared(u32::MAX), None);
    }
}
