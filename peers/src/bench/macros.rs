//! Excel 4.0 macros: time a file beside XLMMacroDeobfuscator, and steps of the machine a second.

use std::process::ExitCode;
use std::time::Duration;

use docsift::Analyzer;
use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::documents::biff;
use docsift::documents::workbook::Workbook;
use docsift::xlm::{self, Evaluation, Given, Program};
use docsift_corpus::biff::{Biff, Name, State};
use docsift_corpus::fixtures;
use docsift_corpus::ptg::Tokens;

use super::child::Outcome;
use super::{File, Plan, median, ms, peers, time};
use crate::files;

/// The command `macros [--rounds N] [--olevba-rounds N] [PATH...]`: the steps
/// and the times of macros, and nothing else of `bench`.
pub fn run(arguments: &[std::path::PathBuf]) -> ExitCode {
    let plan = match Plan::from(arguments) {
        Ok(plan) => plan,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::from(2);
        }
    };
    if cfg!(debug_assertions) {
        println!("A build without --release: the times say nothing.\n");
    }
    let files: Vec<File> = files::files_under(&plan.paths).into_iter().filter_map(File::read).collect();
    print_steps(plan.rounds);
    print_files(&files, plan.rounds, plan.olevba_rounds);
    ExitCode::SUCCESS
}

/// Files with Excel 4.0 macros: extraction and evaluation beside XLMMacroDeobfuscator, which is asked
/// in `peer_rounds` rounds. Each round asks both for one file after the other.
pub(super) fn print_files(files: &[File], rounds: usize, peer_rounds: usize) {
    let mut child = match peers::xlm_deobfuscator() {
        Ok(child) => child,
        Err(reason) => return println!("\nXLMMacroDeobfuscator: not compared: {reason}"),
    };
    let analyzer = Analyzer::default();
    let files: Vec<&File> = files.iter().filter(|file| file.has_xlm).collect();
    println!("\n{} files with Excel 4.0 macros; XLMMacroDeobfuscator, docsift, ratio", files.len());
    let (mut ratios, mut both) = (Vec::new(), (Duration::ZERO, Duration::ZERO));
    // The first file that a process of theirs reads pays for what it loads then.
    if let Some(file) = files.first() {
        let _ = child.ask(&file.path);
    }
    for file in &files {
        let asked: Vec<Outcome> = (0..peer_rounds.max(1)).map(|_| child.ask(&file.path)).collect();
        let ours = median((0..rounds).map(|_| time(|| analyzer.analyze(&file.content))).collect());
        let theirs: Result<Vec<Duration>, String> = asked.into_iter().collect();
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        match theirs {
            Ok(theirs) => {
                let theirs = median(theirs);
                let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
                ratios.push(ratio);
                both = (both.0 + theirs, both.1 + ours);
                println!("  {name:<52} {:>14} {:>12} {ratio:>9.0}", ms(theirs), ms(ours));
            }
            Err(reason) => println!("  {name:<52} {reason} {:>12}", ms(ours)),
        }
    }
    ratios.sort_by(f64::total_cmp);
    let middle = (ratios.get(ratios.len().saturating_sub(1) / 2), ratios.get(ratios.len() / 2));
    if let ((Some(lower), Some(upper)), Some(least)) = (middle, ratios.first()) {
        let ratio = (lower + upper) / 2.0;
        let total = both.0.as_secs_f64() / both.1.as_secs_f64();
        println!(
            "{} files that both read: ratio {ratio:.0} (median), {least:.0} (least), {total:.0} (of the total times)",
            ratios.len()
        );
    }
}

/// Programs that run until their steps are spent, or long.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("FOR and NEXT", &["FOR(\"i\",1,10000000)", "NEXT()"]),
    ("cells that count", &["SET.VALUE(C1,C1+1)", "GOTO(A1)"]),
    (
        "letters shifted and joined",
        &[
            "SET.NAME(\"s\",\"\")",
            "FOR(\"i\",1,60)",
            "SET.NAME(\"s\",s&CHAR(CODE(MID(\"a text of some sixty letters, as a macro that hides has one\",i,1))-1))",
            "NEXT()",
            "GOTO(A1)",
        ],
    ),
    ("formulas written and run", &["FORMULA(\"=SET.VALUE(R1C3,R1C3+\"&1&\")\",A2)", "RETURN()", "GOTO(A1)"]),
];

/// Steps of the machine a second: the runs of a program alone, without reading the file.
pub(super) fn print_steps(rounds: usize) {
    println!("\n{:<28} {:>9} {:>12} {:>14}", "macro", "steps", "time", "steps/s");
    for (name, lines) in PROGRAMS {
        let mut book = fixtures::auto_open(State::Visible, lines);
        for name in ["i", "s"] {
            book = book.name(Name::new(name, Tokens::new(Biff::V8)));
        }
        let stream = book.stream();
        let runs: Vec<(u64, Duration)> =
            (0..rounds.max(1)).map(|_| evaluated(&stream, &Limits::default())).collect();
        let took = median(runs.iter().map(|(_, took)| *took).collect());
        let steps = runs.first().map_or(0, |(steps, _)| *steps);
        println!("{name:<28} {steps:>9} {:>12} {:>14.0}", ms(took), steps as f64 / took.as_secs_f64());
    }
}

/// The operations of all runs of the program of a workbook stream, and the time that they took.
fn evaluated(stream: &[u8], limits: &Limits) -> (u64, Duration) {
    let mut budget = Budget::new(limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let (mut book, mut program) = (Workbook::default(), Program::default());
    // A limit leaves less to run; the count of steps says so.
    let _ = biff::read(stream, &mut book, &mut cx);
    let mut cx = cx.for_stage(Stage::Xlm);
    let _ = xlm::read(&book, &mut program, &mut cx);
    let mut evaluation = Evaluation::default();
    let took = time(|| {
        let _ = xlm::evaluate(&book, &program, &Given::default(), &mut evaluation, None, &mut cx);
    });
    (evaluation.steps, took)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_run_until_their_steps_are_spent() {
        let mut limits = Limits::default();
        limits.steps = 400_000;
        for (name, lines) in PROGRAMS {
            let mut book = fixtures::auto_open(State::Visible, lines);
            for name in ["i", "s"] {
                book = book.name(Name::new(name, Tokens::new(Biff::V8)));
            }
            let (steps, _) = evaluated(&book.stream(), &limits);
            assert!(steps > 10_000, "{name}: {steps}");
        }
    }
}
