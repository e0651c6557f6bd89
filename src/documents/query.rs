//! Queries that Excel runs when their file is opened: web (`.iqy`), ODBC (`.dqy`), OLE DB (`.oqy`, `.rqy`).
//!
//! The first line names the kind. A web query has a version, the address, what is posted, and options;
//! the others a connection string and a command. Excel asks once, and then fetches.

use super::coded::Coded;
use super::document::{Document, DocumentKind, DocumentText, TextPlace};
use super::link::{Link, LinkKind};
use crate::base::{Cx, LimitHit};

/// Most lines that are looked at: a query has about ten.
const LINES: usize = 4096;

/// Reads a query: where it gets its data into `links`, its lines into `document`.
///
/// # Errors
/// [`LimitHit`] when the steps or memory do not last.
pub fn read(
    bytes: &[u8],
    document: &mut Document,
    links: &mut Vec<Link>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let coded = Coded::new(bytes, None, cx)?;
    document.kind = DocumentKind::Text;
    let text = coded.text.as_ref();
    let mut at = 0_usize;
    let mut kind = Kind::Other;
    let mut number = 0_u32;
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if number as usize >= LINES {
            let range = coded.at(start)..bytes.len() as u64;
            cx.abandoned(range, &format_args!("more than {LINES} lines"));
            break;
        }
        cx.budget.step(1)?;
        cx.budget.hold(line.len().saturating_mul(2).saturating_add(256))?;
        let location = coded.location(start..at, cx);
        if number == 0 {
            kind = Kind::of(line);
        }
        if let Some(target) = kind.target(number, line) {
            links.push(Link { kind: LinkKind::Query, target, automatic: true, location: location.clone() });
        }
        document.texts.push(DocumentText {
            text: line.to_owned(),
            place: TextPlace::Body,
            hidden: None,
            location,
        });
        number = number.saturating_add(1);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Web,
    Odbc,
    Other,
}

impl Kind {
    fn of(line: &str) -> Self {
        if line.eq_ignore_ascii_case("WEB") {
            Kind::Web
        } else if line.eq_ignore_ascii_case("XLODBC") {
            Kind::Odbc
        } else {
            Kind::Other
        }
    }

    /// Where the data comes from, when a line says so.
    fn target(self, number: u32, line: &str) -> Option<String> {
        match self {
            // The version may be missing.
            Kind::Web => {
                let is_address = line.contains("://") || line.starts_with(r"\\");
                (number == 2 || (number == 1 && is_address))
                    .then(|| line.to_owned())
                    .filter(|_| number == 1 || !line.contains('=') || is_address)
            }
            Kind::Odbc => (number == 2).then(|| line.to_owned()),
            Kind::Other => {
                let (name, value) = line.split_once('=')?;
                let name = name.trim();
                let wanted =
                    ["Connection", "SourceFile", "URL"].iter().any(|known| known.eq_ignore_ascii_case(name));
                wanted.then(|| value.trim().to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn targets(text: &str) -> Vec<String> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let (mut document, mut links) = (Document::default(), Vec::new());
        read(text.as_bytes(), &mut document, &mut links, &mut cx).unwrap();
        assert!(links.iter().all(|link| link.automatic && link.kind == LinkKind::Query));
        links.into_iter().map(|link| link.target).collect()
    }

    #[test]
    fn each_kind_says_where_its_data_comes_from() {
        assert_eq!(
            targets("WEB\r\n1\r\nhttp://one.invalid/a\r\n\r\nSelection=1\r\n"),
            ["http://one.invalid/a"]
        );
        assert_eq!(targets("web\nhttp://one.invalid/a\nx=[\"y\"]\n"), ["http://one.invalid/a"]);
        assert_eq!(
            targets("XLODBC\n1\nDRIVER=SQL Server;SERVER=db\nSELECT 1\n"),
            ["DRIVER=SQL Server;SERVER=db"]
        );
        assert_eq!(
            targets("QueryType=OLEDB\nVersion=1\nCommandType=Cube\nConnection=Provider=x;Data Source=y\n"),
            ["Provider=x;Data Source=y"]
        );
    }
}
