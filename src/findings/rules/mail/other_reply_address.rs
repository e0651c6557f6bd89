use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A mail whose `Reply-To` has another domain than its `From`, or whose shown name is an address of another
    /// domain.
    ///
    /// ## Why it matters
    /// The reader sees one sender and answers another.
    ///
    /// ## When it is innocent
    /// Newsletters and ticket systems that are sent for somebody else.
    ///
    /// ## References
    /// [RFC 5322] 3.6.2
    OTHER_REPLY_ADDRESS {
        id: "MAI005", name: "other-reply-address", severity: Low, confidence: Likely,
        attack: ["T1566.001", "T1656"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for mail in facts.messages {
        let Some(from) = mail.from.first() else { continue };
        let Some(domain) = from.domain() else { continue };
        let other = mail
            .reply_to
            .iter()
            .find(|reply| reply.domain().is_some_and(|other| !is_same_domain(&other, &domain)));
        if let Some(reply) = other {
            let message =
                format!("the mail is from {:?}, and answers go to {:?}", from.address, reply.address);
            let proof = Evidence::new(Location::part(mail.part), reply.address.as_str());
            sink.report(&OTHER_REPLY_ADDRESS, message, [proof]);
        }
        let shown =
            from.name.rsplit_once('@').map(|(_, shown)| shown.trim_matches(['"', '>', ' ']).to_lowercase());
        if let Some(shown) = shown.filter(|shown| shown.contains('.') && !is_same_domain(shown, &domain)) {
            let message = format!(
                "the shown name {:?} is an address at {shown:?}, and the mail is from {:?}",
                from.name, from.address
            );
            let proof = Evidence::new(Location::part(mail.part), from.name.as_str());
            sink.report(&OTHER_REPLY_ADDRESS, message, [proof]);
        }
    }
}

/// Whether one is the other, or lies below it.
fn is_same_domain(one: &str, other: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    below(one, other) || below(other, one)
}
