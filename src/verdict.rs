//! From findings and completeness to one answer, by a policy that can be read as a table.
//!
//! Words alone never decide more than suspicious; protection, visibility or macros alone are facts.
//! "Nothing found" is only said when everything was read.

use crate::findings::{Finding, Severity};

/// Version of the policy. It changes whenever a file could get another level.
pub const POLICY_VERSION: &str = "6";

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Level {
    /// Everything was read, and nothing was found.
    NothingFound,
    /// Nothing was found, but not everything was read.
    Inconclusive,
    /// It does what attacks do, and honest files hardly.
    Suspicious,
    /// It starts by itself and fetches, writes or runs, or hides that it does.
    Malicious,
}

impl Level {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Level::NothingFound => "nothing_found",
            Level::Inconclusive => "inconclusive",
            Level::Suspicious => "suspicious",
            Level::Malicious => "malicious",
        }
    }
}

/// What was decided, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The level.
    pub level: Level,
    /// Orders files within a level, 0 to 100.
    pub score: u8,
    /// Rules whose findings decided, in the order of the catalogue.
    pub decided_by: Vec<&'static str>,
    /// What the document does, as half a sentence: "a macro ... ".
    pub because: &'static str,
}

/// One line of the policy: findings that together make a level.
struct Combination {
    level: Level,
    /// Every group must have a finding; a group is a list of alternatives.
    groups: &'static [&'static [&'static str]],
    because: &'static str,
}

const XLM_START: &[&str] = &["XLM003"];
const VBA_START: &[&str] = &["VBA002"];
/// What may start VBA: an Excel 4.0 macro runs procedures by their name. For rules that ask whether the
/// procedure itself is reached.
const REACHED_START: &[&str] = &["VBA002", "XLM003"];
const ANY_MACRO: &[&str] = &["XLM001", "VBA001"];
/// Whole instructions that let macros run or lower protection: suspicious in company only. To double-click a
/// picture or to scan a code does neither.
const WORDS: &[&str] = &["LUR002", "LUR003", "LUR005", "LUR006"];

/// The policy. The first line whose groups all have a finding decides the sentence; lines of the
/// same level add their rules to the reasons.
const POLICY: &[Combination] = &[
    Combination {
        level: Level::Malicious,
        groups: &[&["XLM019"]],
        because: "an Excel 4.0 macro downloads a file and runs a program",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["XLM020"]],
        because: "an Excel 4.0 macro puts machine code into memory and runs it",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["XLM025"]],
        because: "an Excel 4.0 macro writes a file and runs it",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["XLM021"]],
        because: "an Excel 4.0 macro assembles a command and runs it",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["XLM027"]],
        because: "an Excel 4.0 macro starts a command interpreter or another program by DDE",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["LNK007"]],
        because: "the template is fetched from a disguised address",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["LNK015"]],
        because: "a linked object is a web page at a disguised address",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["LNK009"]],
        because: "a link goes to a handler of the system that exploits use",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["DOC002", "LNK005"]],
        because: "a field or link that asks for data starts a command interpreter or another program",
    },
    Combination {
        level: Level::Malicious,
        groups: &[XLM_START, &["XLM012"]],
        because: "an Excel 4.0 macro starts by itself and assembles its code from cells of hidden sheets",
    },
    Combination {
        level: Level::Malicious,
        groups: &[XLM_START, &["XLM013"]],
        because: "an Excel 4.0 macro starts by itself and downloads or runs a program",
    },
    Combination {
        level: Level::Malicious,
        groups: &[REACHED_START, &["VBA015"]],
        because: "a VBA macro starts by itself and fetches or writes a file and runs a program",
    },
    Combination {
        level: Level::Malicious,
        groups: &[VBA_START, &["VBA013"]],
        because: "a VBA macro starts by itself and runs a command in a hidden window",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["OBJ010"]],
        because: "an equation overflows its editor, which runs what is in it",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["OBJ018"]],
        because: "a chunk that is taken in links an object from elsewhere",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["OBJ012"]],
        because: "a linked object loads a script",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["OBJ013", "OBJ016", "RTF003", "RTF005", "DOC005"]],
        because: "its data overflows the program that reads it",
    },
    Combination {
        level: Level::Malicious,
        groups: &[&["RTF001"], &["OBJ004", "OBJ011"]],
        because: "an object is loaded when the document is opened, and is a program or comes from elsewhere",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["RTF002", "RTF004"]],
        because: "the data of an object is disguised, or counts what cannot be",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["RTF001"], &["OBJ003", "OBJ017"]],
        because: "an object of a class that attacks use is loaded when the document is opened",
    },
    Combination { level: Level::Suspicious, groups: &[&["OBJ014"]], because: "the mouse starts a program" },
    Combination {
        level: Level::Suspicious,
        groups: &[&["OBJ011"]],
        because: "a linked object is fetched from elsewhere",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["OBJ015"]],
        because: "a packaged file is fetched from elsewhere",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["WRD002"], &["WRD003", "WRD004"]],
        because: "a WordBasic macro starts by itself and copies itself, starts programs or changes files",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[REACHED_START, &["VBA016"]],
        because: "a VBA macro starts by itself and writes a file or runs a program",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[VBA_START, &["VBA008", "VBA009"]],
        because: "a VBA macro starts by itself and builds Excel 4.0 macros or copies itself",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[XLM_START, &["XLM005", "XLM006", "XLM007", "XLM008", "XLM009", "XLM014", "XLM017"]],
        because: "an Excel 4.0 macro starts by itself and runs programs, writes files or writes its own code",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["XLM026"]],
        because: "an Excel 4.0 macro starts by itself and runs programs, fetches something or works on files",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["XLM023"]],
        because: "an Excel 4.0 macro runs only on systems of a certain country",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["XLM004", "XLM011", "XLM012", "XLM013", "XLM016", "XLM017"]],
        because: "an Excel 4.0 macro hides what it does",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["BIF001"], ANY_MACRO],
        because: "a macro sheet is hidden from the list of sheets",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["CFB003"], ANY_MACRO],
        because: "a file is hidden behind a document with macros",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["VBA013"]],
        because: "a VBA macro runs a command in a hidden window",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["VBA021"]],
        because: "a VBA macro fetches a file and runs a program when a person starts it",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["VBA009"]],
        because: "a VBA macro copies itself into other documents",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["MAI001"], &["ARC002"]],
        because: "a mail brings macros in an encrypted archive and names its password",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["MAI002"], &["ARC004"]],
        because: "the name of a file hides that it is a program",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["MAI009"]],
        because: "a mail makes the mail program load a file from another computer by itself",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["ARC006"], &["ARC004"]],
        because: "a shell link that was sent runs a command",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["ARC006"], &["LNK004"]],
        because: "a shell link runs a command line",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["ARC005"], ANY_MACRO],
        because: "a disk image brings a document with macros",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["MAI007"]],
        because: "a page builds a file that no filter could see",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["ENC003"], ANY_MACRO],
        because: "macros are encrypted with a password that Office tries by itself",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LUR001"]],
        because: "the text tells a person to open the file again from a folder where macros run without a warning",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[WORDS, &["XLM003", "VBA002", "WRD002", "LNK002"]],
        because: "the text urges a person to let macros run that start by themselves",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[WORDS, &["LNK006", "LNK007"]],
        because: "the text urges a person to let the document load a template from elsewhere",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LUR010"]],
        because: "the text urges a person to lower protection, and came in an encrypted archive",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[WORDS, &["LUR004"]],
        because: "the document is little more than a picture and macros, and urges a person to let them run",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LUR009"]],
        because: "a picture in it is known from lures",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LUR004"], &["XLM003", "VBA002", "WRD002"]],
        because: "the document is little more than a picture and macros that start by themselves",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["TXT006"]],
        because: "a query file fetches cells from another computer when it is opened",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LUR004"], &["ARC002"]],
        because: "the document is little more than a picture and macros, and came in an encrypted archive",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["OBJ004"]],
        because: "a program or script is packed into the document",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LNK006"]],
        because: "the template is fetched from a web address",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LNK008", "LNK011"]],
        because: "an object or another document is fetched from a web address",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LNK016"]],
        because: "the user interface calls a macro of a workbook at a web address",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["LNK014"]],
        because: "an action of the presentation starts a program",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["DOC001"], &["DOC004"]],
        because: "a field that asks another program for data is written as numbers",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["OBJ005"]],
        because: "an event of a control starts a macro that runs programs",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["PKG006"], ANY_MACRO],
        because: "a macro sheet hides under the name of another part",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["BIF004"], ANY_MACRO],
        because: "a sheet state is forged beside a macro sheet",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[VBA_START, &["VBA017", "VBA018"]],
        because: "a VBA macro starts by itself and runs machine code or lowers protection",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["TXT001"], XLM_START],
        because: "a SYLK file holds an Excel 4.0 macro that starts by itself",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["TXT005"]],
        because: "an address starts a program of Windows with arguments",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["ONE001"]],
        because: "a program or script is embedded in a OneNote section",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["HWP001"]],
        because: "PostScript in a Hangul document does more than draw",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["POL001"], ANY_MACRO],
        because: "a document with macros stands behind the head of another format",
    },
    Combination {
        level: Level::Suspicious,
        groups: &[&["POL002"]],
        because: "the file is a program that Excel loads as an add-in",
    },
];

/// Decides. `unread` says that something in the file was not read.
pub fn decide(findings: &[Finding], unread: bool) -> Decision {
    let found = |id: &str| findings.iter().any(|finding| finding.rule.id == id);
    let holds = |line: &&Combination| line.groups.iter().all(|group| group.iter().copied().any(&found));
    let Some(first) = POLICY.iter().find(holds) else {
        let level = if unread { Level::Inconclusive } else { Level::NothingFound };
        return Decision { level, score: score(level, findings), decided_by: Vec::new(), because: "" };
    };
    let reasons: Vec<_> = POLICY
        .iter()
        .filter(|line| line.level == first.level)
        .filter(holds)
        .flat_map(|line| line.groups.iter().copied().flatten().copied())
        .collect();
    let mut decided_by: Vec<&'static str> = Vec::new();
    for finding in findings {
        if reasons.contains(&finding.rule.id) && !decided_by.contains(&finding.rule.id) {
            decided_by.push(finding.rule.id);
        }
    }
    Decision { level: first.level, score: score(first.level, findings), decided_by, because: first.because }
}

/// A band for each level; within it, what the findings weigh, each rule once.
fn score(level: Level, findings: &[Finding]) -> u8 {
    let mut seen: Vec<&str> = Vec::new();
    let mut weight = 0u8;
    for finding in findings {
        if !seen.contains(&finding.rule.id) {
            seen.push(finding.rule.id);
            weight = weight.saturating_add(match finding.severity {
                Severity::Info => 0,
                Severity::Low => 1,
                Severity::Medium => 2,
                Severity::High => 3,
                Severity::Critical => 5,
            });
        }
    }
    let (base, room) = match level {
        Level::NothingFound => (0, 19),
        Level::Inconclusive => (20, 19),
        Level::Suspicious => (40, 39),
        Level::Malicious => (80, 20),
    };
    weight.min(room).saturating_add(base)
}

/// Rule identifiers that the policy names.
pub fn named_rules() -> impl Iterator<Item = &'static str> {
    POLICY.iter().flat_map(|line| line.groups.iter().copied().flatten().copied())
}
