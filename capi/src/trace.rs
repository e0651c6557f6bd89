//! How Excel 4.0 macros run, step by step, as JSON.

use docsift::TraceOptions;

use crate::analyzer::{Given, docsift_analyzer, docsift_input};
use crate::boundary::{
    Failure, Growing, borrowed, docsift_result, give, growing, guard, guard_or, output, take_back,
};
use crate::options::set;
use crate::structs::docsift_str;

/// `repeats` of `docsift_trace_options`: every turn of a loop is kept.
pub const DOCSIFT_EVERY_TURN: u32 = 0xFFFF_FFFF;

/// How much of the runs a trace keeps. A field that is 0 has its default.
///
/// `docsift_trace_options wanted = { 0 }; wanted.size = sizeof wanted;` and then what is to differ.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_trace_options {
    /// `sizeof(docsift_trace_options)`.
    pub size: usize,
    /// Steps of all runs together; the others are run and counted. 1000 by default.
    pub steps: u64,
    /// How often a cell is kept that only computes, before turns of its loop are passed over and
    /// counted: 2 by default, or `DOCSIFT_EVERY_TURN`; no larger number.
    pub repeats: u64,
}

// SAFETY: numbers only.
unsafe impl Growing for docsift_trace_options {
    const FIRST_SIZE: usize = std::mem::offset_of!(docsift_trace_options, repeats) + size_of::<u64>();
}

/// How the Excel 4.0 macros of one input run. It never changes: any number of threads may read one at
/// the same time. What it hands out is its own, and is valid until it is freed.
#[derive(Debug)]
pub struct docsift_trace {
    is_complete: bool,
    /// JSON, in which no byte is NUL, and a NUL behind it.
    json: Vec<u8>,
}

/// Runs the Excel 4.0 macros of every workbook in one input, and keeps what they do step by step. The
/// macros run in a machine that has nothing of this computer behind it. Any bytes give a trace; one
/// without a run says why there is none.
///
/// `visit` and `keep_bytes` of `input` are for `docsift_analyze`, and are not looked at. `wanted` may be
/// NULL for defaults. `*trace` is the caller's, and is freed with `docsift_trace_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_trace_new(
    analyzer: *const docsift_analyzer,
    input: *const docsift_input,
    wanted: *const docsift_trace_options,
    trace: *mut *mut docsift_trace,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let analyzer = unsafe { borrowed(analyzer, "analyzer") }?;
        // SAFETY: the caller's promise.
        let given = unsafe { Given::of(input) }?;
        // SAFETY: the caller's promise.
        let wanted = unsafe { wanted_of(wanted) }?;
        output(trace, "trace")?;
        let made = analyzer.inner.trace(given.input(), wanted);
        let mut json = made.to_json().into_bytes();
        json.push(0);
        // SAFETY: checked; the rest is the caller's promise.
        unsafe { give(trace, docsift_trace { is_complete: made.complete, json }) };
        Ok(())
    })
}

/// # Safety
/// `wanted` is NULL or leads to options of the size that they say.
unsafe fn wanted_of(wanted: *const docsift_trace_options) -> Result<TraceOptions, Failure> {
    let mut options = TraceOptions::default();
    if wanted.is_null() {
        return Ok(options);
    }
    // SAFETY: the caller's promise.
    let given = unsafe { growing(wanted, "wanted") }?;
    set(&mut options.steps, given.steps, "steps")?;
    set(&mut options.repeats, given.repeats, "repeats")?;
    if options.repeats == DOCSIFT_EVERY_TURN {
        options.repeats = 0;
    }
    Ok(options)
}

/// Frees a trace and everything that it handed out; NULL is nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_trace_free(trace: *mut docsift_trace) {
    // SAFETY: the caller's promise.
    unsafe { take_back(trace) }
}

/// Whether everything in the input was read and every run came to its end; false when `trace` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_trace_complete(trace: *const docsift_trace) -> bool {
    guard_or(false, || {
        // SAFETY: the caller's promise.
        let trace = unsafe { borrowed(trace, "trace") }?;
        Ok(trace.is_complete)
    })
}

/// The whole trace as JSON on one line, as `docs/trace.schema.json` describes it. `data` is NULL when
/// `trace` is.
///
/// Owned by the trace.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_trace_json(trace: *const docsift_trace) -> docsift_str {
    guard_or(docsift_str::ABSENT, || {
        // SAFETY: the caller's promise.
        let trace = unsafe { borrowed(trace, "trace") }?;
        Ok(docsift_str { data: trace.json.as_ptr().cast(), len: trace.json.len().saturating_sub(1) })
    })
}
