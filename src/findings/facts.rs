//! What rules may see: models and what was made of them, never bytes.

use std::collections::BTreeMap;

use super::Evidence;
use super::rtf::RtfFacts;
use crate::base::{Effect, Location, PartId, Problems};
use crate::containers::cfb::{Oddity, Slack};
use crate::containers::part::Part;
use crate::containers::zip::{self, Outside};
use crate::crypto::Opening;
use crate::documents::doc::wordbasic::Macro;
use crate::documents::document::Document;
use crate::documents::link::Link;
use crate::documents::message::{Message, Smuggled};
use crate::documents::mtef::Equation;
use crate::documents::objects::Object;
use crate::documents::ooxml::PackageKind;
use crate::documents::shell_link::ShellLink;
use crate::documents::tiff::TiffOverflow;
use crate::documents::workbook::{PictureKind, Sheet, TokenSpan, Workbook};
use crate::indicators::Indicators;
use crate::lure::{Harvest, Hit};
use crate::vba::view::{ProjectView, Seen};
use crate::vba::{Project, Reach};
use crate::xlm::{Program, Sighting};

/// Everything that is known about the input. Cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'m> {
    /// Parts of the input.
    pub parts: &'m [Part],
    /// Compound files.
    pub compounds: &'m [Compound],
    /// ZIP archives, Office packages included.
    pub archives: &'m [Archive],
    /// Encrypted content, opened or not.
    pub locked: &'m [Locked],
    /// Mails.
    pub messages: &'m [Message],
    /// Pages whose script builds a file.
    pub smuggled: &'m [Smuggled],
    /// Shell links.
    pub shell_links: &'m [ShellLink],
    /// Office packages.
    pub packages: &'m [Package],
    /// Workbooks.
    pub workbooks: &'m [Workbook],
    /// Their Excel 4.0 macros, one a workbook.
    pub programs: &'m [Program],
    /// VBA projects.
    pub projects: &'m [Project],
    /// Their source, one a project.
    pub views: &'m [ProjectView],
    /// Text documents and presentations.
    pub documents: &'m [Document],
    /// What the document refers to outside itself.
    pub links: &'m [Link],
    /// WordBasic macros.
    pub word_basic: &'m [Macro],
    /// Equations.
    pub equations: &'m [Equation],
    /// Pictures whose sizes overflow their reader.
    pub tiff_overflows: &'m [TiffOverflow],
    /// Files of Rich Text Format.
    pub rtf: &'m [RtfFacts],
    /// Embedded objects and controls.
    pub objects: &'m [Object],
    /// Pictures.
    pub pictures: &'m [Picture],
    /// Texts with their place.
    pub harvest: &'m Harvest,
    /// Lure wording.
    pub lures: &'m [Hit],
    /// Addresses, paths and commands.
    pub indicators: &'m Indicators,
    /// What macros would do.
    pub effects: &'m [Effect],
    /// What deviated.
    pub problems: &'m Problems,
}

/// What is odd about a compound file.
#[derive(Debug, Clone, Default)]
pub struct Compound {
    /// Its part.
    pub part: PartId,
    /// Deviations.
    pub oddities: Vec<Oddity>,
    /// Streams that the directory tree does not reach: name and part.
    pub unreached: Vec<(String, PartId)>,
    /// Bytes that no stream owns; a file among them has a part.
    pub slack: Vec<(Slack, Option<PartId>)>,
}

/// What is odd about a ZIP archive.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    /// Its part.
    pub part: PartId,
    /// Deviations.
    pub oddities: Vec<zip::Oddity>,
    /// Names of the entries that a deviation is about, by their place in the list.
    pub names: BTreeMap<u32, String>,
    /// Bytes that no entry owns; a file among them has a part.
    pub outside: Vec<(Outside, Option<PartId>)>,
    /// Entries of which only the head was read, because they are bombs: name and part.
    pub bombs: Vec<(String, PartId)>,
}

/// Encrypted content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The part that is encrypted.
    pub part: PartId,
    /// Where it says so.
    pub at: u64,
    /// What it is.
    pub kind: LockedKind,
    /// What it is, as a person reads it.
    pub what: &'static str,
    /// The method, as a person reads it.
    pub method: &'static str,
    /// How it was opened; `None` when it stays closed.
    pub opened: Option<Opening>,
}

/// Kinds of encrypted content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockedKind {
    /// A workbook stream.
    Workbook,
    /// A package, a Word document, a presentation.
    Document,
    /// An entry of an archive.
    Entry,
}

/// An Office package.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its part.
    pub part: PartId,
    /// The part that its main relationship leads to.
    pub main: PartId,
    /// What the content type of the main part says.
    pub kind: PackageKind,
    /// Whether that content type allows macros.
    pub macros: bool,
    /// Parts with a document type.
    pub doctypes: Vec<PartId>,
    /// Parts of macro sheets.
    pub macro_sheets: Vec<PartId>,
}

/// A picture of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Its part.
    pub part: PartId,
    /// Its format.
    pub kind: PictureKind,
    /// Width and height in pixels, when its header says.
    pub pixels: Option<[u32; 2]>,
}

/// A sheet, and the workbook that it is in.
#[derive(Debug, Clone, Copy)]
pub struct SheetFacts<'m> {
    /// Its workbook.
    pub book: &'m Workbook,
    /// Its place in the workbook's list.
    pub index: u32,
    /// The sheet.
    pub sheet: &'m Sheet,
}

impl<'m> Facts<'m> {
    /// All sheets of all workbooks.
    pub fn sheets(self) -> impl Iterator<Item = SheetFacts<'m>> {
        self.workbooks.iter().flat_map(SheetFacts::of)
    }

    /// All Excel 4.0 macro sheets.
    pub fn macro_sheets(self) -> impl Iterator<Item = SheetFacts<'m>> {
        use crate::documents::workbook::SheetKind::Macro;
        self.sheets().filter(|facts| facts.sheet.kind == Macro)
    }

    /// All Excel 4.0 programs, each with its workbook.
    pub fn programs(self) -> impl Iterator<Item = (&'m Workbook, &'m Program)> {
        self.workbooks.iter().zip(self.programs)
    }

    /// All that Excel 4.0 formulas do.
    pub fn xlm_sightings(self) -> impl Iterator<Item = (&'m Workbook, &'m Sighting)> {
        self.programs().flat_map(|(book, program)| program.sightings.iter().map(move |seen| (book, seen)))
    }

    /// VBA projects that Office would load, each with its source.
    pub fn live_projects(self) -> impl Iterator<Item = (&'m Project, &'m ProjectView)> {
        self.projects.iter().zip(self.views).filter(|(project, _)| project.reach == Reach::Reachable)
    }

    /// All that the source of loaded VBA projects does.
    pub fn vba_seen(self) -> impl Iterator<Item = Seen<'m>> {
        self.live_projects().flat_map(|(project, view)| view.seen(project))
    }

    /// A part and those around it, from the inside out.
    pub fn around(self, part: PartId) -> impl Iterator<Item = &'m Part> {
        let get = move |part: PartId| self.parts.get(part.0 as usize);
        // A parent is always older than its part, so that the walk ends.
        std::iter::successors(get(part), move |part| {
            part.parent.filter(|parent| *parent < part.id).and_then(get)
        })
    }

    /// Whether there is code of any kind that Office would load.
    pub fn have_macros(self) -> bool {
        let has_code = |project: &Project| project.modules.iter().any(|module| !module.raw.is_empty());
        self.macro_sheets().next().is_some()
            || !self.word_basic.is_empty()
            || self.live_projects().any(|(project, _)| has_code(project))
    }
}

impl<'m> SheetFacts<'m> {
    /// All sheets of one workbook.
    pub fn of(book: &'m Workbook) -> impl Iterator<Item = SheetFacts<'m>> {
        (0u32..).zip(&book.sheets).map(move |(index, sheet)| SheetFacts { book, index, sheet })
    }

    /// The record that lists the sheet, or its BOF, with the sheet's name.
    pub fn evidence(&self) -> Evidence {
        let part = self.book.part;
        // A sheet that is only found has no record.
        let location = match self.sheet.listed_at.or(self.sheet.bof_at) {
            Some(at) => Location::bytes(part, at..at.saturating_add(4)),
            None => Location::part(part),
        };
        Evidence::new(location, self.sheet.name.as_str())
    }

    /// A cell of the sheet.
    pub fn cell(&self, row: u32, column: u32, text: impl Into<Box<str>>) -> Evidence {
        Evidence::new(Location::cell(self.book.part, self.index, row, column), text)
    }
}

/// A formula of a macro sheet, proved by its tokens.
pub fn formula_evidence(
    book: &Workbook,
    cell: (u32, u32, u16),
    tokens: TokenSpan,
    text: impl Into<Box<str>>,
) -> Evidence {
    let (sheet, row, column) = cell;
    Evidence::new(Location::cell(book.part, sheet, row, column.into()), text)
        .with_raw(book.tokens.get(tokens).0)
}
