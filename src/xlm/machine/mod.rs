//! Runs a macro without Excel.
//!
//! Nothing here recurses: a macro that calls another one, a name that stands for a formula, and
//! EVALUATE push a `Routine`; a formula is a row of operations over one stack. Every operation
//! spends a step, texts what they are long, and everything that is kept has a ceiling. At a ceiling
//! the run ends and what was found stays.
//!
//! A run is decided by the program, the environment and its [`Choices`] alone. Another side of a
//! condition, or another value of an unknown, is another run from the start.

pub mod calls;
mod flow;
mod follow;
pub mod memory;
pub mod operators;
mod read;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::code::{Code, NameRef, Op};
use super::environment::Environment;
use super::functions::{Args, Handler, Spec};
use super::names::{Meaning, Names};
use super::store::{Formula, Store};
use super::value::{Area, CellAt, Data, ErrorCode, Origins, Value};
use crate::base::{Cx, EffectDetail, EffectKind, LimitHit, LimitKind};
use crate::documents::formula::{CellRange, Expression, Scope, cell_tokens};
use crate::documents::workbook::Workbook;
use memory::Memory;
use text::Texts;

/// What a run takes as given besides the environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// Ordinals of decisions that go the other way.
    pub flips: Vec<usize>,
    /// Values of sources, by label.
    pub values: BTreeMap<String, f64>,
}

/// Something of the surroundings that a run asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What was asked: `GET.WORKSPACE(13)`.
    pub label: String,
    /// The answer that was assumed.
    pub assumed: String,
    /// All values that it could have, when they are few.
    pub range: Vec<f64>,
}

/// A condition that depends on the surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Where.
    pub at: CellAt,
    /// What it depends on.
    pub origins: Origins,
    /// The condition, as far as it can be said in words.
    pub text: String,
    /// Which way it went.
    pub truth: bool,
}

/// Something that the macro did to the world outside its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What kind of thing.
    pub kind: EffectKind,
    /// What exactly, as a call with its arguments.
    pub text: String,
    /// The fields.
    pub detail: EffectDetail,
    /// Where.
    pub at: CellAt,
    /// The cell that wrote the formula, and the formula as it was written.
    pub written: Option<(CellAt, Rc<str>)>,
    /// What of the surroundings its arguments depend on.
    pub origins: Origins,
    /// What started the macro: index in the entries of the run.
    pub entry: usize,
}

/// A macro that something starts later.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// `ON.TIME` and its kin.
    pub event: &'static str,
    /// Where the macro begins.
    pub at: CellAt,
}

/// What a call comes to.
#[derive(Debug, Clone)]
pub enum Flow {
    /// A value.
    Value(Value),
    /// The macro goes on at another cell; the rest of this formula is not run.
    Goto(CellAt),
    /// Another macro runs with arguments, and its result is the value.
    Enter(CellAt, Vec<Value>),
    /// A formula is run, and its result is the value.
    Evaluate(Rc<Code>),
    /// The macro ends with a value.
    Return(Value),
    /// All macros that run end.
    Halt,
}

/// A call that is carried out.
#[derive(Debug)]
pub struct Call {
    /// The function.
    pub spec: &'static Spec,
    /// Its arguments.
    pub args: Vec<Value>,
    /// The cell where the formula stands.
    pub at: CellAt,
    /// Whether the call is the whole formula of a cell.
    pub is_whole: bool,
}

/// A macro or formula that runs.
#[derive(Debug)]
struct Routine {
    at: CellAt,
    code: Rc<Code>,
    next: usize,
    base: usize,
    kind: Kind,
    loops: Vec<Loop>,
    args: Vec<Value>,
    args_taken: usize,
    /// Whether it runs because of an error: nobody takes its result.
    is_handler: bool,
    /// The formula that runs, where a macro wrote it; kept only for those who follow.
    written: Option<(Rc<str>, CellAt)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Cells of a macro sheet, downwards.
    Macro,
    /// One formula whose value is wanted.
    Formula,
    /// A formula of a worksheet that is computed again; the value goes to its cell.
    Cell,
}

/// A loop that is open.
#[derive(Debug, Clone)]
pub struct Loop {
    /// The cell that opens it.
    at: CellAt,
    kind: LoopKind,
}

#[derive(Debug, Clone)]
enum LoopKind {
    While,
    For { name: Rc<str>, value: f64, end: f64, step: f64 },
    ForCell { name: Rc<str>, area: Area, index: u64, skip_blanks: bool },
}

/// One formula that was run, for those who follow the run; or what was done after the last one.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'s> {
    /// How many formulas were run before.
    pub number: u64,
    /// Where; `None` for what no cell did: the formula of a name, or one that did not end.
    pub at: Option<CellAt>,
    /// How deep in calls, from 0.
    pub depth: usize,
    /// What started the macro, as it was given to [`Machine::run`].
    pub entry: usize,
    /// Its value, as [`Value::display`] shows it.
    pub value: &'s str,
    /// The formula as the macro wrote it, and the cell that did; `None` for one of the file.
    pub written: Option<(&'s str, CellAt)>,
    /// What was done since the step before.
    pub done: &'s [Done],
    /// Conditions that were decided since then, and the ordinal of the first.
    pub decisions: (usize, &'s [Decision]),
    /// Cells and names that were set since then, as far as they are kept.
    pub sets: &'s [(Target, String)],
    /// How many more were set.
    pub sets_left_out: u64,
    /// Whether a formula that can be read was written into a cell.
    pub wrote: bool,
}

/// What a value is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A cell.
    Cell(CellAt),
    /// A name, as it is compared.
    Name(Rc<str>),
}

/// Takes the steps of a run, and pays for what it keeps of them.
pub type Follow<'f> = dyn FnMut(Step<'_>, &mut Cx<'_>) + 'f;

/// What was told to those who follow, and what waits to be told with the next step.
#[derive(Debug, Default)]
struct Told {
    done: usize,
    decisions: usize,
    sets: Vec<(Target, String)>,
    sets_left_out: u64,
    wrote: bool,
}

/// What stays of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What it did, in order.
    pub done: Vec<Done>,
    /// Bytes of that.
    pub done_len: usize,
    /// What it asked for.
    pub sources: Vec<Source>,
    /// Where it depended on that.
    pub decisions: Vec<Decision>,
    /// Cells whose formula ran to its end.
    pub executed: BTreeSet<CellAt>,
    /// What those cells held at the end, as a person reads it.
    pub values: BTreeMap<CellAt, String>,
    /// Functions that the machine does not know: name, and a cell that calls it.
    pub unknown: BTreeMap<String, CellAt>,
    /// Formula texts that could not be read: text, and the cell that has it.
    pub unreadable: Vec<(String, CellAt)>,
    /// What of the surroundings the texts depend on that were written into cells.
    pub written_origins: Origins,
    /// Bytes that were put into memory, and where.
    pub injected: Vec<(Vec<u8>, CellAt)>,
    /// Why it ended early, and the cell that ran.
    pub limit: Option<(LimitHit, CellAt)>,
    /// How many formulas were run.
    pub formulas: u64,
    /// Operations that were carried out.
    pub steps: u64,
}

/// A machine in the middle of a run.
pub struct Machine<'b, 'm> {
    /// Cells.
    pub store: Store<'b>,
    /// Names.
    pub names: Names,
    /// Budget and problems.
    pub cx: Cx<'m>,
    /// The desktop.
    pub environment: &'m Environment,
    /// What this run takes as given.
    pub choices: &'m Choices,
    /// What stays of it.
    pub out: Outcome,
    /// Memory of processes.
    pub memory: Memory,
    /// Functions that were registered.
    pub registered: Vec<calls::Registered>,
    /// Files that were opened or written.
    pub files: super::functions::files::Files,
    /// The active sheet and cell, and the selection.
    pub active: CellAt,
    /// What is selected.
    pub selection: Area,
    /// What COPY took.
    pub copied: Option<Area>,
    /// Macros that something starts later.
    pub hooks: Vec<Hook>,
    /// Those of them that were run.
    pub hooks_run: BTreeSet<CellAt>,
    /// The macro that runs at an error.
    pub on_error: Option<CellAt>,
    /// Whether the workbook was closed.
    pub closed: bool,
    texts: &'m mut Texts,
    stack: Vec<Value>,
    stack_len: usize,
    routines: Vec<Routine>,
    codes: BTreeMap<CellAt, Rc<Code>>,
    codes_len: usize,
    computed: BTreeMap<CellAt, u64>,
    entry: usize,
    /// Whether cells that ran already end the macro: what nothing starts is run once.
    once: bool,
    counters: BTreeMap<&'static str, u32>,
    left: u64,
    follow: Option<&'m mut Follow<'m>>,
    told: Told,
}

/// Calls inside calls; Excel ends at some such depth too.
const DEPTH: usize = 256;
/// Values on the stack.
const VALUES: usize = 8192;
/// Bytes of texts on the stack.
const STACK_BYTES: usize = 2 << 20;
/// Bytes of compiled formulas that are kept.
const CODE_BYTES: usize = 512 << 10;
/// Effects that are kept.
const DONE: usize = 768;
const DONE_BYTES: usize = 1 << 20;
/// Decisions and unread texts that are kept.
const NOTED: usize = 512;

impl<'b, 'm> Machine<'b, 'm> {
    /// A machine before anything ran, that may carry out `steps` operations.
    pub fn new(
        book: &'b Workbook,
        environment: &'m Environment,
        choices: &'m Choices,
        texts: &'m mut Texts,
        steps: u64,
        cx: Cx<'m>,
    ) -> Self {
        let sheet = book.sheets.iter().position(|sheet| !sheet.visibility.is_hidden()).unwrap_or(0);
        let active = CellAt { sheet: u32::try_from(sheet).unwrap_or(0), row: 0, column: 0 };
        Machine {
            store: Store::new(book),
            names: Names::of(book),
            cx,
            environment,
            choices,
            out: Outcome::default(),
            memory: Memory::default(),
            registered: Vec::new(),
            files: Default::default(),
            active,
            selection: Area::cell(active),
            copied: None,
            hooks: Vec::new(),
            hooks_run: BTreeSet::new(),
            on_error: None,
            closed: false,
            texts,
            stack: Vec::new(),
            stack_len: 0,
            routines: Vec::new(),
            codes: BTreeMap::new(),
            codes_len: 0,
            computed: BTreeMap::new(),
            entry: 0,
            once: false,
            counters: BTreeMap::new(),
            left: steps,
            follow: None,
            told: Told::default(),
        }
    }

    /// Shows every formula that is run to `follow`.
    pub fn follow(&mut self, follow: &'m mut Follow<'m>) {
        self.follow = Some(follow);
        self.names.log = Some(Vec::new());
    }

    /// Runs the macro that begins at a cell, to its end. `entry` is noted at what it does.
    ///
    /// # Errors
    /// [`LimitHit`] when a ceiling ended the run; what was done before stays.
    pub fn run(&mut self, at: CellAt, entry: usize) -> Result<(), LimitHit> {
        self.begin(entry);
        let result = self.enter(at, Vec::new()).and_then(|()| self.go());
        self.note_limit(result, at)
    }

    /// Runs the macro that begins at a cell as far as no other run came.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub fn run_once(&mut self, at: CellAt, entry: usize) -> Result<(), LimitHit> {
        self.once = true;
        let result = self.run(at, entry);
        self.once = false;
        result
    }

    /// Runs the formula that a name stands for, as a start that is no plain reference.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub fn run_name(&mut self, name: &NameRef, sheet: u32, entry: usize) -> Result<(), LimitHit> {
        self.begin(entry);
        let at = CellAt { sheet, row: 0, column: 0 };
        let result = (|| {
            match self.meaning(name, sheet)? {
                Some(Meaning::Code(code)) => self.push_routine(at, code, Kind::Formula, Vec::new())?,
                Some(Meaning::Value(Value { data: Data::Reference(area), .. })) => {
                    self.enter(area.first(), Vec::new())?;
                }
                _ => return Ok(()),
            }
            self.go()
        })();
        self.note_limit(result, at)
    }

    /// Runs what a text names: a macro by its address or name, or a formula.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub fn run_text(&mut self, text: &str, entry: usize) -> Result<(), LimitHit> {
        self.begin(entry);
        let sheet = self.store.book().macro_sheets().next().map_or(0, |(index, _)| index);
        let at = CellAt { sheet, row: 0, column: 0 };
        let result = (|| {
            let style = crate::documents::formula::text::Style::Both;
            let address = text.strip_suffix("()").unwrap_or(text);
            if let Some(area) = self.reference_in(address, style, at)? {
                self.enter(area.first(), Vec::new())?;
            } else if let Some(code) = self.compile(text, at)? {
                self.push_routine(at, Rc::new(code), Kind::Formula, Vec::new())?;
            }
            self.go()
        })();
        self.note_limit(result, at)
    }

    fn begin(&mut self, entry: usize) {
        self.entry = entry;
        self.routines.clear();
        self.stack.clear();
        self.stack_len = 0;
    }

    fn note_limit(&mut self, result: Result<(), LimitHit>, at: CellAt) -> Result<(), LimitHit> {
        self.tell_rest();
        result.inspect_err(|hit| {
            let at = self.routines.last().map_or(at, |routine| routine.at);
            self.out.limit = Some((*hit, at));
        })
    }

    /// Ends the run: what stays of it, and what ended it between two macros.
    pub fn finish(mut self, result: Result<(), LimitHit>) -> Outcome {
        self.out.injected = self.memory.written();
        let result = result.and(self.final_values());
        if let Err(hit) = result {
            self.out.limit.get_or_insert((hit, self.active));
        }
        self.out
    }

    /// What the cells that ran hold, as far as a report shows it.
    fn final_values(&mut self) -> Result<(), LimitHit> {
        /// Cells, and characters of one.
        const SHOWN: usize = 2048;
        const CHARS: usize = 200;
        let cells: Vec<CellAt> = self.out.executed.iter().take(SHOWN).copied().collect();
        for at in cells {
            let value = self.store.read(at, &mut self.cx)?;
            if value.origins == Origins::CACHED {
                continue;
            }
            let shown = value.display();
            let shown = super::functions::slice_chars(&shown, 0, CHARS).to_owned();
            self.out.values.insert(at, shown);
        }
        Ok(())
    }

    /// Whether the formula of a cell may do something besides yielding a value.
    pub fn acts_at(&mut self, at: CellAt) -> Result<bool, LimitHit> {
        Ok(self.code_at(at)?.is_some_and(|code| code.acts))
    }

    fn go(&mut self) -> Result<(), LimitHit> {
        while let Some(routine) = self.routines.last_mut() {
            self.left = self
                .left
                .checked_sub(1)
                .ok_or(LimitHit { kind: LimitKind::Steps, ceiling: self.out.steps })?;
            self.out.steps = self.out.steps.saturating_add(1);
            self.cx.budget.step(1)?;
            let code = Rc::clone(&routine.code);
            let at = routine.next;
            routine.next = at.saturating_add(1);
            match code.ops.get(at) {
                Some(op) => self.operation(op, code.ops.len() == at.saturating_add(1))?,
                None => self.formula_ended()?,
            }
        }
        Ok(())
    }

    /// Puts a value on the stack.
    fn push(&mut self, value: Value) -> Result<(), LimitHit> {
        self.stack_len = self.stack_len.saturating_add(value.data.heap_len());
        if self.stack.len() >= VALUES || self.stack_len > STACK_BYTES {
            return Err(LimitHit { kind: LimitKind::Memory, ceiling: STACK_BYTES as u64 });
        }
        self.stack.push(value);
        Ok(())
    }

    /// Takes a value of the running formula from the stack.
    fn pop(&mut self) -> Value {
        let base = self.routines.last().map_or(0, |routine| routine.base);
        if self.stack.len() <= base {
            return Value::error(ErrorCode::Value);
        }
        let value = self.stack.pop().unwrap_or_else(|| Value::error(ErrorCode::Value));
        self.stack_len = self.stack_len.saturating_sub(value.data.heap_len());
        value
    }

    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        let mut values: Vec<Value> = (0..count).map(|_| self.pop()).collect();
        values.reverse();
        values
    }

    fn cut_stack(&mut self, base: usize) {
        while self.stack.len() > base {
            if let Some(value) = self.stack.pop() {
                self.stack_len = self.stack_len.saturating_sub(value.data.heap_len());
            }
        }
    }

    /// The cell that runs.
    pub fn here(&self) -> CellAt {
        self.routines.last().map_or(self.active, |routine| routine.at)
    }

    /// The macro cell that runs, where a formula inside it is evaluated.
    pub fn caller(&self) -> CellAt {
        let macros = self.routines.iter().rev().find(|routine| routine.kind == Kind::Macro);
        macros.map_or_else(|| self.here(), |routine| routine.at)
    }

    fn operation(&mut self, op: &Op, is_last: bool) -> Result<(), LimitHit> {
        match op {
            Op::Push(value) => {
                self.cx.budget.touch(value.data.heap_len())?;
                self.push(value.clone())
            }
            Op::Reference(sheet, cells) => {
                let sheet = sheet.unwrap_or(self.here().sheet);
                self.push(Data::Reference(area(sheet, cells)).into())
            }
            Op::ActiveReference(cells) => {
                let sheet = self.active.sheet;
                self.push(Data::Reference(area(sheet, cells)).into())
            }
            Op::Elsewhere(path) => {
                let value = self.unknown(&format!("a cell of {path}"), Data::Number(0.0));
                self.push(value)
            }
            Op::Name(name) => self.push_name(name),
            Op::Binary(operator) => {
                let (right, left) = (self.pop(), self.pop());
                let value = self.binary(*operator, left, right)?;
                self.push(value)
            }
            Op::Unary(operator) => {
                let operand = self.pop();
                let value = self.unary(*operator, operand)?;
                self.push(value)
            }
            Op::Call { spec, args, .. } => {
                let args = self.pop_many(usize::from(*args));
                self.call(spec, args, is_last)
            }
            Op::Unknown { name, args } => {
                let args = self.pop_many(usize::from(*args));
                let value = self.unknown_call(name, &args);
                self.push(value)
            }
            Op::User { name, args } => {
                let args = self.pop_many(usize::from(*args));
                let flow = match name {
                    Some(name) => self.user_call(name, args)?,
                    None => {
                        let named = self.pop();
                        self.computed_call(&named, args)?
                    }
                };
                self.follow_flow(flow)
            }
            Op::Branch { otherwise, end } => {
                let condition = self.pop();
                let condition = self.single(condition)?;
                match condition.data.to_boolean() {
                    Ok(truth) => {
                        if !self.decide(&condition, truth) {
                            self.jump(*otherwise);
                        }
                        Ok(())
                    }
                    Err(code) => {
                        self.jump(*end);
                        self.push(Value { data: code.into(), ..condition })
                    }
                }
            }
            Op::Jump(to) => {
                self.jump(*to);
                Ok(())
            }
            Op::Choose { places, end } => {
                let index = self.pop();
                let index = self.single(index)?;
                let number = index.data.to_number().ok().and_then(super::functions::whole_number);
                let place = number.and_then(|number| usize::try_from(number.checked_sub(1)?).ok());
                match place.and_then(|place| places.get(place)) {
                    Some(place) => {
                        self.jump(*place);
                        Ok(())
                    }
                    None => {
                        self.jump(*end);
                        self.push(Value::error(ErrorCode::Value))
                    }
                }
            }
            Op::Assign(name) => {
                let value = self.pop();
                let sheet = self.here().sheet;
                if let Some(name) = name {
                    self.names.set(&name.key, sheet, Meaning::Value(value.clone()))?;
                }
                self.push(value)
            }
        }
    }

    fn jump(&mut self, to: usize) {
        if let Some(routine) = self.routines.last_mut() {
            routine.next = to;
        }
    }

    fn call(&mut self, spec: &'static Spec, args: Vec<Value>, is_last: bool) -> Result<(), LimitHit> {
        match spec.handler {
            Handler::Pure(function) => {
                let value = self.pure(spec, function, &args)?;
                self.push(value)
            }
            Handler::Act(act) => {
                let routine = self.routines.last();
                let is_whole = is_last
                    && routine.is_some_and(|routine| {
                        routine.kind == Kind::Macro && routine.base == self.stack.len()
                    });
                let call = Call { spec, args, at: self.here(), is_whole };
                let flow = act(self, &call)?;
                self.follow_flow(flow)
            }
        }
    }

    /// Computes a pure function. What it reads from the clock is a small range of values.
    pub fn pure(
        &mut self,
        spec: &'static Spec,
        function: super::functions::Pure,
        args: &[Value],
    ) -> Result<Value, LimitHit> {
        self.refresh(args)?;
        let here = self.here();
        let environment = self.environment;
        let value = Args::new(args, &mut self.store, &mut self.cx, here, environment).compute(function)?;
        Ok(self.clock_part(spec.name, args).unwrap_or(value))
    }

    fn follow_flow(&mut self, flow: Flow) -> Result<(), LimitHit> {
        match flow {
            Flow::Value(value) => self.push(value),
            Flow::Goto(at) => self.go_to(at),
            Flow::Enter(at, args) => self.enter(at, args),
            Flow::Evaluate(code) => {
                let at = self.here();
                self.push_routine(at, code, Kind::Formula, Vec::new())
            }
            Flow::Return(value) => self.return_with(value),
            Flow::Halt => {
                self.ended_early(Data::Boolean(true).into())?;
                self.routines.clear();
                self.cut_stack(0);
                Ok(())
            }
        }
    }

    fn push_routine(
        &mut self,
        at: CellAt,
        code: Rc<Code>,
        kind: Kind,
        args: Vec<Value>,
    ) -> Result<(), LimitHit> {
        if self.routines.len() >= DEPTH {
            return Err(LimitHit { kind: LimitKind::Depth, ceiling: DEPTH as u64 });
        }
        let base = self.stack.len();
        self.routines.push(Routine {
            at,
            code,
            next: 0,
            base,
            kind,
            loops: Vec::new(),
            args,
            args_taken: 0,
            is_handler: false,
            written: None,
        });
        Ok(())
    }

    /// What a name stands for, with a formula of the file compiled.
    pub fn meaning(&mut self, name: &NameRef, sheet: u32) -> Result<Option<Meaning>, LimitHit> {
        let index = match self.names.get(name, sheet) {
            Some(Meaning::File(index)) => *index,
            other => return Ok(other.cloned()),
        };
        let book = self.store.book();
        let Some(defined) = book.names.get(index) else { return Ok(None) };
        let (rgce, rgcb) = book.tokens.get(defined.tokens);
        let expression = Expression::parse(rgce, rgcb, book.version, &mut self.cx)?;
        let scope = Scope { workbook: book, sheet: defined.scope.map(u32::from), cell: None };
        let code = Code::of(&expression, &scope, &mut self.cx)?;
        let meaning = match code.ops.as_slice() {
            [] => return Ok(None),
            [Op::Push(value)] => Meaning::Value(value.clone()),
            [Op::Reference(Some(sheet), cells)] => {
                Meaning::Value(Data::Reference(area(*sheet, cells)).into())
            }
            _ => Meaning::Code(Rc::new(code)),
        };
        let owner = name.sheet.unwrap_or(sheet);
        self.names.found(&name.key, owner, meaning.clone())?;
        Ok(Some(meaning))
    }

    fn push_name(&mut self, name: &NameRef) -> Result<(), LimitHit> {
        let at = self.here();
        match self.meaning(name, at.sheet)? {
            Some(Meaning::Value(value)) => {
                self.cx.budget.touch(value.data.heap_len())?;
                self.push(value)
            }
            Some(Meaning::Code(code)) => self.push_routine(at, code, Kind::Formula, Vec::new()),
            Some(Meaning::File(_)) | None => self.push(Value::error(ErrorCode::Name)),
        }
    }

    /// The formula of a cell, ready to run.
    fn code_at(&mut self, at: CellAt) -> Result<Option<Rc<Code>>, LimitHit> {
        if let Some(code) = self.codes.get(&at) {
            return Ok(Some(Rc::clone(code)));
        }
        let book = self.store.book();
        let code = match self.store.formula(at) {
            None => return Ok(None),
            Some(Formula::File(cell)) => {
                let (rgce, rgcb) = cell_tokens(book, at.sheet, cell);
                let expression = Expression::parse(rgce, rgcb, book.version, &mut self.cx)?;
                let cell = Some((at.row, u32::from(at.column)));
                let scope = Scope { workbook: book, sheet: Some(at.sheet), cell };
                Code::of(&expression, &scope, &mut self.cx)?
            }
            Some(Formula::Written(text, _)) => match self.compile(&text, at)? {
                Some(code) => code,
                None => return Ok(None),
            },
        };
        let code = Rc::new(code);
        self.codes_len = self.codes_len.saturating_add(code.len);
        if self.codes_len > CODE_BYTES {
            self.codes.clear();
            self.codes_len = code.len;
        }
        self.codes.insert(at, Rc::clone(&code));
        Ok(Some(code))
    }

    /// Writes a formula or a constant as FORMULA does.
    ///
    /// # Errors
    /// [`LimitHit`] when written cells take too much memory.
    pub fn write_cell(&mut self, at: CellAt, value: &Value) -> Result<(), LimitHit> {
        if let Some(code) = self.codes.remove(&at) {
            self.codes_len = self.codes_len.saturating_sub(code.len);
        }
        self.note_set(at, value);
        if let Data::Text(_) = value.data {
            self.out.written_origins = self.out.written_origins.and(value.origins);
        }
        let formula = match &value.data {
            Data::Text(text) if text.starts_with('=') && text.len() > 1 => Some(Rc::clone(text)),
            _ => None,
        };
        match formula {
            None => self.store.write(at, value.clone()),
            Some(text) => {
                let by = self.caller();
                self.store.write_formula(at, Rc::clone(&text), by)?;
                let unread = self.code_at(at)?.is_none();
                self.told.wrote |= !unread;
                if unread && self.out.unreadable.len() < NOTED {
                    self.out.unreadable.push((text.to_string(), at));
                }
                if unread || !self.store.is_macro_sheet(at.sheet) {
                    // Of a worksheet Excel computes the formula at once; here that waits until it is
                    // read. A text that is no formula stays what it is.
                    self.computed.remove(&at);
                }
                Ok(())
            }
        }
    }

    /// Notes something that the macro did.
    ///
    /// # Errors
    /// [`LimitHit`] when models would take too much memory.
    pub fn done(
        &mut self,
        kind: EffectKind,
        text: String,
        detail: EffectDetail,
        origins: Origins,
    ) -> Result<(), LimitHit> {
        /// What a loop does again is told once.
        const AGAIN: usize = 64;
        let at = self.caller();
        let same = |done: &&Done| done.at == at && done.kind == kind && done.text == text;
        if self.out.done.iter().rev().take(AGAIN).any(|done| same(&done)) {
            return self.cx.budget.touch(text.len());
        }
        let len = text.len().saturating_add(detail.len());
        self.out.done_len = self.out.done_len.saturating_add(len).saturating_add(size_of::<Done>());
        if self.out.done.len() >= DONE || self.out.done_len > DONE_BYTES {
            return Err(LimitHit { kind: LimitKind::Memory, ceiling: DONE as u64 });
        }
        let written = match self.store.formula(at) {
            Some(Formula::Written(text, by)) => Some((by, text)),
            _ => None,
        };
        self.cx.budget.touch(len)?;
        let entry = self.entry;
        self.out.done.push(Done { kind, text, detail, at, written, origins, entry });
        Ok(())
    }

    /// The answer to a question about the surroundings. The same question has one answer a run; one
    /// of few possible answers (`range`) may be given by the choices of the run.
    pub fn ask(&mut self, label: &str, data: Data, range: &[f64]) -> Value {
        let data = match self.choices.values.get(label) {
            Some(value) => Data::Number(*value),
            None => data,
        };
        let known = self.out.sources.iter().position(|source| source.label == label);
        let index = known.unwrap_or_else(|| {
            let mut assumed = String::new();
            let _ = data.write(&mut assumed);
            if self.out.sources.len() < NOTED {
                let range = range.to_vec();
                self.out.sources.push(Source { label: label.to_owned(), assumed, range });
            }
            self.out.sources.len().saturating_sub(1)
        });
        Value { data, origins: Origins::source(index), symbol: None }
    }

    /// A value that nobody can know: it is shown by its label.
    pub fn unknown(&mut self, label: &str, assumed: Data) -> Value {
        let value = self.ask(label, assumed, &[]);
        Value { symbol: Some(label.into()), ..value }
    }

    /// A value that nobody can know, another one each time it is asked for: `RAND#1`.
    pub fn fresh(&mut self, label: &'static str, assumed: Data) -> Value {
        let count = self.counters.entry(label).or_insert(0);
        *count = count.saturating_add(1);
        let label = format!("{label}#{count}");
        self.unknown(&label, assumed)
    }

    /// Which way a condition goes. One that depends on the surroundings is noted, and goes the other
    /// way where the choices of the run say so.
    pub fn decide(&mut self, condition: &Value, truth: bool) -> bool {
        if !condition.origins.is_environment() || self.out.decisions.len() >= NOTED {
            return truth;
        }
        let ordinal = self.out.decisions.len();
        let flipped = self.choices.flips.contains(&ordinal);
        let text = match &condition.symbol {
            Some(symbol) => symbol.to_string(),
            None => self.tested(condition),
        };
        let truth = truth != flipped;
        let at = self.caller();
        self.out.decisions.push(Decision { at, origins: condition.origins, text, truth });
        truth
    }

    /// A condition that has no words of its own: the answer to a question, or something made of it.
    fn tested(&self, condition: &Value) -> String {
        let labels = self.labels(condition.origins);
        let mut shown = String::new();
        let _ = condition.data.write(&mut shown);
        let answers = |source: &Source| source.label == labels && source.assumed == shown;
        if self.out.sources.iter().any(answers) { labels } else { format!("a test of {labels}") }
    }

    /// The labels of what a value depends on.
    pub fn labels(&self, origins: Origins) -> String {
        let labels = self.out.sources.iter().enumerate().filter(|(index, _)| origins.has(*index));
        let labels: Vec<&str> = labels.take(4).map(|(_, source)| source.label.as_str()).collect();
        labels.join(", ")
    }

    /// Notes a function that the machine does not know. Its arguments were evaluated.
    fn unknown_call(&mut self, name: &str, args: &[Value]) -> Value {
        let at = self.caller();
        if self.out.unknown.len() < NOTED {
            self.out.unknown.entry(name.to_owned()).or_insert(at);
        }
        let origins = args.iter().fold(Origins::NONE, |all, arg| all.and(arg.origins));
        let value = self.unknown(name, Data::Number(0.0));
        Value { origins: value.origins.and(origins), ..value }
    }
}

fn area(sheet: u32, cells: &CellRange) -> Area {
    Area { sheet, rows: cells.rows, columns: cells.columns }
}
