//! Header fields of a mail or of one of its parts, as `mail-parser` reads them.
//!
//! All that the feature `mail` brings stands here; `no_header.rs` stands in for it.

use std::sync::LazyLock;

use mail_parser::{Address as Parsed, ContentType, HeaderName, HeaderValue, Message, MessageParser};

use super::fields::{Address, Fields};
use super::structure::Entity;
use crate::base::{Cx, LimitHit};

/// Fields of one kind that are kept.
const KEPT: usize = 64;

/// Reads one header block that begins at `at`.
///
/// # Errors
/// [`LimitHit`] when the steps do not last: one for each line.
pub(super) fn fields(block: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<Fields, LimitHit> {
    static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);
    cx.budget.step(block.split(|byte| *byte == b'\n').count() as u64)?;
    let Some(message) = PARSER.parse_headers(block) else {
        return Ok(Fields::nothing(at));
    };
    let text = |value: &HeaderValue<'_>| value.as_text().map(str::to_owned);
    let has = |name: HeaderName<'static>| message.header(name).is_some_and(|value| !value.is_empty());
    let subject_at = message.headers().iter().find(|header| header.name == HeaderName::Subject).map_or(
        (at, at),
        |header| {
            let place = |offset: u32| at.saturating_add(offset.into());
            (place(header.offset_start), place(header.offset_end))
        },
    );
    let mut recipients = addresses(message.to());
    recipients.extend(addresses(message.cc()));
    recipients.truncate(KEPT);
    let results = message.headers().iter().filter(|header| header.name == HeaderName::AuthenticationResults);
    let raw = |start: u32, end: u32| {
        let bytes = block.get(start as usize..end as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    };
    Ok(Fields {
        from: addresses(message.from()),
        reply_to: addresses(message.reply_to()),
        recipients,
        return_path: text(message.return_path()),
        subject: message.subject().map(str::to_owned),
        subject_at,
        date: message.date().map(|date| (date.year, date.month, date.day)),
        at,
        has_thread: has(HeaderName::References) || has(HeaderName::InReplyTo),
        authentication: results
            .take(KEPT)
            .map(|header| raw(header.offset_start, header.offset_end))
            .collect(),
        entity: entity(&message),
        boundary: content_type(&message, HeaderName::ContentType)
            .and_then(|content| content.attribute("boundary"))
            .map(str::to_owned),
    })
}

fn content_type<'m>(message: &'m Message<'_>, name: HeaderName<'static>) -> Option<&'m ContentType<'m>> {
    let fields = message.headers().iter().rev().filter(|header| header.name == name);
    let mut stated = fields.filter_map(|header| header.value.as_content_type());
    // Of two fields some mail programs take the first and some the last. A multipart is read as such: what the
    // others show is the text of its parts.
    let last = stated.next();
    let is_multipart = |content: &&ContentType<'_>| content.ctype().eq_ignore_ascii_case("multipart");
    last.filter(is_multipart).or_else(|| stated.find(is_multipart)).or(last)
}

/// A transfer encoding in lower case, without what may stand beside it: `"Base64"; (comment)`.
fn encoding(stated: &str) -> String {
    let word =
        stated.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\''));
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';' | '(' | ',');
    word.split(is_end).next().unwrap_or_default().to_ascii_lowercase()
}

fn entity(message: &Message<'_>) -> Entity {
    let content = content_type(message, HeaderName::ContentType);
    let disposition = content_type(message, HeaderName::ContentDisposition);
    let name = |content: Option<&ContentType<'_>>, attribute| {
        content.and_then(|content| content.attribute(attribute)).map(str::to_owned)
    };
    let media_type = content.map_or_else(
        || "text/plain".to_owned(),
        |content| {
            format!("{}/{}", content.ctype(), content.subtype().unwrap_or_default()).to_ascii_lowercase()
        },
    );
    Entity {
        media_type,
        charset: name(content, "charset"),
        encoding: message
            .header(HeaderName::ContentTransferEncoding)
            .and_then(HeaderValue::as_text)
            .map(encoding)
            .unwrap_or_default(),
        name: name(disposition, "filename")
            .or_else(|| name(content, "name"))
            .filter(|name| !name.trim().is_empty()),
        is_attachment: disposition.is_some_and(ContentType::is_attachment),
        ..Entity::default()
    }
}

fn addresses(parsed: Option<&Parsed<'_>>) -> Vec<Address> {
    let Some(parsed) = parsed else { return Vec::new() };
    let made = parsed.iter().map(|address| Address {
        name: address.name().unwrap_or_default().to_owned(),
        address: address.address().unwrap_or_default().to_owned(),
    });
    made.filter(|address| !address.name.is_empty() || !address.address.is_empty()).take(KEPT).collect()
}
