use super::{seen, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::{Certainty, Family};

declare_rule! {
    /// ## What it finds
    /// Text that tells a person to copy the file into a folder that Office trusts (Templates,
    /// XLSTART, STARTUP) and to open it again from there.
    ///
    /// ## Why it matters
    /// From a trusted location macros run without any warning, whatever the settings say. The
    /// Emotet workbooks of November 2022 asked for this.
    ///
    /// ## When it is innocent
    /// IT departments explain where templates belong. They do not ask to run the same file again.
    ///
    /// ## References
    /// IPA and JPCERT/CC on Emotet, November 2022; MITRE ATT&CK T1204.002, T1137.001
    RELAUNCH_FROM_TRUSTED_FOLDER {
        id: "LUR001", name: "relaunch-from-trusted-folder", severity: High, confidence: Likely,
        attack: ["T1204.002", "T1137.001", "T1553.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in facts.lures {
        let family = matches!(hit.family, Family::RelaunchFromTrustedFolder | Family::RelaunchRequired);
        if family && hit.certainty == Certainty::Strong && !hit.cautioned {
            let message = format!("the text asks to open the file again from a trusted folder{}", seen(hit));
            sink.report(&RELAUNCH_FROM_TRUSTED_FOLDER, message, words(hit));
        }
    }
}
