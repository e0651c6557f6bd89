//! The table of the functions that the Excel 4.0 machine knows, each with runs of it.

use std::fmt::Write;

use docsift::documents::formula::functions as numbered;
use docsift::xlm::functions::{families, find, trial};

use crate::generated::Generated;

/// `xlm-functions.md`: what the machine's own runs gave when this was written. The library's tests
/// hold the same runs to what the tables say.
pub(crate) fn page() -> Generated {
    let mut rows = String::new();
    let (mut all, mut shown, mut runs_shown, mut computed) = (0, 0, 0, 0);
    for (family, specs) in families() {
        let mut specs: Vec<_> = specs.iter().collect();
        specs.sort_by_key(|spec| spec.name);
        // Writing into a String has no failing case.
        let _ = write!(
            rows,
            "\n## {family}\n\n| function | in the machine | what it does | runs | gives |\n|---|---|---|---|---|\n"
        );
        for spec in specs {
            let runs = trial::of(spec);
            let kind = trial::kind(family, spec, &runs);
            all += 1;
            shown += usize::from(!runs.is_empty());
            runs_shown += runs.len();
            computed += usize::from(kind == "computed");
            let formulas: Vec<_> = runs.iter().map(|(text, ..)| code(text)).collect();
            let gives: Vec<_> = runs.iter().map(|(_, trial, _)| code(&trial.shown())).collect();
            let _ = writeln!(
                rows,
                "| {} | {kind} | {} | {} | {} |",
                spec.name,
                spec.does,
                formulas.join("<br>"),
                gives.join("<br>")
            );
        }
    }
    let mut page = format!(
        "# Functions of Excel 4.0 macros\n\n\
         Written by `cargo xtask functions` from the tables in `src/xlm/functions/`. Every run stands in these\n\
         tables with what it gives, and `cargo test` runs each of them.\n\n\
         {all} functions, {computed} of them computed; {shown} are shown by {runs_shown} runs. The others have no effect, by the one handler\n\
         that ZOOM shows. A run of one formula stands in A50 of a macro sheet and is evaluated as text; one of several\n\
         lines (`;`) is cells of a macro sheet from A1 down. It gives what it did outside its cells, else the value of the last cell.\n\
         A value in braces is unknown, and named by its origin.\n"
    );
    page += &rows;
    page += "\n## Known by number, not evaluated\n\n\
             Their arguments are evaluated, the value is unknown and named by the function, and a problem of the report says so.\n\n";
    let mut unknown: Vec<&str> = (0..0x400u16)
        .flat_map(|id| [numbered::ftab(id), numbered::cetab(id)])
        .flatten()
        .map(|info| info.name)
        .filter(|name| !name.is_empty() && find(name).is_none() && !is_built_in(name))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    let _ = writeln!(page, "{}", unknown.join(", "));
    ("xlm-functions.md".into(), page)
}

/// What is compiled and has no row: what CHOOSE does not choose is not evaluated, and a user-defined
/// function is called by its own name.
fn is_built_in(name: &str) -> bool {
    name == "CHOOSE" || name.starts_with("USER")
}

/// Text in a cell of a table, as code.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('\n', " ; ").replace('|', "\\|"))
}
