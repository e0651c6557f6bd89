//! What a target of a link says, whatever it is written like.

use crate::indicators::Host;

/// A target, decoded and folded, and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    /// The target with percent signs decoded, in lower case, slashes one way.
    pub(super) folded: String,
    /// Where it leads.
    pub(super) leads: Leads,
    /// Whether it is written as a share, so that Windows signs on where it leads.
    pub(super) is_share: bool,
    /// How it hides that.
    pub(super) disguise: Option<&'static str>,
    /// The exploit whose mark it bears, and what it does.
    pub(super) exploit: Option<(&'static str, &'static str)>,
}

/// Where a target leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// Into the document, or to a file beside it or on the same computer.
    Nowhere,
    /// To a web address, or to a server of the Internet by the name of a share.
    Web,
    /// To another computer by its name: `\\host\share`, `file://host/`.
    Share,
    /// To a handler of the system.
    Handler,
}

/// Schemes whose handlers run code, fetch what they are told to, or show what a stranger chose.
const HANDLERS: &[(&str, &str, &str)] = &[
    ("mhtml:", "CVE-2021-40444", "opens a page of an archive as a part of the document"),
    ("mk:", "CVE-2021-40444", "opens a page of an archive as a part of the document"),
    ("x-usc:", "CVE-2021-40444", "opens a page as a part of the document"),
    ("scriptlet:", "CVE-2017-8570", "runs a script"),
    ("script:", "CVE-2017-8570", "runs a script"),
    ("soap:", "CVE-2017-8759", "compiles a service description"),
    ("ms-msdt:", "CVE-2022-30190", "starts the support tool with arguments"),
    ("search-ms:", "CVE-2023-36884", "shows files of another computer as search results"),
    ("search:", "CVE-2023-36884", "shows files of another computer as search results"),
    ("ms-officecmd:", "T1218", "starts Office with a command"),
    ("vbscript:", "T1059.005", "runs a script"),
    ("javascript:", "T1059.007", "runs a script"),
];

/// Services whose addresses do not say where they lead.
const SHORTENERS: &[&str] = &[
    "adf.ly",
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "urlz.fr",
    "v.gd",
];

/// Judges a target.
pub(super) fn judge(target: &str) -> Judged {
    let trimmed = target.trim();
    let folded = folded(trimmed);
    let exploit = exploit(&folded);
    let (leads, is_share) = match leads(&folded) {
        Leads::Share if is_on_internet(&folded) => (Leads::Web, true),
        leads => (leads, leads == Leads::Share),
    };
    let disguise = if matches!(leads, Leads::Nowhere) { None } else { disguise(trimmed, &folded) };
    Judged { folded, leads, is_share, disguise, exploit }
}

/// Percent signs decoded up to three times over, control characters and blanks in the scheme taken
/// out, lower case, slashes one way, `\\?\UNC\host` and `\\?\C:` without their first part.
pub(in crate::findings::rules) fn folded(target: &str) -> String {
    let mut text = target.to_owned();
    for _ in 0..3 {
        let decoded = crate::documents::ooxml::package::percent_decoded(&text).into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    let text = text
        .chars()
        .filter(|letter| !letter.is_control())
        .map(|letter| if letter == '\\' { '/' } else { letter })
        .flat_map(char::to_lowercase)
        .collect::<String>();
    without_device(text.trim())
}

/// A path without the mark of the names of devices that Windows takes in front of any path.
fn without_device(folded: &str) -> String {
    let (scheme, path) = folded.strip_prefix("file:").map_or(("", folded), |path| ("file:", path));
    let device = path.trim_start_matches('/');
    let slashes = path.len().saturating_sub(device.len());
    let inner = device.strip_prefix("?/").or_else(|| device.strip_prefix("./")).filter(|_| slashes >= 2);
    match inner {
        Some(inner) => match inner.strip_prefix("unc/") {
            Some(share) => format!("{scheme}//{share}"),
            None if inner.get(1..2) == Some(":") => format!("{scheme}{inner}"),
            None => folded.to_owned(),
        },
        None => folded.to_owned(),
    }
}

fn exploit(folded: &str) -> Option<(&'static str, &'static str)> {
    if folded.contains("!x-usc:") {
        return Some(("CVE-2021-40444", "opens a page as a part of the document"));
    }
    let found = HANDLERS.iter().find(|(scheme, ..)| folded.starts_with(scheme));
    found.map(|(_, mark, what)| (*mark, *what))
}

fn leads(folded: &str) -> Leads {
    const WEB: [&str; 6] = ["http:", "https:", "ftp:", "ftps:", "webdav:", "dav:"];
    if WEB.iter().any(|scheme| folded.starts_with(scheme)) {
        return Leads::Web;
    }
    if HANDLERS.iter().any(|(scheme, ..)| folded.starts_with(scheme)) {
        return Leads::Handler;
    }
    let share = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', '.', '?']);
    if let Some(rest) = folded.strip_prefix("file:") {
        let slashes = rest.len().saturating_sub(rest.trim_start_matches('/').len());
        let path = rest.trim_start_matches('/');
        let is_drive = path.get(1..2).is_some_and(|colon| matches!(colon, ":" | "|"));
        let is_share = (slashes == 2 || slashes >= 4) && !is_drive && !path.is_empty();
        let is_local = path.starts_with("localhost/");
        return if is_share && !is_local { Leads::Share } else { Leads::Nowhere };
    }
    match folded.strip_prefix("//") {
        Some(rest) if share(rest) => Leads::Share,
        _ => Leads::Nowhere,
    }
}

/// Whether a share lies on the Internet: asked for by WebDAV, or by an address that no private network has.
fn is_on_internet(folded: &str) -> bool {
    let path = folded.strip_prefix("file:").unwrap_or(folded).trim_start_matches('/');
    let mut parts = path.split('/');
    let host = parts.next().unwrap_or_default();
    // The redirector of Windows takes `host@SSL`, `host@80` and `host@SSL@443`.
    let mut marks = host.split('@').skip(1).peekable();
    let has_port = marks.peek().is_some() && marks.all(|mark| mark == "ssl" || mark.parse::<u16>().is_ok());
    let is_public = match folded_host(folded).and_then(Host::parse) {
        Some(Host::V4 { address, .. }) => {
            !(address.is_private() || address.is_loopback() || address.is_link_local())
        }
        _ => false,
    };
    has_port || is_public || parts.next() == Some("davwwwroot")
}

/// How a target of the web or a share hides where it leads.
fn disguise(target: &str, folded: &str) -> Option<&'static str> {
    let (scheme, rest) = target.split_once(':').unwrap_or(("", target));
    if scheme.contains('%')
        || (folded.starts_with("http") && !target.to_ascii_lowercase().starts_with("http"))
    {
        return Some("its scheme is percent-encoded");
    }
    let cased = scheme.chars().any(char::is_lowercase) && scheme.chars().skip(1).any(char::is_uppercase);
    if cased {
        return Some("the letters of its scheme change their case");
    }
    let authority = rest.trim_start_matches(['/', '\\']);
    let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') && folded.starts_with("http") {
        return Some("a name before an @ hides its host");
    }
    if authority.contains('%') {
        return Some("its host is percent-encoded");
    }
    let host = folded_host(folded)?;
    if SHORTENERS.contains(&host) {
        return Some("a shortener hides its host");
    }
    match Host::parse(host) {
        Some(Host::V4 { dotted: false, .. }) => Some("its host is a number"),
        Some(Host::V4 { .. } | Host::V6(_)) => Some("its host is an address without a name"),
        _ => None,
    }
}

/// The host of a folded target, without port.
fn folded_host(folded: &str) -> Option<&str> {
    let rest = folded.split_once("//").map_or(folded, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if host.starts_with('[') {
        return Some(host.split_inclusive(']').next().unwrap_or(host));
    }
    // `\\host@SSL\share` has its port behind the sign.
    let host = authority.split('@').next().filter(|_| !folded.starts_with("http")).unwrap_or(host);
    Some(host.split(':').next().unwrap_or(host))
}

/// Whether the last name of a folded address is one that a template has.
pub(super) fn is_template_name(folded: &str) -> bool {
    const TEMPLATES: [&str; 14] = [
        "dot", "dotx", "dotm", "doc", "docx", "docm", "xlt", "xltx", "xltm", "pot", "potx", "potm", "thmx",
        "rtf",
    ];
    let path = folded.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| TEMPLATES.contains(&extension))
}

/// Whether a target names a web page and no item in it. A range of a workbook on SharePoint has an item behind
/// the `!`, and a workbook is no page.
pub(super) fn is_whole_page(folded: &str) -> bool {
    let Some(address) = folded.strip_suffix('!') else { return false };
    let path = address.split(['?', '#']).next().unwrap_or_default();
    [".htm", ".html", ".hta", ".xhtml", ".mht"].iter().any(|end| path.ends_with(end))
}

/// Whether the host of a folded target is named like those of the schemas of Office, and is none of them.
pub(super) fn imitates_schema(folded: &str) -> bool {
    const SCHEMAS: [&str; 3] = ["schemas.openxmlformats.org", "schemas.microsoft.com", "purl.oclc.org"];
    const LIKE: [&str; 3] = ["xmlformats", "openxml", "schemas.microsoft"];
    let host = folded_host(folded).unwrap_or_default();
    !SCHEMAS.contains(&host) && LIKE.iter().any(|name| host.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_without_an_item_is_whole() {
        for target in ["https://one.invalid/page.html!", "http://one.invalid/a.htm?b=c!"] {
            assert!(is_whole_page(target), "{target}");
        }
        for target in [
            "https://one.invalid/page.html",
            "https://one.invalid/book.xlsx!",
            "https://one.invalid/book.xlsx!sheet1!r1c1",
            "https://one.invalid/sites/html!",
        ] {
            assert!(!is_whole_page(target), "{target}");
        }
    }

    #[test]
    fn hosts_named_like_schemas_are_told_from_schemas() {
        assert!(imitates_schema("https://www.xmlformats.invalid/office/word/2022/worddrawing/a.html!"));
        assert!(!imitates_schema("http://schemas.openxmlformats.org/a.html!"));
        assert!(!imitates_schema("https://one.invalid/xmlformats/a.html!"));
    }

    #[test]
    fn targets_are_decoded_before_they_are_judged() {
        let leads = |target: &str| judge(target).leads;
        for target in [
            "http://a.invalid/",
            "HTTPS://a.invalid",
            "%68ttp://a.invalid",
            "%2568ttp://a.invalid",
            " ftp://a",
        ] {
            assert_eq!(leads(target), Leads::Web, "{target}");
        }
        for target in [
            r"\\a.invalid\x",
            "//a/x",
            "file://a.invalid/x",
            r"file:///\\a\x",
            "file:////a/x",
            r"\\?\UNC\a.invalid\x",
            r"\\.\unc\a\x",
            r"file:///\\?\UNC\a\x",
            r"\\10.0.0.7\x",
            r"\\a@b\x",
        ] {
            assert_eq!(leads(target), Leads::Share, "{target}");
        }
        for target in [
            "C:\\a.dot",
            "a.dotx",
            "file:///C:/a.dotm",
            "file://localhost/a",
            "../a",
            "#a",
            "",
            r"\\?\C:\a",
            r"file:///\\?\C:\a",
            r"\\.\pipe\a",
            "file:///a",
        ] {
            assert_eq!(leads(target), Leads::Nowhere, "{target}");
        }
    }

    #[test]
    fn shares_of_the_internet_are_told_from_those_of_a_company() {
        for target in [
            r"\\a.invalid@SSL\x\b.dotm",
            r"\\a.invalid@8080\x",
            r"\\a.invalid@SSL@443\x",
            r"\\a.invalid\DavWWWRoot\x",
            r"\\203.0.113.9\x",
            r"\\?\UNC\203.0.113.9@80\x",
            "file://a.invalid@ssl/x",
        ] {
            let judged = judge(target);
            assert_eq!((judged.leads, judged.is_share), (Leads::Web, true), "{target}");
        }
        assert!(!judge("http://a.invalid/x").is_share);
        assert!(judge(r"\\203.0.113.9@80\dav\a.html!").disguise.is_some());
    }

    #[test]
    fn disguises_are_named() {
        let named = |target: &str| judge(target).disguise.is_some();
        for target in [
            "hTtPs://a.invalid/x.dotm",
            "%68ttp://a.invalid/x.dotm",
            "http://good.invalid@a.invalid/x.dotm",
            "http://bit.ly/x",
            "http://192.0.2.7/x.dotm",
            "http://0xC0000207/x.dotm",
            "http://[2001:db8::1]/x.dotm",
            "http://a%2einvalid/x.dotm",
        ] {
            assert!(named(target), "{target}");
        }
        for target in [
            "http://a.invalid/x.dotm",
            "HTTP://a.invalid/x",
            "Http://a.invalid",
            "https://a.invalid:8080/%20x",
            r"\\a@SSL\x",
        ] {
            assert!(!named(target), "{target}: {:?}", judge(target));
        }
    }

    #[test]
    fn handlers_bear_the_marks_of_their_exploits() {
        let mark = |target: &str| judge(target).exploit.map(|(mark, _)| mark);
        assert_eq!(
            mark("mhtml:http://a.invalid/b.html!x-usc:http://a.invalid/b.html"),
            Some("CVE-2021-40444")
        );
        assert_eq!(mark("%73cript:%68ttp://a.invalid/b.sct"), Some("CVE-2017-8570"));
        assert_eq!(mark("ms-msdt:/id PCWDiagnostic"), Some("CVE-2022-30190"));
        assert_eq!(mark("search-ms:query=a&crumb=location:\\\\a.invalid\\b"), Some("CVE-2023-36884"));
        assert_eq!(mark("https://a.invalid/script:"), None);
    }

    #[test]
    fn names_of_templates_are_told_from_others() {
        let names = ["http://a.invalid/b/c.dotm?x=1", "https://a.invalid/c.DOTX"];
        assert_eq!(names.map(|name| is_template_name(&judge(name).folded)), [true; 2]);
        let others = ["http://a.invalid/c.jpg", "http://a.invalid/", "http://a.invalid/dotm"];
        assert_eq!(others.map(|name| is_template_name(&judge(name).folded)), [false; 3]);
    }
}
