//! Text formats, web archives and sections that try to take more than they give.

use std::fmt::Write as _;

use crate::hostile::Generator;
use crate::notes::section;

/// All generators.
pub const ALL: &[Generator] = &[
    ("sylk_cells", sylk_cells),
    ("sylk_formulas", sylk_formulas),
    ("sylk_names", sylk_names),
    ("csv_formulas", csv_formulas),
    ("csv_bars", csv_bars),
    ("csv_lines", csv_lines),
    ("page_of_tags", page_of_tags),
    ("page_of_short_cells", page_of_short_cells),
    ("page_of_links", page_of_links),
    ("page_of_open_comments", page_of_open_comments),
    ("spreadsheet_cells", spreadsheet_cells),
    ("spreadsheet_formulas", spreadsheet_formulas),
    ("word_paragraphs", word_paragraphs),
    ("word_nested_fields", word_nested_fields),
    ("word_wide", word_wide),
    ("xml_of_start_tags", xml_of_start_tags),
    ("flat_parts", flat_parts),
    ("archive_parts", archive_parts),
    ("archive_of_boundaries", archive_of_boundaries),
    ("onenote_strings", onenote_strings),
    ("onenote_files", onenote_files),
    ("pdf_of_marks", pdf_of_marks),
];

fn repeated(head: &str, size: usize, mut line: impl FnMut(usize, &mut String)) -> String {
    let mut out = head.to_owned();
    let mut index = 0;
    while out.len() < size {
        line(index, &mut out);
        index += 1;
    }
    out
}

fn sylk_cells(size: usize) -> Vec<u8> {
    let cells = repeated("ID;P\n", size, |index, out| {
        let _ = writeln!(out, "C;Y{};X1;K\"a\"", index % 60_000 + 1);
    });
    cells.into_bytes()
}

fn sylk_formulas(size: usize) -> Vec<u8> {
    let cells = repeated("ID;P\nO;E\n", size, |_, out| out.push_str("C;Y1;X1;EEXEC(\"cmd /c a\")\n"));
    cells.into_bytes()
}

fn sylk_names(size: usize) -> Vec<u8> {
    let names = repeated("ID;P\nO;E\n", size, |index, out| {
        let _ = writeln!(out, "NN;NAuto_Open{index};ER1C1");
    });
    names.into_bytes()
}

fn csv_formulas(size: usize) -> Vec<u8> {
    repeated("a,b\n", size, |index, out| {
        let _ = writeln!(out, "=a{index}|b!c,=d");
    })
    .into_bytes()
}

fn csv_bars(size: usize) -> Vec<u8> {
    repeated("a,b\n=a|", size, |_, out| out.push_str("a|'")).into_bytes()
}

fn csv_lines(size: usize) -> Vec<u8> {
    repeated("a,b\n", size, |_, out| out.push_str(",\n")).into_bytes()
}

fn page_of_tags(size: usize) -> Vec<u8> {
    repeated("<html>", size, |_, out| out.push_str("<p>")).into_bytes()
}

fn page_of_short_cells(size: usize) -> Vec<u8> {
    repeated("<html>", size, |_, out| out.push_str("<td>1")).into_bytes()
}

fn page_of_links(size: usize) -> Vec<u8> {
    repeated("<html>", size, |_, out| out.push_str("<a href=a:>")).into_bytes()
}

fn page_of_open_comments(size: usize) -> Vec<u8> {
    repeated("<html>", size, |_, out| out.push_str("<!--[if")).into_bytes()
}

const WORKBOOK: &str = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"a\"><Table><Row>";

fn spreadsheet_cells(size: usize) -> Vec<u8> {
    repeated(WORKBOOK, size, |_, out| out.push_str("<Cell><Data>a</Data></Cell>")).into_bytes()
}

fn spreadsheet_formulas(size: usize) -> Vec<u8> {
    repeated(WORKBOOK, size, |_, out| out.push_str("<Cell f:Formula=\"=a\"/>")).into_bytes()
}

const WORD: &str = "<?xml version=\"1.0\"?><w:wordDocument xmlns:w=\"http://schemas.microsoft.com/office/word/2003/wordml\">";

fn word_paragraphs(size: usize) -> Vec<u8> {
    repeated(WORD, size, |_, out| out.push_str("<p><t>a</t></p>")).into_bytes()
}

fn word_nested_fields(size: usize) -> Vec<u8> {
    repeated(WORD, size, |_, out| out.push_str("<fldChar fldCharType=\"begin\"/><t>a</t>")).into_bytes()
}

fn word_wide(size: usize) -> Vec<u8> {
    let text = repeated(WORD, size / 2, |_, out| out.push_str("<p><t>aaaa</t></p>"));
    [0xFEFF_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn xml_of_start_tags(size: usize) -> Vec<u8> {
    repeated(WORD, size, |_, out| out.push_str("<a>")).into_bytes()
}

fn flat_parts(size: usize) -> Vec<u8> {
    let head = "<?xml version=\"1.0\"?><pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">";
    repeated(head, size, |_, out| out.push_str("<part name=\"a\"><xmlData><a/></xmlData></part>"))
        .into_bytes()
}

fn archive_parts(size: usize) -> Vec<u8> {
    let head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n";
    repeated(head, size, |_, out| {
        out.push_str("--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGh0bWw+YQ==\n")
    })
    .into_bytes()
}

fn archive_of_boundaries(size: usize) -> Vec<u8> {
    let head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n";
    repeated(head, size, |_, out| out.push_str("--x\n\n")).into_bytes()
}

fn onenote_strings(size: usize) -> Vec<u8> {
    let strings = vec!["ab"; size / 10];
    section(&strings, &[])
}

fn onenote_files(size: usize) -> Vec<u8> {
    let files = vec![&b"a"[..]; size / 64];
    section(&[], &files)
}

fn pdf_of_marks(size: usize) -> Vec<u8> {
    repeated("%PDF-1.7\n", size, |_, out| out.push_str("MIME-Version:PK\u{3}\u{4}\n")).into_bytes()
}
