//! The structures and numbers that C sees. They are plain data: pointers in them lead into the report
//! that they belong to.
//!
//! A structure that a program gets a pointer to may grow at its end; one that stands inside another
//! or in an array ([`docsift_str`], [`docsift_run`]) never does.

use std::ffi::c_char;

/// A text in UTF-8: `len` bytes and a NUL behind them. A text from a document can have NUL within
/// it, so that `len` is the length that counts. Where a field may be absent, `data` is NULL then.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_str {
    /// The first byte, or NULL when the text is absent.
    pub data: *const c_char,
    /// Bytes, without the NUL at the end.
    pub len: usize,
}

impl docsift_str {
    /// What is not there.
    pub(crate) const ABSENT: Self = docsift_str { data: std::ptr::null(), len: 0 };
}

/// How bad it is; larger is worse. Numbers are fixed.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum docsift_level {
    /// There is no report. It is below every level, so that a call that failed never reads as clean.
    NoReport = 0,
    /// Everything was read, and nothing was found.
    NothingFound = 1,
    /// Nothing was found, but not everything was read.
    Inconclusive = 2,
    /// It does what attacks do, and honest files hardly.
    Suspicious = 3,
    /// It starts by itself and fetches, writes or runs, or hides that it does.
    Malicious = 4,
}

/// How much a finding matters; larger is more. Numbers are fixed.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum docsift_severity {
    /// One that this header does not know.
    Unknown = 0,
    /// A plain fact.
    Info = 1,
    /// Unusual, mostly innocent.
    Low = 2,
    /// Used by attacks and by some honest files.
    Medium = 3,
    /// Used by attacks, hardly by honest files.
    High = 4,
    /// Has no honest use.
    Critical = 5,
}

/// How sure a finding is; larger is surer. Numbers are fixed.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum docsift_confidence {
    /// One that this header does not know.
    Unknown = 0,
    /// Could be something else.
    Possible = 1,
    /// Hardly anything else.
    Likely = 2,
    /// Stands in the bytes.
    Certain = 3,
}

/// A VBA project with code.
pub const DOCSIFT_HAS_VBA: u32 = 1;
/// An Excel 4.0 macro sheet.
pub const DOCSIFT_HAS_XLM: u32 = 2;
/// A WordBasic macro.
pub const DOCSIFT_HAS_WORDBASIC: u32 = 4;
/// A macro that starts by itself.
pub const DOCSIFT_HAS_AUTO_START: u32 = 8;
/// A link to data, a program or a document elsewhere.
pub const DOCSIFT_HAS_EXTERNAL: u32 = 16;
/// An embedded object or file.
pub const DOCSIFT_HAS_EMBEDDED: u32 = 32;
/// Encrypted content.
pub const DOCSIFT_HAS_ENCRYPTED: u32 = 64;
/// A digitally signed VBA project.
pub const DOCSIFT_HAS_SIGNED: u32 = 128;
/// Text that tells a person what to do to let macros run.
pub const DOCSIFT_HAS_LURE: u32 = 256;

/// The `parent` of the input, which lies in no other part.
pub const DOCSIFT_NO_PART: u32 = 0xFFFF_FFFF;

/// What was analysed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_input_summary {
    /// File name; absent when none was given.
    pub name: docsift_str,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: docsift_str,
    /// What it is, by content: `xls`, `eml` ...
    pub kind: docsift_str,
}

/// The answer, with its reasons.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_verdict {
    /// The level.
    pub level: docsift_level,
    /// From 0 to 100; orders files within a level.
    pub score: u32,
    /// One plain sentence.
    pub sentence: docsift_str,
    /// Identifiers of the rules whose findings decided the level.
    pub decided_by: *const docsift_str,
    /// How many there are.
    pub decided_by_count: usize,
    /// Whether everything in the file was read.
    pub complete: bool,
}

/// A place in the document.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_location {
    /// The part: an index for `docsift_report_part`.
    pub part: u32,
    /// Line, from 1; 0 when the place is none.
    pub line: u32,
    /// Whether `start` and `end` say bytes.
    pub has_bytes: bool,
    /// First byte in the part.
    pub start: u64,
    /// One past the last byte in the part.
    pub end: u64,
    /// Cell, with its sheet: `Sheet6!G16`; absent when the place is none.
    pub cell: docsift_str,
}

/// What a rule found.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_finding {
    /// Rule identifier.
    pub rule: docsift_str,
    /// Rule name.
    pub name: docsift_str,
    /// What was found here.
    pub message: docsift_str,
    /// How much it matters.
    pub severity: docsift_severity,
    /// How sure it is.
    pub confidence: docsift_confidence,
    /// Techniques of MITRE ATT&CK.
    pub attack: *const docsift_str,
    /// How many there are.
    pub attack_count: usize,
    /// How many proofs `docsift_report_evidence` has.
    pub evidence_count: usize,
    /// How often the rule found more that is not listed.
    pub more: u64,
}

/// Proof of a finding.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_evidence {
    /// Where.
    pub location: *const docsift_location,
    /// The bytes there, capped.
    pub raw: *const u8,
    /// How many there are.
    pub raw_len: usize,
    /// What they say, capped.
    pub text: docsift_str,
}

/// One thing that the document would do. What is unknown in a text stands there as a placeholder in
/// braces: `http://one.invalid/{NOW}`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_effect {
    /// `fetch`, `write`, `run` ... as in the JSON report.
    pub kind: docsift_str,
    /// `seen_in_text` or `evaluated`.
    pub basis: docsift_str,
    /// What exactly.
    pub text: docsift_str,
    /// What it hangs on; may be absent.
    pub condition: docsift_str,
    /// Where it stands.
    pub location: *const docsift_location,
    /// Its place in the order in which things happen, from 0; -1 when that is not known.
    pub order: i64,
    /// What starts the macro; may be absent, as all texts below may.
    pub start: docsift_str,
    /// Fetch: the address.
    pub url: docsift_str,
    /// Fetch: the file that it is saved to. A mail: its receiver.
    pub to: docsift_str,
    /// Write, delete: the file or folder.
    pub path: docsift_str,
    /// Write: what is written. Alert: what is shown.
    pub content: docsift_str,
    /// Run: the command line.
    pub command: docsift_str,
    /// Run, call: through what.
    pub how: docsift_str,
    /// Register, call: the DLL.
    pub dll: docsift_str,
    /// Register, call: the function.
    pub procedure: docsift_str,
    /// Call: the arguments.
    pub arguments: *const docsift_str,
    /// How many there are.
    pub argument_count: usize,
    /// The formula as it was written by another one.
    pub source: docsift_str,
}

/// Something to search for elsewhere.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_indicator {
    /// `url`, `host`, `ip`, `command` ... as in the JSON report.
    pub kind: docsift_str,
    /// The value.
    pub value: docsift_str,
    /// The value so that no tool makes a link of it.
    pub defanged: docsift_str,
    /// How often it was seen.
    pub count: u64,
    /// Where it was seen first.
    pub location: *const docsift_location,
    /// Whether it is a well-known address that says nothing.
    pub well_known: bool,
}

/// Bytes of a part in its parent. It never grows.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct docsift_run {
    /// First byte.
    pub start: u64,
    /// Bytes.
    pub len: u64,
}

/// A part of the input.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_part {
    /// Its identifier, which is its index.
    pub id: u32,
    /// Identifier of the part that it lies in; `DOCSIFT_NO_PART` for the input.
    pub parent: u32,
    /// Its way from the input: `invoice.xls!/Workbook`.
    pub path: docsift_str,
    /// What it is.
    pub kind: docsift_str,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal, of documents, objects and pictures; else absent.
    pub sha256: docsift_str,
    /// Where its bytes lie in its parent, capped; none when they were made by decompression.
    pub runs: *const docsift_run,
    /// How many there are.
    pub run_count: usize,
    /// How it was decrypted; absent when it was not encrypted.
    pub method: docsift_str,
    /// The password; absent when it was not encrypted.
    pub password: docsift_str,
    /// Where the password comes from: `caller`, `mail_body` ...; absent when it was not encrypted.
    pub password_source: docsift_str,
}

/// A module of macro source: VBA, or a WordBasic macro.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_module {
    /// The part that its source is.
    pub part: u32,
    /// Its name.
    pub name: docsift_str,
    /// `procedural`, `document`, `class`, `form`, or `wordbasic`.
    pub kind: docsift_str,
    /// Its source, capped.
    pub source: docsift_str,
    /// Whether the source is cut.
    pub cut: bool,
    /// Whether the editor lists it.
    pub listed: bool,
}

/// An Excel 4.0 macro sheet.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_macro_sheet {
    /// The part of its workbook.
    pub part: u32,
    /// Its name.
    pub sheet: docsift_str,
    /// `visible`, `hidden`, `very_hidden` or `reserved`.
    pub visibility: docsift_str,
    /// How many cells `docsift_report_macro_cell` has.
    pub cell_count: usize,
    /// Whether cells are left out.
    pub cut: bool,
}

/// A cell of a macro sheet.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_macro_cell {
    /// Its address.
    pub cell: docsift_str,
    /// Its formula, as Excel shows it.
    pub formula: docsift_str,
    /// The value that the file keeps for it; may be absent.
    pub cached: docsift_str,
    /// The value that it had at the end of the run; absent when it did not run.
    pub computed: docsift_str,
}

/// Text with its place.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_text {
    /// The text, capped.
    pub text: docsift_str,
    /// What it stands in: `cell`, `text_box`, `note` ...
    pub source: docsift_str,
    /// Where.
    pub location: *const docsift_location,
    /// Whether a person sees it without doing anything.
    pub visible: bool,
}

/// A deviation, or something unread.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_problem {
    /// `recovered`, `abandoned`, `limit_reached`, `needs_password` or `unsupported`. All but the
    /// first bar "nothing found".
    pub kind: docsift_str,
    /// The reader that met it.
    pub stage: docsift_str,
    /// What is wrong.
    pub message: docsift_str,
    /// Where.
    pub location: *const docsift_location,
}
