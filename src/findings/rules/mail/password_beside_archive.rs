use crate::base::{Location, PartId};
use crate::crypto::PasswordSource;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Encrypted content in a mail whose password stands in the same mail, in a mail beside it, or in another file
    /// that is attached.
    ///
    /// ## Why it matters
    /// A password that travels with its lock keeps nobody out but scanners.
    ///
    /// ## When it is innocent
    /// Many firms, above all in Japan, have sent password archives and the password in the same or the next
    /// mail.
    ///
    /// ## References
    /// [T1566.001]; [T1027.013]
    PASSWORD_BESIDE_ARCHIVE {
        id: "MAI001", name: "password-beside-archive", severity: Medium, confidence: Certain,
        attack: ["T1566.001", "T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let is_in_mail = |part| {
        let around = |mail: PartId| facts.around(part).any(|around| around.id == mail);
        facts.messages.iter().any(|message| around(message.part))
    };
    for locked in facts.locked {
        let Some(opening) = &locked.opened else { continue };
        let password = &opening.password;
        let place = match password.source {
            PasswordSource::MailBody => "text",
            PasswordSource::MailSubject => "subject",
            PasswordSource::FileName if is_in_mail(locked.part) => "name of an attachment",
            PasswordSource::Elsewhere if is_in_mail(locked.part) => "text of another file",
            _ => continue,
        };
        let name = facts.parts.get(locked.part.0 as usize).map_or("", |part| part.name.as_str());
        let message = format!(
            "{name:?} is encrypted, and its password {:?} stands in the {place} of the mail",
            password.text
        );
        let at = password.location.clone().unwrap_or_else(|| Location::part(locked.part));
        let proof = [
            Evidence::new(at, password.text.as_str()),
            Evidence::new(Location::part(locked.part), locked.method),
        ];
        sink.report(&PASSWORD_BESIDE_ARCHIVE, message, proof);
    }
}
