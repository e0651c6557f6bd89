//! What the report says of each thing that an Office package can hold: a small package with that thing, and the
//! lines by which its report differs from the report of the package without it.

mod binary;
mod excel;
mod powerpoint;
mod visio;
mod word;

use std::path::Path;

use docsift::Analyzer;
use docsift::report::Report;
use docsift_corpus::ooxml::{Pack, XML, escape};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Everything that a report says, places left out: one line for each finding, text, macro cell and its name,
/// link that became an indicator, property and problem.
fn lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        let shown = finding.evidence.first().map_or("", |evidence| evidence.text.as_str());
        lines.push(format!("{} {} <{shown}>", finding.rule, finding.message));
    }
    for run in &report.text {
        let unseen = if run.visible { "" } else { ", not visible" };
        lines.push(format!("{}{unseen}: {}", run.source, run.text));
    }
    for sheet in &report.macros.xlm {
        for cell in &sheet.cells {
            lines.push(format!("{} sheet {}!{} {}", sheet.visibility, sheet.sheet, cell.cell, cell.formula));
        }
    }
    for name in &report.macros.names {
        lines.push(format!("name {} = {}", name.name, name.refers_to));
    }
    for indicator in &report.indicators {
        lines.push(format!("{}: {}", indicator.kind, indicator.value));
    }
    for property in &report.properties {
        lines.push(format!("property {}: {}", property.name, property.value));
    }
    for problem in &report.problems {
        lines.push(format!("{}: {}", problem.kind, problem.message));
    }
    lines
}

fn said(pack: &Pack) -> Vec<String> {
    lines(&Analyzer::default().analyze(&pack.zip().into_bytes()[..]))
}

/// What the report of `pack` says and the report of `without` does not.
fn said_besides(pack: &Pack, without: &Pack) -> Vec<String> {
    let known = said(without);
    said(pack).into_iter().filter(|line| !known.contains(line)).collect()
}

/// Compares every row before it fails, and shows all that differ.
fn check(rows: Vec<(&str, Vec<String>, &[&str])>) {
    let differ: Vec<String> = rows
        .into_iter()
        .filter(|(_, said, expected)| said != expected)
        .map(|(what, said, expected)| format!("{what}\n  said     {said:#?}\n  expected {expected:#?}"))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// The package with the namespaces and relationship types of the strict form ([ISO/IEC 29500] part 1, annex A).
fn strict(pack: &Pack) -> Pack {
    let turned = |text: &str| {
        text.replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        .replace(
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        )
        .replace(
            "http://schemas.openxmlformats.org/presentationml/2006/main",
            "http://purl.oclc.org/ooxml/presentationml/main",
        )
        .replace(
            "http://schemas.openxmlformats.org/drawingml/2006/main",
            "http://purl.oclc.org/ooxml/drawingml/main",
        )
        .replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/",
            "http://purl.oclc.org/ooxml/officeDocument/",
        )
    };
    let mut pack = pack.clone();
    for (_, _, content) in &mut pack.parts {
        *content = turned(&String::from_utf8(content.clone()).unwrap()).into_bytes();
    }
    for (_, _, kind, ..) in &mut pack.relationships {
        *kind = turned(kind);
    }
    pack
}

/// The package with the parts whose name contains `within` as `change` makes them.
fn changed(pack: &Pack, within: &str, change: impl Fn(&str) -> Vec<u8>) -> Pack {
    let mut pack = pack.clone();
    let wanted: Vec<_> = pack.parts.iter_mut().filter(|(name, ..)| name.contains(within)).collect();
    assert!(!wanted.is_empty(), "no part {within}");
    for (_, _, content) in wanted {
        *content = change(std::str::from_utf8(content).unwrap());
    }
    pack
}

fn utf16(text: &str, mark: &[u8], unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect()
}

/// The same text in the codes that readers of XML take: their name, and the bytes.
fn codes(text: &str) -> [(&'static str, Vec<u8>); 5] {
    [
        ("UTF-8 with a mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("UTF-16LE with a mark", utf16(text, b"\xFF\xFE", u16::to_le_bytes)),
        ("UTF-16BE with a mark", utf16(text, b"\xFE\xFF", u16::to_be_bytes)),
        ("UTF-16LE without a mark", utf16(text, b"", u16::to_le_bytes)),
        ("UTF-16BE without a mark", utf16(text, b"", u16::to_be_bytes)),
    ]
}

#[test]
fn strict_packages_say_what_transitional_ones_say() {
    for pack in [excel::everything(), word::everything(), powerpoint::everything()] {
        let expected = said(&pack);
        assert!(expected.len() > 8, "{expected:#?}");
        assert_eq!(said(&strict(&pack)), expected);
    }
}

#[test]
fn parts_in_other_codes_say_the_same() {
    for (pack, parts) in [
        (excel::everything(), ["workbook.xml", "sharedStrings", "macrosheets", "comments"]),
        (word::everything(), ["document.xml", "header", "footnotes", "settings"]),
        (powerpoint::everything(), ["presentation.xml", "slides/slide", "notesSlide", "comments"]),
    ] {
        let expected = said(&pack);
        for part in parts {
            for (code, _) in codes("") {
                let other = changed(&pack, part, |text| {
                    codes(text).into_iter().find(|(name, _)| *name == code).unwrap().1
                });
                let told = |line: &String| !line.starts_with("recovered: text in UTF-16");
                let lines: Vec<String> = said(&other).into_iter().filter(told).collect();
                assert_eq!(lines, expected, "{part} in {code}");
            }
        }
    }
}

#[test]
fn damaged_codes_keep_what_can_be_read() {
    let body = |text: &[u8]| {
        let mut pack = word::plain("");
        let inner = word::paragraph(&word::run("MARK"));
        let text_of = |xml: &str| xml.replace("<w:body>", &format!("<w:body>{inner}"));
        pack = changed(&pack, "document.xml", |xml| {
            let xml = text_of(xml);
            let (before, after) = xml.split_once("MARK").unwrap();
            [before.as_bytes(), text, after.as_bytes()].concat()
        });
        pack
    };
    let declared = |label: &str, text: &[u8]| {
        let mut pack = body(text);
        for (_, _, content) in pack.parts.iter_mut().filter(|(name, ..)| name.contains("document.xml")) {
            let at = content.windows(5).position(|window| window == b"UTF-8").unwrap();
            content.splice(at..at + 5, label.bytes());
        }
        pack
    };
    let without = word::plain("");
    check(vec![
        (
            "a byte that is no UTF-8",
            said_besides(&body(b"Terms \xFF of delivery"), &without),
            &["body: Terms \u{FFFD} of delivery", "recovered: text that is no UTF-8"],
        ),
        (
            "windows-1251 by declaration",
            said_besides(&declared("windows-1251", b"\xCF\xEE\xE4\xF0\xEE\xE1\xED\xEE"), &without),
            &["body: Подробно", "recovered: text in windows-1251"],
        ),
        (
            "UTF-16 by declaration, and bytes of UTF-8",
            said_besides(&declared("UTF-16", "Détail".as_bytes()), &without),
            &["body: Détail"],
        ),
        (
            "a code that nobody knows",
            said_besides(&declared("x-none", "Détail".as_bytes()), &without),
            &["body: Détail"],
        ),
    ]);
}

#[test]
fn document_types_are_told_in_every_part_and_not_expanded() {
    const TYPE: &str = "<!DOCTYPE a [<!ENTITY one \"two\"><!ENTITY far SYSTEM \"http://one.invalid/e\">]>";
    let packs = [excel::everything(), excel::illustrated(), word::everything(), powerpoint::everything()];
    for pack in packs {
        let expected = said(&pack);
        let names: Vec<String> = pack.parts.iter().map(|(name, ..)| name.clone()).collect();
        for name in &names {
            let typed = changed(&pack, name, |text| text.replace(XML, &format!("{XML}{TYPE}")).into_bytes());
            let besides: Vec<String> =
                said(&typed).into_iter().filter(|line| !expected.contains(line)).collect();
            let rules: Vec<&str> = besides.iter().filter_map(|line| line.get(..6)).collect();
            assert_eq!(rules, ["PKG004", "recove"], "{name}: {besides:#?}");
        }
    }
    // The reference stays as it is written.
    let typed = changed(&word::plain(&word::paragraph(&word::run("MARK"))), "document.xml", |text| {
        text.replace(XML, &format!("{XML}{TYPE}")).replace("MARK", "a &one; b &far; c").into_bytes()
    });
    let texts: Vec<String> = said(&typed).into_iter().filter(|line| line.starts_with("body: a")).collect();
    assert_eq!(texts, ["body: a &one; b &far; c"]);
}

/// The kinds of parts that a `.ppt` keeps as packages of their own do not hide a workbook or a document.
#[test]
fn a_main_part_that_is_called_a_piece_is_told_as_unread() {
    let told = "unsupported: a package whose main part is no workbook, document, presentation or drawing";
    for piece in ["theme", "presentationml.slideLayout", "themeManager"] {
        for (mut pack, main) in
            [(excel::everything(), "xl/workbook.xml"), (word::everything(), "word/document.xml")]
        {
            let part = pack.parts.iter_mut().find(|(name, ..)| name == main).unwrap();
            part.1 = format!("application/vnd.openxmlformats-officedocument.{piece}+xml");
            assert!(said(&pack).contains(&told.to_owned()), "{main} as {piece}");
        }
    }
}

/// A part of custom XML on the main part.
fn with_custom_xml(mut pack: Pack, main: &str, content: Vec<u8>) -> Pack {
    pack.part("customXml/item1.xml", "application/xml", content);
    pack.relate(main, "rIdCx", "customXml", "/customXml/item1.xml");
    pack
}

/// A custom user interface with the attributes given on its root and on a button.
fn with_interface(mut pack: Pack, root: &str, button: &str) -> Pack {
    let interface = format!(
        "{XML}<customUI xmlns=\"http://schemas.microsoft.com/office/2009/07/customui\"{root}><ribbon><tabs>\
         <tab id=\"t\" label=\"Tools\"><group id=\"g\"><button id=\"b\"{button}/></group></tab></tabs></ribbon></customUI>"
    );
    pack.part("customUI/customUI14.xml", "application/xml", interface.into_bytes());
    pack.relate("", "rIdUi", "extensibility", "customUI/customUI14.xml");
    pack
}

/// A control whose values are in XML.
fn with_control(mut pack: Pack, main: &str) -> Pack {
    let folder = Path::new(main).parent().unwrap().to_str().unwrap();
    let control = format!(
        "{XML}<ax:ocx xmlns:ax=\"http://schemas.microsoft.com/office/2006/activeX\" \
         ax:classid=\"{{8BD21D10-EC42-11CE-9E0D-00AA006002F3}}\" ax:persistence=\"persistPropertyBag\">\
         <ax:ocxPr ax:name=\"Value\" ax:value=\"{}\"/></ax:ocx>",
        escape("cmd /c oxnv1")
    );
    let name = format!("{folder}/activeX/activeX1.xml");
    pack.part(&name, "application/vnd.ms-office.activeX+xml", control.into_bytes());
    pack.relate(main, "rIdAx", "control", &format!("/{name}"));
    pack
}
