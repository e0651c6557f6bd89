//! The PROJECT stream ([MS-OVBA] 2.3.1) and PROJECTwm ([MS-OVBA] 2.3.3): what the editor lists,
//! and how the project is protected.
//!
//! Lines that the specification does not have are kept. A protection value that cannot be decoded
//! makes Office call the project unviewable; it stays readable here, for nothing is encrypted.

use std::collections::HashMap;

use crate::base::text::{CodePage, utf16le};
use crate::base::{Cx, LimitHit};

/// A line of the PROJECT stream, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectLine {
    /// What stands before `=`; the whole line when there is none.
    pub key: String,
    /// What stands behind it, without enclosing quotation marks.
    pub value: String,
}

/// Protection of a project. It keeps the editor from showing the source, and hides nothing from a
/// reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    /// Who protects it (`CMG`, [MS-OVBA] 2.3.1.15).
    pub state: Protections,
    /// Its password (`DPB`, [MS-OVBA] 2.3.1.16).
    pub password: Password,
    /// Whether the editor shows it (`GC`, [MS-OVBA] 2.3.1.17); `None` when that is not said.
    pub visible: Option<bool>,
    /// Keys among `CMG`, `DPB` and `GC` whose value cannot be decoded.
    pub broken: Vec<&'static str>,
}

impl Protection {
    /// Whether the editor asks for a password, or refuses, before it shows the source.
    pub fn locked(&self) -> bool {
        self.state.user
            || self.state.host
            || self.state.vbe
            || self.visible == Some(false)
            || !self.broken.is_empty()
    }
}

/// Bits of `ProjectProtectionState`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Protections {
    /// `fUserProtected`.
    pub user: bool,
    /// `fHostProtected`.
    pub host: bool,
    /// `fVbeProtected`.
    pub vbe: bool,
}

/// The password of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Password {
    /// None.
    #[default]
    None,
    /// SHA-1 of the password and a key ([MS-OVBA] 2.4.4.1).
    Hash {
        /// The key.
        key: [u8; 4],
        /// The hash.
        sha1: [u8; 20],
    },
    /// The password itself, as older versions stored it.
    Plain(Vec<u8>),
}

/// How PROJECT lists a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListedAs {
    Module,
    Class,
    BaseClass,
    Document,
}

/// What the PROJECT stream says.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Names as written, in order.
    pub(super) names: Vec<(String, ListedAs)>,
    pub(super) lines: Vec<ProjectLine>,
    pub(super) protection: Protection,
}

/// Reads the PROJECT stream.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every line so far.
pub(super) fn project(
    stream: &[u8],
    page: CodePage,
    into: &mut Listing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for line in stream.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
        cx.budget.step(1)?;
        cx.budget.touch(line.len())?;
        let text = page.decode(line).text;
        let (key, value) = text.split_once('=').unwrap_or((&text, ""));
        let listed_as = match key {
            _ if key.eq_ignore_ascii_case("Module") => Some(ListedAs::Module),
            _ if key.eq_ignore_ascii_case("Class") => Some(ListedAs::Class),
            _ if key.eq_ignore_ascii_case("BaseClass") => Some(ListedAs::BaseClass),
            _ if key.eq_ignore_ascii_case("Document") => Some(ListedAs::Document),
            _ => None,
        };
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        if let Some(listed_as) = listed_as {
            // Document=ThisWorkbook/&H00000000
            let name = bare.rsplit_once('/').map_or(bare, |(name, _)| name);
            into.names.push((name.to_owned(), listed_as));
        }
        match key {
            "CMG" => match unhex(bare).as_deref().and_then(decrypt).as_deref() {
                Some([bits, _, _, _]) => {
                    let state = Protections { user: bits & 1 != 0, host: bits & 2 != 0, vbe: bits & 4 != 0 };
                    into.protection.state = state;
                }
                _ => into.protection.broken.push("CMG"),
            },
            "DPB" => match unhex(bare).as_deref().and_then(decrypt).and_then(password) {
                Some(password) => into.protection.password = password,
                None => into.protection.broken.push("DPB"),
            },
            "GC" => match unhex(bare).as_deref().and_then(decrypt).as_deref() {
                Some([visible]) => into.protection.visible = Some(*visible != 0),
                _ => into.protection.broken.push("GC"),
            },
            _ => {}
        }
        into.lines.push(ProjectLine { key: key.to_owned(), value: bare.to_owned() });
    }
    into.protection.broken.dedup();
    into.protection.broken.truncate(3);
    Ok(())
}

/// Reads PROJECTwm: the Unicode name for each 8-bit one.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every pair so far.
pub(super) fn name_map(
    stream: &[u8],
    into: &mut HashMap<Vec<u8>, String>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(stream.len())?;
    let mut rest = stream;
    while let Some(end) = rest.iter().position(|byte| *byte == 0).filter(|end| *end > 0) {
        cx.budget.step(1)?;
        let narrow = rest.get(..end).unwrap_or_default();
        let behind = rest.get(end.saturating_add(1)..).unwrap_or_default();
        let units = behind.chunks_exact(2).position(|unit| unit == [0, 0]);
        let wide_len = units.unwrap_or(behind.len() / 2).saturating_mul(2);
        into.insert(narrow.to_vec(), utf16le(behind.get(..wide_len).unwrap_or_default()));
        rest = behind.get(wide_len.saturating_add(2)..).unwrap_or_default();
    }
    Ok(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || digits.len() > 1024 {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            if pair.starts_with('+') {
                return None;
            }
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

/// Undoes Data Encryption ([MS-OVBA] 2.4.3.3).
fn decrypt(data: &[u8]) -> Option<Vec<u8>> {
    let (&[seed, version_enc, key_enc], rest) = data.split_first_chunk::<3>()?;
    if version_enc ^ seed != 2 {
        return None;
    }
    let mut plain = key_enc ^ seed;
    let (mut enc_1, mut enc_2) = (key_enc, version_enc);
    let decoded: Vec<u8> = rest
        .iter()
        .map(|&byte| {
            plain = byte ^ enc_2.wrapping_add(plain);
            enc_2 = enc_1;
            enc_1 = byte;
            plain
        })
        .collect();
    let ignored_len = usize::from((seed & 6) >> 1);
    let (len, data) = decoded.get(ignored_len..)?.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
    if len != data.len() {
        return None;
    }
    Some(data.to_vec())
}

/// Undoes the encoding of `DPB` ([MS-OVBA] 2.3.1.16, 2.4.4).
fn password(data: Vec<u8>) -> Option<Password> {
    if data == [0] {
        return Some(Password::None);
    }
    let Some((&[0xFF, bits_0, bits_1, bits_2], nulls)) = data.split_first_chunk::<4>() else {
        return Some(Password::Plain(data));
    };
    let (Some((&key, hash)), 25) = (nulls.split_first_chunk::<4>(), nulls.len()) else {
        return Some(Password::Plain(data));
    };
    let &[sha1 @ .., 0] = hash.first_chunk::<21>()? else { return None };
    // A cleared bit says that the byte was zero and 1 stands in its place.
    let bits = u32::from_le_bytes([bits_0, bits_1, bits_2, 0]);
    let kept = |index: u32, byte: u8| if bits >> index & 1 == 0 { 0 } else { byte };
    let mut index = 0u32;
    let mut next = |byte: u8| {
        let value = kept(index.min(31), byte);
        index = index.saturating_add(1);
        value
    };
    Some(Password::Hash { key: key.map(&mut next), sha1: sha1.map(&mut next) })
}

#[cfg(test)]
mod tests {
    use super::super::compression::tests::with_cx;
    use super::*;

    fn listed(stream: &[u8]) -> Listing {
        let mut into = Listing::default();
        let (result, _) = with_cx(|cx| project(stream, CodePage::WESTERN, &mut into, cx));
        assert_eq!(result, Ok(()));
        into
    }

    /// Data Encryption ([MS-OVBA] 2.4.3.2) with one ignored byte.
    fn encrypt(seed: u8, key: u8, data: &[u8]) -> String {
        let mut out = vec![seed, 2 ^ seed, key ^ seed];
        let (mut plain, mut enc_1, mut enc_2) = (key, key ^ seed, 2 ^ seed);
        let ignored = vec![7u8; usize::from((seed & 6) / 2)];
        let len = (data.len() as u32).to_le_bytes();
        for byte in ignored.iter().chain(&len).chain(data) {
            let enc = byte ^ enc_2.wrapping_add(plain);
            out.push(enc);
            enc_2 = enc_1;
            enc_1 = enc;
            plain = *byte;
        }
        out.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn modules_are_listed_with_their_kind() {
        let read = listed(
            b"ID=\"{0}\"\r\nDocument=ThisWorkbook/&H00000000\r\nModule=M\xF6dul\r\nClass=C\r\nBaseClass=F\r\n\
              Odd line\r\n[Workspace]\r\n",
        );
        let names = ["ThisWorkbook", "Mödul", "C", "F"].map(str::to_owned);
        let kinds = [ListedAs::Document, ListedAs::Module, ListedAs::Class, ListedAs::BaseClass];
        assert_eq!(read.names, names.into_iter().zip(kinds).collect::<Vec<_>>());
        let keys: Vec<_> = read.lines.iter().map(|line| line.key.as_str()).collect();
        assert_eq!(keys, ["ID", "Document", "Module", "Class", "BaseClass", "Odd line", "[Workspace]"]);
    }

    #[test]
    fn protection_is_decoded() {
        let mut hash = vec![0xFF, 0b1111_1110, 0xFF, 0xFF];
        hash.extend([1; 4]);
        hash.extend([9; 20]);
        hash.push(0);
        let text = format!(
            "CMG=\"{}\"\r\nDPB=\"{}\"\r\nGC=\"{}\"\r\n",
            encrypt(0x32, 5, &[1, 0, 0, 0]),
            encrypt(0x44, 6, &hash),
            encrypt(0x00, 7, &[0])
        );
        let read = listed(text.as_bytes()).protection;
        assert_eq!(
            read,
            Protection {
                state: Protections { user: true, host: false, vbe: false },
                password: Password::Hash { key: [0, 1, 1, 1], sha1: [9; 20] },
                visible: Some(false),
                broken: vec![],
            }
        );
        assert!(read.locked());
    }

    #[test]
    fn unlocked_project_has_no_password_and_is_visible() {
        let text = format!(
            "CMG=\"{}\"\nDPB=\"{}\"\nGC=\"{}\"",
            encrypt(0x12, 5, &[0; 4]),
            encrypt(0x16, 6, &[0]),
            encrypt(0x20, 7, &[0xFF])
        );
        let read = listed(text.as_bytes()).protection;
        assert_eq!(read, Protection { visible: Some(true), ..Protection::default() });
        assert!(!read.locked());
    }

    #[test]
    fn broken_protection_is_named_and_locks() {
        let read = listed(b"CMG=\"00\"\r\nDPx=\"00\"\r\nGC=\"+1+2\"").protection;
        assert_eq!(read.broken, ["CMG", "GC"]);
        assert!(read.locked());
    }

    #[test]
    fn name_map_pairs_narrow_and_wide_names() {
        let mut names = HashMap::new();
        let stream = b"Module1\0M\0\xF6\0\0\0b\0c\0\0\0\0\0";
        with_cx(|cx| name_map(stream, &mut names, cx)).0.unwrap();
        assert_eq!(names[&b"Module1"[..]], "Mö");
        assert_eq!(names[&b"b"[..]], "c");
        assert_eq!(names.len(), 2);
    }
}
