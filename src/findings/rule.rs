//! What a rule is, and where its findings go.

use super::facts::Facts;
use crate::base::Location;

/// One detection rule: what a user reads about it, and the function that looks at the facts.
#[derive(Debug)]
pub struct Rule {
    /// Family and number; never reused, never renumbered.
    pub id: &'static str,
    /// The pattern that it names, in kebab case.
    pub name: &'static str,
    /// How much a finding matters for what could happen.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// MITRE ATT&CK techniques, as of [`super::ATTACK_VERSION`].
    pub attack: &'static [&'static str],
    /// Version that brought it.
    pub since: &'static str,
    /// The user page, in Markdown with four headings.
    pub page: &'static str,
    /// Looks at the facts and reports.
    pub check: fn(&Facts<'_>, &mut Sink<'_>),
}

/// How much a finding matters for what could happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// A plain fact.
    Info,
    /// Unusual, mostly innocent.
    Low,
    /// Used by attacks and by some honest files.
    Medium,
    /// Used by attacks, hardly by honest files.
    High,
    /// Has no honest use.
    Critical,
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Confidence {
    /// Could be something else.
    Possible,
    /// Hardly anything else.
    Likely,
    /// Stands in the bytes.
    Certain,
}

impl Severity {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl Confidence {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// Proof of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub location: Location,
    /// The bytes there, capped.
    pub raw: Box<[u8]>,
    /// What they say, capped.
    pub text: Box<str>,
}

impl Evidence {
    /// Evidence without raw bytes; for a byte range the analyzer adds them.
    pub fn new(location: Location, text: impl Into<Box<str>>) -> Self {
        Evidence { location, raw: Box::default(), text: text.into() }
    }

    /// The same with the bytes that the text was made from.
    #[must_use]
    pub fn with_raw(mut self, raw: &[u8]) -> Self {
        self.raw = raw.into();
        self
    }
}

/// What a rule found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Its severity, as the options have it.
    pub severity: Severity,
    /// What was found here, in one sentence.
    pub message: String,
    /// The proof; at least one.
    pub evidence: Vec<Evidence>,
    /// How often the rule would have reported beyond the findings that are kept; set on its last.
    pub more: u64,
}

/// Takes what rules report, caps it and applies the user's switches.
#[derive(Debug)]
pub struct Sink<'o> {
    findings: Vec<Finding>,
    filter: &'o RuleFilter,
    per_rule: usize,
    excerpt_len: usize,
}

/// Day-one tuning: rules that are off, and rules with another severity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFilter {
    /// Identifiers of rules that do not report.
    pub off: Vec<String>,
    /// Identifiers of rules and the severity that they report with.
    pub severity: Vec<(String, Severity)>,
}

impl<'o> Sink<'o> {
    /// A sink that keeps `per_rule` findings a rule, and `excerpt_len` bytes an evidence.
    pub fn new(filter: &'o RuleFilter, per_rule: usize, excerpt_len: usize) -> Self {
        Sink { findings: Vec::new(), filter, per_rule, excerpt_len }
    }

    /// Takes a finding. A rule that reports more often than allowed has the rest counted.
    pub fn report(
        &mut self,
        rule: &'static Rule,
        message: impl Into<String>,
        evidence: impl IntoIterator<Item = Evidence>,
    ) {
        if self.filter.off.iter().any(|id| id == rule.id) {
            return;
        }
        let own = self.findings.iter().rev().take_while(|finding| finding.rule.id == rule.id).count();
        if own >= self.per_rule {
            if let Some(last) = self.findings.last_mut() {
                last.more = last.more.saturating_add(1);
            }
            return;
        }
        let severity = self.filter.severity.iter().find(|(id, _)| id == rule.id);
        let evidence = evidence.into_iter().take(self.per_rule).map(|proof| self.excerpt(proof)).collect();
        self.findings.push(Finding {
            rule,
            severity: severity.map_or(rule.severity, |(_, severity)| *severity),
            message: message.into(),
            evidence,
            more: 0,
        });
    }

    /// What was reported, in the order of the catalogue.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn excerpt(&self, mut proof: Evidence) -> Evidence {
        if let Some(head) = proof.raw.get(..self.excerpt_len) {
            proof.raw = head.into();
        }
        if let Some((end, _)) = proof.text.char_indices().nth(self.excerpt_len) {
            proof.text = format!("{}…", proof.text.get(..end).unwrap_or_default()).into();
        }
        proof
    }
}

/// Declares a rule: its page as doc comment, its data, and the function that checks.
macro_rules! declare_rule {
    (
        $(#[doc = $page:literal])*
        $name:ident {
            id: $id:literal, name: $title:literal, severity: $severity:ident, confidence: $confidence:ident,
            attack: [$($attack:literal),* $(,)?], since: $since:literal $(,)?
        } => $check:ident
    ) => {
        $(#[doc = $page])*
        pub(crate) static $name: $crate::findings::Rule = $crate::findings::Rule {
            id: $id,
            name: $title,
            severity: $crate::findings::Severity::$severity,
            confidence: $crate::findings::Confidence::$confidence,
            attack: &[$($attack),*],
            since: $since,
            page: concat!($($page, "\n"),*),
            check: $check,
        };
    };
}
pub(crate) use declare_rule;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Location, PartId};

    declare_rule! {
        /// ## What it finds
        /// Nothing.
        SAMPLE { id: "TST001", name: "sample", severity: Low, confidence: Certain, attack: [], since: "0.1.0" } => check
    }

    fn check(_: &Facts<'_>, _: &mut Sink<'_>) {}

    fn proof(text: &str) -> Evidence {
        Evidence::new(Location::part(PartId(0)), text)
    }

    #[test]
    fn doc_comment_is_the_page() {
        assert_eq!(SAMPLE.page, " ## What it finds\n Nothing.\n");
    }

    #[test]
    fn sink_counts_what_it_does_not_keep_and_cuts_long_texts() {
        let filter = RuleFilter { off: vec![], severity: vec![("TST001".into(), Severity::High)] };
        let mut sink = Sink::new(&filter, 2, 4);
        for _ in 0..5 {
            sink.report(&SAMPLE, "found", [proof("äöüß!"), proof("abcd")]);
        }
        let findings = sink.into_findings();
        assert_eq!(findings.len(), 2);
        assert_eq!(findings.iter().map(|finding| finding.more).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(findings[0].severity, Severity::High);
        assert_eq!(findings[0].evidence, [proof("äöüß…"), proof("abcd")]);
    }

    #[test]
    fn rule_that_is_off_does_not_report() {
        let filter = RuleFilter { off: vec!["TST001".into()], severity: vec![] };
        let mut sink = Sink::new(&filter, 2, 4);
        sink.report(&SAMPLE, "found", [proof("x")]);
        assert!(sink.into_findings().is_empty());
    }
}
