//! Presentations: texts of slides and beside them, and what a click, the mouse or the time starts.

use docsift_corpus::ooxml::{Pack, XML, escape};

use super::{RELATIONS, check, said_besides};

const MAIN: &str = "ppt/presentation.xml";
const SLIDE: &str = "ppt/slides/slide1.xml";
const P: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const A: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const PRESENTATION: &str = "application/vnd.openxmlformats-officedocument.presentationml.";

fn paragraph(text: &str) -> String {
    format!("<a:p><a:r><a:t>{}</a:t></a:r></a:p>", escape(text))
}

/// A shape with what is given in its non-visual properties, and a paragraph.
fn shape(properties: &str, inner: &str, paragraphs: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"3\" name=\"Box\"{properties}>{inner}</p:cNvPr></p:nvSpPr>\
         <p:txBody>{paragraphs}</p:txBody></p:sp>"
    )
}

fn slide(attributes: &str, shapes: &str) -> Vec<u8> {
    format!(
        "{XML}<p:sld xmlns:p=\"{P}\" xmlns:a=\"{A}\" xmlns:r=\"{RELATIONS}\"{attributes}><p:cSld><p:spTree>{}{shapes}\
         </p:spTree></p:cSld></p:sld>",
        shape("", "", &paragraph("Agenda"))
    )
    .into_bytes()
}

fn with_slide(attributes: &str, shapes: &str) -> Pack {
    let main = format!(
        "{XML}<p:presentation xmlns:p=\"{P}\" xmlns:r=\"{RELATIONS}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId1\"/>\
         </p:sldIdLst></p:presentation>"
    );
    let mut pack = Pack::new(MAIN, &format!("{PRESENTATION}presentation.main+xml"), &main);
    pack.part(SLIDE, &format!("{PRESENTATION}slide+xml"), slide(attributes, shapes));
    pack.relate(MAIN, "rId1", "slide", "slides/slide1.xml");
    pack.properties("Agenda", "docsift");
    pack
}

/// A presentation of one slide that has `shapes` beside its title.
pub(super) fn plain(shapes: &str) -> Pack {
    with_slide("", shapes)
}

/// A presentation with a part that hangs on its slide.
fn beside(mut pack: Pack, name: &str, content_type: &str, kind: &str, content: &str) -> Pack {
    pack.part(&format!("ppt/{name}"), content_type, format!("{XML}{content}").into_bytes());
    pack.relate(SLIDE, &format!("rId{}", name.len()), kind, &format!("/ppt/{name}"));
    pack
}

fn notes(text: &str) -> String {
    format!(
        "<p:notes xmlns:p=\"{P}\" xmlns:a=\"{A}\"><p:cSld><p:spTree>{}</p:spTree></p:cSld></p:notes>",
        shape("", "", &paragraph(text))
    )
}

fn comments(text: &str) -> String {
    format!(
        "<p:cmLst xmlns:p=\"{P}\"><p:cm authorId=\"0\" idx=\"1\"><p:text>{text}</p:text></p:cm></p:cmLst>"
    )
}

/// An action of the mouse over a shape, a note and a comment in one presentation.
pub(super) fn everything() -> Pack {
    let action = "<a:hlinkMouseOver r:id=\"rIdA\" action=\"ppaction://program\"/>";
    let mut pack = plain(&shape(" descr=\"A box\"", action, &paragraph("Rest here")));
    pack.external(SLIDE, "rIdA", "hyperlink", "oxnv1.exe");
    let pack = beside(
        pack,
        "notesSlides/notesSlide1.xml",
        &format!("{PRESENTATION}notesSlide+xml"),
        "notesSlide",
        &notes("A note"),
    );
    beside(
        pack,
        "comments/comment1.xml",
        &format!("{PRESENTATION}comments+xml"),
        "comments",
        &comments("A comment"),
    )
}

#[test]
fn texts_of_slides_and_beside_them_are_told_with_their_place() {
    let without = plain("");
    let shown = |shapes: &str| said_besides(&plain(shapes), &without);
    let layout = |placeholder: &str| {
        let content = format!(
            "<p:sldLayout xmlns:p=\"{P}\" xmlns:a=\"{A}\"><p:cSld><p:spTree><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"T\"/>\
             <p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>{}</p:txBody></p:sp></p:spTree></p:cSld></p:sldLayout>",
            paragraph("Press Enable Content")
        );
        let kind = format!("{PRESENTATION}slideLayout+xml");
        beside(plain(""), "slideLayouts/slideLayout1.xml", &kind, "slideLayout", &content)
    };
    let texts = |pack: &Pack| -> Vec<String> {
        said_besides(pack, &without).into_iter().filter(|line| !line.starts_with("LUR")).collect()
    };
    check(vec![
        (
            "runs and breaks of a paragraph",
            shown(&shape(
                "",
                "",
                "<a:p><a:r><a:t>Terms </a:t></a:r><a:r><a:t>of use</a:t></a:r><a:br/><a:r><a:t>apply</a:t></a:r></a:p>",
            )),
            &["slide: Terms of use\napply"],
        ),
        (
            "cell of a table",
            shown(&format!(
                "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody>{}</a:txBody></a:tc></a:tr></a:tbl>\
                 </a:graphicData></a:graphic></p:graphicFrame>",
                paragraph("North")
            )),
            &["slide: North"],
        ),
        (
            "type of one point",
            shown(&shape("", "", "<a:p><a:r><a:rPr sz=\"100\"/><a:t>Unseen</a:t></a:r></a:p>")),
            &["slide, not visible: Unseen"],
        ),
        (
            "hidden shape",
            shown(&shape(" hidden=\"1\"", "", &paragraph("Unseen"))),
            &["slide, not visible: Unseen"],
        ),
        (
            "alternative text",
            shown(&shape(" title=\"A box\" descr=\"of words\"", "", "")),
            &["alt_text: A box of words"],
        ),
        (
            "hidden slide",
            said_besides(&with_slide(" show=\"0\"", ""), &without),
            &["slide, not visible: Agenda"],
        ),
        (
            "notes",
            said_besides(
                &beside(
                    plain(""),
                    "notesSlides/notesSlide1.xml",
                    &format!("{PRESENTATION}notesSlide+xml"),
                    "notesSlide",
                    &notes("A note"),
                ),
                &without,
            ),
            &["footnote: A note"],
        ),
        (
            "comment",
            said_besides(
                &beside(
                    plain(""),
                    "comments/comment1.xml",
                    &format!("{PRESENTATION}comments+xml"),
                    "comments",
                    &comments("A comment"),
                ),
                &without,
            ),
            &["comment: A comment"],
        ),
        (
            "comment in a thread",
            said_besides(
                &beside(
                    plain(""),
                    "comments/modernComment1.xml",
                    "application/vnd.ms-powerpoint.comments+xml",
                    "http://schemas.microsoft.com/office/2018/10/relationships/comments",
                    &format!(
                        "<p188:cmLst xmlns:p188=\"http://schemas.microsoft.com/office/powerpoint/2018/8/main\" xmlns:a=\"{A}\">\
                         <p188:cm><p188:txBody>{}</p188:txBody></p188:cm></p188:cmLst>",
                        paragraph("A thread")
                    ),
                ),
                &without,
            ),
            &["comment: A thread"],
        ),
        ("text of a layout", texts(&layout("")), &["slide: Press Enable Content"]),
        ("hint of a layout", texts(&layout("<p:ph type=\"title\"/>")), &[]),
        (
            "slide that is not listed",
            {
                let mut pack = plain("");
                let shapes = shape("", "", &paragraph("Not in the show"));
                pack.part("ppt/slides/slide2.xml", &format!("{PRESENTATION}slide+xml"), slide("", &shapes));
                said_besides(&pack, &without)
            },
            &["slide: Not in the show"],
        ),
    ]);
}

#[test]
fn actions_are_told_by_what_starts_them() {
    let without = plain("");
    let acted = |element: &str, action: &str, target: &str| {
        let id = if target.is_empty() { "" } else { "rIdA" };
        let action = if action.is_empty() { String::new() } else { format!(" action=\"{action}\"") };
        let mut pack = plain(&shape("", &format!("<a:{element} r:id=\"{id}\"{action}/>"), ""));
        if !target.is_empty() {
            pack.external(SLIDE, "rIdA", "hyperlink", target);
        }
        said_besides(&pack, &without)
    };
    check(vec![
        (
            "program by a click",
            acted("hlinkClick", "ppaction://program", "oxnv1.exe"),
            &["LNK014 an action starts \"oxnv1.exe\" by a click <oxnv1.exe>", "executable: oxnv1.exe"],
        ),
        (
            "program by the mouse",
            acted("hlinkMouseOver", "ppaction://program", "oxnv1.exe"),
            &["LNK014 an action starts \"oxnv1.exe\" without a click <oxnv1.exe>", "executable: oxnv1.exe"],
        ),
        ("next slide", acted("hlinkClick", "ppaction://hlinkshowjump?jump=nextslide", ""), &[]),
        (
            "page by a click",
            acted("hlinkClick", "", "http://one.invalid/a"),
            &["url: http://one.invalid/a", "host: one.invalid"],
        ),
        ("macro by a click", acted("hlinkClick", "ppaction://macro?name=Started", ""), &[]),
        (
            "verb of the timeline",
            said_besides(&plain("<p:cmd type=\"verb\" cmd=\"3\"/>"), &without),
            &["LNK014 an action starts \"verb 3\" without a click <verb 3>"],
        ),
        (
            "object",
            said_besides(&plain("<p:oleObj progId=\"Package\" r:id=\"rIdO\"/>"), &without),
            &["OBJ001 an embedded object: Package <Package>"],
        ),
    ]);
}
