//! Runs a program as Excel would start it, and again where it depends on what nobody knows.
//!
//! The first run is that of the desktop. Where a condition depends on the surroundings, another run
//! takes the other side; where the text of an effect depends on something with few values (a day, a
//! row height), other runs try these. What differs between two runs hangs on what they differ in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::code::NameRef;
use super::environment::Environment;
use super::machine::text::Texts;
use super::machine::{Choices, Done, Follow, Machine, Outcome, Step};
use super::names::name_key;
use super::program::Program;
use super::starts::Event;
use super::trace::{Recorder, Trace};
use super::value::{CellAt, Origins};
use crate::base::{
    Basis, Cx, Effect, EffectDetail, EffectKind, LimitHit, Location, Problem, ProblemKind, Stage,
};
use crate::documents::formula::{Expression, Scope, Target};
use crate::documents::workbook::Workbook;

/// What is given to an evaluation besides the workbook.
#[derive(Debug, Clone, Default)]
pub struct Given<'g> {
    /// The desktop.
    pub environment: Environment,
    /// Macros that VBA runs, as it names them.
    pub called: Vec<&'g str>,
}

/// What a program does when it runs.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// Conditions on the surroundings that decide what it does.
    pub gates: Vec<Gate>,
    /// Cells whose formula ran in any run.
    pub executed: BTreeSet<(u32, u32, u16)>,
    /// What those cells held at the end of the first run, as text.
    pub values: BTreeMap<(u32, u32, u16), String>,
    /// Cells that wrote a formula which did something, and what kind of thing.
    pub written_by: BTreeSet<((u32, u32, u16), EffectKind)>,
    /// Bytes that it puts into memory, and the cell that does.
    pub injected: Vec<(Vec<u8>, (u32, u32, u16))>,
    /// Why it ended early, and where.
    pub limit: Option<(LimitHit, (u32, u32, u16))>,
    /// How many formulas the first run ran.
    pub formulas: u64,
    /// Operations of all runs.
    pub steps: u64,
    /// How many runs there were.
    pub runs: u32,
}

/// A condition on the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The cell that decides.
    pub cell: (u32, u32, u16),
    /// The condition, as far as it can be said in words.
    pub condition: String,
    /// What it is on the desktop of the first run.
    pub truth: bool,
    /// How many effects hang on it.
    pub effects: usize,
}

/// What starts a macro; the names that the JSON has.
const STARTS: [&str; 8] =
    ["auto_open", "auto_activate", "vba", "hook", "object", "auto_deactivate", "auto_close", "unproven"];
const HOOK: usize = 3;
const UNPROVEN: usize = 7;

/// Where a macro begins.
#[derive(Debug, Clone)]
enum Entry {
    Cell(CellAt),
    Name(NameRef, u32),
    Text(String),
}

/// Operations that all runs of a program share.
const STEPS: u64 = 3_000_000;
/// Runs of one program.
const RUNS: u32 = 96;
/// Runs that take another side of a condition.
const FORKS: usize = 24;
/// Sources whose values are tried.
const SEARCHED: usize = 3;
/// Effects that are kept.
const EFFECTS: usize = 4096;

/// Runs the program of a workbook; what was found stays in `into` when a limit ends it. A trace is
/// made by running what counts once more.
///
/// # Errors
/// [`LimitHit`] when the budget of the analysis does not last.
pub fn evaluate(
    book: &Workbook,
    program: &Program,
    given: &Given<'_>,
    into: &mut Evaluation,
    trace: Option<&mut Trace>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    if book.macro_sheets().next().is_none() {
        return Ok(());
    }
    let total = STEPS.min(cx.budget.steps_left() / 4);
    let entries = entries(book, program, given, cx)?;
    let mut explorer = Explorer { book, given, entries, left: total, runs: 0, steps: 0, is_cut: false };
    let mut choices = Choices::default();
    let mut base = explorer.run(&choices, total / 2, true, None, cx);
    explorer.search(&mut base, &mut choices, cx);
    let forks = explorer.forks(&base, &choices, cx);
    let is_cut = explorer.is_cut || forks.iter().any(|(_, fork)| fork.limit.is_some());
    let sides: Vec<Vec<usize>> = match trace {
        Some(_) => {
            forks.iter().filter(|(_, fork)| differs(&base, fork)).map(|(flips, _)| flips.clone()).collect()
        }
        None => Vec::new(),
    };
    let runs = std::iter::once(&base).chain(forks.iter().map(|(_, fork)| fork));
    let unread: BTreeSet<_> = runs.flat_map(|run| run.unreadable.iter().cloned()).collect();
    collect(book, &base, &choices, forks, into, cx)?;
    into.steps = explorer.steps;
    into.runs = explorer.runs;
    note(book, &base, &unread, is_cut, cx);
    match trace {
        Some(trace) => explorer.trace(&choices, &sides, total / 2, trace, cx),
        None => Ok(()),
    }
}

/// Whether a run that took another side did something else.
fn differs(base: &Outcome, fork: &Outcome) -> bool {
    let keys = |outcome: &Outcome| -> BTreeSet<String> {
        let proven = outcome.done.iter().filter(|done| done.entry != UNPROVEN);
        proven.map(|done| format!("{:?} {:?} {}", done.at, done.kind, done.text)).collect()
    };
    keys(base) != keys(fork)
}

/// Tells what the runs could not do.
fn note(book: &Workbook, base: &Outcome, unread: &BTreeSet<(String, CellAt)>, is_cut: bool, cx: &mut Cx<'_>) {
    let at = |cell: CellAt| Location::cell(book.part, cell.sheet, cell.row, cell.column.into());
    let mut tell = |location, kind, message| {
        cx.problems.push(Problem { location, stage: Stage::Xlm, kind, message });
    };
    if let Some((hit, cell)) = base.limit {
        let message = format!("the run of a macro was stopped: {hit}");
        tell(at(cell), ProblemKind::LimitReached, message);
    }
    if is_cut {
        let message = "a macro was not run on every side of its conditions on the surroundings";
        tell(Location::part(book.part), ProblemKind::LimitReached, message.to_owned());
    }
    for (name, cell) in base.unknown.iter().take(16) {
        let message = format!("a macro calls {name:?}, which is not evaluated");
        tell(at(*cell), ProblemKind::Recovered, message);
    }
    for (text, cell) in unread.iter().take(16) {
        let shown: String = text.chars().take(80).collect();
        let message = format!("a macro makes a formula or command that cannot be read: {shown:?}");
        tell(at(*cell), ProblemKind::Abandoned, message);
    }
}

/// What starts macros of a workbook, in the order in which Excel does.
fn entries(
    book: &Workbook,
    program: &Program,
    given: &Given<'_>,
    cx: &mut Cx<'_>,
) -> Result<Vec<(usize, Entry)>, LimitHit> {
    /// Entries that are run.
    const ENTRIES: usize = 256;
    let mut entries = Vec::new();
    for start in &program.starts {
        let kind = match start.event {
            Event::Open => 0,
            Event::Activate => 1,
            Event::Deactivate => 5,
            Event::Close => 6,
        };
        let entry = match (start.target, book.names.get(start.name)) {
            (Some((sheet, row, column)), _) => Entry::Cell(CellAt { sheet, row, column }),
            (None, Some(name)) => {
                let own = name.scope.map(u32::from);
                let first = book.macro_sheets().next().map_or(0, |(index, _)| index);
                let named =
                    NameRef { key: name_key(&name.name), text: name.name.as_str().into(), sheet: own };
                Entry::Name(named, own.unwrap_or(first))
            }
            (None, None) => continue,
        };
        entries.push((kind, entry));
    }
    entries.extend(given.called.iter().map(|name| (2, Entry::Text((*name).to_owned()))));
    for (index, sheet) in (0u32..).zip(&book.sheets) {
        for shape in sheet.shapes.iter().filter(|shape| shape.macro_tokens.is_some()) {
            let Some(tokens) = shape.macro_tokens else { continue };
            let (rgce, rgcb) = book.tokens.get(tokens);
            let expression = Expression::parse(rgce, rgcb, book.version, cx)?;
            let scope = Scope { workbook: book, sheet: Some(index), cell: None };
            let reference = expression.references(&scope).next();
            if let Some(reference) = reference
                && let Some(cells) = reference.cells
                && let Target::Sheets { first: sheet, .. } = reference.target
            {
                let at = CellAt { sheet, row: cells.rows.0, column: cells.columns.0 };
                entries.push((4, Entry::Cell(at)));
            }
        }
    }
    entries.sort_by_key(|(kind, _)| *kind);
    entries.truncate(ENTRIES);
    Ok(entries)
}

struct Explorer<'b, 'g> {
    book: &'b Workbook,
    given: &'g Given<'g>,
    entries: Vec<(usize, Entry)>,
    left: u64,
    runs: u32,
    steps: u64,
    /// A run that was wanted was not made.
    is_cut: bool,
}

impl Explorer<'_, '_> {
    /// One run from the start. `all` also runs cells that nothing is seen to start.
    fn run(
        &mut self,
        choices: &Choices,
        steps: u64,
        all: bool,
        follow: Option<&mut Follow<'_>>,
        cx: &mut Cx<'_>,
    ) -> Outcome {
        let steps = steps.min(self.left);
        // What a run holds of memory is gone with it. Texts cost steps besides operations.
        let mut budget = cx.budget.share(steps.saturating_mul(2));
        let before = budget.steps_left();
        let own = Cx { part: cx.part, stage: Stage::Xlm, budget: &mut budget, problems: cx.problems };
        let environment = &self.given.environment;
        let mut texts = Texts::default();
        let mut machine = Machine::new(self.book, environment, choices, &mut texts, steps, own);
        if let Some(follow) = follow {
            machine.follow(follow);
        }
        let result = run_all(&mut machine, &self.entries, all, self.book);
        let outcome = machine.finish(result);
        let spent = before.saturating_sub(budget.steps_left());
        // A share is never more than what is left here.
        let _ = cx.budget.step(spent);
        self.left = self.left.saturating_sub(outcome.steps.max(spent / 2));
        self.steps = self.steps.saturating_add(outcome.steps);
        self.runs = self.runs.saturating_add(1);
        outcome
    }

    /// Runs the first run and the other sides again, and keeps what they do step by step.
    fn trace(
        &mut self,
        choices: &Choices,
        sides: &[Vec<usize>],
        steps: u64,
        trace: &mut Trace,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        /// Runs that are kept besides the first.
        const SIDES: usize = 8;
        self.left = STEPS.min(cx.budget.steps_left() / 2).max(steps);
        let found = keys(choices);
        let first = [Vec::new()];
        let shown = first.iter().chain(sides.iter().take(SIDES));
        /// Steps that are kept for each of the runs to come.
        const ASIDE: u64 = 40;
        trace.runs_left_out = sides.len().saturating_sub(SIDES) as u64;
        let mut aside = (sides.len().min(SIDES) as u64).saturating_mul(ASIDE).min(trace.room() / 2);
        for flips in shown {
            let choices = Choices { flips: flips.clone(), ..choices.clone() };
            let mut recorder = Recorder::new(self.book, &STARTS, flips, trace, aside);
            aside = aside.saturating_sub(ASIDE);
            let mut take = |step: Step<'_>, cx: &mut Cx<'_>| recorder.take(&step, cx);
            let outcome = self.run(&choices, steps, flips.is_empty(), Some(&mut take), cx);
            recorder.finish(&outcome, found.clone(), trace, cx)?;
        }
        Ok(())
    }

    /// Whether another run like one of `steps` operations may be made.
    fn may_run(&self, steps: u64) -> bool {
        self.runs < RUNS && self.left > steps
    }

    /// Tries the values of what the texts of effects depend on, and keeps those that read best.
    fn search(&mut self, base: &mut Outcome, choices: &mut Choices, cx: &mut Cx<'_>) {
        let fed = |outcome: &Outcome| {
            let all = outcome.done.iter().fold(Origins::NONE, |all, done| all.and(done.origins));
            all.and(outcome.written_origins)
        };
        let mut tried: BTreeSet<String> = BTreeSet::new();
        for _ in 0..SEARCHED {
            let origins = fed(base);
            let next = base.sources.iter().enumerate().find(|(index, source)| {
                source.range.len() > 1 && origins.has(*index) && !tried.contains(&source.label)
            });
            let Some((_, source)) = next else { return };
            let (label, range) = (source.label.clone(), source.range.clone());
            tried.insert(label.clone());
            let mut best = score(base);
            let allowed = base.steps.saturating_mul(4).saturating_add(10_000);
            for value in range {
                if !self.may_run(base.steps) {
                    self.is_cut = true;
                    return;
                }
                let mut other = choices.clone();
                other.values.insert(label.clone(), value);
                let outcome = self.run(&other, allowed, true, None, cx);
                if score(&outcome) > best {
                    best = score(&outcome);
                    *base = outcome;
                    *choices = other;
                }
            }
        }
    }

    /// Takes the other side of conditions that depend on the surroundings.
    fn forks(&mut self, base: &Outcome, choices: &Choices, cx: &mut Cx<'_>) -> Vec<(Vec<usize>, Outcome)> {
        /// Characters of effects that the runs keep together.
        const KEPT: usize = 2 << 20;
        let mut kept = 0usize;
        let mut made: Vec<(Vec<usize>, Outcome)> = Vec::new();
        let mut waiting: VecDeque<Vec<usize>> = flips(base, &[]).into();
        let allowed = base.steps.saturating_mul(4).saturating_add(20_000);
        while let Some(flips_of_run) = waiting.pop_front() {
            if made.len() >= FORKS || kept > KEPT || !self.may_run(base.steps) {
                self.is_cut = true;
                break;
            }
            let other = Choices { flips: flips_of_run.clone(), ..choices.clone() };
            let outcome = self.run(&other, allowed, false, None, cx);
            // A side that does more than close or hide is worth looking behind its own conditions.
            if flips_of_run.len() < 3 && outcome.done.len() > base.done.len() / 2 {
                waiting.extend(flips(&outcome, &flips_of_run));
            }
            kept = kept.saturating_add(outcome.done_len);
            made.push((flips_of_run, outcome));
        }
        made
    }
}

/// The decisions of a run behind those that were flipped, one flip more each; of a condition in a
/// loop only the first two.
fn flips(outcome: &Outcome, flipped: &[usize]) -> Vec<Vec<usize>> {
    let behind = flipped.last().map_or(0, |last| last.saturating_add(1));
    let mut seen: BTreeMap<CellAt, u32> = BTreeMap::new();
    let mut made = Vec::new();
    for (ordinal, decision) in outcome.decisions.iter().enumerate() {
        let count = seen.entry(decision.at).or_insert(0);
        *count = count.saturating_add(1);
        if ordinal >= behind && *count <= 2 {
            made.push(flipped.iter().copied().chain([ordinal]).collect());
        }
    }
    made
}

fn run_all(
    machine: &mut Machine<'_, '_>,
    entries: &[(usize, Entry)],
    all: bool,
    book: &Workbook,
) -> Result<(), LimitHit> {
    let close = STARTS.iter().position(|start| *start == "auto_deactivate").unwrap_or(UNPROVEN);
    for (kind, entry) in entries.iter().filter(|(kind, _)| *kind < close) {
        start(machine, *kind, entry)?;
        hooks(machine)?;
    }
    for (kind, entry) in entries.iter().filter(|(kind, _)| *kind >= close) {
        start(machine, *kind, entry)?;
        hooks(machine)?;
    }
    if !all {
        return Ok(());
    }
    for (sheet, facts) in book.macro_sheets() {
        let mut cells: Vec<(u16, u32)> = facts.formulas.iter().map(|cell| (cell.column, cell.row)).collect();
        machine.cx.budget.step(cells.len() as u64)?;
        cells.sort_unstable();
        for (column, row) in cells {
            let at = CellAt { sheet, row, column };
            if !machine.out.executed.contains(&at) && machine.acts_at(at)? {
                machine.run_once(at, UNPROVEN)?;
                hooks(machine)?;
            }
        }
    }
    Ok(())
}

fn start(machine: &mut Machine<'_, '_>, kind: usize, entry: &Entry) -> Result<(), LimitHit> {
    match entry {
        Entry::Cell(at) => machine.run(*at, kind),
        Entry::Name(name, sheet) => machine.run_name(name, *sheet, kind),
        Entry::Text(text) => machine.run_text(text, kind),
    }
}

/// Runs what the macro asked to be run later.
fn hooks(machine: &mut Machine<'_, '_>) -> Result<(), LimitHit> {
    while let Some(hook) = machine.hooks.iter().find(|hook| !machine.hooks_run.contains(&hook.at)).cloned() {
        machine.hooks_run.insert(hook.at);
        if !machine.out.executed.contains(&hook.at) {
            machine.run(hook.at, HOOK)?;
        }
    }
    Ok(())
}

/// How well a run reads: what it does to the world in words that commands and addresses have.
fn score(outcome: &Outcome) -> i64 {
    let mut score = 0i64;
    for done in &outcome.done {
        let weight = match done.kind {
            EffectKind::Run | EffectKind::Fetch | EffectKind::Inject | EffectKind::Register => 3,
            EffectKind::Write | EffectKind::Call | EffectKind::Delete => 2,
            _ => 1,
        };
        score = score.saturating_add(readable(&done.text).saturating_mul(weight));
    }
    let unread = i64::try_from(outcome.unreadable.len()).unwrap_or(i64::MAX);
    score.saturating_sub(unread.saturating_mul(20))
}

/// From 0 to 40: how much a text looks like a command, an address or a path.
fn readable(text: &str) -> i64 {
    const WORDS: &[&str] = &[
        "http://",
        "https://",
        "ftp://",
        ".exe",
        ".dll",
        ".vbs",
        ".ps1",
        ".bat",
        ".js",
        "cmd",
        "powershell",
        "regsvr32",
        "rundll32",
        "mshta",
        "wscript",
        "cscript",
        "certutil",
        "c:\\",
        "\\users\\",
        "\\windows\\",
        "kernel32",
        "urlmon",
        "shell32",
        "urldownloadtofile",
        "shellexecute",
        "virtualalloc",
    ];
    let mut plain = 0i64;
    let mut all = 0i64;
    for letter in text.chars().take(2048) {
        all = all.saturating_add(1);
        let good = letter.is_ascii_alphanumeric() || " .,/\\:-_()\"'=&?%".contains(letter);
        plain = plain.saturating_add(i64::from(good));
    }
    if all == 0 {
        return 0;
    }
    let share = plain.saturating_mul(10).checked_div(all).unwrap_or(0);
    let lower = text.to_ascii_lowercase();
    let words = WORDS.iter().filter(|word| lower.contains(**word)).take(3).count();
    share.saturating_add(i64::try_from(words).unwrap_or(0).saturating_mul(10))
}

type DoneKey<'d> = (CellAt, EffectKind, &'d str);

fn done_key(done: &Done) -> DoneKey<'_> {
    (done.at, done.kind, done.text.as_str())
}

/// Makes effects of what the runs did.
fn collect(
    book: &Workbook,
    base: &Outcome,
    choices: &Choices,
    forks: Vec<(Vec<usize>, Outcome)>,
    into: &mut Evaluation,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let cell = |at: CellAt| (at.sheet, at.row, at.column);
    let keys = keys(choices);
    let mut conditions: Vec<Vec<String>> = vec![keys.clone(); base.done.len()];
    // What nothing was seen to start may be started on the other side of a condition.
    let proven = base.done.iter().filter(|done| done.entry != UNPROVEN);
    let known: BTreeSet<DoneKey<'_>> = proven.map(done_key).collect();
    let mut more: Vec<(&Done, Vec<String>)> = Vec::new();
    let mut added: BTreeSet<DoneKey<'_>> = BTreeSet::new();
    for (flipped, outcome) in &forks {
        cx.budget.step((base.done.len() as u64).saturating_add(outcome.done.len() as u64))?;
        let own: BTreeSet<DoneKey<'_>> = outcome.done.iter().map(done_key).collect();
        // A run that was stopped does not show what it lacks.
        let hanging = |done: &&Done| !own.contains(&done_key(done)) && done.entry != UNPROVEN;
        let others = || outcome.done.iter().filter(|done| !known.contains(&done_key(done)));
        if let ([ordinal], None) = (flipped.as_slice(), outcome.limit)
            && let Some(decision) = base.decisions.get(*ordinal)
        {
            let mut count = 0usize;
            for (done, conditions) in base.done.iter().zip(&mut conditions) {
                if hanging(&done) {
                    count = count.saturating_add(1);
                    if conditions.len() < 6 {
                        conditions.push(in_words(&decision.text, decision.truth));
                    }
                }
            }
            count = count.saturating_add(others().count());
            if count > 0 && into.gates.len() < 64 {
                into.gates.push(Gate {
                    cell: cell(decision.at),
                    condition: decision.text.clone(),
                    truth: decision.truth,
                    effects: count,
                });
            }
        }
        for done in others() {
            if added.insert(done_key(done)) && done.entry != UNPROVEN {
                let sides = flipped.iter().filter_map(|ordinal| outcome.decisions.get(*ordinal));
                let sides = sides.map(|decision| in_words(&decision.text, decision.truth));
                more.push((done, keys.iter().cloned().chain(sides).collect()));
            }
        }
    }
    let kept = |done: &&Done| done.entry != UNPROVEN || !added.contains(&done_key(done));
    let first = base.done.iter().zip(conditions).filter(|(done, _)| kept(done));
    let all = first.chain(more).take(EFFECTS);
    // A sheet that the macro made has no place in the file: what its cells do stands where they were written.
    let place = |done: &Done| match &done.written {
        Some((by, _)) if done.at.sheet as usize >= book.sheets.len() => *by,
        _ => done.at,
    };
    for (order, (done, conditions)) in (0u32..).zip(all) {
        let at = place(done);
        let len = done.text.len().saturating_add(done.detail.len()).saturating_mul(2);
        cx.budget.hold(len.saturating_add(size_of::<Effect>()).saturating_add(size_of::<EffectDetail>()))?;
        let mut text = done.text.clone();
        if let Some((end, _)) = text.char_indices().nth(8192) {
            text.truncate(end);
        }
        into.effects.push(Effect {
            kind: done.kind,
            basis: Basis::Evaluated,
            text,
            condition: Some(conditions.join(" and ")).filter(|condition| !condition.is_empty()),
            location: Location::cell(book.part, at.sheet, at.row, at.column.into()),
            detail: Some(Box::new(EffectDetail {
                source: done.written.as_ref().map(|(_, text)| text.to_string()),
                start: STARTS.get(done.entry).copied(),
                order: Some(order),
                ..done.detail.clone()
            })),
        });
    }
    let executed = std::iter::once(base).chain(forks.iter().map(|(_, outcome)| outcome));
    into.executed.extend(executed.flat_map(|outcome| outcome.executed.iter().copied()).map(cell));
    into.written_by.extend(
        base.done.iter().filter_map(|done| done.written.as_ref().map(|(by, _)| (cell(*by), done.kind))),
    );
    into.values.extend(base.values.iter().map(|(at, value)| (cell(*at), value.clone())));
    into.injected.extend(base.injected.iter().map(|(bytes, at)| (bytes.clone(), cell(*at))));
    into.limit = base.limit.map(|(hit, at)| (hit, cell(at)));
    into.formulas = base.formulas;
    Ok(())
}

/// The values that were found by trying, in words.
fn keys(choices: &Choices) -> Vec<String> {
    choices.values.iter().map(|(label, value)| format!("{label} is {value}")).collect()
}

/// A condition with its truth, as a person says it.
pub(super) fn in_words(condition: &str, truth: bool) -> String {
    format!("{condition} is {}", if truth { "TRUE" } else { "FALSE" })
}
