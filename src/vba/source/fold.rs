//! Texts that stand in a statement as constants: literals, and what joins, cuts, reverses or replaces
//! them.
//!
//! One pass over the tokens with a stack of open parentheses. Nothing is guessed: an operand that
//! is not constant ends a run, and what stands on both sides of it is kept apart.

use std::collections::HashMap;

use super::lex::{Token, TokenKind};
use super::words::Act;

/// Characters of one folded text at most.
const FOLDED_LEN: usize = 1 << 15;

/// Open parentheses that are followed; deeper ones are not folded.
const DEPTH: usize = 64;

/// Texts of an array that are followed.
const ITEMS: usize = 4096;

/// A constant text in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fold {
    /// Index of its first token.
    pub(super) first: usize,
    /// Index of its last token.
    pub(super) last: usize,
    pub(super) text: String,
    /// Whether it is more than one literal.
    pub(super) joined: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(i64),
    /// Texts of an array.
    List(Vec<Run>),
}

#[derive(Debug, Clone, PartialEq)]
struct Run {
    value: Value,
    first: usize,
    last: usize,
    joined: bool,
    /// The operator that waits for its right side.
    operator: Option<Operator>,
    /// The operator that came last.
    before: Option<Operator>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Join,
    Plus,
    Minus,
    Times,
    Xor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Character,
    Reverse,
    Lower,
    Upper,
    Replace,
    Middle,
    Left,
    Right,
    Array,
    Join,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Statement,
    Group,
    Call(Function),
    Other,
}

#[derive(Debug)]
struct Frame {
    opened: Opened,
    /// Index of the token that its value begins at.
    first: usize,
    run: Option<Run>,
    arguments: Vec<Option<Run>>,
    /// Whether the argument so far is one constant run and nothing else.
    pure: bool,
}

/// Constants by the index of their name, and what texts they stand for.
pub(super) type Constants = HashMap<u32, String>;

/// Functions that make constant texts.
pub(super) const FUNCTIONS: [(&str, Function); 12] = [
    ("Chr", Function::Character),
    ("ChrW", Function::Character),
    ("ChrB", Function::Character),
    ("StrReverse", Function::Reverse),
    ("LCase", Function::Lower),
    ("UCase", Function::Upper),
    ("Replace", Function::Replace),
    ("Mid", Function::Middle),
    ("Left", Function::Left),
    ("Right", Function::Right),
    ("Array", Function::Array),
    ("Join", Function::Join),
];

/// Finds the constant texts of a statement. `allowance` is what functions and named constants may
/// still make, in bytes; it keeps the work linear.
pub(super) fn fold(tokens: &[Token<'_>], constants: &Constants, allowance: &mut usize, into: &mut Vec<Fold>) {
    into.clear();
    let mut folder = Folder { constants, allowance, folds: into };
    let mut stack = vec![Frame::new(Opened::Statement, 0)];
    let mut too_deep = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        let depth = stack.len();
        let next_is = |symbol| tokens.get(index.saturating_add(1)).is_some_and(|next| next.is_symbol(symbol));
        let Some(frame) = stack.last_mut() else { return };
        match token.kind {
            TokenKind::Symbol(b'(') => {
                if depth >= DEPTH {
                    too_deep = too_deep.saturating_add(1);
                    folder.break_run(frame);
                    continue;
                }
                let opened = opened(tokens, index);
                let first = if matches!(opened, Opened::Call(_)) { index.saturating_sub(1) } else { index };
                if opened == Opened::Other {
                    folder.break_run(frame);
                }
                stack.push(Frame::new(opened, first));
            }
            TokenKind::Symbol(b')') => {
                if too_deep > 0 || depth < 2 {
                    too_deep = too_deep.saturating_sub(1);
                    folder.break_run(frame);
                    continue;
                }
                let Some(mut closed) = stack.pop() else { return };
                let value = folder.close(&mut closed);
                let Some(frame) = stack.last_mut() else { return };
                match value {
                    Some(value) => folder.operand(value, closed.first, index, true, frame),
                    None => folder.break_run(frame),
                }
            }
            TokenKind::Symbol(b',') => folder.argument(frame),
            TokenKind::Symbol(b'&') => folder.operator(Operator::Join, frame),
            TokenKind::Symbol(b'+') => folder.operator(Operator::Plus, frame),
            TokenKind::Symbol(b'-') => folder.operator(Operator::Minus, frame),
            TokenKind::Symbol(b'*') => folder.operator(Operator::Times, frame),
            TokenKind::Text => {
                let text = match token.text.as_bytes().contains(&b'"') {
                    true => token.text.replace("\"\"", "\""),
                    false => token.text.to_owned(),
                };
                folder.operand(Value::Text(text), index, index, false, frame);
            }
            TokenKind::Number => match token.number() {
                Some(number) => folder.operand(Value::Number(number), index, index, false, frame),
                None => folder.break_run(frame),
            },
            TokenKind::Word if token.known.act == Some(Act::Xor) => folder.operator(Operator::Xor, frame),
            // VBA.Chr(104)
            TokenKind::Symbol(b'.') if function(tokens, index.saturating_add(1)).is_some() => {}
            TokenKind::Word if next_is(b'.') && function(tokens, index.saturating_add(2)).is_some() => {}
            TokenKind::Word => {
                if function(tokens, index).is_some() {
                    continue;
                }
                match folder.constant(tokens, index) {
                    Some(text) => folder.operand(Value::Text(text), index, index, true, frame),
                    None => folder.break_run(frame),
                }
            }
            TokenKind::Named | TokenKind::Symbol(_) => folder.break_run(frame),
        }
    }
    while let Some(mut frame) = stack.pop() {
        folder.break_run(&mut frame);
        std::mem::take(&mut frame.arguments).into_iter().flatten().for_each(|argument| folder.keep(argument));
    }
    folder.folds.sort_by_key(|fold| fold.first);
}

/// What a parenthesis at `index` opens.
fn opened(tokens: &[Token<'_>], index: usize) -> Opened {
    let Some(before) = index.checked_sub(1) else { return Opened::Group };
    if let Some(function) = function(tokens, before) {
        return Opened::Call(function);
    }
    match tokens.get(before).map(|token| token.kind) {
        Some(TokenKind::Word)
            if !tokens.get(before).is_some_and(|token| token.known.act == Some(Act::Xor)) =>
        {
            Opened::Other
        }
        Some(TokenKind::Text | TokenKind::Symbol(b')')) => Opened::Other,
        _ => Opened::Group,
    }
}

/// The function that the word at `index` names and calls, if it is one that folds.
#[inline]
fn function(tokens: &[Token<'_>], index: usize) -> Option<Function> {
    let token = tokens.get(index).filter(|token| token.known.folds)?;
    called(token, tokens, index)
}

fn called(token: &Token<'_>, tokens: &[Token<'_>], index: usize) -> Option<Function> {
    if !tokens.get(index.saturating_add(1))?.is_symbol(b'(') {
        return None;
    }
    let function =
        FUNCTIONS.into_iter().find(|(name, _)| token.is_word(name)).map(|(_, function)| function)?;
    let before = |back: usize| index.checked_sub(back).and_then(|at| tokens.get(at));
    let member = before(1).is_some_and(|dot| dot.is_symbol(b'.'));
    let of_vba = || before(2).is_some_and(|owner| owner.is_word("VBA") || owner.is_word("Strings"));
    (!member || of_vba()).then_some(function)
}

impl Frame {
    fn new(opened: Opened, first: usize) -> Self {
        Frame { opened, first, run: None, arguments: Vec::new(), pure: true }
    }
}

struct Folder<'f> {
    constants: &'f Constants,
    allowance: &'f mut usize,
    folds: &'f mut Vec<Fold>,
}

impl Folder<'_> {
    /// Takes `len` bytes of the allowance.
    fn may_make(&mut self, len: usize) -> bool {
        let left = self.allowance.checked_sub(len);
        *self.allowance = left.unwrap_or(*self.allowance);
        left.is_some() && len <= FOLDED_LEN
    }

    fn constant(&mut self, tokens: &[Token<'_>], index: usize) -> Option<String> {
        let token = tokens.get(index).filter(|token| token.known.constant)?;
        let beside = |symbol: u8, at: Option<usize>| {
            at.and_then(|at| tokens.get(at)).is_some_and(|t| t.is_symbol(symbol))
        };
        let next = index.checked_add(1);
        if beside(b'.', index.checked_sub(1))
            || beside(b'.', next)
            || beside(b'(', next)
            || beside(b'=', next)
        {
            return None;
        }
        let constants = self.constants;
        let text = constants.get(&token.word)?;
        self.may_make(text.len()).then(|| text.clone())
    }

    fn operator(&mut self, operator: Operator, frame: &mut Frame) {
        match &mut frame.run {
            Some(run) if run.operator.is_none() => run.operator = Some(operator),
            _ => self.break_run(frame),
        }
    }

    fn operand(&mut self, value: Value, first: usize, last: usize, joined: bool, frame: &mut Frame) {
        let fresh = |value| Run { value, first, last, joined, operator: None, before: None };
        let Some(run) = &mut frame.run else {
            frame.run = Some(fresh(value));
            return;
        };
        let value = match apply(run, value) {
            Ok(()) => {
                run.last = last;
                run.joined = true;
                return;
            }
            Err(value) => value,
        };
        self.break_run(frame);
        frame.run = Some(fresh(value));
    }

    /// Ends the run: what it has is kept, and the argument is no constant.
    fn break_run(&mut self, frame: &mut Frame) {
        frame.pure = false;
        self.flush(frame);
    }

    fn flush(&mut self, frame: &mut Frame) {
        if let Some(run) = frame.run.take() {
            self.keep(run);
        }
    }

    /// Keeps the texts of a run that ends, as they stand.
    fn keep(&mut self, run: Run) {
        let Run { value, first, last, joined, .. } = run;
        match value {
            Value::Text(text) => self.folds.push(Fold { first, last, text, joined }),
            Value::Number(_) => {}
            Value::List(items) => items.into_iter().for_each(|item| self.keep(item)),
        }
    }

    /// Ends an argument of a call.
    fn argument(&mut self, frame: &mut Frame) {
        let most = match frame.opened {
            Opened::Call(Function::Array) => ITEMS,
            Opened::Call(_) => 3,
            _ => 0,
        };
        if frame.arguments.len() >= most {
            self.break_run(frame);
            return;
        }
        let whole = frame.run.as_ref().is_some_and(|run| frame.pure && run.operator.is_none());
        let argument = if whole { frame.run.take() } else { None };
        self.flush(frame);
        frame.arguments.push(argument);
        frame.pure = true;
    }

    /// The value of what a closed parenthesis holds, when it is constant.
    fn close(&mut self, frame: &mut Frame) -> Option<Value> {
        match frame.opened {
            Opened::Group => {
                let whole = frame.run.as_ref().is_some_and(|run| frame.pure && run.operator.is_none());
                if whole {
                    return frame.run.take().map(|run| run.value);
                }
                self.flush(frame);
                None
            }
            Opened::Call(function) => {
                self.argument(frame);
                if function == Function::Array {
                    let is_text = |item: &Option<Run>| {
                        item.as_ref().is_some_and(|item| matches!(item.value, Value::Text(_)))
                    };
                    if frame.pure && frame.arguments.iter().all(is_text) {
                        return Some(Value::List(
                            std::mem::take(&mut frame.arguments).into_iter().flatten().collect(),
                        ));
                    }
                }
                let value = self.call(function, &frame.arguments);
                if value.is_none() {
                    std::mem::take(&mut frame.arguments)
                        .into_iter()
                        .flatten()
                        .for_each(|argument| self.keep(argument));
                }
                value
            }
            Opened::Statement | Opened::Other => {
                self.flush(frame);
                None
            }
        }
    }

    fn call(&mut self, function: Function, arguments: &[Option<Run>]) -> Option<Value> {
        if arguments.len() > 3 {
            return None;
        }
        let values: Vec<Option<&Value>> =
            arguments.iter().map(|argument| argument.as_ref().map(|run| &run.value)).collect();
        let count = |number: &i64| usize::try_from(*number).ok();
        let part = |text: &str, from: usize, len: usize| text.chars().skip(from).take(len).collect();
        let text = match (function, values.as_slice()) {
            (Function::Character, [Some(Value::Number(code))]) => {
                let code = u32::try_from(*code).ok().filter(|code| *code <= 0xFFFF)?;
                char::from_u32(code)?.to_string()
            }
            (Function::Reverse, [Some(Value::Text(text))]) => text.chars().rev().collect(),
            (Function::Lower, [Some(Value::Text(text))]) => text.to_lowercase(),
            (Function::Upper, [Some(Value::Text(text))]) => text.to_uppercase(),
            (
                Function::Replace,
                [Some(Value::Text(text)), Some(Value::Text(from)), Some(Value::Text(to))],
            ) => {
                let grown = text.len().saturating_mul(to.len().saturating_add(1));
                if from.is_empty() || !self.may_make(grown) {
                    return None;
                }
                text.replace(from.as_str(), to)
            }
            (Function::Middle, [Some(Value::Text(text)), Some(Value::Number(start)), len @ ..]) => {
                let from = count(start)?.checked_sub(1)?;
                match len {
                    [] => part(text, from, usize::MAX),
                    [Some(Value::Number(len))] => part(text, from, count(len)?),
                    _ => return None,
                }
            }
            (Function::Left, [Some(Value::Text(text)), Some(Value::Number(len))]) => {
                part(text, 0, count(len)?)
            }
            (Function::Right, [Some(Value::Text(text)), Some(Value::Number(len))]) => {
                part(text, text.chars().count().saturating_sub(count(len)?), usize::MAX)
            }
            (Function::Join, [Some(Value::List(items)), between @ ..]) => {
                let between = match between {
                    [] => " ",
                    [Some(Value::Text(between))] => between,
                    _ => return None,
                };
                let texts = items.iter().filter_map(|item| match &item.value {
                    Value::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                let texts: Vec<&str> = texts.collect();
                let len = texts.iter().map(|text| text.len().saturating_add(between.len()));
                if !self.may_make(len.fold(0, usize::saturating_add)) {
                    return None;
                }
                texts.join(between)
            }
            _ => return None,
        };
        self.may_make(text.len()).then_some(Value::Text(text))
    }
}

/// Puts `value` behind the waiting operator of `run`; gives it back when that makes no constant.
fn apply(run: &mut Run, value: Value) -> Result<(), Value> {
    let Some(operator) = run.operator else { return Err(value) };
    match (&mut run.value, operator, &value) {
        (Value::Text(left), Operator::Join | Operator::Plus, Value::Text(right)) => {
            if left.len().saturating_add(right.len()) > FOLDED_LEN {
                return Err(value);
            }
            left.push_str(right);
        }
        (Value::Text(left), Operator::Join, Value::Number(right)) => {
            if left.len() > FOLDED_LEN {
                return Err(value);
            }
            left.push_str(&right.to_string());
        }
        (Value::Number(left), operator, Value::Number(right)) => {
            // Left to right is right as long as no tighter operator follows a looser one.
            let tight = |operator| operator == Operator::Times;
            let looser =
                run.before.is_some_and(|before| before == Operator::Xor || tight(operator) && !tight(before));
            if looser {
                return Err(value);
            }
            let result = match operator {
                Operator::Plus => left.checked_add(*right),
                Operator::Minus => left.checked_sub(*right),
                Operator::Times => left.checked_mul(*right),
                Operator::Xor if run.before.is_none() => Some(*left ^ *right),
                Operator::Xor | Operator::Join => None,
            };
            match result {
                Some(result) => *left = result,
                None => return Err(value),
            }
        }
        _ => return Err(value),
    }
    run.before = run.operator.take();
    Ok(())
}
