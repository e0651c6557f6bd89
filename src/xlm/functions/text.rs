//! Texts: characters, pieces, searching, replacing.

use std::rc::Rc;

use super::{Answer, Args, Spec, pure, slice_chars};
use crate::base::text::CodePage;
use crate::xlm::machine::memory::western_bytes;
use crate::xlm::value::{Data, ErrorCode, Fail, parse_number};

pub(super) const TABLE: &[Spec] = &[
    pure("ASC", asc, &[("ASC(\"ＡＢ１\")", "\"AB1\"")]),
    pure(
        "CHAR",
        char,
        &[("CHAR(65)", "\"A\""), ("CHAR(128)", "\"€\""), ("CHAR(0)", "#VALUE!"), ("CHAR(\"66.9\")", "\"B\"")],
    ),
    pure("CLEAN", clean, &[("CLEAN(\"a\"&CHAR(7)&\"b\")", "\"ab\"")]),
    pure("CODE", code, &[("CODE(\"A\")", "65"), ("CODE(\"€\")", "128"), ("CODE(\"\")", "#VALUE!")]),
    pure("CONCAT", concat, &[("CONCAT(\"a\",1)", "\"a1\"")]),
    pure("CONCATENATE", concatenate, &[("CONCATENATE(\"a\",1,TRUE)", "\"a1TRUE\"")]),
    pure("DBCS", dbcs, &[("DBCS(\"A1\")", "\"Ａ１\"")]),
    pure("EXACT", exact, &[("EXACT(\"a\",\"A\")", "FALSE"), ("EXACT(\"a\",\"a\")", "TRUE")]),
    pure(
        "FIND",
        find,
        &[("FIND(\"b\",\"abcb\")", "2"), ("FIND(\"b\",\"abcb\",3)", "4"), ("FIND(\"B\",\"b\")", "#VALUE!")],
    ),
    pure("FINDB", find, &[("FINDB(\"b\",\"ab\")", "2")]),
    pure(
        "LEFT",
        left,
        &[("LEFT(\"abc\",2)", "\"ab\""), ("LEFT(\"abc\")", "\"a\""), ("LEFT(\"a\",-1)", "#VALUE!")],
    ),
    pure("LEFTB", left, &[("LEFTB(\"abc\",2)", "\"ab\"")]),
    pure("LEN", len, &[("LEN(\"日本\")", "2"), ("LEN(12.5)", "4")]),
    pure("LENB", len, &[("LENB(\"abc\")", "3")]),
    pure("LOWER", lower, &[("LOWER(\"ABc\")", "\"abc\"")]),
    pure(
        "MID",
        mid,
        &[("MID(\"abcdef\",2,3)", "\"bcd\""), ("MID(\"abc\",9,1)", "\"\""), ("MID(\"abc\",0,1)", "#VALUE!")],
    ),
    pure("MIDB", mid, &[("MIDB(\"abc\",2,1)", "\"b\"")]),
    pure("PROPER", proper, &[("PROPER(\"oNE two-three\")", "\"One Two-Three\"")]),
    pure("REPLACE", replace, &[("REPLACE(\"abcdef\",2,3,\"X\")", "\"aXef\"")]),
    pure("REPLACEB", replace, &[("REPLACEB(\"abc\",1,1,\"\")", "\"bc\"")]),
    pure("REPT", rept, &[("REPT(\"ab\",3)", "\"ababab\""), ("REPT(\"a\",40000)", "#VALUE!")]),
    pure("RIGHT", right, &[("RIGHT(\"abc\",2)", "\"bc\""), ("RIGHT(\"abc\")", "\"c\"")]),
    pure("RIGHTB", right, &[("RIGHTB(\"abc\",1)", "\"c\"")]),
    pure(
        "SEARCH",
        search,
        &[
            ("SEARCH(\"B?D\",\"abcd\")", "2"),
            ("SEARCH(\"c*\",\"abcd\")", "3"),
            ("SEARCH(\"~?\",\"a?\")", "2"),
            ("SEARCH(\"x\",\"a\")", "#VALUE!"),
        ],
    ),
    pure("SEARCHB", search, &[("SEARCHB(\"B\",\"ab\")", "2")]),
    pure(
        "SUBSTITUTE",
        substitute,
        &[
            ("SUBSTITUTE(\"a-b-c\",\"-\",\"\")", "\"abc\""),
            ("SUBSTITUTE(\"a-b-c\",\"-\",\"+\",2)", "\"a-b+c\""),
        ],
    ),
    pure(
        "TEXTJOIN",
        text_join,
        &[
            ("TEXTJOIN(\"-\",TRUE,\"a\",\"\",1)", "\"a-1\""),
            ("TEXTJOIN(\"-\",FALSE,{\"a\",\"\",\"b\"})", "\"a--b\""),
        ],
    ),
    pure("T", t, &[("T(\"x\")", "\"x\""), ("T(5)", "\"\"")]),
    pure("TRIM", trim, &[("TRIM(\"  a   b \")", "\"a b\"")]),
    pure("UNICHAR", unichar, &[("UNICHAR(26085)", "\"日\"")]),
    pure("UNICODE", unicode, &[("UNICODE(\"日\")", "26085")]),
    pure("UPPER", upper, &[("UPPER(\"abC\")", "\"ABC\"")]),
    pure(
        "VALUE",
        value,
        &[("VALUE(\"1,234.5\")", "1234.5"), ("VALUE(\"50%\")", "0.5"), ("VALUE(\"x\")", "#VALUE!")],
    ),
];

fn char(args: &mut Args<'_, '_, '_>) -> Answer {
    let code = args.integer(0)?;
    let byte = u8::try_from(code).ok().filter(|byte| *byte > 0).ok_or(ErrorCode::Value)?;
    if byte < 0x80 {
        let mut buffer = [0u8; 4];
        return Ok(Data::from(&*char::from(byte).encode_utf8(&mut buffer)));
    }
    let text = CodePage::WESTERN.decode(&[byte]).text.into_owned();
    args.made(text)
}

fn code(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    match western_bytes(&text, 1).first() {
        Some(byte) => Ok(f64::from(*byte).into()),
        None => Err(ErrorCode::Value.into()),
    }
}

fn unichar(args: &mut Args<'_, '_, '_>) -> Answer {
    let code = u32::try_from(args.integer(0)?).ok().and_then(char::from_u32).ok_or(ErrorCode::Value)?;
    args.made(code.to_string())
}

fn unicode(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let first = text.chars().next().ok_or(ErrorCode::Value)?;
    Ok(f64::from(u32::from(first)).into())
}

/// Between the wide and the narrow forms of letters, digits and signs lies one distance.
const WIDE: u32 = 0xFEE0;

fn asc(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let narrow = |letter: char| match letter {
        '\u{FF01}'..='\u{FF5E}' => {
            u32::from(letter).checked_sub(WIDE).and_then(char::from_u32).unwrap_or(letter)
        }
        '\u{3000}' => ' ',
        other => other,
    };
    args.made(text.chars().map(narrow).collect::<String>())
}

fn dbcs(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let wide = |letter: char| match letter {
        '!'..='~' => u32::from(letter).checked_add(WIDE).and_then(char::from_u32).unwrap_or(letter),
        ' ' => '\u{3000}',
        other => other,
    };
    args.made(text.chars().map(wide).collect::<String>())
}

fn clean(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    args.made(text.chars().filter(|letter| u32::from(*letter) >= 32).collect::<String>())
}

fn concatenate(args: &mut Args<'_, '_, '_>) -> Answer {
    let mut made = String::new();
    for index in 0..args.count() {
        let text = args.text(index)?;
        args.room_for(made.len().saturating_add(text.len()))?;
        made.push_str(&text);
    }
    args.made(made)
}

/// The texts of all arguments from `first`, cell by cell.
fn texts(args: &mut Args<'_, '_, '_>, first: usize) -> Result<Vec<Rc<str>>, Fail> {
    let mut texts = Vec::new();
    for index in first..args.count() {
        let is_one = args.area(index).is_none_or(|area| area.is_cell());
        if is_one && !matches!(args.raw(index), Data::Array(_)) {
            texts.push(args.text(index)?);
            continue;
        }
        for item in args.grid(index)?.items() {
            let text = item.to_text()?;
            args.charge(text.len().saturating_add(1))?;
            texts.push(text);
        }
    }
    Ok(texts)
}

fn concat(args: &mut Args<'_, '_, '_>) -> Answer {
    let texts = texts(args, 0)?;
    join(args, &texts, "")
}

fn text_join(args: &mut Args<'_, '_, '_>) -> Answer {
    let between = args.text(0)?;
    let skips = args.boolean_or(1, true)?;
    let mut texts = texts(args, 2)?;
    texts.retain(|text| !skips || !text.is_empty());
    join(args, &texts, &between)
}

fn join(args: &mut Args<'_, '_, '_>, texts: &[Rc<str>], between: &str) -> Answer {
    let mut made = String::new();
    for (index, text) in texts.iter().enumerate() {
        let between = if index == 0 { "" } else { between };
        args.room_for(made.len().saturating_add(between.len()).saturating_add(text.len()))?;
        made.push_str(between);
        made.push_str(text);
    }
    args.made(made)
}

fn exact(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.text(0)? == args.text(1)?).into())
}

/// The first position from `start` (from 1) where `matches` holds for the rest of a text.
fn position(
    args: &mut Args<'_, '_, '_>,
    text: &str,
    start: usize,
    mut matches: impl FnMut(&str) -> bool,
) -> Answer {
    let mut number = start;
    let mut rest = slice_chars(text, start.saturating_sub(1), usize::MAX);
    if start.saturating_sub(1) > text.chars().count() {
        return Err(ErrorCode::Value.into());
    }
    loop {
        if matches(rest) {
            return Ok(f64::from(u32::try_from(number).unwrap_or(u32::MAX)).into());
        }
        let mut letters = rest.chars();
        if letters.next().is_none() {
            return Err(ErrorCode::Value.into());
        }
        args.charge(1)?;
        rest = letters.as_str();
        number = number.saturating_add(1);
    }
}

fn start(args: &mut Args<'_, '_, '_>) -> Result<usize, Fail> {
    if args.is_missing(2) { Ok(1) } else { args.at_least(2, 1) }
}

fn find(args: &mut Args<'_, '_, '_>) -> Answer {
    let (wanted, text) = (args.text(0)?, args.text(1)?);
    let start = start(args)?;
    position(args, &text, start, |rest| rest.starts_with(&*wanted))
}

fn search(args: &mut Args<'_, '_, '_>) -> Answer {
    let (wanted, text) = (args.text(0)?, args.text(1)?);
    let start = start(args)?;
    if wanted.len() > 255 {
        return Err(ErrorCode::Value.into());
    }
    let pattern: Vec<char> = wanted.to_lowercase().chars().collect();
    // A pattern is tried at every position, and a star may reach to the end.
    args.charge(text.len().saturating_mul(pattern.len()).saturating_add(1))?;
    if pattern.contains(&'*') {
        args.charge(text.len().saturating_mul(text.len()) / 8)?;
    }
    position(args, &text, start, |rest| fits_pattern(rest, &pattern, false))
}

/// Whether a text is what a pattern says, in any letter case.
pub(super) fn matches_pattern(text: &str, pattern: &str) -> bool {
    if !pattern.contains(['*', '?', '~']) {
        return text.to_lowercase() == pattern.to_lowercase();
    }
    let pattern: Vec<char> = pattern.to_lowercase().chars().take(255).collect();
    fits_pattern(text, &pattern, true)
}

/// Whether a text begins with a pattern, or is as a whole what it says: `?` is any character, `*` any text, `~` takes the next one
/// as it is.
fn fits_pattern(text: &str, pattern: &[char], whole: bool) -> bool {
    let mut rest = text.chars();
    let mut at = 0usize;
    // Where to try again: the pattern behind the last star, and the text from where it was tried.
    let mut again: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let ended = pattern.get(at).is_none();
        if ended && (!whole || rest.as_str().is_empty()) {
            return true;
        }
        let wanted = pattern.get(at).unwrap_or(&'\0');
        let escaped = *wanted == '~' && pattern.get(at.saturating_add(1)).is_some();
        let wanted =
            if escaped { pattern.get(at.saturating_add(1)).copied().unwrap_or('~') } else { *wanted };
        if wanted == '*' && !escaped {
            at = at.saturating_add(1);
            again = Some((at, rest.clone()));
            continue;
        }
        let next = rest.next();
        let fits = !ended
            && next.is_some_and(|letter| {
                (wanted == '?' && !escaped) || letter == wanted || letter.to_lowercase().eq([wanted])
            });
        if fits {
            at = at.saturating_add(if escaped { 2 } else { 1 });
            continue;
        }
        let Some((behind, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        at = *behind;
        rest = from.clone();
    }
}

fn count_or_one(args: &mut Args<'_, '_, '_>) -> Result<usize, Fail> {
    if args.is_missing(1) { Ok(1) } else { args.at_least(1, 0) }
}

fn left(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let count = count_or_one(args)?;
    args.made(slice_chars(&text, 0, count))
}

fn right(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let count = count_or_one(args)?;
    let all = text.chars().count();
    args.made(slice_chars(&text, all.saturating_sub(count), count))
}

fn mid(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let (start, count) = (args.at_least(1, 1)?, args.at_least(2, 0)?);
    args.made(slice_chars(&text, start.saturating_sub(1), count))
}

fn len(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    Ok(f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)).into())
}

fn lower(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    args.made(text.to_lowercase())
}

fn upper(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    args.made(text.to_uppercase())
}

fn proper(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let mut made = String::new();
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            made.extend(letter.to_lowercase());
        } else {
            made.extend(letter.to_uppercase());
        }
        inside = letter.is_alphabetic();
    }
    args.made(made)
}

fn replace(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let (start, count) = (args.at_least(1, 1)?, args.at_least(2, 0)?);
    let new = args.text(3)?;
    let start = start.saturating_sub(1);
    let head = slice_chars(&text, 0, start);
    let tail = slice_chars(&text, start.saturating_add(count), usize::MAX);
    args.made(format!("{head}{new}{tail}"))
}

fn rept(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let count = args.at_least(1, 0)?;
    args.room_for(text.len().saturating_mul(count))?;
    args.made(text.repeat(count))
}

fn substitute(args: &mut Args<'_, '_, '_>) -> Answer {
    let (text, old, new) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let which = if args.is_missing(3) { None } else { Some(args.at_least(3, 1)?) };
    if old.is_empty() {
        return args.made(&*text);
    }
    let mut made = String::new();
    let mut rest: &str = &text;
    let mut count = 0usize;
    while let Some((head, tail)) = rest.split_once(&*old) {
        count = count.saturating_add(1);
        made.push_str(head);
        made.push_str(if which.is_none_or(|which| which == count) { &new } else { &old });
        args.room_for(made.len())?;
        rest = tail;
    }
    made.push_str(rest);
    args.made(made)
}

fn t(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(match args.value(0)? {
        Data::Text(text) => Data::Text(text),
        Data::Error(code) => Data::Error(code),
        _ => Data::from(""),
    })
}

fn trim(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    args.made(words.join(" "))
}

fn value(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.value(0)? {
        Data::Text(text) => parse_number(&text).map(Data::number).ok_or(ErrorCode::Value.into()),
        other => Ok(Data::number(other.to_number()?)),
    }
}
