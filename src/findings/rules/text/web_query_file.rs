use super::remote_query::leaves;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file that is nothing but a query (`.iqy`, `.dqy`, `.oqy`, `.rqy`), whose source is a web address or
    /// lies on another host.
    ///
    /// ## Why it matters
    /// A double click opens Excel, which asks once and then puts what the server sends into cells. Formulas
    /// in that answer may ask programs for data. Such a file came in mass mailings because it is a few
    /// lines of text without anything that a filter would stop.
    ///
    /// ## When it is innocent
    /// SharePoint gives such a file to a person who exports a list. It is opened from the browser then;
    /// that one is sent by mail is rare, and its address is the company's own.
    ///
    /// ## References
    /// Observed in mass mailings of 2018; ATT&CK T1105, T1204.002
    WEB_QUERY_FILE {
        id: "TXT006", name: "web-query-file", severity: High, confidence: Likely,
        attack: ["T1105", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Query && link.automatic) {
        let part = facts.parts.get(link.location.part.0 as usize);
        let is_query = part.is_some_and(|part| part.kind == PartKind::File(FileKind::Query));
        if is_query && leaves(&link.target) {
            let message = format!("a query file fetches {:?} when it is opened", link.target);
            sink.report(
                &WEB_QUERY_FILE,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
