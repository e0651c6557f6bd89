use crate::base::Location;
use crate::documents::workbook::ExternalKind;
use crate::findings::dde::started;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A DDE link, or a cell of a text file that makes one, whose program is a command interpreter
    /// (`cmd`, `powershell`), a program that attacks start others with (`mshta`, `rundll32` and their
    /// kin), or any file that runs, in the program or the topic.
    ///
    /// ## Why it matters
    /// Excel offers to start the program with the topic as its command line. No macro is needed. This is
    /// judged like the field of a Word document that does the same (DOC002): what is started decides, not
    /// the container.
    ///
    /// ## When it is innocent
    /// No honest case is known: a data source is no command interpreter. Links to Excel or to a price feed
    /// are LNK001 alone.
    ///
    /// ## References
    /// [MS-XLS] 2.4.271 SupBook; ATT&CK T1559.002
    DDE_COMMAND {
        id: "LNK005", name: "dde-command", severity: Critical, confidence: Certain,
        attack: ["T1559.002", "T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for source in book.books.iter().filter(|source| source.kind == ExternalKind::Dde) {
            let (program, topic) = source.path.split_once('|').unwrap_or((&source.path, ""));
            if let Some(named) = started(program, topic) {
                let place = Location::bytes(book.part, source.at..source.at.saturating_add(4));
                let message = format!("a DDE link starts {named}: {:?}", source.path);
                sink.report(&DDE_COMMAND, message, [Evidence::new(place, source.path.as_str())]);
            }
        }
    }
}
