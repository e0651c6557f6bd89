//! A workbook stream: globals, sheets, records with the fields of their kind, and formulas of whole
//! tokens ([MS-XLS] 2.4, 2.5.198).

use docsift_corpus::biff::{Biff, consts};
use docsift_corpus::bytes::Put;

use super::Choices;

/// Records of the globals and of sheets, that are filled with bytes as they come.
const PLAIN: [u16; 44] = [
    consts::EXTERN_COUNT,
    consts::EXTERN_SHEET,
    consts::EXTERN_NAME,
    consts::SUP_BOOK,
    consts::FONT,
    consts::FORMAT,
    consts::XF,
    consts::STYLE,
    consts::CODE_PAGE,
    consts::WRITE_ACCESS,
    consts::DATE1904,
    consts::PROTECT,
    consts::PASSWORD,
    consts::HEADER,
    consts::FOOTER,
    consts::NOTE,
    consts::SELECTION,
    consts::WINDOW1,
    consts::WINDOW2,
    consts::DCONN,
    consts::DCONREF,
    consts::DEF_COL_WIDTH,
    consts::OBJ,
    consts::TXO,
    consts::COL_INFO,
    consts::WS_BOOL,
    consts::MUL_RK,
    consts::MUL_BLANK,
    consts::RSTRING,
    consts::DB_QUERY,
    consts::MSO_DRAWING_GROUP,
    consts::MSO_DRAWING,
    consts::SST,
    consts::LABEL_SST,
    consts::QSI,
    consts::DV_AL,
    consts::DV,
    consts::HLINK,
    consts::BLANK,
    consts::NUMBER,
    consts::BOOL_ERR,
    consts::ROW,
    consts::RK,
    consts::CONTINUE,
];

/// The codes of tokens and how many bytes follow each in BIFF8. Texts and functions are made apart.
const TOKENS: [(u8, usize); 33] = [
    (0x01, 4),
    (0x02, 4),
    (0x03, 0),
    (0x04, 0),
    (0x05, 0),
    (0x06, 0),
    (0x07, 0),
    (0x08, 0),
    (0x09, 0),
    (0x0A, 0),
    (0x0B, 0),
    (0x0F, 0),
    (0x10, 0),
    (0x11, 0),
    (0x12, 0),
    (0x13, 0),
    (0x14, 0),
    (0x15, 0),
    (0x16, 0),
    (0x1C, 1),
    (0x1D, 1),
    (0x1E, 2),
    (0x1F, 8),
    (0x20, 7),
    (0x23, 4),
    (0x24, 4),
    (0x25, 8),
    (0x26, 6),
    (0x29, 2),
    (0x2C, 4),
    (0x39, 6),
    (0x3A, 6),
    (0x3B, 10),
];

const TEXTS: [&str; 8] =
    ["Auto_Open", "http://a.invalid/b", "cmd /c x", "=HALT()", "Macro1", "A", "URLDownloadToFileA", ""];

pub(super) fn stream(choices: &mut Choices<'_>) -> Vec<u8> {
    let version = if choices.one_in(4) { Biff::V5 } else { Biff::V8 };
    let sheet_count = 1 + choices.below(4);
    let mut out = Vec::new();
    bof(&mut out, version, consts::DT_GLOBALS);
    let mut offsets_at = Vec::new();
    for index in 0..sheet_count {
        let mut body = Vec::new();
        body.u32(0).u8(choices.byte() % 4).u8(choices.pick(&[0, 1, 1, 2, 6]));
        short_text(&mut body, version, &format!("S{index}"));
        record(&mut out, consts::BOUND_SHEET, &body);
        offsets_at.push(out.len() - body.len());
    }
    records(&mut out, choices, version, 24);
    for _ in 0..choices.below(4) {
        name(&mut out, choices, version);
    }
    record(&mut out, consts::EOF, &[]);
    for at in offsets_at {
        // One in sixteen sheets lies somewhere else than the list says.
        let offset = if choices.one_in(16) { choices.number() } else { out.len() as u32 };
        out[at..at + 4].copy_from_slice(&offset.to_le_bytes());
        let kind = choices.pick(&[consts::DT_MACRO, consts::DT_MACRO, consts::DT_SHEET, consts::DT_CHART]);
        bof(&mut out, version, kind);
        records(&mut out, choices, version, 64);
        if !choices.one_in(8) {
            record(&mut out, consts::EOF, &[]);
        }
    }
    out
}

fn record(out: &mut Vec<u8>, id: u16, body: &[u8]) {
    out.u16(id).u16(u16::try_from(body.len()).unwrap_or(u16::MAX)).raw(body);
}

fn bof(out: &mut Vec<u8>, version: Biff, kind: u16) {
    let mut body = Vec::new();
    body.u16(if version == Biff::V8 { 0x0600 } else { 0x0500 }).u16(kind).u16(0x0DBB).u16(0x07CC);
    if version == Biff::V8 {
        body.u32(0).u32(6);
    }
    record(out, consts::BOF, &body);
}

/// A length of one byte and characters; in BIFF8 with the flag of one byte a character.
fn short_text(body: &mut Vec<u8>, version: Biff, text: &str) {
    let text = &text.as_bytes()[..text.len().min(255)];
    body.u8(text.len() as u8);
    if version == Biff::V8 {
        body.u8(0);
    }
    body.raw(text);
}

fn records(out: &mut Vec<u8>, choices: &mut Choices<'_>, version: Biff, most: usize) {
    for _ in 0..most {
        if choices.is_over() {
            return;
        }
        let mut body = Vec::new();
        match choices.byte() % 16 {
            0..=5 => {
                cell(&mut body, choices);
                body.raw(&[0, 0, 0, 0, 0, 0, 0, 0]).u16(choices.u16() & 0x000B).u32(0);
                formula(&mut body, choices, version);
                record(out, consts::FORMULA, &body);
            }
            6 => {
                cell(&mut body, choices);
                let text = choices.text(&TEXTS);
                body.u16(text.len() as u16);
                if version == Biff::V8 {
                    body.u8(0);
                }
                body.raw(text.as_bytes());
                record(out, consts::LABEL, &body);
            }
            7 => {
                let text = choices.text(&TEXTS);
                body.u16(text.len() as u16);
                if version == Biff::V8 {
                    body.u8(0);
                }
                body.raw(text.as_bytes());
                record(out, consts::STRING, &body);
            }
            8 => {
                let (row, column) = (u16::from(choices.byte()), choices.byte());
                body.u16(row).u16(row + u16::from(choices.byte())).u8(column).u8(column.max(choices.byte()));
                if choices.one_in(2) {
                    body.u16(0);
                    formula(&mut body, choices, version);
                    record(out, consts::SHR_FMLA, &body);
                } else {
                    body.u16(0).u32(0);
                    formula(&mut body, choices, version);
                    record(out, consts::ARRAY, &body);
                }
            }
            9 => name(out, choices, version),
            10 => strings(out, choices),
            // A header, with the length that it says or another one.
            11 => {
                let id = choices.u16();
                let bytes = choices.bytes(32);
                out.u16(id).u16(choices.u16() % 9000).raw(bytes);
            }
            _ => {
                let id = choices.pick(&PLAIN);
                record(out, id, choices.bytes(96));
            }
        }
    }
}

fn cell(body: &mut Vec<u8>, choices: &mut Choices<'_>) {
    body.u16(u16::from(choices.byte() % 64)).u16(u16::from(choices.byte() % 8)).u16(15);
}

fn formula(body: &mut Vec<u8>, choices: &mut Choices<'_>, version: Biff) {
    let tokens = tokens(choices, version);
    let said = if choices.one_in(16) { choices.number() as u16 } else { tokens.len() as u16 };
    body.u16(said).raw(&tokens).raw(if choices.one_in(8) { choices.bytes(32) } else { &[] });
}

fn tokens(choices: &mut Choices<'_>, version: Biff) -> Vec<u8> {
    let mut tokens = Vec::new();
    for _ in 0..choices.below(24) {
        match choices.byte() % 8 {
            0..=1 => {
                tokens.u8(0x17);
                let text = choices.text(&TEXTS);
                short_text(&mut tokens, version, &text);
            }
            2 => {
                tokens.u8(0x42).u8(choices.byte() % 6).u16(choices.u16() & 0x83FF);
            }
            3 => {
                tokens.u8(0x41).u16(choices.u16() % 400);
            }
            // PtgAttr: its bits, and for a choice its table of jumps.
            4 => {
                let (bits, word) = (choices.byte(), choices.u16() % 64);
                tokens.u8(0x19).u8(bits).u16(word);
                if bits & 4 != 0 {
                    tokens.zeros(2 * (usize::from(word) + 1));
                }
            }
            _ => {
                let (code, len) = choices.pick(&TOKENS);
                let class = if code >= 0x20 { choices.byte() % 3 * 0x20 } else { 0 };
                tokens.u8(code + class);
                for _ in 0..len {
                    tokens.u8(choices.byte() % 32);
                }
            }
        }
    }
    tokens
}

/// A defined name with a formula ([MS-XLS] 2.4.150).
fn name(out: &mut Vec<u8>, choices: &mut Choices<'_>, version: Biff) {
    let builtin = choices.one_in(2);
    let text = if builtin { "\u{1}".to_owned() } else { choices.text(&TEXTS) };
    let text = &text.as_bytes()[..text.len().min(255)];
    let tokens = tokens(choices, version);
    let mut body = Vec::new();
    body.u16(u16::from(choices.byte() % 4) | if builtin { 0x20 } else { 0 }).u8(0).u8(text.len() as u8);
    body.u16(tokens.len() as u16).u16(0).u16(u16::from(choices.byte() % 4)).u32(0);
    if version == Biff::V8 {
        body.u8(0);
    }
    body.raw(text).raw(&tokens);
    record(out, consts::LBL, &body);
}

/// A table of strings in one record or in many, cut anywhere ([MS-XLS] 2.4.265).
fn strings(out: &mut Vec<u8>, choices: &mut Choices<'_>) {
    let mut body = Vec::new();
    let count = choices.below(12) as u32;
    let said = if choices.one_in(8) { choices.number() } else { count };
    body.u32(said).u32(said);
    for _ in 0..count {
        let text = choices.text(&TEXTS);
        let flags = choices.pick(&[0, 0, 1, 4, 8, 12]);
        body.u16(text.len() as u16).u8(flags);
        if flags & 8 != 0 {
            body.u16(u16::from(choices.byte()));
        }
        if flags & 4 != 0 {
            body.u32(choices.number());
        }
        if flags & 1 != 0 {
            body.utf16(&text)
        } else {
            body.raw(text.as_bytes())
        };
    }
    let mut id = consts::SST;
    let mut rest = &body[..];
    loop {
        let cut = if choices.one_in(3) { choices.below(64) + 1 } else { rest.len() }.min(rest.len());
        record(out, id, &rest[..cut]);
        (id, rest) = (consts::CONTINUE, &rest[cut..]);
        if rest.is_empty() {
            return;
        }
    }
}
