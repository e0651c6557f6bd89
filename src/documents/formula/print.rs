//! The text of a formula as Excel shows it (en-US).
//!
//! The tree is walked with a list of jobs, left to right, so that work and memory follow the text
//! that is made. What the file lacks is shown as `#MISSING`, `#NAME?` or `#REF!`; a token that
//! could not be decoded as its bytes. Spaces that the author typed are not reproduced.

use std::fmt::Write;

use super::expression::{Expression, Grid, Node, NodeIndex, Target, book_of, defined_name, target};
use super::functions::{self, id};
use super::text::is_word;
use super::token::{
    Area, ArrayConstant, ArrayElement, Binary, NaturalLanguage, Ref, SheetLink, Text, Token, Unary,
};
use super::{Scope, write_number};
use crate::base::location::A1;
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{ExternalBook, ExternalKind, FormulaCell, SharedFormula, Sheet, Workbook};

/// How a formula was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    /// Whether every token is shown: nothing was cut, missing or unknown.
    pub complete: bool,
    /// Whether the text ended at the given number of characters.
    pub cut: bool,
}

/// Appends the text of a formula, without a leading `=`, and at most `max_chars` characters.
///
/// A formula that is that of another cell (`PtgExp`) is looked up in the sheet of `scope`. Work is
/// charged by token and by character.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; the text made so far stays in `into`.
pub fn print(
    rgce: &[u8],
    rgcb: &[u8],
    scope: &Scope<'_>,
    max_chars: usize,
    cx: &mut Cx<'_>,
    into: &mut String,
) -> Result<Printed, LimitHit> {
    let (rgce, rgcb) = shared_tokens(rgce, rgcb, scope).unwrap_or((rgce, rgcb));
    let expression = Expression::parse(rgce, rgcb, scope.workbook.version, cx)?;
    print_expression(&expression, scope, max_chars, cx, into)
}

/// Appends the text of a formula that is decoded already; otherwise as [`print()`], but `PtgExp` is
/// not followed.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; the text made so far stays in `into`.
pub fn print_expression(
    expression: &Expression<'_>,
    scope: &Scope<'_>,
    max_chars: usize,
    cx: &mut Cx<'_>,
    into: &mut String,
) -> Result<Printed, LimitHit> {
    let mut printer = Printer::new(expression, scope, max_chars, cx, into);
    let mut first = true;
    for root in expression.roots() {
        if !first {
            printer.complete = false;
            printer.push("…")?;
        }
        first = false;
        printer.tree(root)?;
    }
    if expression.error().is_some() {
        printer.complete = false;
        if !first {
            printer.push("…")?;
        }
        printer.raw(expression.undecoded())?;
    }
    printer.finish()
}

/// Appends the text of a subtree; otherwise as [`print_expression`].
///
/// # Errors
/// [`LimitHit`] when the steps do not last; the text made so far stays in `into`.
pub fn print_node(
    expression: &Expression<'_>,
    node: NodeIndex,
    scope: &Scope<'_>,
    max_chars: usize,
    cx: &mut Cx<'_>,
    into: &mut String,
) -> Result<Printed, LimitHit> {
    let mut printer = Printer::new(expression, scope, max_chars, cx, into);
    printer.tree(node)?;
    printer.finish()
}

/// Appends the text of the formula of a cell; the formula that it shares is found first.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; the text made so far stays in `into`.
pub fn print_cell(
    workbook: &Workbook,
    sheet: u32,
    cell: &FormulaCell,
    max_chars: usize,
    cx: &mut Cx<'_>,
    into: &mut String,
) -> Result<Printed, LimitHit> {
    let (rgce, rgcb) = workbook.tokens.get(cell.tokens);
    let scope = Scope { workbook, sheet: Some(sheet), cell: Some((cell.row, cell.column.into())) };
    print(rgce, rgcb, &scope, max_chars, cx, into)
}

/// The tokens of a cell: its own, or those of the shared or array formula that it names.
pub fn cell_tokens<'w>(workbook: &'w Workbook, sheet: u32, cell: &FormulaCell) -> (&'w [u8], &'w [u8]) {
    let (rgce, rgcb) = workbook.tokens.get(cell.tokens);
    let scope = Scope { workbook, sheet: Some(sheet), cell: Some((cell.row, cell.column.into())) };
    shared_tokens(rgce, rgcb, &scope).unwrap_or((rgce, rgcb))
}

fn shared_tokens<'w>(rgce: &[u8], rgcb: &[u8], scope: &Scope<'w>) -> Option<(&'w [u8], &'w [u8])> {
    if rgce.first() != Some(&0x01) {
        return None;
    }
    let workbook = scope.workbook;
    let Ok((_, Token::Exp { row, column })) = super::tokens(rgce, rgcb, workbook.version).next()? else {
        return None;
    };
    let sheet = workbook.sheets.get(usize::try_from(scope.sheet?).ok()?)?;
    let shared = shared_formula(sheet, row, column)?;
    Some(workbook.tokens.get(shared.tokens))
}

/// The shared or array formula that a `PtgExp` names by a cell.
///
/// [`Sheet::shared`] is in order of first row and first column. The cell is the first one of the
/// formula in the file. It lies in the range, mostly in its first corner; not always, because cells
/// that were overwritten since do not shrink the range.
pub fn shared_formula(sheet: &Sheet, row: u32, column: u16) -> Option<&SharedFormula> {
    // Honest files find theirs at once; a bound keeps hostile ones from a scan for every cell.
    const MOST_LOOKED_AT: usize = 256;
    let key = |formula: &SharedFormula| (formula.first_row, formula.first_column);
    let behind = sheet.shared.partition_point(|formula| key(formula) <= (row, column));
    let before = sheet.shared.get(..behind)?;
    let holds = |formula: &&SharedFormula| {
        formula.last_row >= row && formula.first_column <= column && formula.last_column >= column
    };
    before.iter().rev().take(MOST_LOOKED_AT).find(holds)
}

/// Work that printing a node costs, in characters.
const NODE_COST: usize = 64;

/// Characters that make one step.
const CHARS_IN_A_STEP: usize = 64;

/// Binding strength of what stands around an expression; a weaker expression needs parentheses.
mod strength {
    pub(super) const ANY: u8 = 0;
    pub(super) const COMPARE: u8 = 1;
    pub(super) const CONCAT: u8 = 2;
    pub(super) const ADD: u8 = 3;
    pub(super) const MULTIPLY: u8 = 4;
    pub(super) const POWER: u8 = 5;
    pub(super) const UNARY: u8 = 6;
    pub(super) const UNION: u8 = 7;
    pub(super) const INTERSECT: u8 = 8;
    pub(super) const RANGE: u8 = 9;
    pub(super) const ATOM: u8 = 10;
}

fn sign(operator: Binary) -> (&'static str, u8) {
    match operator {
        Binary::Add => ("+", strength::ADD),
        Binary::Subtract => ("-", strength::ADD),
        Binary::Multiply => ("*", strength::MULTIPLY),
        Binary::Divide => ("/", strength::MULTIPLY),
        Binary::Power => ("^", strength::POWER),
        Binary::Concat => ("&", strength::CONCAT),
        Binary::Less => ("<", strength::COMPARE),
        Binary::LessOrEqual => ("<=", strength::COMPARE),
        Binary::Equal => ("=", strength::COMPARE),
        Binary::GreaterOrEqual => (">=", strength::COMPARE),
        Binary::Greater => (">", strength::COMPARE),
        Binary::NotEqual => ("<>", strength::COMPARE),
        Binary::Intersect => (" ", strength::INTERSECT),
        Binary::Union => (",", strength::UNION),
        Binary::Range => (":", strength::RANGE),
    }
}

/// Whether the sign of a range would make one reference of the ends of both sides: columns of names with few
/// letters, or sheets of a name and the sheet of the right side.
fn would_merge(left: &str, right: &str) -> bool {
    let before = left.trim_end_matches(is_word);
    let last = left.get(before.len()..).unwrap_or_default();
    let right = right.strip_prefix('$').unwrap_or(right);
    let behind = right.trim_start_matches(is_word);
    let first = right.strip_suffix(behind).unwrap_or_default();
    let is_column =
        |word: &str| (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_sheet = behind.starts_with('!') && !last.is_empty() && !before.ends_with('!');
    is_sheet || is_column(last) && is_column(first)
}

/// What is still to be printed; the last one is next.
#[derive(Debug, Clone, Copy)]
enum Job {
    /// A subtree.
    Node {
        index: NodeIndex,
        /// Strength of the operator around it.
        around: u8,
        /// Whether a comma in it would be taken for one between arguments.
        in_list: bool,
    },
    /// Text between subtrees.
    Text(&'static str),
    /// The sign of a range before its right side, which is planned with it.
    RangeSign { right: Option<NodeIndex>, in_list: bool },
    /// Behind a range whose sign is at an offset.
    RangeEnd(usize),
}

struct Printer<'p, 'a, 'c> {
    expression: &'p Expression<'a>,
    scope: &'p Scope<'p>,
    grid: Grid,
    cx: &'p mut Cx<'c>,
    into: &'p mut String,
    jobs: Vec<Job>,
    chars_left: usize,
    owed: usize,
    complete: bool,
    cut: bool,
}

impl<'p, 'a, 'c> Printer<'p, 'a, 'c> {
    fn new(
        expression: &'p Expression<'a>,
        scope: &'p Scope<'p>,
        max_chars: usize,
        cx: &'p mut Cx<'c>,
        into: &'p mut String,
    ) -> Self {
        let grid = Grid::of(expression.version());
        let jobs = Vec::new();
        Printer {
            expression,
            scope,
            grid,
            cx,
            into,
            jobs,
            chars_left: max_chars,
            owed: 0,
            complete: true,
            cut: false,
        }
    }

    fn finish(mut self) -> Result<Printed, LimitHit> {
        self.owe(CHARS_IN_A_STEP.saturating_sub(1))?;
        Ok(Printed { complete: self.complete && !self.cut, cut: self.cut })
    }

    /// Charges for work before it is done.
    fn owe(&mut self, chars: usize) -> Result<(), LimitHit> {
        self.owed = self.owed.saturating_add(chars);
        let steps = self.owed / CHARS_IN_A_STEP;
        self.owed %= CHARS_IN_A_STEP;
        if steps > 0 { self.cx.budget.step(steps as u64) } else { Ok(()) }
    }

    /// Appends as much of a text as there is room for.
    fn push(&mut self, text: &str) -> Result<(), LimitHit> {
        if self.cut {
            return Ok(());
        }
        let kept = if text.len() <= self.chars_left {
            text
        } else {
            match text.char_indices().nth(self.chars_left) {
                Some((end, _)) => {
                    self.cut = true;
                    text.get(..end).unwrap_or_default()
                }
                None => text,
            }
        };
        self.owe(kept.len())?;
        self.into.push_str(kept);
        let chars = if kept.is_ascii() { kept.len() } else { kept.chars().count() };
        self.chars_left = self.chars_left.saturating_sub(chars);
        Ok(())
    }

    fn push_display(&mut self, shown: impl std::fmt::Display) -> Result<(), LimitHit> {
        self.push(&shown.to_string())
    }

    fn tree(&mut self, root: NodeIndex) -> Result<(), LimitHit> {
        self.jobs.push(Job::Node { index: root, around: strength::ANY, in_list: false });
        while let Some(job) = self.jobs.pop() {
            if self.cut {
                self.jobs.clear();
                break;
            }
            match job {
                Job::Text(text) => self.push(text)?,
                Job::RangeSign { right, in_list } => {
                    self.jobs.push(Job::RangeEnd(self.into.len()));
                    match right {
                        Some(index) => self.jobs.push(Job::Node { index, around: strength::ATOM, in_list }),
                        None => self.missing(),
                    }
                    self.push(":")?;
                }
                Job::RangeEnd(at) => self.range_end(at)?,
                Job::Node { index, around, in_list } => {
                    self.owe(NODE_COST)?;
                    self.node(index, around, in_list)?;
                }
            }
        }
        Ok(())
    }

    fn node(&mut self, index: NodeIndex, around: u8, in_list: bool) -> Result<(), LimitHit> {
        let expression = self.expression;
        let Some(node) = expression.node(index) else { return Ok(()) };
        match node.token {
            Token::Binary(operator) => self.binary(index, node, operator, around, in_list),
            Token::Unary(operator) => self.unary(index, operator, around, in_list),
            Token::Paren => {
                self.jobs.push(Job::Text(")"));
                self.operand(index, strength::ANY, false);
                self.push("(")
            }
            Token::AttrSum => {
                self.jobs.push(Job::Text(")"));
                self.operand(index, strength::ANY, true);
                self.push("SUM(")
            }
            Token::Func { id, .. } => self.call(index, node, id, false, false),
            Token::FuncVar { id, command, prompt, .. } => self.call(index, node, id, command, prompt),
            _ => self.leaf(node),
        }
    }

    /// Plans the only operand of a node.
    fn operand(&mut self, index: NodeIndex, around: u8, in_list: bool) {
        match self.expression.operands_backwards(index).next() {
            Some(index) => self.jobs.push(Job::Node { index, around, in_list }),
            None => self.missing(),
        }
    }

    fn missing(&mut self) {
        self.complete = false;
        self.jobs.push(Job::Text("#MISSING"));
    }

    fn binary(
        &mut self,
        index: NodeIndex,
        node: &Node<'_>,
        operator: Binary,
        around: u8,
        in_list: bool,
    ) -> Result<(), LimitHit> {
        let (text, own) = sign(operator);
        let parentheses = own < around || (operator == Binary::Union && in_list);
        let in_list = in_list && !parentheses;
        if parentheses {
            self.jobs.push(Job::Text(")"));
        }
        let mut operands = self.expression.operands_backwards(index);
        let (right, left) = (operands.next(), operands.next());
        debug_assert_eq!(node.missing_operands() == 0, left.is_some());
        if operator == Binary::Range {
            self.jobs.push(Job::RangeSign { right, in_list });
        } else {
            match right {
                Some(index) => {
                    self.jobs.push(Job::Node { index, around: own.saturating_add(1), in_list });
                }
                None => self.missing(),
            }
            self.jobs.push(Job::Text(text));
        }
        match left {
            Some(index) => self.jobs.push(Job::Node { index, around: own, in_list }),
            None => self.missing(),
        }
        if parentheses { self.push("(") } else { Ok(()) }
    }

    /// Keeps the sides of a range apart by a space where they would merge.
    fn range_end(&mut self, at: usize) -> Result<(), LimitHit> {
        let (left, sign) = self.into.split_at_checked(at).unwrap_or_default();
        if !would_merge(left, sign.strip_prefix(':').unwrap_or_default()) {
            return Ok(());
        }
        if self.chars_left == 0 {
            self.cut = true;
            return Ok(());
        }
        self.owe(sign.len())?;
        self.into.insert(at, ' ');
        self.chars_left = self.chars_left.saturating_sub(1);
        Ok(())
    }

    fn unary(
        &mut self,
        index: NodeIndex,
        operator: Unary,
        around: u8,
        in_list: bool,
    ) -> Result<(), LimitHit> {
        let parentheses = strength::UNARY < around;
        let in_list = in_list && !parentheses;
        if parentheses {
            self.jobs.push(Job::Text(")"));
        }
        if operator == Unary::Percent {
            self.jobs.push(Job::Text("%"));
        }
        self.operand(index, strength::UNARY, in_list);
        if parentheses {
            self.push("(")?;
        }
        match operator {
            Unary::Plus => self.push("+"),
            Unary::Minus => self.push("-"),
            Unary::Percent => Ok(()),
        }
    }

    fn call(
        &mut self,
        index: NodeIndex,
        node: &Node<'_>,
        id: u16,
        command: bool,
        prompt: bool,
    ) -> Result<(), LimitHit> {
        self.jobs.push(Job::Text(")"));
        let named_by_argument = !command && id == id::FTAB_USER_DEFINED;
        let mut operands = self.expression.operands_backwards(index).peekable();
        let mut callee = None;
        let mut first = true;
        while let Some(operand) = operands.next() {
            if named_by_argument && node.missing_operands() == 0 && operands.peek().is_none() {
                callee = Some(operand);
                break;
            }
            if !first {
                self.jobs.push(Job::Text(","));
            }
            first = false;
            self.jobs.push(Job::Node { index: operand, around: strength::ANY, in_list: true });
        }
        drop(operands);
        for _ in 0..node.missing_operands() {
            if !first {
                self.jobs.push(Job::Text(","));
            }
            first = false;
            self.missing();
        }
        let opening = if prompt { "?(" } else { "(" };
        if let Some(index) = callee {
            self.jobs.push(Job::Text(opening));
            self.jobs.push(Job::Node { index, around: strength::ATOM, in_list: false });
            return Ok(());
        }
        let known = if command { functions::cetab(id) } else { functions::ftab(id) };
        match known.map(|function| function.name).filter(|name| !name.is_empty()) {
            Some(name) => self.push(name)?,
            None => {
                self.complete = false;
                let table = if command { "CETAB" } else { "FTAB" };
                self.push_display(format_args!("#{table}_0x{id:X}"))?;
            }
        }
        self.push(opening)
    }

    fn leaf(&mut self, node: &Node<'_>) -> Result<(), LimitHit> {
        let origin = Some(self.scope.cell.unwrap_or((0, 0)));
        match node.token {
            Token::MissArg => Ok(()),
            Token::Str(text) => self.string(&text),
            Token::Int(value) => {
                let mut text = Short::default();
                text.number(value.into());
                self.push(text.as_str())
            }
            Token::Num(value) => {
                let mut text = String::new();
                write_number(value, &mut text);
                self.push(&text)
            }
            Token::Bool(value) => self.push(boolean(value)),
            Token::Err(code) => self.error(code),
            Token::Array(_, array) => self.array(&array),
            Token::Name { index, .. } => self.name(index, false),
            Token::NameX { link, index, .. } => self.external_name(link, index),
            Token::Ref(_, cell) => {
                self.old_sheet(node)?;
                self.cell(cell, None)
            }
            Token::Area(_, area) => {
                self.old_sheet(node)?;
                self.area(area, None)
            }
            Token::RefN(_, cell) => {
                self.old_sheet(node)?;
                self.cell(cell, origin)
            }
            Token::AreaN(_, area) => {
                self.old_sheet(node)?;
                self.area(area, origin)
            }
            Token::RefErr(_) | Token::AreaErr(_) => {
                self.old_sheet(node)?;
                self.push("#REF!")
            }
            Token::Ref3d(_, link, cell) => {
                self.sheets(link)?;
                self.cell(cell, None)
            }
            Token::Area3d(_, link, area) => {
                self.sheets(link)?;
                self.area(area, None)
            }
            Token::RefErr3d(_, link) | Token::AreaErr3d(_, link) => {
                self.sheets(link)?;
                self.push("#REF!")
            }
            Token::Exp { row, column } => {
                self.complete = false;
                self.push_display(format_args!("#SHARED({})", A1(row, column.into())))
            }
            Token::Tbl { .. } => self.push("TABLE(…)"),
            Token::Elf {
                kind:
                    NaturalLanguage::Row
                    | NaturalLanguage::Column
                    | NaturalLanguage::RowValue
                    | NaturalLanguage::ColumnValue,
                row,
                column,
            } => self.push_display(A1(row.into(), u32::from(column & 0xFF))),
            Token::Elf { .. } => {
                self.complete = false;
                self.push("#NAME?")
            }
            Token::List { index, .. } => self.push_display(format_args!("#TABLE({index})")),
            Token::SxName { index } => self.push_display(format_args!("#PIVOTNAME({index})")),
            _ => Ok(()),
        }
    }

    fn string(&mut self, text: &Text<'_>) -> Result<(), LimitHit> {
        self.owe(text.bytes.len())?;
        let text = text.decode(self.scope.workbook.code_page);
        self.quoted(&text)
    }

    fn quoted(&mut self, text: &str) -> Result<(), LimitHit> {
        self.push("\"")?;
        for (index, piece) in text.split('"').enumerate() {
            if index > 0 {
                self.push("\"\"")?;
            }
            self.push(piece)?;
        }
        self.push("\"")
    }

    fn error(&mut self, code: u8) -> Result<(), LimitHit> {
        match error_text(code) {
            Some(text) => self.push(text),
            None => self.push_display(format_args!("#ERR(0x{code:02X})")),
        }
    }

    fn array(&mut self, array: &ArrayConstant<'_>) -> Result<(), LimitHit> {
        self.push("{")?;
        let mut column = 0u32;
        for (index, element) in array.elements().enumerate() {
            if self.cut {
                return Ok(());
            }
            self.owe(NODE_COST)?;
            if index > 0 {
                self.push(if column == 0 { ";" } else { "," })?;
            }
            match element {
                ArrayElement::Empty => {}
                ArrayElement::Number(value) => {
                    let mut text = String::new();
                    write_number(value, &mut text);
                    self.push(&text)?;
                }
                ArrayElement::Text(text) => self.string(&text)?,
                ArrayElement::Boolean(value) => self.push(boolean(value))?,
                ArrayElement::Error(code) => self.error(code)?,
            }
            column = column.saturating_add(1);
            if column >= array.columns {
                column = 0;
            }
        }
        if !array.complete {
            self.complete = false;
            self.push("…")?;
        }
        self.push("}")
    }

    /// A name of the workbook; one that belongs to another sheet has that before it.
    fn name(&mut self, index: u32, prefixed: bool) -> Result<(), LimitHit> {
        let Some(name) = defined_name(self.scope.workbook, index) else {
            self.complete = false;
            return self.push("#NAME?");
        };
        if let Some(sheet) = name.scope.filter(|_| !prefixed)
            && self.scope.sheet != Some(sheet.into())
            && let Some(sheet) = self.scope.workbook.sheets.get(usize::from(sheet))
        {
            self.prefix(&sheet.name, needs_quotes(&sheet.name))?;
        }
        self.push(&name.name)
    }

    fn external_name(&mut self, link: SheetLink, index: u32) -> Result<(), LimitHit> {
        let workbook = self.scope.workbook;
        let own = match link {
            SheetLink::Sheets { source, .. } => source <= 0,
            SheetLink::Range(_) => false,
        };
        let book = book_of(workbook, link).filter(|_| !own).and_then(|book| workbook.books.get(book));
        let Some(book) = book else {
            if own {
                return self.name(index, false);
            }
            self.complete = false;
            return self.push("#NAME?");
        };
        if book.kind == ExternalKind::SelfReference {
            let prefixed = matches!(target(workbook, link), Target::Sheets { .. });
            if prefixed {
                self.sheets(link)?;
            }
            return self.name(index, prefixed);
        }
        let at = index.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let name = at.and_then(|index| book.names.get(index)).map(|name| name.name.as_str());
        match book.kind {
            ExternalKind::AddIn => {}
            ExternalKind::Unknown if matches!(target(workbook, link), Target::Book { sheet: None, .. }) => {}
            ExternalKind::Workbook if matches!(target(workbook, link), Target::Book { sheet: None, .. }) => {
                self.owe(book.path.len())?;
                self.prefix(&book.path, needs_quotes(&book.path))?;
            }
            _ => self.sheets(link)?,
        }
        match (name, book.kind) {
            (Some(name), ExternalKind::Dde | ExternalKind::Ole) if needs_quotes(name) => self.in_quotes(name),
            (Some(name), _) => self.push(name),
            (None, _) => {
                self.complete = false;
                self.push("#NAME?")
            }
        }
    }

    /// Sheet of a reference before BIFF5, which a token before it names.
    fn old_sheet(&mut self, node: &Node<'_>) -> Result<(), LimitHit> {
        if node.source == 0 {
            return Ok(());
        }
        match i16::try_from(node.source) {
            Ok(source) => self.sheets(SheetLink::Sheets { source, first: 0, last: 0 }),
            Err(_) => self.deleted_sheet(),
        }
    }

    fn deleted_sheet(&mut self) -> Result<(), LimitHit> {
        self.push("#REF!")
    }

    /// Source and sheets of a reference, with the `!` behind them.
    fn sheets(&mut self, link: SheetLink) -> Result<(), LimitHit> {
        let workbook = self.scope.workbook;
        let (book, first, last) = match link {
            SheetLink::Range(index) => match workbook.sheet_ranges.get(usize::from(index)) {
                Some(range) => (workbook.books.get(usize::from(range.book)), range.first, range.last),
                None => {
                    self.complete = false;
                    return self.deleted_sheet();
                }
            },
            SheetLink::Sheets { source, first, last } if source <= 0 => {
                return self.own_sheets(first, last);
            }
            SheetLink::Sheets { .. } => {
                (book_of(workbook, link).and_then(|book| workbook.books.get(book)), 0, 0)
            }
        };
        let Some(book) = book else {
            self.complete = false;
            return self.deleted_sheet();
        };
        match book.kind {
            ExternalKind::SelfReference => match link {
                SheetLink::Range(_) => self.own_sheets(first, last),
                SheetLink::Sheets { .. } => match book.sheets.first() {
                    Some(name) => self.prefix(name, needs_quotes(name)),
                    None => Ok(()),
                },
            },
            ExternalKind::Workbook => self.book_sheets(book, first, last),
            ExternalKind::Dde | ExternalKind::Ole => self.conversation(&book.path),
            ExternalKind::AddIn => Ok(()),
            ExternalKind::ActiveSheet => self.push("!"),
            ExternalKind::Unknown => self.unknown_sheets(book, first, last),
            ExternalKind::Unused => self.deleted_sheet(),
        }
    }

    fn own_sheets(&mut self, first: i16, last: i16) -> Result<(), LimitHit> {
        let workbook = self.scope.workbook;
        let name = |index: i16| {
            let sheet = workbook.sheets.get(usize::try_from(index).ok()?)?;
            Some(sheet.name.as_str())
        };
        match (name(first), name(last)) {
            (Some(first), Some(last)) if std::ptr::eq(first, last) => self.prefix(first, needs_quotes(first)),
            (Some(first_name), Some(last_name)) => self.range_prefix("", first_name, last_name),
            _ if first == -2 => Ok(()),
            _ => self.deleted_sheet(),
        }
    }

    /// Sheets that the text of a formula named and the workbook did not have.
    fn unknown_sheets(&mut self, book: &ExternalBook, first: i16, last: i16) -> Result<(), LimitHit> {
        let name = |index: i16| book.sheets.get(usize::try_from(index).ok()?).map(String::as_str);
        match (name(first), name(last)) {
            (Some(sheet), _) if first == last => self.prefix(sheet, needs_quotes(sheet)),
            (Some(first), Some(last)) => self.range_prefix("", first, last),
            _ => self.deleted_sheet(),
        }
    }

    fn range_prefix(&mut self, book: &str, first: &str, last: &str) -> Result<(), LimitHit> {
        let quotes = !book.is_empty() || needs_quotes(first) || needs_quotes(last);
        self.prefix(&format!("{book}{first}:{last}"), quotes)
    }

    /// `[book]Sheet!`, the path before the bracket.
    fn book_sheets(&mut self, book: &ExternalBook, first: i16, last: i16) -> Result<(), LimitHit> {
        let path = book.path.as_str();
        self.owe(path.len())?;
        let split = path.rfind(['\\', '/', ':']).map_or(0, |at| at.saturating_add(1));
        let (folder, file) = (path.get(..split).unwrap_or_default(), path.get(split..).unwrap_or_default());
        let name = |index: i16| book.sheets.get(usize::try_from(index).ok()?).map(String::as_str);
        match (name(first), name(last)) {
            (Some(sheet), Some(last_sheet)) => {
                self.owe(sheet.len().saturating_add(last_sheet.len()))?;
                let quotes = needs_quotes(sheet) || needs_quotes(last_sheet) || !is_plain(path);
                let book = format!("{folder}[{file}]");
                if first == last {
                    self.prefix(&format!("{book}{sheet}"), quotes)
                } else {
                    self.prefix(&format!("{book}{sheet}:{last_sheet}"), quotes)
                }
            }
            _ => {
                self.prefix(&format!("{folder}[{file}]"), !is_plain(path))?;
                if first == -1 { self.deleted_sheet() } else { Ok(()) }
            }
        }
    }

    /// `program|topic!` of a DDE or OLE source.
    fn conversation(&mut self, path: &str) -> Result<(), LimitHit> {
        self.owe(path.len())?;
        match path.split_once('|') {
            Some((program, topic)) => {
                self.word(program)?;
                self.push("|")?;
                self.word(topic)?;
            }
            None => self.word(path)?,
        }
        self.push("!")
    }

    fn word(&mut self, text: &str) -> Result<(), LimitHit> {
        if needs_quotes(text) { self.in_quotes(text) } else { self.push(text) }
    }

    fn prefix(&mut self, text: &str, quotes: bool) -> Result<(), LimitHit> {
        if quotes {
            self.in_quotes(text)?;
        } else {
            self.push(text)?;
        }
        self.push("!")
    }

    fn in_quotes(&mut self, text: &str) -> Result<(), LimitHit> {
        self.push("'")?;
        for (index, piece) in text.split('\'').enumerate() {
            if index > 0 {
                self.push("''")?;
            }
            self.push(piece)?;
        }
        self.push("'")
    }

    fn cell(&mut self, cell: Ref, origin: Option<(u32, u32)>) -> Result<(), LimitHit> {
        let (row, column) = self.grid.resolve(cell, origin);
        let mut text = Short::default();
        text.column(column, cell.column_relative);
        text.row(row, cell.row_relative);
        self.push(text.as_str())
    }

    fn area(&mut self, area: Area, origin: Option<(u32, u32)>) -> Result<(), LimitHit> {
        let Area { first, last } = area;
        let (first_row, first_column) = self.grid.resolve(first, origin);
        let (last_row, last_column) = self.grid.resolve(last, origin);
        let mut text = Short::default();
        if (first_column, last_column) == (0, self.grid.last_column) {
            text.row(first_row, first.row_relative);
            text.byte(b':');
            text.row(last_row, last.row_relative);
        } else if (first_row, last_row) == (0, self.grid.last_row) {
            text.column(first_column, first.column_relative);
            text.byte(b':');
            text.column(last_column, last.column_relative);
        } else {
            text.column(first_column, first.column_relative);
            text.row(first_row, first.row_relative);
            text.byte(b':');
            text.column(last_column, last.column_relative);
            text.row(last_row, last.row_relative);
        }
        self.push(text.as_str())
    }

    /// The bytes of a token that could not be decoded, and of what follows.
    fn raw(&mut self, bytes: &[u8]) -> Result<(), LimitHit> {
        const SHOWN: usize = 16;
        let mut text = String::from("#TOKEN(");
        for (index, byte) in bytes.iter().take(SHOWN).enumerate() {
            // Writing to a String does not fail.
            let _ = match index {
                0 => write!(text, "0x{byte:02x}"),
                _ => write!(text, " {byte:02x}"),
            };
        }
        if bytes.len() > SHOWN {
            text.push_str(" …");
        }
        text.push(')');
        self.push(&text)
    }
}

/// An address or a number, without an allocation.
#[derive(Default)]
struct Short {
    bytes: [u8; 32],
    len: usize,
}

impl Short {
    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    fn number(&mut self, value: u32) {
        let mut digits = [0; 10];
        let mut count = 0usize;
        let mut rest = value;
        for digit in &mut digits {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            count = count.saturating_add(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        digits.iter().take(count).rev().for_each(|digit| self.byte(*digit));
    }

    fn row(&mut self, row: u32, relative: bool) {
        if !relative {
            self.byte(b'$');
        }
        self.number(row.saturating_add(1));
    }

    fn column(&mut self, column: u16, relative: bool) {
        if !relative {
            self.byte(b'$');
        }
        let column = u32::from(column);
        let letter = |value: u32| b'A'.saturating_add(u8::try_from(value % 26).unwrap_or(0));
        // 26 columns have one letter, 702 have at most two.
        if let Some(rest) = column.checked_sub(702) {
            self.byte(letter(rest / 676));
        }
        if let Some(rest) = column.checked_sub(26) {
            self.byte(letter(rest / 26));
        }
        self.byte(letter(column));
    }
}

fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// The text of an error code ([MS-XLS] 2.5.10 `BErr`).
pub fn error_text(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => return None,
    })
}

/// Whether a sheet name, topic or item has to stand in quotes.
fn needs_quotes(name: &str) -> bool {
    let starts_well = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    !starts_well || !is_plain(name) || is_like_a_reference(name)
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    name.bytes().all(plain)
        || (!name.is_ascii() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '.')))
}

/// Whether a name could be read as a cell, in A1 or R1C1 style.
fn is_like_a_reference(name: &str) -> bool {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, tail) = (name.get(..letters).unwrap_or_default(), name.get(letters..).unwrap_or_default());
    // The sizes of sheets since Excel 2007, which reads these files too.
    let column = head.bytes().fold(0u32, |column, letter| {
        let letter = u32::from(letter.to_ascii_uppercase().saturating_sub(b'@'));
        column.saturating_mul(26).saturating_add(letter)
    });
    let row = if is_number(tail) { tail.parse::<u32>().unwrap_or(0) } else { 0 };
    if (1..=16_384).contains(&column) && (1..=1_048_576).contains(&row) {
        return true;
    }
    let Some(rest) = head.strip_prefix(['R', 'r']) else {
        return head.eq_ignore_ascii_case("C") && is_number(tail);
    };
    if rest.is_empty() {
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let column = tail.get(digits..).unwrap_or_default();
        return column.is_empty() || column.strip_prefix(['C', 'c']).is_some_and(is_number);
    }
    rest.eq_ignore_ascii_case("C") && is_number(tail)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_spelled_as_in_the_base_layer() {
        for column in (0..=u16::from(u8::MAX)).chain([701, 702, 703, 16_383]) {
            let mut text = Short::default();
            text.column(column, true);
            text.row(u32::from(column) * 100, true);
            assert_eq!(text.as_str(), A1(u32::from(column) * 100, column.into()).to_string());
        }
        let mut text = Short::default();
        text.number(u32::MAX);
        text.byte(b' ');
        text.number(0);
        assert_eq!(text.as_str(), "4294967295 0");
    }
}
