//! The workbook of a package in XML: sheets, names, sources, and the parts that hang on them
//! (ECMA-376 part 1, 18.2).
//!
//! A sheet is a macro sheet when its relationship, its content type or its root element says so: the
//! folder `macrosheets` is a habit of Excel and nothing else. Sheets that no entry of the workbook
//! lists are read as well, and noted.

use super::drawing;
use super::formulas::{Compiler, Standing};
use super::sheet::{HangingLink, SheetReader, address, keep};
use super::styles;
use super::xml::{Node, Nodes, text, unescape_xstring};
use super::{Found, Package, Parts, note_doctype, opened};
use crate::base::{Cx, LimitHit, Location, Stage};
use crate::documents::workbook::{
    BiffVersion, Connection, DefinedName, ExternalBook, ExternalKind, ExternalName, Hyperlink, Note, Oddity,
    OddityKind, Protection, Sheet, SheetKind, TokenSpan, Visibility, Workbook,
};

/// Sheets that are read of one workbook.
pub(in crate::documents) const MAX_SHEETS: usize = 4096;

/// A name before its formula is compiled.
struct PendingName {
    name: DefinedName,
    formula: String,
}

/// Reads a workbook in XML whose main part is `main`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `book` and `found` keep what was read.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    book.part = package.id(main);
    book.version = BiffVersion::Biff12;
    let mut listed = Vec::new();
    let mut names = Vec::new();
    let mut sources = Vec::new();
    let result = main_part(package, source, main, book, &mut listed, &mut names, &mut sources, cx);
    result?;
    orphans(package, main, book, &mut listed, cx)?;
    let mut numbered = Vec::new();
    for index in sources {
        numbered.push(u16::try_from(book.books.len()).unwrap_or(u16::MAX));
        match index {
            Some(index) => external_book(package, source, index, book, cx)?,
            None => book.books.push(ExternalBook {
                at: 0,
                kind: ExternalKind::Unused,
                path: String::new(),
                sheets: Vec::new(),
                names: Vec::new(),
            }),
        }
    }
    for pending in &mut names {
        book.names.push(pending.name.clone());
    }
    let mut compiler = Compiler::new(book, numbered, cx)?;
    for (index, pending) in names.iter().enumerate() {
        let standing = Standing {
            sheet: pending.name.scope.map(u32::from),
            cell: (0, 0),
            macro_sheet: false,
            distances: true,
        };
        let compiled =
            compiler.tokens(&pending.formula, standing, book, &mut cx.for_part(book.part, Stage::Package))?;
        match compiled {
            Ok(tokens) => {
                if let Some(name) = book.names.get_mut(index) {
                    name.tokens = tokens;
                }
            }
            Err(error) => {
                let message =
                    format_args!("the formula of the name {:?} is not read: {error}", pending.name.name);
                cx.for_part(book.part, Stage::Package).recovered(pending.name.at, &message);
            }
        }
    }
    for index in package.targets(Some(main), "styles").collect::<Vec<_>>() {
        styles::read(package, source, index, book, cx)?;
    }
    for index in package.targets(Some(main), "sharedStrings").collect::<Vec<_>>() {
        shared_strings(package, source, index, book, cx)?;
    }
    let is_macro = |sheet: &Sheet| sheet.kind == SheetKind::Macro;
    let with_macros = book.sheets.iter().any(is_macro);
    // Macro sheets first, so that a workbook that is too large still shows its macros.
    let mut order: Vec<usize> = (0..book.sheets.len()).collect();
    order.sort_by_key(|index| !book.sheets.get(*index).is_some_and(is_macro));
    for index in order {
        let Some(part) = listed.get(index).copied().flatten() else { continue };
        sheet(package, source, (index, part), book, &mut compiler, with_macros, found, cx)?;
    }
    connections(package, source, main, book, cx)
}

#[allow(clippy::too_many_arguments)]
fn main_part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    listed: &mut Vec<Option<u32>>,
    names: &mut Vec<PendingName>,
    sources: &mut Vec<Option<u32>>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, main, cx)?;
    let len = bytes.as_slice().len() as u64;
    let cx = &mut cx.for_part(package.id(main), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    while let Some(node) = nodes.next(cx)? {
        let Node::Start(tag) = node else { continue };
        match tag.local() {
            "sheet" => {
                if book.sheets.len() >= MAX_SHEETS {
                    cx.abandoned(tag.at.min(len)..len, &format_args!("more than {MAX_SHEETS} sheets"));
                    continue;
                }
                let relationship = tag.prefixed("id").and_then(|id| package.by_id(main, &id).cloned());
                let part = relationship.as_ref().and_then(|one| one.part);
                let name = tag.attr("name").unwrap_or_default();
                if relationship.is_none() {
                    let at = tag.at.min(len);
                    cx.abandoned(at..at, &format_args!("no relationship leads to the sheet {name:?}"));
                }
                cx.budget.hold(size_of::<Sheet>().saturating_add(name.len()))?;
                let (visibility, state_bits) = match tag.attr("state").as_deref() {
                    None | Some("visible") => (Visibility::Visible, 0),
                    Some("hidden") => (Visibility::Hidden, 1),
                    Some("veryHidden") => (Visibility::VeryHidden, 2),
                    Some(_) => (Visibility::Reserved(3), 3),
                };
                let by_type =
                    relationship.as_ref().map_or(SheetKind::Worksheet, |one| kind_of_relationship(&one.kind));
                let by_content = part
                    .map_or(by_type, |part| kind_of_content(package.content_type(part)).unwrap_or(by_type));
                // Either makes it one: Excel goes by the content type, and a writer that lies in one
                // of them means to hide it.
                let kind = if by_type == SheetKind::Macro { by_type } else { by_content };
                if by_type != by_content {
                    let location = Location::bytes(book.part, tag.at.min(len)..tag.at.min(len));
                    book.oddities.push(Oddity { location, kind: OddityKind::KindMismatch });
                }
                book.sheets.push(Sheet {
                    name: name.into_owned(),
                    kind,
                    visibility,
                    state_bits,
                    listed_at: Some(tag.at.min(len)),
                    ..Sheet::default()
                });
                listed.push(part);
            }
            "definedName" => {
                let at = tag.at.min(len);
                let flag = |name: &str, bit: u16| if tag.flag(name).unwrap_or(false) { bit } else { 0 };
                let flags = flag("hidden", 0x0001)
                    | flag("function", 0x0002)
                    | flag("vbProcedure", 0x0004)
                    | flag("xlm", 0x0008);
                let name = tag.attr("name").unwrap_or_default().into_owned();
                let key = tag.attr("shortcutKey").and_then(|key| key.bytes().next());
                let scope = tag.number("localSheetId");
                // The name is kept twice, and a list that grows is there twice for a moment.
                cx.budget.hold(size_of::<PendingName>().saturating_add(name.len()).saturating_mul(4))?;
                let mut formula = String::new();
                nodes.text_of(&mut formula, cx)?;
                cx.budget.hold(formula.len())?;
                let name = DefinedName {
                    at,
                    wide: !name.is_ascii(),
                    name,
                    builtin: None,
                    flags,
                    scope,
                    tokens: TokenSpan::default(),
                    key: key.unwrap_or(0),
                };
                names.push(PendingName { name, formula });
            }
            "externalReference" => {
                cx.budget.hold(16)?;
                sources.push(
                    tag.prefixed("id").and_then(|id| package.by_id(main, &id)).and_then(|one| one.part),
                );
            }
            "workbookProtection" => {
                let on =
                    tag.flag("lockStructure").unwrap_or(false) || tag.flag("lockWindows").unwrap_or(false);
                let verifier =
                    tag.attr("workbookPassword").and_then(|hex| u16::from_str_radix(hex.trim(), 16).ok());
                book.protection = Protection { on, verifier: verifier.unwrap_or(0) };
            }
            "fileSharing" => {
                if let Some(user) = tag.attr("userName") {
                    book.written_by = keep(book, &user, cx)?;
                }
            }
            _ => {}
        }
    }
    note_doctype(package, &nodes, main);
    Ok(())
}

/// What a relationship of the workbook says of a sheet.
pub(in crate::documents) fn kind_of_relationship(kind: &str) -> SheetKind {
    match kind.to_ascii_lowercase().as_str() {
        "xlmacrosheet" | "xlintlmacrosheet" => SheetKind::Macro,
        "chartsheet" => SheetKind::Chart,
        "dialogsheet" => SheetKind::Dialog,
        _ => SheetKind::Worksheet,
    }
}

/// What a content type says of a sheet.
pub(in crate::documents) fn kind_of_content(content_type: &str) -> Option<SheetKind> {
    if content_type.contains("macrosheet") {
        Some(SheetKind::Macro)
    } else if content_type.contains("worksheet") {
        Some(SheetKind::Worksheet)
    } else if content_type.contains("chartsheet") {
        Some(SheetKind::Chart)
    } else if content_type.contains("dialogsheet") {
        Some(SheetKind::Dialog)
    } else {
        None
    }
}

/// Macro sheets that the workbook does not list, or lists under another part.
pub(in crate::documents) fn orphans(
    package: &Package,
    main: u32,
    book: &mut Workbook,
    listed: &mut Vec<Option<u32>>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let by_relationship: Vec<u32> = package
        .relationships(Some(main))
        .iter()
        .filter(|one| kind_of_relationship(&one.kind) == SheetKind::Macro)
        .filter_map(|one| one.part)
        .collect();
    cx.budget.step((package.parts().len() as u64).div_ceil(16))?;
    for (index, part) in (0_u32..).zip(package.parts()) {
        let is_macro = by_relationship.contains(&index)
            || (kind_of_content(&part.content_type) == Some(SheetKind::Macro)
                && !part.name.ends_with(".rels"));
        if !is_macro || listed.contains(&Some(index)) || book.sheets.len() >= MAX_SHEETS {
            continue;
        }
        cx.budget.hold(size_of::<Sheet>().saturating_add(part.name.len()))?;
        book.oddities.push(Oddity { location: Location::part(part.id), kind: OddityKind::OrphanSubstream });
        book.sheets.push(Sheet { name: part.name.clone(), kind: SheetKind::Macro, ..Sheet::default() });
        listed.push(Some(index));
    }
    Ok(())
}

/// A source outside the workbook (18.14): another workbook, a DDE conversation, an OLE link.
fn external_book<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    let mut external = ExternalBook {
        at: 0,
        kind: ExternalKind::Unused,
        path: String::new(),
        sheets: Vec::new(),
        names: Vec::new(),
    };
    while let Some(node) = nodes.next(cx)? {
        let Node::Start(tag) = node else { continue };
        let target =
            || tag.prefixed("id").and_then(|id| package.by_id(index, &id)).map(|one| one.target.clone());
        let mut item = |name: std::borrow::Cow<'_, str>, automatic: bool, cx: &mut Cx<'_>| {
            cx.budget.hold(size_of::<ExternalName>().saturating_add(name.len()))?;
            external.names.push(ExternalName {
                at: 0,
                name: name.into_owned(),
                automatic,
                tokens: TokenSpan::default(),
            });
            Ok(())
        };
        match tag.local() {
            "externalBook" => {
                external.kind = ExternalKind::Workbook;
                external.path = target().unwrap_or_default();
            }
            "oleLink" => {
                external.kind = ExternalKind::Ole;
                external.path =
                    format!("{}|{}", tag.attr("progId").unwrap_or_default(), target().unwrap_or_default());
            }
            "ddeLink" => {
                external.kind = ExternalKind::Dde;
                external.path = format!(
                    "{}|{}",
                    tag.attr("ddeService").unwrap_or_default(),
                    tag.attr("ddeTopic").unwrap_or_default()
                );
            }
            "sheetName" => {
                if let Some(name) = tag.attr("val") {
                    cx.budget.hold(name.len().saturating_add(24))?;
                    external.sheets.push(name.into_owned());
                }
            }
            "definedName" => item(tag.attr("name").unwrap_or_default(), false, cx)?,
            "ddeItem" => {
                item(tag.attr("name").unwrap_or("0".into()), tag.flag("advise").unwrap_or(false), cx)?
            }
            "oleItem" => item(tag.attr("name").unwrap_or_default(), tag.flag("advise").unwrap_or(false), cx)?,
            _ => {}
        }
    }
    cx.budget.hold(size_of::<ExternalBook>().saturating_add(external.path.len()))?;
    book.books.push(external);
    note_doctype(package, &nodes, index);
    Ok(())
}

/// The shared string table (18.4): the texts of its runs, without phonetic ones.
fn shared_strings<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    let (mut string, mut in_text, mut in_phonetic) = (String::new(), false, false);
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => match tag.local() {
                "si" => string.clear(),
                "rPh" => in_phonetic = true,
                "t" => in_text = !in_phonetic,
                _ => {}
            },
            Node::End(tag) => match tag.local() {
                "si" => {
                    cx.budget.step(1)?;
                    let string = unescape_xstring(&string);
                    cx.budget.hold(string.len().saturating_add(4))?;
                    book.shared_strings.push(&string);
                }
                "rPh" => in_phonetic = false,
                "t" => in_text = false,
                _ => {}
            },
            Node::Text(text) if in_text => string.push_str(&text),
            Node::Text(_) => {}
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn sheet<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, part): (usize, u32),
    book: &mut Workbook,
    compiler: &mut Compiler,
    with_macros: bool,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, part, cx)?;
    let at = u32::try_from(index).unwrap_or(u32::MAX);
    let Some(slot) = book.sheets.get_mut(index) else { return Ok(()) };
    let begun = Sheet { name: slot.name.clone(), kind: slot.kind, ..Sheet::default() };
    let begun = std::mem::replace(slot, begun);
    let said = begun.kind;
    let mut doctype = false;
    let (sheet, hanging, result) = {
        let cx = &mut cx.for_part(package.id(part), Stage::Package);
        let text = text(bytes.as_slice(), cx)?;
        let mut nodes = Nodes::new(&text);
        let mut reader = SheetReader::new(book, compiler, begun, at, with_macros);
        let result = reader.read(&mut nodes, cx);
        doctype |= nodes.has_doctype;
        (reader.sheet, reader.hanging, result)
    };
    if let Some(slot) = book.sheets.get_mut(index) {
        if sheet.kind == SheetKind::Macro && said != SheetKind::Macro {
            let location = Location::part(package.id(part));
            book.oddities.push(Oddity { location, kind: OddityKind::MacrosByRoot });
        }
        // What was read before a limit stays.
        *slot = sheet;
    }
    drop(bytes);
    if doctype {
        let id = package.id(part);
        package.doctypes.push(id);
    }
    result?;
    if book.sheets.get(index).is_some_and(|sheet| sheet.kind == SheetKind::Macro) {
        found.macro_sheets.push(package.id(part));
    }
    for HangingLink { row, column, relationship, place, shown } in hanging.hyperlinks {
        let relationship = relationship.as_deref().and_then(|id| package.by_id(part, id));
        let mut target = relationship.map_or(String::new(), |one| one.target.clone());
        if !place.is_empty() {
            target.push('#');
            target.push_str(&place);
        }
        let Some(target) = keep(book, &target, cx)? else { continue };
        let shown = match shown {
            Some(shown) => keep(book, &shown, cx)?,
            None => None,
        };
        cx.budget.hold(size_of::<Hyperlink>())?;
        if let Some(sheet) = book.sheets.get_mut(index) {
            sheet.hyperlinks.push(Hyperlink { row, column, target, shown });
        }
    }
    super::common::sheet_objects(package, part, &hanging.objects, book, found, cx)?;
    hanging_parts(package, source, (index, part), book, found, cx)
}

/// Comments, drawings and tables of a sheet, whichever format it is in.
pub(in crate::documents) fn hanging_parts<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, part): (usize, u32),
    book: &mut Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let related: Vec<(String, u32)> = package
        .relationships(Some(part))
        .iter()
        .filter_map(|one| Some((one.kind.to_ascii_lowercase(), one.part?)))
        .collect();
    for (kind, target) in related {
        if package.part(target).is_none_or(|part| part.taken) {
            continue;
        }
        let is_xml = !package.content_type(target).contains("ms-excel")
            || package.content_type(target).ends_with("xml");
        match kind.as_str() {
            "comments" if is_xml => comments(package, source, (index, target), book, cx)?,
            "threadedcomment" => comments(package, source, (index, target), book, cx)?,
            "drawing" => drawing::read(package, source, (index, target), book, cx)?,
            "vmldrawing" => drawing::vml(package, source, (index, target), book, found, cx)?,
            "querytable" if is_xml => query_table(package, source, target, book, cx)?,
            _ => {}
        }
    }
    Ok(())
}

/// Comments (18.7) and threaded comments ([MS-XLSX] 2.1.26).
fn comments<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    let (mut note, mut in_text) = (String::new(), false);
    let mut place = None;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => match tag.local() {
                "comment" | "threadedComment" => {
                    place = tag.attr("ref").and_then(|place| address(&place));
                    note.clear();
                }
                "t" => in_text = true,
                // A threaded comment has its text without runs.
                "text" => in_text = nodes_hold_plain_text(&tag),
                "rPh" => in_text = false,
                _ => {}
            },
            Node::End(tag) => match tag.local() {
                "t" | "text" => in_text = false,
                "comment" | "threadedComment" => {
                    let (row, column) = place.take().unwrap_or_default();
                    let id = keep(book, &note, cx)?;
                    cx.budget.hold(size_of::<Note>())?;
                    if let Some(sheet) = book.sheets.get_mut(sheet).filter(|_| !note.is_empty()) {
                        sheet.notes.push(Note { row, column, author: None, text: id, shape: 0 });
                    }
                }
                _ => {}
            },
            Node::Text(text) if in_text => note.push_str(&text),
            Node::Text(_) => {}
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

/// Whether an element `text` holds its text itself. White space between runs does no harm.
fn nodes_hold_plain_text(tag: &super::xml::Tag<'_>) -> bool {
    tag.local() == "text"
}

/// Connections of the workbook (18.13), and queries over them.
fn connections<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for index in package.targets(Some(main), "connections").collect::<Vec<_>>() {
        let bytes = opened(package, source, index, cx)?;
        let cx = &mut cx.for_part(package.id(index), Stage::Package);
        let text = text(bytes.as_slice(), cx)?;
        let mut nodes = Nodes::new(&text);
        let mut parts: Vec<String> = Vec::new();
        let mut on_open = false;
        while let Some(node) = nodes.next(cx)? {
            match node {
                Node::Start(tag) => {
                    if tag.local() == "connection" {
                        parts.clear();
                        on_open = tag.flag("refreshOnLoad").unwrap_or(false);
                    }
                    for name in
                        ["sourceFile", "odcFile", "connection", "command", "url", "post", "serverCommand"]
                    {
                        if let Some(value) = tag.attr(name).filter(|value| !value.is_empty()) {
                            cx.budget.hold(value.len())?;
                            parts.push(value.into_owned());
                        }
                    }
                }
                Node::End(tag) if tag.local() == "connection" => {
                    connection(book, &parts.join("\n"), on_open, cx)?;
                    parts.clear();
                }
                _ => {}
            }
        }
        note_doctype(package, &nodes, index);
    }
    Ok(())
}

/// Keeps a connection, if it says anything.
pub(in crate::documents) fn connection(
    book: &mut Workbook,
    text: &str,
    on_open: bool,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    if text.is_empty() {
        return Ok(());
    }
    cx.budget.hold(size_of::<Connection>())?;
    if let Some(text) = keep(book, text, cx)? {
        book.connections.push(Connection { at: 0, text, on_open });
    }
    Ok(())
}

fn query_table<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    while let Some(node) = nodes.next(cx)? {
        if let Node::Start(tag) = node
            && tag.local() == "queryTable"
            && tag.flag("refreshOnLoad").unwrap_or(false)
        {
            let name = tag.attr("name").unwrap_or_default();
            connection(book, &format!("query table {name:?}"), true, cx)?;
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}
