//! The caller's entry: options, input, analyzer. `run` knows the order of the stages.

mod archive;
mod book;
mod commands;
mod compound;
mod embedded;
mod hangul;
mod locked;
mod made;
mod mail;
mod meaning;
mod notes;
mod outlook;
mod package;
mod pictures;
mod presentation;
mod roles;
mod rtf;
mod run;
mod streams;
mod text;
mod unpack;
mod web;
mod word;

use std::sync::{Arc, LazyLock};

use crate::base::{LimitKind, Limits};
use crate::containers::part::Part;
use crate::findings::{RuleFilter, rule};
use crate::lure::pictures::KnownLure;
use crate::report::Report;
use crate::report::trace::Trace;
use crate::xlm::environment::Environment;

pub use pictures::{PictureReader, PictureView};

/// Analyses with default options.
///
/// ```
/// let report = docsift::analyze(b"");
/// println!("{}", report.verdict.sentence);
/// ```
pub fn analyze(input: &[u8]) -> Report {
    static DEFAULT: LazyLock<Analyzer> = LazyLock::new(Analyzer::default);
    DEFAULT.analyze(input)
}

/// How to analyse.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Ceilings.
    pub limits: Limits,
    /// Passwords to try on everything that is encrypted, in this order.
    pub passwords: Vec<String>,
    /// Rules that are off or have another severity.
    pub rules: RuleFilter,
    /// Files and macros that are known to be good.
    pub allow: AllowList,
    /// Pictures that are known from lures. Those known by their look take the feature `pictures`.
    pub known_lures: Vec<KnownLure>,
    /// Reads text in pictures, if the caller has means for it. The library has none.
    pub picture_reader: Option<Arc<dyn PictureReader>>,
    /// The desktop that macros are thought to run on.
    pub environment: Environment,
}

/// Files and macros that are known to be good. Their findings are kept and do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    /// SHA-256 of whole files.
    pub files: Vec<[u8; 32]>,
    /// SHA-256 of macros in normal form: `macros.normalised_sha256` of a report.
    pub macros: Vec<[u8; 32]>,
}

/// An option that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// A rule filter names a rule that does not exist.
    #[error("no rule {id:?}; `docsift rules` lists them")]
    UnknownRule {
        /// The identifier given.
        id: String,
    },
    /// A ceiling is zero, so that nothing could be read.
    #[error("the limit on {} is zero", kind.name())]
    ZeroLimit {
        /// Which.
        kind: LimitKind,
    },
}

/// How much of the runs of macros a trace keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceOptions {
    /// Steps of all runs together; the others are run and counted.
    pub steps: u64,
    /// How often a cell is kept that only computes, before turns of its loop are passed over and
    /// counted; 0 for always.
    pub repeats: u32,
}

impl Default for TraceOptions {
    fn default() -> Self {
        TraceOptions { steps: 1000, repeats: 2 }
    }
}

/// What is analysed: bytes, and the file name if there is one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Input<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The file name, without folders.
    pub name: Option<&'a str>,
    /// Content of the stream `Zone.Identifier` that Windows keeps beside a file from elsewhere.
    pub zone: Option<&'a [u8]>,
}

impl<'a> Input<'a> {
    /// Bytes with a file name.
    pub fn named(bytes: &'a [u8], name: &'a str) -> Self {
        Input { bytes, name: Some(name), zone: None }
    }

    /// The same with what Windows says of where the file comes from: its `HostUrl` and `ReferrerUrl`
    /// become indicators.
    pub fn with_zone(self, zone: &'a [u8]) -> Self {
        Input { zone: Some(zone), ..self }
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Input { bytes, name: None, zone: None }
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Input { bytes, name: None, zone: None }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Input { bytes, name: None, zone: None }
    }
}

/// A part and its bytes, alive while it is visited.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PartView<'v> {
    /// The part.
    pub part: &'v Part,
    /// Its way from the input: `invoice.xls!/Workbook`.
    pub path: &'v str,
    /// Its bytes.
    pub bytes: &'v [u8],
}

/// Analyses any number of inputs, from any number of threads.
#[derive(Debug, Default)]
pub struct Analyzer {
    options: Options,
}

impl Analyzer {
    /// An analyzer with options.
    ///
    /// # Errors
    /// [`OptionsError`] when an option makes no sense.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        let filter = &options.rules;
        for id in filter.off.iter().chain(filter.severity.iter().map(|(id, _)| id)) {
            if rule(id).is_none() {
                return Err(OptionsError::UnknownRule { id: id.clone() });
            }
        }
        let limits = &options.limits;
        for (value, kind) in [(limits.steps, LimitKind::Steps), (limits.parts.into(), LimitKind::Parts)] {
            if value == 0 {
                return Err(OptionsError::ZeroLimit { kind });
            }
        }
        Ok(Analyzer { options })
    }

    /// Analyses one input. Any bytes give a report.
    pub fn analyze<'a>(&self, input: impl Into<Input<'a>>) -> Report {
        self.analyze_counting(input).0
    }

    /// Analyses one input, and says how many steps of [`Limits::steps`] that took. For tests and
    /// benches; a step's worth is no part of the interface.
    #[doc(hidden)]
    pub fn analyze_counting<'a>(&self, input: impl Into<Input<'a>>) -> (Report, u64) {
        run::run(&self.options, input.into(), None)
    }

    /// Runs the Excel 4.0 macros of every workbook in one input, and keeps what they do step by step.
    /// Any bytes give a trace; one without a run says why there is none.
    ///
    /// ```
    /// let trace = docsift::Analyzer::default().trace(b"no workbook", docsift::TraceOptions::default());
    /// assert!(trace.nothing.is_some());
    /// ```
    pub fn trace<'a>(&self, input: impl Into<Input<'a>>, wanted: TraceOptions) -> Trace {
        run::trace(&self.options, input.into(), wanted)
    }

    /// Analyses one input and shows every part with its bytes on the way.
    pub fn analyze_with<'a>(
        &self,
        input: impl Into<Input<'a>>,
        visit: &mut dyn FnMut(PartView<'_>),
    ) -> Report {
        run::run(&self.options, input.into(), Some(visit)).0
    }
}
