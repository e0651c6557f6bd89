use super::instruction;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A `QUOTE` field of character codes: a text that is written as numbers.
    ///
    /// ## Why it matters
    /// The numbers become a part of another field's instruction, so that its name and command do not
    /// stand in the document.
    ///
    /// ## When it is innocent
    /// A single code stands for a sign that a keyboard lacks; fewer than four codes are not reported.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.16.5.49; ATT&CK T1027.010
    QUOTED_FIELD {
        id: "DOC004", name: "quoted-field", severity: High, confidence: Likely,
        attack: ["T1027.010"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for field in facts.documents.iter().flat_map(|document| &document.fields) {
        let (name, rest) = instruction(&field.instruction);
        if name != "QUOTE" {
            continue;
        }
        let codes: Option<Vec<char>> =
            rest.split_ascii_whitespace().map(|word| char::from_u32(word.parse().ok()?)).collect();
        if let Some(codes) = codes.filter(|codes| codes.len() >= 4) {
            let text: String = codes.into_iter().collect();
            let message = format!("a field writes {text:?} as numbers");
            let proof = Evidence::new(field.location.clone(), field.instruction.trim());
            sink.report(&QUOTED_FIELD, message, [proof]);
        }
    }
}
