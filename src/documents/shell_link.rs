//! Shell links: what a `.lnk` starts ([MS-SHLLINK]).
//!
//! Read in file order; a part that does not fit ends the walk and keeps what was read. What stands behind
//! the last block is not part of the link: attackers append a script that the link's command finds there.

use std::ops::Range;

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, PartId, Reader, Short};

/// A shell link as a file states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellLink {
    /// The part that it was read from.
    pub part: PartId,
    /// The target as a path, from the link information or the environment block.
    pub target: Option<String>,
    /// Description (`NAME_STRING`).
    pub description: Option<String>,
    /// The target seen from the link.
    pub relative_path: Option<String>,
    /// Folder to start in.
    pub working_dir: Option<String>,
    /// Arguments of the command.
    pub arguments: Option<String>,
    /// Where the icon comes from.
    pub icon: Option<String>,
    /// `ShowCommand`: 7 starts it minimised.
    pub show_command: u32,
    /// What stands behind the link.
    pub appended: Option<Range<u64>>,
}

impl ShellLink {
    /// What the link runs, as one line.
    pub fn command(&self) -> String {
        let program = self.target.as_deref().or(self.relative_path.as_deref()).unwrap_or("(no target)");
        match &self.arguments {
            Some(arguments) => format!("{program} {}", arguments.trim()),
            None => program.to_owned(),
        }
    }
}

/// Characters of one text that are kept; Windows reads no more than 260 of most, and attackers fill the
/// arguments with blanks.
const LONGEST: usize = 32 << 10;

/// Reads a shell link into `into`.
///
/// # Errors
/// [`LimitHit`] when the steps do not last: one for each block and each 64 bytes.
pub fn read(file: &[u8], into: &mut ShellLink, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    into.part = cx.part;
    cx.budget.touch(file.len())?;
    let mut reader = Reader::new(file);
    if let Err(short) = fields(&mut reader, into) {
        cx.abandoned(short.at..file.len() as u64, &format_args!("the shell link is cut: {short}"));
        return Ok(());
    }
    loop {
        cx.budget.step(1)?;
        let at = reader.at();
        match block(&mut reader, into) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                cx.recovered(at, "the last block of the shell link is cut");
                break;
            }
        }
    }
    let end = reader.at().saturating_add(reader.remaining() as u64);
    if reader.rest().iter().any(|byte| *byte != 0) {
        into.appended = Some(reader.at()..end);
    }
    Ok(())
}

fn fields(reader: &mut Reader<'_>, into: &mut ShellLink) -> Result<(), Short> {
    reader.skip(20)?; // HeaderSize, LinkCLSID
    let flags = reader.u32()?;
    reader.skip(36)?; // FileAttributes, times, FileSize, IconIndex
    into.show_command = reader.u32()?;
    reader.skip(12)?; // HotKey, reserved
    if flags & 0x01 != 0 {
        let len = reader.u16()?;
        reader.skip(len.into())?;
    }
    if flags & 0x02 != 0 {
        let at = reader.clone();
        let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        let mut info = at.clone();
        into.target = info.sub(len).ok().and_then(|info| base_path(info.rest()));
        *reader = at;
        reader.skip(len.max(4))?;
    }
    let is_wide = flags & 0x80 != 0;
    for (flag, text) in [
        (0x04, &mut into.description),
        (0x08, &mut into.relative_path),
        (0x10, &mut into.working_dir),
        (0x20, &mut into.arguments),
        (0x40, &mut into.icon),
    ] {
        if flags & flag != 0 {
            *text = Some(string(reader, is_wide)?);
        }
    }
    Ok(())
}

fn string(reader: &mut Reader<'_>, is_wide: bool) -> Result<String, Short> {
    let count = usize::from(reader.u16()?);
    let bytes = reader.take(if is_wide { count.saturating_mul(2) } else { count })?;
    Ok(if is_wide { wide(bytes) } else { CodePage::WESTERN.decode(bytes).text.into_owned() })
}

fn wide(bytes: &[u8]) -> String {
    let units =
        bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().map(|pair| u16::from_le_bytes(*pair)));
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    text.take_while(|letter| *letter != '\0').take(LONGEST).collect()
}

fn narrow(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CodePage::WESTERN.decode(bytes.get(..end).unwrap_or_default()).text.into_owned()
}

/// `LocalBasePath` of `LinkInfo` (2.3), or the name of the share.
fn base_path(info: &[u8]) -> Option<String> {
    let word = |at: usize| {
        let bytes = info.get(at..).and_then(|bytes| bytes.first_chunk::<4>())?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let (header_len, flags) = (word(4)?, word(8)?);
    if flags & 1 != 0 {
        if header_len >= 0x24
            && let Some(at) = word(0x1C).filter(|at| *at != 0)
        {
            return info.get(at..).map(wide).filter(|path| !path.is_empty());
        }
        return info.get(word(0x10)?..).map(narrow).filter(|path| !path.is_empty());
    }
    let share = info.get(word(0x14)?..)?;
    let name_at =
        share.get(8..).and_then(|bytes| bytes.first_chunk::<4>()).map(|at| u32::from_le_bytes(*at))?;
    share.get(usize::try_from(name_at).ok()?..).map(narrow).filter(|path| !path.is_empty())
}

/// Reads a block of `ExtraData` (2.5); `false` behind the last.
fn block(reader: &mut Reader<'_>, into: &mut ShellLink) -> Result<bool, Short> {
    if reader.is_empty() {
        return Ok(false);
    }
    let mut peek = reader.clone();
    let len = peek.u32()?;
    if len < 4 {
        *reader = peek;
        return Ok(false);
    }
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let mut body = reader.sub(len)?;
    body.skip(4)?;
    // EnvironmentVariableDataBlock: a target with variables, in both codes.
    if body.u32() == Ok(0xA000_0001)
        && let (Ok(ansi), Ok(unicode)) = (body.take(260), body.take(520))
    {
        let target = Some(wide(unicode)).filter(|text| !text.is_empty()).unwrap_or_else(|| narrow(ansi));
        into.target = into.target.take().or(Some(target).filter(|text| !text.is_empty()));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, Problems, Stage};

    fn done(file: &[u8]) -> (ShellLink, u64) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Objects, budget: &mut budget, problems: &mut problems };
        let mut link = ShellLink::default();
        read(file, &mut link, &mut cx).unwrap();
        (link, problems.count())
    }

    fn link(appended: &[u8]) -> Vec<u8> {
        docsift_corpus::shell_link::link("C:\\Windows\\System32\\cmd.exe", "/c echo nothing", appended)
    }

    #[test]
    fn target_arguments_and_what_is_behind_are_read() {
        let (read, problems) = done(&link(b"WScript.Echo 1"));
        assert_eq!(read.command(), "C:\\Windows\\System32\\cmd.exe /c echo nothing");
        assert_eq!(read.icon.as_deref(), Some("shell32.dll"));
        let end = link(b"WScript.Echo 1").len() as u64;
        assert_eq!((read.appended, problems), (Some(end - 14..end), 0));
        assert_eq!(done(&link(b"\0\0")).0.appended, None);
    }

    #[test]
    fn cut_link_keeps_what_was_read() {
        let whole = link(b"");
        for len in 0..whole.len() {
            let (read, _) = done(&whole[..len]);
            assert!(read.appended.is_none(), "{len}");
        }
        assert!(done(&whole[..whole.len() - 8]).0.target.is_some());
    }
}
