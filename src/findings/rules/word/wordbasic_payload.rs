use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A WordBasic macro that starts programs, calls a library, deletes files or writes one: `Shell`,
    /// `DDEExecute`, `Declare`, `Kill`, `RmDir`, `SetAttr`, `Open`.
    ///
    /// ## Why it matters
    /// These are the statements that payloads of macro viruses are made of.
    ///
    /// ## When it is innocent
    /// Macros that print, merge or look for files use them as well.
    ///
    /// ## References
    /// ATT&CK T1059, T1106, T1485
    WORDBASIC_PAYLOAD {
        id: "WRD004", name: "wordbasic-payload", severity: Medium, confidence: Possible,
        attack: ["T1059", "T1106", "T1485"], since: "0.1.0"
    } => check
}

const STATEMENTS: [&str; 7] = ["Shell", "DDEExecute", "Declare", "Kill", "RmDir", "SetAttr", "Open"];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for code in facts.word_basic {
        let lines = STATEMENTS.iter().filter_map(|name| Some((name, code.line_of(name)?)));
        let proofs: Vec<_> =
            lines.map(|(_, line)| Evidence::new(Location::line(code.part, line), code.line(line))).collect();
        if !proofs.is_empty() {
            let message = format!("the WordBasic macro {:?} starts programs or changes files", code.name);
            sink.report(&WORDBASIC_PAYLOAD, message, proofs);
        }
    }
}
