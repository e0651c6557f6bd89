//! Parts that packages of all programs have: document properties, custom user interface, controls,
//! custom XML.

use super::sheet::HangingObject;
use super::xml::{Node, Nodes, text};
use super::{Found, Package, Parts, note_doctype, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::containers::zip;
use crate::documents::document::{Document, DocumentKind, DocumentText, HiddenText, TextPlace};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Clsid, Object, ObjectKind};
use crate::documents::props::{FileTime, MAX_PROPERTIES, Properties, PropertyText, PropertyValue};
use crate::documents::workbook::Workbook;

/// Bytes of one custom XML part that are harvested as text.
const CUSTOM_XML_BYTES: usize = 64 << 10;

/// Reads what a package has whatever it is: properties, user interface, controls, custom XML.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `found` keeps what was read.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    mut book: Option<&mut Workbook>,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let interface: Vec<u32> = package
        .all_relationships()
        .filter(|(_, one)| {
            one.kind.eq_ignore_ascii_case("extensibility")
                || one.kind.eq_ignore_ascii_case("usercustomization")
        })
        .filter_map(|(_, one)| one.part)
        .collect();
    let custom: Vec<u32> = package
        .all_relationships()
        .filter(|(_, one)| one.kind.eq_ignore_ascii_case("customxml"))
        .filter_map(|(_, one)| one.part)
        .collect();
    let count = u32::try_from(package.parts().len()).unwrap_or(u32::MAX);
    for index in 0..count {
        cx.budget.step(1)?;
        let Some(part) = package.part(index) else { continue };
        if part.taken {
            continue;
        }
        let content_type = part.content_type.clone();
        if interface.contains(&index) {
            custom_ui(package, source, index, found, cx)?;
        } else if content_type.ends_with("core-properties+xml")
            || content_type.ends_with("extended-properties+xml")
            || content_type.ends_with("custom-properties+xml")
        {
            properties(package, source, index, found, cx)?;
        } else if content_type.ends_with("activex+xml") {
            control(package, source, index, found, cx)?;
        } else if custom.contains(&index) {
            custom_xml(package, source, index, book.as_deref_mut(), found, cx)?;
        }
    }
    Ok(())
}

/// Custom user interface ([MS-CUSTOMUI] 2.2): every callback, and whether it waits for a click.
fn custom_ui<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let len = bytes.as_slice().len() as u64;
    let cx = &mut cx.for_part(part, Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    while let Some(node) = nodes.next(cx)? {
        let Node::Start(tag) = node else { continue };
        for (prefix, name, value) in tag.attrs() {
            let is_callback = name.starts_with("on") || name.starts_with("get") || name == "loadImage";
            if !prefix.is_empty() || !is_callback || value.is_empty() {
                continue;
            }
            let at = tag.at.min(len);
            cx.budget.hold(size_of::<Link>().saturating_add(value.len()))?;
            found.links.push(Link {
                kind: LinkKind::Callback,
                target: super::xml::unescape(value).into_owned(),
                // What is asked for a label, a picture or a state is asked before anything can be clicked.
                automatic: !name.starts_with("on") || name.eq_ignore_ascii_case("onLoad"),
                location: Location::bytes(part, at..at),
            });
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

/// A control ([MS-OI29500] `ocx`): its class and the values that it keeps as text.
fn control<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    let mut object = Object::at(Location::part(part), ObjectKind::Control);
    let mut is_control = false;
    while let Some(node) = nodes.next(cx)? {
        let Node::Start(tag) = node else { continue };
        match tag.local() {
            "ocx" => {
                is_control = true;
                object.class = tag.attr("classid").and_then(|text| class(&text));
                object.class_name = object.class.and_then(Clsid::known_name).unwrap_or_default().to_owned();
            }
            "ocxPr" => {
                let value = tag.attr("value").unwrap_or_default();
                // Numbers and positions say nothing; texts may be a payload.
                let is_text = value.len() > 3 && value.chars().any(char::is_alphabetic);
                if is_text && object.texts.len() < 256 {
                    cx.budget.hold(value.len())?;
                    object.texts.push(value.into_owned());
                }
            }
            _ => {}
        }
    }
    note_doctype(package, &nodes, index);
    if is_control {
        cx.budget.hold(size_of::<Object>())?;
        found.objects.push(object);
    }
    Ok(())
}

/// A class identifier as text: `{00000000-0000-0000-0000-000000000000}`.
pub fn class(text: &str) -> Option<Clsid> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0_u8; 16];
    // The first three numbers are little-endian in a file.
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    for (place, from) in bytes.iter_mut().zip(ORDER) {
        let at = from.checked_mul(2)?;
        *place = u8::from_str_radix(digits.get(at..at.checked_add(2)?)?, 16).ok()?;
    }
    Some(Clsid(bytes))
}

/// Objects that a sheet names, each with its program identifier.
pub(in crate::documents) fn sheet_objects(
    package: &Package,
    sheet: u32,
    objects: &[HangingObject],
    book: &Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for HangingObject { relationship: id, program, link, update } in objects {
        cx.budget.hold(size_of::<Object>().saturating_add(program.len()))?;
        let relationship = id.as_deref().and_then(|id| package.by_id(sheet, id));
        let part = relationship.and_then(|one| one.part).map_or(package.id(sheet), |part| package.id(part));
        let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
        object.class_name.clone_from(program);
        // The same object is named for old and new readers.
        if !found.objects.contains(&object) {
            found.objects.push(object);
        }
        let Some(link) = link.as_deref().filter(|_| *update) else { continue };
        let number = link.strip_prefix('[').and_then(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
        let target = number.and_then(|number| book.books.get(number.checked_sub(1)?));
        if let Some(target) = target {
            let target = target.path.rsplit('|').next().unwrap_or_default().to_owned();
            let location = Location::part(package.id(sheet));
            let link = Link { kind: LinkKind::OleObject, target, automatic: true, location };
            if !found.links.contains(&link) {
                found.links.push(link);
            }
        }
    }
    Ok(())
}

/// Custom XML: Power Query where it is that, otherwise its text.
fn custom_xml<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: Option<&mut Workbook>,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Package);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let mut harvest = String::new();
    let mut is_mashup = false;
    let mut is_first = true;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => {
                is_mashup |= is_first && tag.local() == "DataMashup";
                is_first = false;
                if !harvest.ends_with('\n') && !harvest.is_empty() && !is_mashup {
                    harvest.push('\n');
                }
            }
            Node::Text(piece) if is_mashup || harvest.len() < CUSTOM_XML_BYTES => harvest.push_str(&piece),
            _ => {}
        }
    }
    note_doctype(package, &nodes, index);
    drop(xml);
    drop(bytes);
    if is_mashup {
        return mashup(&harvest, book, cx);
    }
    let text = harvest.trim();
    if !text.is_empty() {
        cx.budget.hold(text.len().saturating_add(size_of::<Document>()))?;
        found.documents.push(Document {
            part,
            kind: DocumentKind::Text,
            texts: vec![DocumentText {
                text: text.to_owned(),
                place: TextPlace::Body,
                hidden: Some(HiddenText::NotShown),
                location: Location::part(part),
            }],
            ..Document::default()
        });
    }
    Ok(())
}

/// Power Query ([MS-QDEFF] 2.2): a version, the length of a package, the package. What its sections say
/// is the query.
fn mashup(base64: &str, book: Option<&mut Workbook>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let Some(book) = book else { return Ok(()) };
    cx.budget.touch(base64.len())?;
    let bytes = base64_decoded(base64);
    let len = bytes.get(4..8).and_then(|len| len.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    let inner = bytes.get(8..).unwrap_or_default();
    let inner = inner.get(..len).unwrap_or(inner);
    let mut archive = zip::Archive::default();
    zip::read(inner, &mut archive, &mut cx.for_stage(Stage::Archive))?;
    for entry in archive.entries().iter().filter(|entry| entry.name.to_ascii_lowercase().ends_with(".m")) {
        let mut section = Vec::new();
        entry.open(inner, &mut section, &mut cx.for_stage(Stage::Archive))?;
        super::workbook::connection(book, &String::from_utf8_lossy(&section), false, cx)?;
    }
    Ok(())
}

/// Base64 ([RFC 4648] 4) with anything between its letters.
pub fn base64_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = bits.wrapping_shl(6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            let [.., byte] = bits.wrapping_shr(count).to_be_bytes();
            bytes.push(byte);
        }
    }
    bytes
}

/// Document properties (ECMA-376 part 2, 11, and part 1, 22).
fn properties<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let len = bytes.as_slice().len() as u64;
    let cx = &mut cx.for_part(part, Stage::Props);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let into = found.properties.get_or_insert_with(Properties::default);
    let mut reader = PropertyReader { part, path: Vec::new(), name: None, count: 0 };
    let mut value = String::new();
    let mut at = 0;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => {
                value.clear();
                at = tag.at.min(len);
                if tag.local() == "property" {
                    reader.name = tag.attr("name").map(|name| name.into_owned());
                }
                if reader.path.len() < 16 {
                    reader.path.push(tag.local().to_owned());
                }
            }
            Node::Text(piece) => value.push_str(&piece),
            Node::End(_) => {
                reader.value(&value, at, into, cx)?;
                reader.path.pop();
                value.clear();
            }
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

struct PropertyReader {
    part: PartId,
    path: Vec<String>,
    /// Name of the custom property.
    name: Option<String>,
    count: usize,
}

impl PropertyReader {
    fn value(
        &mut self,
        value: &str,
        at: u64,
        into: &mut Properties,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let local = self.path.last().map_or("", String::as_str);
        if value.trim().is_empty() || self.count >= MAX_PROPERTIES {
            return Ok(());
        }
        self.count = self.count.saturating_add(1);
        cx.budget.step(1)?;
        cx.budget.hold(value.len().saturating_add(size_of::<PropertyText>()))?;
        let text = || PropertyText { text: value.to_owned(), location: Location::bytes(self.part, at..at) };
        let within = |name: &str| self.path.iter().any(|segment| segment == name);
        if within("property") {
            let name = self.name.clone().unwrap_or_default();
            let value = match local {
                "i1" | "i2" | "i4" | "i8" | "int" | "ui1" | "ui2" | "ui4" | "ui8" | "uint" => {
                    value.trim().parse().map_or(PropertyValue::Text(text()), PropertyValue::Integer)
                }
                "r4" | "r8" | "decimal" => {
                    value.trim().parse().map_or(PropertyValue::Text(text()), PropertyValue::Real)
                }
                "bool" => PropertyValue::Boolean(matches!(value.trim(), "1" | "true")),
                "filetime" | "date" => {
                    file_time(value).map_or(PropertyValue::Text(text()), PropertyValue::Time)
                }
                _ => PropertyValue::Text(text()),
            };
            into.custom.push((name, value));
            return Ok(());
        }
        if within("TitlesOfParts") {
            into.parts.push(text());
            return Ok(());
        }
        if within("HLinks") {
            if local == "lpwstr" || local == "lpstr" {
                into.hyperlinks.push(text());
            }
            return Ok(());
        }
        let slot = match local {
            "title" => &mut into.title,
            "subject" => &mut into.subject,
            "creator" => &mut into.author,
            "keywords" => &mut into.keywords,
            "description" => &mut into.comments,
            "lastModifiedBy" => &mut into.last_author,
            "revision" => &mut into.revision,
            "category" => &mut into.category,
            "contentStatus" => &mut into.content_status,
            "contentType" => &mut into.content_type,
            "Template" => &mut into.template,
            "Application" => &mut into.application,
            "Company" => &mut into.company,
            "Manager" => &mut into.manager,
            "HyperlinkBase" => &mut into.hyperlink_base,
            _ => {
                self.other(value.trim(), into);
                return Ok(());
            }
        };
        if slot.is_none() {
            *slot = Some(text());
        }
        Ok(())
    }

    fn other(&self, value: &str, into: &mut Properties) {
        match self.path.last().map_or("", String::as_str) {
            "created" => into.created = into.created.or_else(|| file_time(value)),
            "modified" => into.modified = into.modified.or_else(|| file_time(value)),
            "lastPrinted" => into.last_printed = into.last_printed.or_else(|| file_time(value)),
            "DocSecurity" => into.security = into.security.or_else(|| value.parse().ok()),
            "TotalTime" => {
                let minutes = value.parse::<u64>().ok();
                let units = minutes.and_then(|minutes| minutes.checked_mul(600_000_000));
                into.editing_time = into.editing_time.or(units);
            }
            "AppVersion" => {
                let (major, minor) = value.split_once('.').unwrap_or((value, "0"));
                let parsed = major.parse::<i64>().ok().zip(minor.parse::<i64>().ok());
                let version = parsed.and_then(|(major, minor)| major.checked_mul(65_536)?.checked_add(minor));
                into.application_version = into.application_version.or(version);
            }
            _ => {}
        }
    }
}

/// A time of ISO 8601 in UTC: `2022-11-02T08:00:00Z`.
fn file_time(text: &str) -> Option<FileTime> {
    let text = text.trim();
    let field = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) =
        (field(11, 13).unwrap_or(0), field(14, 16).unwrap_or(0), field(17, 19).unwrap_or(0));
    if !(1601..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1 March of the year 0, in years that begin in March.
    let shifted = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = if month <= 2 { month.checked_add(9)? } else { month.checked_sub(3)? };
    let in_year = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?.checked_add(day)?.checked_sub(1)?;
    let leaps = shifted
        .checked_div(4)?
        .checked_sub(shifted.checked_div(100)?)?
        .checked_add(shifted.checked_div(400)?)?;
    let days = shifted.checked_mul(365)?.checked_add(leaps)?.checked_add(in_year)?;
    // 1 January 1601 is day 584,694 of that count.
    let days = days.checked_sub(584_694)?;
    let seconds = days
        .checked_mul(86_400)?
        .checked_add(hour.checked_mul(3600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)?;
    u64::try_from(seconds).ok()?.checked_mul(10_000_000).map(FileTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_iso_8601_are_file_times() {
        for text in
            ["1601-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2022-11-02T08:00:00Z", "2024-03-01T00:00:00Z"]
        {
            assert_eq!(file_time(text).unwrap().to_string(), text);
        }
        assert_eq!(file_time("2022-13-01"), None);
        assert_eq!(file_time("soon"), None);
    }

    #[test]
    fn classes_are_turned_into_the_order_of_a_file() {
        let class = class("{0002CE02-0000-0000-C000-000000000046}").unwrap();
        assert_eq!(class.known_name(), Some("Equation Editor 3.0"));
        assert_eq!(super::class("{0002CE02}"), None);
    }

    #[test]
    fn base64_is_decoded_with_line_ends() {
        assert_eq!(base64_decoded("aGVs\r\nbG8="), b"hello");
    }
}
