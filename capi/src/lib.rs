//! The C ABI of docsift: bytes in, report out, for programs in C and C++.
//!
//! What a caller reads is `include/docsift.h`, which `cargo xtask header` writes from this crate: every
//! doc comment on a public item here is a comment there. `docs/c-api.md` is the guide.
//!
//! This is the only package with `unsafe`. It has four uses, each with its reason beside it: reading
//! what C points to, writing to where C points, taking back what was given to C (all in `boundary`),
//! and saying that lists whose pointers lead into themselves may be shared by threads (`views`).
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
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
        clippy::string_slice
    )
)]
// Names are those that C sees.
#![allow(non_camel_case_types)]
// What pointers must be is the same for every function and is said once, in the head of the header.
#![allow(clippy::missing_safety_doc)]

pub mod abi;
mod analyzer;
mod boundary;
mod options;
mod report;
mod stable;
mod structs;
mod trace;
mod version;
mod views;

pub use analyzer::{
    docsift_analyze, docsift_analyzer, docsift_analyzer_free, docsift_analyzer_new, docsift_input,
    docsift_visit, docsift_visited,
};
pub use boundary::{docsift_last_error, docsift_result};
pub use options::{
    docsift_limits, docsift_options, docsift_options_add_known_lure, docsift_options_add_known_lure_dhash,
    docsift_options_add_password, docsift_options_allow_file, docsift_options_allow_macros,
    docsift_options_free, docsift_options_new, docsift_options_rule_off, docsift_options_rule_severity,
    docsift_options_set_environment, docsift_options_set_limits,
};
pub use report::{
    docsift_report, docsift_report_active_content, docsift_report_effect, docsift_report_effect_count,
    docsift_report_evidence, docsift_report_finding, docsift_report_finding_count, docsift_report_free,
    docsift_report_indicator, docsift_report_indicator_count, docsift_report_input, docsift_report_json,
    docsift_report_level, docsift_report_macro_cell, docsift_report_macro_sheet,
    docsift_report_macro_sheet_count, docsift_report_module, docsift_report_module_count,
    docsift_report_part, docsift_report_part_bytes, docsift_report_part_count, docsift_report_problem,
    docsift_report_problem_count, docsift_report_sentence, docsift_report_text, docsift_report_text_count,
    docsift_report_verdict,
};
pub use structs::*;
pub use trace::{
    DOCSIFT_EVERY_TURN, docsift_trace, docsift_trace_complete, docsift_trace_free, docsift_trace_json,
    docsift_trace_new, docsift_trace_options,
};
pub use version::{
    DOCSIFT_ABI_VERSION, DOCSIFT_VERSION_MAJOR, DOCSIFT_VERSION_MINOR, DOCSIFT_VERSION_PATCH,
    docsift_abi_version, docsift_version,
};
