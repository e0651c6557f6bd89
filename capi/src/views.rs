//! Lists of the report in the form that C reads. Each is made when it is first asked for, and owns
//! everything that its pointers lead to.

use docsift::Level;
use docsift::report::{Evidence, Location, Report};

use crate::stable::{Stable, Texts};
use crate::structs::*;

/// A list for C with what its items point to.
#[derive(Debug)]
pub(crate) struct Views<T> {
    items: Vec<T>,
    /// Read through the pointers of `items` only.
    _keep: Keep,
}

// SAFETY: the pointers of `items` lead into `_keep`, which lives as long as they do and is not changed
// once the list stands, so that threads only ever read both.
unsafe impl<T: Copy> Send for Views<T> {}
// SAFETY: as above.
unsafe impl<T: Copy> Sync for Views<T> {}

/// What items point to.
#[derive(Debug)]
struct Keep {
    texts: Texts,
    lists: Stable<docsift_str>,
    places: Stable<docsift_location>,
    runs: Stable<docsift_run>,
}

impl<T> Views<T> {
    fn of<S>(sources: impl IntoIterator<Item = S>, mut view: impl FnMut(&mut Keep, S) -> T) -> Self {
        let (texts, lists) = (Texts::new(), Stable::new());
        let mut keep = Keep { texts, lists, places: Stable::new(), runs: Stable::new() };
        let items = sources.into_iter().map(|source| view(&mut keep, source)).collect();
        Views { items, _keep: keep }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.items.get(index)
    }
}

impl Keep {
    fn list<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> *const docsift_str {
        let texts: Vec<docsift_str> = texts.map(|text| self.texts.text(text)).collect();
        self.lists.push(&texts, None)
    }

    fn place(&mut self, location: &Location) -> *const docsift_location {
        let place = docsift_location {
            part: location.part,
            line: location.line.unwrap_or(0),
            has_bytes: location.start.is_some() && location.end.is_some(),
            start: location.start.unwrap_or(0),
            end: location.end.unwrap_or(0),
            cell: self.texts.optional(location.cell.as_deref()),
        };
        self.places.push(&[place], None)
    }
}

/// Lists whose items have a list each, which lie one behind the other.
#[derive(Debug)]
pub(crate) struct Nested<T, U> {
    pub(crate) outer: Views<T>,
    inner: Views<U>,
    /// Where the list of each item ends.
    ends: Vec<usize>,
}

impl<T, U> Nested<T, U> {
    fn of(outer: Views<T>, inner: Views<U>, counts: impl Iterator<Item = usize>) -> Self {
        let mut end = 0_usize;
        let ends = counts.map(|count| {
            end = end.saturating_add(count);
            end
        });
        Nested { outer, inner, ends: ends.collect() }
    }

    /// One item of the list of item `index`, or how many that list has.
    pub(crate) fn inner(&self, index: usize, within: usize) -> Result<&U, usize> {
        let before = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let (Some(start), Some(end)) = (before, self.ends.get(index)) else { return Err(0) };
        let at = start.checked_add(within).filter(|at| at < end);
        at.and_then(|at| self.inner.get(at)).ok_or(end.saturating_sub(start))
    }
}

pub(crate) fn level(level: Level) -> docsift_level {
    match level {
        Level::NothingFound => docsift_level::NothingFound,
        Level::Inconclusive => docsift_level::Inconclusive,
        Level::Suspicious => docsift_level::Suspicious,
        Level::Malicious => docsift_level::Malicious,
    }
}

fn severity(name: &str) -> docsift_severity {
    match name {
        "info" => docsift_severity::Info,
        "low" => docsift_severity::Low,
        "medium" => docsift_severity::Medium,
        "high" => docsift_severity::High,
        "critical" => docsift_severity::Critical,
        _ => docsift_severity::Unknown,
    }
}

fn confidence(name: &str) -> docsift_confidence {
    match name {
        "possible" => docsift_confidence::Possible,
        "likely" => docsift_confidence::Likely,
        "certain" => docsift_confidence::Certain,
        _ => docsift_confidence::Unknown,
    }
}

pub(crate) fn active_content(report: &Report) -> u32 {
    let content = &report.active_content;
    [
        (content.has_vba, DOCSIFT_HAS_VBA),
        (content.has_xlm, DOCSIFT_HAS_XLM),
        (content.has_wordbasic, DOCSIFT_HAS_WORDBASIC),
        (content.auto_start, DOCSIFT_HAS_AUTO_START),
        (content.external, DOCSIFT_HAS_EXTERNAL),
        (content.embedded, DOCSIFT_HAS_EMBEDDED),
        (content.encrypted, DOCSIFT_HAS_ENCRYPTED),
        (content.signed, DOCSIFT_HAS_SIGNED),
        (content.lure, DOCSIFT_HAS_LURE),
    ]
    .iter()
    .filter(|(there, _)| *there)
    .fold(0, |all, (_, bit)| all | bit)
}

/// A list of one: the summary of the input.
pub(crate) fn input(report: &Report) -> Views<docsift_input_summary> {
    Views::of([&report.input], |keep, input| docsift_input_summary {
        name: keep.texts.optional(input.name.as_deref()),
        size: input.size,
        sha256: keep.texts.text(&input.sha256),
        kind: keep.texts.name(input.kind),
    })
}

/// A list of one: the verdict.
pub(crate) fn verdict(report: &Report) -> Views<docsift_verdict> {
    Views::of([&report.verdict], |keep, verdict| docsift_verdict {
        level: level(verdict.level),
        score: verdict.score.into(),
        sentence: keep.texts.text(&verdict.sentence),
        decided_by: keep.list(verdict.decided_by.iter().copied()),
        decided_by_count: verdict.decided_by.len(),
        complete: verdict.complete,
    })
}

pub(crate) fn findings(report: &Report) -> Nested<docsift_finding, docsift_evidence> {
    let findings = &report.findings;
    let outer = Views::of(findings, |keep, finding| docsift_finding {
        rule: keep.texts.name(finding.rule),
        name: keep.texts.name(finding.name),
        message: keep.texts.text(&finding.message),
        severity: severity(finding.severity),
        confidence: confidence(finding.confidence),
        attack: keep.list(finding.attack.iter().copied()),
        attack_count: finding.attack.len(),
        evidence_count: finding.evidence.len(),
        more: finding.more,
    });
    let inner = Views::of(findings.iter().flat_map(|finding| &finding.evidence), evidence);
    Nested::of(outer, inner, findings.iter().map(|finding| finding.evidence.len()))
}

fn evidence(keep: &mut Keep, evidence: &Evidence) -> docsift_evidence {
    let raw = unhex(&evidence.raw);
    docsift_evidence {
        location: keep.place(&evidence.location),
        raw: keep.texts.bytes(&raw),
        raw_len: raw.len(),
        text: keep.texts.text(&evidence.text),
    }
}

/// The bytes that the report shows in hexadecimal.
fn unhex(text: &str) -> Vec<u8> {
    let digit =
        |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let pairs = text.as_bytes().as_chunks::<2>().0;
    pairs.iter().map(|[high, low]| digit(*high).wrapping_shl(4) | digit(*low)).collect()
}

pub(crate) fn effects(report: &Report) -> Views<docsift_effect> {
    let none = docsift::report::EffectDetail::default();
    Views::of(&report.behaviour, |keep, effect| {
        let detail = effect.detail.as_deref().unwrap_or(&none);
        docsift_effect {
            kind: keep.texts.name(effect.kind),
            basis: keep.texts.name(effect.basis),
            text: keep.texts.text(&effect.text),
            condition: keep.texts.optional(effect.condition.as_deref()),
            location: keep.place(&effect.location),
            order: detail.order.map_or(-1, i64::from),
            start: keep.texts.optional(detail.start),
            url: keep.texts.optional(detail.url.as_deref()),
            to: keep.texts.optional(detail.to.as_deref()),
            path: keep.texts.optional(detail.path.as_deref()),
            content: keep.texts.optional(detail.content.as_deref()),
            command: keep.texts.optional(detail.command.as_deref()),
            how: keep.texts.optional(detail.how.as_deref()),
            dll: keep.texts.optional(detail.dll.as_deref()),
            procedure: keep.texts.optional(detail.procedure.as_deref()),
            arguments: keep.list(detail.arguments.iter().map(String::as_str)),
            argument_count: detail.arguments.len(),
            source: keep.texts.optional(detail.source.as_deref()),
        }
    })
}

pub(crate) fn indicators(report: &Report) -> Views<docsift_indicator> {
    Views::of(&report.indicators, |keep, indicator| docsift_indicator {
        kind: keep.texts.name(indicator.kind),
        value: keep.texts.text(&indicator.value),
        defanged: keep.texts.text(&indicator.defanged),
        count: indicator.count,
        location: keep.place(&indicator.location),
        well_known: indicator.well_known,
    })
}

pub(crate) fn parts(report: &Report) -> Views<docsift_part> {
    Views::of(&report.parts, |keep, part| {
        let runs: Vec<docsift_run> =
            part.runs.iter().map(|[start, len]| docsift_run { start: *start, len: *len }).collect();
        let opened = part.opened_with.as_ref();
        docsift_part {
            id: part.id,
            parent: part.parent.unwrap_or(DOCSIFT_NO_PART),
            path: keep.texts.text(&part.path),
            kind: keep.texts.name(part.kind),
            size: part.size,
            sha256: keep.texts.optional(part.sha256.as_deref()),
            runs: keep.runs.push(&runs, None),
            run_count: runs.len(),
            method: keep.texts.optional(opened.map(|opened| opened.method)),
            password: keep.texts.optional(opened.map(|opened| opened.password.as_str())),
            password_source: keep.texts.optional(opened.map(|opened| opened.source)),
        }
    })
}

pub(crate) fn modules(report: &Report) -> Views<docsift_module> {
    let vba =
        report.macros.vba.iter().map(|module| {
            (module.part, &module.name, module.kind, &module.source, module.cut, module.listed)
        });
    let wordbasic = report.macros.wordbasic.iter();
    let wordbasic =
        wordbasic.map(|module| (module.part, &module.name, "wordbasic", &module.source, module.cut, true));
    Views::of(vba.chain(wordbasic), |keep, (part, name, kind, source, cut, listed)| docsift_module {
        part,
        name: keep.texts.text(name),
        kind: keep.texts.name(kind),
        source: keep.texts.text(source),
        cut,
        listed,
    })
}

pub(crate) fn macro_sheets(report: &Report) -> Nested<docsift_macro_sheet, docsift_macro_cell> {
    let sheets = &report.macros.xlm;
    let outer = Views::of(sheets, |keep, sheet| docsift_macro_sheet {
        part: sheet.part,
        sheet: keep.texts.text(&sheet.sheet),
        visibility: keep.texts.name(sheet.visibility),
        cell_count: sheet.cells.len(),
        cut: sheet.cut,
    });
    let inner = Views::of(sheets.iter().flat_map(|sheet| &sheet.cells), |keep, cell| docsift_macro_cell {
        cell: keep.texts.text(&cell.cell),
        formula: keep.texts.text(&cell.formula),
        cached: keep.texts.optional(cell.cached.as_deref()),
        computed: keep.texts.optional(cell.computed.as_deref()),
    });
    Nested::of(outer, inner, sheets.iter().map(|sheet| sheet.cells.len()))
}

pub(crate) fn texts(report: &Report) -> Views<docsift_text> {
    Views::of(&report.text, |keep, run| docsift_text {
        text: keep.texts.text(&run.text),
        source: keep.texts.name(run.source),
        location: keep.place(&run.location),
        visible: run.visible,
    })
}

/// A list of one: the whole report as JSON.
pub(crate) fn json(report: &Report) -> Views<docsift_str> {
    Views::of([report.to_json()], |keep, json| keep.texts.text(&json))
}

pub(crate) fn problems(report: &Report) -> Views<docsift_problem> {
    Views::of(&report.problems, |keep, problem| docsift_problem {
        kind: keep.texts.name(problem.kind),
        stage: keep.texts.name(problem.stage),
        message: keep.texts.text(&problem.message),
        location: keep.place(&problem.location),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use docsift::Severity;

    #[test]
    fn every_severity_and_confidence_has_its_number() {
        use Severity::{Critical, High, Info, Low, Medium};
        let numbers = [Info, Low, Medium, High, Critical].map(|known| severity(known.name()) as i32);
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        let numbers = ["possible", "likely", "certain"].map(|name| confidence(name) as i32);
        assert_eq!(numbers, [1, 2, 3]);
        for rule in docsift::catalogue() {
            assert_ne!(severity(rule.severity.name()), docsift_severity::Unknown, "{}", rule.id);
            assert_ne!(confidence(rule.confidence.name()), docsift_confidence::Unknown, "{}", rule.id);
        }
    }

    #[test]
    fn inner_lists_lie_one_behind_the_other() {
        let views = |count: u32| Views::of(0..count, |_, number| number);
        let nested = Nested::of(views(3), views(5), [2, 0, 3].into_iter());
        let all = [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 2), (2, 3), (3, 0), (2, usize::MAX)];
        let found = all.map(|(index, within)| nested.inner(index, within).copied());
        assert_eq!(found, [Ok(0), Ok(1), Err(2), Err(0), Ok(2), Ok(4), Err(3), Err(0), Err(3)]);
    }

    #[test]
    fn hexadecimal_becomes_bytes() {
        assert_eq!(unhex("00ff7a"), [0, 255, 0x7A]);
    }
}
