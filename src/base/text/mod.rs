//! Text from bytes: code pages, UTF-16, and the showing of text that a file brought.
//!
//! Decoding is lossy and never fails: bytes without a character become U+FFFD and are counted. The
//! caller keeps the bytes. A file may name any code page; [`CodePage::resolve`] says which one is
//! read in its place when there is no such page.
//!
//! Most pages are read by `encoding_rs`. Where it reads a page by a relative of it, the difference
//! is this:
//!
//! * 28591, 28599, 28601 and 20127 would be read as the Windows page that extends them; they have
//!   tables here, so that 0x80 to 0x9F are control characters (or no characters, in 20127).
//! * 936 is read as GB 18030, which is a superset but for three bytes: 0x80 is the euro sign, as in
//!   Windows, and 0xFF is undefined.
//! * 950 is read as Big5 with the Hong Kong additions: codes that Windows maps to private use, and
//!   the symbols from 0xC6A1 to 0xC7F2, are characters of that set.
//! * 932 reads 0xA0 and 0xFD to 0xFF as undefined; Windows has private-use characters.
//! * 21866 has the two Belarusian letters at 0xAE and 0xBE, where older tables draw boxes.
//! * 125x and 874: an undefined byte below 0xA0 is the control character of that number, as in
//!   Windows; one above is undefined here and a private-use character in Windows.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod escape;
mod johab;
mod tables;
mod wide;

use std::borrow::Cow;

use encoding_rs::{self as er, DecoderResult, Encoding};

pub use escape::escape_for_terminal;
pub use wide::{latin1, latin1_into, utf16le, utf16le_into};

use tables::Upper;

/// A code page that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodePage(u16);

/// What a decoder made of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; bytes without a character became U+FFFD.
    pub text: Cow<'a, str>,
    /// How many replacements were made.
    pub replaced: usize,
}

/// How the bytes of a page become characters.
#[derive(Clone, Copy)]
enum Coding {
    /// As `encoding_rs` has it.
    Standard(&'static Encoding),
    /// ASCII, and a table for the other half.
    Table(&'static Upper),
    /// ASCII but for the percent sign, and a table (IBM 864).
    Arabic864,
    /// ASCII, and nothing else.
    Ascii,
    /// ISO 8859-1: the byte is the character.
    Latin1,
    /// ISO 8859-9: ISO 8859-1 with six Turkish letters.
    Latin5,
    /// UTF-8.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// Combining Korean (KS X 1001 annex 3).
    Johab,
    /// A double-byte Macintosh page.
    Mac(&'static MacDouble),
}

/// A double-byte Macintosh page: another page, and single bytes that Apple gave a meaning.
struct MacDouble {
    base: &'static Encoding,
    singles: &'static [(u8, char)],
    /// Whether 0xA1 to 0xDF are single bytes (half-width katakana).
    kana: bool,
}

static MAC_JAPANESE: MacDouble = MacDouble {
    base: er::SHIFT_JIS,
    singles: &[(0x80, '\\'), (0xA0, '\u{A0}'), (0xFD, '©'), (0xFE, '™'), (0xFF, '…')],
    kana: true,
};
static MAC_CHINESE_TRADITIONAL: MacDouble = MacDouble {
    base: er::BIG5,
    singles: &[(0x80, '\\'), (0xA0, '\u{A0}'), (0xFD, '©'), (0xFE, '™'), (0xFF, '…')],
    kana: false,
};
static MAC_KOREAN: MacDouble = MacDouble {
    base: er::EUC_KR,
    singles: &[(0x80, '\u{A0}'), (0x81, '₩'), (0x82, '–'), (0x83, '©'), (0xFE, '™'), (0xFF, '…')],
    kana: false,
};
static MAC_CHINESE_SIMPLIFIED: MacDouble = MacDouble {
    base: er::GBK,
    singles: &[(0x80, 'ü'), (0xA0, '\u{A0}'), (0xFD, '©'), (0xFE, '™'), (0xFF, '…')],
    kana: false,
};

impl CodePage {
    /// Windows-1252.
    pub const WESTERN: CodePage = CodePage(1252);
    /// UTF-16, little-endian.
    pub const UTF_16LE: CodePage = CodePage(1200);
    /// UTF-8.
    pub const UTF_8: CodePage = CodePage(65001);

    /// The decodable code page for an identifier from a file, and whether it is another one.
    ///
    /// An identifier that means the same page as another (BIFF's 367, 32768 and 32769, the
    /// EUC and ISO 2022 variants) is not "another one".
    pub fn resolve(id: u16) -> (CodePage, bool) {
        let same = match id {
            367 => 20127,
            32768 => 10000,
            32769 => 1252,
            20932 => 51932,
            50221 | 50222 => 50220,
            51936 => 936,
            51949 => 949,
            other => other,
        };
        if coding(same).is_some() {
            return (CodePage(same), false);
        }
        // The Windows page of the same script, or the Western one.
        let sibling = match id {
            1 => 437,
            2 | 10_000..=10_082 => 10000,
            708..=710 => 28596,
            848 | 849 | 1125 | 1131 => 866,
            856 | 867 => 862,
            868 => 864,
            1386 | 20_936 | 52_936 | 50_227 => 936,
            1370 | 20_000..=20_005 | 50_229 | 51_950 => 950,
            1363 | 20_949 | 50_225 => 949,
            20_290 | 50_930..=50_939 => 932,
            28_602 => 28605,
            _ => 1252,
        };
        (CodePage(sibling), true)
    }

    /// The code page of a character set of Windows fonts ([MS-WMF] 2.1.1.5, and the Macintosh ones of
    /// [MSFT-RTF] 1.9.1, `\fcharset`).
    ///
    /// `None` for the sets that do not say: ANSI, default and symbol.
    pub fn of_charset(charset: u8) -> Option<CodePage> {
        let id = match charset {
            77 => 10000,
            78 => 10001,
            79 => 10003,
            80 => 10008,
            81 => 10002,
            83 => 10005,
            84 => 10004,
            85 => 10006,
            86 => 10081,
            87 => 10021,
            88 => 10029,
            89 => 10007,
            128 => 932,
            129 => 949,
            130 => 1361,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 | 181 => 1255,
            178..=180 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            254 => 437,
            255 => 850,
            _ => return None,
        };
        Some(CodePage(id))
    }

    /// The identifier, as Windows counts them.
    pub fn id(self) -> u16 {
        self.0
    }

    /// Decodes `bytes`; plain ASCII is borrowed.
    pub fn decode(self, bytes: &[u8]) -> Decoded<'_> {
        match coding(self.0).unwrap_or(Coding::Standard(er::WINDOWS_1252)) {
            Coding::Standard(encoding) => standard(encoding, bytes),
            Coding::Table(upper) => single(bytes, |byte| above(upper, byte)),
            Coding::Arabic864 => arabic_864(bytes),
            Coding::Ascii => single(bytes, |_| None),
            Coding::Latin1 => Decoded { text: latin1(bytes), replaced: 0 },
            Coding::Latin5 => single(bytes, |byte| Some(latin5(byte))),
            Coding::Utf8 => utf8(bytes),
            Coding::Utf16Le => wide::decode(bytes, u16::from_le_bytes),
            Coding::Utf16Be => wide::decode(bytes, u16::from_be_bytes),
            Coding::Johab => johab::decode(bytes),
            Coding::Mac(page) => mac_double(page, bytes),
        }
    }

    /// `text` in this page; `None` when a character is not in it, or the page is of a kind that nobody
    /// types in.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match coding(self.0)? {
            Coding::Standard(encoding) => {
                let (bytes, _, has_others) = encoding.encode(text);
                (!has_others).then(|| bytes.into_owned())
            }
            Coding::Table(upper) => {
                let byte = |letter: char| match u8::try_from(letter) {
                    Ok(byte) if byte.is_ascii() => Some(byte),
                    _ => (0x80..=0xFF).find(|byte| above(upper, *byte) == Some(letter)),
                };
                text.chars().map(byte).collect()
            }
            Coding::Utf8 => Some(text.as_bytes().to_vec()),
            _ => None,
        }
    }
}

/// The pages that can be decoded, each under one identifier.
fn coding(id: u16) -> Option<Coding> {
    Some(match id {
        437 => Coding::Table(&tables::CP437),
        720 => Coding::Table(&tables::CP720),
        737 => Coding::Table(&tables::CP737),
        775 => Coding::Table(&tables::CP775),
        850 => Coding::Table(&tables::CP850),
        852 => Coding::Table(&tables::CP852),
        855 => Coding::Table(&tables::CP855),
        857 => Coding::Table(&tables::CP857),
        858 => Coding::Table(&tables::CP858),
        860 => Coding::Table(&tables::CP860),
        861 => Coding::Table(&tables::CP861),
        862 => Coding::Table(&tables::CP862),
        863 => Coding::Table(&tables::CP863),
        864 => Coding::Arabic864,
        865 => Coding::Table(&tables::CP865),
        866 => Coding::Standard(er::IBM866),
        869 => Coding::Table(&tables::CP869),
        874 => Coding::Standard(er::WINDOWS_874),
        932 => Coding::Standard(er::SHIFT_JIS),
        936 => Coding::Standard(er::GBK),
        949 => Coding::Standard(er::EUC_KR),
        950 => Coding::Standard(er::BIG5),
        1200 => Coding::Utf16Le,
        1201 => Coding::Utf16Be,
        1250 => Coding::Standard(er::WINDOWS_1250),
        1251 => Coding::Standard(er::WINDOWS_1251),
        1252 => Coding::Standard(er::WINDOWS_1252),
        1253 => Coding::Standard(er::WINDOWS_1253),
        1254 => Coding::Standard(er::WINDOWS_1254),
        1255 => Coding::Standard(er::WINDOWS_1255),
        1256 => Coding::Standard(er::WINDOWS_1256),
        1257 => Coding::Standard(er::WINDOWS_1257),
        1258 => Coding::Standard(er::WINDOWS_1258),
        1361 => Coding::Johab,
        10000 => Coding::Standard(er::MACINTOSH),
        10001 => Coding::Mac(&MAC_JAPANESE),
        10002 => Coding::Mac(&MAC_CHINESE_TRADITIONAL),
        10003 => Coding::Mac(&MAC_KOREAN),
        10004 => Coding::Table(&tables::CP10004),
        10005 => Coding::Table(&tables::CP10005),
        10006 => Coding::Table(&tables::CP10006),
        // Apple made one page of the two in 1998: Ukrainian letters, and the euro sign at 0xFF.
        10007 | 10017 => Coding::Standard(er::X_MAC_CYRILLIC),
        10008 => Coding::Mac(&MAC_CHINESE_SIMPLIFIED),
        10010 => Coding::Table(&tables::CP10010),
        10021 => Coding::Table(&tables::CP10021),
        10029 => Coding::Table(&tables::CP10029),
        10079 => Coding::Table(&tables::CP10079),
        10081 => Coding::Table(&tables::CP10081),
        10082 => Coding::Table(&tables::CP10082),
        20127 => Coding::Ascii,
        20866 => Coding::Standard(er::KOI8_R),
        21866 => Coding::Standard(er::KOI8_U),
        28591 => Coding::Latin1,
        28592 => Coding::Standard(er::ISO_8859_2),
        28593 => Coding::Standard(er::ISO_8859_3),
        28594 => Coding::Standard(er::ISO_8859_4),
        28595 => Coding::Standard(er::ISO_8859_5),
        28596 => Coding::Standard(er::ISO_8859_6),
        28597 => Coding::Standard(er::ISO_8859_7),
        28598 => Coding::Standard(er::ISO_8859_8),
        28599 => Coding::Latin5,
        28600 => Coding::Standard(er::ISO_8859_10),
        28601 => Coding::Table(&tables::CP28601),
        28603 => Coding::Standard(er::ISO_8859_13),
        28604 => Coding::Standard(er::ISO_8859_14),
        28605 => Coding::Standard(er::ISO_8859_15),
        28606 => Coding::Standard(er::ISO_8859_16),
        38598 => Coding::Standard(er::ISO_8859_8_I),
        50220 => Coding::Standard(er::ISO_2022_JP),
        51932 => Coding::Standard(er::EUC_JP),
        54936 => Coding::Standard(er::GB18030),
        65001 => Coding::Utf8,
        _ => return None,
    })
}

/// Decodes by `encoding_rs`, and counts what it could not.
fn standard<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Decoded { text, replaced: 0 };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut replaced = 0_usize;
    let mut rest = bytes;
    // Decoded by pieces: handing over the whole string costs its length for each bad byte.
    let mut piece = [0_u8; 1024];
    loop {
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut piece, true);
        rest = rest.get(read..).unwrap_or_default();
        text.push_str(piece.get(..written).and_then(|piece| str::from_utf8(piece).ok()).unwrap_or_default());
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                text.push(char::REPLACEMENT_CHARACTER);
                replaced = replaced.saturating_add(1);
            }
        }
    }
    Decoded { text: Cow::Owned(text), replaced }
}

/// Decodes a page whose lower half is ASCII; `upper` gives the character of a byte from 0x80.
fn single(bytes: &[u8], upper: impl Fn(u8) -> Option<char>) -> Decoded<'_> {
    let (ascii, rest) = ascii_prefix(bytes);
    if rest.is_empty() {
        return Decoded { text: Cow::Borrowed(ascii), replaced: 0 };
    }
    let mut replaced = 0_usize;
    let mut text = String::new();
    text.reserve(bytes.len().saturating_add(rest.len()));
    text.push_str(ascii);
    text.extend(rest.iter().map(|&byte| {
        let char = if byte.is_ascii() { Some(char::from(byte)) } else { upper(byte) };
        char.unwrap_or_else(|| {
            replaced = replaced.saturating_add(1);
            char::REPLACEMENT_CHARACTER
        })
    }));
    Decoded { text: Cow::Owned(text), replaced }
}

/// The ASCII bytes that `bytes` begin with, as text, and what follows.
fn ascii_prefix(bytes: &[u8]) -> (&str, &[u8]) {
    let len = Encoding::ascii_valid_up_to(bytes);
    let ascii = bytes.get(..len).and_then(|ascii| str::from_utf8(ascii).ok());
    (ascii.unwrap_or_default(), bytes.get(len..).unwrap_or_default())
}

fn above(upper: &Upper, byte: u8) -> Option<char> {
    let code = *upper.get(usize::from(byte & 0x7F))?;
    char::from_u32(code.into()).filter(|char| *char != char::REPLACEMENT_CHARACTER)
}

fn arabic_864(bytes: &[u8]) -> Decoded<'_> {
    let mut decoded = single(bytes, |byte| above(&tables::CP864, byte));
    if decoded.text.contains('%') {
        decoded.text = Cow::Owned(decoded.text.replace('%', "\u{66A}"));
    }
    decoded
}

fn latin5(byte: u8) -> char {
    match byte {
        0xD0 => 'Ğ',
        0xDD => 'İ',
        0xDE => 'Ş',
        0xF0 => 'ğ',
        0xFD => 'ı',
        0xFE => 'ş',
        other => char::from(other),
    }
}

fn utf8(bytes: &[u8]) -> Decoded<'_> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), replaced: 0 };
    }
    let mut text = String::new();
    let mut replaced = 0_usize;
    text.reserve(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            replaced = replaced.saturating_add(1);
        }
    }
    Decoded { text: Cow::Owned(text), replaced }
}

fn mac_double<'a>(page: &MacDouble, bytes: &'a [u8]) -> Decoded<'a> {
    let (ascii, rest) = ascii_prefix(bytes);
    if rest.is_empty() {
        return Decoded { text: Cow::Borrowed(ascii), replaced: 0 };
    }
    let mut text = String::from(ascii);
    let mut replaced = 0_usize;
    let mut pending = rest;
    let mut plain = 0_usize;
    while let Some(&byte) = pending.get(plain) {
        let single = page.singles.iter().find(|(single, _)| *single == byte);
        if let Some((_, char)) = single {
            let before = standard(page.base, pending.get(..plain).unwrap_or_default());
            text.push_str(&before.text);
            replaced = replaced.saturating_add(before.replaced);
            text.push(*char);
            pending = pending.get(plain.saturating_add(1)..).unwrap_or_default();
            plain = 0;
        } else if byte.is_ascii() || page.kana && (0xA1..=0xDF).contains(&byte) {
            plain = plain.saturating_add(1);
        } else {
            plain = plain.saturating_add(2);
        }
    }
    let last = standard(page.base, pending);
    text.push_str(&last.text);
    Decoded { text: Cow::Owned(text), replaced: replaced.saturating_add(last.replaced) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    fn page(id: u16) -> CodePage {
        let (page, other) = CodePage::resolve(id);
        assert!(!other, "{id}");
        page
    }

    fn decoded(id: u16, bytes: &[u8]) -> (String, usize) {
        let decoded = page(id).decode(bytes);
        (decoded.text.into_owned(), decoded.replaced)
    }

    fn sha256(text: &str) -> String {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// SHA-256 of the 256 characters of each page, in UTF-8 and U+FFFD where a byte has none, as
    /// the codecs of Python 3.11 decode them. Perl's Encode 3.17 gives the same for all but 720 and
    /// 10004 (it lacks the one, and the ASCII half of the other; it also has no 0x7F in Macintosh pages).
    const PAGES: &[(u16, &str)] = &[
        (437, "754c5bb3fea001ec959c555075130320962d3b98446117fb8cf28ae37eb06fc7"),
        (720, "f4e7685b2417dfe004d4bfdb695f452832f71b986dab9739cfa15e260e6aa307"),
        (737, "8c30c5d80947baf7bc21c1c04b8dca864aadb3e0210a5e31fc3d8f54edd50ce5"),
        (775, "99b1c2002a7b11a70e7793fde617b1d906feae5ca359f460577776b2e5e8070e"),
        (850, "4e721f6806dbbff270cf16c56a1dbdd658c17186e4fef4c534f905e7f979ea1b"),
        (852, "a5798618e5ecfe1b6ade6d7281cd7080d873796ac91b77ced5485a686ebd1f82"),
        (855, "a5dedbb9383c8d2a95f871802688cf379aeb933db764929cdd24264aa3e832ed"),
        (857, "17fc76049e8588bf20a7c9bea76f6e6e571aa33b8fb922d6f9ccc8da4a4aadb7"),
        (858, "bcd479c0617b954a7ba2a2eb2d660d96ae48c7b204e04afb878a6356d1bfdb64"),
        (860, "74e0dd67eb4444db9e56502efe4bbbd8a3f3a75bccae8e379a8e0e3890f3d769"),
        (861, "55a9d8ca7ce97b2afdcfa3c6cdd133f8c690797544665a6b88e7f1e8b25d9bb2"),
        (862, "b1ef2b55aefd16e2ca7123f0ae2c1694e5aa0eb6c8f4a3401986f75d01b6cd21"),
        (863, "b992274bd7115031215985c27b151272a3587175165c81fa493b6c359760a5a6"),
        (864, "411752684702196ebcdf581df91f83e1eb0ca80dfe49e3abe25069fc6027f942"),
        (865, "d4e3d8f3a2af7d1040f35a5b222d7d1eac1d7f67008a972f708c65747ca41bd0"),
        (866, "3c8cc5cb485f93d2bb20ea06c4d6808fcae1d924105a0ec4ee2b280457c14e14"),
        (869, "10d93e002cc5e644972ca70b5331301ab3711a926e2b4013439160fef61953fc"),
        (874, "5665ac5c8f78f682939b44a12dfe29c9f795d9458f85294915196009b312eaa2"),
        (1250, "a47e566628c5a1ace4418a68396c57b2531cf1ce5bc217a107b950a9063e3b8c"),
        (1251, "4bf36e4dc399f85df83092c605fb1151b8e51953ddcfd3cb2ab1b86ef0153371"),
        (1252, "8fa2fce59ae757275b6ec9d002c948cf71b6ca3d59c47aca2e9bb3db315ea36a"),
        (1253, "208c1bfad7856d707689b31ba6836d6cf44f020b2bcd256d5aa42ca57f68acfc"),
        (1254, "e8b28cf061f74fc8831e01dc2bba48488e339aa3b8932a6f886e0b73476f9995"),
        (1255, "dddca9c10c5a4294c3d3bbf2f2559fc95dc53f769cd0b547cfcd8d0b464a82c2"),
        (1256, "6f6e8626197b1b6b280a079d1d842daa09600a39fdb3d1e99596e943c61cc98b"),
        (1257, "83016015a20df2ecc65714123b5f2fd3d5e8ae50b882606e250c620849d0624f"),
        (1258, "274f6ff1f4ca2365d85ac82a0aa0b0356a634f15755db4c87c36b669f4b9d9e3"),
        (10000, "54112bce885d7b1abc9ba5e06e21900b89ea0f7e5da25e393c0bdf72d0ea4a30"),
        (10004, "5b306765d1b6e6f9b6a20d72e9ac74719899d5bed7423b45a4631c912666c699"),
        (10006, "3186b2d5c1a4b408fa6d4cb389b0172e988138113daabd0725ceaa6b2fe8f8b4"),
        (10007, "784db55e1c90195e69a4f96d755548fe48a4a6c327d1138cc731af07afec272c"),
        (10010, "8fe33ef42fbb0cfaa217d64fab37ab827c15da0627c952b167447aac2cb764a9"),
        (10029, "a3e9390d6e0dd8ac68cde7df1323134da35657d73a6bebff27f049c24b04efa3"),
        (10079, "f582cb016dc78fd949d81bf22f66f19d501b71505712e9acea31afeaf064eae3"),
        (10081, "79e1c9cd728951fcbc30f17db0c5e531984e9c9214a717f6f00e514bb1ad3cf4"),
        (10082, "812efbee9c2bf26508cd25d5ad623b3fd73899512e8254bda782e754530ff021"),
        (20127, "0f1a0d9c96b61c6dd842f73714f9e10c01c40383217f0a095c08145ef36b081b"),
        (20866, "fb0243455e64ef7026d46b057cfaeb41fef148d7d29a78fde21feda264ac02ee"),
        (21866, "31757051a3101a8a6ee4c94bc469d48f6348ad82031a943164646b15698dd3ce"),
        (28591, "9799e3eb6096a48f515a94324200b7af24251a4131eccf9a2cd65d012a1f5c71"),
        (28592, "a5871b0f978b840b9fad23483563caf9edf42c1828bff529f7594779ebaf5210"),
        (28593, "e83895f2b7d7b82b9356298e197f7ddef190d53209cdf3b46e9eca4d4a582847"),
        (28594, "449076e20ebf45ebbf44f24e39e98684dd2a6e07467ba3b8ba4192eb9405e2e3"),
        (28595, "9f31ddc0f7444afa24ddc2241f303bcd712296d7f2ca1e6bc9f5d1e9163df86f"),
        (28596, "beba4e6cf97dce8317ea76b14b77dbe4d2b3d8920b6b0a3fa9235ab532629f82"),
        (28597, "71069977a6798ab799df960847c927edfc3f787ac238f73702d7f37ef8cc1a1c"),
        (28598, "b43535e7aaeb7bcf8bd8465326ef9ace96e351494306f963fa24cf312e5aaf18"),
        (28599, "99a8e5b10c9d2f49a98a8ef7154f2526aeaec75857b2661c287586faae41a1f9"),
        (28600, "282514fbd01219c48fc84a8e45654368f161e1c5ab33fc028748688b9acb217f"),
        (28601, "1ab738bc1deb41a69ba9554b7cf65a8ea5720edf75b3a30d6ee0a3c7a7fb2d91"),
        (28603, "4426f6d2f1b025cdf6d2b46080e2840b0ce85666d424ec909ccab226b34ebcc8"),
        (28604, "f03afb7e01e66cac3cd7ed1a084173244f55b7c2e7fce44969aeade1077d8560"),
        (28605, "9b58b26dbd8fbff2917ab21d989323703946ba491a1eb15cdb2af7ecf9581e97"),
        (28606, "2de1faef4dc524c9b94fd90885997e4fe6c2be7c672a1c03a10dcb0edd69487e"),
    ];

    /// Bytes that have a character here and none, or another one, in Python: page, byte, ours, Python's.
    const DEVIATIONS: &[(u16, u8, char, char)] =
        &[(1255, 0xCA, '\u{5BA}', '\u{FFFD}'), (21866, 0xAE, 'ў', '╝'), (21866, 0xBE, 'Ў', '╬')];

    /// Pages where an undefined byte below 0xA0 is a control character here and none in Python.
    const CONTROLS: &[u16] = &[874, 1250, 1251, 1252, 1253, 1254, 1255, 1257, 1258];

    #[test]
    fn every_single_byte_page_has_the_characters_that_python_and_perl_have() {
        for (id, expected) in PAGES {
            let mut all = String::new();
            for byte in 0..=255_u8 {
                let (text, replaced) = decoded(*id, &[byte]);
                let char = text.chars().next().unwrap();
                assert_eq!((text.chars().count(), replaced), (1, usize::from(char == '\u{FFFD}')));
                let deviation = DEVIATIONS.iter().find(|known| (known.0, known.1) == (*id, byte));
                all.push(match deviation {
                    Some((_, _, ours, pythons)) => {
                        assert_eq!(char, *ours);
                        *pythons
                    }
                    None if CONTROLS.contains(id) && matches!(char, '\u{80}'..'\u{A0}') => '\u{FFFD}',
                    None => char,
                });
            }
            assert_eq!(sha256(&all), *expected, "{id}");
        }
    }

    #[test]
    fn hebrew_and_thai_macintosh_pages_agree_with_the_pages_of_their_scripts() {
        // libiconv: 0xE0 to 0xFA are the letters, 0xA6 the new shekel.
        let letters: Vec<u8> = (0xE0..=0xFA).collect();
        assert_eq!(decoded(10005, &letters), decoded(28598, &letters));
        assert_eq!(decoded(10005, &[0x80, 0x81, 0xA6, 0xC0, 0xC8]), ("Ä\u{FB1F}₪\u{FFFD}\u{FB35}".into(), 1));
        let letters: Vec<u8> = (0xA1..=0xDA).chain(0xDF..=0xED).chain(0xEF..=0xF9).collect();
        assert_eq!(decoded(10021, &letters), decoded(874, &letters));
        assert_eq!(decoded(10021, &[0x80, 0x83, 0xDB, 0xFF]), ("«\u{E48}\u{2060}\u{FFFD}".into(), 1));
    }

    #[test]
    fn johab_has_the_characters_that_python_has() {
        let mut all = String::new();
        let mut count = 0;
        for (first, second) in
            (0x80..=255_u8).flat_map(|first| (0x20..=255_u8).map(move |second| (first, second)))
        {
            // Codes of KS X 1001 that Python has only through the Hangul half.
            let letters = first == 0xDA && (0xA1..=0xD3).contains(&second);
            let (text, replaced) = decoded(1361, &[first, second]);
            if replaced == 0 && !letters {
                all.push_str(&text);
                count += 1;
            }
        }
        assert_eq!(count, 17065);
        assert_eq!(sha256(&all), "272b439626a3b399296db87847e24c208f343c972e3789dfc96c7d51fdfd5dca");
        assert_eq!(
            decoded(1361, b"a\\\xB0\xA1b\xFF\xFFc\xB0\x20\xB0"),
            ("a\\쌰b\u{FFFD}c\u{FFFD} \u{FFFD}".into(), 3)
        );
    }

    #[test]
    fn double_byte_pages_decode_and_count_what_they_cannot() {
        assert_eq!(decoded(932, b"\x93\xFA\x96{\xB1\x5C"), ("日本ｱ\\".into(), 0));
        assert_eq!(decoded(932, b"a\xFFb\x93"), ("a\u{FFFD}b\u{FFFD}".into(), 2));
        assert_eq!(decoded(936, b"\xD6\xD0\x80"), ("中€".into(), 0));
        assert_eq!(decoded(949, b"\xC7\xD1"), ("한".into(), 0));
        assert_eq!(decoded(950, b"\xA4\xA4"), ("中".into(), 0));
        assert_eq!(decoded(54936, b"\x84\x31\xA4\x37\xFF"), ("\u{FFFD}\u{FFFD}".into(), 1));
        assert_eq!(decoded(50220, b"\x1B$BF|\x1B(B"), ("日".into(), 0));
        assert_eq!(decoded(51932, b"\xC6\xFC"), ("日".into(), 0));
    }

    #[test]
    fn macintosh_double_byte_pages_have_apples_single_bytes() {
        assert_eq!(decoded(10001, b"a\x80\x93\xFA\xA0\xFD\xFE\xFF\xB1"), ("a\\日\u{A0}©™…ｱ".into(), 0));
        assert_eq!(decoded(10002, b"\xA4\xA4\x80\xFF"), ("中\\…".into(), 0));
        assert_eq!(decoded(10003, b"\xC7\xD1\x81\x83"), ("한₩©".into(), 0));
        assert_eq!(decoded(10008, b"\xD6\xD0\x80\xFE"), ("中ü™".into(), 0));
        assert_eq!(decoded(10001, b"\x93\xA0\xFE\x93"), ("蕩™\u{FFFD}".into(), 1));
    }

    #[test]
    fn unicode_pages_decode_and_count_what_they_cannot() {
        assert_eq!(decoded(1200, &[0x61, 0, 0, 0xD8, 0x62, 0, 9]), ("a\u{FFFD}b\u{FFFD}".into(), 2));
        assert_eq!(decoded(1201, &[0, 0x61, 0xD8, 0x35, 0xDC, 0xB3]), ("a𝒳".into(), 0));
        assert_eq!(decoded(65001, b"\xC3\xA9\xFFx\xE3\x81"), ("é\u{FFFD}x\u{FFFD}".into(), 2));
    }

    #[test]
    fn identifiers_without_a_page_fall_back_and_say_so() {
        let resolved = |id: u16| {
            let (page, other) = CodePage::resolve(id);
            (page.id(), other)
        };
        assert_eq!(
            [0, 1, 2, 10_050, 1125, 20_936, 65_000, u16::MAX].map(resolved),
            [
                (1252, true),
                (437, true),
                (10_000, true),
                (10_000, true),
                (866, true),
                (936, true),
                (1252, true),
                (1252, true),
            ]
        );
        assert_eq!(
            [367, 32_768, 32_769, 50_221].map(resolved),
            [(20_127, false), (10_000, false), (1252, false), (50_220, false),]
        );
    }

    #[test]
    fn every_identifier_resolves_to_a_page_that_resolves_to_itself() {
        for id in 0..=u16::MAX {
            let (page, _) = CodePage::resolve(id);
            assert_eq!(CodePage::resolve(page.id()), (page, false));
        }
    }

    #[test]
    fn ascii_is_borrowed() {
        for id in [437, 932, 1252, 10_001, 10_005, 1361, 28_591, 65_001] {
            assert!(matches!(page(id).decode(b"Auto_Open").text, Cow::Borrowed("Auto_Open")), "{id}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_decode_in_any_page(id in any::<u16>(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let (page, _) = CodePage::resolve(id);
            let decoded = page.decode(&bytes);
            let replacements = decoded.text.matches(char::REPLACEMENT_CHARACTER).count();
            prop_assert!(decoded.replaced <= replacements.min(bytes.len()));
        }

        #[test]
        fn text_in_utf_16_comes_back(text in any::<String>(), odd in any::<bool>()) {
            let mut bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.extend(odd.then_some(7));
            prop_assert_eq!(utf16le(&bytes), text);
        }

        #[test]
        fn any_units_decode_as_the_standard_library_has_it(units in prop::collection::vec(
            prop_oneof![0_u16..0x80, any::<u16>(), 0xD800_u16..0xE000], 0..100,
        )) {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            prop_assert_eq!(utf16le(&bytes), String::from_utf16_lossy(&units));
        }

        #[test]
        fn latin1_is_the_number_of_each_byte(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let expected: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            let mut appended = "x".to_owned();
            latin1_into(&bytes, &mut appended);
            prop_assert_eq!(appended.strip_prefix('x'), Some(expected.as_str()));
            prop_assert_eq!(latin1(&bytes), expected);
        }
    }
}
