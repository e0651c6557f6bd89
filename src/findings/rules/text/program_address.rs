use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An address whose scheme starts a program of Windows that attacks use: `ms-msdt:`, `search-ms:`,
    /// `ms-officecmd:`, `ms-appinstaller:`, with arguments behind it. A page that opens one by a
    /// script, and any link to one.
    ///
    /// ## Why it matters
    /// Windows gives the rest of the address to the program as its arguments: `ms-msdt:` ran commands
    /// (CVE-2022-30190), `search-ms:` shows the files of an attacker's server as if they were local.
    ///
    /// ## When it is innocent
    /// Help pages of Microsoft have links that open a troubleshooter by a click.
    ///
    /// ## References
    /// CVE-2022-30190; ATT&CK T1218, T1203
    PROGRAM_ADDRESS {
        id: "TXT005", name: "program-address", severity: High, confidence: Likely,
        attack: ["T1218", "T1203"], since: "0.1.0"
    } => check
}

const SCHEMES: &[&str] = &["ms-msdt:", "search-ms:", "ms-officecmd:", "ms-appinstaller:"];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links {
        let target = link.target.trim_start();
        let opens = SCHEMES
            .iter()
            .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if opens {
            let how = if link.automatic { "without a click" } else { "by a click" };
            let message = format!("the address {target:?} starts a program {how}");
            sink.report(&PROGRAM_ADDRESS, message, [Evidence::new(link.location.clone(), target)]);
        }
    }
}
