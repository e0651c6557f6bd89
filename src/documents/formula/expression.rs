//! The structure of a formula, for rules and the evaluator: which call has which arguments.
//!
//! Nodes are the tokens that have a value or an operator, in the order of the file (postfix).
//! A node's subtree is the contiguous run of nodes that ends with it. Jumps, spaces and memory
//! tokens are left out: they change nothing about the structure.

use std::borrow::Cow;

use super::functions::{self, FunctionInfo, id};
use super::token::{
    Area, Binary, DecodeError, Memory, NaturalLanguage, Ref, SheetLink, Token, Tokens, Unary,
};
use super::{Scope, write_number};
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{BiffVersion, DefinedName, ExternalKind, Workbook};

/// Index of a node in its expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(pub u32);

/// A token with its operands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node<'a> {
    /// Offset of the token in the tokens of the formula.
    pub at: u32,
    /// The token.
    pub token: Token<'a>,
    /// Source of a reference before BIFF5: EXTERNSHEET record from 1, 0 for none.
    pub source: u16,
    /// First node of the subtree that ends with this one.
    first: u32,
    /// How many operands it has.
    operands: u8,
    /// How many it should have had in addition.
    missing: u8,
    /// Whether its text is known without evaluating anything.
    constant: bool,
}

impl Node<'_> {
    /// How many operands the formula lacks before this node; 0 in every formula that Excel wrote.
    pub fn missing_operands(&self) -> u8 {
        self.missing
    }
}

/// A formula as a tree.
#[derive(Debug, Clone)]
pub struct Expression<'a> {
    nodes: Vec<Node<'a>>,
    roots: Vec<u32>,
    error: Option<DecodeError>,
    rest: &'a [u8],
    version: BiffVersion,
    volatile: bool,
    assignment: bool,
}

/// What a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// A function of [`functions::ftab`].
    Ftab(u16),
    /// A command of [`functions::cetab`].
    Cetab(u16),
    /// A macro, a function of an add-in, or one that REGISTER defined.
    UserDefined(NameSource),
}

impl Function {
    /// Its row in the tables; `None` for a user-defined one or an identifier that they lack.
    pub fn info(self) -> Option<FunctionInfo> {
        match self {
            Function::Ftab(id) => functions::ftab(id),
            Function::Cetab(id) => functions::cetab(id),
            Function::UserDefined(_) => None,
        }
    }

    /// Its name as the formula shows it; for a user-defined one the name in the workbook.
    pub fn name(self, workbook: &Workbook) -> Option<&str> {
        match self {
            Function::UserDefined(source) => source.name(workbook),
            other => other.info().map(|info| info.name),
        }
    }
}

/// Where the name of a user-defined function comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameSource {
    /// A name of the workbook, from 1.
    Name(u32),
    /// A name of another source, from 1.
    NameX(SheetLink, u32),
    /// It has to be evaluated, or is not there.
    Computed,
}

impl NameSource {
    /// The name, if the workbook has it.
    pub fn name(self, workbook: &Workbook) -> Option<&str> {
        match self {
            NameSource::Name(index) => defined_name(workbook, index).map(|name| name.name.as_str()),
            NameSource::NameX(link, index) => {
                let book = book_of(workbook, link);
                match book.and_then(|book| workbook.books.get(book)) {
                    Some(book) if book.kind != ExternalKind::SelfReference => {
                        let index = usize::try_from(index.checked_sub(1)?).ok()?;
                        book.names.get(index).map(|name| name.name.as_str())
                    }
                    _ => defined_name(workbook, index).map(|name| name.name.as_str()),
                }
            }
            NameSource::Computed => None,
        }
    }
}

/// The name at an index from 1. The upper half of the index is reserved in some writers' files, so
/// that the lower half alone is tried as well.
pub(super) fn defined_name(workbook: &Workbook, index: u32) -> Option<&DefinedName> {
    let at = |index: u32| workbook.names.get(usize::try_from(index.checked_sub(1)?).ok()?);
    at(index).or_else(|| at(index & 0xFFFF))
}

/// Index in the books of the workbook that a link names; `None` when it names none.
pub(super) fn book_of(workbook: &Workbook, link: SheetLink) -> Option<usize> {
    match link {
        SheetLink::Range(index) => {
            workbook.sheet_ranges.get(usize::from(index)).map(|range| usize::from(range.book))
        }
        // Zero and below mean this workbook.
        SheetLink::Sheets { source, .. } => usize::try_from(source).ok()?.checked_sub(1),
    }
}

/// A call with its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Call<'e, 'a> {
    /// What is called.
    pub function: Function,
    /// Whether a command shows its dialog.
    pub prompt: bool,
    /// The node of the call.
    pub node: NodeIndex,
    /// Offset of its token in the tokens of the formula.
    pub at: u32,
    args: u8,
    expression: &'e Expression<'a>,
}

impl<'e, 'a> Call<'e, 'a> {
    /// The arguments, first to last. The name of a user-defined function is not one of them.
    pub fn args(&self) -> Vec<NodeIndex> {
        let mut args = self.expression.operands(self.node);
        if matches!(self.function, Function::UserDefined(_)) && !args.is_empty() {
            args.rotate_left(1);
            args.pop();
        }
        args
    }

    /// The argument at a position from 0.
    pub fn arg(&self, position: usize) -> Option<NodeIndex> {
        self.args().get(position).copied()
    }

    /// How many arguments there are.
    pub fn arg_count(&self) -> usize {
        let own = matches!(self.function, Function::UserDefined(_)) && self.args > 0;
        usize::from(self.args).saturating_sub(usize::from(own))
    }
}

/// Which sheets a reference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The sheet where the formula stands.
    Here,
    /// The sheet that is active when it is calculated; for a name, the sheet of the caller.
    Active,
    /// Sheets of this workbook, by index.
    Sheets {
        /// First sheet.
        first: u32,
        /// Last sheet.
        last: u32,
    },
    /// Sheets of another source.
    Book {
        /// Index in the books of the workbook.
        book: usize,
        /// Sheet of that book; `None` when it has none.
        sheet: Option<u32>,
    },
    /// A sheet that was deleted, or that the file does not have.
    Deleted,
}

/// Cells: first and last row, first and last column, from 0, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellRange {
    /// First and last row.
    pub rows: (u32, u32),
    /// First and last column.
    pub columns: (u16, u16),
}

/// A reference of a formula, resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// Its node.
    pub node: NodeIndex,
    /// Which sheets.
    pub target: Target,
    /// Which cells; `None` when they were deleted.
    pub cells: Option<CellRange>,
}

impl<'a> Expression<'a> {
    /// Decodes a formula. What cannot be decoded is left out and stands in [`Expression::error`].
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last; nothing is returned then.
    pub fn parse(
        rgce: &'a [u8],
        rgcb: &'a [u8],
        version: BiffVersion,
        cx: &mut Cx<'_>,
    ) -> Result<Self, LimitHit> {
        // A token has a byte or more; the smallest ones cost about a quarter of a step.
        // A byte can be a token: parsed, looked at by every sight and printed.
        cx.budget.step((rgce.len() as u64).saturating_add(1))?;
        cx.budget.touch(rgcb.len())?;
        let mut made = Expression {
            nodes: Vec::new(),
            roots: Vec::new(),
            error: None,
            rest: &[],
            version,
            volatile: false,
            assignment: false,
        };
        made.nodes.reserve(rgce.len() / 4);
        let mut tokens = Tokens::new(rgce, rgcb, version);
        let mut source = 0;
        for token in tokens.by_ref() {
            match token {
                Ok((at, token)) => made.push(at, token, &mut source),
                Err(error) => made.error = Some(error),
            }
        }
        made.rest = tokens.rest();
        Ok(made)
    }

    fn push(&mut self, at: u32, token: Token<'a>, source: &mut u16) {
        let operands = match token {
            Token::AttrSemi => {
                self.volatile = true;
                return;
            }
            Token::AttrBaxcel => {
                self.assignment = true;
                return;
            }
            Token::Sheet { source: record } => {
                *source = record;
                return;
            }
            Token::EndSheet => {
                *source = 0;
                return;
            }
            Token::AttrIf { .. }
            | Token::AttrChoose { .. }
            | Token::AttrGoto { .. }
            | Token::AttrSpace { .. }
            | Token::AttrNone
            | Token::Mem { kind: Memory::Area | Memory::Error | Memory::NoMemory, .. }
            | Token::Mem { kind: Memory::Function | Memory::AreaN | Memory::NoMemoryN, .. }
            | Token::Elf {
                kind: NaturalLanguage::Radical | NaturalLanguage::RadicalStacked | NaturalLanguage::RadicalLel,
                ..
            } => return,
            Token::Binary(_) => 2,
            Token::Unary(_) | Token::Paren | Token::AttrSum => 1,
            Token::Func { id, .. } => functions::fixed_args(id, self.version).unwrap_or(0),
            Token::FuncVar { args, .. } => args,
            _ => 0,
        };
        let index = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let have = u8::try_from(self.roots.len().min(usize::from(operands))).unwrap_or(operands);
        let kept = self.roots.len().saturating_sub(usize::from(have));
        let first = match self.roots.get(kept) {
            Some(root) if have > 0 => self.nodes.get(*root as usize).map_or(index, |node| node.first),
            _ => index,
        };
        let constant = self.is_constant(&token, kept);
        self.roots.truncate(kept);
        self.roots.push(index);
        let missing = operands.saturating_sub(have);
        let source = *source;
        self.nodes.push(Node { at, token, source, first, operands: have, missing, constant });
    }

    /// Whether the text of `token`, whose operands are the roots from `kept`, needs no evaluation.
    fn is_constant(&self, token: &Token<'_>, kept: usize) -> bool {
        let operands = self.roots.get(kept..).unwrap_or_default();
        let node = |root: &u32| self.nodes.get(*root as usize);
        match token {
            Token::Str(_) | Token::Int(_) | Token::Num(_) | Token::Bool(_) | Token::MissArg => true,
            Token::Binary(Binary::Concat) => {
                operands.len() == 2
                    && operands.iter().all(|root| node(root).is_some_and(|node| node.constant))
            }
            Token::Paren => operands.first().and_then(node).is_some_and(|node| node.constant),
            Token::Func { id: id::FTAB_CHAR, .. }
            | Token::FuncVar { id: id::FTAB_CHAR, command: false, args: 1, .. } => {
                operands.first().and_then(node).is_some_and(|node| char_code(&node.token).is_some())
            }
            _ => false,
        }
    }

    /// The last node: the whole formula. `None` when it is empty or more than one expression.
    pub fn root(&self) -> Option<NodeIndex> {
        match self.roots.as_slice() {
            [root] => Some(NodeIndex(*root)),
            _ => None,
        }
    }

    /// Every expression of the formula; more than one only when it is damaged.
    pub fn roots(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.roots.iter().map(|root| NodeIndex(*root))
    }

    /// A node.
    pub fn node(&self, index: NodeIndex) -> Option<&Node<'a>> {
        self.nodes.get(index.0 as usize)
    }

    /// All nodes in the order of the file.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The operands of a node, first to last.
    pub fn operands(&self, index: NodeIndex) -> Vec<NodeIndex> {
        let mut operands: Vec<_> = self.operands_backwards(index).collect();
        operands.reverse();
        operands
    }

    /// The operands of a node, last to first, without an allocation.
    pub fn operands_backwards(&self, index: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        let count = self.node(index).map_or(0, |node| node.operands);
        let mut end = index.0;
        (0..count).map_while(move |_| {
            let operand = end.checked_sub(1)?;
            end = self.nodes.get(operand as usize)?.first;
            Some(NodeIndex(operand))
        })
    }

    /// The nodes of a subtree, in the order of the file; its root is the last.
    pub fn subtree(&self, index: NodeIndex) -> &[Node<'a>] {
        let first = self.node(index).map_or(0, |node| node.first) as usize;
        self.nodes.get(first..=index.0 as usize).unwrap_or_default()
    }

    /// Why decoding ended early.
    pub fn error(&self) -> Option<DecodeError> {
        self.error
    }

    /// The bytes that were not decoded, from the token that failed.
    pub fn undecoded(&self) -> &'a [u8] {
        self.rest
    }

    /// The dialect of the tokens.
    pub fn version(&self) -> BiffVersion {
        self.version
    }

    /// Whether Excel calculates it whenever anything changes.
    pub fn is_volatile(&self) -> bool {
        self.volatile
    }

    /// Whether it is an assignment `name=value` in a macro sheet.
    pub fn is_assignment(&self) -> bool {
        self.assignment
    }

    /// The call at a node, if it is one.
    pub fn call(&self, index: NodeIndex) -> Option<Call<'_, 'a>> {
        let node = self.node(index)?;
        let (function, prompt) = match node.token {
            Token::AttrSum => (Function::Ftab(id::FTAB_SUM), false),
            Token::Func { id, .. } => (self.function(id, index), false),
            Token::FuncVar { id, command: true, prompt, .. } => (Function::Cetab(id), prompt),
            Token::FuncVar { id, prompt, .. } => (self.function(id, index), prompt),
            _ => return None,
        };
        Some(Call { function, prompt, node: index, at: node.at, args: node.operands, expression: self })
    }

    fn function(&self, id: u16, index: NodeIndex) -> Function {
        if id != id::FTAB_USER_DEFINED {
            return Function::Ftab(id);
        }
        let name = self.operands_backwards(index).last().and_then(|name| self.node(name));
        Function::UserDefined(match name.map(|node| node.token) {
            Some(Token::Name { index, .. }) => NameSource::Name(index),
            Some(Token::NameX { link, index, .. }) => NameSource::NameX(link, index),
            _ => NameSource::Computed,
        })
    }

    /// All calls, in the order of the file: inner ones before the one that takes their value.
    pub fn calls(&self) -> impl Iterator<Item = Call<'_, 'a>> {
        (0u32..).zip(&self.nodes).filter_map(|(index, _)| self.call(NodeIndex(index)))
    }

    /// All references to cells, in the order of the file.
    pub fn references<'e>(&'e self, scope: &'e Scope<'_>) -> impl Iterator<Item = Reference> + 'e {
        (0u32..).zip(&self.nodes).filter_map(|(index, _)| self.reference(NodeIndex(index), scope))
    }

    /// The reference at a node, if it is one.
    pub fn reference(&self, index: NodeIndex, scope: &Scope<'_>) -> Option<Reference> {
        let node = self.node(index)?;
        let workbook = scope.workbook;
        let here = if node.source == 0 {
            Target::Here
        } else {
            let source = i16::try_from(node.source).unwrap_or(i16::MAX);
            target(workbook, SheetLink::Sheets { source, first: 0, last: 0 })
        };
        let grid = Grid::of(self.version);
        let single = |cell: Ref| Some(grid.range(Area { first: cell, last: cell }, None));
        let origin = Some(scope.cell.unwrap_or((0, 0)));
        // In a name the relative parts of a 3-D reference are distances too.
        let base = if scope.cell.is_none() { Some((0, 0)) } else { None };
        let (target, cells) = match node.token {
            Token::Ref(_, cell) => (here, single(cell)),
            Token::Area(_, area) => (here, Some(grid.range(area, None))),
            Token::RefN(_, cell) => (here, Some(grid.range(Area { first: cell, last: cell }, origin))),
            Token::AreaN(_, area) => (here, Some(grid.range(area, origin))),
            Token::RefErr(_) | Token::AreaErr(_) => (here, None),
            Token::Ref3d(_, link, cell) => {
                (target(workbook, link), Some(grid.range(Area { first: cell, last: cell }, base)))
            }
            Token::Area3d(_, link, area) => (target(workbook, link), Some(grid.range(area, base))),
            Token::RefErr3d(_, link) | Token::AreaErr3d(_, link) => (target(workbook, link), None),
            _ => return None,
        };
        Some(Reference { node: index, target, cells })
    }

    /// The text of a subtree that is known without evaluating anything: texts, numbers, booleans,
    /// left-out arguments, `CHAR` of a number, and all of these joined by `&`.
    ///
    /// At most `max_chars` characters; `None` when it is not constant, or longer.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn constant_text(
        &self,
        index: NodeIndex,
        code_page: Option<CodePage>,
        max_chars: usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Cow<'a, str>>, LimitHit> {
        let Some(node) = self.node(index).filter(|node| node.constant) else { return Ok(None) };
        if let Token::Str(text) = node.token {
            cx.budget.touch(text.bytes.len())?;
            let text = text.decode(code_page);
            return Ok((text.len() <= max_chars || text.chars().count() <= max_chars).then_some(text));
        }
        let nodes = self.subtree(index);
        cx.budget.step((nodes.len() as u64 / 4).saturating_add(1))?;
        let mut folded = String::new();
        let mut chars = 0usize;
        let mut rest = nodes;
        while let Some((node, after)) = rest.split_first() {
            rest = after;
            let before = folded.len();
            match node.token {
                Token::Str(text) => {
                    cx.budget.touch(text.bytes.len())?;
                    folded.push_str(&text.decode(code_page));
                }
                Token::Bool(value) => folded.push_str(if value { "TRUE" } else { "FALSE" }),
                Token::Int(_) | Token::Num(_) => {
                    match (after.first().map(|next| next.token), char_code(&node.token)) {
                        (Some(Token::Func { id: id::FTAB_CHAR, .. }), Some(code))
                        | (Some(Token::FuncVar { id: id::FTAB_CHAR, command: false, .. }), Some(code)) => {
                            folded.push_str(&CodePage::WESTERN.decode(&[code]).text);
                        }
                        _ => match node.token {
                            Token::Int(value) => folded.push_str(&value.to_string()),
                            Token::Num(value) => write_number(value, &mut folded),
                            _ => {}
                        },
                    }
                }
                _ => {}
            }
            chars = chars.saturating_add(folded.get(before..).unwrap_or_default().chars().count());
            if chars > max_chars {
                return Ok(None);
            }
        }
        Ok(Some(Cow::Owned(folded)))
    }
}

/// The character code that `CHAR` of this token means.
fn char_code(token: &Token<'_>) -> Option<u8> {
    match token {
        Token::Int(value) => u8::try_from(*value).ok().filter(|code| *code != 0),
        Token::Num(value) if (1.0..256.0).contains(value) => {
            (1..=255u8).rev().find(|code| f64::from(*code) <= *value)
        }
        _ => None,
    }
}

/// Unary and binary operators by name, for those who match on them.
impl Node<'_> {
    /// The binary operator at this node.
    pub fn binary(&self) -> Option<Binary> {
        match self.token {
            Token::Binary(operator) => Some(operator),
            _ => None,
        }
    }

    /// The unary operator at this node.
    pub fn unary(&self) -> Option<Unary> {
        match self.token {
            Token::Unary(operator) => Some(operator),
            _ => None,
        }
    }
}

/// The size of a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Last row: all bits of a row number.
    pub(super) last_row: u32,
    /// Last column: all bits of a column number.
    pub(super) last_column: u16,
}

impl Grid {
    pub(super) fn of(version: BiffVersion) -> Self {
        let (last_row, last_column) = match version {
            BiffVersion::Biff12 => (0xF_FFFF, 0x3FFF),
            BiffVersion::Biff8 => (0xFFFF, 0xFF),
            _ => (0x3FFF, 0xFF),
        };
        Grid { last_row, last_column }
    }

    /// The position of a cell whose relative parts count from `origin`, wrapped to the sheet.
    pub(super) fn resolve(self, cell: Ref, origin: Option<(u32, u32)>) -> (u32, u16) {
        let (row, column) = origin.unwrap_or((0, 0));
        let row = if cell.row_relative { cell.row.wrapping_add(row) } else { cell.row };
        let low = u16::try_from(column & 0xFFFF).unwrap_or(0);
        let column = if cell.column_relative { cell.column.wrapping_add(low) } else { cell.column };
        (row & self.last_row, column & self.last_column)
    }

    fn range(self, area: Area, origin: Option<(u32, u32)>) -> CellRange {
        let (first_row, first_column) = self.resolve(area.first, origin);
        let (last_row, last_column) = self.resolve(area.last, origin);
        CellRange {
            rows: (first_row.min(last_row), first_row.max(last_row)),
            columns: (first_column.min(last_column), first_column.max(last_column)),
        }
    }
}

/// Which sheets a link means.
pub(super) fn target(workbook: &Workbook, link: SheetLink) -> Target {
    let (book, first, last) = match link {
        SheetLink::Range(index) => match workbook.sheet_ranges.get(usize::from(index)) {
            Some(range) => (usize::from(range.book), range.first, range.last),
            None => return Target::Deleted,
        },
        SheetLink::Sheets { source, first, last } if source <= 0 => {
            return own_sheets(workbook, first, last);
        }
        SheetLink::Sheets { .. } => match book_of(workbook, link) {
            Some(book) => (book, 0, 0),
            None => return Target::Deleted,
        },
    };
    match workbook.books.get(book) {
        Some(source) if source.kind == ExternalKind::SelfReference => match (link, source.sheets.first()) {
            (SheetLink::Sheets { .. }, Some(name)) => {
                // Many sheets and many references must not multiply.
                let found = workbook.sheets.iter().take(1024).position(|sheet| sheet.name == *name);
                match found.and_then(|sheet| u32::try_from(sheet).ok()) {
                    Some(sheet) => Target::Sheets { first: sheet, last: sheet },
                    None => Target::Deleted,
                }
            }
            (SheetLink::Sheets { .. }, None) => Target::Here,
            _ => own_sheets(workbook, first, last),
        },
        Some(source) if source.kind == ExternalKind::ActiveSheet => Target::Active,
        Some(_) => Target::Book { book, sheet: u32::try_from(first).ok() },
        None => Target::Deleted,
    }
}

fn own_sheets(workbook: &Workbook, first: i16, last: i16) -> Target {
    let count = workbook.sheets.len();
    let index = |sheet: i16| u32::try_from(sheet).ok().filter(|sheet| (*sheet as usize) < count);
    match (index(first), index(last)) {
        (Some(first), Some(last)) => Target::Sheets { first: first.min(last), last: first.max(last) },
        _ if first == -2 => Target::Here,
        _ => Target::Deleted,
    }
}
