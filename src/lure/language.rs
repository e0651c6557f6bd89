//! Languages of the phrases.

/// The language of a hit's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Paths and names that are the same in every language.
    Neutral,
    /// English.
    English,
    /// Japanese.
    Japanese,
    /// Arabic.
    Arabic,
    /// Chinese in simplified characters.
    ChineseSimplified,
    /// Chinese in traditional characters.
    ChineseTraditional,
    /// Czech.
    Czech,
    /// Danish.
    Danish,
    /// Dutch.
    Dutch,
    /// Finnish.
    Finnish,
    /// French.
    French,
    /// German.
    German,
    /// Greek.
    Greek,
    /// Hebrew.
    Hebrew,
    /// Hindi.
    Hindi,
    /// Hungarian.
    Hungarian,
    /// Indonesian.
    Indonesian,
    /// Italian.
    Italian,
    /// Korean.
    Korean,
    /// Norwegian, Bokmål.
    Norwegian,
    /// Polish.
    Polish,
    /// Portuguese, as in Brazil and in Portugal.
    Portuguese,
    /// Romanian.
    Romanian,
    /// Russian.
    Russian,
    /// Spanish.
    Spanish,
    /// Swedish.
    Swedish,
    /// Thai.
    Thai,
    /// Turkish.
    Turkish,
    /// Ukrainian.
    Ukrainian,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// All of them, in the order of their bits.
    pub(super) const ALL: [Language; 30] = {
        use Language::*;
        [
            Neutral,
            English,
            Japanese,
            Arabic,
            ChineseSimplified,
            ChineseTraditional,
            Czech,
            Danish,
            Dutch,
            Finnish,
            French,
            German,
            Greek,
            Hebrew,
            Hindi,
            Hungarian,
            Indonesian,
            Italian,
            Korean,
            Norwegian,
            Polish,
            Portuguese,
            Romanian,
            Russian,
            Spanish,
            Swedish,
            Thai,
            Turkish,
            Ukrainian,
            Vietnamese,
        ]
    };

    /// Its bit in a set of languages.
    pub(super) fn bit(self) -> u64 {
        1 << self as u32
    }

    /// Its name in English.
    pub fn name(self) -> &'static str {
        match self {
            Language::Neutral => "any language",
            Language::English => "English",
            Language::Japanese => "Japanese",
            Language::Arabic => "Arabic",
            Language::ChineseSimplified => "Chinese (simplified)",
            Language::ChineseTraditional => "Chinese (traditional)",
            Language::Czech => "Czech",
            Language::Danish => "Danish",
            Language::Dutch => "Dutch",
            Language::Finnish => "Finnish",
            Language::French => "French",
            Language::German => "German",
            Language::Greek => "Greek",
            Language::Hebrew => "Hebrew",
            Language::Hindi => "Hindi",
            Language::Hungarian => "Hungarian",
            Language::Indonesian => "Indonesian",
            Language::Italian => "Italian",
            Language::Korean => "Korean",
            Language::Norwegian => "Norwegian",
            Language::Polish => "Polish",
            Language::Portuguese => "Portuguese",
            Language::Romanian => "Romanian",
            Language::Russian => "Russian",
            Language::Spanish => "Spanish",
            Language::Swedish => "Swedish",
            Language::Thai => "Thai",
            Language::Turkish => "Turkish",
            Language::Ukrainian => "Ukrainian",
            Language::Vietnamese => "Vietnamese",
        }
    }

    /// Its language tag (BCP 47); `und` for none.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Neutral => "und",
            Language::English => "en",
            Language::Japanese => "ja",
            Language::Arabic => "ar",
            Language::ChineseSimplified => "zh-Hans",
            Language::ChineseTraditional => "zh-Hant",
            Language::Czech => "cs",
            Language::Danish => "da",
            Language::Dutch => "nl",
            Language::Finnish => "fi",
            Language::French => "fr",
            Language::German => "de",
            Language::Greek => "el",
            Language::Hebrew => "he",
            Language::Hindi => "hi",
            Language::Hungarian => "hu",
            Language::Indonesian => "id",
            Language::Italian => "it",
            Language::Korean => "ko",
            Language::Norwegian => "nb",
            Language::Polish => "pl",
            Language::Portuguese => "pt",
            Language::Romanian => "ro",
            Language::Russian => "ru",
            Language::Spanish => "es",
            Language::Swedish => "sv",
            Language::Thai => "th",
            Language::Turkish => "tr",
            Language::Ukrainian => "uk",
            Language::Vietnamese => "vi",
        }
    }
}

/// How many words of each language were met.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally([u16; 30]);

impl Tally {
    /// Counts a word that the languages of a set have.
    pub(super) fn count(&mut self, set: u64) {
        let mut rest = set;
        while rest != 0 {
            // The bit of a language is its place in the list.
            if let Some(count) = self.0.get_mut(rest.trailing_zeros() as usize) {
                *count = count.saturating_add(1);
            }
            rest &= rest.wrapping_sub(1);
        }
    }

    /// The language of most words; of two, the one that `context` has more of.
    pub(super) fn most(&self, context: &Tally) -> Language {
        let counts = self.0.iter().zip(&context.0).zip(Language::ALL).skip(1);
        let best = counts.rev().max_by_key(|((own, around), _)| (**own, **around));
        best.filter(|((own, _), _)| **own > 0).map_or(Language::Neutral, |(_, language)| language)
    }
}
