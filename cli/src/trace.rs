//! `docsift trace`: how the Excel 4.0 macros of one file run, step by step. Nothing outside is touched.

use std::fmt::{Arguments, Write};
use std::path::Path;

use docsift::report::MacroName;
use docsift::report::trace::{Asked, Trace, TracedRun, TracedStep, TracedWorkbook};
use docsift::{Analyzer, Input, Options, TraceOptions};

use crate::args;
use crate::files::{Source, read};
use crate::output::Output;
use crate::term::{Style, safe, safe_path};
use crate::{Exit, Failure, desktop, passwords};

/// Characters of a formula or value that are shown; the JSON has more.
const SHOWN_CHARS: usize = 400;

/// Shows the runs of a file.
pub(crate) fn trace(args: &args::Trace, out: &mut Output) -> Result<Exit, Failure> {
    let stdin = args.path.as_os_str() == "-";
    let mut options = Options::default();
    options.passwords = passwords::read(&args.passwords)?;
    options.environment = desktop::read(&args.desktop)?;
    let source = if stdin { Source::Stdin } else { Source::File(args.path.clone()) };
    let bytes = read(&source, args.max_size)?;
    let name = args.path.file_name().map(|name| name.to_string_lossy());
    let input = match &name {
        Some(name) if !stdin => Input::named(&bytes, name),
        _ => Input::from(&bytes),
    };
    let mut wanted = TraceOptions::default();
    wanted.steps = args.steps;
    if args.loops {
        wanted.repeats = 0;
    }
    let trace = Analyzer::new(options)?.trace(input, wanted);
    if args.json {
        out.line(&trace.to_json())?;
    } else {
        out.write(page(&args.path, &trace, Style::of_stdout()).as_bytes())?;
    }
    Ok(if trace.complete { Exit::Nothing } else { Exit::Inconclusive })
}

/// The whole trace as a person reads it.
fn page(path: &Path, trace: &Trace, style: Style) -> String {
    let mut page = Page { style, text: String::new() };
    let input = &trace.input;
    let path = style.bold(safe_path(path));
    match &trace.nothing {
        Some(nothing) => page.put(format_args!("{path}: {}", safe(nothing))),
        None => page.put(format_args!("{path}: how its Excel 4.0 macros run")),
    }
    let facts = format!("{}, {} bytes, sha256 {}", input.kind, input.size, input.sha256);
    page.put(format_args!("  {}", style.dim(facts)));
    for book in &trace.workbooks {
        page.workbook(book);
    }
    let unread: Vec<_> = trace.problems.iter().filter(|problem| problem.kind != "recovered").collect();
    if !unread.is_empty() {
        page.put(format_args!("\n{}", style.bold("Not read")));
    }
    for problem in unread {
        let kind = problem.kind.replace('_', " ");
        let place = problem.location.cell.as_deref().map(|cell| format!(", at {}", safe(cell)));
        let place = place.unwrap_or_default();
        page.put(format_args!("  {kind} ({}): {}{place}", problem.stage, safe(&problem.message)));
    }
    if trace.problems_not_listed > 0 {
        page.put(format_args!("  {} more problems are not listed", trace.problems_not_listed));
    }
    page.text
}

struct Page {
    style: Style,
    text: String,
}

impl Page {
    fn put(&mut self, line: Arguments<'_>) {
        // Writing into a String has no failing case.
        let _ = writeln!(self.text, "{line}");
    }

    fn workbook(&mut self, book: &TracedWorkbook) {
        self.put(format_args!("\n{}", self.style.bold(safe(&book.path))));
        for MacroName { name, refers_to, starts_on, sheet, hidden, .. } in &book.starts {
            let event = starts_on.unwrap_or("nothing");
            let sheet = sheet.as_ref().map(|sheet| format!(" of sheet {}", shown(sheet))).unwrap_or_default();
            let hidden = if *hidden { ", a hidden name" } else { "" };
            self.put(format_args!("  on {event}: {}{sheet} = {}{hidden}", shown(name), shown(refers_to)));
        }
        let mut known: Vec<&Asked> = Vec::new();
        for (number, run) in (1..).zip(&book.runs) {
            self.run(number, run, &known);
            known.extend(&run.asked);
        }
        if book.runs_left_out > 0 {
            self.put(format_args!(
                "\n  {} more runs do something else and are not shown",
                book.runs_left_out
            ));
        }
    }

    /// One run; `known` is what the runs before asked.
    fn run(&mut self, number: usize, run: &TracedRun, known: &[&Asked]) {
        let what = match &*run.conditions {
            [] => "on the desktop that is assumed".to_owned(),
            conditions => format!("where {}", shown(&conditions.join(" and "))),
        };
        let found = match &*run.found {
            [] => String::new(),
            found => format!(", {} (found by trying)", shown(&found.join(" and "))),
        };
        let heading = self.style.bold(format!("Run {number}: {what}{found}"));
        self.put(format_args!("\n  {heading}"));
        if run.same > 0 {
            self.put(format_args!("    {} steps before are those of a run above", run.same));
        }
        let mut start = "";
        for step in &run.steps {
            if step.start != start {
                start = step.start;
                self.put(format_args!("    {}", self.style.dim(begin(start))));
            }
            self.step(step);
        }
        if run.steps_left_out > 0 {
            self.put(format_args!(
                "    and {} more steps that are not shown; --steps N shows N of all runs together",
                run.steps_left_out
            ));
        }
        if let Some(stopped) = &run.stopped {
            self.put(format_args!("    stopped: {}", shown(stopped)));
        }
        let asked: Vec<&Asked> = run.asked.iter().filter(|asked| !known.contains(asked)).collect();
        if !asked.is_empty() {
            self.put(format_args!(
                "    {}",
                self.style.dim("what it asked of its surroundings, and what is assumed")
            ));
        }
        for asked in asked {
            let values = match asked.values {
                0 => String::new(),
                count => format!(" ({count} values are possible)"),
            };
            self.put(format_args!("      {}: {}{values}", shown(&asked.question), shown(&asked.answer)));
        }
    }

    fn step(&mut self, step: &TracedStep) {
        let style = self.style;
        // Deep calls would push everything off the page.
        let indent = "  ".repeat(step.depth.min(12) as usize);
        let by = match &step.written_by {
            Some(by) => format!("   {}", style.dim(format!("written by {}", shown(by)))),
            None => String::new(),
        };
        if step.passed_over > 0 {
            let count = step.passed_over;
            self.put(format_args!("          {count} steps of loops are passed over; --loops shows them"));
        }
        match &step.cell {
            Some(cell) => {
                let cell = style.bold(shown(cell));
                self.put(format_args!("    {:>5} {indent}{cell} {}{by}", step.number, shown(&step.formula)));
                let value = if step.value.is_empty() { "empty".to_owned() } else { shown(&step.value) };
                self.put(format_args!("          {indent}  = {value}"));
            }
            None => self.put(format_args!("    {:>5} {indent}besides", step.number)),
        }
        for decided in &step.decisions {
            let truth = if decided.truth { "TRUE" } else { "FALSE" };
            let side = if decided.other_side { ", taken as the other side" } else { "" };
            self.put(format_args!("          {indent}  if {} is {truth}{side}", shown(&decided.condition)));
        }
        for set in &step.sets {
            let sign = if set.is_name { "name" } else { "cell" };
            let (target, value) = (shown(&set.target), shown(&set.value));
            self.put(format_args!("          {indent}  sets {sign} {target} to {value}"));
        }
        if step.sets_left_out > 0 {
            self.put(format_args!("          {indent}  and {} more cells or names", step.sets_left_out));
        }
        for effect in &step.effects {
            let kind = style.bold(effect.kind);
            let place = match &step.cell {
                Some(cell) if *cell == effect.cell => String::new(),
                _ => format!(" in {}", shown(&effect.cell)),
            };
            self.put(format_args!("          {indent}  {kind}{place}: {}", shown(&effect.text)));
        }
    }
}

/// What started the macro, in words.
fn begin(start: &str) -> &str {
    match start {
        "auto_open" => "when the workbook is opened",
        "auto_close" => "when the workbook is closed",
        "auto_activate" => "when it is activated",
        "auto_deactivate" => "when it is left",
        "vba" => "when VBA runs it",
        "hook" => "later, as the macro asked",
        "object" => "when an object is clicked",
        "unproven" => "nothing was seen to start these",
        other => other,
    }
}

/// Text of the file: escaped, and cut.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", safe(&text[..end])),
        None => safe(text),
    }
}
