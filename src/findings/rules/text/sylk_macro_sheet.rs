use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An Excel 4.0 macro sheet in a SYLK file (`.slk`).
    ///
    /// ## Why it matters
    /// Excel opens SYLK without the protected view, and older versions run its macros without the
    /// notice that the other formats have. Few tools read the format, which is text from the 1980s.
    ///
    /// ## When it is innocent
    /// Programs of that time wrote SYLK for data. A macro sheet among it is not known from any of them.
    ///
    /// ## References
    /// Observed in attacks since 2018; ATT&CK T1027
    SYLK_MACRO_SHEET {
        id: "TXT001", name: "sylk-macro-sheet", severity: High, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for sheet in facts.macro_sheets() {
        let part = facts.parts.get(sheet.book.part.0 as usize);
        if part.is_some_and(|part| part.kind == PartKind::File(FileKind::Slk)) {
            let message = "a SYLK file holds an Excel 4.0 macro sheet";
            sink.report(&SYLK_MACRO_SHEET, message, [sheet.evidence()]);
        }
    }
}
