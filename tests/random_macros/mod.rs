//! Random programs of Excel 4.0 macros, as SYLK files: their formulas are texts, so that none is too
//! odd to be stored.

use std::fmt::Write;

use docsift::xlm::functions;
use proptest::prelude::*;
use proptest::sample::select;

/// Functions that decide what runs, write what runs, or make texts grow.
const BUSY: &[&str] = &[
    "GOTO",
    "RUN",
    "RETURN",
    "HALT",
    "IF",
    "ELSE",
    "ELSE.IF",
    "END.IF",
    "FOR",
    "FOR.CELL",
    "WHILE",
    "NEXT",
    "BREAK",
    "FORMULA",
    "FORMULA.FILL",
    "SET.VALUE",
    "SET.NAME",
    "DEFINE.NAME",
    "EVALUATE",
    "REPT",
    "OFFSET",
    "INDIRECT",
    "SELECT",
    "ACTIVE.CELL",
    "ERROR",
    "WORKBOOK.INSERT",
    "ON.TIME",
    "ARGUMENT",
    "CALL",
    "REGISTER",
    "FOPEN",
    "FWRITELN",
    "FREAD",
    "EXEC",
    "COPY",
    "PASTE",
    "SORT",
    "FILL.DOWN",
    "GET.WORKSPACE",
    "NOW",
];

const OPERANDS: &[&str] = &[
    "R1C1",
    "R2C1",
    "R[-1]C",
    "R[1]C",
    "R1C2:R9C3",
    "C1",
    "R1",
    "RC[1]",
    "n",
    "again()",
    "\"n\"",
    "\"x\"",
    "\"=R1C1\"",
    "\"=GOTO(R1C1)\"",
    "\"=FORMULA(R3C1,R2C1)\"",
    "\"R[1]C\"",
    "TRUE",
    "FALSE",
    "",
    "0",
    "1",
    "3",
    "-1",
    "32767",
    "1E+300",
    "{1,2;3,4}",
    "#N/A",
];

fn formula() -> impl Strategy<Value = String> {
    let all: Vec<&'static str> =
        functions::families().iter().flat_map(|(_, rows)| rows.iter().map(|spec| spec.name)).collect();
    let operand = select(OPERANDS).prop_map(str::to_owned);
    operand.prop_recursive(4, 24, 4, move |inner| {
        let args = || prop::collection::vec(inner.clone(), 0..5).prop_map(|args| args.join(","));
        let signs = select(&["&", "+", "*", "/", "^", "=", "<", ">=", ":", " "][..]);
        prop_oneof![
            4 => (select(BUSY), args()).prop_map(|(name, args)| format!("{name}({args})")),
            3 => (select(all.clone()), args()).prop_map(|(name, args)| format!("{name}({args})")),
            2 => (inner.clone(), signs, inner).prop_map(|(left, sign, right)| format!("({left}{sign}{right})")),
        ]
    })
}

/// A macro sheet with random formulas from R1C1 down, some of them in the next columns, which starts
/// by itself.
pub(crate) fn file() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec((0..3u8, formula()), 1..40), any::<bool>()).prop_map(|(mut cells, again)| {
        if again {
            // Half of the programs end where they began.
            cells.push((0, "GOTO(R1C1)".to_owned()));
        }
        let mut file = String::from("ID;PWXL;N;E\r\nO;L;E;D;V0;K47;G100 0.001\r\n");
        file += "NN;NAuto_open;ER1C1;KOut;F\r\nNN;Nagain;ER2C1;KOut;F\r\n";
        let mut rows = [0u32; 3];
        for (column, formula) in cells {
            let row = &mut rows[usize::from(column)];
            *row += 1;
            // A semicolon ends a field unless it is doubled.
            let formula = formula.replace(';', ";;");
            let _ = write!(file, "C;Y{row};X{};K0;E{formula}\r\n", column + 1);
        }
        file += "E\r\n";
        file.into_bytes()
    })
}
