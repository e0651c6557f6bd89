//! Fuzz bodies of what mails carry besides documents: Outlook messages, TNEF, disk images, shell links, and
//! archives of one piece.

use std::borrow::Cow;
use std::ops::Range;

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Problems, Stage};
use docsift::containers::cfb::{self, CompoundFile};
use docsift::containers::listed::{self, Listed};
use docsift::containers::mail::msg::{self, Msg, MsgContent};
use docsift::containers::mail::rtf;
use docsift::containers::mail::tnef::{self as tnef_reader, Tnef};
use docsift::containers::sniff::FileKind;
use docsift::containers::{gzip, iso as iso_reader, tar, udf};
use docsift::documents::shell_link::{self, ShellLink};

/// Runs `read` twice with a full budget; the two must say the same.
fn twice(read: impl Fn(&mut Cx<'_>) -> String) {
    let run = || {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        let said = read(&mut cx);
        format!("{said} {:?}", problems.list())
    };
    assert_eq!(run(), run());
}

fn inside(range: &Range<u64>, data: &[u8]) -> bool {
    range.start <= range.end && range.end <= data.len() as u64
}

/// Takes the bytes as an Outlook message.
///
/// # Panics
/// When an attachment is in no entry of the directory, or two runs differ.
pub fn msg(data: &[u8]) {
    twice(|cx| {
        let mut file = CompoundFile::default();
        if cfb::read(data, &mut file, cx).is_err() {
            return String::new();
        }
        let mut open = |entry: u32, cx: &mut Cx<'_>| -> Result<Cow<'_, [u8]>, LimitHit> {
            file.stream(entry, cx)?.bytes(cx)
        };
        let mut read = Msg::default();
        let result = msg::read(&file, 0, &mut open, &mut read, cx);
        for attachment in &read.attachments {
            if let MsgContent::Stream(entry) | MsgContent::Storage(entry) = attachment.content {
                assert!(file.entry(entry).is_some());
            }
        }
        format!("{result:?} {read:?}")
    });
    twice(|cx| {
        let made = rtf::decompress(data, cx).unwrap_or_default();
        assert!(made.len() <= data.len().saturating_mul(17));
        format!("{made:?}")
    });
}

/// Takes the bytes as TNEF.
///
/// # Panics
/// When a value lies outside the stream, or two runs differ.
pub fn tnef(data: &[u8]) {
    twice(|cx| {
        let mut read = Tnef::default();
        let result = tnef_reader::read(data, &mut read, cx);
        let texts = [&read.subject, &read.body, &read.html].into_iter().flatten().map(|value| &value.at);
        let contents = read.attachments.iter().filter_map(|attachment| attachment.data.as_ref());
        let names = read.attachments.iter().flat_map(|attachment| [&attachment.title, &attachment.long_name]);
        let names = names.flatten().map(|value| &value.at);
        // An object that is shorter than its identifier has a content that ends before it begins.
        assert!(texts.chain(contents).chain(names).all(|at| at.end <= data.len() as u64));
        format!("{result:?} {read:?}")
    });
}

/// Takes the bytes as a disk image, a tar archive, gzip, and as every archive that is only listed.
///
/// # Panics
/// When a file lies outside, or two runs differ.
pub fn iso(data: &[u8]) {
    twice(|cx| {
        let mut files = Vec::new();
        let result = iso_reader::read(data, &mut files, cx);
        assert!(files.iter().all(|file| inside(&file.at, data)));
        format!("{result:?} {files:?}")
    });
    twice(|cx| {
        let mut files = Vec::new();
        let result = udf::read(data, &mut files, cx);
        assert!(files.iter().flat_map(|file| &file.runs).all(|run| inside(run, data)));
        format!("{result:?} {files:?}")
    });
    twice(|cx| {
        let mut files = Vec::new();
        let result = tar::read(data, &mut files, cx);
        assert!(files.iter().all(|file| inside(&file.at, data)));
        format!("{result:?} {files:?}")
    });
    twice(|cx| {
        let mut read = gzip::Gzip::default();
        let result = gzip::read(data, &mut read, cx);
        format!("{result:?} {}", read.content.len())
    });
    for kind in [FileKind::Rar, FileKind::SevenZip, FileKind::Cab, FileKind::Lzh] {
        twice(|cx| {
            let mut read = Listed::default();
            let result = listed::read(data, kind, &mut read, cx);
            let letters: usize = read.files.iter().map(|file| file.name.len()).sum();
            // A byte of code page 437 takes up to three.
            assert!(letters <= data.len().saturating_mul(3), "{letters} of {}", data.len());
            format!("{result:?} {read:?}")
        });
    }
}

/// Takes the bytes as a shell link.
///
/// # Panics
/// When what is behind it lies outside, or two runs differ.
pub fn lnk(data: &[u8]) {
    twice(|cx| {
        let mut link = ShellLink::default();
        let result = shell_link::read(data, &mut link, cx);
        assert!(link.appended.as_ref().is_none_or(|at| inside(at, data)));
        format!("{result:?} {link:?} {}", link.command())
    });
}
