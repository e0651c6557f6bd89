//! Says what an Office document would do before anyone opens it.
//!
//! Bytes in, report out: no file, socket, clock, thread or randomness is touched. Any bytes give a
//! [`Report`]; hostile content is never an error, a panic or an endless loop.
//!
//! ```
//! let report = docsift::analyze(b"not an Office document");
//! // What was not read is never called clean.
//! assert_eq!(report.verdict.level, docsift::Level::Inconclusive);
//! ```
//!
//! # Act on a verdict
//!
//! A gateway lets a file pass when it was read to the end and nothing was found. What could not be
//! read is for a person or a sandbox, not for the inbox.
//!
//! ```
//! use docsift::{Level, analyze};
//!
//! let attachment = std::fs::read("corpus/synthetic/twin.xls")?;
//! let report = analyze(&attachment);
//! let pass = match report.verdict.level {
//!     Level::NothingFound => true,
//!     Level::Inconclusive | Level::Suspicious | Level::Malicious => false,
//! };
//! assert!(!pass);
//! // A policy against macros as such needs no verdict.
//! assert!(report.active_content.has_xlm);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Read findings
//!
//! Every finding has proof: the part, the place in it, and the text there. Texts come from the file;
//! escape them before they reach a terminal or a page.
//!
//! ```
//! # let attachment = std::fs::read("corpus/synthetic/twin.xls")?;
//! let report = docsift::analyze(&attachment);
//! for finding in &report.findings {
//!     for proof in &finding.evidence {
//!         let part = &report.parts[proof.location.part as usize];
//!         println!("{} {}: {:?} in {:?}", finding.rule, finding.severity, proof.text, part.path);
//!     }
//! }
//! assert!(report.verdict.decided_by.iter().all(|rule| docsift::rule(rule).is_some()));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Set limits, add passwords
//!
//! An [`Analyzer`] holds the options and is shared by any number of threads. [`Options`] also has rules
//! that are off, files and macros that are known to be good, and the desktop that macros are thought to
//! run on. A limit that is reached, like a password that is missing, is a problem in the report, and the
//! verdict then is not "nothing found".
//!
//! ```
//! use docsift::{Analyzer, Options};
//!
//! # let attachment = std::fs::read("corpus/synthetic/twin.xls")?;
//! let mut options = Options::default();
//! options.limits.steps = 50;
//! let report = Analyzer::new(options)?.analyze(&attachment);
//! assert!(report.problems.iter().any(|problem| problem.kind == "limit_reached"));
//! assert!(!report.verdict.complete);
//!
//! let encrypted = std::fs::read("corpus/synthetic/encrypted-agile.docx")?;
//! let asks = |report: &docsift::Report| {
//!     report.problems.iter().any(|problem| problem.kind == "needs_password")
//! };
//! # if !docsift::Feature::Crypto.is_built() { return Ok(()) }
//! assert!(asks(&docsift::analyze(&encrypted)));
//! let mut options = Options::default();
//! options.passwords.push("a password that no list has".to_owned());
//! assert!(!asks(&Analyzer::new(options)?.analyze(&encrypted)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Look at every part
//!
//! [`Analyzer::analyze_with`] shows each part with its bytes while it is alive, for a store or another
//! scanner. [`Analyzer::trace`] keeps how Excel 4.0 macros run, step by step. [`Report::to_json`] is the
//! contract for other languages; `docs/report.md` describes it.
//!
//! ```
//! # let attachment = std::fs::read("corpus/synthetic/twin.xls")?;
//! let mut longest = 0;
//! let report = docsift::Analyzer::default().analyze_with(&attachment, &mut |view| {
//!     longest = longest.max(view.bytes.len());
//! });
//! assert_eq!(longest, attachment.len());
//! # #[cfg(feature = "serde")]
//! assert!(report.to_json().starts_with('{'));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Leave something out
//!
//! Four features are on unless a build leaves them out: `crypto` (AES and RC4), `mail` (all forms of
//! mails), `pictures` (the look of pictures) and `serde` (`Serialize`, `Report::to_json` and
//! `Trace::to_json`). None of them changes a result: where the reader of a format is missing, the report
//! says so, and the verdict is not "nothing found". [`Feature`] says what a build can read.
//!
//! ```
//! use docsift::{Feature, Level};
//!
//! let report = docsift::analyze(&std::fs::read("corpus/synthetic/encrypted-agile.docx")?);
//! let missing = "this build leaves out the feature `crypto`";
//! let is_told = report.problems.iter().any(|problem| problem.message.ends_with(missing));
//! assert_eq!(is_told, !Feature::Crypto.is_built());
//! assert!(!report.verdict.complete && report.verdict.level != Level::NothingFound);
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::cast_possible_truncation,
        clippy::string_slice,
        clippy::disallowed_methods
    )
)]
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod base;
pub mod containers;
pub mod crypto;
pub mod documents;
pub mod indicators;
pub mod lure;
pub mod vba;
pub mod xlm;

mod analyzer;
pub mod findings;
pub mod report;
pub mod verdict;

pub use analyzer::{
    AllowList, Analyzer, Input, Options, OptionsError, PartView, PictureReader, PictureView, TraceOptions,
    analyze,
};
pub use base::{Feature, LimitKind, Limits};
pub use findings::{RuleFilter, Severity, catalogue, rule};
pub use lure::pictures::KnownLure;
pub use report::trace::Trace;
pub use report::{Report, Verdict};
pub use verdict::Level;
pub use xlm::{Environment, EnvironmentError};
