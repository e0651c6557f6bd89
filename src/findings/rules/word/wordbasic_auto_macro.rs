use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A WordBasic macro that Word runs by itself (`AutoOpen`, `AutoExec`, `AutoClose`, `AutoNew`,
    /// `AutoExit`), or that stands in for a command of its menus (`FileSaveAs`, `ToolsMacro`).
    ///
    /// ## Why it matters
    /// Opening, saving or closing the document runs it.
    ///
    /// ## When it is innocent
    /// Templates of forms fill in their fields this way.
    ///
    /// ## References
    /// ATT&CK T1059, T1204.002
    WORDBASIC_AUTO_MACRO {
        id: "WRD002", name: "wordbasic-auto-macro", severity: Medium, confidence: Certain,
        attack: ["T1059", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for code in facts.word_basic.iter().filter(|code| code.is_auto() || code.replaces_command()) {
        let how = if code.is_auto() { "runs by itself" } else { "stands in for a command of the menus" };
        let message = format!("the WordBasic macro {:?} {how}", code.name);
        sink.report(
            &WORDBASIC_AUTO_MACRO,
            message,
            [Evidence::new(Location::line(code.part, 1), code.name.as_str())],
        );
    }
}
