//! A formula as the machine runs it: a row of operations over a stack, with jumps where IF and
//! CHOOSE leave out what they do not choose.
//!
//! It owns everything, so that it outlives the tokens that it was made from, and a loop makes it
//! once.

use std::cell::Cell;
use std::rc::Rc;

use super::functions::{self, Spec};
use super::names::name_key;
use super::value::{Array, Data, ErrorCode, Value};
use crate::base::{Cx, LimitHit};
use crate::documents::formula::{
    ArrayElement, Binary, CellRange, Expression, Function, NameSource, NodeIndex, Scope, Target, Token,
    Unary, functions::id,
};
use crate::documents::workbook::{ExternalKind, Workbook};

/// A formula ready to run.
#[derive(Debug, Default)]
pub struct Code {
    /// Operations in order.
    pub ops: Vec<Op>,
    /// What it is for the flow of control between cells.
    pub head: Head,
    /// Whether a call in it may do something besides yielding a value.
    pub acts: bool,
    /// Bytes that it takes.
    pub len: usize,
    /// Whether it was noted as run in the cell where it stands.
    pub noted: Cell<bool>,
    /// After how many writes of formulas the next row below its cell was looked for that has one, and which
    /// it is.
    pub below: Cell<Option<(u64, Option<u32>)>>,
}

/// What a formula is for the flow of control between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Head {
    /// It runs and that is all.
    #[default]
    Plain,
    /// `IF` with one argument: opens a block.
    If,
    /// `ELSE.IF`
    ElseIf,
    /// `ELSE`
    Else,
    /// `END.IF`
    EndIf,
    /// `FOR`, `FOR.CELL` or `WHILE`: opens a loop.
    Loop,
    /// `NEXT`
    Next,
}

/// What a name stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRef {
    /// The name as it is compared.
    pub key: Rc<str>,
    /// The name as it is shown.
    pub text: Rc<str>,
    /// The sheet that it belongs to, where the formula says one.
    pub sheet: Option<u32>,
}

/// One operation.
#[derive(Debug, Clone)]
pub enum Op {
    /// Puts a constant on the stack.
    Push(Value),
    /// Puts a reference on the stack; without a sheet it means that of the formula.
    Reference(Option<u32>, CellRange),
    /// A reference on the sheet that is active.
    ActiveReference(CellRange),
    /// A reference into another workbook: a value nobody knows.
    Elsewhere(Rc<str>),
    /// Puts what a name stands for on the stack.
    Name(NameRef),
    /// An operator with two operands.
    Binary(Binary),
    /// An operator with one operand.
    Unary(Unary),
    /// A call of a known function.
    Call {
        /// The function.
        spec: &'static Spec,
        /// How many arguments.
        args: u8,
        /// Whether a command shows its dialog.
        prompt: bool,
    },
    /// A call of a function that the machine does not know.
    Unknown {
        /// Its name.
        name: Rc<str>,
        /// How many arguments.
        args: u8,
    },
    /// A call of a macro, a registered function, or one of an add-in.
    User {
        /// Its name; `None` when it is computed and lies on the stack below the arguments.
        name: Option<NameRef>,
        /// How many arguments.
        args: u8,
    },
    /// Takes a condition; goes on behind this when it holds.
    Branch {
        /// Where it goes on otherwise.
        otherwise: usize,
        /// Where it goes on when the condition is an error, which is the value then.
        end: usize,
    },
    /// Goes on elsewhere.
    Jump(usize),
    /// Takes a number from 1 and goes on at its place.
    Choose {
        /// Places, in order.
        places: Vec<usize>,
        /// Where it goes on when the number has no place; an error is the value.
        end: usize,
    },
    /// `name=value`
    Assign(Option<NameRef>),
}

/// What stands behind a node, besides its own operation.
#[derive(Debug, Clone, Copy)]
enum Behind {
    /// The condition of an IF.
    Condition,
    /// What an IF does when it holds.
    Then,
    /// The index of a CHOOSE.
    Index,
    /// A choice of a CHOOSE.
    Choice,
}

impl Code {
    /// Compiles a formula.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn of(expression: &Expression<'_>, scope: &Scope<'_>, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        let count = expression.nodes().len();
        cx.budget.step((count as u64).saturating_mul(2).saturating_add(1))?;
        let mut compiler = Compiler {
            expression,
            scope,
            behind: vec![None; count],
            names: vec![false; count],
            choosing: Vec::new(),
            code: Code::default(),
        };
        for index in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            compiler.look(NodeIndex(index));
        }
        for index in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            compiler.node(NodeIndex(index), cx)?;
        }
        let mut code = compiler.code;
        code.head = expression.root().map_or(Head::Plain, |root| head(expression, root));
        /// What a formula takes besides its operations and texts.
        const CODE_BYTES: usize = 192;
        code.ops.shrink_to_fit();
        let ops = code.ops.len().saturating_mul(size_of::<Op>());
        code.len = code.len.saturating_add(ops).saturating_add(CODE_BYTES);
        Ok(code)
    }
}

fn head(expression: &Expression<'_>, root: NodeIndex) -> Head {
    let Some(call) = expression.call(root) else { return Head::Plain };
    match call.function {
        Function::Ftab(id::FTAB_IF) if call.arg_count() == 1 => Head::If,
        Function::Ftab(id::FTAB_ELSE_IF) => Head::ElseIf,
        Function::Ftab(id::FTAB_ELSE) => Head::Else,
        Function::Ftab(id::FTAB_END_IF) => Head::EndIf,
        Function::Ftab(id::FTAB_FOR | id::FTAB_FOR_CELL | id::FTAB_WHILE) => Head::Loop,
        Function::Ftab(id::FTAB_NEXT) => Head::Next,
        _ => Head::Plain,
    }
}

struct Compiler<'e, 'a, 's, 'w> {
    expression: &'e Expression<'a>,
    scope: &'s Scope<'w>,
    behind: Vec<Option<Behind>>,
    /// Nodes that are meant as a name and not as what it stands for.
    names: Vec<bool>,
    /// IFs and CHOOSEs that are open: places of operations to fill in.
    choosing: Vec<Open>,
    code: Code,
}

#[derive(Debug, Default)]
struct Open {
    /// The branch or choice.
    at: usize,
    /// Jumps to the end.
    jumps: Vec<usize>,
    /// Where choices begin.
    places: Vec<usize>,
}

impl Compiler<'_, '_, '_, '_> {
    /// Notes what a node wants behind its operands.
    fn look(&mut self, index: NodeIndex) {
        let expression = self.expression;
        if let Some(call) = expression.call(index) {
            let operands = expression.operands(index);
            let marks: Vec<Behind> = match call.function {
                Function::Ftab(id::FTAB_IF) if operands.len() > 1 => vec![Behind::Condition, Behind::Then],
                Function::Ftab(id::FTAB_CHOOSE) if operands.len() > 1 => {
                    let mut marks = vec![Behind::Choice; operands.len()];
                    if let Some(first) = marks.first_mut() {
                        *first = Behind::Index;
                    }
                    marks
                }
                Function::UserDefined(_) => {
                    self.mark_name(operands.first().copied());
                    Vec::new()
                }
                _ => Vec::new(),
            };
            for (operand, mark) in operands.iter().zip(marks) {
                if let Some(slot) = self.behind.get_mut(operand.0 as usize) {
                    *slot = Some(mark);
                }
            }
        }
        if self.is_assignment(index) {
            let left = expression.operands(index).first().copied();
            self.mark_name(left);
        }
    }

    fn is_assignment(&self, index: NodeIndex) -> bool {
        self.expression.is_assignment()
            && self.expression.root() == Some(index)
            && self.expression.node(index).is_some_and(|node| node.token == Token::Binary(Binary::Equal))
    }

    /// The name that a node is.
    fn named(&self, node: NodeIndex) -> Option<NameRef> {
        let source = match self.expression.node(node)?.token {
            Token::Name { index, .. } => NameSource::Name(index),
            Token::NameX { link, index, .. } => NameSource::NameX(link, index),
            _ => return None,
        };
        name_ref(self.scope.workbook, source, self.scope.sheet)
    }

    fn mark_name(&mut self, node: Option<NodeIndex>) {
        let node = node.filter(|node| self.named(*node).is_some());
        let slot = node.and_then(|node| self.names.get_mut(node.0 as usize));
        if let Some(slot) = slot {
            *slot = true;
        }
    }

    fn push(&mut self, op: Op) {
        self.code.ops.push(op);
    }

    fn data(&mut self, data: Data) {
        self.code.len = self.code.len.saturating_add(data.heap_len());
        self.push(Op::Push(data.into()));
    }

    fn node(&mut self, index: NodeIndex, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(node) = self.expression.node(index) else { return Ok(()) };
        for _ in 0..node.missing_operands() {
            self.data(Data::Error(ErrorCode::Value));
        }
        match node.token {
            Token::Str(text) => {
                cx.budget.touch(text.bytes.len())?;
                let text = text.decode(self.scope.workbook.code_page);
                self.data(Data::Text(text.into()));
            }
            Token::Int(value) => self.data(Data::Number(value.into())),
            Token::Num(value) => self.data(Data::number(value)),
            Token::Bool(value) => self.data(Data::Boolean(value)),
            Token::Err(code) => self.data(Data::Error(ErrorCode::of_byte(code))),
            Token::MissArg => self.data(Data::Missing),
            Token::Array(_, array) => {
                let page = self.scope.workbook.code_page;
                let most = array.columns.saturating_mul(array.rows).min(65_536) as usize;
                let mut items = Vec::new();
                for element in array.elements().take(most) {
                    cx.budget.step(1)?;
                    items.push(match element {
                        ArrayElement::Empty => Data::Empty,
                        ArrayElement::Number(number) => Data::number(number),
                        ArrayElement::Text(text) => Data::Text(text.decode(page).into()),
                        ArrayElement::Boolean(value) => Data::Boolean(value),
                        ArrayElement::Error(code) => Data::Error(ErrorCode::of_byte(code)),
                    });
                }
                self.data(Data::Array(Rc::new(Array::new(array.columns as usize, items))));
            }
            Token::Paren => {}
            Token::Binary(_) if self.is_assignment(index) => {
                let name = self.expression.operands(index).first().and_then(|left| self.named(*left));
                self.push(Op::Assign(name));
            }
            Token::Binary(operator) => self.push(Op::Binary(operator)),
            Token::Unary(operator) => self.push(Op::Unary(operator)),
            Token::Name { index: name, .. } => self.name(index, NameSource::Name(name)),
            Token::NameX { link, index: name, .. } => self.name(index, NameSource::NameX(link, name)),
            Token::Func { .. } | Token::FuncVar { .. } | Token::AttrSum => self.call(index),
            _ => self.reference(index),
        }
        if let Some(behind) = self.behind.get(index.0 as usize).copied().flatten() {
            self.behind(behind);
        }
        Ok(())
    }

    fn reference(&mut self, index: NodeIndex) {
        let Some(reference) = self.expression.reference(index, self.scope) else {
            return self.data(Data::Error(ErrorCode::Name));
        };
        let Some(cells) = reference.cells else { return self.data(Data::Error(ErrorCode::Ref)) };
        match reference.target {
            Target::Here => self.push(Op::Reference(self.scope.sheet, cells)),
            Target::Active => self.push(Op::ActiveReference(cells)),
            // A range through several sheets is taken at its first.
            Target::Sheets { first, .. } => self.push(Op::Reference(Some(first), cells)),
            Target::Book { book, .. } => {
                let path = self.scope.workbook.books.get(book).map_or("", |book| book.path.as_str());
                self.push(Op::Elsewhere(path.into()));
            }
            Target::Deleted => self.data(Data::Error(ErrorCode::Ref)),
        }
    }

    fn name(&mut self, index: NodeIndex, source: NameSource) {
        // A name that is called or assigned to stands in that operation.
        if self.names.get(index.0 as usize).copied().unwrap_or(false) {
            return;
        }
        let workbook = self.scope.workbook;
        let name = name_ref(workbook, source, self.scope.sheet);
        let Some(name) = name else { return self.data(Data::Error(ErrorCode::Name)) };
        self.code.len = self.code.len.saturating_add(name.text.len()).saturating_add(name.key.len());
        self.push(Op::Name(name));
    }

    fn call(&mut self, index: NodeIndex) {
        let Some(call) = self.expression.call(index) else { return };
        let operands = self.expression.operands_backwards(index).count();
        let args = u8::try_from(operands).unwrap_or(u8::MAX);
        match call.function {
            Function::Ftab(id::FTAB_IF) if operands > 1 => {
                // Without a second branch the value is FALSE.
                if operands == 2 {
                    self.data(Data::Boolean(false));
                }
                self.close(Some(()));
                return;
            }
            Function::Ftab(id::FTAB_CHOOSE) if operands > 1 => {
                self.close(None);
                return;
            }
            Function::UserDefined(_) => {
                self.code.acts = true;
                let name = self.expression.operands(index).first().and_then(|name| self.named(*name));
                self.push(Op::User { name, args: args.saturating_sub(1) });
                return;
            }
            _ => {}
        }
        let (name, unnamed) = match call.function.info() {
            Some(info) => (info.name, None),
            None => ("", Some(format!("{:?}", call.function))),
        };
        match functions::find(name) {
            Some(spec) => {
                self.code.acts |= spec.acts();
                self.push(Op::Call { spec, args, prompt: call.prompt });
            }
            None => {
                self.code.acts = true;
                let name = unnamed.unwrap_or_else(|| name.to_owned());
                self.push(Op::Unknown { name: name.into(), args });
            }
        }
    }

    /// Puts what belongs behind an operand of IF or CHOOSE.
    fn behind(&mut self, behind: Behind) {
        let here = self.code.ops.len();
        match behind {
            Behind::Condition => {
                self.choosing.push(Open { at: here, ..Open::default() });
                self.push(Op::Branch { otherwise: usize::MAX, end: usize::MAX });
            }
            Behind::Index => {
                self.choosing.push(Open {
                    at: here,
                    places: vec![here.saturating_add(1)],
                    ..Open::default()
                });
                self.push(Op::Choose { places: Vec::new(), end: usize::MAX });
            }
            Behind::Then | Behind::Choice => {
                self.push(Op::Jump(usize::MAX));
                let next = here.saturating_add(1);
                let Some(open) = self.choosing.last_mut() else { return };
                open.jumps.push(here);
                open.places.push(next);
            }
        }
    }

    /// Fills in where the branches of an IF or CHOOSE go on.
    fn close(&mut self, is_if: Option<()>) {
        let end = self.code.ops.len();
        let Some(open) = self.choosing.pop() else { return };
        for jump in &open.jumps {
            if let Some(op) = self.code.ops.get_mut(*jump) {
                *op = Op::Jump(end);
            }
        }
        let op = match is_if {
            Some(()) => Op::Branch { otherwise: open.places.first().copied().unwrap_or(end), end },
            None => {
                let mut places = open.places;
                // Behind the last choice no other begins.
                places.pop();
                Op::Choose { places, end }
            }
        };
        if let Some(slot) = self.code.ops.get_mut(open.at) {
            *slot = op;
        }
    }
}

/// The name that a token means, with the sheet that it belongs to.
fn name_ref(workbook: &Workbook, source: NameSource, sheet: Option<u32>) -> Option<NameRef> {
    let text = source.name(workbook)?;
    let own = match source {
        NameSource::Name(index) => workbook.names.get(usize::try_from(index.checked_sub(1)?).ok()?),
        _ => None,
    };
    let sheet = match own {
        Some(own) => own.scope.map(u32::from),
        None => sheet,
    };
    Some(NameRef { key: name_key(text), text: text.into(), sheet })
}

/// Whether a source of names is this workbook, or one that the text of a formula made up.
pub fn is_outside(kind: ExternalKind) -> bool {
    matches!(kind, ExternalKind::Workbook | ExternalKind::Dde | ExternalKind::Ole)
}
