//! Measures the lure set of the corpus, and writes what comes out to `docs/lures.md`.

use std::collections::BTreeSet;
use std::fmt::Write;

use docsift::Level;
use docsift_corpus::lures::{self, Disguise, LANGUAGES, LureText};

use crate::generated::Generated;

/// What was measured.
#[derive(Debug, Default)]
struct Measure {
    /// Lures that stayed below suspicious, a line each.
    missed: Vec<(&'static str, String)>,
    /// Lures that were found under another family.
    misnamed: Vec<(&'static str, String)>,
    /// Innocent texts that were suspicious or worse.
    alarms: Vec<(&'static str, String)>,
    /// The languages of lures and of innocent texts, one for each.
    lures: Vec<&'static str>,
    innocent: Vec<&'static str>,
    /// For each disguise, the disguised lures that stayed below suspicious.
    disguised: Vec<(Disguise, Vec<(&'static str, String)>)>,
}

/// The rule of a family.
fn rule(family: &str) -> &'static str {
    match family {
        "enable-content" => "LUR002",
        "protected-or-other-version" => "LUR003",
        "relaunch-from-trusted-folder" => "LUR001",
        "unblock-file" => "LUR005",
        "lower-protection" => "LUR006",
        "open-picture" => "LUR007",
        "scan-code" => "LUR008",
        family => panic!("the lure set names an unknown family {family:?}"),
    }
}

/// The level, and the rules that found something, for a workbook that shows `cells`.
fn analyzed(cells: &[(u32, u16, String)]) -> (Level, BTreeSet<&'static str>) {
    let report = docsift::analyze(&lures::workbook(cells));
    (report.verdict.level, report.findings.iter().map(|finding| finding.rule).collect())
}

/// Whether a lure is missed. What lets no macro run makes no workbook with macros suspicious; its rule has to find it.
fn is_missed(family: &str, level: Level, rules: &BTreeSet<&'static str>) -> bool {
    match family {
        "open-picture" | "scan-code" => !rules.contains(rule(family)),
        _ => level < Level::Suspicious,
    }
}

fn measure() -> Measure {
    let mut measure = Measure::default();
    let texts = lures::all();
    for LureText { language, family, text } in &texts {
        let (level, rules) = analyzed(&[(1, 1, (*text).to_owned())]);
        let line = || (*language, (*text).to_owned());
        let Some(family) = family else {
            measure.innocent.push(*language);
            if level >= Level::Suspicious {
                measure.alarms.push(line());
            }
            continue;
        };
        measure.lures.push(*language);
        if is_missed(family, level, &rules) {
            measure.missed.push(line());
        } else if !rules.contains(rule(family)) {
            measure.misnamed.push((*language, format!("{family}, found {rules:?}: {text}")));
        }
    }
    for disguise in Disguise::ALL {
        let lures = texts.iter().filter(|text| text.family.is_some());
        let missed = lures.filter(|text| {
            let (level, rules) = analyzed(&disguise.cells(text.text));
            text.family.is_some_and(|family| is_missed(family, level, &rules))
        });
        let missed = missed.map(|text| (text.language, text.text.to_owned())).collect();
        measure.disguised.push((disguise, missed));
    }
    measure
}

/// `docs/lures.md`.
pub(crate) fn page() -> Vec<Generated> {
    let measure = measure();
    let count = |list: &[(&'static str, String)], language: &str| {
        list.iter().filter(|(of, _)| *of == language).count()
    };
    let texts = |list: &[&'static str], language: &str| list.iter().filter(|of| **of == language).count();
    let mut page = String::from(
        "# The lure set\n\nWritten by `cargo xtask lures`.\n\n\
         Each text of `corpus/lures/` is put into a workbook whose macro starts by itself and only says hello, so that the words decide the \
         level. A lure is missed when the level stays below suspicious, or, where it asks to double-click a picture or to scan a code, when its rule \
         finds nothing: that lets no macro run, and decides no level. An innocent text is a false alarm when it is suspicious or worse. \
         Lures are whole sentences written for this set in seven families; innocent texts use the same words: help pages, rules of an IT \
         department, warnings about Emotet, the banners of Office, macro courses, canteen posters with a code.\n\n\
         The phrases of `src/lure/phrases/` and these texts share no file, but the same hands wrote both. What the grammar said of texts \
         that it had not seen, before phrases were added: of the first 360 lures it found 348 (96.7 %) and took 3 of 360 innocent texts for \
         lures; of 270 that were written a week later in other words, among them three a language that name the Templates folder without a \
         path and without a policy, it found 110 (40.7 %), and took none of 108 innocent ones for lures. Once it had been widened for those, it \
         found 31 (20.7 %) of 150 more that were made to differ in form as well (no reason, a copy that is started, an error that is to be \
         mended). Of 197 more that were written without a look at the phrases, in all languages, it found 113 (57.4 %), and took 17 of 70 warnings and \
         24 of 45 notes on installing a template for lures; those texts are among the ones below now. Read the table as a regression test \
         of the grammar, not as a recall in the wild.\n\n\
         | language | lures | missed | other family | innocent | false alarms |\n|---|---|---|---|---|---|\n",
    );
    for (language, name, _) in LANGUAGES {
        // Writing into a String has no failing case.
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} | {} | {} |",
            texts(&measure.lures, language),
            count(&measure.missed, language),
            count(&measure.misnamed, language),
            texts(&measure.innocent, language),
            count(&measure.alarms, language)
        );
    }
    let percent = |part: usize, of: usize| part as f64 * 100.0 / of.max(1) as f64;
    let found = measure.lures.len() - measure.missed.len();
    let _ = writeln!(
        page,
        "| **all** | {} | {} | {} | {} | {} |\n\nRecall {:.1} %, false alarms {:.1} %.\n\n\
         The same lures in disguise:\n\n| disguise | missed | recall |\n|---|---|---|",
        measure.lures.len(),
        measure.missed.len(),
        measure.misnamed.len(),
        measure.innocent.len(),
        measure.alarms.len(),
        percent(found, measure.lures.len()),
        percent(measure.alarms.len(), measure.innocent.len())
    );
    for (disguise, missed) in &measure.disguised {
        let recall = percent(measure.lures.len() - missed.len(), measure.lures.len());
        let _ = writeln!(page, "| {} | {} | {recall:.1} % |", disguise.name(), missed.len());
    }
    vec![("lures.md".into(), page)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lure_set_meets_its_aims_in_every_language_and_disguise() {
        let measure = measure();
        let mut wrong = String::new();
        let mut list = |what: &str, texts: &[(&'static str, String)]| {
            texts.iter().for_each(|(language, text)| wrong += &format!("{what} {language}: {text}\n"));
        };
        list("missed", &measure.missed);
        list("other family", &measure.misnamed);
        list("false alarm", &measure.alarms);
        for (disguise, missed) in &measure.disguised {
            list(disguise.name(), missed);
        }
        let most = |texts: &[(&'static str, String)]| {
            let in_language = |language| texts.iter().filter(|(of, _)| *of == language).count();
            LANGUAGES.iter().map(|(language, ..)| in_language(*language)).max().unwrap_or(0)
        };
        let few =
            |texts: &[(&'static str, String)], of: usize| texts.len() * 100 <= of * 2 && most(texts) <= 1;
        assert!(few(&measure.missed, measure.lures.len()), "recall below 98 %\n{wrong}");
        assert!(few(&measure.alarms, measure.innocent.len()), "false alarms above 2 %\n{wrong}");
        for (disguise, missed) in &measure.disguised {
            assert!(few(missed, measure.lures.len()), "{}: recall below 98 %\n{wrong}", disguise.name());
        }
    }
}
