use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A mail whose `Authentication-Results` state that SPF, DKIM or DMARC failed.
    ///
    /// ## Why it matters
    /// The server that took the mail says that its sender may not be who he claims.
    ///
    /// ## When it is innocent
    /// Forwarded mails and mailing lists fail these checks. The field can be forged where no own server wrote it.
    ///
    /// ## References
    /// [RFC 8601]
    FAILED_AUTHENTICATION {
        id: "MAI006", name: "failed-authentication", severity: Low, confidence: Likely,
        attack: ["T1656"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    const FAILED: [&str; 6] =
        ["spf=fail", "spf=softfail", "dkim=fail", "dkim=permerror", "dmarc=fail", "compauth=fail"];
    for mail in facts.messages {
        for stated in &mail.authentication {
            let folded = stated.to_lowercase().replace(" = ", "=");
            let failed: Vec<&str> = FAILED.iter().copied().filter(|mark| folded.contains(mark)).collect();
            if !failed.is_empty() {
                let message = format!("the receiving server states {}", failed.join(", "));
                let proof = Evidence::new(Location::part(mail.part), stated.as_str());
                sink.report(&FAILED_AUTHENTICATION, message, [proof]);
            }
        }
    }
}
