use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A mail whose subject says reply or forward, with an attachment, that names no mail which it answers.
    ///
    /// ## Why it matters
    /// A true reply carries `In-Reply-To` or `References`. Mails built from stolen threads often only copy the
    /// subject.
    ///
    /// ## When it is innocent
    /// Some mail programs and ticket systems leave the fields out when a mail is forwarded.
    ///
    /// ## References
    /// [RFC 5322] 3.6.4
    REPLY_WITHOUT_THREAD {
        id: "MAI004", name: "reply-without-thread", severity: Low, confidence: Likely,
        attack: ["T1566.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    /// Marks of replies and forwards, as mail programs of several languages put them.
    const MARKS: [&str; 15] = [
        "re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "vs:", "tr:", "rv:", "res:", "enc:", "r:", "i:", "antw:",
        "回复:",
    ];
    for mail in facts.messages.iter().filter(|mail| !mail.has_thread && !mail.attachments.is_empty()) {
        let Some(subject) = &mail.subject else { continue };
        let folded = subject.text.trim_start().to_lowercase().replace('\u{ff1a}', ":");
        if let Some(mark) = MARKS.iter().find(|mark| folded.starts_with(**mark)) {
            let message = format!("the subject begins with {mark:?}, and the mail answers none");
            let proof = Evidence::new(subject.location.clone(), subject.text.as_str());
            sink.report(&REPLY_WITHOUT_THREAD, message, [proof]);
        }
    }
}
