//! WordBasic macros of Word 6 and 95: names from the command table, source from tokens.
//!
//! The table of commands is a list of structures behind a kind each ([MS-DOC] 2.9.320 Tcg and on, for
//! what later versions kept of it). A macro's code is tokens; `execute only` macros have each byte
//! XOR-ed with a key. Which token is which word is known from public tools, not from a specification: an
//! unknown one is shown by its number, and where the next token begins is then known all the same.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::collections::BTreeMap;
use std::ops::Range;

use super::DocError;
use super::tokens::{argument, command, keyword};
use crate::base::text::{CodePage, utf16le};
use crate::base::{Basis, Cx, Effect, EffectKind, LimitHit, Location, PartId, Reader, Short};

/// A macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Its name.
    pub name: String,
    /// The key that its code was XOR-ed with; 0 for none.
    pub key: u8,
    /// Where its code lies, from the start of the stream `WordDocument`.
    pub bytes: Range<u64>,
    /// Its source.
    pub source: String,
    /// Statements and functions that it uses, each with the first line that does, from 1.
    pub commands: Vec<(&'static str, u32)>,
    /// The part that its source is; the analyzer sets it.
    pub part: PartId,
}

impl Macro {
    /// Whether Word runs it without being asked: at start, on opening, closing or making a document.
    pub fn is_auto(&self) -> bool {
        ["AutoExec", "AutoOpen", "AutoClose", "AutoNew", "AutoExit"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&self.name))
    }

    /// Whether it stands in for a command of Word's menus, so that using the menu runs it.
    pub fn replaces_command(&self) -> bool {
        [
            "FileNew",
            "FileOpen",
            "FileClose",
            "FileSave",
            "FileSaveAs",
            "FileSaveAll",
            "FilePrint",
            "FilePrintDefault",
            "FileExit",
            "FileTemplates",
            "ToolsMacro",
            "ToolsCustomize",
            "Organizer",
        ]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&self.name))
    }

    /// The line on which it copies macros between documents and templates.
    pub fn copies_macros(&self) -> Option<u32> {
        self.line_of("MacroCopy").or_else(|| self.line_of("Organizer"))
    }

    /// The first line that uses a statement or function.
    pub fn line_of(&self, name: &str) -> Option<u32> {
        self.commands.iter().find(|(used, _)| *used == name).map(|(_, line)| *line)
    }

    /// The text of a line, from 1.
    pub fn line(&self, number: u32) -> &str {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        self.source.lines().nth(index).unwrap_or_default().trim()
    }
}

/// What macros would do, by the statements that say so.
pub fn effects(macros: &[Macro]) -> impl Iterator<Item = Effect> {
    const KINDS: &[(&str, EffectKind)] = &[
        ("Shell", EffectKind::Run),
        ("Kill", EffectKind::Delete),
        ("DDEExecute", EffectKind::Dde),
        ("DDEInitiate", EffectKind::Dde),
        ("MacroCopy", EffectKind::Persist),
        ("CopyFile", EffectKind::Write),
        ("Declare", EffectKind::Call),
        ("MsgBox", EffectKind::Alert),
    ];
    macros.iter().flat_map(|code| {
        KINDS.iter().filter_map(|(name, kind)| {
            let line = code.line_of(name)?;
            Some(Effect {
                kind: *kind,
                basis: Basis::SeenInText,
                text: code.line(line).to_owned(),
                condition: None,
                location: Location::line(code.part, line),
                detail: None,
            })
        })
    })
}

/// One entry of the list of macros.
struct Entry {
    key: u8,
    ibst: u16,
    upper: u16,
    len: u32,
    fc: u32,
}

/// Reads the macros that the command table `commands` lists; their code lies in `stream`.
pub(super) fn read(
    commands: &[u8],
    commands_at: u64,
    stream: &[u8],
    page: CodePage,
    is_old: bool,
    into: &mut Vec<Macro>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    if commands.len() < 2 {
        return Ok(());
    }
    let mut reader = Reader::at_offset(commands, commands_at);
    reader.skip(1)?; // nTcgVer
    let (mut entries, mut names, mut uppers) = (Vec::new(), BTreeMap::new(), Vec::new());
    let listed = list(&mut reader, is_old, page, &mut entries, &mut names, &mut uppers, cx);
    for entry in entries {
        // Later versions keep the list for what keys and menus start, and no code.
        if entry.len <= 2 || !is_old && entry.fc == 0 {
            continue;
        }
        let named = names.get(&entry.ibst).or_else(|| uppers.get(usize::from(entry.upper)));
        let name = named.cloned().unwrap_or_default();
        let start = usize::try_from(entry.fc).unwrap_or(usize::MAX);
        let rest = stream.get(start..).unwrap_or_default();
        let code = rest.get(..usize::try_from(entry.len).unwrap_or(usize::MAX)).unwrap_or(rest);
        let at = u64::from(entry.fc).min(stream.len() as u64);
        let bytes = at..at.saturating_add(code.len() as u64);
        if !is_old && !is_code(code, entry.key) {
            continue;
        }
        if code.len() as u64 != u64::from(entry.len) {
            let have = code.len();
            cx.abandoned(bytes.clone(), &format_args!("macro {name:?} of {} bytes, {have} there", entry.len));
        }
        cx.budget.step(1)?;
        cx.budget.touch(code.len().saturating_mul(8))?;
        cx.budget.hold(size_of::<Macro>())?;
        let mut found =
            Macro { name, key: entry.key, bytes, source: String::new(), commands: Vec::new(), part: cx.part };
        let result = source(code, entry.key, page, &mut found, cx);
        into.push(found);
        result?;
    }
    listed
}

/// Whether bytes begin as code does, and hold at least one line.
fn is_code(code: &[u8], key: u8) -> bool {
    let plain = |at: usize| code.get(at).map(|byte| byte ^ key);
    plain(1) == Some(0) && matches!(plain(2), Some(0x64 | 0x65)) && code.iter().any(|byte| byte ^ key == 0x64)
}

/// Walks the structures of the command table ([MS-DOC] 2.9.321 Tcg255).
fn list(
    reader: &mut Reader<'_>,
    is_old: bool,
    page: CodePage,
    entries: &mut Vec<Entry>,
    names: &mut BTreeMap<u16, String>,
    uppers: &mut Vec<String>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    let count = |reader: &mut Reader<'_>| -> Result<usize, Short> {
        if is_old {
            reader.u16().map(usize::from)
        } else {
            reader.u32().map(|count| usize::try_from(count).unwrap_or(usize::MAX))
        }
    };
    // Each turn takes at least a byte.
    while !reader.is_empty() {
        cx.budget.step(1)?;
        let at = reader.at();
        match reader.u8()? {
            // PlfMcd
            0x01 => {
                for _ in 0..count(reader)? {
                    cx.budget.step(1)?;
                    reader.skip(1)?;
                    let key = reader.u8()?;
                    let ibst = reader.u16()?;
                    let upper = reader.u16()?;
                    reader.skip(6)?;
                    let len = reader.u32()?;
                    reader.skip(4)?;
                    let fc = reader.u32()?;
                    cx.budget.hold(size_of::<Entry>())?;
                    entries.push(Entry { key, ibst, upper, len, fc });
                }
            }
            // PlfAcd, PlfKme and menus of Word 6: items of a fixed length.
            kind @ (0x02..=0x05) => {
                let item = match kind {
                    0x02 => 4,
                    0x05 => 12,
                    _ => 14,
                };
                let count = count(reader)?;
                reader.skip(count.saturating_mul(item))?;
            }
            // TcgSttbf: names in capitals.
            0x10 => capitals(reader, page, uppers, cx)?,
            // MacroNames
            0x11 => {
                for _ in 0..reader.u16()? {
                    cx.budget.step(1)?;
                    let ibst = reader.u16()?;
                    let name = if is_old {
                        let len = usize::from(reader.u8()?);
                        let name = page.decode(reader.take(len)?).text.into_owned();
                        reader.skip(1)?;
                        name
                    } else {
                        let len = usize::from(reader.u16()?);
                        let name = utf16le(reader.take(len.saturating_mul(2))?);
                        reader.skip(2)?;
                        name
                    };
                    cx.budget.hold(size_of::<(u16, String)>().saturating_add(name.len()))?;
                    names.entry(ibst).or_insert(name);
                }
            }
            // Toolbars come last, and the end mark.
            0x12 | 0x40 => break,
            kind => {
                cx.recovered(at, &format_args!("kind 0x{kind:02x} in the command table is not known"));
                break;
            }
        }
    }
    Ok(())
}

fn capitals(
    reader: &mut Reader<'_>,
    page: CodePage,
    into: &mut Vec<String>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    let first = reader.u16()?;
    let mut keep = |name: String, cx: &mut Cx<'_>| -> Result<(), LimitHit> {
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<String>().saturating_add(name.len()))?;
        into.push(name);
        Ok(())
    };
    if first == 0xFFFF {
        let count = reader.u16()?;
        let extra = usize::from(reader.u16()?);
        for _ in 0..count {
            let len = usize::from(reader.u16()?);
            let name = utf16le(reader.take(len.saturating_mul(2))?);
            reader.skip(extra)?;
            keep(name, cx)?;
        }
        return Ok(());
    }
    // The length counts itself.
    let mut body = reader.sub(usize::from(first).saturating_sub(2))?;
    while !body.is_empty() {
        let len = usize::from(body.u8()?);
        let name = page.decode(body.take(len)?).text.into_owned();
        body.skip(2)?;
        keep(name, cx)?;
    }
    Ok(())
}

/// What a token brings besides its kind.
enum Piece {
    /// A word that stands apart from its neighbours.
    Word(String),
    /// Text that is put as it is.
    Raw(String),
    /// The end of a line.
    Line,
    /// The end of a line, and a label or number at the start of the next.
    Label(String),
}

/// Blanks and tabs of one token that are shown.
const BLANKS: u8 = 64;

/// Writes the source of `code` into `into`. A token that is cut off ends it.
fn source(code: &[u8], key: u8, page: CodePage, into: &mut Macro, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let plain: Vec<u8> = code.iter().map(|byte| byte ^ key).collect();
    let mut reader = Reader::at_offset(&plain, into.bytes.start);
    // Two bytes of a version stand in front.
    let _ = reader.skip(2);
    let mut line = 1u32;
    let mut glued = true;
    while !reader.is_empty() {
        cx.budget.step(1)?;
        let at = reader.at();
        let piece = match token(&mut reader, page, into, line) {
            Ok(piece) => piece,
            Err(short) => {
                cx.abandoned(at..into.bytes.end.max(at), &short);
                break;
            }
        };
        let before = into.source.len();
        match piece {
            Piece::Word(word) => {
                let closes = matches!(word.as_str(), ")" | "," | ":" | ";");
                if !glued && !closes {
                    into.source.push(' ');
                }
                glued = matches!(word.as_str(), "(" | "#");
                into.source.push_str(&word);
            }
            Piece::Raw(text) => {
                into.source.push_str(&text);
                glued = text.ends_with([' ', '\t']);
            }
            Piece::Line => {
                into.source.push('\n');
                line = line.saturating_add(1);
                glued = true;
            }
            Piece::Label(label) => {
                if !into.source.is_empty() {
                    into.source.push('\n');
                    line = line.saturating_add(1);
                }
                into.source.push_str(&label);
                glued = false;
            }
        }
        cx.budget.hold(into.source.len().saturating_sub(before))?;
    }
    Ok(())
}

fn token(reader: &mut Reader<'_>, page: CodePage, into: &mut Macro, line: u32) -> Result<Piece, Short> {
    let kind = reader.u8()?;
    let text = |reader: &mut Reader<'_>| -> Result<String, Short> {
        let len = usize::from(reader.u8()?);
        Ok(page.decode(reader.take(len)?).text.into_owned())
    };
    Ok(match kind {
        0x64 => Piece::Line,
        0x65 => Piece::Label(text(reader)?),
        0x66 => Piece::Label(reader.u16()?.to_string()),
        0x67 => {
            let number = reader.u16()?;
            match command(number) {
                Some(name) => {
                    into.uses(name, line);
                    Piece::Word(name.to_owned())
                }
                None => Piece::Word(format!("Command_{number:04X}")),
            }
        }
        0x68 => Piece::Word(reader.f64()?.to_string()),
        0x69 | 0x6D | 0x77 => Piece::Word(text(reader)?),
        0x6A => Piece::Word(format!("\"{}\"", text(reader)?)),
        0x6B => Piece::Word(format!("'{}", text(reader)?)),
        0x6C => Piece::Word(reader.i16()?.to_string()),
        0x6E => Piece::Raw(" ".repeat(reader.u8()?.min(BLANKS).into())),
        0x6F => Piece::Raw("\t".repeat(reader.u8()?.min(BLANKS).into())),
        0x70 => Piece::Word(format!("REM{}", text(reader)?)),
        0x73 => {
            let number = reader.u16()?;
            match argument(number) {
                Some(name) => Piece::Word(format!(".{name}")),
                None => Piece::Word(format!(".Argument_{number:04X}")),
            }
        }
        0x76 => Piece::Word(format!(".{}", text(reader)?)),
        0x79 => {
            let len = usize::from(reader.u16()?);
            Piece::Word(format!("\"{}\"", utf16le(reader.take(len.saturating_mul(2))?)))
        }
        0x7C => {
            let len = usize::from(reader.u8()?);
            Piece::Word(format!("'{}", utf16le(reader.take(len.saturating_mul(2))?)))
        }
        0x51 => Piece::Raw(" ".to_owned()),
        0x52 => Piece::Raw("\t".to_owned()),
        kind => match keyword(kind) {
            Some(word) => {
                if word == "Declare" || word == "Open" {
                    into.uses(word, line);
                }
                Piece::Word(word.to_owned())
            }
            None => Piece::Word(format!("Token_{kind:02X}")),
        },
    })
}

impl Macro {
    fn uses(&mut self, name: &'static str, line: u32) {
        if self.line_of(name).is_none() {
            self.commands.push((name, line));
        }
    }
}
