//! Addresses, paths and commands that stand in text.
//!
//! One pass over the text stops at the few characters that every indicator must have (`:`, `\`,
//! `%`, a dot between digits, a dot before an executable extension, a space before an argument)
//! and looks around there, never further than [`MAX_VALUE`] bytes. Hosts come only out of
//! addresses, network paths and dotted numbers: `Me.Range` is no host.
//!
//! An indicator says that something is named, not that it is bad; well-known namespaces are kept
//! and marked.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod address;
pub mod command;
mod defang;
mod fold;
mod launchers;
mod scan;

use std::collections::BTreeMap;

use crate::base::{Cx, LimitHit, Location};

pub use address::Host;
pub use defang::{defang, is_well_known};
pub use fold::fold_command;
pub use launchers::{Mention, MentionClass, launchers};

/// Longest value in bytes; longer ones are cut.
pub const MAX_VALUE: usize = 2048;

/// What a byte of text costs, in bytes that are only looked at: measured.
const TEXT_COST: usize = 4;

/// Something that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Indicator {
    /// What kind of thing.
    pub kind: IndicatorKind,
    /// It, as a program would use it: `hxxp` and `[.]` are undone.
    pub value: String,
    /// It, so that nothing makes a link of it.
    pub defanged: String,
    /// The text in which it was first seen.
    pub location: Location,
    /// How often it was seen.
    pub count: u64,
    /// How it stood there.
    pub form: Form,
    /// Whether it leads to a host that ordinary documents name (XML namespaces, help pages).
    pub well_known: bool,
    /// What it is for, where what the macros do tells that.
    pub role: Option<Role>,
    /// What that hangs on.
    pub condition: Option<String>,
}

/// What an indicator is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// What is fetched.
    Payload,
    /// What is fetched to the same file when the first address fails.
    Fallback,
    /// What is asked to see whether the network is there.
    ConnectivityCheck,
    /// The name of an XML namespace, which nothing fetches.
    Namespace,
}

impl Role {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Role::Payload => "payload",
            Role::Fallback => "fallback",
            Role::ConnectivityCheck => "connectivity_check",
            Role::Namespace => "namespace",
        }
    }
}

/// The host of an address, as the indicator of it has it: a name, or an IP address in the usual
/// writing.
pub fn host_in(url: &str) -> Option<(IndicatorKind, String)> {
    let (_, rest) = url.split_once("://")?;
    Some(match Host::parse(address::host_of(address::authority_of(rest)))? {
        Host::Name(name) => (IndicatorKind::Host, name.to_lowercase()),
        Host::V4 { address, .. } => (IndicatorKind::Ip, address.to_string()),
        Host::V6(address) => (IndicatorKind::Ip, address.to_string()),
    })
}

/// Kinds of indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IndicatorKind {
    /// An address with a scheme: `http`, `https`, `ftp`, `file` and others.
    Url,
    /// The host of an address or network path, if it is a name.
    Host,
    /// An IP address, alone or as the host of an address or network path.
    Ip,
    /// A path on another machine: `\\host\share\..`.
    UncPath,
    /// A path on this machine: `C:\..`, `%APPDATA%\..`, `..\..`.
    FilePath,
    /// A program of [`launchers`] with its arguments.
    Command,
    /// The bare name of a file that can be run.
    Executable,
}

impl IndicatorKind {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            IndicatorKind::Url => "url",
            IndicatorKind::Host => "host",
            IndicatorKind::Ip => "ip",
            IndicatorKind::UncPath => "unc_path",
            IndicatorKind::FilePath => "file_path",
            IndicatorKind::Command => "command",
            IndicatorKind::Executable => "executable",
        }
    }
}

/// How an indicator stood in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Form {
    /// As it is.
    Plain,
    /// Defanged: `hxxp`, `[.]`.
    Defanged,
    /// As a number that stands for an IP address: `0xb907d607`.
    Numeric,
    /// With characters that a command line drops: `^` and quotes.
    Broken,
}

/// All indicators of an analysis, each once, in the order in which they were first seen.
#[derive(Debug, Default)]
pub struct Indicators {
    list: Vec<Indicator>,
    seen: BTreeMap<(IndicatorKind, String), usize>,
    value_bytes: usize,
    omitted: u64,
}

/// Why an indicator is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndicatorError {
    /// The list is full.
    #[error("more than {count} indicators or {bytes} bytes of them: further ones are only counted")]
    Full {
        /// How many are kept.
        count: usize,
        /// How many bytes their values may have in all.
        bytes: usize,
    },
}

impl Indicators {
    /// How many are kept.
    pub const KEPT: usize = 10_000;
    /// Bytes that the values of those kept may have in all.
    pub const KEPT_BYTES: usize = 2 << 20;

    /// Those that are kept.
    pub fn list(&self) -> &[Indicator] {
        &self.list
    }

    /// How many sightings of others were not kept because the list was full.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Adds one, or counts it when it is there. A full list is told once, as unread: a rule could
    /// miss what is not in it.
    pub fn add(&mut self, kind: IndicatorKind, value: &str, form: Form, at: &Location, cx: &mut Cx<'_>) {
        let mut len = value.len().min(MAX_VALUE);
        while !value.is_char_boundary(len) {
            len = len.saturating_sub(1);
        }
        let value = value.get(..len).unwrap_or_default();
        // Hosts do not differ by case.
        let value = match kind {
            IndicatorKind::Host | IndicatorKind::Ip | IndicatorKind::Executable => value.to_lowercase(),
            _ => value.to_owned(),
        };
        let key = (kind, value);
        if let Some(known) = self.seen.get(&key).and_then(|index| self.list.get_mut(*index)) {
            known.count = known.count.saturating_add(1);
            return;
        }
        let value_bytes = self.value_bytes.saturating_add(key.1.len());
        if self.list.len() >= Self::KEPT || value_bytes > Self::KEPT_BYTES {
            self.omitted = self.omitted.saturating_add(1);
            if self.omitted == 1 {
                let full = IndicatorError::Full { count: Self::KEPT, bytes: Self::KEPT_BYTES };
                cx.abandoned(0..0, &full);
            }
            return;
        }
        self.value_bytes = value_bytes;
        self.seen.insert(key.clone(), self.list.len());
        let (_, value) = key;
        self.list.push(Indicator {
            kind,
            defanged: defang(kind, &value),
            location: at.clone(),
            count: 1,
            form,
            well_known: is_well_known(kind, &value),
            value,
            role: None,
            condition: None,
        });
    }

    /// Gives one its role. The first role counts: what is fetched in any way is the payload. A
    /// condition counts only while all that name it have one.
    pub fn give(&mut self, kind: IndicatorKind, value: &str, role: Role, condition: Option<String>) {
        let index = self.seen.get(&(kind, value.to_owned()));
        let Some(known) = index.and_then(|index| self.list.get_mut(*index)) else { return };
        match known.role {
            None => (known.role, known.condition) = (Some(role), condition),
            Some(before) => {
                known.role = Some(before.min(role));
                known.condition = known.condition.take().filter(|_| condition.is_some());
            }
        }
    }

    /// Addresses of namespaces are no more than names.
    pub fn mark_namespaces(&mut self) {
        const NAMES: [&str; 5] =
            ["://schemas.", "://www.w3.org/", "://purl.org/", "://ns.adobe.com/", "://purl.oclc.org/"];
        for known in self.list.iter_mut().filter(|known| known.role.is_none() && known.well_known) {
            let is_name = NAMES.iter().any(|name| known.value.contains(name));
            if known.kind == IndicatorKind::Url && is_name {
                known.role = Some(Role::Namespace);
            }
        }
    }
}

/// Finds indicators in text. Holds nothing; one may be made for each use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extractor;

impl Extractor {
    /// An extractor.
    pub fn new() -> Self {
        Extractor
    }

    /// Adds what `text`, which stands at `at`, names.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last; `into` keeps what was found before.
    pub fn extract(
        &self,
        text: &str,
        at: &Location,
        into: &mut Indicators,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        cx.budget.touch(text.len().saturating_mul(TEXT_COST))?;
        scan::scan(text, at, into, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, LimitKind, Limits, PartId, ProblemKind, Problems, Stage};
    use proptest::prelude::*;

    fn extract(text: &str) -> Indicators {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(1), stage: Stage::Text, budget: &mut budget, problems: &mut problems };
        let mut found = Indicators::default();
        Extractor::new().extract(text, &Location::line(PartId(1), 7), &mut found, &mut cx).unwrap();
        found
    }

    fn values(text: &str) -> Vec<(IndicatorKind, String)> {
        extract(text).list().iter().map(|found| (found.kind, found.value.clone())).collect()
    }

    fn check(text: &str, expected: &[(IndicatorKind, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect();
        assert_eq!(values(text), expected, "{text}");
    }

    use IndicatorKind::{Command, Executable, FilePath, Host, Ip, UncPath, Url};

    #[test]
    fn address_and_host_carry_place_count_and_defanged_value() {
        let found = extract("=HYPERLINK(\"http://Evil.example/a.dll\") http://Evil.example/a.dll");
        let url = Indicator {
            kind: Url,
            value: "http://Evil.example/a.dll".into(),
            defanged: "hxxp://Evil[.]example/a.dll".into(),
            location: Location::line(PartId(1), 7),
            count: 2,
            form: Form::Plain,
            well_known: false,
            role: None,
            condition: None,
        };
        let host = Indicator {
            kind: Host,
            value: "evil.example".into(),
            defanged: "evil[.]example".into(),
            ..url.clone()
        };
        assert_eq!(found.list(), [url, host]);
    }

    #[test]
    fn role_is_given_once_and_a_condition_counts_while_all_have_one() {
        let mut found = extract("http://0xC0000207/a http://one.example/b http://www.w3.org/1999/xhtml");
        let when = || Some("a mouse is there".to_owned());
        assert_eq!(host_in("http://0xC0000207:80/a"), Some((Ip, "192.0.2.7".to_owned())));
        found.give(Url, "http://0xC0000207/a", Role::Payload, when());
        found.give(Ip, "192.0.2.7", Role::Payload, when());
        found.give(Ip, "192.0.2.7", Role::Fallback, None);
        found.give(Url, "http://one.example/b", Role::Fallback, None);
        found.mark_namespaces();
        let roles: Vec<_> = found
            .list()
            .iter()
            .map(|found| (found.value.as_str(), found.role, found.condition.clone()))
            .collect();
        assert_eq!(
            roles,
            [
                ("http://0xC0000207/a", Some(Role::Payload), when()),
                ("192.0.2.7", Some(Role::Payload), None),
                ("http://one.example/b", Some(Role::Fallback), None),
                ("one.example", None, None),
                ("http://www.w3.org/1999/xhtml", Some(Role::Namespace), None),
                ("www.w3.org", None, None),
            ]
        );
    }

    #[test]
    fn sentence_and_brackets_around_an_address_stay_out() {
        check("(see http://a.example/b_(c).)", &[(Url, "http://a.example/b_(c)"), (Host, "a.example")]);
        check("<http://a.example>, or", &[(Url, "http://a.example"), (Host, "a.example")]);
        check("http://a.exampleを開く", &[(Url, "http://a.example"), (Host, "a.example")]);
        check("http://例え.example/を", &[(Url, "http://例え.example/"), (Host, "例え.example")]);
    }

    #[test]
    fn list_of_addresses_is_taken_apart() {
        check(
            "http://a.example/1@https://b.example/2*http://c.example/3",
            &[
                (Url, "http://a.example/1"),
                (Host, "a.example"),
                (Url, "https://b.example/2"),
                (Host, "b.example"),
                (Url, "http://c.example/3"),
                (Host, "c.example"),
            ],
        );
    }

    #[test]
    fn address_inside_an_address_is_found_too() {
        check(
            "https://a.example/?u=http://b.example/x",
            &[
                (Url, "https://a.example/?u=http://b.example/x"),
                (Host, "a.example"),
                (Url, "http://b.example/x"),
                (Host, "b.example"),
            ],
        );
    }

    #[test]
    fn numeric_host_gives_the_address_it_stands_for() {
        let found = extract("mshta http://0xb907d607/c.html");
        let shown: Vec<_> =
            found.list().iter().map(|found| (found.kind, found.value.as_str(), found.form)).collect();
        assert_eq!(
            shown,
            [
                (Command, "mshta http://0xb907d607/c.html", Form::Plain),
                (Url, "http://0xb907d607/c.html", Form::Numeric),
                (Ip, "185.7.214.7", Form::Numeric),
            ]
        );
    }

    #[test]
    fn defanged_and_slashed_spellings_become_the_address() {
        check("hxxps[:]//a[.]example/x", &[(Url, "https://a.example/x"), (Host, "a.example")]);
        check(r"https:\/\/a.example\/x", &[(Url, "https://a.example/x"), (Host, "a.example")]);
        check(r"http:\\a.example\x", &[(Url, "http://a.example/x"), (Host, "a.example")]);
        check("file:///C:/x.exe", &[(Url, "file:///C:/x.exe")]);
        check("file:///C:\\Users\\x.exe", &[(Url, "file:///C:/Users/x.exe")]);
        check("file:///\\\\a.example\\s\\x", &[(Url, "file://a.example/s/x"), (Host, "a.example")]);
        check("file://a.example/s/x", &[(Url, "file://a.example/s/x"), (Host, "a.example")]);
    }

    #[test]
    fn host_is_the_one_that_is_asked() {
        check(
            "http://www.w3.org@evil.example:81/",
            &[(Url, "http://www.w3.org@evil.example:81/"), (Host, "evil.example")],
        );
        assert!(extract("http://www.w3.org/1999/xhtml").list().iter().all(|found| found.well_known));
        assert!(!extract("http://www.w3.org@evil.example/").list().iter().any(|found| found.well_known));
    }

    #[test]
    fn network_paths_are_told_from_regular_expressions_and_devices() {
        check(
            r"\\srv.example@SSL\a b\c.xls now",
            &[(UncPath, r"\\srv.example@SSL\a b\c.xls"), (Host, "srv.example")],
        );
        check(r"\\srv\share and more", &[(UncPath, r"\\srv\share")]);
        check(r"\\?\UNC\10.1.2.3\c$", &[(UncPath, r"\\?\UNC\10.1.2.3\c$"), (Ip, "10.1.2.3")]);
        check(r"\\d+\\w \\.\pipe\x \\s\\w \\", &[]);
    }

    #[test]
    fn paths_need_a_root_and_an_extension_or_a_variable() {
        check(r"in C:\My Files\a b.xls, or", &[(FilePath, r"C:\My Files\a b.xls")]);
        check(r"..\..\oxnvN.ooccxx", &[(FilePath, r"..\..\oxnvN.ooccxx")]);
        check(r"%APPDATA%\Microsoft\x", &[(FilePath, r"%APPDATA%\Microsoft\x")]);
        check(r"$env:TEMP\a.ps1;", &[(FilePath, r"$env:TEMP\a.ps1")]);
        check(r"C:\Temp is where 50% of it \ goes, A:\ too", &[]);
    }

    #[test]
    fn commands_begin_with_a_known_program_and_an_argument() {
        check(
            r"C:\Windows\System32\regsvr32.exe /S ..\elvN.ooocccxxx",
            &[
                (FilePath, r"C:\Windows\System32\regsvr32.exe"),
                (Command, r"C:\Windows\System32\regsvr32.exe /S ..\elvN.ooocccxxx"),
                (FilePath, r"..\elvN.ooocccxxx"),
            ],
        );
        check("Shell \"cmd /c \"\"x\"\" y\", vbHide", &[(Command, "cmd /c \"\"x\"\" y")]);
        check("p^ower^shell -e^nc AA", &[(Command, "powershell -enc AA")]);
        check("rundll32 x.dll,Run", &[(Command, "rundll32 x.dll,Run"), (Executable, "x.dll")]);
    }

    #[test]
    fn source_and_prose_name_nothing() {
        for text in [
            "file.Open Me.Range(\"A1\").Value, ThisWorkbook.Name",
            "Set cmd = New ADODB.Command: cmd -1: control -x: x = cmd - y",
            "quality control - 2020, PowerShell scripts, explorer /x",
            "Version=6.0.29.0, 1.2.3.4, 0.1.2.3, 12.34, 1.2.3.4.5, v10.2.3.4",
            "http:// & x, http://\" & y, x://a, a://b",
            "*\\G{000204EF-0000-0000-C000-000000000046}#4.2#9#C:\\PROGRA~1\\VBA\\VBE",
            "node.js, example.com, foo.cmd, obj.exec(",
            "_(* #,##0.00_);_(* \\(#,##0.00\\);_(* \"-\"??_)",
        ] {
            check(text, &[]);
        }
        check("ping 192.168.7.10 now", &[(Ip, "192.168.7.10")]);
    }

    #[test]
    fn full_list_counts_further_ones_and_tells_once() {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems };
        let mut found = Indicators::default();
        for number in 0..Indicators::KEPT + 5 {
            let value = format!("x{number}.example");
            found.add(Host, &value, Form::Plain, &Location::part(PartId(0)), &mut cx);
        }
        found.add(Host, "x1.example", Form::Plain, &Location::part(PartId(0)), &mut cx);
        assert_eq!((found.list().len(), found.omitted(), found.list()[1].count), (Indicators::KEPT, 5, 2));
        assert_eq!(problems.count_of(Stage::Text, ProblemKind::Abandoned), 1);
    }

    #[test]
    fn spent_budget_ends_the_pass_and_keeps_what_was_found() {
        let limits = Limits { steps: 17, ..Limits::default() };
        let mut budget = Budget::new(&limits);
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems };
        let mut found = Indicators::default();
        let text = "http://a.example http://b.example http://c.example";
        let hit = Extractor::new().extract(text, &Location::part(PartId(0)), &mut found, &mut cx);
        assert_eq!(hit, Err(LimitHit { kind: LimitKind::Steps, ceiling: 17 }));
        assert_eq!(found.list().len(), 4);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_text_is_scanned_and_every_value_is_short(
            pieces in prop::collection::vec(prop_oneof![
                Just("http://"), Just("hxxp[:]//"), Just("\\\\"), Just("C:\\"), Just("%TEMP%\\"), Just("..\\"),
                Just("1.2.3.44"), Just("a.exe"), Just("cmd /c "), Just("^\""), Just("を"), Just("@"), Just("[.]"),
                Just("é.x"), Just(" "), Just("0x7f000001"), Just("/"), Just("host"), Just("\0"), Just("𝒳"),
            ], 0..24),
            tail in any::<String>(),
        ) {
            let text = pieces.concat() + &tail;
            let found = extract(&text);
            for found in found.list() {
                prop_assert!(!found.value.is_empty() && found.value.len() <= MAX_VALUE);
            }
            let again = extract(&text);
            prop_assert_eq!(found.list(), again.list());
        }
    }
}
