//! Fuzz body of `containers::mail` and of what is made of mails: pages and passwords.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Problems, Stage};
use docsift::containers::mail::{Mail, calendar, content, pasted, read, text, uuencode};
use docsift::crypto::PasswordSource;
use docsift::documents::page;
use docsift::documents::passwords::{Candidates, MOST};

/// Takes the bytes as a mail, decodes every part, and looks through every text.
///
/// # Panics
/// When a part lies outside the mail, a body grows, or two runs differ.
pub fn eml(data: &[u8]) {
    assert_eq!(all(data), all(data));
}

fn all(data: &[u8]) -> String {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
    let mut mail = Mail::default();
    let mut said = format!("{:?}", read(data, &mut mail, &mut cx));
    let len = data.len() as u64;
    for entity in &mail.entities {
        for range in [&entity.header, &entity.body] {
            assert!(range.start <= range.end && range.end <= len, "{range:?} of {len}");
        }
        let Ok(bytes) = content(data, entity, &mut cx) else { break };
        assert!(bytes.len() as u64 <= entity.body.end - entity.body.start);
        let text = text(&bytes, entity.charset.as_deref());
        if let Ok(files) = uuencode::files(text.as_bytes(), &mut cx) {
            for file in &files {
                assert!(text.get(file.at.clone()).is_some_and(|lines| lines.len() >= file.content.len()));
            }
            said += &format!("{files:?}");
        }
        if let Ok(files) = pasted::files(&text, &mut cx) {
            for file in &files {
                assert!(text.get(file.at.clone()).is_some_and(|lines| lines.len() >= file.content.len()));
            }
            said += &format!("{files:?}");
        }
        said += &format!("{:?}", pasted::unread(&text, &mut cx));
        let mut entries = calendar::Found::default();
        let end = calendar::read(&text, &mut entries, &mut cx);
        said += &format!("{end:?} {entries:?}");
        let shown = page::text(&text);
        assert!(shown.len() <= 2 * text.len());
        said += &format!("{:?} {:?}", page::links(&text), page::smuggling(&text).map(|found| found.means));
        let mut found = Candidates::default();
        let at = Location::bytes(PartId(0), entity.body.clone());
        let result = found.text(&shown, PasswordSource::MailBody, &at, &mut cx);
        let list = found.into_list();
        assert!(list.len() <= MOST);
        said += &format!("{result:?} {list:?}");
    }
    said + &format!("{mail:?} {:?}", problems.list())
}
