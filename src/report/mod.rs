//! What the caller gets: the report, its JSON, and the version of that contract.
//!
//! The shape is described in `docs/report.md` and checked against `docs/report.schema.json`.
//! Field order is fixed. Within a major schema version fields and values are only added.

mod build;
mod names;
mod sentence;
pub mod trace;

pub use crate::verdict::Level;
pub(crate) use build::{Outcome, build, macro_hash, trace as build_trace};

/// Version of the JSON contract.
pub const SCHEMA_VERSION: &str = "1.2";

/// What one analysis found.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Report {
    /// Version of the JSON contract.
    pub schema: &'static str,
    /// What made the report.
    pub tool: Tool,
    /// What was analysed.
    pub input: InputSummary,
    /// The answer.
    pub verdict: Verdict,
    /// Plain facts for policies that block by content.
    pub active_content: ActiveContent,
    /// What rules found, in the order of the rule catalogue.
    pub findings: Vec<Finding>,
    /// What the document would do: first what running its macros showed, in the order in which it
    /// happens, then what their text shows besides, in reading order.
    pub behaviour: Vec<Effect>,
    /// The tree of parts; part 0 is the input.
    pub parts: Vec<Part>,
    /// VBA modules and Excel 4.0 macro sheets.
    pub macros: Macros,
    /// What a person would see or could find, with its place.
    pub text: Vec<TextRun>,
    /// Pictures in the document.
    pub pictures: Vec<Picture>,
    /// Addresses, paths and commands.
    pub indicators: Vec<Indicator>,
    /// Document properties.
    pub properties: Vec<Property>,
    /// Deviations, and what could not be read.
    pub problems: Vec<Problem>,
    /// Problems that were met but are not listed.
    pub problems_not_listed: u64,
    /// What was left out of this report because of its size limits, in words; empty when nothing was.
    pub capped: Vec<String>,
}

/// What made a report.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tool {
    /// `docsift`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Version of the rule set.
    pub rules: &'static str,
    /// Version of the verdict policy.
    pub policy: &'static str,
    /// Version of MITRE ATT&CK that technique ids mean.
    pub attack: &'static str,
}

/// What was analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InputSummary {
    /// File name, when the caller gave one.
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// What it is, by content.
    pub kind: &'static str,
}

/// The answer, with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Verdict {
    /// The level.
    pub level: Level,
    /// From 0 to 100; orders files within a level.
    pub score: u8,
    /// One plain sentence.
    pub sentence: String,
    /// Rule identifiers whose findings decided the level.
    pub decided_by: Vec<&'static str>,
    /// Whether everything in the file was read.
    pub complete: bool,
}

/// Plain facts about what the document carries, apart from the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ActiveContent {
    /// A VBA project with code.
    pub has_vba: bool,
    /// An Excel 4.0 macro sheet.
    pub has_xlm: bool,
    /// A WordBasic macro.
    pub has_wordbasic: bool,
    /// A macro that starts by itself.
    pub auto_start: bool,
    /// A link to data, a program or a document elsewhere.
    pub external: bool,
    /// An embedded object or file.
    pub embedded: bool,
    /// Encrypted content.
    pub encrypted: bool,
    /// A digitally signed VBA project.
    pub signed: bool,
    /// Text that tells a person what to do to let macros run.
    pub lure: bool,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// Rule identifier.
    pub rule: &'static str,
    /// Rule name.
    pub name: &'static str,
    /// How much it matters.
    pub severity: &'static str,
    /// How sure it is.
    pub confidence: &'static str,
    /// ATT&CK techniques.
    pub attack: Vec<&'static str>,
    /// What was found here.
    pub message: String,
    /// The proof.
    pub evidence: Vec<Evidence>,
    /// How often the rule found more that is not listed.
    pub more: u64,
}

/// Proof of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// Where.
    pub location: Location,
    /// The bytes there in lower-case hexadecimal, capped.
    pub raw: String,
    /// What they say, capped.
    pub text: String,
}

/// A place in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Location {
    /// Identifier of the part.
    pub part: u32,
    /// First byte in the part. Places in XML of another encoding count in its UTF-8, as far as the part reaches.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub start: Option<u64>,
    /// One past the last byte in the part.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub end: Option<u64>,
    /// Cell, with its sheet: `Sheet6!G16`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub cell: Option<String>,
    /// Line, from 1.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub line: Option<u32>,
}

/// One thing that the document would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Effect {
    /// `fetch`, `write`, `run`, `register`, `call`, `inject`, `delete`, `persist`, `hide`, `alert`,
    /// `dde`, `check` or `close`.
    pub kind: &'static str,
    /// `seen_in_text` or `evaluated`.
    pub basis: &'static str,
    /// What exactly.
    pub text: String,
    /// What it hangs on.
    pub condition: Option<String>,
    /// Where it stands.
    pub location: Location,
    /// Its fields, where they are known one by one.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub detail: Option<Box<EffectDetail>>,
}

/// The fields of an effect; each kind has its own. What is unknown in a text stands there as a
/// placeholder in braces: `http://one.invalid/{NOW}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EffectDetail {
    /// Its place in the order in which things happen, from 0.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub order: Option<u32>,
    /// What starts the macro: `auto_open`, `auto_close`, `auto_activate`, `auto_deactivate`, `hook`,
    /// `object`, `vba`, or `unproven` when nothing was seen to.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub start: Option<&'static str>,
    /// Fetch: the address.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub url: Option<String>,
    /// Fetch: the file that it is saved to. A mail: its receiver.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub to: Option<String>,
    /// Write, delete: the file or folder.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub path: Option<String>,
    /// Write: what is written. Alert: what is shown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub content: Option<String>,
    /// Run: the command line.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub command: Option<String>,
    /// Run, call: through what. `command` where it came out of a command line.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub how: Option<String>,
    /// Register, call: the DLL.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub dll: Option<String>,
    /// Register, call: the function.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub procedure: Option<String>,
    /// Register, call: types of arguments and result, a letter each.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub types: Option<String>,
    /// Register: the name that calls it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub alias: Option<String>,
    /// Call: the arguments.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub arguments: Vec<String>,
    /// The formula as it was written by another one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub source: Option<String>,
    /// The cell whose Excel 4.0 macro runs the VBA procedure that does it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub caller: Option<Location>,
}

/// A part of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Part {
    /// Its identifier.
    pub id: u32,
    /// Identifier of the part that it lies in.
    pub parent: Option<u32>,
    /// Its way from the input: `invoice.xls!/Workbook`.
    pub path: String,
    /// What it is.
    pub kind: &'static str,
    /// Bytes.
    pub size: u64,
    /// SHA-256, of documents, objects and pictures.
    pub sha256: Option<String>,
    /// Where its bytes lie in its parent: start and length of each run; capped.
    pub runs: Vec<[u64; 2]>,
    /// How it was decrypted; its bytes are then not those of its runs.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub opened_with: Option<OpenedWith>,
}

/// How encrypted content was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OpenedWith {
    /// The method, as a person reads it.
    pub method: &'static str,
    /// The password.
    pub password: String,
    /// Where the password comes from: `caller`, `mail_body`, `mail_subject`, `file_name`, `elsewhere` (another
    /// text or name in the input), `common` or `office_default`.
    pub source: &'static str,
    /// Where it stands in the input.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub location: Option<Location>,
}

/// Macros as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Macros {
    /// VBA modules.
    pub vba: Vec<VbaModule>,
    /// VBA projects.
    pub vba_projects: Vec<VbaProject>,
    /// WordBasic macros.
    pub wordbasic: Vec<WordBasicMacro>,
    /// Excel 4.0 macro sheets.
    pub xlm: Vec<MacroSheet>,
    /// Defined names that start or name macros.
    pub names: Vec<MacroName>,
    /// SHA-256 of all macros in normal form, for allow-lists: letter case, comments, blank lines
    /// and file order do not change it. `None` without macros.
    pub normalised_sha256: Option<String>,
}

/// A VBA project.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VbaProject {
    /// Its name.
    pub name: String,
    /// Its storage.
    pub storage: String,
    /// Its code page.
    pub code_page: u16,
    /// Whether it is locked for viewing.
    pub locked: bool,
    /// Why Office would not reach it; `None` when it would.
    pub remnant: Option<String>,
    /// Its references, as text.
    pub references: Vec<String>,
    /// Its signature: signer, and whether the signed hash matches.
    pub signature: Option<Signature>,
}

/// A digital signature of a VBA project. It never lowers a verdict: neither the signature itself nor
/// the certificate is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Signature {
    /// Common name of the signer.
    pub signer: Option<String>,
    /// SHA-256 of the signer's certificate.
    pub certificate_sha256: Option<String>,
    /// SHA-1 of the signer's certificate, which Windows shows as the thumbprint.
    pub thumbprint: Option<String>,
    /// Whether the signed hash is that of the project; `None` when that could not be computed.
    pub hash_matches: Option<bool>,
}

/// A VBA module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VbaModule {
    /// The part that its source is.
    pub part: u32,
    /// Its name.
    pub name: String,
    /// `procedural`, `document`, `class` or `form`.
    pub kind: &'static str,
    /// Its source, capped.
    pub source: String,
    /// Whether the source is cut.
    pub cut: bool,
    /// Whether the editor lists it.
    pub listed: bool,
}

/// A WordBasic macro.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct WordBasicMacro {
    /// The part that its source is.
    pub part: u32,
    /// Its name.
    pub name: String,
    /// The key that its code was XOR-ed with; 0 for none.
    pub key: u8,
    /// Its source, capped.
    pub source: String,
    /// Whether the source is cut.
    pub cut: bool,
}

/// An Excel 4.0 macro sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MacroSheet {
    /// The part of its workbook.
    pub part: u32,
    /// Its name.
    pub sheet: String,
    /// `visible`, `hidden`, `very_hidden` or `reserved`.
    pub visibility: &'static str,
    /// Cells with a formula, capped.
    pub cells: Vec<MacroCell>,
    /// Whether cells are left out.
    pub cut: bool,
}

/// A cell of a macro sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MacroCell {
    /// Its address.
    pub cell: String,
    /// Its formula, as Excel shows it.
    pub formula: String,
    /// The value that the file keeps for it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub cached: Option<Box<str>>,
    /// The value that it had at the end of the run, when it ran.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub computed: Option<Box<str>>,
}

/// A defined name that matters for macros.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MacroName {
    /// The part of its workbook.
    pub part: u32,
    /// The name as stored.
    pub name: String,
    /// What it stands for.
    pub refers_to: String,
    /// The event that starts it, if one does.
    pub starts_on: Option<&'static str>,
    /// Whether the Name Manager does not list it.
    pub hidden: bool,
    /// The sheet that it belongs to.
    pub sheet: Option<String>,
}

/// Text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TextRun {
    /// The text, capped.
    pub text: String,
    /// What it stands in: `cell`, `text_box`, `note` ...
    pub source: &'static str,
    /// Whether a person sees it without doing anything.
    pub visible: bool,
    /// Where.
    pub location: Location,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Picture {
    /// The part that it is.
    pub part: u32,
    /// Format.
    pub kind: &'static str,
    /// Width and height in pixels, when its header says.
    pub pixels: Option<[u32; 2]>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// A hash of its look, in hexadecimal: those of pictures that look alike differ in few bits. None
    /// when the picture was not decoded.
    pub dhash: Option<String>,
    /// Whether it is known from lures.
    pub known_lure: bool,
}

/// Something to search for elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Indicator {
    /// What it is: `url`, `host`, `ip`, `unc_path`, `file_path`, `command` ...
    pub kind: &'static str,
    /// The value.
    pub value: String,
    /// The value so that no tool makes a link of it.
    pub defanged: String,
    /// Whether it is a well-known address that says nothing.
    pub well_known: bool,
    /// What it is for, where what the macros do tells that: `payload`, `fallback` (another address of
    /// the same file), `connectivity_check` or `namespace`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub role: Option<&'static str>,
    /// What that hangs on.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub condition: Option<String>,
    /// How often it was seen.
    pub count: u64,
    /// Where it was seen first.
    pub location: Location,
}

/// A document property.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Property {
    /// Its name in snake case.
    pub name: String,
    /// Its value as text; times in ISO 8601, UTC.
    pub value: String,
    /// Where it stands.
    pub location: Option<Location>,
}

/// A deviation, or something unread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Problem {
    /// `recovered`, `abandoned`, `limit_reached`, `needs_password` or `unsupported`. All but the
    /// first bar "nothing found".
    pub kind: &'static str,
    /// The reader that met it.
    pub stage: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// JSON takes the feature `serde`.
#[cfg(feature = "serde")]
impl Report {
    /// The report as JSON on one line.
    pub fn to_json(&self) -> String {
        // Serialising plain structs into memory has no failing case.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The report as indented JSON.
    pub fn to_json_pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
