//! Mails as text ([RFC 5322], MIME).

use encoding_rs::Encoding;

use crate::bytes::base64;

/// A mail before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Header lines, each whole and without its line end.
    pub headers: Vec<String>,
    /// Content type of the text, and its bytes.
    pub text: (String, Vec<u8>),
    /// Attachments.
    pub attachments: Vec<Attachment>,
}

/// A file that is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Content type, parameters included.
    pub media_type: String,
    /// The parameter of the disposition that names it: `filename="a.zip"`.
    pub file_name: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl Mail {
    /// A mail from `from` with a subject in ASCII and a text in UTF-8.
    pub fn new(from: &str, subject: &str, text: &str) -> Self {
        Self {
            headers: vec![
                format!("From: {from}"),
                "To: \"Reader\" <reader@firm.invalid>".to_owned(),
                format!("Subject: {subject}"),
                "Date: Wed, 02 Nov 2022 08:11:12 +0000".to_owned(),
                "Message-ID: <20221102081112.1@mail.invalid>".to_owned(),
            ],
            text: ("text/plain; charset=utf-8".to_owned(), text.as_bytes().to_vec()),
            attachments: Vec::new(),
        }
    }

    /// The same with subject and text in another character set, as encoded word and as bytes.
    pub fn in_charset(mut self, label: &str, subject: &str, text: &str) -> Self {
        let encode = |text: &str| -> Vec<u8> {
            Encoding::for_label(label.as_bytes()).expect("a known label").encode(text).0.into_owned()
        };
        self.headers.retain(|line| !line.starts_with("Subject:"));
        self.headers.push(format!("Subject: =?{label}?B?{}?=", base64(&encode(subject))));
        self.text = (format!("text/plain; charset={label}"), encode(text));
        self
    }

    /// The same with a header line.
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// The same with an attachment of that name.
    pub fn attach(self, name: &str, content: Vec<u8>) -> Self {
        self.attach_as("application/octet-stream", &format!("filename=\"{name}\""), content)
    }

    /// The same with an attachment of that type, and a name as it is to stand in the header.
    pub fn attach_as(mut self, media_type: &str, file_name: &str, content: Vec<u8>) -> Self {
        self.attachments.push(Attachment {
            media_type: media_type.to_owned(),
            file_name: file_name.to_owned(),
            content,
        });
        self
    }

    /// The mail as bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        const BOUNDARY: &str = "----=_docsift_0001";
        let mut out = Vec::new();
        let line = |out: &mut Vec<u8>, text: &str| {
            out.extend(text.as_bytes());
            out.extend(b"\r\n");
        };
        for header in &self.headers {
            line(&mut out, header);
        }
        line(&mut out, "MIME-Version: 1.0");
        line(&mut out, &format!("Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\""));
        line(&mut out, "");
        line(&mut out, &format!("--{BOUNDARY}"));
        line(&mut out, &format!("Content-Type: {}", self.text.0));
        line(&mut out, "Content-Transfer-Encoding: 8bit");
        line(&mut out, "");
        out.extend(&self.text.1);
        line(&mut out, "");
        for attachment in &self.attachments {
            line(&mut out, &format!("--{BOUNDARY}"));
            line(&mut out, &format!("Content-Type: {}", attachment.media_type));
            line(&mut out, &format!("Content-Disposition: attachment; {}", attachment.file_name));
            line(&mut out, "Content-Transfer-Encoding: base64");
            line(&mut out, "");
            for chunk in base64(&attachment.content).as_bytes().chunks(76) {
                line(&mut out, str::from_utf8(chunk).expect("ASCII"));
            }
        }
        line(&mut out, &format!("--{BOUNDARY}--"));
        out
    }
}
