//! Rich Text Format: text, fields, links, objects and pictures ([MSFT-RTF] 1.9.1).
//!
//! The reader takes what Word takes: any header that begins `{\rt`, groups that are never closed, control
//! words, groups, escapes and binary data amid the hexadecimal digits of an object, digits apart by
//! anything. Where Word's way is not sure (a digit before an escape), the data is kept both ways. What an
//! object's data holds is for others to read; here it is bytes.
//!
//! Groups nest to any depth: their formatting is kept for the first `DEEPEST` and counted beyond.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod destination;
mod hex;
mod lex;
mod model;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

pub use model::{RtfFile, RtfObject, RtfOddity, RtfOddityKind, RtfPicture};

use destination::{Destination, Info, destination};
use hex::Hex;
use lex::{Token, token};
use writer::Writer;

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Location, Reader};
use crate::containers::sniff::rtf_start;
use crate::documents::document::{DocumentKind, Field, HiddenText, TextPlace};
use crate::documents::field::{self, Ended, FieldStack};
use crate::documents::link::{Link, LinkKind};
use crate::documents::props::{MAX_PROPERTIES, PropertyText, PropertyValue};

/// Groups whose formatting is kept.
const DEEPEST: usize = 4096;
/// Objects within objects that are told apart.
const OBJECTS: usize = 64;
/// Fonts of a table that Word has room for: a signed 16-bit number counts them.
const FONTS: u32 = 0x7FF0;
/// Bytes of a name, path or property that are kept.
const LONGEST: usize = 64 << 10;
/// Oddities that are kept.
const ODDITIES: usize = 256;
/// Colours of a table that are looked at.
const COLOURS: usize = 1024;

/// A group, or what is set in it so far.
#[derive(Debug, Clone, Copy)]
struct Group {
    destination: Destination,
    /// Whether it set its destination, rather than inherit it.
    is_own: bool,
    /// Whether nothing stood in it yet.
    is_fresh: bool,
    /// Whether its first word may be unknown, and then hides the group: `\*`.
    is_optional: bool,
    /// Whether it is a field.
    is_field: bool,
    /// Bytes that stand for one character of `\u`.
    fallback: u16,
    /// The font, by its number; without one it is that of `\deff`.
    font: Option<i32>,
    vanish: bool,
    white: bool,
    tiny: bool,
    shaded: bool,
}

/// What the words of an `\object` group say.
#[derive(Debug, Clone, Default)]
struct Around {
    depth: u64,
    /// Number of objects that were there before.
    before: usize,
    class: String,
    is_updated: bool,
    is_linked: bool,
    is_html: bool,
}

/// Reads a whole file.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn read(file: &[u8], into: &mut RtfFile, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    into.document.part = cx.part;
    into.document.kind = DocumentKind::Rtf;
    let mut parser = Parser::new(into);
    parser.header(file, cx);
    let mut reader = Reader::new(file);
    let result = parser.all(&mut reader, cx);
    let result = result.and_then(|()| parser.close_all(reader.at(), cx));
    // What a limit left unfinished is kept as far as it goes.
    parser.writer.finish(&mut parser.into.document, cx).and(result)
}

struct Parser<'p> {
    into: &'p mut RtfFile,
    groups: Vec<Group>,
    /// Open groups beyond those kept.
    deeper: u64,
    now: Group,
    writer: Writer,
    fields: FieldStack,
    around: Vec<Around>,
    /// Data of the innermost object or picture, and where it begins.
    hex: Option<(Hex, u64)>,
    /// Data of the objects and pictures around it.
    outer: Vec<(Hex, u64)>,
    /// Text of the innermost name, path or property.
    name: String,
    /// Bytes of it that are not decoded yet.
    name_raw: Vec<u8>,
    name_at: u64,
    property: String,
    user_property: String,
    colours: Vec<bool>,
    colour: [u8; 3],
    fonts: u32,
    /// The font of the table that is being described.
    font: i32,
    /// The font of text that names none.
    default_font: i32,
    /// Code pages of the fonts that have one of their own.
    pages: BTreeMap<i32, CodePage>,
    /// Code page of the document.
    page: CodePage,
    /// Characters still to be left out behind `\u`.
    left_out: u16,
}

impl<'p> Parser<'p> {
    fn new(into: &'p mut RtfFile) -> Self {
        let now = Group {
            destination: Destination::Text(TextPlace::Body),
            is_own: false,
            is_fresh: false,
            is_optional: false,
            is_field: false,
            fallback: 1,
            font: None,
            vanish: false,
            white: false,
            tiny: false,
            shaded: false,
        };
        Parser {
            into,
            groups: Vec::new(),
            deeper: 0,
            now,
            writer: Writer::default(),
            fields: FieldStack::default(),
            around: Vec::new(),
            hex: None,
            outer: Vec::new(),
            name: String::new(),
            name_raw: Vec::new(),
            name_at: 0,
            property: String::new(),
            user_property: String::new(),
            colours: Vec::new(),
            colour: [0; 3],
            fonts: 0,
            font: 0,
            default_font: 0,
            pages: BTreeMap::new(),
            page: CodePage::WESTERN,
            left_out: 0,
        }
    }

    /// The first bytes: Word is content with `{\rt`.
    fn header(&mut self, file: &[u8], cx: &mut Cx<'_>) {
        let start = rtf_start(file).unwrap_or(0);
        let text = file.get(start..).unwrap_or_default();
        let start = start as u64;
        let sound =
            text.strip_prefix(b"{\\rtf1").is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_digit));
        if !sound || start > 0 {
            let shown = text.get(..16).unwrap_or(text);
            let shown = CodePage::WESTERN.decode(shown).text.into_owned();
            self.odd(RtfOddityKind::Header, 0..start.saturating_add(16).min(file.len() as u64), shown, cx);
        }
    }

    fn odd(&mut self, kind: RtfOddityKind, bytes: Range<u64>, text: String, cx: &Cx<'_>) {
        if self.into.oddities.len() < ODDITIES {
            let location = Location::bytes(cx.part, bytes);
            self.into.oddities.push(RtfOddity { location, kind, text });
        }
    }

    fn depth(&self) -> u64 {
        (self.groups.len() as u64).saturating_add(self.deeper)
    }

    fn all(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        loop {
            cx.budget.step(1)?;
            let at = reader.at();
            let Some(token) = token(reader) else { return Ok(()) };
            let end = reader.at();
            let is_fresh = std::mem::take(&mut self.now.is_fresh);
            cx.budget.touch(usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX))?;
            match token {
                Token::Open => self.open(at, cx),
                Token::Close => self.close(end, cx)?,
                Token::Word(b"bin", count) => {
                    let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0);
                    let data = reader.take_up_to(count);
                    cx.budget.touch(data.len())?;
                    self.binary(data, at, cx)?;
                }
                Token::Word(word, number) => self.word(word, number, at..end, cx)?,
                // Anywhere else it says nothing.
                Token::Symbol(b'*') if is_fresh => self.now.is_optional = true,
                Token::Symbol(symbol) => self.symbol(symbol, at..end, cx)?,
                Token::Escape(byte) => self.escape(byte, at..end, cx)?,
                Token::Text(text) => self.text(text, at..end, cx)?,
            }
        }
    }

    fn open(&mut self, at: u64, cx: &mut Cx<'_>) {
        self.left_out = 0;
        self.disguise(at, "{", cx);
        if self.groups.len() >= DEEPEST {
            self.deeper = self.deeper.saturating_add(1);
            return;
        }
        self.groups.push(self.now);
        self.now = Group { is_own: false, is_fresh: true, is_optional: false, is_field: false, ..self.now };
    }

    fn close(&mut self, end: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.left_out = 0;
        if self.deeper > 0 {
            self.deeper = self.deeper.saturating_sub(1);
            return Ok(());
        }
        let Some(before) = self.groups.pop() else { return Ok(()) };
        let closed = std::mem::replace(&mut self.now, before);
        if closed.is_own {
            self.finish(closed.destination, end, cx)?;
        }
        if closed.is_field
            && let Some(ended) = self.fields.end(end)
        {
            self.field(ended, cx)?;
        }
        let depth = self.depth();
        while self.around.last().is_some_and(|around| around.depth > depth) {
            let Some(around) = self.around.pop() else { break };
            self.leave_object(&around);
        }
        if self.groups.is_empty() && self.into.end.is_none() {
            self.into.end = Some(end);
        }
        Ok(())
    }

    /// Words of an object group may stand behind its data.
    fn leave_object(&mut self, around: &Around) {
        for object in self.into.objects.iter_mut().skip(around.before) {
            object.is_updated |= around.is_updated;
            object.is_linked |= around.is_linked;
            object.is_html |= around.is_html;
            if object.class.is_empty() {
                object.class.clone_from(&around.class);
            }
        }
    }

    fn close_all(&mut self, end: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        while !self.groups.is_empty() {
            cx.budget.step(1)?;
            self.deeper = 0;
            self.close(end, cx)?;
        }
        Ok(())
    }

    /// Notes what stands amid the digits of an object and is none.
    fn disguise(&mut self, at: u64, text: &str, cx: &Cx<'_>) {
        let part_of_data = matches!(self.now.destination, Destination::Data);
        let Some((hex, _)) = self.hex.as_mut().filter(|_| part_of_data) else { return };
        if hex.has_begun() && !hex.is_disguised {
            hex.is_disguised = true;
            self.odd(RtfOddityKind::DisguisedData, at..at.saturating_add(1), text.to_owned(), cx);
        }
    }

    fn word(
        &mut self,
        word: &[u8],
        number: Option<i32>,
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let is_optional = std::mem::take(&mut self.now.is_optional);
        if matches!(self.now.destination, Destination::Data) {
            let shown = CodePage::WESTERN.decode(word).text.into_owned();
            self.disguise(bytes.start, &format!("\\{shown}"), cx);
        }
        // Not all words end a run of bytes, but no character is spread over one.
        self.writer.decode();
        if let Some(destination) = destination(word) {
            return self.begin(destination, bytes, cx);
        }
        let on = number != Some(0);
        let count = number.unwrap_or(0);
        match word {
            b"object" => self.enter_object(),
            b"objupdate" => self.set_around(|around| around.is_updated = true),
            b"objlink" | b"objautlink" => self.set_around(|around| around.is_linked = true),
            b"objhtml" => self.set_around(|around| around.is_html = true),
            b"field" => {
                self.fields.begin(bytes.start);
                self.now.is_field = true;
            }
            b"fldinst" => self.instruction(bytes.start),
            b"fldrslt" => self.fields.separate(),
            // What these hold is read, although they may be unknown.
            b"shpinst" | b"shppict" | b"nonshppict" | b"background" | b"do" | b"hl" | b"picprop" => {}
            b"ansicpg" => self.page = CodePage::resolve(u16::try_from(count).unwrap_or(1252)).0,
            b"mac" => self.page = CodePage::resolve(10000).0,
            b"pc" => self.page = CodePage::resolve(437).0,
            b"pca" => self.page = CodePage::resolve(850).0,
            b"deff" => self.default_font = count,
            b"uc" => self.now.fallback = u16::try_from(count.clamp(0, 64)).unwrap_or(1),
            b"u" => self.unicode(count, bytes, cx)?,
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.char('\n', bytes, cx)?,
            b"tab" | b"cell" => self.char('\t', bytes, cx)?,
            b"lquote" => self.char('\u{2018}', bytes, cx)?,
            b"rquote" => self.char('\u{2019}', bytes, cx)?,
            b"ldblquote" => self.char('\u{201C}', bytes, cx)?,
            b"rdblquote" => self.char('\u{201D}', bytes, cx)?,
            b"endash" => self.char('\u{2013}', bytes, cx)?,
            b"emdash" => self.char('\u{2014}', bytes, cx)?,
            b"bullet" => self.char('\u{2022}', bytes, cx)?,
            b"v" => self.now.vanish = on,
            b"cf" => {
                let index = usize::try_from(count).unwrap_or(usize::MAX);
                self.now.white = self.colours.get(index).copied().unwrap_or(false);
            }
            b"fs" => self.now.tiny = (1..=6).contains(&count),
            b"highlight" | b"chcbpat" | b"cb" => self.now.shaded = count > 0,
            b"plain" => {
                (self.now.vanish, self.now.white) = (false, false);
                (self.now.tiny, self.now.shaded) = (false, false);
                self.now.font = None;
            }
            b"red" | b"green" | b"blue" => {
                let value = u8::try_from(count.clamp(0, 255)).unwrap_or(0);
                let [red, green, blue] = &mut self.colour;
                match word {
                    b"red" => *red = value,
                    b"green" => *green = value,
                    _ => *blue = value,
                }
            }
            b"f" if self.now.destination == Destination::Fonts => {
                self.font = count;
                self.fonts = self.fonts.saturating_add(1);
                if self.fonts == FONTS {
                    self.odd(RtfOddityKind::FontTable, bytes, format!("{FONTS} fonts and more"), cx);
                }
            }
            b"f" => self.now.font = Some(count),
            b"fcharset" if self.now.destination == Destination::Fonts => {
                self.font_page(u8::try_from(count).ok().and_then(CodePage::of_charset), cx)?;
            }
            b"cpg" if self.now.destination == Destination::Fonts => {
                self.font_page(u16::try_from(count).ok().map(|id| CodePage::resolve(id).0), cx)?;
            }
            // The format has 0, 1 and 9.
            b"listoverridecount" if !matches!(count, 0 | 1 | 9) => {
                self.odd(RtfOddityKind::ListOverrideCount, bytes, format!("\\listoverridecount{count}"), cx);
            }
            _ if is_optional => {
                self.now.destination = Destination::Skipped;
                self.now.is_own = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// The font that is being described has a code page of its own.
    fn font_page(&mut self, page: Option<CodePage>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(page) = page else { return Ok(()) };
        cx.budget.hold(size_of::<(i32, CodePage)>())?;
        self.pages.insert(self.font, page);
        Ok(())
    }

    /// The code page of 8-bit text here: the font's, or the document's.
    fn text_page(&self) -> CodePage {
        let font = self.now.font.unwrap_or(self.default_font);
        self.pages.get(&font).copied().unwrap_or(self.page)
    }

    fn enter_object(&mut self) {
        if self.around.len() < OBJECTS {
            let (depth, before) = (self.depth(), self.into.objects.len());
            self.around.push(Around { depth, before, ..Around::default() });
        }
    }

    /// An instruction makes a field of its group when there is none around it.
    fn instruction(&mut self, at: u64) {
        if !self.fields.is_open() {
            self.fields.begin(at);
            self.now.is_field = true;
        }
    }

    fn set_around(&mut self, set: impl FnOnce(&mut Around)) {
        if let Some(around) = self.around.last_mut() {
            set(around);
        }
    }

    /// A word that says where the text of its group goes.
    fn begin(
        &mut self,
        destination: Destination,
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if self.now.is_own && self.now.destination != Destination::Skipped {
            let before = self.now.destination;
            self.finish(before, bytes.start, cx)?;
        }
        match destination {
            Destination::Data | Destination::Store | Destination::Picture => {
                if self.outer.len() >= OBJECTS {
                    self.now.destination = Destination::Skipped;
                    self.now.is_own = true;
                    return Ok(());
                }
                self.outer.extend(self.hex.replace((Hex::default(), bytes.start)));
            }
            Destination::Template
            | Destination::Class
            | Destination::PropertyName
            | Destination::PropertyValue
            | Destination::LinkSource
            | Destination::Info(_) => {
                self.name.clear();
                self.name_raw.clear();
                self.name_at = bytes.start;
            }
            _ => {}
        }
        self.now.destination = destination;
        self.now.is_own = true;
        Ok(())
    }

    /// The group of a destination ends.
    fn finish(&mut self, destination: Destination, end: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match destination {
            Destination::Text(_) => self.writer.decode(),
            Destination::Data | Destination::Store | Destination::Picture => {
                let outer = self.outer.pop();
                let Some((hex, at)) = std::mem::replace(&mut self.hex, outer) else { return Ok(()) };
                let (data, other_data) = hex.into_data();
                if data.is_empty() {
                    return Ok(());
                }
                let bytes = at..end.max(at);
                if destination == Destination::Picture {
                    self.into.pictures.push(RtfPicture { bytes, data });
                    return Ok(());
                }
                let around = self.around.last().cloned().unwrap_or_default();
                self.into.objects.push(RtfObject {
                    bytes,
                    class: around.class,
                    is_updated: around.is_updated,
                    is_linked: around.is_linked,
                    is_html: around.is_html,
                    is_store: destination == Destination::Store,
                    data,
                    other_data,
                });
            }
            Destination::Class => {
                let class = self.named();
                self.set_around(|around| around.class = class);
            }
            Destination::Template => {
                let target = self.named();
                self.link(LinkKind::AttachedTemplate, target, true, end, cx)?;
            }
            Destination::LinkSource => {
                let target = self.named();
                self.link(LinkKind::Hyperlink, target, false, end, cx)?;
            }
            Destination::Info(info) => self.info(info, end, cx)?,
            Destination::PropertyName => self.property = self.named(),
            Destination::PropertyValue => self.value(end, cx)?,
            _ => {}
        }
        Ok(())
    }

    /// The text of a name, path or property.
    fn named(&mut self) -> String {
        self.decode_name();
        std::mem::take(&mut self.name).trim().to_owned()
    }

    fn decode_name(&mut self) {
        if !self.name_raw.is_empty() {
            let raw = std::mem::take(&mut self.name_raw);
            self.name.push_str(&self.page.decode(&raw).text);
        }
    }

    /// A property of the document; what is stated again is kept beside the first.
    fn info(&mut self, info: Info, end: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let text = self.named();
        if text.is_empty() {
            return Ok(());
        }
        cx.budget.hold(size_of::<PropertyText>().saturating_add(text.len()))?;
        let location = Location::bytes(cx.part, self.name_at..end.max(self.name_at));
        let text = PropertyText { text, location };
        let properties = &mut self.into.properties;
        let (slot, name) = match info {
            Info::Title => (&mut properties.title, "title"),
            Info::Subject => (&mut properties.subject, "subject"),
            Info::Author => (&mut properties.author, "author"),
            Info::LastAuthor => (&mut properties.last_author, "operator"),
            Info::Keywords => (&mut properties.keywords, "keywords"),
            Info::Comments => (&mut properties.comments, "comments"),
            Info::Manager => (&mut properties.manager, "manager"),
            Info::Company => (&mut properties.company, "company"),
            Info::Category => (&mut properties.category, "category"),
            Info::HyperlinkBase => (&mut properties.hyperlink_base, "hlinkbase"),
            Info::Name => {
                self.user_property = text.text;
                return Ok(());
            }
            Info::Value | Info::Place => {
                let name = std::mem::take(&mut self.user_property);
                if properties.custom.len() < MAX_PROPERTIES {
                    properties.custom.push((name, PropertyValue::Text(text)));
                }
                return Ok(());
            }
        };
        match slot {
            None => *slot = Some(text),
            Some(_) if properties.custom.len() < MAX_PROPERTIES => {
                properties.custom.push((name.to_owned(), PropertyValue::Text(text)));
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The value of a property of a shape.
    fn value(&mut self, end: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let value = self.named();
        let at = self.name_at;
        if self.property.eq_ignore_ascii_case("pFragments") {
            // Number of elements, bytes of each, and the elements as hexadecimal digits.
            let mut parts = value.splitn(3, ';');
            let mut count = || parts.next().and_then(|part| part.trim().parse::<u64>().ok()).unwrap_or(0);
            let room = count().saturating_mul(count()).saturating_mul(2);
            let digits = parts.next().unwrap_or_default().len() as u64;
            if digits > room {
                let text = format!("pFragments states {} bytes and has {}", room / 2, digits / 2);
                self.odd(RtfOddityKind::Fragments, at..end, text, cx);
            }
        } else if self.property == "pibName" && value.contains([':', '\\', '/']) {
            self.link(LinkKind::Image, value, true, end, cx)?;
        } else if matches!(self.property.as_str(), "wzDescription" | "gtextUNICODE") {
            // Letters of an ornament are seen; what describes a picture may be.
            let is_seen = self.property == "gtextUNICODE";
            let place = if is_seen { TextPlace::TextBox } else { TextPlace::AltText };
            self.writer.place(&mut self.into.document, place, None, at, cx)?;
            self.writer.push(&value, at..end);
            self.writer.flush(&mut self.into.document, cx)?;
        }
        Ok(())
    }

    fn link(
        &mut self,
        kind: LinkKind,
        target: String,
        automatic: bool,
        end: u64,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if target.is_empty() {
            return Ok(());
        }
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let location = Location::bytes(cx.part, self.name_at..end.max(self.name_at));
        self.into.links.push(Link { kind, target, automatic, location });
        Ok(())
    }

    fn field(&mut self, ended: Ended, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let instruction = ended.instruction.trim();
        if instruction.is_empty() {
            return Ok(());
        }
        cx.budget.touch(instruction.len())?;
        cx.budget.hold(size_of::<Field>().saturating_add(instruction.len()))?;
        let location = Location::bytes(cx.part, ended.bytes);
        if let Some((kind, target, automatic)) = field::target(instruction) {
            cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
            self.into.links.push(Link { kind, target, automatic, location: location.clone() });
        }
        self.into.document.fields.push(Field { instruction: instruction.to_owned(), location });
        Ok(())
    }

    fn binary(&mut self, data: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.disguise(at, "\\bin", cx);
        match self.now.destination {
            Destination::Data | Destination::Store | Destination::Picture => {
                if let Some((hex, _)) = &mut self.hex {
                    cx.budget.own(data.len() as u64)?;
                    hex.binary(data);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn symbol(&mut self, symbol: u8, bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match symbol {
            b'{' | b'}' | b'\\' => self.text(&[symbol], bytes, cx)?,
            b'~' => self.char('\u{A0}', bytes, cx)?,
            b'_' => self.char('-', bytes, cx)?,
            b'\r' | b'\n' => self.char('\n', bytes, cx)?,
            _ => {
                if self.now.destination == Destination::Data {
                    self.disguise(bytes.start, &format!("\\{}", char::from(symbol)), cx);
                }
            }
        }
        Ok(())
    }

    fn escape(&mut self, byte: Option<u8>, bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match self.now.destination {
            Destination::Data | Destination::Store | Destination::Picture => {
                self.disguise(bytes.start, "\\'", cx);
                if let Some((hex, _)) = &mut self.hex {
                    cx.budget.own(hex.escape_cost())?;
                    hex.escape();
                }
                Ok(())
            }
            _ => match byte {
                Some(byte) => self.text(&[byte], bytes, cx),
                None => Ok(()),
            },
        }
    }

    /// `\u`: a UTF-16 unit, and how many characters behind it are for readers that know it not.
    fn unicode(&mut self, number: i32, bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let unit = u16::try_from(number & 0xFFFF).unwrap_or(0);
        self.left_out = 0;
        if let Some(char) = self.writer.unit(unit) {
            self.char(char, bytes, cx)?;
        }
        self.left_out = self.now.fallback;
        Ok(())
    }

    fn text(&mut self, text: &[u8], bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let out = usize::from(self.left_out).min(text.len());
        self.left_out = self.left_out.saturating_sub(u16::try_from(out).unwrap_or(u16::MAX));
        let text = text.get(out..).unwrap_or_default();
        match self.now.destination {
            Destination::Text(place) => {
                if self.fields.takes() {
                    let decoded = self.text_page().decode(text).text;
                    self.fields.push_str(&decoded);
                    return Ok(());
                }
                let hidden = self.hidden();
                self.writer.place(&mut self.into.document, place, hidden, bytes.start, cx)?;
                let page = self.text_page();
                self.writer.bytes(text, page, bytes);
            }
            Destination::Data | Destination::Store | Destination::Picture => {
                if let Some((hex, _)) = &mut self.hex {
                    cx.budget.own((text.len() as u64).div_ceil(2))?;
                    hex.text(text);
                }
            }
            Destination::Template
            | Destination::Class
            | Destination::PropertyName
            | Destination::PropertyValue
            | Destination::LinkSource
            | Destination::Info(_) => {
                let taken = self.name.len().saturating_add(self.name_raw.len());
                let room = LONGEST.saturating_sub(taken);
                self.name_raw.extend_from_slice(text.get(..room.min(text.len())).unwrap_or_default());
            }
            Destination::Colours => {
                for _ in text.iter().filter(|byte| **byte == b';') {
                    let white = self.colour.iter().all(|part| *part >= 0xFB);
                    if self.colours.len() < COLOURS {
                        self.colours.push(white);
                    }
                    self.colour = [0; 3];
                }
            }
            Destination::Skipped | Destination::Fonts | Destination::ListOverrides => {}
        }
        Ok(())
    }

    fn char(&mut self, char: char, bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if self.left_out > 0 {
            self.left_out = self.left_out.saturating_sub(1);
            return Ok(());
        }
        match self.now.destination {
            Destination::Text(place) => {
                if self.fields.takes() {
                    self.fields.push(char);
                    return Ok(());
                }
                let hidden = self.hidden();
                self.writer.place(&mut self.into.document, place, hidden, bytes.start, cx)?;
                let mut buffer = [0; 4];
                self.writer.push(char.encode_utf8(&mut buffer), bytes);
                if char == '\n' && self.writer.is_long() {
                    self.writer.flush(&mut self.into.document, cx)?;
                }
            }
            Destination::Template
            | Destination::Class
            | Destination::PropertyName
            | Destination::PropertyValue
            | Destination::LinkSource
            | Destination::Info(_) => {
                self.decode_name();
                if self.name.len() < LONGEST {
                    self.name.push(char);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hidden(&self) -> Option<HiddenText> {
        if self.now.vanish {
            Some(HiddenText::Vanish)
        } else if self.now.tiny {
            Some(HiddenText::Tiny)
        } else {
            (self.now.white && !self.now.shaded).then_some(HiddenText::White)
        }
    }
}
