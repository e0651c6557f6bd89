use crate::base::Location;
use crate::documents::workbook::ExternalKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Formulas that refer to a workbook or linked object on the network: an address with a scheme,
    /// or a UNC path.
    ///
    /// ## Why it matters
    /// Updating the link contacts the host. A UNC path sends the person's credentials with it.
    ///
    /// ## When it is innocent
    /// Companies link to workbooks on their file servers. Links to local and relative paths are not
    /// reported.
    ///
    /// ## References
    /// [MS-XLS] 2.4.271 SupBook; ATT&CK T1187
    EXTERNAL_WORKBOOK {
        id: "LNK002", name: "external-workbook", severity: Low, confidence: Certain,
        attack: ["T1187"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for source in &book.books {
            let links = matches!(source.kind, ExternalKind::Workbook | ExternalKind::Ole);
            if links && is_remote(&source.path) {
                let place = Location::bytes(book.part, source.at..source.at.saturating_add(4));
                let message = format!("formulas refer to {:?}", source.path);
                sink.report(&EXTERNAL_WORKBOOK, message, [Evidence::new(place, source.path.as_str())]);
            }
        }
    }
}

/// Whether a path leaves the machine: `scheme://` other than `file:///`, or `\\host\`.
fn is_remote(path: &str) -> bool {
    let path = path.rsplit('|').next().unwrap_or(path);
    let scheme = path.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric())
            && !(scheme.eq_ignore_ascii_case("file") && rest.starts_with('/'))
    });
    scheme || path.strip_prefix(r"\\").is_some_and(|rest| !rest.starts_with(['.', '?', '\\']))
}

#[cfg(test)]
mod tests {
    use super::is_remote;

    #[test]
    fn addresses_and_unc_paths_leave_the_machine() {
        let remote = [
            r"http://one.invalid/a.xls",
            r"\\host\share\a.xls",
            "file://host/a.xls",
            r"Word|ftp://x.invalid/b",
        ];
        let local = [r"C:\a.xls", "a.xls", r"..\a.xls", "file:///C:/a.xls", r"\\?\C:\a.xls", r"\\.\pipe", ""];
        assert_eq!(remote.map(is_remote), [true; 4]);
        assert_eq!(local.map(is_remote), [false; 7]);
    }
}
