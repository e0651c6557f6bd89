use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A condition on the surroundings (screen, mouse, sound, window, version, date) that decides what the
    /// macro does.
    ///
    /// ## Why it matters
    /// Malware ends where it sees a sandbox, or decrypts itself only on a certain day. Both sides were
    /// run; what hangs on the condition says so in the report.
    ///
    /// ## When it is innocent
    /// Old tools ask for Excel's version or the size of the window to lay out their dialogs.
    ///
    /// ## References
    /// MITRE ATT&CK T1497.001
    GATED_EFFECTS {
        id: "XLM022", name: "gated-effects", severity: High, confidence: Likely,
        attack: ["T1497.001", "T1480"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    const ASKED: &[&str] = &["GET.WORKSPACE", "GET.WINDOW", "APP.", "INFO(", "NOW", "TODAY", "DIRECTORY"];
    for (book, program) in facts.programs() {
        let gates = program.evaluation.gates.iter();
        for gate in gates.filter(|gate| ASKED.iter().any(|asked| gate.condition.contains(asked))) {
            let (sheet, row, column) = gate.cell;
            let at = Location::cell(book.part, sheet, row, column.into());
            let message = format!("{} things hang on {}", gate.effects, gate.condition);
            sink.report(&GATED_EFFECTS, message, [Evidence::new(at, gate.condition.as_str())]);
        }
    }
}
