//! Texts in Windows metafiles: what the records that draw text draw.
//!
//! Layout: [MS-EMF] 2.3.5 (`EMR_EXTTEXTOUTW` and its kin), [MS-EMFPLUS] 2.3.4.14 (`EmfPlusDrawString`),
//! [MS-WMF] 2.3.3 (`META_EXTTEXTOUT`, `META_TEXTOUT`). Nothing is drawn. A record whose text lies outside it
//! is passed over, and a record that reaches past the end stops the walk and keeps the texts so far.
//! Records that hold glyph numbers instead of letters (`ETO_GLYPH_INDEX`) have no text.

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Reader};

/// Most bytes of text that one metafile gives.
const TEXT_BYTES: usize = 64 << 10;

const ETO_OPAQUE: u16 = 0x0002;
const ETO_CLIPPED: u16 = 0x0004;
const ETO_GLYPH_INDEX: u32 = 0x0010;
const ETO_NO_RECT: u32 = 0x0100;
const ETO_SMALL_CHARS: u32 = 0x0200;

/// The texts of a metafile, in the order of its records: lines where the height of the text changes,
/// spaces between pieces of one line. Empty when `bytes` are no metafile.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; nothing of the metafile is kept then.
pub fn texts(bytes: &[u8], cx: &mut Cx<'_>) -> Result<String, LimitHit> {
    let mut drawn = Drawn::default();
    if bytes.get(40..44) == Some(b" EMF") {
        emf(bytes, &mut drawn, cx)?;
    } else {
        wmf(bytes, &mut drawn, cx)?;
    }
    Ok(drawn.text)
}

/// What was drawn so far.
#[derive(Debug, Default)]
struct Drawn {
    text: String,
    height: Option<i32>,
}

impl Drawn {
    fn add(&mut self, piece: &str, height: i32) {
        let piece = piece.trim_matches(['\0', ' ']);
        if piece.is_empty() || self.text.len().saturating_add(piece.len()) > TEXT_BYTES {
            return;
        }
        // Some programs draw every letter by itself.
        let short = piece.chars().nth(1).is_none();
        match self.height {
            None => {}
            Some(before) if before == height && short => {}
            Some(before) if before == height => self.text.push(' '),
            Some(_) => self.text.push('\n'),
        }
        self.height = Some(height);
        self.text.push_str(piece);
    }
}

fn emf(bytes: &[u8], drawn: &mut Drawn, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(bytes);
    // Each record is at least eight bytes long, so the walk ends.
    while let Some(record) = emf_record(&mut reader) {
        cx.budget.touch(record.body.len().saturating_add(8))?;
        // A record whose text does not lie in it says nothing.
        let _ = match record.kind {
            83 | 84 => ext_text_out(record.body, 28, record.kind == 84, drawn),
            96 | 97 => poly_text_out(record.body, record.kind == 97, drawn, cx)?,
            108 => small_text_out(record.body, drawn),
            70 => emf_plus(record.body, drawn, cx)?,
            _ => Some(()),
        };
    }
    Ok(())
}

struct Record<'b> {
    kind: u32,
    body: &'b [u8],
}

fn emf_record<'b>(reader: &mut Reader<'b>) -> Option<Record<'b>> {
    let kind = reader.u32().ok()?;
    let len = usize::try_from(reader.u32().ok()?).ok()?;
    Some(Record { kind, body: reader.take(len.checked_sub(8)?).ok()? })
}

/// An `EmrText` at `at` of a record's body ([MS-EMF] 2.2.5). Its string is counted from the start of the
/// record, which begins eight bytes earlier.
fn ext_text_out(body: &[u8], at: usize, wide: bool, drawn: &mut Drawn) -> Option<()> {
    let mut head = Reader::new(body.get(at..)?);
    head.skip(4).ok()?;
    let height = head.i32().ok()?;
    let count = usize::try_from(head.u32().ok()?).ok()?;
    let string = usize::try_from(head.u32().ok()?).ok()?.checked_sub(8)?;
    let options = head.u32().ok()?;
    if options & ETO_GLYPH_INDEX != 0 {
        return None;
    }
    let len = if wide { count.checked_mul(2)? } else { count };
    let text = body.get(string..string.checked_add(len)?)?;
    drawn.add(&letters(text, wide, CodePage::WESTERN), height);
    Some(())
}

/// `EMR_POLYTEXTOUT`: a list of texts ([MS-EMF] 2.3.5.32).
fn poly_text_out(
    body: &[u8],
    wide: bool,
    drawn: &mut Drawn,
    cx: &mut Cx<'_>,
) -> Result<Option<()>, LimitHit> {
    const TEXT_LEN: usize = 40;
    let mut head = Reader::new(body);
    if head.skip(28).is_err() {
        return Ok(None);
    }
    let Ok(count) = head.u32() else { return Ok(None) };
    let places = (32_usize..body.len()).step_by(TEXT_LEN).take(usize::try_from(count).unwrap_or(usize::MAX));
    for at in places {
        cx.budget.step(1)?;
        let _ = ext_text_out(body, at, wide, drawn);
    }
    Ok(Some(()))
}

/// `EMR_SMALLTEXTOUT` ([MS-EMF] 2.3.5.37).
fn small_text_out(body: &[u8], drawn: &mut Drawn) -> Option<()> {
    let mut reader = Reader::new(body);
    reader.skip(4).ok()?;
    let height = reader.i32().ok()?;
    let count = usize::try_from(reader.u32().ok()?).ok()?;
    let options = reader.u32().ok()?;
    reader.skip(12).ok()?;
    if options & ETO_NO_RECT == 0 {
        reader.skip(16).ok()?;
    }
    if options & ETO_GLYPH_INDEX != 0 {
        return None;
    }
    let wide = options & ETO_SMALL_CHARS == 0;
    let text = reader.take(if wide { count.checked_mul(2)? } else { count }).ok()?;
    drawn.add(&letters(text, wide, CodePage::WESTERN), height);
    Some(())
}

/// Records of EMF+ in a comment ([MS-EMFPLUS] 2.3.4.14).
fn emf_plus(body: &[u8], drawn: &mut Drawn, cx: &mut Cx<'_>) -> Result<Option<()>, LimitHit> {
    const DRAW_STRING: u16 = 0x401C;
    let Some(records) = body.get(8..).filter(|_| body.get(4..8) == Some(b"EMF+")) else { return Ok(None) };
    let mut reader = Reader::new(records);
    loop {
        cx.budget.step(1)?;
        let Some((kind, data)) = emf_plus_record(&mut reader) else { return Ok(None) };
        if kind == DRAW_STRING {
            let _ = draw_string(data, drawn);
        }
    }
}

fn emf_plus_record<'b>(reader: &mut Reader<'b>) -> Option<(u16, &'b [u8])> {
    let kind = reader.u16().ok()?;
    reader.skip(2).ok()?;
    let len = usize::try_from(reader.u32().ok()?).ok()?;
    let mut record = Reader::new(reader.take(len.checked_sub(8)?).ok()?);
    let data_len = usize::try_from(record.u32().ok()?).ok()?;
    Some((kind, record.take(data_len).ok()?))
}

fn draw_string(data: &[u8], drawn: &mut Drawn) -> Option<()> {
    let mut reader = Reader::new(data);
    reader.skip(8).ok()?;
    let count = usize::try_from(reader.u32().ok()?).ok()?;
    reader.skip(4).ok()?;
    // The top of the rectangle, as the bits of a float: equal tops are equal bits.
    let height = reader.i32().ok()?;
    reader.skip(8).ok()?;
    let text = reader.take(count.checked_mul(2)?).ok()?;
    drawn.add(&letters(text, true, CodePage::WESTERN), height);
    Some(())
}

fn wmf(bytes: &[u8], drawn: &mut Drawn, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    const PLACEABLE: [u8; 4] = [0xD7, 0xCD, 0xC6, 0x9A];
    let head = if bytes.starts_with(&PLACEABLE) { 22 } else { 0 };
    let mut reader = Reader::new(bytes);
    // META_HEADER is nine words long.
    if reader.skip(head).is_err()
        || reader.u16().is_err()
        || reader.u16() != Ok(9)
        || reader.skip(14).is_err()
    {
        return Ok(());
    }
    let mut page = CodePage::WESTERN;
    // Each record is at least six bytes long, so the walk ends.
    while let Some(record) = wmf_record(&mut reader) {
        cx.budget.touch(record.body.len().saturating_add(6))?;
        let _ = match record.kind {
            // META_CREATEFONTINDIRECT: the character set is the fourteenth byte of the font.
            0x02FB => record.body.get(13).and_then(|set| code_page(*set)).map(|of_set| page = of_set),
            0x0521 => text_out(record.body, page, drawn),
            0x0A32 => wmf_ext_text_out(record.body, page, drawn),
            _ => Some(()),
        };
    }
    Ok(())
}

fn wmf_record<'b>(reader: &mut Reader<'b>) -> Option<Record<'b>> {
    let words = usize::try_from(reader.u32().ok()?).ok()?;
    let kind = reader.u16().ok()?;
    Some(Record { kind: kind.into(), body: reader.take(words.checked_mul(2)?.checked_sub(6)?).ok()? })
}

fn text_out(body: &[u8], page: CodePage, drawn: &mut Drawn) -> Option<()> {
    let mut reader = Reader::new(body);
    let count = usize::from(reader.u16().ok()?);
    let text = reader.take(count).ok()?;
    reader.skip(count % 2).ok()?;
    let height = reader.u16().ok()?;
    drawn.add(&letters(text, false, page), height.into());
    Some(())
}

fn wmf_ext_text_out(body: &[u8], page: CodePage, drawn: &mut Drawn) -> Option<()> {
    let mut reader = Reader::new(body);
    let height = reader.u16().ok()?;
    reader.skip(2).ok()?;
    let count = usize::from(reader.u16().ok()?);
    let options = reader.u16().ok()?;
    if options & (ETO_OPAQUE | ETO_CLIPPED) != 0 {
        reader.skip(8).ok()?;
    }
    if u32::from(options) & ETO_GLYPH_INDEX != 0 {
        return None;
    }
    drawn.add(&letters(reader.take(count).ok()?, false, page), height.into());
    Some(())
}

fn letters(bytes: &[u8], wide: bool, page: CodePage) -> String {
    if wide {
        let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
        char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        page.decode(bytes).text.into_owned()
    }
}

/// The code page of a character set of GDI ([MS-WMF] 2.1.1.5).
fn code_page(set: u8) -> Option<CodePage> {
    let number = match set {
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        0 | 1 => 1252,
        _ => return None,
    };
    Some(CodePage::resolve(number).0)
}

#[cfg(test)]
mod tests {
    use docsift_corpus::metafile::{emf, wmf};

    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn with_steps(steps: u64, bytes: &[u8]) -> Result<String, LimitHit> {
        let limits = Limits { steps, ..Limits::default() };
        let (mut budget, mut problems) = (Budget::new(&limits), Problems::default());
        let part = PartId(0);
        texts(bytes, &mut Cx { part, stage: Stage::Pictures, budget: &mut budget, problems: &mut problems })
    }

    fn read(bytes: &[u8]) -> String {
        with_steps(10_000, bytes).unwrap()
    }

    /// A record of an enhanced metafile.
    fn record(kind: u32, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(body.len() as u32 + 8).to_le_bytes(), body].concat()
    }

    /// An enhanced metafile of these records.
    fn metafile(records: &[Vec<u8>]) -> Vec<u8> {
        let end = emf(&[]).len() - 20;
        [emf(&[])[..end].to_vec(), records.concat()].concat()
    }

    fn words(values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn lines_of_an_enhanced_metafile_are_its_text_records() {
        assert_eq!(read(&emf(&["Enable Content", "保護された文書"])), "Enable Content\n保護された文書");
    }

    #[test]
    fn lines_of_a_windows_metafile_are_its_text_records() {
        assert_eq!(read(&wmf(&["Copy the file", "again"])), "Copy the file\nagain");
        let bare = &wmf(&["Copy"])[22..];
        assert_eq!(read(bare), "Copy");
    }

    #[test]
    fn character_set_of_the_font_decodes_bytes() {
        let mut file = wmf(&[])[..40].to_vec();
        let mut font = vec![0; 14];
        font[13] = 204;
        file.extend_from_slice(&words(&[10]));
        file.extend_from_slice(&0x02FBu16.to_le_bytes());
        file.extend_from_slice(&font);
        // META_TEXTOUT: count, letters, y, x.
        file.extend_from_slice(&words(&[8]));
        file.extend_from_slice(&0x0521u16.to_le_bytes());
        file.extend_from_slice(&[4, 0, 0xD4, 0xE0, 0xE9, 0xEB, 7, 0, 0, 0]);
        assert_eq!(read(&file), "Файл");
    }

    #[test]
    fn letters_drawn_one_by_one_on_a_line_are_a_word() {
        let piece = |text: &str, height: u32| {
            let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            // EMR_SMALLTEXTOUT: x, y, count, ETO_NO_RECT, graphics mode, scales.
            record(108, &[words(&[0, height, letters.len() as u32 / 2, 0x0100, 1, 0, 0]), letters].concat())
        };
        let file = metafile(&[piece("E", 1), piece("n", 1), piece("able", 1), piece("Content", 2)]);
        assert_eq!(read(&file), "En able\nContent");
    }

    #[test]
    fn string_of_a_plus_record_is_read() {
        let letters: Vec<u8> = "Scan".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let data = [words(&[0, 0, 4, 0, 0, 0, 0]), letters].concat();
        let plus = [
            &0x401Cu16.to_le_bytes()[..],
            &[0, 0],
            &words(&[data.len() as u32 + 12, data.len() as u32]),
            &data,
        ]
        .concat();
        let comment = [words(&[plus.len() as u32 + 4]), b"EMF+".to_vec(), plus].concat();
        assert_eq!(read(&metafile(&[record(70, &comment)])), "Scan");
    }

    #[test]
    fn glyph_numbers_and_texts_outside_their_record_say_nothing() {
        let head = |count: u32, string: u32, options: u32| {
            record(84, &words(&[0, 0, 0, 0, 2, 0, 0, 0, 0, count, string, options, 0, 0, 0, 0, 0, 0x41]))
        };
        assert_eq!(read(&metafile(&[head(1, 76, 0)])), "A");
        for odd in [
            head(1, 76, ETO_GLYPH_INDEX),
            head(9, 76, 0),
            head(u32::MAX, 76, 0),
            head(1, 4, 0),
            head(1, u32::MAX, 0),
        ] {
            assert_eq!(read(&metafile(&[odd])), "");
        }
    }

    #[test]
    fn metafile_cut_short_keeps_the_texts_so_far() {
        let file = emf(&["first", "second"]);
        assert_eq!(read(&file[..file.len() - 40]), "first");
        assert_eq!(read(b""), "");
        assert_eq!(read(b"\xD7\xCD\xC6\x9A"), "");
    }

    #[test]
    fn spent_steps_end_the_walk() {
        assert!(with_steps(1, &emf(&["first", "second"])).is_err());
    }
}
