use super::sections;
use crate::base::Location;
use crate::containers::part::PartKind;
use crate::documents::picture::is_picture;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A OneNote section with a file that runs, a picture, and a text or file name that asks for a
    /// click: to double click, to click to view, to press to unblock.
    ///
    /// ## Why it matters
    /// The picture lies over the file and looks like a button, so that a person starts the file without
    /// seeing it.
    ///
    /// ## When it is innocent
    /// Instructions with a picture and an attached script have all three; then a person sees the file.
    ///
    /// ## References
    /// Observed from January 2023 on; ATT&CK T1204.002, T1036
    PICTURE_BUTTON {
        id: "ONE002", name: "onenote-picture-button", severity: High, confidence: Likely,
        attack: ["T1204.002", "T1036"], since: "0.1.0"
    } => check
}

const ASKS: &[&str] = &[
    "double click",
    "double-click",
    "doubleclick",
    "click to view",
    "click to open",
    "click to unlock",
    "click here",
    "press to unblock",
    "press to open",
    "ダブルクリック",
    "クリックして",
];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for section in sections(facts) {
        let Some(runs) = section.files.iter().find(|file| file.runs) else { continue };
        let picture = section
            .files
            .iter()
            .find(|file| matches!(file.part.kind, PartKind::File(kind) if is_picture(kind)));
        let asks = |text: &str| {
            let text = text.to_lowercase();
            ASKS.iter().any(|words| text.contains(words))
        };
        let words = section.document.texts.iter().find(|text| asks(&text.text));
        if let (Some(picture), Some(words)) = (picture, words) {
            let name = &runs.part.name;
            let message = format!("a text asks for a click on a picture that can lie over {name:?}");
            let proofs = [
                Evidence::new(words.location.clone(), words.text.as_str()),
                Evidence::new(Location::part(picture.part.id), picture.part.name.as_str()),
            ];
            sink.report(&PICTURE_BUTTON, message, proofs);
        }
    }
}
