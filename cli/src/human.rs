//! A report as a person reads it: the answer in one sentence, then the proof.

use std::fmt::Write;
use std::path::Path;

use docsift::report::{Effect, Evidence, Finding, Location, Part, Report};

use crate::args::SEVERITIES;
use crate::term::{Style, quoted, safe, safe_path};

/// Characters of one text that are shown; the JSON has more.
const SHOWN_CHARS: usize = 400;
/// Lines of one list that are shown; the JSON has all.
const SHOWN_LINES: usize = 40;
/// Findings of one rule that are shown.
const SHOWN_OF_RULE: usize = 3;

/// One line a file.
pub(crate) fn line(path: &Path, report: &Report, style: Style) -> String {
    let sentence = safe(&report.verdict.sentence);
    let level = style.level(report.verdict.level);
    let because = match sentence.split_once(": ") {
        Some((head, rest)) if head.eq_ignore_ascii_case(level.text()) => rest,
        _ => &sentence,
    };
    format!("{level:<13} {:>3}  {}: {because}\n", report.verdict.score, style.bold(safe_path(path)))
}

/// The whole answer for one file.
pub(crate) fn details(path: &Path, report: &Report, style: Style) -> String {
    let mut text = String::new();
    let page = &mut Page { report, style, text: &mut text };
    page.answer(path);
    page.chain();
    page.behaviour();
    page.findings();
    page.lure();
    page.indicators();
    page.unread();
    page.next(path);
    text
}

/// The verdict's sentence, which begins with the level's name, with that name coloured.
fn sentence(report: &Report, style: Style) -> String {
    let level = style.level(report.verdict.level);
    let sentence = safe(&report.verdict.sentence);
    match sentence.split_once(':') {
        Some((head, rest)) if head.eq_ignore_ascii_case(level.text()) => format!("{level}:{rest}"),
        _ => format!("{level}: {sentence}"),
    }
}

/// A part and those around it, from the outside in.
fn hops(report: &Report, part: u32) -> Vec<&Part> {
    let get = |id: u32| report.parts.iter().find(|part| part.id == id);
    let up = |part: &&Part| part.parent.filter(|parent| *parent < part.id).and_then(get);
    let mut hops: Vec<_> = std::iter::successors(get(part), up).collect();
    hops.reverse();
    hops
}

struct Page<'p> {
    report: &'p Report,
    style: Style,
    text: &'p mut String,
}

impl Page<'_> {
    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a String has no failing case.
        let _ = writeln!(self.text, "{line}");
    }

    fn heading(&mut self, text: &str) {
        let heading = self.style.bold(text);
        self.put(format_args!("\n{heading}"));
    }

    fn answer(&mut self, path: &Path) {
        let (report, style) = (self.report, self.style);
        let verdict = &report.verdict;
        self.put(format_args!("{}: {}", style.bold(safe_path(path)), sentence(report, style)));
        let read = if verdict.complete { "everything was read" } else { "not everything was read" };
        let decided_by = match &*verdict.decided_by {
            [] => String::new(),
            rules => format!(", decided by {}", rules.join(", ")),
        };
        let input = &report.input;
        let facts = format!(
            "{}, {} bytes, sha256 {}\nscore {} of 100{decided_by}; {read}",
            input.kind, input.size, input.sha256, verdict.score
        );
        for line in facts.lines() {
            self.put(format_args!("  {}", style.dim(line)));
        }
    }

    /// The way from the input to what decided, one line, and what each part of it is.
    fn chain(&mut self) {
        let report = self.report;
        let decided = report.verdict.decided_by.iter();
        let proofs = decided.filter_map(|rule| report.findings.iter().find(|finding| finding.rule == *rule));
        let deepest = proofs
            .flat_map(|finding| &finding.evidence)
            .map(|proof| proof.location.part)
            .chain(report.parts.iter().filter(|part| part.opened_with.is_some()).map(|part| part.id))
            .max_by_key(|part| hops(report, *part).len());
        let Some(last) = deepest else { return };
        let hops = hops(report, last);
        let is_opened = hops.iter().any(|hop| hop.opened_with.is_some());
        let Some(end) = hops.last().filter(|_| hops.len() > 2 || is_opened) else { return };
        let path = self.style.bold(safe(&end.path));
        self.heading("The way to it");
        self.put(format_args!("  {path}"));
        for hop in &hops {
            let name = hop.path.rsplit("!/").next().unwrap_or(&hop.path);
            let mut line = format!("{}: {}, {} bytes", safe(name), hop.kind, hop.size);
            if let Some(sha256) = &hop.sha256 {
                let _ = write!(line, ", sha256 {sha256}");
            }
            if let Some(opened) = &hop.opened_with {
                let source = opened.source.replace('_', " ");
                let password = quoted(&opened.password, SHOWN_CHARS);
                let _ = write!(line, ", {} opened with {password} ({source})", opened.method);
            }
            self.put(format_args!("    {}", self.style.dim(line)));
        }
    }

    fn behaviour(&mut self) {
        let effects = &self.report.behaviour;
        if effects.is_empty() {
            return;
        }
        self.heading("What it would do");
        for (index, effect) in effects.iter().enumerate().take(SHOWN_LINES) {
            let Effect { kind, basis, text, condition, location, .. } = effect;
            let condition = match condition {
                Some(condition) => format!(", if {}", quoted(condition, SHOWN_CHARS)),
                None => String::new(),
            };
            let basis = if *basis == "evaluated" { "evaluated" } else { "seen in its text" };
            let place = self.place(location);
            self.put(format_args!("{:>3}. {kind:<9} {}{condition}", index + 1, quoted(text, SHOWN_CHARS)));
            self.put(format_args!("               {}", self.style.dim(format!("{place}; {basis}"))));
        }
        self.more(effects.len());
    }

    fn findings(&mut self) {
        let findings = &self.report.findings;
        for (severity, _) in SEVERITIES {
            let of_severity: Vec<&Finding> =
                findings.iter().filter(|finding| finding.severity == severity).collect();
            if of_severity.is_empty() {
                continue;
            }
            self.heading(&format!("Findings, {severity}"));
            // Findings of a rule stand together.
            for of_rule in of_severity.chunk_by(|one, next| one.rule == next.rule) {
                for finding in of_rule.iter().take(SHOWN_OF_RULE) {
                    self.finding(finding);
                }
                let unshown = of_rule.len().saturating_sub(SHOWN_OF_RULE) as u64;
                let unlisted: u64 = of_rule.iter().map(|finding| finding.more).sum();
                let rest = unshown.saturating_add(unlisted);
                if let (1.., Some(finding)) = (rest, of_rule.first()) {
                    self.put(format_args!("  and {rest} more of {}", finding.rule));
                }
            }
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let name = self.style.dim(format!("({}, {})", finding.name, finding.confidence));
        self.put(format_args!("  {} {} {name}", self.style.bold(finding.rule), safe(&finding.message)));
        for Evidence { location, text, .. } in finding.evidence.iter().take(SHOWN_LINES) {
            let place = self.place(location);
            self.put(format_args!("      {}", self.style.dim(place)));
            if !text.is_empty() {
                self.put(format_args!("        {}", quoted(text, SHOWN_CHARS)));
            }
        }
        self.more(finding.evidence.len());
    }

    /// The texts that lure rules point to, whole, where the evidence is only an excerpt.
    fn lure(&mut self) {
        let report = self.report;
        let is_lure = |location: &Location| {
            let of_lure = report.findings.iter().filter(|finding| finding.rule.starts_with("LUR"));
            of_lure.flat_map(|finding| &finding.evidence).any(|proof| proof.location == *location)
        };
        let runs: Vec<_> = report.text.iter().filter(|run| is_lure(&run.location)).collect();
        if runs.is_empty() {
            return;
        }
        self.heading("What it tells the reader");
        for run in runs.iter().take(SHOWN_LINES) {
            let seen = if run.visible { "seen at once" } else { "not seen at once" };
            let place = self.place(&run.location);
            self.put(format_args!("  {}", quoted(&run.text, 4 * SHOWN_CHARS)));
            self.put(format_args!("      {}", self.style.dim(format!("{place}; {}, {seen}", run.source))));
        }
        self.more(runs.len());
    }

    fn indicators(&mut self) {
        let indicators: Vec<_> =
            self.report.indicators.iter().filter(|indicator| !indicator.well_known).collect();
        if indicators.is_empty() {
            return;
        }
        self.heading("Indicators");
        for indicator in indicators.iter().take(SHOWN_LINES) {
            let place = self.place(&indicator.location);
            let role =
                indicator.role.map(|role| format!("   {}", role.replace('_', " "))).unwrap_or_default();
            let condition = match &indicator.condition {
                Some(condition) => format!(", if {}", quoted(condition, SHOWN_CHARS)),
                None => String::new(),
            };
            let value = safe(&indicator.defanged);
            self.put(format_args!("  {:<10} {value}{role}{condition}", indicator.kind));
            self.put(format_args!("             {}", self.style.dim(place)));
        }
        self.more(indicators.len());
    }

    fn unread(&mut self) {
        let report = self.report;
        let unread: Vec<_> = report.problems.iter().filter(|problem| problem.kind != "recovered").collect();
        if unread.is_empty() && report.verdict.complete {
            return;
        }
        self.heading("Not read");
        for problem in unread.iter().take(SHOWN_LINES) {
            let place = self.place(&problem.location);
            let kind = problem.kind.replace('_', " ");
            self.put(format_args!("  {kind} ({}): {}", problem.stage, safe(&problem.message)));
            self.put(format_args!("      {}", self.style.dim(place)));
        }
        self.more(unread.len());
        if report.problems_not_listed > 0 {
            self.put(format_args!("  {} more problems are not listed", report.problems_not_listed));
        }
    }

    fn next(&mut self, path: &Path) {
        let report = self.report;
        let first = report.verdict.decided_by.first().copied();
        let rule = first.or_else(|| report.findings.first().map(|finding| finding.rule));
        let extract = !report.macros.vba.is_empty() || !report.macros.xlm.is_empty();
        if rule.is_none() && !extract {
            return;
        }
        self.heading("Next");
        if extract {
            let path = safe_path(path);
            self.put(format_args!("  docsift extract {path:?} -o parts     writes the macros as text"));
        }
        if let Some(rule) = rule {
            self.put(format_args!("  docsift explain {rule}     says what the rule means"));
        }
    }

    fn more(&mut self, count: usize) {
        if let Some(rest) = count.checked_sub(SHOWN_LINES).filter(|rest| *rest > 0) {
            self.put(format_args!("  and {rest} more; --json has all that the report keeps"));
        }
    }

    /// Part, cell, line and bytes, as far as they are known.
    fn place(&self, location: &Location) -> String {
        let part = self.report.parts.iter().find(|part| part.id == location.part);
        let mut place = part.map_or_else(|| format!("part {}", location.part), |part| safe(&part.path));
        if let Some(cell) = &location.cell {
            let _ = write!(place, ", cell {}", safe(cell));
        }
        if let Some(line) = location.line {
            let _ = write!(place, ", line {line}");
        }
        if let (Some(start), Some(end)) = (location.start, location.end) {
            let _ = write!(place, ", bytes {start:#x} to {end:#x}");
        }
        place
    }
}
