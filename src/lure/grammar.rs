//! The instruction grammar: words with a role, and how roles compose into families.
//!
//! The words stand in one data file a language under `phrases/`; a line is `mark | phrase |
//! source` below a `[role]`. All of them are one tree over folded text without spaces, slashes,
//! hyphens and quotes. Roles compose across languages, because a lure quotes the buttons of an
//! English Office in every language.
//!
//! The tree is walked from the beginnings of words only, which an Aho-Corasick automaton cannot
//! do: most words end the walk at their second letter, and the rest of the word is skipped.

use std::sync::LazyLock;

use super::{Certainty, Family, Language, fold};

/// What a word does in an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    /// A button or setting of Office, quoted.
    Label,
    /// "Enable", "allow".
    Enable,
    /// What is enabled.
    Object,
    /// "Click", "press".
    Press,
    /// The bar or button to press.
    Bar,
    /// "Document", "file".
    Document,
    /// "Protected", "encrypted".
    State,
    /// "The document is protected", whole or composed.
    Sealed,
    /// "Created", "saved".
    Made,
    /// "Earlier version".
    Version,
    /// "Excel", "Microsoft Office".
    Product,
    /// "Created in an earlier version of Office", composed.
    OtherVersion,
    /// "Online viewer", "cannot be previewed".
    WrongViewer,
    /// "To display the contents".
    View,
    /// "Copy", "move".
    Copy,
    /// "Copy the file", whole or composed.
    CopyFile,
    /// "The following folder".
    Folder,
    /// "Run it again".
    Again,
    /// "Restart", which may mean the program.
    Restart,
    /// "Relaunch required".
    Relaunch,
    /// "Security policy".
    Policy,
    /// A trusted folder for templates, as a path.
    TemplatesPath,
    /// A folder whose files start with Office, as a path.
    StartupPath,
    /// A trusted folder in words.
    Trusted,
    /// "If you do not enable": a refusal that is none.
    Threat,
    /// "Do not enable", "phishing".
    Caution,
    /// Any pretext, composed.
    Pretext,
    /// "Enable the macros", composed; weaker than a quoted button.
    Loose,
}

impl Role {
    /// How many there are.
    pub(super) const COUNT: usize = 28;

    /// The role that a data file names, if its words have it themselves.
    fn named(name: &str) -> Option<Role> {
        Some(match name {
            "label" => Role::Label,
            "enable" => Role::Enable,
            "object" => Role::Object,
            "press" => Role::Press,
            "bar" => Role::Bar,
            "document" => Role::Document,
            "state" => Role::State,
            "sealed" => Role::Sealed,
            "made" => Role::Made,
            "version" => Role::Version,
            "product" => Role::Product,
            "wrong-viewer" => Role::WrongViewer,
            "view" => Role::View,
            "copy" => Role::Copy,
            "copy-file" => Role::CopyFile,
            "folder" => Role::Folder,
            "again" => Role::Again,
            "restart" => Role::Restart,
            "relaunch" => Role::Relaunch,
            "policy" => Role::Policy,
            "templates-path" => Role::TemplatesPath,
            "startup-path" => Role::StartupPath,
            "trusted" => Role::Trusted,
            "threat" => Role::Threat,
            "caution" => Role::Caution,
            _ => return None,
        })
    }
}

/// What roles that stand near each other make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Makes {
    /// Another role.
    Role(Role),
    /// A hit.
    Hit(Family, Certainty),
}

/// Roles that make something when all stand within some bytes of folded text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) makes: Makes,
    pub(super) needs: &'static [Role],
    pub(super) within: u32,
}

/// How far apart the parts of one instruction may stand, in bytes of folded text.
pub(super) const LURE: u32 = 900;

/// The rules, strongest first within each family.
pub(super) const RULES: &[Rule] = &{
    use Certainty::{Medium, Strong, Weak};
    use Family::{
        EnableContent, ProtectedOrOtherVersion, RelaunchFromTrustedFolder as Trusting, RelaunchRequired,
    };
    use Role::{
        Again, Bar, Copy, CopyFile, Document, Enable, Folder, Label, Loose, Made, Object, OtherVersion,
        Policy, Press, Pretext, Product, Relaunch, Restart, Sealed, StartupPath, State, TemplatesPath,
        Threat, Trusted, Version, View, WrongViewer,
    };
    const fn role(makes: Role, needs: &'static [Role], within: u32) -> Rule {
        Rule { makes: Makes::Role(makes), needs, within }
    }
    const fn hit(family: Family, certainty: Certainty, needs: &'static [Role], within: u32) -> Rule {
        Rule { makes: Makes::Hit(family, certainty), needs, within }
    }
    [
        role(Sealed, &[Document, State], 48),
        role(OtherVersion, &[Made, Version], 64),
        role(OtherVersion, &[Version, Product], 40),
        role(CopyFile, &[Copy, Document], 48),
        role(Loose, &[Enable, Object], 40),
        role(Pretext, &[Sealed], 1),
        role(Pretext, &[OtherVersion], 1),
        role(Pretext, &[WrongViewer], 1),
        role(Pretext, &[View], 1),
        role(Pretext, &[Threat], 1),
        hit(Trusting, Strong, &[TemplatesPath, CopyFile, Again], LURE),
        hit(Trusting, Strong, &[StartupPath, CopyFile, Again, View], LURE),
        hit(Trusting, Strong, &[StartupPath, CopyFile, Again, Policy], LURE),
        hit(Trusting, Strong, &[Trusted, CopyFile, Again, View], LURE),
        hit(Trusting, Strong, &[Trusted, CopyFile, Again, Policy], LURE),
        hit(Trusting, Medium, &[TemplatesPath, CopyFile], LURE),
        hit(Trusting, Medium, &[TemplatesPath, Again], LURE),
        hit(Trusting, Medium, &[StartupPath, CopyFile, Again], LURE),
        hit(Trusting, Medium, &[StartupPath, CopyFile, Restart], LURE),
        hit(Trusting, Medium, &[Trusted, CopyFile, Again], LURE),
        hit(Trusting, Medium, &[CopyFile, Folder, Again, View], 400),
        hit(Trusting, Medium, &[CopyFile, Folder, Again, Policy], 400),
        hit(Trusting, Weak, &[TemplatesPath], 1),
        hit(Trusting, Weak, &[StartupPath], 1),
        hit(Trusting, Weak, &[Trusted, CopyFile], 120),
        hit(Trusting, Weak, &[CopyFile, Folder, Again], 200),
        hit(RelaunchRequired, Strong, &[Relaunch, CopyFile], 400),
        hit(RelaunchRequired, Strong, &[Relaunch, Policy, View], 400),
        hit(RelaunchRequired, Medium, &[Relaunch, Policy], 400),
        hit(RelaunchRequired, Medium, &[Relaunch, View], 400),
        hit(RelaunchRequired, Weak, &[Relaunch], 1),
        hit(EnableContent, Strong, &[Label, Press, Pretext], 500),
        hit(EnableContent, Strong, &[Label, Bar, Pretext], 500),
        hit(EnableContent, Medium, &[Label, Press], 64),
        hit(EnableContent, Medium, &[Label, Bar], 64),
        hit(EnableContent, Medium, &[Label, Pretext], 300),
        hit(EnableContent, Medium, &[Loose, Press, Pretext], 300),
        hit(EnableContent, Medium, &[Loose, Bar, Pretext], 300),
        hit(EnableContent, Weak, &[Label], 1),
        hit(EnableContent, Weak, &[Loose], 1),
        hit(ProtectedOrOtherVersion, Strong, &[Sealed, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Strong, &[OtherVersion, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Strong, &[WrongViewer, Label, Press], 500),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, View], 200),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, WrongViewer], 300),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, OtherVersion], 300),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, WrongViewer], 300),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, View], 200),
        hit(ProtectedOrOtherVersion, Medium, &[Sealed, Label], 500),
        hit(ProtectedOrOtherVersion, Medium, &[OtherVersion, Label], 500),
        hit(ProtectedOrOtherVersion, Medium, &[WrongViewer, Label], 500),
        hit(ProtectedOrOtherVersion, Weak, &[Sealed], 1),
        hit(ProtectedOrOtherVersion, Weak, &[OtherVersion], 1),
        hit(ProtectedOrOtherVersion, Weak, &[WrongViewer], 1),
    ]
};

/// One word or phrase that the automaton knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Bytes without skipped ones.
    pub(super) len: usize,
    /// Its roles, a bit each.
    pub(super) roles: u32,
    pub(super) language: Language,
    /// Whether no letter or digit may stand behind it.
    pub(super) ends_word: bool,
    /// Whether a slash must stand in it: a path, not words.
    pub(super) needs_slash: bool,
}

/// One place in the tree of phrases.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Index of the phrase that ends here, if one does.
    phrase: Option<u32>,
    first_edge: u32,
    edge_count: u32,
}

/// All phrases, their tree, and the rules.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) phrases: Vec<Phrase>,
    /// The root is node 0.
    nodes: Vec<Node>,
    /// Byte and node that it leads to; the edges of one node stand together.
    edges: Vec<(u8, u32)>,
    /// The node behind the first byte of a phrase, in either case; 0 is none.
    starts: [u32; 256],
    /// A bit for each pair of bytes that begins a phrase.
    pairs: Vec<u64>,
    /// Bytes of the longest phrase without skipped ones.
    pub(super) longest: usize,
    /// For each role, the rules that need it.
    pub(super) rules_of: [Vec<&'static Rule>; Role::COUNT],
}

const FILES: [(Language, &str); 3] = [
    (Language::Neutral, include_str!("phrases/paths.txt")),
    (Language::English, include_str!("phrases/en.txt")),
    (Language::Japanese, include_str!("phrases/ja.txt")),
];

impl Grammar {
    /// The grammar, built at the first call.
    pub(super) fn shared() -> &'static Grammar {
        static SHARED: LazyLock<Grammar> = LazyLock::new(Grammar::build);
        &SHARED
    }

    fn build() -> Grammar {
        let mut bare: Vec<(String, Phrase)> = Vec::new();
        for (language, text) in FILES {
            entries(text).flatten().for_each(|(role, phrase)| bare.push(compile(role, phrase, language)));
        }
        bare.sort_by(|(one, _), (two, _)| one.cmp(two));
        bare.dedup_by(|(text, later), (kept, first)| {
            let same = text == kept;
            first.roles |= if same { later.roles } else { 0 };
            same
        });
        let mut rules_of = [const { Vec::new() }; Role::COUNT];
        for rule in RULES {
            for role in rule.needs {
                rules_of.get_mut(*role as usize).into_iter().for_each(|rules: &mut Vec<_>| rules.push(rule));
            }
        }
        let longest = bare.iter().map(|(_, phrase)| phrase.len).max().unwrap_or(0);
        let mut grammar = Grammar {
            phrases: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            starts: [0; 256],
            pairs: vec![0; 1024],
            longest,
            rules_of,
        };
        grammar.grow(&bare);
        grammar.phrases = bare.into_iter().map(|(_, phrase)| phrase).collect();
        grammar
    }

    /// Makes the tree of sorted phrases: a node stands for those that share their first bytes.
    fn grow(&mut self, bare: &[(String, Phrase)]) {
        let mut shares = vec![(0_usize, bare.len(), 0_usize)];
        let mut next = 0;
        while let Some((from, to, depth)) = shares.get(next).copied() {
            next = next.saturating_add(1);
            let byte_of =
                |index: usize| bare.get(index).and_then(|(text, _)| text.as_bytes().get(depth).copied());
            let ends = from < to && byte_of(from).is_none();
            let phrase = if ends { u32::try_from(from).ok() } else { None };
            let first_edge = self.edges.len();
            let mut at = from.saturating_add(usize::from(ends));
            while let Some(byte) = byte_of(at).filter(|_| at < to) {
                let begin = at;
                while at < to && byte_of(at) == Some(byte) {
                    at = at.saturating_add(1);
                }
                self.edges.push((byte, u32::try_from(shares.len()).unwrap_or(0)));
                shares.push((begin, at, depth.saturating_add(1)));
            }
            let edge_count = self.edges.len().saturating_sub(first_edge);
            let count = |value: usize| u32::try_from(value).unwrap_or(0);
            self.nodes.push(Node { phrase, first_edge: count(first_edge), edge_count: count(edge_count) });
        }
        for &(first, node) in self.edges_of(0).to_vec().iter() {
            for byte in [first, first.to_ascii_uppercase()] {
                self.starts.get_mut(usize::from(byte)).into_iter().for_each(|start| *start = node);
            }
            for &(second, _) in self.edges_of(node).to_vec().iter() {
                let (word, bit) = pair(first, second);
                self.pairs.get_mut(word).into_iter().for_each(|bits| *bits |= bit);
            }
        }
    }

    fn edges_of(&self, node: u32) -> &[(u8, u32)] {
        let Some(node) = self.nodes.get(node as usize) else { return &[] };
        let start = node.first_edge as usize;
        self.edges.get(start..start.saturating_add(node.edge_count as usize)).unwrap_or_default()
    }

    /// How many nodes the tree has.
    pub(super) fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// The node that a phrase begins with at `byte`, in either case.
    pub(super) fn start(&self, byte: u8) -> Option<u32> {
        self.starts.get(usize::from(byte)).copied().filter(|node| *node != 0)
    }

    /// Whether a phrase begins with these bytes, in either case.
    pub(super) fn starts_with(&self, first: u8, second: u8) -> bool {
        let (word, bit) = pair(first.to_ascii_lowercase(), second.to_ascii_lowercase());
        self.pairs.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// The node behind one more byte, which is in lower case.
    pub(super) fn child(&self, node: u32, byte: u8) -> Option<u32> {
        self.edges_of(node).iter().find(|(edge, _)| *edge == byte).map(|(_, node)| *node)
    }

    /// The phrase that ends at a node.
    pub(super) fn phrase(&self, node: u32) -> Option<(u32, &Phrase)> {
        let index = self.nodes.get(node as usize)?.phrase?;
        Some((index, self.phrases.get(index as usize)?))
    }
}

fn pair(first: u8, second: u8) -> (usize, u64) {
    let index = usize::from(first) << 8 | usize::from(second);
    (index >> 6, 1 << (index & 63))
}

/// The role and phrase of each line of a data file; a line that cannot be read is an error with
/// its number.
fn entries(text: &str) -> impl Iterator<Item = Result<(Role, &str), usize>> {
    let mut role = None;
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            role = Role::named(name);
            return role.is_none().then_some(Err(number));
        }
        let mut columns = line.split(" | ");
        let mark = columns.next().is_some_and(|mark| matches!(mark, "V" | "V2" | "R" | "I"));
        Some(match (role, columns.next(), columns.next(), columns.next()) {
            (Some(role), Some(phrase), Some(_), None) if mark => Ok((role, phrase)),
            _ => Err(number),
        })
    })
}

fn compile(role: Role, phrase: &str, language: Language) -> (String, Phrase) {
    let bare: String = fold(phrase).text.chars().filter(|ch| !is_skipped_char(*ch)).collect();
    let bytes = bare.as_bytes();
    let entry = Phrase {
        len: bytes.len(),
        roles: 1 << role as u32,
        language,
        ends_word: bytes.last().is_some_and(u8::is_ascii_alphanumeric),
        needs_slash: phrase.contains('\\'),
    };
    (bare, entry)
}

fn is_skipped_char(ch: char) -> bool {
    u8::try_from(ch).is_ok_and(is_skipped)
}

/// Whether a byte of folded text, or of ASCII text, takes no part in matching.
pub(super) fn is_skipped(byte: u8) -> bool {
    kind(byte) & SKIPPED != 0
}

/// Whether a byte is a letter or digit of ASCII.
pub(super) fn is_letter(byte: u8) -> bool {
    kind(byte) & LETTER != 0
}

const SKIPPED: u8 = 1;
const LETTER: u8 = 2;

fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(0)
}

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    loop {
        kinds[byte as usize] = match byte {
            0..=b' ' | b'\\' | b'/' | b'-' | b'_' | b'"' | b'\'' | b'`' | b'>' | b'*' | b'|' | 0x7F => {
                SKIPPED
            }
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            _ => 0,
        };
        if byte == u8::MAX {
            break kinds;
        }
        byte += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_data_file_is_read() {
        for (language, text) in FILES {
            let bad: Vec<usize> = entries(text).filter_map(Result::err).collect();
            assert_eq!(bad, Vec::<usize>::new(), "lines of {language:?}");
            assert!(entries(text).count() > 20);
        }
    }

    #[test]
    fn a_line_without_a_source_or_role_is_refused() {
        let lines: Vec<_> = entries("[view]\nI | a\nI | a | b\n[no-such]\nX | a | b\n").collect();
        assert_eq!(lines, [Err(2), Ok((Role::View, "a")), Err(4), Err(5)]);
    }

    #[test]
    fn grammar_is_small_and_every_role_is_reached() {
        let grammar = Grammar::shared();
        assert!(grammar.node_count() < 1 << 14, "{} nodes", grammar.node_count());
        assert!(grammar.longest <= 64);
        let named = grammar.phrases.iter().fold(0, |roles, phrase| roles | phrase.roles);
        let made = RULES.iter().fold(0, |roles, rule| match rule.makes {
            Makes::Role(role) => roles | 1 << role as u32,
            Makes::Hit(..) => roles,
        });
        assert_eq!(named | made, (1 << Role::COUNT) - 1);
    }
}
