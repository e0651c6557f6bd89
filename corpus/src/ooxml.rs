//! Office packages (ECMA-376): parts, content types, relationships, and the XML of small documents.

use crate::bytes::{Put, base64, utf16_len};
use crate::container::{Entry, compound_file};
use crate::vba::Project;
use crate::zip::{Member, Zip};

const DOCUMENT_RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const MICROSOFT_RELATIONSHIPS: &str = "http://schemas.microsoft.com/office/2006/relationships/";
/// The first line of a part.
pub const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";
const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A package before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pack {
    /// Name without a slash in front, content type, content.
    pub parts: Vec<(String, String, Vec<u8>)>,
    /// Source (empty for the package), identifier, type, target, whether external.
    pub relationships: Vec<(String, String, String, String, bool)>,
}

impl Pack {
    /// A package whose main part is `name`.
    pub fn new(name: &str, content_type: &str, content: &str) -> Self {
        let mut pack = Self::default();
        pack.part(name, content_type, content.as_bytes().to_vec());
        pack.relate("", "rId1", "officeDocument", &format!("/{name}"));
        pack
    }

    /// Adds a part.
    pub fn part(&mut self, name: &str, content_type: &str, content: Vec<u8>) -> &mut Self {
        self.parts.push((name.to_owned(), content_type.to_owned(), content));
        self
    }

    /// Adds a relationship of a type of ECMA-376, or of Microsoft where `kind` is one of those.
    pub fn relate(&mut self, source: &str, id: &str, kind: &str, target: &str) -> &mut Self {
        self.relation(source, id, kind, target, false)
    }

    /// Adds a relationship that leads out of the package.
    pub fn external(&mut self, source: &str, id: &str, kind: &str, target: &str) -> &mut Self {
        self.relation(source, id, kind, target, true)
    }

    fn relation(&mut self, source: &str, id: &str, kind: &str, target: &str, external: bool) -> &mut Self {
        let microsoft =
            ["xlMacrosheet", "xlIntlMacrosheet", "vbaProject", "activeXControlBinary"].contains(&kind);
        let kind = match kind {
            "extensibility" => {
                "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility".to_owned()
            }
            _ if kind.contains("://") => kind.to_owned(),
            _ if microsoft => format!("{MICROSOFT_RELATIONSHIPS}{kind}"),
            _ => format!("{DOCUMENT_RELATIONSHIPS}{kind}"),
        };
        self.relationships.push((source.to_owned(), id.to_owned(), kind, target.to_owned(), external));
        self
    }

    /// The archive before it is written.
    pub fn zip(&self) -> Zip {
        let mut types = format!(
            "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Default Extension=\"png\" ContentType=\"image/png\"/>"
        );
        for (name, kind, _) in &self.parts {
            types += &format!("<Override PartName=\"/{}\" ContentType=\"{kind}\"/>", escape(name));
        }
        types += "</Types>";
        let mut members = vec![Member::deflated("[Content_Types].xml", types.as_bytes())];
        for (name, content) in self.relation_parts() {
            members.push(Member::deflated(&name, &content));
        }
        for (name, _, content) in &self.parts {
            members.push(Member::deflated(name, content));
        }
        Zip::of(members)
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.zip().into_bytes()
    }

    /// The package as one file of XML, as Word and PowerPoint save it. `program` is what opens it:
    /// `Word.Document`.
    pub fn flat(&self, program: &str) -> Vec<u8> {
        const RELATIONSHIPS: &str = "application/vnd.openxmlformats-package.relationships+xml";
        let mut out = format!(
            "{XML}<?mso-application progid=\"{program}\"?>\r\n\
             <pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">"
        );
        let relations = self.relation_parts().into_iter();
        let relations = relations.map(|(name, content)| (name, RELATIONSHIPS.to_owned(), content));
        for (name, kind, content) in relations.chain(self.parts.iter().cloned()) {
            out += &format!("<pkg:part pkg:name=\"/{}\" pkg:contentType=\"{kind}\"", escape(&name));
            let text = String::from_utf8(content.clone()).ok().filter(|_| kind.ends_with("xml"));
            match text {
                Some(text) => {
                    let text = text.strip_prefix(XML).unwrap_or(&text);
                    out += &format!("><pkg:xmlData>{text}</pkg:xmlData></pkg:part>");
                }
                None => {
                    let letters = base64(&content);
                    let lines: Vec<&str> = letters
                        .as_bytes()
                        .chunks(76)
                        .map(|line| std::str::from_utf8(line).expect("Base64 is ASCII"))
                        .collect();
                    out += &format!(
                        " pkg:compression=\"store\"><pkg:binaryData>{}</pkg:binaryData></pkg:part>",
                        lines.join("\r\n")
                    );
                }
            }
        }
        out += "</pkg:package>";
        out.into_bytes()
    }

    /// Name and content of each part of relationships.
    fn relation_parts(&self) -> Vec<(String, Vec<u8>)> {
        let mut sources: Vec<&str> = self.relationships.iter().map(|(source, ..)| source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        let mut parts = Vec::new();
        for source in sources {
            let (folder, file) =
                source.rsplit_once('/').map_or(("", source), |(folder, file)| (folder, file));
            let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let mut rels = format!(
                "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
            );
            for (_, id, kind, target, external) in self.relationships.iter().filter(|one| one.0 == source) {
                let mode = if *external { " TargetMode=\"External\"" } else { "" };
                rels += &format!(
                    "<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{}\"{mode}/>",
                    escape(target)
                );
            }
            rels += "</Relationships>";
            parts.push((format!("{folder}_rels/{file}.rels"), rels.into_bytes()));
        }
        parts
    }

    /// Adds the VBA project of a document, for the main part `main`.
    pub fn vba(&mut self, main: &str, project: &Project) -> &mut Self {
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = format!("{folder}/vbaProject.bin");
        let entries: Vec<Entry> = project.entries("");
        let bytes = compound_file("00000000-0000-0000-0000-000000000000", &entries);
        self.part(&name, "application/vnd.ms-office.vbaProject", bytes);
        self.relate(main, "rIdVba", "vbaProject", &format!("/{name}"))
    }

    /// Adds document properties.
    pub fn properties(&mut self, title: &str, author: &str) -> &mut Self {
        let core = format!(
            "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\">\
             <dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
             <dcterms:created>2022-01-01T00:00:00Z</dcterms:created></cp:coreProperties>",
            escape(title),
            escape(author)
        );
        self.part(
            "docProps/core.xml",
            "application/vnd.openxmlformats-package.core-properties+xml",
            core.into_bytes(),
        );
        self.relate(
            "",
            "rIdCore",
            "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
            "/docProps/core.xml",
        )
    }
}

/// Text as it stands in XML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Content types of Excel's main parts.
pub mod excel {
    /// `.xlsx`
    pub const PLAIN: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    /// `.xlsm`
    pub const MACROS: &str = "application/vnd.ms-excel.sheet.macroEnabled.main+xml";
    /// `.xlsb`
    pub const BINARY: &str = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";
    /// A sheet.
    pub const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
    /// A macro sheet.
    pub const MACRO_SHEET: &str = "application/vnd.ms-excel.macrosheet+xml";
}

/// A sheet of an Excel package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlSheet {
    /// Its name.
    pub name: String,
    /// `visible`, `hidden`, `veryHidden`.
    pub state: &'static str,
    /// Whether it is a macro sheet.
    pub macros: bool,
    /// The name of its part.
    pub part: String,
    /// Address and content of each cell: a formula begins with `=`.
    pub cells: Vec<(String, String)>,
    /// XML behind the cells.
    pub more: String,
}

impl XmlSheet {
    /// A plain sheet with a few cells.
    pub fn plain(name: &str) -> Self {
        let cells = [
            ("A1", "Item"),
            ("A2", "Paper"),
            ("A3", "Pens"),
            ("B2", "12.5"),
            ("B3", "40"),
            ("B4", "=SUM(B2:B3)"),
        ];
        Self {
            name: name.to_owned(),
            state: "visible",
            macros: false,
            part: "xl/worksheets/sheet1.xml".to_owned(),
            cells: cells.map(|(at, text)| (at.to_owned(), text.to_owned())).to_vec(),
            more: String::new(),
        }
    }

    /// A macro sheet whose column A holds the formulas.
    pub fn macros(name: &str, state: &'static str, formulas: &[&str]) -> Self {
        let cells = (1..).zip(formulas).map(|(row, formula)| (format!("A{row}"), format!("={formula}")));
        Self {
            name: name.to_owned(),
            state,
            macros: true,
            part: "xl/macrosheets/sheet1.xml".to_owned(),
            cells: cells.collect(),
            more: String::new(),
        }
    }

    fn xml(&self) -> String {
        let mut rows = String::new();
        let mut cells = self.cells.clone();
        let row_of = |address: &str| {
            address
                .trim_start_matches(|letter: char| letter.is_ascii_alphabetic())
                .parse::<u32>()
                .unwrap_or(1)
        };
        cells.sort_by_key(|(address, _)| row_of(address));
        let mut open = 0;
        for (address, text) in &cells {
            let row = row_of(address);
            if row != open {
                rows += &format!("{}<row r=\"{row}\">", if open == 0 { "" } else { "</row>" });
                open = row;
            }
            rows += &match text.strip_prefix('=') {
                Some(formula) => format!("<c r=\"{address}\"><f>{}</f><v>0</v></c>", escape(formula)),
                None if text.parse::<f64>().is_ok() => format!("<c r=\"{address}\"><v>{text}</v></c>"),
                None => format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escape(text)),
            };
        }
        if open != 0 {
            rows += "</row>";
        }
        let root = if self.macros { "xm:macrosheet" } else { "worksheet" };
        let more = if self.macros {
            " xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\""
        } else {
            ""
        };
        format!(
            "{XML}<{root} xmlns=\"{SHEET}\"{more} xmlns:r=\"{}\"><sheetData>{rows}</sheetData>{}</{root}>",
            DOCUMENT_RELATIONSHIPS.trim_end_matches('/'),
            self.more
        )
    }
}

/// An Excel package: sheets, names (name, attributes, formula), and XML behind the names.
pub fn workbook(content_type: &str, sheets: &[XmlSheet], names: &[(&str, &str, &str)], more: &str) -> Pack {
    let mut listed = String::new();
    let mut pack = Pack::default();
    for (index, sheet) in (1..).zip(sheets) {
        let state =
            if sheet.state == "visible" { String::new() } else { format!(" state=\"{}\"", sheet.state) };
        listed += &format!(
            "<sheet name=\"{}\" sheetId=\"{index}\"{state} r:id=\"rId{index}\"/>",
            escape(&sheet.name)
        );
    }
    let names: String = names
        .iter()
        .map(|(name, attributes, formula)| {
            format!("<definedName name=\"{name}\"{attributes}>{}</definedName>", escape(formula))
        })
        .collect();
    let names = if names.is_empty() { names } else { format!("<definedNames>{names}</definedNames>") };
    let main = format!(
        "{XML}<workbook xmlns=\"{SHEET}\" xmlns:r=\"{}\"><sheets>{listed}</sheets>{more}{names}</workbook>",
        DOCUMENT_RELATIONSHIPS.trim_end_matches('/')
    );
    pack.part("xl/workbook.xml", content_type, main.into_bytes());
    pack.relate("", "rId1", "officeDocument", "xl/workbook.xml");
    for (index, sheet) in (1..).zip(sheets) {
        let kind = if sheet.macros { excel::MACRO_SHEET } else { excel::SHEET };
        let relation = if sheet.macros { "xlMacrosheet" } else { "worksheet" };
        let part = if sheets.iter().filter(|other| other.part == sheet.part).count() > 1 {
            sheet.part.replace("sheet1", &format!("sheet{index}"))
        } else {
            sheet.part.clone()
        };
        pack.part(&part, kind, sheet.xml().into_bytes());
        pack.relate("xl/workbook.xml", &format!("rId{index}"), relation, &format!("/{part}"));
    }
    pack.properties("Workbook", "docsift");
    pack
}

/// Records of a BIFF12 part ([MS-XLSB] 2.1.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Biff12 {
    bytes: Vec<u8>,
}

impl Biff12 {
    /// Appends a record.
    pub fn record(mut self, id: u16, body: &[u8]) -> Self {
        if id < 0x80 {
            self.bytes.u8(id as u8);
        } else {
            self.bytes.u8((id & 0x7F) as u8 | 0x80).u8((id >> 7) as u8);
        }
        let mut len = body.len();
        loop {
            let low = (len & 0x7F) as u8;
            len >>= 7;
            self.bytes.u8(if len > 0 { low | 0x80 } else { low });
            if len == 0 {
                break;
            }
        }
        self.bytes.raw(body);
        self
    }

    /// The part.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// `XLWideString`.
pub fn wide(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(utf16_len(text) as u32).utf16(text);
    out
}

/// A binary Excel package with one plain sheet and one macro sheet, whose column A holds formulas as
/// token bytes; `auto_open` names its first cell.
pub fn binary_workbook(state: u32, part: &str, formulas: &[Vec<u8>], auto_open: &str) -> Pack {
    let bundle = |state: u32, id: u32, relation: &str, name: &str| {
        let mut body = Vec::new();
        body.u32(state).u32(id).raw(&wide(relation)).raw(&wide(name));
        body
    };
    // PtgRef3d: sheet range 0, row 0, column 0.
    let mut first_cell = Vec::new();
    first_cell.u8(0x3A).u16(0).u32(0).u16(0);
    let mut name = Vec::new();
    name.u32(0)
        .u8(0)
        .u32(u32::MAX)
        .raw(&wide(auto_open))
        .u32(first_cell.len() as u32)
        .raw(&first_cell)
        .u32(0);
    let mut ranges = Vec::new();
    ranges.u32(1).u32(0).u32(1).u32(1);
    let main = Biff12::default()
        .record(131, &[])
        .record(143, &[])
        .record(156, &bundle(0, 1, "rId1", "Sheet1"))
        .record(156, &bundle(state, 2, "rId2", "Macro1"))
        .record(144, &[])
        .record(353, &[])
        .record(357, &[])
        .record(362, &ranges)
        .record(354, &[])
        .record(39, &name)
        .record(132, &[]);
    let cell = |row: u32, text: &str| {
        let mut header = Vec::new();
        header.u32(row).u32(0).u16(300).zeros(7);
        let mut body = Vec::new();
        body.u32(0).u32(0).raw(&wide(text));
        (header, body)
    };
    let mut sheet = Biff12::default().record(129, &[]).record(145, &[]);
    for (row, text) in (0..).zip(["Item", "Paper", "Pens"]) {
        let (header, body) = cell(row, text);
        sheet = sheet.record(0, &header).record(6, &body);
    }
    let sheet = sheet.record(146, &[]).record(130, &[]);
    let mut macros = Biff12::default().record(129, &[]).record(145, &[]);
    for (row, rgce) in (0..).zip(formulas) {
        let (header, _) = cell(row, "");
        let mut body = Vec::new();
        body.u32(0).u32(0).u8(0).u16(0).u32(rgce.len() as u32).raw(rgce).u32(0);
        macros = macros.record(0, &header).record(10, &body);
    }
    let macros = macros.record(146, &[]).record(130, &[]);
    let mut pack = Pack::default();
    pack.part("xl/workbook.bin", excel::BINARY, main.into_bytes());
    pack.part("xl/worksheets/sheet1.bin", "application/vnd.ms-excel.worksheet", sheet.into_bytes());
    pack.part(part, "application/vnd.ms-excel.macrosheet", macros.into_bytes());
    pack.relate("", "rId1", "officeDocument", "xl/workbook.bin");
    pack.relate("xl/workbook.bin", "rId1", "worksheet", "worksheets/sheet1.bin");
    pack.relate("xl/workbook.bin", "rId2", "xlMacrosheet", &format!("/{part}"));
    pack
}

/// BIFF12 tokens of `function("text", ...)`: texts, then `PtgFuncVar`.
pub fn call(function: u16, texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for text in texts {
        out.u8(0x17).u16(utf16_len(text) as u16).utf16(text);
    }
    out.u8(0x42).u8(texts.len() as u8).u16(function);
    out
}
