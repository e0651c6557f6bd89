//! Excel 4.0 macros that are run.

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::documents::biff;
use docsift::documents::workbook::{Sheet, SheetKind, Workbook};
use docsift::xlm::environment::Environment;
use docsift::xlm::functions::{self, Spec};
use docsift::xlm::machine::text::Texts;
use docsift::xlm::machine::{Choices, Machine, Outcome};
use docsift::xlm::trace::Trace;
use docsift::xlm::value::{CellAt, Data};
use docsift::xlm::{self, Evaluation, Given, Program};

/// Operations of one run.
const STEPS: u64 = 20_000;

/// A program of random functions, made of the bytes, within its limits and twice the same; then the
/// bytes as a workbook stream.
pub fn machine(data: &[u8]) {
    let formulas = formulas(data);
    let (first, second) = (run(&formulas), run(&formulas));
    assert_eq!(shown(&first), shown(&second));
    assert!(first.steps <= STEPS);
    assert!(first.done.len() <= 2048 && first.done_len <= 3 << 20);
    stream(data);
}

/// What a run came to, as text.
fn shown(outcome: &Outcome) -> String {
    format!("{:?} {:?} {:?} {}", outcome.done, outcome.decisions, outcome.limit, outcome.formulas)
}

fn run(formulas: &[String]) -> Outcome {
    let mut book = Workbook::default();
    for (name, kind) in [("Macro1", SheetKind::Macro), ("Sheet1", SheetKind::Worksheet)] {
        book.sheets.push(Sheet { name: name.to_owned(), kind, ..Sheet::default() });
    }
    let (environment, choices) = (Environment::default(), Choices::default());
    let mut texts = Texts::default();
    let mut limits = Limits::default();
    limits.steps = 4 * STEPS;
    let mut budget = Budget::for_input(&limits, 1 << 16);
    let mut problems = Problems::default();
    let cx = Cx { part: PartId(0), stage: Stage::Xlm, budget: &mut budget, problems: &mut problems };
    let mut machine = Machine::new(&book, &environment, &choices, &mut texts, STEPS, cx);
    let at = |row: usize| CellAt { sheet: 0, row: u32::try_from(row).unwrap_or(0), column: 0 };
    for (row, formula) in formulas.iter().enumerate() {
        let text = Data::Text(format!("={formula}").into());
        let result = machine.write_cell(at(row), &text.into());
        if result.is_err() {
            return machine.finish(result);
        }
    }
    let result = machine.run(at(0), 0);
    machine.finish(result)
}

/// Formulas: each byte picks a function or an operand.
fn formulas(data: &[u8]) -> Vec<String> {
    let specs: Vec<&Spec> = functions::families().iter().flat_map(|(_, rows)| rows.iter()).collect();
    let mut made = Vec::new();
    let mut operands: Vec<String> = Vec::new();
    for pair in data.chunks(2).take(400) {
        let (kind, choice) = (pair[0], pair.get(1).copied().unwrap_or(0));
        match kind % 8 {
            0..=3 => {
                let spec = specs[(usize::from(kind / 8) * 256 + usize::from(choice)) % specs.len()];
                let count = usize::from(choice % 4).min(operands.len());
                let args = operands.split_off(operands.len() - count);
                operands.push(format!("{}({})", spec.name, args.join(",")));
            }
            4 => operands.push(OPERANDS[usize::from(choice) % OPERANDS.len()].to_owned()),
            5 => operands.push(choice.to_string()),
            6 => {
                let sign = ["+", "-", "*", "/", "^", "&", "=", "<", ">=", ":", " "][usize::from(choice) % 11];
                let (right, left) = (operands.pop(), operands.pop());
                if let (Some(right), Some(left)) = (right, left) {
                    operands.push(format!("({left}{sign}{right})"));
                }
            }
            _ => made.extend(operands.pop()),
        }
    }
    made.extend(operands.pop());
    made.truncate(64);
    made
}

const OPERANDS: [&str; 16] = [
    "A1",
    "A2:B9",
    "Sheet1!C3",
    "Sheet1!A:A",
    "\"x\"",
    "\"=A1\"",
    "\"R[1]C\"",
    "\"n\"",
    "TRUE",
    "",
    "1E300",
    "-1",
    "{1,2;3,4}",
    "n",
    "!A1",
    "#N/A",
];

fn stream(data: &[u8]) {
    let mut limits = Limits::default();
    limits.steps = 400_000;
    let mut budget = Budget::for_input(&limits, data.len());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let mut book = Workbook::default();
    let _ = biff::read(data, &mut book, &mut cx);
    let mut program = Program::default();
    let mut cx = cx.for_stage(Stage::Xlm);
    let _ = xlm::read(&book, &mut program, &mut cx);
    let mut evaluation = Evaluation::default();
    let mut trace = Trace::new(64, 2);
    let _ = xlm::evaluate(&book, &program, &Given::default(), &mut evaluation, Some(&mut trace), &mut cx);
    assert!(evaluation.effects.len() <= 4096);
    assert!(trace.len() <= 64 && trace.runs.len() <= 9);
}
