//! The report as C reads it: counts, and pointers to structures that it owns.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::sync::OnceLock;

use docsift::report::Report;

use crate::boundary::{Failure, borrowed, docsift_result, guard, guard_or, output, take_back, write};
use crate::structs::*;
use crate::views::{self, Nested, Views};

/// Bytes of parts that were kept, by identifier.
pub(crate) type Kept = BTreeMap<u32, Vec<u8>>;

/// What one analysis found. It never changes: any number of threads may read one at the same time.
/// Whatever it hands out is its own, and is valid until it is freed.
#[derive(Debug)]
pub struct docsift_report {
    report: Report,
    kept: Kept,
    input: OnceLock<Views<docsift_input_summary>>,
    verdict: OnceLock<Views<docsift_verdict>>,
    findings: OnceLock<Nested<docsift_finding, docsift_evidence>>,
    effects: OnceLock<Views<docsift_effect>>,
    indicators: OnceLock<Views<docsift_indicator>>,
    parts: OnceLock<Views<docsift_part>>,
    modules: OnceLock<Views<docsift_module>>,
    macro_sheets: OnceLock<Nested<docsift_macro_sheet, docsift_macro_cell>>,
    texts: OnceLock<Views<docsift_text>>,
    problems: OnceLock<Views<docsift_problem>>,
    json: OnceLock<Views<docsift_str>>,
}

impl docsift_report {
    pub(crate) fn new(report: Report, kept: Kept) -> Self {
        docsift_report {
            report,
            kept,
            input: OnceLock::new(),
            verdict: OnceLock::new(),
            findings: OnceLock::new(),
            effects: OnceLock::new(),
            indicators: OnceLock::new(),
            parts: OnceLock::new(),
            modules: OnceLock::new(),
            macro_sheets: OnceLock::new(),
            texts: OnceLock::new(),
            problems: OnceLock::new(),
            json: OnceLock::new(),
        }
    }

    fn findings(&self) -> &Nested<docsift_finding, docsift_evidence> {
        self.findings.get_or_init(|| views::findings(&self.report))
    }

    fn macro_sheets(&self) -> &Nested<docsift_macro_sheet, docsift_macro_cell> {
        self.macro_sheets.get_or_init(|| views::macro_sheets(&self.report))
    }
}

/// Runs a getter on the report, or yields `fallback`.
///
/// # Safety
/// `report` is NULL or leads to a report that nobody frees meanwhile.
unsafe fn of<T>(
    report: *const docsift_report,
    fallback: T,
    get: impl FnOnce(&docsift_report) -> Result<T, Failure>,
) -> T {
    guard_or(fallback, || {
        // SAFETY: the caller's promise.
        get(unsafe { borrowed(report, "report") }?)
    })
}

/// A pointer to an item of a list of the report.
fn item<T>(views: &Views<T>, index: usize) -> Result<*const T, Failure> {
    views.get(index).map(std::ptr::from_ref).ok_or_else(|| Failure::index(index, views.len()))
}

fn inner<T, U>(nested: &Nested<T, U>, index: usize, within: usize) -> Result<*const U, Failure> {
    // An index that is too large for the outer list is named first.
    item(&nested.outer, index)?;
    let found = nested.inner(index, within).map(std::ptr::from_ref);
    found.map_err(|len| Failure::index(within, len))
}

/// Frees a report and everything that it handed out; NULL is nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_free(report: *mut docsift_report) {
    // SAFETY: the caller's promise.
    unsafe { take_back(report) }
}

/// How bad it is; `DOCSIFT_LEVEL_NO_REPORT` when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_level(report: *const docsift_report) -> docsift_level {
    let level = |report: &docsift_report| Ok(views::level(report.report.verdict.level));
    // SAFETY: the caller's promise.
    unsafe { of(report, docsift_level::NoReport, level) }
}

/// The verdict in one plain sentence, which ends with NUL; NULL when `report` is.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_sentence(report: *const docsift_report) -> *const c_char {
    // SAFETY: the caller's promise.
    let verdict = unsafe { docsift_report_verdict(report) };
    // SAFETY: NULL, or the library's own structure.
    unsafe { verdict.as_ref() }.map_or(std::ptr::null(), |verdict| verdict.sentence.data)
}

/// The verdict with its reasons; NULL when `report` is.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_verdict(report: *const docsift_report) -> *const docsift_verdict {
    let verdict =
        |report: &docsift_report| item(report.verdict.get_or_init(|| views::verdict(&report.report)), 0);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), verdict) }
}

/// What was analysed; NULL when `report` is.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_input(report: *const docsift_report) -> *const docsift_input_summary {
    let input = |report: &docsift_report| item(report.input.get_or_init(|| views::input(&report.report)), 0);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), input) }
}

/// Plain facts for policies that block by content: a sum of `DOCSIFT_HAS_...`; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_active_content(report: *const docsift_report) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(views::active_content(&report.report))) }
}

/// How many findings, in the order of the rule catalogue; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_finding_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.findings.len())) }
}

/// A finding; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_finding(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_finding {
    let get = |report: &docsift_report| item(&report.findings().outer, index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// A proof of a finding, by the indexes of both; NULL when one is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_evidence(
    report: *const docsift_report,
    finding: usize,
    index: usize,
) -> *const docsift_evidence {
    let get = |report: &docsift_report| inner(report.findings(), finding, index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many things that the document would do, in the order in which they happen; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_effect_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.behaviour.len())) }
}

/// One thing that the document would do; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_effect(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_effect {
    let get =
        |report: &docsift_report| item(report.effects.get_or_init(|| views::effects(&report.report)), index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many addresses, paths and commands; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_indicator_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.indicators.len())) }
}

/// An address, path or command; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_indicator(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_indicator {
    let get = |report: &docsift_report| {
        item(report.indicators.get_or_init(|| views::indicators(&report.report)), index)
    };
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many parts; part 0 is the input; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_part_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.parts.len())) }
}

/// A part; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_part(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_part {
    let get =
        |report: &docsift_report| item(report.parts.get_or_init(|| views::parts(&report.report)), index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// The bytes of a part, by its index. They are there for parts that were met when `keep_bytes` of
/// `docsift_input` had room for them; for others the answer is `DOCSIFT_RESULT_NOT_KEPT`.
///
/// `*bytes` is owned by the report. It is not NULL, even when `*len` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_part_bytes(
    report: *const docsift_report,
    index: usize,
    bytes: *mut *const u8,
    len: *mut usize,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let report = unsafe { borrowed(report, "report") }?;
        output(bytes, "bytes")?;
        output(len, "len")?;
        let parts = &report.report.parts;
        let part = parts.get(index).ok_or_else(|| Failure::index(index, parts.len()))?;
        let not_kept = || Failure::new(docsift_result::NotKept, format!("part {index} was not kept"));
        let kept = report.kept.get(&part.id).ok_or_else(not_kept)?;
        // SAFETY: checked; the rest is the caller's promise.
        unsafe { write(bytes, kept.as_ptr()) };
        // SAFETY: as above.
        unsafe { write(len, kept.len()) };
        Ok(())
    })
}

/// How many modules of macro source; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_module_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        of(report, 0, |report| {
            Ok(report.report.macros.vba.len().saturating_add(report.report.macros.wordbasic.len()))
        })
    }
}

/// A module of macro source; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_module(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_module {
    let get =
        |report: &docsift_report| item(report.modules.get_or_init(|| views::modules(&report.report)), index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many Excel 4.0 macro sheets; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_macro_sheet_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.macros.xlm.len())) }
}

/// An Excel 4.0 macro sheet; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_macro_sheet(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_macro_sheet {
    let get = |report: &docsift_report| item(&report.macro_sheets().outer, index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// A cell of a macro sheet, by the indexes of both; NULL when one is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_macro_cell(
    report: *const docsift_report,
    sheet: usize,
    index: usize,
) -> *const docsift_macro_cell {
    let get = |report: &docsift_report| inner(report.macro_sheets(), sheet, index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many texts that a person would see or could find; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_text_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.text.len())) }
}

/// A text with its place; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_text(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_text {
    let get =
        |report: &docsift_report| item(report.texts.get_or_init(|| views::texts(&report.report)), index);
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// How many deviations, and things unread; 0 when `report` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_problem_count(report: *const docsift_report) -> usize {
    // SAFETY: the caller's promise.
    unsafe { of(report, 0, |report| Ok(report.report.problems.len())) }
}

/// A deviation, or something unread; NULL when `index` is past the end or `report` is NULL.
///
/// Owned by the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_problem(
    report: *const docsift_report,
    index: usize,
) -> *const docsift_problem {
    let get = |report: &docsift_report| {
        item(report.problems.get_or_init(|| views::problems(&report.report)), index)
    };
    // SAFETY: the caller's promise.
    unsafe { of(report, std::ptr::null(), get) }
}

/// The whole report as JSON on one line, as `docs/report.schema.json` describes it. `data` is NULL when
/// `report` is.
///
/// Owned by the report, which makes it at the first call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_report_json(report: *const docsift_report) -> docsift_str {
    let json = |report: &docsift_report| {
        let json = report.json.get_or_init(|| views::json(&report.report));
        json.get(0).copied().ok_or_else(|| Failure::index(0, 0))
    };
    // SAFETY: the caller's promise.
    unsafe { of(report, docsift_str::ABSENT, json) }
}
