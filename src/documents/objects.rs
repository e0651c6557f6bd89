//! Embedded objects and controls: what class they are, what they carry, what they show.
//!
//! Layouts: [MS-OLEDS] 2.3.6 (native data), 2.3.8 (`\1CompObj`), [MS-XLS] 2.1.7.2 (`Ctls`). The body
//! of a package is in no specification; it is read as public tools describe it.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::fmt;
use std::ops::Range;

use super::classes;
use crate::base::text::{CodePage, latin1, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// An embedded object, link, packaged file or control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Where it stands.
    pub location: Location,
    /// What it is.
    pub kind: ObjectKind,
    /// Its class.
    pub class: Option<Clsid>,
    /// Its class in words: program identifier, or the name of a known class.
    pub class_name: String,
    /// File name that a package shows.
    pub label: String,
    /// Path that a package came from.
    pub path: String,
    /// Paths under which a package writes its file to run it: in one byte a character, then in UTF-16. The program
    /// that opens packages takes the last, and neither label nor path.
    pub written_as: Vec<String>,
    /// Texts found in it.
    pub texts: Vec<String>,
    /// Bytes of a packaged file in the stream.
    pub payload: Option<Range<u64>>,
    /// Bytes that a block in the state of a control states, when they are more than its reader has room for.
    pub overlong_block: Option<u32>,
}

/// Kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// An object of another program.
    Embedded,
    /// A file in a package.
    Package,
    /// An ActiveX control.
    Control,
    /// A moniker of a linked object: where it leads is its path.
    Link,
}

impl Object {
    /// An object of which only the place is known.
    pub fn at(location: Location, kind: ObjectKind) -> Self {
        Object {
            location,
            kind,
            class: None,
            class_name: String::new(),
            label: String::new(),
            path: String::new(),
            written_as: Vec::new(),
            texts: Vec::new(),
            payload: None,
            overlong_block: None,
        }
    }

    /// The name of the packaged file: what it is written as, or the label.
    pub fn file_name(&self) -> Option<&str> {
        let written =
            self.written_as.iter().rev().map(|path| path.rsplit(['\\', '/']).next().unwrap_or(path));
        written.chain([self.label.as_str()]).find(|name| !name.is_empty())
    }
}

/// A class identifier, in the order of its bytes in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clsid(pub [u8; 16]);

impl fmt::Display for Clsid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reader = Reader::new(&self.0);
        let mut head =
            || -> Result<(u32, u16, u16), Short> { Ok((reader.u32()?, reader.u16()?, reader.u16()?)) };
        let (first, second, third) = head().unwrap_or_default();
        write!(f, "{first:08X}-{second:04X}-{third:04X}-")?;
        for (index, byte) in reader.rest().iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 2 { "-" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Clsid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Clsid {
    /// Whether it is all zero, which means none.
    pub fn is_nil(self) -> bool {
        self.0 == [0; 16]
    }

    /// The name of a class that exploits or carries files, when it is one of those.
    pub fn known_name(self) -> Option<&'static str> {
        classes::name(&self.to_string())
    }
}

/// Reads `\1Ole10Native` into `into`: the label, path and place of a packaged file, or just the
/// place of native data.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn native(stream: &[u8], page: CodePage, into: &mut Object, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.step(1)?;
    let mut reader = Reader::new(stream);
    if let Err(short) = reader.skip(4) {
        cx.abandoned(0..stream.len() as u64, &short);
        return Ok(());
    }
    let body = reader.at()..stream.len() as u64;
    if reader.peek_u16() == Some(2) {
        match package(&mut reader, page) {
            Ok(package) => {
                into.kind = ObjectKind::Package;
                (into.label, into.path, into.payload) = (package.label, package.path, package.data);
                into.written_as = package.written_as;
                return Ok(());
            }
            // Native data of another program can begin with the number of a package.
            Err(short) => cx.recovered(short.at, &short),
        }
    }
    into.payload = Some(body);
    Ok(())
}

struct Package {
    label: String,
    path: String,
    written_as: Vec<String>,
    /// Bytes of the file; none when the package only names it.
    data: Option<Range<u64>>,
}

fn package(reader: &mut Reader<'_>, page: CodePage) -> Result<Package, Short> {
    reader.skip(2)?;
    let label = page.decode(zero_terminated(reader)?).text.into_owned();
    let path = page.decode(zero_terminated(reader)?).text.into_owned();
    reader.skip(2)?;
    // 3 is a file that lies here, 1 the name of one elsewhere.
    if reader.u16()? == 1 {
        return Ok(Package { label, path, written_as: Vec::new(), data: None });
    }
    let written_len = reader.u32()?;
    let written = reader.take(usize::try_from(written_len).unwrap_or(usize::MAX))?;
    let written = written.split(|byte| *byte == 0).next().unwrap_or_default();
    let written = page.decode(written.get(..LONGEST_PATH).unwrap_or(written)).text.into_owned();
    let data_len = reader.u32()?;
    let data_at = reader.at();
    let data_len = u64::from(data_len).min(reader.remaining() as u64);
    // Old packages end with the data.
    let wide = reader
        .skip(usize::try_from(data_len).unwrap_or(usize::MAX))
        .and_then(|()| reader.u32())
        .and_then(|units| reader.take(usize::try_from(units).unwrap_or(usize::MAX).saturating_mul(2)));
    let wide = wide.unwrap_or_default();
    let wide = utf16le(wide.get(..LONGEST_PATH).unwrap_or(wide));
    let wide = wide.split('\0').next().unwrap_or_default().to_owned();
    let mut written_as = vec![written, wide];
    written_as.retain(|path| !path.is_empty());
    written_as.dedup();
    Ok(Package { label, path, written_as, data: Some(data_at..data_at.saturating_add(data_len)) })
}

/// Bytes of a name or path of a package. What is longer is none.
const LONGEST_PATH: usize = 4096;

fn zero_terminated<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Short> {
    // The cap keeps the search from running over the file.
    let window = reader.rest().get(..LONGEST_PATH).unwrap_or(reader.rest());
    match window.iter().position(|byte| *byte == 0) {
        Some(len) => {
            let text = reader.take(len)?;
            reader.skip(1)?;
            Ok(text)
        }
        None => Err(Short { at: reader.at(), need: LONGEST_PATH as u64, have: window.len() as u64 }),
    }
}

/// Reads the user type or program identifier from `\1CompObj` ([MS-OLEDS] 2.3.8); `None` when the
/// stream holds neither.
pub fn class_name(comp_obj: &[u8], page: CodePage) -> Option<String> {
    let mut reader = Reader::new(comp_obj);
    let mut names = || -> Result<(String, String), Short> {
        reader.skip(28)?;
        let user_type = counted(&mut reader, page)?;
        match reader.u32()? {
            0 => {}
            0xFFFF_FFFF | 0xFFFF_FFFE => reader.skip(4)?,
            len => reader.skip(usize::try_from(len).unwrap_or(usize::MAX))?,
        }
        let program = counted(&mut reader, page).unwrap_or_default();
        Ok((user_type, program))
    };
    let (user_type, program) = names().ok()?;
    [program, user_type].into_iter().find(|name| !name.is_empty())
}

fn counted(reader: &mut Reader<'_>, page: CodePage) -> Result<String, Short> {
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let bytes = reader.take(len)?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    Ok(page.decode(bytes.get(..end).unwrap_or_default()).text.into_owned())
}

/// Reads the controls of a `Ctls` stream. `starts` are the offsets that the drawing objects name;
/// without any the stream is read as one control. Each begins with its class; captions and
/// texts are harvested as runs of printable characters, because every class stores its own way.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn controls(
    stream: &[u8],
    mut starts: Vec<u64>,
    into: &mut Vec<Object>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(stream.len())?;
    let end = stream.len() as u64;
    starts.retain(|start| *start < end);
    starts.sort_unstable();
    starts.dedup();
    if starts.is_empty() && !stream.is_empty() {
        starts.push(0);
    }
    let ends: Vec<u64> = starts.iter().skip(1).copied().chain([end]).collect();
    for (start, end) in starts.into_iter().zip(ends) {
        cx.budget.step(1)?;
        let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
        let mut reader = Reader::at_offset(stream.get(range).unwrap_or_default(), start);
        let mut object = Object::at(Location::bytes(cx.part, start..end), ObjectKind::Control);
        if let Ok(class) = reader.array::<16>() {
            object.class = Some(Clsid(class));
            object.class_name = Clsid(class).known_name().unwrap_or_default().to_owned();
        }
        printable_runs(reader.rest(), &mut object.texts);
        wide_texts(reader.rest(), &mut object.texts);
        into.push(object);
    }
    Ok(())
}

/// Looks in the state of a control for a block of MSCOMCTL that states more bytes than its reader has
/// room for (CVE-2012-0158): a mark, a version, and a length that the control itself writes as 8.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn overlong_block(state: &[u8], cx: &mut Cx<'_>) -> Result<Option<u32>, LimitHit> {
    const MARK: &[u8] = b"Cobj";
    const ROOM: u32 = 8;
    cx.budget.touch(state.len())?;
    for (at, _) in state.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK) {
        let mut reader = Reader::new(state.get(at.saturating_add(MARK.len())..).unwrap_or_default());
        if let (Ok(0x64), Ok(len)) = (reader.u32(), reader.u32())
            && len > ROOM
        {
            return Ok(Some(len));
        }
    }
    Ok(None)
}

/// Where the pictures of a control or form lie in its state ([MS-OFORMS] 2.4.7 `GuidAndPicture`, 2.4.13 `StdPicture`).
/// A size past the end gives what is there.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn pictures(state: &[u8], cx: &mut Cx<'_>) -> Result<Vec<Range<usize>>, LimitHit> {
    /// CLSID_StdPicture and the preamble.
    const MARK: &[u8] = b"\x04\x52\xE3\x0B\x91\x8F\xCE\x11\x9D\xE3\x00\xAA\x00\x4B\xB8\x51lt\0\0";
    cx.budget.touch(state.len())?;
    let mut found = Vec::new();
    let mut reader = Reader::new(state);
    while reader.remaining() > MARK.len() {
        if !reader.rest().starts_with(MARK) {
            // What is no mark is passed over up to its next possible beginning.
            let next = reader.rest().iter().skip(1).position(|byte| Some(byte) == MARK.first());
            let Some(next) = next else { break };
            if reader.skip(next.saturating_add(1)).is_err() {
                break;
            }
            continue;
        }
        let Ok(len) = reader.skip(MARK.len()).and_then(|()| reader.u32()) else { break };
        let start = state.len().saturating_sub(reader.remaining());
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(reader.remaining());
        if len > 0 {
            found.push(start..start.saturating_add(len));
        }
        if reader.skip(len).is_err() {
            break;
        }
    }
    Ok(found)
}

/// Reads a stream `f` or `o` of a form ([MS-OFORMS] 2.1.2): captions, texts and tags of the form and
/// its controls, harvested as runs of printable characters. `None` when there is no text.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn form(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<Object>, LimitHit> {
    cx.budget.touch(stream.len().saturating_mul(8))?;
    let mut object = Object::at(Location::part(cx.part), ObjectKind::Control);
    object.class_name = "Forms.Form.1".to_owned();
    printable_runs(stream, &mut object.texts);
    wide_texts(stream, &mut object.texts);
    Ok((!object.texts.is_empty()).then_some(object))
}

/// The caption in a stream `\3VBFrame`, the designer's notes on a form ([MS-OVBA] 2.3.5).
pub fn frame_caption(frame: &str) -> Option<String> {
    let mut values = frame.lines().filter_map(|line| line.trim_start().strip_prefix("Caption"));
    let quoted = values.find_map(|rest| rest.trim_start().strip_prefix('=')?.trim().strip_prefix('"'))?;
    let caption = quoted.strip_suffix('"').unwrap_or(quoted).replace("\"\"", "\"");
    (!caption.is_empty()).then_some(caption)
}

/// Collects texts of controls that one byte a character does not hold ([MS-OFORMS] 2.1.1.2.6
/// `fmString`): a count of bytes among the first fields, and so many of them behind the last ones.
pub fn wide_texts(bytes: &[u8], into: &mut Vec<String>) {
    /// How far behind a count its text begins at most; other fields stand between them.
    const FIELDS: usize = 52;
    const LONGEST: usize = 4096;
    const MOST: usize = 256;
    let mut last = 0..0;
    for (at, count) in bytes.windows(4).enumerate().step_by(2) {
        let Ok(count) = <[u8; 4]>::try_from(count) else { continue };
        let len = usize::try_from(u32::from_le_bytes(count)).unwrap_or(usize::MAX);
        if !(4..=LONGEST).contains(&len) || into.len() >= MOST {
            continue;
        }
        let starts = (4..=FIELDS).step_by(2).map(|gap| at.saturating_add(gap));
        let texts = starts.filter_map(|start| {
            let range = start..start.saturating_add(len);
            Some((wide_text(bytes.get(range.clone())?)?, range))
        });
        let Some((text, range)) = { texts }.next() else { continue };
        // Another field may be taken for the count of what is only the beginning of a text.
        let is_part = last.contains(&range.start) && range.end <= last.end;
        if is_part {
            continue;
        }
        if range.start <= last.start && last.end <= range.end {
            into.pop();
        }
        last = range;
        into.push(text);
    }
}

/// UTF-16 of which nearly all are letters, digits, spaces or signs of ASCII, and some need two bytes.
fn wide_text(data: &[u8]) -> Option<String> {
    let (units, []) = data.as_chunks::<2>() else { return None };
    let mut text = String::new();
    let (mut count, mut usual, mut needs_two) = (0_usize, 0_usize, false);
    for letter in char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))) {
        let letter =
            letter.ok().filter(|letter| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r'))?;
        count = count.saturating_add(1);
        usual = usual.saturating_add(usize::from(letter.is_ascii() || letter.is_alphanumeric()));
        needs_two |= letter > '\u{FF}';
        text.push(letter);
    }
    // Two letters of one byte each make a letter of two.
    let is_narrow = data.iter().all(|byte| matches!(byte, 0x20..=0x7E));
    (needs_two && !is_narrow && usual.saturating_mul(8) >= count.saturating_mul(6)).then_some(text)
}

/// Collects runs of at least four printable characters, one byte or two bytes each.
pub fn printable_runs(bytes: &[u8], into: &mut Vec<String>) {
    const SHORTEST: usize = 4;
    const MOST: usize = 256;
    let is_text = |byte: &u8| matches!(byte, 0x20..=0x7E | b'\t' | b'\r' | b'\n' | 0xA0..=0xFF);
    for run in bytes.split(|byte| !is_text(byte)).filter(|run| run.len() >= SHORTEST).take(MOST) {
        into.push(latin1(run).into_owned());
    }
    let mut wide = String::new();
    let mut ended = |wide: &mut String| {
        if wide.chars().count() >= SHORTEST && into.len() < MOST {
            into.push(std::mem::take(wide));
        }
        wide.clear();
    };
    for pair in bytes.chunks_exact(2) {
        match pair {
            [byte, 0] if is_text(byte) => wide.push(char::from(*byte)),
            _ => ended(&mut wide),
        }
    }
    ended(&mut wide);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(3), stage: Stage::Objects, budget: &mut budget, problems: &mut problems };
        let result = work(&mut cx);
        (result, problems)
    }

    fn sample_package() -> Vec<u8> {
        let mut stream = vec![0, 0, 0, 0]; // native data size, not looked at
        stream.extend_from_slice(&[2, 0]); // package
        stream.extend_from_slice(b"a.txt\0"); // label
        stream.extend_from_slice(b"C:\\a.txt\0"); // original path
        stream.extend_from_slice(&[0, 0, 3, 0]);
        stream.extend_from_slice(&[2, 0, 0, 0]); // length of the temporary path
        stream.extend_from_slice(b"T\0");
        stream.extend_from_slice(&[3, 0, 0, 0]); // data length
        stream.extend_from_slice(b"abc");
        stream
    }

    fn object() -> Object {
        Object::at(Location::part(PartId(3)), ObjectKind::Embedded)
    }

    #[test]
    fn package_tells_label_path_and_where_its_file_lies() {
        let mut read = object();
        let stream = sample_package();
        let (result, problems) = with_cx(|cx| native(&stream, CodePage::WESTERN, &mut read, cx));
        assert_eq!(result, Ok(()));
        assert_eq!(problems.count(), 0);
        let expected = Object {
            kind: ObjectKind::Package,
            label: "a.txt".into(),
            path: "C:\\a.txt".into(),
            written_as: vec!["T".into()],
            payload: Some(35..38),
            ..object()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn file_of_a_package_is_named_as_it_is_written() {
        let mut stream =
            b"\0\0\0\0\x02\0a.txt\0C:\\a.txt\0\0\0\x03\0\x09\0\0\0C:\\b.txt\0\x03\0\0\0abc".to_vec();
        let read = |stream: &[u8]| {
            let mut read = object();
            assert_eq!(with_cx(|cx| native(stream, CodePage::WESTERN, &mut read, cx)).0, Ok(()));
            read
        };
        let plain = read(&stream);
        assert_eq!((plain.file_name(), plain.written_as.len()), (Some("b.txt"), 1));
        stream.extend_from_slice(b"\x07\0\0\0C\0:\0\\\0c\0.\0j\0s\0");
        let wide = read(&stream);
        assert_eq!(wide.written_as, ["C:\\b.txt", "C:\\c.js"]);
        assert_eq!(wide.file_name(), Some("c.js"));
        // A count past the end is none.
        let cut = read(&stream[..stream.len() - 1]);
        assert_eq!((cut.file_name(), &cut.payload), (Some("b.txt"), &plain.payload));
    }

    #[test]
    fn package_cut_at_any_byte_is_told_and_keeps_what_was_read() {
        let stream = sample_package();
        for len in 0..stream.len() {
            let mut read = object();
            let (result, problems) = with_cx(|cx| native(&stream[..len], CodePage::WESTERN, &mut read, cx));
            assert_eq!(result, Ok(()));
            let inside = read.payload.as_ref().is_none_or(|range| range.end <= len as u64);
            assert!(inside, "payload of {len} bytes lies outside");
            assert_eq!(problems.count(), u64::from(!(4..6).contains(&len) && len < 35), "{len}");
            assert_eq!(problems.bar_nothing_found(), len < 4, "{len}");
            assert_eq!(read.payload.is_some(), len >= 4, "{len}");
        }
    }

    #[test]
    fn package_that_only_names_a_file_has_no_payload() {
        let mut read = object();
        let stream = b"\x4b\0\0\0\x02\0calc.exe\0C:\\calc.exe\0\0\0\x01\0\x01\0C:\\calc.exe\0";
        let (_, problems) = with_cx(|cx| native(stream, CodePage::WESTERN, &mut read, cx));
        let (label, path) = ("calc.exe".into(), "C:\\calc.exe".into());
        assert_eq!(read, Object { kind: ObjectKind::Package, label, path, ..object() });
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn native_data_of_another_program_is_one_payload() {
        let mut read = object();
        let (_, problems) = with_cx(|cx| native(&[9, 0, 0, 0, 1, 2, 3], CodePage::WESTERN, &mut read, cx));
        assert_eq!(read, Object { payload: Some(4..7), ..object() });
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn class_is_named_by_program_identifier_then_by_user_type() {
        let mut stream = vec![0; 28]; // CompObjHeader
        stream.extend_from_slice(b"\x05\0\0\0Foo!\0"); // AnsiUserType
        stream.extend_from_slice(&[0, 0, 0, 0]); // AnsiClipboardFormat
        assert_eq!(class_name(&stream, CodePage::WESTERN).as_deref(), Some("Foo!"));
        stream.extend_from_slice(b"\x06\0\0\0Foo.1\0"); // Reserved1: program identifier
        assert_eq!(class_name(&stream, CodePage::WESTERN).as_deref(), Some("Foo.1"));
        assert_eq!(class_name(&stream[..30], CodePage::WESTERN), None);
    }

    #[test]
    fn form_gives_its_texts_and_an_empty_one_nothing() {
        let stream = b"\0\x02\x20\0\x0c\0\0\x80Click here!\0\x01TextBox1";
        let expected = Object {
            kind: ObjectKind::Control,
            class_name: "Forms.Form.1".into(),
            texts: vec!["Click here!".into(), "TextBox1".into()],
            ..object()
        };
        assert_eq!(with_cx(|cx| form(stream, cx)).0, Ok(Some(expected)));
        assert_eq!(with_cx(|cx| form(&[0; 40], cx)).0, Ok(None));
    }

    #[test]
    fn form_gives_texts_that_one_byte_a_character_does_not_hold() {
        let caption: Vec<u8> = "Нажмите здесь".encode_utf16().flat_map(u16::to_le_bytes).collect();
        // LabelControl ([MS-OFORMS] 2.2.4): version, cbLabel, PropMask with fCaption, fPicturePosition and
        // fSize; the length of the caption, PicturePosition; the caption, the size.
        let mut stream = vec![0x00, 0x02, 0x2C, 0x00, 0x38, 0, 0, 0];
        stream.extend((caption.len() as u32).to_le_bytes());
        stream.extend(0x0007_0001_u32.to_le_bytes());
        stream.extend_from_slice(&caption);
        stream.extend_from_slice(&[0, 0, 0xEC, 0x09, 0, 0, 0x7B, 0x02, 0, 0]);
        let texts = vec!["Нажмите здесь".to_owned()];
        let class_name = "Forms.Form.1".to_owned();
        let expected = Object { kind: ObjectKind::Control, class_name, texts, ..object() };
        assert_eq!(with_cx(|cx| form(&stream, cx)).0, Ok(Some(expected)));
        // A text that the stream does not hold to its end is none.
        assert_eq!(with_cx(|cx| form(&stream[..30], cx)).0, Ok(None));
    }

    #[test]
    fn frame_gives_the_caption_of_the_form() {
        let frame = "VERSION 5.00\r\nBegin {C62A69F0-16DC-11CE-9E98-00AA00574A4F} UserForm1 \r\n   \
                     Caption         =   \"Say \"\"yes\"\"\"\r\n   ClientHeight    =   3030\r\nEnd\r\n";
        assert_eq!(frame_caption(frame).as_deref(), Some("Say \"yes\""));
        assert_eq!(frame_caption("   Caption = \"\"\r\n   Tag = \"x\"\r\n"), None);
    }

    #[test]
    fn controls_are_cut_where_the_objects_say() {
        let class = [0x10, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D, 0, 0xAA, 0, 0x60, 2, 0xF3];
        let mut stream = class.to_vec();
        stream.extend_from_slice(b"\x01\x02Press me\0");
        let second_at = stream.len() as u64;
        stream.extend_from_slice(&[0; 16]);
        stream.extend_from_slice(b"h\0e\0l\0l\0o\0");
        let mut found = Vec::new();
        let (result, _) = with_cx(|cx| controls(&stream, vec![second_at, 0, 9999], &mut found, cx));
        assert_eq!(result, Ok(()));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].class_name, "Forms.TextBox.1");
        assert_eq!(found[0].class.unwrap().to_string(), "8BD21D10-EC42-11CE-9E0D-00AA006002F3");
        assert_eq!(found[0].texts, ["Press me"]);
        assert_eq!(found[1].texts, ["hello"]);
    }
}
