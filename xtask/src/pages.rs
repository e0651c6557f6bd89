//! The user pages of the rules.

use std::fmt::Write;

use docsift::catalogue;
use docsift::findings::Rule;

use crate::generated::Generated;

/// A page a rule, and `README.md` that lists them.
pub(crate) fn pages() -> Vec<Generated> {
    let mut index = String::from(
        "# Rules\n\nWritten by `cargo xtask rules` from the rules' own documentation.\n\n\
         | rule | name | severity | confidence |\n|---|---|---|---|\n",
    );
    let mut pages = Vec::new();
    for rule in catalogue() {
        // Writing into a String has no failing case.
        let _ = writeln!(
            index,
            "| [{id}]({id}.md) | {} | {} | {} |",
            rule.name,
            lower(&rule.severity),
            lower(&rule.confidence),
            id = rule.id
        );
        pages.push((format!("{}.md", rule.id), page(rule)));
    }
    pages.push(("README.md".into(), index));
    pages
}

fn page(rule: &Rule) -> String {
    let attack = match rule.attack {
        [] => "none".to_owned(),
        techniques => techniques.join(", "),
    };
    let mut page = format!(
        "# {}: {}\n\nSeverity {}, confidence {}. ATT&CK: {attack}. Since {}.\n\n",
        rule.id,
        rule.name,
        lower(&rule.severity),
        lower(&rule.confidence),
        rule.since
    );
    for line in rule.page.lines() {
        page += line.strip_prefix(' ').unwrap_or(line);
        page.push('\n');
    }
    page
}

fn lower(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}
