//! Office packages: Excel, Word, PowerPoint and Visio in XML ([ECMA-376], [MS-OI29500], [MS-VSDX]).
//!
//! [`Package`] knows the parts, their content types and what relates them; the readers of the
//! programs follow relationships from the main part and never look at names or folders. Strict and
//! transitional documents differ in namespaces, which are not compared. Parts that nothing leads to
//! are read where their content type says that they hold macros: Office does not load them, and a
//! person should know that they are there.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod common;
pub mod drawing;
mod formulas;
mod looks;
pub mod package;
pub mod presentation;
pub mod rest;
pub(in crate::documents) mod sheet;
pub(in crate::documents) mod styles;
pub mod visio;
pub mod word;
pub mod workbook;
pub mod xml;

pub use package::{Package, PackagePart, Parts, Relationship, is_package};

use self::xml::Nodes;
use crate::base::{Bytes, Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::Document;
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::Object;
use crate::documents::props::Properties;

/// What a package holds besides its workbook or document.
#[derive(Debug, Default)]
pub struct Found {
    /// What it refers to outside itself.
    pub links: Vec<Link>,
    /// Controls and objects.
    pub objects: Vec<Object>,
    /// Texts that stand in no workbook.
    pub documents: Vec<Document>,
    /// Document properties.
    pub properties: Option<Properties>,
    /// Web pages that are shown in a frame: films of Word.
    pub pages: Vec<(String, Location)>,
    /// Parts of macro sheets.
    pub macro_sheets: Vec<PartId>,
}

/// What the main part says the package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// Excel in XML.
    Workbook,
    /// Excel in BIFF12.
    BinaryWorkbook,
    /// Word.
    Word,
    /// PowerPoint.
    Presentation,
    /// Visio.
    Drawing,
    /// Something else.
    Other,
}

/// The kind of a main part by its content type, and whether that allows macros.
pub fn kind_of(content_type: &str) -> (PackageKind, bool) {
    let has_macros = content_type.contains("macroenabled");
    let kind = if content_type.contains("ms-excel.sheet.binary") {
        PackageKind::BinaryWorkbook
    } else if !content_type.ends_with("main+xml") {
        PackageKind::Other
    } else if content_type.contains("spreadsheetml") || content_type.contains("ms-excel") {
        PackageKind::Workbook
    } else if content_type.contains("wordprocessingml") || content_type.contains("ms-word") {
        PackageKind::Word
    } else if content_type.contains("presentationml") || content_type.contains("ms-powerpoint") {
        PackageKind::Presentation
    } else if content_type.contains("ms-visio") {
        PackageKind::Drawing
    } else {
        PackageKind::Other
    };
    (kind, has_macros)
}

/// Opens a part and marks it as read.
pub(in crate::documents) fn opened<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    cx: &mut Cx<'_>,
) -> Result<Bytes<'i>, LimitHit> {
    package.take(index);
    let part = package.id(index);
    source.open(index, &mut cx.for_part(part, Stage::Archive))
}

/// Notes a part that has a document type.
fn note_doctype(package: &mut Package, nodes: &Nodes<'_>, index: u32) {
    if nodes.has_doctype {
        let id = package.id(index);
        package.doctypes.push(id);
    }
}

/// External relationships as links.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn links(package: &Package, into: &mut Vec<Link>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    for (_, relationship) in package.all_relationships().filter(|(_, one)| one.external) {
        cx.budget.step(1)?;
        let (kind, automatic) = link_kind(&relationship.kind);
        let (part, at) = relationship.stands;
        cx.budget.hold(size_of::<Link>().saturating_add(relationship.target.len()))?;
        into.push(Link {
            kind,
            target: relationship.target.clone(),
            automatic,
            location: Location::bytes(part, at..at),
        });
    }
    Ok(())
}

/// Tells parts that are wanted and not there: sheets, slides, strings and macros that a relationship leads to.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn missing(package: &Package, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    const WANTED: [&str; 9] = [
        "officedocument",
        "worksheet",
        "chartsheet",
        "dialogsheet",
        "xlmacrosheet",
        "xlintlmacrosheet",
        "sharedstrings",
        "slide",
        "vbaproject",
    ];
    for (_, relationship) in package.all_relationships() {
        cx.budget.step(1)?;
        let is_there = relationship.external || relationship.part.is_some();
        if !is_there && WANTED.contains(&relationship.kind.to_ascii_lowercase().as_str()) {
            let (part, at) = relationship.stands;
            let message = format!("{:?} is not in the package", relationship.target);
            cx.for_part(part, Stage::Package).abandoned(at..at, &message);
        }
    }
    Ok(())
}

/// What a relationship is for, and whether Office follows it when the document is opened.
fn link_kind(kind: &str) -> (LinkKind, bool) {
    match kind.to_ascii_lowercase().as_str() {
        "hyperlink" => (LinkKind::Hyperlink, false),
        "attachedtemplate" => (LinkKind::AttachedTemplate, true),
        "oleobject" | "package" => (LinkKind::OleObject, true),
        "frame" => (LinkKind::Frame, true),
        "subdocument" => (LinkKind::SubDocument, true),
        // Excel asks before it updates links to workbooks.
        "externallink" | "externallinkpath" | "externallinklong" | "xlpathmissing" | "xlexternallinkpath"
        | "externalreference" | "xlstartup" | "xllibrary" | "xlalternatestartup" => {
            (LinkKind::ExternalWorkbook, false)
        }
        "image" => (LinkKind::Image, true),
        "video" | "audio" | "media" => (LinkKind::Media, false),
        "afchunk" => (LinkKind::AltChunk, true),
        // Word asks before it runs the query of a mail merge, and then fetches.
        "mailmergesource" | "mailmergeheadersource" => (LinkKind::Other, true),
        _ => (LinkKind::Other, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_templates_shows_and_add_ins_are_told_by_their_main_type() {
        use PackageKind::{BinaryWorkbook, Drawing, Other, Presentation, Word, Workbook};
        let office = "application/vnd.openxmlformats-officedocument.";
        let cases = [
            (format!("{office}spreadsheetml.sheet.main+xml"), Workbook, false), // xlsx
            (format!("{office}spreadsheetml.template.main+xml"), Workbook, false), // xltx
            ("application/vnd.ms-excel.sheet.macroEnabled.main+xml".to_owned(), Workbook, true), // xlsm
            ("application/vnd.ms-excel.template.macroEnabled.main+xml".to_owned(), Workbook, true), // xltm
            ("application/vnd.ms-excel.addin.macroEnabled.main+xml".to_owned(), Workbook, true), // xlam
            ("application/vnd.ms-excel.sheet.binary.macroEnabled.main".to_owned(), BinaryWorkbook, true), // xlsb
            (format!("{office}wordprocessingml.document.main+xml"), Word, false), // docx
            (format!("{office}wordprocessingml.template.main+xml"), Word, false), // dotx
            ("application/vnd.ms-word.document.macroEnabled.main+xml".to_owned(), Word, true), // docm
            ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml".to_owned(), Word, true), // dotm
            (format!("{office}presentationml.presentation.main+xml"), Presentation, false), // pptx
            (format!("{office}presentationml.template.main+xml"), Presentation, false), // potx
            (format!("{office}presentationml.slideshow.main+xml"), Presentation, false), // ppsx
            (
                "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml".to_owned(),
                Presentation,
                true,
            ), // pptm
            ("application/vnd.ms-powerpoint.template.macroEnabled.main+xml".to_owned(), Presentation, true), // potm
            ("application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml".to_owned(), Presentation, true), // ppsm
            ("application/vnd.ms-powerpoint.addin.macroEnabled.main+xml".to_owned(), Presentation, true), // ppam
            ("application/vnd.ms-visio.drawing.macroEnabled.main+xml".to_owned(), Drawing, true), // vsdm
            (format!("{office}spreadsheetml.worksheet+xml"), Other, false),
        ];
        for (content_type, kind, macros) in cases {
            assert_eq!(kind_of(&content_type.to_ascii_lowercase()), (kind, macros), "{content_type}");
        }
    }
}
