//! What decides which cell runs next, and what starts a macro.

use super::{Spec, act, whole_number};
use crate::base::{EffectDetail, EffectKind, LimitHit, is_elsewhere};
use crate::documents::formula::text::Style;
use crate::xlm::code::NameRef;
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::names::{Meaning, name_key};
use crate::xlm::starts::{Event, event};
use crate::xlm::value::{Area, Data, ErrorCode, Value};

pub(super) const TABLE: &[Spec] = &[
    act("ARGUMENT", argument, "Takes the next argument of a user function into a name or cell"),
    act("BREAK", |machine, _| machine.break_loop(), "Leaves the innermost loop"),
    act("CALLER", caller, "The cell that called the macro"),
    act("ECHO", nothing, "Screen updates on or off"),
    act("ELSE", nothing, "The other side of a block"),
    act("ELSE.IF", |machine, call| machine.block_if(call), "Another condition of a block"),
    act("END.IF", nothing, "Ends a block"),
    act("EVALUATE", evaluate, "Evaluates a text as a formula"),
    act("FOR", |machine, call| machine.for_loop(call), "Counts a name from a number to another"),
    act("FOR.CELL", |machine, call| machine.for_cell_loop(call), "Goes through cells"),
    act("GOTO", goto, "Goes on at another cell"),
    act("HALT", halt, "Ends all macros"),
    act("IF", |machine, call| machine.block_if(call), "With one argument: begins a block"),
    act("NEXT", |machine, call| machine.next_of_loop(call), "Ends a loop"),
    act("PAUSE", nothing, "Pauses the macro"),
    act("RESTART", nothing, "Takes a caller off the list of those to return to"),
    act("RESULT", nothing, "The type of a user function's result"),
    act("RESUME", nothing, "Goes on after a pause"),
    act("RETURN", return_value, "Ends the macro with a value"),
    act("RUN", run, "Runs a macro"),
    act("STEP", nothing, "Single steps"),
    act("VOLATILE", nothing, "Whether a user function is always calculated"),
    act("WAIT", nothing, "Waits until a time"),
    act("WHILE", |machine, call| machine.while_loop(call), "Repeats as long as a condition holds"),
];

/// A call without a consequence that is followed.
pub(super) fn nothing(_: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(Data::Boolean(true).into()))
}

fn argument(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let value = machine.next_argument().unwrap_or_else(|| Value::error(ErrorCode::NotAvailable));
    if let Some(Value { data: Data::Reference(area), .. }) = call.arg(2) {
        let value = machine.single(value.clone())?;
        machine.store.keep(area.first(), value)?;
    }
    if call.arg(0).is_some() {
        let name = machine.text_of(call.arg(0))?;
        machine.names.set(&name_key(&name), call.at.sheet, Meaning::Value(value.clone()))?;
    }
    Ok(Flow::Value(value))
}

fn caller(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(match machine.calling_cell() {
        Some(at) => Data::Reference(Area::cell(at)).into(),
        None => Value::error(ErrorCode::Ref),
    }))
}

fn evaluate(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(value) = call.arg(0) else { return Ok(Flow::Value(Value::error(ErrorCode::Value))) };
    let value = machine.single(value.clone())?;
    let failed = matches!(value.data, Data::Error(_)) && value.origins.is_environment();
    if value.symbol.is_some() || failed {
        machine.unread(&value);
    }
    let Data::Text(text) = &value.data else { return Ok(Flow::Value(value)) };
    Ok(match machine.compile_in(text, Style::A1, call.at)? {
        Some(code) => Flow::Evaluate(code.into()),
        None => {
            machine.unread(&value);
            Flow::Value(Value::error(ErrorCode::Value))
        }
    })
}

fn goto(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let to = match call.arg(0) {
        Some(value) => machine.macro_cell(value)?,
        None => None,
    };
    Ok(match to {
        Some(at) => Flow::Goto(at),
        None => {
            if let Some(value) = call.arg(0).filter(|value| value.symbol.is_some()) {
                machine.goes_elsewhere(value)?;
            }
            Flow::Value(Value::error(ErrorCode::Ref))
        }
    })
}

fn halt(_: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Halt)
}

fn return_value(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let value = call.arg(0).cloned().unwrap_or_else(|| Data::Boolean(true).into());
    // A reference is handed over as one when another macro wanted it.
    let value = if machine.is_called() { value } else { machine.single(value)? };
    Ok(Flow::Return(value))
}

/// RUN(1) to RUN(4) run the auto-start macros of the active workbook; here the first of its kind.
fn run_auto(machine: &mut Machine<'_, '_>, number: f64) -> Result<Flow, LimitHit> {
    /// Names that are looked at.
    const NAMES: usize = 4096;
    let wanted = match whole_number(number) {
        Some(1) => Event::Open,
        Some(2) => Event::Close,
        Some(3) => Event::Activate,
        Some(4) => Event::Deactivate,
        _ => return Ok(Flow::Value(Value::error(ErrorCode::Value))),
    };
    let names = &machine.store.book().names;
    machine.cx.budget.step(names.len().min(NAMES) as u64)?;
    let found = names.iter().take(NAMES).find(|name| event(name).is_some_and(|(event, _)| event == wanted));
    let Some(name) = found else { return Ok(Flow::Value(Data::Boolean(true).into())) };
    let sheet = machine.here().sheet;
    let text: std::rc::Rc<str> = name.name.as_str().into();
    let named = NameRef { key: name_key(&text), text, sheet: name.scope.map(u32::from) };
    Ok(match machine.meaning(&named, sheet)? {
        Some(Meaning::Value(Value { data: Data::Reference(area), .. })) => {
            Flow::Enter(area.first(), Vec::new())
        }
        Some(Meaning::Code(code)) => Flow::Evaluate(code),
        _ => Flow::Value(Data::Boolean(true).into()),
    })
}

/// The path of the workbook in `'path'!macro`.
fn book_of(name: &str) -> Option<&str> {
    let (path, _) = name.rsplit_once('!')?;
    Some(path.trim_matches('\''))
}

fn run(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(value) = call.arg(0) else { return Ok(Flow::Value(Data::Boolean(true).into())) };
    if let Data::Number(number) = value.data
        && value.symbol.is_none()
    {
        return run_auto(machine, number);
    }
    let value = if matches!(value.data, Data::Reference(_)) {
        value.clone()
    } else {
        machine.single(value.clone())?
    };
    let args = call.args.get(2..).unwrap_or_default().to_vec();
    if let Some(at) = machine.macro_cell(&value)? {
        return Ok(Flow::Enter(at, args));
    }
    // The value of a cell can be a name or an address as well.
    let named = machine.single(value)?;
    if let Some(at) = machine.macro_cell(&named)? {
        return Ok(Flow::Enter(at, args));
    }
    let name = machine.text_of(Some(&named))?;
    if named.symbol.is_some() {
        machine.goes_elsewhere(&named)?;
    } else if let Some(path) = book_of(&name).filter(|path| is_elsewhere(path)) {
        machine.opened(path, format!("RUN({name})"), named.origins)?;
    } else if machine.compile(&name, call.at)?.is_none() {
        machine.unread(&named);
    }
    let detail = EffectDetail {
        procedure: Some(name.to_string()),
        how: Some("run".to_owned()),
        ..EffectDetail::default()
    };
    machine.done(EffectKind::Call, format!("RUN({name})"), detail, named.origins)?;
    Ok(Flow::Value(machine.unknown(&format!("RUN {name}"), Data::Number(0.0))))
}
