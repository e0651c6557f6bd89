use super::records::{Records, nullable, wide};
use crate::base::{Budget, Bytes, Cx, LimitHit, Limits, PartId, Problems, Reader, Short, Stage};
use crate::documents::formula::print_cell;
use crate::documents::ooxml::{Found, Package, Parts};
use crate::documents::workbook::{BiffVersion, SheetKind, Visibility, Workbook};
use docsift_corpus::ooxml::{Biff12, Pack, binary_workbook, call};

struct Fixed(Vec<Vec<u8>>);

impl Parts<'static> for Fixed {
    fn open(&self, index: u32, _: &mut Cx<'_>) -> Result<Bytes<'static>, LimitHit> {
        Ok(Bytes::owned(self.0[index as usize].clone()))
    }
}

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let result = work(&mut cx);
    (result, problems)
}

fn book(pack: &Pack) -> (Workbook, Problems) {
    with_cx(|cx| {
        let zip = pack.zip();
        let names = (1..).zip(&zip.members);
        let names =
            names.map(|(id, member)| (String::from_utf8(member.name.clone()).unwrap(), PartId(id))).collect();
        let contents =
            zip.members.iter().map(|member| miniz_oxide::inflate::decompress_to_vec(&member.packed).unwrap());
        let source = Fixed(contents.collect());
        let (mut package, mut book, mut found) = (Package::default(), Workbook::default(), Found::default());
        Package::read(names, &source, &mut package, cx).unwrap();
        let main = package.main().unwrap();
        super::read(&mut package, &source, main, &mut book, &mut found, cx).unwrap();
        book
    })
}

#[test]
fn sheets_names_texts_and_macro_formulas_are_read() {
    let pack =
        binary_workbook(2, "xl/anywhere.bin", &[call(0x6E, &["calc"]), call(0x37, &[])], "_xlnm.Auto_Open");
    let (book, problems) = book(&pack);
    assert_eq!(problems.list(), []);
    assert_eq!(book.version, BiffVersion::Biff12);
    let sheets: Vec<_> =
        book.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.kind, sheet.visibility)).collect();
    assert_eq!(
        sheets,
        [
            ("Sheet1", SheetKind::Worksheet, Visibility::Visible),
            ("Macro1", SheetKind::Macro, Visibility::VeryHidden)
        ]
    );
    assert_eq!(book.names[0].name, "_xlnm.Auto_Open");
    let texts: Vec<_> =
        book.sheets[0].texts.iter().map(|cell| (cell.row, book.cell_text(cell.text))).collect();
    assert_eq!(texts, [(0, "Item"), (1, "Paper"), (2, "Pens")]);
    let mut printed = String::new();
    with_cx(|cx| {
        for cell in &book.sheets[1].formulas {
            print_cell(&book, 1, cell, 1000, cx, &mut printed).unwrap();
            printed.push('\n');
        }
    });
    assert_eq!(printed, "EXEC(\"calc\")\nRETURN()\n");
}

#[test]
fn numbers_and_lengths_of_records_take_as_many_bytes_as_they_need() {
    let part = Biff12::default().record(7, &[1]).record(200, &[2; 300]).record(635, &[]).into_bytes();
    let (found, problems) = with_cx(|cx| {
        let mut records = Records::new(&part);
        let mut found = Vec::new();
        while let Some(record) = records.next(cx).unwrap() {
            found.push((record.id, record.at, record.body.len()));
        }
        found
    });
    assert_eq!(found, [(7, 0, 1), (200, 3, 300), (635, 307, 0)]);
    assert_eq!(problems.list(), []);
}

#[test]
fn record_past_the_end_has_what_is_there_and_is_told() {
    let (len, problems) = with_cx(|cx| Records::new(&[6, 100, 1, 2]).next(cx).unwrap().unwrap().body.len());
    assert_eq!(len, 2);
    assert!(problems.bar_nothing_found());
}

#[test]
fn strings_that_are_cut_say_where() {
    let mut text = String::new();
    let result = wide(&mut Reader::new(&[3, 0, 0, 0, b'a', 0, b'b', 0]), &mut text);
    assert_eq!((result, text.as_str()), (Err(Short { at: 4, need: 6, have: 4 }), "ab"));
    assert_eq!(nullable(&mut Reader::new(&[255; 4]), &mut text), Ok(false));
}
