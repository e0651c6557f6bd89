use crate::documents::mtef::OverflowKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An equation whose font name is longer than any font name, or whose matrix has more lines than
    /// Equation Editor has room for, and the command in it when there is one in clear.
    ///
    /// ## Why it matters
    /// Equation Editor copies both into buffers of fixed size: the bytes behind run as code as soon as
    /// the object is loaded, without a macro and without a click (CVE-2017-11882, CVE-2018-0802,
    /// CVE-2018-0798).
    ///
    /// ## When it is innocent
    /// Never: Windows allows 31 letters in the name of a font, and the program itself writes no such
    /// matrix.
    ///
    /// ## References
    /// CVE-2017-11882, CVE-2018-0802, CVE-2018-0798; ATT&CK T1203
    EQUATION_OVERFLOW {
        id: "OBJ010", name: "equation-overflow", severity: Critical, confidence: Certain,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for found in facts.equations.iter().filter_map(|equation| equation.overflow.as_ref()) {
        let (size, mark) = match found.kind {
            OverflowKind::FontName => (format!("of {} bytes", found.len), "CVE-2017-11882 or CVE-2018-0802"),
            OverflowKind::Matrix => (format!("of {} lines", found.len), "CVE-2018-0798"),
        };
        let command = if found.command.is_empty() { String::new() } else { format!(": {:?}", found.command) };
        let message = format!("an equation with a {} {size} ({mark}){command}", found.kind.name());
        let proof = Evidence::new(found.location.clone(), found.command.as_str()).with_raw(&found.raw);
        sink.report(&EQUATION_OVERFLOW, message, [proof]);
    }
}
