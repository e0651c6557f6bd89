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
mod operations;
pub mod operators;
mod outcome;
mod read;
mod surroundings;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::code::{Code, NameRef, Op};
use super::environment::Environment;
use super::functions::Spec;
use super::names::{Meaning, Names};
use super::store::{Formula, Store};
use super::value::{Area, CellAt, Data, Origins, Value};
use crate::base::{Cx, EffectDetail, EffectKind, LimitHit, LimitKind};
use crate::documents::formula::{CellRange, Expression, Scope, cell_tokens};
use crate::documents::workbook::Workbook;
use follow::Told;
pub use follow::{Follow, Step, Target};
use memory::Memory;
pub use outcome::{Choices, Decision, Done, Hook, Outcome, Source};
use text::Texts;

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
    /// How many formulas had been written when it came to its cell.
    formula_writes: u64,
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

    /// Runs the formula that a name stands for, as a start that is no plain reference, and the macro at the
    /// cell that it yields.
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
            self.go()?;
            let value = self.pop();
            match &value.data {
                Data::Reference(area) => {
                    self.enter(area.first(), Vec::new())?;
                    self.go()
                }
                _ if value.symbol.is_some() => self.goes_elsewhere(&value),
                _ => Ok(()),
            }
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

    /// The cell that runs.
    pub fn here(&self) -> CellAt {
        self.routines.last().map_or(self.active, |routine| routine.at)
    }

    /// The macro cell that runs, where a formula inside it is evaluated.
    pub fn caller(&self) -> CellAt {
        let macros = self.routines.iter().rev().find(|routine| routine.kind == Kind::Macro);
        macros.map_or_else(|| self.here(), |routine| routine.at)
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
            formula_writes: self.store.formula_writes(),
            loops: Vec::new(),
            args,
            args_taken: 0,
            is_handler: false,
            written: None,
        });
        Ok(())
    }

    /// What a name stands for, with a formula of the file compiled. One that stands for another name means
    /// what that does.
    pub fn meaning(&mut self, name: &NameRef, sheet: u32) -> Result<Option<Meaning>, LimitHit> {
        /// Names that stand for names.
        const ALIASES: usize = 16;
        let mut meaning = self.own_meaning(name, sheet)?;
        for _ in 0..ALIASES {
            let Some(Meaning::Code(code)) = &meaning else { break };
            let [Op::Name(next)] = code.ops.as_slice() else { break };
            let next = next.clone();
            meaning = self.own_meaning(&next, sheet)?;
        }
        Ok(meaning)
    }

    fn own_meaning(&mut self, name: &NameRef, sheet: u32) -> Result<Option<Meaning>, LimitHit> {
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
            None => {
                // The text could be a formula, which would run.
                if self.store.is_macro_sheet(at.sheet) && self.is_of_unknown(value) {
                    self.unread(value);
                }
                self.store.write(at, value.clone())
            }
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
}

fn area(sheet: u32, cells: &CellRange) -> Area {
    Area { sheet, rows: cells.rows, columns: cells.columns }
}
