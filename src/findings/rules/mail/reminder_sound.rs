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
    let is_mail =
        |part| facts.messages.iter().any(|mail| facts.around(part).any(|around| around.id == mail.part));
    for link in facts.links.iter().filter(|link| link.automatic && is_mail(link.location.part)) {
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
