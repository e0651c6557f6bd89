//! gzip, tar, disk images and shell links.

use std::ops::Range;

use super::run::{Opened, Run, Source};
use crate::base::{Bytes, LimitHit, LimitKind, Location, Problem, Stage};
use crate::containers::gzip::{self, Gzip};
use crate::containers::part::PartKind;
use crate::containers::sniff::sniff;
use crate::containers::{iso, tar};
use crate::documents::shell_link::{self, ShellLink};

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

    /// A disk image: its files.
    pub(super) fn iso(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut files = Vec::new();
        let result = iso::read(next.bytes.as_slice(), &mut files, &mut self.cx(next.part, Stage::Archive));
        let files = files.into_iter().map(|file| (file.path, file.at));
        self.windows(next, files)?;
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
        self.models.shell_links.push(link);
        result?;
        if let Some(at) = appended {
            self.windows(next, std::iter::once(("appended".to_owned(), at)))?;
        }
        Ok(())
    }
}
