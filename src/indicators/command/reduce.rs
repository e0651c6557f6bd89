//! The strings of a PowerShell script, put together as PowerShell would.
//!
//! The script is read left to right onto a stack; whenever the top is an operation on constants (`+`,
//! `-f`, `-join`, `-replace`, casts, slices, methods of strings, Base64), its value takes its place.
//! Everything else stays as it was written. Nothing is run.

use std::collections::BTreeMap;

use super::encodings::{base64, text_of};
use super::pattern::{Pattern, WORK};
use super::pieces::{Item, MOST, Piece, Value, items, write};
use super::values::{cast_to, formatted, joined, method, text_in};
use crate::base::text::utf16le;
use crate::base::{Cx, LimitHit};

/// Bytes that all values of a script may take together.
const ROOM: usize = 4 << 20;

/// What came of a script.
#[derive(Debug, Default)]
pub(super) struct Reduced {
    /// The script with its constants put together.
    pub(super) text: String,
    /// Whether anything was.
    pub(super) changed: bool,
    /// Bytes that Base64 gave and that no decoder in the script took as text, with where they stand in
    /// the text.
    pub(super) bytes: Vec<(usize, Vec<u8>)>,
    /// Whether its regular expressions took more work than a script may.
    pub(super) cut: bool,
}

/// Puts the constants of a script together.
pub(super) fn reduce(script: &str, cx: &mut Cx<'_>) -> Result<Reduced, LimitHit> {
    let items = items(script);
    let mut machine = Machine {
        stack: Vec::new(),
        variables: BTreeMap::new(),
        changed: script.contains('`'),
        room: ROOM,
        work: WORK,
        cx,
    };
    let mut rest = items.into_iter();
    while let Some(mut item) = rest.next() {
        if item.expands {
            machine.expand(&mut item)?;
        }
        machine.stack.push(item);
        while machine.step(rest.as_slice())? {}
    }
    let mut reduced = Reduced { changed: machine.changed, cut: machine.work == 0, ..Reduced::default() };
    for item in &machine.stack {
        if reduced.text.len() > MOST {
            break;
        }
        reduced.text.extend(item.space);
        let at = reduced.text.len();
        write(&item.piece, &mut reduced.text);
        let values = match &item.piece {
            Piece::Value(Value::List(values)) => values.as_slice(),
            Piece::Value(value) => std::slice::from_ref(value),
            _ => &[],
        };
        for value in values {
            if let Value::Bytes(bytes) = value {
                machine.cx.budget.touch(bytes.len())?;
                reduced.bytes.push((at, bytes.clone()));
            }
        }
    }
    Ok(reduced)
}

struct Machine<'c, 'b> {
    stack: Vec<Item>,
    variables: BTreeMap<String, Value>,
    changed: bool,
    room: usize,
    /// What is left for regular expressions.
    work: usize,
    cx: &'c mut Cx<'b>,
}

impl Machine<'_, '_> {
    fn piece(&self, from_top: usize) -> Option<&Piece> {
        self.stack.iter().rev().nth(from_top).map(|item| &item.piece)
    }

    fn is_sign(&self, from_top: usize, sign: char) -> bool {
        self.piece(from_top) == Some(&Piece::Sign(sign))
    }

    fn is_value(&self, from_top: usize) -> bool {
        matches!(self.piece(from_top), Some(Piece::Value(_)))
    }

    fn word(&self, from_top: usize) -> Option<String> {
        match self.piece(from_top)? {
            Piece::Word(word) => Some(word.to_ascii_lowercase()),
            _ => None,
        }
    }

    fn value(&self, from_top: usize) -> Option<&Value> {
        match self.piece(from_top)? {
            Piece::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Puts a value in the place of the top items.
    fn replace(&mut self, count: usize, value: Value) -> Result<bool, LimitHit> {
        let len = match &value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(values) => values.len().saturating_mul(64),
            Value::Number(_) => 8,
        };
        self.cx.budget.touch(len.saturating_add(64))?;
        // A variable that is named often must not take its memory as often.
        if len > MOST || len > self.room {
            return Ok(false);
        }
        self.room = self.room.saturating_sub(len);
        let kept = self.stack.len().saturating_sub(count);
        let space = self.stack.get(kept).and_then(|item| item.space);
        self.stack.truncate(kept);
        self.stack.push(Item { piece: Piece::Value(value), space, expands: false });
        self.changed = true;
        Ok(true)
    }

    /// One reduction at the top of the stack; `false` when there is none.
    fn step(&mut self, ahead: &[Item]) -> Result<bool, LimitHit> {
        match self.piece(0) {
            Some(Piece::Sign(')')) => self.closed(),
            Some(Piece::Sign(']')) => self.indexed(),
            Some(Piece::Sign('}')) => self.each(),
            Some(Piece::Word(_)) => self.variable(ahead),
            Some(Piece::Value(_)) => self.operation(ahead.first()),
            _ => Ok(false),
        }
    }

    /// Whether an operator has no left operand, not even one that is unknown: `$x -join 'a'` has.
    fn is_unary(&self, operator: usize) -> bool {
        let behind = operator.saturating_add(1);
        match self.piece(behind) {
            None | Some(Piece::Sign('(' | '{' | '=' | ';' | ',' | '|' | '&')) => true,
            // A command and its argument, or a statement on the line before.
            Some(Piece::Word(word)) => !word.starts_with('$'),
            _ => false,
        }
    }

    /// A variable whose value is known, and what PowerShell always has.
    fn variable(&mut self, ahead: &[Item]) -> Result<bool, LimitHit> {
        let Some(word) = self.word(0).filter(|word| word.starts_with('$')) else { return Ok(false) };
        let is = |at: usize, sign: char| ahead.get(at).is_some_and(|item| item.piece == Piece::Sign(sign));
        if is(0, '=') || is(0, '+') && is(1, '=') {
            return Ok(false);
        }
        let name = word.trim_start_matches(['$', '{']).trim_end_matches('}').to_owned();
        let known = match name.as_str() {
            "env:comspec" => Some("C:\\WINDOWS\\system32\\cmd.exe"),
            "pshome" => Some("C:\\Windows\\System32\\WindowsPowerShell\\v1.0"),
            "shellid" => Some("Microsoft.PowerShell"),
            "verbosepreference" => Some("SilentlyContinue"),
            _ => None,
        };
        match known.map(|text| Value::Text(text.to_owned())).or_else(|| self.variables.get(&name).cloned()) {
            Some(value) => self.replace(1, value),
            None => Ok(false),
        }
    }

    /// Puts the variables that are known into a string in double quotes: `"$x"`, `"${x}"`.
    fn expand(&mut self, item: &mut Item) -> Result<(), LimitHit> {
        let Piece::Value(Value::Text(text)) = &mut item.piece else { return Ok(()) };
        self.cx.budget.touch(text.len().saturating_mul(4))?;
        let mut made = String::new();
        let mut rest = text.as_str();
        let mut known = false;
        while let Some((before, behind)) = rest.split_once('$') {
            made.push_str(before);
            let (name, after) = match behind.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                Some((name, after)) => (name, after),
                None => {
                    let ends = |char: char| !(char.is_alphanumeric() || char == '_');
                    behind.split_at_checked(behind.find(ends).unwrap_or(behind.len())).unwrap_or((behind, ""))
                }
            };
            let value = self.variables.get(&name.to_ascii_lowercase()).and_then(text_in);
            match value.filter(|value| value.len().saturating_add(made.len()) <= MOST.min(self.room)) {
                Some(value) if !name.is_empty() => {
                    self.cx.budget.touch(value.len())?;
                    made.push_str(&value);
                    known = true;
                    rest = after;
                }
                _ => {
                    made.push('$');
                    rest = behind;
                }
            }
        }
        if known {
            made.push_str(rest);
            self.room = self.room.saturating_sub(made.len());
            self.changed = true;
            *text = made;
        }
        Ok(())
    }

    /// An operation whose right operand is the value on top.
    fn operation(&mut self, next: Option<&Item>) -> Result<bool, LimitHit> {
        let goes_on = |signs: &[char]| matches!(next.map(|next| &next.piece), Some(Piece::Sign(sign)) if signs.contains(sign));
        let next_word = match next.map(|next| &next.piece) {
            Some(Piece::Word(word)) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        // A method or an index binds first.
        if goes_on(&['.', '['])
            && !(self.is_sign(1, '.') && self.is_sign(2, '.'))
            && next.is_some_and(|next| next.space.is_none())
        {
            return Ok(false);
        }
        if self.is_sign(1, '.')
            && self.is_sign(2, '.')
            && let (Some(Value::Number(from)), Some(Value::Number(to))) = (self.value(3), self.value(0))
        {
            let (from, to) = (*from, *to);
            if from.abs_diff(to) > 100_000 {
                return Ok(false);
            }
            let range: Vec<i64> =
                if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
            return self.replace(4, Value::List(range.into_iter().map(Value::Number).collect()));
        }
        if self.is_sign(1, ']')
            && let Some((count, cast)) = self.cast_at(1)
            && let Some(value) = self.value(0).and_then(|value| cast_to(&cast, value))
        {
            return self.replace(count.saturating_add(1), value);
        }
        if self.is_sign(1, ',') {
            let top = self.value(0).cloned();
            if self.is_sign(2, '(') || self.is_sign(2, '@') {
                // A comma before one value makes an array of it.
                return match top {
                    Some(value) => self.replace(2, value),
                    None => Ok(false),
                };
            }
            return match self.is_value(2) {
                true => self.listed(),
                false => Ok(false),
            };
        }
        if goes_on(&[',']) {
            return Ok(false);
        }
        let operator = self.word(1).filter(|word| word.starts_with('-'));
        if operator.as_deref() == Some("-f")
            && let (Some(Value::Text(format)), Some(args)) = (self.value(2), self.value(0))
        {
            let made = formatted(format, args);
            return match made {
                Some(made) => self.replace(3, Value::Text(made)),
                None => Ok(false),
            };
        }
        if next_word == "-f" {
            return Ok(false);
        }
        if self.is_sign(1, '+') {
            let made = match (self.value(2), self.value(0)) {
                (Some(Value::Number(left)), Some(Value::Number(right))) => {
                    left.checked_add(*right).map(Value::Number)
                }
                (Some(Value::Text(_)), Some(right)) => {
                    return match text_in(right) {
                        Some(right) => self.appended(&right),
                        None => Ok(false),
                    };
                }
                _ => None,
            };
            if let Some(made) = made {
                return self.replace(3, made);
            }
        }
        // The prefix `+=` of an assignment.
        if goes_on(&['+']) {
            return Ok(false);
        }
        match operator.as_deref() {
            Some("-join") if self.is_value(2) => {
                let made = match (self.value(2), self.value(0)) {
                    (Some(list), Some(Value::Text(between))) => joined(list, between),
                    _ => None,
                };
                match made {
                    Some(made) => self.replace(3, Value::Text(made)),
                    None => Ok(false),
                }
            }
            Some("-join" | "-split" | "-csplit" | "-isplit") if !self.is_value(2) && !self.is_unary(1) => {
                Ok(false)
            }
            Some("-join") => match self.value(0).and_then(|list| joined(list, "")) {
                Some(made) => self.replace(2, Value::Text(made)),
                None => Ok(false),
            },
            Some(name @ ("-replace" | "-creplace" | "-ireplace")) => {
                match self.replacement(2, 0, name != "-creplace")? {
                    Some(made) => self.replace(3, made),
                    None => Ok(false),
                }
            }
            Some(name @ ("-split" | "-csplit" | "-isplit")) => match self.pieces(name != "-csplit")? {
                Some(made) if self.is_value(2) => self.replace(3, made),
                Some(made) => self.replace(2, made),
                None => Ok(false),
            },
            _ => self.assigned(next),
        }
    }

    /// `text -replace pattern, to`, of a text or each of a list; `None` when it cannot be said.
    fn replacement(
        &mut self,
        text: usize,
        operands: usize,
        any_case: bool,
    ) -> Result<Option<Value>, LimitHit> {
        let (from, to) = match self.value(operands) {
            Some(Value::Text(from)) => (from, String::new()),
            Some(Value::List(pair)) => match pair.as_slice() {
                [Value::Text(from), to] => match text_in(to) {
                    Some(to) => (from, to),
                    None => return Ok(None),
                },
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(pattern) = Pattern::new(from, any_case) else { return Ok(None) };
        let Some(value) = self.value(text).cloned() else { return Ok(None) };
        let (texts, is_list) = match value {
            Value::List(list) => (list, true),
            one => (vec![one], false),
        };
        let mut made = Vec::new();
        for text in texts {
            let (Value::Text(_) | Value::Number(_)) = text else { return Ok(None) };
            let text = text_in(&text).unwrap_or_default();
            match pattern.replaced(&text, &to, &mut self.work, self.cx)? {
                Some(text) => made.push(Value::Text(text)),
                None => return Ok(None),
            }
        }
        Ok(if is_list { Some(Value::List(made)) } else { made.pop() })
    }

    /// `text -split pattern`, `text -split pattern, most, 'SimpleMatch'`, `-split text`.
    fn pieces(&mut self, any_case: bool) -> Result<Option<Value>, LimitHit> {
        let Some(top) = self.value(0) else { return Ok(None) };
        if !self.is_value(2) {
            let Value::Text(text) = top else { return Ok(None) };
            let pieces = text.split_whitespace().map(|piece| Value::Text(piece.to_owned()));
            let pieces: Vec<Value> = pieces.take((MOST / 16).saturating_add(1)).collect();
            return Ok((pieces.len() <= MOST / 16).then_some(Value::List(pieces)));
        }
        let (at, most, is_literal) = match top {
            Value::Text(at) => (at, 0, false),
            Value::List(list) => match list.as_slice() {
                [Value::Text(at), Value::Number(most)] => (at, *most, false),
                [Value::Text(at), Value::Number(most), Value::Text(how)]
                    if how.eq_ignore_ascii_case("SimpleMatch") =>
                {
                    (at, *most, true)
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let pattern = if is_literal { Pattern::literal(at, any_case) } else { Pattern::new(at, any_case) };
        // A negative number splits from the end.
        let most = usize::try_from(most).map(|most| if most == 0 { usize::MAX } else { most });
        let (Some(pattern), Ok(most)) = (pattern, most) else { return Ok(None) };
        let texts = match self.value(2).cloned() {
            Some(Value::List(list)) => list,
            Some(one) => vec![one],
            None => return Ok(None),
        };
        let mut made = Vec::new();
        for text in texts {
            let (Value::Text(_) | Value::Number(_)) = text else { return Ok(None) };
            let text = text_in(&text).unwrap_or_default();
            match pattern.split(&text, most, &mut self.work, self.cx)? {
                Some(pieces) if made.len().saturating_add(pieces.len()) <= MOST / 16 => {
                    made.extend(pieces.into_iter().map(Value::Text));
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(Value::List(made)))
    }

    /// `list,value`: the list grows at its end, and nothing is copied.
    fn listed(&mut self) -> Result<bool, LimitHit> {
        self.cx.budget.step(1)?;
        let (Some(right), Some(_), Some(left)) = (self.stack.pop(), self.stack.pop(), self.stack.pop())
        else {
            return Ok(false);
        };
        let (Piece::Value(left_value), Piece::Value(right)) = (left.piece, right.piece) else {
            return Ok(false);
        };
        let mut list = match left_value {
            Value::List(list) => list,
            other => vec![other],
        };
        if list.len() < MOST / 16 {
            list.push(right);
        }
        self.stack.push(Item { piece: Piece::Value(Value::List(list)), space: left.space, expands: false });
        self.changed = true;
        Ok(true)
    }

    /// `'text'+value`: the text grows at its end.
    fn appended(&mut self, right: &str) -> Result<bool, LimitHit> {
        self.cx.budget.touch(right.len().saturating_add(64))?;
        match self.stack.iter_mut().rev().nth(2).map(|item| &mut item.piece) {
            Some(Piece::Value(Value::Text(left))) if left.len().saturating_add(right.len()) <= MOST => {
                left.push_str(right);
            }
            _ => return Ok(false),
        }
        self.stack.truncate(self.stack.len().saturating_sub(2));
        self.changed = true;
        Ok(true)
    }

    /// `$x = value` at the end of a statement is remembered, and stays.
    fn assigned(&mut self, next: Option<&Item>) -> Result<bool, LimitHit> {
        let ends = next.is_none_or(|next| {
            next.space == Some('\n') || matches!(next.piece, Piece::Sign(';' | '}' | ')'))
        });
        if !ends || !self.is_sign(1, '=') {
            return Ok(false);
        }
        let added = self.is_sign(2, '+');
        let Some(name) =
            self.word(if added { 3 } else { 2 }).and_then(|word| word.strip_prefix('$').map(str::to_owned))
        else {
            return Ok(false);
        };
        let name = name.trim_matches(['{', '}']).to_owned();
        let Some(value) = self.value(0).cloned() else { return Ok(false) };
        let value = match (added, self.variables.get(&name), value) {
            (true, Some(Value::Text(before)), Value::Text(more)) => Value::Text(format!("{before}{more}")),
            (true, ..) => return Ok(false),
            (false, _, value) => value,
        };
        let len = if let Value::Text(text) = &value { text.len() } else { 64 };
        self.cx.budget.touch(len)?;
        self.cx.budget.hold(len.saturating_add(96))?;
        if len <= MOST && self.variables.len() < 1024 {
            self.variables.insert(name, value);
        }
        Ok(false)
    }

    /// The cast whose `]` is at `close` from the top: how many items it has, and the type.
    fn cast_at(&self, close: usize) -> Option<(usize, String)> {
        let at = |more: usize| self.piece(close.saturating_add(more));
        // `[char]`, `[char[]]`
        let (count, name): (usize, String) = match (at(0)?, at(1)?, at(2)?) {
            (Piece::Sign(']'), Piece::Word(name), Piece::Sign('[')) => (3, name.to_ascii_lowercase()),
            (Piece::Sign(']'), Piece::Sign(']'), Piece::Sign('[')) => match (at(3)?, at(4)?) {
                (Piece::Word(name), Piece::Sign('[')) => (5, format!("{}[]", name.to_ascii_lowercase())),
                _ => return None,
            },
            _ => return None,
        };
        (!self.is_value(close.saturating_add(count))).then_some((count, name))
    }

    /// `(value)`, and calls of methods with constants.
    fn closed(&mut self) -> Result<bool, LimitHit> {
        let (args, count) = if self.is_sign(1, '(') {
            (None, 2)
        } else if self.is_sign(2, '(') && self.is_value(1) {
            (self.value(1).cloned(), 3)
        } else {
            return Ok(false);
        };
        let Some(name) = self.word(count) else {
            let before = self.piece(count);
            let callee = matches!(before, Some(Piece::Value(_) | Piece::Sign(']' | ')')))
                && self.cast_at(count).is_none();
            return match args {
                // `'iex'('x')` is a call, `=('x')` is not.
                Some(value) if !callee => self.replace(count, value),
                _ => Ok(false),
            };
        };
        let behind = count.saturating_add(1);
        if self.is_sign(behind, '.') {
            if let Some(receiver) = self.value(behind.saturating_add(1)) {
                return match method(receiver, &name, args.as_ref()) {
                    Some(made) => self.replace(behind.saturating_add(2), made),
                    None => Ok(false),
                };
            }
            // `[text.encoding]::unicode.getstring(..)`
            if name == "getstring"
                && let Some(Value::Bytes(bytes)) = &args
            {
                let encoding = self.word(behind.saturating_add(1)).unwrap_or_default();
                let text = if encoding == "unicode" { utf16le(bytes) } else { text_of(bytes) };
                let count = self.type_before(behind.saturating_add(2)).unwrap_or(count);
                return self.replace(count, Value::Text(text));
            }
            return Ok(false);
        }
        if self.is_sign(behind, ':') && self.is_sign(behind.saturating_add(1), ':') {
            let made = match (name.as_str(), &args) {
                ("frombase64string", Some(Value::Text(text))) => base64(text).map(Value::Bytes),
                ("join", Some(Value::List(list))) => match list.split_first() {
                    Some((Value::Text(between), rest)) => {
                        let rest = match rest {
                            [Value::List(rest)] => rest.clone(),
                            rest => rest.to_vec(),
                        };
                        joined(&Value::List(rest), between).map(Value::Text)
                    }
                    _ => None,
                },
                ("concat", Some(list)) => joined(list, "").map(Value::Text),
                ("unescape" | "unescapedatastring", Some(Value::Text(text))) => {
                    Some(Value::Text(text.clone()))
                }
                _ => None,
            };
            let count = self.type_before(behind.saturating_add(2));
            return match (made, count) {
                (Some(made), Some(count)) => self.replace(count, made),
                _ => Ok(false),
            };
        }
        // A command and its argument: `iex ('x')`.
        match args {
            Some(value) if name.len() <= 32 => {
                let replaced = self.replace(count, value)?;
                if let Some(item) = self.stack.last_mut().filter(|_| replaced) {
                    item.space = item.space.or(Some(' '));
                }
                Ok(replaced)
            }
            _ => Ok(false),
        }
    }

    /// How many items there are down to the `[` of a type whose `]` is at `from_top`, all included.
    fn type_before(&self, from_top: usize) -> Option<usize> {
        let mut at = from_top;
        // Between `]` and what is asked for there may be `::`.
        while self.is_sign(at, ':') {
            at = at.saturating_add(1);
        }
        if !self.is_sign(at, ']') {
            return None;
        }
        (at..at.saturating_add(12)).find(|at| self.is_sign(*at, '[')).map(|at| at.saturating_add(1))
    }

    /// `'text'[3,1,2]`, `'text'[-1..-4]`
    fn indexed(&mut self) -> Result<bool, LimitHit> {
        if !(self.is_value(1) && self.is_sign(2, '[')) {
            return Ok(false);
        }
        let chars: Vec<Value> = match self.value(3) {
            Some(Value::Text(text)) => text.chars().map(|char| Value::Text(char.to_string())).collect(),
            Some(Value::List(list)) => list.clone(),
            _ => return Ok(false),
        };
        self.cx.budget.touch(chars.len().saturating_mul(8))?;
        let pick = |index: &Value| {
            let Value::Number(index) = index else { return None };
            let count = i64::try_from(chars.len()).ok()?;
            let index = if *index < 0 { count.checked_add(*index)? } else { *index };
            chars.get(usize::try_from(index).ok()?).cloned()
        };
        let made = match self.value(1) {
            Some(Value::List(list)) => Some(Value::List(list.iter().filter_map(pick).collect())),
            Some(index) => pick(index),
            None => None,
        };
        match made {
            Some(made) => self.replace(4, made),
            None => Ok(false),
        }
    }

    /// `list|%{[char][int]$_}`: codes to characters.
    fn each(&mut self) -> Result<bool, LimitHit> {
        let Some(open) = (1..32usize).find(|at| self.is_sign(*at, '{')) else { return Ok(false) };
        let mut inner = String::new();
        for at in (1..open).rev() {
            if let Some(piece) = self.piece(at) {
                write(piece, &mut inner);
            }
        }
        let inner = inner.to_ascii_lowercase();
        let loops = self.is_sign(open.saturating_add(1), '%')
            || self
                .word(open.saturating_add(1))
                .is_some_and(|word| matches!(word.as_str(), "foreach" | "foreach-object"));
        if !loops || !self.is_sign(open.saturating_add(2), '|') || !inner.contains("$_") {
            return Ok(false);
        }
        let radix = if inner.contains(",16") { 16 } else { 10 };
        let mask = inner.split_once("-bxor").map_or(Some(0), |(_, mask)| {
            let mask = mask.trim_matches(|char: char| !char.is_ascii_alphanumeric());
            let hex = mask.strip_prefix("0x");
            hex.map_or_else(|| mask.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
        });
        let (Some(Value::List(list)), Some(mask)) = (self.value(open.saturating_add(3)), mask) else {
            return Ok(false);
        };
        if !inner.contains("[char]") {
            return Ok(false);
        }
        let code = |value: &Value| {
            let code = match value {
                Value::Number(number) => u32::try_from(*number).ok()?,
                Value::Text(text) => match text.trim().strip_prefix("0x") {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => u32::from_str_radix(text.trim(), radix).ok()?,
                },
                _ => return None,
            };
            char::from_u32(code ^ mask).map(|char| Value::Text(char.to_string()))
        };
        let empty = |value: &&Value| !matches!(value, Value::Text(text) if text.trim().is_empty());
        let made: Option<Vec<Value>> = list.iter().filter(empty).map(code).collect();
        match made {
            Some(made) => self.replace(open.saturating_add(4), Value::List(made)),
            None => Ok(false),
        }
    }
}
