//! An Office package: parts with types and relationships, and trees of known elements.

use std::fmt::Write as _;

use docsift_corpus::zip::{Member, Zip};

use super::Choices;

/// Names of parts, with the type that each has if nothing else is chosen.
const PARTS: [(&str, &str); 20] = [
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    (
        "ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
    ("xl/macrosheets/sheet1.xml", "application/vnd.ms-excel.macrosheet+xml"),
    ("xl/worksheets/sheet1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"),
    ("xl/sharedStrings.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"),
    ("xl/styles.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"),
    (
        "xl/externalLinks/externalLink1.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
    ),
    ("xl/comments1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"),
    ("xl/connections.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml"),
    ("xl/drawings/drawing1.xml", "application/vnd.openxmlformats-officedocument.drawing+xml"),
    ("xl/drawings/vml1.vml", "application/vnd.openxmlformats-officedocument.vmlDrawing"),
    ("word/settings.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"),
    ("word/footnotes.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"),
    ("ppt/slides/slide1.xml", "application/vnd.openxmlformats-officedocument.presentationml.slide+xml"),
    ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
    ("customUI/customUI.xml", "application/xml"),
    ("xl/vbaProject.bin", "application/vnd.ms-office.vbaProject"),
    ("xl/embeddings/oleObject1.bin", "application/vnd.openxmlformats-officedocument.oleObject"),
    ("xl/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml"),
];

const RELATIONS: [&str; 16] = [
    "officeDocument",
    "worksheet",
    "xlMacrosheet",
    "sharedStrings",
    "styles",
    "externalLink",
    "externalLinkPath",
    "comments",
    "connections",
    "drawing",
    "vmlDrawing",
    "attachedTemplate",
    "hyperlink",
    "oleObject",
    "vbaProject",
    "image",
];

const ELEMENTS: [&str; 48] = [
    "workbook",
    "sheets",
    "sheet",
    "definedNames",
    "definedName",
    "externalReferences",
    "externalReference",
    "sheetData",
    "row",
    "c",
    "f",
    "v",
    "is",
    "t",
    "r",
    "sst",
    "si",
    "rPh",
    "ddeLink",
    "ddeItems",
    "ddeItem",
    "oleLink",
    "externalBook",
    "sheetNames",
    "comments",
    "comment",
    "text",
    "connection",
    "dbPr",
    "webPr",
    "hyperlink",
    "legacyDrawing",
    "w:document",
    "w:body",
    "w:p",
    "w:r",
    "w:t",
    "w:instrText",
    "w:fldSimple",
    "w:fldChar",
    "w:attachedTemplate",
    "p:sldId",
    "p:sp",
    "a:t",
    "a:hlinkClick",
    "v:shape",
    "x:ClientData",
    "mc:AlternateContent",
];

const ATTRIBUTES: [&str; 24] = [
    "name",
    "sheetId",
    "r:id",
    "state",
    "hidden",
    "r",
    "t",
    "s",
    "si",
    "ref",
    "localSheetId",
    "ddeService",
    "ddeTopic",
    "url",
    "command",
    "connection",
    "xml:space",
    "w:instr",
    "w:fldCharType",
    "o:ole",
    "action",
    "ObjectType",
    "onLoad",
    "val",
];

const VALUES: [&str; 24] = [
    "1",
    "A1",
    "A1:B9",
    "rId1",
    "rId2",
    "s",
    "str",
    "inlineStr",
    "shared",
    "veryHidden",
    "Macro1",
    "_xlnm.Auto_Open",
    "begin",
    "end",
    "cmd",
    "http://a.invalid/b",
    "\\\\a.invalid\\b",
    "EXEC(\"cmd /c x\")",
    "Macro1!$A$1",
    "DDEAUTO cmd x",
    "4294967295",
    "-1",
    "&amp;#x41;",
    "preserve",
];

pub(super) fn file(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut types = String::from(
        "<Types><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    );
    let main = choices.below(3);
    let mut members = vec![Member::stored("_rels/.rels", relationships(choices, Some(main)).as_bytes())];
    let mut names = vec![main];
    names.extend((0..choices.below(8)).map(|_| choices.below(PARTS.len())));
    for (index, part) in names.into_iter().enumerate() {
        let (name, kind) = PARTS[part];
        let kind = if choices.one_in(12) { choices.pick(&PARTS).1 } else { kind };
        let _ = write!(types, "<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>");
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        if index == 0 || choices.one_in(3) {
            let content = relationships(choices, None);
            members.push(Member::stored(&format!("{folder}/_rels/{file}.rels"), content.as_bytes()));
        }
        let content = tree(choices);
        members.push(if choices.one_in(4) {
            Member::deflated(name, content.as_bytes())
        } else {
            Member::stored(name, content.as_bytes())
        });
    }
    types.push_str("</Types>");
    members.insert(0, Member::stored("[Content_Types].xml", types.as_bytes()));
    Zip::of(members).into_bytes()
}

fn relationships(choices: &mut Choices<'_>, main: Option<usize>) -> String {
    let mut text = String::from("<Relationships>");
    if let Some(main) = main {
        let _ = write!(
            text,
            "<Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"/{}\"/>",
            PARTS[main].0
        );
    }
    for index in 0..choices.below(8) {
        let kind = choices.pick(&RELATIONS);
        let (target, mode) = if choices.one_in(4) {
            (escaped(&choices.text(&VALUES)), " TargetMode=\"External\"")
        } else {
            (format!("/{}", choices.pick(&PARTS).0), "")
        };
        let _ = write!(
            text,
            "<Relationship Id=\"rId{index}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"{mode}/>"
        );
    }
    text.push_str("</Relationships>");
    text
}

/// Elements inside elements; one end tag in sixteen is missing.
fn tree(choices: &mut Choices<'_>) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for _ in 0..usize::from(choices.byte()) {
        if choices.is_over() {
            break;
        }
        match choices.byte() % 8 {
            0..=3 => {
                let name = choices.pick(&ELEMENTS);
                let _ = write!(text, "<{name}");
                for _ in 0..choices.below(4) {
                    let (key, value) = (choices.pick(&ATTRIBUTES), escaped(&choices.text(&VALUES)));
                    let _ = write!(text, " {key}=\"{value}\"");
                }
                if choices.one_in(3) {
                    text.push_str("/>");
                } else {
                    text.push('>');
                    open.push(name);
                }
            }
            4..=5 => text.push_str(&escaped(&choices.text(&VALUES))),
            6 => match open.pop() {
                Some(name) if !choices.one_in(16) => {
                    let _ = write!(text, "</{name}>");
                }
                _ => {}
            },
            _ => {
                let _ = write!(text, "<![CDATA[{}]]>", choices.text(&VALUES));
            }
        }
    }
    while let Some(name) = open.pop() {
        let _ = write!(text, "</{name}>");
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('"', "&quot;")
}
