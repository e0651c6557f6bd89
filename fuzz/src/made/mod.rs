//! Files made from choices: each byte of the input decides about structure, so that the fuzzer spends
//! its time behind the headers and not in front of them.

mod compound;
mod mail;
mod package;
mod workbook;

use crate::analyze::analyze;

/// A workbook of arbitrary records and tokens, as a stream.
pub fn biff(data: &[u8]) {
    let stream = workbook::stream(&mut Choices::new(data));
    crate::biff::biff(&stream);
    analyze(&stream);
}

/// A compound file with an arbitrary tree, chains and header.
pub fn cfb(data: &[u8]) {
    let file = compound::file(&mut Choices::new(data));
    crate::cfb::cfb(&file);
    analyze(&file);
}

/// An Office package with arbitrary parts, relationships and elements.
pub fn package(data: &[u8]) {
    analyze(&package::file(&mut Choices::new(data)));
}

/// A mail with arbitrary entities, encodings and header fields.
pub fn mail(data: &[u8]) {
    let mail = mail::mail(&mut Choices::new(data));
    crate::eml::eml(&mail);
    analyze(&mail);
}

/// The bytes of an input as decisions, first to last. Behind the end all are zero.
pub(crate) struct Choices<'d> {
    data: &'d [u8],
}

impl<'d> Choices<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Self {
        Choices { data }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.data.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.data {
            [first, rest @ ..] => {
                self.data = rest;
                *first
            }
            [] => 0,
        }
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from(self.u16()) | u32::from(self.u16()) << 16
    }

    /// One choice in `of` is yes.
    pub(crate) fn one_in(&mut self, of: u8) -> bool {
        self.byte() % of == of - 1
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Up to `most` bytes as they stand.
    pub(crate) fn bytes(&mut self, most: usize) -> &'d [u8] {
        let len = self.below(most.min(255) + 1).min(self.data.len());
        let (bytes, rest) = self.data.split_at(len);
        self.data = rest;
        bytes
    }

    /// A short text: a word from the list, or bytes as they stand.
    pub(crate) fn text(&mut self, words: &[&str]) -> String {
        if self.one_in(4) {
            String::from_utf8_lossy(self.bytes(40)).into_owned()
        } else {
            self.pick(words).to_owned()
        }
    }

    /// A number that is mostly small, and sometimes one that counts break on.
    pub(crate) fn number(&mut self) -> u32 {
        match self.byte() {
            255 => u32::MAX,
            254 => 0x7FFF_FFFF,
            253 => 0xFFFF_FFFE,
            252 => 0xFFFF,
            251 => self.u32(),
            250 => u32::from(self.u16()),
            small => u32::from(small),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random choices make files whose structure is read, not refused at the first byte.
    #[test]
    fn made_files_are_read_as_what_they_are() {
        let mut random = docsift_corpus::bytes::Shuffle::new(11);
        let mut kinds = std::collections::BTreeMap::<String, usize>::new();
        let (mut sheets, mut leaves) = (0, 0);
        for _ in 0..60 {
            let data = random.bytes(600);
            for file in [
                workbook::stream(&mut Choices::new(&data)),
                compound::file(&mut Choices::new(&data)),
                package::file(&mut Choices::new(&data)),
                mail::mail(&mut Choices::new(&data)),
            ] {
                let report = docsift::analyze(&file);
                *kinds.entry(report.input.kind.to_string()).or_default() += 1;
                sheets += report.macros.xlm.len();
                leaves += report.parts.len();
            }
        }
        assert!(kinds.len() >= 4, "{kinds:?}");
        assert!(sheets > 20, "{sheets} sheets with macros in 60 workbooks");
        assert!(leaves > 600, "{leaves} parts in 240 files");
    }
}
