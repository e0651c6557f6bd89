//! How to analyse: an object that functions add to, and limits as a structure that can grow.

use std::ffi::c_char;

use docsift::{Environment, EnvironmentError, KnownLure, Limits, Options, Severity, rule};

use crate::boundary::{
    Failure, Growing, borrowed, borrowed_mut, docsift_result, give, growing, guard, output, take_back, text,
};

/// How to analyse. Made by `docsift_options_new`; one thread at a time may use it.
#[derive(Debug)]
pub struct docsift_options {
    pub(crate) inner: Options,
}

/// Ceilings of one analysis. A field that is 0 keeps its default. Reaching one is reported as a
/// problem, and bars "nothing found".
///
/// `docsift_limits limits = { 0 }; limits.size = sizeof limits;` and then what is to differ.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct docsift_limits {
    /// `sizeof(docsift_limits)`.
    pub size: usize,
    /// Steps of work over all parts; one is a record or 64 bytes touched.
    pub steps: u64,
    /// Bytes that one transformation (gathering, decompressing) may make.
    pub part_bytes: u64,
    /// Bytes that all transformations together may make.
    pub total_bytes: u64,
    /// How many bytes a decompressor may make for each byte it reads.
    pub ratio: u64,
    /// Documents inside documents; at most 65535.
    pub depth: u64,
    /// Parts: streams, modules, embedded documents; at most 4294967295.
    pub parts: u64,
    /// Cells kept in models, over all workbooks.
    pub cells: u64,
    /// Hash rounds of key derivations, over all passwords that are tried.
    pub kdf_rounds: u64,
    /// Findings of one rule that are listed; at most 4294967295.
    pub findings: u64,
    /// Bytes of raw evidence and characters of shown text in one evidence.
    pub excerpt_bytes: u64,
    /// Characters of texts, sources and formulas that the report quotes, each kind.
    pub report_chars: u64,
}

// SAFETY: numbers only.
unsafe impl Growing for docsift_limits {
    const FIRST_SIZE: usize = std::mem::offset_of!(docsift_limits, report_chars) + size_of::<u64>();
}

/// Makes options with defaults.
///
/// `*options` is the caller's, and is freed with `docsift_options_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_new(options: *mut *mut docsift_options) -> docsift_result {
    guard(|| {
        output(options, "options")?;
        // SAFETY: checked; the rest is the caller's promise.
        unsafe { give(options, docsift_options { inner: Options::default() }) };
        Ok(())
    })
}

/// Frees options; NULL is nothing. Analyzers that were made of them stay as they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_free(options: *mut docsift_options) {
    // SAFETY: the caller's promise.
    unsafe { take_back(options) }
}

/// Sets the ceilings; those that an earlier call set are forgotten. `limits` is only read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_set_limits(
    options: *mut docsift_options,
    limits: *const docsift_limits,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        let given = unsafe { growing(limits, "limits") }?;
        options.inner.limits = limits_of(&given)?;
        Ok(())
    })
}

fn limits_of(given: &docsift_limits) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    set(&mut limits.steps, given.steps, "steps")?;
    set(&mut limits.part_bytes, given.part_bytes, "part_bytes")?;
    set(&mut limits.total_bytes, given.total_bytes, "total_bytes")?;
    set(&mut limits.ratio, given.ratio, "ratio")?;
    set(&mut limits.depth, given.depth, "depth")?;
    set(&mut limits.parts, given.parts, "parts")?;
    set(&mut limits.cells, given.cells, "cells")?;
    set(&mut limits.kdf_rounds, given.kdf_rounds, "kdf_rounds")?;
    set(&mut limits.findings, given.findings, "findings")?;
    set(&mut limits.excerpt_bytes, given.excerpt_bytes, "excerpt_bytes")?;
    set(&mut limits.report_chars, given.report_chars, "report_chars")?;
    Ok(limits)
}

/// Sets an option unless it is 0, which keeps its default.
pub(crate) fn set<T: TryFrom<u64>>(limit: &mut T, given: u64, what: &str) -> Result<(), Failure> {
    if given != 0 {
        let large = |_| Failure::new(docsift_result::BadOption, format!("{what} of {given} is too large"));
        *limit = T::try_from(given).map_err(large)?;
    }
    Ok(())
}

/// Adds a password to try on everything that is encrypted. They are tried in the order in which they
/// were added. `password` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_add_password(
    options: *mut docsift_options,
    password: *const c_char,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        let password = unsafe { text(password, "password") }?;
        options.inner.passwords.push(password.to_owned());
        Ok(())
    })
}

/// Turns a rule off. `rule` is its identifier, and is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_rule_off(
    options: *mut docsift_options,
    rule: *const c_char,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        let id = known_rule(unsafe { text(rule, "rule") }?)?;
        options.inner.rules.off.push(id);
        Ok(())
    })
}

/// Gives findings of a rule another severity: a number of `docsift_severity`. `rule` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_rule_severity(
    options: *mut docsift_options,
    rule: *const c_char,
    severity: i32,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        let id = known_rule(unsafe { text(rule, "rule") }?)?;
        // C can pass any number for an enumeration, so that it is taken as one.
        let severity = match severity {
            1 => Severity::Info,
            2 => Severity::Low,
            3 => Severity::Medium,
            4 => Severity::High,
            5 => Severity::Critical,
            other => return Err(Failure::new(docsift_result::BadOption, format!("no severity {other}"))),
        };
        options.inner.rules.severity.push((id, severity));
        Ok(())
    })
}

fn known_rule(id: &str) -> Result<String, Failure> {
    match rule(id) {
        Some(_) => Ok(id.to_owned()),
        None => Err(Failure::new(docsift_result::UnknownRule, format!("no rule {id:?}"))),
    }
}

/// Adds a file that is known to be good, by the 32 bytes of its SHA-256. Its findings are kept and do
/// not count. `sha256` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_allow_file(
    options: *mut docsift_options,
    sha256: *const u8,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        options.inner.allow.files.push(unsafe { digest(sha256) }?);
        Ok(())
    })
}

/// Adds macros that are known to be good, by the 32 bytes of the SHA-256 of their normal form:
/// `macros.normalised_sha256` of a JSON report. `sha256` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_allow_macros(
    options: *mut docsift_options,
    sha256: *const u8,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        options.inner.allow.macros.push(unsafe { digest(sha256) }?);
        Ok(())
    })
}

/// Adds a picture that is known from lures, by the 32 bytes of its SHA-256. `sha256` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_add_known_lure(
    options: *mut docsift_options,
    sha256: *const u8,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        options.inner.known_lures.push(KnownLure::Sha256(unsafe { digest(sha256) }?));
        Ok(())
    })
}

/// Adds a picture that is known from lures, by the hash of its look: the 16 hexadecimal digits of
/// `pictures[].dhash` of a JSON report, as a number. Pictures that look alike match too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_add_known_lure_dhash(
    options: *mut docsift_options,
    dhash: u64,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        options.inner.known_lures.push(KnownLure::Dhash(dhash));
        Ok(())
    })
}

/// Sets the desktop that macros are thought to run on: `environment` is the text of an environment
/// file, a `name = value` a line, as `docs/environment.md` describes it. What it does not name, and what
/// an earlier call set, is as in the library. When a line cannot be used, `docsift_last_error` says
/// which and why, and the options stay as they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn docsift_options_set_environment(
    options: *mut docsift_options,
    environment: *const c_char,
) -> docsift_result {
    guard(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { borrowed_mut(options, "options") }?;
        // SAFETY: the caller's promise.
        let settings = unsafe { text(environment, "environment") }?;
        let bad = |error: EnvironmentError| {
            Failure::new(docsift_result::BadOption, format!("environment, {error}"))
        };
        options.inner.environment = Environment::parse(settings).map_err(bad)?;
        Ok(())
    })
}

/// # Safety
/// `sha256` is NULL or leads to 32 bytes.
unsafe fn digest(sha256: *const u8) -> Result<[u8; 32], Failure> {
    // SAFETY: the caller's promise.
    unsafe { borrowed(sha256.cast::<[u8; 32]>(), "sha256") }.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_and_the_desktop_reach_the_options() {
        let mut options = docsift_options { inner: Options::default() };
        // SAFETY: `options` lives, and the pointers lead to 32 bytes and to texts that end with NUL.
        unsafe {
            let to = &raw mut options;
            assert_eq!(docsift_options_add_known_lure(to, [7; 32].as_ptr()), docsift_result::Ok);
            assert_eq!(docsift_options_add_known_lure_dhash(to, 0xFF00), docsift_result::Ok);
            assert_eq!(docsift_options_set_environment(to, c"country = 81".as_ptr()), docsift_result::Ok);
            let bad = docsift_options_set_environment(to, c"country = 1000".as_ptr());
            assert_eq!(bad, docsift_result::BadOption);
        }
        assert_eq!(options.inner.known_lures, [KnownLure::Sha256([7; 32]), KnownLure::Dhash(0xFF00)]);
        assert_eq!(options.inner.environment, Environment::parse("country = 81").unwrap());
    }
}
