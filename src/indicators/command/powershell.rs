//! What a script of PowerShell does, once its strings are put together.

use super::encodings::{inflated, is_readable, text_of};
use super::reduce::reduce;
use super::{COST, How, Language, Reading, is_url, programs};
use crate::base::LimitHit;

impl Reading<'_, '_, '_> {
    /// Reads a script.
    pub(super) fn powershell(&mut self, script: &str) -> Result<(), LimitHit> {
        self.cx.budget.touch(script.len().saturating_mul(COST).saturating_mul(2))?;
        let reduced = reduce(script, self.cx)?;
        self.out.cut |= reduced.cut;
        if reduced.changed && reduced.text.trim() != script.trim() {
            self.layer(reduced.text.trim(), How::Strings)?;
        }
        self.calls(&reduced.text)?;
        let mut bytes = reduced.bytes.as_slice();
        for (start, statement) in statements(&reduced.text) {
            let end = start.saturating_add(statement.len());
            let own = bytes.partition_point(|(at, _)| *at < end);
            self.statement(statement.trim(), bytes.get(..own).unwrap_or_default())?;
            bytes = bytes.get(own..).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads what Base64 gave and no file took as a script.
    fn script_in(&mut self, bytes: &[u8]) -> Result<(), LimitHit> {
        let text = text_of(bytes);
        if is_readable(&text) && !bytes.starts_with(&[0x1F, 0x8B]) {
            self.layer(&text, How::Base64)?;
            self.wait(text, Language::PowerShell);
        } else if let Some(made) = inflated(bytes, self.cx)? {
            let text = text_of(&made);
            if is_readable(&text) {
                self.layer(&text, How::Inflated)?;
                self.wait(text, Language::PowerShell);
            }
        }
        Ok(())
    }

    /// `.DownloadFile('url','path')` and its kin.
    fn calls(&mut self, script: &str) -> Result<(), LimitHit> {
        let lower = script.to_ascii_lowercase();
        let names =
            ["downloadfile", "downloadstring", "downloaddata", "openread", "downloadfileasync", "getasync"];
        for name in names {
            for (at, _) in lower.match_indices(name).take(64) {
                let behind = script.get(at.saturating_add(name.len())..).unwrap_or_default();
                let Some(args) = behind.trim_start_matches(".Invoke").trim_start().strip_prefix('(') else {
                    continue;
                };
                let args = literals(
                    args.char_indices().nth(4096).and_then(|(end, _)| args.get(..end)).unwrap_or(args),
                );
                let Some(url) = args.first().filter(|url| is_url(url)) else { continue };
                self.fetch(url, args.get(1).map(String::as_str))?;
            }
        }
        Ok(())
    }

    /// Reads a statement; `bytes` are those that Base64 gave in it.
    fn statement(&mut self, statement: &str, bytes: &[(usize, Vec<u8>)]) -> Result<(), LimitHit> {
        if self.written(statement, bytes.first().map(|(_, bytes)| bytes.as_slice()))? {
            return Ok(());
        }
        for (_, bytes) in bytes {
            self.script_in(bytes)?;
        }
        let called = statement.trim_start_matches(['&', '.', '{', '}', '(', ' ', '\t']);
        // `$x = command`, `(command)`
        let called = match called.strip_prefix('$').and_then(|rest| rest.split_once('=')) {
            Some((name, command))
                if name.trim().chars().all(|char| char.is_alphanumeric() || char == '_') =>
            {
                command.trim()
            }
            _ => called,
        };
        let words = words(called);
        let Some(first) = words.first() else { return Ok(()) };
        let name = first.to_ascii_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        let rest = called
            .get(
                called
                    .len()
                    .saturating_sub(called.trim_start_matches(|char: char| !char.is_whitespace()).len())..,
            )
            .unwrap_or_default();
        match name {
            "iex" | "invoke-expression" | "icm" | "invoke-command" => {
                if let Some(script) = words.iter().skip(1).find(|word| !word.starts_with('-'))
                    && called.contains('\'')
                {
                    self.layer(script, How::Strings)?;
                    self.wait(script.clone(), Language::PowerShell);
                }
            }
            "invoke-webrequest" | "iwr" | "wget" | "curl" | "invoke-restmethod" | "irm"
            | "start-bitstransfer" => {
                let Some(url) = words.iter().find(|word| is_url(word)) else { return Ok(()) };
                let is_target = |word: &String| {
                    let word = word.to_ascii_lowercase();
                    word.starts_with("-o") || word.starts_with("-d") && name == "start-bitstransfer"
                };
                let to = words.iter().position(is_target).and_then(|at| words.get(at.saturating_add(1)));
                let mut plain = words.iter().skip(1).filter(|word| !word.starts_with('-') && !is_url(word));
                let to = to.or_else(|| plain.next_back().filter(|_| name == "start-bitstransfer"));
                self.fetch(url, to.map(String::as_str))?;
            }
            "start-process" | "saps" | "start" | "invoke-item" | "ii" | "invoke-wmimethod" => {
                let plain: Vec<&str> = words
                    .iter()
                    .skip(1)
                    .map(String::as_str)
                    .filter(|word| {
                        let lower = word.to_ascii_lowercase();
                        !lower.starts_with('-')
                            && !matches!(lower.as_str(), "hidden" | "minimized" | "normal")
                    })
                    .collect();
                let command = plain.join(" ");
                if programs::is_known(plain.first().copied().unwrap_or_default()) {
                    self.wait(command, Language::Shell);
                } else if !command.is_empty() {
                    self.run(&command)?;
                    self.file_run(plain.first().copied().unwrap_or_default())?;
                }
            }
            _ if programs::is_known(name) => self.wait(format!("{first}{rest}"), Language::Shell),
            _ if statement.starts_with(['&', '.']) && name.contains(['\\', '/', '.']) => {
                self.run(&words.join(" "))?;
                self.file_run(first)?;
            }
            _ => {
                // `'script' | iex`
                if let Some((script, behind)) = called.rsplit_once('|')
                    && matches!(
                        behind.trim().to_ascii_lowercase().as_str(),
                        "iex" | "invoke-expression" | "& 'iex'" | "&'iex'"
                    )
                    && let Some(script) = literals(script.trim()).first()
                {
                    self.layer(script, How::Strings)?;
                    self.wait(script.clone(), Language::PowerShell);
                }
            }
        }
        Ok(())
    }
}

/// The statements of a script, each with where it begins: parted by `;`, line ends and braces, quotes
/// kept whole.
fn statements(script: &str) -> Vec<(usize, &str)> {
    let mut made = Vec::new();
    let mut in_quotes = false;
    let mut start = 0usize;
    for (at, char) in script.char_indices() {
        match char {
            '\'' => in_quotes = !in_quotes,
            ';' | '\n' | '{' | '}' if !in_quotes => {
                made.extend(script.get(start..at).map(|statement| (start, statement)));
                start = at.saturating_add(1);
            }
            _ => {}
        }
        if made.len() >= 4096 {
            break;
        }
    }
    made.extend(script.get(start..).map(|statement| (start, statement)));
    made.retain(|(_, statement)| !statement.trim().is_empty());
    made
}

/// The quoted texts at the start of a list of arguments.
pub(super) fn literals(text: &str) -> Vec<String> {
    let mut made = Vec::new();
    let mut rest = text;
    while made.len() < 8 {
        rest = rest.trim_start_matches([' ', ',', '(', '\t']);
        let Some(behind) = rest.strip_prefix('\'') else { break };
        let mut literal = String::new();
        rest = behind;
        loop {
            let Some((piece, behind)) = rest.split_once('\'') else { return made };
            literal.push_str(piece);
            rest = behind;
            match rest.strip_prefix('\'') {
                Some(behind) => {
                    literal.push('\'');
                    rest = behind;
                }
                None => break,
            }
        }
        made.push(literal);
    }
    made
}

/// Words of a statement: quoted ones without their quotes, commas as spaces outside them.
pub(super) fn words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut in_quotes = false;
    let mut chars = statement.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\'' if in_quotes && chars.next_if_eq(&'\'').is_some() => word.push('\''),
            '\'' => {
                in_quotes = !in_quotes;
                quoted = true;
            }
            _ if in_quotes => word.push(char),
            _ if char.is_whitespace() || matches!(char, ',' | '(' | ')' | '|') => {
                if !word.is_empty() || quoted {
                    words.push(std::mem::take(&mut word));
                }
                quoted = false;
                if words.len() >= 256 || char == '|' {
                    break;
                }
            }
            _ => word.push(char),
        }
    }
    if !word.is_empty() || quoted {
        words.push(word);
    }
    words
}
