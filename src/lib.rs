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
pub use base::{LimitKind, Limits};
pub use findings::{RuleFilter, Severity, catalogue, rule};
pub use lure::pictures::KnownLure;
pub use report::trace::Trace;
pub use report::{Report, Verdict};
pub use verdict::Level;
pub use xlm::{Environment, EnvironmentError};
