//! Text from a file, made safe to show.

use std::fmt::{self, Display};

/// Shows text from a file so that it cannot act on a terminal or change how what surrounds it
/// looks.
///
/// Shown as `\u{..}`: control characters (line breaks and tabs, too), line and paragraph
/// separators, bidirectional controls, characters that are not seen (zero width, fillers,
/// variation selectors, tags), private use and noncharacters. A backslash stays as it is, since
/// most text is paths; so `\u{..}` may also stand in the file.
pub fn escape_for_terminal(text: &str) -> impl Display {
    Escaped(text)
}

struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| acts_or_hides(*char)) {
            f.write_str(rest.get(..at).unwrap_or_default())?;
            write!(f, "\\u{{{:x}}}", u32::from(char))?;
            rest = rest.get(at.saturating_add(char.len_utf8())..).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

fn acts_or_hides(char: char) -> bool {
    match char {
        ' '..='~' => false,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => true,
        // Not seen: soft hyphen, joiners, Hangul and Khmer fillers, Mongolian selectors.
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' => true,
        '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FFA0}' | '\u{FEFF}' => true,
        // Bidirectional controls, zero width, separators, deprecated format characters.
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        '\u{FE00}'..='\u{FE0F}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' => true,
        '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}' => true,
        // Private use and noncharacters.
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. | '\u{FDD0}'..='\u{FDEF}' => true,
        other => u32::from(other) & 0xFFFE == 0xFFFE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_or_hides_is_shown_by_number_and_the_rest_as_it_is() {
        let shown = |text| escape_for_terminal(text).to_string();
        assert_eq!(shown("C:\\Ünï 日本 👍 'x'"), "C:\\Ünï 日本 👍 'x'");
        assert_eq!(shown("a\x1B[2J\r\n\u{9B}"), "a\\u{1b}[2J\\u{d}\\u{a}\\u{9b}");
        assert_eq!(shown("x\u{202E}cod.exe\u{2069}"), "x\\u{202e}cod.exe\\u{2069}");
        assert_eq!(shown("\u{200B}\u{FEFF}\u{AD}\u{3164}"), "\\u{200b}\\u{feff}\\u{ad}\\u{3164}");
        assert_eq!(shown("\u{2028}\u{E000}\u{FFFE}\u{10FFFF}"), "\\u{2028}\\u{e000}\\u{fffe}\\u{10ffff}");
        assert_eq!(shown("\u{E0041}\u{FE0F}"), "\\u{e0041}\\u{fe0f}");
        assert_eq!(shown("\u{FFFD}"), "\u{FFFD}");
    }

    proptest! {
        #[test]
        fn nothing_shown_acts_or_hides(text in any::<String>()) {
            prop_assert!(!escape_for_terminal(&text).to_string().contains(acts_or_hides));
        }
    }
}
