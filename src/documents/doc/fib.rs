//! The file information block: which version wrote the document, and where everything lies.
//!
//! Layout: [MS-DOC] 2.5 for Word 97 to 2003. Word 6 and 95 have the same fields at other places and no
//! counted blocks; their layout is in no current specification and is read as public tools read it.

use super::DocError;
use crate::base::Reader;
use crate::base::text::CodePage;

/// `wIdent` of Word 97 and later.
const IDENT_97: u16 = 0xA5EC;
/// `wIdent` of Word 6 and 95, and of their Far Eastern versions.
const IDENTS_6: [u16; 4] = [0xA5DC, 0xA697, 0xA698, 0xA699];

/// The last `nFib` that has the layout of Word 6 and 95.
const LAST_OLD: u16 = 0x69;
/// The first one of Word 6.
const FIRST_OLD: u16 = 0x60;

/// What the head of the stream `WordDocument` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fib {
    /// Whether it has the layout of Word 6 and 95.
    pub(super) is_old: bool,
    /// Code page of 8-bit text.
    pub(super) page: CodePage,
    flags: u16,
    /// Where the text begins in a document that was not saved fast.
    pub(super) fc_min: u32,
    /// Where it ends.
    pub(super) fc_mac: u32,
    /// Characters of body, footnotes, headers, macros, comments, endnotes, text boxes, and text boxes
    /// of headers.
    pub(super) ccp: [u32; 8],
    /// Offset of the first pair of offset and length.
    pairs_at: usize,
}

/// Pairs of offset and length, by their index ([MS-DOC] 2.5.6).
#[derive(Debug, Clone, Copy)]
pub(super) enum Pair {
    Stshf = 1,
    PlcfBteChpx = 12,
    PlcfBtePapx = 13,
    Cmds = 24,
    SttbfAssoc = 32,
    Clx = 33,
    DggInfo = 50,
}

impl Fib {
    /// Reads the block at the start of `stream`.
    pub(super) fn read(stream: &[u8]) -> Result<Fib, DocError> {
        let mut reader = Reader::new(stream);
        let ident = reader.u16()?;
        let version = reader.u16()?;
        let is_old = match ident {
            IDENT_97 => (FIRST_OLD..=LAST_OLD).contains(&version),
            ident if IDENTS_6.contains(&ident) => true,
            _ => return Err(DocError::NoFib { ident }),
        };
        reader.skip(2)?; // nProduct
        let language = reader.u16()?;
        reader.skip(2)?; // pnNext
        let flags = reader.u16()?;
        reader.skip(8)?; // nFibBack, lKey, envr, flags of the environment
        let char_set = reader.u16()?;
        reader.skip(2)?;
        let fc_min = reader.u32()?;
        let fc_mac = reader.u32()?;
        let mut ccp = [0; 8];
        let pairs_at = if is_old {
            reader.skip(20)?; // cbMac, fcSpare0 to fcSpare3
            for count in &mut ccp {
                *count = reader.u32()?;
            }
            0x58
        } else {
            let words = usize::from(reader.u16()?);
            reader.skip(words.saturating_mul(2))?;
            let longs = usize::from(reader.u16()?);
            let mut block = reader.sub(longs.saturating_mul(4))?;
            block.skip(12)?; // cbMac, two reserved
            for count in &mut ccp {
                *count = block.u32()?;
            }
            reader.skip(2)?; // cbRgFcLcb
            usize::try_from(reader.at()).unwrap_or(usize::MAX)
        };
        let page = if is_old { old_page(char_set, language) } else { CodePage::WESTERN };
        Ok(Fib { is_old, page, flags, fc_min, fc_mac, ccp, pairs_at })
    }

    /// Offset and length of a structure; both zero when the block is too short to name it.
    pub(super) fn pair(&self, stream: &[u8], pair: Pair) -> (u32, u32) {
        let at = self.pairs_at.saturating_add((pair as usize).saturating_mul(8));
        let mut reader = Reader::new(stream.get(at..).unwrap_or_default());
        match (reader.u32(), reader.u32()) {
            (Ok(offset), Ok(len)) => (offset, len),
            _ => (0, 0),
        }
    }

    /// `fDot`: it is a template.
    pub(super) fn is_template(&self) -> bool {
        self.flags & 0x0001 != 0
    }

    /// `fComplex`: it was saved fast, so that its text is in pieces.
    pub(super) fn is_complex(&self) -> bool {
        self.flags & 0x0004 != 0
    }

    /// `fEncrypted`
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & 0x0100 != 0
    }

    /// `fWhichTblStm`: 1 when the stream `1Table` belongs to it.
    pub(super) fn table(&self) -> usize {
        usize::from(self.flags & 0x0200 != 0)
    }

    /// `fExtChar`: text is UTF-16 where nothing else is said.
    pub(super) fn is_wide(&self) -> bool {
        self.flags & 0x1000 != 0
    }

    /// `fObfuscated`: the encryption is XOR.
    pub(super) fn is_obfuscated(&self) -> bool {
        self.flags & 0x8000 != 0
    }
}

/// The code page of Word 6 text: Macintosh when the character set says so, else by language.
fn old_page(char_set: u16, language: u16) -> CodePage {
    if char_set == 256 {
        return CodePage::resolve(10000).0;
    }
    // Primary language identifiers; Chinese has two pages, and Serbian two scripts.
    let page = match (language & 0x03FF, language) {
        (_, 0x0404 | 0x0C04) => 950,
        (0x04, _) => 936,
        (_, 0x0C1A) => 1251,
        (0x02 | 0x19 | 0x22 | 0x23 | 0x2F, _) => 1251,
        (0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24, _) => 1250,
        (0x08, _) => 1253,
        (0x1F, _) => 1254,
        (0x0D, _) => 1255,
        (0x01 | 0x20 | 0x29, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x1E, _) => 874,
        (0x11, _) => 932,
        (0x12, _) => 949,
        _ => 1252,
    };
    CodePage::resolve(page).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Short;

    #[test]
    fn another_mark_is_no_word_document() {
        assert_eq!(Fib::read(&[1, 2, 3, 4]), Err(DocError::NoFib { ident: 0x0201 }));
        let short = Short { at: 2, need: 2, have: 0 };
        assert_eq!(Fib::read(&[0xEC, 0xA5]), Err(DocError::Short(short)));
    }

    #[test]
    fn code_page_of_old_text_goes_by_language_and_machine() {
        let pages = [(0, 0x0409), (0, 0x0419), (0, 0x0411), (0, 0x0404), (0, 0x0804), (256, 0x0409)];
        let ids = pages.map(|(set, language)| old_page(set, language).id());
        assert_eq!(ids, [1252, 1251, 932, 950, 936, 10000]);
    }
}
