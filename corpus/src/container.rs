//! Sound compound files, by the crate `cfb`, with fixed times so that a rebuild is equal byte for byte.

use std::io::{Cursor, Write};
use std::time::{Duration, SystemTime};

use cfb::{CompoundFile, Version};

use crate::props;

/// A stream or a storage of a compound file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path, with `/` between names and none in front.
    pub path: String,
    /// The stream's bytes; a storage has none.
    pub data: Option<Vec<u8>>,
    /// The storage's class, as the text of a GUID without braces.
    pub class: Option<String>,
}

impl Entry {
    /// A stream; storages above it come by themselves.
    pub fn stream(path: &str, data: Vec<u8>) -> Self {
        Self { path: path.to_owned(), data: Some(data), class: None }
    }

    /// A storage with a class.
    pub fn storage(path: &str, class: &str) -> Self {
        Self { path: path.to_owned(), data: None, class: Some(class.to_owned()) }
    }
}

/// The class of an Excel 97 to 2003 workbook.
pub const EXCEL_8: &str = "00020820-0000-0000-C000-000000000046";
/// The class of an Excel 5 and 95 workbook.
pub const EXCEL_5: &str = "00020810-0000-0000-C000-000000000046";

/// A version 3 compound file with a class on its root.
///
/// # Panics
/// When a path is not possible in a compound file.
pub fn compound_file(class: &str, entries: &[Entry]) -> Vec<u8> {
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))
        .expect("an empty compound file");
    let set_class = |file: &mut CompoundFile<_>, path: &str, class: &str| {
        let class = class.parse().expect("a GUID");
        file.set_storage_clsid(path, class).expect("a storage");
    };
    set_class(&mut file, "/", class);
    for entry in entries {
        let path = format!("/{}", entry.path);
        match &entry.data {
            Some(data) => {
                if let Some((parents, _)) = entry.path.rsplit_once('/') {
                    file.create_storage_all(parents).expect("storages");
                }
                let mut stream = file.create_stream(&path).expect("a stream");
                stream.write_all(data).expect("a buffer in memory");
                stream.flush().expect("a buffer in memory");
            }
            None => file.create_storage_all(&path).expect("a storage"),
        }
        if let Some(class) = &entry.class {
            set_class(&mut file, &path, class);
        }
    }
    // 2022-01-01 00:00 UTC: storages carry the clock otherwise.
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_640_995_200);
    let storages: Vec<_> =
        file.walk().filter(|entry| entry.is_storage()).map(|entry| entry.path().to_owned()).collect();
    for path in storages {
        file.set_created_time(&path, time).expect("a storage");
        file.set_modified_time(&path, time).expect("a storage");
    }
    file.flush().expect("a buffer in memory");
    file.into_inner().into_inner()
}

/// A workbook file: the stream `Workbook`, the two property sets and `more`.
pub fn workbook(stream: Vec<u8>, title: &str, author: &str, more: Vec<Entry>) -> Vec<u8> {
    let mut entries = vec![Entry::stream("Workbook", stream)];
    entries.extend(summaries(title, author));
    entries.extend(more);
    compound_file(EXCEL_8, &entries)
}

/// The two property-set streams.
pub fn summaries(title: &str, author: &str) -> [Entry; 2] {
    [
        Entry::stream("\u{5}SummaryInformation", props::summary(title, author)),
        Entry::stream("\u{5}DocumentSummaryInformation", props::document_summary("docsift")),
    ]
}
