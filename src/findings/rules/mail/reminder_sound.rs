use crate::base::PartId;
use crate::containers::part::PartKind;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A mail or appointment that makes the mail program load something by itself from another computer,
    /// such as the sound of its reminder.
    ///
    /// ## Why it matters
    /// Windows sends the reader's credentials to that computer, without a click and even before the mail is
    /// read.
    ///
    /// ## When it is innocent
    /// Sounds are set on the reader's own computer, never by the sender.
    ///
    /// ## References
    /// [MS-OXORMDR] 2.2.1.5 PidLidReminderFileParameter; CVE-2023-23397; [T1187]
    REMINDER_SOUND {
        id: "MAI009", name: "reminder-sound", severity: High, confidence: Certain,
        attack: ["T1187"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let is_mail = |part: PartId| facts.messages.iter().any(|mail| mail.part == part);
    // An Outlook message keeps what it says in streams. What a file beside them loads is no doing of the mail.
    let of_mail = |part: PartId| {
        let stream = facts.around(part).next().filter(|part| part.kind == PartKind::Stream);
        is_mail(part) || stream.and_then(|stream| stream.parent).is_some_and(is_mail)
    };
    let played = facts.links.iter().filter(|link| link.kind == LinkKind::Media && link.automatic);
    for link in played.filter(|link| of_mail(link.location.part)) {
        if super::leads_to_a_share(&link.target) {
            let message = "the mail makes the mail program load a file from another computer by itself";
            sink.report(
                &REMINDER_SOUND,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
