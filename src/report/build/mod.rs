//! From models to the report: names for numbers, addresses for places, caps on what is quoted.

mod trace;

use sha2::{Digest, Sha256};

use super::{
    ActiveContent, Effect, EffectDetail, Evidence, Finding, Indicator, InputSummary, Location, MacroCell,
    MacroName, MacroSheet, Macros, OpenedWith, Part, Picture, Problem, Property, Report, SCHEMA_VERSION,
    Signature, TextRun, Tool, VbaModule, VbaProject, Verdict, WordBasicMacro, names, sentence,
};
use crate::base::location::A1;
use crate::base::{self, PartId, Place, Problems};
use crate::containers::part;
use crate::documents::doc::wordbasic::Macro;
use crate::documents::link::LinkKind;
use crate::documents::props::Properties;
use crate::documents::workbook::{Cached, Workbook};
use crate::findings::{self, ATTACK_VERSION, Facts, RULES_VERSION};
use crate::indicators::Role;
use crate::lure::Certainty;
use crate::vba::Reach;
use crate::verdict::{Decision, Level, POLICY_VERSION};
use crate::xlm::Program;

pub(crate) use trace::trace;

/// The fields of an effect, cut to `longest` characters and to the room that is left.
fn detail(detail: &base::EffectDetail, longest: usize, room: &mut usize) -> EffectDetail {
    let mut short = |text: &Option<String>| {
        text.as_ref().map(|text| {
            let (text, _) = cut(text, longest.min(*room));
            *room = room.saturating_sub(text.chars().count());
            text.to_owned()
        })
    };
    EffectDetail {
        order: detail.order,
        start: detail.start,
        url: short(&detail.url),
        to: short(&detail.to),
        path: short(&detail.path),
        content: short(&detail.content),
        command: short(&detail.command),
        how: short(&detail.how),
        dll: short(&detail.dll),
        procedure: short(&detail.procedure),
        types: short(&detail.types),
        alias: short(&detail.alias),
        source: short(&detail.source),
        arguments: detail.arguments.iter().filter_map(|text| short(&Some(text.clone()))).collect(),
        caller: None,
    }
}

/// What a report is made of.
pub(crate) struct Outcome<'o> {
    pub(crate) name: Option<&'o str>,
    pub(crate) sha256: [u8; 32],
    pub(crate) facts: Facts<'o>,
    pub(crate) properties: &'o [Properties],
    pub(crate) problems: &'o Problems,
    pub(crate) findings: &'o [findings::Finding],
    pub(crate) decision: Decision,
    pub(crate) allowed: Option<&'static str>,
    pub(crate) macro_hash: Option<[u8; 32]>,
    pub(crate) report_chars: usize,
}

/// Items of one kind that a report lists.
const ITEMS: usize = 10_000;

/// Makes the report.
pub(crate) fn build(outcome: Outcome<'_>) -> Report {
    Building { outcome: &outcome, capped: Vec::new() }.report()
}

fn tool() -> Tool {
    Tool {
        name: "docsift",
        version: env!("CARGO_PKG_VERSION"),
        rules: RULES_VERSION,
        policy: POLICY_VERSION,
        attack: ATTACK_VERSION,
    }
}

struct Building<'o> {
    outcome: &'o Outcome<'o>,
    capped: Vec<String>,
}

impl<'o> Building<'o> {
    fn report(mut self) -> Report {
        let Outcome { decision, problems, .. } = self.outcome;
        let active_content = self.active_content();
        let complete = !problems.bar_nothing_found();
        Report {
            schema: SCHEMA_VERSION,
            tool: tool(),
            input: self.input(),
            verdict: Verdict {
                level: decision.level,
                score: decision.score,
                sentence: self.sentence(active_content),
                decided_by: decision.decided_by.clone(),
                complete,
            },
            active_content,
            findings: self.outcome.findings.iter().map(|finding| self.finding(finding)).collect(),
            behaviour: self.behaviour(),
            parts: self.parts(),
            macros: self.macros(),
            text: self.text(),
            pictures: self.pictures(),
            indicators: self.indicators(),
            properties: self.properties(),
            problems: problems.list().iter().map(|problem| self.problem(problem)).collect(),
            problems_not_listed: self.problems_not_listed(),
            capped: self.capped,
        }
    }

    fn input(&self) -> InputSummary {
        let input = self.outcome.facts.parts.first();
        InputSummary {
            name: self.outcome.name.map(str::to_owned),
            size: input.map_or(0, |part| part.size),
            sha256: hex(&self.outcome.sha256),
            kind: input.map_or("unknown", |part| part.kind.name()),
        }
    }

    fn problems_not_listed(&self) -> u64 {
        let problems = self.outcome.problems;
        problems.count().saturating_sub(problems.list().len() as u64)
    }

    fn sentence(&self, active: ActiveContent) -> String {
        let Outcome { decision, problems, allowed, .. } = self.outcome;
        if let Some(allowed) = allowed {
            return format!("Nothing found: {allowed}.");
        }
        let unread = || {
            let barring = problems.list().iter().find(|problem| problem.kind.bars_nothing_found());
            barring.map_or(String::new(), |problem| problem.message.clone())
        };
        match decision.level {
            Level::NothingFound if self.has_finding(&["VBA003", "VBA004"]) => {
                "Nothing found: macros of the document can start programs or fetch files, and none does so \
                 as attacks do."
                    .to_owned()
            }
            Level::NothingFound if active.has_vba || active.has_xlm || active.has_wordbasic => {
                "Nothing found: the document has macros, and none of them does what attacks do.".to_owned()
            }
            Level::NothingFound => "Nothing found: everything in the file was read.".to_owned(),
            Level::Inconclusive => format!("Inconclusive: not everything could be read ({}).", unread()),
            Level::Suspicious | Level::Malicious => {
                let level = if decision.level == Level::Malicious { "Malicious" } else { "Suspicious" };
                let done = sentence::of(self.outcome.facts.effects);
                format!("{level}: {}.", done.as_deref().unwrap_or(decision.because))
            }
        }
    }

    fn has_finding(&self, rules: &[&str]) -> bool {
        self.outcome.findings.iter().any(|finding| rules.contains(&finding.rule.id))
    }

    fn active_content(&self) -> ActiveContent {
        use crate::documents::workbook::ExternalKind;
        let facts = self.outcome.facts;
        let links = |book: &Workbook| {
            book.books.iter().any(|source| {
                matches!(source.kind, ExternalKind::Workbook | ExternalKind::Dde | ExternalKind::Ole)
            }) || !book.connections.is_empty()
        };
        let needs_password = |problem: &base::Problem| problem.kind == base::ProblemKind::NeedsPassword;
        ActiveContent {
            has_vba: facts
                .projects
                .iter()
                .any(|project| project.modules.iter().any(|module| !module.raw.is_empty())),
            has_xlm: facts.macro_sheets().next().is_some(),
            has_wordbasic: !facts.word_basic.is_empty(),
            auto_start: facts
                .programs()
                .any(|(book, program)| !program.starts.is_empty() && book.macro_sheets().next().is_some())
                || facts.views.iter().any(|view| !view.reached.starts.is_empty())
                || facts.word_basic.iter().any(Macro::is_auto),
            external: facts.workbooks.iter().any(links)
                || facts.links.iter().any(|link| link.kind != LinkKind::Hyperlink),
            embedded: !facts.objects.is_empty(),
            encrypted: !facts.locked.is_empty()
                || facts.workbooks.iter().any(|book| book.encryption.is_some())
                || self.outcome.problems.list().iter().any(needs_password),
            signed: facts.projects.iter().any(|project| project.signature.is_some()),
            lure: facts.lures.iter().any(|hit| hit.certainty >= Certainty::Medium && !hit.cautioned),
        }
    }

    fn location(&self, location: &base::Location) -> Location {
        let mut made = Location { part: location.part.0, start: None, end: None, cell: None, line: None };
        match location.place {
            Some(Place::Bytes { start, end }) => {
                let size = self.outcome.facts.parts.get(location.part.0 as usize).map_or(0, |part| part.size);
                // Rules show some bytes from where a thing begins, which may be the last of its part; places in
                // XML count in its UTF-8, which is longer than some encodings.
                let within = |place: u64| place.min(size);
                made.start = Some(within(start));
                made.end = Some(within(end));
            }
            Some(Place::Cell { sheet, row, column }) => {
                made.cell = Some(self.cell(location.part, sheet, row, column));
            }
            Some(Place::Line(line)) => made.line = Some(line),
            None => {}
        }
        made
    }

    fn cell(&self, part: PartId, sheet: u32, row: u32, column: u32) -> String {
        let book = self.outcome.facts.workbooks.iter().find(|book| book.part == part);
        let name =
            book.and_then(|book| book.sheets.get(sheet as usize)).map_or("", |sheet| sheet.name.as_str());
        let plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        if plain && !name.is_empty() {
            format!("{name}!{}", A1(row, column))
        } else {
            format!("'{}'!{}", name.replace('\'', "''"), A1(row, column))
        }
    }

    fn finding(&self, finding: &findings::Finding) -> Finding {
        Finding {
            rule: finding.rule.id,
            name: finding.rule.name,
            severity: finding.severity.name(),
            confidence: finding.rule.confidence.name(),
            attack: finding.rule.attack.to_vec(),
            message: finding.message.clone(),
            evidence: finding
                .evidence
                .iter()
                .map(|proof| Evidence {
                    location: self.location(&proof.location),
                    raw: hex(&proof.raw),
                    text: proof.text.to_string(),
                })
                .collect(),
            more: finding.more,
        }
    }

    fn behaviour(&mut self) -> Vec<Effect> {
        const LONGEST: usize = 2048;
        let effects = self.outcome.facts.effects;
        let mut room = self.outcome.report_chars;
        let made = effects.iter().take(ITEMS).map(|effect| {
            let (text, _) = cut(&effect.text, LONGEST.min(room));
            room = room.saturating_sub(text.chars().count());
            Effect {
                kind: names::effect(effect.kind),
                basis: names::basis(effect.basis),
                text: text.to_owned(),
                condition: effect.condition.clone(),
                location: self.location(&effect.location),
                detail: effect.detail.as_deref().map(|own| {
                    let caller = own.caller.as_ref().map(|caller| self.location(caller));
                    Box::new(EffectDetail { caller, ..detail(own, LONGEST, &mut room) })
                }),
            }
        });
        let made = made.collect();
        self.note_cap(effects.len(), "effects");
        made
    }

    fn note_cap(&mut self, count: usize, what: &str) {
        if count > ITEMS {
            self.capped.push(format!("{} of {count} {what} are listed", ITEMS));
        }
    }

    fn parts(&self) -> Vec<Part> {
        let parts = self.outcome.facts.parts;
        let made = parts.iter().map(|part| Part {
            id: part.id.0,
            parent: part.parent.map(|parent| parent.0),
            path: part::path(parts, part.id),
            kind: part.kind.name(),
            size: part.size,
            sha256: part.sha256.as_ref().map(|hash| hex(hash)),
            runs: part.runs.iter().map(|(start, len)| [*start, *len]).collect(),
            opened_with: part.opened_with.as_ref().map(|opening| OpenedWith {
                method: opening.method,
                password: opening.password.text.clone(),
                source: opening.password.source.name(),
                location: opening.password.location.as_ref().map(|location| self.location(location)),
            }),
        });
        made.collect()
    }

    fn macros(&mut self) -> Macros {
        let facts = self.outcome.facts;
        let mut macros = Macros {
            normalised_sha256: self.outcome.macro_hash.as_ref().map(|hash| hex(hash)),
            ..Macros::default()
        };
        let mut room = self.outcome.report_chars;
        for project in facts.projects {
            macros.vba_projects.push(VbaProject {
                name: project.name.clone(),
                storage: project.storage.clone(),
                code_page: project.code_page.id(),
                locked: project.protection.locked(),
                remnant: match project.reach {
                    Reach::Reachable => None,
                    Reach::Remnant(why) => Some(why.name().to_owned()),
                },
                references: project.references.iter().map(|reference| reference.target.clone()).collect(),
                signature: project.signature.as_ref().map(|signature| Signature {
                    signer: Some(signature.signer.clone()).filter(|signer| !signer.is_empty()),
                    certificate_sha256: signature.certificate_sha256.as_ref().map(|hash| hex(hash)),
                    thumbprint: signature.thumbprint.as_ref().map(|hash| hex(hash)),
                    hash_matches: signature.hash_matches,
                }),
            });
            for module in &project.modules {
                let text = module.text();
                let (source, is_cut) = cut(&text, room);
                room = room.saturating_sub(source.chars().count());
                macros.vba.push(VbaModule {
                    part: module.part.0,
                    name: module.name.clone(),
                    kind: names::module(module.kind),
                    source: source.to_owned(),
                    cut: is_cut,
                    listed: module.listed,
                });
            }
        }
        for code in facts.word_basic {
            let (source, is_cut) = cut(&code.source, room);
            room = room.saturating_sub(source.chars().count());
            macros.wordbasic.push(WordBasicMacro {
                part: code.part.0,
                name: code.name.clone(),
                key: code.key,
                source: source.to_owned(),
                cut: is_cut,
            });
        }
        for (book, program) in facts.programs() {
            for (index, sheet) in book.macro_sheets() {
                // The cells lie in the order of the sheets.
                let after = program.cells.partition_point(|cell| cell.cell.0 < index);
                let cells = program.cells.iter().skip(after).take_while(|cell| cell.cell.0 == index);
                macros.xlm.push(MacroSheet {
                    part: book.part.0,
                    sheet: sheet.name.clone(),
                    visibility: sheet.visibility.name(),
                    cells: cells
                        .map(|cell| MacroCell {
                            cell: A1(cell.cell.1, cell.cell.2.into()).to_string(),
                            formula: format!("={}", cell.formula),
                            cached: cached(book, cell.cached).map(String::into_boxed_str),
                            computed: program
                                .evaluation
                                .values
                                .get(&cell.cell)
                                .map(|text| text.as_str().into()),
                        })
                        .collect(),
                    cut: program.cells_left_out > 0,
                });
            }
            let names = self.names(book, program);
            let room = ITEMS.saturating_sub(macros.names.len());
            macros.names.extend(names.into_iter().take(room));
        }
        self.note_cap(
            facts.programs().map(|(_, program)| program.starts.len()).sum(),
            "names that start a macro",
        );
        if macros.vba.iter().any(|module| module.cut) {
            self.capped.push("the source of some modules is cut".to_owned());
        }
        if macros.xlm.iter().any(|sheet| sheet.cut) {
            self.capped.push("some cells of macro sheets are left out".to_owned());
        }
        macros
    }

    /// The names of a workbook that start a macro.
    fn names(&self, book: &Workbook, program: &Program) -> Vec<MacroName> {
        let named = program.starts.iter().take(ITEMS).filter_map(|start| {
            let name = book.names.get(start.name)?;
            let scope = name.scope.and_then(|scope| book.sheets.get(usize::from(scope)));
            Some(MacroName {
                part: book.part.0,
                name: name.name.clone(),
                refers_to: start.refers_to.clone(),
                starts_on: Some(start.event.name()),
                hidden: name.is_hidden(),
                sheet: scope.map(|sheet| sheet.name.clone()),
            })
        });
        named.collect()
    }

    fn text(&mut self) -> Vec<TextRun> {
        let harvest = self.outcome.facts.harvest;
        let mut room = self.outcome.report_chars;
        let mut made = Vec::new();
        for run in harvest.runs.iter().take(ITEMS) {
            let (text, _) = cut(&run.text, room);
            room = room.saturating_sub(text.chars().count().max(1));
            if room == 0 {
                break;
            }
            made.push(TextRun {
                text: text.to_owned(),
                source: run.source.name(),
                visible: run.visible,
                location: self.location(&run.location),
            });
        }
        let left_out = harvest.left_out.saturating_add(harvest.runs.len().saturating_sub(made.len()) as u64);
        if left_out > 0 {
            self.capped.push(format!("{left_out} texts are left out"));
        }
        if harvest.shortened > 0 {
            self.capped.push(format!("{} texts are cut", harvest.shortened));
        }
        made
    }

    fn pictures(&self) -> Vec<Picture> {
        let facts = self.outcome.facts;
        let part = |id: PartId| facts.parts.get(id.0 as usize);
        // Looks are in the order of parts.
        let look = |id: PartId| {
            let looks = &facts.harvest.looks;
            looks.binary_search_by_key(&id, |look| look.part).ok().and_then(|at| looks.get(at))
        };
        let made = facts.pictures.iter().filter_map(|picture| {
            let part = part(picture.part)?;
            Some(Picture {
                part: part.id.0,
                kind: names::picture(picture.kind),
                pixels: picture.pixels,
                size: part.size,
                sha256: part.sha256.as_ref().map(|hash| hex(hash)).unwrap_or_default(),
                dhash: look(part.id).and_then(|look| look.dhash).map(|hash| format!("{hash:016x}")),
                known_lure: look(part.id).is_some_and(|look| look.known.is_some()),
            })
        });
        made.collect()
    }

    fn indicators(&mut self) -> Vec<Indicator> {
        let indicators = self.outcome.facts.indicators;
        if indicators.omitted() > 0 {
            self.capped.push(format!("{} indicators are left out", indicators.omitted()));
        }
        let made = indicators.list().iter().map(|indicator| Indicator {
            kind: indicator.kind.name(),
            value: indicator.value.clone(),
            defanged: indicator.defanged.clone(),
            well_known: indicator.well_known,
            role: indicator.role.map(Role::name),
            condition: indicator.condition.clone(),
            count: indicator.count,
            location: self.location(&indicator.location),
        });
        made.collect()
    }

    fn properties(&self) -> Vec<Property> {
        let mut made = Vec::new();
        for properties in self.outcome.properties {
            made.extend(properties.texts().map(|(name, text)| Property {
                name: name.replace(' ', "_"),
                value: text.text.clone(),
                location: Some(self.location(&text.location)),
            }));
            let times = [
                ("created", properties.created),
                ("modified", properties.modified),
                ("last_printed", properties.last_printed),
            ];
            made.extend(times.into_iter().filter_map(|(name, time)| {
                Some(Property { name: name.to_owned(), value: time?.to_string(), location: None })
            }));
        }
        made.truncate(ITEMS);
        made
    }

    fn problem(&self, problem: &base::Problem) -> Problem {
        Problem {
            kind: names::problem(problem.kind),
            stage: names::stage(problem.stage),
            message: problem.message.clone(),
            location: self.location(&problem.location),
        }
    }
}

fn cached(book: &Workbook, value: Cached) -> Option<String> {
    Some(match value {
        Cached::Empty => return None,
        Cached::Number(number) => {
            let mut text = String::new();
            crate::documents::formula::write_number(number, &mut text);
            text
        }
        Cached::Text(text) => book.texts.get(text).to_owned(),
        Cached::Boolean(value) => if value { "TRUE" } else { "FALSE" }.to_owned(),
        Cached::Error(code) => format!("error 0x{code:02x}"),
    })
}

/// The first `most` characters, and whether there were more.
fn cut(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, false);
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), true),
        None => (text, false),
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 of all macros in normal form; `None` without macros.
pub(crate) fn macro_hash(facts: Facts<'_>) -> Option<[u8; 32]> {
    let mut pieces: Vec<[u8; 32]> = Vec::new();
    for project in facts.projects {
        for module in &project.modules {
            let mut hash = Sha256::new();
            let mut lines = 0u64;
            for line in module.text().lines() {
                let line = line.trim();
                let lower = line.to_lowercase();
                let is_code =
                    !lower.is_empty() && !lower.starts_with('\'') && !lower.starts_with("attribute ");
                if is_code {
                    lines = lines.saturating_add(1);
                    hash.update(lower.as_bytes());
                    hash.update(b"\n");
                }
            }
            if lines > 0 {
                pieces.push(hash.finalize().into());
            }
        }
    }
    for code in facts.word_basic {
        pieces.push(Sha256::digest(code.source.to_lowercase().as_bytes()).into());
    }
    for (book, _) in facts.programs() {
        for (_, sheet) in book.macro_sheets() {
            let mut hash = Sha256::new();
            let mut cells: Vec<_> = sheet.formulas.iter().collect();
            cells.sort_by_key(|cell| (cell.row, cell.column));
            for cell in cells {
                hash.update(cell.row.to_le_bytes());
                hash.update(cell.column.to_le_bytes());
                let (rgce, rgcb) = book.tokens.get(cell.tokens);
                hash.update(rgce);
                hash.update(rgcb);
            }
            for shared in &sheet.shared {
                hash.update(book.tokens.get(shared.tokens).0);
            }
            pieces.push(hash.finalize().into());
        }
    }
    if pieces.is_empty() {
        return None;
    }
    pieces.sort_unstable();
    let mut all = Sha256::new();
    for piece in pieces {
        all.update(piece);
    }
    Some(all.finalize().into())
}
