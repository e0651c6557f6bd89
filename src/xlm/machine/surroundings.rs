//! What a run asks of its surroundings, and the conditions that hang on the answers.

use super::{Decision, Machine, NOTED, Source};
use crate::base::{Effect, EffectDetail, EffectKind, LimitHit, is_elsewhere};
use crate::xlm::value::{Data, Origins, Value};

/// What the symbol of a cell of another workbook begins with.
pub(super) const A_CELL_OF: &str = "a cell of ";

impl Machine<'_, '_> {
    /// The answer to a question about the surroundings. The same question has one answer a run; one
    /// of few possible answers (`range`) may be given by the choices of the run.
    pub fn ask(&mut self, label: &str, data: Data, range: &[f64]) -> Value {
        let data = match self.choices.values.get(label) {
            Some(value) => Data::Number(*value),
            None => data,
        };
        let known = self.out.sources.iter().position(|source| source.label == label);
        let index = known.unwrap_or_else(|| {
            let mut assumed = String::new();
            let _ = data.write(&mut assumed);
            if self.out.sources.len() < NOTED {
                let range = range.to_vec();
                self.out.sources.push(Source { label: label.to_owned(), assumed, range });
            }
            self.out.sources.len().saturating_sub(1)
        });
        Value { data, origins: Origins::source(index), symbol: None }
    }

    /// A value that nobody can know: it is shown by its label.
    pub fn unknown(&mut self, label: &str, assumed: Data) -> Value {
        let value = self.ask(label, assumed, &[]);
        Value { symbol: Some(label.into()), ..value }
    }

    /// A value that nobody can know, another one each time it is asked for: `RAND#1`.
    pub fn fresh(&mut self, label: &'static str, assumed: Data) -> Value {
        let count = self.counters.entry(label).or_insert(0);
        *count = count.saturating_add(1);
        let label = format!("{label}#{count}");
        self.unknown(&label, assumed)
    }

    /// Which way a condition goes. One that depends on the surroundings is noted, and goes the other
    /// way where the choices of the run say so.
    pub fn decide(&mut self, condition: &Value, truth: bool) -> bool {
        if !condition.origins.is_environment() || self.out.decisions.len() >= NOTED {
            return truth;
        }
        let ordinal = self.out.decisions.len();
        let flipped = self.choices.flips.contains(&ordinal);
        let text = match &condition.symbol {
            Some(symbol) => symbol.to_string(),
            None => self.tested(condition),
        };
        let truth = truth != flipped;
        let at = self.caller();
        self.out.decisions.push(Decision { at, origins: condition.origins, text, truth });
        truth
    }

    /// A condition that has no words of its own: the answer to a question, or something made of it.
    fn tested(&self, condition: &Value) -> String {
        let labels = self.labels(condition.origins);
        let mut shown = String::new();
        let _ = condition.data.write(&mut shown);
        let answers = |source: &Source| source.label == labels && source.assumed == shown;
        if self.out.sources.iter().any(answers) { labels } else { format!("a test of {labels}") }
    }

    /// The labels of what a value depends on.
    pub fn labels(&self, origins: Origins) -> String {
        let labels = self.out.sources.iter().enumerate().filter(|(index, _)| origins.has(*index));
        let labels: Vec<&str> = labels.take(4).map(|(_, source)| source.label.as_str()).collect();
        labels.join(", ")
    }

    /// Notes a text that was to be run and cannot be read, so that whatever it does is not known. What of
    /// the surroundings it depends on is tried.
    pub fn unread(&mut self, value: &Value) {
        self.out.written_origins = self.out.written_origins.and(value.origins);
        if self.out.unreadable.len() < NOTED {
            let at = self.caller();
            let shown = match value.shown() {
                Ok(text) => text.to_string(),
                Err(code) => code.text().to_owned(),
            };
            self.out.unreadable.push((shown, at));
        }
    }

    /// A macro was to go on at a value that is no cell of this workbook: in a workbook that Excel opens for
    /// that, or nobody knows where.
    pub fn goes_elsewhere(&mut self, value: &Value) -> Result<(), LimitHit> {
        let path = value.symbol.as_deref().and_then(|symbol| symbol.strip_prefix(A_CELL_OF));
        match path.map(str::to_owned).filter(|path| is_elsewhere(path)) {
            Some(path) => self.opened(&path, format!("a macro of {path}"), value.origins),
            None => {
                self.unread(value);
                Ok(())
            }
        }
    }

    /// Excel opens or shows something from another network.
    pub fn opened(&mut self, path: &str, text: String, origins: Origins) -> Result<(), LimitHit> {
        let detail = EffectDetail {
            url: Some(path.to_owned()),
            how: Some(Effect::OPENED.to_owned()),
            ..EffectDetail::default()
        };
        self.done(EffectKind::Fetch, text, detail, origins)
    }

    /// Whether a value came of a function that the machine does not know.
    pub fn is_of_unknown(&self, value: &Value) -> bool {
        let sources = self.out.sources.iter().enumerate();
        let mut of = sources.filter(|(index, _)| value.origins.has(*index));
        value.origins.is_environment() && of.any(|(_, source)| self.out.unknown.contains_key(&source.label))
    }

    /// Notes a function that the machine does not know. Its arguments were evaluated.
    pub(super) fn unknown_call(&mut self, name: &str, args: &[Value]) -> Value {
        let at = self.caller();
        if self.out.unknown.len() < NOTED {
            self.out.unknown.entry(name.to_owned()).or_insert(at);
        }
        let origins = args.iter().fold(Origins::NONE, |all, arg| all.and(arg.origins));
        let value = self.unknown(name, Data::Number(0.0));
        Value { origins: value.origins.and(origins), ..value }
    }
}
