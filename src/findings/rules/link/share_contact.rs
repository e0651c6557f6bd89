use super::judge::judge;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A template, object, picture, frame or other part that is fetched from a share of another computer
    /// when the document is opened.
    ///
    /// ## Why it matters
    /// Windows sends the person's name and a proof of the password with the request, which can be
    /// cracked or passed on.
    ///
    /// ## When it is innocent
    /// Nearly always inside a company, whose documents point to its file servers. A share of the Internet (`host@SSL`,
    /// `DavWWWRoot`, an address that no private network has) is also judged as the web address that it is.
    ///
    /// ## References
    /// ATT&CK T1187, T1221
    SHARE_CONTACT {
        id: "LNK010", name: "share-contact", severity: Low, confidence: Certain,
        attack: ["T1187"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.automatic && link.kind != LinkKind::Callback) {
        if judge(&link.target).is_share {
            let message =
                format!("{} contacts another computer: {:?}", link.kind.with_article(), link.target);
            sink.report(
                &SHARE_CONTACT,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
