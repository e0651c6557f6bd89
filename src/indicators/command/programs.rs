//! What programs do with their arguments.

use super::encodings::{certificate, hex, is_readable, text_of};
use super::files::file_key;
use super::shell::{first_word, unquoted};
use super::{How, Language, Reading, is_url};
use crate::base::LimitHit;

/// Programs whose arguments are read, and those that only run what they are given.
static KNOWN: &[&str] = &[
    "bitsadmin",
    "certutil",
    "cmd",
    "%comspec%",
    "comspec",
    "conhost",
    "control",
    "cscript",
    "curl",
    "explorer",
    "forfiles",
    "hh",
    "installutil",
    "msbuild",
    "mshta",
    "msiexec",
    "odbcconf",
    "pcalua",
    "powershell",
    "pwsh",
    "regasm",
    "regsvcs",
    "regsvr32",
    "rundll32",
    "schtasks",
    "start",
    "wget",
    "wmic",
    "wscript",
];

/// Whether a word, quotes and carets off, is a program of [`KNOWN`].
pub(super) fn is_known(word: &str) -> bool {
    let name = program_name(word);
    name != "start" && name != "control" && name != "hh" && KNOWN.contains(&name.as_str())
}

/// Whether a word is a shell, which reads what stands behind it by itself.
pub(super) fn is_shell(word: &str) -> bool {
    matches!(program_name(word).as_str(), "cmd" | "%comspec%" | "powershell" | "pwsh")
}

/// The name of a program without its folder and extension, in lower case.
fn program_name(word: &str) -> String {
    let lower = word.trim().to_ascii_lowercase();
    let file = lower.rsplit(['\\', '/']).next().unwrap_or(&lower);
    let stem = [".exe", ".com"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    stem.to_owned()
}

/// Words of a command line, quotes off.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && words.len() < 512 {
        let (mut word, mut behind) = quoted_word(rest);
        if behind.len() == rest.len() {
            (word, behind) = (rest.to_owned(), "");
        }
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

/// One word with its quotes off: unlike the first one of a command it may hold slashes.
fn quoted_word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut in_quotes = false;
    for (at, char) in text.char_indices() {
        match char {
            '"' => in_quotes = !in_quotes,
            _ if char.is_whitespace() && !in_quotes => return (word, text.get(at..).unwrap_or_default()),
            _ => word.push(char),
        }
    }
    (word, "")
}

/// Whether a word is a switch with this name: `/f`, `-f`, `--f`.
fn is_switch(word: &str, name: &str) -> bool {
    let bare = word.trim_start_matches(['/', '-', '\u{2013}', '\u{2014}', '\u{2015}']);
    bare.len() < word.len() && bare.eq_ignore_ascii_case(name)
}

fn is_any_switch(word: &str) -> bool {
    word.starts_with(['/', '-', '\u{2013}', '\u{2014}', '\u{2015}'])
}

impl Reading<'_, '_, '_> {
    /// Reads the call of a program. `output` is the redirection behind it, `input` what is piped in.
    pub(super) fn program(
        &mut self,
        word: &str,
        rest: &str,
        output: &str,
        input: Option<String>,
    ) -> Result<(), LimitHit> {
        let mut name = program_name(word);
        if let Some(alias) = self.desk.aliases.get(&file_key(word)) {
            name.clone_from(alias);
        }
        let args = words(rest);
        match name.as_str() {
            "cmd" | "%comspec%" => self.cmd(rest, output, input),
            "powershell" | "pwsh" | "powershell_ise" => self.powershell_call(rest, &args, input)?,
            "certutil" => self.certutil(&args)?,
            "bitsadmin" => self.bitsadmin(&args)?,
            "curl" | "wget" => self.curl(&args)?,
            "mshta" => self.script_host(word, rest, &args)?,
            "rundll32" => self.rundll32(word, rest, &args)?,
            "regsvr32" | "msiexec" | "odbcconf" | "installutil" | "regasm" | "regsvcs" | "hh" | "control"
            | "msbuild" | "presentationhost" | "cmstp" => self.loader(word, rest, &args)?,
            "wscript" | "cscript" => {
                let script = args.iter().find(|arg| !is_any_switch(arg)).cloned();
                self.run(&format!("{word}{rest}"))?;
                if let Some(script) = script {
                    self.file_run(&script)?;
                }
            }
            "start" => self.start(rest, output),
            "explorer" | "conhost" => {
                self.run(&format!("{word}{rest}"))?;
                self.wait(rest.trim().to_owned(), Language::Shell);
            }
            "pcalua" => self.behind_switch(rest, &args, &["a"])?,
            "forfiles" => self.behind_switch(rest, &args, &["c"])?,
            "schtasks" => self.behind_switch(rest, &args, &["tr"])?,
            "wmic" => {
                let lower = rest.to_ascii_lowercase();
                let behind = lower.find("create").and_then(|at| rest.get(at.saturating_add(6)..));
                match behind {
                    Some(command) if lower.contains("process") => {
                        let command = command.trim().trim_matches(['"', '\'']).replace("\\\"", "\"");
                        self.wait(command, Language::Shell);
                    }
                    _ => self.run(&format!("{word}{rest}"))?,
                }
            }
            "copy" | "move" | "ren" | "rename" | "xcopy" => self.copy(&args)?,
            "reg" | "net" | "sc" | "icacls" | "bcdedit" | "vssadmin" | "whoami" | "ipconfig" => {
                self.run(&format!("{word}{rest}"))?;
            }
            _ if is_url(word) => self.run(word)?,
            _ => {
                let has_file = self.desk.files.bytes(word).is_some();
                let looks = word.contains(['\\', '/', '.', ':', '%'])
                    && word.contains(char::is_alphanumeric)
                    && !word.ends_with(':');
                if has_file || looks {
                    self.run(format!("{word}{rest}").trim())?;
                    self.file_run(word)?;
                } else if self.depth > 1
                    && !word.is_empty()
                    && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
                {
                    self.run(format!("{word}{rest}").trim())?;
                }
            }
        }
        Ok(())
    }

    /// `cmd /switches /c command`
    fn cmd(&mut self, rest: &str, output: &str, input: Option<String>) {
        let lower = rest.to_ascii_lowercase();
        let found = lower.char_indices().find(|(at, char)| {
            *char == '/' && matches!(lower.as_bytes().get(at.saturating_add(1)), Some(b'c' | b'k' | b'r'))
        });
        let Some((at, _)) = found else {
            if let Some(input) = input {
                self.wait(input, Language::Shell);
            }
            return;
        };
        let command = rest.get(at.saturating_add(2)..).unwrap_or_default().trim();
        // With a quote at the start, the first and the last one go.
        let command = match command.strip_prefix('"').and_then(|inner| inner.rsplit_once('"')) {
            Some((inner, behind)) if !inner.is_empty() => format!("{inner}{behind}"),
            _ => command.to_owned(),
        };
        self.wait(format!("{command}{output}"), Language::Shell);
    }

    /// `start "title" /b program arguments`
    fn start(&mut self, rest: &str, output: &str) {
        let mut rest = rest.trim_start();
        if rest.starts_with('"') {
            let (title, behind) = quoted_word(rest);
            // A quoted program alone is a title as well, and then nothing is run.
            if !behind.trim().is_empty() && !title.contains(['\\', '/']) {
                rest = behind.trim_start();
            }
        }
        while rest.starts_with('/') {
            rest = first_word(rest.get(1..).unwrap_or_default()).1.trim_start();
        }
        self.wait(format!("{rest}{output}"), Language::Shell);
    }

    /// `program .. /switch command ..`
    fn behind_switch(&mut self, rest: &str, args: &[String], names: &[&str]) -> Result<(), LimitHit> {
        let at = args.iter().position(|arg| names.iter().any(|name| is_switch(arg, name)));
        match at.and_then(|at| args.get(at.saturating_add(1))) {
            Some(command) => {
                let command = command.replace("0x22", "\"").replace("\\\"", "\"");
                self.wait(command, Language::Shell);
                Ok(())
            }
            None => self.run(rest),
        }
    }

    /// `powershell` with its switches, each of which may be cut short.
    fn powershell_call(
        &mut self,
        rest: &str,
        args: &[String],
        input: Option<String>,
    ) -> Result<(), LimitHit> {
        let mut behind = rest.trim_start();
        let mut index = 0usize;
        while let Some(arg) = args.get(index) {
            index = index.saturating_add(1);
            let start = behind;
            behind = quoted_word(behind).1.trim_start();
            let Some(switch) = arg.strip_prefix(['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']) else {
                return self.script(start);
            };
            let switch = switch.to_ascii_lowercase().replace(['^', '`'], "");
            let is = |full: &str, least: usize| switch.len() >= least && full.starts_with(&switch);
            if is("encodedcommand", 1) || switch == "ec" {
                let Some(code) = args.get(index) else { return Ok(()) };
                let decoded = super::encodings::base64(code.trim_matches(['"', '\'']));
                if let Some(bytes) = decoded {
                    let text = crate::base::text::utf16le(&bytes);
                    let text = if is_readable(&text) { text } else { text_of(&bytes) };
                    self.layer(&text, How::EncodedCommand)?;
                    self.wait(text, Language::PowerShell);
                }
                return Ok(());
            }
            if is("command", 1) {
                if behind.trim() == "-" {
                    break;
                }
                return self.script(behind);
            }
            if is("file", 1) {
                let Some(path) = args.get(index) else { return Ok(()) };
                self.run(&format!("powershell -file {path}"))?;
                return self.file_run(path);
            }
            let takes_value = is("executionpolicy", 2)
                || switch == "ep"
                || is("windowstyle", 1)
                || is("version", 1)
                || is("inputformat", 3)
                || is("outputformat", 1)
                || is("psconsolefile", 2)
                || is("configurationname", 7);
            if takes_value {
                index = index.saturating_add(1);
                behind = quoted_word(behind).1.trim_start();
            }
        }
        match input {
            Some(input) => self.script(&input),
            None => Ok(()),
        }
    }

    /// A script as the rest of a command line gives it.
    fn script(&mut self, text: &str) -> Result<(), LimitHit> {
        let text = text.trim();
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        self.wait(inner.replace("\\\"", "\""), Language::PowerShell);
        Ok(())
    }

    /// `certutil -decode in out`, `-decodehex in out`, `-urlcache -split -f url out`
    fn certutil(&mut self, args: &[String]) -> Result<(), LimitHit> {
        let has = |name: &str| args.iter().any(|arg| is_switch(arg, name));
        let plain: Vec<&String> = args.iter().filter(|arg| !is_any_switch(arg)).collect();
        if has("urlcache") || has("verifyctl") || has("url") {
            if let Some(at) = plain.iter().position(|arg| is_url(arg)) {
                let url = plain.get(at).map_or("", |url| url.as_str());
                return self.fetch(url, plain.get(at.saturating_add(1)).map(|to| to.as_str()));
            }
            return Ok(());
        }
        let decode: fn(&str) -> Option<Vec<u8>> = if has("decode") {
            certificate
        } else if has("decodehex") {
            hex
        } else {
            return Ok(());
        };
        let (Some(from), Some(to)) = (plain.first(), plain.get(1)) else { return Ok(()) };
        let Some(text) = self.text_of_file(from)? else {
            return self.run(&format!("certutil -decode {from} {to}"));
        };
        self.cx.budget.touch(text.len().saturating_mul(4))?;
        if let Some(bytes) = decode(&text) {
            let made = text_of(&bytes);
            let how = if has("decode") { How::Base64 } else { How::Hex };
            if is_readable(&made) {
                self.layer(&made, how)?;
            }
            self.write(to, &bytes, false)?;
        }
        Ok(())
    }

    /// `bitsadmin /transfer name /download url path`, `/addfile job url path`
    fn bitsadmin(&mut self, args: &[String]) -> Result<(), LimitHit> {
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if is_url(arg) {
                let to = args.next();
                self.fetch(arg, to.map(String::as_str))?;
            } else if is_switch(arg, "setnotifycmdline") {
                let command: Vec<&str> = args.by_ref().skip(1).map(String::as_str).collect();
                self.wait(command.join(" ").trim_end_matches(" NULL").to_owned(), Language::Shell);
            }
        }
        Ok(())
    }

    /// `curl url -o path`, `wget url -O path`
    fn curl(&mut self, args: &[String]) -> Result<(), LimitHit> {
        let mut to = None;
        let mut urls = Vec::new();
        let mut keeps_name = false;
        let mut index = 0usize;
        while let Some(arg) = args.get(index) {
            index = index.saturating_add(1);
            match arg.as_str() {
                "-o" | "--output" | "--output-document" | "-OutFile" | "-outfile" => {
                    to = args.get(index).cloned();
                    index = index.saturating_add(1);
                }
                "-O" | "--remote-name" => match args.get(index) {
                    // wget takes a path here, curl none.
                    Some(path) if !is_url(path) && !is_any_switch(path) => {
                        to = Some(path.clone());
                        index = index.saturating_add(1);
                    }
                    _ => keeps_name = true,
                },
                "-A" | "-H" | "-X" | "-d" | "-e" | "-u" | "-b" | "--user-agent" | "--header" | "-P" => {
                    index = index.saturating_add(1);
                }
                other => {
                    match other.strip_prefix("-o").filter(|path| !path.is_empty() && !other.starts_with("--"))
                    {
                        Some(path) => to = Some(path.to_owned()),
                        None if is_url(other) => urls.push(other.to_owned()),
                        // Without a scheme curl takes http.
                        None if !is_any_switch(other) && other.contains('.') && other.contains('/') => {
                            urls.push(format!("http://{other}"));
                        }
                        None => {}
                    }
                }
            }
        }
        for url in urls {
            let name = url.rsplit('/').next().filter(|_| keeps_name && to.is_none()).map(str::to_owned);
            self.fetch(&url, to.clone().or(name).as_deref())?;
        }
        Ok(())
    }

    /// `mshta`: an address, a file, or a script in its argument.
    fn script_host(&mut self, word: &str, rest: &str, args: &[String]) -> Result<(), LimitHit> {
        self.run(&format!("{word}{rest}"))?;
        let Some(first) = args.first() else { return Ok(()) };
        if is_url(first) {
            return self.fetch(first, None);
        }
        if first.contains(':') && rest.to_ascii_lowercase().contains("script:") {
            return self.inner_commands(rest);
        }
        self.file_run(first)
    }

    /// Commands and addresses in the text of a script that is no PowerShell.
    fn inner_commands(&mut self, script: &str) -> Result<(), LimitHit> {
        self.cx.budget.touch(script.len().saturating_mul(4))?;
        for literal in script.split(['"', '\'']).filter(|literal| literal.contains(' ')).take(64) {
            let first = first_word(literal.trim_start()).0;
            if is_known(&first) || program_name(&first) == "start" {
                self.wait(literal.to_owned(), Language::Shell);
            }
        }
        Ok(())
    }

    /// `rundll32 file,function arguments`
    fn rundll32(&mut self, word: &str, rest: &str, args: &[String]) -> Result<(), LimitHit> {
        self.run(&format!("{word}{rest}"))?;
        if rest.to_ascii_lowercase().contains("javascript:") {
            return self.inner_commands(rest);
        }
        // url.dll and ieframe.dll open what they are given.
        let opens = args.first().is_some_and(|first| {
            first.to_ascii_lowercase().contains("openurl")
                || first.to_ascii_lowercase().contains("fileprotocolhandler")
        });
        match args.get(1).filter(|_| opens) {
            Some(target) if is_url(target) => self.fetch(target, None),
            Some(target) => self.file_run(target),
            None => Ok(()),
        }
    }

    /// Programs that load a file, or an address, and run what is in it.
    fn loader(&mut self, word: &str, rest: &str, args: &[String]) -> Result<(), LimitHit> {
        self.run(&format!("{word}{rest}"))?;
        for arg in args {
            let target = arg
                .split_once(':')
                .filter(|(head, _)| is_any_switch(head))
                .map_or(arg.as_str(), |(_, target)| target);
            let target = target
                .rsplit_once('=')
                .map_or(target, |(_, value)| if is_url(value) { value } else { target });
            if is_url(target) {
                self.fetch(target, None)?;
            }
        }
        Ok(())
    }

    /// `copy /b a+b c`, `copy program other`
    fn copy(&mut self, args: &[String]) -> Result<(), LimitHit> {
        let plain: Vec<&String> = args.iter().filter(|arg| !is_any_switch(arg)).collect();
        let (Some(from), Some(to)) = (plain.first(), plain.get(1)) else { return Ok(()) };
        let name = program_name(from);
        if KNOWN.contains(&name.as_str()) && from.contains(['\\', '%', '.']) && self.desk.aliases.len() < 64 {
            self.desk.aliases.insert(file_key(to), name.clone());
            let stem = file_key(to);
            self.desk.aliases.insert(stem.trim_end_matches(".exe").to_owned(), name);
            return Ok(());
        }
        let pieces: Vec<&[u8]> = from.split('+').filter_map(|piece| self.desk.files.bytes(piece)).collect();
        if pieces.is_empty() {
            return Ok(());
        }
        let whole = pieces.concat();
        self.write(to, &whole, false)
    }

    /// Runs a file: when it was written before, its text is read.
    pub(super) fn file_run(&mut self, path: &str) -> Result<(), LimitHit> {
        let text = self.text_of_file(&unquoted(path))?;
        let Some(text) = text.filter(|text| is_readable(text)) else { return Ok(()) };
        self.layer(&text, How::File)?;
        let lower = path.to_ascii_lowercase();
        if lower.ends_with(".ps1") {
            self.wait(text, Language::PowerShell);
        } else if [".vbs", ".js", ".hta", ".wsf", ".vbe", ".jse", ".sct"]
            .iter()
            .any(|end| lower.ends_with(end))
        {
            self.inner_commands(&text)?;
        } else {
            self.wait(text, Language::Shell);
        }
        Ok(())
    }
}
