//! What a macro asks about its surroundings, about cells and about the workbook.

use std::rc::Rc;

use super::{Handler, Spec, act, quiet};
use crate::base::{Cx, LimitHit};
use crate::documents::formula::print_cell;
use crate::documents::workbook::{SheetKind, Workbook};
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::names::{Meaning, name_key};
use crate::xlm::store::Formula;
use crate::xlm::value::{Area, Array, CellAt, Data, ErrorCode, Origins, Value};

pub(super) const TABLE: &[Spec] = &[
    quiet("CELL", cell, &[("CELL(\"row\",B7)", "7"), ("CELL(\"address\",B7)", "\"$B$7\"")]),
    quiet("DOCUMENTS", documents, &[]),
    quiet("GET.CELL", get_cell, &[("GET.CELL(2,B7)", "7"), ("GET.CELL(3,B7)", "2")]),
    quiet("GET.DEF", get_name, &[]),
    quiet("GET.DOCUMENT", get_document, &[]),
    quiet("GET.FORMULA", get_formula, &[]),
    quiet("GET.NAME", get_name, &[]),
    quiet("GET.NOTE", get_note, &[]),
    quiet("GET.WINDOW", get_window, &[]),
    quiet("GET.WORKBOOK", get_workbook, &[]),
    quiet("GET.WORKSPACE", get_workspace, &[]),
    quiet("INFO", info, &[]),
    act("LAST.ERROR", last_error, "The last error"),
    quiet("NAMES", names, &[]),
    quiet("NOW", now, &[]),
    quiet("RAND", rand, &[]),
    quiet("RANDBETWEEN", rand_between, &[]),
    quiet("TODAY", today, &[]),
    quiet("WINDOWS", documents, &[]),
    quiet("GET.BAR", nobody_knows, &[]),
    quiet("GET.CHART.ITEM", nobody_knows, &[]),
    quiet("GET.LINK.INFO", nobody_knows, &[]),
    quiet("GET.MOVIE", nobody_knows, &[]),
    quiet("GET.OBJECT", nobody_knows, &[]),
    quiet("GET.PIVOT.FIELD", nobody_knows, &[]),
    quiet("GET.PIVOT.ITEM", nobody_knows, &[]),
    quiet("GET.PIVOT.TABLE", nobody_knows, &[]),
    quiet("GET.TOOL", nobody_knows, &[]),
    quiet("GET.TOOLBAR", nobody_knows, &[]),
    quiet("GETPIVOTDATA", nobody_knows, &[]),
    quiet("LINKS", nobody_knows, &[]),
    quiet("OPTIONS.LISTS.GET", nobody_knows, &[]),
    quiet("PHONETIC", nobody_knows, &[]),
    quiet("SCENARIO.GET", nobody_knows, &[]),
    quiet("VIEW.GET", nobody_knows, &[]),
];

/// The answer to a question that the file does not tell, and that no macro was seen to need.
fn nobody_knows(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let shown: Vec<&str> = shown.iter().map(|text| super::slice_chars(text, 0, 40)).collect();
    let label = format!("{}({})", call.spec.name, shown.join(", "));
    let value = machine.unknown(&label, Data::Number(0.0));
    Ok(Flow::Value(Value { origins: value.origins.and(origins), ..value }))
}

fn value(data: impl Into<Data>) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(data.into().into()))
}

fn now(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    let now = machine.environment.now;
    Ok(Flow::Value(machine.unknown("NOW", Data::number(now))))
}

fn today(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    let today = machine.environment.now.floor();
    Ok(Flow::Value(machine.unknown("TODAY", Data::number(today))))
}

fn rand(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(machine.fresh("RAND", Data::Number(0.5))))
}

fn rand_between(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let low = machine.number_of(call.arg(0))?.unwrap_or(0.0);
    let high = machine.number_of(call.arg(1))?.unwrap_or(low);
    let middle = Data::number(((low + high) / 2.0).floor());
    if low == high {
        return value(middle);
    }
    Ok(Flow::Value(machine.fresh("RAND", middle)))
}

fn last_error(_: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    value(ErrorCode::Value)
}

fn documents(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    let document = machine.environment.document.clone();
    value(Data::Array(Rc::new(Array::new(1, vec![Data::text(&document)]))))
}

fn names(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    let book = machine.store.book();
    let names: Vec<Data> = book.names.iter().take(1024).map(|name| Data::text(&name.name)).collect();
    machine.cx.budget.step(names.len() as u64)?;
    value(Data::Array(Rc::new(Array::new(names.len(), names))))
}

/// The folder `XLSTART` of the user.
fn startup(machine: &Machine<'_, '_>) -> String {
    format!("{}\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART", machine.environment.home)
}

fn get_workspace(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(what) = machine.integer_of(call.arg(0))? else { return value(ErrorCode::Value) };
    let environment = machine.environment;
    let data = match what {
        1 => Data::text(&environment.windows),
        2 => Data::text(&environment.excel_version),
        3 | 17 | 18 | 20 | 30 | 31 | 39 | 41 | 49 => Data::Boolean(false),
        4 => Data::Boolean(true),
        5 | 6 | 8 | 9 | 10 | 12 => Data::Number(0.0),
        13 => Data::Number(environment.screen.0),
        14 => Data::Number(environment.screen.1),
        15 => Data::Number(2.0),
        16 => Data::Number(environment.free_memory),
        19 => Data::Boolean(environment.mouse),
        23 => Data::text(&startup(machine)),
        24 => Data::Error(ErrorCode::NotAvailable),
        26 => Data::text(&environment.user),
        27 => Data::text(&environment.organization),
        32 => Data::text(&environment.excel_folder),
        33 => Data::Array(Rc::new(Array::new(1, vec![Data::text("Workbook")]))),
        35 => Data::text("C:\\Program Files\\Microsoft Office\\root\\Office16\\LIBRARY"),
        37 => countries(machine),
        42 | 43 => Data::Boolean(environment.sound),
        46 | 53 | 54 | 55 | 56 => Data::Boolean(true),
        48 => Data::text(&format!("{}\\LIBRARY", environment.excel_folder)),
        // Macros take this for a path of the user.
        67 => Data::text(&format!("{}\\AppData\\Roaming\\Microsoft\\Templates\\", environment.home)),
        _ => Data::Error(ErrorCode::NotAvailable),
    };
    let label = format!("GET.WORKSPACE({what})");
    Ok(Flow::Value(match data {
        Data::Error(_) => machine.unknown(&label, Data::Number(0.0)),
        data => machine.ask(&label, data, &[]),
    }))
}

/// `GET.WORKSPACE(37)`: countries and signs of the system, in the order of Microsoft's function
/// reference.
fn countries(machine: &Machine<'_, '_>) -> Data {
    let environment = machine.environment;
    let (decimal, thousands, list) = &environment.separators;
    let mut items = vec![
        Data::Number(environment.countries.0.into()),
        Data::Number(environment.countries.1.into()),
        Data::text(decimal),
        Data::text(thousands),
        Data::text(list),
    ];
    let signs =
        ["R", "C", "r", "c", "[", "]", "{", "}", ",", ";", "@", "/", ":", "y", "m", "d", "h", "m", "s"];
    items.extend(signs.map(Data::from));
    items.push(Data::text(&environment.currency));
    items.push(Data::from("General"));
    Data::Array(Rc::new(Array::new(items.len(), items)))
}

fn get_window(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(what) = machine.integer_of(call.arg(0))? else { return value(ErrorCode::Value) };
    let environment = machine.environment;
    let sheet = machine.store.sheet_name(machine.active.sheet);
    let (data, range): (Data, &[f64]) = match what {
        1 | 30 => (Data::text(&format!("[{}]{sheet}", environment.document)), &[]),
        2 => (Data::Number(1.0), &[]),
        3 | 4 => (Data::Number(0.0), &[]),
        5 => (Data::Number(environment.screen.0), &[]),
        6 => (Data::Number(environment.screen.1), &[]),
        7 => (Data::Boolean(false), &[]),
        8..=11 => (Data::Boolean(true), &[]),
        13..=16 => (Data::Number(1.0), &[1.0, 2.0, 3.0, 4.0]),
        17..=20 => (Data::Boolean(true), &[]),
        22 => (Data::Boolean(false), &[]),
        23 => (Data::Number(3.0), &[1.0, 2.0, 3.0]),
        25 => (Data::Number(100.0), &[]),
        31 => (Data::text(&environment.document), &[]),
        _ => (Data::Error(ErrorCode::NotAvailable), &[]),
    };
    let label = format!("GET.WINDOW({what})");
    Ok(Flow::Value(match data {
        Data::Error(_) => machine.unknown(&label, Data::Number(0.0)),
        data => machine.ask(&label, data, range),
    }))
}

/// The sheet that an argument names, else the one where the formula stands.
fn named_sheet(
    machine: &mut Machine<'_, '_>,
    name: Option<&Value>,
    else_sheet: u32,
) -> Result<u32, LimitHit> {
    if name.is_none() {
        return Ok(else_sheet);
    }
    let name = machine.text_of(name)?;
    Ok(machine.sheet_named(&name).unwrap_or(else_sheet))
}

fn get_document(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(what) = machine.integer_of(call.arg(0))? else { return value(ErrorCode::Value) };
    let active = machine.active.sheet;
    let sheet = named_sheet(machine, call.arg(1), active)?;
    let environment = machine.environment;
    let facts = machine.store.sheet(sheet);
    let name = machine.store.sheet_name(sheet).to_owned();
    let kind = match facts.map(|facts| facts.kind) {
        Some(SheetKind::Chart) => 2.0,
        Some(SheetKind::Macro) => 3.0,
        Some(SheetKind::Module) => 6.0,
        Some(SheetKind::Dialog) => 7.0,
        _ => 1.0,
    };
    let is_protected = facts.is_some_and(|facts| facts.protection.on);
    let (last_row, last_column) = machine.store.extent(sheet);
    let (data, asked) = match what {
        1 | 76 => (Data::text(&format!("[{}]{name}", environment.document)), true),
        2 => (Data::text(&environment.document_folder), true),
        3 => (Data::Number(kind), false),
        4 | 6 => (Data::Boolean(false), true),
        5 => (Data::Boolean(false), true),
        7 => (Data::Boolean(is_protected), false),
        9 | 11 => (Data::Number(1.0), false),
        10 => (Data::Number(f64::from(last_row) + 1.0), false),
        12 => (Data::Number(f64::from(last_column) + 1.0), false),
        87 => (Data::Number(f64::from(sheet) + 1.0), false),
        88 => (Data::text(&environment.document), true),
        _ => {
            let label = format!("GET.DOCUMENT({what})");
            return Ok(Flow::Value(machine.unknown(&label, Data::Number(0.0))));
        }
    };
    match asked {
        true => Ok(Flow::Value(machine.ask(&format!("GET.DOCUMENT({what})"), data, &[]))),
        false => value(data),
    }
}

fn get_workbook(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(what) = machine.integer_of(call.arg(0))? else { return value(ErrorCode::Value) };
    let book = machine.store.book();
    let document = machine.environment.document.clone();
    let data = match what {
        1 | 3 => {
            let sheets = book.sheets.iter().take(4096);
            let names: Vec<Data> =
                sheets.map(|sheet| Data::text(&format!("[{document}]{}", sheet.name))).collect();
            Data::Array(Rc::new(Array::new(names.len(), names)))
        }
        4 => Data::Number(f64::from(u32::try_from(book.sheets.len()).unwrap_or(u32::MAX))),
        16 => return Ok(Flow::Value(machine.ask("GET.WORKBOOK(16)", Data::text(&document), &[]))),
        38 => {
            let name = machine.store.sheet_name(machine.active.sheet);
            Data::text(name)
        }
        _ => {
            let label = format!("GET.WORKBOOK({what})");
            return Ok(Flow::Value(machine.unknown(&label, Data::Number(0.0))));
        }
    };
    value(data)
}

fn info(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let what = machine.text_of(call.arg(0))?.to_ascii_lowercase();
    let environment = machine.environment;
    let data = match what.as_str() {
        "directory" => Data::text(&format!("{}\\Documents\\", environment.home)),
        "osversion" => Data::text(&environment.windows),
        "release" => Data::text(&environment.excel_version),
        "system" => Data::from("pcdos"),
        "recalc" => Data::from("Automatic"),
        "origin" => Data::from("$A:$A$1"),
        "numfile" => Data::Number(1.0),
        "memavail" | "memused" | "totmem" => Data::Number(environment.free_memory),
        _ => return value(ErrorCode::Value),
    };
    Ok(Flow::Value(machine.ask(&format!("INFO({what})"), data, &[])))
}

/// The cell that an argument means, else the active one.
fn cell_of(machine: &Machine<'_, '_>, value: Option<&Value>) -> CellAt {
    match value.map(|value| &value.data) {
        Some(Data::Reference(area)) => area.first(),
        _ => machine.active,
    }
}

fn get_cell(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(what) = machine.integer_of(call.arg(0))? else { return value(ErrorCode::Value) };
    let at = cell_of(machine, call.arg(1));
    let book = machine.store.book();
    let format_index = machine.store.format(at, &mut machine.cx)?;
    let format = book.formats.get(usize::from(format_index)).copied().unwrap_or_default();
    let font_index = if format.font > 4 { format.font.saturating_sub(1) } else { format.font };
    let font = book.fonts.get(usize::from(font_index));
    let sheet = machine.store.sheet(at.sheet);
    let number = |number: u8| Data::Number(f64::from(number) + 1.0);
    let data = match what {
        1 => Data::text(&absolute(machine, at)),
        2 => Data::Number(f64::from(at.row) + 1.0),
        3 => Data::Number(f64::from(at.column) + 1.0),
        4 => Data::Number(match machine.read(at)?.data {
            Data::Text(_) => 2.0,
            Data::Boolean(_) => 4.0,
            Data::Error(_) => 16.0,
            Data::Array(_) => 64.0,
            _ => 1.0,
        }),
        5 => return Ok(Flow::Value(machine.read(at)?)),
        53 => {
            // As it is displayed, which is what TEXT gives.
            let value = machine.read(at)?;
            let known = book.number_formats.iter().find(|(number, _)| *number == format.number_format);
            let shown = known.map(|(_, text)| book.texts.get(*text)).filter(|text| *text != "General");
            let spec = super::find("TEXT");
            return match (shown, spec.map(|spec| (spec, spec.handler))) {
                (Some(shown), Some((spec, Handler::Pure(text)))) => {
                    machine.pure(spec, text, &[value, Data::text(shown).into()]).map(Flow::Value)
                }
                _ => Ok(Flow::Value(value)),
            };
        }
        6 => return formula_text(machine, at),
        7 => {
            let id = format.number_format;
            let known = book.number_formats.iter().find(|(number, _)| *number == id);
            known.map_or(Data::from("General"), |(_, text)| Data::text(book.texts.get(*text)))
        }
        8 => number(format.horizontal),
        14 => Data::Boolean(true),
        15 => Data::Boolean(format.hides_formula),
        16 => {
            let width = sheet.and_then(|sheet| {
                let own = sheet.columns.iter().find(|own| (own.first..=own.last).contains(&at.column));
                own.map(|own| f64::from(own.width) / 256.0)
            });
            let width = width.unwrap_or(8.43);
            return Ok(Flow::Value(ranged(machine, what, at, width)));
        }
        17 => {
            let height = sheet.map_or(255, |sheet| {
                let own = sheet.rows.iter().find(|own| own.row == at.row).map(|own| own.height);
                own.or(sheet.default_row_height).unwrap_or(255)
            });
            return Ok(Flow::Value(ranged(machine, what, at, f64::from(height) / 20.0)));
        }
        18 => Data::text(font.and_then(|font| font.name).map_or("Arial", |name| book.texts.get(name))),
        19 => {
            let size = font.map_or(200, |font| font.height);
            Data::Number(f64::from(size) / 20.0)
        }
        20 => Data::Boolean(font.is_some_and(|font| font.weight >= 600)),
        21 => Data::Boolean(font.is_some_and(|font| font.style & 0x02 != 0)),
        22 => Data::Boolean(false),
        23 => Data::Boolean(font.is_some_and(|font| font.style & 0x08 != 0)),
        24 => colour(font.map_or(0x7FFF, |font| font.colour)),
        38 | 64 => {
            if format.fill == 0 {
                Data::Number(0.0)
            } else {
                colour(format.fill_foreground)
            }
        }
        39 => number(format.fill),
        63 => {
            if format.fill == 0 {
                Data::Number(0.0)
            } else {
                // What a solid fill shows is the colour of its pattern.
                colour(if format.fill == 1 { format.fill_foreground } else { format.fill_background })
            }
        }
        46 => Data::Boolean(note(book, at).is_some()),
        48 => Data::Boolean(machine.store.formula(at).is_some()),
        50 => number(format.vertical),
        62 => {
            let name = machine.store.sheet_name(at.sheet);
            Data::text(&format!("[{}]{name}", machine.environment.document))
        }
        66 => Data::text(&machine.environment.document.clone()),
        _ => Data::Number(0.0),
    };
    value(data)
}

/// A height or width: as stored, as Excel snaps it to pixels, and rounded.
fn ranged(machine: &mut Machine<'_, '_>, what: i64, at: CellAt, stored: f64) -> Value {
    let snapped = (stored * 4.0 / 3.0).round() * 0.75;
    let mut range = vec![snapped, stored, stored.round(), stored.floor()];
    range.dedup();
    let label = format!("GET.CELL({what}) of {}", absolute(machine, at));
    machine.ask(&label, Data::Number(snapped), &range)
}

fn colour(index: u16) -> Data {
    Data::Number(match index {
        0..=7 => f64::from(index) + 1.0,
        8..=63 => f64::from(index) - 7.0,
        _ => 0.0,
    })
}

fn absolute(machine: &Machine<'_, '_>, at: CellAt) -> String {
    let sheet = machine.store.sheet_name(at.sheet);
    format!(
        "[{}]{sheet}!R{}C{}",
        machine.environment.document,
        u64::from(at.row).saturating_add(1),
        u32::from(at.column).saturating_add(1)
    )
}

fn note(book: &Workbook, at: CellAt) -> Option<&str> {
    let sheet = book.sheets.get(at.sheet as usize)?;
    let found = sheet.notes.iter().take(4096).find(|note| note.row == at.row && note.column == at.column)?;
    let of_shape = || sheet.shapes.iter().take(4096).find(|shape| shape.id == found.shape)?.text;
    found.text.or_else(of_shape).map(|text| book.texts.get(text))
}

fn get_note(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let at = cell_of(machine, call.arg(0));
    let start = machine.integer_of(call.arg(1))?.unwrap_or(1).max(1);
    let count = machine.integer_of(call.arg(2))?.unwrap_or(255).max(0);
    let text = note(machine.store.book(), at).unwrap_or_default();
    machine.cx.budget.touch(text.len())?;
    let start = usize::try_from(start.saturating_sub(1)).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    value(Data::text(super::slice_chars(text, start, count)))
}

fn formula_text(machine: &mut Machine<'_, '_>, at: CellAt) -> Result<Flow, LimitHit> {
    match machine.store.formula(at) {
        Some(Formula::Written(text, _)) => value(Data::text(&text)),
        Some(Formula::File(cell)) => {
            let mut text = String::from("=");
            let book = machine.store.book();
            let cx: &mut Cx<'_> = &mut machine.cx;
            print_cell(book, at.sheet, cell, 8192, cx, &mut text)?;
            value(Data::text(&text))
        }
        None => {
            let read = machine.read(at)?;
            let text = machine.text_of(Some(&read))?;
            Ok(Flow::Value(Value { data: Data::Text(text), ..read }))
        }
    }
}

fn get_formula(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let at = cell_of(machine, call.arg(0));
    formula_text(machine, at)
}

fn get_name(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let text = machine.text_of(call.arg(0))?;
    let name = crate::xlm::code::NameRef { key: name_key(&text), text, sheet: None };
    let found = machine.meaning(&name, call.at.sheet)?;
    Ok(Flow::Value(match found {
        Some(Meaning::Value(Value { data: Data::Reference(area), origins, .. })) => {
            let at = absolute_area(machine, area);
            Value { data: Data::text(&format!("={at}")), origins, symbol: None }
        }
        Some(Meaning::Value(found)) => {
            let text = format!("={}", found.display());
            Value { data: Data::text(&text), origins: found.origins, symbol: None }
        }
        _ => Value { data: ErrorCode::Name.into(), origins: Origins::NONE, symbol: None },
    }))
}

fn absolute_area(machine: &Machine<'_, '_>, area: Area) -> String {
    let sheet = machine.store.sheet_name(area.sheet);
    let first = area.first();
    format!(
        "{sheet}!R{}C{}",
        u64::from(first.row).saturating_add(1),
        u32::from(first.column).saturating_add(1)
    )
}

fn cell(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let what = machine.text_of(call.arg(0))?.to_ascii_lowercase();
    let at = cell_of(machine, call.arg(1));
    let data = match what.as_str() {
        "row" => Data::Number(f64::from(at.row) + 1.0),
        "col" => Data::Number(f64::from(at.column) + 1.0),
        "address" => {
            let text = crate::base::location::A1(at.row, at.column.into()).to_string();
            let letters = text.trim_end_matches(|digit: char| digit.is_ascii_digit());
            Data::text(&format!("${letters}${}", text.get(letters.len()..).unwrap_or_default()))
        }
        "contents" => return Ok(Flow::Value(machine.read(at)?)),
        "type" => Data::from(match machine.read(at)?.data {
            Data::Empty => "b",
            Data::Text(_) => "l",
            _ => "v",
        }),
        "filename" => {
            let environment = machine.environment;
            let sheet = machine.store.sheet_name(at.sheet);
            let path = format!("{}\\[{}]{sheet}", environment.document_folder, environment.document);
            return Ok(Flow::Value(machine.ask("CELL(filename)", Data::text(&path), &[])));
        }
        "width" => Data::Number(8.0),
        "color" | "parentheses" | "protect" => Data::Number(0.0),
        "format" => Data::from("G"),
        "prefix" => Data::from(""),
        _ => return value(ErrorCode::Value),
    };
    value(data)
}
