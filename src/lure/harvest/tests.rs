use proptest::prelude::*;

use super::*;
use crate::base::{Budget, LimitKind, Limits, Problems, Stage};
use crate::documents::workbook::{
    Cached, CellText, Font, Format, FormulaCell, Hyperlink, Note, Prompt, Shape, TextCell, TokenSpan,
    Visibility,
};
use crate::lure::{Certainty, Family, Hit, Language, matches};
use Certainty::{Medium, Strong, Weak};
use Family::{EnableContent, ProtectedOrOtherVersion, RelaunchFromTrustedFolder, RelaunchRequired};

/// The wording of November 2022 as quoted in public.
const RELAUNCH: &str = "RELAUNCH REQUIRED In accordance with the requirements of your security policy, to display \
    the contents of the document, you need to copy the file to the following folder and run it again: for \
    Microsoft Office 2013 x32 and earlier - C:\\Program Files\\Microsoft Office (x86)\\Templates";

fn with_limits<T>(limits: &Limits, work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let (mut budget, mut problems) = (Budget::new(limits), Problems::default());
    work(&mut Cx { part: PartId(0), stage: Stage::Lure, budget: &mut budget, problems: &mut problems })
}

fn harvested(book: &Workbook) -> (Harvest, Vec<Hit>) {
    with_limits(&Limits::default(), |cx| {
        let mut harvest = Harvest::default();
        workbook(book, &mut harvest, cx).unwrap();
        let hits = matches(&harvest, cx).unwrap();
        (harvest, hits)
    })
}

/// A workbook of one sheet with texts of its own in cells.
fn cells(texts: &[(u32, u16, &str)]) -> Workbook {
    let mut book = Workbook::default();
    let mut sheet = Sheet::default();
    for &(row, column, text) in texts {
        let text = CellText::own(book.texts.push(text).unwrap()).unwrap();
        sheet.texts.push(TextCell { row, column, format: 0, text });
    }
    book.sheets.push(sheet);
    book
}

fn boxes(texts: &[&str]) -> Workbook {
    let mut book = Workbook::default();
    let mut sheet = Sheet::default();
    for (at, text) in (100..).zip(texts) {
        let text = book.texts.push(text);
        sheet.shapes.push(Shape { at, object_type: 6, text, ..Shape::default() });
    }
    book.sheets.push(sheet);
    book
}

fn found(book: &Workbook) -> Vec<(Family, Certainty)> {
    harvested(book).1.iter().map(|hit| (hit.family, hit.certainty)).collect()
}

fn in_text(text: &str) -> Vec<(Family, Certainty)> {
    found(&cells(&[(0, 0, text)]))
}

fn at(row: u32, column: u32) -> Location {
    Location::cell(PartId(0), 0, row, column)
}

#[test]
fn wording_of_november_2022_is_found_whole() {
    let (_, hits) = harvested(&cells(&[(4, 1, RELAUNCH)]));
    let families: Vec<_> = hits.iter().map(|hit| (hit.family, hit.certainty, hit.language)).collect();
    let english = Language::English;
    assert_eq!(families, [(RelaunchFromTrustedFolder, Strong, english), (RelaunchRequired, Strong, english)]);
    let quote = &hits[0].quote;
    assert!(
        quote.starts_with("copy the file") && quote.ends_with("Microsoft Office (x86)\\Templates"),
        "{quote}"
    );
    assert_eq!((&hits[0].locations, hits[0].visible, hits[0].cautioned), (&vec![at(4, 1)], true, false));
}

#[test]
fn every_spelling_of_a_trusted_folder_is_a_path() {
    let spellings = [
        "C:\\Program Files\\Microsoft Office\\Templates",
        "C:/Program Files/Microsoft Office/root/Templates",
        "C:¥Program Files (x86)¥Microsoft Office¥root¥Templates",
        "C:\\\\Program Files\\\\Microsoft  Office (x86) \\\\ Templates",
        "Ｃ：＼Ｐｒｏｇｒａｍ　Ｆｉｌｅｓ＼Ｍｉｃｒｏｓｏｆｔ　Ｏｆｆｉｃｅ＼ｒｏｏｔ＼Ｔｅｍｐｌａｔｅｓ",
        "Program Files > Microsoft Office > root > Templates",
        "%APPDATA%\\Microsoft\\Templates",
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\XLSTART",
        "%appdata%\\Microsoft\\Word\\STARTUP",
    ];
    for spelling in spellings {
        assert_eq!(in_text(spelling), [(RelaunchFromTrustedFolder, Weak)], "{spelling}");
    }
    assert_eq!(in_text("Download more Microsoft Office templates from the gallery"), []);
}

#[test]
fn parts_of_the_relaunch_instruction_are_weaker_than_the_whole() {
    let path = "C:\\Program Files\\Microsoft Office\\Templates";
    assert_eq!(in_text(&format!("Copy this file to {path}")), [(RelaunchFromTrustedFolder, Medium)]);
    let whole = format!("Move the document to {path} and reopen it");
    assert_eq!(in_text(&whole), [(RelaunchFromTrustedFolder, Strong)]);
    let how_to = "Copy the file into the folder of the project and open it again";
    assert_eq!(in_text(how_to), [(RelaunchFromTrustedFolder, Weak)]);
    let add_in = "Copy the file to C:\\Program Files\\Microsoft Office\\Office16\\XLSTART and restart Excel";
    assert_eq!(in_text(add_in), [(RelaunchFromTrustedFolder, Medium)]);
}

#[test]
fn enable_content_grows_with_its_pretext() {
    assert_eq!(in_text("Enable Content"), [(EnableContent, Weak)]);
    assert_eq!(in_text("To use the planner click Enable Content."), [(EnableContent, Medium)]);
    let whole = "This document is protected. Press ENABLE EDITING and ENABLE CONTENT buttons to preview this document.";
    assert_eq!(in_text(whole), [(EnableContent, Strong), (ProtectedOrOtherVersion, Strong)]);
    let version = "This Excel Document is created in earlier version of Microsoft Office Excel";
    assert_eq!(in_text(version), [(ProtectedOrOtherVersion, Weak)]);
}

#[test]
fn japanese_instructions_are_found() {
    let lure = "この文書は保護されています。内容を表示するには、黄色いバーの「編集を有効にする」をクリックし、\
        次に「コンテンツの有効化」をクリックしてください。";
    let (_, hits) = harvested(&cells(&[(0, 0, lure)]));
    let got: Vec<_> = hits.iter().map(|hit| (hit.family, hit.certainty, hit.language)).collect();
    let japanese = Language::Japanese;
    assert_eq!(got, [(EnableContent, Strong, japanese), (ProtectedOrOtherVersion, Strong, japanese)]);

    let relaunch = "セキュリティポリシーにより、このファイルを次のフォルダーにコピーして、もう一度開いてください。\
        C:¥Program Files¥Microsoft Office¥root¥Templates";
    assert_eq!(in_text(relaunch), [(RelaunchFromTrustedFolder, Strong)]);
    assert_eq!(in_text("ﾏｸﾛを有効にする を\nｸﾘｯｸ"), [(EnableContent, Medium)]);
    assert_eq!(in_text("「Enable Content」をクリック"), [(EnableContent, Medium)]);
}

#[test]
fn disguised_letters_are_read_as_a_person_reads_them() {
    let spellings = [
        "Ｅｎａｂｌｅ　Ｃｏｎｔｅｎｔ",
        "En\u{200B}able\u{00AD} Con\u{2060}tent",
        "Еnаblе Соntеnt",
        "E n a b l e   C o n t e n t",
        "Enable\r\nContent",
        "Énable_Cöntent",
        "𝐄𝐧𝐚𝐛𝐥𝐞 “Content”",
    ];
    for spelling in spellings {
        let (_, hits) = harvested(&cells(&[(0, 0, spelling)]));
        assert_eq!(hits.len(), 1, "{spelling}");
        assert_eq!((hits[0].family, hits[0].certainty), (EnableContent, Weak));
        assert_eq!(hits[0].quote.trim_end_matches('”'), spelling.trim_end_matches('”'));
    }
}

#[test]
fn words_inside_other_words_do_not_count() {
    assert_eq!(in_text("disable contents; enabled contentment; unprotected profiles; relaunch"), []);
}

#[test]
fn warnings_of_something_else_do_not_weaken_a_lure() {
    let plain = in_text(RELAUNCH);
    let asides = [
        "Do not open this file in the preview.",
        "This message was checked for phishing.",
        "If the sender looks suspicious, call us.",
        "Never share this document.",
        "Do not click links or open attachments unless you know the sender.",
    ];
    for aside in asides {
        assert_eq!(in_text(&format!("{aside} {RELAUNCH}")), plain, "{aside}");
    }
    // What was warned of before the links still counts.
    let warned = format!("Attackers write so. Do not click links. {RELAUNCH}");
    assert_eq!(in_text(&warned), [(RelaunchFromTrustedFolder, Medium), (RelaunchRequired, Medium)]);
}

#[test]
fn warnings_lower_the_certainty_and_threats_do_not() {
    let (_, hits) = harvested(&cells(&[(0, 0, "Do not click Enable Content: this is how Emotet starts.")]));
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].certainty, hits[0].cautioned), (Weak, true));
    let warned = format!("{RELAUNCH} - attackers write this");
    assert_eq!(in_text(&warned), [(RelaunchFromTrustedFolder, Medium), (RelaunchRequired, Medium)]);
    let threat = "If you do not enable content the document will not be displayed. Click Enable Content.";
    assert_eq!(in_text(threat), [(EnableContent, Strong)]);
    assert_eq!(in_text("マクロを有効にしないでください。"), [(EnableContent, Weak)]);
}

#[test]
fn warning_counts_in_the_language_of_the_words_beside_it() {
    // "Mai abilitare" is "never enable" in Italian.
    let lure = "Dit document is beveiligd. Klik op \"Inhoud inschakelen\" om de inhoud te lezen.";
    assert_eq!(in_text(lure), [(EnableContent, Strong), (ProtectedOrOtherVersion, Strong)]);
    assert_eq!(
        in_text(&format!("{lure} mai abilitare")),
        [(EnableContent, Strong), (ProtectedOrOtherVersion, Strong)]
    );
    assert_eq!(
        in_text(&format!("{lure} Emotet")),
        [(EnableContent, Medium), (ProtectedOrOtherVersion, Medium)]
    );
    assert_eq!(
        in_text(&format!("{lure} klik nooit")),
        [(EnableContent, Medium), (ProtectedOrOtherVersion, Medium)]
    );
}

#[test]
fn a_request_to_enable_macros_counts_beside_a_claim_or_a_view() {
    let strong = [(EnableContent, Strong)];
    assert_eq!(in_text("Please enable macros to view this document."), strong);
    assert_eq!(in_text("To use this planner, enable macros."), [(EnableContent, Weak)]);
    let form = "The workbook is protected. To allow editing of the yellow cells, enter the password.";
    assert_eq!(in_text(form), [(EnableContent, Weak), (ProtectedOrOtherVersion, Weak)]);
    assert_eq!(
        in_text("The document is encrypted. Enable macros."),
        [(EnableContent, Strong), (ProtectedOrOtherVersion, Medium)]
    );
}

#[test]
fn to_start_the_program_again_installs_a_template() {
    let path = "C:\\Program Files\\Microsoft Office\\root\\Templates";
    let install = format!("Copy the file Letter.dotx to {path} and open Word again.");
    assert_eq!(in_text(&install), [(RelaunchFromTrustedFolder, Medium)]);
    let relaunch = format!("Copy the file Letter.dotm to {path} and open it again.");
    assert_eq!(in_text(&relaunch), [(RelaunchFromTrustedFolder, Strong)]);
    let relaunch = format!("Copy the file to {path} and open it again in Word.");
    assert_eq!(in_text(&relaunch), [(RelaunchFromTrustedFolder, Strong)]);
    let both = format!("{install} Then copy this file to {path} and open it again from there.");
    assert_eq!(in_text(&both), [(RelaunchFromTrustedFolder, Strong)]);
}

#[test]
fn the_separators_of_a_path_may_stand_in_cells_of_their_own() {
    let text = "Copy this file to C:\\Program Files\\Microsoft Office\\root\\Templates and open it again.";
    let letters: Vec<String> = text.chars().filter(|ch| *ch != ' ').map(String::from).collect();
    let column: Vec<_> = (0..).zip(&letters).map(|(row, letter)| (row, 0, letter.as_str())).collect();
    assert_eq!(found(&cells(&column)), [(RelaunchFromTrustedFolder, Strong)]);
}

#[test]
fn names_of_protected_view_ask_for_no_view() {
    assert_eq!(in_text("طريقة العرض المحمية"), []);
    assert_eq!(in_text("mode protégé"), []);
}

#[test]
fn name_of_protected_view_says_not_that_a_document_is_protected() {
    assert_eq!(in_text("the file is in Protected View"), []);
    assert_eq!(in_text("the file is protected"), [(ProtectedOrOtherVersion, Weak)]);
}

#[test]
fn every_other_family_is_found_whole_and_weaker_in_part() {
    use Family::{LowerProtection, OpenPicture, ScanCode, UnblockFile};
    let of = |text: &str, family: Family| {
        in_text(text).into_iter().find(|(of, _)| *of == family).map(|(_, how)| how)
    };
    let cases = [
        (UnblockFile, "Open the properties and tick Unblock", "to view the document"),
        (LowerProtection, "Turn off Protected View", "and reopen the file"),
        (OpenPicture, "Double-click the picture", "to view the document"),
        (ScanCode, "Scan the QR code", "to view the document"),
    ];
    for (family, part, rest) in cases {
        assert_eq!(of(part, family), Some(Medium), "{part}");
        assert_eq!(of(&format!("{part} {rest}"), family), Some(Strong), "{part}");
        assert_eq!(of(&format!("{part} {rest}. Attackers write so."), family), Some(Medium), "{part}");
    }
}

#[test]
fn distances_count_letters_and_no_spaces() {
    let gap = " ".repeat(3000);
    assert_eq!(in_text(&format!("Click{gap}Enable Content")), [(EnableContent, Medium)]);
    let letters = "x".repeat(80);
    assert_eq!(in_text(&format!("Click {letters} Enable Content")), [(EnableContent, Weak)]);
}

#[test]
fn cells_of_one_letter_of_a_split_text_keep_the_script_of_the_text() {
    // The third cell alone has no letter that only Cyrillic has.
    let book = cells(&[(0, 0, "Документ создан в старой"), (0, 1, "версии"), (0, 2, "Excel X")]);
    assert_eq!(found(&book), [(ProtectedOrOtherVersion, Weak)]);
}

#[test]
fn hidden_words_of_warning_do_not_excuse_a_visible_lure() {
    let mut book = cells(&[(0, 0, "Click Enable Content"), (1, 0, "Emotet malware phishing")]);
    book.fonts = vec![Font { height: 200, colour: 9, ..Font::default() }];
    book.formats = vec![Format { font: 9, ..Format::default() }, Format::default()];
    book.sheets[0].texts[1].format = 1;
    assert_eq!(found(&book), [(EnableContent, Medium)]);
}

#[test]
fn phrase_split_along_a_row_and_down_a_column_is_found_with_its_cells() {
    let row = cells(&[(3, 1, "Please click Ena"), (3, 2, "ble Con"), (3, 4, "tent now")]);
    let (_, hits) = harvested(&row);
    let got: Vec<_> = hits.iter().map(|hit| (hit.family, hit.certainty, hit.quote.as_str())).collect();
    assert_eq!(got, [(EnableContent, Medium, "click Ena | ble Con | tent")]);
    assert_eq!(hits[0].locations, [at(3, 1), at(3, 2), at(3, 4)]);

    let noise = |row| (row, 5, "sum of the quarter");
    let column =
        cells(&[(0, 2, "Click Enable"), noise(0), (1, 2, "Con"), noise(1), (2, 2, "tent"), noise(2)]);
    let (_, hits) = harvested(&column);
    let got: Vec<_> = hits.iter().map(|hit| (hit.family, hit.certainty, hit.quote.as_str())).collect();
    assert_eq!(got, [(EnableContent, Medium, "Click Enable | Con | tent")]);
    assert_eq!(hits[0].locations, [at(0, 2), at(1, 2), at(2, 2)]);
}

#[test]
fn one_letter_a_cell_is_read_as_words() {
    let letters: Vec<String> = "EnableContent".chars().map(String::from).collect();
    let row: Vec<_> = (0..).zip(&letters).map(|(column, letter)| (7, column, letter.as_str())).collect();
    assert_eq!(found(&cells(&row)), [(EnableContent, Weak)]);
    let column: Vec<_> = (0..).zip(&letters).map(|(row, letter)| (row, 7, letter.as_str())).collect();
    let (_, hits) = harvested(&cells(&column));
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].locations.len(), 13);
}

#[test]
fn japanese_phrase_split_over_cells_is_found() {
    let (_, hits) = harvested(&cells(&[(0, 0, "コンテンツの有"), (1, 0, "効化")]));
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].family, hits[0].quote.as_str()), (EnableContent, "コンテンツの有 | 効化"));
}

#[test]
fn path_split_over_cells_needs_its_slashes() {
    let path = cells(&[(0, 0, "C:\\Program Files\\Microsoft Office\\ro"), (0, 1, "ot\\Templates")]);
    assert_eq!(found(&path), [(RelaunchFromTrustedFolder, Weak)]);
    let words = cells(&[(0, 0, "Microsoft Office"), (0, 1, "Templates")]);
    assert_eq!(found(&words), []);
}

#[test]
fn cells_out_of_order_are_read_in_order() {
    let book = cells(&[(2, 0, "tent"), (0, 0, "Click"), (1, 0, "Enable Con")]);
    assert_eq!(found(&book), [(EnableContent, Medium)]);
}

#[test]
fn distant_cells_are_not_joined() {
    assert_eq!(found(&cells(&[(0, 0, "Enable Con"), (9, 0, "tent")])), []);
}

#[test]
fn neighbouring_text_boxes_are_joined_in_the_order_of_their_anchors() {
    assert_eq!(found(&boxes(&["Click Enable", "Content"])), [(EnableContent, Medium)]);
    let mut book = boxes(&["tent", "Click Enable Con"]);
    book.sheets[0].shapes[0].anchor = Some([9, 0, 10, 2]);
    book.sheets[0].shapes[1].anchor = Some([2, 0, 3, 2]);
    let (_, hits) = harvested(&book);
    let bytes = |at| Location::bytes(PartId(0), at..at);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].source, &hits[0].locations), (TextSource::TextBox, &vec![bytes(101), bytes(100)]));
}

#[test]
fn shared_string_stands_in_the_first_cell_that_shows_it() {
    let mut book = Workbook::default();
    book.shared_strings.push("Click Enable Content").unwrap();
    let text = CellText::shared(0).unwrap();
    let hidden = Sheet { visibility: Visibility::Hidden, ..Sheet::default() };
    let sheet = |sheet: &Sheet, rows: std::ops::Range<u32>| Sheet {
        texts: rows.map(|row| TextCell { row, column: 1, format: 0, text }).collect(),
        ..sheet.clone()
    };
    book.sheets = vec![sheet(&hidden, 0..3), sheet(&Sheet::default(), 4..9)];
    let (harvest, hits) = harvested(&book);
    let location = Location::cell(PartId(0), 1, 4, 1);
    let source = TextSource::SharedString;
    let run = TextRun {
        text: "Click Enable Content".into(),
        location: location.clone(),
        source,
        visible: true,
        hidden_by: None,
    };
    assert_eq!(harvest.runs, [run]);
    let got: Vec<_> = hits.iter().map(|hit| (hit.visible, &hit.locations, hit.certainty)).collect();
    assert_eq!(got, [(true, &vec![location], Medium)]);

    book.sheets.truncate(1);
    let (harvest, hits) = harvested(&book);
    assert_eq!((harvest.runs[0].visible, harvest.runs[0].hidden_by), (false, Some(Hiding::HiddenSheet)));
    assert_eq!((hits[0].visible, hits[0].hidden_by), (false, Some(Hiding::HiddenSheet)));
}

#[test]
fn fragment_that_many_cells_share_still_completes_a_phrase() {
    let mut book = Workbook::default();
    for text in ["Click Enable", "Content of the box", "x"] {
        book.shared_strings.push(text).unwrap();
    }
    let cell = |row, text| TextCell { row, column: 0, format: 0, text: CellText::shared(text).unwrap() };
    let mut texts: Vec<_> = (0..40).map(|row| cell(row * 5, row % 2)).collect();
    texts.extend([cell(300, 2), cell(301, 0), cell(302, 1)]);
    book.sheets.push(Sheet { texts, ..Sheet::default() });
    let (_, hits) = harvested(&book);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].certainty, &hits[0].locations), (Medium, &vec![at(301, 0), at(302, 0)]));
}

#[test]
fn every_place_of_text_is_harvested_with_its_source() {
    let mut book = Workbook::default();
    let mut text = |text: &str| book.texts.push(text);
    let sheet = Sheet {
        name: "name".into(),
        formulas: vec![FormulaCell {
            row: 0,
            column: 0,
            format: 0,
            tokens: TokenSpan::default(),
            cached: Cached::Text(text("result").unwrap()),
        }],
        shapes: vec![
            Shape { object_type: 6, text: text("box"), name: text("alt"), hidden: true, ..Shape::default() },
            Shape { object_type: 25, text: text("note shape"), ..Shape::default() },
        ],
        notes: vec![Note { row: 1, column: 1, author: None, text: text("note"), shape: 0 }],
        headers: vec![text("header").unwrap()],
        prompts: vec![Prompt { row: 0, column: 0, texts: [None, text("prompt"), None, text("error")] }],
        hyperlinks: vec![Hyperlink {
            row: 0,
            column: 0,
            target: text("target").unwrap(),
            shown: text("shown"),
        }],
        ..Sheet::default()
    };
    book.sheets.push(sheet);
    let (harvest, _) = harvested(&book);
    let runs: Vec<_> = harvest.runs.iter().map(|run| (run.text.as_str(), run.source, run.visible)).collect();
    assert_eq!(
        runs,
        [
            ("result", TextSource::FormulaResult, true),
            ("box", TextSource::TextBox, false),
            ("alt", TextSource::AltText, false),
            ("note shape", TextSource::Note, true),
            ("note", TextSource::Note, true),
            ("header", TextSource::Header, true),
            ("prompt", TextSource::Prompt, true),
            ("error", TextSource::Prompt, true),
            ("shown", TextSource::Hyperlink, true),
            ("target", TextSource::Hyperlink, true),
            ("name", TextSource::SheetName, true),
        ]
    );
}

#[test]
fn texts_beyond_the_report_are_counted_and_still_matched() {
    let limits = Limits { report_chars: 5, ..Limits::default() };
    with_limits(&limits, |cx| {
        let mut harvest = Harvest::default();
        workbook(&cells(&[(0, 0, "12345"), (1, 0, "Enable Content")]), &mut harvest, cx).unwrap();
        assert_eq!((harvest.runs.len(), harvest.left_out), (1, 1));
        assert_eq!(matches(&harvest, cx).unwrap().len(), 1);
    });
}

#[test]
fn a_long_text_leaves_room_for_others_and_is_matched_whole() {
    let limits = Limits { report_chars: 16 * 5000, ..Limits::default() };
    let long = format!("{}Enable Content", "é ".repeat(39_000));
    with_limits(&limits, |cx| {
        let mut harvest = Harvest::default();
        workbook(&cells(&[(0, 0, &long), (1, 0, "12345")]), &mut harvest, cx).unwrap();
        let lens: Vec<usize> = harvest.runs.iter().map(|run| run.text.chars().count()).collect();
        assert_eq!((lens, harvest.left_out, harvest.shortened), (vec![5000, 5], 0, 1));
        assert_eq!(matches(&harvest, cx).unwrap().len(), 1);
    });
}

#[test]
fn spent_steps_keep_what_was_harvested() {
    let limits = Limits { steps: 14, ..Limits::default() };
    with_limits(&limits, |cx| {
        let mut harvest = Harvest::default();
        let book = cells(&[(0, 0, "Click Enable Content"), (1, 0, &"x".repeat(10_000))]);
        let hit = workbook(&book, &mut harvest, cx).unwrap_err();
        assert_eq!(hit, LimitHit { kind: LimitKind::Steps, ceiling: 14 });
        assert_eq!((harvest.runs.len(), harvest.hits.len()), (1, 1));
    });
}

#[test]
fn long_text_of_a_module_is_matched_across_its_pieces() {
    let long = format!("{}Click Enable Content{}", "é ".repeat(PIECE / 3 - 3), " z".repeat(PIECE));
    with_limits(&Limits::default(), |cx| {
        let mut harvest = Harvest::default();
        text(&long, Location::line(PartId(3), 1), TextSource::Module, &mut harvest, cx).unwrap();
        let hits = matches(&harvest, cx).unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].certainty, hits[0].source), (Medium, TextSource::Module));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_phrase_is_found_however_it_is_split(cuts in proptest::collection::btree_set(1_usize..20, 0..6), down: bool) {
        let phrase = "Click Enable Content";
        let mut rest = phrase;
        let mut pieces = Vec::new();
        for cut in cuts.iter().rev() {
            if let Some((head, tail)) = rest.split_at_checked(*cut) {
                pieces.push(tail);
                rest = head;
            }
        }
        pieces.push(rest);
        pieces.reverse();
        let place = |nth: usize| if down { (nth as u32, 3) } else { (3, nth as u16) };
        let texts: Vec<_> = pieces.iter().enumerate().map(|(nth, text)| (place(nth).0, place(nth).1, *text)).collect();
        prop_assert_eq!(found(&cells(&texts)), [(EnableContent, Medium)]);
    }

    #[test]
    fn any_texts_are_harvested_alike_twice_and_quotes_stay_in_their_cells(
        texts in proptest::collection::vec(
            (0_u32..4, 0_u16..4, "(Ena|ble |Content|Click|コンテンツ|の有効化|\\PC|[ -~]|\u{200B}| {9}|copy file|again){0,6}"),
            0..12,
        ),
    ) {
        let texts: Vec<_> = texts.iter().map(|(row, column, text)| (*row, *column, text.as_str())).collect();
        let book = cells(&texts);
        let (one, hits) = harvested(&book);
        prop_assert_eq!(&hits, &harvested(&book).1);
        prop_assert_eq!(one.runs.len(), harvested(&book).0.runs.len());
        for hit in &hits {
            prop_assert!(!hit.locations.is_empty());
            for piece in hit.quote.split(" | ").filter(|_| !hit.quote.contains('…')) {
                prop_assert!(texts.iter().any(|(_, _, text)| text.contains(piece)), "{piece:?}");
            }
        }
    }

    #[test]
    fn ascii_and_folded_texts_have_the_same_phrases(text in "(Enable|Content| |\\\\|\\n|click|xlstart|[ -~]){0,12}") {
        let plain = in_text(&text);
        prop_assert_eq!(in_text(&format!("{text}\u{200B}")), plain);
    }
}

#[test]
fn headers_are_read_as_they_are_printed() {
    for (header, text) in [
        ("&CEnable content", "Enable content"),
        ("&L&\"Arial,Bold\"&14En&Bable&B &K01+000con&KFF0000tent", "Enable content"),
        ("Page &P of &N&RSales && marketing", "Page   of   Sales & marketing"),
        ("&12345 units, &-", "45 units, -"),
        ("&\"Arial", "\"Arial"),
        ("&", ""),
        ("Plain", "Plain"),
    ] {
        assert_eq!(printed(header), text, "{header}");
    }
}

#[test]
fn number_formats_show_what_is_quoted_in_them() {
    assert_eq!(super::letters(r#"[Red]0.0" km per "\h;@"#), " km per h");
    assert_eq!(super::letters("General"), "");
}
