//! Streams built record by record.

use proptest::prelude::*;

use super::*;
use crate::base::{Budget, LimitHit, LimitKind, Limits, Location, PartId, ProblemKind, Problems, Stage};
use crate::documents::workbook::*;

/// Appends a record.
fn record(into: &mut Vec<u8>, id: u16, body: &[u8]) {
    into.extend(id.to_le_bytes());
    into.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
    into.extend(body);
}

/// One record.
fn one(id: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    record(&mut bytes, id, body);
    bytes
}

/// Joins fields.
fn fields(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn u16s(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn bof8(dt: u16) -> Vec<u8> {
    // vers, dt, rupBuild, rupYear, flags, lowest version
    one(0x0809, &fields(&[&u16s(&[0x0600, dt, 0x0DBB, 0x07CC]), &[0; 8]]))
}

fn bof5(dt: u16, vers: u16) -> Vec<u8> {
    one(0x0809, &u16s(&[vers, dt, 0, 0]))
}

const EOF: [u8; 4] = [0x0A, 0, 0, 0];

/// A sheet of a workbook that is built: state, kind, name, BOF, records.
struct Part<'a>(u8, u8, &'a str, u16, Vec<u8>);

/// A BIFF8 workbook: records of the globals, then sheets.
fn biff8(globals: &[u8], parts: &[Part<'_>]) -> Vec<u8> {
    let mut stream = fields(&[&bof8(5), globals]);
    let mut places = Vec::new();
    for Part(state, kind, name, ..) in parts {
        places.push(stream.len() + 4);
        let cch = u8::try_from(name.len()).unwrap();
        record(&mut stream, 0x0085, &fields(&[&[0, 0, 0, 0, *state, *kind, cch, 0], name.as_bytes()]));
    }
    stream.extend(EOF);
    for (Part(_, _, _, dt, records), place) in parts.iter().zip(places) {
        let at = u32::try_from(stream.len()).unwrap();
        stream[place..place + 4].copy_from_slice(&at.to_le_bytes());
        stream.extend(bof8(*dt));
        stream.extend(records);
        stream.extend(EOF);
    }
    stream
}

fn sheet(records: Vec<u8>) -> Part<'static> {
    Part(0, 0, "Sheet1", 0x10, records)
}

struct Done {
    book: Workbook,
    problems: Problems,
    ended: Result<(), LimitHit>,
}

impl Done {
    fn messages(&self) -> Vec<(ProblemKind, String)> {
        self.problems.list().iter().map(|problem| (problem.kind, problem.message.clone())).collect()
    }

    fn oddities(&self) -> Vec<OddityKind> {
        self.book.oddities.iter().map(|oddity| oddity.kind).collect()
    }

    fn texts(&self, sheet: usize) -> Vec<(u32, u16, &str)> {
        let cells = self.book.sheets[sheet].texts.iter();
        cells.map(|cell| (cell.row, cell.column, self.book.cell_text(cell.text))).collect()
    }

    fn text(&self, id: Option<TextId>) -> &str {
        id.map_or("<none>", |id| self.book.texts.get(id))
    }
}

fn within(stream: &[u8], limits: &Limits) -> Done {
    let mut budget = Budget::new(limits);
    let mut problems = Problems::default();
    let mut book = Workbook::default();
    let mut cx = Cx { part: PartId(3), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let ended = read(stream, &mut book, &mut cx);
    Done { book, problems, ended }
}

fn done(stream: &[u8]) -> Done {
    let done = within(stream, &Limits::default());
    assert_eq!(done.ended, Ok(()));
    done
}

/// A stream that is read without a word.
fn clean(stream: &[u8]) -> Done {
    let done = done(stream);
    assert_eq!(done.messages(), []);
    assert_eq!(done.oddities(), []);
    done
}

/// `Label` with a Unicode string of one byte a character.
fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let cch = u16::try_from(text.len()).unwrap();
    one(0x0204, &fields(&[&u16s(&[row, column, 15, cch]), &[0], text.as_bytes()]))
}

/// `Formula` with a number and these tokens.
fn formula(row: u16, column: u16, value: [u8; 8], rgce: &[u8]) -> Vec<u8> {
    let cce = u16::try_from(rgce.len()).unwrap();
    one(0x0006, &fields(&[&u16s(&[row, column, 15]), &value, &[0; 6], &cce.to_le_bytes(), rgce]))
}

const TEXT_VALUE: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

#[test]
fn shared_strings_run_through_continue_and_change_their_width_there() {
    // cstTotal, cstUnique, "ab" rich (cRun 1), "héé日" that crosses
    let first = fields(&[
        &[3, 0, 0, 0, 3, 0, 0, 0],
        &[2, 0, 0x08, 1, 0, b'a', b'b', 0, 0, 5, 0],
        &[4, 0, 0x00, b'h'],
    ]);
    // The rest in 16 bits, then a string with phonetic data.
    let second = fields(&[&[1, 0xE9, 0, 0xE9, 0, 0xE5, 0x65], &[1, 0, 0x04, 2, 0, 0, 0, b'z', 7, 7]]);
    let globals = fields(&[&one(0x00FC, &first), &one(0x003C, &second)]);
    let cells = fields(&[
        &one(0x00FD, &fields(&[&u16s(&[0, 0, 15]), &[1, 0, 0, 0]])),
        &one(0x00FD, &fields(&[&u16s(&[1, 2, 15]), &[2, 0, 0, 0]])),
    ]);
    let done = clean(&biff8(&globals, &[sheet(cells)]));
    let strings: Vec<_> = done.book.shared_strings.iter().map(|(_, text)| text).collect();
    assert_eq!(strings, ["ab", "héé日", "z"]);
    assert_eq!(done.texts(0), [(0, 0, "héé日"), (1, 2, "z")]);
}

#[test]
fn surrogates_on_both_sides_of_a_continue_are_one_character() {
    let sst = fields(&[&[1, 0, 0, 0, 1, 0, 0, 0], &[2, 0, 1, 0x3D, 0xD8]]);
    let globals = fields(&[&one(0x00FC, &sst), &one(0x003C, &[]), &one(0x003C, &[1, 0x00, 0xDE])]);
    let done = clean(&biff8(&globals, &[]));
    assert_eq!(done.book.shared_strings.get(TextId(0)), "😀");
}

#[test]
fn shared_strings_that_are_cut_keep_what_is_there() {
    let sst = fields(&[&[2, 0, 0, 0, 2, 0, 0, 0], &[1, 0, 0, b'x'], &[9, 0, 0, b'c', b'u', b't']]);
    let done = done(&biff8(&one(0x00FC, &sst), &[]));
    let strings: Vec<_> = done.book.shared_strings.iter().map(|(_, text)| text).collect();
    assert_eq!(strings, ["x", "cut"]);
    assert_eq!(done.oddities(), [OddityKind::ShortRecord]);
    let expected = "record 0x00fc at 20: at 42: 6 bytes needed, 0 left".to_owned();
    assert_eq!(done.messages(), [(ProblemKind::Abandoned, expected)]);
}

#[test]
fn strings_behind_the_stated_count_are_read() {
    let sst = fields(&[&[0, 0, 0, 0, 1, 0, 0, 0], &[1, 0, 0, b'x'], &[4, 0, 0], b"evil"]);
    let done = done(&biff8(&one(0x00FC, &sst), &[]));
    assert_eq!(done.book.shared_strings.get(TextId(1)), "evil");
    let expected = "shared strings: 1 stated, 2 there".to_owned();
    assert_eq!(done.messages(), [(ProblemKind::Recovered, expected)]);
}

#[test]
fn listed_sheets_keep_name_state_and_kind() {
    let parts = [
        Part(0, 0, "One", 0x10, Vec::new()),
        Part(0xF6, 1, "Two", 0x40, Vec::new()),
        Part(1, 2, "Three", 0x20, Vec::new()),
        Part(3, 6, "Four", 0x06, Vec::new()),
    ];
    let done = clean(&biff8(&[], &parts));
    let sheets: Vec<_> = done
        .book
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.visibility, sheet.state_bits, sheet.kind, sheet.listed_at))
        .collect();
    assert_eq!(
        sheets,
        [
            ("One", Visibility::Visible, 0, SheetKind::Worksheet, Some(20)),
            ("Two", Visibility::VeryHidden, 0xF6, SheetKind::Macro, Some(35)),
            ("Three", Visibility::Hidden, 1, SheetKind::Chart, Some(50)),
            ("Four", Visibility::Reserved(3), 3, SheetKind::Module, Some(67)),
        ]
    );
    assert_eq!(done.book.sheets[0].bof_at, Some(87));
    assert_eq!(done.book.version, BiffVersion::Biff8);
}

#[test]
fn a_sheet_that_either_statement_calls_macro_is_one() {
    let parts = [Part(0, 0, "A", 0x40, Vec::new()), Part(0, 1, "B", 0x10, Vec::new())];
    let done = done(&biff8(&[], &parts));
    assert_eq!(done.book.sheets.iter().map(|sheet| sheet.kind).collect::<Vec<_>>(), [SheetKind::Macro; 2]);
    assert_eq!(done.oddities(), [OddityKind::KindMismatch; 2]);
}

#[test]
fn formulas_keep_tokens_and_cached_values() {
    let records = fields(&[
        &formula(0, 0, 2.5f64.to_le_bytes(), &[0x1E, 1, 0]),
        &formula(1, 0, [1, 0, 1, 0, 0, 0, 0xFF, 0xFF], &[0x1D, 1]),
        &formula(2, 0, [2, 0, 0x2A, 0, 0, 0, 0xFF, 0xFF], &[0x1C, 0x2A]),
        &formula(3, 0, [3, 0, 0, 0, 0, 0, 0xFF, 0xFF], &[0x16]),
        &formula(4, 0, TEXT_VALUE, &[0x17, 2, 0, b'o', b'k']),
        &one(0x0207, &[2, 0, 0, b'o', b'k']),
    ]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    let text = done.book.sheets[0].formulas[4].cached;
    let cached: Vec<_> = done.book.sheets[0].formulas.iter().map(|cell| cell.cached).collect();
    let Cached::Text(id) = text else { panic!("{text:?}") };
    assert_eq!(done.book.texts.get(id), "ok");
    assert_eq!(
        cached,
        [Cached::Number(2.5), Cached::Boolean(true), Cached::Error(0x2A), Cached::Empty, Cached::Text(id)]
    );
    let tokens = done.book.sheets[0].formulas[4].tokens;
    assert_eq!(done.book.tokens.get(tokens), (&[0x17, 2, 0, b'o', b'k'][..], &[][..]));
}

#[test]
fn shared_formulas_are_sorted_and_their_cells_point_to_them() {
    let exp = [0x01, 4, 0, 0, 0];
    // rwFirst, rwLast, colFirst, colLast, reserved, cUse, cce, rgce
    let shared = |row: u8| one(0x04BC, &[row, 0, row, 0, 0, 1, 0, 2, 1, 0, 0x16]);
    // Ref, flags, chn, cce, rgce, and an array constant behind
    let array = one(0x0221, &[2, 0, 2, 0, 3, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0x20, 9, 9]);
    let records =
        fields(&[&formula(4, 0, TEXT_VALUE, &exp), &shared(4), &one(0x0207, &[1, 0, 0, b'!']), &array]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    let sheet = &done.book.sheets[0];
    assert_eq!(done.book.tokens.get(sheet.formulas[0].tokens).0, exp);
    let places: Vec<_> =
        sheet.shared.iter().map(|shared| (shared.first_row, shared.first_column, shared.array)).collect();
    assert_eq!(places, [(2, 3, true), (4, 0, false)]);
    assert_eq!(done.book.tokens.get(sheet.shared[0].tokens), (&[0x20][..], &[9, 9][..]));
    let Cached::Text(id) = sheet.formulas[0].cached else { panic!() };
    assert_eq!(done.book.texts.get(id), "!");
}

#[test]
fn tokens_that_pass_the_end_of_their_record_are_kept_as_far_as_they_go() {
    let mut cut = formula(0, 0, [0; 8], &[0x1E, 1, 0]);
    cut[24] = 9;
    let records = fields(&[&cut, &label(1, 0, "later")]);
    let done = done(&biff8(&[], &[sheet(records)]));
    let tokens = done.book.sheets[0].formulas[0].tokens;
    assert_eq!(done.book.tokens.get(tokens).0, [0x1E, 1, 0]);
    assert_eq!(done.texts(0), [(1, 0, "later")]);
    assert_eq!(done.oddities(), [OddityKind::DamagedFormula]);
    let expected = "formula at 62: 9 bytes of tokens, 3 there".to_owned();
    assert_eq!(done.messages(), [(ProblemKind::Recovered, expected)]);
}

#[test]
fn numbers_are_kept_only_beside_a_macro_sheet() {
    let numbers = fields(&[
        // Number, RK of 5, MulRk of 5 and 0.05, BoolErr true, BoolErr #N/A
        &one(0x0203, &fields(&[&u16s(&[0, 0, 15]), &1.5f64.to_le_bytes()])),
        &one(0x027E, &fields(&[&u16s(&[0, 1, 15]), &[5 << 2 | 2, 0, 0, 0]])),
        &one(0x00BD, &fields(&[&u16s(&[0, 2, 15]), &[22, 0, 0, 0, 15, 0, 23, 0, 0, 0, 3, 0]])),
        &one(0x0205, &fields(&[&u16s(&[0, 4, 15]), &[1, 0]])),
        &one(0x0205, &fields(&[&u16s(&[0, 5, 15]), &[0x2A, 1]])),
    ]);
    let alone = clean(&biff8(&[], &[sheet(numbers.clone())]));
    assert_eq!((alone.book.sheets[0].numbers.len(), alone.book.sheets[0].value_count), (0, 6));

    let beside = clean(&biff8(&[], &[sheet(numbers), Part(2, 1, "M", 0x40, Vec::new())]));
    let kept: Vec<_> = beside.book.sheets[0].numbers.iter().map(|cell| (cell.column, cell.value)).collect();
    assert_eq!(kept, [(0, 1.5), (1, 5.0), (2, 5.0), (3, 0.05), (4, 1.0)]);
    assert_eq!(beside.book.sheets[0].value_count, 6);
}

#[test]
fn the_first_bof_fixes_the_version_of_all_sheets() {
    let mut stream = bof5(5, 0x0500);
    record(&mut stream, 0x0042, &[0xE4, 0x04]);
    // lbPlyPos, hsState, dt, cch, name
    let place = stream.len() + 4;
    record(&mut stream, 0x0085, &[0, 0, 0, 0, 0, 0, 1, 0xDC]);
    stream.extend(EOF);
    let at = u32::try_from(stream.len()).unwrap();
    stream[place..place + 4].copy_from_slice(&at.to_le_bytes());
    stream.extend(bof8(0x10));
    // rw, col, ixfe, cch, one byte a character
    record(&mut stream, 0x0204, &fields(&[&u16s(&[0, 0, 15, 2]), &[0x80, b'!']]));
    // RString with one formatting run
    record(&mut stream, 0x00D6, &fields(&[&u16s(&[1, 0, 15, 1]), &[b'r', 1, 0, 0]]));
    stream.extend(EOF);
    let done = clean(&stream);
    assert_eq!(done.book.version, BiffVersion::Biff5);
    assert_eq!(done.book.sheets[0].name, "Ü");
    assert_eq!(done.texts(0), [(0, 0, "€!"), (1, 0, "r")]);
}

#[test]
fn a_substream_that_nothing_lists_is_read() {
    let mut stream = biff8(&[], &[sheet(label(0, 0, "listed"))]);
    let at = stream.len() as u64;
    stream.extend(fields(&[&bof8(0x40), &formula(0, 0, [0; 8], &[0x16]), &EOF]));
    let done = done(&stream);
    let orphan = &done.book.sheets[1];
    assert_eq!(
        (orphan.name.as_str(), orphan.kind),
        (format!("(unlisted at {at})").as_str(), SheetKind::Macro)
    );
    assert_eq!((orphan.bof_at, orphan.listed_at, orphan.formulas.len()), (Some(at), None, 1));
    let location = Location::bytes(PartId(3), at..at);
    assert_eq!(done.book.oddities, [Oddity { location, kind: OddityKind::OrphanSubstream }]);
}

#[test]
fn a_bof_inside_another_record_is_found_by_its_offset() {
    let inner = fields(&[&bof8(0x40), &label(7, 7, "inside"), &EOF]);
    let mut stream = biff8(&[], &[sheet(one(0x0863, &inner)), Part(2, 1, "M", 0x40, Vec::new())]);
    let at = stream.windows(inner.len()).position(|window| window == inner).unwrap();
    // The second BOUNDSHEET leads into the record; the substream that it led to is left alone.
    let listed = stream.windows(2).enumerate().filter(|(_, pair)| *pair == [0x85, 0]).nth(1).unwrap().0;
    stream[listed + 4..listed + 8].copy_from_slice(&u32::try_from(at).unwrap().to_le_bytes());
    let done = done(&stream);
    assert_eq!(done.book.sheets[1].name, "M");
    assert_eq!(done.texts(1), [(7, 7, "inside")]);
    assert_eq!(done.oddities(), [OddityKind::OrphanSubstream]);
}

#[test]
fn records_behind_the_end_count_and_zero_bytes_do_not() {
    let mut stream = biff8(&[], &[sheet(label(0, 0, "before"))]);
    stream.extend([0; 64]);
    clean(&stream);
    let at = stream.len() as u64;
    stream.extend(label(1, 0, "behind"));
    let done = done(&stream);
    assert_eq!(done.texts(0), [(0, 0, "before"), (1, 0, "behind")]);
    let location = Location::bytes(PartId(3), at..at);
    assert_eq!(done.book.oddities, [Oddity { location, kind: OddityKind::RecordsAfterEnd }]);
}

#[test]
fn a_listed_offset_without_a_bof_is_an_oddity() {
    let mut stream = biff8(&[], &[sheet(Vec::new())]);
    stream[24..28].copy_from_slice(&0x7FFF_FFFFu32.to_le_bytes());
    let done = done(&stream);
    assert_eq!(done.oddities(), [OddityKind::MissingSubstream, OddityKind::OrphanSubstream]);
    assert_eq!(done.book.sheets[0].bof_at, None);
    assert!(!done.problems.bar_nothing_found(), "its records were read as an orphan's");
}

#[test]
fn a_listed_sheet_whose_bof_is_nowhere_is_unread() {
    let mut stream = biff8(&[], &[sheet(label(0, 0, "a"))]);
    let bof = stream.windows(4).rposition(|window| *window == bof8(0x10)[..4]).unwrap();
    stream[bof] = 0xFF;
    let done = done(&stream);
    assert_eq!(done.book.sheets[0].bof_at, None);
    assert!(done.problems.bar_nothing_found());
}

#[test]
fn a_missing_eof_does_not_hide_the_next_sheet() {
    let mut stream = biff8(&[], &[sheet(label(0, 0, "a")), Part(0, 0, "Sheet2", 0x10, label(0, 0, "b"))]);
    let first_end = stream.windows(4).position(|window| *window == bof8(0x10)[..4]).unwrap();
    let eof = first_end + stream[first_end..].windows(4).position(|window| window == EOF).unwrap();
    // An INDEX record in its place.
    stream[eof..eof + 2].copy_from_slice(&[0x0B, 0x02]);
    let done = done(&stream);
    assert_eq!((done.texts(0), done.texts(1)), (vec![(0, 0, "a")], vec![(0, 0, "b")]));
    assert_eq!(done.messages(), [(ProblemKind::Recovered, "the substream has no EOF record".to_owned())]);
}

#[test]
fn a_chart_inside_a_sheet_gives_its_text_and_no_cells() {
    // SeriesText: zero, cch, flags, characters
    let chart = fields(&[
        &bof8(0x20),
        &label(9, 9, "copy"),
        &one(0x100D, &[0, 0, 5, 0, b'T', b'i', b't', b'l', b'e']),
        &EOF,
    ]);
    let records = fields(&[&label(0, 0, "a"), &chart, &label(1, 0, "b")]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    assert_eq!(done.book.sheets.len(), 1);
    assert_eq!(done.texts(0), [(0, 0, "a"), (1, 0, "b")]);
    let shape = &done.book.sheets[0].shapes[0];
    assert_eq!((shape.object_type, done.text(shape.text)), (5, "Title"));
}

#[test]
fn nothing_is_harvested_from_behind_filepass() {
    for (body, method) in [
        (&[1, 0, 1, 0][..], EncryptionMethod::Rc4),
        (&[1, 0, 2, 0], EncryptionMethod::Rc4CryptoApi),
        (&[1, 0, 4, 0], EncryptionMethod::Rc4CryptoApi),
        (&[0, 0, 9, 9, 9, 9], EncryptionMethod::Xor),
        (&[7, 0], EncryptionMethod::Unknown(7)),
    ] {
        let globals = fields(&[&one(0x002F, body), &one(0x00FC, &[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, b'x'])]);
        let done = done(&biff8(&globals, &[Part(2, 1, "noise", 0x40, label(0, 0, "noise"))]));
        assert_eq!(done.book.encryption, Some(Encryption { method, at: 20, opened: false }));
        assert!(done.book.shared_strings.is_empty() && done.book.texts.is_empty());
        let sheet = &done.book.sheets[0];
        assert_eq!(
            (sheet.name.as_str(), sheet.kind, sheet.texts.len()),
            ("(encrypted 1)", SheetKind::Macro, 0)
        );
        assert_eq!(done.problems.count_of(Stage::Biff, ProblemKind::NeedsPassword), 1);
    }
}

#[test]
fn filepass_before_biff8_is_xor() {
    let stream = fields(&[&one(0x0009, &[2, 0, 0x10, 0]), &one(0x002F, &[1, 0, 1, 0]), &EOF]);
    assert_eq!(done(&stream).book.encryption.unwrap().method, EncryptionMethod::Xor);
}

/// `Lbl`: flags, chKey, cch, cce, reserved, itab, reserved, name with its flags, rgce.
fn lbl(flags: u16, itab: u16, cch: u8, name: &[u8], rgce: &[u8]) -> Vec<u8> {
    let cce = u16::try_from(rgce.len()).unwrap();
    let head =
        [flags.to_le_bytes(), [b'k', cch], cce.to_le_bytes(), [0, 0], itab.to_le_bytes(), [0, 0], [0, 0]];
    one(0x0018, &fields(&[&head.concat(), name, rgce]))
}

#[test]
fn names_keep_every_character_and_flag() {
    let rgce = [0x3A, 0, 0, 0, 0, 0, 0];
    let globals = fields(&[
        &lbl(0x0021, 0, 1, &[0, 1], &rgce),
        &lbl(0x0020, 2, 3, &[0, 1, b'x', b'y'], &rgce),
        &lbl(0x000A, 0, 4, &[1, b'A', 0, 0, 0, 0x0D, 0x20, 0x3D, 0xD8], &rgce),
    ]);
    let done = clean(&biff8(&globals, &[]));
    let names: Vec<_> = done
        .book
        .names
        .iter()
        .map(|name| (name.name.as_str(), name.builtin, name.wide, name.flags, name.scope, name.key))
        .collect();
    assert_eq!(
        names,
        [
            ("Auto_Open", Some(1), false, 0x0021, None, b'k'),
            ("Auto_Openxy", Some(1), false, 0x0020, Some(1), b'k'),
            ("A\0\u{200D}\u{FFFD}", None, true, 0x000A, None, b'k'),
        ]
    );
    assert_eq!(done.book.tokens.get(done.book.names[0].tokens).0, rgce);
}

#[test]
fn a_damaged_name_keeps_its_place() {
    let mut damaged = lbl(0, 0, 4, &[0, b'a', b'b', b'c', b'd'], &[]);
    damaged[7] = 0xEA;
    let globals = fields(&[&damaged, &lbl(0, 0, 1, &[0, b'z'], &[0x16])]);
    let done = done(&biff8(&globals, &[]));
    assert_eq!(done.book.names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>(), ["abcd", "z"]);
    assert_eq!(done.oddities(), [OddityKind::ShortRecord]);
}

#[test]
fn sources_of_formulas_are_told_apart() {
    let book = |ctab: u16, path: &[u8], sheets: &[u8]| {
        let cch = u16::try_from(path.len()).unwrap();
        one(0x01AE, &fields(&[&u16s(&[ctab, cch]), &[0], path, sheets]))
    };
    // flags, reserved, cch, flags, name
    let item = |flags: u16, name: &[u8], rest: &[u8]| {
        let cch = u8::try_from(name.len()).unwrap();
        one(0x0023, &fields(&[&u16s(&[flags, 0, 0]), &[cch, 0], name, rest]))
    };
    let globals = fields(&[
        &one(0x01AE, &[1, 0, 1, 4]),
        &one(0x01AE, &[1, 0, 1, 0x3A]),
        &book(0, b"cmd\x03/C calc", &[]),
        &item(0x7FE2, b"A0", &[]),
        &book(0, b"Word.Document.8\x03C:\\x.doc", &[]),
        &item(0x0012, b"!Bkm", &[]),
        &book(1, b"\x01\x01Cdir\x03[b.xls]", &[1, 0, 0, b'S']),
        &item(0, b"N", &[1, 0, 0x1C]),
        &book(0, b"\x01\x01@host\x03share\x03b.xls", &[]),
        &book(0, b" ", &[]),
        // cXTI, then iSupBook, itabFirst, itabLast each
        &one(0x0017, &u16s(&[2, 0, 0, 1, 4, 0xFFFF, 0xFFFE])),
    ]);
    let done = clean(&biff8(&globals, &[]));
    let books: Vec<_> = done
        .book
        .books
        .iter()
        .map(|book| {
            let names: Vec<_> = book.names.iter().map(|name| (name.name.as_str(), name.automatic)).collect();
            (book.kind, book.path.as_str(), book.sheets.clone(), names)
        })
        .collect();
    let none = Vec::<String>::new;
    assert_eq!(
        books,
        [
            (ExternalKind::SelfReference, "", none(), vec![]),
            (ExternalKind::AddIn, "", none(), vec![]),
            (ExternalKind::Dde, "cmd|/C calc", none(), vec![("A0", true)]),
            (ExternalKind::Ole, "Word.Document.8|C:\\x.doc", none(), vec![("!Bkm", true)]),
            (ExternalKind::Workbook, "C:\\dir\\[b.xls]", vec!["S".to_owned()], vec![("N", false)]),
            (ExternalKind::Workbook, "\\\\host\\share\\b.xls", none(), vec![]),
            (ExternalKind::Unused, "", none(), vec![]),
        ]
    );
    assert_eq!(done.book.tokens.get(done.book.books[4].names[0].tokens).0, [0x1C]);
    let ranges: Vec<_> =
        done.book.sheet_ranges.iter().map(|range| (range.book, range.first, range.last)).collect();
    assert_eq!(ranges, [(0, 0, 1), (4, -1, -2)]);
}

#[test]
fn sources_before_biff8_are_one_record_each() {
    let mut stream = bof5(5, 0x0500);
    record(&mut stream, 0x0017, b"\x06\x03Macro1");
    record(&mut stream, 0x0017, b"\x0B\x01\x01Cx\x03[b]S 1");
    record(&mut stream, 0x0017, b"\x01:");
    record(&mut stream, 0x0017, b"\x0Acmd\x03/C dir");
    record(&mut stream, 0x0023, b"\x02\x00\x00\x00\x00\x00\x02A1");
    stream.extend(EOF);
    stream.extend(bof5(0x10, 0x0500));
    record(&mut stream, 0x0017, b"\x01\x02");
    stream.extend(EOF);
    let done = done(&stream);
    let books: Vec<_> =
        done.book.books.iter().map(|book| (book.kind, book.path.as_str(), book.sheets.join("/"))).collect();
    assert_eq!(
        books[..4],
        [
            (ExternalKind::SelfReference, "", "Macro1".to_owned()),
            (ExternalKind::Workbook, "C:\\x\\b", "S 1".to_owned()),
            (ExternalKind::AddIn, "", String::new()),
            (ExternalKind::Dde, "cmd|/C dir", String::new()),
        ]
    );
    assert!(done.book.books[3].names[0].automatic);
    assert_eq!(books[4].0, ExternalKind::SelfReference);
    // Tokens of this sheet count its own list.
    assert_eq!(done.book.sheets[0].books_from, 4);
    assert!(done.book.sheet_ranges.is_empty());
}

/// A record of drawing data.
fn art(version_and_instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    fields(&[&u16s(&[version_and_instance, kind]), &u32::try_from(body.len()).unwrap().to_le_bytes(), body])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn shapes_join_drawing_data_object_and_text() {
    let name = utf16("Pic\0");
    let description = utf16("alt\0");
    // opid with fComplex and fBid, op: wzName, wzDescription, pib, fHidden with its use flag
    let table = fields(&[
        &u16s(&[0x4104, 2, 0]),
        &u16s(&[0xC380, u16::try_from(name.len()).unwrap(), 0]),
        &u16s(&[0xC381, u16::try_from(description.len()).unwrap(), 0]),
        &u16s(&[0x03BF, 2, 2]),
        &name,
        &description,
    ]);
    // flags, colL, dxL, rwT, dyT, colR, dxR, rwB, dyB
    let anchor = u16s(&[2, 1, 0, 3, 0, 4, 0, 9, 0]);
    let inner = fields(&[
        &art(0x0002, 0xF00A, &[0; 8]),
        &art(0x0043, 0xF00B, &table),
        &art(0, 0xF010, &anchor),
        &art(0, 0xF011, &[]),
    ]);
    // ftCmo: ot 7, id 5, grbit; ftMacro: cbFmla, cce, unused, rgce; ftEnd
    let object = fields(&[
        &u16s(&[0x15, 18, 7, 5, 0x6011]),
        &[0; 12],
        &u16s(&[0x04, 12, 7]),
        &[0; 4],
        &[0x39, 0, 0, 1, 0, 0],
        &u16s(&[0, 0]),
    ]);
    // grbit, rot, reserved, cchText, cbRuns, ifntEmpty, reserved
    let txo = u16s(&[0, 0, 0, 0, 0, 5, 16, 0, 0]);
    let records = fields(&[
        &one(0x00EC, &fields(&[&u16s(&[0x000F, 0xF004, 0, 0]), &inner])),
        &one(0x005D, &object),
        &one(0x00EC, &art(0, 0xF00D, &[])),
        &one(0x01B6, &txo),
        &one(0x003C, b"\0Click"),
        &one(0x003C, &[0; 16]),
    ]);
    let done = done(&biff8(&[], &[sheet(records)]));
    let shape = &done.book.sheets[0].shapes[0];
    assert_eq!((shape.object_type, shape.id, shape.hidden, shape.picture), (7, 5, true, Some(2)));
    assert_eq!(
        (done.text(shape.text), done.text(shape.name), done.text(shape.description)),
        ("Click", "Pic", "alt")
    );
    assert_eq!(shape.anchor, Some([3, 1, 9, 4]));
    assert_eq!(done.book.sheets[0].shapes.len(), 1);
}

#[test]
fn embedded_objects_name_their_class_and_storage() {
    // ftCmo, ftPioGrbit with fPrstm, ftPictFmla: cbFmla, cce, unused, PtgTbl, padding, embedInfo, lPosInCtlStm
    let formula = fields(&[&u16s(&[5]), &[0; 4], &[0x02, 0, 0, 0, 0], &[3, 7, 0, 0], b"Excel.1"]);
    let picture = fields(&[&u16s(&[u16::try_from(formula.len()).unwrap()]), &formula, &[0xEF, 0xBE, 0, 0]]);
    let object = fields(&[
        &u16s(&[0x15, 18, 8, 1, 0]),
        &[0; 12],
        &u16s(&[0x08, 2, 0x0020]),
        &u16s(&[0x09, u16::try_from(picture.len()).unwrap()]),
        &picture,
        &[0; 4],
    ]);
    let done = clean(&biff8(&[], &[sheet(one(0x005D, &object))]));
    let shape = &done.book.sheets[0].shapes[0];
    assert_eq!(
        (done.text(shape.class), shape.storage, shape.in_control_stream),
        ("Excel.1", Some(0xBEEF), true)
    );
}

#[test]
fn pictures_of_the_drawing_group_are_runs_through_continue() {
    // OfficeArtFBSE: btWin32 PNG ... cbName; then the blip: one identifier, tag, data in two pieces
    let blip = fields(&[&art(0x6E00, 0xF01E, &[0; 22])[..8], &[0; 17], b"\x89PN"]);
    let group = fields(&[
        &u16s(&[0x000F, 0xF000, 0, 0]),
        &u16s(&[0x001F, 0xF001, 0, 0]),
        &art(0x0062, 0xF007, &[6; 36])[..8],
        &[6, 6],
        &[0; 34],
        &blip,
    ]);
    let globals = fields(&[&one(0x00EB, &group), &one(0x003C, b"G!")]);
    let stream = biff8(&globals, &[]);
    let done = clean(&stream);
    assert_eq!(done.book.pictures.len(), 1);
    let picture = &done.book.pictures[0];
    assert_eq!((picture.kind, picture.deflated, picture.runs.len()), (PictureKind::Png, false, 2));
    let bytes: Vec<u8> = picture
        .runs
        .iter()
        .flat_map(|run| {
            stream[usize::try_from(run.start).unwrap()..usize::try_from(run.end).unwrap()].to_vec()
        })
        .collect();
    assert_eq!(bytes, b"\x89PNG!");
}

#[test]
fn comments_take_the_text_of_their_shape() {
    let object = fields(&[&u16s(&[0x15, 18, 25, 3, 0]), &[0; 12], &[0; 4]]);
    let records = fields(&[
        &one(0x005D, &object),
        &one(0x01B6, &u16s(&[0, 0, 0, 0, 0, 2, 0, 0, 0])),
        &one(0x003C, b"\0Hi"),
        // row, col, grbit, idObj, author
        &one(0x001C, &fields(&[&u16s(&[4, 2, 0, 3, 2]), &[0], b"Me"])),
    ]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    let note = done.book.sheets[0].notes[0];
    assert_eq!((note.row, note.column, done.text(note.author), done.text(note.text)), (4, 2, "Me", "Hi"));
}

#[test]
fn comments_before_biff8_go_on_in_further_records() {
    let mut stream = bof5(0x10, 0x0500);
    record(&mut stream, 0x001C, b"\x01\0\x02\0\x06\0abc");
    record(&mut stream, 0x001C, b"\xFF\xFF\0\0\x03\0def");
    stream.extend(EOF);
    let done = clean(&stream);
    let note = done.book.sheets[0].notes[0];
    assert_eq!((note.row, note.column, done.text(note.text)), (1, 2, "abcdef"));
}

const STD_LINK: [u8; 16] =
    [0xD0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];
const URL: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];
const FILE: [u8; 16] = [0x03, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

fn hlink(flags: u32, rest: &[u8]) -> Vec<u8> {
    // rwFirst, rwLast, colFirst, colLast, hlinkClsid, streamVersion, flags
    one(0x01B8, &fields(&[&u16s(&[5, 5, 1, 1]), &STD_LINK, &[2, 0, 0, 0], &flags.to_le_bytes(), rest]))
}

/// `HyperlinkString`
fn link_string(text: &str) -> Vec<u8> {
    let units = utf16(&format!("{text}\0"));
    fields(&[&u32::try_from(units.len() / 2).unwrap().to_le_bytes(), &units])
}

#[test]
fn hyperlinks_lead_to_addresses_files_and_places() {
    let address = utf16("http://x.example/\0");
    let url = fields(&[&URL, &u32::try_from(address.len()).unwrap().to_le_bytes(), &address]);
    // cAnti, ansiLength, ansiPath, endServer, versionNumber, reserved, cbUnicodePathSize, cbUnicodePathBytes, usKeyValue, path
    let path = utf16("dir\\日.xls");
    let path_len = u32::try_from(path.len()).unwrap();
    let file = fields(&[
        &FILE,
        &[1, 0, 6, 0, 0, 0],
        b"a.xls\0",
        &[0xFF, 0xFF, 0xAD, 0xDE],
        &[0; 20],
        &(path_len + 6).to_le_bytes(),
        &path_len.to_le_bytes(),
        &[3, 0],
        &path,
    ]);
    let records = fields(&[
        &hlink(0x17, &fields(&[&link_string("Shown"), &url])),
        // HLinkTooltip: rt, ref8, text
        &one(0x0800, &fields(&[&u16s(&[0x0800, 5, 5, 1, 1]), &utf16("never\0")])),
        &hlink(0x01 | 0x08, &fields(&[&file, &link_string("S!A1")])),
        &one(0x0800, &fields(&[&u16s(&[0x0800, 5, 5, 1, 1]), &utf16("tip\0")])),
        &hlink(0x103, &link_string("\\\\host\\share\\x.lnk")),
        &hlink(0x08, &link_string("Sheet2!B2")),
    ]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    let links: Vec<_> = done.book.sheets[0]
        .hyperlinks
        .iter()
        .map(|link| (link.row, link.column, done.text(Some(link.target)), done.text(link.shown)))
        .collect();
    assert_eq!(
        links,
        [
            (5, 1, "http://x.example/", "Shown"),
            (5, 1, "..\\dir\\日.xls#S!A1", "tip"),
            (5, 1, "\\\\host\\share\\x.lnk", "<none>"),
            (5, 1, "#Sheet2!B2", "<none>"),
        ]
    );
}

#[test]
fn a_composite_moniker_that_counts_too_much_ends_with_the_record() {
    let composite = fields(&[&[0x09, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46][..], &[0xFF; 4]]);
    let done = done(&biff8(&[], &[sheet(hlink(1, &composite))]));
    assert_eq!(done.book.sheets[0].hyperlinks, []);
    assert_eq!(done.problems.count(), 2);
}

#[test]
fn headers_prompts_and_connections_are_texts() {
    let text = |text: &str| fields(&[&u16s(&[u16::try_from(text.len()).unwrap()]), &[0], text.as_bytes()]);
    // dwDvFlags, four texts, formula1 (cce, unused, rgce), formula2, sqref
    let validation = fields(&[
        &[0; 4],
        &text("Title"),
        &text("\0"),
        &text("Enable content"),
        &text("\0"),
        &u16s(&[3, 0]),
        &[0x1E, 1, 0],
        &u16s(&[0, 0]),
        &u16s(&[1, 6, 7, 2, 3]),
    ]);
    let records = fields(&[
        &one(0x0014, &text("&Chead")),
        &one(0x0015, &[]),
        &one(0x01BE, &validation),
        // DbQuery: flags, cParams, cstQuery, cstWebPost, cstSQLSav, cstOdbcConn
        &one(0x00DC, &u16s(&[0, 0, 2, 0, 0, 1])),
        &one(0x00CD, &text("SELECT ")),
        &one(0x00CD, &text("*")),
        &one(0x00CD, &text("ODBC;DSN=x")),
        &one(0x0876, &fields(&[&[9, 9, 9], b"C:\\data.odc", &[1], &utf16("https://d.example"), &[7]])),
    ]);
    let done = clean(&biff8(&[], &[sheet(records)]));
    let sheet = &done.book.sheets[0];
    assert_eq!(sheet.headers.iter().map(|id| done.text(Some(*id))).collect::<Vec<_>>(), ["&Chead"]);
    let prompt = sheet.prompts[0];
    assert_eq!((prompt.row, prompt.column), (6, 2));
    assert_eq!(prompt.texts.map(|id| done.text(id)), ["Title", "Enable content", "<none>", "<none>"]);
    let connections: Vec<_> = done.book.connections.iter().map(|item| done.text(Some(item.text))).collect();
    assert_eq!(connections, ["SELECT *", "ODBC;DSN=x", "C:\\data.odc", "https://d.example"]);
}

#[test]
fn formats_rows_columns_and_protection_are_kept() {
    let globals = fields(&[
        // dyHeight, grbit, icv, bls, sss, uls, bFamily, bCharSet, unused, cch, flags, name
        &one(0x0031, &fields(&[&u16s(&[200, 0, 9, 700, 0]), &[0, 0, 0, 0, 2, 0], b"Ax"])),
        &one(0x041E, &fields(&[&u16s(&[164, 3]), &[0], b";;;"])),
        // ifnt, ifmt, flags; alc with alcV; ...; icvTop with fls; icvFore, icvBack
        &one(
            0x00E0,
            &fields(&[
                &u16s(&[5, 164, 3]),
                &[0x22, 0, 0, 0],
                &[0; 4],
                &[0, 0, 0, 0x04],
                &u16s(&[9 | 64 << 7]),
            ]),
        ),
        &one(0x0092, &fields(&[&u16s(&[1]), &[1, 2, 3, 0]])),
        &one(0x0012, &[1, 0]),
        &one(0x0013, &[0x34, 0x12]),
        &one(0x005C, &fields(&[&[5, 0, 0], b"Jo   ", &[b' '; 104]])),
    ]);
    let records = fields(&[
        &one(0x0225, &u16s(&[0, 255])),
        &one(0x0055, &[8, 0]),
        // colFirst, colLast, coldx, ixfe, grbit, unused
        &one(0x007D, &u16s(&[2, 4, 0, 15, 1, 0])),
        // rw, colMic, colMac, miyRw, reserved, unused, grbit, ixfe
        &one(0x0208, &u16s(&[0, 0, 1, 255, 0, 0, 0x0100, 15])),
        &one(0x0208, &u16s(&[1, 0, 1, 300, 0, 0, 0x01A0, 0x0010])),
        &one(0x0012, &[1, 0]),
        &one(0x0013, &[0x78, 0x56]),
    ]);
    let done = clean(&biff8(&globals, &[sheet(records)]));
    let font = &done.book.fonts[0];
    assert_eq!((font.height, font.colour, font.weight, done.text(font.name)), (200, 9, 700, "Ax"));
    assert_eq!(
        done.book.number_formats.iter().map(|(id, text)| (*id, done.text(Some(*text)))).collect::<Vec<_>>(),
        [(164, ";;;")]
    );
    let format = Format {
        font: 5,
        number_format: 164,
        horizontal: 2,
        vertical: 2,
        fill: 1,
        fill_foreground: 9,
        fill_background: 64,
        hides_formula: true,
    };
    assert_eq!(done.book.formats, [format]);
    assert_eq!(done.book.palette, [[1, 2, 3]]);
    assert_eq!(done.text(done.book.written_by), "Jo");
    assert_eq!(done.book.protection, Protection { on: true, verifier: 0x1234 });
    let sheet = &done.book.sheets[0];
    assert_eq!(sheet.protection, Protection { on: true, verifier: 0x5678 });
    assert_eq!((sheet.default_row_height, sheet.default_column_width), (Some(255), Some(8)));
    assert_eq!(sheet.rows, [RowFormat { row: 1, height: 300, hidden: true, format: Some(0x10) }]);
    assert_eq!(sheet.columns, [ColumnFormat { first: 2, last: 4, width: 0, hidden: true, format: 15 }]);
}

#[test]
fn excel_2_cells_have_attributes_and_short_lengths() {
    let stream = fields(&[
        &one(0x0009, &u16s(&[2, 0x40])),
        // Font, Xf, Ixfe, Format
        &one(0x0031, b"\xC8\0\x01\0\x01H"),
        &one(0x0043, &[0, 0, 0x81, 0x02]),
        &one(0x001E, b"\x07General"),
        // rw, col, attributes, cch, text
        &one(0x0004, &[0, 0, 1, 0, 0x40, 0, 0, 2, b'h', b'i']),
        &one(0x0044, &[70, 0]),
        &one(0x0002, &[1, 0, 0, 0, 0x3F, 0, 0, 7, 0]),
        // rw, col, attributes, value, fAlwaysCalc, cce, rgce
        &one(0x0006, &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 2, 0x1D, 1]),
        &one(0x0007, b"\x02ok"),
        // flags, kind of macro, key, cch, cce, name, rgce
        &one(0x0018, b"\x02\x02k\x02\x01ab\x16"),
        &EOF,
    ]);
    let done = clean(&stream);
    assert_eq!(done.book.version, BiffVersion::Biff2);
    let sheet = &done.book.sheets[0];
    assert_eq!((sheet.name.as_str(), sheet.kind), ("Sheet1", SheetKind::Macro));
    assert_eq!(done.texts(0), [(0, 1, "hi")]);
    assert_eq!(sheet.numbers, [NumberCell { row: 1, column: 0, format: 70, value: 7.0 }]);
    let Cached::Text(id) = sheet.formulas[0].cached else { panic!() };
    assert_eq!(done.book.texts.get(id), "ok");
    assert_eq!(done.book.tokens.get(sheet.formulas[0].tokens).0, [0x1D, 1]);
    assert_eq!((done.book.names[0].name.as_str(), done.book.names[0].flags), ("ab", 0x0008));
    assert_eq!(done.book.tokens.get(done.book.names[0].tokens).0, [0x16]);
    assert_eq!((done.book.fonts[0].weight, done.text(done.book.fonts[0].name)), (700, "H"));
    assert!(done.book.formats[0].hides_formula);
}

#[test]
fn excel_3_and_4_formulas_have_a_shorter_head() {
    for (bof, version, formula_id) in
        [(0x0209, BiffVersion::Biff3, 0x0206), (0x0409, BiffVersion::Biff4, 0x0406)]
    {
        let stream = fields(&[
            &one(bof, &u16s(&[0, 0x10, 0])),
            // rw, col, ixfe, value, grbit, cce, rgce
            &one(formula_id, &fields(&[&u16s(&[0, 1, 2]), &4.0f64.to_le_bytes(), &[0, 0, 1, 0, 0x16]])),
            &one(0x0204, &fields(&[&u16s(&[0, 0, 3, 2]), b"ab"])),
            // flags, key, cch, cce, name, rgce
            &one(0x0218, b"\x20\0\0\x01\x01\0\x01\x16"),
            &EOF,
        ]);
        let done = clean(&stream);
        assert_eq!(done.book.version, version);
        let cell = done.book.sheets[0].formulas[0];
        assert_eq!((cell.column, cell.format, cell.cached), (1, 2, Cached::Number(4.0)));
        assert_eq!(done.texts(0), [(0, 0, "ab")]);
        assert_eq!(done.book.names[0].builtin, Some(1));
    }
}

#[test]
fn an_excel_4_workbook_is_a_bundle_of_sheets() {
    let sheet = |dt: u16, text: &str| {
        let text = fields(&[&u16s(&[0, 0, 0, u16::try_from(text.len()).unwrap()]), text.as_bytes()]);
        fields(&[&one(0x0409, &u16s(&[0, dt, 0])), &one(0x0443, &[0; 12]), &one(0x0204, &text), &EOF])
    };
    let sheets = [("One", sheet(0x10, "a")), ("Two", sheet(0x40, "b")), ("Pie", sheet(0x20, "c"))];
    let mut stream = one(0x0409, &u16s(&[0, 0x0100, 0]));
    let place = stream.len() + 4;
    record(&mut stream, 0x008E, &[0; 4]);
    for (name, _) in &sheets[..2] {
        record(&mut stream, 0x0085, &fields(&[&[3], name.as_bytes()]));
    }
    let at = u32::try_from(stream.len()).unwrap();
    stream[place..place + 4].copy_from_slice(&at.to_le_bytes());
    for (name, sheet) in &sheets {
        let len = u32::try_from(sheet.len()).unwrap();
        record(&mut stream, 0x008F, &fields(&[&len.to_le_bytes(), &[3], name.as_bytes()]));
        stream.extend(sheet);
    }
    stream.extend(EOF);
    let done = clean(&stream);
    let found: Vec<_> = done.book.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.kind)).collect();
    assert_eq!(found, [("One", SheetKind::Worksheet), ("Two", SheetKind::Macro), ("Pie", SheetKind::Chart)]);
    assert_eq!((done.texts(0), done.texts(1)), (vec![(0, 0, "a")], vec![(0, 0, "b")]));
    // Every sheet has its own formats.
    assert_eq!(done.book.sheets[1].texts[0].format, 1);
}

#[test]
fn text_boxes_before_biff8_are_in_their_object() {
    // cObj, ot, id, grbit, anchor (colL, dxL, rwT, dyT, colR, dxR, rwB, dyB), cbMacro, reserved, cbName, reserved
    let head = u16s(&[1, 0, 6, 9, 0x0100, 1, 0, 2, 0, 3, 0, 4, 0, 9, 0, 2, 0]);
    // fill, line and frame; length of the text; the rest of its lengths
    let object = fields(&[
        &head,
        &[0; 10],
        &u16s(&[5]),
        &[0; 24],
        b"\x02TB\0",
        &[3, 0, 0, 0, 0, 0, 0x39, 1, 0, 0],
        b"Hello",
    ]);
    let stream = fields(&[&bof5(0x10, 0x0500), &one(0x005D, &object), &EOF]);
    let done = clean(&stream);
    let shape = &done.book.sheets[0].shapes[0];
    assert_eq!((shape.object_type, shape.id, shape.hidden, shape.anchor), (6, 9, true, Some([2, 1, 4, 3])));
    assert_eq!((done.text(shape.name), done.text(shape.text)), ("TB", "Hello"));
    assert_eq!(done.book.tokens.get(shape.macro_tokens.unwrap()).0, [0x39, 1, 0]);
}

#[test]
fn a_length_past_the_end_of_the_stream_gives_what_is_there() {
    let mut stream = biff8(&[], &[sheet(label(0, 0, "kept"))]);
    let eof = stream.len() - 4;
    stream.truncate(eof);
    stream.extend([0x04, 0x02, 0xFF, 0x7F, 1, 0, 0, 0, 15, 0, 3, 0, 0, b'c', b'u', b't']);
    let done = done(&stream);
    assert_eq!(done.texts(0), [(0, 0, "kept"), (1, 0, "cut")]);
    assert_eq!(
        done.messages(),
        [
            (ProblemKind::Abandoned, format!("record 0x0204 at {eof}: the stream ends inside it")),
            (ProblemKind::Recovered, "the substream has no EOF record".to_owned()),
        ]
    );
}

#[test]
fn empty_and_repeated_records_lose_nothing_else() {
    let records = fields(&[
        &one(0x0204, &[]),
        &one(0x0006, &[]),
        &one(0x00FD, &[]),
        &one(0x005D, &[]),
        &one(0x020B, &[]),
        &label(0, 0, "a"),
        &label(0, 0, "a"),
    ]);
    let done = done(&biff8(&[], &[sheet(records)]));
    assert_eq!(done.texts(0), [(0, 0, "a"), (0, 0, "a")]);
    assert_eq!(done.oddities(), [OddityKind::ShortRecord; 3]);
}

#[test]
fn a_stream_without_bof_is_abandoned() {
    let done = done(&[1, 2, 3]);
    assert_eq!(
        done.messages(),
        [(ProblemKind::Abandoned, "no BOF record in the workbook stream".to_owned())]
    );
    assert!(done.book.sheets.is_empty());
}

#[test]
fn a_limit_keeps_what_was_read() {
    let records = [label(0, 0, "a"), label(1, 0, "b"), label(2, 0, "c")].concat();
    let limits = Limits { cells: 2, ..Limits::default() };
    let done = within(&biff8(&[], &[sheet(records)]), &limits);
    assert_eq!(done.ended, Err(LimitHit { kind: LimitKind::Cells, ceiling: 2 }));
    assert_eq!(done.book.sheets[0].name, "Sheet1");
    assert_eq!(done.texts(0), [(0, 0, "a"), (1, 0, "b")]);
}

#[test]
fn sheets_that_overlap_end_with_the_allowance() {
    let cells: Vec<u8> = (0..200).flat_map(|row| label(row, 0, "x")).collect();
    let names: Vec<String> = (0..50).map(|index| format!("S{index:02}")).collect();
    let parts: Vec<_> =
        names.iter().map(|name| Part(0, 0, name, 0x10, Vec::new())).chain([sheet(cells)]).collect();
    let mut stream = biff8(&[], &parts);
    // All of them lead to the sheet with cells.
    let last = stream.windows(4).rposition(|window| *window == bof8(0x10)[..4]).unwrap();
    let places: Vec<_> = (0..51).map(|index| 20 + index * 15).map(|at| at + 4).collect();
    for place in places {
        stream[place..place + 4].copy_from_slice(&u32::try_from(last).unwrap().to_le_bytes());
    }
    let done = done(&stream);
    let cells: usize = done.book.sheets.iter().map(|sheet| sheet.texts.len()).sum();
    let cell_len = label(0, 0, "x").len();
    assert!(cells >= 200 && cells * cell_len <= 2 * stream.len(), "{cells}");
    assert!(done.problems.bar_nothing_found());
}

#[test]
fn more_sheets_than_are_read_bar_nothing_found() {
    let mut stream = bof8(5);
    stream.extend(EOF);
    for _ in 0..scan::MAX_SHEETS + 10 {
        stream.extend(fields(&[&one(0x0809, &u16s(&[0x0600, 0x10])), &EOF]));
    }
    let done = done(&stream);
    assert_eq!(done.book.sheets.len(), scan::MAX_SHEETS);
    assert!(done.problems.bar_nothing_found());
    assert_eq!(done.oddities().len(), 64);
}

/// Identifiers that a reader looks at, and a few others.
fn ids() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![
        0x0000u16, 0x0004, 0x0006, 0x0009, 0x000A, 0x000A, 0x0014, 0x0017, 0x0018, 0x001C, 0x001E, 0x0021,
        0x0023, 0x002F, 0x0031, 0x003C, 0x003C, 0x003C, 0x0042, 0x0043, 0x005C, 0x005D, 0x007D, 0x0085,
        0x0085, 0x008E, 0x008F, 0x0092, 0x00BD, 0x00CD, 0x00D6, 0x00DC, 0x00E0, 0x00EB, 0x00EC, 0x00FC,
        0x00FD, 0x01AE, 0x01B6, 0x01B8, 0x01BE, 0x0204, 0x0206, 0x0207, 0x0208, 0x0218, 0x0221, 0x0223,
        0x0409, 0x041E, 0x04BC, 0x0800, 0x0809, 0x0809, 0x0876, 0x089C, 0x100D,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_bytes_give_a_workbook(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        within(&bytes, &Limits::default());
    }

    #[test]
    fn any_records_give_the_same_workbook_twice(
        version in prop::sample::select(vec![0x0009u16, 0x0209, 0x0409, 0x0809]),
        dt in prop::sample::select(vec![0x0005u16, 0x0010, 0x0020, 0x0040, 0x0100]),
        vers in prop::sample::select(vec![0x0500u16, 0x0600]),
        records in prop::collection::vec((ids(), prop::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..60)), 0..40),
    ) {
        let mut stream = one(version, &u16s(&[vers, dt, 0, 0]));
        for (id, body) in &records {
            record(&mut stream, *id, body);
        }
        let first = done(&stream);
        let second = done(&stream);
        prop_assert_eq!(format!("{:?}{:?}", first.book, first.messages()), format!("{:?}{:?}", second.book, second.messages()));
        let end = stream.len() as u64;
        for location in first.problems.list().iter().map(|problem| &problem.location) {
            let Some(crate::base::Place::Bytes { start, end: last }) = location.place else { continue };
            prop_assert!(start <= last && last <= end, "{:?} in {} bytes", location, end);
        }
    }

    #[test]
    fn texts_come_back_from_any_cut_into_continue_records(
        texts in prop::collection::vec("\\PC{0,12}", 1..8),
        wide in any::<bool>(),
        cuts in prop::collection::vec(1usize..24, 1..40),
    ) {
        let texts: Vec<String> = texts.iter().map(|text| if wide { text.clone() } else { text.chars().filter(char::is_ascii).collect() }).collect();
        // Every cut falls between characters, where a byte of flags begins the next record.
        let count = u32::try_from(texts.len()).unwrap();
        let mut pieces = vec![fields(&[&count.to_le_bytes(), &count.to_le_bytes()])];
        let mut cuts = cuts.iter().copied().cycle();
        for text in &texts {
            let units: Vec<u16> = text.encode_utf16().collect();
            let last = pieces.last_mut().unwrap();
            last.extend(u16::try_from(units.len()).unwrap().to_le_bytes());
            last.push(u8::from(wide));
            let mut room = cuts.next().unwrap();
            for unit in units {
                if room == 0 {
                    pieces.push(vec![u8::from(wide)]);
                    room = cuts.next().unwrap();
                }
                let bytes = unit.to_le_bytes();
                pieces.last_mut().unwrap().extend(if wide { &bytes[..] } else { &bytes[..1] });
                room -= 1;
            }
        }
        let mut globals = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            record(&mut globals, if index == 0 { 0x00FC } else { 0x003C }, piece);
        }
        let done = clean(&biff8(&globals, &[]));
        let read: Vec<_> = done.book.shared_strings.iter().map(|(_, text)| text.to_owned()).collect();
        prop_assert_eq!(read, texts);
    }
}
