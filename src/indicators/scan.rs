//! The one pass over a text, and the readers that look around a place where it stops.

use super::address::{Host, authority_of, host_of};
use super::launchers::{PROGRAM_ENDS, program_named};
use super::{Form, IndicatorKind, Indicators, MAX_VALUE, fold_command};
use crate::base::{Cx, LimitHit, Location};

/// Addresses inside one address that are looked at by themselves.
const NESTED: u32 = 4;

/// Longest path in bytes (a path of Windows has 260 characters).
const MAX_PATH: usize = 780;

/// Longest command in bytes.
const MAX_COMMAND: usize = 1024;

/// How often each byte of a value is looked at, about: to its end, for its host, in its key.
const FOUND_COST: usize = 24;

/// Something found: its kind, where it stands, and its value when that is not the text itself.
struct Found {
    kind: IndicatorKind,
    start: usize,
    end: usize,
    form: Form,
    value: Option<String>,
    host: Option<String>,
}

impl Found {
    fn plain(kind: IndicatorKind, start: usize, end: usize) -> Self {
        Found { kind, start, end, form: Form::Plain, value: None, host: None }
    }
}

/// Where the pass stands, and how far it need not look again: that is what keeps it linear.
#[derive(Default)]
struct Pass {
    next: usize,
    /// End of the address around this place.
    address_end: usize,
    /// Addresses found inside that address.
    nested: u32,
    /// End of the command around this place.
    command_end: usize,
    /// No path with an extension begins before this place.
    pathless_until: usize,
}

pub(super) fn scan(
    text: &str,
    at: &Location,
    into: &mut Indicators,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    if !may_hold_indicators(text.as_bytes()) {
        return Ok(());
    }
    let mut pass = Pass::default();
    while let Some(stop) = stop_from(text.as_bytes(), pass.next) {
        pass.next = stop.saturating_add(1);
        let Some(found) = look(text, stop, &mut pass) else { continue };
        let len = found.end.saturating_sub(found.start);
        cx.budget.touch(len.saturating_mul(FOUND_COST))?;
        record(text, &found, at, into, cx);
    }
    Ok(())
}

/// Whether there is a byte that addresses, paths, names of files and switches of commands have: most
/// cells have none, and this is looked at in blocks.
fn may_hold_indicators(bytes: &[u8]) -> bool {
    let holds = |bytes: &[u8]| {
        bytes.iter().fold(false, |held, byte| {
            held | matches!(byte, b':' | b'\\' | b'%' | b'.' | b'/' | b'-' | b'$' | b'&' | b'(')
        })
    };
    let (blocks, rest) = bytes.as_chunks::<32>();
    blocks.iter().any(|block| holds(block)) || holds(rest)
}

/// The next place from `from` where the pass stops. Spaces and dots are the most frequent of them,
/// so that what cannot be an indicator is passed over here.
fn stop_from(bytes: &[u8], from: usize) -> Option<usize> {
    let ends = &PROGRAM_ENDS;
    let mut before = from.checked_sub(2).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    let mut last = from.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        let stops = match byte {
            b'\\' | b'%' => true,
            b':' => {
                matches!(bytes.get(at.saturating_add(1)), Some(b'/' | b'\\' | b']'))
                    || matches!(last, b'v' | b'V')
            }
            b' ' | b'\t' => ends.may_end(before, last),
            b'.' => {
                let next = bytes.get(at.saturating_add(1));
                last.is_ascii_graphic() && next.is_some_and(u8::is_ascii_alphanumeric)
            }
            _ => false,
        };
        if stops {
            return Some(at);
        }
        (before, last) = (last, byte);
    }
    None
}

fn look(text: &str, stop: usize, pass: &mut Pass) -> Option<Found> {
    let in_address = stop < pass.address_end;
    let found = match text.as_bytes().get(stop)? {
        b':' if in_address && pass.nested >= NESTED => return None,
        b':' => match address(text, stop) {
            Some(found) => {
                pass.nested = if in_address { pass.nested.saturating_add(1) } else { 0 };
                pass.address_end = pass.address_end.max(found.end);
                return Some(found);
            }
            None if in_address => return None,
            None => drive_path(text, stop, pass).or_else(|| powershell_path(text, stop)),
        },
        _ if in_address => return None,
        b'\\' => network_path(text, stop).or_else(|| relative_path(text, stop, pass)),
        b'%' => variable_path(text, stop),
        b'.' => dotted_number(text, stop).or_else(|| executable(text, stop)),
        _ if stop < pass.command_end => return None,
        _ => {
            let found = command(text, stop)?;
            pass.command_end = found.end;
            return Some(found);
        }
    }?;
    pass.next = pass.next.max(found.end);
    Some(found)
}

fn record(text: &str, found: &Found, at: &Location, into: &mut Indicators, cx: &mut Cx<'_>) {
    let stated = text.get(found.start..found.end).unwrap_or_default();
    into.add(found.kind, found.value.as_deref().unwrap_or(stated), found.form, at, cx);
    match found.host.as_deref().and_then(Host::parse) {
        // A name without a dot is one of the local network, and most often a placeholder.
        Some(Host::Name(name)) if name.contains('.') => {
            into.add(IndicatorKind::Host, name, found.form, at, cx);
        }
        Some(Host::V4 { address, .. }) => {
            into.add(IndicatorKind::Ip, &address.to_string(), found.form, at, cx);
        }
        Some(Host::V6(address)) => into.add(IndicatorKind::Ip, &address.to_string(), found.form, at, cx),
        Some(Host::Name(_)) | None => {}
    }
}

/// Schemes as they are written, and what they mean.
static SCHEMES: &[(&str, &str)] = &[
    ("https", "https"),
    ("http", "http"),
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("ftps", "ftps"),
    ("ftp", "ftp"),
    ("fxp", "ftp"),
    ("file", "file"),
    ("smb", "smb"),
    ("webdav", "webdav"),
    ("davs", "davs"),
    ("dav", "dav"),
    ("ldaps", "ldaps"),
    ("ldap", "ldap"),
    ("gopher", "gopher"),
];

/// Separators between the addresses of a list that a downloader walks through.
const LIST_SEPARATORS: &[u8] = b"@*,;|!$^~";

/// An address whose scheme ends before the colon at `colon`.
fn address(text: &str, colon: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let before = colon.checked_sub(1)?;
    let after = colon.saturating_add(1);
    let bracketed = bytes.get(before) == Some(&b'[') && bytes.get(after) == Some(&b']');
    let (scheme_end, slashes) = if bracketed { (before, after.saturating_add(1)) } else { (colon, after) };
    let slash_count =
        bytes.get(slashes..)?.iter().take(6).take_while(|byte| matches!(byte, b'/' | b'\\')).count();
    if slash_count < 2 {
        return None;
    }
    let (start, spelling, scheme) = scheme_before(text, scheme_end)?;
    let from = slashes.saturating_add(slash_count);
    // The path of a file is written with either slash.
    let backslashes = scheme == "file" || bytes.get(slashes) == Some(&b'\\');
    let local = scheme == "file" && slash_count == 3;
    if !text.get(from..)?.starts_with(|char: char| char.is_alphanumeric() || matches!(char, '[' | '%')) {
        return None;
    }
    let end = address_end(text, from, backslashes);
    let body = text.get(from..end)?;
    let mut value = format!("{scheme}://{}", if local { "/" } else { "" });
    let undone = undo_dots(body, &mut value, backslashes);
    let host = value.split_once("://").map(|(_, rest)| host_of(authority_of(rest)).to_owned());
    let host = host.filter(|host| !host.is_empty());
    let numeric = matches!(host.as_deref().and_then(Host::parse), Some(Host::V4 { dotted: false, .. }));
    let form = if numeric {
        Form::Numeric
    } else if undone || bracketed || !spelling.eq_ignore_ascii_case(scheme) {
        Form::Defanged
    } else {
        Form::Plain
    };
    Some(Found { kind: IndicatorKind::Url, start, end, form, value: Some(value), host })
}

/// The scheme that ends at `end`: where it begins, how it is written, what it means.
fn scheme_before(text: &str, end: usize) -> Option<(usize, &str, &'static str)> {
    SCHEMES.iter().find_map(|(spelling, scheme)| {
        let start = end.checked_sub(spelling.len())?;
        let stated = text.get(start..end)?;
        stated.eq_ignore_ascii_case(spelling).then_some((start, stated, *scheme))
    })
}

/// Where the address whose host begins at `from` ends.
fn address_end(text: &str, from: usize, backslashes: bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let bytes = text.as_bytes();
    let mut end = rest.len().min(MAX_VALUE);
    let mut in_host = true;
    // First character outside ASCII in the last label of the host, if the label began with ASCII:
    // in text without spaces a sentence goes on there.
    let mut label_at = 0_usize;
    let mut foreign_at = None;
    for (at, char) in rest.char_indices() {
        if at >= MAX_VALUE {
            end = at;
            break;
        }
        let goes_on = match char {
            '/' | '?' | '#' => {
                in_host = false;
                true
            }
            '\\' => {
                in_host = false;
                backslashes
            }
            ':' if bytes.get(from.saturating_add(at)..).is_some_and(|rest| rest.starts_with(b"://")) => {
                let start = scheme_before(text, from.saturating_add(at)).map(|(start, ..)| start);
                let separator = start.and_then(|start| start.checked_sub(1));
                match separator.filter(|separator| *separator > from) {
                    Some(separator) if bytes.get(separator).is_some_and(|b| LIST_SEPARATORS.contains(b)) => {
                        end = separator.saturating_sub(from);
                        break;
                    }
                    _ => true,
                }
            }
            '.' if in_host => {
                label_at = at.saturating_add(1);
                foreign_at = None;
                true
            }
            '-' | '.' | '_' | '~' | ':' | '@' | '!' | '$' | '&' | '(' | ')' | '*' | '+' | ',' | ';' | '=' => {
                true
            }
            '%' | '[' | ']' | '{' | '}' | '|' | '^' => true,
            char if char.is_ascii() => char.is_ascii_alphanumeric(),
            char if in_host && char.is_alphanumeric() => {
                if at > label_at && foreign_at.is_none() {
                    foreign_at = Some(at);
                }
                true
            }
            _ => false,
        };
        if !goes_on {
            end = at;
            break;
        }
        if !in_host && let Some(foreign) = foreign_at {
            end = foreign;
            break;
        }
        end = at.saturating_add(char.len_utf8());
    }
    if in_host && let Some(foreign) = foreign_at {
        end = end.min(foreign);
    }
    let body = rest.get(..end).unwrap_or_default();
    from.saturating_add(trimmed_len(body))
}

/// Length without the punctuation of the sentence around it.
fn trimmed_len(body: &str) -> usize {
    let count = |wanted: u8| body.bytes().filter(|byte| *byte == wanted).count();
    let mut unopened = [(b')', b'('), (b']', b'['), (b'}', b'{')]
        .map(|(close, open)| (close, count(close).saturating_sub(count(open))));
    let mut len = body.len();
    for byte in body.bytes().rev() {
        let goes = match unopened.iter_mut().find(|(close, _)| *close == byte) {
            Some((_, left)) if *left > 0 => {
                *left = left.saturating_sub(1);
                true
            }
            Some(_) => false,
            None => b".,;:!?*@|^~$([{".contains(&byte),
        };
        if !goes {
            break;
        }
        len = len.saturating_sub(1);
    }
    len
}

/// Appends the body of an address with `[.]` and its kin undone, and backslashes as slashes. Says
/// whether something was undone.
fn undo_dots(body: &str, into: &mut String, backslashes: bool) -> bool {
    let mut rest = body;
    let mut undone = false;
    while let Some(at) = rest.find(['[', '(', '{', '\\']) {
        into.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let dot = ["[.]", "(.)", "{.}", "[dot]", "(dot)"].iter().find_map(|dot| rest.strip_prefix(dot));
        rest = if let Some(behind) = dot {
            undone = true;
            into.push('.');
            behind
        } else if backslashes && let Some(behind) = rest.strip_prefix('\\') {
            into.push('/');
            behind.strip_prefix('/').unwrap_or(behind)
        } else {
            let mut chars = rest.chars();
            into.extend(chars.next());
            chars.as_str()
        };
    }
    into.push_str(rest);
    undone
}

/// `C:\dir\name.ext`
fn drive_path(text: &str, colon: usize, pass: &mut Pass) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = colon.checked_sub(1)?;
    let root = colon.saturating_add(1);
    let rooted = match bytes.get(root)? {
        b'\\' => true,
        b'/' => bytes.get(root.saturating_add(1)) != Some(&b'/'),
        _ => false,
    };
    if !rooted || !bytes.get(start)?.is_ascii_alphabetic() || is_name_byte(bytes, start.checked_sub(1)) {
        return None;
    }
    let end = path_with_extension(text, root.saturating_add(1), pass)?;
    Some(Found::plain(IndicatorKind::FilePath, start, end))
}

/// `..\name.ext`, from the first `..`
fn relative_path(text: &str, separator: usize, pass: &mut Pass) -> Option<Found> {
    let bytes = text.as_bytes();
    let start = separator.checked_sub(2)?;
    if bytes.get(start..separator)? != b".." {
        return None;
    }
    let before = start.checked_sub(1);
    if is_name_byte(bytes, before)
        || before.is_some_and(|at| matches!(bytes.get(at), Some(b'\\' | b'/' | b'.')))
    {
        return None;
    }
    let end = path_with_extension(text, separator.saturating_add(1), pass)?;
    Some(Found::plain(IndicatorKind::FilePath, start, end))
}

/// `%NAME%\..`
fn variable_path(text: &str, percent: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let name = percent.saturating_add(1);
    let name_len = variable_len(bytes.get(name..)?);
    let close = name.saturating_add(name_len);
    let root = close.saturating_add(1);
    let separated = matches!(bytes.get(root), Some(b'\\' | b'/'));
    if name_len < 2 || bytes.get(close) != Some(&b'%') || !separated {
        return None;
    }
    let end = path_end(text, root.saturating_add(1)).at_most(text)?;
    Some(Found::plain(IndicatorKind::FilePath, percent, end))
}

/// `$env:NAME\..`
fn powershell_path(text: &str, colon: usize) -> Option<Found> {
    let start = colon.checked_sub(4)?;
    if !text.get(start..colon)?.eq_ignore_ascii_case("$env") {
        return None;
    }
    let name = colon.saturating_add(1);
    let root = name.saturating_add(variable_len(text.as_bytes().get(name..)?));
    if root == name || text.as_bytes().get(root) != Some(&b'\\') {
        return None;
    }
    let end = path_end(text, root.saturating_add(1)).at_most(text)?;
    Some(Found::plain(IndicatorKind::FilePath, start, end))
}

fn variable_len(bytes: &[u8]) -> usize {
    let usual = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'(' | b')' | b'-');
    bytes.iter().take(32).take_while(usual).count()
}

/// `\\host\share\..`, with `@SSL` and a port perhaps, and behind `\\?\UNC\`
fn network_path(text: &str, start: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let here = bytes.get(start..)?;
    if !here.starts_with(b"\\\\")
        || start.checked_sub(1).is_some_and(|before| matches!(bytes.get(before), Some(b'\\' | b':')))
    {
        return None;
    }
    let long = here.get(..8).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"\\\\?\\UNC\\"));
    let host_at = start.saturating_add(if long { 8 } else { 2 });
    let usual = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@');
    let host_len = bytes.get(host_at..)?.iter().take(255).take_while(usual).count();
    let host_end = host_at.saturating_add(host_len);
    let host = text.get(host_at..host_end)?.split('@').next().unwrap_or_default();
    let share = host_end.saturating_add(1);
    // `\\d\w` is a regular expression, `\\.\pipe` is on this machine.
    if host.len() < 2 || !host.starts_with(|char: char| char.is_ascii_alphanumeric()) {
        return None;
    }
    let shared =
        text.get(share..)?.starts_with(|char: char| char.is_alphanumeric() || "_$%{.".contains(char));
    if bytes.get(host_end) != Some(&b'\\') || !shared {
        return None;
    }
    let end = path_end(text, share).at_most(text)?;
    let numeric = matches!(Host::parse(host), Some(Host::V4 { dotted: false, .. }));
    let form = if numeric { Form::Numeric } else { Form::Plain };
    Some(Found { kind: IndicatorKind::UncPath, start, end, form, value: None, host: Some(host.to_owned()) })
}

/// How a path goes on.
struct PathEnd {
    from: usize,
    /// End of a last name that has an extension.
    extension: Option<usize>,
    /// End before the first space of the last name.
    word: usize,
    /// Where the characters of a path end.
    stop: usize,
}

impl PathEnd {
    /// The end of the path if it need not have an extension; `None` when nothing is there.
    fn at_most(&self, text: &str) -> Option<usize> {
        let end = self.extension.unwrap_or(self.word);
        let path = text.get(self.from..end)?;
        let len = path.trim_end_matches(['.', ')', ']', '}', '!', '&', '\\', '/']).len();
        (len > 0).then(|| self.from.saturating_add(len))
    }
}

fn path_with_extension(text: &str, from: usize, pass: &mut Pass) -> Option<usize> {
    if from < pass.pathless_until {
        return None;
    }
    let path = path_end(text, from);
    if path.extension.is_none() {
        pass.pathless_until = path.stop;
    }
    path.extension
}

/// Follows the names of a path from `from`. A space belongs to a name only when a separator or an
/// extension follows it later.
fn path_end(text: &str, from: usize) -> PathEnd {
    let rest = text.get(from..).unwrap_or_default();
    let mut name_at = 0_usize;
    let mut first_space = None;
    let mut previous = '\\';
    let mut stop = rest.len();
    for (at, char) in rest.char_indices() {
        let ends = match char {
            '\\' | '/' => {
                let part = previous == ' ';
                if !part {
                    name_at = at.saturating_add(1);
                    first_space = None;
                }
                part
            }
            ' ' => {
                let done = name_with_extension(rest.get(name_at..at).unwrap_or_default()).is_some();
                if !done && first_space.is_none() {
                    first_space = Some(at);
                }
                done || at == name_at
            }
            ':' | '*' | '?' | '"' | '<' | '>' | '|' | ',' | ';' | '\'' => true,
            '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF0F}' | char::REPLACEMENT_CHARACTER => true,
            char => char.is_control(),
        };
        if ends || at > MAX_PATH {
            stop = at;
            break;
        }
        previous = char;
    }
    let name = rest.get(name_at..stop).unwrap_or_default();
    let extension = name_with_extension(name).map(|len| from.saturating_add(name_at).saturating_add(len));
    PathEnd {
        from,
        extension,
        word: from.saturating_add(first_space.unwrap_or(stop)),
        stop: from.saturating_add(stop),
    }
}

/// Length of a name that ends in a dot and one to ten letters and digits, a letter among them,
/// without the punctuation and other script behind it.
fn name_with_extension(name: &str) -> Option<usize> {
    let name = name.trim_end_matches(['.', ')', ']', '}', '!', ' ']);
    let (stem, behind) = name.rsplit_once('.')?;
    let ascii = behind.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (extension, more) = (behind.get(..ascii)?, behind.get(ascii..)?);
    let ends_well = !more.starts_with(|char: char| char.is_ascii());
    let usual = (1..=10).contains(&ascii) && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    (ends_well && usual && !stem.is_empty() && stem != ".")
        .then(|| stem.len().saturating_add(1).saturating_add(ascii))
}

/// Four numbers up to 255 that stand alone.
fn dotted_number(text: &str, dot: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    if !digit(dot.checked_sub(1)) || !digit(dot.checked_add(1)) {
        return None;
    }
    let digits_before =
        bytes.get(..dot)?.iter().rev().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let start = dot.checked_sub(digits_before)?;
    let number = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let len = bytes.get(start..)?.iter().take(16).take_while(number).count();
    let token = text.get(start..start.saturating_add(len))?;
    let token = token.strip_suffix('.').unwrap_or(token);
    let end = start.saturating_add(token.len());
    let alone = |at: Option<usize>| {
        !is_name_byte(bytes, at) && !at.is_some_and(|at| matches!(bytes.get(at), Some(b'.' | b'-' | b'#')))
    };
    let ends = !is_name_byte(bytes, Some(end)) && !matches!(bytes.get(end), Some(b'-'));
    if !alone(start.checked_sub(1)) || !ends {
        return None;
    }
    let Some(Host::V4 { address, dotted: true }) = Host::parse(token) else { return None };
    // Versions and numbered headings look the same.
    let octets = address.octets();
    let before = text.get(..start)?.trim_end_matches([' ', '=', ':', '"', ',']).as_bytes();
    let version = before.last_chunk::<6>().is_some_and(|end| end.eq_ignore_ascii_case(b"ersion"));
    let heading = octets.iter().all(|octet| *octet < 10);
    let no_host = octets[0] == 0 || octets[0] == 255 || octets[3] == 0 && octets[0] < 10;
    (!version && !heading && !no_host).then(|| Found::plain(IndicatorKind::Ip, start, end))
}

/// Extensions of files that run when opened, but for those that are also names of members, of
/// top-level domains or of products (`com`, `cmd`, `js`, `reg`).
static EXECUTABLE: &[&str] = &[
    "bat", "chm", "cpl", "dll", "exe", "hta", "jse", "lnk", "msi", "ocx", "pif", "ps1", "scr", "sct", "vbe",
    "vbs", "wsf", "xll",
];

fn is_executable(extension: &[u8]) -> bool {
    EXECUTABLE.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(extension))
}

/// `name.exe`
fn executable(text: &str, dot: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let from = dot.saturating_add(1);
    let end = from.saturating_add(3);
    let extension = bytes.get(from..end)?;
    // `x.exe.config` is no program.
    let goes_on = bytes.get(end) == Some(&b'.') && is_name_byte(bytes, end.checked_add(1));
    if goes_on || is_name_byte(bytes, Some(end)) || !is_executable(extension) {
        return None;
    }
    let usual = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-~$.".contains(byte);
    let name_len = bytes.get(..dot)?.iter().rev().take(64).take_while(usual).count();
    let start = dot.checked_sub(name_len)?;
    (name_len > 0).then(|| Found::plain(IndicatorKind::Executable, start, end))
}

/// A program and its arguments, seen from the space between them.
fn command(text: &str, space: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'^' | b'"' | b'\'' | b'`' | b'_');
    let word_len = bytes.get(..space)?.iter().rev().take(48).take_while(part).count();
    let word_at = space.checked_sub(word_len)?;
    let word = text.get(word_at..space)?;
    let mut letters: String = word.chars().filter(|char| !matches!(char, '^' | '"' | '\'' | '`')).collect();
    letters.make_ascii_lowercase();
    let (name, exe) = match letters.strip_suffix(".exe") {
        Some(name) => (name, true),
        None => (letters.as_str(), false),
    };
    let known = program_named(name)?;
    let kind = Argument::of(text.get(space.saturating_add(1)..)?)?;
    let meant = exe || known.alone || name == "cmd" && kind == Argument::Switch;
    if !meant {
        return None;
    }
    // A quote that opens the word opens a string around the command; a path may stand before.
    let unopened = word.trim_start_matches(['"', '\'', '`']);
    let name_at = space.checked_sub(unopened.len())?;
    let path = |byte: &&u8| byte.is_ascii_alphanumeric() || b":\\%_.~()^$-".contains(byte);
    let path_len = match name_at == word_at {
        true => bytes.get(..word_at)?.iter().rev().take(260).take_while(path).count(),
        false => 0,
    };
    let start = name_at.checked_sub(path_len)?;
    let quoted = start.checked_sub(1).is_some_and(|before| bytes.get(before) == Some(&b'"'));
    let end = command_end(text, start, quoted);
    let broken = unopened.trim_end_matches(['"', '\'']).contains(['^', '"', '\'', '`']);
    let value = text.get(start..end).filter(|_| broken).map(|value| fold_command(value).into_owned());
    let form = if broken { Form::Broken } else { Form::Plain };
    Some(Found { kind: IndicatorKind::Command, start, end, form, value, host: None })
}

/// What an argument looks like at its beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    Switch,
    Other,
}

/// How arguments begin that are neither switches nor paths.
static ARGUMENT_STARTS: &[&str] = &[
    "http:",
    "https:",
    "hxxp",
    "ftp:",
    "file:",
    "javascript:",
    "vbscript:",
    "iex",
    "invoke-",
    "start-",
    "new-object",
    "[system",
    "process call",
    "..\\",
    ".\\",
    "\\\\",
];

impl Argument {
    fn of(argument: &str) -> Option<Argument> {
        let mut argument = argument;
        for _ in 0..8 {
            argument = argument.strip_prefix([' ', '\t', '^', '"', '\'']).unwrap_or(argument);
        }
        match argument.as_bytes() {
            [b'/' | b'-', next, ..] if next.is_ascii_alphabetic() || *next == b'^' => Some(Argument::Switch),
            [b'%' | b'$' | b'&' | b'(', next, ..] if next.is_ascii_alphabetic() => Some(Argument::Other),
            [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic() => Some(Argument::Other),
            _ => {
                let begins = |start: &&str| {
                    argument.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
                };
                (ARGUMENT_STARTS.iter().any(begins) || is_file(argument)).then_some(Argument::Other)
            }
        }
    }
}

/// Whether a name of a file that can be run begins here.
fn is_file(argument: &str) -> bool {
    let usual = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-~$.".contains(byte);
    let len = argument.as_bytes().iter().take(64).take_while(usual).count();
    let name = argument.get(..len).unwrap_or_default();
    name.rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && is_executable(extension.as_bytes()))
}

/// The end of a command: of the string it stands in, or of the line.
fn command_end(text: &str, start: usize, quoted: bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let mut chars = rest.char_indices().peekable();
    let mut end = rest.len();
    while let Some((at, char)) = chars.next() {
        let doubled = char == '"' && chars.next_if(|(_, next)| *next == '"').is_some();
        if char.is_control() && char != '\t' || at > MAX_COMMAND || quoted && char == '"' && !doubled {
            end = at;
            break;
        }
    }
    start.saturating_add(rest.get(..end).unwrap_or_default().trim_end().len())
}

/// Whether the byte at `at` goes on a name.
fn is_name_byte(bytes: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
