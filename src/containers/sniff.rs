//! What a part is, from its content, never from its name.
//!
//! Only the first bytes are looked at (the first 4 KiB of text, and one place for each format that
//! marks itself further in), so that the cost does not grow with the part. What fits nothing is
//! [`FileKind::Unknown`]: a guess would send the bytes to the wrong reader.

use super::{cfb, flash, pe};

/// Kinds of files that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum FileKind {
    /// None of those below.
    #[default]
    Unknown,
    /// No byte at all.
    Empty,
    /// [MS-CFB]
    CompoundFile,
    /// [MS-CFB] with a damaged header; the directory is there.
    DamagedCompoundFile,
    /// A workbook stream of Excel 2.
    Biff2,
    /// A workbook stream of Excel 3.
    Biff3,
    /// A workbook stream of Excel 4.
    Biff4,
    /// A workbook stream of Excel 5 or 95.
    Biff5,
    /// A workbook stream of Excel 97 to 2003.
    Biff8,
    /// ZIP archive.
    Zip,
    /// Excel package whose workbook is XML.
    Xlsx,
    /// Excel package whose workbook is binary.
    Xlsb,
    /// Word package.
    Docx,
    /// PowerPoint package.
    Pptx,
    /// Package of another program.
    Package,
    /// RAR archive.
    Rar,
    /// 7z archive.
    SevenZip,
    /// Cabinet.
    Cab,
    /// gzip.
    Gzip,
    /// tar archive.
    Tar,
    /// Mails one behind the other.
    Mbox,
    /// Virtual disk (VHD or VHDX).
    Vhd,
    /// LHA archive.
    Lzh,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Windows program or library.
    Pe,
    /// ELF program or library.
    Elf,
    /// PDF.
    Pdf,
    /// Rich Text Format.
    Rtf,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// GIF picture.
    Gif,
    /// Windows bitmap with its file header.
    Bmp,
    /// Enhanced metafile.
    Emf,
    /// Windows metafile.
    Wmf,
    /// TIFF picture.
    Tiff,
    /// XML text in an 8-bit code or UTF-16.
    Xml,
    /// HTML text.
    Html,
    /// Web archive: MIME with an HTML document as its root.
    Mhtml,
    /// Mail as text.
    Eml,
    /// Mail as TNEF (`winmail.dat`).
    Tnef,
    /// Shell link.
    Lnk,
    /// Text of a script.
    Script,
    /// Symbolic link spreadsheet (SYLK).
    Slk,
    /// CD or DVD image.
    Iso,
    /// OneNote section.
    OneNote,
    /// `ActiveMime`: a deflated compound file that Office writes beside HTML.
    ActiveMime,
    /// Text in rows and columns: CSV, TSV.
    Delimited,
    /// A query that Excel runs when it is opened: `.iqy`, `.dqy`, `.oqy`, `.rqy`.
    Query,
    /// Excel add-in: a Windows library with the entry that Excel calls.
    Xll,
    /// HTML application: HTML that runs as a program.
    Hta,
    /// PostScript, encapsulated or not.
    PostScript,
    /// Hangul document before version 5, which is no compound file.
    OldHwp,
    /// Flash movie.
    Flash,
}

impl FileKind {
    /// The name that reports use; it never changes.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Unknown => "unknown",
            FileKind::Empty => "empty",
            FileKind::CompoundFile => "compound_file",
            FileKind::DamagedCompoundFile => "damaged_compound_file",
            FileKind::Biff2 => "biff2",
            FileKind::Biff3 => "biff3",
            FileKind::Biff4 => "biff4",
            FileKind::Biff5 => "biff5",
            FileKind::Biff8 => "biff8",
            FileKind::Zip => "zip",
            FileKind::Xlsx => "xlsx",
            FileKind::Xlsb => "xlsb",
            FileKind::Docx => "docx",
            FileKind::Pptx => "pptx",
            FileKind::Package => "package",
            FileKind::Rar => "rar",
            FileKind::SevenZip => "7z",
            FileKind::Cab => "cab",
            FileKind::Gzip => "gzip",
            FileKind::Tar => "tar",
            FileKind::Mbox => "mbox",
            FileKind::Vhd => "vhd",
            FileKind::Lzh => "lzh",
            FileKind::Bzip2 => "bzip2",
            FileKind::Xz => "xz",
            FileKind::Pe => "pe",
            FileKind::Elf => "elf",
            FileKind::Pdf => "pdf",
            FileKind::Rtf => "rtf",
            FileKind::Png => "png",
            FileKind::Jpeg => "jpeg",
            FileKind::Gif => "gif",
            FileKind::Bmp => "bmp",
            FileKind::Emf => "emf",
            FileKind::Wmf => "wmf",
            FileKind::Tiff => "tiff",
            FileKind::Xml => "xml",
            FileKind::Html => "html",
            FileKind::Mhtml => "mhtml",
            FileKind::Eml => "eml",
            FileKind::Tnef => "tnef",
            FileKind::Lnk => "lnk",
            FileKind::Script => "script",
            FileKind::Slk => "slk",
            FileKind::Iso => "iso",
            FileKind::OneNote => "onenote",
            FileKind::ActiveMime => "activemime",
            FileKind::Delimited => "delimited",
            FileKind::Query => "query",
            FileKind::Xll => "xll",
            FileKind::Hta => "hta",
            FileKind::PostScript => "postscript",
            FileKind::OldHwp => "hwp3",
            FileKind::Flash => "flash",
        }
    }

    /// Whether the file is read as a compound file.
    pub fn is_compound_file(self) -> bool {
        matches!(self, FileKind::CompoundFile | FileKind::DamagedCompoundFile)
    }

    /// Whether it is a mail, or several; Outlook messages are compound files.
    pub fn is_mail(self) -> bool {
        matches!(self, FileKind::Eml | FileKind::Mbox | FileKind::Tnef)
    }

    /// Whether a file of this kind can carry macros or programs. Pages keep data of their own as gzip.
    pub fn is_carrier(self) -> bool {
        use FileKind::{Cab, CompoundFile, Hta, Iso, Lnk, OneNote, Pe, Rar, Rtf, SevenZip, Vhd, Xll, Zip};
        matches!(
            self,
            Cab | CompoundFile | Hta | Iso | Lnk | OneNote | Pe | Rar | Rtf | SevenZip | Vhd | Xll | Zip
        )
    }

    /// Whether the bytes are a workbook stream without a container.
    pub fn is_biff(self) -> bool {
        matches!(
            self,
            FileKind::Biff2 | FileKind::Biff3 | FileKind::Biff4 | FileKind::Biff5 | FileKind::Biff8
        )
    }
}

/// What `bytes` are.
pub fn sniff(bytes: &[u8]) -> FileKind {
    if bytes.is_empty() {
        return FileKind::Empty;
    }
    if let Some(kind) = strong_magic(bytes) {
        return kind;
    }
    if rtf_start(bytes).is_some() {
        return FileKind::Rtf;
    }
    workbook_stream(bytes)
        .or_else(|| weak_magic(bytes))
        .or_else(|| text(bytes))
        .or_else(|| disk_image(bytes))
        .or_else(|| cfb::is_damaged(bytes).then_some(FileKind::DamagedCompoundFile))
        .unwrap_or_default()
}

/// Where Rich Text Format begins: at once, or behind blanks, line ends, zeros and a byte order mark,
/// which Word passes over.
pub fn rtf_start(bytes: &[u8]) -> Option<usize> {
    const PASSED: usize = 4096;
    let is_passed = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0xEF | 0xBB | 0xBF);
    let start = bytes.iter().take(PASSED).take_while(is_passed).count();
    bytes.get(start..)?.starts_with(b"{\\rt").then_some(start)
}

/// Whether a file begins at the first byte, said by a mark too long to stand there by chance.
///
/// Meant for data between and behind the sectors of a container, where anything may lie.
pub fn embedded_at(bytes: &[u8]) -> bool {
    strong_magic(bytes).is_some()
}

/// Formats whose first bytes are at least four fixed ones, or fewer and a plausible header.
fn strong_magic(bytes: &[u8]) -> Option<FileKind> {
    const MARKS: &[(&[u8], FileKind)] = &[
        (&cfb::SIGNATURE, FileKind::CompoundFile),
        (b"PK\x03\x04", FileKind::Zip),
        (b"PK\x05\x06", FileKind::Zip),
        (b"PK\x07\x08PK\x03\x04", FileKind::Zip),
        (b"Rar!\x1a\x07", FileKind::Rar),
        (b"7z\xbc\xaf\x27\x1c", FileKind::SevenZip),
        (b"MSCF\0\0\0\0", FileKind::Cab),
        (b"vhdxfile", FileKind::Vhd),
        (b"conectix", FileKind::Vhd),
        (b"\xfd7zXZ\0", FileKind::Xz),
        (b"\x7fELF", FileKind::Elf),
        (b"%PDF-", FileKind::Pdf),
        (b"{\\rt", FileKind::Rtf),
        (b"\x89PNG\r\n\x1a\n", FileKind::Png),
        (b"GIF87a", FileKind::Gif),
        (b"GIF89a", FileKind::Gif),
        (b"\xd7\xcd\xc6\x9a", FileKind::Wmf),
        (b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", FileKind::Lnk),
        (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", FileKind::OneNote),
        (b"\x78\x9f\x3e\x22", FileKind::Tnef),
        (b"ActiveMime", FileKind::ActiveMime),
        (b"HWP Document File V", FileKind::OldHwp),
        (b"%!PS", FileKind::PostScript),
        (b"\xc5\xd0\xd3\xc6", FileKind::PostScript),
    ];
    MARKS
        .iter()
        .find(|(mark, _)| bytes.starts_with(mark))
        .map(|(_, kind)| *kind)
        .or_else(|| {
            is_pe(bytes).then(|| if pe::is_excel_addin(bytes) { FileKind::Xll } else { FileKind::Pe })
        })
        .or_else(|| is_gzip(bytes).then_some(FileKind::Gzip))
        .or_else(|| is_jpeg(bytes).then_some(FileKind::Jpeg))
        .or_else(|| is_emf(bytes).then_some(FileKind::Emf))
        .or_else(|| is_bmp(bytes).then_some(FileKind::Bmp))
        .or_else(|| flash::stated_len(bytes).map(|_| FileKind::Flash))
}

fn weak_magic(bytes: &[u8]) -> Option<FileKind> {
    const MARKS: &[(&[u8], FileKind)] = &[
        (b"\x01\0\x09\0\0\x03", FileKind::Wmf),
        (b"II*\0", FileKind::Tiff),
        (b"MM\0*", FileKind::Tiff),
        (b"ID;", FileKind::Slk),
    ];
    let marked = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, kind)| *kind);
    marked.or_else(|| other_archive(bytes))
}

/// Archives that mark themselves further in, or with less.
fn other_archive(bytes: &[u8]) -> Option<FileKind> {
    if bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"\x31\x41\x59\x26\x53\x59") {
        return Some(FileKind::Bzip2);
    }
    if matches!(bytes.get(2..7), Some([b'-', b'l', b'h' | b'z', _, b'-'])) {
        return Some(FileKind::Lzh);
    }
    // The footer of a VHD is its last sector.
    let footer = bytes.len().checked_sub(512).and_then(|at| bytes.get(at..));
    if footer.is_some_and(|footer| footer.starts_with(b"conectix")) {
        return Some(FileKind::Vhd);
    }
    (bytes.get(257..262) == Some(b"ustar") && super::tar::is_header(bytes)).then_some(FileKind::Tar)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|field| u16::from_le_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|field| u32::from_le_bytes(*field))
}

/// `MZ`, and either the signature it points to or the words of the usual DOS program.
fn is_pe(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"MZ") {
        return false;
    }
    let pe_at = u32_at(bytes, 0x3c).map_or(usize::MAX, |at| at as usize);
    if bytes.get(pe_at..).is_some_and(|rest| rest.starts_with(b"PE\0\0")) {
        return true;
    }
    contains(head(bytes, 512), b"This program ")
}

/// [RFC 1952] 2.3: deflate is the only method, and three flag bits are reserved.
fn is_gzip(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0)
}

fn is_jpeg(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xd8, 0xff, 0xc0..=0xfe, ..])
}

/// [MS-EMF] 2.2.9: the first record is the header, and its signature stands 40 bytes in.
fn is_emf(bytes: &[u8]) -> bool {
    bytes.starts_with(&[1, 0, 0, 0]) && bytes.get(40..44) == Some(b" EMF")
}

/// The bitmap file header, told by the size of the information header behind it.
fn is_bmp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && matches!(u32_at(bytes, 14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// A BOF record with a plausible length, version and substream type ([MS-XLS] 2.4.21).
fn workbook_stream(bytes: &[u8]) -> Option<FileKind> {
    let (id, len) = (u16_at(bytes, 0)?, u16_at(bytes, 2)?);
    let (version, kind) = (u16_at(bytes, 4)?, u16_at(bytes, 6)?);
    let known_kind = matches!(kind, 0x0005 | 0x0006 | 0x0010 | 0x0020 | 0x0040 | 0x0100);
    if !known_kind || !(4..=64).contains(&len) {
        return None;
    }
    match (id, version) {
        (0x0009, _) => Some(FileKind::Biff2),
        (0x0209, _) => Some(FileKind::Biff3),
        (0x0409, _) => Some(FileKind::Biff4),
        (0x0809, 0x0600) => Some(FileKind::Biff8),
        (0x0809, _) => Some(FileKind::Biff5),
        _ => None,
    }
}

/// [ECMA-119] 8.1: the first volume descriptor stands in logical sector 16.
fn disk_image(bytes: &[u8]) -> Option<FileKind> {
    let mark = bytes.get(0x8001..0x8006)?;
    matches!(mark, b"CD001" | b"BEA01").then_some(FileKind::Iso)
}

/// How much of a text is looked at.
const TEXT_BYTES: usize = 4096;

fn text(bytes: &[u8]) -> Option<FileKind> {
    if contains(head(bytes, 1024), b"%PDF-") {
        // Readers of PDF accept the mark anywhere in the first 1,024 bytes.
        return Some(FileKind::Pdf);
    }
    let folded = folded_text(head(bytes, TEXT_BYTES));
    let text = trim(&folded);
    // Most parts are binary, and have a control character early.
    if head(text, 64).iter().any(|byte| *byte < b'\t') {
        return archive_behind_junk(text);
    }
    markup(text)
        .or_else(|| query(text))
        .or_else(|| script(text))
        .or_else(|| mbox(text))
        .or_else(|| mail(text))
        .or_else(|| archive_behind_junk(text))
        .or_else(|| rows(text).then_some(FileKind::Delimited))
}

fn markup(text: &[u8]) -> Option<FileKind> {
    const PAGE: &[&[u8]] = &[
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        b"<meta",
        b"<table",
        b"<script",
        b"<iframe",
        b"<a href",
        b"<div",
    ];
    /// Namespaces of the documents that Office reads without an XML declaration too.
    const SPACES: &[&[u8]] = &[
        b"urn:schemas-microsoft-com:office:spreadsheet",
        b"schemas.microsoft.com/office/word/2003/wordml",
        b"schemas.microsoft.com/office/2006/xmlpackage",
    ];
    if !text.starts_with(b"<") {
        return None;
    }
    let declared = text.starts_with(b"<?xml") || text.starts_with(b"<?mso-");
    // What is written before the first element is for no program, and may name any other.
    let (name, tag) = match first_element(text) {
        FirstElement::Tag(name, tag) => (name, tag),
        FirstElement::Beyond => return Some(FileKind::Xml),
        FirstElement::Broken => (b"".as_slice(), text),
    };
    if SPACES.iter().any(|space| contains(tag, space)) && name != b"html" {
        return Some(FileKind::Xml);
    }
    if contains(text, b"<hta:application") {
        return Some(FileKind::Hta);
    }
    // A drawing of the web runs scripts as a page does.
    if name == b"svg" {
        return Some(FileKind::Html);
    }
    if declared {
        return Some(if name == b"html" { FileKind::Html } else { FileKind::Xml });
    }
    PAGE.iter().any(|tag| contains(text, tag)).then_some(FileKind::Html)
}

/// What the first element of markup is, as far as the head of the text says.
enum FirstElement<'t> {
    /// Its name without the prefix, and its tag without brackets, which may be cut.
    Tag(&'t [u8], &'t [u8]),
    /// What stands before it fills the head.
    Beyond,
    /// There is none that has a name.
    Broken,
}

/// The first element behind comments, instructions and a document type.
fn first_element(text: &[u8]) -> FirstElement<'_> {
    let mut rest = text;
    loop {
        let Some(open) = rest.iter().position(|byte| *byte == b'<') else {
            return if text.len() < TEXT_BYTES / 2 { FirstElement::Broken } else { FirstElement::Beyond };
        };
        rest = rest.get(open.saturating_add(1)..).unwrap_or_default();
        let is_type = rest.starts_with(b"!doctype");
        let has_own = is_type && rest.iter().find(|byte| matches!(byte, b'[' | b'>')) == Some(&b'[');
        let end: &[u8] = match rest {
            [b'!', b'-', b'-', ..] => b"-->",
            [b'?', ..] => b"?>",
            [b'!', ..] if has_own => b"]>",
            [b'!', ..] => b">",
            _ => break,
        };
        match rest.windows(end.len()).position(|window| window == end) {
            Some(at) => rest = rest.get(at.saturating_add(end.len())..).unwrap_or_default(),
            // A document type with spaces before its end is rare, and Office reads none.
            None if text.len() < TEXT_BYTES / 2 || is_type => return FirstElement::Broken,
            None => return FirstElement::Beyond,
        }
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.');
    let name = rest.split(|byte| !is_name(byte)).next().unwrap_or_default();
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    // An attribute may hold a bracket.
    let mut quote = None;
    let end = rest.iter().position(|byte| match (quote, *byte) {
        (None, b'>') => true,
        (None, mark @ (b'"' | b'\'')) => {
            quote = Some(mark);
            false
        }
        (Some(open), mark) => {
            quote = (open != mark).then_some(open);
            false
        }
        _ => false,
    });
    if local.is_empty() {
        return FirstElement::Broken;
    }
    FirstElement::Tag(local, rest.get(..end.unwrap_or(rest.len())).unwrap_or_default())
}

/// The first line of a query file names its kind.
fn query(text: &[u8]) -> Option<FileKind> {
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let found = matches!(line.trim_ascii(), b"web" | b"xlodbc") || line.starts_with(b"querytype=");
    (found && line.len() < text.len()).then_some(FileKind::Query)
}

fn script(text: &[u8]) -> Option<FileKind> {
    const STARTS: &[&[u8]] = &[
        b"#!/",
        b"#@~^",
        b"@echo off",
        b"@%",
        b"<script",
        b"<job",
        b"<package",
        b"<component",
        b"on error resume next",
        b"option explicit",
        b"powershell ",
        b"attribute vb_name",
        b"setlocal",
        b"eval(",
        b"(function",
        b"param(",
    ];
    const MARKS: &[&[u8]] = &[
        b"wscript.",
        b"activexobject(",
        b"createobject(",
        b"invoke-expression",
        b"-encodedcommand",
        b"new-object ",
        b"@cc_on",
    ];
    /// Words that begin a script, and also sentences: code has brackets and assignments as well.
    const WORDS: &[&[u8]] =
        &[b"var ", b"function ", b"dim ", b"sub ", b"const ", b"set ", b"rem ", b"try", b"//", b"/*", b"$"];
    let is_code = || [b'(', b')', b'='].iter().all(|mark| text.contains(mark));
    let found = STARTS.iter().any(|start| text.starts_with(start))
        || MARKS.iter().any(|mark| contains(text, mark))
        || (WORDS.iter().any(|word| text.starts_with(word)) && is_code());
    (found && !text.contains(&0)).then_some(FileKind::Script)
}

/// Word looks for the header of a web archive behind whatever stands before it.
fn archive_behind_junk(text: &[u8]) -> Option<FileKind> {
    let found = contains(text, b"mime-version:")
        && (contains(text, b"multipart/related") || contains(text, b"\ncontent-location:"));
    found.then_some(FileKind::Mhtml)
}

/// Lines with the same number of delimiters, or one with a formula that asks another program.
fn rows(text: &[u8]) -> bool {
    /// What source code has and tables hardly.
    const CODE: &[&[u8]] = &[b"{", b"}", b");", b"=>", b"::", b"#include", b"</"];
    if text.starts_with(b"sep=") || text.split(|byte| *byte == b'\n').any(asks_a_program) {
        return true;
    }
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    if text.len() >= TEXT_BYTES / 2 && lines.len() > 2 {
        // The last one may be cut.
        lines.pop();
    }
    let lines: Vec<&[u8]> = lines.into_iter().filter(|line| !line.is_empty()).take(10).collect();
    if lines.len() < 2 || CODE.iter().any(|mark| lines.iter().any(|line| contains(line, mark))) {
        return false;
    }
    b",;\t".iter().any(|delimiter| {
        let mut counts = lines.iter().map(|line| unquoted(line, *delimiter));
        let first = counts.next().unwrap_or(0);
        let least = if *delimiter == b';' { 2 } else { 1 };
        first >= least && counts.all(|count| count == first)
    })
}

/// How often a delimiter stands outside of quotes.
fn unquoted(line: &[u8], delimiter: u8) -> usize {
    let mut quoted = false;
    let outside = line.iter().filter(|byte| {
        quoted ^= **byte == b'"';
        !quoted && **byte == delimiter
    });
    outside.count()
}

/// A field that begins as a formula and goes on as `program|topic!item`.
fn asks_a_program(line: &[u8]) -> bool {
    line.split(|byte| matches!(byte, b',' | b';' | b'\t')).any(|field| {
        let field = field.trim_ascii_start();
        let field = field.strip_prefix(b"\"").unwrap_or(field).trim_ascii_start();
        matches!(field.first(), Some(b'=' | b'+' | b'-' | b'@'))
            && field.iter().position(|byte| *byte == b'|').is_some_and(|bar| {
                let behind = line.iter().rposition(|byte| *byte == b'!');
                bar > 1
                    && behind
                        .is_some_and(|mark| line.get(..mark).is_some_and(|before| before.contains(&b'|')))
            })
    })
}

/// A line that begins with `From `, and a mail behind it.
fn mbox(text: &[u8]) -> Option<FileKind> {
    let line = text.strip_prefix(b"from ")?;
    let end = line.iter().position(|byte| *byte == b'\n')?;
    mail(line.get(end.saturating_add(1)..)?).map(|_| FileKind::Mbox)
}

/// Two header fields in a row, at least one of them a usual one ([RFC 5322] 2.2).
fn mail(text: &[u8]) -> Option<FileKind> {
    const FIELDS: &[&[u8]] = &[
        b"received",
        b"return-path",
        b"delivered-to",
        b"mime-version",
        b"from",
        b"to",
        b"date",
        b"subject",
        b"message-id",
        b"content-type",
        b"reply-to",
        b"x-originating-ip",
    ];
    let mut usual = 0_u32;
    for line in text.split(|byte| *byte == b'\n').take(40) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let has_colon = name.len() < line.len();
        // Older mails may have blanks before the colon (RFC 5322, 4.5).
        let name = name.trim_ascii_end();
        let is_field = has_colon && !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
        if !is_field {
            // An mbox file has one line before the header.
            if line.starts_with(b"from ") && usual == 0 {
                continue;
            }
            return None;
        }
        usual = usual.saturating_add(u32::from(FIELDS.contains(&name)));
    }
    if usual < 2 {
        return None;
    }
    let archive = contains(text, b"multipart/related") && contains(text, b"text/html");
    let sent = contains(text, b"\nreceived:") || contains(text, b"\nto:") || text.starts_with(b"received:");
    Some(if archive && !sent { FileKind::Mhtml } else { FileKind::Eml })
}

/// ASCII in lower case; UTF-16 with or without a mark is reduced to its low bytes.
fn folded_text(bytes: &[u8]) -> Vec<u8> {
    let pairs = |second: bool| {
        bytes
            .chunks_exact(2)
            .map(|pair| match pair {
                [high, 0] if !second => *high,
                [0, low] if second => *low,
                _ => b'?',
            })
            .collect::<Vec<u8>>()
    };
    let mut folded = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => pairs(false),
        [0xfe, 0xff, ..] | [0, b'<', ..] => pairs(true),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        _ => bytes.to_vec(),
    };
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        && let Some(mark) = folded.first_mut()
    {
        *mark = b' ';
    }
    folded.make_ascii_lowercase();
    folded
}

fn head(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len).unwrap_or(bytes)
}

fn trim(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    text.get(blank..).unwrap_or_default()
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    let Some((first, others)) = what.split_first() else { return true };
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        let Some(behind) = rest.get(at.saturating_add(1)..) else { break };
        if behind.starts_with(others) {
            return true;
        }
        rest = behind;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bof(id: u16, version: u16, kind: u16, len: u16) -> Vec<u8> {
        let mut record: Vec<u8> =
            [id, len, version, kind].iter().flat_map(|field| field.to_le_bytes()).collect();
        record.resize(4 + usize::from(len), 0);
        record
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn padded(at: usize, mark: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; at];
        bytes.extend(mark);
        bytes
    }

    #[test]
    fn workbook_streams_are_told_by_record_length_version_and_substream() {
        let cases = [
            (bof(0x0009, 0x0002, 0x0010, 4), FileKind::Biff2),
            (bof(0x0209, 0x0300, 0x0040, 6), FileKind::Biff3),
            (bof(0x0409, 0x0400, 0x0100, 6), FileKind::Biff4),
            (bof(0x0809, 0x0500, 0x0005, 8), FileKind::Biff5),
            (bof(0x0809, 0x0600, 0x0005, 16), FileKind::Biff8),
            (bof(0x0809, 0x0600, 0x0033, 16), FileKind::Unknown),
            (bof(0x0809, 0x0600, 0x0005, 2000), FileKind::Unknown),
            (bof(0x0609, 0x0600, 0x0005, 16), FileKind::Unknown),
        ];
        for (bytes, kind) in cases {
            assert_eq!(sniff(&bytes), kind, "{bytes:02x?}");
        }
        assert_eq!(sniff(&bof(0x0809, 0x0600, 0x0005, 16)[..7]), FileKind::Unknown);
    }

    #[test]
    fn binary_files_are_told_by_their_marks() {
        let mut pe = padded(0x40, b"PE\0\0");
        pe[..2].copy_from_slice(b"MZ");
        pe[0x3c] = 0x40;
        let mut emf = padded(40, b" EMF");
        emf[0] = 1;
        let mut bmp = padded(14, &[40, 0, 0, 0]);
        bmp[..2].copy_from_slice(b"BM");
        let cases: &[(&[u8], FileKind)] = &[
            (b"", FileKind::Empty),
            (b"\0", FileKind::Unknown),
            (&cfb::SIGNATURE, FileKind::CompoundFile),
            (b"PK\x03\x04", FileKind::Zip),
            (b"PK", FileKind::Unknown),
            (b"Rar!\x1a\x07\0", FileKind::Rar),
            (b"7z\xbc\xaf\x27\x1c", FileKind::SevenZip),
            (b"MSCF\0\0\0\0", FileKind::Cab),
            (&[0x1f, 0x8b, 8, 0], FileKind::Gzip),
            (&[0x1f, 0x8b, 8, 0xe0], FileKind::Unknown),
            (&pe, FileKind::Pe),
            (b"MZ", FileKind::Unknown),
            (b"MZ\x90\0 This program cannot be run in DOS mode", FileKind::Pe),
            (b"\x7fELF\x02", FileKind::Elf),
            (b"%PDF-1.7", FileKind::Pdf),
            (b"\0\0junk %PDF-1.7", FileKind::Pdf),
            (b"{\\rt1", FileKind::Rtf),
            (b"\x89PNG\r\n\x1a\n", FileKind::Png),
            (&[0xff, 0xd8, 0xff, 0xe0], FileKind::Jpeg),
            (&[0xff, 0xd8, 0xff, 0xff], FileKind::Unknown),
            (b"GIF89a", FileKind::Gif),
            (&bmp, FileKind::Bmp),
            (b"BM", FileKind::Unknown),
            (&emf, FileKind::Emf),
            (b"\xd7\xcd\xc6\x9a\0\0", FileKind::Wmf),
            (b"\x01\0\x09\0\0\x03", FileKind::Wmf),
            (b"II*\0", FileKind::Tiff),
            (b"FWS\x05\x15\0\0\0\x78\0", FileKind::Flash),
            (b"FWS\x05", FileKind::Unknown),
            (&padded(0x8001, b"CD001"), FileKind::Iso),
            (b"\x78\x9f\x3e\x22", FileKind::Tnef),
            (b"ActiveMime\0\0", FileKind::ActiveMime),
            (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", FileKind::OneNote),
            (b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", FileKind::Lnk),
        ];
        for (bytes, kind) in cases {
            assert_eq!(sniff(bytes), *kind, "{bytes:02x?}");
        }
    }

    #[test]
    fn texts_are_told_in_eight_bits_and_in_utf_16() {
        let xml = "<?xml version=\"1.0\"?><a/>";
        let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
        let page = "<!-- x --><HTML><body>";
        let mail = "Received: from a\r\n\tby b\r\nFrom: a\r\nTo: b\r\n\r\nhello";
        let archive = "MIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"\r\n\r\n";
        let cases = [
            (xml.as_bytes().to_vec(), FileKind::Xml),
            (marked(b"\xef\xbb\xbf", xml.into()), FileKind::Xml),
            (marked(b"\xff\xfe", utf16(xml, u16::to_le_bytes)), FileKind::Xml),
            (marked(b"\xfe\xff", utf16(xml, u16::to_be_bytes)), FileKind::Xml),
            (utf16(xml, u16::to_le_bytes), FileKind::Xml),
            (utf16(xml, u16::to_be_bytes), FileKind::Xml),
            (b"<?xml version=\"1.0\"?><html>".to_vec(), FileKind::Html),
            (
                b"<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"a\"><h:html xmlns:h='b'>".to_vec(),
                FileKind::Html,
            ),
            (b"<?xml version=\"1.0\"?><!-- <html> --><w:wordDocument>".to_vec(), FileKind::Xml),
            (
                b"<?xml version=\"1.0\"?><!DOCTYPE html [<!ENTITY a \"b>\">]><w:wordDocument>".to_vec(),
                FileKind::Xml,
            ),
            (
                b"<!--<html>--><a:Workbook b='>' xmlns:a='urn:schemas-microsoft-com:office:spreadsheet'>"
                    .to_vec(),
                FileKind::Xml,
            ),
            (b"<html xmlns='urn:schemas-microsoft-com:office:spreadsheet'>".to_vec(), FileKind::Html),
            ([b"<!-- ".as_slice(), &[b'x'; 4096]].concat(), FileKind::Xml),
            (b"<!-- <html>".to_vec(), FileKind::Html),
            (page.into(), FileKind::Html),
            (marked(b"\xff\xfe", utf16(page, u16::to_le_bytes)), FileKind::Html),
            (mail.into(), FileKind::Eml),
            (b"Subject :a\nContent-Type : text/plain\n\nb".to_vec(), FileKind::Eml),
            (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), FileKind::Html),
            (b"<a href='data:;base64,'>open</a>".to_vec(), FileKind::Html),
            (archive.into(), FileKind::Mhtml),
            (b"ID;PWXL;N;E".to_vec(), FileKind::Slk),
            (b"ID;N\r\nO;E".to_vec(), FileKind::Slk),
            (b"junk\r\nMIME-Version: 1.0\r\nContent-Location: a\r\n".to_vec(), FileKind::Mhtml),
            (b"\x01\x02 MIME-Version: 1.0\r\nContent-Type: multipart/related;".to_vec(), FileKind::Mhtml),
            (b"<html><hta:application id=a>".to_vec(), FileKind::Hta),
            (
                b"<w:wordDocument xmlns:w=\"http://schemas.microsoft.com/office/word/2003/wordml\">".to_vec(),
                FileKind::Xml,
            ),
            (b"WEB\r\n1\r\nhttp://one.invalid/a".to_vec(), FileKind::Query),
            (b"QueryType=OLEDB\r\n".to_vec(), FileKind::Query),
            (b"WEB".to_vec(), FileKind::Unknown),
            (b"a,b\nc,d\n".to_vec(), FileKind::Delimited),
            (b"a,b\n\"c,d\",e\n".to_vec(), FileKind::Delimited),
            (b"=cmd|'/c oxnv1'!A0".to_vec(), FileKind::Delimited),
            (b"name, \"@SUM(1)*cmd|'/c oxnv1'!A0\"".to_vec(), FileKind::Delimited),
            (b"Dear all,\nthanks.\n".to_vec(), FileKind::Unknown),
            (b"f(a, b);\ng(c, d);\n".to_vec(), FileKind::Unknown),
            (b"#@~^AAAA==".to_vec(), FileKind::Script),
            (b"var a = b(1)".to_vec(), FileKind::Script),
            (b"Rem means remark".to_vec(), FileKind::Unknown),
            (b"Set x = CreateObject(\"WScript.Shell\")".to_vec(), FileKind::Script),
            (b"@echo off\r\n".to_vec(), FileKind::Script),
            (b"To: be or not to be".to_vec(), FileKind::Unknown),
            (b"plain text".to_vec(), FileKind::Unknown),
            (b"<".to_vec(), FileKind::Unknown),
        ];
        for (bytes, kind) in cases {
            assert_eq!(sniff(&bytes), kind, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn only_long_marks_count_between_sectors() {
        assert!(embedded_at(b"PK\x03\x04"));
        assert!(embedded_at(&cfb::SIGNATURE));
        assert!(!embedded_at(b"II*\0"));
        assert!(!embedded_at(&bof(0x0809, 0x0600, 0x0005, 16)));
        assert!(!embedded_at(b""));
    }
}
