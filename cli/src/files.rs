//! From the paths on the command line to bytes in memory.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::zone;

/// A file that cannot be read. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("cannot be read: {0}. {hint}", hint = hint(.0))]
    Unreadable(io::Error),
    #[error("the folder cannot be listed: {0}. {hint}", hint = hint(.0))]
    Unlistable(io::Error),
    #[error("is a folder; name a file in it")]
    IsFolder,
    #[error(
        "changed while it was read ({expected} bytes expected, {read} read). Scan it again when nothing writes to it"
    )]
    Changed { expected: u64, read: u64 },
    #[error("is larger than {max} bytes and was not read. Give --max-size if there is memory for it")]
    TooBig { max: u64 },
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "Check the spelling; if it is a symbolic link, check where it leads",
        io::ErrorKind::PermissionDenied => "Run as a user who may read it, or copy it elsewhere first",
        _ => "Copy it to another disk and scan the copy",
    }
}

/// Something to scan, in the order of paths.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) source: Source,
    /// Bytes as the file system has them; 0 when that is not known.
    pub(crate) size: u64,
}

#[derive(Debug)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
    /// It was named or met, and there is nothing to read.
    Failed(PathBuf, InputError),
}

impl Item {
    pub(crate) fn path(&self) -> &Path {
        match &self.source {
            Source::Stdin => Path::new("-"),
            Source::File(path) | Source::Failed(path, _) => path,
        }
    }
}

/// What the command line names.
#[derive(Debug, Default)]
pub(crate) struct Items {
    pub(crate) list: Vec<Item>,
    /// Symbolic links and devices inside folders: they are not followed or read.
    pub(crate) passed_over: u64,
}

/// Lists what `paths` name: folders with everything in them, sorted by name; `-` is standard input.
///
/// Symbolic links are followed when they are named, and not inside folders, so that no loop and no
/// way out of the folder exists.
pub(crate) fn items(paths: &[PathBuf]) -> Items {
    let mut items = Items::default();
    for path in paths {
        if path.as_os_str() == "-" {
            items.list.push(Item { source: Source::Stdin, size: 0 });
            continue;
        }
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => folder(path, &mut items),
            Ok(meta) => items.list.push(Item { source: Source::File(path.clone()), size: size(&meta) }),
            Err(error) => items.failed(path.clone(), InputError::Unreadable(error)),
        }
    }
    items
}

impl Items {
    fn failed(&mut self, path: PathBuf, error: InputError) {
        self.list.push(Item { source: Source::Failed(path, error), size: 0 });
    }
}

fn folder(path: &Path, items: &mut Items) {
    let mut waiting = vec![path.to_owned()];
    let first = items.list.len();
    while let Some(folder) = waiting.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                items.failed(folder, InputError::Unlistable(error));
                continue;
            }
        };
        for entry in entries {
            // This metadata is that of a link itself, not of where it leads.
            match entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))) {
                Ok((path, meta)) if meta.is_dir() => waiting.push(path),
                Ok((path, meta)) if meta.is_file() && zone::is_of_another(&path) => {}
                Ok((path, meta)) if meta.is_file() => {
                    items.list.push(Item { source: Source::File(path), size: meta.len() });
                }
                Ok(_) => items.passed_over += 1,
                Err(error) => items.failed(folder.clone(), InputError::Unlistable(error)),
            }
        }
    }
    items.list[first..].sort_by(|one, other| one.path().cmp(other.path()));
}

fn size(meta: &Metadata) -> u64 {
    if meta.is_file() { meta.len() } else { 0 }
}

/// Reads a file or standard input into memory, at most `max` bytes.
pub(crate) fn read(source: &Source, max: u64) -> Result<Vec<u8>, InputError> {
    let path = match source {
        Source::Stdin => return read_up_to(&mut io::stdin().lock(), None, max),
        Source::File(path) | Source::Failed(path, _) => path,
    };
    let mut file = File::open(path).map_err(InputError::Unreadable)?;
    let meta = file.metadata().map_err(InputError::Unreadable)?;
    if meta.is_dir() {
        return Err(InputError::IsFolder);
    }
    // Pipes and files that the system makes up as they are read say 0.
    let expected = Some(size(&meta)).filter(|size| *size > 0);
    read_up_to(&mut file, expected, max)
}

fn read_up_to(from: &mut dyn Read, expected: Option<u64>, max: u64) -> Result<Vec<u8>, InputError> {
    if expected.is_some_and(|expected| expected > max) {
        return Err(InputError::TooBig { max });
    }
    let mut bytes = Vec::new();
    if let Some(expected) = expected {
        let reserved = usize::try_from(expected).ok().map(|expected| bytes.try_reserve_exact(expected));
        if !matches!(reserved, Some(Ok(()))) {
            return Err(InputError::Unreadable(io::ErrorKind::OutOfMemory.into()));
        }
    }
    from.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(InputError::Unreadable)?;
    let read = bytes.len() as u64;
    match expected {
        Some(expected) if expected != read => Err(InputError::Changed { expected, read }),
        _ if read > max => Err(InputError::TooBig { max }),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(read: Result<Vec<u8>, InputError>) -> String {
        read.unwrap_err().to_string()
    }

    #[test]
    fn file_that_changes_while_it_is_read_is_said_to() {
        let shrunk = read_up_to(&mut &b"abc"[..], Some(5), 10);
        assert_eq!(
            message(shrunk),
            "changed while it was read (5 bytes expected, 3 read). Scan it again when nothing writes to it"
        );
        let grown = read_up_to(&mut &b"abcdef"[..], Some(5), 10);
        assert!(matches!(grown, Err(InputError::Changed { expected: 5, read: 6 })), "{grown:?}");
    }

    #[test]
    fn more_than_the_largest_size_is_not_read() {
        let known = read_up_to(&mut &b"abcdef"[..], Some(6), 5);
        assert!(matches!(known, Err(InputError::TooBig { max: 5 })), "{known:?}");
        let endless = read_up_to(&mut io::repeat(0), None, 5);
        assert!(matches!(endless, Err(InputError::TooBig { max: 5 })), "{endless:?}");
        assert_eq!(read_up_to(&mut &b"abcde"[..], None, 5).unwrap(), b"abcde");
    }
}
