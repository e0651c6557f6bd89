//! Drawn objects of BIFF8: [MS-ODRAW] containers, and the OBJ, TXO and NOTE records between them.

use super::{Record, consts, unicode_string, unicode_string_body};
use crate::bytes::{Put, utf16_len};

/// A drawn object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text box.
    TextBox(String),
    /// A picture: the one-based number in [`super::Book::pictures`].
    Picture(u32),
    /// The same, of the size of a logo.
    Logo(u32),
    /// A cell's comment.
    Comment {
        /// Zero-based row.
        row: u16,
        /// Zero-based column.
        col: u16,
        /// Who wrote it.
        author: String,
        /// What it says.
        text: String,
    },
    /// An ActiveX control, whose state is a part of the stream `Ctls`.
    Control {
        /// The ProgID, for example `Forms.CommandButton.1`.
        class: String,
        /// `lPosInCtlStm`.
        at: u32,
        /// `cbBufInCtlStm`.
        len: u32,
    },
    /// An embedded OLE object in the storage `MBD` and eight hexadecimal digits.
    Object {
        /// The ProgID, for example `Package`.
        class: String,
        /// The number in the storage's name.
        storage: u32,
    },
}

impl Shape {
    fn text(&self) -> Option<&str> {
        match self {
            Shape::TextBox(text) | Shape::Comment { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// An `OfficeArtRecordHeader` and its body.
fn art(ver: u16, instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(ver | instance << 4).u16(kind).u32(body.len() as u32).raw(body);
    out
}

/// The body of MSODRAWINGGROUP: `OfficeArtDggContainer` with the pictures, for as many drawings as
/// `shapes` has numbers.
pub fn group(pictures: &[Vec<u8>], shapes: &[u32]) -> Vec<u8> {
    let mut fdgg = Vec::new();
    let drawings = shapes.len() as u32;
    let total: u32 = shapes.iter().map(|count| count + 1).sum();
    fdgg.u32((drawings + 1) * 1024).u32(drawings + 1).u32(total).u32(drawings); // spidMax, cidcl, cspSaved, cdgSaved
    for (drawing, count) in (1..).zip(shapes) {
        fdgg.u32(drawing).u32(count + 1); // dgid, cspidCur
    }
    let mut body = art(0, 0, 0xF006, &fdgg);
    if !pictures.is_empty() {
        let mut store = Vec::new();
        for (number, png) in (1..).zip(pictures) {
            let uid = [number; 16];
            let mut blip = uid.to_vec();
            let is_metafile = png.get(40..44) == Some(b" EMF");
            let (kind, blip) = if is_metafile {
                let deflated = crate::packed::zlib(png);
                blip.u32(png.len() as u32).zeros(24).u32(deflated.len() as u32); // cbSize, rcBounds, ptSize, cbSave
                blip.u8(0).u8(0xFE).raw(&deflated); // compression, filter
                (2, art(0, 0x3D4, 0xF01A, &blip))
            } else {
                blip.u8(0xFF).raw(png); // tag, BLIPFileData
                (6, art(0, 0x6E0, 0xF01E, &blip))
            };
            let mut fbse = vec![kind, kind]; // btWin32, btMacOS: EMF or PNG
            fbse.raw(&uid).u16(0xFF).u32(blip.len() as u32).u32(1).u32(0).zeros(4);
            fbse.raw(&blip);
            store.raw(&art(2, kind.into(), 0xF007, &fbse));
        }
        body.raw(&art(0xF, pictures.len() as u16, 0xF001, &store));
    }
    let mut options = Vec::new();
    options.u16(0x00BF).u32(0x0008_0008).u16(0x0181).u32(0x0800_0041).u16(0x01C0).u32(0x0800_0040);
    body.raw(&art(3, 3, 0xF00B, &options));
    let mut colours = Vec::new();
    colours.u32(0x0800_000D).u32(0x0800_000C).u32(0x0800_0017).u32(0x1000_00F7);
    body.raw(&art(0, 4, 0xF11E, &colours));
    art(0xF, 0, 0xF000, &body)
}

/// The records of one sheet's drawing, with its one-based number in the group.
pub fn records(shapes: &[Shape], drawing: u32) -> Vec<Record> {
    if shapes.is_empty() {
        return Vec::new();
    }
    let base = drawing * 1024;
    let containers: Vec<(Vec<u8>, Vec<u8>)> = (1..)
        .zip(shapes)
        .map(|(number, shape)| shape_container(shape, base + number, number as u16))
        .collect();
    let shapes_len: usize = containers.iter().map(|(head, tail)| head.len() + tail.len()).sum();

    let mut patriarch = art(1, 0, 0xF009, &[0; 16]); // OfficeArtFSPGR
    let mut fsp = Vec::new();
    fsp.u32(base).u32(0x0005); // spid, fGroup and fPatriarch
    patriarch.raw(&art(2, 0, 0xF00A, &fsp));
    let patriarch = art(0xF, 0, 0xF004, &patriarch);

    // The containers go on over all MSODRAWING records of the sheet, so their lengths are written
    // by hand.
    let group_len = patriarch.len() + shapes_len;
    let mut fdg = Vec::new();
    fdg.u32(shapes.len() as u32 + 1).u32(base + shapes.len() as u32); // csp, spidCur
    let fdg = art(0, drawing as u16, 0xF008, &fdg);
    let mut body = Vec::new();
    body.u16(0x000F).u16(0xF002).u32((fdg.len() + 8 + group_len) as u32).raw(&fdg);
    body.u16(0x000F).u16(0xF003).u32(group_len as u32).raw(&patriarch);

    let mut out = Vec::new();
    let mut notes = Vec::new();
    for ((id, shape), (head, tail)) in (1..).zip(shapes).zip(containers) {
        body.raw(&head);
        out.push(Record::new(consts::MSO_DRAWING, std::mem::take(&mut body)));
        out.push(Record::new(consts::OBJ, obj(shape, id)));
        if let Some(text) = shape.text() {
            out.push(Record::new(consts::MSO_DRAWING, tail));
            out.extend(txo(text));
        }
        if let Shape::Comment { row, col, author, .. } = shape {
            let mut note = Vec::new();
            note.u16(*row).u16(*col).u16(0).u16(id).raw(&unicode_string(author)).u8(0);
            notes.push(Record::new(consts::NOTE, note));
        }
    }
    out.extend(notes);
    out
}

/// An `OfficeArtSpContainer`, cut before the text box header that follows OBJ.
fn shape_container(shape: &Shape, spid: u32, number: u16) -> (Vec<u8>, Vec<u8>) {
    let mut options = Vec::new();
    let (kind, count) = match shape {
        Shape::TextBox(_) | Shape::Comment { .. } => {
            options.u16(0x0080).u32(0x0100_0000 + spid).u16(0x00BF).u32(0x0008_0008);
            (202, 2)
        }
        Shape::Picture(blip) | Shape::Logo(blip) => {
            options.u16(0x4104).u32(*blip); // pib
            (75, 1)
        }
        Shape::Control { .. } => {
            options.u16(0x00BF).u32(0x0008_0008);
            (201, 1)
        }
        Shape::Object { .. } => {
            options.u16(0x00BF).u32(0x0008_0008);
            (75, 1)
        }
    };
    let mut fsp = Vec::new();
    fsp.u32(spid).u32(0x0A00); // spid, fHaveAnchor and fHaveSpt
    let mut anchor = Vec::new();
    let row = number * 12;
    let (right, height) = match shape {
        Shape::Picture(_) => (13, 18),
        Shape::Logo(_) => (3, 3),
        _ => (8, 10),
    };
    anchor.u16(2).u16(1).u16(0).u16(row).u16(0).u16(right).u16(0).u16(row + height).u16(0);
    let mut inner = art(2, kind, 0xF00A, &fsp);
    inner.raw(&art(3, count, 0xF00B, &options));
    inner.raw(&art(0, 0, 0xF010, &anchor)).raw(&art(0, 0, 0xF011, &[]));
    let tail = if shape.text().is_some() { art(0, 0, 0xF00D, &[]) } else { Vec::new() };
    let mut head = Vec::new();
    head.u16(0x000F).u16(0xF004).u32((inner.len() + tail.len()) as u32).raw(&inner);
    (head, tail)
}

/// An OBJ body ([MS-XLS] 2.4.181).
fn obj(shape: &Shape, id: u16) -> Vec<u8> {
    let ot = match shape {
        Shape::TextBox(_) => 0x06,
        Shape::Comment { .. } => 0x19,
        _ => 0x08,
    };
    let mut out = Vec::new();
    out.u16(0x0015).u16(0x0012).u16(ot).u16(id).u16(0x6011).zeros(12); // FtCmo
    match shape {
        Shape::TextBox(_) => {}
        Shape::Comment { .. } => {
            out.u16(0x000D).u16(0x0016).zeros(22); // FtNts
        }
        Shape::Picture(_) | Shape::Logo(_) => {
            out.u16(0x0007).u16(2).u16(0xFFFF).u16(0x0008).u16(2).u16(0x0001); // FtCf, FtPioGrbit
        }
        Shape::Control { class, at, len } => {
            // fAutoPict, fCtl and fPrstm: the state stands in `Ctls`.
            out.u16(0x0007).u16(2).u16(0x0002).u16(0x0008).u16(2).u16(0x0031);
            let mut fmla = embedded(class, *at);
            fmla.u32(*len);
            out.u16(0x0009).u16(fmla.len() as u16).raw(&fmla); // FtPictFmla
        }
        Shape::Object { class, storage } => {
            out.u16(0x0007).u16(2).u16(0x0002).u16(0x0008).u16(2).u16(0x0001);
            let fmla = embedded(class, *storage);
            out.u16(0x0009).u16(fmla.len() as u16).raw(&fmla);
        }
    }
    out.u32(0); // FtEnd
    out
}

/// The part of `FtPictFmla` that an embedded object and a control share.
fn embedded(class: &str, position: u32) -> Vec<u8> {
    let mut formula = Vec::new();
    formula.u16(5).u32(0).u8(0x02).u32(0); // cce, unused, PtgTbl
    let class_string = unicode_string_body(class);
    formula.u8(0x03).u8(utf16_len(class) as u8).u8(0).raw(&class_string); // ttb, cbClass, reserved, strClass
    if formula.len() % 2 == 1 {
        formula.u8(0);
    }
    let mut out = Vec::new();
    out.u16(formula.len() as u16).raw(&formula).u32(position); // cbFmla, fmla, lPosInCtlStm
    out
}

/// TXO and its two CONTINUE records: the characters, then the formatting runs.
fn txo(text: &str) -> [Record; 3] {
    let cch = utf16_len(text) as u16;
    let mut head = Vec::new();
    head.u16(0x0212).u16(0).zeros(6).u16(cch).u16(16).u32(0); // grbit, rot, cchText, cbRuns
    let mut runs = Vec::new();
    runs.u16(0).u16(0).u32(0).u16(cch).u16(0).u32(0);
    [
        Record::new(consts::TXO, head),
        Record::new(consts::CONTINUE, unicode_string_body(text)),
        Record::new(consts::CONTINUE, runs),
    ]
}

/// An HLINK body: a hyperlink over one cell ([MS-XLS] 2.4.140, [MS-OSHARED] 2.3.7.1).
pub fn hyperlink(row: u16, col: u16, url: &str) -> Record {
    let mut body = Vec::new();
    body.u16(row).u16(row).u16(col).u16(col);
    body.raw(&[0xD0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11]);
    body.raw(&[0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B]);
    body.u32(2).u32(0x0003); // streamVersion, hlstmfHasMoniker and hlstmfIsAbsolute
    body.raw(&[0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11]); // URL moniker
    body.raw(&[0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B]);
    body.u32((utf16_len(url) as u32 + 1) * 2).utf16(url).u16(0);
    Record::new(consts::HLINK, body)
}

/// A DV body over one cell: a list rule with a prompt ([MS-XLS] 2.4.95); needs a DVAL before it.
pub fn validation(row: u16, col: u16, title: &str, prompt: &str) -> [Record; 2] {
    let mut dval = Vec::new();
    dval.u16(0).u32(0).u32(0).u32(0xFFFF_FFFF).u32(1); // wDviFlags, xLeft, yTop, idObj, idvMac
    let mut dv = Vec::new();
    dv.u32(0x0004_0100); // any value, fAllowBlank, fShowInputMsg
    dv.raw(&unicode_string(title)).raw(&unicode_string("\0"));
    dv.raw(&unicode_string(prompt)).raw(&unicode_string("\0"));
    dv.u16(0).u16(0).u16(0).u16(0); // formula1 and formula2: cce, unused
    dv.u16(1).u16(row).u16(row).u16(col).u16(col); // SqRefU
    [Record::new(consts::DV_AL, dval), Record::new(consts::DV, dv)]
}

/// A web query: QSI, DBQUERY and the URL in an SXSTRING ([MS-XLS] 2.4.85, 2.4.208, 2.4.297).
pub fn web_query(name: &str, url: &str) -> [Record; 3] {
    let mut qsi = Vec::new();
    qsi.u16(0x0029).u16(0).u16(0).u32(0).raw(&unicode_string(name)).u16(0); // grbit, itblAutoFmt ..
    let mut query = Vec::new();
    query.u16(0x0044).u16(0).u16(1).u16(0).u16(0).u16(0); // dbt: web, fWeb; cparams, cstQuery ..
    let mut text = Vec::new();
    text.u16(utf16_len(url) as u16).raw(&unicode_string_body(url));
    [Record::new(consts::QSI, qsi), Record::new(consts::DB_QUERY, query), Record::new(0x00CD, text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks the records of one container; a container's version is 0xF.
    fn is_nested(mut bytes: &[u8]) -> bool {
        while let Some((header, rest)) = bytes.split_first_chunk::<8>() {
            let len = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
            let Some((body, next)) = rest.split_at_checked(len) else {
                return false;
            };
            if header[0] & 0xF == 0xF && !is_nested(body) {
                return false;
            }
            bytes = next;
        }
        bytes.is_empty()
    }

    #[test]
    fn the_containers_nest_over_all_records_of_a_sheet() {
        let shapes = [
            Shape::TextBox("text".to_owned()),
            Shape::Picture(1),
            Shape::Comment { row: 0, col: 0, author: "a".to_owned(), text: "b".to_owned() },
            Shape::Control { class: "Forms.CommandButton.1".to_owned(), at: 0, len: 4 },
            Shape::Object { class: "Package".to_owned(), storage: 1 },
        ];
        let drawing: Vec<u8> = records(&shapes, 1)
            .into_iter()
            .filter(|record| record.id == consts::MSO_DRAWING)
            .flat_map(|record| record.body)
            .collect();
        assert!(is_nested(&drawing));
        assert!(is_nested(&group(&[vec![1, 2, 3]], &[5])));
    }
}
