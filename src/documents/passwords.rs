//! Words of a mail that may be the password of its attachment.
//!
//! First what stands beside a word for "password" in one of many languages, behind it before in front of
//! it; then words that look like passwords wherever they stand: letters and digits together, or capitals
//! only. All are bounded: a mail gives at most [`MOST`]. What stays closed is tried once more with [`Words`], when
//! everything else was read.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use unicode_normalization::UnicodeNormalization;

use crate::base::{Budget, Cx, LimitHit, Location};
use crate::crypto::{Password, PasswordSource};

/// Most candidates of one text.
pub const MOST: usize = 96;

/// Characters of a text that are looked at.
const LOOKED_AT: usize = 64 << 10;

/// Words beside a keyword that are taken, behind and in front.
const BEHIND: usize = 8;
const IN_FRONT: usize = 3;

/// Words behind a keyword that are taken when they are not ASCII.
const FOREIGN: usize = 4;

/// Words for "password". Those with a blank behind them count only as whole words.
const KEYWORDS: &[&str] = &[
    "password",
    "passwort",
    "passcode",
    "passphrase",
    "passwd",
    "pwd",
    "pw ",
    "p/w ",
    "pass ",
    "pin ",
    "code ",
    "kennwort",
    "mot de passe",
    "mdp ",
    "contraseña",
    "contrasena",
    "clave ",
    "senha",
    "palavra-passe",
    "wachtwoord",
    "пароль",
    "пароля",
    "паролем",
    "парола",
    "hasło",
    "haslo",
    "heslo",
    "parola",
    "lozinka",
    "lösenord",
    "losenord",
    "adgangskode",
    "passord",
    "salasana",
    "jelszó",
    "κωδικός",
    "şifre",
    "sifre",
    "geslo",
    "slaptažodis",
    "parole ",
    "パスワード",
    "ぱすわーど",
    "パス ",
    "暗証番号",
    "解凍",
    "密码",
    "密碼",
    "口令",
    "解压",
    "비밀번호",
    "암호",
    "mật khẩu",
    "kata sandi",
    "סיסמה",
    "كلمة المرور",
    "كلمة السر",
    "รหัสผ่าน",
    "पासवर्ड",
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = KEYWORDS.iter().map(|word| word.trim_end());
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok()
});

/// Most words that are tried on what stays closed.
const MOST_WORDS: usize = 4096;

/// Characters of a text whose words are taken.
const WORDS_LOOKED_AT: usize = 1 << 20;

/// Every word of the texts around a lock, each once and in every form that may be meant: whole, without the marks
/// at its end or around it, and in pieces. Short texts come first: a file that holds nothing but a password is one.
#[derive(Debug, Default)]
pub struct Words {
    seen: BTreeSet<String>,
    list: Vec<Password>,
}

impl Words {
    /// The words, the likely ones first.
    pub fn into_list(self) -> Vec<Password> {
        self.list
    }

    /// Takes the words of a text, those that look like passwords first.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or the memory of models do not last.
    pub fn text(
        &mut self,
        text: &str,
        source: PasswordSource,
        location: &Location,
        budget: &mut Budget,
    ) -> Result<(), LimitHit> {
        let text = text.get(..text.floor_char_boundary(WORDS_LOOKED_AT.min(text.len()))).unwrap_or_default();
        budget.touch(text.len().saturating_mul(8))?;
        let folded = folded(text);
        let runs = || folded.split(|letter: char| !letter.is_ascii_graphic()).flat_map(forms);
        let shaped = runs().filter(|word| is_shaped(word));
        for word in shaped.chain(runs()).chain(foreign_words(&folded)) {
            self.word(word, source, location, budget)?;
        }
        Ok(())
    }

    /// Takes one word as it stands.
    ///
    /// # Errors
    /// [`LimitHit`] when the memory of models does not last.
    pub fn word(
        &mut self,
        word: &str,
        source: PasswordSource,
        location: &Location,
        budget: &mut Budget,
    ) -> Result<(), LimitHit> {
        if self.list.len() >= MOST_WORDS || !is_possible(word) || self.seen.contains(word) {
            return Ok(());
        }
        budget.hold(size_of::<Password>().saturating_add(word.len().saturating_mul(2)))?;
        self.seen.insert(word.to_owned());
        self.list.push(Password { text: word.to_owned(), source, location: Some(location.clone()) });
        Ok(())
    }

    /// Takes a name of a file: its stem whole, and its words.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or the memory of models do not last.
    pub fn file_name(
        &mut self,
        name: &str,
        location: &Location,
        budget: &mut Budget,
    ) -> Result<(), LimitHit> {
        for folder in name.split(['/', '\\']) {
            let stem = folder.rsplit_once('.').map_or(folder, |(stem, _)| stem);
            self.word(stem, PasswordSource::FileName, location, budget)?;
            let spaced = stem.replace(['_', '-', '.', '(', ')'], " ");
            self.text(&spaced, PasswordSource::FileName, location, budget)?;
        }
        Ok(())
    }

    /// Takes the ways in which people write a date as digits.
    ///
    /// # Errors
    /// [`LimitHit`] when the memory of models does not last.
    pub fn date(
        &mut self,
        (year, month, day): (u16, u8, u8),
        source: PasswordSource,
        location: &Location,
        budget: &mut Budget,
    ) -> Result<(), LimitHit> {
        let short = year % 100;
        for word in [
            format!("{year:04}{month:02}{day:02}"),
            format!("{day:02}{month:02}{year:04}"),
            format!("{month:02}{day:02}{year:04}"),
            format!("{short:02}{month:02}{day:02}"),
            format!("{day:02}{month:02}{short:02}"),
            format!("{month:02}{day:02}"),
            format!("{day:02}{month:02}"),
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{day:02}.{month:02}.{year:04}"),
            format!("{year:04}"),
        ] {
            self.word(&word, source, location, budget)?;
        }
        Ok(())
    }
}

/// Candidates gathered from one mail, each once.
#[derive(Debug, Default)]
pub struct Candidates {
    seen: BTreeSet<String>,
    beside: Vec<Password>,
    shaped: Vec<Password>,
    /// Beside a keyword, in letters that are not ASCII: each is tried in many code pages.
    foreign: Vec<Password>,
}

/// Where a candidate was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Beside,
    Shaped,
    Foreign,
}

impl Candidates {
    /// The candidates, the likely ones first.
    pub fn into_list(self) -> Vec<Password> {
        self.beside.into_iter().chain(self.shaped).chain(self.foreign).take(MOST).collect()
    }

    /// Looks at a text of the mail.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn text(
        &mut self,
        text: &str,
        source: PasswordSource,
        location: &Location,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let head = text.get(..text.floor_char_boundary(LOOKED_AT.min(text.len()))).unwrap_or_default();
        cx.budget.touch(head.len().saturating_mul(4))?;
        let folded = folded(head);
        let lower = lower(&folded);
        let ends = keywords(&lower);
        let mut add = |word: &str, met: Met| {
            let known =
                self.beside.len().saturating_add(self.shaped.len()).saturating_add(self.foreign.len());
            if !is_possible(word) || known >= 4 * MOST || !self.seen.insert(word.to_owned()) {
                return;
            }
            let made = Password { text: word.to_owned(), source, location: Some(location.clone()) };
            match met {
                Met::Beside => self.beside.push(made),
                Met::Shaped => self.shaped.push(made),
                Met::Foreign => self.foreign.push(made),
            }
        };
        for (start, end) in ends {
            let behind = folded.get(end..).unwrap_or_default();
            let behind = behind.get(..behind.floor_char_boundary(400.min(behind.len()))).unwrap_or_default();
            let mut near: Vec<&str> = words(behind).take(BEHIND).collect();
            let front = folded.get(..start).unwrap_or_default();
            let cut = front.ceil_char_boundary(front.len().saturating_sub(120));
            let front: Vec<&str> = words(front.get(cut..).unwrap_or_default()).collect();
            near.extend(front.iter().rev().take(IN_FRONT));
            // Among neighbours, those that look like passwords come first.
            near.sort_by_key(|word| !is_shaped(word));
            near.iter().for_each(|word| add(word, Met::Beside));
            foreign_words(behind).take(FOREIGN).for_each(|word| add(word, Met::Foreign));
        }
        let shaped: Vec<&str> = words(&folded).filter(|word| is_shaped(word)).take(MOST).collect();
        shaped.iter().for_each(|word| add(word, Met::Shaped));
        Ok(())
    }

    /// Looks at the name of an attachment: beside a keyword all its words count.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn file_name(&mut self, name: &str, location: &Location, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let spaced = stem.replace(['_', '-', '.', '(', ')'], " ");
        self.text(&spaced, PasswordSource::FileName, location, cx)
    }
}

/// `text` as it is tried: letters of full width are what Japanese mails write, and lines of any kind stand for `-`.
fn folded(text: &str) -> String {
    text.nfkc()
        .map(|letter| if matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { letter })
        .collect()
}

/// The forms of a run of visible ASCII that may be a password.
fn forms(run: &str) -> impl Iterator<Item = &str> {
    let is_mark = |letter: char| !letter.is_ascii_alphanumeric();
    let sentence = run.trim_end_matches(['.', ',', ';', ':']);
    let pieces = run.split(['|', '/', '-', '*', '_', '#', '!', '?']);
    [run, sentence, run.trim_matches(is_mark), run.trim_end_matches(is_mark), run.trim_start_matches(is_mark)]
        .into_iter()
        .chain(words(run))
        .chain(pieces)
        .filter(|word| !word.is_empty())
}

/// `text` in lower case, with every character in as many bytes as before, so that places stay.
fn lower(text: &str) -> String {
    let folded = text.chars().map(|letter| {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        if small.len_utf8() == letter.len_utf8() { small } else { letter }
    });
    folded.collect()
}

/// Where keywords stand in a text in lower case.
fn keywords(lower: &str) -> Vec<(usize, usize)> {
    const KEPT: usize = 64;
    let Some(automaton) = AUTOMATON.as_ref() else { return Vec::new() };
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let whole = |at: aho_corasick::Match| {
        let before = lower.get(..at.start()).and_then(|text| text.chars().next_back());
        let after = lower.get(at.end()..).and_then(|text| text.chars().next());
        let alone = KEYWORDS.get(at.pattern().as_usize()).is_some_and(|word| word.ends_with(' '));
        !(is_letter(before) || alone && is_letter(after))
    };
    automaton.find_iter(lower).filter(|at| whole(*at)).take(KEPT).map(|at| (at.start(), at.end())).collect()
}

/// Runs of visible ASCII in `text`, without the marks around them; a run with a mark inside is given
/// whole, and then its pieces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|letter: char| !letter.is_ascii_graphic());
    runs.flat_map(|run| {
        let whole = run.trim_matches(|letter: char| {
            matches!(
                letter,
                '"' | '\''
                    | '`'
                    | ':'
                    | ';'
                    | ','
                    | '.'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '<'
                    | '>'
                    | '{'
                    | '}'
                    | '='
            )
        });
        let pieces = whole.split([':', '=', '"', '\'', ',', ';', '(', ')', '[', ']', '<', '>']);
        std::iter::once(whole).chain(pieces.filter(move |piece| piece.len() < whole.len()))
    })
    .filter(|word| !word.is_empty())
}

/// Runs without blanks and brackets in `text` that are not ASCII alone.
fn foreign_words(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: &str = "\"'`:;,()[]<>{}=「」『』【】〈〉《》“”„‘’«»。、・";
    let runs =
        text.split(|letter: char| letter.is_whitespace() || letter.is_control() || MARKS.contains(letter));
    let word = |run: &&str| !run.is_ascii() && (2..=32).contains(&run.chars().count());
    runs.map(|run| run.trim_end_matches(['.', '!', '?'])).filter(word)
}

fn is_possible(word: &str) -> bool {
    (3..=64).contains(&word.len())
}

/// Whether a word looks like a made password: 4 to 20 letters and digits, both or capitals in the middle
/// or capitals only.
fn is_shaped(word: &str) -> bool {
    if !(4..=20).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let (upper, lower, digit) =
        (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(u8::is_ascii_digit));
    let capital_inside = lower && word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    (digit && (upper || lower))
        || (upper && !lower && word.len() >= 5)
        || capital_inside
        || (digit && word.len() <= 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn candidates(text: &str) -> Vec<String> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        let mut found = Candidates::default();
        found.text(text, PasswordSource::MailBody, &Location::part(PartId(0)), &mut cx).unwrap();
        found.into_list().into_iter().map(|password| password.text).collect()
    }

    #[test]
    fn password_stands_behind_its_word_in_many_languages() {
        for (text, password) in [
            ("The archive password is AYALZNOJY", "AYALZNOJY"),
            ("Password:4vahobk5lzs.", "4vahobk5lzs"),
            ("PW = W4ALLD\r\n", "W4ALLD"),
            ("添付ファイルのパスワードは「gMZLBKgKO」です。", "gMZLBKgKO"),
            ("パスワード：ＡＢ１２ｃｄ", "AB12cd"),
            ("Das Kennwort lautet \"geheim\"", "geheim"),
            ("Mot de passe : s3cret", "s3cret"),
            ("contraseña\n\n  abc123", "abc123"),
            ("Senha: abc!23", "abc!23"),
            ("Пароль от архива: 7788", "7788"),
            ("解压密码：xyz987", "xyz987"),
            ("password=a:b", "a:b"),
            ("パスワードは「請求書2022」です。", "請求書2022"),
            ("Пароль: счёт", "счёт"),
            ("Das Passwort lautet Grüße2022.", "Grüße2022"),
        ] {
            let found = candidates(text);
            assert!(found.iter().take(12).any(|word| word == password), "{text}: {found:?}");
        }
    }

    #[test]
    fn password_in_front_of_its_word_is_found_and_what_looks_like_one_comes_first() {
        let found = candidates("Use Q7rT2x as the password please");
        assert_eq!(found[0], "Q7rT2x");
    }

    #[test]
    fn short_words_for_password_count_only_alone() {
        let found = candidates("passenger swpwx compass zero one");
        assert_eq!(found, Vec::<String>::new());
    }

    fn every_word(text: &str) -> Vec<String> {
        let (mut budget, mut found) = (Budget::new(&Limits::default()), Words::default());
        found.text(text, PasswordSource::MailBody, &Location::part(PartId(0)), &mut budget).unwrap();
        found.into_list().into_iter().map(|password| password.text).collect()
    }

    #[test]
    fn words_are_taken_in_every_form_that_may_be_meant() {
        for (text, password) in [
            ("*sommer*", "sommer"),
            ("_sommer_", "sommer"),
            ("|sommer|", "sommer"),
            ("it is sommer!", "sommer"),
            ("it is sommer!", "sommer!"),
            ("it is (a.b).", "(a.b)"),
            ("psw/sommer", "sommer"),
            ("\u{FF4B}\u{FF17}\u{FF58}\u{FF31}\u{2212}\u{FF19}", "k7xQ-9"),
            ("\u{300C}\u{8ACB}\u{6C42}\u{66F8}\u{300D}", "\u{8ACB}\u{6C42}\u{66F8}"),
        ] {
            let found = every_word(text);
            assert!(found.iter().any(|word| word == password), "{text}: {found:?}");
        }
        assert_eq!(every_word("one two Q7rT2x two"), ["Q7rT2x", "one", "two"]);
    }

    #[test]
    fn names_and_dates_give_words_of_their_own() {
        let (mut budget, mut found) = (Budget::new(&Limits::default()), Words::default());
        let at = Location::part(PartId(0));
        found.file_name("key sommer/Scan-7781.zip", &at, &mut budget).unwrap();
        found.date((2022, 11, 2), PasswordSource::MailBody, &at, &mut budget).unwrap();
        let found: Vec<_> = found.into_list().into_iter().map(|password| password.text).collect();
        let names = ["key sommer", "key", "sommer", "Scan-7781", "7781", "Scan"];
        let dates = [
            "20221102",
            "02112022",
            "11022022",
            "221102",
            "021122",
            "1102",
            "0211",
            "2022-11-02",
            "02.11.2022",
            "2022",
        ];
        assert_eq!(found, [names.as_slice(), &dates].concat());
    }

    #[test]
    fn a_hundred_thousand_words_give_a_bounded_list() {
        let text: String = (0..100_000).map(|number| format!("password w{number}x ")).collect();
        assert_eq!(candidates(&text).len(), MOST);
        assert_eq!(every_word(&text).len(), MOST_WORDS);
    }
}
