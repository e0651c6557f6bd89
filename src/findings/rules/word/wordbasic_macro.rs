use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Macros in WordBasic, the language of Word 6 and 95, with their names.
    ///
    /// ## Why it matters
    /// Word still opens such files, and the first macro viruses were written in this language.
    ///
    /// ## When it is innocent
    /// Templates from before 1997 automate letters and forms with it.
    ///
    /// ## References
    /// [MS-DOC] 2.9.320; ATT&CK T1059
    WORDBASIC_MACRO {
        id: "WRD001", name: "wordbasic-macro", severity: Low, confidence: Certain,
        attack: ["T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for code in facts.word_basic {
        let how = if code.key == 0 { String::new() } else { format!(", XOR-ed with 0x{:02x}", code.key) };
        let message = format!("a WordBasic macro: {:?}{how}", code.name);
        let first = (1..).zip(code.source.lines()).find(|(_, line)| !line.trim().is_empty());
        let (number, line) = first.unwrap_or((1, ""));
        sink.report(
            &WORDBASIC_MACRO,
            message,
            [Evidence::new(Location::line(code.part, number), line.trim())],
        );
    }
}
