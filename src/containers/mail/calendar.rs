//! What a calendar entry leads to: attachments and sounds of its reminders ([RFC 5545] 3.8.1.1, 3.8.6).
//!
//! Only what leads outside is of interest; lines that are no property are passed over.

use crate::base::{Cx, LimitHit};

/// A place that an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The value of the property.
    pub target: String,
    /// Whether a reminder has it, which plays it by itself.
    pub in_reminder: bool,
}

/// Most references that are kept.
const MOST: usize = 256;

/// The values of `ATTACH` and `URL`, in the order of the text.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn references(text: &str, cx: &mut Cx<'_>) -> Result<Vec<Reference>, LimitHit> {
    cx.budget.touch(text.len().saturating_mul(2))?;
    // A line that begins with a blank goes on with the one before it.
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "");
    let mut reminders = 0u32;
    let mut found = Vec::new();
    for line in unfolded.lines() {
        let Some((name, value)) = property(line) else { continue };
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let of_reminder = value.trim().eq_ignore_ascii_case("VALARM");
        if is("BEGIN") && of_reminder {
            reminders = reminders.saturating_add(1);
        } else if is("END") && of_reminder {
            reminders = reminders.saturating_sub(1);
        } else if (is("ATTACH") || is("URL")) && found.len() < MOST {
            let target = value.trim().trim_matches('"').to_owned();
            // Content that stands in the line itself leads nowhere.
            let is_content = line.get(..line.len().saturating_sub(value.len())).unwrap_or_default();
            if !target.is_empty() && !is_content.to_ascii_uppercase().contains("ENCODING=BASE64") {
                found.push(Reference { target, in_reminder: reminders > 0 });
            }
        }
    }
    Ok(found)
}

/// Name and value of a line; the value stands behind the first colon outside of quotes.
fn property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let (colon, _) = line.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == ':' && !quoted
    })?;
    let (head, value) = (line.get(..colon)?, line.get(colon.saturating_add(1)..)?);
    Some((head.split(';').next().unwrap_or(head).trim(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    #[test]
    fn what_a_reminder_plays_is_told_from_what_is_attached() {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        let text = "BEGIN:VEVENT\r\nATTACH;FMTTYPE=\"a:b\":https://one.inva\r\n lid/x\r\nBEGIN:VALARM\r\n\
                    ATTACH;VALUE=URI:file://two.invalid/s.wav\r\nEND:VALARM\r\n\
                    ATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD\r\nURL:\\\\three.invalid\\x\r\nno property\r\n";
        let found = references(text, &mut cx).unwrap();
        let found: Vec<_> = found.iter().map(|found| (found.target.as_str(), found.in_reminder)).collect();
        assert_eq!(
            found,
            [
                ("https://one.invalid/x", false),
                ("file://two.invalid/s.wav", true),
                ("\\\\three.invalid\\x", false)
            ]
        );
    }
}
