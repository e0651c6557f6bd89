use super::{instruction, is_dde};
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::indicators::{fold_command, launchers};

declare_rule! {
    /// ## What it finds
    /// A `DDE` or `DDEAUTO` field whose program is a command interpreter or a program that attacks start
    /// others with: `cmd`, `powershell`, `mshta`, `rundll32` and their kin.
    ///
    /// ## Why it matters
    /// Word offers to start the program with the rest of the field as its command line. No macro is
    /// needed.
    ///
    /// ## When it is innocent
    /// No honest case is known: a data source is no command interpreter.
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
        let command = fold_command(rest);
        // A bare `cmd` is a word elsewhere; as the program of a field it is the interpreter.
        let program = rest.trim_start_matches(['"', ' ']).split(['"', ' ']).next().unwrap_or_default();
        let program = program.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
        let interpreter = matches!(
            program.trim_end_matches(".exe"),
            "cmd" | "command" | "wscript" | "cscript" | "powershell"
        );
        let mention = launchers(&command).next().map(|mention| mention.name);
        if let Some(named) = mention.or(interpreter.then_some("a command interpreter")) {
            let message = format!("a field starts {named}");
            let proof = Evidence::new(field.location.clone(), field.instruction.trim());
            sink.report(&DDE_FIELD_COMMAND, message, [proof]);
        }
    }
}
