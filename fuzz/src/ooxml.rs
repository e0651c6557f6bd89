//! Office packages from any bytes: as the archive, and as every part of one; in XML and in BIFF12.

use docsift::base::{Budget, Bytes, Cx, LimitHit, Limits, PartId, Place, Problems, Stage};
use docsift::containers::zip::{self, Archive, Entry};
use docsift::documents::biff12 as binary;
use docsift::documents::formula;
use docsift::documents::ooxml::{self, Found, Package, PackageKind, Parts, common, rest};
use docsift::documents::workbook::Workbook;

/// Steps for one input: enough for any file of a fuzzer's size, few enough to find amplification.
const STEPS: u64 = 2_000_000;

const RELATIONSHIPS: &str = "application/vnd.openxmlformats-package.relationships+xml";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The archive itself is fuzzed, then the parts of a package in XML.
pub fn ooxml(data: &[u8]) {
    archive(data);
    let kinds = [
        ("xl/workbook.xml", format!("{EXCEL}.sheet.main+xml")),
        ("xl/sheet.xml", "application/vnd.ms-excel.macrosheet+xml".to_owned()),
        ("xl/strings.xml", format!("{EXCEL}.sharedStrings+xml")),
        ("xl/styles.xml", format!("{EXCEL}.styles+xml")),
        ("xl/link.xml", format!("{EXCEL}.externalLink+xml")),
        ("xl/comments.xml", format!("{EXCEL}.comments+xml")),
        ("xl/drawing.xml", "application/vnd.openxmlformats-officedocument.drawing+xml".to_owned()),
        ("xl/drawing.vml", "application/vnd.openxmlformats-officedocument.vmlDrawing".to_owned()),
        ("xl/connections.xml", format!("{EXCEL}.connections+xml")),
        ("core.xml", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
        ("ui.xml", "application/xml".to_owned()),
        ("custom.xml", "application/xml".to_owned()),
        ("ax.xml", "application/vnd.ms-office.activeX+xml".to_owned()),
    ];
    let workbook = br#"<workbook xmlns:r="r"><sheets><sheet name="M" r:id="s"/></sheets>
        <externalReferences><externalReference r:id="l"/></externalReferences></workbook>"#;
    parts(data, &kinds, workbook);
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let kinds = [
        ("word/document.xml", format!("{word}.document.main+xml")),
        ("word/footnotes.xml", format!("{word}.footnotes+xml")),
        ("word/header.xml", format!("{word}.header+xml")),
        ("word/styles.xml", format!("{word}.styles+xml")),
        ("word/chart.xml", "application/vnd.openxmlformats-officedocument.drawingml.chart+xml".to_owned()),
        ("word/drawing.vml", "application/vnd.openxmlformats-officedocument.vmlDrawing".to_owned()),
        ("word/tags.xml", "application/xml".to_owned()),
    ];
    parts(data, &kinds, b"<w:document/>");
    let slides = "application/vnd.openxmlformats-officedocument.presentationml";
    let kinds = [
        ("ppt/presentation.xml", format!("{slides}.presentation.main+xml")),
        ("ppt/slide.xml", format!("{slides}.slide+xml")),
        ("ppt/comments.xml", format!("{slides}.comments+xml")),
        ("ppt/layout.xml", format!("{slides}.slideLayout+xml")),
    ];
    parts(data, &kinds, b"<p:presentation xmlns:r='r'><p:sldId r:id='s'/></p:presentation>");
    let kinds = [
        ("visio/document.xml", "application/vnd.ms-visio.drawing.main+xml".to_owned()),
        ("visio/page.xml", "application/vnd.ms-visio.page+xml".to_owned()),
    ];
    parts(data, &kinds, b"<VisioDocument/>");
}

/// The parts of a package in BIFF12.
pub fn biff12(data: &[u8]) {
    let kinds = [
        ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main".to_owned()),
        ("xl/sheet.bin", "application/vnd.ms-excel.macrosheet".to_owned()),
        ("xl/strings.bin", "application/vnd.ms-excel.sharedStrings".to_owned()),
        ("xl/styles.bin", "application/vnd.ms-excel.styles".to_owned()),
        ("xl/link.bin", "application/vnd.ms-excel.externalLink".to_owned()),
        ("xl/comments.bin", "application/vnd.ms-excel.comments".to_owned()),
        ("xl/connections.bin", "application/vnd.ms-excel.connections".to_owned()),
    ];
    // A sheet whose relationship is `s`, and a source whose relationship is `l`.
    let bundle = b"\x9c\x01\x12\0\0\0\0\x01\0\0\0\x01\0\0\0s\0\x01\0\0\0M\0";
    let source = b"\xe3\x02\x06\x01\0\0\0l\0";
    parts(data, &kinds, &[&bundle[..], source].concat());
}

struct Fixed {
    parts: Vec<Vec<u8>>,
}

impl Parts<'static> for Fixed {
    fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'static>, LimitHit> {
        let part = self.parts[index as usize].clone();
        cx.budget.own(part.len() as u64)?;
        Ok(Bytes::owned(part))
    }
}

/// Reads a package in which `data` is the main part, and one in which it is all parts but that.
fn parts(data: &[u8], kinds: &[(&str, String)], main: &[u8]) {
    let types: String = kinds
        .iter()
        .map(|(name, kind)| format!("<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"))
        .collect();
    let types =
        format!("<Types><Default Extension=\"rels\" ContentType=\"{RELATIONSHIPS}\"/>{types}</Types>");
    let relation = |id: &str, kind: &str, part: usize| {
        let target = kinds.get(part).map_or("", |(name, _)| name);
        format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"/{target}\"/>")
    };
    let root = format!("<R>{}{}</R>", relation("a", "officeDocument", 0), relation("u", "extensibility", 10));
    let file = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let folder = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let extension = if kinds[0].0.ends_with("bin") { "bin" } else { "xml" };
    let last = if extension == "bin" { 6 } else { 8 };
    let workbook = format!(
        "<R>{}{}{}{}{}{}</R>",
        relation("s", "xlMacrosheet", 1),
        relation("t", "sharedStrings", 2),
        relation("y", "styles", 3),
        relation("l", "externalLink", 4),
        relation("c", "connections", last),
        relation("x", "customXml", 11),
    );
    let sheet = format!(
        "<R>{}{}{}<Relationship Id=\"h\" Type=\"x/hyperlink\" Target=\"http://a.invalid\" TargetMode=\"External\"/></R>",
        relation("c", "comments", 5),
        relation("d", "drawing", 6),
        relation("v", "vmlDrawing", 7),
    );
    for data_is_main in [true, false] {
        let mut names = vec!["[Content_Types].xml".to_owned(), "_rels/.rels".to_owned()];
        let mut contents = vec![types.clone().into_bytes(), root.clone().into_bytes()];
        names.push(format!("{}/_rels/{}.rels", folder(kinds[0].0), file(kinds[0].0)));
        contents.push(workbook.clone().into_bytes());
        names.push(format!("{}/_rels/{}.rels", folder(kinds[1].0), file(kinds[1].0)));
        contents.push(sheet.clone().into_bytes());
        for (index, (name, _)) in kinds.iter().enumerate() {
            names.push((*name).to_owned());
            contents.push(if (index == 0) == data_is_main { data.to_vec() } else { main.to_vec() });
        }
        let lens: Vec<u64> = contents.iter().map(|content| content.len() as u64).collect();
        let source = Fixed { parts: contents };
        let first = reading(&names, &source, &lens);
        let second = reading(&names, &source, &lens);
        assert_eq!(first, second);
    }
}

fn archive(data: &[u8]) {
    struct Members<'m> {
        file: &'m [u8],
        entries: Vec<Entry>,
    }
    impl<'m> Parts<'m> for Members<'m> {
        fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'m>, LimitHit> {
            let mut content = Vec::new();
            self.entries[index as usize].open(self.file, &mut content, cx)?;
            Ok(Bytes::owned(content))
        }
    }
    let mut budget = budget();
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    let mut archive = Archive::default();
    if zip::read(data, &mut archive, &mut cx).is_err() || archive.entries().is_empty() {
        return;
    }
    let names: Vec<String> = archive.entries().iter().map(|entry| entry.name.clone()).collect();
    let source = Members { file: data, entries: archive.entries().to_vec() };
    let lens = vec![u64::MAX; names.len()];
    reading(&names, &source, &lens);
}

fn budget() -> Budget {
    let mut limits = Limits::default();
    limits.steps = STEPS;
    limits.total_bytes = 64 << 20;
    Budget::new(&limits)
}

/// What was read, in words, and how many steps are left.
fn reading<'i>(names: &[String], source: &dyn Parts<'i>, lens: &[u64]) -> (String, u64) {
    let mut budget = budget();
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Package, budget: &mut budget, problems: &mut problems };
    let names = (1..).zip(names).map(|(id, name)| (name.clone(), PartId(id))).collect();
    let (mut package, mut book, mut found) = (Package::default(), Workbook::default(), Found::default());
    let result = everything(names, source, &mut package, &mut book, &mut found, &mut cx);
    let mut printed = String::new();
    for (index, sheet) in (0_u32..).zip(&book.sheets) {
        assert!(sheet.shared.is_sorted_by_key(|shared| (shared.first_row, shared.first_column)));
        for cell in sheet.formulas.iter().take(200) {
            if formula::print_cell(&book, index, cell, 1000, &mut cx, &mut printed).is_err() {
                break;
            }
        }
    }
    for problem in problems.list() {
        if let Some(Place::Bytes { start, end }) = problem.location.place {
            let part = (problem.location.part.0 as usize).checked_sub(1);
            let len = part.and_then(|part| lens.get(part)).copied().unwrap_or(u64::MAX);
            // XML in another encoding is counted in the text that it becomes.
            assert!(start <= end && end <= len.saturating_mul(3), "{problem:?}");
        }
    }
    let words = format!("{result:?} {printed} {found:?} {:?} {:?}", book.sheets.len(), problems.list());
    (words, budget.steps_left())
}

fn everything<'i>(
    names: Vec<(String, PartId)>,
    source: &dyn Parts<'i>,
    package: &mut Package,
    book: &mut Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    Package::read(names, source, package, cx)?;
    ooxml::links(package, &mut found.links, cx)?;
    ooxml::missing(package, cx)?;
    if let Some(main) = package.main() {
        match ooxml::kind_of(package.content_type(main)).0 {
            PackageKind::Workbook => ooxml::workbook::read(package, source, main, book, found, cx)?,
            PackageKind::BinaryWorkbook => binary::read(package, source, main, book, found, cx)?,
            PackageKind::Word => ooxml::word::read(package, source, main, found, cx)?,
            PackageKind::Presentation => ooxml::presentation::read(package, source, main, found, cx)?,
            PackageKind::Drawing => ooxml::visio::read(package, source, main, found, cx)?,
            _ => {}
        }
    }
    common::read(package, source, Some(book), found, cx)?;
    rest::read(package, source, found, cx)
}
