//! What a page of HTML in a mail says and does: its text, its links, and whether a script in it builds a
//! file.
//!
//! No parser of HTML: tags are passed over, and what a person reads is what is between them. Pages that
//! are documents of their own have a reader of their own.

use crate::base::base64;
use crate::containers::sniff::sniff;

/// Most characters of a page that are looked at.
const MOST: usize = 4 << 20;

/// The text between the tags of `page` and that of pictures that are not loaded, with entities resolved and blocks
/// on lines of their own; scripts, styles and comments are left out. Outlook shows what a comment holds for Office
/// alone.
pub fn text(page: &str) -> String {
    let page = page.get(..page.floor_char_boundary(MOST.min(page.len()))).unwrap_or_default();
    let mut into = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        entities(rest.get(..at).unwrap_or_default(), &mut into);
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with("<!--") {
            rest = for_office(rest).unwrap_or_else(|| behind(rest, "-->"));
            continue;
        }
        let name = tag_name(rest);
        let skipped = match name.as_str() {
            "script" => "</script",
            "style" => "</style",
            "xml" => "</xml",
            _ => "",
        };
        if !skipped.is_empty() {
            rest = behind_in_any_case(rest, skipped);
        } else if is_block(&name) {
            into.push('\n');
        } else if matches!(name.as_str(), "img" | "area") {
            let tag = rest.split('>').next().unwrap_or_default();
            if let Some(value) = attributes(tag, &["alt"]).next() {
                into.push(' ');
                entities(value, &mut into);
                into.push(' ');
            }
        }
        rest = behind(rest, ">");
    }
    entities(rest, &mut into);
    into
}

/// What follows the condition of a comment that Office takes for markup: `<!--[if gte mso 9]>`.
fn for_office(comment: &str) -> Option<&str> {
    const CONDITION: usize = 256;
    let condition = comment.strip_prefix("<!--[if")?;
    let head = condition.get(..condition.floor_char_boundary(CONDITION.min(condition.len())))?;
    let stated = head.get(..head.find("]>")?)?;
    let written: String = stated.to_ascii_lowercase().split_ascii_whitespace().collect();
    let is_negated = written.contains("!mso") || written.contains("!(");
    (written.contains("mso") && !is_negated).then(|| behind(condition, "]>"))
}

/// Targets of links and frames in `page`: `href`, `src` and `action`, in the order of the page.
pub fn links(page: &str) -> Vec<String> {
    const NAMES: [&str; 3] = ["href", "src", "action"];
    const KEPT: usize = 1024;
    let page = page.get(..page.floor_char_boundary(MOST.min(page.len()))).unwrap_or_default();
    let resolved = attributes(page, &NAMES).map(|target| {
        let mut resolved = String::new();
        entities(target.trim(), &mut resolved);
        resolved
    });
    resolved.filter(|target| !target.is_empty() && !target.starts_with('#')).take(KEPT).collect()
}

/// Values of the attributes of these names in `text`, as they stand there.
fn attributes<'p>(text: &'p str, names: &'p [&'p str]) -> impl Iterator<Item = &'p str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some((before, after)) = rest.split_once('=') {
            rest = after;
            let before = before.trim_ascii_end().as_bytes();
            let is_named = |name: &&str| {
                let start = before.len().checked_sub(name.len());
                let named = start.and_then(|start| before.get(start..));
                named.is_some_and(|named| named.eq_ignore_ascii_case(name.as_bytes()))
            };
            if !names.iter().any(is_named) {
                continue;
            }
            let value = after.trim_ascii_start();
            let value = match value.strip_prefix(['"', '\'']) {
                Some(quoted) => quoted.split(['"', '\'']).next(),
                None => value.split([' ', '>', '\n', '\r', '\t']).next(),
            };
            return value;
        }
        None
    })
}

/// A page that hands out a file, or holds one as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smuggling {
    /// Which means of scripts hand it out; none where the file is just there.
    pub means: Vec<&'static str>,
    /// The first text of Base64 in the page that is a document, an archive or a program, or else the longest one,
    /// decoded.
    pub file: Option<Vec<u8>>,
}

/// Means by which a script makes a file of text, and those by which it hands it out.
const MAKES: [(&str, &str); 6] = [
    ("atob(", "atob"),
    ("new blob(", "Blob"),
    ("fromcharcode", "fromCharCode"),
    ("uint8array", "Uint8Array"),
    ("data:application/", "data: address"),
    (";base64,", "data: address"),
];
const HANDS_OUT: [(&str, &str); 4] = [
    ("createobjecturl", "createObjectURL"),
    ("mssaveoropenblob", "msSaveOrOpenBlob"),
    ("mssaveblob", "msSaveBlob"),
    (".download", "download attribute"),
];

/// Letters of Base64 from which on they are taken for a file.
const FILE_LETTERS: usize = 400;

/// Letters of each text of Base64 that are decoded to see what it is.
const BEGINNING: usize = 8 << 10;

/// Says whether `page` has a script that builds a file and hands it out, or holds a document, an archive or a program
/// as text.
pub fn smuggling(page: &str) -> Option<Smuggling> {
    let page = page.get(..page.floor_char_boundary(MOST.min(page.len()))).unwrap_or_default();
    let folded = page.to_ascii_lowercase();
    let found = |list: &[(&str, &'static str)]| {
        let named = list.iter().filter(|(mark, _)| folded.contains(mark)).map(|(_, name)| *name);
        named.collect::<Vec<_>>()
    };
    let (makes, hands_out) = (found(&MAKES), found(&HANDS_OUT));
    let has_attribute = folded.contains("download=") && folded.contains(";base64,");
    let hands_out_one = !makes.is_empty() && (!hands_out.is_empty() || has_attribute);
    let runs = || page.split(|letter: char| !is_base64(letter)).filter(|run| run.len() >= FILE_LETTERS);
    let carrier = runs().find(|run| {
        let beginning = run.get(..BEGINNING.min(run.len())).unwrap_or_default();
        sniff(&base64::decode(beginning.as_bytes())).is_carrier()
    });
    if carrier.is_none() && !hands_out_one {
        return None;
    }
    let file =
        carrier.or_else(|| runs().max_by_key(|run| run.len())).map(|run| base64::decode(run.as_bytes()));
    let mut means = if hands_out_one { [makes, hands_out].concat() } else { Vec::new() };
    means.dedup();
    Some(Smuggling { means, file })
}

/// The sign of an attribute is none, though it may be padding: what a text decodes to needs none.
fn is_base64(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(base64::is_letter)
}

fn behind<'p>(text: &'p str, mark: &str) -> &'p str {
    match text.find(mark) {
        Some(at) => text.get(at.saturating_add(mark.len())..).unwrap_or_default(),
        None => "",
    }
}

/// `mark` is in lower case and ASCII.
fn behind_in_any_case<'p>(text: &'p str, mark: &str) -> &'p str {
    let first = mark.len();
    let found =
        text.as_bytes().windows(first).position(|window| window.eq_ignore_ascii_case(mark.as_bytes()));
    found.and_then(|at| text.get(at..)).unwrap_or_default()
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches(['<', '/']);
    name.chars().take_while(char::is_ascii_alphanumeric).take(16).collect::<String>().to_ascii_lowercase()
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "br" | "div" | "tr" | "li" | "table" | "h1" | "h2" | "h3" | "hr" | "td" | "blockquote"
    )
}

/// Appends `text` with its entities resolved; unknown ones stay as they are.
fn entities(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        into.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.char_indices().take(12).find(|(_, letter)| *letter == ';').map(|(end, _)| end);
        let resolved = end.and_then(|end| entity(rest.get(1..end)?).map(|letter| (letter, end)));
        match resolved {
            Some((letter, end)) => {
                into.push(letter);
                rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
            }
            None => {
                into.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    into.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_stands_between_the_tags() {
        let page = "<html><style>p{}</style><p>Pass&#119;ort: <b>A&amp;B</b><br>x<!-- <p>no --> &unknown; \
                    <SCRIPT>var a = '<b>no</b>'</SCRIPT>end";
        assert_eq!(text(page), "\nPasswort: A&B\nx &unknown; end");
        assert_eq!(text("a <b"), "a ");
    }

    #[test]
    fn what_outlook_shows_and_browsers_do_not_is_text() {
        let page = "a<!--[if gte mso 9]><xml><o:P>96</o:P></xml><td>b</td><![endif]--><!--[if (mso)|(IE)]>c<![endif]-->\
                    <!--[if !mso]>d<![endif]--><!--[if !(mso 9)]>e<![endif]--><!-- mso f --><img src=x alt='g &amp; h'>";
        assert_eq!(text(page), "a\nb\nc g & h ");
    }

    #[test]
    fn links_are_targets_of_attributes() {
        let page = "<a HREF = \"https://one.invalid/?a=1&amp;b=2\">x</a><img src=file://host.invalid/x.png><a href='#top'>";
        assert_eq!(links(page), ["https://one.invalid/?a=1&b=2", "file://host.invalid/x.png"]);
    }

    #[test]
    fn script_that_builds_a_file_and_hands_it_out_is_told() {
        let data = "QUJD".repeat(200);
        let page =
            format!("<script>var b = new Blob([atob('{data}')]); x.href = URL.createObjectURL(b)</script>");
        let found = smuggling(&page).unwrap();
        assert_eq!(found.means, ["atob", "Blob", "createObjectURL"]);
        assert_eq!(found.file.unwrap(), b"ABC".repeat(200));
        assert_eq!(smuggling("<script>atob('QUJD')</script>"), None);
        assert_eq!(smuggling("<img src=\"data:image/png;base64,QUJD\">"), None);
    }

    #[test]
    fn archive_in_base64_is_told_among_other_data_and_without_a_script() {
        let archive = [b"PK\x03\x04".as_slice(), &[7; 400]].concat();
        let letters = |bytes: &[u8]| docsift_corpus::bytes::base64(bytes);
        let decoy = format!(
            "<img src='data:image/gif;base64,{}'>",
            letters(&[b"GIF89a".as_slice(), &[9; 900]].concat())
        );
        let page = format!("<div>{}<p id={}>", decoy.repeat(100), letters(&archive));
        assert_eq!(smuggling(&page), Some(Smuggling { means: Vec::new(), file: Some(archive) }));
        assert_eq!(smuggling(&decoy), None);
        let own_data = [b"\x1f\x8b\x08\0".as_slice(), &[7; 400]].concat();
        assert_eq!(smuggling(&format!("<div id={}>", letters(&own_data))), None);
    }
}
