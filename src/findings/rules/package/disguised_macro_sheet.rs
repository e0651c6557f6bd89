use crate::base::{Location, Place};
use crate::documents::workbook::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro sheet of an Office package whose part is filed where worksheets or other parts are, that
    /// is called a worksheet by its relationship, its content type or both, or that the workbook does not list.
    ///
    /// ## Why it matters
    /// Office goes by content types and relationships. Tools that look for the folder `macrosheets` do
    /// not see the macros.
    ///
    /// ## When it is innocent
    /// Programs that write packages with folders of their own choice; hardly any writes macro sheets.
    ///
    /// ## References
    /// ECMA-376 part 2, 9.3; [MS-OFFMACRO2] 2.2.1.1; ATT&CK T1036.008
    DISGUISED_MACRO_SHEET {
        id: "PKG006", name: "disguised-macro-sheet", severity: High, confidence: Certain,
        attack: ["T1036.008", "T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for package in facts.packages {
        for part in &package.macro_sheets {
            let Some(part) = facts.parts.get(part.0 as usize) else { continue };
            let name = part.name.to_ascii_lowercase().replace('\\', "/");
            if !name.contains("macrosheets/") {
                let message = format!("a macro sheet lies in {:?}", part.name);
                let proof = Evidence::new(Location::part(part.id), part.name.as_str());
                sink.report(&DISGUISED_MACRO_SHEET, message, [proof]);
            }
        }
        let books = facts.workbooks.iter().filter(|book| book.part == package.main);
        for book in books.filter(|book| book.macro_sheets().next().is_some()) {
            for oddity in &book.oddities {
                let message = match oddity.kind {
                    OddityKind::KindMismatch => "relationship and content type disagree on what a sheet is",
                    OddityKind::MacrosByRoot => "only its content says that a sheet is a macro sheet",
                    OddityKind::OrphanSubstream => "the workbook does not list a macro sheet of the package",
                    _ => continue,
                };
                let location = match oddity.location.place {
                    Some(Place::Bytes { .. }) | None => oddity.location.clone(),
                    Some(_) => Location::part(oddity.location.part),
                };
                let name = facts.parts.get(location.part.0 as usize).map_or("", |part| part.name.as_str());
                sink.report(&DISGUISED_MACRO_SHEET, message, [Evidence::new(location, name)]);
            }
        }
    }
}
