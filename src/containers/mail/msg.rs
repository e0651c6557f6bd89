//! Outlook messages in a compound file ([MS-OXMSG]).
//!
//! A message is a storage: properties of a fixed size in one stream, each other one in a stream of its own
//! that is named by its tag. What is missing stays missing; a text is read as UTF-16 where it is stored so,
//! and otherwise in the code page that the message states.

use std::borrow::Cow;

use super::fields::{Address, Fields};
use super::header;
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Reader};
use crate::containers::cfb::{CompoundFile, Entry};

/// The stream with the properties of a fixed size.
pub const PROPERTIES: &str = "__properties_version1.0";

const SUBJECT: u16 = 0x0037;
const HEADERS: u16 = 0x007D;
const REPLY_NAMES: u16 = 0x0050;
const SENDER_NAME: u16 = 0x0C1A;
const SENDER_ADDRESS: u16 = 0x0C1F;
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const REFERENCES: u16 = 0x1039;
const IN_REPLY_TO: u16 = 0x1042;
const DISPLAY_NAME: u16 = 0x3001;
const EMAIL_ADDRESS: u16 = 0x3003;
const ATTACH_DATA: u16 = 0x3701;
const ATTACH_NAME: u16 = 0x3704;
const ATTACH_LONG_NAME: u16 = 0x3707;
const SMTP_ADDRESS: u16 = 0x39FE;
const INTERNET_CODE_PAGE: u16 = 0x3FDE;
const MESSAGE_CODE_PAGE: u16 = 0x3FFD;
const SENDER_SMTP: u16 = 0x5D01;
/// `PidLidReminderFileParameter` ([MS-OXPROPS] 2.219).
const REMINDER_FILE: u32 = 0x0000_851F;

/// Attachments and recipients that are read of one message.
const MOST: usize = 10_000;

/// A message.
#[derive(Debug, Clone, Default)]
pub struct Msg {
    /// Sender, recipients, subject; from the transport headers where the message keeps them.
    pub fields: Fields,
    /// Directory entry of the stream that holds the subject.
    pub subject_in: Option<u32>,
    /// Text, and the stream that holds it.
    pub body: Option<(String, u32)>,
    /// Text as HTML, and the stream that holds it.
    pub html: Option<(String, u32)>,
    /// The stream with the text as compressed RTF.
    pub rtf: Option<u32>,
    /// The sound file of a reminder, and the stream that names it.
    pub reminder_file: Option<(String, u32)>,
    /// Attachments, in the order of the directory.
    pub attachments: Vec<MsgAttachment>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgAttachment {
    /// Its name: the long one, the short one, or the one that is shown.
    pub name: Option<String>,
    /// Where its content is.
    pub content: MsgContent,
}

/// Where the content of an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MsgContent {
    /// In a stream: its directory entry.
    Stream(u32),
    /// In a storage that is a message of its own, or an object: its directory entry.
    Storage(u32),
    /// Nowhere in the file.
    Nowhere,
}

/// Opens a stream of the file by its directory entry.
pub type Open<'o, 'a> = &'o mut dyn FnMut(u32, &mut Cx<'_>) -> Result<Cow<'a, [u8]>, LimitHit>;

/// Whether a storage is a message.
pub fn is_message(file: &CompoundFile<'_>, storage: u32) -> bool {
    file.child(storage, PROPERTIES).is_some_and(Entry::is_stream)
}

/// Reads the message in `storage` into `into`; messages attached to it are left to the caller.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read<'a>(
    file: &CompoundFile<'a>,
    storage: u32,
    open: Open<'_, 'a>,
    into: &mut Msg,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reading = Reading { file, open, page: CodePage::WESTERN };
    let fixed = reading.fixed(storage, cx)?;
    let number = |id: u16| fixed.iter().find(|(known, _)| *known == id).map(|(_, value)| *value);
    let page = number(MESSAGE_CODE_PAGE).or(number(INTERNET_CODE_PAGE));
    if let Some(page) = page.and_then(|page| u16::try_from(page).ok()) {
        reading.page = CodePage::resolve(page).0;
    }
    let subject = reading.text(storage, SUBJECT, cx)?;
    let headers = reading.text(storage, HEADERS, cx)?;
    if let Some((headers, _)) = &headers {
        into.fields = header::fields(headers.as_bytes(), 0, cx)?;
    }
    if let Some((subject, at)) = subject {
        into.fields.subject = Some(subject);
        into.subject_in = Some(at);
    }
    let name = reading.text(storage, SENDER_NAME, cx)?.map(|(name, _)| name);
    let mut address = reading.text(storage, SENDER_SMTP, cx)?;
    if address.is_none() {
        address = reading.text(storage, SENDER_ADDRESS, cx)?;
    }
    if into.fields.from.is_empty() && (name.is_some() || address.is_some()) {
        let address = address.map(|(address, _)| address).unwrap_or_default();
        into.fields.from.push(Address { name: name.unwrap_or_default(), address });
    }
    if let Some((names, _)) = reading.text(storage, REPLY_NAMES, cx)?
        && into.fields.reply_to.is_empty()
    {
        let names = names.split(';').map(str::trim).filter(|name| !name.is_empty()).take(64);
        into.fields.reply_to =
            names.map(|name| Address { name: name.to_owned(), address: name.to_owned() }).collect();
    }
    for id in [REFERENCES, IN_REPLY_TO] {
        into.fields.has_thread |= reading.find(storage, id, &[0x001F, 0x001E]).is_some();
    }
    into.body = reading.text(storage, BODY, cx)?;
    into.html = reading.html(storage, number(INTERNET_CODE_PAGE), cx)?;
    into.rtf = reading.find(storage, RTF, &[0x0102]).map(|(entry, _)| entry);
    if let Some(id) = reading.named(REMINDER_FILE, cx)? {
        into.reminder_file = reading.text(storage, id, cx)?;
    }
    let storages: Vec<(u32, bool)> = file
        .children(storage)
        .filter(|entry| !entry.is_stream())
        .filter_map(|entry| {
            let is_attachment = starts_with(&entry.name, "__attach_version1.0_");
            (is_attachment || starts_with(&entry.name, "__recip_version1.0_"))
                .then_some((entry.id, is_attachment))
        })
        .take(MOST)
        .collect();
    for (id, is_attachment) in storages {
        cx.budget.step(4)?;
        if is_attachment {
            let attachment = reading.attachment(id, cx)?;
            cx.budget.hold(attachment.name.as_ref().map_or(64, |name| name.len().saturating_add(64)))?;
            into.attachments.push(attachment);
        } else if into.fields.recipients.len() < 64 {
            let name = reading.text(id, DISPLAY_NAME, cx)?.map(|(name, _)| name).unwrap_or_default();
            let mut address = reading.text(id, SMTP_ADDRESS, cx)?;
            if address.is_none() {
                address = reading.text(id, EMAIL_ADDRESS, cx)?;
            }
            let address = address.map(|(address, _)| address).unwrap_or_default();
            into.fields.recipients.push(Address { name, address });
        }
    }
    Ok(())
}

fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

struct Reading<'r, 'o, 'a> {
    file: &'r CompoundFile<'a>,
    open: Open<'o, 'a>,
    page: CodePage,
}

impl Reading<'_, '_, '_> {
    /// The stream or storage of a property in one of these types.
    fn find(&self, storage: u32, id: u16, types: &[u16]) -> Option<(u32, u16)> {
        types.iter().find_map(|kind| {
            let name = format!("__substg1.0_{id:04X}{kind:04X}");
            self.file.child(storage, &name).map(|entry| (entry.id, *kind))
        })
    }

    fn text(&mut self, storage: u32, id: u16, cx: &mut Cx<'_>) -> Result<Option<(String, u32)>, LimitHit> {
        cx.budget.step(2)?;
        let Some((entry, kind)) = self.find(storage, id, &[0x001F, 0x001E]) else { return Ok(None) };
        let bytes = (self.open)(entry, cx)?;
        cx.budget.touch(bytes.len())?;
        cx.budget.hold(bytes.len())?;
        let text = if kind == 0x001F {
            let units = bytes
                .chunks_exact(2)
                .filter_map(|pair| pair.first_chunk().map(|pair| u16::from_le_bytes(*pair)));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        } else {
            // Outlook writes UTF-8 as the code page beside texts in the one of the system.
            let is_false = self.page.id() == 65001 && std::str::from_utf8(&bytes).is_err();
            let page = if is_false { CodePage::WESTERN } else { self.page };
            page.decode(&bytes).text.into_owned()
        };
        Ok(Some((text.trim_end_matches('\0').to_owned(), entry)))
    }

    /// HTML is stored as bytes in the code page of the internet message, or as text.
    fn html(
        &mut self,
        storage: u32,
        page: Option<u32>,
        cx: &mut Cx<'_>,
    ) -> Result<Option<(String, u32)>, LimitHit> {
        let Some((entry, _)) = self.find(storage, HTML, &[0x0102]) else {
            return self.text(storage, HTML, cx);
        };
        let bytes = (self.open)(entry, cx)?;
        cx.budget.touch(bytes.len())?;
        cx.budget.hold(bytes.len())?;
        let page = page.and_then(|page| u16::try_from(page).ok()).map(|page| CodePage::resolve(page).0);
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => page.unwrap_or(self.page).decode(&bytes).text.into_owned(),
        };
        Ok(Some((text, entry)))
    }

    /// Numbers of the fixed properties ([MS-OXMSG] 2.4.2): identifier and value.
    fn fixed(&mut self, storage: u32, cx: &mut Cx<'_>) -> Result<Vec<(u16, u32)>, LimitHit> {
        let Some(entry) = self.file.child(storage, PROPERTIES).map(|entry| entry.id) else {
            return Ok(Vec::new());
        };
        let bytes = (self.open)(entry, cx)?;
        cx.budget.touch(bytes.len().saturating_mul(4))?;
        // The header has 32 bytes at the top and 24 in an attached message.
        let header_len = if bytes.len().is_multiple_of(16) { 32 } else { 24 };
        let mut reader = Reader::new(bytes.get(header_len..).unwrap_or_default());
        let mut found = Vec::new();
        while let (Ok(kind), Ok(id), Ok(_), Ok(value), Ok(_)) =
            (reader.u16(), reader.u16(), reader.u32(), reader.u32(), reader.u32())
        {
            if kind == 0x0003 && found.len() < 4096 {
                found.push((id, value));
            }
        }
        Ok(found)
    }

    /// The identifier that the file gives to a property with a number for a name ([MS-OXMSG] 2.2.3).
    fn named(&mut self, number: u32, cx: &mut Cx<'_>) -> Result<Option<u16>, LimitHit> {
        let names = self.file.child(0, "__nameid_version1.0").map(|entry| entry.id);
        let Some(entry) = names.and_then(|names| self.file.child(names, "__substg1.0_00030102")) else {
            return Ok(None);
        };
        let bytes = (self.open)(entry.id, cx)?;
        cx.budget.touch(bytes.len().saturating_mul(4))?;
        let mut reader = Reader::new(&bytes);
        while let (Ok(name), Ok(kind), Ok(index)) = (reader.u32(), reader.u16(), reader.u16()) {
            if name == number && kind & 1 == 0 {
                return Ok(Some(0x8000u16.saturating_add(index)));
            }
        }
        Ok(None)
    }

    fn attachment(&mut self, storage: u32, cx: &mut Cx<'_>) -> Result<MsgAttachment, LimitHit> {
        let mut name = None;
        for id in [ATTACH_LONG_NAME, ATTACH_NAME, DISPLAY_NAME] {
            name = match name {
                None => {
                    self.text(storage, id, cx)?.map(|(name, _)| name).filter(|name| !name.trim().is_empty())
                }
                name => name,
            };
        }
        let content = match self.find(storage, ATTACH_DATA, &[0x0102, 0x000D]) {
            Some((entry, 0x0102)) => MsgContent::Stream(entry),
            Some((entry, _)) => MsgContent::Storage(entry),
            None => MsgContent::Nowhere,
        };
        Ok(MsgAttachment { name, content })
    }
}
