//! What a calendar entry leads to: attachments and sounds of its reminders ([RFC 5545] 3.8.1.1, 3.8.6).
//!
//! Only what leads outside and files that stand in the entry are of interest; lines that are no property are passed
//! over. Outlook makes an attachment of such a file and takes its name from `X-FILENAME`, others from `FILENAME`
//! ([MS-OXCICAL] 2.1.3.1.1.20.1).

use crate::base::{Cx, LimitHit, Location, base64};

/// A place that an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The value of the property.
    pub target: String,
    /// Whether a reminder has it, which plays it by itself.
    pub in_reminder: bool,
}

/// A file that stands in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, as stated.
    pub name: Option<String>,
    /// Its content.
    pub content: Vec<u8>,
}

/// What entries lead to and hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Values of `ATTACH` and `URL`, in the order of the text.
    pub references: Vec<Reference>,
    /// Files in `ATTACH`, in the order of the text.
    pub files: Vec<File>,
}

/// Most files that are taken out of one text.
const MOST: usize = 256;

/// Reads the entries in `text` into `into`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(text: &str, into: &mut Found, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(text.len().saturating_mul(2))?;
    // A line that begins with a blank goes on with the one before it.
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "");
    let mut reminders = 0u32;
    for line in unfolded.lines() {
        let Some((head, value)) = property(line) else { continue };
        let name = head.split(';').next().unwrap_or(head).trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let of_reminder = value.trim().eq_ignore_ascii_case("VALARM");
        if is("BEGIN") && of_reminder {
            reminders = reminders.saturating_add(1);
        } else if is("END") && of_reminder {
            reminders = reminders.saturating_sub(1);
        } else if is("ATTACH") || is("URL") {
            let target = value.trim().trim_matches('"');
            let code = parameter(head, &["ENCODING"]);
            if code.is_some_and(|code| code.eq_ignore_ascii_case("BASE64")) {
                if into.files.len() >= MOST {
                    let message = format_args!("a calendar entry holds more than {MOST} files");
                    cx.abandoned_at(Location::part(cx.part), &message);
                    break;
                }
                cx.budget.own(target.len() as u64)?;
                let name = parameter(head, &["X-FILENAME", "FILENAME"]).map(str::to_owned);
                into.files.push(File { name, content: base64::decode(target.as_bytes()) });
            } else if !target.is_empty() {
                cx.budget.hold(size_of::<Reference>().saturating_add(target.len()))?;
                let (target, in_reminder) = (target.to_owned(), reminders > 0);
                into.references.push(Reference { target, in_reminder });
            }
        }
    }
    Ok(())
}

/// The value of the first of these parameters that a line has before its own value.
fn parameter<'h>(head: &'h str, names: &[&str]) -> Option<&'h str> {
    let parameters = || head.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let named = |wanted: &&str| parameters().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
    let (_, value) = names.iter().find_map(named)?;
    Some(value.trim().trim_matches('"')).filter(|value| !value.is_empty())
}

/// What stands before the value of a line, and the value: behind the first colon outside of quotes.
fn property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let (colon, _) = line.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == ':' && !quoted
    })?;
    Some((line.get(..colon)?, line.get(colon.saturating_add(1)..)?))
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
                    ATTACH;VALUE=BINARY;ENCODING=BASE64;X-FILENAME=\"a.xls\":QU\r\n JD\r\nattach;encoding=base64:QQ==\r\nURL:\\\\three.invalid\\x\r\nno property\r\n";
        let mut found = Found::default();
        read(text, &mut found, &mut cx).unwrap();
        let reference = |target: &str, in_reminder| Reference { target: target.to_owned(), in_reminder };
        let file = |name: Option<&str>, content: &[u8]| File {
            name: name.map(str::to_owned),
            content: content.to_vec(),
        };
        let wanted = Found {
            references: vec![
                reference("https://one.invalid/x", false),
                reference("file://two.invalid/s.wav", true),
                reference("\\\\three.invalid\\x", false),
            ],
            files: vec![file(Some("a.xls"), b"ABC"), file(None, b"A")],
        };
        assert_eq!(found, wanted);
    }
}
