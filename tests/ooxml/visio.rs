//! Drawings of Visio: texts, hyperlinks, and what events and double clicks start.

use docsift_corpus::ooxml::{Pack, XML, escape};

use super::{check, said, said_besides};

const MAIN: &str = "visio/document.xml";
const V: &str = "http://schemas.microsoft.com/office/visio/2012/main";

/// A drawing of one page; `document` stands in the main part, `shapes` on the page.
fn drawing(document: &str, shapes: &str) -> Pack {
    let mut pack = Pack::default();
    let main = format!("{XML}<VisioDocument xmlns=\"{V}\">{document}</VisioDocument>");
    pack.part(MAIN, "application/vnd.ms-visio.drawing.main+xml", main.into_bytes());
    pack.relate("", "rId1", "http://schemas.microsoft.com/visio/2010/relationships/document", MAIN);
    let page = format!(
        "{XML}<PageContents xmlns=\"{V}\"><Shapes><Shape ID=\"1\"><Text><cp IX=\"0\"/>Plan</Text></Shape>{shapes}</Shapes>\
         </PageContents>"
    );
    pack.part("visio/pages/page1.xml", "application/vnd.ms-visio.page+xml", page.into_bytes());
    pack.relate(
        MAIN,
        "rId1",
        "http://schemas.microsoft.com/visio/2010/relationships/page",
        "pages/page1.xml",
    );
    pack
}

fn cell(name: &str, value: &str) -> String {
    format!("<Cell N=\"{name}\" V=\"{}\"/>", escape(value))
}

fn shape(inner: &str) -> String {
    format!("<Shape ID=\"2\">{inner}</Shape>")
}

#[test]
fn drawings_are_read_to_the_end() {
    assert_eq!(said(&drawing("", "")), ["text_box: Plan"]);
}

#[test]
fn texts_links_and_programs_of_shapes_are_told() {
    let without = drawing("", "");
    let on_page = |inner: &str| said_besides(&drawing("", &shape(inner)), &without);
    let linked =
        |cells: &str| on_page(&format!("<Section N=\"Hyperlink\"><Row N=\"Row_1\">{cells}</Row></Section>"));
    let formula =
        |formula: &str| on_page(&format!("<Cell N=\"EventDblClick\" V=\"0\" F=\"{}\"/>", escape(formula)));
    check(vec![
        (
            "text in runs",
            on_page("<Text><cp IX=\"0\"/>Terms <cp IX=\"1\"/>of use</Text>"),
            &["text_box: Terms of use"],
        ),
        (
            "hyperlink",
            linked(&cell("Address", "https://one.invalid/a")),
            &["url: https://one.invalid/a", "host: one.invalid"],
        ),
        ("hyperlink to a page", linked(&cell("SubAddress", "Page-2")), &[]),
        (
            "double click on a program",
            formula("RUNADDON(\"oxnv1.exe\")"),
            &["LNK014 an action starts \"oxnv1.exe\" by a click <oxnv1.exe>", "executable: oxnv1.exe"],
        ),
        ("double click on a page", formula("GOTOPAGE(\"Page-2\")"), &[]),
        (
            "event of the document",
            said_besides(
                &drawing(
                    "<EventList><EventItem ID=\"1\" Action=\"1\" EventCode=\"32770\" Enabled=\"1\" Target=\"oxnv1.exe\" TargetArgs=\"/s\"/>\
                     </EventList>",
                    "",
                ),
                &without,
            ),
            &[
                "LNK014 an action starts \"oxnv1.exe /s\" without a click <oxnv1.exe /s>",
                "executable: oxnv1.exe",
            ],
        ),
    ]);
}
