use super::statements::{place, places_of, report_by_module};
use crate::base::PartId;
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Code that lowers the protection against macros: it writes `VBAWarnings`, `AccessVBOM` or the
    /// settings of Protected View, sets `AutomationSecurity` to low or switches `VirusProtection`
    /// off.
    ///
    /// ## Why it matters
    /// The next document runs its macros without a question, and code may rewrite code.
    ///
    /// ## When it is innocent
    /// Tools that open many workbooks set `AutomationSecurity`, mostly to forbid macros; that is not
    /// reported, nor is reading a setting.
    ///
    /// ## References
    /// ATT&CK T1112, T1562.001
    LOWERS_PROTECTION {
        id: "VBA018", name: "lowers-protection", severity: High, confidence: Likely,
        attack: ["T1112", "T1562.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let mut writes: Vec<(PartId, Option<u32>)> = Vec::new();
    for (project, view) in facts.live_projects() {
        writes.extend(places_of(project, view, Action::RegistryWrite));
    }
    writes.sort_unstable();
    report_by_module(
        facts,
        sink,
        &LOWERS_PROTECTION,
        |seen| lowers(seen, &writes),
        |first| format!("module {:?} lowers the protection against macros", first.module),
    );
}

fn lowers(seen: &Seen<'_>, writes: &[(PartId, Option<u32>)]) -> bool {
    if seen.sighting.kind != Action::SecurityChange {
        return false;
    }
    let statement = seen.sighting.text.to_ascii_lowercase();
    let set_to = |property: &str| {
        let (_, behind) = statement.split_once(property)?;
        behind.trim_start().strip_prefix('=').map(str::trim)
    };
    if let Some(value) = set_to("automationsecurity") {
        return value.starts_with("msoautomationsecuritylow") || value.split(' ').next() == Some("1");
    }
    if let Some(value) = set_to("virusprotection") {
        return value.starts_with("false") || value.split(' ').next() == Some("0");
    }
    let argument = seen.sighting.argument.as_deref().unwrap_or_default().to_ascii_lowercase();
    argument.contains("reg add")
        || argument.contains("reg.exe add")
        || !argument.is_empty() && writes.binary_search(&place(seen)).is_ok()
}
