//! What a macro formula does, read off its text.

use super::cells::Cells;
use super::fold::{Folded, fold};
use crate::base::{Cx, LimitHit};
use crate::documents::formula::{Call, Expression, Node, Scope, Token};
use crate::documents::workbook::TokenSpan;

/// One thing that a macro formula does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What.
    pub action: Action,
    /// The function that does it.
    pub function: &'static str,
    /// What its arguments say, as far as can be seen, separated by commas and spaces.
    pub text: String,
    /// Sheet, row and column of the formula.
    pub cell: (u32, u32, u16),
    /// Its tokens.
    pub tokens: TokenSpan,
    /// Distinct cells that the arguments read.
    pub cells: usize,
    /// Those of them that lie on hidden sheets.
    pub hidden_cells: usize,
    /// Different sheets that they lie on.
    pub sheets: usize,
    /// The cell that is written, when it is a plain reference.
    pub target: Option<(u32, u32, u16)>,
}

impl Sighting {
    /// Whether it calls the function, or writes a formula that begins with that call.
    pub fn calls(&self, function: &str) -> bool {
        self.function == function || (self.action == Action::WriteCell && writes_call(&self.text, function))
    }
}

/// Whether a text that a macro writes is a formula that begins with a call.
pub fn writes_call(text: &str, function: &str) -> bool {
    let formula = text.trim_start().strip_prefix('=').map(str::trim_start);
    let rest = formula.and_then(|formula| {
        let name = formula.get(..function.len())?;
        name.eq_ignore_ascii_case(function).then(|| formula.get(function.len()..)).flatten()
    });
    rest.is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// What a formula does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Starts a program.
    Run,
    /// Calls a function of a DLL.
    Call,
    /// Makes a function of a DLL callable.
    Register,
    /// Writes a formula or value into a cell.
    WriteCell,
    /// Opens, reads or writes a file.
    File,
    /// Deletes a file.
    DeleteFile,
    /// Looks at its surroundings.
    Check,
    /// Runs a macro later, on an event.
    Hook,
    /// Hides a sheet, a window or errors.
    Hide,
    /// Shows a message.
    Alert,
    /// Closes the workbook or the program.
    Close,
    /// Saves or copies itself elsewhere.
    Replicate,
    /// Talks to another program by DDE.
    Dde,
    /// Puts a text together from character codes.
    CharCodes,
    /// Joins calls by a comparison, so that one formula does many things.
    Chain,
}

/// Enough character codes in one formula to hide a word.
const CHAR_CODES: usize = 8;

/// Environment reads that tell a sandbox from a desktop: monitor, mouse, sound, single step.
const WORKSPACE_CHECKS: &[&str] = &["13", "14", "19", "31", "42"];

/// Reads one formula. `tokens` are those of the cell, or of the formula that it shares.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; what was seen before stays in `into`.
pub fn formula(
    cell: (u32, u32, u16),
    tokens: TokenSpan,
    cells: &mut Cells<'_>,
    into: &mut Vec<Sighting>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let book = cells.book();
    let (rgce, rgcb) = book.tokens.get(tokens);
    let expression = Expression::parse(rgce, rgcb, book.version, cx)?;
    let scope = Scope { workbook: book, sheet: Some(cell.0), cell: Some((cell.1, cell.2.into())) };
    let blank = |action, function| Sighting {
        action,
        function,
        text: String::new(),
        cell,
        tokens,
        cells: 0,
        hidden_cells: 0,
        sheets: 0,
        target: None,
    };

    let mut side_effects = 0u32;
    for call in expression.calls() {
        let Some(name) = call.function.info().map(|info| info.name) else { continue };
        let Some(action) = action(name) else { continue };
        let mut folded = Vec::new();
        for arg in call.args() {
            folded.push(fold(&expression, arg, &scope, cells, cx)?);
        }
        if !matters(action, name, &folded) {
            continue;
        }
        if matches!(action, Action::Run | Action::Call | Action::Register | Action::WriteCell) {
            side_effects = side_effects.saturating_add(1);
        }
        let mut seen = blank(action, name);
        describe(&call, &folded, &expression, &scope, &mut seen);
        seen.hidden_cells = folded.iter().map(|arg| arg.hidden_cells(book)).max().unwrap_or(0);
        hold(&seen, cx)?;
        into.push(seen);
    }

    let comparisons = expression.nodes().iter().filter(|node| is_comparison(node)).count();
    if side_effects > 1 && comparisons > 0 {
        let mut seen = blank(Action::Chain, "=");
        seen.text = format!("{side_effects} calls joined by {comparisons} comparisons");
        hold(&seen, cx)?;
        into.push(seen);
    }
    let all_char_calls = expression
        .calls()
        .filter(|call| call.function.info().is_some_and(|info| info.name == "CHAR"))
        .count();
    if all_char_calls >= CHAR_CODES {
        let mut seen = blank(Action::CharCodes, "CHAR");
        let mut longest = String::new();
        let named = |name: &'static str| {
            move |call: &Call<'_, '_>| call.function.info().is_some_and(|info| info.name == name)
        };
        for call in expression.calls().filter(|call| !named("CHAR")(call)) {
            for arg in call.args() {
                let made = fold(&expression, arg, &scope, cells, cx)?;
                if made.char_calls > 0 && made.text.len() > longest.len() {
                    longest = made.text;
                }
            }
        }
        if longest.is_empty() {
            for root in expression.roots() {
                longest = fold(&expression, root, &scope, cells, cx)?.text;
            }
        }
        seen.text = longest;
        hold(&seen, cx)?;
        into.push(seen);
    }
    Ok(())
}

/// Takes the memory for a sighting and for the effect that is made of it.
fn hold(seen: &Sighting, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.hold(size_of::<Sighting>().saturating_mul(4).saturating_add(seen.text.len().saturating_mul(2)))
}

fn action(name: &str) -> Option<Action> {
    Some(match name {
        "EXEC" => Action::Run,
        "CALL" => Action::Call,
        "REGISTER" | "REGISTER.ID" => Action::Register,
        "FORMULA" | "FORMULA.FILL" | "FORMULA.ARRAY" | "SET.VALUE" => Action::WriteCell,
        "FOPEN" | "FWRITE" | "FWRITELN" | "FREAD" | "FREADLN" => Action::File,
        "FILE.DELETE" => Action::DeleteFile,
        "GET.WORKSPACE" | "GET.WINDOW" => Action::Check,
        "ON.TIME" | "ON.SHEET" | "ON.WINDOW" | "ON.DATA" | "ON.KEY" | "ON.RECALC" | "ON.DOUBLECLICK"
        | "ON.ENTRY" => Action::Hook,
        "WORKBOOK.HIDE" | "HIDE" | "APP.MINIMIZE" | "WINDOW.MINIMIZE" | "ERROR" | "CANCEL.KEY" => {
            Action::Hide
        }
        "ALERT" => Action::Alert,
        "CLOSE" | "QUIT" | "FILE.CLOSE" | "CLOSE.ALL" => Action::Close,
        "SAVE.AS" | "SAVE.COPY.AS" | "WORKBOOK.COPY" | "WORKBOOK.MOVE" => Action::Replicate,
        "INITIATE" | "EXECUTE" | "POKE" | "REQUEST" => Action::Dde,
        _ => return None,
    })
}

/// Whether a call with these arguments does what its action says.
fn matters(action: Action, name: &str, args: &[Folded]) -> bool {
    let first = args.first().map_or("", |arg| arg.text.as_str());
    match (action, name) {
        (Action::Check, "GET.WORKSPACE") => WORKSPACE_CHECKS.contains(&first),
        // ERROR(FALSE) and CANCEL.KEY(FALSE) keep Excel from stopping at an error or at Escape.
        (Action::Hide, "ERROR" | "CANCEL.KEY") => matches!(first, "FALSE" | "0"),
        (Action::Replicate, "SAVE.AS" | "SAVE.COPY.AS") => {
            first.to_ascii_uppercase().contains("XLSTART") || first.to_ascii_uppercase().contains("STARTUP")
        }
        _ => true,
    }
}

fn describe(
    call: &Call<'_, '_>,
    args: &[Folded],
    expression: &Expression<'_>,
    scope: &Scope<'_>,
    seen: &mut Sighting,
) {
    let texts: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    seen.cells = args.iter().map(|arg| arg.cells.len()).max().unwrap_or(0);
    seen.sheets = args.iter().map(Folded::sheet_count).max().unwrap_or(0);
    seen.text = match seen.action {
        Action::WriteCell => {
            // SET.VALUE names the cell first, the others the text.
            let (text, target) = if seen.function == "SET.VALUE" { (1, 0) } else { (0, 1) };
            let reference = call.arg(target).and_then(|node| expression.reference(node, scope));
            seen.target = reference.and_then(|reference| {
                let sheet = match reference.target {
                    crate::documents::formula::Target::Here => scope.sheet?,
                    crate::documents::formula::Target::Sheets { first, .. } => first,
                    _ => return None,
                };
                let cells = reference.cells?;
                Some((sheet, cells.rows.0, cells.columns.0))
            });
            texts.get(text).copied().unwrap_or_default().to_owned()
        }
        _ => texts.join(", "),
    };
}

fn is_comparison(node: &Node<'_>) -> bool {
    use crate::documents::formula::Binary::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    matches!(node.token, Token::Binary(Less | LessOrEqual | Equal | GreaterOrEqual | Greater | NotEqual))
}
