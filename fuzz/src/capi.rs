//! The C ABI: sequences of calls, in any order and with any index, over any bytes.
//!
//! The first byte of the input says how many of the next ones are calls; the others are the document.
//! Pointers are right or NULL, as a C program's are; numbers are anything.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};

use docsift_capi::*;

/// More calls than this show nothing new.
const CALLS: usize = 40;
/// A longer document is left to the other bodies.
const LONGEST: usize = 1 << 16;

/// Makes calls and looks at what comes back.
///
/// # Panics
/// When a promise of the header does not hold.
pub fn calls(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else { return };
    let (calls, document) = rest.split_at(usize::from(*count).min(CALLS).min(rest.len()));
    let document = &document[..document.len().min(LONGEST)];
    let mut held = Held::new();
    for pair in calls.chunks(2) {
        held.call(pair[0], pair.get(1).copied().unwrap_or(0), document);
    }
    held.read_all();
}

/// What a program holds.
struct Held {
    options: *mut docsift_options,
    analyzer: *mut docsift_analyzer,
    report: *mut docsift_report,
    /// Parts that the visitor was shown for `report`.
    shown: u64,
}

impl Held {
    fn new() -> Self {
        Held { options: null_mut(), analyzer: null_mut(), report: null_mut(), shown: 0 }
    }

    fn call(&mut self, call: u8, number: u8, document: &[u8]) {
        let text = CString::new(
            document.iter().copied().take_while(|byte| *byte != 0).take(64).collect::<Vec<u8>>(),
        );
        let text = text.unwrap_or_default();
        let index = if number == 255 { usize::MAX } else { usize::from(number) };
        // SAFETY: every pointer is NULL, from the function that makes such an object and not yet freed,
        // or to memory that lives until the call returns.
        unsafe {
            match call % 20 {
                0 => {
                    docsift_options_free(self.options);
                    self.options = null_mut();
                }
                1 => self.new_options(),
                2 => Self::coded(docsift_options_add_password(self.options, text.as_ptr())),
                3 => Self::coded(docsift_options_rule_off(self.options, text.as_ptr())),
                4 => Self::coded(docsift_options_rule_off(self.options, c"ENC001".as_ptr())),
                5 => {
                    let severity = i32::from(number) - 2;
                    Self::coded(docsift_options_rule_severity(self.options, c"XLM001".as_ptr(), severity));
                }
                6 => {
                    let sha256 = [number; 32];
                    Self::coded(docsift_options_allow_file(self.options, sha256.as_ptr()));
                    Self::coded(docsift_options_allow_macros(self.options, sha256.as_ptr()));
                }
                7 => self.limits(number),
                8 | 9 => self.new_analyzer(),
                10..=12 => self.analyze(call, number, document, &text),
                13 => {
                    docsift_report_free(self.report);
                    self.report = null_mut();
                }
                14 => self.read(index),
                15 => {
                    let sha256 = [number; 32];
                    Self::coded(docsift_options_add_known_lure(self.options, sha256.as_ptr()));
                    let dhash = u64::from(number).wrapping_mul(0x0101_0101_0101_0101);
                    Self::coded(docsift_options_add_known_lure_dhash(self.options, dhash));
                }
                16 => Self::coded(docsift_options_set_environment(self.options, text.as_ptr())),
                17 => {
                    let settings = [c"date = 2023-01-01", c"mouse = no\ncountry = 81", c"screen = 1 x 1"];
                    let settings = settings[usize::from(number) % settings.len()];
                    Self::coded(docsift_options_set_environment(self.options, settings.as_ptr()));
                }
                18 => self.trace(number, document),
                _ => {
                    docsift_analyzer_free(self.analyzer);
                    self.analyzer = null_mut();
                }
            }
        }
    }

    /// No sequence of calls meets a defect.
    fn coded(result: docsift_result) {
        assert_ne!(result, docsift_result::Internal, "a panic was stopped");
    }

    fn new_options(&mut self) {
        let mut options = null_mut();
        // SAFETY: `options` is memory for a pointer; the old object is not used again.
        unsafe {
            assert_eq!(docsift_options_new(&raw mut options), docsift_result::Ok);
            docsift_options_free(self.options);
        }
        self.options = options;
    }

    fn limits(&mut self, number: u8) {
        let small = u64::from(number) << 6;
        let limits = docsift_limits {
            size: size_of::<docsift_limits>(),
            steps: small << 6,
            part_bytes: small << 8,
            total_bytes: small << 8,
            ratio: small,
            depth: u64::from(number % 8),
            parts: small,
            cells: small,
            kdf_rounds: 1000,
            findings: u64::from(number % 4),
            excerpt_bytes: small,
            report_chars: small,
        };
        // SAFETY: as in `call`.
        Self::coded(unsafe { docsift_options_set_limits(self.options, &raw const limits) });
    }

    fn new_analyzer(&mut self) {
        let mut analyzer = null_mut();
        // SAFETY: as in `new_options`.
        unsafe {
            let result = docsift_analyzer_new(self.options, &raw mut analyzer);
            Self::coded(result);
            assert_eq!(result == docsift_result::Ok, !analyzer.is_null(), "output and result differ");
            docsift_analyzer_free(self.analyzer);
        }
        self.analyzer = analyzer;
    }

    fn analyze(&mut self, call: u8, number: u8, document: &[u8], text: &CString) {
        let mut shown = 0_u64;
        let input = docsift_input {
            size: size_of::<docsift_input>(),
            bytes: document.as_ptr(),
            len: document.len(),
            name: if number & 1 == 0 { null() } else { text.as_ptr() },
            zone: document.as_ptr(),
            zone_len: document.len().min(usize::from(number)),
            keep_bytes: u64::from(number) << 10,
            visit: (call % 20 == 11).then_some(count as unsafe extern "C" fn(_, _)),
            user: (&raw mut shown).cast(),
        };
        let mut report = null_mut();
        // SAFETY: as in `new_options`; `shown` is what `count` takes `user` for.
        unsafe {
            let result = docsift_analyze(self.analyzer, &raw const input, &raw mut report);
            let expected =
                if self.analyzer.is_null() { docsift_result::NullPointer } else { docsift_result::Ok };
            assert_eq!(result, expected, "content is never a failure");
            assert_eq!(result == docsift_result::Ok, !report.is_null(), "output and result differ");
            if !report.is_null() {
                docsift_report_free(self.report);
                self.report = report;
                self.shown = shown;
                let parts = docsift_report_part_count(report) as u64;
                assert!(shown <= parts, "{shown} parts were shown, and {parts} are in the report");
            }
        }
    }

    fn trace(&self, number: u8, document: &[u8]) {
        let input = docsift_input {
            size: size_of::<docsift_input>(),
            bytes: document.as_ptr(),
            len: document.len(),
            name: null(),
            zone: null(),
            zone_len: 0,
            keep_bytes: 0,
            visit: None,
            user: null_mut(),
        };
        let repeats = if number & 1 == 0 { u64::from(DOCSIFT_EVERY_TURN) } else { u64::from(number >> 4) };
        let wanted = docsift_trace_options {
            size: size_of::<docsift_trace_options>(),
            steps: u64::from(number) << 2,
            repeats,
        };
        let wanted = if number == 255 { null() } else { &raw const wanted };
        let mut trace = null_mut();
        // SAFETY: as in `analyze`; the trace is not used once it is freed.
        unsafe {
            let result = docsift_trace_new(self.analyzer, &raw const input, wanted, &raw mut trace);
            let expected =
                if self.analyzer.is_null() { docsift_result::NullPointer } else { docsift_result::Ok };
            assert_eq!(result, expected, "content is never a failure");
            assert_eq!(result == docsift_result::Ok, !trace.is_null(), "output and result differ");
            if trace.is_null() {
                assert!(!docsift_trace_complete(trace) && docsift_trace_json(trace).data.is_null());
            } else {
                Self::text(docsift_trace_json(trace));
            }
            docsift_trace_free(trace);
        }
    }

    /// Every getter at one index.
    fn read(&self, index: usize) {
        let report = self.report;
        // SAFETY: `report` is NULL or alive; what it hands out lives as long.
        unsafe {
            let item = |there: bool, count: usize| assert_eq!(there, index < count, "{index} of {count}");
            item(!docsift_report_finding(report, index).is_null(), docsift_report_finding_count(report));
            item(!docsift_report_effect(report, index).is_null(), docsift_report_effect_count(report));
            item(!docsift_report_indicator(report, index).is_null(), docsift_report_indicator_count(report));
            item(!docsift_report_part(report, index).is_null(), docsift_report_part_count(report));
            item(!docsift_report_module(report, index).is_null(), docsift_report_module_count(report));
            item(
                !docsift_report_macro_sheet(report, index).is_null(),
                docsift_report_macro_sheet_count(report),
            );
            item(!docsift_report_text(report, index).is_null(), docsift_report_text_count(report));
            item(!docsift_report_problem(report, index).is_null(), docsift_report_problem_count(report));
            if let Some(finding) = docsift_report_finding(report, index).as_ref() {
                Self::text(finding.message);
                for within in 0..=finding.evidence_count {
                    let evidence = docsift_report_evidence(report, index, within).as_ref();
                    assert_eq!(evidence.is_some(), within < finding.evidence_count);
                    if let Some(evidence) = evidence {
                        Self::text(evidence.text);
                        assert!(!docsift_report_part(report, (*evidence.location).part as usize).is_null());
                    }
                }
            }
            if let Some(sheet) = docsift_report_macro_sheet(report, index).as_ref() {
                assert!(docsift_report_macro_cell(report, index, sheet.cell_count).is_null());
                if let Some(cell) = docsift_report_macro_cell(report, index, 0).as_ref() {
                    Self::text(cell.formula);
                }
            }
            if let Some(text) = docsift_report_text(report, index).as_ref() {
                Self::text(text.text);
            }
            if let Some(module) = docsift_report_module(report, index).as_ref() {
                Self::text(module.source);
            }
            self.part(index);
        }
    }

    fn part(&self, index: usize) {
        let (mut bytes, mut len) = (null(), 7_usize);
        // SAFETY: as in `read`.
        unsafe {
            let result = docsift_report_part_bytes(self.report, index, &raw mut bytes, &raw mut len);
            Self::coded(result);
            match docsift_report_part(self.report, index).as_ref() {
                Some(part) if result == docsift_result::Ok => assert_eq!(len as u64, part.size),
                _ => assert!(result != docsift_result::Ok && bytes.is_null() && len == 7, "a partial output"),
            }
        }
    }

    /// A text ends with NUL and is UTF-8.
    fn text(text: docsift_str) {
        assert!(!text.data.is_null());
        // SAFETY: the report owns `len` bytes and a NUL there.
        let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len + 1) };
        assert_eq!(bytes.last(), Some(&0));
        assert!(std::str::from_utf8(bytes).is_ok());
    }

    fn read_all(&self) {
        // SAFETY: as in `read`.
        unsafe {
            let level = docsift_report_level(self.report);
            assert_eq!(level == docsift_level::NoReport, self.report.is_null());
            let json = docsift_report_json(self.report);
            assert_eq!(json.data.is_null(), self.report.is_null());
            if !self.report.is_null() {
                Self::text(json);
            }
        }
        for index in [0, 1, 5] {
            self.read(index);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: each is NULL or was made and not yet freed.
        unsafe {
            docsift_report_free(self.report);
            docsift_analyzer_free(self.analyzer);
            docsift_options_free(self.options);
        }
    }
}

/// # Safety
/// `user` leads to a `u64`, and `part` to a part.
unsafe extern "C" fn count(user: *mut c_void, part: *const docsift_visited) {
    // SAFETY: `analyze` passes both as they must be.
    let (shown, part) = unsafe { (&mut *user.cast::<u64>(), &*part) };
    assert!(part.parent == DOCSIFT_NO_PART || part.parent < part.part);
    *shown += 1;
}
