//! Versions: of the package, and of the ABI.

use std::ffi::c_char;

/// Major version of the header.
pub const DOCSIFT_VERSION_MAJOR: u32 = 0;
/// Minor version of the header.
pub const DOCSIFT_VERSION_MINOR: u32 = 1;
/// Patch version of the header.
pub const DOCSIFT_VERSION_PATCH: u32 = 0;

/// Version of the ABI that the header describes. It changes when a program that was built with an
/// older header would no longer work: a function or number is gone, or a field has moved. New
/// functions, numbers and fields at the end of a structure leave it as it is.
pub const DOCSIFT_ABI_VERSION: u32 = 1;

/// Version of the ABI that the library has. A program may compare it with `DOCSIFT_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn docsift_abi_version() -> u32 {
    DOCSIFT_ABI_VERSION
}

/// Version of the library: `"0.1.0"`.
///
/// Owned by the library, for ever; not freed.
#[unsafe(no_mangle)]
pub extern "C" fn docsift_version() -> *const c_char {
    // The version of a package has no NUL, so that the one at the end is the first.
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_has_the_version_of_the_package() {
        let numbers = [DOCSIFT_VERSION_MAJOR, DOCSIFT_VERSION_MINOR, DOCSIFT_VERSION_PATCH];
        assert_eq!(numbers.map(|number| number.to_string()).join("."), env!("CARGO_PKG_VERSION"));
        // SAFETY: the library's own text, which ends with NUL.
        let said = unsafe { std::ffi::CStr::from_ptr(docsift_version()) };
        assert_eq!(said.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }
}
