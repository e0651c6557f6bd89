//! One analysis: the order of the stages, from bytes to report.
//!
//! Parts are taken from a stack, depth first. What a part holds is read into models; documents
//! inside it are put on the stack. Rules run when all parts are read.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::made::Written;
use super::{Input, Options, PartView, TraceOptions};
use crate::base::{
    Budget, Bytes, Cx, Effect, Feature, LimitHit, Location, PartId, Place, Problem, ProblemKind, Problems,
    Stage,
};
use crate::containers::listed;
use crate::containers::mail;
use crate::containers::part::{Part, PartKind};
use crate::containers::polyglot::Search;
use crate::containers::sniff::{FileKind, sniff};
use crate::containers::zip;
use crate::crypto::{Key, Opening, Password, PasswordSource};
use crate::documents::doc::wordbasic::Macro;
use crate::documents::document::Document;
use crate::documents::link::Link;
use crate::documents::message::{Message, Smuggled};
use crate::documents::mtef::Equation;
use crate::documents::objects::Object;
use crate::documents::picture;
use crate::documents::props::Properties;
use crate::documents::shell_link::ShellLink;
use crate::documents::tiff::TiffOverflow;
use crate::documents::workbook::Workbook;
use crate::findings::{self, Archive, Compound, Facts, Locked, Picture, RtfFacts, Sink, catalogue};
use crate::indicators::Indicators;
use crate::lure::{self, Harvest};
use crate::report::{self, Outcome, Report};
use crate::vba::Project;
use crate::vba::view::ProjectView;
use crate::verdict;
use crate::xlm::Program;

/// A part that waits to be read.
pub(super) struct Pending<'i> {
    pub(super) part: PartId,
    pub(super) source: Source<'i>,
    pub(super) depth: u16,
    /// Whether it is locked and has waited until all else was read.
    pub(super) is_late: bool,
}

/// How to get the bytes of a waiting part. A recipe is followed when its turn comes, so that few
/// parts that we own are alive at once.
pub(super) enum Source<'i> {
    /// They are there.
    Ready(Bytes<'i>),
    /// An attachment of a mail, still encoded.
    Attachment {
        /// The mail.
        mail: Bytes<'i>,
        /// Which of its parts.
        entity: Box<mail::Entity>,
    },
    /// A file that lies in pieces.
    Gathered {
        /// What it lies in.
        around: Bytes<'i>,
        /// Its pieces, in order.
        runs: Vec<std::ops::Range<u64>>,
    },
    /// An entry of an archive that waits to be unpacked.
    Member {
        /// The archive.
        archive: Bytes<'i>,
        /// The entry.
        entry: Box<zip::Entry>,
    },
}

/// A part whose turn has come.
pub(super) struct Opened<'i> {
    pub(super) part: PartId,
    pub(super) bytes: Bytes<'i>,
    pub(super) depth: u16,
}

/// Everything that one analysis knows.
pub(super) struct Run<'i, 'v> {
    pub(super) options: &'v Options,
    input: &'i [u8],
    pub(super) budget: Budget,
    pub(super) problems: Problems,
    pending: Vec<Pending<'i>>,
    /// What is locked, in order; it is opened when every text that may name its password was read.
    late: Vec<Pending<'i>>,
    /// Passwords to try before those that are always tried.
    pub(super) passwords: Vec<Password>,
    /// Words that are tried besides on what was late.
    pub(super) words: Vec<Password>,
    /// Archives with an entry that no word opened.
    pub(super) words_failed: BTreeSet<PartId>,
    /// How many of them mails gave.
    pub(super) harvested: usize,
    /// Passwords that opened an entry, the last one last: the next entry mostly has the same.
    pub(super) opened_before: Vec<Password>,
    /// The key of the document that is being read, for the streams beside it.
    pub(super) key: Option<(Key, Opening)>,
    pub(super) models: Models,
    pub(super) visit: Option<&'v mut dyn FnMut(PartView<'_>)>,
    /// The runs of macros, when they are wanted step by step.
    pub(super) traces: Option<Traces>,
}

/// The runs of macros step by step, by the part of their workbook.
pub(super) struct Traces {
    pub(super) wanted: TraceOptions,
    pub(super) made: Vec<(PartId, crate::xlm::trace::Trace)>,
}

/// What was read.
#[derive(Default)]
pub(crate) struct Models {
    pub(crate) parts: Vec<Part>,
    /// Where the file was fetched from, as Windows says.
    pub(crate) came_from: Vec<String>,
    pub(crate) compounds: Vec<Compound>,
    pub(crate) archives: Vec<Archive>,
    pub(crate) locked: Vec<Locked>,
    pub(crate) messages: Vec<Message>,
    pub(crate) smuggled: Vec<Smuggled>,
    pub(crate) shell_links: Vec<ShellLink>,
    pub(crate) packages: Vec<findings::Package>,
    pub(crate) workbooks: Vec<Workbook>,
    pub(crate) programs: Vec<Program>,
    pub(crate) projects: Vec<Project>,
    pub(crate) views: Vec<ProjectView>,
    pub(crate) documents: Vec<Document>,
    pub(crate) links: Vec<Link>,
    pub(crate) objects: Vec<Object>,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) word_basic: Vec<Macro>,
    pub(crate) equations: Vec<Equation>,
    pub(crate) tiff_overflows: Vec<TiffOverflow>,
    pub(crate) rtf: Vec<RtfFacts>,
    pub(crate) properties: Vec<Properties>,
    pub(crate) harvest: Harvest,
    /// Texts in pictures, with the part of the picture.
    pub(crate) picture_texts: Vec<(PartId, String)>,
    pub(crate) lures: Vec<lure::Hit>,
    pub(crate) indicators: Indicators,
    pub(crate) effects: Vec<Effect>,
    /// Texts that came to light in command lines, each with where the line stands.
    pub(crate) revealed: Vec<(Location, String)>,
    /// Files that command lines write and that are no parts yet.
    pub(crate) written: Vec<Written>,
}

/// Most runs of a part that are kept as its derivation.
const RUNS_KEPT: usize = 64;

/// Analyses; returns the report, and the steps spent.
pub(super) fn run<'v>(
    options: &'v Options,
    input: Input<'v>,
    visit: Option<&'v mut dyn FnMut(PartView<'_>)>,
) -> (Report, u64) {
    let (mut run, sha256) = begin(options, input, visit);
    run.read_parts();
    run.read_meaning();
    let spent = options.limits.steps.saturating_sub(run.budget.steps_left());
    (run.judge(input.name, sha256), spent)
}

/// Runs the macros and keeps their steps.
pub(super) fn trace(options: &Options, input: Input<'_>, wanted: TraceOptions) -> report::trace::Trace {
    let (mut run, sha256) = begin(options, input, None);
    run.traces = Some(Traces { wanted, made: Vec::new() });
    run.read_parts();
    run.read_macros();
    let traces = run.traces.take().map(|traces| traces.made).unwrap_or_default();
    let Run { models, problems, .. } = &run;
    let outcome = Outcome {
        name: input.name,
        sha256,
        facts: models.facts(problems),
        properties: &models.properties,
        problems,
        findings: &[],
        decision: verdict::decide(&[], problems.bar_nothing_found()),
        allowed: None,
        macro_hash: None,
        report_chars: options.limits.report_chars,
    };
    report::build_trace(&outcome, &traces)
}

/// An analysis that has the input and did nothing with it; and the hash of the input.
fn begin<'v>(
    options: &'v Options,
    input: Input<'v>,
    visit: Option<&'v mut dyn FnMut(PartView<'_>)>,
) -> (Run<'v, 'v>, [u8; 32]) {
    let sha256: [u8; 32] = Sha256::digest(input.bytes).into();
    let mut run = Run {
        options,
        input: input.bytes,
        budget: Budget::for_input(&options.limits, input.bytes.len()),
        problems: Problems::default(),
        pending: Vec::new(),
        late: Vec::new(),
        words: Vec::new(),
        words_failed: BTreeSet::new(),
        passwords: caller_passwords(options),
        harvested: 0,
        opened_before: Vec::new(),
        key: None,
        models: Models::default(),
        visit,
        traces: None,
    };
    let kind = sniff(input.bytes);
    run.models.parts.push(Part {
        id: PartId(0),
        parent: None,
        name: input.name.unwrap_or("input").to_owned(),
        kind: PartKind::File(kind),
        size: input.bytes.len() as u64,
        sha256: Some(sha256),
        runs: Vec::new(),
        opened_with: None,
    });
    let source = Source::Ready(Bytes::Input(input.bytes));
    run.pending.push(Pending { part: PartId(0), source, depth: 0, is_late: false });
    run.models.came_from = input.zone.map(came_from).unwrap_or_default();
    (run, sha256)
}

/// Addresses in a `Zone.Identifier`: where the file was fetched from, and from which page.
fn came_from(zone: &[u8]) -> Vec<String> {
    const MOST: usize = 16 << 10;
    let head = zone.get(..MOST).unwrap_or(zone);
    let text = String::from_utf8_lossy(head).replace('\0', "");
    let value = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let is_address =
            ["HostUrl", "ReferrerUrl"].iter().any(|known| name.trim().eq_ignore_ascii_case(known));
        is_address.then(|| value.trim().to_owned())
    };
    text.lines().filter_map(value).collect()
}

/// The passwords of the caller, each once.
fn caller_passwords(options: &Options) -> Vec<Password> {
    let mut made: Vec<Password> = Vec::new();
    let mut seen = BTreeSet::new();
    for text in &options.passwords {
        if seen.insert(text.as_str()) {
            made.push(Password { text: text.clone(), source: PasswordSource::Caller, location: None });
        }
    }
    made
}

impl<'i> Run<'i, '_> {
    /// Reads parts until none waits. Half of the steps stay aside while a part inside another one
    /// is read, so that the first cannot starve the rest.
    pub(super) fn read_parts(&mut self) {
        while let Some(next) = self.next_part() {
            let aside = if next.depth > 0 { self.budget.set_aside() } else { 0 };
            let part = next.part;
            if let Err(hit) = self.read_part(next) {
                self.problems.push(Problem::limit(Location::part(part), Stage::Analyzer, hit));
            }
            self.budget.give_back(aside);
        }
    }

    /// The next part that waits; those that are locked come when no other is left.
    fn next_part(&mut self) -> Option<Pending<'i>> {
        if self.pending.is_empty() && !self.late.is_empty() {
            self.pending.extend(std::mem::take(&mut self.late).into_iter().rev());
            self.gather_words();
        }
        self.pending.pop()
    }

    fn read_part(&mut self, next: Pending<'i>) -> Result<(), LimitHit> {
        if !next.is_late && self.is_locked(&next)? {
            self.late.push(Pending { is_late: true, ..next });
            return Ok(());
        }
        let is_attached = matches!(next.source, Source::Attachment { .. });
        let bytes = match next.source {
            Source::Ready(bytes) => bytes,
            Source::Attachment { mail, entity } => self.attachment(next.part, &mail, &entity)?,
            Source::Gathered { around, runs } => match self.gathered(next.part, &around, &runs)? {
                Some(bytes) => bytes,
                None => return Ok(()),
            },
            Source::Member { archive, entry } => match self.member(next.part, &archive, &entry)? {
                Some(bytes) => bytes,
                None => return Ok(()),
            },
        };
        let opened = Opened { part: next.part, bytes, depth: next.depth };
        self.show(opened.part, opened.bytes.as_slice());
        let PartKind::File(kind) = self.kind(next.part) else { return Ok(()) };
        if kind == FileKind::Html {
            self.smuggling(&opened)?;
        }
        let first = self.models.parts.len();
        let end = match kind {
            kind if kind.is_mail() && !Feature::Mail.is_built() => {
                self.no_mail(opened.part, kind.name());
                Ok(())
            }
            FileKind::Zip => self.archive(&opened),
            FileKind::Eml => self.mail(&opened),
            FileKind::Mbox => self.mbox(&opened),
            FileKind::Tnef => self.tnef(&opened),
            FileKind::Gzip => self.gzip(&opened),
            FileKind::Tar => self.tar(&opened),
            FileKind::Iso => self.iso(&opened),
            FileKind::Lnk => self.shell_link(&opened),
            kind if listed::is_listed(kind) => self.listed(&opened, kind),
            FileKind::Rtf => self.rtf(&opened),
            kind if kind.is_compound_file() => self.compound(&opened),
            kind if kind.is_biff() => self.workbook(opened.part, opened.bytes.as_slice()),
            FileKind::Slk => self.sylk(&opened),
            FileKind::Delimited => self.delimited(&opened),
            FileKind::Query => self.query(&opened),
            FileKind::Xml => self.flat_xml(&opened),
            FileKind::ActiveMime => self.active_mime(&opened),
            FileKind::Mhtml => self.web_archive(&opened),
            FileKind::Html => self.page(&opened),
            FileKind::OneNote => self.notes(&opened),
            FileKind::PostScript => self.postscript(&opened),
            FileKind::Unknown if is_attached && self.decoded_text(&opened)? => Ok(()),
            FileKind::Unknown if self.is_shown_as_text(opened.part) => self.plain_text(&opened),
            kind => {
                self.not_read(opened.part, kind);
                Ok(())
            }
        };
        let searched = match kind {
            FileKind::Pdf | FileKind::Unknown => Some(Search::All),
            // Their readers say what lies outside of what they read.
            FileKind::Zip
            | FileKind::Gzip
            | FileKind::Tar
            | FileKind::Iso
            | FileKind::Rtf
            | FileKind::ActiveMime => None,
            kind if kind.is_compound_file() || listed::is_listed(kind) => None,
            kind if picture::is_picture(kind) && self.is_called_a_picture(opened.part) => None,
            _ => Some(Search::Binary),
        };
        if let Some(search) = searched {
            self.behind_head(&opened, search, first)?;
        }
        end
    }

    /// Whether a picture inside another file has the name of one. Unpackers go by the name, and open an archive behind
    /// a picture.
    fn is_called_a_picture(&self, part: PartId) -> bool {
        let named = self.models.parts.get(part.0 as usize);
        part != PartId(0) && named.is_some_and(|part| picture::is_name(&part.name))
    }

    /// A part that no reader takes: nothing there, a picture, or unread.
    pub(super) fn not_read(&mut self, part: PartId, kind: FileKind) {
        let is_picture = picture::is_picture(kind);
        if kind == FileKind::Empty || (is_picture && part != PartId(0)) {
            return;
        }
        let what = match kind {
            FileKind::Unknown => "not a document that is read here".to_owned(),
            kind => format!("{} is recognised, but not read", kind.name()),
        };
        let location = Location::part(part);
        self.problems.push(Problem {
            location,
            stage: Stage::Analyzer,
            kind: ProblemKind::Unsupported,
            message: what,
        });
    }

    pub(super) fn kind(&self, part: PartId) -> PartKind {
        self.models.parts.get(part.0 as usize).map_or(PartKind::Stream, |part| part.kind)
    }

    pub(super) fn cx(&mut self, part: PartId, stage: Stage) -> Cx<'_> {
        Cx { part, stage, budget: &mut self.budget, problems: &mut self.problems }
    }

    /// Adds a part, and returns its identifier.
    pub(super) fn add_part(
        &mut self,
        parent: PartId,
        name: impl Into<String>,
        kind: PartKind,
        size: u64,
        runs: impl IntoIterator<Item = (u64, u64)>,
    ) -> Result<PartId, LimitHit> {
        self.budget.part()?;
        let id = PartId(u32::try_from(self.models.parts.len()).unwrap_or(u32::MAX));
        let runs = runs.into_iter().take(RUNS_KEPT).collect();
        self.models.parts.push(Part {
            id,
            parent: Some(parent),
            name: name.into(),
            kind,
            size,
            sha256: None,
            runs,
            opened_with: None,
        });
        Ok(id)
    }

    /// Puts a part on the stack whose bytes `source` gives; `depth` is that of the part around it.
    pub(super) fn queue(&mut self, part: PartId, source: Source<'i>, depth: u16) {
        let depth = depth.saturating_add(1);
        if depth > self.options.limits.depth {
            let hit =
                LimitHit { kind: crate::base::LimitKind::Depth, ceiling: self.options.limits.depth.into() };
            self.problems.push(Problem::limit(Location::part(part), Stage::Analyzer, hit));
        } else {
            self.pending.push(Pending { part, source, depth, is_late: false });
        }
    }

    /// Makes a part of a file that lies in the part `around`, and queues it. `runs` say where its
    /// bytes lie there; there are none when a transformation made them.
    pub(super) fn deliver(
        &mut self,
        around: &Opened<'i>,
        name: impl Into<String>,
        bytes: Bytes<'i>,
        runs: impl IntoIterator<Item = (u64, u64)>,
    ) -> Result<PartId, LimitHit> {
        let content = bytes.as_slice();
        let kind = PartKind::File(sniff(content));
        let part = self.add_part(around.part, name, kind, content.len() as u64, runs)?;
        self.hash(part, content);
        self.queue(part, Source::Ready(bytes), around.depth);
        Ok(part)
    }

    /// Shows a part to the caller. The bytes of every part come by here once, so that pictures are
    /// looked at here too.
    pub(super) fn show(&mut self, part: PartId, bytes: &[u8]) {
        self.look(part, bytes);
        if let Some(visit) = self.visit.as_mut() {
            let path = crate::containers::part::path(&self.models.parts, part);
            if let Some(part) = self.models.parts.get(part.0 as usize) {
                visit(PartView { part, path: &path, bytes });
            }
        }
    }

    pub(super) fn hash(&mut self, part: PartId, bytes: &[u8]) {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.sha256 = Some(Sha256::digest(bytes).into());
        }
    }

    fn judge(self, name: Option<&str>, sha256: [u8; 32]) -> Report {
        let Run { options, models, problems, input, .. } = &self;
        let limits = &options.limits;
        let facts = models.facts(problems);
        let macro_hash = report::macro_hash(facts);
        let mut sink = Sink::new(&options.rules, limits.findings as usize, limits.excerpt_bytes);
        for rule in catalogue() {
            (rule.check)(&facts, &mut sink);
        }
        let mut findings = sink.into_findings();
        for proof in findings.iter_mut().flat_map(|finding| &mut finding.evidence) {
            if proof.raw.is_empty() {
                proof.raw = raw(&models.parts, input, &proof.location, limits.excerpt_bytes).into();
            }
        }
        let allowed = if options.allow.files.contains(&sha256) {
            Some("the file is on the allow-list")
        } else if macro_hash.is_some_and(|hash| options.allow.macros.contains(&hash)) {
            Some("its macros are on the allow-list")
        } else {
            None
        };
        let judged = if allowed.is_some() { &[][..] } else { &findings };
        let decision = verdict::decide(judged, allowed.is_none() && problems.bar_nothing_found());
        report::build(Outcome {
            name,
            sha256,
            facts,
            properties: &models.properties,
            problems,
            findings: &findings,
            decision,
            allowed,
            macro_hash,
            report_chars: limits.report_chars,
        })
    }
}

impl Models {
    fn facts<'m>(&'m self, problems: &'m Problems) -> Facts<'m> {
        Facts {
            parts: &self.parts,
            compounds: &self.compounds,
            archives: &self.archives,
            locked: &self.locked,
            messages: &self.messages,
            smuggled: &self.smuggled,
            shell_links: &self.shell_links,
            packages: &self.packages,
            workbooks: &self.workbooks,
            programs: &self.programs,
            projects: &self.projects,
            views: &self.views,
            documents: &self.documents,
            links: &self.links,
            word_basic: &self.word_basic,
            equations: &self.equations,
            tiff_overflows: &self.tiff_overflows,
            rtf: &self.rtf,
            objects: &self.objects,
            pictures: &self.pictures,
            harvest: &self.harvest,
            lures: &self.lures,
            indicators: &self.indicators,
            effects: &self.effects,
            problems,
        }
    }
}

/// The bytes at a place, found through the runs of its part and of the parts around it.
fn raw(parts: &[Part], input: &[u8], location: &Location, most: usize) -> Vec<u8> {
    let Some(Place::Bytes { start, end }) = location.place else { return Vec::new() };
    let len = end.saturating_sub(start).min(most as u64);
    (start..start.saturating_add(len)).map_while(|at| byte(parts, input, location.part, at)).collect()
}

fn byte(parts: &[Part], input: &[u8], part: PartId, at: u64) -> Option<u8> {
    let (mut part, mut at) = (parts.get(part.0 as usize)?, at);
    // A parent is always older than its part, so that the walk ends.
    while let Some(parent) = part.parent {
        // The bytes of what was decrypted are not those of the part around it.
        if part.opened_with.is_some() {
            return None;
        }
        let mut before = 0u64;
        let run = part.runs.iter().find(|(_, len)| {
            let end = before.saturating_add(*len);
            let inside = at < end;
            if !inside {
                before = end;
            }
            inside
        })?;
        at = run.0.saturating_add(at.saturating_sub(before));
        part = parts.get(parent.0 as usize)?;
    }
    input.get(usize::try_from(at).ok()?).copied()
}
