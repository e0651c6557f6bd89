//! Drawing objects: their OBJ and TXO records, the drawing data around them ([MS-ODRAW]), and the
//! pictures of the drawing group.
//!
//! Drawing data is a tree of records, cut into MSODRAWING records at the places where an object's
//! OBJ record stands. It is walked flat: a container's header is passed and its content comes next,
//! so that no nesting has to be followed.

use crate::base::{Reader, Short};
use crate::documents::art;
use crate::documents::workbook::{
    BiffVersion, Hyperlink, Note, PictureAt, PictureKind, Shape, TextId, TokenSpan, reserve_a_quarter_more,
};

use super::consts;
use super::error::BiffError;
use super::links;
use super::records::{Body, Record};
use super::walk::Walk;

/// Drawing objects of the substream that is being read.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// What the drawing data said of a shape whose OBJ record is still to come.
    pending: Option<Pending>,
    /// Whether the last OBJ record was kept, so that a TXO record belongs to it.
    has_object: bool,
    /// Where the drawing group that was read ends.
    group_end: usize,
    /// Whether this substream has a list of sources of its own.
    pub(super) has_books: bool,
    /// A comment of BIFF5 whose text goes on in the next record.
    note: Option<(Note, String)>,
}

/// What drawing data says of a shape.
#[derive(Debug, Default)]
struct Pending {
    at: u64,
    name: Option<TextId>,
    description: Option<TextId>,
    text: Option<TextId>,
    link: Option<links::Link>,
    anchor: Option<[u32; 4]>,
    picture: Option<u32>,
    hidden: bool,
}

impl Pending {
    /// Whether a person or a reader could see something of it.
    fn says_something(&self) -> bool {
        self.name.is_some()
            || self.description.is_some()
            || self.text.is_some()
            || self.link.is_some()
            || self.picture.is_some()
    }
}

/// Largest property table that is read.
const MAX_PROPERTIES_LEN: usize = 1 << 20;

/// Bytes at the start of every object of BIFF5.
const OBJECT5_LEN: usize = 34;

/// Object type of charts.
const OT_CHART: u16 = 5;

impl<'s> Walk<'s, '_, '_> {
    /// Reads a record of a chart: what it shows as text, and objects in it. Its numbers and labels
    /// are copies of cells.
    pub(super) fn chart_part(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        match record.id {
            consts::SERIESTEXT => {
                let mut body = self.body(record);
                body.u16()?;
                self.scratch.clear();
                let mut text = std::mem::take(&mut self.scratch);
                let read = self.dialect.short_text(&mut body, &mut text);
                self.scratch = text;
                let text = self.keep_scratch(record.at)?;
                if text.is_some() {
                    self.push_shape(Shape {
                        at: record.at as u64,
                        object_type: OT_CHART,
                        text,
                        ..Shape::default()
                    })?;
                }
                Ok(read?)
            }
            consts::OBJ
            | consts::TXO
            | consts::MSODRAWING
            | consts::HEADER
            | consts::FOOTER
            | consts::HEADERFOOTER => self.sheet_part(record),
            _ => Ok(()),
        }
    }

    fn push_shape(&mut self, shape: Shape) -> Result<(), BiffError> {
        self.charge(size_of::<Shape>())?;
        reserve_a_quarter_more(&mut self.sheet.shapes);
        self.sheet.shapes.push(shape);
        Ok(())
    }

    /// Gives an object what the drawing data before it said of it.
    fn complete(&mut self, shape: &mut Shape) -> Result<(), BiffError> {
        let Some(pending) = self.drawing.pending.take() else { return Ok(()) };
        shape.name = pending.name.or(shape.name);
        shape.description = pending.description;
        shape.text = shape.text.or(pending.text);
        shape.anchor = pending.anchor.or(shape.anchor);
        shape.picture = pending.picture;
        shape.hidden |= pending.hidden;
        if let Some(link) = pending.link {
            let [row, column, ..] = shape.anchor.unwrap_or_default();
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            self.charge(size_of::<Hyperlink>())?;
            reserve_a_quarter_more(&mut self.sheet.hyperlinks);
            self.sheet.hyperlinks.push(Hyperlink { row, column, target: link.target, shown: link.shown });
        }
        Ok(())
    }

    /// Keeps a shape that no OBJ record came for.
    fn release_pending(&mut self) -> Result<(), BiffError> {
        if self.drawing.pending.as_ref().is_some_and(Pending::says_something) {
            let at = self.drawing.pending.as_ref().map_or(0, |pending| pending.at);
            let mut shape = Shape { at, object_type: u16::MAX, ..Shape::default() };
            self.complete(&mut shape)?;
            self.push_shape(shape)?;
        }
        self.drawing.pending = None;
        Ok(())
    }

    /// Reads `Obj` ([MS-XLS] 2.4.181): structures of `ft: u16, cb: u16, data`.
    pub(super) fn object(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        self.drawing.has_object = false;
        // BIFF8 begins with FtCmo; converted workbooks keep objects in the layout of BIFF5.
        let has_head = record.body.first_chunk::<2>() == Some(&[0x15, 0x00]);
        if !self.dialect.is_unicode() || (!has_head && record.body.len() >= OBJECT5_LEN) {
            return self.object5(record);
        }
        let mut reader = Reader::at_offset(record.body, record.at.saturating_add(4) as u64);
        let mut shape = Shape { at: record.at as u64, ..Shape::default() };
        let mut is_control_stream = false;
        let mut result = Ok(());
        while reader.remaining() >= 4 {
            let [ft, cb] = [reader.u16()?, reader.u16()?];
            let mut part = Reader::at_offset(reader.take_up_to(usize::from(cb)), reader.at());
            let read = match ft {
                // FtEnd
                0x00 => break,
                // FtCmo
                0x15 => self.object_head(&mut part, &mut shape),
                // FtMacro
                0x04 => self.object_tokens(&mut part, record.at).map(|tokens| shape.macro_tokens = tokens),
                // FtPioGrbit: fPrstm says that the data lies in `Ctls`.
                0x08 => {
                    part.u16().map(|grbit| is_control_stream = grbit & 0x20 != 0).map_err(BiffError::from)
                }
                // FtPictFmla
                0x09 => self.picture_formula(&mut part, &mut shape, record.at),
                _ => Ok(()),
            };
            match read {
                Err(BiffError::Limit(hit)) => return Err(hit.into()),
                Err(error) => result = Err(error),
                Ok(()) => {}
            }
        }
        shape.in_control_stream = is_control_stream;
        self.complete(&mut shape)?;
        self.push_shape(shape)?;
        self.drawing.has_object = true;
        // Behind 8,224 bytes of drawing data Excel goes on in a CONTINUE of this record.
        let mut rest = self.body(record);
        if rest.next_piece() {
            self.drawing_data(&mut rest)?;
        }
        result
    }

    fn object_head(&mut self, part: &mut Reader<'s>, shape: &mut Shape) -> Result<(), BiffError> {
        shape.object_type = part.u16()?;
        shape.id = part.u16()?;
        Ok(())
    }

    /// Reads `ObjFmla` ([MS-XLS] 2.5.187): its size, the size of the tokens, four bytes, tokens.
    fn object_tokens(&mut self, part: &mut Reader<'s>, at: usize) -> Result<Option<TokenSpan>, BiffError> {
        let cce = usize::from(part.u16()? & 0x7FFF);
        part.u32()?;
        let rgce = part.take(cce)?;
        let span = self.book.tokens.push(rgce, &[]).ok_or(BiffError::Full { at: at as u64 })?;
        Ok((cce > 0).then_some(span))
    }

    /// Reads `FtPictFmla` ([MS-XLS] 2.5.153): class and place of an embedded object.
    fn picture_formula(
        &mut self,
        part: &mut Reader<'s>,
        shape: &mut Shape,
        at: usize,
    ) -> Result<(), BiffError> {
        let fmla_len = usize::from(part.u16()?);
        let mut formula = part.sub(fmla_len.min(part.remaining()))?;
        let cce = usize::from(formula.u16()? & 0x7FFF);
        formula.u32()?;
        let rgce = formula.take(cce)?;
        // PtgTbl stands for an object whose place follows; any other token refers to a link.
        let is_embedded = rgce.first() == Some(&0x02);
        if !is_embedded && cce > 0 {
            let span = self.book.tokens.push(rgce, &[]).ok_or(BiffError::Full { at: at as u64 })?;
            shape.link_tokens = Some(span);
        }
        if formula.remaining() >= 3 {
            // ttb, cbClass, reserved, strClass
            let [ttb, class_len, _] = formula.array()?;
            if ttb == 3 && class_len > 0 {
                let grbit = formula.u8()?;
                let len = usize::from(class_len).saturating_mul(if grbit & 1 != 0 { 2 } else { 1 });
                let class = formula.take_up_to(len);
                let class = if grbit & 1 != 0 {
                    crate::base::text::utf16le(class)
                } else {
                    class.iter().map(|byte| char::from(*byte)).collect()
                };
                shape.class = self.keep(&class, at)?;
            }
        }
        if is_embedded {
            shape.storage = part.u32().ok();
        }
        Ok(())
    }

    /// Reads an OBJ record of BIFF3 to BIFF5: one fixed head, then what its type asks for, name,
    /// macro and text.
    fn object5(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let is_biff5 = self.dialect.version >= BiffVersion::Biff5;
        let mut body = self.body(record);
        let mut shape = Shape { at: record.at as u64, ..Shape::default() };
        body.u32()?;
        shape.object_type = body.u16()?;
        shape.id = body.u16()?;
        let grbit = body.u16()?;
        shape.hidden = grbit & 0x0100 != 0;
        let [left, _, top, _, right, _, bottom, _] = [
            body.u16()?,
            body.u16()?,
            body.u16()?,
            body.u16()?,
            body.u16()?,
            body.u16()?,
            body.u16()?,
            body.u16()?,
        ];
        shape.anchor = Some([top, left, bottom, right].map(u32::from));
        let macro_len = usize::from(body.u16()?);
        body.u16()?;
        let mut name_len = 0;
        if is_biff5 {
            name_len = body.u16()?;
            body.u16()?;
        }
        let result = self.object5_rest(&mut body, record, &mut shape, macro_len, name_len);
        self.push_shape(shape)?;
        result
    }

    fn object5_rest(
        &mut self,
        body: &mut Body<'s>,
        record: &Record<'s>,
        shape: &mut Shape,
        macro_len: usize,
        name_len: u16,
    ) -> Result<(), BiffError> {
        let is_biff5 = self.dialect.version >= BiffVersion::Biff5;
        // Fill, line and frame, then: text boxes and buttons have lengths, pictures a link.
        let (mut text_len, mut link_len) = (0, 0);
        match shape.object_type {
            2 | 3 => body.skip(10)?,
            6 | 7 => {
                body.skip(10)?;
                text_len = usize::from(body.u16()?);
                body.skip(if is_biff5 { 24 } else { 20 })?;
            }
            8 => {
                body.skip(16)?;
                link_len = usize::from(body.u16()?);
                body.skip(8)?;
            }
            _ => return Ok(()),
        }
        if name_len > 0 {
            let mut name = String::new();
            let stated = usize::from(body.u8()?);
            let read = body.page_chars(stated, self.dialect.page, &mut name);
            shape.name = self.keep(&name, record.at)?;
            read?;
            self.align(body, record)?;
        }
        if macro_len > 0 {
            let mut tokens = Vec::new();
            body.copy(macro_len, &mut tokens)?;
            let rgce = macro_tokens5(&tokens).unwrap_or(&tokens);
            let span = self.book.tokens.push(rgce, &[]).ok_or(BiffError::Full { at: record.at as u64 })?;
            shape.macro_tokens = Some(span);
            self.align(body, record)?;
        }
        if text_len > 0 {
            let mut text = String::new();
            let read = body.page_chars(text_len, self.dialect.page, &mut text);
            self.cx.budget.touch(text.len())?;
            shape.text = self.keep(&text, record.at)?;
            read?;
        }
        if link_len > 0 && is_biff5 {
            let mut tokens = Vec::new();
            body.copy(link_len, &mut tokens)?;
            if let Some(rgce) = macro_tokens5(&tokens) {
                shape.link_tokens = self.book.tokens.push(rgce, &[]);
            }
        }
        Ok(())
    }

    /// Moves to an even offset of the record's body.
    fn align(&mut self, body: &mut Body<'s>, record: &Record<'s>) -> Result<(), Short> {
        let is_odd = !body.at().saturating_sub(record.at).is_multiple_of(2);
        if is_odd && !body.is_at_end() { body.skip(1) } else { Ok(()) }
    }

    /// Reads `TxO` ([MS-XLS] 2.4.329): lengths, then the characters in CONTINUE records, then runs.
    pub(super) fn text_object(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        body.skip(10)?;
        let chars = usize::from(body.u16()?);
        let runs_len = usize::from(body.u16()?);
        let mut result = Ok(());
        if chars > 0 {
            self.cx.budget.touch(chars)?;
            let mut text = String::new();
            result = match body.next_piece() {
                true => match body.u8() {
                    Ok(grbit) => body.chars(chars, grbit & 1 != 0, &mut text),
                    Err(short) => Err(short),
                },
                false => Err(Short { at: record.at as u64, need: chars as u64, have: 0 }),
            };
            let kept = self.keep(&text, record.at)?;
            let owner = self.sheet.shapes.last_mut().filter(|_| self.drawing.has_object);
            match owner {
                Some(shape) if shape.text.is_none() => shape.text = kept,
                _ => self.push_shape(Shape {
                    at: record.at as u64,
                    object_type: u16::MAX,
                    text: kept,
                    ..Shape::default()
                })?,
            }
            if result.is_ok() {
                result = body.skip(runs_len);
            }
        }
        if result.is_ok() && body.next_piece() {
            self.drawing_data(&mut body)?;
        }
        Ok(result?)
    }

    /// Reads `MsoDrawing` ([MS-XLS] 2.4.170).
    pub(super) fn ms_drawing(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        self.drawing_data(&mut body)
    }

    fn drawing_data(&mut self, body: &mut Body<'s>) -> Result<(), BiffError> {
        while !body.is_at_end() {
            let at = body.at();
            let Ok(head) = art_head(body) else { break };
            self.cx.budget.step(1)?;
            // Anything else is no drawing data: CONTINUE records have many uses.
            if !(0xF000..=0xF1FF).contains(&head.kind) {
                break;
            }
            match head.kind {
                // OfficeArtSpContainer
                0xF004 => {
                    self.release_pending()?;
                    self.drawing.pending = Some(Pending { at: at as u64, ..Pending::default() });
                }
                // OfficeArtFOPT and its two further tables
                0xF00B | 0xF121 | 0xF122 => {
                    if head.len > MAX_PROPERTIES_LEN {
                        let end = at.saturating_add(head.len).min(self.stream.len());
                        let range = at as u64..end as u64;
                        self.cx.abandoned(range, "shape with more than 1 MiB of properties");
                        break;
                    }
                    let mut raw = std::mem::take(&mut self.raw);
                    raw.clear();
                    let read = body.copy(head.len, &mut raw);
                    let kept = self.properties(&raw, head.instance, at);
                    self.raw = raw;
                    kept?;
                    read?;
                }
                // OfficeArtClientAnchorSheet
                0xF010 if head.len >= 18 => {
                    let mut words = [0; 9];
                    for word in &mut words {
                        *word = body.u16()?;
                    }
                    let [_, left, _, top, _, right, _, bottom, _] = words.map(u32::from);
                    if let Some(pending) = &mut self.drawing.pending {
                        pending.anchor = Some([top, left, bottom, right]);
                    }
                    body.skip(head.len.saturating_sub(18))?;
                }
                // What these hold stands in OBJ and TXO records.
                0xF011 | 0xF00D => {}
                _ if head.is_container => {}
                _ => {
                    if body.skip(head.len).is_err() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a table of properties ([MS-ODRAW] 2.3.1): `opid: u16, op: u32` each, then the data of
    /// those that have some.
    fn properties(&mut self, table: &[u8], count: u16, at: usize) -> Result<(), BiffError> {
        let mut fixed = Reader::at_offset(table, at as u64);
        let fixed_len = usize::from(count).saturating_mul(6);
        let mut complex = Reader::at_offset(table.get(fixed_len..).unwrap_or_default(), at as u64);
        for _ in 0..count {
            let (Ok(opid), Ok(op)) = (fixed.u16(), fixed.u32()) else { break };
            let data = match opid & 0x8000 != 0 {
                true => complex.take_up_to(usize::try_from(op).unwrap_or(usize::MAX)),
                false => &[],
            };
            let id = opid & 0x3FFF;
            // gtextUNICODE, wzName, wzDescription
            let text = match id {
                0x00C0 | 0x0380 | 0x0381 => {
                    let text = crate::base::text::utf16le(data);
                    self.cx.budget.touch(data.len())?;
                    self.keep(text.trim_end_matches('\0'), at)?
                }
                _ => None,
            };
            // pihlShape: a class identifier, then a hyperlink.
            let link = match (id, data.get(16..)) {
                (0x0382, Some(object)) => {
                    self.hyperlink_object(&mut Reader::at_offset(object, at as u64), at)?
                }
                _ => None,
            };
            let Some(pending) = &mut self.drawing.pending else { continue };
            match id {
                0x00C0 => pending.text = text,
                0x0380 => pending.name = text,
                0x0381 => pending.description = text,
                0x0382 => pending.link = link,
                // pib
                0x0104 if opid & 0x8000 == 0 => pending.picture = Some(op),
                // fHidden with fUsefHidden
                0x03BF => pending.hidden = op & 0x0002_0002 == 0x0002_0002,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads `MsoDrawingGroup` ([MS-XLS] 2.4.171) with all records of its kind behind it.
    pub(super) fn drawing_group(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if record.at < self.drawing.group_end {
            return Ok(());
        }
        let mut body = Body::joined(self.stream, record);
        let mut awaits_blip = false;
        while !body.is_at_end() {
            let Ok(head) = art_head(&mut body) else { break };
            self.cx.budget.step(1)?;
            match head.kind {
                // OfficeArtFBSE
                0xF007 => {
                    let [kind, _] = body.array()?;
                    body.skip(31)?;
                    let name_len = usize::from(body.u8()?);
                    body.skip(name_len.saturating_add(2))?;
                    self.push_picture(PictureAt {
                        kind: picture_kind(kind),
                        deflated: false,
                        runs: Vec::new(),
                    })?;
                    awaits_blip = true;
                }
                0xF01A..=0xF02A => {
                    if !awaits_blip {
                        self.push_picture(PictureAt {
                            kind: PictureKind::Dib,
                            deflated: false,
                            runs: Vec::new(),
                        })?;
                    }
                    awaits_blip = false;
                    self.picture(&mut body, &head)?;
                }
                _ if head.is_container => {}
                _ => body.skip(head.len)?,
            }
        }
        self.drawing.group_end = body.at();
        Ok(())
    }

    fn push_picture(&mut self, picture: PictureAt) -> Result<(), BiffError> {
        self.charge(size_of::<PictureAt>())?;
        reserve_a_quarter_more(&mut self.book.pictures);
        self.book.pictures.push(picture);
        Ok(())
    }

    /// Reads one picture ([MS-ODRAW] 2.2.23 to 2.2.31): one or two identifiers, a head, its bytes.
    fn picture(&mut self, body: &mut Body<'s>, head: &ArtHead) -> Result<(), BiffError> {
        let (kind, is_metafile) = art::picture_format(head.kind);
        let identifiers_len: usize = if head.instance & 1 != 0 { 32 } else { 16 };
        let mut left = head.len;
        body.skip(identifiers_len.min(left))?;
        left = left.saturating_sub(identifiers_len);
        let mut deflated = false;
        if is_metafile {
            body.skip(32.min(left))?;
            deflated = body.u8()? == 0;
            body.skip(1)?;
            left = left.saturating_sub(34);
        } else {
            body.skip(1.min(left))?;
            left = left.saturating_sub(1);
        }
        let mut runs = Vec::new();
        let read = body.each_piece(left, |at, piece| {
            let start = at as u64;
            runs.push(start..start.saturating_add(piece.len() as u64));
        });
        self.charge(runs.len().saturating_mul(16))?;
        runs.shrink_to_fit();
        if let Some(picture) = self.book.pictures.last_mut() {
            *picture = PictureAt { kind, deflated, runs };
        }
        Ok(read?)
    }

    /// Reads `Note` ([MS-XLS] 2.4.179): a comment's cell, and its shape or, before BIFF8, its text.
    pub(super) fn note(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let row = body.u16()?;
        let column = body.u16()?;
        if self.dialect.is_unicode() {
            body.u16()?;
            let shape = body.u16()?;
            let mut author = String::new();
            let read = self.dialect.long_text(&mut body, &mut author);
            let author = self.keep(&author, record.at)?;
            self.push_note(Note { row: u32::from(row), column, author, text: None, shape })?;
            return Ok(read?);
        }
        let total = usize::from(body.u16()?);
        let here = total.min(body.piece().len());
        if row != u16::MAX {
            self.release_note(record.at)?;
            let note = Note { row: u32::from(row), column, author: None, text: None, shape: 0 };
            self.drawing.note = Some((note, String::new()));
        }
        let page = self.dialect.page;
        match &mut self.drawing.note {
            Some((_, text)) => Ok(body.page_chars(here, page, text)?),
            None => Ok(()),
        }
    }

    fn push_note(&mut self, note: Note) -> Result<(), BiffError> {
        self.charge(size_of::<Note>())?;
        reserve_a_quarter_more(&mut self.sheet.notes);
        self.sheet.notes.push(note);
        Ok(())
    }

    fn release_note(&mut self, at: usize) -> Result<(), BiffError> {
        let Some((mut note, text)) = self.drawing.note.take() else { return Ok(()) };
        note.text = self.keep(&text, at)?;
        self.push_note(note)
    }

    /// Ends the drawing of a sheet: keeps what is still open, and gives comments their text.
    pub(super) fn finish_drawing(&mut self) {
        let ended = self.release_note(0).and_then(|()| self.release_pending());
        if let Err(error) = ended {
            self.cx.recovered(0, &error);
        }
        let mut texts: Vec<(u16, TextId)> = Vec::new();
        let comments = self.sheet.shapes.iter().filter(|shape| shape.object_type == 25);
        texts.extend(comments.filter_map(|shape| Some((shape.id, shape.text?))));
        texts.sort_by_key(|(id, _)| *id);
        for note in self.sheet.notes.iter_mut().filter(|note| note.text.is_none()) {
            let found = texts.binary_search_by_key(&note.shape, |(id, _)| *id).ok();
            note.text = found.and_then(|index| texts.get(index)).map(|(_, text)| *text);
        }
    }
}

/// Head of a record of drawing data ([MS-ODRAW] 2.2.1).
struct ArtHead {
    kind: u16,
    instance: u16,
    len: usize,
    is_container: bool,
}

fn art_head(body: &mut Body<'_>) -> Result<ArtHead, Short> {
    let version_and_instance = body.u16()?;
    let kind = body.u16()?;
    let len = usize::try_from(body.u32()?).unwrap_or(usize::MAX);
    let instance = version_and_instance >> 4;
    Ok(ArtHead { kind, instance, len, is_container: version_and_instance & 0x0F == 0x0F })
}

/// `MSOBLIPTYPE` ([MS-ODRAW] 2.4.1)
fn picture_kind(code: u8) -> PictureKind {
    match code {
        2 => PictureKind::Emf,
        3 => PictureKind::Wmf,
        4 => PictureKind::Pict,
        5 | 0x12 => PictureKind::Jpeg,
        6 => PictureKind::Png,
        0x11 => PictureKind::Tiff,
        _ => PictureKind::Dib,
    }
}

/// Tokens of a formula of an object in BIFF5: their length, four bytes, tokens.
fn macro_tokens5(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    let cce = usize::from(u16::from_le_bytes(*len) & 0x7FFF);
    rest.get(4..)?.get(..cce)
}
