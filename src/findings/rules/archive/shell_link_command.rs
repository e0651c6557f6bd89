use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A shell link that starts a command interpreter or another program that runs what it is told, or one
    /// behind which data is appended.
    ///
    /// ## Why it matters
    /// A shell link runs its command with a double click and looks like a document. Campaigns append a
    /// script that the command finds in the link itself.
    ///
    /// ## When it is innocent
    /// Administrators make links to scripts. They are not sent by mail.
    ///
    /// ## References
    /// [MS-SHLLINK]; [T1204.002]; [T1027.012] LNK icon smuggling
    SHELL_LINK_COMMAND {
        id: "ARC006", name: "shell-link-command", severity: High, confidence: Likely,
        attack: ["T1204.002", "T1059"], since: "0.1.0"
    } => check
}

/// Programs that run what stands behind them.
const LAUNCHERS: [&str; 16] = [
    "cmd",
    "powershell",
    "pwsh",
    "wscript",
    "cscript",
    "mshta",
    "rundll32",
    "regsvr32",
    "msiexec",
    "certutil",
    "bitsadmin",
    "forfiles",
    "conhost",
    "explorer",
    "ftp",
    "curl",
];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.shell_links {
        let command = link.command();
        let folded = command.to_lowercase();
        let program = folded.split(".exe").next().unwrap_or_default();
        let program = program.rsplit(['\\', '/', ' ', '"', '%']).next().unwrap_or_default();
        let launches = LAUNCHERS.contains(&program)
            && link.arguments.as_ref().is_some_and(|text| !text.trim().is_empty());
        if !launches && link.appended.is_none() {
            continue;
        }
        let appended = match &link.appended {
            Some(at) => format!(", with {} bytes behind it", at.end.saturating_sub(at.start)),
            None => String::new(),
        };
        let message = format!("a shell link runs {command:?}{appended}");
        sink.report(&SHELL_LINK_COMMAND, message, [Evidence::new(Location::part(link.part), command)]);
    }
}
