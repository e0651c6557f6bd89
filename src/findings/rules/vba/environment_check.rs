use super::statements::{quoted, report_by_module};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Code that asks where it runs before it acts: traces of virtual machines and sandboxes, or a
    /// condition on the user, computer, domain, locale, currency or recent files.
    ///
    /// ## Why it matters
    /// Attacks stay quiet on the machines of analysts, and outside of the country they are meant
    /// for: `Asc` of the currency sign is 92 in Japan.
    ///
    /// ## When it is innocent
    /// Workbooks show menus by user name and format by locale. Asking for a folder, or putting the
    /// user's name into a cell, is not reported.
    ///
    /// ## References
    /// ATT&CK T1497.001, T1480, T1614.001
    ENVIRONMENT_CHECK {
        id: "VBA019", name: "vba-environment-check", severity: Low, confidence: Possible,
        attack: ["T1497.001", "T1480", "T1614.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(facts, sink, &ENVIRONMENT_CHECK, decides_by_place, |first| {
        format!("module {:?} asks where it runs{}", first.module, quoted(first))
    });
}

fn decides_by_place(seen: &Seen<'_>) -> bool {
    if seen.sighting.kind != Action::EnvironmentCheck {
        return false;
    }
    const MACHINES: [&str; 9] = [
        "win32_computersystem",
        "win32_bios",
        "win32_videocontroller",
        "win32_diskdrive",
        "vmware",
        "virtualbox",
        "vboxservice",
        "sandboxie",
        "sbiedll",
    ];
    const VARIABLES: [&str; 6] =
        ["username", "userdomain", "computername", "userdnsdomain", "logonserver", "number_of_processors"];
    let argument = seen.sighting.argument.as_deref().unwrap_or_default().to_ascii_lowercase();
    if MACHINES.iter().any(|name| argument.contains(name)) {
        return true;
    }
    let statement = seen.sighting.text.trim_start().to_ascii_lowercase();
    let decides = ["if ", "elseif ", "select case ", "do while ", "while "]
        .iter()
        .any(|word| statement.starts_with(word))
        || statement.contains("asc(") && statement.contains(".international");
    let asks_folder = statement.contains("environ") && !VARIABLES.iter().any(|name| statement.contains(name));
    decides && !asks_folder
}
