//! Rules about Rich Text Format.

pub(crate) mod automatic_update;
pub(crate) mod disguised_data;
pub(crate) mod font_table;
pub(crate) mod list_override_count;
pub(crate) mod shape_fragments;

use crate::documents::rtf::{RtfOddity, RtfOddityKind};
use crate::findings::{Evidence, Facts, Rule, Sink};

/// Reports every oddity of a kind.
fn report(
    facts: &Facts<'_>,
    sink: &mut Sink<'_>,
    kind: RtfOddityKind,
    rule: &'static Rule,
    message: impl Fn(&RtfOddity) -> String,
) {
    let oddities = facts.rtf.iter().flat_map(|file| &file.oddities);
    for oddity in oddities.filter(|oddity| oddity.kind == kind) {
        sink.report(rule, message(oddity), [Evidence::new(oddity.location.clone(), oddity.text.as_str())]);
    }
}
