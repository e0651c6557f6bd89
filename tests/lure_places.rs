//! A lure text in every place where a person may read it: the report says which words, where they stand, in
//! which language, and whether a person sees them. An innocent text with the same words at the same place is read
//! as well, and nothing is found in it.

use docsift::Report;
use docsift::report::Evidence;
use docsift_corpus::biff::drawing::{Shape, validation};
use docsift_corpus::biff::{Auto, Book, Name, Sheet, State};
use docsift_corpus::container::{self, Entry};
use docsift_corpus::mail::Mail;
use docsift_corpus::notes::section;
use docsift_corpus::ooxml::{Biff12, Pack, XmlSheet, escape, excel, wide, workbook};
use docsift_corpus::outlook::Msg;
use docsift_corpus::vba::{Module, Project};
use docsift_corpus::word::{Doc, Look, Story};
use docsift_corpus::{ppt, rtf};

const ENGLISH: &str = "RELAUNCH REQUIRED. To view this document, copy the file to \
    C:\\Program Files\\Microsoft Office\\root\\Templates and run it again.";
const GERMAN: &str = "NEUSTART ERFORDERLICH. Gemäß Ihrer Sicherheitsrichtlinie müssen Sie diese Datei nach \
    C:\\Program Files\\Microsoft Office\\root\\Templates kopieren und von dort erneut öffnen.";

const RUSSIAN: &str = "ТРЕБУЕТСЯ ПЕРЕЗАПУСК. Чтобы просмотреть этот документ, скопируйте файл в \
    C:\\Program Files\\Microsoft Office\\root\\Templates и откройте его снова.";
/// The words of the lure in a warning of it.
const WARNING: &str = "Never copy a file to C:\\Program Files\\Microsoft Office\\root\\Templates to run it again, and do not \
    relaunch this document: the help desk does not ask for that.";
/// The words of the lure in a note that asks for nothing.
const NOTE: &str = "To view this document, run Word. C:\\Program Files\\Microsoft Office\\root\\Templates belongs to \
    Office, and no other file is required there.";

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const P: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const A: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const R: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const SLIDES: &str = "application/vnd.openxmlformats-officedocument.presentationml";

/// Holds the report to one finding of the relaunch lure: its words and language, what hides them, and the text
/// that stands at its place with what holds it.
fn says(place: &str, file: &[u8], language: &str, seen: &str, source: &str) {
    let report: Report = docsift::analyze(file);
    let evidence = lure_of(place, &report, language, seen);
    let runs = report
        .text
        .iter()
        .filter(|run| run.location == evidence.location && run.text.contains(&evidence.text));
    let runs: Vec<_> = runs.map(|run| (run.source, run.visible)).collect();
    let expected = [(source, seen == "visible text")];
    assert_eq!(runs, expected, "{place}");
}

/// The proof of the one finding of the relaunch lure, with its message.
fn lure_of<'r>(place: &str, report: &'r Report, language: &str, seen: &str) -> &'r Evidence {
    let family = "(relaunch-from-trusted-folder)";
    let lures = report.findings.iter().filter(|finding| finding.rule == "LUR001");
    let lures: Vec<_> = lures.filter(|finding| finding.message.ends_with(family)).collect();
    let [finding] = lures[..] else { panic!("{place}: {} findings", lures.len()) };
    let meaning = "asks to copy the file into a folder that Office trusts and to open it again from there";
    let message = format!("{seen} in {language} {meaning} {family}");
    let evidence = &finding.evidence[0];
    let text = match language {
        "German" => GERMAN,
        "Russian" => RUSSIAN,
        _ => ENGLISH,
    };
    assert_eq!(finding.message, message, "{place}");
    // A statement is quoted as it stands.
    let words = evidence.text.replace("\" & \"", "");
    assert!(text.contains(&words) && evidence.text.contains("\\Templates"), "{place}: {evidence:?}");
    evidence
}

/// What rules about lures find, all of which is more than information.
fn alarms(file: &[u8]) -> Vec<(&'static str, String)> {
    let found = docsift::analyze(file).findings.into_iter();
    found.filter(|finding| finding.rule.starts_with("LUR")).map(|one| (one.rule, one.message)).collect()
}

/// An innocent neighbour: it is read at this place, and nothing is found in it.
fn is_quiet(place: &str, build: impl Fn(&str) -> Vec<u8>, text: &str, source: &str, visible: bool) {
    let file = build(text);
    let report: Report = docsift::analyze(file.as_slice());
    let runs = report.text.iter().filter(|run| run.text.contains(text));
    let mut runs: Vec<_> = runs.map(|run| (run.source, run.visible)).collect();
    // A comment of an .xls is listed as a text and as a shape.
    runs.dedup();
    assert_eq!((runs, alarms(&file)), (vec![(source, visible)], Vec::new()), "innocent {place}");
}

/// Both languages, as a person sees them, and the innocent neighbours.
fn shows(place: &str, source: &str, build: impl Fn(&str) -> Vec<u8>) {
    says(place, &build(ENGLISH), "English", "visible text", source);
    says(place, &build(GERMAN), "German", "visible text", source);
    is_quiet(place, &build, WARNING, source, true);
    is_quiet(place, &build, NOTE, source, true);
}

/// The lure where something hides it, and its innocent neighbour. A warning that nobody sees counts for nothing.
fn hides(place: &str, by: &str, source: &str, build: impl Fn(&str) -> Vec<u8>) {
    says(place, &build(ENGLISH), "English", &format!("text hidden by {by}"), source);
    is_quiet(place, &build, NOTE, source, false);
}

fn docx(body: &str, part: Option<(&str, &str)>) -> Vec<u8> {
    let root = |name: &str, body: &str| format!("<w:{name} xmlns:w=\"{W}\">{body}</w:{name}>");
    let main = root("document", &format!("<w:body>{body}</w:body>"));
    let mut pack = Pack::new("word/document.xml", &format!("{WORD}.document.main+xml"), &main);
    if let Some((kind, text)) = part {
        let (name, content) = match kind {
            "footer" => ("ftr", paragraph(text, "")),
            "comments" => (
                "comments",
                format!("<w:comment w:id=\"0\" w:author=\"Anna\">{}</w:comment>", paragraph(text, "")),
            ),
            _ => {
                let note = kind.trim_end_matches('s');
                (kind, format!("<w:{note} w:id=\"2\">{}</w:{note}>", paragraph(text, "")))
            }
        };
        let file = format!("{kind}1.xml");
        pack.part(&format!("word/{file}"), &format!("{WORD}.{kind}+xml"), root(name, &content).into_bytes());
        pack.relate("word/document.xml", "rId1", kind, &file);
    }
    pack.into_bytes()
}

fn paragraph(text: &str, looks: &str) -> String {
    format!("<w:p><w:r><w:rPr>{looks}</w:rPr><w:t>{}</w:t></w:r></w:p>", escape(text))
}

/// A slide, hidden or not, beside which a part of another kind may stand.
fn pptx(show: &str, slide: &str, part: Option<(&str, String)>) -> Vec<u8> {
    pptx_of(show, &shape(slide, ""), part)
}

fn pptx_of(show: &str, slide: &str, part: Option<(&str, String)>) -> Vec<u8> {
    let names = format!("xmlns:p=\"{P}\" xmlns:a=\"{A}\" xmlns:r=\"{R}\"");
    let main = format!(
        "<p:presentation {names}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>"
    );
    let mut pack = Pack::new("ppt/presentation.xml", &format!("{SLIDES}.presentation.main+xml"), &main);
    let slide = format!("<p:sld {names} show=\"{show}\">{slide}</p:sld>");
    pack.part("ppt/slides/slide1.xml", &format!("{SLIDES}.slide+xml"), slide.into_bytes());
    pack.relate("ppt/presentation.xml", "rId1", "slide", "slides/slide1.xml");
    if let Some((kind, content)) = part {
        let content = content.replacen('>', &format!(" {names}>"), 1);
        let content_type = match kind {
            "ms" => "application/vnd.ms-powerpoint.comments+xml".to_owned(),
            kind => format!("{SLIDES}.{kind}+xml"),
        };
        pack.part("ppt/more/part1.xml", &content_type, content.into_bytes());
        let kind = if kind == "notesSlide" { "notesSlide" } else { "comments" };
        pack.relate("ppt/slides/slide1.xml", "rId1", kind, "../more/part1.xml");
    }
    pack.into_bytes()
}

/// A tree with one shape, which may be a placeholder.
fn shape(text: &str, placeholder: &str) -> String {
    let text = escape(text);
    let ph = if placeholder.is_empty() { String::new() } else { format!("<p:ph type=\"{placeholder}\"/>") };
    format!(
        "<p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr>{ph}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>"
    )
}

fn xls(sheets: Vec<Sheet>, more: Vec<Entry>) -> Vec<u8> {
    container::workbook(Book::new(sheets).stream(), "Workbook", "docsift", more)
}

fn item() -> Sheet {
    Sheet::work("Sheet1").texts("A1", &["Item", "Paper"])
}

#[test]
fn lures_of_word_documents_are_told_with_their_places() {
    for (place, story, source) in [
        ("footnote of a .doc", Story::Footnotes, "footnote"),
        ("header of a .doc", Story::Headers, "header"),
        ("comment of a .doc", Story::Comments, "comment"),
        ("endnote of a .doc", Story::Endnotes, "footnote"),
        ("text box of a .doc", Story::TextBoxes, "text_box"),
    ] {
        shows(place, source, |text| {
            Doc::new("Minutes\r").run(story, &format!("{text}\r"), Look::Plain).file(Vec::new())
        });
    }
    shows("footer of a .doc", "header", |text| {
        let header = Doc::new("Minutes\r").run(Story::Headers, "Board\r", Look::Plain);
        header.run(Story::Headers, &format!("{text}\r"), Look::Plain).file(Vec::new())
    });
    for (place, look, by) in [
        ("hidden text of a .doc", Look::Hidden, "the format \"hidden\""),
        ("white text of a .doc", Look::White, "the colour of the background"),
        ("tiny text of a .doc", Look::Tiny, "a font too small to read"),
    ] {
        hides(place, by, "body", |text| {
            Doc::new("Minutes\r").run(Story::Body, &format!("{text}\r"), look).file(Vec::new())
        });
    }
    for (kind, source) in
        [("footer", "header"), ("comments", "comment"), ("footnotes", "footnote"), ("endnotes", "footnote")]
    {
        shows(kind, source, |text| docx(&paragraph("Minutes", ""), Some((kind, text))));
    }
    hides("hidden text of a .docx", "the format \"hidden\"", "body", |text| {
        docx(&paragraph(text, "<w:vanish/>"), None)
    });
    // Word writes a text box twice: for itself, and as VML for older readers.
    shows("text box of a .docx", "text_box", |text| docx(&text_box(&paragraph(text, ""), false), None));
    shows("text box of a .docx for older readers", "text_box", |text| {
        docx(&text_box(&paragraph(text, ""), true), None)
    });
    hides("hidden text in a text box of a .docx", "the format \"hidden\"", "text_box", |text| {
        docx(&text_box(&paragraph(text, "<w:vanish/>"), false), None)
    });
}

/// A paragraph with a text box, in DrawingML or in VML alone.
fn text_box(content: &str, older: bool) -> String {
    let content = format!("<w:txbxContent>{content}</w:txbxContent>");
    let older_box = format!(
        "<w:pict><v:shape xmlns:v=\"urn:schemas-microsoft-com:vml\"><v:textbox>{content}</v:textbox></v:shape></w:pict>"
    );
    if older {
        return format!("<w:p><w:r>{older_box}</w:r></w:p>");
    }
    const MC: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
    const WPS: &str = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape";
    format!(
        "<w:p><w:r><mc:AlternateContent xmlns:mc=\"{MC}\"><mc:Choice Requires=\"wps\" xmlns:wps=\"{WPS}\"><w:drawing>\
         <wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback>{older_box}</mc:Fallback>\
         </mc:AlternateContent></w:r></w:p>"
    )
}

#[test]
fn lures_of_rtf_and_onenote_are_told_with_their_places() {
    // Backslashes and letters beyond ASCII as the format writes them.
    let written = |text: &str| -> String {
        let units = text.encode_utf16().map(|unit| match unit {
            0x5C => "\\'5c".to_owned(),
            0x20..=0x7E => String::from(unit as u8 as char),
            _ => format!("\\u{}?", unit as i16),
        });
        units.collect()
    };
    shows("body of an .rtf", "body", |text| rtf::document(&written(text)));
    for word in ["header", "headerf", "footer", "footerl"] {
        shows(word, "header", |text| {
            rtf::document(&format!("{{\\{word} {}\\par}}Minutes\\par", written(text)))
        });
    }
    shows("footnote of an .rtf", "footnote", |text| {
        rtf::document(&format!("Minutes{{\\footnote {}}}\\par", written(text)))
    });
    hides("hidden text of an .rtf", "the format \"hidden\"", "body", |text| {
        rtf::document(&format!("Minutes\\par{{\\v {}}}\\par", written(text)))
    });
    hides("hidden text in the header of an .rtf", "the format \"hidden\"", "header", |text| {
        rtf::document(&format!("{{\\header{{\\v {}}}\\par}}Minutes\\par", written(text)))
    });
    shows("text of a section", "body", |text| section(&["Minutes", text], &[]));
}

#[test]
fn lures_of_presentations_are_told_with_their_places() {
    let words = || ppt::slide(false, &[ppt::text_chars("Minutes")]);
    shows("notes of a .ppt", "footnote", |text| {
        ppt::file(&[words(), ppt::notes(&[ppt::container(0, 0xF00D, &[ppt::text_chars(text)])])], false)
    });
    shows("comment of a .ppt", "comment", |text| {
        ppt::file(&[words(), ppt::container(0, 0x2EE0, &[ppt::c_string(1, text)])], false) // RT_Comment10
    });
    shows("footer of a .ppt", "header", |text| {
        ppt::file(&[words(), ppt::container(3, 0x0FD9, &[ppt::c_string(2, text)])], false) // RT_HeadersFooters
    });
    hides("hidden slide of a .ppt", "a hidden drawing object", "slide", |text| {
        ppt::file(&[words(), ppt::slide(true, &[ppt::text_chars(text)])], false)
    });

    shows("notes of a .pptx", "footnote", |text| {
        pptx("1", "Minutes", Some(("notesSlide", format!("<p:notes>{}</p:notes>", shape(text, "body")))))
    });
    for (placeholder, source) in [("ftr", "header"), ("hdr", "header"), ("body", "slide"), ("title", "slide")]
    {
        shows(&format!("{placeholder} of a slide"), source, |text| {
            pptx_of("1", &shape(text, placeholder), None)
        });
        hides(&format!("{placeholder} of a hidden slide"), "a hidden drawing object", source, |text| {
            pptx_of("0", &shape(text, placeholder), None)
        });
    }
    for placeholder in ["ftr", "hdr"] {
        shows(&format!("{placeholder} of notes"), "header", |text| {
            let notes = format!("<p:notes>{}</p:notes>", shape(text, placeholder));
            pptx("1", "Minutes", Some(("notesSlide", notes)))
        });
    }
    shows("comment of a .pptx", "comment", |text| {
        let text = escape(text);
        let list =
            format!("<p:cmLst><p:cm authorId=\"0\" idx=\"1\"><p:text>{text}</p:text></p:cm></p:cmLst>");
        pptx("1", "Minutes", Some(("comments", list)))
    });
    shows("threaded comment of a .pptx", "comment", |text| {
        // [MS-PPTX] 2.6.4
        let list = format!(
            "<p188:cmLst xmlns:p188=\"http://schemas.microsoft.com/office/powerpoint/2018/8/main\"><p188:cm><p188:txBody>\
             <a:p><a:r><a:t>{}</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>",
            escape(text)
        );
        pptx("1", "Minutes", Some(("ms", list)))
    });
    hides("hidden slide of a .pptx", "a hidden drawing object", "slide", |text| pptx("0", text, None));
}

#[test]
fn lures_of_workbooks_are_told_with_their_places() {
    shows("comment of an .xls", "note", |text| {
        let (author, text) = ("desk".to_owned(), text.to_owned());
        xls(vec![item().shape(Shape::Comment { row: 1, col: 0, author, text })], Vec::new())
    });
    shows("text box of an .xls", "text_box", |text| {
        xls(vec![item().shape(Shape::TextBox(text.to_owned()))], Vec::new())
    });
    shows("prompt of an .xls", "prompt", |text| {
        xls(vec![validation(1, 1, "Amount", text).into_iter().fold(item(), Sheet::record)], Vec::new())
    });
    shows("footer of an .xls", "header", |text| {
        let mut sheet = item();
        // Commands of looks within words, as [MS-XLS] 2.4.136 has them.
        sheet.footer = format!("&L&\"Arial,Bold\"&14{}", text.replace('e', "&Ue"));
        xls(vec![sheet], Vec::new())
    });
    shows("property of an .xls", "property", |text| {
        container::workbook(Book::new(vec![item()]).stream(), "Workbook", text, Vec::new())
    });
    hides("very hidden sheet", "a hidden sheet", "shared_string", |text| {
        let sheet = Sheet::work("Info").state(State::VeryHidden).texts("A1", &[text]);
        xls(vec![item(), sheet], Vec::new())
    });

    let xlsx = |more: String| {
        let sheet = XmlSheet { more, ..XmlSheet::plain("Sheet1") };
        workbook(excel::PLAIN, &[sheet], &[], "")
    };
    shows("prompt of an .xlsx", "prompt", |text| {
        let text = escape(text);
        xlsx(format!(
            "<dataValidations count=\"1\"><dataValidation sqref=\"B2\" showInputMessage=\"1\" prompt=\"{text}\"/></dataValidations>"
        ))
        .into_bytes()
    });
    shows("footer of an .xlsx", "header", |text| {
        xlsx(format!("<headerFooter><oddFooter>&amp;L{}</oddFooter></headerFooter>", escape(text)))
            .into_bytes()
    });
    shows("comment of an .xlsx", "note", |text| {
        let mut pack = xlsx(String::new());
        let list = format!(
            "<comments xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><authors><author>desk</author>\
             </authors><commentList><comment ref=\"A2\" authorId=\"0\"><text><r><t>{}</t></r></text></comment>\
             </commentList></comments>",
            escape(text)
        );
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
        pack.part("xl/comments1.xml", kind, list.into_bytes());
        pack.relate("xl/worksheets/sheet1.xml", "rIdC", "comments", "../comments1.xml");
        pack.into_bytes()
    });
    shows("threaded comment of an .xlsx", "note", |text| {
        let mut pack = xlsx(String::new());
        threaded(&mut pack, "xl/worksheets/sheet1.xml", text);
        pack.into_bytes()
    });
}

/// A threaded comment ([MS-XLSX] 2.6.206).
fn threaded(pack: &mut Pack, sheet: &str, text: &str) {
    let list = format!(
        "<ThreadedComments xmlns=\"http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments\">\
         <threadedComment ref=\"A2\" id=\"{{00000000-0000-0000-0000-000000000001}}\"><text>{}</text></threadedComment>\
         </ThreadedComments>",
        escape(text)
    );
    let kind = "application/vnd.ms-excel.threadedcomments+xml";
    pack.part("xl/threadedComments/threadedComment1.xml", kind, list.into_bytes());
    pack.relate(sheet, "rIdT", "threadedComment", "../threadedComments/threadedComment1.xml");
}

/// A binary workbook whose one sheet has these records behind its cells.
fn xlsb(more: &[(u16, Vec<u8>)]) -> Pack {
    let bundle = [vec![0, 0, 0, 0, 1, 0, 0, 0], wide("rId1"), wide("Sheet1")].concat(); // hsState, iTabID
    let book = Biff12::default().record(131, &[]).record(143, &[]).record(156, &bundle).record(144, &[]);
    let book = book.record(132, &[]);
    let sheet = Biff12::default().record(129, &[]).record(145, &[]).record(146, &[]);
    let sheet = more.iter().fold(sheet, |sheet, (id, body)| sheet.record(*id, body)).record(130, &[]);
    let mut pack = Pack::default();
    pack.part("xl/workbook.bin", excel::BINARY, book.into_bytes());
    pack.part("xl/worksheets/sheet1.bin", "application/vnd.ms-excel.worksheet", sheet.into_bytes());
    pack.relate("", "rId1", "officeDocument", "xl/workbook.bin");
    pack.relate("xl/workbook.bin", "rId1", "worksheet", "worksheets/sheet1.bin");
    pack
}

#[test]
fn lures_of_binary_workbooks_are_told_with_their_places() {
    /// One cell as a range: B3.
    const CELL: [u8; 16] = [2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    shows("prompt of an .xlsb", "prompt", |text| {
        let none = u32::MAX.to_le_bytes().to_vec();
        // BrtDVal: flags, one range; title and text of the error, of the prompt; two empty formulas.
        let flags = 0x0018_0000_u32.to_le_bytes().to_vec();
        let ranges = [1_u32.to_le_bytes().to_vec(), CELL.to_vec()].concat();
        let body = [flags, ranges, none.clone(), none, wide("Amount"), wide(text), vec![0; 16]].concat();
        xlsb(&[(573, vec![0; 18]), (64, body), (574, Vec::new())]).into_bytes()
    });
    shows("comment of an .xlsb", "note", |text| {
        let begin = [vec![0; 4], CELL.to_vec(), vec![0; 16]].concat(); // iauthor, rfx, guid
        let list =
            Biff12::default().record(628, &[]).record(630, &[]).record(632, &wide("desk")).record(631, &[]);
        let list = list.record(633, &[]).record(635, &begin).record(637, &[vec![0], wide(text)].concat());
        let list = list.record(636, &[]).record(634, &[]).record(629, &[]);
        let mut pack = xlsb(&[]);
        pack.part("xl/comments1.bin", "application/vnd.ms-excel.comments", list.into_bytes());
        pack.relate("xl/worksheets/sheet1.bin", "rIdC", "comments", "../comments1.bin");
        pack.into_bytes()
    });
    shows("threaded comment of an .xlsb", "note", |text| {
        let mut pack = xlsb(&[]);
        threaded(&mut pack, "xl/worksheets/sheet1.bin", text);
        pack.into_bytes()
    });
}

/// A workbook with a form that holds a stream, and with a macro.
fn with_form(stream: &str, content: Vec<u8>, source: &str) -> Vec<u8> {
    let modules = vec![Module::document("ThisWorkbook", source), Module::class("UserForm1", "")];
    let mut entries = Project { modules, ..Project::new("", "") }.entries("_VBA_PROJECT_CUR/");
    entries.push(Entry::stream(&format!("_VBA_PROJECT_CUR/UserForm1/{stream}"), content));
    xls(vec![item()], entries)
}

#[test]
fn lures_in_captions_of_forms_are_told_with_their_stream() {
    const SHOW: &str = "Private Sub Workbook_Open()\r\n    UserForm1.Show\r\nEnd Sub\r\n";
    // LabelControl ([MS-OFORMS] 2.2.4): version, cbLabel, PropMask with fCaption, length of the caption with
    // fCompressed, the caption. One that has letters beyond Latin is not compressed.
    let caption = |text: &str| {
        let is_latin = text.chars().all(|letter| u32::from(letter) < 0x100);
        let (bytes, compressed): (Vec<u8>, u32) = match is_latin {
            true => (text.chars().map(|letter| u32::from(letter) as u8).collect(), 0x8000_0000),
            false => (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), 0),
        };
        let mut control = vec![0x00, 0x02];
        control.extend((8 + bytes.len() as u16).to_le_bytes());
        control.extend(8_u32.to_le_bytes());
        control.extend((bytes.len() as u32 | compressed).to_le_bytes());
        control.extend_from_slice(&bytes);
        control
    };
    for stream in ["f", "o"] {
        let build = |text: &str| with_form(stream, caption(text), SHOW);
        shows(stream, "text_box", build);
        says(stream, &build(RUSSIAN), "Russian", "visible text", "text_box");
    }
    // What the designer notes of the form itself, in the code page of the project.
    shows("VBFrame", "text_box", |text| {
        let frame = format!(
            "VERSION 5.00\r\nBegin {{C62A69F0-16DC-11CE-9E98-00AA00574A4F}} UserForm1 \r\n   Caption         =   \"{text}\"\
             \r\n   ClientHeight    =   3030\r\nEnd\r\n"
        );
        let western = frame.chars().map(|letter| u32::from(letter) as u8).collect();
        with_form("\u{3}VBFrame", western, SHOW)
    });
}

#[test]
fn lures_in_texts_that_macros_show_are_told_with_their_line() {
    for statement in [
        "MsgBox \"TEXT\", vbInformation",
        "VBA.MsgBox \"TEXT\"",
        "answer = InputBox(\"TEXT\")",
        "answer = Application.InputBox(\"TEXT\", \"Name\")",
        "UserForm1.Label1.Caption = \"TEXT\"",
        "UserForm1.Caption = \"TEXT\"",
        "Me.Controls(\"Label1\").Caption = \"TEXT\"",
        "ActiveWindow.Caption = \"TEXT\"",
        "Application.StatusBar = \"TEXT\"",
        "If Now > 1 Then UserForm1.Label1.Caption = \"TEXT\"",
    ] {
        let build = |text: &str| {
            // Joined from two pieces, as macros have long texts.
            let cut = text.len() / 2;
            let text = format!("{}\" & \"{}", &text[..cut], &text[cut..]);
            let statement = statement.replace("TEXT", &text);
            let source = format!("Private Sub Workbook_Open()\r\n    {statement}\r\nEnd Sub\r\n");
            with_form("f", Vec::new(), &source)
        };
        let report = docsift::analyze(build(ENGLISH).as_slice());
        let location = &lure_of(statement, &report, "English", "visible text").location;
        let path = &report.parts[location.part as usize].path;
        assert!(path.ends_with("ThisWorkbook.cls"), "{statement}: {path}");
        assert_eq!(location.line, Some(10), "{statement}");
        for innocent in [WARNING, NOTE] {
            assert_eq!(alarms(&build(innocent)), [], "innocent {statement}");
        }
    }
    // What is compared with a text is not shown.
    let compared = format!("Sub A()\r\nIf Label1.Caption = \"{ENGLISH}\" Then Beep\r\nEnd Sub\r\n");
    assert_eq!(alarms(&with_form("f", Vec::new(), &compared)), []);
}

#[test]
fn lures_in_texts_that_excel_4_macros_show_are_told_with_their_cell() {
    for formula in ["ALERT(\"ONE\"&\"TWO\",2)", "MESSAGE(TRUE,\"ONE\"&\"TWO\")", "INPUT(\"ONE\"&\"TWO\",2)"] {
        let build = |text: &str| {
            let (one, two) = text.split_at(text.len() / 2);
            let formula = formula.replace("ONE", one).replace("TWO", two);
            let formulas = [formula.as_str(), "RETURN()"];
            let macros = Sheet::macros("Macro1", State::Visible).formulas("A1", &formulas);
            let book = Book::new(vec![item(), macros]).name(Name::auto(Auto::Open, "Macro1!$A$1"));
            container::workbook(book.stream(), "Workbook", "docsift", Vec::new())
        };
        let report = docsift::analyze(build(ENGLISH).as_slice());
        let location = &lure_of(formula, &report, "English", "visible text").location;
        assert_eq!(location.cell.as_deref(), Some("Macro1!A1"), "{formula}");
        for innocent in [WARNING, NOTE] {
            assert_eq!(alarms(&build(innocent)), [], "innocent {formula}");
        }
    }
}

#[test]
fn lures_in_messages_and_their_names_are_told() {
    let from = || ("Anna".to_owned(), "anna@firm.invalid".to_owned());
    shows("subject of a .msg", "subject", |text| {
        let (subject, body) = (text.to_owned(), "Hello".to_owned());
        Msg { from: from(), subject, body, ..Msg::default() }.into_bytes()
    });
    // A name is no text of the report but stands in the way to its part; a backslash would part it into folders.
    let name = "Relaunch required - move this file to Program Files > Microsoft Office > Templates and run it again.txt";
    let with_name = |name: &str| {
        let paper = || b"Paper\r\n".to_vec();
        let by_mail = Mail::new("\"Anna\" <anna@firm.invalid>", "Figures", "Hello\r\n").attach(name, paper());
        let by_msg = Msg {
            from: from(),
            subject: "Figures".to_owned(),
            body: "Hello".to_owned(),
            attachments: vec![(name.to_owned(), paper())],
            ..Msg::default()
        };
        [by_mail.into_bytes(), by_msg.into_bytes()]
    };
    for file in with_name("Required file - copy of Program Files > Microsoft Office > Templates.txt") {
        assert_eq!(alarms(&file), []);
    }
    for file in with_name(name) {
        let report = docsift::analyze(file.as_slice());
        let finding = report.findings.iter().find(|finding| finding.rule == "LUR001").unwrap();
        let evidence = &finding.evidence[0];
        assert!(finding.message.starts_with("visible text in English asks to copy"), "{}", finding.message);
        assert!(
            evidence.text.starts_with("Relaunch required - move") && evidence.text.ends_with("Templates"),
            "{evidence:?}"
        );
        let part = report.parts.iter().find(|part| part.id == evidence.location.part).unwrap();
        assert!(part.path.ends_with(name), "{part:?}");
    }
}

#[test]
fn lures_that_a_web_page_hides_are_told_as_hidden() {
    let page = |style: &str, text: &str| {
        format!(
            "<!doctype html><html><body><p>Minutes</p><p style=\"{style}\">{}</p></body></html>",
            escape(text)
        )
    };
    shows("page", "body", |text| page("color:black", text).into_bytes());
    hides("hidden text of a page", "the format \"hidden\"", "body", |text| {
        page("display:none", text).into_bytes()
    });
}
