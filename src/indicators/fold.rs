//! Undoing what a command line drops anyway.

use std::borrow::Cow;

/// Text without the characters that `cmd` and PowerShell drop from a word: carets, backticks, and
/// quotes that open and close at once, so that `p^ower""shell` reads `powershell`.
///
/// Borrows when there is none. A doubled quote that stands for one quote in a string of VBA is
/// dropped as well: this is for looking names up, not for showing.
pub fn fold_command(text: &str) -> Cow<'_, str> {
    let dropped = |byte: &u8| matches!(byte, b'^' | b'`');
    if !text.as_bytes().iter().any(dropped) && !text.contains("\"\"") {
        return Cow::Borrowed(text);
    }
    let mut folded = String::new();
    folded.reserve(text.len());
    for piece in text.split(['^', '`']).flat_map(|piece| piece.split("\"\"")) {
        folded.push_str(piece);
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_backticks_and_empty_quotes_go_and_other_text_is_borrowed() {
        assert_eq!(fold_command("p^ow\"\"er`sh^^ell -e \"a b\""), "powershell -e \"a b\"");
        assert!(matches!(fold_command("cmd /c \"a\""), Cow::Borrowed(_)));
    }

    #[test]
    fn quotes_that_a_caret_parts_are_not_empty_quotes() {
        assert_eq!(fold_command("a\"^\"b"), "a\"\"b");
    }
}
