//! Programs, DLLs, and conversations with other programs.

use super::{Spec, act};
use crate::base::{EffectDetail, EffectKind, LimitHit, is_elsewhere};
use crate::xlm::machine::calls::Registered;
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::names::name_key;
use crate::xlm::value::{Data, ErrorCode, Value};

pub(super) const TABLE: &[Spec] = &[
    act("APP.ACTIVATE", super::control::nothing, "Activates another program"),
    act("CALL", call_dll, "Calls a function of a DLL"),
    act("CREATE.OBJECT", draw, "Draws an object"),
    act("EXEC", exec, "Starts a program"),
    act("EXECUTE", dde, "Sends a command to another program"),
    act("INITIATE", dde, "Begins a conversation with another program"),
    act("INSERT.OBJECT", insert_object, "Inserts an object of another program"),
    act("INSERT.PICTURE", insert_picture, "Inserts a picture from a file or an address"),
    act("MAIL.SEND.MAILER", send_mail, "Sends the workbook by mail"),
    act("POKE", dde, "Sends data to another program"),
    act("REGISTER", register, "Makes a function of a DLL callable"),
    act("REGISTER.ID", register, "The number of a function of a DLL"),
    act("REQUEST", request, "Asks another program for data"),
    act("ROUTE.DOCUMENT", send_mail, "Sends the workbook by its routing slip"),
    act("RTD", request, "Real-time data of an add-in"),
    act("SEND.KEYS", send_keys, "Types into the active program"),
    act("SEND.MAIL", send_mail, "Sends the workbook by mail"),
    act("TERMINATE", super::control::nothing, "Ends a conversation"),
    act("UNREGISTER", super::control::nothing, "Forgets a registered function"),
];

fn exec(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let command = machine.text_of(call.arg(0))?.to_string();
    if let Some(value) = call.arg(0).filter(|value| machine.is_of_unknown(value)) {
        machine.unread(value);
    }
    let detail = EffectDetail {
        command: Some(command.clone()),
        how: Some("EXEC".to_owned()),
        ..EffectDetail::default()
    };
    machine.done(EffectKind::Run, format!("EXEC({command})"), detail, call.origins())?;
    Ok(Flow::Value(machine.ask(&format!("task of {command}"), Data::Number(33.0), &[])))
}

fn registered(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Registered, LimitHit> {
    Ok(Registered {
        dll: machine.text_of(call.arg(0))?,
        procedure: machine.text_of(call.arg(1))?,
        types: machine.text_of(call.arg(2))?,
        alias: "".into(),
    })
}

fn call_dll(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let first = call.args.first().cloned().unwrap_or_else(|| Data::Missing.into());
    let first = machine.single(first)?;
    if let Data::Number(id) = first.data {
        let Some(function) = machine.registered_by_id(id).cloned() else {
            return Ok(Flow::Value(Value::error(ErrorCode::Value)));
        };
        let args = call.args.get(1..).unwrap_or_default();
        return machine.dll_call(&function, args).map(Flow::Value);
    }
    let function = registered(machine, call)?;
    let args = call.args.get(3..).unwrap_or_default();
    let own = function.dll.to_ascii_lowercase();
    if own.trim_end_matches(".dll").ends_with("xlcall32")
        && let Some(flow) = machine.excel_call(args)?
    {
        return Ok(flow);
    }
    // What a name of the DLL hangs on, the effect does as well.
    let named = call
        .args
        .get(..3)
        .unwrap_or_default()
        .iter()
        .fold(Default::default(), |all: crate::xlm::value::Origins, arg| all.and(arg.origins));
    let value = machine.dll_call(&function, args)?;
    if let Some(done) = machine.out.done.last_mut() {
        done.origins = done.origins.and(named);
    }
    Ok(Flow::Value(value))
}

fn register(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let mut function = registered(machine, call)?;
    let alias = if call.spec.name == "REGISTER" { machine.text_of(call.arg(3))? } else { "".into() };
    // Without a name of its own the function has that of the DLL's.
    let name =
        if alias.is_empty() { std::rc::Rc::clone(&function.procedure) } else { std::rc::Rc::clone(&alias) };
    function.alias = name_key(&name);
    let detail = EffectDetail {
        dll: Some(function.dll.to_string()),
        procedure: Some(function.procedure.to_string()),
        types: Some(function.types.to_string()),
        alias: Some(alias.to_string()).filter(|alias| !alias.is_empty()),
        ..EffectDetail::default()
    };
    let text =
        format!("{}({}, {}, {}, {alias})", call.spec.name, function.dll, function.procedure, function.types);
    machine.done(EffectKind::Register, text, detail, call.origins())?;
    let id = machine.register(function);
    Ok(Flow::Value(Data::Number(id).into()))
}

fn dde(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let name = call.spec.name;
    let detail = EffectDetail {
        command: shown.last().filter(|_| name == "EXECUTE").cloned(),
        how: Some("dde".to_owned()),
        arguments: shown.clone(),
        ..EffectDetail::default()
    };
    machine.done(EffectKind::Dde, format!("{name}({})", shown.join(", ")), detail, origins)?;
    Ok(Flow::Value(Data::Number(1.0).into()))
}

fn request(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    dde(machine, call)?;
    let (shown, _) = machine.shown_args(&call.args)?;
    let label = format!("{} {}", call.spec.name, shown.join(" "));
    Ok(Flow::Value(machine.unknown(&label, Data::Text("".into()))))
}

fn insert_object(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let detail = EffectDetail { arguments: shown.clone(), ..EffectDetail::default() };
    machine.done(EffectKind::Call, format!("INSERT.OBJECT({})", shown.join(", ")), detail, origins)?;
    super::control::nothing(machine, call)
}

fn send_keys(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let keys = machine.text_of(call.arg(0))?.to_string();
    let detail =
        EffectDetail { command: Some(keys.clone()), how: Some("keys".to_owned()), ..EffectDetail::default() };
    machine.done(EffectKind::Call, format!("SEND.KEYS({keys})"), detail, call.origins())?;
    super::control::nothing(machine, call)
}

fn draw(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(machine.fresh("OBJECT", Data::from("Rectangle 1"))))
}

fn insert_picture(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    if is_elsewhere(&path) {
        machine.opened(&path, format!("INSERT.PICTURE({path})"), call.origins())?;
    }
    super::control::nothing(machine, call)
}

fn send_mail(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let detail =
        EffectDetail { to: shown.first().cloned(), how: Some("mail".to_owned()), ..EffectDetail::default() };
    machine.done(EffectKind::Call, format!("{}({})", call.spec.name, shown.join(", ")), detail, origins)?;
    super::control::nothing(machine, call)
}
