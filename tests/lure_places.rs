//! A lure text in every place where a person may read it: the report says which words, where they stand, in
//! which language, and whether a person sees them.

use docsift::Report;
use docsift_corpus::biff::drawing::{Shape, validation};
use docsift_corpus::biff::{Book, Sheet, State};
use docsift_corpus::container::{self, Entry};
use docsift_corpus::mail::Mail;
use docsift_corpus::ooxml::{Pack, XmlSheet, escape, excel, workbook};
use docsift_corpus::outlook::Msg;
use docsift_corpus::ppt;
use docsift_corpus::vba::{Module, Project};
use docsift_corpus::word::{Doc, Look, Story};

const ENGLISH: &str = "RELAUNCH REQUIRED. To view this document, copy the file to \
    C:\\Program Files\\Microsoft Office\\root\\Templates and run it again.";
const GERMAN: &str = "NEUSTART ERFORDERLICH. Gemäß Ihrer Sicherheitsrichtlinie müssen Sie diese Datei nach \
    C:\\Program Files\\Microsoft Office\\root\\Templates kopieren und von dort erneut öffnen.";

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
    let family = "(relaunch-from-trusted-folder)";
    let lures = report.findings.iter().filter(|finding| finding.rule == "LUR001");
    let lures: Vec<_> = lures.filter(|finding| finding.message.ends_with(family)).collect();
    let [finding] = lures[..] else { panic!("{place}: {} findings", lures.len()) };
    let meaning = "asks to copy the file into a folder that Office trusts and to open it again from there";
    let message = format!("{seen} in {language} {meaning} {family}");
    let evidence = &finding.evidence[0];
    let text = if language == "German" { GERMAN } else { ENGLISH };
    assert_eq!(finding.message, message, "{place}");
    assert!(text.contains(&evidence.text) && evidence.text.contains("\\Templates"), "{place}: {evidence:?}");
    let runs = report
        .text
        .iter()
        .filter(|run| run.location == evidence.location && run.text.contains(&evidence.text));
    let runs: Vec<_> = runs.map(|run| (run.source, run.visible)).collect();
    let expected = [(source, seen == "visible text")];
    assert_eq!(runs, expected, "{place}");
}

/// Both languages, as a person sees them.
fn shows(place: &str, source: &str, build: impl Fn(&str) -> Vec<u8>) {
    says(place, &build(ENGLISH), "English", "visible text", source);
    says(place, &build(GERMAN), "German", "visible text", source);
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
    let names = format!("xmlns:p=\"{P}\" xmlns:a=\"{A}\" xmlns:r=\"{R}\"");
    let main = format!(
        "<p:presentation {names}><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>"
    );
    let mut pack = Pack::new("ppt/presentation.xml", &format!("{SLIDES}.presentation.main+xml"), &main);
    let slide = format!("<p:sld {names} show=\"{show}\">{}</p:sld>", shape(slide));
    pack.part("ppt/slides/slide1.xml", &format!("{SLIDES}.slide+xml"), slide.into_bytes());
    pack.relate("ppt/presentation.xml", "rId1", "slide", "slides/slide1.xml");
    if let Some((kind, content)) = part {
        let content = content.replacen('>', &format!(" {names}>"), 1);
        pack.part("ppt/more/part1.xml", &format!("{SLIDES}.{kind}+xml"), content.into_bytes());
        let kind = if kind == "notesSlide" { "notesSlide" } else { "comments" };
        pack.relate("ppt/slides/slide1.xml", "rId1", kind, "../more/part1.xml");
    }
    pack.into_bytes()
}

fn shape(text: &str) -> String {
    let text = escape(text);
    format!(
        "<p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld>"
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
    for (place, look, seen) in [
        ("hidden text of a .doc", Look::Hidden, "text hidden by the format \"hidden\""),
        ("white text of a .doc", Look::White, "text hidden by the colour of the background"),
        ("tiny text of a .doc", Look::Tiny, "text hidden by a font too small to read"),
    ] {
        let file = Doc::new("Minutes\r").run(Story::Body, &format!("{ENGLISH}\r"), look).file(Vec::new());
        says(place, &file, "English", seen, "body");
    }
    for (kind, source) in
        [("footer", "header"), ("comments", "comment"), ("footnotes", "footnote"), ("endnotes", "footnote")]
    {
        shows(kind, source, |text| docx(&paragraph("Minutes", ""), Some((kind, text))));
    }
    let hidden = docx(&paragraph(ENGLISH, "<w:vanish/>"), None);
    says("hidden text of a .docx", &hidden, "English", "text hidden by the format \"hidden\"", "body");
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
    let hidden = ppt::file(&[words(), ppt::slide(true, &[ppt::text_chars(ENGLISH)])], false);
    says("hidden slide of a .ppt", &hidden, "English", "text hidden by a hidden drawing object", "slide");

    shows("notes of a .pptx", "footnote", |text| {
        pptx("1", "Minutes", Some(("notesSlide", format!("<p:notes>{}</p:notes>", shape(text)))))
    });
    shows("comment of a .pptx", "comment", |text| {
        let text = escape(text);
        let list =
            format!("<p:cmLst><p:cm authorId=\"0\" idx=\"1\"><p:text>{text}</p:text></p:cm></p:cmLst>");
        pptx("1", "Minutes", Some(("comments", list)))
    });
    let hidden = pptx("0", ENGLISH, None);
    says("hidden slide of a .pptx", &hidden, "English", "text hidden by a hidden drawing object", "slide");
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
    let sheet = Sheet::work("Info").state(State::VeryHidden).texts("A1", &[ENGLISH]);
    let hidden = xls(vec![item(), sheet], Vec::new());
    says("very hidden sheet", &hidden, "English", "text hidden by a hidden sheet", "shared_string");

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
}

#[test]
fn lures_in_captions_of_forms_are_told_with_their_stream() {
    let with_form = |stream: &str, content: Vec<u8>| {
        let source = "Private Sub Workbook_Open()\r\n    UserForm1.Show\r\nEnd Sub\r\n";
        let modules = vec![Module::document("ThisWorkbook", source), Module::class("UserForm1", "")];
        let mut entries = Project { modules, ..Project::new("", "") }.entries("_VBA_PROJECT_CUR/");
        entries.push(Entry::stream(&format!("_VBA_PROJECT_CUR/UserForm1/{stream}"), content));
        xls(vec![item()], entries)
    };
    // LabelControl ([MS-OFORMS] 2.2.4): version, cbLabel, PropMask with fCaption, length of the caption with
    // fCompressed, the caption.
    let caption = |text: &str| {
        let mut control = vec![0x00, 0x02];
        control.extend((8 + text.len() as u16).to_le_bytes());
        control.extend(8_u32.to_le_bytes());
        control.extend((text.len() as u32 | 0x8000_0000).to_le_bytes());
        control.extend_from_slice(text.as_bytes());
        control
    };
    for stream in ["f", "o"] {
        let file = with_form(stream, caption(ENGLISH));
        says(stream, &file, "English", "visible text", "text_box");
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
    let by_mail =
        Mail::new("\"Anna\" <anna@firm.invalid>", "Figures", "Hello\r\n").attach(name, b"Paper\r\n".to_vec());
    let by_msg = Msg {
        from: from(),
        subject: "Figures".to_owned(),
        body: "Hello".to_owned(),
        attachments: vec![(name.to_owned(), b"Paper\r\n".to_vec())],
        ..Msg::default()
    };
    for file in [by_mail.into_bytes(), by_msg.into_bytes()] {
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
    let page = |style: &str| {
        format!(
            "<!doctype html><html><body><p>Minutes</p><p style=\"{style}\">{}</p></body></html>",
            escape(ENGLISH)
        )
    };
    says("page", page("color:black").as_bytes(), "English", "visible text", "body");
    let hidden = page("display:none");
    says(
        "hidden text of a page",
        hidden.as_bytes(),
        "English",
        "text hidden by the format \"hidden\"",
        "body",
    );
}
