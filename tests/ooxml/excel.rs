//! Workbooks: sheets of every kind and state, texts wherever they stand, sources of data.

use docsift_corpus::bytes::base64;
use docsift_corpus::ooxml::{Pack, XML, XmlSheet, excel, workbook};
use docsift_corpus::zip::{Member, Zip};

use super::{RELATIONS, changed, check, said_besides, with_control, with_custom_xml, with_interface};

const MAIN: &str = "xl/workbook.xml";
const SHEET: &str = "xl/worksheets/sheet1.xml";
const S: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const A: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

fn plain() -> Pack {
    workbook(excel::PLAIN, &[XmlSheet::plain("Sheet1")], &[], "")
}

/// A plain workbook whose sheet has `more` behind its cells.
fn sheet_with(more: &str) -> Pack {
    let sheet = XmlSheet { more: more.to_owned(), ..XmlSheet::plain("Sheet1") };
    workbook(excel::PLAIN, &[sheet], &[], "")
}

/// A plain workbook with a cell written as given in its first row.
fn cell(xml: &str) -> Pack {
    changed(&plain(), SHEET, |text| {
        text.replacen("<row r=\"1\">", &format!("<row r=\"1\">{xml}"), 1).into_bytes()
    })
}

fn with_strings(mut pack: Pack, items: &str) -> Pack {
    let strings = format!("{XML}<sst xmlns=\"{S}\">{items}</sst>");
    pack.part("xl/sharedStrings.xml", &format!("{SPREADSHEET}sharedStrings+xml"), strings.into_bytes());
    pack.relate(MAIN, "rIdSst", "sharedStrings", "sharedStrings.xml");
    pack
}

/// A plain workbook with a part that hangs on its sheet.
fn hanging(name: &str, content_type: &str, kind: &str, content: &str) -> Pack {
    let mut pack = plain();
    hang(&mut pack, name, content_type, kind, content);
    pack
}

fn hang(pack: &mut Pack, name: &str, content_type: &str, kind: &str, content: &str) {
    pack.part(name, content_type, format!("{XML}{content}").into_bytes());
    pack.relate(SHEET, &format!("rId{kind}").replace(['/', ':'], ""), kind, &format!("/{name}"));
}

fn comments(text: &str) -> String {
    format!(
        "<comments xmlns=\"{S}\"><authors><author>A</author></authors><commentList><comment ref=\"B2\" authorId=\"0\">\
         <text><r><t>{text}</t></r></text></comment></commentList></comments>"
    )
}

fn drawing(inner: &str) -> String {
    format!(
        "<xdr:wsDr xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\" xmlns:a=\"{A}\" \
         xmlns:r=\"{RELATIONS}\"><xdr:absoluteAnchor>{inner}</xdr:absoluteAnchor></xdr:wsDr>"
    )
}

const DRAWING: &str = "application/vnd.openxmlformats-officedocument.drawing+xml";

/// A macro sheet, shared strings, a comment, a control, an interface and a connection in one workbook.
pub(super) fn everything() -> Pack {
    let sheet = XmlSheet::macros("Macro1", "veryHidden", &["EXEC(\"oxnv1.exe\")", "HALT()"]);
    let mut pack = workbook(
        excel::MACROS,
        &[XmlSheet::plain("Sheet1"), sheet],
        &[("_xlnm.Auto_Open", "", "Macro1!$A$1")],
        "",
    );
    hang(
        &mut pack,
        "xl/comments1.xml",
        &format!("{SPREADSHEET}comments+xml"),
        "comments",
        &comments("A note"),
    );
    let mut pack = with_strings(pack, "<si><t>A shared text</t></si>");
    pack.part(
        "xl/connections.xml",
        &format!("{SPREADSHEET}connections+xml"),
        connections(" refreshOnLoad=\"1\"", "<webPr url=\"http://one.invalid/q\"/>"),
    );
    pack.relate(MAIN, "rIdCon", "connections", "connections.xml");
    with_control(pack, MAIN)
}

const VML: &str = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><v:shape \
                   alt=\"A button\"><v:textbox><div>Press here</div></v:textbox><x:ClientData ObjectType=\"Button\">\
                   <x:FmlaMacro>Macro9</x:FmlaMacro></x:ClientData></v:shape></xml>";

/// A workbook whose sheet has a drawing with a chart.
fn charted() -> Pack {
    let mut pack = hanging("xl/drawings/drawing1.xml", DRAWING, "drawing", &drawing("<xdr:graphicFrame/>"));
    let title = format!(
        "{XML}<c:chartSpace xmlns:c=\"c\" xmlns:a=\"{A}\"><c:title><c:tx><c:rich><a:p><a:r><a:t>Income</a:t></a:r></a:p></c:rich>\
         </c:tx></c:title></c:chartSpace>"
    );
    pack.part(
        "xl/charts/chart1.xml",
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        title.into_bytes(),
    );
    pack.relate("xl/drawings/drawing1.xml", "rId1", "chart", "../charts/chart1.xml");
    pack
}

/// A drawing, a chart, a drawing in VML, custom XML and a custom interface in one workbook.
pub(super) fn illustrated() -> Pack {
    let mut pack = charted();
    hang(
        &mut pack,
        "xl/drawings/vmlDrawing1.vml",
        "application/vnd.openxmlformats-officedocument.vmlDrawing",
        "vmlDrawing",
        VML,
    );
    let custom = format!("{XML}<data><item>A text of a program</item></data>");
    with_interface(with_custom_xml(pack, MAIN, custom.into_bytes()), " onLoad=\"Started\"", "")
}

fn connections(attributes: &str, inner: &str) -> Vec<u8> {
    format!("{XML}<connections xmlns=\"{S}\"><connection id=\"1\" name=\"rates\"{attributes}>{inner}</connection></connections>").into_bytes()
}

#[test]
fn macro_sheets_are_known_by_any_mark_and_their_state_is_told() {
    const INTERNATIONAL: &str = "application/vnd.ms-excel.intlmacrosheet+xml";
    let book = |state: &'static str| {
        let sheet = XmlSheet::macros("Macro1", state, &["EXEC(\"oxnv1.exe\")"]);
        workbook(excel::MACROS, &[XmlSheet::plain("Sheet1"), sheet], &[], "")
    };
    // The part, its content type, the relationship: what of them still says that it is a macro sheet.
    let marked = |content_type: &str, relation: &str, root: &str| {
        let mut pack = changed(&book("visible"), "macrosheets", |text| {
            text.replace("<xm:macrosheet", &format!("<{root}"))
                .replace("</xm:macrosheet", &format!("</{root}"))
                .into_bytes()
        });
        for (name, kind, _) in &mut pack.parts {
            if name.contains("macrosheets") {
                content_type.clone_into(kind);
            }
        }
        for (_, _, kind, ..) in &mut pack.relationships {
            if kind.ends_with("xlMacrosheet") {
                *kind = format!("http://schemas.microsoft.com/office/2006/relationships/{relation}");
            }
        }
        pack
    };
    let unlisted = changed(&book("visible"), "workbook.xml", |text| {
        text.replace("<sheet name=\"Macro1\" sheetId=\"2\" r:id=\"rId2\"/>", "").into_bytes()
    });
    let without = plain();
    let exec = |pack: &Pack| -> Vec<String> {
        let told = ["XLM", "visible", "hidden", "very_hidden", "reserved", "PKG005", "PKG006"];
        said_besides(pack, &without)
            .into_iter()
            .filter(|line| told.iter().any(|start| line.starts_with(start)))
            .collect()
    };
    check(vec![
        (
            "in sight",
            exec(&book("visible")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "out of sight",
            exec(&book("hidden")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM002 macro sheet \"Macro1\" is hidden <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "hidden sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "veryHidden",
            exec(&book("veryHidden")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM002 macro sheet \"Macro1\" is very hidden <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "very_hidden sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "an unknown state",
            exec(&book("deeplyHidden")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM002 macro sheet \"Macro1\" is reserved <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "reserved sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "international",
            exec(&marked(INTERNATIONAL, "xlIntlMacrosheet", "xm:macrosheet")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "by relationship alone",
            exec(&marked(excel::SHEET, "xlIntlMacrosheet", "worksheet")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "PKG006 relationship and content type disagree on what a sheet is <xl/workbook.xml>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "by content type alone",
            exec(&marked(INTERNATIONAL, "worksheet", "worksheet")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "PKG006 relationship and content type disagree on what a sheet is <xl/workbook.xml>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "by its root alone",
            exec(&marked(excel::SHEET, "worksheet", "xm:macrosheet")),
            &[
                "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "PKG006 only its content says that a sheet is a macro sheet <xl/macrosheets/sheet1.xml>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "not listed",
            exec(&unlisted),
            &[
                "XLM001 sheet \"xl/macrosheets/sheet1.xml\" holds Excel 4.0 macros <xl/macrosheets/sheet1.xml>",
                "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>",
                "PKG006 the workbook does not list a macro sheet of the package <xl/macrosheets/sheet1.xml>",
                "visible sheet xl/macrosheets/sheet1.xml!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
    ]);
}

#[test]
fn texts_of_cells_are_told_however_they_are_stored() {
    let without = plain();
    let shared = |items: &str, index: &str| {
        with_strings(cell(&format!("<c r=\"C1\" t=\"s\"><v>{index}</v></c>")), items)
    };
    check(vec![
        (
            "inline, in runs",
            said_besides(
                &cell("<c r=\"C1\" t=\"inlineStr\"><is><r><t>Terms </t></r><r><t>of use</t></r></is></c>"),
                &without,
            ),
            &["cell: Terms of use"],
        ),
        (
            "inline, without its type",
            said_besides(&cell("<c r=\"C1\"><is><t>Terms</t></is></c>"), &without),
            &["cell: Terms"],
        ),
        (
            "result of a formula",
            said_besides(&cell("<c r=\"C1\" t=\"str\"><f>A1&amp;A2</f><v>ItemPaper</v></c>"), &without),
            &["formula_result: ItemPaper"],
        ),
        (
            "shared",
            said_besides(&shared("<si><t>One</t></si><si><t>Two</t></si>", "1"), &without),
            &["shared_string: Two"],
        ),
        (
            "shared, in runs, with a reading aid and an escape",
            said_besides(
                &shared(
                    "<si><r><t>Te</t></r><r><t>rms_x0041_</t></r><rPh sb=\"0\" eb=\"1\"><t>aid</t></rPh></si>",
                    "0",
                ),
                &without,
            ),
            &["shared_string: TermsA"],
        ),
        ("shared, past the end", said_besides(&shared("<si><t>One</t></si>", "7"), &without), &[]),
    ]);
}

#[test]
fn texts_beside_cells_are_told_with_their_place() {
    let without = plain();
    let shape = |name: &str, attributes: &str, text: &str| {
        drawing(&format!(
            "<xdr:sp><xdr:nvSpPr><xdr:cNvPr id=\"2\" name=\"{name}\"{attributes}/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{text}</a:t>\
             </a:r></a:p></xdr:txBody></xdr:sp>"
        ))
    };
    let chart = charted();
    let threaded = "<ThreadedComments xmlns=\"http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments\">\
                    <threadedComment ref=\"B3\"><text>A thread</text></threadedComment></ThreadedComments>";
    check(vec![
        (
            "comment",
            said_besides(
                &hanging(
                    "xl/comments1.xml",
                    &format!("{SPREADSHEET}comments+xml"),
                    "comments",
                    &comments("A note"),
                ),
                &without,
            ),
            &["note: A note"],
        ),
        (
            "threaded comment",
            said_besides(
                &hanging(
                    "xl/threadedComments/threadedComment1.xml",
                    "application/vnd.ms-excel.threadedcomments+xml",
                    "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
                    threaded,
                ),
                &without,
            ),
            &["note: A thread"],
        ),
        (
            "text box with alternative text",
            said_besides(
                &hanging(
                    "xl/drawings/drawing1.xml",
                    DRAWING,
                    "drawing",
                    &shape("Box 1", " title=\"A box\" descr=\"of words\"", "Read me"),
                ),
                &without,
            ),
            &["text_box: Read me", "alt_text: Box 1", "alt_text: A box of words"],
        ),
        (
            "hidden shape",
            said_besides(
                &hanging(
                    "xl/drawings/drawing1.xml",
                    DRAWING,
                    "drawing",
                    &shape("Box 1", " hidden=\"1\"", "Unseen"),
                ),
                &without,
            ),
            &["text_box, not visible: Unseen", "alt_text, not visible: Box 1"],
        ),
        ("chart", said_besides(&chart, &without), &["text_box: Income"]),
        (
            "button in VML",
            said_besides(
                &hanging(
                    "xl/drawings/vmlDrawing1.vml",
                    "application/vnd.openxmlformats-officedocument.vmlDrawing",
                    "vmlDrawing",
                    VML,
                ),
                &without,
            ),
            &["text_box: Press here", "alt_text: A button"],
        ),
        (
            "header and footer",
            said_besides(
                &sheet_with(
                    "<headerFooter><oddHeader>&amp;CFor members</oddHeader><evenFooter>&amp;LThe end</evenFooter></headerFooter>",
                ),
                &without,
            ),
            &["header: For members", "header: The end"],
        ),
        (
            "prompt",
            said_besides(
                &sheet_with(
                    "<dataValidations><dataValidation sqref=\"A1\" promptTitle=\"Help\" prompt=\"Enter a date\"/></dataValidations>",
                ),
                &without,
            ),
            &["prompt: Help", "prompt: Enter a date"],
        ),
    ]);
}

#[test]
fn sources_of_data_are_told() {
    let without = plain();
    let connected = |attributes: &str, inner: &str| {
        let mut pack = plain();
        pack.part(
            "xl/connections.xml",
            &format!("{SPREADSHEET}connections+xml"),
            connections(attributes, inner),
        );
        pack.relate(MAIN, "rIdC", "connections", "connections.xml");
        pack
    };
    let external = |inner: &str, kind: &str, target: &str| {
        let mut pack = workbook(
            excel::PLAIN,
            &[XmlSheet::plain("Sheet1")],
            &[],
            "<externalReferences><externalReference r:id=\"rIdX\"/></externalReferences>",
        );
        let link = format!("{XML}<externalLink xmlns=\"{S}\" xmlns:r=\"{RELATIONS}\">{inner}</externalLink>");
        pack.part(
            "xl/externalLinks/externalLink1.xml",
            &format!("{SPREADSHEET}externalLink+xml"),
            link.into_bytes(),
        );
        pack.relate(MAIN, "rIdX", "externalLink", "externalLinks/externalLink1.xml");
        if !target.is_empty() {
            pack.external("xl/externalLinks/externalLink1.xml", "rId1", kind, target);
        }
        pack
    };
    let query = |refresh: &str| {
        let content = format!("<queryTable xmlns=\"{S}\" name=\"rates\"{refresh} connectionId=\"1\"/>");
        hanging(
            "xl/queryTables/queryTable1.xml",
            &format!("{SPREADSHEET}queryTable+xml"),
            "queryTable",
            &content,
        )
    };
    let hyperlink = |target: &str| {
        let mut pack =
            sheet_with("<hyperlinks><hyperlink ref=\"A2\" r:id=\"rIdH\" display=\"our page\"/></hyperlinks>");
        pack.external(SHEET, "rIdH", "hyperlink", target);
        pack
    };
    check(vec![
        (
            "web query",
            said_besides(&connected("", "<webPr url=\"http://one.invalid/q\"/>"), &without),
            &[
                "LNK003 the workbook gets data from elsewhere <http://one.invalid/q>",
                "url: http://one.invalid/q",
                "host: one.invalid",
            ],
        ),
        (
            "database on open",
            said_besides(
                &connected(
                    " refreshOnLoad=\"1\"",
                    "<dbPr connection=\"Provider=SQLOLEDB;Data Source=one.invalid\" command=\"SELECT 1\"/>",
                ),
                &without,
            ),
            &[
                "LNK003 the workbook gets data from elsewhere <Provider=SQLOLEDB;Data Source=one.invalid\nSELECT 1>",
                "LNK012 data is fetched when the workbook is opened <Provider=SQLOLEDB;Data Source=one.invalid\nSELECT 1>",
            ],
        ),
        (
            "file of a connection",
            said_besides(&connected(" odcFile=\"\\\\files.invalid\\a.odc\"", ""), &without),
            &[
                "LNK003 the workbook gets data from elsewhere <\\\\files.invalid\\a.odc>",
                "unc_path: \\\\files.invalid\\a.odc",
                "host: files.invalid",
            ],
        ),
        ("query table", said_besides(&query(""), &without), &[]),
        (
            "query table on open",
            said_besides(&query(" refreshOnLoad=\"1\""), &without),
            &[
                "LNK003 the workbook gets data from elsewhere <query table \"rates\">",
                "LNK012 data is fetched when the workbook is opened <query table \"rates\">",
            ],
        ),
        (
            "external workbook",
            said_besides(
                &external(
                    "<externalBook r:id=\"rId1\"><sheetNames><sheetName val=\"Prices\"/></sheetNames></externalBook>",
                    "externalLinkPath",
                    "file:///\\\\files.invalid\\prices.xlsx",
                ),
                &without,
            ),
            &["url: file://files.invalid/prices.xlsx", "host: files.invalid"],
        ),
        (
            "linked object",
            said_besides(
                &external(
                    "<oleLink r:id=\"rId1\" progId=\"Word.Document.8\"><oleItems><oleItem name=\"x\" advise=\"1\"/></oleItems></oleLink>",
                    "oleObject",
                    "http://one.invalid/a.doc",
                ),
                &without,
            ),
            &[
                "LNK002 formulas refer to \"Word.Document.8|http://one.invalid/a.doc\" <Word.Document.8|http://one.invalid/a.doc>",
                "LNK008 a linked object is fetched from \"http://one.invalid/a.doc\" <http://one.invalid/a.doc>",
                "url: http://one.invalid/a.doc",
                "host: one.invalid",
            ],
        ),
        (
            "DDE",
            said_besides(
                &external(
                    "<ddeLink ddeService=\"cmd\" ddeTopic=\"/c oxnv1.exe\"><ddeItems><ddeItem name=\"A0\" advise=\"1\"/></ddeItems></ddeLink>",
                    "",
                    "",
                ),
                &without,
            ),
            &[
                "LNK001 a DDE link to \"cmd|/c oxnv1.exe\", updated without being asked <cmd|/c oxnv1.exe!A0>",
                "LNK005 a DDE link starts cmd: \"cmd|/c oxnv1.exe\" <cmd|/c oxnv1.exe>",
                "executable: oxnv1.exe",
            ],
        ),
        (
            "hyperlink to a share",
            said_besides(&hyperlink("file:///\\\\files.invalid\\share\\a.xlsx"), &without),
            &[
                "hyperlink: our page",
                "hyperlink: file:///\\\\files.invalid\\share\\a.xlsx",
                "url: file://files.invalid/share/a.xlsx",
                "host: files.invalid",
            ],
        ),
        (
            "hyperlink to an archive of a page",
            said_besides(&hyperlink("mhtml:http://one.invalid/a!x-usc:http://one.invalid/b"), &without),
            &[
                "LNK009 a hyperlink opens a page as a part of the document (CVE-2021-40444): \"mhtml:http://one.invalid/a!x-usc:http://one.invalid/b\" <mhtml:http://one.invalid/a!x-usc:http://one.invalid/b>",
                "hyperlink: our page",
                "hyperlink: mhtml:http://one.invalid/a!x-usc:http://one.invalid/b",
                "url: http://one.invalid/a!x-usc:http://one.invalid/b",
                "host: one.invalid",
                "url: http://one.invalid/b",
            ],
        ),
    ]);
}

/// The root binary of Power Query ([MS-QDEFF] 2.2) around a formula, as Base64.
fn mashup(formula: &str) -> String {
    let package = Zip::of(vec![Member::deflated("Formulas/Section1.m", formula.as_bytes())]).into_bytes();
    // Version, PackageParts length and content, then permissions, metadata and bindings of no length.
    let len = u32::try_from(package.len()).unwrap();
    base64(&[&[0; 4], &len.to_le_bytes()[..], &package, &[0; 12]].concat())
}

#[test]
fn queries_custom_xml_controls_interfaces_and_properties_are_told() {
    let without = plain();
    let query = format!(
        "<?xml version=\"1.0\" encoding=\"utf-16\"?><DataMashup xmlns=\"http://schemas.microsoft.com/DataMashup\">{}</DataMashup>",
        mashup("section Section1;\r\nshared Q = Web.Page(Web.Contents(\"http://one.invalid/q\"));")
    );
    let wide = super::utf16(&query, b"\xFF\xFE", u16::to_le_bytes);
    let custom = format!("{XML}<data><item>A text of a program</item></data>");
    let mut custom_property = plain();
    custom_property.part(
        "docProps/custom.xml",
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
        format!("{XML}<Properties><property name=\"Payload\"><vt:lpwstr xmlns:vt=\"v\">cmd /c oxnv1</vt:lpwstr></property></Properties>").into_bytes(),
    );
    custom_property.relate("", "rIdP", "custom-properties", "docProps/custom.xml");
    check(vec![
        (
            "Power Query",
            said_besides(&with_custom_xml(plain(), MAIN, query.clone().into_bytes()), &without),
            &[
                "LNK003 the workbook gets data from elsewhere <section Section1;\r\nshared Q = Web.Page(Web.Contents(\"http://one.invalid/q\"));>",
                "url: http://one.invalid/q",
                "host: one.invalid",
            ],
        ),
        (
            "Power Query in UTF-16",
            said_besides(&with_custom_xml(plain(), MAIN, wide), &without),
            &[
                "LNK003 the workbook gets data from elsewhere <section Section1;\r\nshared Q = Web.Page(Web.Contents(\"http://one.invalid/q\"));>",
                "url: http://one.invalid/q",
                "host: one.invalid",
                "recovered: text in UTF-16LE",
            ],
        ),
        (
            "custom XML",
            said_besides(&with_custom_xml(plain(), MAIN, custom.into_bytes()), &without),
            &["body, not visible: A text of a program"],
        ),
        (
            "control",
            said_besides(&with_control(plain(), MAIN), &without),
            &[
                "LNK004 a command line: cmd /c oxnv1 <cmd /c oxnv1>",
                "OBJ002 a control: Forms.TextBox.1 <Forms.TextBox.1>",
                "text_box: cmd /c oxnv1",
                "command: cmd /c oxnv1",
            ],
        ),
        (
            "interface, on load",
            said_besides(&with_interface(plain(), " onLoad=\"Started\"", ""), &without),
            &["LNK013 the user interface calls \"Started\" without a click <Started>"],
        ),
        (
            "interface, a label",
            said_besides(&with_interface(plain(), "", " getLabel=\"Started\""), &without),
            &["LNK013 the user interface calls \"Started\" without a click <Started>"],
        ),
        (
            "interface, a label of another document",
            said_besides(
                &with_interface(plain(), "", " getLabel=\"\\\\files.invalid\\a.xlam!Go\""),
                &without,
            ),
            &[
                "LNK013 the user interface calls a procedure of another document: \"\\\\\\\\files.invalid\\\\a.xlam!Go\" <\\\\files.invalid\\a.xlam!Go>",
                "unc_path: \\\\files.invalid\\a.xlam!Go",
                "host: files.invalid",
            ],
        ),
        (
            "interface, on a click",
            said_besides(&with_interface(plain(), "", " onAction=\"Started\""), &without),
            &[],
        ),
        (
            "interface, of another document",
            said_besides(
                &with_interface(plain(), "", " onAction=\"\\\\files.invalid\\a.xlam!Go\""),
                &without,
            ),
            &[
                "LNK013 the user interface calls a procedure of another document: \"\\\\\\\\files.invalid\\\\a.xlam!Go\" <\\\\files.invalid\\a.xlam!Go>",
                "unc_path: \\\\files.invalid\\a.xlam!Go",
                "host: files.invalid",
            ],
        ),
        (
            "property",
            said_besides(&custom_property, &without),
            &[
                "LNK004 a command line: cmd /c oxnv1 <cmd /c oxnv1>",
                "property: cmd /c oxnv1",
                "command: cmd /c oxnv1",
                "property Payload: cmd /c oxnv1",
            ],
        ),
    ]);
}
