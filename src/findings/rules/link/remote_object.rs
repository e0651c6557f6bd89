use super::judge::{Leads, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A linked object at a web address.
    ///
    /// ## Why it matters
    /// Office fetches what is there and hands it to the program that its type belongs to. An HTML
    /// application runs as a program (CVE-2017-0199); a page that calls the support tool runs a command
    /// (CVE-2022-30190). The exploits of the latter link a page as a whole, `.html!`; what is in the page
    /// cannot be seen from here.
    ///
    /// ## When it is innocent
    /// Reports that show a range of a workbook on SharePoint.
    ///
    /// ## References
    /// ECMA-376 part 1, 15.2.12; CVE-2017-0199; CVE-2022-30190; ATT&CK T1203, T1221
    REMOTE_OBJECT {
        id: "LNK008", name: "remote-object", severity: High, confidence: Likely,
        attack: ["T1203", "T1221"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::OleObject) {
        let judged = judge(&link.target);
        if judged.leads != Leads::Web {
            continue;
        }
        let form = if is_whole_page(&judged.folded) {
            ", a page as a whole as in exploits of CVE-2022-30190"
        } else {
            ""
        };
        let message = format!("a linked object is fetched from {:?}{form}", link.target);
        sink.report(&REMOTE_OBJECT, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
    }
}

/// Whether a target names a web page and no item in it. A range of a workbook on SharePoint has an item behind
/// the `!`, and a workbook is no page.
fn is_whole_page(folded: &str) -> bool {
    let Some(address) = folded.strip_suffix('!') else { return false };
    let path = address.split(['?', '#']).next().unwrap_or_default();
    [".htm", ".html", ".hta", ".xhtml", ".mht"].iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_without_an_item_has_the_form() {
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
}
