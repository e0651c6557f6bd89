//! Analyses one file and prints what was found.

use docsift::{Analyzer, Input, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = std::fs::read("corpus/synthetic/twin-relaunch-cells.xls")?;
    let analyzer = Analyzer::new(Options::default())?;
    let report = analyzer.analyze(Input::named(&bytes, "twin-relaunch-cells.xls"));

    println!("{}", report.verdict.sentence);
    for effect in &report.behaviour {
        println!("{} {}", effect.kind, effect.text);
    }
    for finding in &report.findings {
        println!("{} {}", finding.rule, finding.message);
    }
    Ok(())
}
