use super::{instruction, is_dde};
use crate::findings::dde::started;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A `DDE` or `DDEAUTO` field whose program is a command interpreter (`cmd`, `powershell`), a program
    /// that attacks start others with (`mshta`, `rundll32` and their kin), or any file that runs.
    ///
    /// ## Why it matters
    /// Word offers to start the program with the rest of the field as its command line. No macro is
    /// needed. This is judged like the link of a workbook that does the same (LNK005): what is started
    /// decides, not the container.
    ///
    /// ## When it is innocent
    /// No honest case is known: a data source is no command interpreter. Fields that ask Excel for a range
    /// are DOC001 alone.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.16.5.13; ATT&CK T1559.002, T1059
    DDE_FIELD_COMMAND {
        id: "DOC002", name: "dde-field-command", severity: Critical, confidence: Certain,
        attack: ["T1559.002", "T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for field in facts.documents.iter().flat_map(|document| &document.fields) {
        let (name, rest) = instruction(&field.instruction);
        if !is_dde(&name) {
            continue;
        }
        let (program, topic) = program_of(rest);
        if let Some(named) = started(program, topic) {
            let message = format!("a field starts {named}");
            let proof = Evidence::new(field.location.clone(), field.instruction.trim());
            sink.report(&DDE_FIELD_COMMAND, message, [proof]);
        }
    }
}

/// The first argument of a field, and what follows it.
fn program_of(rest: &str) -> (&str, &str) {
    let rest = rest.trim_start();
    let split = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => rest.split_once(|letter: char| letter.is_whitespace() || letter == '"'),
    };
    split.unwrap_or((rest, ""))
}
