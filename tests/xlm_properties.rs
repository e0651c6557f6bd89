//! Random programs of macros: each ends within its limits, and says the same twice.

mod random_macros;

use docsift::{Analyzer, Options};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// Steps of one analysis: fewer than the default, so that a debug build runs many programs.
const STEPS: u64 = 400_000;

fn analyzer() -> Analyzer {
    let mut options = Options::default();
    options.limits.steps = STEPS;
    Analyzer::new(options).expect("the options are right")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_program_of_random_functions_ends_within_its_limits_and_says_the_same_twice(
        file in random_macros::file()
    ) {
        let analyzer = analyzer();
        let (first, steps) = analyzer.analyze_counting(&file);
        prop_assert!(steps <= STEPS, "{steps} steps");
        let (second, again) = analyzer.analyze_counting(&file);
        prop_assert_eq!(steps, again);
        prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
        // A run that a limit stopped is told, so that it is never called clean.
        let stopped = first.problems.iter().any(|problem| problem.kind == "limit_reached");
        prop_assert!(!stopped || !first.verdict.complete);
    }
}

#[test]
fn random_programs_do_what_macros_do() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let analyzer = analyzer();
    let (mut effects, mut limits, mut started) = (0, 0, 0);
    for _ in 0..120 {
        let file = random_macros::file().new_tree(&mut runner).unwrap().current();
        let report = analyzer.analyze(&file);
        started += usize::from(report.active_content.has_xlm);
        effects += report.behaviour.iter().filter(|effect| effect.basis == "evaluated").count();
        limits += report.problems.iter().filter(|problem| problem.kind == "limit_reached").count();
    }
    // The programs are worth running: macros, with effects, and some that do not end.
    assert_eq!(started, 120);
    assert!(effects > 20 && limits > 3, "{effects} effects, {limits} limits");
}
