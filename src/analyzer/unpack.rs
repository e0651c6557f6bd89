//! gzip, tar, disk images, archives that only show their list, and shell links.

use std::collections::BTreeSet;
use std::ops::Range;

use super::run::{Opened, Run, Source};
use crate::base::{
    Basis, Bytes, Effect, EffectDetail, EffectKind, LimitHit, LimitKind, Location, PartId, Problem, Stage,
};
use crate::containers::gzip::{self, Gzip};
use crate::containers::listed::{self, Listed};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::containers::{iso, tar, udf};
use crate::documents::file_name;
use crate::documents::shell_link::{self, ShellLink};
use crate::findings::{Locked, LockedKind};

impl<'i> Run<'i, '_> {
    /// gzip: the one file in it.
    pub(super) fn gzip(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut read = Gzip::default();
        let result = gzip::read(next.bytes.as_slice(), &mut read, &mut self.cx(next.part, Stage::Archive));
        let around = self.models.parts.get(next.part.0 as usize).map_or("", |part| part.name.as_str());
        let stem = around.strip_suffix(".gz").or_else(|| around.strip_suffix(".tgz"));
        let name = read.name.or_else(|| stem.map(str::to_owned)).unwrap_or_else(|| "content".to_owned());
        if !read.content.is_empty() {
            self.deliver(next, name, Bytes::owned(read.content), [])?;
        }
        match result {
            Err(hit) if matches!(hit.kind, LimitKind::Ratio | LimitKind::PartBytes) => {
                self.problems.push(Problem::limit(Location::part(next.part), Stage::Archive, hit));
                Ok(())
            }
            result => result,
        }
    }

    /// tar: its files.
    pub(super) fn tar(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut files = Vec::new();
        let result = tar::read(next.bytes.as_slice(), &mut files, &mut self.cx(next.part, Stage::Archive));
        let files = files.into_iter().map(|file| (file.name, file.at));
        self.windows(next, files)?;
        result
    }

    /// A disk image: its files. Windows shows the UDF side of an image that has both; what only the other
    /// side leads to is there as well.
    pub(super) fn iso(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let image = next.bytes.as_slice();
        let mut result = Ok(());
        let mut known = BTreeSet::new();
        let is_udf = udf::is_udf(image);
        if is_udf {
            let mut files = Vec::new();
            result = udf::read(image, &mut files, &mut self.cx(next.part, Stage::Archive));
            known.extend(files.iter().filter_map(|file| file.runs.first()).map(|run| run.start));
            self.pieces(next, files.into_iter().map(|file| (file.path, file.runs)))?;
        }
        if result.is_ok() && (!is_udf || iso::has_volume(image)) {
            let mut files = Vec::new();
            result = iso::read(image, &mut files, &mut self.cx(next.part, Stage::Archive));
            let other =
                |file: &iso::IsoFile| !is_udf || !(known.contains(&file.at.start) || file.at.is_empty());
            let files = files.into_iter().filter(other).map(|file| (file.path, file.at));
            self.windows(next, files)?;
        }
        result
    }

    /// Files that lie in an image in any number of pieces. Only those in more than one are copied, each when
    /// its turn comes.
    fn pieces(
        &mut self,
        next: &Opened<'i>,
        files: impl Iterator<Item = (String, Vec<Range<u64>>)>,
    ) -> Result<(), LimitHit> {
        for (name, runs) in files {
            if let [] | [_] = runs.as_slice() {
                let at = runs.into_iter().next().unwrap_or(0..0);
                self.windows(next, std::iter::once((name, at)))?;
                continue;
            }
            let len = runs.iter().map(|run| run.end.saturating_sub(run.start)).sum();
            let places = runs.iter().map(|run| (run.start, run.end.saturating_sub(run.start)));
            let part = self.add_part(next.part, name, PartKind::Stream, len, places)?;
            self.queue(part, Source::Gathered { around: next.bytes.clone(), runs }, next.depth);
        }
        Ok(())
    }

    /// The bytes of a file that lies in pieces; its part learns what it is.
    pub(super) fn gathered(
        &mut self,
        part: PartId,
        around: &Bytes<'i>,
        runs: &[Range<u64>],
    ) -> Result<Option<Bytes<'i>>, LimitHit> {
        let whole = around.as_slice();
        let len = runs.iter().fold(0u64, |len, run| len.saturating_add(run.end.saturating_sub(run.start)));
        if len > whole.len() as u64 {
            let message = "the pieces of the file are more than the image has";
            self.cx(part, Stage::Archive).abandoned(0..0, message);
            return Ok(None);
        }
        self.budget.own(len)?;
        self.budget.touch(usize::try_from(len).unwrap_or(usize::MAX).saturating_mul(2))?;
        let piece = |run: &Range<u64>| {
            let range = usize::try_from(run.start).ok()?..usize::try_from(run.end).ok()?;
            whole.get(range)
        };
        let content = runs.iter().filter_map(piece).collect::<Vec<_>>().concat();
        self.hash(part, &content);
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(sniff(&content));
        }
        Ok(Some(Bytes::owned(content)))
    }

    /// An archive that is not opened here: the files that it names, and whether it takes a password.
    pub(super) fn listed(&mut self, next: &Opened<'i>, kind: FileKind) -> Result<(), LimitHit> {
        let part = next.part;
        let mut read = Listed::default();
        let mut cx = self.cx(part, Stage::Archive);
        let result = listed::read(next.bytes.as_slice(), kind, &mut read, &mut cx);
        let name = kind.name();
        let named = match (read.is_sealed, read.files.len()) {
            (true, _) => "; the list of its files is encrypted as well".to_owned(),
            (false, 0) => String::new(),
            (false, 1) => "; it names one file".to_owned(),
            (false, count) => format!("; it names {count} files"),
        };
        if read.is_encrypted {
            let message = format_args!(
                "{name} is recognised, but not read: it is encrypted, and takes its password and a program for {name}{named}"
            );
            cx.needs_password(0, &message);
            let (what, method) = ("an entry of the archive", name);
            let kind = LockedKind::Entry;
            self.models.locked.push(Locked { part, at: 0, kind, what, method, opened: None });
        } else {
            cx.unsupported(0, &format_args!("{name} is recognised, but not read{named}"));
        }
        for file in read.files {
            self.add_part(part, file.name, PartKind::Unopened, file.len, [])?;
        }
        result
    }

    /// Files that lie in a container as they are. No byte is copied.
    fn windows(
        &mut self,
        next: &Opened<'i>,
        files: impl Iterator<Item = (String, Range<u64>)>,
    ) -> Result<(), LimitHit> {
        let mut waiting = Vec::new();
        for (name, at) in files {
            let start = usize::try_from(at.start).unwrap_or(usize::MAX);
            let end = usize::try_from(at.end).unwrap_or(usize::MAX);
            let Some(bytes) = next.bytes.slice(start..end) else { continue };
            let content = bytes.as_slice();
            self.budget.touch(content.len())?;
            let len = content.len() as u64;
            let part =
                self.add_part(next.part, name, PartKind::File(sniff(content)), len, [(at.start, len)])?;
            self.hash(part, content);
            waiting.push((part, bytes));
        }
        // The last one in is read first.
        for (part, bytes) in waiting.into_iter().rev() {
            self.queue(part, Source::Ready(bytes), next.depth);
        }
        Ok(())
    }

    /// A shell link: what it starts, and what was appended to it.
    pub(super) fn shell_link(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut link = ShellLink::default();
        let mut cx = self.cx(next.part, Stage::Objects);
        let result = shell_link::read(next.bytes.as_slice(), &mut link, &mut cx);
        let appended = link.appended.clone();
        let effect = runs(&link);
        self.models.shell_links.push(link);
        result?;
        if let Some(effect) = effect {
            self.budget.hold(size_of::<Effect>().saturating_add(effect.text.len().saturating_mul(2)))?;
            self.models.effects.push(effect);
        }
        if let Some(at) = appended {
            self.windows(next, std::iter::once(("appended".to_owned(), at)))?;
        }
        Ok(())
    }
}

/// What a click on the link does, when that is more than to open a document.
fn runs(link: &ShellLink) -> Option<Effect> {
    let has_arguments = link.arguments.as_ref().is_some_and(|text| !text.trim().is_empty());
    let is_program = link.target.as_deref().is_some_and(file_name::is_program);
    (has_arguments || is_program).then(|| Effect {
        kind: EffectKind::Run,
        basis: Basis::SeenInText,
        text: link.command(),
        condition: None,
        location: Location::part(link.part),
        detail: Some(Box::new(EffectDetail { command: Some(link.command()), ..EffectDetail::default() })),
    })
}
