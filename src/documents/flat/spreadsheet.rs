//! Excel 2003 XML: sheets, cells, names, links and queries.
//!
//! Layout: the schema `urn:schemas-microsoft-com:office:spreadsheet`. Formulas are R1C1 text. They are kept by
//! their place in the text and compiled when all sheets and names are known, because they refer to later ones.

use std::ops::Range;

use super::place_in;
use super::word::{PROPERTY_BYTES, set_property, style_sheet};
use super::xml::{Element, Node, Xml, unescape};
use crate::base::{Cx, LimitHit};
use crate::documents::coded::Coded;
use crate::documents::formula::text::Style;
use crate::documents::formula_text::{Compiler, Site};
use crate::documents::link::{Link, LinkKind};
use crate::documents::props::{Properties, PropertyText};
use crate::documents::workbook::{
    Cached, CellText, ColumnFormat, Connection, DefinedName, ExternalBook, ExternalKind, ExternalName,
    FormulaCell, Hyperlink, Note, NumberCell, RowFormat, Sheet, SheetKind, TextCell, TextId, TokenSpan,
    Visibility, Workbook, reserve_a_quarter_more,
};

const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;
/// Sheets and names that are kept; more are told.
const LISTED: usize = 1 << 14;

/// Reads an Excel 2003 XML text into `book`.
///
/// # Errors
/// [`LimitHit`] when the steps, cells or memory of models do not last; what was read is kept.
pub fn read(
    coded: &Coded<'_>,
    book: &mut Workbook,
    links: &mut Vec<Link>,
    properties: &mut Properties,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reader = Reader { coded, book, links, properties, state: State::default() };
    let walked = reader.walk(cx);
    // What was seen before a limit is compiled as far as the steps last.
    let compiled = reader.compile(cx);
    walked.and(compiled)
}

#[derive(Default)]
struct State {
    /// Index of the sheet that is being read.
    sheet: Option<usize>,
    row: u32,
    /// Rows below that are like the open one and have no element of their own.
    row_span: u32,
    /// The column that the next cell or column stands in.
    column: u32,
    cell: Option<OpenCell>,
    /// Local name of the element whose text is wanted, and the text.
    text_of: Option<String>,
    text: String,
    text_at: usize,
    source: Option<ExternalBook>,
    in_properties: bool,
    /// Whether they are those that a person or macro named.
    custom: bool,
    formulas: Vec<LateFormula>,
    names: Vec<LateName>,
    extern_name: bool,
}

#[derive(Default)]
struct OpenCell {
    formula: Option<Range<usize>>,
    number: bool,
    value: Option<Value>,
    comment: String,
    in_comment: bool,
    data_type: String,
    /// Cells to the right that are one with it.
    merged: u32,
}

enum Value {
    Text(TextId),
    Number(f64),
    Other(Cached),
}

/// A formula that waits for the end.
struct LateFormula {
    sheet: u32,
    row: u32,
    column: u16,
    text: Range<usize>,
    cached: Cached,
}

struct LateName {
    name: String,
    text: String,
    at: usize,
    scope: Option<u16>,
    hidden: bool,
}

struct Reader<'r, 'a> {
    coded: &'r Coded<'a>,
    book: &'r mut Workbook,
    links: &'r mut Vec<Link>,
    properties: &'r mut Properties,
    state: State,
}

/// Elements whose text is a value of the workbook or sheet.
const VALUES: &[&str] = &[
    "Visible",
    "WorksheetType",
    "Path",
    "Name",
    "URLString",
    "Connection",
    "CommandText",
    "SheetName",
    "ProtectObjects",
    "ProtectScenarios",
    "ProtectStructure",
];

impl Reader<'_, '_> {
    fn walk(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let coded = self.coded;
        let text = coded.text.as_ref();
        let mut xml = Xml::new(text);
        loop {
            let before = xml.at();
            let Some(node) = xml.next(coded.offset.unwrap_or(0), cx)? else { break };
            match node {
                Node::Start(element) => self.start(&element, text, cx)?,
                Node::End(name) => self.end(name, cx)?,
                Node::Text(piece) => self.piece(&piece, before, cx)?,
            }
        }
        if let Some(sheet) = xml.style_sheet {
            cx.budget.hold(size_of::<Link>())?;
            self.links.push(style_sheet(sheet, coded, cx));
        }
        Ok(())
    }

    fn start(&mut self, element: &Element<'_>, all: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let name = element.name();
        match name {
            "Worksheet" => self.sheet(element, cx)?,
            "Row" => {
                if let Some(index) = number(element, "Index") {
                    self.state.row = index.clamp(1, ROWS).saturating_sub(1);
                }
                self.state.column = 0;
                self.state.row_span = number(element, "Span").unwrap_or(0).min(ROWS);
                self.row(element, cx)?;
            }
            "Column" => self.column(element, cx)?,
            "Cell" => {
                if let Some(index) = number(element, "Index") {
                    self.state.column = index.clamp(1, COLUMNS).saturating_sub(1);
                }
                self.cell(element, all, cx)?;
            }
            "Data" => {
                let data_type = element.attribute("Type");
                // A comment has data of its own.
                let Some(cell) = self.state.cell.as_mut().filter(|cell| !cell.in_comment) else {
                    return Ok(());
                };
                cell.data_type = data_type.unwrap_or_default();
                self.want(name, element.range.end);
            }
            "Comment" => {
                if let Some(cell) = &mut self.state.cell {
                    cell.in_comment = true;
                }
            }
            "NamedRange" => self.name(element, cx)?,
            "SupBook" => {
                self.state.source = Some(ExternalBook {
                    at: self.coded.at(element.range.start),
                    kind: ExternalKind::Workbook,
                    path: String::new(),
                    sheets: Vec::new(),
                    names: Vec::new(),
                });
            }
            "ExternName" => self.extern_name(element, cx)?,
            "WantAdvise" => {
                if let Some(item) = self.state.source.as_mut().and_then(|source| source.names.last_mut()) {
                    item.automatic = true;
                }
            }
            "Header" | "Footer" => {
                if let Some(text) = element.attribute("Data") {
                    let id = self.keep_text(&text, cx)?;
                    if let (Some(id), Some(sheet)) = (id, self.open_sheet()) {
                        sheet.headers.push(id);
                    }
                }
            }
            "DocumentProperties" | "CustomDocumentProperties" => {
                self.state.in_properties = true;
                self.state.custom = element.name() == "CustomDocumentProperties";
            }
            name if self.state.in_properties || VALUES.contains(&name) => self.want(name, element.range.end),
            _ => {}
        }
        Ok(())
    }

    fn want(&mut self, name: &str, at: usize) {
        self.state.text_of = Some(name.to_owned());
        self.state.text.clear();
        self.state.text_at = at;
    }

    fn open_sheet(&mut self) -> Option<&mut Sheet> {
        self.state.sheet.and_then(|index| self.book.sheets.get_mut(index))
    }

    fn sheet(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        (self.state.row, self.state.column, self.state.sheet) = (0, 0, None);
        let at = self.coded.at(element.range.start);
        if self.book.sheets.len() >= LISTED {
            cx.abandoned(at..at.saturating_add(1), &format_args!("more than {LISTED} sheets"));
            return Ok(());
        }
        let name = element.attribute("Name").unwrap_or_default();
        cx.budget.hold(size_of::<Sheet>().saturating_add(name.len()))?;
        let mut sheet = Sheet { name, listed_at: Some(at), ..Sheet::default() };
        sheet.protection.on = element.attribute("Protected").is_some_and(|value| value == "1");
        self.state.sheet = Some(self.book.sheets.len());
        self.book.sheets.push(sheet);
        Ok(())
    }

    fn row(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if element.attribute("Hidden").is_none_or(|value| value != "1") {
            return Ok(());
        }
        cx.budget.hold(size_of::<RowFormat>())?;
        let format = RowFormat { row: self.state.row, height: 0, hidden: true, format: None };
        if let Some(sheet) = self.open_sheet() {
            sheet.rows.push(format);
        }
        Ok(())
    }

    fn column(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let first = number(element, "Index").map_or(self.state.column, |index| index.saturating_sub(1));
        let last = first.saturating_add(number(element, "Span").unwrap_or(0)).min(COLUMNS);
        self.state.column = last.saturating_add(1);
        let hidden = element.attribute("Hidden").is_some_and(|value| value == "1");
        let zero = element
            .attribute("Width")
            .and_then(|width| width.parse::<f32>().ok())
            .is_some_and(|width| width < 0.5);
        if !hidden && !zero {
            return Ok(());
        }
        cx.budget.hold(size_of::<ColumnFormat>())?;
        let narrow = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
        let format =
            ColumnFormat { first: narrow(first), last: narrow(last), width: 0, hidden: true, format: 0 };
        if let Some(sheet) = self.open_sheet() {
            sheet.columns.push(format);
        }
        Ok(())
    }

    fn cell(&mut self, element: &Element<'_>, all: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let formula = element.attributes().find(|(name, _)| *name == "Formula");
        let formula = formula.and_then(|(_, value)| place_in(all, value));
        let number = self.state.sheet.and_then(|index| self.book.sheets.get(index));
        let number = number.is_some_and(|sheet| sheet.kind == SheetKind::Macro);
        let merged = self::number(element, "MergeAcross").unwrap_or(0).min(COLUMNS);
        self.state.cell = Some(OpenCell { formula, number, merged, ..OpenCell::default() });
        if let Some(target) = element.attribute("HRef") {
            let id = self.keep_text(&target, cx)?;
            cx.budget.hold(
                size_of::<Hyperlink>().saturating_add(size_of::<Link>()).saturating_add(target.len()),
            )?;
            let location = self.coded.location(element.range.clone(), cx);
            let (row, column) = (self.state.row, u16::try_from(self.state.column).unwrap_or(u16::MAX));
            if let (Some(target), Some(sheet)) = (id, self.open_sheet()) {
                sheet.hyperlinks.push(Hyperlink { row, column, target, shown: None });
            }
            self.links.push(Link { kind: LinkKind::Hyperlink, target, automatic: false, location });
        }
        Ok(())
    }

    fn name(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let name = element.attribute("Name").unwrap_or_default();
        let text = element.attribute("RefersTo").unwrap_or_default();
        let at = element.range.start;
        if self.state.names.len() >= LISTED {
            let at = self.coded.at(at);
            cx.abandoned(at..at.saturating_add(1), &format_args!("more than {LISTED} names"));
            return Ok(());
        }
        cx.budget.hold(size_of::<LateName>().saturating_add(name.len()).saturating_add(text.len()))?;
        let hidden = element.attribute("Hidden").is_some_and(|value| value == "1");
        let scope = self.state.sheet.and_then(|index| u16::try_from(index).ok());
        self.state.names.push(LateName { name, text, at, scope, hidden });
        Ok(())
    }

    fn extern_name(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.hold(size_of::<ExternalName>())?;
        let at = self.coded.at(element.range.start);
        if let Some(source) = &mut self.state.source {
            let (name, automatic, tokens) = (String::new(), false, TokenSpan::default());
            source.names.push(ExternalName { at, name, automatic, tokens });
            self.state.extern_name = true;
        }
        Ok(())
    }

    fn piece(&mut self, piece: &str, at: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let state = &mut self.state;
        if let Some(cell) = state.cell.as_mut().filter(|cell| cell.in_comment) {
            cx.budget.hold(piece.len())?;
            cell.comment.push_str(piece);
        } else if state.text_of.is_some() {
            cx.budget.touch(piece.len())?;
            if state.text.is_empty() {
                state.text_at = at;
            }
            state.text.push_str(piece);
        }
        Ok(())
    }

    fn end(&mut self, name: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if self.state.text_of.as_deref() == Some(name) {
            self.state.text_of = None;
            let text = std::mem::take(&mut self.state.text);
            self.value(name, text.trim(), &text, cx)?;
            self.state.text = text;
        }
        match name {
            "Worksheet" => self.state.sheet = None,
            "Row" => {
                let rows = std::mem::take(&mut self.state.row_span).saturating_add(1);
                self.state.row = self.state.row.saturating_add(rows).min(ROWS);
            }
            "Comment" => {
                if let Some(cell) = &mut self.state.cell {
                    cell.in_comment = false;
                }
            }
            "Cell" => self.end_cell(cx)?,
            "ExternName" => self.state.extern_name = false,
            "SupBook" => {
                if let Some(mut source) = self.state.source.take()
                    && !source.path.is_empty()
                {
                    if source.path.contains('|') {
                        source.kind = ExternalKind::Dde;
                    }
                    cx.budget.hold(size_of::<ExternalBook>().saturating_add(source.path.len()))?;
                    self.book.books.push(source);
                }
            }
            "DocumentProperties" | "CustomDocumentProperties" => self.state.in_properties = false,
            _ => {}
        }
        Ok(())
    }

    /// The text of an element whose text is a value.
    fn value(&mut self, name: &str, text: &str, raw: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if name == "Data" {
            return self.data(raw, cx);
        }
        let at = self.coded.at(self.state.text_at);
        if self.state.in_properties {
            cx.budget.hold(text.len().saturating_add(PROPERTY_BYTES))?;
            let range =
                self.state.text_at..self.state.text_at.saturating_add(raw.len()).min(self.coded.text.len());
            if !text.is_empty() {
                let value = PropertyText { text: text.to_owned(), location: self.coded.location(range, cx) };
                set_property(self.properties, name, self.state.custom, value);
            }
            return Ok(());
        }
        let is_yes = text.eq_ignore_ascii_case("true") || text == "1";
        match name {
            "Visible" => {
                if let Some(sheet) = self.open_sheet() {
                    sheet.visibility = match text {
                        "SheetHidden" => Visibility::Hidden,
                        "SheetVeryHidden" => Visibility::VeryHidden,
                        _ => Visibility::Visible,
                    };
                }
            }
            "WorksheetType" => {
                if let Some(sheet) = self.open_sheet().filter(|_| text.to_ascii_lowercase().contains("macro"))
                {
                    sheet.kind = SheetKind::Macro;
                }
            }
            "Path" => {
                if let Some(source) = &mut self.state.source {
                    source.path = text.to_owned();
                }
            }
            "Name" if self.state.extern_name => {
                if let Some(item) = self.state.source.as_mut().and_then(|source| source.names.last_mut()) {
                    item.name = text.to_owned();
                }
            }
            "SheetName" => {
                if let Some(source) = &mut self.state.source {
                    source.sheets.push(text.to_owned());
                }
            }
            "URLString" | "Connection" | "CommandText" if !text.is_empty() => {
                let id = self.keep_text(text, cx)?;
                cx.budget.hold(size_of::<Connection>())?;
                if let Some(text) = id {
                    self.book.connections.push(Connection { at, text, on_open: false });
                }
            }
            "ProtectStructure" => self.book.protection.on |= is_yes,
            "ProtectObjects" | "ProtectScenarios" => {
                if let Some(sheet) = self.open_sheet() {
                    sheet.protection.on |= is_yes;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(cell) = &self.state.cell else { return Ok(()) };
        let value = match cell.data_type.as_str() {
            "Number" => text.trim().parse().map_or(Value::Other(Cached::Empty), Value::Number),
            "Boolean" => Value::Other(Cached::Boolean(text.trim() == "1")),
            "Error" => Value::Other(Cached::Error(0x17)),
            "DateTime" => Value::Other(Cached::Empty),
            _ => match self.keep_text(text, cx)? {
                Some(id) => Value::Text(id),
                None => Value::Other(Cached::Empty),
            },
        };
        if let Some(cell) = &mut self.state.cell {
            cell.value = Some(value);
        }
        Ok(())
    }

    fn end_cell(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(cell) = self.state.cell.take() else { return Ok(()) };
        let (row, column) = (self.state.row, u16::try_from(self.state.column).unwrap_or(u16::MAX));
        self.state.column = self.state.column.saturating_add(cell.merged).saturating_add(1).min(COLUMNS);
        let Some(index) = self.state.sheet else { return Ok(()) };
        if !cell.comment.trim().is_empty() {
            let id = self.keep_text(cell.comment.trim(), cx)?;
            cx.budget.hold(size_of::<Note>())?;
            let note = Note { row, column, author: None, text: id, shape: 0 };
            if let Some(sheet) = self.open_sheet() {
                sheet.notes.push(note);
            }
        }
        if let Some(text) = cell.formula {
            cx.budget.hold(size_of::<LateFormula>())?;
            let cached = match cell.value {
                Some(Value::Text(id)) => Cached::Text(id),
                Some(Value::Number(number)) => Cached::Number(number),
                Some(Value::Other(cached)) => cached,
                None => Cached::Empty,
            };
            let sheet = u32::try_from(index).unwrap_or(u32::MAX);
            reserve_a_quarter_more(&mut self.state.formulas);
            self.state.formulas.push(LateFormula { sheet, row, column, text, cached });
            return Ok(());
        }
        let Some(value) = cell.value else { return Ok(()) };
        cx.budget.cells(1)?;
        let keep_number = cell.number;
        if matches!(value, Value::Text(_)) || keep_number {
            cx.budget.hold(size_of::<TextCell>().max(size_of::<NumberCell>()))?;
        }
        let Some(sheet) = self.open_sheet() else { return Ok(()) };
        match value {
            Value::Text(id) => {
                if let Some(text) = CellText::own(id) {
                    reserve_a_quarter_more(&mut sheet.texts);
                    sheet.texts.push(TextCell { row, column, format: 0, text });
                }
            }
            Value::Number(value) => {
                sheet.value_count = sheet.value_count.saturating_add(1);
                if keep_number {
                    reserve_a_quarter_more(&mut sheet.numbers);
                    sheet.numbers.push(NumberCell { row, column, format: 0, value });
                }
            }
            Value::Other(_) => sheet.value_count = sheet.value_count.saturating_add(1),
        }
        Ok(())
    }

    fn keep_text(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<Option<TextId>, LimitHit> {
        cx.budget.hold(text.len().saturating_add(4))?;
        Ok(self.book.texts.push(text))
    }

    /// Compiles names, then formulas, now that every sheet is known.
    fn compile(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let late_names = std::mem::take(&mut self.state.names);
        for name in &late_names {
            cx.budget.hold(size_of::<DefinedName>())?;
            self.book.names.push(DefinedName {
                at: self.coded.at(name.at),
                name: name.name.clone(),
                builtin: None,
                wide: true,
                flags: u16::from(name.hidden),
                scope: name.scope,
                tokens: TokenSpan::default(),
                key: 0,
            });
        }
        // Excel writes R1C1; what is none is taken as A1.
        let mut compiler = Compiler::new(self.book, Style::Both, cx)?;
        let is_macro = |book: &Workbook, sheet: u32| {
            book.sheets.get(sheet as usize).is_some_and(|sheet| sheet.kind == SheetKind::Macro)
        };
        for (index, name) in late_names.iter().enumerate() {
            let sheet = name.scope.map_or(0, u32::from);
            let macro_sheet = is_macro(self.book, sheet);
            let site = Site { at: self.coded.at(name.at), sheet, cell: None, macro_sheet };
            let tokens = compiler.add(&name.text, site, self.book, cx)?;
            if let Some(made) = self.book.names.get_mut(index) {
                made.tokens = tokens;
            }
        }
        for late in std::mem::take(&mut self.state.formulas) {
            cx.budget.cells(1)?;
            let text = unescape(self.coded.text.get(late.text.clone()).unwrap_or_default());
            let site = Site {
                at: self.coded.at(late.text.start),
                sheet: late.sheet,
                cell: Some((late.row, late.column)),
                macro_sheet: is_macro(self.book, late.sheet),
            };
            let tokens = compiler.add(&text, site, self.book, cx)?;
            cx.budget.hold(size_of::<FormulaCell>())?;
            let made =
                FormulaCell { row: late.row, column: late.column, format: 0, tokens, cached: late.cached };
            if let Some(sheet) = self.book.sheets.get_mut(late.sheet as usize) {
                reserve_a_quarter_more(&mut sheet.formulas);
                sheet.formulas.push(made);
            }
        }
        Ok(())
    }
}

fn number(element: &Element<'_>, name: &str) -> Option<u32> {
    element.attribute(name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn book_of(text: &str) -> (Workbook, Vec<Link>, Properties) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let coded = Coded::new(text.as_bytes(), None, &mut cx).unwrap();
        let (mut book, mut links, mut properties) = (Workbook::default(), Vec::new(), Properties::default());
        read(&coded, &mut book, &mut links, &mut properties, &mut cx).unwrap();
        (book, links, properties)
    }

    #[test]
    fn merged_cells_and_rows_that_span_move_what_follows() {
        let (book, links, properties) = book_of(
            "<?xml-stylesheet href='a.xsl'?><Workbook xmlns:ss='x'><CustomDocumentProperties><Room>Blue</Room>\
             </CustomDocumentProperties><Worksheet><Table><Row ss:Index='2' ss:Span='3'/><Row><Cell ss:MergeAcross='2'>\
             <Data>a</Data></Cell><Cell><Data>b</Data></Cell></Row></Table></Worksheet></Workbook>",
        );
        let texts = book.sheets[0].texts.iter();
        let cells: Vec<_> = texts.map(|cell| (cell.row, cell.column, book.cell_text(cell.text))).collect();
        assert_eq!(cells, [(5, 0, "a"), (5, 3, "b")]);
        assert_eq!((links[0].kind, links[0].target.as_str()), (LinkKind::Other, "a.xsl"));
        assert_eq!(properties.custom[0].0, "Room");
    }

    #[test]
    fn sheets_cells_names_and_sources_are_filled() {
        let text = "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"x\"><x:SupBook><x:Path>cmd|/c oxnv1</x:Path>\
            <x:ExternName><x:Name>A1</x:Name><x:WantAdvise/></x:ExternName></x:SupBook><Names><NamedRange ss:Name=\"n\" \
            ss:RefersTo=\"=S!R1C1\" ss:Hidden=\"1\"/></Names><Worksheet ss:Name=\"S\"><Table><Row ss:Index=\"3\"><Cell ss:Index=\"2\">\
            <Data ss:Type=\"String\">a&amp;<B>b</B></Data></Cell><Cell ss:Formula=\"=1+1\"><Data ss:Type=\"Number\">2</Data></Cell>\
            <Cell ss:HRef=\"http://one.invalid\"><Data ss:Type=\"Number\">7</Data><Comment><ss:Data>c</ss:Data></Comment></Cell></Row></Table>\
            <x:WorksheetOptions><x:Visible>SheetVeryHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>";
        let (book, links, _) = book_of(text);
        let [sheet] = book.sheets.as_slice() else { panic!("{:?}", book.sheets) };
        assert_eq!(
            (sheet.name.as_str(), sheet.visibility, sheet.value_count),
            ("S", Visibility::VeryHidden, 1)
        );
        let texts: Vec<_> =
            sheet.texts.iter().map(|cell| (cell.row, cell.column, book.cell_text(cell.text))).collect();
        assert_eq!(texts, [(2, 1, "a&b")]);
        let [formula] = sheet.formulas.as_slice() else { panic!("{:?}", sheet.formulas) };
        assert_eq!((formula.row, formula.column, formula.cached), (2, 2, Cached::Number(2.0)));
        assert_eq!(book.texts.get(sheet.notes[0].text.unwrap()), "c");
        assert_eq!((book.names[0].name.as_str(), book.names[0].is_hidden()), ("n", true));
        let sources: Vec<_> = book.books.iter().filter(|source| source.kind == ExternalKind::Dde).collect();
        let [source] = sources.as_slice() else { panic!("{:?}", book.books) };
        assert_eq!(
            (source.kind, source.path.as_str(), source.names[0].name.as_str()),
            (ExternalKind::Dde, "cmd|/c oxnv1", "A1")
        );
        assert_eq!(links.iter().map(|link| link.target.as_str()).collect::<Vec<_>>(), ["http://one.invalid"]);
    }
}
