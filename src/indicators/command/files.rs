//! The files that commands and macros wrote, by path.

use std::collections::BTreeMap;

use super::encodings::text_of;
use crate::base::{Cx, LimitHit};

/// Files that are kept, and bytes of them.
const FILES: usize = 256;
const FILE_BYTES: usize = 4 << 20;

/// Contents by path, as bytes: a program that was decoded is none of the texts that it could be read as.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    by_key: BTreeMap<String, Vec<u8>>,
    len: usize,
}

impl Files {
    /// Puts bytes into a file, behind those that it has or in their place. `false` when there is no
    /// room for them.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub(super) fn write(
        &mut self,
        path: &str,
        bytes: &[u8],
        append: bool,
        cx: &mut Cx<'_>,
    ) -> Result<bool, LimitHit> {
        cx.budget.touch(path.len().saturating_add(bytes.len()))?;
        let key = file_key(path);
        let before = self.by_key.get(&key).map(Vec::len);
        let is_full = before.is_none() && self.by_key.len() >= FILES;
        if is_full || self.len.saturating_add(bytes.len()) > FILE_BYTES {
            return Ok(false);
        }
        cx.budget.hold(key.len().saturating_add(bytes.len()).saturating_add(64))?;
        let file = self.by_key.entry(key).or_default();
        if !append {
            file.clear();
            self.len = self.len.saturating_sub(before.unwrap_or(0));
        }
        file.extend_from_slice(bytes);
        self.len = self.len.saturating_add(bytes.len());
        Ok(true)
    }

    /// The bytes of a file that was written.
    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.by_key.get(&file_key(path)).map(Vec::as_slice)
    }

    /// The text of a file that was written.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(super) fn text(&self, path: &str, cx: &mut Cx<'_>) -> Result<Option<String>, LimitHit> {
        let Some(bytes) = self.bytes(path) else { return Ok(None) };
        cx.budget.touch(bytes.len().saturating_mul(4))?;
        Ok(Some(text_of(bytes)))
    }
}

/// How files are told apart: in any letter case, without quotes and the name of the folder that a
/// command line is in, variables as `cmd` names them.
pub(super) fn file_key(path: &str) -> String {
    let path = path.trim().trim_matches(['"', '\'']).replace('/', "\\").to_lowercase();
    let path = path.trim_start_matches(".\\");
    let Some(name) = path.strip_prefix("$env:") else { return path.to_owned() };
    let end = name.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(name.len());
    let (name, rest) = name.split_at_checked(end).unwrap_or((name, ""));
    format!("%{name}%{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one_file() {
        let spellings = ["%TEMP%\\a.bat", "\"%temp%/A.BAT\"", "$env:TEMP\\a.bat", "'$Env:temp/a.bat'"];
        assert_eq!(spellings.map(file_key), ["%temp%\\a.bat"; 4].map(str::to_owned));
        assert_eq!(file_key(".\\a.bat"), "a.bat");
    }
}
