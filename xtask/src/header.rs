//! The header of the C ABI, and the list of what programs rely on in it.
//!
//! `capi/abi.txt` has every size, offset, number and symbol. What is in it may only go, or change, with
//! another `DOCSIFT_ABI_VERSION`: this task refuses to write it otherwise.

use std::path::{Path, PathBuf};

use crate::generated::{self, Check};

/// Why the header could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("capi/cbindgen.toml: {0}")]
    Config(String),
    #[error("cbindgen: {0}")]
    Bindings(#[from] cbindgen::Error),
    #[error(
        "the header has {in_header:?} for {name}, and capi/src/abi.rs {in_list:?}: it must list every field"
    )]
    Fields { name: String, in_header: Vec<String>, in_list: Vec<String> },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error(
        "the ABI changed, and DOCSIFT_ABI_VERSION did not: gone from capi/abi.txt is\n{}\n\
         programs that were built with the header of before would break; raise the version in \
         capi/src/version.rs, in capi/docsift.map and in Cargo.toml",
        .0.join("\n")
    )]
    Broken(Vec<String>),
    #[error(transparent)]
    Generated(#[from] generated::GeneratedError),
}

/// Writes `include/docsift.h` and `abi.txt`, or with `check` compares them.
pub(crate) fn header(capi: &Path, check: Check) -> Result<(), HeaderError> {
    let header = text(capi)?;
    let abi = abi(&header)?;
    let path = capi.join("abi.txt");
    match std::fs::read_to_string(&path) {
        Ok(before) => broken(&before, &abi)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(HeaderError::Io { path, error }),
    }
    let files = [("include/docsift.h".to_owned(), header), ("abi.txt".to_owned(), abi)];
    Ok(generated::bring(capi, &files, check.check, "header")?)
}

fn text(capi: &Path) -> Result<String, HeaderError> {
    let config = cbindgen::Config::from_file(capi.join("cbindgen.toml")).map_err(HeaderError::Config)?;
    let mut text = Vec::new();
    let sources = ["version", "boundary", "structs", "options", "analyzer", "report", "trace"];
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(capi.join("src").join(source).with_extension("rs"));
    }
    builder.generate()?.write(&mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What programs rely on: a line for each size, offset, number and symbol.
fn abi(header: &str) -> Result<String, HeaderError> {
    let mut lines = vec![
        "# What programs that use docsift.h rely on, on 64-bit machines; written by `cargo xtask header`."
            .to_owned(),
        format!("abi {}", docsift_capi::DOCSIFT_ABI_VERSION),
    ];
    let fields = fields(header);
    for layout in docsift_capi::abi::layouts() {
        let in_list: Vec<String> = layout.fields.iter().map(|(field, _)| (*field).to_owned()).collect();
        let known = fields.iter().find(|(name, _)| name == layout.name);
        let in_header = known.map(|(_, fields)| fields.clone()).unwrap_or_default();
        if in_header != in_list {
            return Err(HeaderError::Fields { name: layout.name.to_owned(), in_header, in_list });
        }
        lines.push(format!("size {} {}", layout.name, layout.size));
        lines.extend(layout.fields.iter().map(|(field, at)| format!("field {} {field} {at}", layout.name)));
    }
    let listed = |name: &String| docsift_capi::abi::layouts().iter().any(|layout| layout.name == name);
    if let Some((name, in_header)) = fields.into_iter().find(|(name, _)| !listed(name)) {
        return Err(HeaderError::Fields { name, in_header, in_list: Vec::new() });
    }
    lines.extend(numbers(header).map(|(name, value)| format!("number {name} {value}")));
    lines.extend(symbols(header).into_iter().map(|name| format!("symbol {name}")));
    Ok(lines.join("\n") + "\n")
}

/// Lines of the header that are not comments, preprocessed no further.
fn code(header: &str) -> impl Iterator<Item = &str> {
    let mut comment = false;
    header.lines().filter(move |line| {
        let line = line.trim();
        let inside = comment || line.starts_with("/*");
        comment = inside && !line.ends_with("*/");
        !inside
    })
}

/// Structures with a body, and their fields.
fn fields(header: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in code(header) {
        if let Some(name) = line.strip_prefix("typedef struct ").and_then(|rest| rest.strip_suffix(" {")) {
            found.push((name.to_owned(), Vec::new()));
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        } else if let (true, Some((_, fields))) = (inside, found.last_mut()) {
            fields.extend(line.trim_end_matches(';').rsplit([' ', '*']).next().map(str::to_owned));
        }
    }
    found
}

/// Enumerators and constants.
fn numbers(header: &str) -> impl Iterator<Item = (String, String)> {
    code(header).filter_map(|line| {
        let line = line.trim().trim_end_matches(',');
        let constant = line.strip_prefix("#define DOCSIFT_").and_then(|rest| rest.split_once(' '));
        let enumerator = line.strip_prefix("DOCSIFT_").and_then(|rest| rest.split_once(" = "));
        let (name, value) = constant.or(enumerator)?;
        // The version of the package is no promise.
        (!name.starts_with("VERSION_") && name != "ABI_VERSION")
            .then(|| (format!("DOCSIFT_{name}"), value.to_owned()))
    })
}

/// Functions, in the order of the alphabet.
pub(crate) fn symbols(header: &str) -> Vec<String> {
    let words = code(header).filter(|line| !line.starts_with([' ', '#', '}'])).filter_map(|line| {
        let before = line.split_once('(')?.0;
        let name = before.rsplit([' ', '*']).next()?;
        (name.starts_with("docsift_") && !line.starts_with("typedef")).then(|| name.to_owned())
    });
    let mut names: Vec<String> = words.collect();
    names.sort();
    names
}

/// Fails when something of `before` is not in `after`, and both say the same version. A structure that
/// C gets a pointer to may become larger.
fn broken(before: &str, after: &str) -> Result<(), HeaderError> {
    let version = |text: &str| text.lines().find(|line| line.starts_with("abi ")).map(str::to_owned);
    let there: Vec<&str> = after.lines().collect();
    let gone = before.lines().filter(|line| !line.starts_with('#') && !there.contains(line));
    let gone = gone.filter(|line| !grew(line, &there)).map(str::to_owned);
    let gone: Vec<String> = gone.collect();
    if gone.is_empty() || version(before) != version(after) { Ok(()) } else { Err(HeaderError::Broken(gone)) }
}

/// Structures that stand inside others or in arrays.
const FIXED: &[&str] = &["docsift_str", "docsift_run"];

fn grew(line: &str, after: &[&str]) -> bool {
    let size = |line: &str| {
        let (name, size) = line.strip_prefix("size ")?.split_once(' ')?;
        Some((name.to_owned(), size.parse::<u64>().ok()?))
    };
    let Some((name, before)) = size(line) else { return false };
    let now = after.iter().filter_map(|line| size(line)).find(|(known, _)| *known == name);
    !FIXED.contains(&name.as_str()) && now.is_some_and(|(_, now)| now > before)
}

/// A program in C that does not compile when the compiler lays the header out in another way.
pub(crate) fn assertions(abi: &str) -> String {
    let mut lines = vec!["#include \"docsift.h\"".to_owned(), "#include <stddef.h>".to_owned()];
    for line in abi.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let condition = match words.as_slice() {
            ["size", name, size] => format!("sizeof({name}) == {size}"),
            ["field", name, field, at] => format!("offsetof({name}, {field}) == {at}"),
            ["number", name, value] => format!("{name} == {value}"),
            _ => continue,
        };
        lines.push(format!("_Static_assert({condition}, \"{condition}\");"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "abi 1\nsize s 8\nfield s a 0\nnumber DOCSIFT_X 1\nsize docsift_str 16\nsymbol f\n";

    #[test]
    fn additions_are_no_break() {
        let after = "abi 1\nsize s 16\nfield s a 0\nfield s b 8\nnumber DOCSIFT_X 1\nnumber DOCSIFT_Y 2\n\
                     size docsift_str 16\nsymbol f\nsymbol g\n";
        assert!(broken(BEFORE, after).is_ok());
    }

    #[test]
    fn what_moves_shrinks_changes_or_goes_breaks_unless_the_version_says_so() {
        for (old, new, gone) in [
            ("field s a 0", "field s a 4", "field s a 0"),
            ("size s 8", "size s 4", "size s 8"),
            ("DOCSIFT_X 1", "DOCSIFT_X 2", "number DOCSIFT_X 1"),
            ("symbol f", "symbol g", "symbol f"),
            ("size docsift_str 16", "size docsift_str 24", "size docsift_str 16"),
        ] {
            let after = BEFORE.replace(old, new);
            match broken(BEFORE, &after) {
                Err(HeaderError::Broken(lines)) => assert_eq!(lines, [gone]),
                other => panic!("{old} to {new}: {other:?}"),
            }
            assert!(broken(BEFORE, &after.replace("abi 1", "abi 2")).is_ok(), "{old}");
        }
    }

    #[test]
    fn the_header_is_read_as_it_is_written() {
        let header = "/**\n * docsift_no(\n */\n#define DOCSIFT_HAS_X 1\n\n#define DOCSIFT_VERSION_MINOR 1\n\n\
                      enum docsift_e\n#ifdef __cplusplus\n  : int32_t\n#endif // __cplusplus\n {\n  \
                      /** one */\n  DOCSIFT_E_A = 0,\n};\n\ntypedef struct docsift_o docsift_o;\n\n\
                      typedef struct docsift_s {\n  /**\n   * x\n   */\n  const uint8_t *a;\n  struct docsift_t b;\n\
                      } docsift_s;\n\ntypedef void (*docsift_visit)(void *user,\n  int x);\n\n\
                      const char *docsift_b(void);\n\nenum docsift_e docsift_a(const struct docsift_o *o,\n   int32_t x);\n";
        assert_eq!(fields(header), [("docsift_s".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        let numbers: Vec<String> = numbers(header).map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(numbers, ["DOCSIFT_HAS_X=1", "DOCSIFT_E_A=0"]);
        assert_eq!(symbols(header), ["docsift_a", "docsift_b"]);
    }
}
