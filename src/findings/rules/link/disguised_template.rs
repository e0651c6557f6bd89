use super::judge::{Leads, is_template_name, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A template at a web address that hides what or where it is: a scheme in odd letters or
    /// percent-encoded, a host that is a number or an address without a name, a shortener, a name in
    /// front of an `@`, a file name that is none of a template.
    ///
    /// ## Why it matters
    /// It gets past filters that look for `http` and `.dotm`. What Word fetches are macros.
    ///
    /// ## When it is innocent
    /// No honest case is known: who keeps templates on a server names them so.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.15.1.6; ATT&CK T1221, T1027
    DISGUISED_TEMPLATE {
        id: "LNK007", name: "disguised-template", severity: Critical, confidence: Likely,
        attack: ["T1221", "T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::AttachedTemplate) {
        let judged = judge(&link.target);
        if judged.leads != Leads::Web {
            continue;
        }
        let name = (!is_template_name(&judged.folded)).then_some("its name is none of a template");
        if let Some(how) = judged.disguise.or(name) {
            let message = format!("the template at {:?} is disguised: {how}", link.target);
            let text = format!("{} = {}", link.target, judged.folded);
            sink.report(&DISGUISED_TEMPLATE, message, [Evidence::new(link.location.clone(), text)]);
        }
    }
}
