use super::judge::{Leads, imitates_schema, is_whole_page, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A linked object that is a web page as a whole, at an address that hides where it leads: a host that is a number
    /// or an address without a name, a shortener, a name in front of an `@`, odd letters in the scheme, a host that is
    /// named like those of the schemas of Office.
    ///
    /// ## Why it matters
    /// Office fetches the page and shows it, and the page calls the support tool of Windows with a command
    /// (CVE-2022-30190) or loads a control (CVE-2021-40444). Exploits kept the page at such addresses.
    ///
    /// ## When it is innocent
    /// A page of a device in the same building may have an address without a name; who links it into a document?
    /// A page at a host with a name is LNK008 alone.
    ///
    /// ## References
    /// CVE-2022-30190; ECMA-376 part 1, 15.2.12; ATT&CK T1203, T1221
    DISGUISED_PAGE {
        id: "LNK015", name: "disguised-page", severity: Critical, confidence: Likely,
        attack: ["T1203", "T1221", "T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::OleObject) {
        let judged = judge(&link.target);
        if judged.leads != Leads::Web || !is_whole_page(&judged.folded) {
            continue;
        }
        let imitation = imitates_schema(&judged.folded).then_some("its host is named like that of a schema");
        if let Some(how) = judged.disguise.or(imitation) {
            let message = format!(
                "a linked object is the web page {:?}, and {how}, as in exploits of CVE-2022-30190",
                link.target
            );
            let text = format!("{} = {}", link.target, judged.folded);
            sink.report(&DISGUISED_PAGE, message, [Evidence::new(link.location.clone(), text)]);
        }
    }
}
