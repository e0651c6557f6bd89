//! Operands and operators of a formula text, left to right.

use std::borrow::Cow;

use super::super::functions;
use super::super::token::{Binary, Unary};
use super::emit::{Element, Emitter};
use super::reference::{Cells, called_cell, cells, is_space, is_word, starts_word};
use super::{Compiled, Named, Options, Qualifier, Resolve, TextError, Unresolved};
use crate::base::Cx;

/// How strongly operators bind ([MS-XLS] 2.2.2.1): the operators of references most, then signs.
mod strength {
    pub(super) const ASSIGN: u8 = 0;
    pub(super) const COMPARE: u8 = 1;
    pub(super) const CONCAT: u8 = 2;
    pub(super) const ADD: u8 = 3;
    pub(super) const MULTIPLY: u8 = 4;
    pub(super) const POWER: u8 = 5;
    pub(super) const PERCENT: u8 = 6;
    pub(super) const SIGN: u8 = 7;
    pub(super) const UNION: u8 = 8;
    pub(super) const INTERSECT: u8 = 9;
    pub(super) const RANGE: u8 = 10;
}

/// What waits for its right operand or its closing parenthesis.
#[derive(Debug, Clone, Copy)]
enum Waiting {
    Binary(Binary, u8),
    Unary(Unary),
    Parenthesis { at: usize },
    Call { callee: Callee, args: u32, at: usize },
}

#[derive(Debug, Clone, Copy)]
enum Callee {
    Function(u16),
    Command {
        id: u16,
        prompt: bool,
    },
    /// Its name is written already, as the first operand.
    User,
}

/// Most arguments of a call.
const MAX_ARGS: u32 = 255;

/// Most arguments of a command: its count shares a byte with the question mark.
const MAX_COMMAND_ARGS: u32 = 127;

pub(super) struct Parser<'p, 'c> {
    text: &'p str,
    at: usize,
    options: &'p Options,
    resolve: &'p mut dyn Resolve,
    cx: &'p mut Cx<'c>,
    emitter: Emitter,
    waiting: Vec<Waiting>,
    /// For each open parenthesis, whether it is that of a call.
    groups: Vec<bool>,
    /// Whether the call that closes next has no arguments.
    empty_call: bool,
    /// Whether the operand before can be a reference.
    reference: bool,
}

impl<'p, 'c> Parser<'p, 'c> {
    pub(super) fn new(
        text: &'p str,
        options: &'p Options,
        resolve: &'p mut dyn Resolve,
        cx: &'p mut Cx<'c>,
    ) -> Self {
        Parser {
            text,
            at: 0,
            options,
            resolve,
            cx,
            emitter: Emitter::default(),
            waiting: Vec::new(),
            groups: Vec::new(),
            empty_call: false,
            reference: false,
        }
    }

    pub(super) fn formula(mut self) -> Result<Compiled, TextError> {
        self.spaces();
        self.takes('=');
        self.assignment()?;
        loop {
            self.operand()?;
            if !self.operator()? {
                break;
            }
        }
        while let Some(waiting) = self.waiting.pop() {
            match waiting {
                Waiting::Binary(operator, _) => self.emitter.binary(operator),
                Waiting::Unary(operator) => self.emitter.unary(operator),
                Waiting::Parenthesis { at } | Waiting::Call { at, .. } => {
                    return Err(TextError::Open { at: at as u64, opening: '(' });
                }
            }
        }
        Ok(Compiled { rgce: self.emitter.rgce, rgcb: self.emitter.rgcb })
    }

    fn rest(&self) -> &'p str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn move_over(&mut self, len: usize) {
        self.at = self.at.saturating_add(len).min(self.text.len());
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.move_over(wanted.len_utf8());
        }
        is_there
    }

    /// Moves over spaces; whether there were any.
    fn spaces(&mut self) -> bool {
        let before = self.at;
        let rest = self.rest();
        self.move_over(rest.len().saturating_sub(rest.trim_start_matches(is_space).len()));
        self.at > before
    }

    /// Takes a word: a name, a function, a sheet.
    fn word(&mut self) -> &'p str {
        let rest = self.rest();
        let len = rest.len().saturating_sub(rest.trim_start_matches(is_word).len());
        self.move_over(len);
        rest.get(..len).unwrap_or_default()
    }

    fn unexpected(&self) -> TextError {
        match self.peek() {
            Some(found) => TextError::Unexpected { at: self.at as u64, found },
            None => TextError::Ends { at: self.at as u64 },
        }
    }

    fn unresolved(at: usize, error: Unresolved) -> TextError {
        match error {
            Unresolved::Limit(hit) => TextError::Limit(hit),
            Unresolved::Full => TextError::Full { at: at as u64 },
        }
    }

    /// `name=` at the start of a formula of a macro sheet.
    fn assignment(&mut self) -> Result<(), TextError> {
        let start = self.at;
        if !self.options.macro_sheet {
            return Ok(());
        }
        self.spaces();
        let at = self.at;
        let is_cell = cells(self.rest(), self.options).is_some();
        let word = self.word();
        self.spaces();
        let is_name = word.starts_with(starts_word) && !is_cell && boolean(word).is_none();
        if !is_name || !self.takes('=') {
            self.at = start;
            return Ok(());
        }
        self.emitter.assignment();
        self.name(word, at)?;
        self.waiting.push(Waiting::Binary(Binary::Equal, strength::ASSIGN));
        Ok(())
    }

    /// Reads one operand, with the signs and parentheses before it.
    fn operand(&mut self) -> Result<(), TextError> {
        loop {
            self.spaces();
            let at = self.at;
            let Some(next) = self.peek() else { return Err(self.unexpected()) };
            let signs = self.options.signs;
            match next {
                '+' | '-' => {
                    self.move_over(1);
                    self.waiting.push(Waiting::Unary(if next == '+' { Unary::Plus } else { Unary::Minus }));
                }
                '(' => {
                    self.move_over(1);
                    self.waiting.push(Waiting::Parenthesis { at });
                    self.groups.push(false);
                }
                // Asks for one value where an array would come; a macro gets that anyway.
                '@' => self.move_over(1),
                ')' => return self.missing_before_end(),
                _ if next == signs.list => return self.missing(),
                '"' => {
                    let text = self.quoted('"')?;
                    self.emitter.text(&text);
                    self.reference = false;
                    return Ok(());
                }
                '{' => return self.array(),
                _ => {
                    let opens_call = self.other_operand(next, at)?;
                    if !opens_call {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reads an operand that can name something; `true` when it opens a call, whose first argument
    /// follows.
    fn other_operand(&mut self, next: char, at: usize) -> Result<bool, TextError> {
        match next {
            '#' => return self.error_value(at),
            '\'' => {
                let text = self.quoted('\'')?;
                return self.behind_quotes(&text, at);
            }
            '[' => return self.behind_bracket(at),
            '!' => {
                self.move_over(1);
                return self.behind_qualifier(Qualifier::ActiveSheet, at);
            }
            _ => {}
        }
        if let Some((found, len)) = cells(self.rest(), self.options) {
            self.move_over(len);
            self.cells(None, found);
            return Ok(false);
        }
        if self.calls_cell(None, at) {
            return Ok(true);
        }
        if next.is_ascii_digit() || next == self.options.signs.decimal {
            let value = self.number()?;
            if self.peek().is_some_and(is_word) {
                return Err(self.unexpected());
            }
            self.emitter.number(value);
            self.reference = false;
            return Ok(false);
        }
        if starts_word(next) { self.word_operand() } else { Err(self.unexpected()) }
    }

    /// A separator where an argument could be.
    fn missing(&mut self) -> Result<(), TextError> {
        match self.waiting.last() {
            Some(Waiting::Call { .. }) => {
                self.emitter.missing();
                self.reference = false;
                Ok(())
            }
            _ => Err(self.unexpected()),
        }
    }

    /// `)` where an operand could be: no arguments, or a last one that was left out. The parenthesis
    /// stays for [`Parser::operator`].
    fn missing_before_end(&mut self) -> Result<(), TextError> {
        match self.waiting.last() {
            Some(Waiting::Call { args: 0, .. }) => {
                self.empty_call = true;
                Ok(())
            }
            _ => self.missing(),
        }
    }

    /// Reads a word and what it is; `true` when it opens a call, whose first argument follows.
    fn word_operand(&mut self) -> Result<bool, TextError> {
        let at = self.at;
        let word = self.word();
        let behind = self.at;
        match self.peek() {
            Some('(') => return self.call(word, at),
            Some('!') => {
                self.move_over(1);
                return self.behind_qualifier(Qualifier::of(word), at);
            }
            Some('|') => {
                self.move_over(1);
                return self.conversation(word, at);
            }
            Some('[') => return self.table(at),
            Some(':') => {
                self.move_over(1);
                let last = self.word();
                if !last.is_empty() && self.takes('!') {
                    return self.behind_qualifier(Qualifier::Sheets { first: word, last }, at);
                }
                self.at = behind;
            }
            _ => {}
        }
        if self.spaces() && self.peek() == Some('(') && functions::by_name(word).is_some() {
            return self.call(word, at);
        }
        self.at = behind;
        match boolean(word) {
            Some(value) => {
                self.emitter.boolean(value);
                self.reference = false;
            }
            None => self.name(word, at)?,
        }
        Ok(false)
    }

    fn name(&mut self, word: &str, at: usize) -> Result<(), TextError> {
        let named = self.resolve.name(word, self.cx).map_err(|error| Self::unresolved(at, error))?;
        self.named(named);
        Ok(())
    }

    fn named(&mut self, named: Named) {
        match named {
            Named::Own(index) => self.emitter.name(index),
            Named::Other(ixti, index) => self.emitter.other_name(ixti, index),
        }
        self.reference = true;
    }

    /// Opens the call of a function by name; the reader stands at its parenthesis.
    fn call(&mut self, word: &str, at: usize) -> Result<bool, TextError> {
        let prompt = word.strip_suffix('?').and_then(|name| functions::by_name(name).filter(|found| found.1));
        let callee = match (functions::by_name(word), prompt) {
            (Some((id, true)), _) => Callee::Command { id, prompt: false },
            (Some((id, false)), _) => Callee::Function(id),
            (None, Some((id, _))) => Callee::Command { id, prompt: true },
            (None, None) => {
                self.name(word, at)?;
                Callee::User
            }
        };
        self.move_over(1);
        self.open_call(callee, at);
        Ok(true)
    }

    /// Opens the call of the macro at a cell, `$H$5(..)`, where one stands: macros call each other so.
    fn calls_cell(&mut self, sheets: Option<u16>, at: usize) -> bool {
        let called = called_cell(self.rest(), self.options);
        if let Some((cell, len)) = called {
            self.move_over(len.saturating_add(1));
            self.cells(sheets, Cells::Cell(cell));
            self.open_call(Callee::User, at);
        }
        called.is_some()
    }

    fn open_call(&mut self, callee: Callee, at: usize) {
        self.waiting.push(Waiting::Call { callee, args: 0, at });
        self.groups.push(true);
    }

    /// What stands behind a qualifier; `true` when it opens a call.
    fn behind_qualifier(&mut self, of: Qualifier<'_>, at: usize) -> Result<bool, TextError> {
        let rest = self.rest();
        if let Some((found, len)) = cells(rest, self.options) {
            let ixti = self.resolve.sheets(of, self.cx).map_err(|error| Self::unresolved(at, error))?;
            self.move_over(len);
            self.cells(Some(ixti), found);
            return Ok(false);
        }
        if called_cell(rest, self.options).is_some() {
            let ixti = self.resolve.sheets(of, self.cx).map_err(|error| Self::unresolved(at, error))?;
            return Ok(self.calls_cell(Some(ixti), at));
        }
        if starts_with_no_case(rest, "#REF!") {
            let ixti = self.resolve.sheets(of, self.cx).map_err(|error| Self::unresolved(at, error))?;
            self.move_over("#REF!".len());
            self.emitter.deleted_cell(ixti);
            self.reference = true;
            return Ok(false);
        }
        let word = self.word();
        if !word.starts_with(starts_word) {
            return Err(TextError::Unexpected { at: at as u64, found: '!' });
        }
        let named =
            self.resolve.qualified_name(of, word, self.cx).map_err(|error| Self::unresolved(at, error))?;
        self.named(named);
        if !self.takes('(') {
            return Ok(false);
        }
        self.open_call(Callee::User, at);
        Ok(true)
    }

    /// Quoted text before a `!` or `|`.
    fn behind_quotes(&mut self, text: &str, at: usize) -> Result<bool, TextError> {
        if self.takes('!') {
            return self.behind_qualifier(Qualifier::of(text), at);
        }
        if self.takes('|') {
            return self.conversation(text, at);
        }
        Err(self.unexpected())
    }

    /// `[file]Sheet!`, `[1]First:Last!`, `[0]!`
    fn behind_bracket(&mut self, at: usize) -> Result<bool, TextError> {
        let Some(len) = self.rest().find(']') else {
            return Err(TextError::Open { at: at as u64, opening: '[' });
        };
        self.move_over(len.saturating_add(1));
        self.word();
        if self.takes(':') {
            self.word();
        }
        let text = self.text.get(at..self.at).unwrap_or_default();
        if !self.takes('!') {
            return Err(self.unexpected());
        }
        self.behind_qualifier(Qualifier::of(text), at)
    }

    /// `program|topic!item`; the reader stands at the topic.
    fn conversation(&mut self, program: &str, at: usize) -> Result<bool, TextError> {
        let topic = self.word_or_quoted()?;
        if !self.takes('!') {
            return Err(self.unexpected());
        }
        let item = self.word_or_quoted()?;
        if item.is_empty() {
            return Err(self.unexpected());
        }
        let of = Qualifier::Conversation { program, topic: &topic };
        let named = self.resolve.qualified_name(of, &item, self.cx);
        self.named(named.map_err(|error| Self::unresolved(at, error))?);
        Ok(false)
    }

    fn word_or_quoted(&mut self) -> Result<Cow<'p, str>, TextError> {
        if self.peek() == Some('\'') { self.quoted('\'') } else { Ok(Cow::Borrowed(self.word())) }
    }

    /// `Table[..]`: the whole of it is taken for a name.
    fn table(&mut self, at: usize) -> Result<bool, TextError> {
        let mut depth = 0usize;
        let mut escaped = false;
        let opened = self.at;
        for (offset, char) in self.rest().char_indices() {
            match char {
                _ if escaped => escaped = false,
                '\'' => escaped = true,
                '[' => depth = depth.saturating_add(1),
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                self.at = opened.saturating_add(offset).saturating_add(1);
                let text = self.text.get(at..self.at).unwrap_or_default();
                self.name(text, at)?;
                return Ok(false);
            }
        }
        Err(TextError::Open { at: opened as u64, opening: '[' })
    }

    /// Takes what stands between two `quote`s; two of them inside mean one.
    fn quoted(&mut self, quote: char) -> Result<Cow<'p, str>, TextError> {
        let at = self.at;
        self.move_over(quote.len_utf8());
        let mut taken = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let Some(len) = rest.find(quote) else {
                return Err(TextError::Open { at: at as u64, opening: quote });
            };
            let piece = rest.get(..len).unwrap_or_default();
            if taken.is_empty() {
                taken = Cow::Borrowed(piece);
            } else {
                taken.to_mut().push_str(piece);
            }
            self.move_over(len.saturating_add(quote.len_utf8()));
            if !self.takes(quote) {
                return Ok(taken);
            }
            taken.to_mut().push(quote);
        }
    }

    /// An error value, or `#REF!` before what stood in a sheet that was deleted.
    fn error_value(&mut self, at: usize) -> Result<bool, TextError> {
        let Some(code) = self.error_code() else { return Err(self.unexpected()) };
        let rest = self.rest();
        let goes_on = self.peek().is_some_and(|next| starts_word(next) || next == '$')
            || starts_with_no_case(rest, "#REF!");
        if code == REF && goes_on {
            return self.behind_qualifier(Qualifier::DeletedSheet, at);
        }
        self.emitter.error(code);
        self.reference = code == REF;
        Ok(false)
    }

    fn error_code(&mut self) -> Option<u8> {
        let rest = self.rest();
        let (text, code) = ERRORS.iter().find(|(text, _)| starts_with_no_case(rest, text))?;
        self.move_over(text.len());
        Some(*code)
    }

    /// Takes a number. Excel keeps 15 digits and puts zeros for the others.
    fn number(&mut self) -> Result<f64, TextError> {
        const DIGITS: usize = 15;
        let at = self.at;
        let decimal = self.options.signs.decimal;
        let mut text = String::new();
        let mut significant = 0usize;
        let mut behind_point = false;
        while let Some(next) = self.peek() {
            if next.is_ascii_digit() {
                if significant > 0 || next != '0' {
                    significant = significant.saturating_add(1);
                }
                text.push(if significant > DIGITS { '0' } else { next });
            } else if next == decimal && !behind_point {
                behind_point = true;
                text.push('.');
            } else {
                break;
            }
            self.move_over(next.len_utf8());
        }
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected());
        }
        let exponent = self.rest();
        if let Some(rest) = exponent.strip_prefix(['E', 'e']) {
            let signed = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            let digits =
                signed.len().saturating_sub(signed.trim_start_matches(|c: char| c.is_ascii_digit()).len());
            if digits > 0 {
                let len = exponent.len().saturating_sub(signed.len()).saturating_add(digits);
                text.push_str(exponent.get(..len).unwrap_or_default());
                self.move_over(len);
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(TextError::Number { at: at as u64 }),
        }
    }

    /// `{1,"two";TRUE,#N/A}`
    fn array(&mut self) -> Result<(), TextError> {
        let at = self.at;
        let signs = self.options.signs;
        let wrong = TextError::Array { at: at as u64 };
        self.move_over(1);
        let mut elements = Vec::new();
        let mut columns = None;
        let mut in_row = 0u32;
        loop {
            self.spaces();
            elements.push(self.element()?);
            in_row = in_row.saturating_add(1);
            self.spaces();
            let next = self.peek().ok_or(TextError::Open { at: at as u64, opening: '{' })?;
            if next != '}' && next != signs.column && next != signs.row {
                return Err(self.unexpected());
            }
            self.move_over(next.len_utf8());
            if next == signs.column {
                continue;
            }
            if *columns.get_or_insert(in_row) != in_row {
                return Err(wrong);
            }
            if next == '}' {
                break;
            }
            in_row = 0;
        }
        self.emitter.array(columns.unwrap_or(1), &elements);
        self.reference = false;
        Ok(())
    }

    fn element(&mut self) -> Result<Element, TextError> {
        let sign = self.peek().filter(|next| matches!(next, '+' | '-'));
        if sign.is_some() {
            self.move_over(1);
            self.spaces();
            let value = self.number()?;
            return Ok(Element::Number(if sign == Some('-') { -value } else { value }));
        }
        match self.peek() {
            Some('"') => Ok(Element::Text(self.quoted('"')?.into_owned())),
            Some('#') => self.error_code().map(Element::Error).ok_or_else(|| self.unexpected()),
            Some(next) if next.is_ascii_digit() || next == self.options.signs.decimal => {
                self.number().map(Element::Number)
            }
            _ => {
                let at = self.at;
                let found = self.unexpected();
                boolean(self.word()).map(Element::Boolean).ok_or(match found {
                    TextError::Ends { .. } => TextError::Ends { at: at as u64 },
                    other => other,
                })
            }
        }
    }

    fn cells(&mut self, sheets: Option<u16>, found: Cells) {
        let distances = self.options.distances;
        match found {
            Cells::Cell(cell) => self.emitter.cell(sheets, cell, distances),
            Cells::Area(area) => self.emitter.area(sheets, area, distances),
        }
        self.reference = true;
    }

    /// Reads what stands behind an operand; `true` when another operand follows.
    fn operator(&mut self) -> Result<bool, TextError> {
        loop {
            let spaced = self.spaces();
            let Some(next) = self.peek() else { return Ok(false) };
            if next == self.options.signs.list {
                self.move_over(next.len_utf8());
                match self.groups.last() {
                    Some(true) => self.separator()?,
                    _ => self.binary(Binary::Union, strength::UNION),
                }
                return Ok(true);
            }
            match next {
                ')' => {
                    self.close()?;
                    continue;
                }
                '%' => {
                    self.move_over(1);
                    self.settle(strength::PERCENT);
                    self.emitter.unary(Unary::Percent);
                    self.reference = false;
                    continue;
                }
                _ => {}
            }
            if let Some((operator, strength, len)) = operator_at(self.rest()) {
                self.move_over(len);
                self.binary(operator, strength);
                return Ok(true);
            }
            let starts = is_word(next) || matches!(next, '$' | '(' | '\'' | '[' | '!' | '#');
            if spaced && self.reference && starts {
                self.binary(Binary::Intersect, strength::INTERSECT);
                return Ok(true);
            }
            return Err(self.unexpected());
        }
    }

    /// Writes the operators that bind at least as strongly, up to the last parenthesis.
    fn settle(&mut self, strength: u8) {
        while let Some(waiting) = self.waiting.last() {
            match *waiting {
                Waiting::Binary(operator, own) if own >= strength => self.emitter.binary(operator),
                Waiting::Unary(operator) if strength::SIGN >= strength => self.emitter.unary(operator),
                _ => return,
            }
            self.waiting.pop();
        }
    }

    fn binary(&mut self, operator: Binary, strength: u8) {
        self.settle(strength);
        self.waiting.push(Waiting::Binary(operator, strength));
    }

    /// The separator between arguments, which is behind the reader.
    fn separator(&mut self) -> Result<(), TextError> {
        self.settle(strength::ASSIGN);
        if let Some(Waiting::Call { args, at, .. }) = self.waiting.last_mut() {
            *args = args.saturating_add(1);
            if *args >= MAX_ARGS {
                return Err(TextError::Arguments { at: *at as u64, have: *args, need: MAX_ARGS });
            }
        }
        Ok(())
    }

    /// The parenthesis at which the reader stands.
    fn close(&mut self) -> Result<(), TextError> {
        let empty = std::mem::take(&mut self.empty_call);
        self.settle(strength::ASSIGN);
        match self.waiting.pop() {
            Some(Waiting::Parenthesis { .. }) => self.emitter.parentheses(),
            Some(Waiting::Call { callee, args, at }) => {
                let args = if empty { 0 } else { args.saturating_add(1) };
                self.called(callee, args, at)?;
            }
            _ => return Err(self.unexpected()),
        }
        self.groups.pop();
        self.move_over(1);
        self.reference = true;
        Ok(())
    }

    fn called(&mut self, callee: Callee, args: u32, at: usize) -> Result<(), TextError> {
        let too_many = |need| TextError::Arguments { at: at as u64, have: args, need };
        let count = |args: u32, most: u32| u8::try_from(args).ok().filter(|_| args <= most);
        match callee {
            Callee::Function(id) => {
                let info = functions::ftab(id);
                let fixed = info.filter(|info| info.min_args == info.max_args).map(|info| info.max_args);
                match fixed {
                    Some(need) if u32::from(need) == args => self.emitter.function(id),
                    Some(need) => return Err(too_many(need.into())),
                    None => {
                        let args = count(args, MAX_ARGS).ok_or(too_many(MAX_ARGS))?;
                        self.emitter.function_var(id, false, false, args);
                    }
                }
            }
            Callee::Command { id, prompt } => {
                let args = count(args, MAX_COMMAND_ARGS).ok_or(too_many(MAX_COMMAND_ARGS))?;
                self.emitter.function_var(id, true, prompt, args);
            }
            Callee::User => {
                let most = MAX_ARGS.saturating_sub(1);
                let args = count(args.saturating_add(1), MAX_ARGS).ok_or(too_many(most))?;
                self.emitter.function_var(functions::id::FTAB_USER_DEFINED, false, false, args);
            }
        }
        Ok(())
    }
}

/// Error code of `#REF!`.
const REF: u8 = 0x17;

/// Error values ([MS-XLSB] 2.5.98.2).
const ERRORS: &[(&str, u8)] = &[
    ("#NULL!", 0x00),
    ("#DIV/0!", 0x07),
    ("#VALUE!", 0x0F),
    ("#REF!", REF),
    ("#NAME?", 0x1D),
    ("#NUM!", 0x24),
    ("#N/A", 0x2A),
    ("#GETTING_DATA", 0x2B),
];

/// The binary operator that a text begins with, its strength and length.
fn operator_at(text: &str) -> Option<(Binary, u8, usize)> {
    const OPERATORS: &[(&str, Binary, u8)] = &[
        ("<=", Binary::LessOrEqual, strength::COMPARE),
        (">=", Binary::GreaterOrEqual, strength::COMPARE),
        ("<>", Binary::NotEqual, strength::COMPARE),
        ("<", Binary::Less, strength::COMPARE),
        (">", Binary::Greater, strength::COMPARE),
        ("=", Binary::Equal, strength::COMPARE),
        ("&", Binary::Concat, strength::CONCAT),
        ("+", Binary::Add, strength::ADD),
        ("-", Binary::Subtract, strength::ADD),
        ("*", Binary::Multiply, strength::MULTIPLY),
        ("/", Binary::Divide, strength::MULTIPLY),
        ("^", Binary::Power, strength::POWER),
        (":", Binary::Range, strength::RANGE),
    ];
    let (sign, operator, strength) = OPERATORS.iter().find(|(sign, ..)| text.starts_with(sign))?;
    Some((*operator, *strength, sign.len()))
}

fn boolean(word: &str) -> Option<bool> {
    match word {
        _ if word.eq_ignore_ascii_case("TRUE") => Some(true),
        _ if word.eq_ignore_ascii_case("FALSE") => Some(false),
        _ => None,
    }
}

fn starts_with_no_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
