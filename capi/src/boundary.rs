//! What stands between C and Rust: result codes, the message of the last failure, pointers, panics.
//!
//! Every function of the ABI runs its body in [`guard`] or [`guard_or`]. A panic in there is a defect
//! of the library; it ends as a result code, never as unwinding through C.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a call. Numbers are fixed; `docsift_last_error` has the words.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum docsift_result {
    /// Done. Outputs are written.
    Ok = 0,
    /// A pointer that must not be NULL is NULL.
    NullPointer = 1,
    /// A text is not UTF-8.
    NotUtf8 = 2,
    /// `size` of a structure is none, or the structure comes from a newer header and sets what this
    /// library does not know.
    BadStruct = 3,
    /// An option makes no sense.
    BadOption = 4,
    /// No rule has this identifier.
    UnknownRule = 5,
    /// An index is past the end, or a length is longer than memory can be.
    OutOfRange = 6,
    /// The bytes of this part were not kept: see `keep_bytes` of `docsift_input`.
    NotKept = 7,
    /// A defect of the library: it panicked, and the panic was stopped. What was passed in is as it was.
    Internal = 8,
}

/// Why a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    code: docsift_result,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: docsift_result, message: impl Into<String>) -> Self {
        Failure { code, message: message.into() }
    }

    fn null(what: &str) -> Self {
        Failure::new(docsift_result::NullPointer, format!("{what} is NULL"))
    }

    /// An index at or past the end of a list.
    pub(crate) fn index(index: usize, len: usize) -> Self {
        Failure::new(docsift_result::OutOfRange, format!("index {index} in a list of {len}"))
    }
}

thread_local! {
    /// The message of the last failure, with a NUL behind it; empty before the first one.
    static LAST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The words for the last call of this thread that failed; empty when none did. A call that succeeds
/// leaves them as they are.
///
/// Owned by the library, valid until the next call of this thread that fails, or until the thread
/// ends; not freed.
#[unsafe(no_mangle)]
pub extern "C" fn docsift_last_error() -> *const c_char {
    let empty = c"".as_ptr();
    let last = |last: &RefCell<Vec<u8>>| match last.try_borrow() {
        Ok(last) if !last.is_empty() => last.as_ptr().cast(),
        _ => empty,
    };
    // A thread that is ending has no message any more.
    LAST.try_with(last).unwrap_or(empty)
}

fn remember(message: &str) {
    let mut bytes: Vec<u8> = message.bytes().filter(|byte| *byte != 0).collect();
    bytes.push(0);
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = bytes));
}

/// Runs the body of a function that returns a result code.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Failure>) -> docsift_result {
    match caught(body) {
        Ok(()) => docsift_result::Ok,
        Err(failure) => failure.code,
    }
}

/// Runs the body of a function that returns a value, or `fallback` when it fails.
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> Result<T, Failure>) -> T {
    caught(body).unwrap_or(fallback)
}

fn caught<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // Nothing that a body changes outlives a panic half-changed: options are changed by one push, and
    // outputs are written last.
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = format!("a defect of the library: {}", text.unwrap_or("panic"));
        if text.is_none() {
            // Dropping what is no text can panic again.
            std::mem::forget(payload);
        }
        Err(Failure::new(docsift_result::Internal, message))
    });
    if let Err(failure) = &result {
        remember(&failure.message);
    }
    result
}

/// What a pointer from C leads to.
///
/// # Safety
/// `pointer` is NULL or leads to a `T` that nobody writes while `'a` lasts.
pub(crate) unsafe fn borrowed<'a, T>(pointer: *const T, what: &str) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise; NULL is answered.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::null(what))
}

/// The same for what is changed.
///
/// # Safety
/// `pointer` is NULL or leads to a `T` that nobody else uses while `'a` lasts.
pub(crate) unsafe fn borrowed_mut<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller's promise; NULL is answered.
    unsafe { pointer.as_mut() }.ok_or_else(|| Failure::null(what))
}

/// Bytes from C. NULL with length 0 is no bytes.
///
/// # Safety
/// `pointer` is NULL or leads to `len` bytes that nobody writes while `'a` lasts.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, len: usize, what: &str) -> Result<&'a [u8], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(Failure::null(what));
    }
    if isize::try_from(len).is_err() {
        let message = format!("{what} of {len} bytes does not fit into memory");
        return Err(Failure::new(docsift_result::OutOfRange, message));
    }
    // SAFETY: not NULL, not longer than an object can be; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer, len) })
}

/// A text from C that must be UTF-8.
///
/// # Safety
/// `pointer` is NULL or leads to a text that ends with NUL and that nobody writes while `'a` lasts.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, what: &str) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(what));
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    let not_utf8 = |_| Failure::new(docsift_result::NotUtf8, format!("{what} is not UTF-8"));
    text.to_str().map_err(not_utf8)
}

/// A text from C that may be absent (NULL), and in which what is not UTF-8 is replaced.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(pointer: *const c_char) -> Option<Cow<'a, str>> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy())
}

/// A structure from C that begins with `size_t size`, all of whose fields may be zero.
///
/// # Safety
/// A value of `T` whose bytes are all zero is valid, and so is any value that C can write.
pub(crate) unsafe trait Growing: Copy {
    /// Its size in the first header that had it: no caller has a smaller one.
    const FIRST_SIZE: usize;
}

/// No structure will ever be larger; what says so is not ours.
const LARGEST: usize = 4096;

/// Reads a structure that may come from an older or newer header. What an older one does not have is
/// zero. What a newer one has besides must be zero: it asks for something that is not known here.
///
/// # Safety
/// `pointer` is NULL or leads to a `size_t`, the first of as many bytes as it says.
pub(crate) unsafe fn growing<T: Growing>(pointer: *const T, what: &str) -> Result<T, Failure> {
    let bad = |message: &str| Failure::new(docsift_result::BadStruct, format!("{what}: {message}"));
    let pointer = pointer.cast::<u8>();
    if pointer.is_null() {
        return Err(Failure::null(what));
    }
    // SAFETY: not NULL; the caller promises a `size_t` there.
    let size = unsafe { pointer.cast::<usize>().read() };
    if size < T::FIRST_SIZE || size > LARGEST {
        return Err(bad("`size` is not that of the structure"));
    }
    // SAFETY: the caller promises `size` bytes.
    let there = unsafe { std::slice::from_raw_parts(pointer, size) };
    let known = size.min(size_of::<T>());
    if there.iter().skip(known).any(|byte| *byte != 0) {
        return Err(bad("it is from a newer header and sets what this library does not know"));
    }
    let mut read = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` bytes are there, `read` has as many, and the two are different memory.
    unsafe { std::ptr::copy_nonoverlapping(pointer, read.as_mut_ptr().cast(), known) };
    // SAFETY: zero or written by C, which `Growing` says is valid.
    Ok(unsafe { read.assume_init() })
}

/// Checks where an output goes, before any work is done for it.
pub(crate) fn output<T>(pointer: *mut T, what: &str) -> Result<(), Failure> {
    if pointer.is_null() { Err(Failure::null(what)) } else { Ok(()) }
}

/// Writes an output that [`output`] has checked.
///
/// # Safety
/// `pointer` leads to memory for a `T`.
pub(crate) unsafe fn write<T>(pointer: *mut T, value: T) {
    // SAFETY: the caller's promise. What was there is plain memory of C, so that nothing is dropped.
    unsafe { pointer.write(value) }
}

/// Gives an object to C.
///
/// # Safety
/// As for [`write`].
pub(crate) unsafe fn give<T>(pointer: *mut *mut T, value: T) {
    // SAFETY: the caller's promise.
    unsafe { write(pointer, Box::into_raw(Box::new(value))) }
}

/// Takes an object back from C and drops it. NULL is nothing.
///
/// # Safety
/// `pointer` is NULL or came from [`give`], and nobody uses it any more.
pub(crate) unsafe fn take_back<T>(pointer: *mut T) {
    guard(|| {
        if !pointer.is_null() {
            // SAFETY: not NULL; the rest is the caller's promise.
            drop(unsafe { Box::from_raw(pointer) });
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last() -> String {
        // SAFETY: the library's own text, which ends with NUL.
        unsafe { CStr::from_ptr(docsift_last_error()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_ends_as_a_result_and_a_message() {
        assert_eq!(guard(|| panic!("in {}", "here")), docsift_result::Internal);
        assert_eq!(last(), "a defect of the library: in here");
    }

    #[test]
    #[cfg_attr(miri, ignore = "keeps memory on purpose")]
    fn a_panic_with_anything_ends_as_a_result() {
        assert_eq!(guard_or(7, || std::panic::panic_any(1_u8)), 7);
        assert_eq!(last(), "a defect of the library: panic");
        assert_eq!(guard(|| std::panic::panic_any(PanicsAgain)), docsift_result::Internal);
    }

    struct PanicsAgain;

    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            panic!("again");
        }
    }

    #[test]
    fn the_last_error_is_of_this_thread_and_stays() {
        assert_eq!(last(), "");
        let fail = |message: &str| Err(Failure::new(docsift_result::BadOption, message));
        assert_eq!(guard(|| fail("one\0two")), docsift_result::BadOption);
        assert_eq!(guard(|| Ok(())), docsift_result::Ok);
        assert_eq!(last(), "onetwo");
        assert_eq!(std::thread::spawn(last).join().unwrap(), "");
    }

    #[repr(C)]
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Grown {
        size: usize,
        old: u64,
        new: u64,
    }

    // SAFETY: three numbers.
    unsafe impl Growing for Grown {
        const FIRST_SIZE: usize = 16;
    }

    fn read(words: &[u64]) -> Result<Grown, Failure> {
        // SAFETY: every test below gives as many words as the first one says.
        unsafe { growing(words.as_ptr().cast(), "it") }
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_structure_of_another_header_is_read_as_far_as_it_is_known() {
        assert_eq!(read(&[24, 1, 2]), Ok(Grown { size: 24, old: 1, new: 2 }));
        assert_eq!(read(&[16, 1]), Ok(Grown { size: 16, old: 1, new: 0 }));
        assert_eq!(read(&[32, 1, 2, 0]), Ok(Grown { size: 32, old: 1, new: 2 }));
        let bad = |message: &str| Err(Failure::new(docsift_result::BadStruct, message));
        let newer = "it: it is from a newer header and sets what this library does not know";
        assert_eq!(read(&[32, 1, 2, 3]), bad(newer));
        for size in [0, 8, 15, 4097, u64::MAX] {
            assert_eq!(read(&[size, 1, 2]), bad("it: `size` is not that of the structure"));
        }
    }

    #[test]
    fn bytes_longer_than_memory_are_refused() {
        let byte = 0_u8;
        // SAFETY: refused before anything is read.
        let long = unsafe { bytes(&raw const byte, usize::MAX, "it") };
        assert_eq!(long.map_err(|failure| failure.code), Err(docsift_result::OutOfRange));
        // SAFETY: no bytes are asked for.
        assert_eq!(unsafe { bytes(std::ptr::null(), 0, "it") }, Ok(&[][..]));
        // SAFETY: NULL is answered.
        let null = unsafe { bytes(std::ptr::null(), 1, "it") };
        assert_eq!(null, Err(Failure::new(docsift_result::NullPointer, "it is NULL")));
    }
}
