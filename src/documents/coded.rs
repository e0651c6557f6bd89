//! The text of a text file: UTF-8, UTF-16 with or without a mark, or a code page of Windows.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Location};

/// A text file as UTF-8.
#[derive(Debug)]
pub struct Coded<'a> {
    /// Its text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// How many bytes the text begins behind the start of the part; `None` when offsets of the text are
    /// not those of the part.
    pub offset: Option<usize>,
    /// The code it was in.
    pub page: CodePage,
}

impl<'a> Coded<'a> {
    /// The text of `bytes`. `stated` is the code that the file names, for text that is no UTF-8.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or the memory for another code do not last.
    pub fn new(bytes: &'a [u8], stated: Option<CodePage>, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        cx.budget.touch(bytes.len())?;
        let big_endian = CodePage::resolve(1201).0;
        let (page, skip) = match bytes {
            [0xEF, 0xBB, 0xBF, ..] => (CodePage::UTF_8, 3),
            [0xFF, 0xFE, ..] => (CodePage::UTF_16LE, 2),
            [0xFE, 0xFF, ..] => (big_endian, 2),
            [b'<', 0, ..] => (CodePage::UTF_16LE, 0),
            [0, b'<', ..] => (big_endian, 0),
            _ => (CodePage::UTF_8, 0),
        };
        let body = bytes.get(skip..).unwrap_or_default();
        if page == CodePage::UTF_8 {
            if let Ok(text) = str::from_utf8(body) {
                return Ok(Coded { text: Cow::Borrowed(text), offset: Some(skip), page });
            }
            // A few bad bytes in UTF-8 stay replaced; text in another code has them all over.
            let lossy = stated.is_none_or(|page| page == CodePage::UTF_8) && mostly_utf8(body);
            let page = if lossy || skip > 0 { page } else { stated.unwrap_or(CodePage::WESTERN) };
            return Coded::decoded(body, page, cx);
        }
        Coded::decoded(body, page, cx)
    }

    fn decoded(body: &'a [u8], page: CodePage, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        cx.budget.own(body.len() as u64)?;
        let decoded = page.decode(body);
        if decoded.replaced > 0 {
            cx.recovered(
                0,
                &format_args!("{} characters that code page {} does not have", decoded.replaced, page.id()),
            );
        }
        Ok(Coded { text: Cow::Owned(decoded.text.into_owned()), offset: None, page })
    }

    /// Where a range of the text stands in the part.
    pub fn location(&self, range: Range<usize>, cx: &Cx<'_>) -> Location {
        match self.offset {
            Some(offset) => {
                let [start, end] = [range.start, range.end].map(|at| at.saturating_add(offset) as u64);
                Location::bytes(cx.part, start..end)
            }
            None => Location::part(cx.part),
        }
    }

    /// The offset in the part of a place in the text; the start where it is not known.
    pub fn at(&self, place: usize) -> u64 {
        self.offset.map_or(0, |offset| place.saturating_add(offset) as u64)
    }
}

/// Whether fewer than one in 16 of the pieces between bad bytes is short: prose in a code page has a
/// bad byte in every other word.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut bad, mut wide) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks().take(4096) {
        bad = bad.saturating_add(usize::from(!chunk.invalid().is_empty()));
        wide = wide.saturating_add(chunk.valid().chars().filter(|letter| !letter.is_ascii()).count());
    }
    wide > bad
}

/// The code page of a name as XML, HTML and MIME have it; `None` for a name that is not known.
pub fn page_named(name: &str) -> Option<CodePage> {
    const NAMES: &[(&str, u16)] = &[
        ("utf-8", 65001),
        ("utf8", 65001),
        ("us-ascii", 1252),
        ("iso-8859-1", 1252),
        ("shift_jis", 932),
        ("x-sjis", 932),
        ("ms_kanji", 932),
        ("euc-jp", 51932),
        ("iso-2022-jp", 50220),
        ("gb2312", 936),
        ("gbk", 936),
        ("gb18030", 54936),
        ("big5", 950),
        ("euc-kr", 949),
        ("ks_c_5601-1987", 949),
        ("koi8-r", 20866),
        ("koi8-u", 21866),
        ("macintosh", 10000),
    ];
    let name = name.trim().to_ascii_lowercase();
    let numbered = |start: &str, base: u16| {
        let number = name.strip_prefix(start)?.parse::<u16>().ok()?;
        number.checked_add(base)
    };
    let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, id)| *id);
    let id = known
        .or_else(|| numbered("windows-", 0))
        .or_else(|| numbered("cp", 0))
        .or_else(|| numbered("ibm", 0))
        .or_else(|| numbered("iso-8859-", 28590))?;
    let (page, another) = CodePage::resolve(id);
    (!another).then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn read(bytes: &[u8], stated: Option<CodePage>) -> (String, Option<usize>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let coded = Coded::new(bytes, stated, &mut cx).unwrap();
        (coded.text.into_owned(), coded.offset)
    }

    #[test]
    fn codes_are_told_by_mark_then_by_validity_then_by_the_stated_page() {
        let wide: Vec<u8> = "<ä".encode_utf16().flat_map(u16::to_le_bytes).collect();
        type Case<'c> = (&'c [u8], Option<u16>, &'c str, Option<usize>);
        let cases: [Case<'_>; 7] = [
            (b"plain", None, "plain", Some(0)),
            ("\u{feff}ä".as_bytes(), Some(1251), "ä", Some(3)),
            ("ä".as_bytes(), Some(1251), "ä", Some(0)),
            (&[b"\xff\xfe", wide.as_slice()].concat(), None, "<ä", None),
            (&wide, None, "<ä", None),
            (b"\xe4", None, "ä", None),
            (b"\xe4", Some(1251), "д", None),
        ];
        for (bytes, stated, text, offset) in cases {
            let stated = stated.map(|id| CodePage::resolve(id).0);
            assert_eq!(read(bytes, stated), (text.to_owned(), offset), "{bytes:02x?}");
        }
    }
}
