//! An entry of an archive, and the ways to its content.

use std::borrow::Cow;
use std::ops::Range;

use super::records::{ENCRYPTED, HAS_DESCRIPTOR, Header, UTF_8};
use super::slice;
use crate::base::crc::crc32;
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit};
use crate::containers::inflate::{self, End, Wrapping};

/// One entry: what the directory says of it, or the local header where no directory does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its name: UTF-8 where the flag or the bytes say so, otherwise code page 437.
    pub name: String,
    /// The name in the local header, where it is another one.
    pub local_name: Option<String>,
    /// General purpose flags (APPNOTE 4.4.4).
    pub flags: u16,
    /// Compression method (4.4.5): 0 stored, 8 deflated, 99 WinZip AES.
    pub method: u16,
    /// Method in the local header.
    pub local_method: u16,
    /// Time of the last change, as MS-DOS has it. Its high byte is what ZipCrypto checks the password
    /// with when sizes stand behind the data.
    pub time: u16,
    /// CRC-32 of the content. 0 in entries of AE-2.
    pub crc32: u32,
    /// Size of the content, as stated.
    pub len: u64,
    /// Where its data lies in the file, encryption header included. Empty when there is none.
    pub data: Range<u64>,
    /// Offset of its local header.
    pub header_at: Option<u64>,
    /// Offset of its central header; `None` when only a local header names it.
    pub listed_at: Option<u64>,
    /// How WinZip AES encrypts it.
    pub aes: Option<Aes>,
}

/// The extra field of WinZip AES (0x9901).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aes {
    /// 1 is AE-1, which has a CRC-32; 2 is AE-2, which has none.
    pub version: u16,
    /// 1, 2, 3: keys of 128, 192 and 256 bits.
    pub strength: u8,
    /// The method below the encryption.
    pub method: u16,
}

/// What came of opening an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// All of it, and the checksum fits.
    Whole,
    /// It ends as it should, and the checksum is another one.
    WrongChecksum,
    /// Its head; the rest is missing or damaged.
    Head,
    /// None: it is encrypted.
    Encrypted,
    /// None: the method is not read.
    UnknownMethod(u16),
}

impl Entry {
    pub(super) fn from_header(header: &Header<'_>) -> Self {
        Entry {
            name: name(header).into_owned(),
            flags: header.flags,
            method: header.method,
            local_method: header.method,
            time: header.time,
            crc32: header.crc32,
            len: header.len,
            aes: header.extra_field(0x9901).and_then(aes),
            ..Entry::default()
        }
    }

    /// Whether the directory lists it and no local header was found.
    pub(super) fn is_lost(&self) -> bool {
        self.header_at.is_none()
    }

    /// Takes the data of a local header that was found elsewhere.
    pub(super) fn adopt(&mut self, local: &Entry) {
        self.data = local.data.clone();
        self.header_at = local.header_at;
        self.local_method = local.method;
        self.aes = self.aes.or(local.aes);
    }

    /// Where it stands in the file: its header in the directory, or the local one.
    pub fn at(&self) -> u64 {
        self.listed_at.or(self.header_at).unwrap_or(0)
    }

    /// Whether its flags say that it is encrypted. [`Entry::open`] tells whether that is so.
    pub fn says_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(['/', '\\']) && self.len == 0
    }

    /// The byte that ends a correct decrypted header of ZipCrypto (APPNOTE 6.1.6). One wrong password
    /// in 256 passes it, so that only the checksum decides.
    pub fn check_byte(&self) -> u8 {
        if self.flags & HAS_DESCRIPTOR != 0 {
            self.time.to_be_bytes()[0]
        } else {
            self.crc32.to_be_bytes()[0]
        }
    }

    /// Its data as it lies in the file: compressed, and encrypted if it is.
    pub fn raw<'a>(&self, file: &'a [u8]) -> &'a [u8] {
        slice(file, &self.data)
    }

    /// Where its content lies in the file, when that is stored.
    pub fn stored_at(&self) -> Option<Range<u64>> {
        let is_stored = self.method == 0 && self.local_method == 0 && !self.says_encrypted();
        is_stored.then(|| self.data.clone())
    }

    /// Brings its content into `into`, which keeps what was made when a limit ends the work. `file` is
    /// the archive that it was read from.
    ///
    /// Where directory and local header disagree on method or encryption, every way is tried, and the
    /// first that gives the checksum counts.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last, or for a bomb.
    pub fn open(&self, file: &[u8], into: &mut Vec<u8>, cx: &mut Cx<'_>) -> Result<Content, LimitHit> {
        let mut content = self.open_as(self.method, file, into, cx)?;
        if self.local_method != self.method && content != Content::Whole {
            let mut other = Vec::new();
            let second = self.open_as(self.local_method, file, &mut other, cx)?;
            let better = matches!(second, Content::Whole) || into.is_empty();
            if better {
                content = second;
                *into = other;
            }
        }
        // The flag is only a claim; the checksum is a proof.
        if self.says_encrypted() && content != Content::Whole {
            into.clear();
            return Ok(Content::Encrypted);
        }
        Ok(content)
    }

    fn open_as(
        &self,
        method: u16,
        file: &[u8],
        into: &mut Vec<u8>,
        cx: &mut Cx<'_>,
    ) -> Result<Content, LimitHit> {
        into.clear();
        if method == AES {
            return Ok(Content::Encrypted);
        }
        self.unpack(method, self.raw(file), into, cx)
    }

    /// The first bytes of its content, at most `most`; nothing where only a checksum over all of it could
    /// tell how it is to be opened.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last.
    pub fn head(
        &self,
        file: &[u8],
        most: usize,
        into: &mut Vec<u8>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        into.clear();
        let raw = self.raw(file);
        match self.method {
            _ if self.says_encrypted() => Ok(()),
            0 => {
                let head = raw.get(..most).unwrap_or(raw);
                cx.budget.touch(head.len())?;
                into.extend_from_slice(head);
                Ok(())
            }
            8 => inflate::head(raw, Wrapping::Raw, most, into, cx),
            _ => Ok(()),
        }
    }

    /// Makes the content out of `packed`, which is what [`Entry::raw`] gives when nothing is encrypted,
    /// and what decryption gives otherwise.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last, or for a bomb.
    pub fn unpack(
        &self,
        method: u16,
        packed: &[u8],
        into: &mut Vec<u8>,
        cx: &mut Cx<'_>,
    ) -> Result<Content, LimitHit> {
        let is_cut = match method {
            0 => {
                cx.budget.touch(packed.len())?;
                cx.budget.own(packed.len() as u64)?;
                into.clear();
                if into.try_reserve_exact(packed.len()).is_ok() {
                    into.extend_from_slice(packed);
                }
                false
            }
            8 => {
                let inflated = inflate::inflate(packed, Wrapping::Raw, Some(self.len), into, cx)?;
                inflated.end != End::Whole
            }
            other => return Ok(Content::UnknownMethod(other)),
        };
        if is_cut { Ok(Content::Head) } else { self.checked(into, cx) }
    }

    /// What its checksum says of its content.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last.
    pub fn checked(&self, content: &[u8], cx: &mut Cx<'_>) -> Result<Content, LimitHit> {
        cx.budget.touch(content.len())?;
        if (content.len() as u64) < self.len && self.method == 0 {
            return Ok(Content::Head);
        }
        let has_none = self.crc32 == 0 && self.aes.is_some_and(|aes| aes.version == 2);
        let fits = has_none || crc32(content) == self.crc32;
        Ok(if fits { Content::Whole } else { Content::WrongChecksum })
    }
}

/// The method number that stands for WinZip AES.
const AES: u16 = 99;

fn aes(field: &[u8]) -> Option<Aes> {
    let mut reader = crate::base::Reader::new(field);
    let version = reader.u16().ok()?;
    let _vendor = reader.u16().ok()?;
    let strength = reader.u8().ok()?;
    let method = reader.u16().ok()?;
    Some(Aes { version, strength, method })
}

/// The name of a header as text.
pub(super) fn name<'a>(header: &Header<'a>) -> Cow<'a, str> {
    match str::from_utf8(header.name) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) if header.flags & UTF_8 != 0 => String::from_utf8_lossy(header.name),
        Err(_) => CodePage::resolve(437).0.decode(header.name).text,
    }
}

/// The name of a method, as a person reads it (APPNOTE 4.4.5).
pub fn method_name(method: u16) -> &'static str {
    match method {
        0 => "stored",
        1 => "shrunk",
        2..=5 => "reduced",
        6 => "imploded",
        8 => "deflate",
        9 => "deflate64",
        12 => "bzip2",
        14 => "LZMA",
        20 | 93 => "Zstandard",
        95 => "xz",
        98 => "PPMd",
        99 => "AES",
        _ => "an unknown method",
    }
}
