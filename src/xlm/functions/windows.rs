//! The program, its windows and its workbooks; messages; macros that start later.

use super::{Spec, act};
use crate::base::{EffectDetail, EffectKind, LimitHit, is_elsewhere};
use crate::documents::workbook::SheetKind;
use crate::xlm::machine::{Call, Flow, Hook, Machine};
use crate::xlm::value::{Area, CellAt, Data, Origins, Value};

pub(super) const TABLE: &[Spec] = &[
    act("ADDIN.MANAGER", addin, "Installs or removes an add-in"),
    act("ALERT", message, "Shows a message"),
    act("APP.MAXIMIZE", asked_window, "Makes the window as large as the screen"),
    act("APP.MINIMIZE", hide, "Makes the window an icon"),
    act("APP.MOVE", asked_window, "Moves the window"),
    act("APP.RESTORE", asked_window, "Gives the window its size again"),
    act("APP.SIZE", asked_window, "Changes the size of the window"),
    act("APP.TITLE", hide_title, "Changes the title of the window"),
    act("ASSIGN.TO.OBJECT", hook_second, "Runs a macro when an object is clicked"),
    act("ASSIGN.TO.TOOL", hook_third, "Runs a macro when a tool is clicked"),
    act("BEEP", super::control::nothing, "Makes a sound"),
    act("CANCEL.KEY", stops, "Whether Escape stops the macro"),
    act("CLOSE", close, "Closes the window"),
    act("CLOSE.ALL", close, "Closes all windows"),
    act("DIALOG.BOX", input, "Shows a dialog"),
    act("DISABLE.INPUT", stops_input, "Takes no input"),
    act("ERROR", on_error, "Whether an error stops the macro, or another one runs then"),
    act("FILE.CLOSE", close, "Closes the workbook"),
    act("HELP", super::control::nothing, "Shows help"),
    act("HIDE", hide, "Hides the window"),
    act("INPUT", input, "Asks for input"),
    act("MESSAGE", message_bar, "Shows a text in the status bar"),
    act("NEW", insert_sheet, "Makes a workbook; a macro sheet is taken for one of this workbook"),
    act("ON.DATA", hook, "Runs a macro when data arrive"),
    act("ON.DOUBLECLICK", hook, "Runs a macro at a double click"),
    act("ON.ENTRY", hook, "Runs a macro at an entry"),
    act("ON.KEY", hook, "Runs a macro at a key"),
    act("ON.RECALC", hook, "Runs a macro at a calculation"),
    act("ON.SHEET", hook, "Runs a macro when a sheet is activated"),
    act("ON.TIME", hook, "Runs a macro at a time"),
    act("ON.WINDOW", hook, "Runs a macro when a window is activated"),
    act("OPEN", open, "Opens a workbook"),
    act("OPEN.DIALOG", input, "Asks for a file to open"),
    act("OPEN.LINKS", open, "Opens linked workbooks"),
    act("OPEN.TEXT", open, "Opens a text file"),
    act("PROTECT.DOCUMENT", super::control::nothing, "Protects the sheet"),
    act("QUIT", close, "Ends Excel"),
    act("SAVE", save, "Saves the workbook"),
    act("SAVE.AS", save, "Saves the workbook as another file"),
    act("SAVE.COPY.AS", save, "Saves a copy of the workbook"),
    act("SAVE.DIALOG", input, "Asks for a file to save"),
    act("SAVE.WORKBOOK", save, "Saves the workbook"),
    act("SAVE.WORKSPACE", save, "Saves which workbooks are open"),
    act("SHOW.DIALOG", super::control::nothing, "Shows a dialog sheet"),
    act("UNHIDE", super::control::nothing, "Shows a window again"),
    act("VBA.INSERT.FILE", vba_file, "Inserts a file as a VBA module"),
    act("VBA.MAKE.ADDIN", super::control::nothing, "Makes an add-in of the VBA project"),
    act("WINDOW.MINIMIZE", hide, "Makes the document's window an icon"),
    act("WINDOW.TITLE", super::control::nothing, "Changes the title of the document's window"),
    act("WORKBOOK.ACTIVATE", activate, "Activates a sheet"),
    act("WORKBOOK.ADD", super::control::nothing, "Adds sheets"),
    act("WORKBOOK.COPY", copy_sheet, "Copies sheets"),
    act("WORKBOOK.DELETE", super::control::nothing, "Deletes sheets"),
    act("WORKBOOK.HIDE", hide_sheet, "Hides sheets"),
    act("WORKBOOK.INSERT", insert_sheet, "Inserts a sheet, which is active then"),
    act("WORKBOOK.MOVE", copy_sheet, "Moves sheets"),
    act("WORKBOOK.NAME", super::control::nothing, "Renames a sheet"),
    act("WORKBOOK.NEW", super::control::nothing, "Makes a sheet"),
    act("WORKBOOK.NEXT", next_sheet, "Activates the next sheet"),
    act("WORKBOOK.PREV", next_sheet, "Activates the sheet before"),
    act("WORKBOOK.PROTECT", super::control::nothing, "Protects the workbook"),
    act("WORKBOOK.SELECT", select_sheets, "Selects sheets; one of them is active"),
    act("WORKBOOK.UNHIDE", super::control::nothing, "Shows sheets again"),
];

fn effect(machine: &mut Machine<'_, '_>, call: &Call, kind: EffectKind) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let text = format!("{}({})", call.spec.name, shown.join(", "));
    machine.done(kind, text, EffectDetail::default(), origins)?;
    Ok(Flow::Value(Data::Boolean(true).into()))
}

fn message(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let text = machine.text_of(call.arg(0))?.to_string();
    let detail = EffectDetail { content: Some(text.clone()), ..EffectDetail::default() };
    machine.done(EffectKind::Alert, format!("ALERT({text})"), detail, call.origins())?;
    Ok(Flow::Value(machine.ask("the answer to an alert", Data::Boolean(true), &[])))
}

fn message_bar(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    if call.arg(1).is_some() {
        let text = machine.text_of(call.arg(1))?.to_string();
        let detail = EffectDetail { content: Some(text.clone()), ..EffectDetail::default() };
        machine.done(EffectKind::Alert, format!("MESSAGE({text})"), detail, call.origins())?;
    }
    super::control::nothing(machine, call)
}

fn input(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let text = machine.text_of(call.arg(0))?.to_string();
    if call.spec.name == "INPUT" {
        let detail = EffectDetail { content: Some(text.clone()), ..EffectDetail::default() };
        machine.done(EffectKind::Alert, format!("INPUT({text})"), detail, call.origins())?;
    }
    Ok(Flow::Value(machine.unknown(call.spec.name, Data::Text("".into()))))
}

fn hide(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    effect(machine, call, EffectKind::Hide)?;
    Ok(Flow::Value(machine.ask(&format!("{}()", call.spec.name), Data::Boolean(true), &[])))
}

/// Malware asks whether a window can be made larger to tell a desktop from a sandbox.
fn asked_window(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(machine.ask(&format!("{}()", call.spec.name), Data::Boolean(true), &[])))
}

fn hide_title(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    super::control::nothing(machine, call)
}

fn hide_sheet(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    effect(machine, call, EffectKind::Hide)
}

/// ERROR(FALSE) keeps Excel from stopping at an error; ERROR(TRUE, macro) runs a macro then.
fn on_error(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    machine.on_error = None;
    let Some(value) = call.arg(1) else { return stops(machine, call) };
    if let Some(at) = machine.macro_cell(value)? {
        machine.on_error = Some(at);
        // Where no error is seen to occur, one may still.
        keep_hook(machine, call.spec.name, at);
    }
    super::control::nothing(machine, call)
}

/// CANCEL.KEY(FALSE) keeps Excel from stopping at Escape.
fn stops(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let off = match call.arg(0) {
        Some(value) => machine.single(value.clone())?.data.to_boolean() == Ok(false),
        None => false,
    };
    if off { effect(machine, call, EffectKind::Hide) } else { super::control::nothing(machine, call) }
}

fn stops_input(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let on = match call.arg(0) {
        Some(value) => machine.single(value.clone())?.data.to_boolean() == Ok(true),
        None => false,
    };
    if on { effect(machine, call, EffectKind::Hide) } else { super::control::nothing(machine, call) }
}

/// Closing ends the macros of the workbook.
fn close(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    effect(machine, call, EffectKind::Close)?;
    machine.closed = true;
    Ok(Flow::Halt)
}

fn save(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    if path.is_empty() {
        return super::control::nothing(machine, call);
    }
    let upper = path.to_ascii_uppercase();
    let starts = upper.contains("XLSTART") || upper.contains("STARTUP");
    let detail = EffectDetail { path: Some(path.clone()), ..EffectDetail::default() };
    let kind = if starts { EffectKind::Persist } else { EffectKind::Write };
    let origins = call.origins();
    let separator = match machine.integer_of(call.arg(1))? {
        Some(3 | 19 | 20 | 21 | 42) => Some('\t'),
        Some(6 | 22..=24) => Some(','),
        Some(36) => Some(' '),
        _ => None,
    };
    match separator.filter(|_| kind == EffectKind::Write && call.spec.name == "SAVE.AS") {
        Some(separator) => {
            let (content, of_cells) = exported(machine, separator)?;
            super::files::written_whole(machine, &path, &content, origins.and(of_cells), call.spec.name)?;
        }
        None => machine.done(kind, format!("{}({path})", call.spec.name), detail, origins)?,
    }
    super::control::nothing(machine, call)
}

/// The active sheet as a text file, which is all that Excel saves in such a format: the values of its
/// cells by rows, with a separator between them.
fn exported(machine: &mut Machine<'_, '_>, separator: char) -> Result<(String, Origins), LimitHit> {
    /// Cells, and bytes of all.
    const CELLS: usize = 65_536;
    const BYTES: usize = 512 << 10;
    let sheet = machine.active.sheet;
    let (last_row, last_column) = machine.store.extent(sheet);
    let mut text = String::new();
    let mut origins = Origins::NONE;
    let mut left = CELLS;
    for row in 0..=last_row {
        let mut line = String::new();
        for column in 0..=last_column {
            left = left.saturating_sub(1);
            machine.cx.budget.step(1)?;
            if column > 0 {
                line.push(separator);
            }
            let value = machine.read(CellAt { sheet, row, column })?;
            origins = origins.and(value.origins);
            if let Ok(shown) = value.shown() {
                machine.cx.budget.touch(shown.len())?;
                push_field(&shown, separator, &mut line);
            }
        }
        // Excel ends a line at its last cell.
        text.push_str(line.trim_end_matches(separator));
        text.push_str("\r\n");
        if left == 0 || text.len() > BYTES {
            break;
        }
    }
    Ok((text, origins))
}

/// A field as Excel writes it: in quotes where it has a comma, a quote, the separator or a line end.
/// Text in columns (format 36) has no quotes.
fn push_field(field: &str, separator: char, line: &mut String) {
    let quoted = separator != ' ' && field.contains(['"', ',', '\n', '\r', separator]);
    if quoted {
        line.push('"');
        line.push_str(&field.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(field);
    }
}

fn open(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    let text = format!("{}({path})", call.spec.name);
    if is_elsewhere(&path) {
        machine.opened(&path, text, call.origins())?;
    } else {
        let detail = EffectDetail { path: Some(path), ..EffectDetail::default() };
        machine.done(EffectKind::Check, text, detail, call.origins())?;
    }
    super::control::nothing(machine, call)
}

/// What is loaded from a file; from another network it is fetched first.
fn load(machine: &mut Machine<'_, '_>, call: &Call, kind: EffectKind) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    if let Some(path) = shown.iter().find(|path| is_elsewhere(path)) {
        machine.opened(path, format!("{}({})", call.spec.name, shown.join(", ")), origins)?;
    }
    effect(machine, call, kind)
}

/// An add-in is loaded each time that Excel starts.
fn addin(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    load(machine, call, EffectKind::Persist)
}

/// 1 is a worksheet, 2 a chart, 3 and 4 a macro sheet.
fn insert_sheet(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let kind = match machine.integer_of(call.arg(0))?.unwrap_or(1) {
        2 => SheetKind::Chart,
        3 | 4 => SheetKind::Macro,
        _ => SheetKind::Worksheet,
    };
    if let Some(sheet) = machine.add_sheet(kind) {
        machine.active = CellAt { sheet, row: 0, column: 0 };
        machine.selection = Area::cell(machine.active);
    }
    super::control::nothing(machine, call)
}

fn vba_file(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    load(machine, call, EffectKind::Call)
}

/// A copy of a sheet in another workbook is how macro viruses spread.
fn copy_sheet(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let to = machine.text_of(call.arg(1))?;
    let own = machine.environment.document.clone();
    if to.is_empty() {
        // The copy is alone in a workbook of its own, which is the active one.
        return activate(machine, call);
    }
    if to.eq_ignore_ascii_case(&own) {
        return super::control::nothing(machine, call);
    }
    effect(machine, call, EffectKind::Persist)
}

fn activate(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    activate_named(machine, call, 0)
}

/// WORKBOOK.SELECT: names, the name of the one that is active then.
fn select_sheets(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let active = machine.text_of(call.arg(1))?;
    activate_named(machine, call, usize::from(!active.is_empty()))
}

fn activate_named(machine: &mut Machine<'_, '_>, call: &Call, name: usize) -> Result<Flow, LimitHit> {
    let name = machine.text_of(call.arg(name))?;
    if let Some(sheet) = machine.sheet_named(&name) {
        machine.active = CellAt { sheet, row: 0, column: 0 };
        machine.selection = Area::cell(machine.active);
    }
    super::control::nothing(machine, call)
}

fn next_sheet(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let next = if call.spec.name == "WORKBOOK.NEXT" {
        machine.active.sheet.checked_add(1)
    } else {
        machine.active.sheet.checked_sub(1)
    };
    if let Some(sheet) = next.filter(|sheet| machine.store.has_sheet(*sheet)) {
        machine.active = CellAt { sheet, row: 0, column: 0 };
        machine.selection = Area::cell(machine.active);
    }
    super::control::nothing(machine, call)
}

fn hook(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    hook_of(machine, call, call.args.get(1).cloned())
}

fn hook_second(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    hook_of(machine, call, call.args.first().cloned())
}

/// ASSIGN.TO.TOOL: toolbar, position, macro.
fn hook_third(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    hook_of(machine, call, call.args.get(2).cloned())
}

fn keep_hook(machine: &mut Machine<'_, '_>, event: &'static str, at: CellAt) {
    /// Hooks that are kept.
    const HOOKS: usize = 64;
    if machine.hooks.len() < HOOKS && machine.hooks.iter().all(|known| known.at != at) {
        machine.hooks.push(Hook { event, at });
    }
}

fn hook_of(machine: &mut Machine<'_, '_>, call: &Call, value: Option<Value>) -> Result<Flow, LimitHit> {
    effect(machine, call, EffectKind::Persist)?;
    let Some(value) = value else { return Ok(Flow::Value(Data::Boolean(true).into())) };
    let mut at = machine.macro_cell(&value)?;
    // A text cell can hold the address.
    let named = machine.single(value)?;
    if let Some(named_at) = machine.macro_cell(&named)? {
        at = Some(named_at);
    }
    if let Some(at) = at {
        keep_hook(machine, call.spec.name, at);
    }
    Ok(Flow::Value(Data::Boolean(true).into()))
}
