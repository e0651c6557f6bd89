use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text in any of thirty languages that tells a person to copy the file into a folder that Office
    /// trusts and to open it again from there: Templates below Program Files or below the person's own
    /// folders, XLSTART, STARTUP, Office16, or a trusted location, trusted document or network share in
    /// words. The path may be split over cells and spelled in any way. The folder for templates by its name
    /// counts without a path where the text says "this file", or claims that the file cannot be seen otherwise.
    ///
    /// ## Why it matters
    /// From a trusted location Office runs macros without any warning and without Protected View,
    /// whatever the settings say, and even where macros of files from the internet are blocked: the
    /// person's copy takes the place of every one of these questions. The folders of Office itself are
    /// trusted from the start, so that nothing has to be set. The Emotet workbooks of November 2022
    /// asked for this ("RELAUNCH REQUIRED").
    ///
    /// ## When it is innocent
    /// IT departments explain where templates belong. They name a template or add-in and ask to start the
    /// program again, not the file, which does not count; nor does a warning of this lure, which says not to
    /// do it or who asks for it. The readme of a template may ask for just this.
    ///
    /// ## References
    /// IPA and JPCERT/CC on Emotet, November 2022; MITRE ATT&CK T1204.002 (a person runs it), T1137.001
    /// (Office template folders)
    RELAUNCH_FROM_TRUSTED_FOLDER {
        id: "LUR001", name: "relaunch-from-trusted-folder", severity: High, confidence: Likely,
        attack: ["T1204.002", "T1137.001", "T1553.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let relaunch = whole(facts, Family::RelaunchFromTrustedFolder);
    for hit in relaunch.chain(whole(facts, Family::RelaunchRequired)) {
        sink.report(&RELAUNCH_FROM_TRUSTED_FOLDER, meaning(hit), words(hit));
    }
}
