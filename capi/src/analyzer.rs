//! The analyzer, what it is given, and the call that does the work.

use std::borrow::Cow;
use std::ffi::{CString, c_char, c_void};

use docsift::{Analyzer, Input, Options, OptionsError, PartView};

use crate::boundary::{
    Failure, Growing, borrowed, bytes, docsift_result, give, growing, guard, optional_text, output, take_back,
};
use crate::options::docsift_options;
use crate::report::{Kept, docsift_report};
use crate::structs::{DOCSIFT_NO_PART, docsift_str};

/// Analyses any number of inputs. It never changes: any number of threads may use one at the same
/// time.
#[derive(Debug)]
pub struct docsift_analyzer {
    pub(crate) inner: Analyzer,
}

/// A part that is visited, with its bytes. All of it is valid until the visit returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_visited {
    /// Its identifier.
    pub part: u32,
    /// Identifier of the part that it lies in; `DOCSIFT_NO_PART` for the input.
    pub parent: u32,
    /// Its way from the input: `invoice.xls!/Workbook`.
    pub path: docsift_str,
    /// What it is.
    pub kind: docsift_str,
    /// Its bytes.
    pub bytes: *const u8,
    /// How many there are.
    pub len: usize,
}

/// Called for every part of an input while it is analysed, by the thread that called
/// `docsift_analyze`. It must return: no exception and no `longjmp` may leave it. `user` is that of
/// `docsift_input`.
pub type docsift_visit = Option<unsafe extern "C" fn(user: *mut c_void, part: *const docsift_visited)>;

/// What is analysed. A field that is zero is not given.
///
/// `docsift_input input = { 0 }; input.size = sizeof input;` and then `bytes` and `len`.
/// A call only reads what is in it, and keeps no pointer once it returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_input {
    /// `sizeof(docsift_input)`.
    pub size: usize,
    /// The bytes.
    pub bytes: *const u8,
    /// How many there are.
    pub len: usize,
    /// The file name without folders, in UTF-8; what is not UTF-8 is replaced. It ends with NUL.
    pub name: *const c_char,
    /// Content of the stream `Zone.Identifier` that Windows keeps beside a file from elsewhere.
    pub zone: *const u8,
    /// Bytes of `zone`.
    pub zone_len: usize,
    /// How many bytes of parts the report keeps for `docsift_report_part_bytes`, all parts together.
    /// Parts are kept in the order in which they are met, those that no longer fit are not.
    pub keep_bytes: u64,
    /// Called for every part with its bytes.
    pub visit: docsift_visit,
    /// Passed to `visit`, and not looked at.
    pub user: *mut c_void,
}

// SAFETY: numbers, pointers, and a function that may be NULL.
unsafe impl Growing for docsift_input {
    const FIRST_SIZE: usize = std::mem::offset_of!(docsift_input, user) + size_of::<*mut c_void>();
}

/// Makes an analyzer. `options` may be NULL for defaults; it is only read, and may be freed after.
///
/// `*analyzer` is the caller's, and is freed with `docsift_analyzer_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_analyzer_new(
    options: *const docsift_options,
    analyzer: *mut *mut docsift_analyzer,
) -> docsift_result {
    guard(|| {
        output(analyzer, "analyzer")?;
        // SAFETY: the caller's promise.
        let options =
            unsafe { options.as_ref() }.map_or_else(Options::default, |options| options.inner.clone());
        let inner = Analyzer::new(options).map_err(|error| {
            let code = match &error {
                OptionsError::UnknownRule { .. } => docsift_result::UnknownRule,
                _ => docsift_result::BadOption,
            };
            Failure::new(code, error.to_string())
        })?;
        // SAFETY: checked; the rest is the caller's promise.
        unsafe { give(analyzer, docsift_analyzer { inner }) };
        Ok(())
    })
}

/// Frees an analyzer; NULL is nothing. No call may be using it. Reports that it made stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_analyzer_free(analyzer: *mut docsift_analyzer) {
    // SAFETY: the caller's promise.
    unsafe { take_back(analyzer) }
}

/// Analyses one input. Any bytes give a report: hostile content is never a failure.
///
/// `*report` is the caller's, and is freed with `docsift_report_free`. It does not point into the
/// input.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_analyze(
    analyzer: *const docsift_analyzer,
    input: *const docsift_input,
    report: *mut *mut docsift_report,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let analyzer = unsafe { borrowed(analyzer, "analyzer") }?;
        // SAFETY: the caller's promise.
        let given = unsafe { Given::of(input) }?;
        output(report, "report")?;
        let docsift_input { keep_bytes, visit, user, .. } = given.fields;
        let mut kept = Kept::new();
        let made = if visit.is_none() && keep_bytes == 0 {
            analyzer.inner.analyze(given.input())
        } else {
            let mut left = keep_bytes;
            analyzer.inner.analyze_with(given.input(), &mut |view| {
                keep(&mut kept, &mut left, view);
                show(visit, user, view);
            })
        };
        // SAFETY: checked; the rest is the caller's promise.
        unsafe { give(report, docsift_report::new(made, kept)) };
        Ok(())
    })
}

/// An input, with what its pointers lead to.
pub(crate) struct Given<'a> {
    fields: docsift_input,
    content: &'a [u8],
    zone: &'a [u8],
    name: Option<Cow<'a, str>>,
}

impl<'a> Given<'a> {
    /// # Safety
    /// `input` is NULL or leads to an input whose pointers lead to what the header says, and that nobody
    /// writes while `'a` lasts.
    pub(crate) unsafe fn of(input: *const docsift_input) -> Result<Self, Failure> {
        // SAFETY: the caller's promise.
        let fields: docsift_input = unsafe { growing(input, "input") }?;
        // SAFETY: the caller's promise.
        let content = unsafe { bytes(fields.bytes, fields.len, "input.bytes") }?;
        // SAFETY: the caller's promise.
        let zone = unsafe { bytes(fields.zone, fields.zone_len, "input.zone") }?;
        // SAFETY: the caller's promise.
        let name = unsafe { optional_text(fields.name) };
        Ok(Given { fields, content, zone, name })
    }

    pub(crate) fn input(&self) -> Input<'_> {
        let mut input = Input::from(self.content);
        input.name = self.name.as_deref();
        input.zone = (!self.fields.zone.is_null()).then_some(self.zone);
        input
    }
}

/// Keeps the bytes of a part when there is room for them.
fn keep(kept: &mut Kept, left: &mut u64, view: PartView<'_>) {
    let Some(rest) = left.checked_sub(view.bytes.len() as u64) else { return };
    let mut copy = Vec::new();
    // A part can be as large as memory is; one that is not had is not kept.
    if *left > 0 && copy.try_reserve_exact(view.bytes.len()).is_ok() {
        copy.extend_from_slice(view.bytes);
        kept.insert(view.part.id.0, copy);
        *left = rest;
    }
}

fn show(visit: docsift_visit, user: *mut c_void, view: PartView<'_>) {
    let Some(visit) = visit else { return };
    let with_nul = |text: &str| CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default();
    let (path, kind) = (with_nul(view.path), with_nul(view.part.kind.name()));
    let text = |text: &CString| docsift_str { data: text.as_ptr(), len: text.as_bytes().len() };
    let shown = docsift_visited {
        part: view.part.id.0,
        parent: view.part.parent.map_or(DOCSIFT_NO_PART, |parent| parent.0),
        path: text(&path),
        kind: text(&kind),
        bytes: view.bytes.as_ptr(),
        len: view.bytes.len(),
    };
    // SAFETY: the caller's own function, called as the header says; `shown` and what it points to live
    // until it returns.
    unsafe { visit(user, &raw const shown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analyzer_and_what_it_makes_may_be_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<docsift_analyzer>();
        shared::<docsift_report>();
        shared::<crate::docsift_trace>();
    }
}
