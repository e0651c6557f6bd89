//! The operations of a formula, over one stack.

use super::surroundings::A_CELL_OF;
use super::{Call, Flow, Kind, Machine, area};
use crate::base::{LimitHit, LimitKind};
use crate::xlm::code::{NameRef, Op};
use crate::xlm::functions::{self, Args, Handler, Spec};
use crate::xlm::names::Meaning;
use crate::xlm::value::{Data, ErrorCode, Value};

/// Values on the stack.
const VALUES: usize = 8192;
/// Bytes of texts on the stack.
const STACK_BYTES: usize = 2 << 20;

impl Machine<'_, '_> {
    /// Puts a value on the stack.
    pub(super) fn push(&mut self, value: Value) -> Result<(), LimitHit> {
        self.stack_len = self.stack_len.saturating_add(value.data.heap_len());
        if self.stack.len() >= VALUES || self.stack_len > STACK_BYTES {
            return Err(LimitHit { kind: LimitKind::Memory, ceiling: STACK_BYTES as u64 });
        }
        self.stack.push(value);
        Ok(())
    }

    /// Takes a value of the running formula from the stack.
    pub(super) fn pop(&mut self) -> Value {
        let base = self.routines.last().map_or(0, |routine| routine.base);
        if self.stack.len() <= base {
            return Value::error(ErrorCode::Value);
        }
        let value = self.stack.pop().unwrap_or_else(|| Value::error(ErrorCode::Value));
        self.stack_len = self.stack_len.saturating_sub(value.data.heap_len());
        value
    }

    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        if count == 0 {
            return Vec::new();
        }
        let mut values: Vec<Value> = (0..count).map(|_| self.pop()).collect();
        values.reverse();
        values
    }

    pub(super) fn cut_stack(&mut self, base: usize) {
        while self.stack.len() > base {
            if let Some(value) = self.stack.pop() {
                self.stack_len = self.stack_len.saturating_sub(value.data.heap_len());
            }
        }
    }

    pub(super) fn operation(&mut self, op: &Op, is_last: bool) -> Result<(), LimitHit> {
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
                let value = self.unknown(&format!("{A_CELL_OF}{path}"), Data::Number(0.0));
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
                let number = index.data.to_number().ok().and_then(functions::whole_number);
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
        function: functions::Pure,
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
}
