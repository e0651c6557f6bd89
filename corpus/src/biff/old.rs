//! Sheets of BIFF2, BIFF3 and BIFF4: a stream of one sheet, and the BIFF4 workbook (`.xlw`).

use super::workbook::{Cached, Cell, Formula, Name, SheetKind, cached_value};
use super::{Biff, Records, byte_string, consts};
use crate::bytes::Put;
use crate::formula::{Scope, compile};
use crate::ptg::{Class, Tokens};

/// One sheet of BIFF2, BIFF3 or BIFF4, with the names of its own stream.
#[derive(Debug, Clone)]
pub struct OldSheet {
    /// [`Biff::V2`], [`Biff::V3`] or [`Biff::V4`].
    pub version: Biff,
    /// A worksheet or a macro sheet.
    pub kind: SheetKind,
    /// Row, column and content; formats are the default.
    pub cells: Vec<(u16, u16, Cell)>,
    /// The defined names.
    pub names: Vec<Name>,
}

impl OldSheet {
    /// A sheet without cells.
    pub fn new(version: Biff, kind: SheetKind) -> Self {
        Self { version, kind, cells: Vec::new(), names: Vec::new() }
    }

    /// Puts a cell at an A1 address.
    pub fn put(mut self, address: &str, cell: Cell) -> Self {
        let (row, col) = super::at(address);
        self.cells.push((row, col, cell));
        self
    }

    /// Puts a formula with the remembered result 0 at an A1 address.
    pub fn formula(self, address: &str, formula: &str) -> Self {
        self.put(address, Cell::Formula(formula.into(), Cached::Number(0.0)))
    }

    /// Adds a name.
    pub fn name(mut self, name: Name) -> Self {
        self.names.push(name);
        self
    }

    /// The stream, from BOF to EOF.
    ///
    /// # Panics
    /// On a cell that the version has no record for.
    pub fn stream(&self) -> Vec<u8> {
        let v = self.version;
        let mut out = Records::new(v);
        bof(&mut out, v, if self.kind == SheetKind::Macro { 0x0040 } else { 0x0010 });
        out.push(consts::CODE_PAGE, &1252u16.to_le_bytes());
        let mut font = Vec::new();
        font.u16(200).u16(0); // dyHeight, grbit
        if v > Biff::V2 {
            font.u16(0x7FFF); // icv
        }
        font.raw(&byte_string("Arial", 1252, false));
        for _ in 0..4 {
            out.push(if v == Biff::V2 { 0x0031 } else { 0x0231 }, &font);
        }
        let mut format = Vec::new();
        if v == Biff::V4 {
            format.u16(0);
        }
        format.raw(&byte_string("General", 1252, false));
        out.push(if v == Biff::V4 { consts::FORMAT } else { 0x001E }, &format);
        for is_style in [true, false] {
            let (id, body) = xf(v, is_style);
            out.push(id, &body);
        }
        for name in &self.names {
            let (id, body) = self.name_record(name);
            out.push(id, &body);
        }
        let last_row = self.cells.iter().map(|(row, ..)| row + 1).max().unwrap_or(0);
        let last_col = self.cells.iter().map(|(_, col, _)| col + 1).max().unwrap_or(0);
        let mut dimensions = Vec::new();
        dimensions.u16(0).u16(last_row).u16(0).u16(last_col);
        if v > Biff::V2 {
            dimensions.u16(0);
        }
        out.push(if v == Biff::V2 { 0x0000 } else { consts::DIMENSIONS }, &dimensions);
        for (row, col, cell) in &self.cells {
            self.cell(&mut out, *row, *col, cell);
        }
        out.push(consts::EOF, &[]);
        out.into_bytes()
    }

    fn cell(&self, out: &mut Records, row: u16, col: u16, cell: &Cell) {
        let v2 = self.version == Biff::V2;
        let mut body = Vec::new();
        body.u16(row).u16(col);
        if v2 {
            body.zeros(3); // the cell's attributes
        } else {
            body.u16(1); // ixfe
        }
        let wide = !v2;
        let id = match cell {
            Cell::Blank if v2 => 0x0001,
            Cell::Blank => consts::BLANK,
            Cell::Number(value) => {
                body.f64(*value);
                if v2 { 0x0003 } else { consts::NUMBER }
            }
            Cell::Text(text) | Cell::Label(text) => {
                body.raw(&byte_string(text, 1252, wide));
                if v2 { 0x0004 } else { consts::LABEL }
            }
            Cell::Bool(value) => {
                body.u8(u8::from(*value)).u8(0);
                if v2 { 0x0005 } else { consts::BOOL_ERR }
            }
            Cell::Formula(formula, cached) => {
                let tokens = self.tokens(formula, Class::Value);
                cached_value(&mut body, cached);
                if v2 {
                    body.u8(0).u8(tokens.rgce.len() as u8); // fAlwaysCalc, cce
                } else {
                    body.u16(0).u16(tokens.rgce.len() as u16); // grbit, cce
                }
                body.raw(&tokens.rgce).raw(&tokens.rgcb);
                match self.version {
                    Biff::V2 => 0x0006,
                    Biff::V3 => 0x0206,
                    _ => 0x0406,
                }
            }
            other => panic!("{other:?} has no record in {:?}", self.version),
        };
        out.push(id, &body);
        if let Cell::Formula(_, Cached::Text(text)) = cell {
            out.push(if v2 { 0x0007 } else { consts::STRING }, &byte_string(text, 1252, wide));
        }
    }

    fn name_record(&self, name: &Name) -> (u16, Vec<u8>) {
        let tokens = self.tokens(&name.formula, Class::Reference);
        let mut body = Vec::new();
        if self.version == Biff::V2 {
            // BIFF2 has no built-in names: the event name is spelled out.
            let text = if name.flags & 0x20 == 0 { &name.text } else { "Auto_Open" };
            let cce = tokens.rgce.len() as u8;
            body.u8(0).u8(0).u8(0).u8(text.len() as u8).u8(cce); // .. cch, cce
            body.raw(text.as_bytes()).raw(&tokens.rgce).u8(cce);
            (0x0018, body)
        } else {
            let text = super::encode(&name.text, 1252);
            body.u16(name.flags).u8(0).u8(text.len() as u8).u16(tokens.rgce.len() as u16);
            body.raw(&text).raw(&tokens.rgce);
            (0x0218, body)
        }
    }

    fn tokens(&self, formula: &Formula, class: Class) -> Tokens {
        match formula {
            Formula::Text(text) => {
                let names: Vec<String> = self.names.iter().map(|name| name.text.clone()).collect();
                let scope = Scope { version: self.version, codepage: 1252, sheets: &[], names: &names };
                compile(text, class, &scope)
            }
            Formula::Tokens(tokens) => tokens.clone(),
            other => panic!("{other:?} has no form in {:?}", self.version),
        }
    }
}

/// A BIFF4 workbook: BOUNDSHEET names, then each sheet behind a SHEETHDR with its size and name.
///
/// # Panics
/// When a sheet is not of BIFF4.
pub fn workbook_biff4(sheets: &[(&str, OldSheet)]) -> Vec<u8> {
    let head = |first_sheet_at: u32| {
        let mut out = Records::new(Biff::V4);
        bof(&mut out, Biff::V4, consts::DT_WORKSPACE);
        out.push(consts::CODE_PAGE, &1252u16.to_le_bytes());
        out.push(consts::SHEETS_OFFSET, &first_sheet_at.to_le_bytes());
        for (name, _) in sheets {
            out.push(consts::BOUND_SHEET, &byte_string(name, 1252, false));
        }
        out
    };
    let mut out = head(head(0).len() as u32);
    for (name, sheet) in sheets {
        assert_eq!(sheet.version, Biff::V4);
        let stream = sheet.stream();
        let mut body = Vec::new();
        body.u32(stream.len() as u32).raw(&byte_string(name, 1252, false));
        out.push(consts::SHEET_HDR, &body);
        out.raw(&stream);
    }
    out.push(consts::EOF, &[]);
    out.into_bytes()
}

fn bof(out: &mut Records, version: Biff, dt: u16) {
    let (id, vers) = match version {
        Biff::V2 => (0x0009, 0x0002u16),
        Biff::V3 => (0x0209, 0x0003),
        _ => (0x0409, 0x0004),
    };
    let mut body = Vec::new();
    body.u16(vers).u16(dt);
    if version > Biff::V2 {
        body.u16(0);
    }
    out.push(id, &body);
}

fn xf(version: Biff, is_style: bool) -> (u16, Vec<u8>) {
    let mut body = Vec::new();
    match version {
        Biff::V2 => {
            body.u8(0).u8(0).u8(0x40).u8(0); // ifnt, unused, fLocked and ifmt, alignment
            (0x0043, body)
        }
        Biff::V3 => {
            body.u8(0).u8(0).u8(if is_style { 0x05 } else { 0x01 }).u8(0xF8);
            body.u16(if is_style { 0xFFF0 } else { 0 }).u16(0x4100 | 0x00C0).u32(0);
            (0x0243, body)
        }
        _ => {
            body.u8(0).u8(0).u16(if is_style { 0xFFF5 } else { 0x0001 });
            body.u8(0x20).u8(0xF8).u16(0x20C0).u32(0);
            (0x0443, body)
        }
    }
}
