use crate::documents::document::DocumentKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A link in a mail that leads to a file on another computer: a `file:` address or a UNC path, with or
    /// without a `!` moniker behind it.
    ///
    /// ## Why it matters
    /// Windows sends the reader's credentials to that computer when it follows the link; with a moniker Outlook
    /// skips its warning.
    ///
    /// ## When it is innocent
    /// Mails within a firm that link to files on its servers.
    ///
    /// ## References
    /// [T1187]; CVE-2024-21413
    FILE_LINK {
        id: "MAI008", name: "file-link", severity: Medium, confidence: Likely,
        attack: ["T1187", "T1566.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let mails: Vec<_> = facts
        .documents
        .iter()
        .filter(|document| document.kind == DocumentKind::Mail)
        .map(|mail| mail.part)
        .collect();
    for link in facts.links.iter().filter(|link| mails.contains(&link.location.part)) {
        let has_moniker =
            link.target.contains('!') && link.target.trim().to_ascii_lowercase().starts_with("file:");
        // Pages write addresses without a scheme as `//host`.
        let is_share = super::leads_to_a_share(&link.target) && !link.target.trim().starts_with("//");
        if is_share || has_moniker {
            let moniker = if link.target.contains('!') { ", with a moniker" } else { "" };
            let message = format!("a link in the mail leads to a file on another computer{moniker}");
            sink.report(&FILE_LINK, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
        }
    }
}
