use crate::base::Location;
use crate::documents::workbook::EncryptionMethod;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A workbook stream that is encrypted or obfuscated with a password.
    ///
    /// ## Why it matters
    /// Nothing behind the encryption can be judged without the password. Attackers use Excel's
    /// default password, which opens without asking, or name the password in the mail.
    ///
    /// ## When it is innocent
    /// People protect confidential workbooks with a password.
    ///
    /// ## References
    /// [MS-XLS] 2.4.117 FilePass; [MS-OFFCRYPTO]
    ENCRYPTED_WORKBOOK {
        id: "ENC001", name: "encrypted-workbook", severity: Medium, confidence: Certain,
        attack: ["T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        let Some(encryption) = book.encryption else { continue };
        let method = match encryption.method {
            EncryptionMethod::Xor => "XOR obfuscation".to_owned(),
            EncryptionMethod::Rc4 => "RC4 with a 40-bit key".to_owned(),
            EncryptionMethod::Rc4CryptoApi => "RC4 through CryptoAPI".to_owned(),
            EncryptionMethod::Unknown(number) => format!("unknown method {number}"),
        };
        let place = Location::bytes(book.part, encryption.at..encryption.at.saturating_add(4));
        let message = match encryption.opened {
            true => format!("the workbook is encrypted ({method}); a known password opens it"),
            false => format!("the workbook is encrypted ({method}); nothing behind that was read"),
        };
        sink.report(&ENCRYPTED_WORKBOOK, message, [Evidence::new(place, method)]);
    }
}
