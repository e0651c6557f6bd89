//! Header fields of a mail or of one of its parts, as `mail-parser` reads them.

use std::sync::LazyLock;

use mail_parser::{Address as Parsed, ContentType, HeaderName, HeaderValue, Message, MessageParser};

use super::structure::Entity;

/// Fields of one kind that are kept.
const KEPT: usize = 64;

/// What the header of a mail states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// `From`
    pub from: Vec<Address>,
    /// `Reply-To`
    pub reply_to: Vec<Address>,
    /// `To` and `Cc`
    pub recipients: Vec<Address>,
    /// `Return-Path`
    pub return_path: Option<String>,
    /// `Subject`, decoded.
    pub subject: Option<String>,
    /// Where the subject stands: first byte, and one past the last.
    pub subject_at: (u64, u64),
    /// Where the header block begins.
    pub at: u64,
    /// Whether it has `References` or `In-Reply-To`.
    pub has_thread: bool,
    /// `Authentication-Results`, as stated.
    pub authentication: Vec<String>,
    /// The part that the header begins.
    pub entity: Entity,
    /// `boundary` of its content type.
    pub boundary: Option<String>,
}

/// A mail address with the name beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// The name that mail programs show.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Address {
    /// What stands behind the `@`, in lower case.
    pub fn domain(&self) -> Option<String> {
        self.address.rsplit_once('@').map(|(_, domain)| domain.trim_end_matches('>').to_ascii_lowercase())
    }
}

/// Reads one header block that begins at `at`.
pub(super) fn fields(block: &[u8], at: u64) -> Fields {
    static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);
    let Some(message) = PARSER.parse_headers(block) else {
        return Fields { at, entity: default_entity(), ..Fields::default() };
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
    Fields {
        from: addresses(message.from()),
        reply_to: addresses(message.reply_to()),
        recipients,
        return_path: text(message.return_path()),
        subject: message.subject().map(str::to_owned),
        subject_at,
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
    }
}

fn default_entity() -> Entity {
    Entity { media_type: "text/plain".to_owned(), ..Entity::default() }
}

fn content_type<'m>(message: &'m Message<'_>, name: HeaderName<'static>) -> Option<&'m ContentType<'m>> {
    // The last field of a name is what `header` gives, as mail programs do.
    message
        .headers()
        .iter()
        .rev()
        .find(|header| header.name == name)
        .and_then(|header| header.value.as_content_type())
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
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
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
