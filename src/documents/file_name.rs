//! What a file name says, and what it hides.

use crate::containers::sniff::FileKind;

/// Extensions that a double click runs.
const PROGRAMS: [&str; 44] = [
    "exe",
    "scr",
    "com",
    "pif",
    "bat",
    "cmd",
    "ps1",
    "psm1",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "wsh",
    "wsc",
    "hta",
    "lnk",
    "url",
    "msi",
    "msp",
    "mst",
    "cpl",
    "dll",
    "ocx",
    "jar",
    "reg",
    "inf",
    "chm",
    "hlp",
    "sct",
    "scf",
    "xll",
    "appref-ms",
    "application",
    "gadget",
    "msc",
    "iqy",
    "rdp",
    "one",
    "settingcontent-ms",
    "library-ms",
    "search-ms",
    "vhd",
    "vhdx",
];

/// Extensions that people know as documents and pictures.
const DOCUMENTS: [&str; 26] = [
    "doc", "docx", "docm", "xls", "xlsx", "xlsm", "xlsb", "ppt", "pptx", "pdf", "rtf", "txt", "csv", "jpg",
    "jpeg", "png", "gif", "bmp", "tif", "tiff", "htm", "html", "mp3", "mp4", "avi", "zip",
];

/// Blanks in a row from which on they hide what is behind them.
const BLANKS: usize = 8;

/// The extension in lower case, without its dot.
fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.trim_end().rsplit_once('.')?;
    Some(extension.trim().to_lowercase())
}

/// Whether a double click on a file of this name runs something.
pub fn is_program(name: &str) -> bool {
    extension(name).is_some_and(|extension| PROGRAMS.contains(&extension.as_str()))
}

/// How a name hides its extension; `None` when it does not.
pub fn deception(name: &str) -> Option<&'static str> {
    if name.contains(['\u{202A}', '\u{202B}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}']) {
        return Some("a character in it turns the direction of the text");
    }
    let mut blanks = 0usize;
    for letter in name.trim_end().chars() {
        let is_blank =
            letter.is_whitespace() || matches!(letter, '\u{2800}' | '\u{3164}' | '\u{00AD}' | '\u{200B}');
        blanks = if is_blank { blanks.saturating_add(1) } else { 0 };
        if blanks >= BLANKS {
            return Some("a long run of blanks pushes the extension out of sight");
        }
    }
    let (stem, _) = name.trim_end().rsplit_once('.')?;
    let first = extension(stem)?;
    (is_program(name) && DOCUMENTS.contains(&first.as_str()))
        .then_some("the extension of a document stands before that of a program")
}

/// Whether a name says document or picture and the content is something that runs or holds files.
pub fn disagrees(name: &str, kind: FileKind) -> bool {
    let Some(extension) = extension(name) else { return false };
    let says = |list: &[&str]| list.contains(&extension.as_str());
    match kind {
        FileKind::Pe
        | FileKind::Elf
        | FileKind::Lnk
        | FileKind::Rar
        | FileKind::SevenZip
        | FileKind::Cab
        | FileKind::Iso => says(&DOCUMENTS),
        FileKind::Script => says(&DOCUMENTS) && !says(&["txt", "htm", "html", "csv"]),
        // Office packages are ZIP archives, and old names on new files are common.
        FileKind::Zip => {
            says(&["pdf", "txt", "jpg", "jpeg", "png", "gif", "bmp", "htm", "html", "mp3", "mp4"])
        }
        FileKind::CompoundFile => says(&["pdf", "txt", "jpg", "jpeg", "png", "gif", "bmp", "zip"]),
        FileKind::Html => says(&["pdf", "jpg", "jpeg", "png", "gif", "zip", "docx", "xlsx"]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hide_their_extension_are_told_apart() {
        let told = [
            "invoice.pdf.exe",
            "invoice\u{202E}fdp.exe",
            "invoice.pdf              .scr",
            "invoice.pdf",
            "setup.v2.exe",
            "a.tar.gz",
            "report.2022.doc.lnk",
        ]
        .map(|name| deception(name).is_some());
        assert_eq!(told, [true, true, true, false, false, false, true]);
    }

    #[test]
    fn content_that_runs_under_the_name_of_a_document_disagrees() {
        assert!(disagrees("photo.JPG", FileKind::Pe));
        assert!(disagrees("scan.pdf", FileKind::Zip));
        assert!(!disagrees("book.xlsx", FileKind::Zip));
        assert!(!disagrees("data.bin", FileKind::Pe));
        assert!(!disagrees("old.doc", FileKind::Html));
    }
}
