//! Files of plain text, which are shown and not run.

use super::coded::Coded;
use super::document::{Document, DocumentKind, DocumentText, TextPlace};
use crate::base::{Cx, LimitHit};

/// Extensions for which Windows starts an editor, whatever the file holds.
const SHOWN: [&str; 2] = ["txt", "log"];
/// Extensions of what is text by its format and runs nothing.
const TEXTS: [&str; 12] =
    ["md", "csv", "tsv", "ics", "vcf", "asc", "diff", "patch", "css", "json", "yaml", "srt"];
/// Bytes of text that stand together in one text of the document.
const PIECE: usize = 8 << 10;

/// Whether a file of this name is shown as text when a person opens it.
pub fn is_shown(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    SHOWN.iter().any(|shown| extension.eq_ignore_ascii_case(shown))
}

/// Whether a file of this name is text: one that is shown, one in a format that runs nothing, or one that no program
/// is started for.
pub fn is_named(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else { return true };
    is_shown(name) || TEXTS.iter().any(|text| extension.eq_ignore_ascii_case(text))
}

/// Reads a file of text into `document`. `false` says that it has characters which no text has, and
/// nothing was read.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last; what was read is kept.
pub fn read(bytes: &[u8], document: &mut Document, cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    let coded = Coded::new(bytes, None, cx)?;
    // Editors of DOS end a text with 0x1A, and printers go to the next page at a form feed.
    let text = coded.text.trim_end_matches('\u{1A}');
    if text.chars().any(|ch| ch.is_control() && !matches!(ch, '\t' | '\n' | '\r' | '\u{C}')) {
        return Ok(false);
    }
    document.kind = DocumentKind::Text;
    texts(&coded, document, cx)?;
    Ok(true)
}

/// The whole text in pieces that end with a line where they can.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last; what was taken is kept.
pub fn texts(coded: &Coded<'_>, document: &mut Document, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let text = coded.text.as_ref();
    let mut start = 0_usize;
    while start < text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let most = rest.floor_char_boundary(PIECE.min(rest.len()));
        let piece = rest.get(..most).unwrap_or_default();
        let len =
            if most < rest.len() { piece.rfind('\n').map_or(most, |at| at.saturating_add(1)) } else { most };
        let end = start.saturating_add(len.max(1));
        cx.budget.step(1)?;
        let piece = text.get(start..end).unwrap_or_default().trim();
        if !piece.is_empty() {
            cx.budget.hold(piece.len().saturating_add(size_of::<DocumentText>()))?;
            let location = coded.location(start..end, cx);
            let (text, place) = (piece.to_owned(), TextPlace::Body);
            document.texts.push(DocumentText { text, place, hidden: None, location });
        }
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn texts_of(bytes: &[u8]) -> Option<Vec<String>> {
        let (mut budget, mut problems) = (Budget::new(&Limits::default()), Problems::default());
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let mut document = Document::default();
        let is_text = read(bytes, &mut document, &mut cx).expect("default limits last");
        is_text.then(|| document.texts.into_iter().map(|text| text.text).collect())
    }

    #[test]
    fn text_is_read_in_any_code_and_bytes_are_not() {
        let tea = || Some(vec!["tea, th\u{E9}".to_owned()]);
        assert_eq!(texts_of("tea, th\u{E9}\r\n".as_bytes()), tea());
        assert_eq!(texts_of(b"tea, th\xE9"), tea());
        assert_eq!(texts_of(b"\xFF\xFEt\0e\0a\0,\0 \0t\0h\0\xE9\0"), tea());
        assert_eq!(texts_of(b"tea\x1A"), Some(vec!["tea\u{1A}".to_owned()]));
        assert_eq!(texts_of(b"tea\0"), None);
        assert_eq!(texts_of(b"\x7FELF"), None);
    }

    #[test]
    fn only_names_that_an_editor_opens_are_shown() {
        let shown = ["read me.TXT", "a.b.log"].map(is_shown);
        assert_eq!(shown, [true, true]);
        let others = ["txt", "a.txt.js", "a.md", "a.txt "].map(is_shown);
        assert_eq!(others, [false, false, false, false]);
        let texts = ["read me.TXT", "README", "a.b.md", "b.CSV"].map(is_named);
        assert_eq!(texts, [true, true, true, true]);
        let programs = ["a.vbs", "a.txt.url", "desktop.ini", "a.txt.", "a.cmd "].map(is_named);
        assert_eq!(programs, [false, false, false, false, false]);
    }
}
