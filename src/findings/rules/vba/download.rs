use super::statements::{quoted, report_by_module};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;

declare_rule! {
    /// ## What it finds
    /// Code that fetches something from the network: XMLHTTP and its kin, `URLDownloadToFile`,
    /// a workbook, picture or query with an address.
    ///
    /// ## Why it matters
    /// The document brings only the first stage; the rest comes from elsewhere.
    ///
    /// ## When it is innocent
    /// Workbooks fetch exchange rates and prices. A declared function is reported where it is
    /// declared, even if nothing calls it.
    ///
    /// ## References
    /// ATT&CK T1105
    DOWNLOAD {
        id: "VBA004", name: "download", severity: Medium, confidence: Likely,
        attack: ["T1105"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(
        facts,
        sink,
        &DOWNLOAD,
        |seen| seen.sighting.kind == Action::Download,
        |first| format!("module {:?} fetches from the network{}", first.module, quoted(first)),
    );
}
