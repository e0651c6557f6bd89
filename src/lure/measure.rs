//! The phrases of some languages alone, so that a benchmark can tell what a language more costs.

use super::grammar::Grammar;
use super::language::Language;
use super::scan::{Scanner, Work};

/// The phrases of the first data files, and memory to match them with.
#[derive(Debug)]
pub struct Phrases {
    grammar: Grammar,
    scanner: Scanner,
}

impl Phrases {
    /// The phrases of `count` languages; paths, which are the same in all, come with them.
    pub fn of(count: usize) -> Phrases {
        let languages = Language::ALL.iter().take(count.saturating_add(1));
        let languages = languages.fold(0, |set, language| set | language.bit());
        Phrases { grammar: Grammar::of(languages), scanner: Scanner::default() }
    }

    /// How many phrases there are.
    pub fn count(&self) -> usize {
        self.grammar.phrases.len()
    }

    /// How many phrases stand in `text`.
    pub fn found_in(&mut self, text: &str) -> usize {
        self.scanner.whole(&self.grammar, text);
        self.scanner.found.len()
    }

    /// What all texts so far have cost.
    pub fn work(&self) -> Work {
        self.scanner.work
    }
}
