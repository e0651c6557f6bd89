//! Rules about fields of Word documents.

pub(crate) mod confused_smart_tag;
pub(crate) mod dde_field;
pub(crate) mod dde_field_command;
pub(crate) mod include_remote;
pub(crate) mod quoted_field;

/// The first word of an instruction in upper case, and what follows it.
fn instruction(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(text.len());
    let (name, rest) = (text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default());
    (name.to_uppercase(), rest.trim())
}

/// Whether an instruction asks another program for data.
fn is_dde(name: &str) -> bool {
    matches!(name, "DDE" | "DDEAUTO")
}
