//! The rule catalogue on the command line.

use docsift::findings::{Confidence, Rule};
use docsift::{Severity, catalogue};
use serde_json::{Value, json};

use crate::args::SEVERITIES;
use crate::output::{Output, OutputError};
use crate::{Exit, Failure};

/// One line a rule.
pub(crate) fn list(json: bool, out: &mut Output) -> Result<Exit, OutputError> {
    if json {
        out.line(&Value::from(catalogue().iter().map(|rule| object(rule)).collect::<Vec<_>>()).to_string())?;
        return Ok(Exit::Nothing);
    }
    for rule in catalogue() {
        let line = format!("{}  {:<8}  {:<8}  {}\n", rule.id, severity(rule), confidence(rule), rule.name);
        out.write(line.as_bytes())?;
    }
    Ok(Exit::Nothing)
}

/// The page of a rule.
pub(crate) fn explain(id: &str, json: bool, out: &mut Output) -> Result<Exit, Failure> {
    let rule = docsift::rule(id).ok_or_else(|| Failure::NoRule(id.to_owned()))?;
    if json {
        out.line(&object(rule).to_string())?;
        return Ok(Exit::Nothing);
    }
    let attack = match rule.attack {
        [] => String::new(),
        techniques => format!("ATT&CK {}, ", techniques.join(", ")),
    };
    out.line(&format!(
        "{} {}\nseverity {}, confidence {}, {attack}since {}\n\n{}",
        rule.id,
        rule.name,
        severity(rule),
        confidence(rule),
        rule.since,
        page(rule),
    ))?;
    Ok(Exit::Nothing)
}

fn object(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "name": rule.name,
        "severity": severity(rule),
        "confidence": confidence(rule),
        "attack": rule.attack,
        "since": rule.since,
        "page": page(rule),
    })
}

/// The page without the blank that stands before each line of a doc comment.
fn page(rule: &Rule) -> String {
    let lines: Vec<&str> = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

fn severity(rule: &Rule) -> &'static str {
    name_of(rule.severity)
}

fn name_of(severity: Severity) -> &'static str {
    SEVERITIES.iter().find(|(_, known)| *known == severity).map_or("unknown", |(name, _)| name)
}

fn confidence(rule: &Rule) -> &'static str {
    match rule.confidence {
        Confidence::Possible => "possible",
        Confidence::Likely => "likely",
        Confidence::Certain => "certain",
        _ => "unknown",
    }
}
