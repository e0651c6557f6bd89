use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::indicators::IndicatorKind;

declare_rule! {
    /// ## What it finds
    /// A command line in any text of the document (cells, names, links, macro source) that calls a
    /// program which attacks start others with: `regsvr32`, `rundll32`, `mshta`, `powershell`,
    /// `wscript`, `certutil` and their kin, with arguments.
    ///
    /// ## Why it matters
    /// Macros keep their command in a cell or a property, out of the code that tools look at.
    ///
    /// ## When it is innocent
    /// Administrators keep lists of commands. Without something that runs it, a text does nothing.
    ///
    /// ## References
    /// MITRE ATT&CK T1218 and its sub-techniques
    LAUNCHER_TEXT {
        id: "LNK004", name: "launcher-text", severity: Medium, confidence: Likely,
        attack: ["T1218", "T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let commands =
        facts.indicators.list().iter().filter(|indicator| indicator.kind == IndicatorKind::Command);
    for indicator in commands {
        let proof = Evidence::new(indicator.location.clone(), indicator.value.as_str());
        sink.report(&LAUNCHER_TEXT, format!("a command line: {}", indicator.value), [proof]);
    }
}
