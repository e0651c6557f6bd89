//! Drawings of a sheet (ECMA-376 part 1, 20.5), charts (21.2), and the VML of comments, buttons and
//! controls (part 4, 19.1).

use super::sheet::keep;
use super::xml::{Node, Nodes, text};
use super::{Found, Package, Parts, note_doctype, opened};
use crate::base::{Cx, LimitHit, Location, Stage};
use crate::documents::link::{Link, LinkKind};
use crate::documents::workbook::{Shape, TextId, Workbook};

/// Object types of the model ([MS-XLS] 2.5.143 `ot`).
const BUTTON: u16 = 7;
const TEXT_BOX: u16 = 6;
const PICTURE: u16 = 8;
const CHART: u16 = 5;
const NOTE: u16 = 25;

/// Adds a shape to a sheet.
fn push(book: &mut Workbook, sheet: usize, shape: Shape, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.hold(size_of::<Shape>())?;
    if let Some(sheet) = book.sheets.get_mut(sheet) {
        sheet.shapes.push(shape);
    }
    Ok(())
}

fn kept(book: &mut Workbook, text: &str, cx: &mut Cx<'_>) -> Result<Option<TextId>, LimitHit> {
    if text.trim().is_empty() { Ok(None) } else { keep(book, text, cx) }
}

/// Reads a drawing part, and the charts and diagrams that hang on it.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    shapes(package, source, (sheet, index), book, cx)?;
    let related: Vec<(String, u32)> = package
        .relationships(Some(index))
        .iter()
        .filter_map(|one| Some((one.kind.to_ascii_lowercase(), one.part?)))
        .collect();
    for (kind, target) in related {
        let wanted = matches!(kind.as_str(), "chart" | "chartex" | "diagramdata" | "chartusershapes");
        if wanted && package.part(target).is_some_and(|part| !part.taken) {
            chart(package, source, (sheet, target), book, cx)?;
        }
    }
    Ok(())
}

fn shapes<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let mut shape: Option<Shape> = None;
    let mut text = String::new();
    let (mut in_text, mut in_anchor, mut corner) = (false, false, 0_usize);
    let mut anchor = [0_u32; 4];
    let mut number = String::new();
    let mut slot: Option<usize> = None;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => match tag.local() {
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => {
                    in_anchor = true;
                    anchor = [0; 4];
                }
                "from" if in_anchor => corner = 0,
                "to" if in_anchor => corner = 2,
                "row" if in_anchor => slot = Some(corner),
                "col" if in_anchor => slot = Some(corner.saturating_add(1)),
                "sp" | "pic" | "cxnSp" | "graphicFrame" => {
                    let object_type = match tag.local() {
                        "pic" => PICTURE,
                        "graphicFrame" => CHART,
                        _ => TEXT_BOX,
                    };
                    if let Some(done) = shape.take() {
                        push(book, sheet, done, cx)?;
                    }
                    text.clear();
                    let mut next = Shape { object_type, ..Shape::default() };
                    if in_anchor && anchor != [0; 4] {
                        next.anchor = Some(anchor);
                    }
                    if let Some(name) = tag.attr("macro").filter(|name| !name.is_empty()) {
                        // The macro's name is what a person would find; its tokens are not needed.
                        next.class = kept(book, &name, cx)?;
                    }
                    shape = Some(next);
                }
                "cNvPr" => {
                    let Some(shape) = shape.as_mut() else { continue };
                    shape.hidden |= tag.flag("hidden").unwrap_or(false);
                    let name = tag.attr("name").unwrap_or_default();
                    shape.name = kept(book, &name, cx)?;
                    let descr = tag.attr("descr").unwrap_or_default();
                    let title = tag.attr("title").unwrap_or_default();
                    let described =
                        if title.is_empty() { descr.into_owned() } else { format!("{title} {descr}") };
                    shape.description = kept(book, &described, cx)?;
                }
                "t" => in_text = true,
                "p" if !text.is_empty() => text.push('\n'),
                _ => {}
            },
            Node::End(tag) => match tag.local() {
                "row" | "col" => {
                    if let Some(value) = slot.take().and_then(|slot| anchor.get_mut(slot)) {
                        *value = number.trim().parse().unwrap_or(0);
                    }
                    number.clear();
                }
                "t" => in_text = false,
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => in_anchor = false,
                "sp" | "pic" | "cxnSp" | "graphicFrame" => {
                    if let Some(mut done) = shape.take() {
                        done.text = kept(book, &text, cx)?;
                        push(book, sheet, done, cx)?;
                    }
                    text.clear();
                }
                _ => {}
            },
            Node::Text(piece) if in_text => text.push_str(&piece),
            Node::Text(piece) if slot.is_some() => number.push_str(&piece),
            Node::Text(_) => {}
        }
    }
    if let Some(done) = shape.take() {
        push(book, sheet, done, cx)?;
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

/// The texts of a chart or diagram: titles, labels, and the names of series.
fn chart<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let mut text = String::new();
    let (mut in_text, mut in_name) = (false, false);
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => match tag.local() {
                "t" => in_text = true,
                "tx" => in_name = true,
                "v" if in_name => in_text = true,
                _ => {}
            },
            Node::End(tag) => match tag.local() {
                "t" | "v" => in_text = false,
                "p" if !text.is_empty() && !text.ends_with('\n') => text.push('\n'),
                "tx" => {
                    in_name = false;
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                }
                _ => {}
            },
            Node::Text(piece) if in_text => text.push_str(&piece),
            Node::Text(_) => {}
        }
    }
    note_doctype(package, &nodes, index);
    if let Some(text) = kept(book, text.trim(), cx)? {
        push(book, sheet, Shape { object_type: CHART, text: Some(text), ..Shape::default() }, cx)?;
    }
    Ok(())
}

/// Reads VML: shapes with text, their macros, alternative text and links. It is often no well-formed
/// XML; `<br>` without an end is passed over.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn vml<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let len = bytes.as_slice().len() as u64;
    let cx = &mut cx.for_part(part, Stage::Package);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let mut shape: Option<Shape> = None;
    let (mut text, mut macro_name) = (String::new(), String::new());
    let (mut in_text, mut in_macro) = (false, false);
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => match tag.local() {
                "shape" | "rect" | "roundrect" | "oval" | "line" => {
                    let hidden = tag.attr("style").is_some_and(|style| style.contains("visibility:hidden"));
                    let alt = tag.attr("alt").unwrap_or_default();
                    let mut next = Shape { object_type: TEXT_BOX, hidden, ..Shape::default() };
                    next.description = kept(book, &alt, cx)?;
                    if let Some(target) = tag.attr("href").filter(|target| !target.is_empty()) {
                        let at = tag.at.min(len);
                        found.links.push(Link {
                            kind: LinkKind::Hyperlink,
                            target: target.into_owned(),
                            automatic: false,
                            location: Location::bytes(part, at..at),
                        });
                    }
                    (text, macro_name) = (String::new(), String::new());
                    shape = Some(next);
                }
                "textbox" => in_text = true,
                "FmlaMacro" => in_macro = true,
                "ClientData" => {
                    if let (Some(shape), Some(kind)) = (shape.as_mut(), tag.attr("ObjectType")) {
                        shape.object_type = match &*kind {
                            "Note" => NOTE,
                            "Button" => BUTTON,
                            "Pict" => PICTURE,
                            _ => TEXT_BOX,
                        };
                    }
                }
                "imagedata" => {
                    if let (Some(shape), Some(title)) = (shape.as_mut(), tag.attr("title")) {
                        shape.name = kept(book, &title, cx)?;
                    }
                }
                _ => {}
            },
            Node::End(tag) => match tag.local() {
                "textbox" => in_text = false,
                "FmlaMacro" => in_macro = false,
                "shape" | "rect" | "roundrect" | "oval" | "line" => {
                    // The text of a comment stands in the comments part.
                    if let Some(mut done) = shape.take().filter(|shape| shape.object_type != NOTE) {
                        done.text = kept(book, text.trim(), cx)?;
                        done.class = kept(book, macro_name.trim(), cx)?;
                        push(book, sheet, done, cx)?;
                    }
                }
                _ => {}
            },
            Node::Text(piece) if in_macro => macro_name.push_str(&piece),
            Node::Text(piece) if in_text => text.push_str(&piece),
            Node::Text(_) => {}
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}
