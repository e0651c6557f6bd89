//! Word documents by [MS-DOC], and the older ones of Word 6 with WordBasic macros.

use crate::art;
use crate::bytes::{Put, utf16_len};
use crate::container::{Entry, compound_file, summaries};

/// The class of a Word 97 to 2003 document.
pub const WORD_8: &str = "00020906-0000-0000-C000-000000000046";
/// The class of a Word 6 and 95 document.
pub const WORD_6: &str = "00020900-0000-0000-C000-000000000046";

/// How a run of text is formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// As it comes.
    #[default]
    Plain,
    /// sprmCFVanish
    Hidden,
    /// sprmCIco 8
    White,
    /// sprmCHps 2
    Tiny,
    /// A character style that hides its text.
    Style,
    /// A paragraph whose style hides its text.
    Paragraph,
    /// A character that stands for the picture at this offset of the stream `Data`.
    Picture(u32),
}

/// The parts of a document, in their order ([MS-DOC] 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// ccpText
    Body,
    /// ccpFtn
    Footnotes,
    /// ccpHdd
    Headers,
    /// ccpAtn
    Comments,
    /// ccpEdn
    Endnotes,
    /// ccpTxbx
    TextBoxes,
}

/// Index of a story among the counts; the fourth is reserved.
const COUNTS: [(Story, usize); 6] = [
    (Story::Body, 0),
    (Story::Footnotes, 1),
    (Story::Headers, 2),
    (Story::Comments, 4),
    (Story::Endnotes, 5),
    (Story::TextBoxes, 6),
];

/// A document of Word 97 to 2003. Text has `\r` for paragraphs, and `\u{13}`, `\u{14}`, `\u{15}` for fields.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    runs: Vec<(Story, String, Look)>,
    template: Option<String>,
    data: Vec<u8>,
    floating: Vec<Vec<u8>>,
    shapes: Vec<Vec<u8>>,
    /// Bits that are set in the flags of the block.
    pub flags: u16,
    /// Whether the pieces lie in the stream in the reverse of their order, as after fast saves.
    pub fast_saved: bool,
}

/// fDot
pub const F_DOT: u16 = 0x0001;
/// fEncrypted
pub const F_ENCRYPTED: u16 = 0x0100;
/// fWhichTblStm
pub const F_WHICH_TABLE: u16 = 0x0200;

/// Where the text begins.
const TEXT_AT: usize = 1024;

impl Doc {
    /// A document with one body text.
    pub fn new(body: &str) -> Self {
        Doc { flags: F_WHICH_TABLE, ..Doc::default() }.run(Story::Body, body, Look::Plain)
    }

    /// Adds a run.
    pub fn run(mut self, story: Story, text: &str, look: Look) -> Self {
        self.runs.push((story, text.to_owned(), look));
        self
    }

    /// Names the attached template.
    pub fn template(mut self, path: &str) -> Self {
        self.template = Some(path.to_owned());
        self
    }

    /// Adds a picture in the text: a PNG file ([MS-DOC] 2.9.192).
    pub fn picture(mut self, png: &[u8]) -> Self {
        let at = self.data.len() as u32;
        let shape = art::container(0, 0xF004, &[art::record(2, 75, 0xF00A, &[0; 8])]);
        let content = [shape, art::entry(Ok(&art::png(png)))].concat();
        self.data.u32(68 + content.len() as u32).u16(68).u16(0x64).zeros(60).raw(&content); // lcb, cbHeader, mm
        self.run(Story::Body, "\u{1}", Look::Picture(at))
    }

    /// Adds a picture that floats: a PNG file.
    pub fn floating_picture(mut self, png: &[u8]) -> Self {
        self.floating.push(art::png(png));
        self
    }

    /// Adds a shape with these properties.
    pub fn shape(mut self, properties: &[(u16, art::Value)]) -> Self {
        self.shapes.push(art::container(0, 0xF004, &[art::properties(properties)]));
        self
    }

    /// Runs in the order of the document, a final paragraph mark for the extra stories.
    fn ordered(&self) -> Vec<(Story, String, Look)> {
        let mut ordered = Vec::new();
        for (story, _) in COUNTS {
            ordered.extend(self.runs.iter().filter(|(own, ..)| *own == story).cloned());
        }
        ordered
    }

    /// The streams `WordDocument` and the table.
    pub fn streams(&self) -> (Vec<u8>, Vec<u8>) {
        let runs = self.ordered();
        // Each run is a piece: 8-bit text when it can be, else UTF-16.
        let is_wide = |text: &str| text.chars().any(|char| u32::from(char) > 0x7F);
        let encoded: Vec<(Vec<u8>, bool)> = runs
            .iter()
            .map(|(_, text, _)| {
                let mut bytes = Vec::new();
                if is_wide(text) {
                    bytes.utf16(text);
                } else {
                    bytes.raw(text.as_bytes());
                }
                (bytes, is_wide(text))
            })
            .collect();
        let mut text = Vec::new();
        let mut places = vec![0; runs.len()];
        let order: Vec<usize> =
            if self.fast_saved { (0..runs.len()).rev().collect() } else { (0..runs.len()).collect() };
        for index in order {
            let padding = text.len() % 2;
            text.zeros(padding);
            places[index] = TEXT_AT + text.len();
            text.raw(&encoded[index].0);
        }
        let page_number = (TEXT_AT + text.len()).div_ceil(512);
        let mut word = self.fib(&runs, text.len());
        let (clx, assoc) = (self.clx(&runs, &encoded, &places), self.assoc());
        let mut chpx = Vec::new(); // PlcBteChpx: two offsets, one page
        chpx.u32(TEXT_AT as u32).u32((TEXT_AT + text.len()) as u32).u32(page_number as u32);
        let mut papx = Vec::new(); // PlcBtePapx, likewise
        papx.u32(TEXT_AT as u32).u32((TEXT_AT + text.len()) as u32).u32(page_number as u32 + 1);
        let content = self.drawings((page_number + 2) * 512);
        let mut table = Vec::new();
        let mut pair = |index: usize, bytes: &[u8]| {
            let at = 0x9A + index * 8;
            let (fc, lcb) = if bytes.is_empty() { (0, 0) } else { (table.len() as u32, bytes.len() as u32) };
            word[at..at + 4].copy_from_slice(&fc.to_le_bytes());
            word[at + 4..at + 8].copy_from_slice(&lcb.to_le_bytes());
            table.raw(bytes);
        };
        if runs.iter().any(|(.., look)| matches!(look, Look::Style | Look::Paragraph)) {
            pair(1, &style_sheet()); // fcStshf
            pair(13, &papx); // fcPlcfBtePapx
        }
        pair(12, &chpx); // fcPlcfBteChpx
        pair(32, &assoc); // fcSttbfAssoc
        pair(33, &clx); // fcClx
        pair(50, &content); // fcDggInfo
        word.resize(TEXT_AT, 0);
        word.raw(&text);
        word.resize(page_number * 512, 0);
        word.raw(&formatted_page(&runs, &encoded, &places));
        word.raw(&paragraph_page(&runs, &encoded, &places));
        word.raw(&self.floating.concat());
        (word, table)
    }

    /// OfficeArtContent ([MS-DOC] 2.9.172): the pictures lie in the stream `WordDocument` from `at` on.
    fn drawings(&self, at: usize) -> Vec<u8> {
        if self.floating.is_empty() && self.shapes.is_empty() {
            return Vec::new();
        }
        let mut places = at as u32;
        let entries: Vec<Vec<u8>> = self
            .floating
            .iter()
            .map(|picture| {
                let entry = art::entry(Err(places));
                places += picture.len() as u32;
                entry
            })
            .collect();
        let mut content =
            art::container(0, 0xF000, &[art::container(entries.len() as u16, 0xF001, &entries)]);
        content.u8(0).raw(&art::container(0, 0xF002, &self.shapes)); // dgglbl: the body
        content
    }

    /// The stream `Data`.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The file information block, the pairs still zero ([MS-DOC] 2.5).
    fn fib(&self, runs: &[(Story, String, Look)], text_len: usize) -> Vec<u8> {
        let mut word = Vec::new();
        word.u16(0xA5EC).u16(0x00C1).u16(0).u16(0x0409).u16(0); // wIdent, nFib, unused, lid, pnNext
        word.u16(self.flags | 0x1000).u16(0x00BF).u32(0).u8(0).u8(0); // flags with fExtChar, nFibBack, lKey
        word.u16(0).u16(0).u32(TEXT_AT as u32).u32((TEXT_AT + text_len) as u32);
        word.u16(14).zeros(28); // csw, fibRgW
        word.u16(22).u32(0).u32(0).u32(0); // cslw, cbMac, reserved
        let mut counts = [0u32; 8];
        for (story, text, _) in runs {
            let index = COUNTS.iter().find(|(own, _)| own == story).map_or(0, |(_, index)| *index);
            counts[index] += utf16_len(text) as u32;
        }
        for count in counts {
            word.u32(count);
        }
        word.zeros(11 * 4).u16(93).zeros(93 * 8).u16(0); // the rest of fibRgLw, cbRgFcLcb, cswNew
        word
    }

    /// Clx with its piece table ([MS-DOC] 2.9.38).
    fn clx(&self, runs: &[(Story, String, Look)], encoded: &[(Vec<u8>, bool)], places: &[usize]) -> Vec<u8> {
        let mut plc = Vec::new();
        let mut cp = 0u32;
        plc.u32(0);
        for (_, text, _) in runs {
            cp += utf16_len(text) as u32;
            plc.u32(cp);
        }
        for ((_, is_wide), at) in encoded.iter().zip(places) {
            let fc = if *is_wide { *at as u32 } else { (*at as u32 * 2) | 0x4000_0000 };
            plc.u16(0).u32(fc).u16(0); // flags, FcCompressed, prm
        }
        let mut clx = Vec::new();
        clx.u8(2).u32(plc.len() as u32).raw(&plc); // Pcdt
        clx
    }

    /// SttbfAssoc ([MS-DOC] 2.9.302).
    fn assoc(&self) -> Vec<u8> {
        let Some(template) = &self.template else { return Vec::new() };
        let mut sttb = Vec::new();
        sttb.u16(0xFFFF).u16(18).u16(0);
        for index in 0..18 {
            let text = if index == 1 { template.as_str() } else { "" };
            sttb.u16(utf16_len(text) as u16).utf16(text);
        }
        sttb
    }

    /// A compound file of the document, with `more` beside its streams.
    pub fn file(&self, more: Vec<Entry>) -> Vec<u8> {
        let (word, table) = self.streams();
        let name = if self.flags & F_WHICH_TABLE == 0 { "0Table" } else { "1Table" };
        let mut entries = vec![Entry::stream("WordDocument", word), Entry::stream(name, table)];
        if !self.data.is_empty() {
            entries.push(Entry::stream("Data", self.data.clone()));
        }
        entries.extend(summaries("Note", "docsift"));
        entries.extend(more);
        compound_file(WORD_8, &entries)
    }
}

/// Runs by their place in the stream.
fn spans(
    runs: &[(Story, String, Look)],
    encoded: &[(Vec<u8>, bool)],
    places: &[usize],
) -> Vec<(usize, usize, Look)> {
    let mut spans: Vec<(usize, usize, Look)> = runs
        .iter()
        .zip(encoded)
        .zip(places)
        .map(|(((_, _, look), (bytes, _)), at)| (*at, at + bytes.len(), *look))
        .filter(|(start, end, _)| start < end)
        .collect();
    spans.sort_by_key(|(start, ..)| *start);
    spans
}

/// One ChpxFkp page ([MS-DOC] 2.9.33).
fn formatted_page(runs: &[(Story, String, Look)], encoded: &[(Vec<u8>, bool)], places: &[usize]) -> Vec<u8> {
    let spans = spans(runs, encoded, places);
    let mut page = vec![0u8; 512];
    let mut offsets = Vec::new();
    let mut places = Vec::new();
    let mut free = 500usize;
    for (start, _, look) in &spans {
        offsets.u32(*start as u32);
        let mut sprm = Vec::new();
        match look {
            Look::Plain | Look::Paragraph => {}
            Look::Hidden => sprm.extend([0x3C, 0x08, 1]),
            Look::White => sprm.extend([0x42, 0x2A, 8]),
            Look::Tiny => sprm.extend([0x43, 0x4A, 2, 0]),
            Look::Style => sprm.extend([0x30, 0x4A, 3, 0]),
            Look::Picture(at) => {
                sprm.raw(&[0x55, 0x08, 1, 0x03, 0x6A]).u32(*at); // sprmCFSpec, sprmCPicLocation
            }
        }
        if sprm.is_empty() {
            places.u8(0);
        } else {
            free = (free - sprm.len() - 1) & !1;
            page[free] = sprm.len() as u8;
            page[free + 1..free + 1 + sprm.len()].copy_from_slice(&sprm);
            places.u8((free / 2) as u8);
        }
    }
    offsets.u32(spans.last().map_or(0, |(_, end, _)| *end as u32));
    page[..offsets.len()].copy_from_slice(&offsets);
    page[offsets.len()..offsets.len() + places.len()].copy_from_slice(&places);
    page[511] = spans.len() as u8;
    page
}

/// One PapxFkp page ([MS-DOC] 2.9.174): the style of each run.
fn paragraph_page(runs: &[(Story, String, Look)], encoded: &[(Vec<u8>, bool)], places: &[usize]) -> Vec<u8> {
    let spans = spans(runs, encoded, places);
    let mut page = vec![0u8; 512];
    let (mut offsets, mut places) = (Vec::new(), Vec::new());
    // cb in words less the odd byte, then istd.
    page[500..504].copy_from_slice(&[0, 1, 2, 0]);
    for (start, _, look) in &spans {
        offsets.u32(*start as u32);
        places.u8(if *look == Look::Paragraph { 250 } else { 0 }).zeros(12); // BxPap
    }
    offsets.u32(spans.last().map_or(0, |(_, end, _)| *end as u32));
    page[..offsets.len()].copy_from_slice(&offsets);
    page[offsets.len()..offsets.len() + places.len()].copy_from_slice(&places);
    page[511] = spans.len() as u8;
    page
}

/// STSH ([MS-DOC] 2.9.271): `Normal`, none, a paragraph style and a character style that hide their text.
fn style_sheet() -> Vec<u8> {
    const HIDES: [u8; 3] = [0x3C, 0x08, 1]; // sprmCFVanish
    let mut sheet = Vec::new();
    sheet.u16(18).u16(4).u16(10).zeros(14); // cbStshi, cstd, cbSTDBaseInFile
    let mut put = |kind: u16, based_on: u16, name: &str, lists: &[&[u8]]| {
        let mut style = Vec::new();
        style.u16(0x0FFE).u16(kind | (based_on << 4)).u16(lists.len() as u16).u16(0).u16(0);
        style.u16(utf16_len(name) as u16).utf16(name).u16(0);
        for list in lists {
            style.u16(list.len() as u16).raw(list);
            let padding = list.len() % 2;
            style.zeros(padding);
        }
        sheet.u16(style.len() as u16).raw(&style);
    };
    put(1, 0x0FFF, "Normal", &[&[0, 0], &[]]);
    put(1, 0, "Quiet ground", &[&[1, 0], &HIDES]);
    put(1, 1, "Quiet", &[&[2, 0], &[]]);
    put(2, 0x0FFF, "Aside", &[&HIDES]);
    sheet
}

/// A piece of WordBasic source, as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'t> {
    /// The end of a line.
    Line,
    /// A keyword or operator by its number.
    Key(u8),
    /// A statement or function by its number.
    Command(u16),
    /// An argument of a dialog by its number.
    Argument(u16),
    /// A name.
    Name(&'t str),
    /// A text in quotes.
    Text(&'t str),
    /// A number.
    Number(i16),
}

/// `Sub`
pub const SUB: Token<'static> = Token::Key(0x1B);
/// `End`
pub const END: Token<'static> = Token::Key(0x1A);
/// `,`
pub const COMMA: Token<'static> = Token::Key(0x12);
/// `MsgBox`
pub const MSG_BOX: Token<'static> = Token::Command(0x802B);
/// `MacroCopy`
pub const MACRO_COPY: Token<'static> = Token::Command(0x80C2);
/// `Shell`
pub const SHELL: Token<'static> = Token::Command(0x802D);

/// `Sub MAIN`, the lines, `End Sub`.
pub fn main_of(lines: &[&[Token<'_>]]) -> Vec<u8> {
    let mut code = vec![1, 0];
    let mut put = |token: &Token<'_>| match token {
        Token::Line => code.push(0x64),
        Token::Key(key) => code.push(*key),
        Token::Command(number) => {
            code.u8(0x67).u16(*number);
        }
        Token::Argument(number) => {
            code.u8(0x73).u16(*number);
        }
        Token::Name(name) => {
            code.u8(0x69).u8(name.len() as u8).raw(name.as_bytes());
        }
        Token::Text(text) => {
            code.u8(0x6A).u8(text.len() as u8).raw(text.as_bytes());
        }
        Token::Number(number) => {
            code.u8(0x6C).raw(&number.to_le_bytes());
        }
    };
    [Token::Line, SUB, Token::Name("MAIN"), Token::Line].iter().for_each(&mut put);
    for line in lines {
        line.iter().chain([&Token::Line]).for_each(&mut put);
    }
    [END, SUB].iter().for_each(&mut put);
    code
}

/// A document of Word 6 with WordBasic macros: name, key, and code.
#[derive(Debug, Clone, Default)]
pub struct Word6 {
    /// Its text, 8 bits a character.
    pub text: Vec<u8>,
    /// Its macros.
    pub macros: Vec<(&'static str, u8, Vec<u8>)>,
    /// A metafile that its first character is.
    pub picture: Vec<u8>,
}

impl Word6 {
    /// The stream `WordDocument`.
    pub fn stream(&self) -> Vec<u8> {
        const HEAD: usize = 0x300;
        let mut word = Vec::new();
        word.u16(0xA5DC).u16(0x0065).u16(0).u16(0x0409).u16(0); // wIdent, nFib, nProduct, lid, pnNext
        word.u16(F_DOT).u16(0x0065).u32(0).u8(0).u8(0); // flags, nFibBack, lKey, envr
        word.u16(0).u16(0).u32(HEAD as u32).u32((HEAD + self.text.len()) as u32); // chse, fcMin, fcMac
        word.u32(0).zeros(16).u32(self.text.len() as u32); // cbMac, fcSpare, ccpText
        word.resize(HEAD, 0);
        word.raw(&self.text);
        let mut entries = Vec::new();
        let mut names = Vec::new();
        for (index, (name, key, code)) in self.macros.iter().enumerate() {
            let at = word.len() as u32;
            word.extend(code.iter().map(|byte| byte ^ key));
            entries.u8(0x55).u8(*key).u16(index as u16).u16(index as u16).u16(0xFFFF).u32(0);
            entries.u32(code.len() as u32).u32(0).u32(at);
            names.u16(index as u16).u8(name.len() as u8).raw(name.as_bytes()).u8(0);
        }
        let commands_at = word.len() as u32;
        let count = self.macros.len() as u16;
        word.u8(0xFF).u8(0x01).u16(count).raw(&entries); // nTcgVer, PlfMcd
        word.u8(0x11).u16(count).raw(&names).u8(0x40); // MacroNames, end
        let commands_len = word.len() as u32 - commands_at;
        word[0x118..0x11C].copy_from_slice(&commands_at.to_le_bytes()); // fcCmds
        word[0x11C..0x120].copy_from_slice(&commands_len.to_le_bytes());
        if !self.picture.is_empty() {
            self.put_picture(&mut word, HEAD as u32);
        }
        word
    }

    /// The picture, a page of formatting that says where it lies, and the table of that page.
    fn put_picture(&self, word: &mut Vec<u8>, text_at: u32) {
        const PIC_HEAD: u16 = 58;
        const MM_ANISOTROPIC: u16 = 8;
        let picture_at = word.len() as u32;
        word.u32(u32::from(PIC_HEAD) + self.picture.len() as u32).u16(PIC_HEAD).u16(MM_ANISOTROPIC);
        word.zeros(usize::from(PIC_HEAD) - 8).raw(&self.picture);
        word.resize(word.len().next_multiple_of(512), 0);
        let page = (word.len() / 512) as u16;
        let text_end = text_at + self.text.len() as u32;
        let mut formatting = Vec::new();
        formatting.u32(text_at).u32(text_end).u8(0x80); // rgfc, and the exception at twice 0x80
        formatting.resize(0x100, 0);
        formatting.u8(8).u8(117).u8(1).u8(68).u8(4).u32(picture_at); // cb, sprmCFSpec, sprmCPicLocation
        formatting.resize(511, 0);
        word.raw(&formatting).u8(1); // crun
        let table_at = word.len() as u32;
        word.u32(text_at).u32(text_end).u16(page);
        word[0xB8..0xBC].copy_from_slice(&table_at.to_le_bytes()); // fcPlcfbteChpx
        word[0xBC..0xC0].copy_from_slice(&10_u32.to_le_bytes());
    }

    /// A compound file of the document.
    pub fn file(&self) -> Vec<u8> {
        let mut entries = vec![Entry::stream("WordDocument", self.stream())];
        entries.extend(summaries("Note", "docsift"));
        compound_file(WORD_6, &entries)
    }
}
