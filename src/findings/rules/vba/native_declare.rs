use super::statements::report_by_module;
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;

declare_rule! {
    /// ## What it finds
    /// A `Declare` statement: a function of a library that the code can call.
    ///
    /// ## Why it matters
    /// Through it VBA reaches everything that Windows offers: files, network, memory of processes.
    ///
    /// ## When it is innocent
    /// Mostly: `GetTickCount`, `Sleep`, window handles and folder dialogs are declared everywhere.
    /// Functions that fetch, run or write memory have rules of their own.
    ///
    /// ## References
    /// [MS-VBAL] 5.2.3.5; ATT&CK T1106
    NATIVE_DECLARE {
        id: "VBA006", name: "native-declare", severity: Low, confidence: Certain,
        attack: ["T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(
        facts,
        sink,
        &NATIVE_DECLARE,
        |seen| seen.sighting.kind == Action::NativeDeclare,
        |first| {
            let what = first.sighting.argument.as_deref().unwrap_or_default();
            format!("module {:?} declares functions of libraries: {what:?}", first.module)
        },
    );
}
