//! Calls out of Excel: registered functions of DLLs, CALL, EXEC; and calls of names.

use std::rc::Rc;

use super::outcome::Done;
use super::{Flow, Machine};
use crate::base::{EffectDetail, EffectKind, LimitHit, is_elsewhere};
use crate::documents::formula::functions as tables;
use crate::documents::workbook::ExternalKind;
use crate::xlm::code::NameRef;
use crate::xlm::functions::{self, Handler, whole_number};
use crate::xlm::names::{Meaning, name_key};
use crate::xlm::value::{CellAt, Data, ErrorCode, Origins, Value};

/// A function of a DLL that REGISTER made callable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The DLL.
    pub dll: Rc<str>,
    /// The function.
    pub procedure: Rc<str>,
    /// What it takes and gives, a letter each.
    pub types: Rc<str>,
    /// The name that calls it, as it is compared.
    pub alias: Rc<str>,
}

/// Registered functions that are kept.
const REGISTERED: usize = 1024;

/// The number that REGISTER gives for the first function.
pub const FIRST_ID: f64 = 1_845_493_760.0;

impl Machine<'_, '_> {
    /// Keeps a registered function; the number that CALL takes for it.
    pub fn register(&mut self, function: Registered) -> f64 {
        let known = self.registered.iter().position(|known| *known == function);
        let index = known.unwrap_or(self.registered.len());
        if known.is_none() && self.registered.len() < REGISTERED {
            self.registered.push(function);
        }
        FIRST_ID + f64::from(u32::try_from(index).unwrap_or(0))
    }

    /// The registered function with a number.
    pub fn registered_by_id(&self, id: f64) -> Option<&Registered> {
        let index = whole_number(id - FIRST_ID).and_then(|index| usize::try_from(index).ok())?;
        self.registered.get(index)
    }

    /// A call of something by name: a registered function, a macro, a function of an add-in.
    pub(super) fn user_call(&mut self, name: &NameRef, args: Vec<Value>) -> Result<Flow, LimitHit> {
        let found = self.registered.iter().rposition(|known| known.alias == name.key);
        if let Some(function) = found.and_then(|index| self.registered.get(index)).cloned() {
            return self.dll_call(&function, &args).map(Flow::Value);
        }
        let sheet = self.here().sheet;
        match self.meaning(name, sheet)? {
            // A workbook holds a name without a meaning for each function that its version does not know.
            Some(Meaning::Value(Value { data: Data::Error(_), .. }) | Meaning::File(_)) | None => {}
            Some(Meaning::Value(value)) => return self.call_of_value(&name.text, &value, args),
            Some(Meaning::Code(code)) => return Ok(Flow::Evaluate(code)),
        }
        let upper = name.text.trim().to_uppercase();
        let plain = upper.strip_prefix("_XLFN.").unwrap_or(&upper);
        match functions::find(plain).map(|spec| (spec, spec.handler)) {
            Some((spec, Handler::Pure(function))) => self.pure(spec, function, &args).map(Flow::Value),
            Some((spec, Handler::Act(act))) => {
                let call = super::Call { spec, args, at: self.here(), is_whole: false };
                act(self, &call)
            }
            None => self.outside_call(name, &args).map(Flow::Value),
        }
    }

    /// A call of something that is computed: a reference to a macro, or a name as text.
    pub(super) fn computed_call(&mut self, named: &Value, args: Vec<Value>) -> Result<Flow, LimitHit> {
        match &named.data {
            Data::Text(text) => {
                let name = NameRef { key: name_key(text), text: Rc::clone(text), sheet: None };
                self.user_call(&name, args)
            }
            _ => self.call_of_value("", named, args),
        }
    }

    fn call_of_value(&mut self, name: &str, value: &Value, args: Vec<Value>) -> Result<Flow, LimitHit> {
        match &value.data {
            Data::Reference(area) => Ok(Flow::Enter(area.first(), args)),
            Data::Number(id) => match self.registered_by_id(*id).cloned() {
                Some(function) => self.dll_call(&function, &args).map(Flow::Value),
                None => Ok(Flow::Value(Value::error(ErrorCode::Value))),
            },
            Data::Text(text) => {
                let known = self.reference_of_text(text)?;
                match known {
                    Some(area) => Ok(Flow::Enter(area.first(), args)),
                    None => {
                        let name = NameRef { key: name_key(name), text: name.into(), sheet: None };
                        self.outside_call(&name, &args).map(Flow::Value)
                    }
                }
            }
            _ => Ok(Flow::Value(Value::error(ErrorCode::Name))),
        }
    }

    /// A call of something that the workbook does not define as a macro: a VBA procedure, or a
    /// function of an add-in that is not here.
    fn outside_call(&mut self, name: &NameRef, args: &[Value]) -> Result<Value, LimitHit> {
        let book = self.store.book();
        let is_vba = book.names.iter().take(4096).any(|own| own.is_vba() && name_key(&own.name) == name.key);
        if is_vba {
            self.vba_call(&name.text, "vba", args)?;
            return Ok(self.unknown(&format!("VBA {}", name.text), Data::Number(0.0)));
        }
        let add_ins = book.books.iter().filter(|book| book.kind == ExternalKind::AddIn);
        let mut names = add_ins.flat_map(|book| &book.names).take(4096);
        if names.any(|own| name_key(&own.name) == name.key) {
            // Excel finds it in whatever is loaded, a module of this file too.
            self.vba_call(&name.text, "add-in", args)?;
        }
        Ok(self.unknown_call(&name.text, args))
    }

    /// A VBA procedure is run, or a function that may be one.
    pub fn vba_call(&mut self, name: &str, how: &str, args: &[Value]) -> Result<(), LimitHit> {
        let (shown, origins) = self.shown_args(args)?;
        let text = format!("{name}({})", shown.join(", "));
        let detail = EffectDetail {
            procedure: Some(name.to_owned()),
            how: Some(how.to_owned()),
            arguments: shown,
            ..EffectDetail::default()
        };
        self.done(EffectKind::Call, text, detail, origins)
    }

    /// Arguments as texts, with what they depend on.
    pub fn shown_args(&mut self, args: &[Value]) -> Result<(Vec<String>, Origins), LimitHit> {
        /// Characters of one argument that an effect shows.
        const SHOWN: usize = 8192;
        let mut shown = Vec::new();
        let mut origins = Origins::NONE;
        for arg in args {
            let value = self.single(arg.clone())?;
            origins = origins.and(value.origins);
            let text = match value.shown() {
                Ok(text) => text.to_string(),
                Err(code) => code.text().to_owned(),
            };
            self.cx.budget.touch(text.len())?;
            shown.push(functions::slice_chars(&text, 0, SHOWN).to_owned());
        }
        Ok((shown, origins))
    }

    /// A function of a DLL is called.
    pub fn dll_call(&mut self, function: &Registered, args: &[Value]) -> Result<Value, LimitHit> {
        let (shown, origins) = self.shown_args(args)?;
        let dll = function.dll.to_string();
        let procedure = function.procedure.to_string();
        let name = api_name(&procedure);
        let at = |index: usize| shown.get(index).cloned();
        let mut detail = EffectDetail {
            dll: Some(dll.clone()),
            procedure: Some(procedure.clone()),
            types: Some(function.types.to_string()),
            arguments: shown.clone(),
            ..EffectDetail::default()
        };
        let number = |machine: &mut Self, index: usize| machine.number_of(args.get(index));
        let mut answer = 1.0;
        let kind = match name.as_str() {
            "urldownloadtofile" | "urldownloadtocachefile" => {
                detail.url = at(1);
                detail.to = at(2).filter(|_| name == "urldownloadtofile");
                answer = 0.0;
                EffectKind::Fetch
            }
            "internetcheckconnection" => {
                detail.url = at(0).filter(|text| !text.is_empty() && text != "0");
                EffectKind::Check
            }
            "internetopenurl" => {
                detail.url = at(1);
                EffectKind::Fetch
            }
            "httpsendrequest" | "httpopenrequest" | "internetconnect" | "winhttpopenrequest"
            | "winhttpconnect" | "internetreadfile" => {
                detail.url = at(1).filter(|text| text.contains('.'));
                EffectKind::Fetch
            }
            "shellexecute" | "shellexecuteex" => {
                let file = at(2).unwrap_or_default();
                let parameters = at(3).filter(|text| !text.is_empty() && text != "0");
                detail.command = Some(match parameters {
                    Some(parameters) => format!("{file} {parameters}"),
                    None => file,
                });
                answer = 42.0;
                EffectKind::Run
            }
            "winexec" | "system" | "wsystem" | "popen" | "wpopen" | "loadlibrary" | "loadlibraryex" => {
                detail.command = at(0);
                answer = if name.ends_with("system") { 0.0 } else { 33.0 };
                EffectKind::Run
            }
            // `_spawnlp(mode, program, name of itself, arguments ..., 0)`
            _ if name.starts_with("spawn") || name.starts_with("wspawn") => {
                let arguments = shown.get(3..).unwrap_or_default();
                let arguments = arguments.iter().filter(|text| !text.is_empty() && *text != "0");
                let words = at(1).into_iter().chain(arguments.cloned());
                detail.command = Some(words.collect::<Vec<_>>().join(" "));
                EffectKind::Run
            }
            // Functions that rundll32 is made for: window, program, command line, how it is shown.
            "routethecall"
            | "registerocx"
            | "launchapplication"
            | "shellexec_rundll"
            | "shellexec_rundlla"
            | "shellexec_rundllw"
            | "openurl"
            | "openurla"
            | "fileprotocolhandler"
            | "telnetprotocolhandler"
            | "control_rundll"
            | "launchinfsection"
            | "launchinfsectionex"
            | "installhinfsection" => {
                match at(2).filter(|file| is_elsewhere(file) && !file.starts_with(r"\\")) {
                    Some(url) => {
                        detail.url = Some(url);
                        EffectKind::Fetch
                    }
                    None => {
                        detail.command = at(2);
                        EffectKind::Run
                    }
                }
            }
            "downloadfile" => {
                detail.url = at(0);
                detail.to = at(1);
                answer = 0.0;
                EffectKind::Fetch
            }
            "urlopenblockingstream" | "urlopenstream" | "urlopenpullstream" => {
                detail.url = at(1);
                answer = 0.0;
                EffectKind::Fetch
            }
            "createprocess" => {
                detail.command = at(1).filter(|text| !text.is_empty() && text != "0").or_else(|| at(0));
                EffectKind::Run
            }
            "deletefile" => {
                detail.path = at(0);
                EffectKind::Delete
            }
            "copyfile" | "movefile" | "createdirectory" => {
                detail.path = at(usize::from(name != "createdirectory"));
                EffectKind::Write
            }
            "virtualalloc" | "virtualallocex" | "heapalloc" | "globalalloc" => {
                let shift = usize::from(name == "virtualallocex");
                let wanted = number(self, shift)?.unwrap_or(0.0);
                let len = number(self, shift.saturating_add(1))?.unwrap_or(0.0);
                answer = self.memory.allocate(wanted, len);
                EffectKind::Inject
            }
            "writeprocessmemory" | "rtlcopymemory" | "rtlmovememory" | "memcpy" => {
                let shift = usize::from(name == "writeprocessmemory");
                let address = number(self, shift)?.unwrap_or(0.0);
                let text = at(shift.saturating_add(1)).unwrap_or_default();
                let len = number(self, shift.saturating_add(2))?.unwrap_or(0.0);
                let len = whole_number(len).and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
                let by = self.caller();
                self.memory.write(address, &text, len, by);
                EffectKind::Inject
            }
            "virtualprotect" | "virtualprotectex" | "createthread" | "createremotethread"
            | "shcreatethread" | "queueuserapc" | "nttestalert" | "ntqueueapcthread" | "openprocess"
            | "createfiber" | "switchtofiber" | "enumsystemlocales" | "enumwindows" | "setthreadcontext"
            | "resumethread" => EffectKind::Inject,
            _ if self.is_brought(&dll)? => {
                detail.command = Some(dll.clone());
                EffectKind::Run
            }
            _ => {
                // A number stands for any function; what a library of the web is given an address for is
                // to get what lies there.
                let address = shown.iter().position(|text| text.contains("://")).filter(|_| is_of_web(&dll));
                if let Some(index) = address {
                    detail.url = at(index);
                    detail.to = at(index.saturating_add(1)).filter(|to| to.contains(['\\', '.']));
                    answer = 0.0;
                }
                address.map_or(EffectKind::Call, |_| EffectKind::Fetch)
            }
        };
        detail.how = matches!(kind, EffectKind::Run).then(|| match (name.as_str(), at(1)) {
            ("shellexecute", Some(verb)) if !verb.is_empty() => format!("{procedure} {verb}"),
            _ => procedure.clone(),
        });
        let text = format!("{dll}.{procedure}({})", shown.join(", "));
        // One effect stands for a loop that writes a payload piece by piece.
        let repeated = kind == EffectKind::Inject
            && self.out.done.iter().rev().take(8).any(|done| {
                done.kind == kind
                    && done.at == self.caller()
                    && done.detail.procedure.as_deref() == Some(&procedure)
            });
        if !repeated {
            self.done(kind, text, detail, origins)?;
        }
        let answer = Data::Number(answer);
        let label = match kind {
            EffectKind::Fetch => format!("{procedure} of {}", at(1).unwrap_or_default()),
            _ => procedure,
        };
        let answer = self.ask(&label, answer, &[]);
        Ok(Value { origins: answer.origins.and(origins), ..answer })
    }

    /// Whether a library is not one of the system's: the macro wrote or fetched it, or it lies elsewhere.
    fn is_brought(&mut self, dll: &str) -> Result<bool, LimitHit> {
        let same = |path: &Option<String>| path.as_deref().is_some_and(|path| path.eq_ignore_ascii_case(dll));
        self.cx.budget.touch(self.out.done.len())?;
        let brings = |done: &Done| {
            matches!(done.kind, EffectKind::Fetch | EffectKind::Write)
                && (same(&done.detail.to) || same(&done.detail.path))
        };
        Ok(is_elsewhere(dll) || self.out.done.iter().any(brings))
    }

    /// CALL through Excel's own interface for add-ins: `Excel4(number, result, count, arguments)`.
    pub fn excel_call(&mut self, args: &[Value]) -> Result<Option<Flow>, LimitHit> {
        const COMMAND: i64 = 0x8000;
        let Some(number) = self.integer_of(args.first())? else { return Ok(None) };
        let id = u16::try_from(number & 0x7FFF).unwrap_or(0);
        let info = if number & COMMAND != 0 { tables::cetab(id) } else { tables::ftab(id) };
        let Some(spec) = info.and_then(|info| functions::find(info.name)) else { return Ok(None) };
        // The count stands before the arguments; where there is none they follow at once.
        let mut rest = args.get(1..).unwrap_or_default();
        for skipped in 0..3usize {
            let Some(count) = args.get(skipped.saturating_add(1)) else { break };
            let behind = args.get(skipped.saturating_add(2)..).unwrap_or_default();
            let counted = self.number_of(Some(count))?.and_then(whole_number);
            if counted.and_then(|count| usize::try_from(count).ok()) == Some(behind.len()) {
                rest = behind;
                break;
            }
        }
        let args = rest.to_vec();
        let flow = match spec.handler {
            Handler::Pure(function) => Flow::Value(self.pure(spec, function, &args)?),
            Handler::Act(act) => {
                let call = super::Call { spec, args, at: self.here(), is_whole: false };
                act(self, &call)?
            }
        };
        Ok(Some(flow))
    }

    /// The cell where a macro begins that a value names: a reference, an address as text, a name.
    pub fn macro_cell(&mut self, value: &Value) -> Result<Option<CellAt>, LimitHit> {
        match &value.data {
            Data::Reference(area) => {
                let area = *area;
                Ok(Some(area.first()))
            }
            Data::Text(text) => Ok(self.reference_of_text(text)?.map(|area| area.first())),
            _ => Ok(None),
        }
    }
}

/// The name of a function of Windows in lower case, without the letter for its character set.
fn api_name(procedure: &str) -> String {
    let bare = procedure.trim().trim_start_matches('_');
    let before_set =
        bare.strip_suffix(['A', 'W']).filter(|name| name.ends_with(|last: char| last.is_ascii_lowercase()));
    before_set.unwrap_or(bare).to_ascii_lowercase()
}

/// Whether a DLL is one that gets what lies at addresses.
fn is_of_web(dll: &str) -> bool {
    let name = dll.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let stem = name.strip_suffix(".dll").unwrap_or(&name);
    matches!(stem, "urlmon" | "wininet" | "winhttp" | "inseng")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_windows_functions_lose_the_letter_of_their_character_set() {
        let names =
            ["URLDownloadToFileA", "ShellExecuteW", "WriteProcessMemory", "_wsystem", "CreateProcessA"];
        let expected =
            ["urldownloadtofile", "shellexecute", "writeprocessmemory", "wsystem", "createprocess"];
        assert_eq!(names.map(api_name), expected);
    }
}
