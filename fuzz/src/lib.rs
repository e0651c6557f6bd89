//! Fuzz bodies: what must hold for any bytes, as plain functions.
//!
//! `cargo xtask fuzz` runs them under libFuzzer; the tests run each over `corpus/regress` and
//! `corpus/synthetic`. They are tests of the library: beside an integration test, all targets would be built.

use std::process::ExitCode;

pub mod analyze;
pub mod biff;
pub mod capi;
pub mod carriers;
pub mod cfb;
mod cfb_peer;
pub mod decrypt;
pub mod doc;
pub mod eml;
pub mod formats;
pub mod formula;
pub mod indicators;
pub mod inflate;
pub mod lure;
pub mod made;
pub mod metafile;
pub mod mtef;
pub mod ooxml;
pub mod ppt;
pub mod props;
pub mod rtf;
#[cfg(test)]
mod tests;
pub mod text;
pub mod vba;
pub mod xlm;
pub mod zip;
pub mod zip_crypto;

/// A fuzz body: it panics when something does not hold.
pub type Body = fn(&[u8]);

/// Every body with the name of its target in `fuzz_targets/`.
pub const BODIES: &[(&str, Body)] = &[
    ("activemime", formats::activemime),
    ("analyze", analyze::analyze),
    ("art", formats::art),
    ("biff", biff::biff),
    ("biff12", ooxml::biff12),
    ("capi_calls", capi::calls),
    ("cfb", cfb::cfb),
    ("cfb_peer", cfb::peer),
    ("decrypt", decrypt::decrypt),
    ("doc", doc::doc),
    ("delimited", formats::delimited),
    ("eml", eml::eml),
    ("formula", formula::formula),
    ("formula_text", formula::text),
    ("hwp", formats::hwp),
    ("indicators", indicators::indicators),
    ("inflate", inflate::inflate),
    ("command", indicators::command),
    ("lure", lure::lure),
    ("metafile", metafile::metafile),
    ("mtef", mtef::mtef),
    ("mhtml", formats::mhtml),
    ("object_state", mtef::state),
    ("onenote", formats::onenote),
    ("ooxml", ooxml::ooxml),
    ("props", props::props),
    ("publisher", formats::publisher),
    ("slk", formats::slk),
    ("ppt", ppt::ppt),
    ("rtf", rtf::rtf),
    ("text", text::text),
    ("vba_container", vba::container),
    ("vba_project", vba::project),
    ("vba_text", vba::text),
    ("xlm_machine", xlm::machine),
    ("zip", zip::zip),
    ("zip_peer", zip::peer),
    ("xml_formats", formats::formats),
    ("zip_crypto", zip_crypto::crypto),
    ("carriers_iso", carriers::iso),
    ("carriers_lnk", carriers::lnk),
    ("carriers_msg", carriers::msg),
    ("carriers_tnef", carriers::tnef),
    ("made_biff", made::biff),
    ("made_cfb", made::cfb),
    ("made_mail", made::mail),
    ("made_package", made::package),
];

/// Declares a fuzz target: under libFuzzer its entry point, otherwise a `main` that runs the body
/// over the files named as arguments.
#[macro_export]
macro_rules! target {
    ($body:path) => {
        #[cfg(fuzzing)]
        ::libfuzzer_sys::fuzz_target!(|data: &[u8]| $body(data));

        #[cfg(not(fuzzing))]
        fn main() -> ::std::process::ExitCode {
            $crate::replay($body)
        }
    };
}

/// Runs `body` over the files named as arguments.
pub fn replay(body: Body) -> ExitCode {
    for path in std::env::args_os().skip(1) {
        match std::fs::read(&path) {
            Ok(bytes) => body(&bytes),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
