//! Rules over facts: each finding says what, where, and shows the proof.

mod catalogue;
mod command;
mod dde;
mod facts;
mod rtf;
mod rule;
mod rules;

pub use catalogue::{catalogue, rule};
pub use facts::{
    Archive, Compound, Facts, Locked, LockedKind, Package, Picture, SheetFacts, formula_evidence,
};
pub use rtf::{RtfFacts, RtfObjectFacts};
pub(crate) use rule::declare_rule;
pub use rule::{Confidence, Evidence, Finding, Rule, RuleFilter, Severity, Sink};

/// Version of the rule set. It changes with every rule that is added, removed or finds other things.
pub const RULES_VERSION: &str = "2026.12";

/// Version of MITRE ATT&CK that technique ids mean.
pub const ATTACK_VERSION: &str = "17.1";
