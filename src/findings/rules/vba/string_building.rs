use super::statements::report_by_module;
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Texts that are built so that nobody reads them: four or more letters as `Chr` in one
    /// statement, a constant that is reversed, or a procedure that takes a text apart, turns it to
    /// numbers and mixes them with `Xor`.
    ///
    /// ## Why it matters
    /// Commands, addresses and names of objects are hidden from search in this way.
    ///
    /// ## When it is innocent
    /// Line breaks, tabs and quotation marks as `Chr` do not count. Check sums and home-made ciphers
    /// look like decoders.
    ///
    /// ## References
    /// ATT&CK T1027.010, T1140
    STRING_BUILDING {
        id: "VBA007", name: "string-building", severity: Medium, confidence: Possible,
        attack: ["T1027.010", "T1140"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(facts, sink, &STRING_BUILDING, hides_text, |first| {
        format!("module {:?} builds texts so that they cannot be read", first.module)
    });
}

/// Whether a sighting of string building hides a text.
pub(super) fn hides_text(seen: &Seen<'_>) -> bool {
    if seen.sighting.kind != Action::StringBuilding {
        return false;
    }
    let statement: String = seen.sighting.text.to_ascii_lowercase().split_whitespace().collect();
    let spelled = statement.contains("chr(") || statement.contains("chrw(") || statement.contains("chrb(");
    let reversed = statement.contains("strreverse(");
    // A decoder is shown by the name of its procedure.
    let decoder = !spelled && !reversed && !statement.contains("strreverse");
    decoder || statement.contains("strreverse(\"") || hidden_letters(&statement) >= 4
}

/// Calls of `Chr` for something else than layout and quotation marks.
fn hidden_letters(statement: &str) -> usize {
    const LAYOUT: [&str; 13] =
        ["0", "9", "10", "11", "12", "13", "32", "34", "39", "160", "&h0a", "&h0d", "&h22"];
    let arguments = statement.split("chr").skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches(['w', 'b', '$']).strip_prefix('(')?;
        rest.split(')').next()
    });
    arguments.filter(|argument| !LAYOUT.contains(&argument.trim_matches(['#', '%', '&']))).count()
}

#[cfg(test)]
mod tests {
    use super::hidden_letters;

    #[test]
    fn quotation_marks_and_line_breaks_are_not_hidden_letters() {
        assert_eq!(hidden_letters("x=chr(34)&a&chr(34)&chr(13)&chr$(10)&chr(34)"), 0);
        assert_eq!(hidden_letters("x=chr(111)&chrw(120)&chr$(a+1)&chr(34)"), 3);
    }
}
