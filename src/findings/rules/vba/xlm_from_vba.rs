use super::statements::{quoted, report_by_module};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// VBA that makes, writes or runs Excel 4.0 macros: a macro sheet that is added, formulas
    /// written into one, a macro cell that is run, a macro by the name of its sheet when macros of the
    /// document act, `ExecuteExcel4Macro` with functions that act or with a text that is not constant.
    ///
    /// ## Why it matters
    /// The dangerous half of the code never stands in the VBA project, nor in the file.
    ///
    /// ## When it is innocent
    /// `ExecuteExcel4Macro` reads cells of closed workbooks and sets up pages faster than VBA:
    /// constant texts of that kind are not reported. Menus sometimes run a macro named by a cell.
    ///
    /// ## References
    /// ATT&CK T1059.005, T1027.010
    XLM_FROM_VBA {
        id: "VBA008", name: "xlm-from-vba", severity: Medium, confidence: Likely,
        attack: ["T1059.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    use crate::xlm::Action::{Call, Dde, DeleteFile, File, Register, Replicate, Run, WriteCell};
    let acts =
        |action| matches!(action, Call | DeleteFile | Dde | File | Register | Replicate | Run | WriteCell);
    let macros_act = facts.xlm_sightings().any(|(_, seen)| acts(seen.action));
    let sheets: Vec<&str> = if macros_act {
        facts.macro_sheets().map(|facts| facts.sheet.name.as_str()).collect()
    } else {
        Vec::new()
    };
    report_by_module(
        facts,
        sink,
        &XLM_FROM_VBA,
        |seen| acts_through_xlm(seen, &sheets),
        |first| format!("module {:?} makes or runs Excel 4.0 macros{}", first.module, quoted(first)),
    );
}

/// Whether a statement makes or runs a macro that may act; `sheets` are the macro sheets whose
/// macros do.
fn acts_through_xlm(seen: &Seen<'_>, sheets: &[&str]) -> bool {
    let argument = seen.sighting.argument.as_deref();
    let runs_sheet = || argument.is_some_and(|text| names_sheet(text, sheets));
    match seen.sighting.kind {
        Action::MacroRun => runs_sheet(),
        Action::XlmFromVba => {
            let statement = seen.sighting.text.to_ascii_lowercase();
            if !statement.contains("executeexcel4macro") {
                // Counting and listing macro sheets changes nothing.
                return !(statement.contains(".count") || statement.starts_with("for each"));
            }
            runs_sheet() || argument.is_none_or(names_acting_function)
        }
        _ => false,
    }
}

/// Whether a text names a macro of one of the sheets: `Macro1!Run()`, `'Macro 1'!A1`.
fn names_sheet(text: &str, sheets: &[&str]) -> bool {
    let sheet = text.rsplit_once('!').map_or("", |(sheet, _)| sheet);
    let sheet = sheet.trim_start_matches('=').trim_matches('\'');
    let sheet = sheet.rsplit(']').next().unwrap_or_default();
    sheets.iter().any(|known| known.eq_ignore_ascii_case(sheet))
}

/// Whether a text calls a function of Excel 4.0 that runs, calls or writes.
pub(super) fn names_acting_function(text: &str) -> bool {
    const ACTING: [&str; 9] =
        ["exec(", "call(", "register(", "formula(", "formula.fill(", "run(", "fopen(", "fwrite", "set.name("];
    let upper = text.to_ascii_lowercase();
    ACTING.iter().any(|function| {
        upper.match_indices(function).any(|(at, _)| {
            let before = upper.get(..at).and_then(|head| head.chars().next_back());
            !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '!'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{names_acting_function, names_sheet};

    #[test]
    fn a_macro_is_named_behind_its_sheet() {
        let texts = ["macro1!Run()", "'[a.xls]Macro1'!A1", "=Macro1!R1C1"];
        assert_eq!(texts.map(|text| names_sheet(text, &["Macro1"])), [true; 3]);
        assert!(!names_sheet("Module1.Run", &["Macro1"]));
    }

    #[test]
    fn functions_that_act_are_told_from_those_that_ask() {
        let acting = ["EXEC(\"a\")", "=CALL(\"urlmon\")", "x+register(1)"];
        let asking = ["Macro1!Run()", "GET.DOCUMENT(1)", "PAGE.SETUP(,)", "'C:\\[a.xls]S'!R1C1", "RECALL(1)"];
        assert_eq!(acting.map(names_acting_function), [true; 3]);
        assert_eq!(asking.map(names_acting_function), [false; 5]);
    }
}
