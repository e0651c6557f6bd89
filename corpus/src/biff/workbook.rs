//! A workbook of BIFF5 or BIFF8 as Excel writes it: globals, then one substream a sheet.

use std::collections::HashMap;

use super::crypt::Cipher;
use super::drawing::{self, Shape};
use super::{
    Biff, Record, Records, byte_string, consts, short_unicode_string, sst_records, unicode_string,
    unicode_string_body,
};
use crate::bytes::{Put, utf16_len};
use crate::formula::{Scope, address, compile};
use crate::ptg::{At, Class, Tokens};

/// Cell formats that every [`Book`] carries, by their `ixfe`.
pub mod xf {
    /// The default cell format.
    pub const DEFAULT: u16 = 15;
    /// White text on no fill.
    pub const WHITE: u16 = 21;
    /// The number format `;;;`, which shows nothing.
    pub const SHOWS_NOTHING: u16 = 22;
    /// Locked, with its formula hidden under protection.
    pub const HIDDEN_FORMULA: u16 = 23;
    /// Bold text.
    pub const BOLD: u16 = 24;
    /// White text on a dark blue fill: readable.
    pub const WHITE_ON_BLUE: u16 = 25;
    /// A date.
    pub const DATE: u16 = 26;
    /// White text on a white fill.
    pub const WHITE_ON_WHITE: u16 = 27;
}

/// The zero-based row and column of an A1 address.
///
/// # Panics
/// When `address` is not one.
pub fn at(cell: &str) -> (u16, u16) {
    let at = address(cell).unwrap_or_else(|| panic!("{cell:?} is no address"));
    (at.row, at.col)
}

/// A formula before it is encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// Text in A1 notation, without `=`.
    Text(String),
    /// Ready tokens.
    Tokens(Tokens),
    /// Tokens behind a `cce` that need not be their length.
    Lying {
        /// `cce`.
        cce: u16,
        /// The bytes that follow it.
        rgce: Vec<u8>,
    },
    /// A cell of the first sheet of the link with this index.
    LinkCell(u16, At),
    /// The first name or item of the link with this index.
    LinkItem(u16),
    /// A call of that name without arguments.
    LinkCall(u16),
}

impl From<&str> for Formula {
    fn from(text: &str) -> Self {
        Formula::Text(text.to_owned())
    }
}

impl From<String> for Formula {
    fn from(text: String) -> Self {
        Formula::Text(text)
    }
}

impl From<Tokens> for Formula {
    fn from(tokens: Tokens) -> Self {
        Formula::Tokens(tokens)
    }
}

/// The result that a formula cell remembers.
#[derive(Debug, Clone, PartialEq)]
pub enum Cached {
    /// A number.
    Number(f64),
    /// A text, in a STRING record behind the formula.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A `BErr` code.
    Error(u8),
    /// An empty text, without a STRING record.
    Empty,
}

/// What a cell holds, and in which record.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// BLANK.
    Blank,
    /// MULBLANK over this many columns.
    MulBlank(u16),
    /// NUMBER.
    Number(f64),
    /// RK with this raw `RkNumber`.
    Rk(u32),
    /// MULRK: one raw `RkNumber` a column.
    MulRk(Vec<u32>),
    /// LABELSST in BIFF8, LABEL before.
    Text(String),
    /// LABELSST with this raw `isst`, which need not exist (BIFF8 only).
    LabelSst(u32),
    /// LABEL in every version.
    Label(String),
    /// RSTRING, with one formatting run at the start.
    Rich(String),
    /// BOOLERR with a truth value.
    Bool(bool),
    /// BOOLERR with a `BErr` code.
    Error(u8),
    /// FORMULA.
    Formula(Formula, Cached),
    /// FORMULA with `PtgExp`, then SHRFMLA up to this row and column.
    Shared(Formula, (u16, u16)),
    /// FORMULA with `PtgExp`, then ARRAY up to this row and column.
    Array(Formula, (u16, u16)),
}

/// The kind of a sheet: `dt` of BOUNDSHEET and BOF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// A worksheet.
    Work,
    /// An Excel 4.0 macro sheet.
    Macro,
    /// A chart sheet.
    Chart,
}

/// `hsState` of BOUNDSHEET; use [`Sheet::state_byte`] for the values Excel does not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Shown.
    Visible = 0,
    /// Hidden; the menu can show it.
    Hidden = 1,
    /// Hidden; no menu shows it.
    VeryHidden = 2,
}

/// A COLINFO record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// `colFirst`.
    pub first: u16,
    /// `colLast`.
    pub last: u16,
    /// `coldx`, in 1/256 of a character.
    pub coldx: u16,
    /// `fHidden`.
    pub hidden: bool,
}

/// A built-in name that Excel runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auto {
    /// `Auto_Open`.
    Open = 1,
    /// `Auto_Close`.
    Close = 2,
    /// `Auto_Activate`.
    Activate = 0x0A,
    /// `Auto_Deactivate`.
    Deactivate = 0x0B,
}

/// A Lbl record: a defined name ([MS-XLS] 2.4.150).
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The flags: `fHidden` 1, `fFunc` 2, `fOB` 4, `fProc` 8, `fBuiltin` 0x20.
    pub flags: u16,
    /// The characters; for a built-in name its code comes first.
    pub text: String,
    /// Whether they are stored with 16 bits even if 8 would do.
    pub wide: bool,
    /// `itab`: the one-based sheet it belongs to, or 0 for the whole book.
    pub itab: u16,
    /// What it stands for.
    pub formula: Formula,
}

impl Name {
    /// A name of the whole book.
    pub fn new(text: &str, formula: impl Into<Formula>) -> Self {
        Self { flags: 0, text: text.to_owned(), wide: false, itab: 0, formula: formula.into() }
    }

    /// A built-in name of the whole book.
    pub fn auto(auto: Auto, formula: impl Into<Formula>) -> Self {
        let code = char::from(auto as u8).to_string();
        Self { flags: 0x20, ..Self::new(&code, formula) }
    }

    /// Adds flags.
    pub fn flags(mut self, flags: u16) -> Self {
        self.flags |= flags;
        self
    }

    /// Stores the characters with 16 bits.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Binds the name to the sheet with this one-based number.
    pub fn on_sheet(mut self, itab: u16) -> Self {
        self.itab = itab;
        self
    }
}

/// A SUPBOOK record that is not the book itself (BIFF8 only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Another workbook.
    Workbook {
        /// `virtPath`, encoded: control characters stand for the path's joints.
        virt_path: String,
        /// `rgst`: its sheets.
        sheets: Vec<String>,
    },
    /// A DDE conversation.
    Dde {
        /// The program that is asked for data, and started if it does not run.
        service: String,
        /// The topic: what follows `|` in a formula.
        topic: String,
        /// The item: what follows `!`.
        item: String,
    },
    /// A function of an add-in: Excel looks for it in whatever is loaded.
    AddIn {
        /// `udfName`.
        function: String,
    },
}

impl Link {
    /// A workbook behind a URL, with one sheet.
    pub fn url(url: &str, sheet: &str) -> Self {
        let count = char::from_u32(utf16_len(url) as u32).expect("a short URL");
        Link::Workbook { virt_path: format!("\u{1}\u{5}{count}{url}"), sheets: vec![sheet.to_owned()] }
    }

    /// A workbook in a share: `\\server\share\file`, with one sheet.
    pub fn unc(path: &str, sheet: &str) -> Self {
        let path = path.trim_start_matches('\\').replace('\\', "\u{3}");
        Link::Workbook { virt_path: format!("\u{1}\u{1}@{path}"), sheets: vec![sheet.to_owned()] }
    }

    /// A workbook in the folder of this one, with one sheet.
    pub fn beside(file: &str, sheet: &str) -> Self {
        Link::Workbook { virt_path: format!("\u{1}{file}"), sheets: vec![sheet.to_owned()] }
    }
}

/// One sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The name in BOUNDSHEET.
    pub name: String,
    /// Its kind.
    pub kind: SheetKind,
    /// The whole byte of BOUNDSHEET that holds `hsState` and six reserved bits.
    pub state_byte: u8,
    /// Whether BOUNDSHEET names it; an unlisted sheet is an orphan substream.
    pub listed: bool,
    /// Row, column, format and content.
    pub cells: Vec<(u16, u16, u16, Cell)>,
    /// Column widths.
    pub columns: Vec<Column>,
    /// Rows of height zero.
    pub hidden_rows: Vec<u16>,
    /// The password verifier of a protected sheet; 0 protects without a password.
    pub protect: Option<u16>,
    /// The header of the printed page.
    pub header: String,
    /// The footer of the printed page.
    pub footer: String,
    /// Drawn objects (BIFF8 only).
    pub shapes: Vec<Shape>,
    /// CODENAME, for a sheet with a VBA module.
    pub code_name: Option<String>,
    /// Records behind the cells.
    pub extra: Vec<Record>,
}

impl Sheet {
    /// A visible worksheet.
    pub fn work(name: &str) -> Self {
        Self::new(name, SheetKind::Work, State::Visible)
    }

    /// A macro sheet.
    pub fn macros(name: &str, state: State) -> Self {
        Self::new(name, SheetKind::Macro, state)
    }

    /// A sheet without cells.
    pub fn new(name: &str, kind: SheetKind, state: State) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            state_byte: state as u8,
            listed: true,
            cells: Vec::new(),
            columns: Vec::new(),
            hidden_rows: Vec::new(),
            protect: None,
            header: String::new(),
            footer: String::new(),
            shapes: Vec::new(),
            code_name: None,
            extra: Vec::new(),
        }
    }

    /// Sets the state.
    pub fn state(mut self, state: State) -> Self {
        self.state_byte = state as u8;
        self
    }

    /// Puts a cell of the given format at an A1 address.
    pub fn put(mut self, address: &str, ixfe: u16, cell: Cell) -> Self {
        let (row, col) = at(address);
        self.cells.push((row, col, ixfe, cell));
        self
    }

    /// Puts a text at an A1 address.
    pub fn text(self, address: &str, text: &str) -> Self {
        self.put(address, xf::DEFAULT, Cell::Text(text.to_owned()))
    }

    /// Puts a number at an A1 address.
    pub fn number(self, address: &str, value: f64) -> Self {
        self.put(address, xf::DEFAULT, Cell::Number(value))
    }

    /// Puts a formula with the remembered result 0 at an A1 address.
    pub fn formula(self, address: &str, formula: impl Into<Formula>) -> Self {
        self.put(address, xf::DEFAULT, Cell::Formula(formula.into(), Cached::Number(0.0)))
    }

    /// Puts one text below the other, from an A1 address down.
    pub fn texts(mut self, address: &str, texts: &[&str]) -> Self {
        let (row, col) = at(address);
        for (down, text) in (0..).zip(texts) {
            self.cells.push((row + down, col, xf::DEFAULT, Cell::Text((*text).to_owned())));
        }
        self
    }

    /// Puts one formula below the other, from an A1 address down.
    pub fn formulas(mut self, address: &str, formulas: &[&str]) -> Self {
        let (row, col) = at(address);
        for (down, text) in (0..).zip(formulas) {
            let cell = Cell::Formula(Formula::from(*text), Cached::Number(0.0));
            self.cells.push((row + down, col, xf::DEFAULT, cell));
        }
        self
    }

    /// Adds a drawn object.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shapes.push(shape);
        self
    }

    /// Sets the width of one column, in 1/256 of a character.
    pub fn column_width(mut self, col: u16, coldx: u16) -> Self {
        self.columns.push(Column { first: col, last: col, coldx, hidden: false });
        self
    }

    /// Protects the sheet with a password verifier.
    pub fn protected(mut self, verifier: u16) -> Self {
        self.protect = Some(verifier);
        self
    }

    /// Adds a record behind the cells.
    pub fn record(mut self, record: Record) -> Self {
        self.extra.push(record);
        self
    }
}

/// A workbook of BIFF5 or BIFF8.
#[derive(Debug, Clone)]
pub struct Book {
    /// [`Biff::V5`] or [`Biff::V8`].
    pub version: Biff,
    /// The code page of texts in BIFF5; BIFF8 always says 1200.
    pub codepage: u16,
    /// The user named in WRITEACCESS.
    pub user: String,
    /// The sheets, in order.
    pub sheets: Vec<Sheet>,
    /// The defined names, in order.
    pub names: Vec<Name>,
    /// Other books and DDE conversations (BIFF8 only).
    pub links: Vec<Link>,
    /// PNG files and enhanced metafiles for [`Shape::Picture`] (BIFF8 only).
    pub pictures: Vec<Vec<u8>>,
    /// Whether OBPROJ says that there is a VBA project, and the book's CODENAME.
    pub code_name: Option<String>,
    /// The verifier of a protected book structure.
    pub protect: Option<u16>,
    /// The number of the sheet that is shown first.
    pub active: u16,
    /// How the stream is encrypted.
    pub cipher: Option<Cipher>,
    /// Records before the EOF of the globals.
    pub extra: Vec<Record>,
    /// Bytes behind the last EOF.
    pub trailer: Vec<u8>,
}

impl Book {
    /// A BIFF8 book.
    pub fn new(sheets: Vec<Sheet>) -> Self {
        Self {
            version: Biff::V8,
            codepage: 1200,
            user: "docsift".to_owned(),
            sheets,
            names: Vec::new(),
            links: Vec::new(),
            pictures: Vec::new(),
            code_name: None,
            protect: None,
            active: 0,
            cipher: None,
            extra: Vec::new(),
            trailer: Vec::new(),
        }
    }

    /// A BIFF5 book with texts in `codepage`.
    pub fn biff5(codepage: u16, sheets: Vec<Sheet>) -> Self {
        Self { version: Biff::V5, codepage, ..Self::new(sheets) }
    }

    /// Adds a name.
    pub fn name(mut self, name: Name) -> Self {
        self.names.push(name);
        self
    }

    /// Adds a link.
    pub fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// The stream `Workbook` (BIFF8) or `Book` (BIFF5).
    pub fn stream(&self) -> Vec<u8> {
        let mut strings = Interned::default();
        let mut drawings = 0;
        let sheets: Vec<Vec<u8>> = self
            .sheets
            .iter()
            .map(|sheet| {
                drawings += u32::from(!sheet.shapes.is_empty());
                self.substream(sheet, drawings, &mut strings)
            })
            .collect();
        // BOUNDSHEET has a fixed size, so the first pass yields the offsets for the second.
        let mut offsets = vec![0; sheets.len()];
        let mut next = self.globals(&offsets, &strings).len();
        for (offset, sheet) in offsets.iter_mut().zip(&sheets) {
            *offset = next as u32; // lbPlyPos
            next += sheet.len();
        }
        let mut stream = self.globals(&offsets, &strings);
        for sheet in &sheets {
            stream.raw(sheet);
        }
        stream.raw(&self.trailer);
        match &self.cipher {
            Some(cipher) => cipher.encrypt(stream),
            None => stream,
        }
    }

    fn globals(&self, offsets: &[u32], strings: &Interned) -> Vec<u8> {
        let v8 = self.version == Biff::V8;
        let mut out = Records::new(self.version);
        self.bof(&mut out, consts::DT_GLOBALS);
        if let Some(cipher) = &self.cipher {
            out.push(consts::FILE_PASS, &cipher.file_pass());
        }
        if v8 {
            out.push(consts::INTERFACE_HDR, &1200u16.to_le_bytes());
            out.push(consts::MMS, &[0, 0]);
            out.push(consts::INTERFACE_END, &[]);
        }
        let (mut user, user_len) =
            if v8 { (unicode_string(&self.user), 112) } else { (self.bytes(&self.user), 32) };
        user.resize(user_len, b' ');
        out.push(consts::WRITE_ACCESS, &user);
        out.push(consts::CODE_PAGE, &self.codepage.to_le_bytes());
        if v8 {
            out.push(consts::DSF, &[0, 0]);
            let ids: Vec<u8> = (1..=self.sheets.len() as u16).flat_map(u16::to_le_bytes).collect();
            out.push(consts::TAB_ID, &ids);
        }
        if let Some(code_name) = &self.code_name {
            out.push(consts::OBPROJ, &[]);
            out.push(consts::CODE_NAME, &unicode_string(code_name));
        }
        out.push(consts::WIN_PROTECT, &[0, 0]);
        out.push(consts::PROTECT, &u16::from(self.protect.is_some()).to_le_bytes());
        out.push(consts::PASSWORD, &self.protect.unwrap_or(0).to_le_bytes());
        let mut window1 = Vec::new();
        window1.u16(0x0168).u16(0x010E).u16(0x4A10).u16(0x2A30); // xWn, yWn, dxWn, dyWn
        window1.u16(0x0038).u16(self.active).u16(0).u16(1).u16(0x0258); // grbit .. wTabRatio
        out.push(consts::WINDOW1, &window1);
        out.push(consts::DATE1904, &[0, 0]);
        self.formats(&mut out);
        for (sheet, offset) in self.sheets.iter().zip(offsets).filter(|(sheet, _)| sheet.listed) {
            let mut body = Vec::new();
            let dt = match sheet.kind {
                SheetKind::Work => 0,
                SheetKind::Macro => 1,
                SheetKind::Chart => 2,
            };
            body.u32(*offset).u8(sheet.state_byte).u8(dt).raw(&self.short(&sheet.name));
            out.push(consts::BOUND_SHEET, &body);
        }
        out.push(consts::COUNTRY, &[1, 0, 1, 0]);
        self.links_and_names(&mut out);
        if v8 {
            let sheets = self.sheets.iter().filter(|sheet| !sheet.shapes.is_empty());
            let shapes: Vec<u32> = sheets.map(|sheet| sheet.shapes.len() as u32).collect();
            if !shapes.is_empty() {
                out.push(consts::MSO_DRAWING_GROUP, &drawing::group(&self.pictures, &shapes));
            }
            out.extend(&sst_records(&strings.texts, strings.total));
        }
        out.extend(&self.extra);
        out.push(consts::EOF, &[]);
        out.into_bytes()
    }

    fn formats(&self, out: &mut Records) {
        let v8 = self.version == Biff::V8;
        // (dyHeight, bls, icv): FONT has no index 4, so the fifth record is font 5.
        let fonts =
            [(200, 400, 0x7FFF), (200, 700, 0x7FFF), (200, 400, 0x7FFF), (200, 400, 0x7FFF), (200, 400, 9)];
        for (height, weight, colour) in fonts {
            let mut body = Vec::new();
            body.u16(height).u16(0).u16(colour).u16(weight); // dyHeight, grbit, icv, bls
            body.u16(0).u8(0).u8(2).u8(0).u8(0); // sss, uls, bFamily, bCharSet, unused3
            body.raw(&self.short("Arial"));
            out.push(consts::FONT, &body);
        }
        let formats = [(5, "\"$\"#,##0_);\\(\"$\"#,##0\\)"), (164, ";;;"), (165, "yyyy\\-mm\\-dd")];
        for (ifmt, text) in formats {
            let mut body = Vec::new();
            body.u16(ifmt);
            body.raw(&if v8 { unicode_string(text) } else { self.bytes(text) });
            out.push(consts::FORMAT, &body);
        }
        let style = |ifnt, ifmt| Format { ifnt, ifmt, is_style: true, ..Format::default() };
        let mut xfs = vec![style(0, 0)];
        xfs.extend([1, 1, 2, 2].map(|ifnt| style(ifnt, 0)));
        xfs.extend([0; 10].map(|ifnt| style(ifnt, 0)));
        xfs.push(Format::default()); // xf::DEFAULT
        xfs.extend([43, 41, 44, 42, 9].map(|ifmt| style(1, ifmt)));
        xfs.push(Format { ifnt: 5, ..Format::default() }); // xf::WHITE
        xfs.push(Format { ifmt: 164, ..Format::default() }); // xf::SHOWS_NOTHING
        xfs.push(Format { hides_formula: true, ..Format::default() }); // xf::HIDDEN_FORMULA
        xfs.push(Format { ifnt: 1, ..Format::default() }); // xf::BOLD
        xfs.push(Format { ifnt: 5, fill: Some(18), ..Format::default() }); // xf::WHITE_ON_BLUE
        xfs.push(Format { ifmt: 165, ..Format::default() }); // xf::DATE
        xfs.push(Format { ifnt: 5, fill: Some(9), ..Format::default() }); // xf::WHITE_ON_WHITE
        for format in xfs {
            out.push(consts::XF, &format.body(v8));
        }
        for (ixfe, style) in [(0, 0), (16, 3), (17, 6), (18, 4), (19, 7), (20, 5)] {
            let mut body = Vec::new();
            body.u16(ixfe | 0x8000).u8(style).u8(0xFF); // ixfe with fBuiltIn, istyBuiltIn, iLevel
            out.push(consts::STYLE, &body);
        }
    }

    fn links_and_names(&self, out: &mut Records) {
        if self.version == Biff::V5 {
            self.extern_sheets(out);
        } else if !self.names.is_empty() || !self.links.is_empty() || self.uses_sheets() {
            let mut body = Vec::new();
            body.u16(self.sheets.len() as u16).u16(0x0401); // ctab, cch: this book itself
            out.push(consts::SUP_BOOK, &body);
            let mut xtis = Vec::new();
            for itab in 0..self.sheets.len() as u16 {
                xtis.u16(0).u16(itab).u16(itab); // iSupBook, itabFirst, itabLast
            }
            for (sup_book, link) in (1..).zip(&self.links) {
                match link {
                    Link::Workbook { virt_path, sheets } => {
                        let mut body = Vec::new();
                        body.u16(sheets.len() as u16).raw(&unicode_string(virt_path));
                        for sheet in sheets {
                            body.raw(&unicode_string(sheet));
                        }
                        out.push(consts::SUP_BOOK, &body);
                        xtis.u16(sup_book).u16(0).u16(0);
                    }
                    Link::Dde { service, topic, item } => {
                        let mut body = Vec::new();
                        body.u16(0).raw(&unicode_string(&format!("{service}\u{3}{topic}")));
                        out.push(consts::SUP_BOOK, &body);
                        let mut body = Vec::new();
                        body.u16(0x0002).u32(0).raw(&short_unicode_string(item)); // fWantAdvise
                        out.push(consts::EXTERN_NAME, &body);
                        xtis.u16(sup_book).u16(0xFFFE).u16(0xFFFE);
                    }
                    Link::AddIn { function } => {
                        let mut body = Vec::new();
                        body.u16(1).u16(0x3A01); // ctab, cch: add-ins
                        out.push(consts::SUP_BOOK, &body);
                        let mut body = Vec::new();
                        body.u16(0).u32(0).raw(&short_unicode_string(function));
                        body.u16(2).u8(0x1C).u8(0x17); // cb, and a formula: #REF!
                        out.push(consts::EXTERN_NAME, &body);
                        xtis.u16(sup_book).u16(0xFFFE).u16(0xFFFE);
                    }
                }
            }
            let mut body = Vec::new();
            body.u16((self.sheets.len() + self.links.len()) as u16).raw(&xtis); // cXTI, rgXTI
            out.push(consts::EXTERN_SHEET, &body);
        }
        for name in &self.names {
            let (cce, rgce, rgcb) = self.encode(&name.formula, Class::Reference);
            let text = if self.version == Biff::V5 {
                super::encode(&name.text, self.codepage)
            } else if name.wide {
                let mut text = vec![1];
                text.utf16(&name.text);
                text
            } else {
                unicode_string_body(&name.text)
            };
            let cch = if self.version == Biff::V5 { text.len() } else { utf16_len(&name.text) };
            let mut body = Vec::new();
            body.u16(name.flags).u8(0).u8(cch as u8).u16(cce); // grbit, chKey, cch, cce
            body.u16(if self.version == Biff::V5 { name.itab } else { 0 });
            body.u16(name.itab).zeros(4).raw(&text).raw(&rgce).raw(&rgcb);
            out.push(consts::LBL, &body);
        }
    }

    fn uses_sheets(&self) -> bool {
        self.sheets.iter().flat_map(|sheet| &sheet.cells).any(|(.., cell)| match cell {
            Cell::Formula(Formula::Text(text), _)
            | Cell::Shared(Formula::Text(text), _)
            | Cell::Array(Formula::Text(text), _) => text.contains('!'),
            _ => false,
        })
    }

    fn extern_sheets(&self, out: &mut Records) {
        out.push(consts::EXTERN_COUNT, &(self.sheets.len() as u16).to_le_bytes());
        for sheet in &self.sheets {
            let name = super::encode(&sheet.name, self.codepage);
            let mut body = vec![name.len() as u8, 0x03]; // 3: a sheet of this book
            body.raw(&name);
            out.push(consts::EXTERN_SHEET, &body);
        }
    }

    fn substream(&self, sheet: &Sheet, drawing: u32, strings: &mut Interned) -> Vec<u8> {
        let v8 = self.version == Biff::V8;
        let mut out = Records::new(self.version);
        let dt = match sheet.kind {
            SheetKind::Work => consts::DT_SHEET,
            SheetKind::Macro => consts::DT_MACRO,
            SheetKind::Chart => consts::DT_CHART,
        };
        self.bof(&mut out, dt);
        out.push(consts::CALC_MODE, &[1, 0]);
        out.push(consts::CALC_COUNT, &[100, 0]);
        out.push(consts::WS_BOOL, &0x04C1u16.to_le_bytes());
        for (id, text) in [(consts::HEADER, &sheet.header), (consts::FOOTER, &sheet.footer)] {
            let body = match (text.is_empty(), v8) {
                (true, _) => Vec::new(),
                (false, true) => unicode_string(text),
                (false, false) => self.bytes(text),
            };
            out.push(id, &body);
        }
        if !v8 {
            self.extern_sheets(&mut out);
        }
        if let Some(verifier) = sheet.protect {
            out.push(consts::PROTECT, &[1, 0]);
            out.push(consts::PASSWORD, &verifier.to_le_bytes());
        }
        out.push(consts::DEF_COL_WIDTH, &[8, 0]);
        for column in &sheet.columns {
            let mut body = Vec::new();
            body.u16(column.first).u16(column.last).u16(column.coldx).u16(xf::DEFAULT);
            body.u16(u16::from(column.hidden)).u16(0);
            out.push(consts::COL_INFO, &body);
        }
        let mut cells: Vec<_> = sheet.cells.iter().collect();
        cells.sort_by_key(|(row, col, ..)| (*row, *col));
        let rows = cells.iter().map(|(row, ..)| *row);
        let cols = cells.iter().map(|(_, col, ..)| *col);
        let (first_row, last_row) = (rows.clone().min(), rows.clone().max().map(|row| row + 1));
        let (first_col, last_col) = (cols.clone().min(), cols.max().map(|col| col + 1));
        let mut body = Vec::new();
        if v8 {
            body.u32(first_row.unwrap_or(0).into()).u32(last_row.unwrap_or(0).into());
        } else {
            body.u16(first_row.unwrap_or(0)).u16(last_row.unwrap_or(0));
        }
        body.u16(first_col.unwrap_or(0)).u16(last_col.unwrap_or(0)).u16(0);
        out.push(consts::DIMENSIONS, &body);
        let mut rows: Vec<u16> = rows.collect();
        rows.dedup();
        for row in rows {
            let grbit = 0x0100 | u16::from(sheet.hidden_rows.contains(&row)) << 5; // fDyZero
            let mut body = Vec::new();
            body.u16(row).u16(first_col.unwrap_or(0)).u16(last_col.unwrap_or(0));
            body.u16(0x00FF).u16(0).u16(0).u16(grbit).u16(0x000F);
            out.push(consts::ROW, &body);
        }
        for (row, col, ixfe, cell) in cells {
            self.cell(&mut out, (*row, *col, *ixfe), cell, strings);
        }
        if v8 {
            out.extend(&drawing::records(&sheet.shapes, drawing));
        }
        let window2 = if sheet.kind == SheetKind::Macro { 0x06B7u16 } else { 0x06B6 };
        let mut body = Vec::new();
        body.u16(window2).u16(0).u16(0);
        if v8 {
            body.u16(0x0040).zeros(10);
        } else {
            body.u32(0);
        }
        out.push(consts::WINDOW2, &body);
        out.push(consts::SELECTION, &[3, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        out.extend(&sheet.extra);
        if let Some(code_name) = &sheet.code_name {
            out.push(consts::CODE_NAME, &unicode_string(code_name));
        }
        out.push(consts::EOF, &[]);
        out.into_bytes()
    }

    fn cell(
        &self,
        out: &mut Records,
        (row, col, ixfe): (u16, u16, u16),
        cell: &Cell,
        strings: &mut Interned,
    ) {
        let v8 = self.version == Biff::V8;
        let mut body = Vec::new();
        body.u16(row).u16(col).u16(ixfe);
        let id = match cell {
            Cell::Blank => consts::BLANK,
            Cell::MulBlank(count) => {
                for _ in 1..*count {
                    body.u16(ixfe);
                }
                body.u16(col + count - 1); // colLast
                consts::MUL_BLANK
            }
            Cell::Number(value) => {
                body.f64(*value);
                consts::NUMBER
            }
            Cell::Rk(rk) => {
                body.u32(*rk);
                consts::RK
            }
            Cell::MulRk(rks) => {
                body.truncate(4);
                for rk in rks {
                    body.u16(ixfe).u32(*rk);
                }
                body.u16(col + rks.len() as u16 - 1); // colLast
                consts::MUL_RK
            }
            Cell::Text(text) if v8 => {
                body.u32(strings.index(text));
                consts::LABEL_SST
            }
            Cell::LabelSst(isst) => {
                strings.total += 1;
                body.u32(*isst);
                consts::LABEL_SST
            }
            Cell::Text(text) | Cell::Label(text) => {
                body.raw(&self.long(text));
                consts::LABEL
            }
            Cell::Rich(text) => {
                body.raw(&self.long(text));
                if v8 {
                    body.u16(1).u16(0).u16(1); // cRuns, ich, ifnt
                } else {
                    body.u8(1).u8(0).u8(1);
                }
                consts::RSTRING
            }
            Cell::Bool(value) => {
                body.u8(u8::from(*value)).u8(0);
                consts::BOOL_ERR
            }
            Cell::Error(code) => {
                body.u8(*code).u8(1);
                consts::BOOL_ERR
            }
            Cell::Formula(formula, cached) => {
                let (cce, rgce, rgcb) = self.encode(formula, Class::Value);
                cached_value(&mut body, cached);
                body.u16(0).u32(0).u16(cce).raw(&rgce).raw(&rgcb); // grbit, chn, cce
                consts::FORMULA
            }
            Cell::Shared(..) | Cell::Array(..) => {
                let mut exp = Tokens::new(self.version);
                exp.exp(row, col);
                let grbit = if matches!(cell, Cell::Shared(..)) { 0x0008 } else { 0 }; // fShrFmla
                cached_value(&mut body, &Cached::Number(0.0));
                body.u16(grbit).u32(0).u16(exp.rgce.len() as u16).raw(&exp.rgce);
                consts::FORMULA
            }
        };
        out.push(id, &body);
        match cell {
            Cell::Formula(_, Cached::Text(text)) => {
                out.push(consts::STRING, &self.long(text));
            }
            Cell::Shared(formula, (last_row, last_col)) => {
                let (cce, rgce, _) = self.encode(formula, Class::Value);
                let mut body = Vec::new();
                body.u16(row).u16(*last_row).u8(col as u8).u8(*last_col as u8); // RefU
                let users = (u32::from(last_row - row) + 1) * (u32::from(last_col - col) + 1);
                body.u8(0).u8(users.min(255) as u8); // cUse
                body.u16(cce).raw(&rgce);
                out.push(consts::SHR_FMLA, &body);
            }
            Cell::Array(formula, (last_row, last_col)) => {
                let (cce, rgce, rgcb) = self.encode(formula, Class::Value);
                let mut body = Vec::new();
                body.u16(row).u16(*last_row).u8(col as u8).u8(*last_col as u8); // Ref
                body.u16(0).u32(0).u16(cce).raw(&rgce).raw(&rgcb);
                out.push(consts::ARRAY, &body);
            }
            _ => {}
        }
    }

    fn encode(&self, formula: &Formula, class: Class) -> (u16, Vec<u8>, Vec<u8>) {
        let tokens = match formula {
            Formula::Text(text) => {
                let sheets: Vec<String> = self.sheets.iter().map(|sheet| sheet.name.clone()).collect();
                let names: Vec<String> = self.names.iter().map(|name| name.text.clone()).collect();
                let (version, codepage) = (self.version, self.codepage);
                compile(text, class, &Scope { version, codepage, sheets: &sheets, names: &names })
            }
            Formula::Tokens(tokens) => tokens.clone(),
            Formula::Lying { cce, rgce } => return (*cce, rgce.clone(), Vec::new()),
            Formula::LinkCell(link, at) => {
                let mut tokens = Tokens::new(self.version);
                tokens.ref3d(class, self.sheets.len() as u16 + link, *at);
                tokens
            }
            Formula::LinkCall(link) => {
                let mut tokens = Tokens::new(self.version);
                tokens.name_x(self.sheets.len() as u16 + link, 0).func_var(0xFF, 1, false);
                tokens
            }
            Formula::LinkItem(link) => {
                let mut tokens = Tokens::new(self.version);
                tokens.name_x(self.sheets.len() as u16 + link, 0);
                tokens
            }
        };
        (tokens.rgce.len() as u16, tokens.rgce, tokens.rgcb)
    }

    fn bof(&self, out: &mut Records, dt: u16) {
        let mut body = Vec::new();
        if self.version == Biff::V8 {
            body.u16(0x0600).u16(dt).u16(0x1FD2).u16(0x07CD); // vers, dt, rupBuild, rupYear
            body.u32(0x0000_80C9).u32(0x0000_0206); // the versions that edited the file
        } else {
            body.u16(0x0500).u16(dt).u16(0x096C).u16(0x07C9);
        }
        out.push(consts::BOF, &body);
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        byte_string(text, self.codepage, false)
    }

    fn short(&self, text: &str) -> Vec<u8> {
        if self.version == Biff::V8 { short_unicode_string(text) } else { self.bytes(text) }
    }

    fn long(&self, text: &str) -> Vec<u8> {
        if self.version == Biff::V8 { unicode_string(text) } else { byte_string(text, self.codepage, true) }
    }
}

/// Appends a `FormulaValue` ([MS-XLS] 2.5.133).
pub(super) fn cached_value(body: &mut Vec<u8>, cached: &Cached) {
    match cached {
        Cached::Number(value) => body.f64(*value),
        Cached::Text(_) => body.raw(&[0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        Cached::Bool(value) => body.raw(&[1, 0, u8::from(*value), 0, 0, 0, 0xFF, 0xFF]),
        Cached::Error(code) => body.raw(&[2, 0, *code, 0, 0, 0, 0xFF, 0xFF]),
        Cached::Empty => body.raw(&[3, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
    };
}

#[derive(Default)]
struct Interned {
    texts: Vec<String>,
    by_text: HashMap<String, u32>,
    total: u32,
}

impl Interned {
    fn index(&mut self, text: &str) -> u32 {
        self.total += 1;
        if let Some(index) = self.by_text.get(text) {
            return *index;
        }
        let index = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.by_text.insert(text.to_owned(), index);
        index
    }
}

/// An XF record ([MS-XLS] 2.4.353) in the few respects that fixtures vary.
#[derive(Default)]
struct Format {
    ifnt: u16,
    ifmt: u16,
    is_style: bool,
    hides_formula: bool,
    fill: Option<u16>,
}

impl Format {
    fn body(&self, v8: bool) -> Vec<u8> {
        // fLocked, fHidden, fStyle, ixfParent (0xFFF for a style)
        let kind = if self.is_style { 0xFFF5 } else { 0x0001 | u16::from(self.hides_formula) << 1 };
        let fls = u32::from(self.fill.is_some());
        let colours = self.fill.unwrap_or(0x40) | 0x41 << 7; // icvFore, icvBack
        let mut body = Vec::new();
        body.u16(self.ifnt).u16(self.ifmt).u16(kind).u8(0x20); // alcV: bottom
        if v8 {
            body.u8(0).u8(0).u8(0).u32(0).u32(fls << 26).u16(colours);
        } else {
            body.u8(0).u16(colours).u16(fls as u16).u32(0);
        }
        body
    }
}
