use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A Windows library with the entry that Excel calls when it loads an add-in (`xlAutoOpen`): an
    /// `.xll`.
    ///
    /// ## Why it matters
    /// Its icon is that of Excel, and a double click runs its code in Excel after one question. It is a
    /// program, not a document.
    ///
    /// ## When it is innocent
    /// Add-ins of banks and data services are such libraries; they come with an installer, not by mail.
    ///
    /// ## References
    /// ATT&CK T1137.006
    EXCEL_ADDIN {
        id: "POL002", name: "excel-add-in-program", severity: High, confidence: Certain,
        attack: ["T1137.006"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for part in facts.parts.iter().filter(|part| part.kind == PartKind::File(FileKind::Xll)) {
        let message = format!("{:?} is a program that Excel runs when it is opened", part.name);
        sink.report(&EXCEL_ADDIN, message, [Evidence::new(Location::part(part.id), part.name.as_str())]);
    }
}
