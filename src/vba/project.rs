//! The model of a VBA project.

use std::borrow::Cow;

use super::listing::{ProjectLine, Protection};
use super::signature::Signature;
use crate::base::text::CodePage;
use crate::base::{Location, PartId};

/// A VBA project as its storage states it.
#[derive(Debug, Clone)]
pub struct Project {
    /// Path of the storage that holds `dir`, names joined by `/`.
    pub storage: String,
    /// Whether Office would load it.
    pub reach: Reach,
    /// PROJECTNAME ([MS-OVBA] 2.3.4.2.1.6).
    pub name: String,
    /// PROJECTDOCSTRING ([MS-OVBA] 2.3.4.2.1.7).
    pub description: String,
    /// PROJECTHELPFILEPATH ([MS-OVBA] 2.3.4.2.1.8).
    pub help_file: String,
    /// PROJECTCONSTANTS ([MS-OVBA] 2.3.4.2.1.12): conditional compilation constants.
    pub constants: String,
    /// PROJECTSYSKIND ([MS-OVBA] 2.3.4.2.1.1); `None` when there is no such record.
    pub sys_kind: Option<SysKind>,
    /// PROJECTCODEPAGE ([MS-OVBA] 2.3.4.2.1.5) as stored; `None` when there is no such record.
    pub stated_code_page: Option<u16>,
    /// How 8-bit text is decoded.
    pub code_page: CodePage,
    /// PROJECTVERSION ([MS-OVBA] 2.3.4.2.1.11): major, minor.
    pub version: Option<(u32, u16)>,
    /// `Version` of the `_VBA_PROJECT` stream ([MS-OVBA] 2.3.4.1): which VBA compiled the p-code.
    pub compiler: Option<u16>,
    /// Bytes of p-code and other caches behind that version; not read.
    pub performance_cache_len: u64,
    /// How many `__SRP_*` streams there are; not read.
    pub srp_stream_count: u32,
    /// References to libraries and projects, in file order.
    pub references: Vec<Reference>,
    /// Modules: first those of the `dir` stream, in its order, then those found without it.
    pub modules: Vec<Module>,
    /// What the PROJECT stream says of protection.
    pub protection: Protection,
    /// Lines of the PROJECT stream, in its order; empty when there is none.
    pub lines: Vec<ProjectLine>,
    /// Digital signature over the project.
    pub signature: Option<Signature>,
    /// Facts about the structure that rules may look at.
    pub oddities: Vec<Oddity>,
}

impl Default for Project {
    fn default() -> Self {
        Project {
            storage: String::new(),
            reach: Reach::Reachable,
            name: String::new(),
            description: String::new(),
            help_file: String::new(),
            constants: String::new(),
            sys_kind: None,
            stated_code_page: None,
            code_page: CodePage::WESTERN,
            version: None,
            compiler: None,
            performance_cache_len: 0,
            srp_stream_count: 0,
            references: Vec::new(),
            modules: Vec::new(),
            protection: Protection::default(),
            lines: Vec::new(),
            signature: None,
            oddities: Vec::new(),
        }
    }
}

/// Whether Office would load a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It stands where Office looks for it.
    Reachable,
    /// It does not: left over, or hidden from tools but from Office as well.
    Remnant(Remnant),
}

/// Why Office would not load a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Remnant {
    /// Its streams were cut out of the storage tree.
    CutOff,
    /// No stream is named `dir`.
    NoDir,
    /// No stream is named `_VBA_PROJECT`.
    NoVersionStream,
    /// No host application looks for a project in that storage.
    Misplaced,
}

impl Remnant {
    /// Why, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Remnant::CutOff => "its streams were cut out of the storage tree",
            Remnant::NoDir => "it has no dir stream",
            Remnant::NoVersionStream => "it has no _VBA_PROJECT stream",
            Remnant::Misplaced => "no Office program looks for a project in its storage",
        }
    }
}

/// The system that a project was written on ([MS-OVBA] 2.3.4.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SysKind {
    /// 16-bit Windows.
    Win16,
    /// 32-bit Windows.
    Win32,
    /// Macintosh.
    Macintosh,
    /// 64-bit Windows.
    Win64,
    /// A number that the specification does not have.
    Unknown(u32),
}

/// A reference to a library or a project ([MS-OVBA] 2.3.4.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its name; empty when it has none.
    pub name: String,
    /// What it refers to: a library identifier, or a path.
    pub target: String,
    /// Kind of record.
    pub kind: ReferenceKind,
}

/// Kinds of references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// A type library of a control, with a copy that the host made of it (REFERENCECONTROL).
    Control,
    /// The library that such a copy was made of (REFERENCEORIGINAL).
    Original,
    /// A registered type library (REFERENCEREGISTERED).
    Registered,
    /// Another VBA project (REFERENCEPROJECT).
    Project,
}

/// A module and its text.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Its name: the Unicode one when there is one.
    pub name: String,
    /// MODULESTREAMNAME as 8-bit text, decoded; empty when there is none.
    pub stream_name: String,
    /// The Unicode form of MODULESTREAMNAME; `None` when there is none.
    pub stream_name_unicode: Option<String>,
    /// What it is.
    pub kind: ModuleKind,
    /// Which object of the host a document module belongs to.
    pub host: Host,
    /// Decompressed source, every byte as stored.
    pub raw: Vec<u8>,
    /// How `raw` is decoded; `None` is Windows-1252.
    pub code_page: Option<CodePage>,
    /// The stream that holds it; `None` when there is no such stream.
    pub stream: Option<u32>,
    /// MODULEOFFSET ([MS-OVBA] 2.3.4.2.3.2.5) as stored; `None` when there is none.
    pub offset: Option<u32>,
    /// Where the compressed source begins in its stream; differs from `offset` when that is wrong.
    pub compressed_at: u64,
    /// Length of the compressed source.
    pub compressed_len: u64,
    /// Whether the `dir` stream has it. One that it has not is not loaded.
    pub in_dir: bool,
    /// Whether the PROJECT stream lists it. One that it does not list runs, but the editor does
    /// not show it.
    pub listed: bool,
    /// MODULEREADONLY ([MS-OVBA] 2.3.4.2.3.2.9).
    pub read_only: bool,
    /// MODULEPRIVATE ([MS-OVBA] 2.3.4.2.3.2.10).
    pub private: bool,
    /// The part that the caller made of the text: lines are located there.
    pub part: PartId,
}

impl Module {
    /// The source as text; bytes without a character become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        self.code_page.unwrap_or(CodePage::WESTERN).decode(&self.raw).text
    }

    /// The name with the extension that the editor would export it by.
    pub fn file_name(&self) -> String {
        let extension = match self.kind {
            ModuleKind::Procedural => "bas",
            ModuleKind::Document | ModuleKind::Class => "cls",
            ModuleKind::Form => "frm",
        };
        format!("{}.{extension}", self.name)
    }
}

/// What a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ModuleKind {
    /// A standard module.
    #[default]
    Procedural,
    /// The code behind an object of the host: a workbook, a sheet, a document.
    Document,
    /// A class.
    Class,
    /// The code behind a form or another designer.
    Form,
}

/// The object of the host that a document module stands behind, by the class in its `VB_Base`
/// attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Host {
    /// None, or one that its attributes do not tell.
    #[default]
    Unknown,
    /// An Excel workbook, {00020819-0000-0000-C000-000000000046}.
    Workbook,
    /// An Excel worksheet, {00020820-…}.
    Worksheet,
    /// An Excel chart, {00020821-…}.
    Chart,
    /// A Word document, {00020906-…}.
    Document,
}

/// A fact about the structure of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// Where.
    pub location: Location,
    /// Index of the module that it concerns, if it concerns one.
    pub module: Option<u32>,
    /// What.
    pub kind: OddityKind,
}

/// Kinds of structural oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OddityKind {
    /// The 8-bit and the Unicode stream name of a module differ; Office goes by the Unicode one.
    DecoyStreamName,
    /// A module's text does not begin at its offset and was found by searching the stream.
    WrongTextOffset,
    /// A module that no editor shows: in `dir`, but not in PROJECT.
    NotListed,
    /// A module with text that `dir` does not have: it does not run.
    NotInDir,
    /// PROJECT lists a module that `dir` does not have.
    ListedOnly,
    /// `dir` names a stream that is not there.
    MissingStream,
    /// Several modules name the same stream.
    SharedStream,
    /// A module without any text.
    EmptyText,
    /// A compressed container that breaks [MS-OVBA] 2.4.1 in a way that was recovered.
    DamagedContainer,
    /// Text that could not be had.
    LostText,
    /// A record that [MS-OVBA] 2.3.4.2 does not have, or one that does not fit in the stream.
    OddDirRecord,
    /// A project of Excel 5.0 or 95: p-code without source, not read.
    Early,
    /// A value of CMG, DPB or GC that cannot be decoded: Office calls the project unviewable.
    BrokenProtection,
}
