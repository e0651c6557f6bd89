//! From cell to cell: falling down a column, jumps, blocks and loops.

use std::rc::Rc;

use super::{Call, Flow, Kind, Loop, LoopKind, Machine};
use crate::base::LimitHit;
use crate::xlm::code::{Code, Head};
use crate::xlm::names::{Meaning, name_key};
use crate::xlm::store::Formula;
use crate::xlm::value::{Area, CellAt, Data, ErrorCode, Value};

/// Loops that are open in one macro. A jump out of a loop leaves it open, so that they can pile up.
const LOOPS: usize = 64;

impl Machine<'_, '_> {
    /// Starts the macro at a cell as a call of the one that runs.
    pub(super) fn enter(&mut self, at: CellAt, args: Vec<Value>) -> Result<(), LimitHit> {
        let empty = Rc::new(Code::default());
        self.push_routine(at, empty, Kind::Macro, args)?;
        self.arrive(at, false)
    }

    /// Goes on at a cell. Inside EVALUATE or a name, the macro around it does.
    pub(super) fn go_to(&mut self, at: CellAt) -> Result<(), LimitHit> {
        self.ended_early(Data::Boolean(true).into())?;
        while self.routines.last().is_some_and(|routine| routine.kind != Kind::Macro) {
            self.routines.pop();
        }
        let Some(base) = self.routines.last().map(|routine| routine.base) else {
            return self.enter(at, Vec::new());
        };
        self.cut_stack(base);
        self.arrive(at, false)
    }

    /// A macro cell is left before its formula ended.
    pub(super) fn ended_early(&mut self, value: Value) -> Result<(), LimitHit> {
        let at = self.caller();
        self.keep(at, value)
    }

    /// Ends the macro with a value.
    pub(super) fn return_with(&mut self, value: Value) -> Result<(), LimitHit> {
        self.ended_early(value.clone())?;
        while self.routines.last().is_some_and(|routine| routine.kind != Kind::Macro) {
            self.routines.pop();
        }
        self.leave(value)
    }

    /// Leaves the running macro; whoever called it gets the value.
    fn leave(&mut self, value: Value) -> Result<(), LimitHit> {
        let Some(ended) = self.routines.pop() else { return Ok(()) };
        self.cut_stack(ended.base);
        if self.routines.is_empty() || ended.is_handler { Ok(()) } else { self.push(value) }
    }

    /// Runs the macro that ERROR names, before what comes next.
    fn handle_error(&mut self) -> Result<(), LimitHit> {
        let Some(at) = self.on_error else { return Ok(()) };
        if self.routines.iter().any(|routine| routine.is_handler) || !self.store.is_macro_sheet(at.sheet) {
            return Ok(());
        }
        self.hooks_run.insert(at);
        self.push_routine(at, Rc::new(Code::default()), Kind::Macro, Vec::new())?;
        if let Some(routine) = self.routines.last_mut() {
            routine.is_handler = true;
        }
        self.arrive(at, false)
    }

    /// The operations of a formula are at their end.
    pub(super) fn formula_ended(&mut self) -> Result<(), LimitHit> {
        let Some(routine) = self.routines.last() else { return Ok(()) };
        let (at, kind, base) = (routine.at, routine.kind, routine.base);
        let value = if self.stack.len() > base { self.pop() } else { Value::error(ErrorCode::Value) };
        self.cut_stack(base);
        match kind {
            Kind::Macro => {
                let failed = matches!(value.data, Data::Error(_));
                self.keep(at, value)?;
                self.below(at)?;
                if failed { self.handle_error() } else { Ok(()) }
            }
            Kind::Formula => {
                self.routines.pop();
                self.push(value)
            }
            Kind::Cell => {
                // Of several cells it means the one beside it, so that it must still be the one that runs.
                let value = self.single(value)?;
                self.routines.pop();
                let writes = self.store.writes();
                self.computed.insert(at, writes.saturating_add(1));
                self.store.keep(at, value)
            }
        }
    }

    /// Keeps the value of a macro cell that ran.
    fn keep(&mut self, at: CellAt, value: Value) -> Result<(), LimitHit> {
        let number = self.out.formulas;
        self.out.formulas = number.saturating_add(1);
        let (is_known, stands) = match self.standing(at) {
            Some(code) => (code.noted.replace(true), true),
            None => (false, false),
        };
        if !is_known && self.out.executed.len() < 100_000 {
            self.out.executed.insert(at);
        }
        let value = match value.data {
            Data::Reference(area) => {
                let first = self.read(area.first())?;
                Value { origins: first.origins.and(value.origins), ..first }
            }
            _ => value,
        };
        if self.follow.is_some() {
            let shown = value.display();
            self.cx.budget.touch(shown.len())?;
            self.tell(number, Some(at), &shown);
        }
        // A formula that overwrote its own cell is gone, and so is its value.
        if stands || self.store.formula(at).is_some() && !self.was_rewritten(at) {
            self.store.keep(at, value)?;
        }
        Ok(())
    }

    /// The formula that runs at a cell, where no formula was written since it began.
    fn standing(&self, at: CellAt) -> Option<&Rc<Code>> {
        let routine = self.routines.iter().rev().find(|routine| routine.kind == Kind::Macro)?;
        let stands = routine.at == at
            && routine.formula_writes == self.store.formula_writes()
            && !routine.code.ops.is_empty();
        stands.then_some(&routine.code)
    }

    /// Whether the formula that ran at a cell is not the one that stands there.
    fn was_rewritten(&self, at: CellAt) -> bool {
        let routine = self.routines.iter().rev().find(|routine| routine.kind == Kind::Macro);
        let current = self.codes.get(&at);
        routine.is_some_and(|routine| {
            current.is_some_and(|code| !Rc::ptr_eq(code, &routine.code)) && !routine.code.ops.is_empty()
        })
    }

    /// Goes on below a cell of the running macro.
    fn below(&mut self, at: CellAt) -> Result<(), LimitHit> {
        let writes = self.store.formula_writes();
        let code = self.standing(at).map(Rc::clone);
        let known = code.as_ref().and_then(|code| code.below.get()).filter(|(known, _)| *known == writes);
        let next = match known {
            Some((_, next)) => next,
            None => {
                let row = at.row.checked_add(1);
                let next = row.and_then(|row| self.store.next_formula(at.sheet, at.column, row));
                code.inspect(|code| code.below.set(Some((writes, next))));
                next
            }
        };
        match next {
            Some(row) if self.once && self.out.executed.contains(&CellAt { row, ..at }) => {
                self.column_ended()
            }
            Some(row) => self.arrive_at_formula(CellAt { row, ..at }, true),
            None => self.column_ended(),
        }
    }

    /// Nothing is left to run below: the macro ends as by RETURN.
    fn column_ended(&mut self) -> Result<(), LimitHit> {
        self.leave(Data::Boolean(false).into())
    }

    /// Goes on at a cell, or at the first formula below it.
    fn arrive(&mut self, at: CellAt, fell: bool) -> Result<(), LimitHit> {
        if !self.store.is_macro_sheet(at.sheet) {
            // Cells of worksheets do not run.
            return self.column_ended();
        }
        match self.store.next_formula(at.sheet, at.column, at.row) {
            Some(row) => self.arrive_at_formula(CellAt { row, ..at }, fell),
            None => self.column_ended(),
        }
    }

    fn arrive_at_formula(&mut self, at: CellAt, fell: bool) -> Result<(), LimitHit> {
        self.cx.budget.step(1)?;
        let mut at = at;
        // Texts that are no formula have nothing to run; many of them in a row are passed in a loop.
        let code = loop {
            match self.code_at(at)? {
                Some(code) => break code,
                None => {
                    self.spend(1)?;
                    let row = at.row.checked_add(1);
                    match row.and_then(|row| self.store.next_formula(at.sheet, at.column, row)) {
                        Some(row) => at.row = row,
                        None => return self.column_ended(),
                    }
                }
            }
        };
        // Whoever falls into the other side of a block has run the first one.
        if fell && matches!(code.head, Head::Else | Head::ElseIf) {
            self.spend(1)?;
            return match self.matching(at, Head::EndIf)? {
                Some(end) => {
                    self.place(end, Rc::new(Code::default()));
                    Ok(())
                }
                None => self.column_ended(),
            };
        }
        self.place(at, code);
        Ok(())
    }

    /// Spends operations that are not in a formula.
    pub(super) fn spend(&mut self, count: u64) -> Result<(), LimitHit> {
        self.left = self
            .left
            .checked_sub(count)
            .ok_or(LimitHit { kind: crate::base::LimitKind::Steps, ceiling: self.out.steps })?;
        self.cx.budget.step(count)
    }

    fn place(&mut self, at: CellAt, code: Rc<Code>) {
        let written = match self.follow.as_ref().and_then(|_| self.store.formula(at)) {
            Some(Formula::Written(text, by)) => Some((text, by)),
            _ => None,
        };
        let formula_writes = self.store.formula_writes();
        if let Some(routine) = self.routines.last_mut() {
            routine.at = at;
            routine.code = code;
            routine.next = 0;
            routine.formula_writes = formula_writes;
            routine.written = written;
        }
    }

    /// The cell below `at` that closes its block: END.IF, or NEXT, or (`Head::Else`) whatever comes
    /// next of ELSE.IF, ELSE and END.IF.
    fn matching(&mut self, at: CellAt, wanted: Head) -> Result<Option<CellAt>, LimitHit> {
        let mut depth = 0u32;
        let mut row = at.row;
        while let Some(next) =
            row.checked_add(1).and_then(|row| self.store.next_formula(at.sheet, at.column, row))
        {
            row = next;
            self.spend(1)?;
            let cell = CellAt { row, ..at };
            let head = self.code_at(cell)?.map_or(Head::Plain, |code| code.head);
            let (opens, closes) = match wanted {
                Head::Next => (head == Head::Loop, head == Head::Next),
                _ => (head == Head::If, head == Head::EndIf),
            };
            if opens {
                depth = depth.saturating_add(1);
            } else if closes {
                if depth == 0 {
                    return Ok(Some(cell));
                }
                depth = depth.saturating_sub(1);
            } else if depth == 0 && wanted == Head::Else && matches!(head, Head::Else | Head::ElseIf) {
                return Ok(Some(cell));
            }
        }
        Ok(None)
    }

    /// `IF` with one argument, and `ELSE.IF`: opens a block, or goes to its other side.
    pub fn block_if(&mut self, call: &Call) -> Result<Flow, LimitHit> {
        let condition = call.args.first().cloned().unwrap_or_else(|| Data::Missing.into());
        let condition = self.single(condition)?;
        let truth = condition.data.to_boolean().unwrap_or(false);
        if self.decide(&condition, truth) {
            return Ok(Flow::Value(Data::Boolean(true).into()));
        }
        let Some(other) = self.matching(call.at, Head::Else)? else {
            return Ok(Flow::Value(Data::Boolean(false).into()));
        };
        let head = self.code_at(other)?.map_or(Head::Plain, |code| code.head);
        Ok(match head {
            // The condition of an ELSE.IF is looked at where it stands.
            Head::ElseIf => Flow::Goto(other),
            _ => match other.row.checked_add(1) {
                Some(row) => Flow::Goto(CellAt { row, ..other }),
                None => Flow::Halt,
            },
        })
    }

    /// `WHILE`
    pub fn while_loop(&mut self, call: &Call) -> Result<Flow, LimitHit> {
        let condition = call.args.first().cloned().unwrap_or_else(|| Data::Missing.into());
        let condition = self.single(condition)?;
        let truth = condition.data.to_boolean().unwrap_or(false);
        if self.decide(&condition, truth) {
            self.open_loop(Loop { at: call.at, kind: LoopKind::While });
            return Ok(Flow::Value(Data::Boolean(true).into()));
        }
        self.leave_loop(call.at)
    }

    /// `FOR`: name, start, end, step.
    pub fn for_loop(&mut self, call: &Call) -> Result<Flow, LimitHit> {
        let number = |machine: &mut Self, index: usize, default: f64| {
            let value = call.args.get(index).cloned().unwrap_or_else(|| Data::Missing.into());
            let value = machine.single(value)?;
            let number =
                if value.data == Data::Missing { default } else { value.data.to_number().unwrap_or(default) };
            Ok::<_, LimitHit>(number)
        };
        let name = self.text_of(call.args.first())?;
        let (start, end, step) = (number(self, 1, 0.0)?, number(self, 2, 0.0)?, number(self, 3, 1.0)?);
        let name = name_key(&name);
        let sheet = call.at.sheet;
        self.names.set(&name, sheet, Meaning::Value(Data::Number(start).into()))?;
        if past(start, end, step) {
            return self.leave_loop(call.at);
        }
        self.open_loop(Loop { at: call.at, kind: LoopKind::For { name, value: start, end, step } });
        Ok(Flow::Value(Data::Boolean(true).into()))
    }

    /// `FOR.CELL`: name, cells, whether blank ones are passed over.
    pub fn for_cell_loop(&mut self, call: &Call) -> Result<Flow, LimitHit> {
        let name = self.text_of(call.args.first())?;
        let area = match call.args.get(1).map(|value| &value.data) {
            Some(Data::Reference(area)) => *area,
            _ => self.selection,
        };
        let area = self.store.used(area);
        let skip_blanks = match call.args.get(2) {
            Some(value) => self.single(value.clone())?.data.to_boolean().unwrap_or(false),
            None => false,
        };
        let entered = Loop {
            at: call.at,
            kind: LoopKind::ForCell { name: name_key(&name), area, index: 0, skip_blanks },
        };
        self.open_loop(entered);
        if self.next_cell()? { Ok(Flow::Value(Data::Boolean(true).into())) } else { self.leave_loop(call.at) }
    }

    /// Sets the name of the innermost FOR.CELL to its next cell; `false` when there is none.
    fn next_cell(&mut self) -> Result<bool, LimitHit> {
        loop {
            self.spend(1)?;
            let sheet = self.here().sheet;
            let Some(Loop { kind: LoopKind::ForCell { name, area, index, skip_blanks }, .. }) =
                self.routines.last_mut().and_then(|routine| routine.loops.last_mut())
            else {
                return Ok(false);
            };
            let width = u64::from(area.width());
            let (down, right) = (*index / width.max(1), *index % width.max(1));
            let row = u32::try_from(down).ok().and_then(|down| area.rows.0.checked_add(down));
            let column = u16::try_from(right).ok().and_then(|right| area.columns.0.checked_add(right));
            let (Some(row), Some(column)) = (row, column) else { return Ok(false) };
            if row > area.rows.1 {
                return Ok(false);
            }
            *index = index.saturating_add(1);
            let at = CellAt { sheet: area.sheet, row, column };
            let (name, skip) = (Rc::clone(name), *skip_blanks);
            if skip && self.read(at)?.data == Data::Empty {
                continue;
            }
            self.names.set(&name, sheet, Meaning::Value(Data::Reference(Area::cell(at)).into()))?;
            return Ok(true);
        }
    }

    /// `NEXT`: back into the innermost loop, or on.
    pub fn next_of_loop(&mut self, call: &Call) -> Result<Flow, LimitHit> {
        let sheet = call.at.sheet;
        let innermost = self.routines.last_mut().and_then(|routine| routine.loops.last_mut());
        let Some(entered) = innermost else { return Ok(Flow::Value(Data::Boolean(true).into())) };
        let top = entered.at;
        let again = match &mut entered.kind {
            LoopKind::While => return Ok(Flow::Goto(top)),
            LoopKind::For { name, value, end, step } => {
                *value += *step;
                let again = !past(*value, *end, *step);
                let (name, value) = (Rc::clone(name), *value);
                self.names.set(&name, sheet, Meaning::Value(Data::Number(value).into()))?;
                again
            }
            LoopKind::ForCell { .. } => self.next_cell()?,
        };
        if again {
            return Ok(match top.row.checked_add(1) {
                Some(row) => Flow::Goto(CellAt { row, ..top }),
                None => Flow::Halt,
            });
        }
        if let Some(routine) = self.routines.last_mut() {
            routine.loops.pop();
        }
        Ok(Flow::Value(Data::Boolean(true).into()))
    }

    /// `BREAK`
    pub fn break_loop(&mut self) -> Result<Flow, LimitHit> {
        let innermost = self.routines.last().and_then(|routine| routine.loops.last());
        match innermost.map(|entered| entered.at) {
            Some(at) => self.leave_loop(at),
            None => Ok(Flow::Value(Data::Boolean(true).into())),
        }
    }

    fn open_loop(&mut self, entered: Loop) {
        let Some(routine) = self.routines.last_mut() else { return };
        if let Some(known) = routine.loops.iter().position(|open| open.at == entered.at) {
            routine.loops.truncate(known);
        }
        if routine.loops.len() < LOOPS {
            routine.loops.push(entered);
        }
    }

    /// Goes on behind the NEXT of the loop at a cell.
    fn leave_loop(&mut self, at: CellAt) -> Result<Flow, LimitHit> {
        if let Some(routine) = self.routines.last_mut()
            && let Some(known) = routine.loops.iter().position(|open| open.at == at)
        {
            routine.loops.truncate(known);
        }
        let end = self.matching(at, Head::Next)?;
        let behind = end.and_then(|end| end.row.checked_add(1).map(|row| CellAt { row, ..end }));
        Ok(match behind {
            Some(behind) => Flow::Goto(behind),
            None => Flow::Value(Data::Boolean(false).into()),
        })
    }

    /// The next argument of the running macro, as ARGUMENT takes it.
    pub fn next_argument(&mut self) -> Option<Value> {
        let routine = self.routines.iter_mut().rev().find(|routine| routine.kind == Kind::Macro)?;
        let taken = routine.args_taken;
        routine.args_taken = taken.saturating_add(1);
        routine.args.get(taken).cloned()
    }

    /// Whether the running macro was called by another one.
    pub fn is_called(&self) -> bool {
        self.routines.iter().filter(|routine| routine.kind == Kind::Macro).count() > 1
    }

    /// The cell of the macro that called the running one.
    pub fn calling_cell(&self) -> Option<CellAt> {
        let mut macros = self.routines.iter().rev().filter(|routine| routine.kind == Kind::Macro);
        macros.next();
        macros.next().map(|routine| routine.at)
    }
}

fn past(value: f64, end: f64, step: f64) -> bool {
    if step < 0.0 { value < end } else { value > end }
}
