//! Runs the binary as a person or a script would.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own for each test; gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("docsift-cli-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn docsift<I: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docsift"));
    command.args(args).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run<I: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = I>) -> Ran {
    ran(docsift(args).output().unwrap())
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json_lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lower_first(sentence: &str) -> String {
    sentence[..1].to_lowercase() + &sentence[1..]
}

/// An innocent workbook.
const PLAIN: &[u8] = include_bytes!("../../corpus/synthetic/array-formula.xls");

#[test]
fn one_file_gets_the_answer_first() {
    let folder = Folder::new("one");
    let path = folder.write("plain.xls", PLAIN);
    let ran = run(["scan", text(&path)]);
    let report = docsift::Analyzer::default().analyze(docsift::Input::named(PLAIN, "plain.xls"));
    let answer = format!("{}: {}\n", path.display(), lower_first(&report.verdict.sentence));
    assert!(ran.out.starts_with(&answer), "{}", ran.out);
    assert!(ran.out.contains(&report.input.sha256), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'), "colour without a terminal: {}", ran.out);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn json_is_the_report_of_the_library_on_one_line() {
    let folder = Folder::new("json");
    let path = folder.write("plain.xls", PLAIN);
    let ran = run(["scan", "--json", text(&path)]);
    let report = docsift::Analyzer::default().analyze(docsift::Input::named(PLAIN, "plain.xls"));
    let report: Value = serde_json::from_str(&report.to_json()).unwrap();
    let expected = serde_json::json!({ "path": text(&path), "report": report });
    assert_eq!(json_lines(&ran.out), [expected]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn standard_input_is_read() {
    let mut child = docsift(["scan", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(PLAIN).unwrap();
    let ran = ran(child.wait_with_output().unwrap());
    let report: Value = serde_json::from_str(&docsift::analyze(PLAIN).to_json()).unwrap();
    assert_eq!(json_lines(&ran.out), [serde_json::json!({ "path": "-", "report": report })]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn exit_code_of_each_kind_of_failure() {
    let folder = Folder::new("exits");
    let plain = folder.write("plain", PLAIN);
    let empty = folder.write("empty", b"");
    let missing = folder.0.join("missing");
    let (plain, empty, missing) = (text(&plain), text(&empty), text(&missing));
    let bad_sums = folder.write("sums", b"xyz\n");
    let bad_sums = text(&bad_sums);
    for (args, code, says) in [
        (vec!["scan", plain], 0, ""),
        (vec!["scan", "--quiet", empty], 0, "is empty. If it should not be, fetch it again"),
        (vec!["scan", missing], 2, "cannot be read: No such file or directory"),
        (vec!["scan", missing, plain], 2, "Check the spelling"),
        (vec!["scan", "--max-size", "3", plain], 3, "is larger than 3 bytes and was not read"),
        (vec!["scan", "--max-size", "3", plain, missing], 2, "is larger than 3 bytes"),
        (vec!["scan"], 2, "required"),
        (
            vec!["scan", "--fail-on", "nothing", plain],
            2,
            "possible values: inconclusive, suspicious, malicious",
        ),
        (vec!["scan", "--severity", "XLM001", plain], 2, "expected ID=SEVERITY"),
        (vec!["scan", "--rules-off", "XYZ001", plain], 2, "no rule \"XYZ001\""),
        (vec!["scan", "--allow", missing, plain], 2, "cannot read the allow file"),
        (vec!["scan", "--allow", bad_sums, plain], 2, "line 1: expected 64 hexadecimal digits"),
        (vec!["explain", "XYZ001"], 2, "no rule \"XYZ001\"; `docsift rules` lists them"),
        (vec!["rules"], 0, ""),
        (vec!["completions", "bash"], 0, ""),
        (vec!["--version"], 0, ""),
        (vec!["--help"], 0, ""),
        (vec!["no-such-command"], 2, "unrecognized subcommand"),
    ] {
        let ran = run(&args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
        assert_eq!(ran.err.is_empty(), says.is_empty(), "{args:?}: {}", ran.err);
    }
}

#[test]
fn version_names_what_a_verdict_depends_on() {
    let ran = run(["--version"]);
    let expected = format!(
        "docsift {} (rules {}, policy {}, schema {}, ATT&CK {})\n",
        env!("CARGO_PKG_VERSION"),
        docsift::findings::RULES_VERSION,
        docsift::verdict::POLICY_VERSION,
        docsift::report::SCHEMA_VERSION,
        docsift::findings::ATTACK_VERSION,
    );
    assert_eq!(ran.out, expected);
}

#[test]
fn folder_is_walked_in_path_order_and_summed_up() {
    let folder = Folder::new("folder");
    for name in ["b/2", "a", "b/1", "c/d/e/f"] {
        folder.write(name, PLAIN);
    }
    let ran = run(["scan", "--jobs", "3", text(&folder.0)]);
    let root = folder.0.display();
    let sentence = docsift::analyze(PLAIN).verdict.sentence.replacen("Nothing found: ", "", 1);
    let mut expected = String::new();
    for name in ["a", "b/1", "b/2", "c/d/e/f"] {
        expected += &format!("nothing found   0  {root}/{name}: {sentence}\n");
    }
    expected += "4 files: 0 malicious, 0 suspicious, 0 inconclusive, 4 nothing found, 0 not read\n";
    assert_eq!(ran.out, expected);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn quiet_says_nothing_about_files_below_the_threshold() {
    let folder = Folder::new("quiet");
    folder.write("a", PLAIN);
    let missing = folder.0.join("missing");
    let ran = run(["scan", "--quiet", text(&folder.0), text(&missing)]);
    assert_eq!((ran.code, &*ran.out), (Some(2), ""));
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_in_folders_are_counted_and_not_followed() {
    let folder = Folder::new("links");
    folder.write("in/file", PLAIN);
    std::os::unix::fs::symlink(&folder.0, folder.0.join("in/loop")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("in/endless")).unwrap();
    let ran = run(["scan", text(&folder.0)]);
    assert!(ran.out.ends_with("1 nothing found, 0 not read; 2 links and devices in folders not followed\n"));
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn link_to_nowhere_is_named_and_the_others_go_on() {
    let folder = Folder::new("dangling");
    let link = folder.0.join("dangling");
    std::os::unix::fs::symlink("/nonexistent/target", &link).unwrap();
    let plain = folder.write("plain", PLAIN);
    let ran = run(["scan", "--json", text(&link), text(&plain)]);
    let mut lines = json_lines(&ran.out);
    lines.sort_by_key(|line| line["path"].to_string());
    assert_eq!(ran.code, Some(2));
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["error"].as_str().unwrap().contains("if it is a symbolic link, check where it leads"));
    assert!(lines[1]["report"].is_object());
}

#[cfg(unix)]
#[test]
fn hostile_file_names_do_not_act_on_the_terminal() {
    use std::os::unix::ffi::OsStringExt;
    let folder = Folder::new("names");
    let names: [&[u8]; 3] = [b"a\x1b[2J.xls", "\u{202e}slx.exe".as_bytes(), b"not\xffutf8\n.xls"];
    for name in names {
        fs::write(folder.0.join(std::ffi::OsString::from_vec(name.to_vec())), PLAIN).unwrap();
    }
    let ran = run(["scan", text(&folder.0)]);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.out);
    assert_eq!(ran.out.lines().count(), 4, "{:?}", ran.out);
    let ran = run(["scan", "--json", text(&folder.0)]);
    assert_eq!(json_lines(&ran.out).len(), 3);
}

#[cfg(unix)]
#[test]
fn output_that_is_closed_ends_the_scan_with_a_clear_line() {
    let folder = Folder::new("pipe");
    for number in 0..3000 {
        folder.write(&format!("{number}"), PLAIN);
    }
    let mut child = docsift(["scan", "--json", text(&folder.0)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert_eq!(json_lines(&first).len(), 1);
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains("whoever read the output has closed it"), "{err}");
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_said_to_be() {
    let folder = Folder::new("full");
    let plain = folder.write("plain", PLAIN);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = ran(docsift(["scan", text(&plain)]).stdout(full).output().unwrap());
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot write the output: No space left on device"), "{}", ran.err);
}

#[test]
fn extract_writes_an_index_and_refuses_a_full_folder() {
    let folder = Folder::new("extract");
    let plain = folder.write("plain", PLAIN);
    let target = folder.0.join("out");
    let ran = run(["extract", text(&plain), "-o", text(&target)]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    let index: Value = serde_json::from_str(&fs::read_to_string(target.join("index.json")).unwrap()).unwrap();
    assert_eq!(index["input"]["name"], "plain");
    let files = index["files"].as_array().unwrap();
    assert!(!files.is_empty());
    for file in files {
        let written = fs::metadata(target.join(file["file"].as_str().unwrap())).unwrap();
        assert_eq!(Some(written.len()), file["size"].as_u64(), "{file}");
    }
    let again = run(["extract", text(&plain), "-o", text(&target)]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is not empty; name another folder, or give --force"), "{}", again.err);
    assert_eq!(run(["extract", text(&plain), "-o", text(&target), "--force"]).code, Some(0));
    let missing = run(["extract", text(&folder.0.join("missing")), "-o", text(&folder.0.join("new"))]);
    assert_eq!(missing.code, Some(2));
    assert!(!folder.0.join("new").exists());
}

#[cfg(unix)]
#[test]
fn extract_does_not_write_through_a_link() {
    let folder = Folder::new("through");
    let plain = folder.write("plain", PLAIN);
    let kept = folder.write("kept", b"kept");
    fs::create_dir(folder.0.join("out")).unwrap();
    std::os::unix::fs::symlink(&kept, folder.0.join("out/index.json")).unwrap();
    let ran = run(["extract", text(&plain), "-o", text(&folder.0.join("out")), "--force"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    assert_eq!(fs::read(&kept).unwrap(), b"kept");
}

#[test]
fn rules_and_pages_are_those_of_the_catalogue() {
    let ran = run(["rules", "--json"]);
    let rules: Value = serde_json::from_str(&ran.out).unwrap();
    let ids: Vec<_> = rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let catalogue: Vec<_> = docsift::catalogue().iter().map(|rule| rule.id).collect();
    assert_eq!(ids, catalogue);
    for rule in docsift::catalogue().iter().take(3) {
        let ran = run(["explain", &rule.id.to_lowercase()]);
        assert!(ran.out.starts_with(&format!("{} {}\n", rule.id, rule.name)), "{}", ran.out);
        assert!(ran.out.contains("\n## What it finds\n"), "{}", ran.out);
    }
}

/// The report of the one file that was scanned.
fn report_of(out: &str) -> Value {
    let mut lines = json_lines(out);
    assert_eq!(lines.len(), 1, "{out}");
    lines.remove(0)["report"].take()
}

/// The picture twin, as the corpus has it.
fn picture_twin() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/synthetic/twin-relaunch-picture.xls")
}

#[test]
fn ocr_without_tesseract_says_what_is_missing() {
    let folder = Folder::new("ocr-missing");
    let output = docsift(["scan", "--ocr", text(&picture_twin())]).env("PATH", &folder.0).output().unwrap();
    let ran = ran(output);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("needs the program `tesseract`") && ran.err.contains("tesseract-ocr-eng"),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn ocr_gives_the_picture_to_tesseract_and_looks_for_lures_in_what_it_says() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("ocr-fake");
    let script = "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo 'List of available languages (2):'; echo jpn; echo eng; exit; fi\n\
        [ \"$*\" = 'stdin stdout -l eng+jpn --psm 6' ] || exit 1\n\
        [ \"$(head -c 4 | tail -c 3)\" = PNG ] || exit 1\n\
        printf '%s\\n' 'RELAUNCH REQUIRED. To view this document, copy the file to C:\\Program Files\\Microsoft Office\\root\\Templates and run it again.'\n";
    let program = folder.write("tesseract", script.as_bytes());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.0.display(), std::env::var("PATH").unwrap());
    let ran =
        ran(docsift(["scan", "--json", "--ocr", text(&picture_twin())]).env("PATH", path).output().unwrap());
    let report = report_of(&ran.out);
    let findings = report["findings"].as_array().unwrap();
    let lures = findings.iter().filter(|finding| finding["rule"] == "LUR001");
    let messages: Vec<&str> = lures.filter_map(|lure| lure["message"].as_str()).collect();
    assert_eq!(
        messages,
        [
            "visible text in English asks to copy the file into a folder that Office trusts and to open it again \
             from there (relaunch-from-trusted-folder)",
            "visible text in English says that the document has to be started again from another place \
             (relaunch-required)",
        ]
    );
    let read = report["text"].as_array().unwrap().iter().find(|run| run["source"] == "picture").unwrap();
    assert_eq!(read["location"]["part"], report["pictures"][0]["part"]);
}

#[test]
fn known_lures_are_told_by_the_file_that_the_caller_gives() {
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/synthetic/lure-known-picture.xls");
    let plain = run(["scan", "--json", text(&picture)]);
    let report = report_of(&plain.out);
    assert_eq!((plain.code, &report["verdict"]["level"]), (Some(0), &Value::from("nothing_found")));
    let folder = Folder::new("known-lures");
    let picture_of = |key: &str| report["pictures"][0][key].as_str().unwrap().to_owned();
    for line in [picture_of("sha256"), format!("dhash:{}", picture_of("dhash"))] {
        let known = folder.write("known", format!("# seen in May\n{line}\n").as_bytes());
        let ran = run(["scan", "--json", "--known-lures", text(&known), text(&picture)]);
        let report = report_of(&ran.out);
        assert_eq!((ran.code, &report["verdict"]["decided_by"]), (Some(1), &serde_json::json!(["LUR009"])));
    }
    let bad = folder.write("bad", b"no hash\n");
    let ran = run(["scan", "--known-lures", text(&bad), text(&picture)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("bad, line 1: expected 64 hexadecimal digits"), "{}", ran.err);
}

#[test]
fn ocr_reads_the_lure_in_the_picture_of_the_twin() {
    let there = Command::new("tesseract")
        .arg("--list-langs")
        .output()
        .is_ok_and(|listed| String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.trim() == "eng"));
    let plain = run(["scan", "--json", text(&picture_twin())]);
    assert!(!plain.out.contains("LUR001"));
    if !there {
        return;
    }
    let read = run(["scan", "--json", "--ocr", text(&picture_twin())]);
    assert!(read.out.contains("LUR001"), "{}", read.out);
}

/// A workbook that runs a program on Japanese systems only.
const JAPAN: &[u8] = include_bytes!("../../corpus/synthetic/run-japan-only.xls");
/// The same kind of workbook with a loop that decodes its command.
const LOOP: &[u8] = include_bytes!("../../corpus/synthetic/run-while-loop.xls");
/// A mail with an archive with a workbook.
const MAIL: &[u8] = include_bytes!("../../corpus/synthetic/mail-delivery-english.eml");

#[test]
fn trace_shows_the_run_cell_by_cell_and_the_other_side() {
    let folder = Folder::new("trace");
    let path = folder.write("japan.xls", JAPAN);
    let ran = run(["trace", text(&path)]);
    let shown = ran.out.split_once("\n\n").unwrap().1;
    let expected = "\
japan.xls!/Workbook
  on open: Auto_Open = Macro1!$A$1

  Run 1: on the desktop that is assumed
    when the workbook is opened
        0 Macro1!A1 =SET.VALUE(D1:E1,GET.WORKSPACE(37))
            = TRUE
            sets cell Macro1!D1 to 1
            sets cell Macro1!E1 to 1
        1 Macro1!A2 =IF(E1<>81,HALT(),)
            = TRUE
            if GET.WORKSPACE(37)<>81 is TRUE
    nothing was seen to start these
        2 Macro1!A3 =EXEC(\"oxnv1.exe\")
            = 33
            run: EXEC(oxnv1.exe)
        3 Macro1!A4 =RETURN()
            = TRUE
    what it asked of its surroundings, and what is assumed
      GET.WORKSPACE(37): 1
      task of oxnv1.exe: 33

  Run 2: where GET.WORKSPACE(37)<>81 is FALSE
    1 steps before are those of a run above
    when the workbook is opened
        1 Macro1!A2 =IF(E1<>81,HALT(),)
            = empty
            if GET.WORKSPACE(37)<>81 is FALSE, taken as the other side
        2 Macro1!A3 =EXEC(\"oxnv1.exe\")
            = 33
            run: EXEC(oxnv1.exe)
        3 Macro1!A4 =RETURN()
            = TRUE
";
    assert_eq!(shown, expected);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn trace_is_the_same_as_that_of_the_library_on_one_line() {
    let folder = Folder::new("trace-json");
    let path = folder.write("japan.xls", JAPAN);
    let ran = run(["trace", "--json", text(&path)]);
    let input = docsift::Input::named(JAPAN, "japan.xls");
    let trace = docsift::Analyzer::default().trace(input, docsift::TraceOptions::default());
    assert_eq!(ran.out, format!("{}\n", trace.to_json()));
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn trace_finds_the_workbook_inside_a_mail() {
    let folder = Folder::new("trace-mail");
    let path = folder.write("order.eml", MAIL);
    let ran = run(["trace", "--json", text(&path)]);
    let trace = &json_lines(&ran.out)[0];
    let book = &trace["workbooks"][0];
    assert_eq!(book["path"], "order.eml!/X8099607585O.zip!/X8099607585O.xls!/Workbook");
    let steps = book["runs"][0]["steps"].as_array().unwrap();
    let done: Vec<&str> = steps
        .iter()
        .flat_map(|step| step["effects"].as_array().into_iter().flatten())
        .map(|effect| effect["kind"].as_str().unwrap())
        .collect();
    assert_eq!(done, ["fetch", "run"].repeat(4));
    assert_eq!((ran.code, trace["complete"].as_bool()), (Some(0), Some(true)));
}

#[test]
fn trace_says_how_much_it_leaves_out() {
    let folder = Folder::new("trace-steps");
    let path = folder.write("loop.xls", LOOP);
    let steps = |args: &[&str]| -> (usize, u64, u64) {
        let ran = run(["trace", "--json", text(&path)].iter().chain(args));
        let trace = &json_lines(&ran.out)[0];
        let of_run = &trace["workbooks"][0]["runs"][0];
        let count = |field: &str| of_run[field].as_u64().unwrap();
        (of_run["steps"].as_array().unwrap().len(), count("steps_left_out"), count("passed_over"))
    };
    let (all, left_out, passed_over) = steps(&["--loops"]);
    assert_eq!((left_out, passed_over), (0, 0));
    let (kept, left_out, passed_over) = steps(&[]);
    assert!(kept < all, "{kept} of {all}");
    assert_eq!((left_out, kept as u64 + passed_over), (0, all as u64));
    assert_eq!(steps(&["--loops", "--steps", "3"]), (3, all as u64 - 3, 0));
    let ran = run(["trace", "--loops", "--steps", "3", text(&path)]);
    let note =
        format!("and {} more steps that are not shown; --steps N shows N of all runs together", all - 3);
    assert!(ran.out.contains(&note), "{}", ran.out);
    let ran = run(["trace", text(&path)]);
    assert!(ran.out.contains("steps of loops are passed over; --loops shows them"), "{}", ran.out);
}

#[test]
fn trace_says_why_there_is_nothing_to_trace() {
    let folder = Folder::new("trace-nothing");
    let said = |name: &str, bytes: &[u8]| {
        let path = folder.write(name, bytes);
        let ran = run(["trace", text(&path)]);
        let head = ran.out.lines().next().unwrap().to_owned();
        (head.split_once(": ").unwrap().1.to_owned(), ran.code)
    };
    assert_eq!(
        said("plain.xls", PLAIN),
        ("nothing to trace: it holds no Excel 4.0 macro sheet".to_owned(), Some(0))
    );
    let vba = include_bytes!("../../corpus/synthetic/vba-write-run.xls");
    assert_eq!(
        said("vba.xls", vba),
        (
            "nothing to trace: it holds no Excel 4.0 macro sheet; its VBA macros are not run, and `docsift scan` \
             says what their text shows"
                .to_owned(),
            Some(0)
        )
    );
    assert_eq!(
        said("text.xls", b"not a workbook"),
        (
            "nothing to trace: it holds no workbook that was read; but not everything in it was read"
                .to_owned(),
            Some(3)
        )
    );
}

#[test]
fn another_desktop_changes_the_run() {
    let folder = Folder::new("desktop");
    let path = folder.write("japan.xls", JAPAN);
    let desktop =
        folder.write("desktop.conf", "# Tokyo\nexcel_country = 81\ncountry = 81\ncurrency = ¥\n".as_bytes());
    let ran = run(["trace", "--json", "--environment", text(&desktop), text(&path)]);
    let trace = &json_lines(&ran.out)[0];
    let first = trace["workbooks"][0]["runs"][0]["steps"].as_array().unwrap();
    let effects: Vec<&Value> = first.iter().filter_map(|step| step.get("effects")).collect();
    assert_eq!(
        effects,
        [&serde_json::json!([
            { "kind": "run", "text": "EXEC(oxnv1.exe)", "cell": "Macro1!A3" }
        ])]
    );
    let ran = run(["scan", "--json", "--environment", text(&desktop), text(&path)]);
    let report = &json_lines(&ran.out)[0]["report"];
    let ran_at =
        report["behaviour"].as_array().unwrap().iter().find(|effect| effect["kind"] == "run").unwrap();
    assert_eq!(ran_at["condition"], "GET.WORKSPACE(37)<>81 is FALSE");
}

#[test]
fn a_desktop_that_cannot_be_used_is_told() {
    let folder = Folder::new("desktop-bad");
    let path = folder.write("plain.xls", PLAIN);
    let desktop = folder.write("desktop.conf", b"user = anna\nmouse = maybe\n");
    for command in ["scan", "trace"] {
        let ran = run([command, "--environment", text(&desktop), text(&path)]);
        let expected = format!(
            "docsift: the environment file {}, line 2: mouse is yes or no, not \"maybe\"\n",
            desktop.display()
        );
        assert_eq!((ran.code, ran.err, ran.out.as_str()), (Some(2), expected, ""));
    }
    let missing = folder.0.join("missing.conf");
    let ran = run(["trace", "--environment", text(&missing), text(&path)]);
    assert!(ran.err.starts_with("docsift: cannot read the environment file "), "{}", ran.err);
    assert_eq!(ran.code, Some(2));
}
