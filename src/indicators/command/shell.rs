//! Command lines as `cmd` reads them.
//!
//! Percent signs are looked at first, over the whole line; then carets, quotes, chains and redirections
//! are, command by command; exclamation marks last. That is why `set x=calc&%x%` runs nothing and
//! `set x=calc&call %x%` does.

use super::{COST, How, Language, Reading, arithmetic};
use crate::base::LimitHit;

/// One command of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Command {
    /// Its text, carets gone, redirections out.
    text: String,
    /// The file that its output goes to, and whether it is appended.
    to: Option<(String, bool)>,
    /// Whether its output goes into the next command.
    piped: bool,
}

impl Command {
    /// The redirection of its output, as it is written.
    fn output(&self) -> String {
        match &self.to {
            Some((path, true)) => format!(" >>\"{path}\""),
            Some((path, false)) => format!(" >\"{path}\""),
            None => String::new(),
        }
    }
}

/// Commands of one line.
const MOST_COMMANDS: usize = 2048;

/// Rounds of one `for`.
const MOST_ROUNDS: usize = 4096;

impl Reading<'_, '_, '_> {
    /// Reads a command line, or the lines of a batch file.
    pub(super) fn shell(&mut self, text: &str) -> Result<(), LimitHit> {
        if self.depth == 1 {
            // What starts a shell is not read by one: everything behind its name is the shell's.
            let (word, rest) = first_word(text.trim());
            let word = word.replace('^', "");
            if super::programs::is_shell(&word) {
                self.cx.budget.touch(text.len().saturating_mul(COST))?;
                return self.program(&word, rest, "", None);
            }
        }
        for line in text.lines() {
            self.cx.budget.touch(line.len().saturating_mul(COST))?;
            let expanded = self.variables.expand(line, '%');
            self.cx.budget.touch(expanded.len().saturating_mul(COST))?;
            self.line(&expanded, line)?;
        }
        Ok(())
    }

    /// Reads a line whose percent signs are done.
    fn line(&mut self, expanded: &str, original: &str) -> Result<(), LimitHit> {
        let commands = commands(expanded);
        if commands.len() >= MOST_COMMANDS {
            self.out.cut = true;
        }
        let shown: Vec<&str> = commands.iter().map(|command| command.text.trim()).collect();
        if expanded != original
            || shown.len() == 1 && shown.first().is_some_and(|text| *text != original.trim())
        {
            let shown = if shown.len() == 1 { shown.join("") } else { expanded.replace('^', "") };
            self.layer(&shown, How::Shell)?;
        }
        let mut piped: Option<String> = None;
        for command in commands {
            self.cx.budget.touch(command.text.len().saturating_mul(COST))?;
            let text = self.variables.expand(&command.text, '!');
            self.cx.budget.touch(text.len().saturating_mul(COST))?;
            let output = self.command(text.trim(), &command.output(), piped.take())?;
            if let (Some((path, append)), Some(output)) = (&command.to, &output)
                && !path.eq_ignore_ascii_case("nul")
            {
                self.write(path, format!("{output}\r\n").as_bytes(), *append)?;
            }
            if command.piped {
                piped = output;
            }
        }
        Ok(())
    }

    /// Reads one command; its output, as far as that is known.
    fn command(
        &mut self,
        text: &str,
        output: &str,
        input: Option<String>,
    ) -> Result<Option<String>, LimitHit> {
        let text = text.trim_start_matches(|char: char| {
            char.is_whitespace() || matches!(char, '@' | '(' | ';' | ',' | '=')
        });
        let (word, rest) = first_word(text);
        let name = word.to_ascii_lowercase();
        if let Some(echoed) =
            name.strip_prefix("echo").filter(|rest| rest.starts_with(['.', ':', '/', '(']) || rest.is_empty())
        {
            // `echo.text` and `echo(text` have no space.
            let len = word.len().saturating_sub(echoed.len()).saturating_add(usize::from(!echoed.is_empty()));
            let shown = text.get(len..).unwrap_or_default();
            let shown =
                if echoed.is_empty() { shown.strip_prefix([' ', '\t']).unwrap_or(shown) } else { shown };
            return Ok(Some(shown.trim_end().to_owned()));
        }
        match name.as_str() {
            "set" => return Ok(self.assign(rest)),
            // What is called is read a second time, percent signs too.
            "call" | "else" | "do" => {
                self.wait(format!("{rest}{output}"), Language::Shell);
                return Ok(None);
            }
            "for" => {
                self.rounds(rest)?;
                return Ok(None);
            }
            "if" => {
                self.wait(format!("{}{output}", condition(rest)), Language::Shell);
                return Ok(None);
            }
            "type" => {
                let path = unquoted(rest);
                return Ok(self.text_of_file(&path)?.map(|text| text.trim_end().to_owned()));
            }
            "rem" | "cd" | "chdir" | "cls" | "exit" | "ping" | "timeout" | "title" | "goto" | "setlocal"
            | "endlocal" | "pause" | "color" | "del" | "erase" | "md" | "mkdir" | "attrib" | "mode"
            | "chcp" | "pushd" | "popd" | "ver" | "vol" | "taskkill" | "findstr" | "find" | ")" | "" => {
                return Ok(None);
            }
            _ if name.starts_with(':') => return Ok(None),
            _ => {}
        }
        self.program(&word, rest, output, input)?;
        Ok(None)
    }

    /// `set x=y`, `set "x=y"`; the prompt of `set /p` is output.
    fn assign(&mut self, rest: &str) -> Option<String> {
        let rest = rest.trim_start();
        let is = |switch: &str| rest.get(..2).is_some_and(|head| head.eq_ignore_ascii_case(switch));
        if is("/p") {
            let prompt = rest.split_once('=').map_or("", |(_, prompt)| prompt);
            return Some(unquoted(prompt));
        }
        if is("/a") {
            let made = arithmetic::assign(rest.get(2..)?, &mut self.variables)?;
            return Some(made.to_string());
        }
        let inner = rest.strip_prefix('"').map(|rest| rest.rsplit_once('"').map_or(rest, |(inner, _)| inner));
        if let Some((name, value)) = inner.unwrap_or(rest).split_once('=') {
            self.variables.set(name, value);
        }
        None
    }

    /// `for %a in (x y) do ..`, `for /l %a in (start,step,end) do ..`, `for /f .. in ('text') do ..`.
    fn rounds(&mut self, rest: &str) -> Result<(), LimitHit> {
        let Some((head, set, body)) = for_parts(rest) else { return Ok(()) };
        let Some(variable) = head.split_whitespace().find(|word| word.starts_with('%')) else {
            return Ok(());
        };
        let lower_head = head.to_ascii_lowercase();
        let items: Vec<String> = if lower_head.contains("/l") {
            steps(set)
        } else if lower_head.contains("/f") {
            return self.rounds_over_lines(head, variable, set, body);
        } else {
            set.split([' ', '\t', ',', ';']).filter(|item| !item.is_empty()).map(unquoted).collect()
        };
        for item in items.iter().take(MOST_ROUNDS) {
            if !self.round(variable, std::slice::from_ref(item), body)? {
                break;
            }
        }
        Ok(())
    }

    /// One round of a `for`: the first item stands for the variable, the next for the letter behind it,
    /// and so on. `false` when there is no room for another one.
    fn round(&mut self, variable: &str, items: &[String], body: &str) -> Result<bool, LimitHit> {
        self.cx.budget.touch(body.len().saturating_mul(COST))?;
        if body.len() > self.room {
            self.out.cut = true;
            return Ok(false);
        }
        self.room = self.room.saturating_sub(body.len());
        let letter = variable.trim_start_matches('%').chars().next();
        let mut round = body.to_owned();
        for (index, item) in (0u32..).zip(items) {
            let name = letter.and_then(|letter| char::from_u32(u32::from(letter).checked_add(index)?));
            let Some(name) = name else { break };
            self.cx.budget.touch(round.len())?;
            round = round.replace(&format!("%%{name}"), item).replace(&format!("%{name}"), item);
        }
        // Each round sets variables that the next one reads.
        for command in commands(&round) {
            let text = self.variables.expand(&command.text, '!');
            let (word, rest) = first_word(text.trim());
            if word.eq_ignore_ascii_case("set") {
                self.assign(rest);
            } else if word.eq_ignore_ascii_case("if") {
                self.wait(format!("{}{}", condition(rest), command.output()), Language::Shell);
            } else {
                self.wait(format!("{text}{}", command.output()), Language::Shell);
            }
        }
        Ok(true)
    }

    /// `for /f "tokens=1,2 delims=, skip=1" %a in (..) do ..`: the words of each line of a text, of a file
    /// that was written, or of what a command shows.
    fn rounds_over_lines(
        &mut self,
        head: &str,
        variable: &str,
        set: &str,
        body: &str,
    ) -> Result<(), LimitHit> {
        let set = set.trim();
        let between = |mark: char| set.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        let new_marks = head.to_ascii_lowercase().contains("usebackq");
        let (command, text) = match new_marks {
            true => (between('`'), between('\'')),
            false => (between('\''), between('"')),
        };
        let lines = match (command, text) {
            (Some(command), _) => {
                self.cx.budget.touch(command.len().saturating_mul(COST))?;
                match self.shown_by(&uncareted(command))? {
                    Some(output) => output,
                    // What it shows is not known; its own words are all that can be said.
                    None => command.split_whitespace().next().unwrap_or_default().to_owned(),
                }
            }
            (None, Some(text)) => text.to_owned(),
            (None, None) => self.text_of_file(&unquoted(set))?.unwrap_or_default(),
        };
        let options = Tokens::of(head);
        for line in lines.lines().skip(options.skip).take(MOST_ROUNDS) {
            self.cx.budget.touch(line.len())?;
            let items = options.items(line);
            if !items.is_empty() && !self.round(variable, &items, body)? {
                break;
            }
        }
        Ok(())
    }

    /// What the commands of a chain show, as far as that is known.
    fn shown_by(&mut self, chain: &str) -> Result<Option<String>, LimitHit> {
        let mut shown: Option<String> = None;
        let mut piped: Option<String> = None;
        for command in commands(chain) {
            let text = self.variables.expand(&command.text, '!');
            let output = self.command(text.trim(), &command.output(), piped.take())?;
            if command.piped {
                piped = output;
            } else if let (Some(output), None) = (output, &command.to) {
                let shown = shown.get_or_insert_default();
                shown.push_str(&output);
                shown.push('\n');
            }
        }
        Ok(shown)
    }
}

/// What `for /f` takes of a line.
struct Tokens {
    /// Places of words, from 0.
    places: Vec<usize>,
    /// Whether what stands behind the last of them is one more.
    rest: bool,
    delimiters: Vec<char>,
    /// Lines that are passed over.
    skip: usize,
}

impl Tokens {
    /// The options between the quotes in what stands before the parentheses.
    fn of(head: &str) -> Self {
        /// Words of a line that have a letter.
        const LETTERS: usize = 26;
        let mut tokens = Tokens { places: vec![0], rest: false, delimiters: vec![' ', '\t'], skip: 0 };
        let quoted = head.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"'));
        let quoted = quoted.map_or("", |(inner, _)| inner);
        let lower = quoted.to_ascii_lowercase();
        let behind = |name: &str| {
            let at = lower.find(name)?.checked_add(name.len())?;
            quoted.get(at..)
        };
        if let Some(given) = behind("delims=") {
            // They reach to the next option, or to the quote.
            let end = given.find(" tokens=").or_else(|| given.find(" skip=")).unwrap_or(given.len());
            tokens.delimiters = given.get(..end).unwrap_or(given).chars().collect();
        }
        if let Some(given) = behind("skip=") {
            let digits: String = given.chars().take_while(char::is_ascii_digit).collect();
            tokens.skip = digits.parse().unwrap_or(0);
        }
        if let Some(given) = behind("tokens=") {
            let given = given.split(' ').next().unwrap_or_default();
            tokens.rest = given.ends_with('*');
            tokens.places.clear();
            for part in given.trim_end_matches('*').split(',').filter(|part| !part.is_empty()) {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) else { continue };
                let room = LETTERS.saturating_sub(tokens.places.len());
                tokens.places.extend((first..=last).take(room).filter_map(|place| place.checked_sub(1)));
            }
        }
        tokens
    }

    fn items(&self, line: &str) -> Vec<String> {
        let is_delimiter = |char: char| self.delimiters.contains(&char);
        let mut words: Vec<&str> = Vec::new();
        let mut rest = line.trim_start_matches(is_delimiter);
        let most = self.places.iter().max().map_or(0, |place| place.saturating_add(1));
        while !rest.is_empty() && words.len() < most {
            let end = rest.find(is_delimiter).unwrap_or(rest.len());
            words.push(rest.get(..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default().trim_start_matches(is_delimiter);
        }
        if words.is_empty() && (!self.rest || rest.is_empty()) {
            return Vec::new();
        }
        let mut items: Vec<String> = self
            .places
            .iter()
            .map(|place| words.get(*place).copied().unwrap_or_default().to_owned())
            .collect();
        if self.rest {
            items.push(rest.to_owned());
        }
        items
    }
}

/// What stands before the parentheses of a `for`, in them, and behind `do`.
fn for_parts(rest: &str) -> Option<(&str, &str, &str)> {
    let open = rest.find('(')?;
    let behind = open.saturating_add(1);
    rest.match_indices(')').filter(|(at, _)| *at >= behind).take(64).find_map(|(close, _)| {
        let after = rest.get(close.saturating_add(1)..)?.trim_start();
        let body = after.get(2..).filter(|body| body.starts_with([' ', '\t', '(', '@']))?;
        let is_do = after.get(..2)?.eq_ignore_ascii_case("do");
        is_do.then_some((rest.get(..open)?, rest.get(behind..close)?, body))
    })
}

/// The items of `for /l`.
fn steps(set: &str) -> Vec<String> {
    let numbers: Vec<i64> = set.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    let [start, step, end] = numbers.as_slice() else { return Vec::new() };
    if *step == 0 {
        return Vec::new();
    }
    let mut items = Vec::new();
    let mut at = *start;
    while (if *step > 0 { at <= *end } else { at >= *end }) && items.len() < MOST_ROUNDS {
        items.push(at.to_string());
        at = at.saturating_add(*step);
    }
    items
}

/// The command behind the condition of an `if`; nothing when the condition is known not to hold.
fn condition(rest: &str) -> &str {
    let mut rest = rest.trim_start();
    let mut wanted = true;
    loop {
        let (word, behind) = first_word(rest);
        match word.to_ascii_lowercase().as_str() {
            "/i" => rest = behind.trim_start(),
            "not" => {
                wanted = !wanted;
                rest = behind.trim_start();
            }
            // A file or variable may be there or not.
            "exist" | "defined" | "errorlevel" => return first_word(behind.trim_start()).1,
            _ => break,
        }
    }
    if let Some((left, behind)) = rest.split_once("==") {
        let (right, then) = first_word(behind.trim_start());
        let equal = left.trim().trim_matches('"').eq_ignore_ascii_case(right.trim_matches('"'));
        return branch(then, equal == wanted);
    }
    let (left, behind) = first_word(rest);
    let (operator, behind) = first_word(behind.trim_start());
    let (right, then) = first_word(behind.trim_start());
    let holds = match operator.to_ascii_lowercase().as_str() {
        "equ" => left.eq_ignore_ascii_case(&right),
        "neq" => !left.eq_ignore_ascii_case(&right),
        _ => wanted,
    };
    branch(then, holds == wanted)
}

/// The side of `(..) else (..)` that is taken.
fn branch(then: &str, holds: bool) -> &str {
    let lower = then.to_ascii_lowercase();
    let at = lower.find(") else").or_else(|| lower.find(")else"));
    let Some(at) = at else { return if holds { then } else { "" } };
    let (taken, other) = (then.get(..at.saturating_add(1)), then.get(at.saturating_add(1)..));
    if holds { taken.unwrap_or_default() } else { other.unwrap_or_default() }
}

/// The first word, quotes off, and what stands behind it with the space.
pub(super) fn first_word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut in_quotes = false;
    for (at, char) in text.char_indices() {
        match char {
            '"' => in_quotes = !in_quotes,
            _ if in_quotes => word.push(char),
            '/' if !word.is_empty() && !word.contains(['\\', ':', '/', '.']) && !word.starts_with('-') => {
                // `cmd/c`
                return (word, text.get(at..).unwrap_or_default());
            }
            _ if char.is_whitespace() => return (word, text.get(at..).unwrap_or_default()),
            _ => word.push(char),
        }
    }
    (word, "")
}

/// A text without the quotes around it.
pub(super) fn unquoted(text: &str) -> String {
    text.trim().replace('"', "")
}

/// Takes a line apart: chains, groups, redirections; carets go.
fn commands(line: &str) -> Vec<Command> {
    let mut done: Vec<Command> = Vec::new();
    let mut now = Command::default();
    let mut group_starts = Vec::new();
    let mut in_quotes = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        if done.len() >= MOST_COMMANDS {
            break;
        }
        match char {
            // The body of a `for` belongs to it, chains and all.
            'f' | 'F' if !in_quotes && now.text.trim_start_matches(['@', ' ', '\t']).is_empty() => {
                let next: String = chars.clone().take(3).collect();
                if next.eq_ignore_ascii_case("or ") {
                    now.text.clear();
                    let rest: String = chars.by_ref().collect();
                    now.text = uncareted(&format!("{char}{rest}"));
                    break;
                }
                now.text.push(char);
            }
            '"' => {
                in_quotes = !in_quotes;
                now.text.push(char);
            }
            _ if in_quotes => now.text.push(char),
            '^' => now.text.extend(chars.next()),
            '(' if now.text.trim().trim_start_matches('@').is_empty() => group_starts.push(done.len()),
            ')' if !group_starts.is_empty() => {
                done.push(std::mem::take(&mut now));
                let start = group_starts.pop().unwrap_or(0);
                // Output of the whole group goes to one file.
                let goes_on = chars.clone().find(|next| !matches!(next, ' ' | '\t'));
                if goes_on == Some('>') {
                    while chars.next_if(|next| *next != '>').is_some() {}
                    chars.next();
                    let append = chars.next_if_eq(&'>').is_some();
                    let path = redirected_to(&mut chars);
                    for (index, command) in done.iter_mut().skip(start).enumerate() {
                        if command.to.is_none() && !command.text.trim().is_empty() {
                            command.to = Some((path.clone(), append || index > 0));
                        }
                    }
                }
            }
            '&' | '\n' => {
                chars.next_if_eq(&'&');
                done.push(std::mem::take(&mut now));
            }
            '|' => {
                now.piped = chars.next_if_eq(&'|').is_none();
                done.push(std::mem::take(&mut now));
            }
            '>' | '<' => {
                // `2>nul`: the digit is no part of the command.
                let digit = now.text.chars().next_back().is_some_and(|last| last.is_ascii_digit());
                let alone = now.text.chars().rev().nth(1).is_none_or(char::is_whitespace);
                let errors = digit && alone && !now.text.ends_with('1');
                if digit && alone {
                    now.text.pop();
                }
                let append = char == '>' && chars.next_if_eq(&'>').is_some();
                let path = redirected_to(&mut chars);
                if char == '>' && !errors && !path.starts_with('&') {
                    now.to = Some((path, append));
                }
            }
            _ => now.text.push(char),
        }
    }
    done.push(now);
    done.retain(|command| !command.text.trim().is_empty());
    done
}

/// Takes the path behind a `>`.
fn redirected_to(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut path = String::new();
    let mut in_quotes = false;
    while chars.next_if(|next| next.is_whitespace()).is_some() {}
    while let Some(next) = chars.peek().copied() {
        let ends =
            next.is_whitespace() || matches!(next, '|' | '>' | '<' | ')') || next == '&' && !path.is_empty();
        if ends && !in_quotes || path.len() > 1024 {
            break;
        }
        chars.next();
        match next {
            '"' => in_quotes = !in_quotes,
            '^' if !in_quotes => path.extend(chars.next()),
            _ => path.push(next),
        }
    }
    path
}

/// A text without its carets, quoted ones kept.
fn uncareted(text: &str) -> String {
    let mut made = String::new();
    let mut in_quotes = false;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                in_quotes = !in_quotes;
                made.push(char);
            }
            '^' if !in_quotes => made.extend(chars.next()),
            _ => made.push(char),
        }
    }
    made
}
