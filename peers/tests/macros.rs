//! What Excel 4.0 macros of published simulations do, against what XLMMacroDeobfuscator makes of them.
//!
//! The samples stand beside the repository (`../shared/samples`); without them the tests say so and
//! pass.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use docsift::report::{Effect, Report};
use serde_json::Value;

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    if !root.join("manifest.tsv").is_file() {
        println!("skipped: no samples at {}", root.display());
        return None;
    }
    Some(root)
}

fn report(root: &Path, path: &str) -> Report {
    docsift::analyze(&std::fs::read(root.join(path)).unwrap())
}

/// What the machine found, as lines of kind, cell and text, without what is put into memory. What a
/// command line comes to stands at the same cell.
fn evaluated(report: &Report) -> Vec<String> {
    let effects = report.behaviour.iter().filter(|effect| effect.basis == "evaluated");
    effects.map(shown).collect()
}

fn shown(effect: &Effect) -> String {
    let cell = effect.location.cell.as_deref().unwrap_or("?");
    let cell = cell.rsplit_once('!').map_or(cell, |(_, cell)| cell);
    let shown = if effect.kind == "inject" { 40 } else { usize::MAX };
    let text: String = effect.text.chars().take(shown).collect();
    let text = text.trim_end();
    format!("{} {cell} {text}", effect.kind)
}

/// What a published simulation does in the end: the last things that it does, in order. The numbers
/// are rows of column A.
enum End {
    /// A script is run, deleted, and what the command line comes to.
    Script(u32, u32),
    /// A command line is run, and what it comes to.
    Command(u32),
    /// Memory is taken, filled, and a thread is started in it.
    Memory(u32, u32, u32),
    /// These lines.
    Lines(&'static [&'static str]),
}

impl End {
    fn lines(&self) -> Vec<String> {
        const SCRIPT: &str = "C:\\Windows\\system32\\cscript.exe";
        match *self {
            End::Script(run, delete) => vec![
                format!(
                    "run A{run} Shell32.ShellExecuteA(0, open, {SCRIPT}, c:\\Users\\Public\\testing.vbs)"
                ),
                format!("delete A{delete} FILE.DELETE(c:\\\\Users\\\\Public\\\\testing.vbs)"),
                format!("run A{run} {SCRIPT} c:\\Users\\Public\\testing.vbs"),
            ],
            End::Command(run) => vec![
                format!(
                    "run A{run} EXEC(powershell.exe -enc \
                     cwB0AGEAcgB0AC0AcAByAG8AYwBlAHMAcwAgAGMAYQBsAGMALgBlAHgAZQA=)"
                ),
                format!("run A{run} calc.exe"),
            ],
            End::Memory(take, fill, start) => vec![
                format!("inject A{take} Kernel32.VirtualAlloc(0, 800000, 4096, 6"),
                format!("inject A{fill} Kernel32.WriteProcessMemory(-1, 4250404,"),
                format!("inject A{start} Kernel32.CreateThread(0, 0, 4194304, 0,"),
            ],
            End::Lines(lines) => lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }
}

const MESSAGE: End = End::Lines(&["alert A1 ALERT(This is a sample Excel 4 macro)"]);

/// The end of every sample with Excel 4.0 macros. Nothing stops the machine before any of them; what
/// four of the scripts are downloaded from (`{FILES ...}`) is the name of a file beside the workbook,
/// which nobody can know from the workbook alone.
const FINAL: &[(&str, End)] = &[
    ("Auto_DownloadFile.xlsm", End::Script(41, 43)),
    ("Auto_DownloadFileGithub.xlsm", End::Script(39, 41)),
    ("Auto_MemoryInjection.xlsm", End::Memory(41, 46, 50)),
    ("Auto_SimpleExecution.xlsm", End::Command(65)),
    (
        "clean.xls",
        End::Lines(&[
            "alert A3 ALERT(TRUE is editing document.xls)",
            "alert A3 ALERT({GET.DOCUMENT(36)} is editing document.xls)",
        ]),
    ),
    ("clean1.xlsm", End::Lines(&["alert G1 ALERT(Upadting Calcuations)"])),
    ("clean2.xlsm", End::Lines(&["alert G1 ALERT(Upadting Calcuations)", "close A1 CLOSE()"])),
    ("DownloadFile.xls", End::Script(4, 6)),
    ("DownloadFileGithub.xls", End::Script(2, 4)),
    ("DownloadFileObfuscated.xls", End::Script(41, 43)),
    ("DownloadFileObfuscatedGitHUB.xls", End::Script(39, 41)),
    ("DownloadFileObfuscatedHidden.xls", End::Script(41, 43)),
    ("DownloadFileObfuscatedVeryHidden.xls", End::Script(41, 43)),
    ("SimpleExecution.xls", End::Command(1)),
    ("SimpleExecutionObfuscated.xls", End::Command(65)),
    ("SimpleExecutionObfuscatedHidden.xls", End::Command(65)),
    ("SimpleExecutionObfuscatedVeryHidden - Copy.xls", End::Command(65)),
    ("VirtualAlloc.xls", End::Memory(5, 10, 14)),
    ("VirtualAllocObfuscated.xls", End::Memory(41, 46, 50)),
    ("VirtualAllocObfuscatedHidden.xls", End::Memory(41, 46, 50)),
    ("VirtualAllocObfuscatedVeryHidden.xls", End::Memory(41, 46, 50)),
    ("excel4_sample_macro.slk", MESSAGE),
    ("excel4_sample_macro.xls", MESSAGE),
    ("excel4_sample_macro.xlsb", MESSAGE),
    ("excel4_sample_macro.xlsm", MESSAGE),
    ("excel4_sample_macro.xlt", MESSAGE),
    ("excel4_sample_macro.xltm", MESSAGE),
    ("excel4_sample_macro_excel5_format.xls", MESSAGE),
    // Formulas that only compute.
    ("array_record.biff8", End::Lines(&[])),
    ("assign.biff8", End::Lines(&[])),
];

const VBA: &str = "its list is empty: no name starts the macro, VBA does";
const GOTO: &str = "its list ends at the first GOTO";
const LOOPS: &str = "its list ends in the loops before the call";
const HARMLESS: &str = "nothing but cells, and a message";

/// Files for which XLMMacroDeobfuscator's list shows no call that does something outside the cells,
/// and how far it comes.
const NO_PEER: &[(&str, &str)] = &[
    ("Auto_DownloadFile.xlsm", VBA),
    ("Auto_DownloadFileGithub.xlsm", VBA),
    ("Auto_MemoryInjection.xlsm", VBA),
    ("Auto_SimpleExecution.xlsm", VBA),
    ("clean.xls", HARMLESS),
    ("clean2.xlsm", HARMLESS),
    ("DownloadFile.xls", "it ends with an error in the first cell"),
    ("DownloadFileObfuscated.xls", GOTO),
    ("DownloadFileObfuscatedGitHUB.xls", GOTO),
    ("DownloadFileObfuscatedHidden.xls", GOTO),
    ("DownloadFileObfuscatedVeryHidden.xls", GOTO),
    ("SimpleExecutionObfuscated.xls", LOOPS),
    ("SimpleExecutionObfuscatedHidden.xls", LOOPS),
    ("SimpleExecutionObfuscatedVeryHidden - Copy.xls", LOOPS),
    ("VirtualAllocObfuscated.xls", GOTO),
    ("VirtualAllocObfuscatedHidden.xls", GOTO),
    ("VirtualAllocObfuscatedVeryHidden.xls", GOTO),
];

#[test]
fn the_end_of_each_simulation_is_found() {
    let Some(root) = samples() else { return };
    let mut found = Vec::new();
    let mut wrong = String::new();
    for (path, kind) in simulations(&root) {
        let report = report(&root, &path);
        let all = evaluated(&report);
        let does = |line: &&String| {
            ["run ", "fetch ", "inject ", "delete ", "write "].iter().any(|kind| line.starts_with(kind))
        };
        let mut last: Vec<&String> = all.iter().filter(does).collect();
        if last.is_empty() {
            last = all.iter().collect();
        }
        if kind == "benign" {
            assert!(!all.iter().any(|line| does(&line)), "{path}: {all:?}");
        }
        let known = FINAL.iter().find(|(name, _)| path.rsplit('/').next() == Some(name));
        let expected = known.map(|(_, end)| end.lines());
        let from = last.len().saturating_sub(expected.as_ref().map_or(0, Vec::len));
        let ours: Vec<String> = last[from..].iter().map(|line| (*line).clone()).collect();
        if expected.as_ref() != Some(&ours) {
            let _ = writeln!(wrong, "{path}: {ours:?}, expected {expected:?}");
        }
        found.push(path);
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(found.len(), FINAL.len());
}

/// Samples of the manifest that have Excel 4.0 macros, with their label.
fn simulations(root: &Path) -> Vec<(String, String)> {
    let manifest = std::fs::read_to_string(root.join("manifest.tsv")).unwrap();
    let rows = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[0].starts_with("poc/") && row[9] == "yes" && row[10] == "no");
    rows.map(|row| (row[0].to_owned(), row[7].to_owned())).collect()
}

/// A call that does something, of a line of the peer's list: the cell, and the texts in quotes.
fn call(line: &str) -> Option<(String, Vec<String>)> {
    let mut parts = line.splitn(3, ',').map(str::trim);
    let (cell, how, formula) = (parts.next()?, parts.next()?, parts.next()?);
    let cell = cell.strip_prefix("CELL:")?.trim();
    if how == "Error" || how == "End" {
        return None;
    }
    let plain = formula.trim_start_matches('=');
    let calls = ["EXEC(", "CALL(", "REGISTER(", "ALERT(", "FILE.DELETE(", "FOPEN(", "Kernel32.", "Shell32."];
    if !calls.iter().any(|call| plain.starts_with(call)) {
        return None;
    }
    let quoted = plain.split('"').skip(1).step_by(2).filter(|text| !text.is_empty());
    Some((cell.to_owned(), quoted.map(str::to_owned).collect()))
}

#[test]
fn nothing_that_the_deobfuscator_resolves_is_missed() {
    let Some(root) = samples() else { return };
    let oracle = std::fs::read_to_string(root.join("oracle/xlm.jsonl")).unwrap();
    let (mut calls, mut missed, mut nothing) = (0, Vec::new(), Vec::new());
    for line in oracle.lines() {
        let oracle: Value = serde_json::from_str(line).unwrap();
        let path = oracle["path"].as_str().unwrap();
        let lines = oracle["deobfuscated"].as_array().map_or(&[][..], Vec::as_slice);
        let theirs: Vec<_> = lines.iter().filter_map(|line| call(line.as_str()?)).collect();
        if oracle["decrypted"] == true
            || !path.starts_with("poc/")
            || oracle["cells"].as_array().is_none_or(Vec::is_empty)
        {
            continue;
        }
        if theirs.is_empty() {
            nothing.push(path.rsplit('/').next().unwrap_or(path).to_owned());
        }
        let report = report(&root, path);
        let effects = || report.behaviour.iter().filter(|effect| effect.basis == "evaluated");
        for (cell, texts) in theirs {
            calls += 1;
            let at = |effect: &&Effect| {
                effect.location.cell.as_deref().is_some_and(|own| own.rsplit('!').next() == Some(&cell))
            };
            let types = |effect: &Effect| effect.detail.as_ref().and_then(|detail| detail.types.clone());
            let all = |effect: &Effect| {
                let own = types(effect);
                texts.iter().all(|text| effect.text.contains(text.as_str()) || own.as_ref() == Some(text))
            };
            if !effects().filter(at).any(all) {
                let ours: Vec<_> = effects().filter(at).map(|effect| &effect.text).collect();
                missed.push(format!("{path} {cell}: {texts:?}, ours {ours:?}"));
            }
        }
    }
    println!("{calls} calls of the peer are found");
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(calls, 15);
    let known: Vec<&str> = NO_PEER.iter().map(|(path, _)| *path).collect();
    assert_eq!(nothing, known);
}
