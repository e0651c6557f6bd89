use super::judge::{Leads, is_whole_page, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A linked object at a web address.
    ///
    /// ## Why it matters
    /// Office fetches what is there and hands it to the program that its type belongs to. An HTML
    /// application runs as a program (CVE-2017-0199); a page that calls the support tool runs a command
    /// (CVE-2022-30190). What is in a page cannot be seen from here: an honest page and an exploit are linked alike,
    /// and only an address that hides where it leads tells them apart (LNK015).
    ///
    /// ## When it is innocent
    /// Reports that show a range of a workbook on SharePoint, or a page of the intranet.
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
        let form = if is_whole_page(&judged.folded) { ", a web page as a whole" } else { "" };
        let message = format!("a linked object is fetched from {:?}{form}", link.target);
        sink.report(&REMOTE_OBJECT, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
    }
}
