use crate::base::Location;
use crate::documents::workbook::ExternalKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::indicators::{fold_command, launchers};

declare_rule! {
    /// ## What it finds
    /// A DDE link whose program is a command interpreter or a program that attacks start others
    /// with: `cmd`, `powershell`, `mshta`, `rundll32` and their kin, in the program or the topic.
    ///
    /// ## Why it matters
    /// Excel offers to start the program with the topic as its command line. No macro is needed.
    ///
    /// ## When it is innocent
    /// No honest case is known: a data source is no command interpreter.
    ///
    /// ## References
    /// [MS-XLS] 2.4.271 SupBook; ATT&CK T1559.002
    DDE_COMMAND {
        id: "LNK005", name: "dde-command", severity: High, confidence: Certain,
        attack: ["T1559.002", "T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for source in book.books.iter().filter(|source| source.kind == ExternalKind::Dde) {
            let text = fold_command(&source.path);
            let program = text.split('|').next().unwrap_or_default().trim();
            // A bare `cmd` is a word elsewhere; as the program of a DDE link it is the interpreter.
            let name = program.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
            let interpreter =
                matches!(name.trim_end_matches(".exe"), "cmd" | "command" | "wscript" | "cscript");
            let mention = launchers(&text).next().map(|mention| mention.name);
            let named = mention.or_else(|| interpreter.then_some("a command interpreter"));
            if let Some(named) = named {
                let place = Location::bytes(book.part, source.at..source.at.saturating_add(4));
                let message = format!("a DDE link starts {named}: {:?}", source.path);
                sink.report(&DDE_COMMAND, message, [Evidence::new(place, source.path.as_str())]);
            }
        }
    }
}
