//! Digital signatures over projects ([MS-OSHARED] 2.3.2): who signed, and which hash.
//!
//! In a binary document the signature is a blob property of the document summary
//! (`GKPIDDSI_DIGSIG`, [MS-OSHARED] 2.3.3.2.2.1), which holds a PKCS #7 message; a project of its
//! own may have it in a stream `\5DigitalSignature`. The message is found by the identifier that
//! every one begins with, so that a broken property set does not hide it.
//!
//! Whether the project is the one that was signed is told by its content hash. Whether the message
//! was made with the certificate's key, who issued the certificate and whether it is still good
//! is not looked at: whoever can change a project can write a message around its new hash. A
//! signature never speaks for a project.

mod content;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(super) use self::content::{Names, matches};
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit};

/// A digital signature over a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Common name of the signer's certificate; empty when it has none or is not enclosed.
    pub signer: String,
    /// SHA-256 of the signer's certificate; `None` when the certificate is not enclosed.
    pub certificate_sha256: Option<[u8; 32]>,
    /// SHA-1 of the same, which Windows shows as the thumbprint.
    pub thumbprint: Option<[u8; 20]>,
    /// The hash of the project that was signed ([MS-OVBA] 2.4.2); empty when it was not found.
    pub signed_hash: Vec<u8>,
    /// Whether the project's content hash is the signed one: `Some(false)` for a project that was
    /// changed after it was signed. `None` when the signed hash is not an MD5 content hash
    /// ([MS-OVBA] 2.4.2.3), or not all of the project could be read.
    pub hash_matches: Option<bool>,
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`, constructed.
const CONTEXT_0: u8 = 0xA0;

/// `signedData`, 1.2.840.113549.1.7.2, with tag and length.
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

/// `commonName`, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// Certificates and name parts that are looked at.
const ELEMENTS: usize = 256;

/// Beginnings of messages that are tried: a stream may hold the identifier by chance, or as a decoy.
const MESSAGES: usize = 16;

/// The signature in a stream that holds one: the document summary, or a signature part.
pub(super) fn in_summary(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<Signature>, LimitHit> {
    static BEGINNING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new([SIGNED_DATA]).ok());
    cx.budget.touch(stream.len())?;
    let Some(beginning) = BEGINNING.as_ref() else { return Ok(None) };
    let mut damaged = None;
    for hit in beginning.find_iter(stream).take(MESSAGES) {
        let mut signature = Signature::default();
        if message(stream.get(hit.end()..).unwrap_or_default(), &mut signature, cx)?.is_some() {
            return Ok(Some(signature));
        }
        damaged.get_or_insert((hit.start(), signature));
    }
    Ok(damaged.map(|(at, signature)| {
        cx.recovered(at as u64, "a digital signature whose message is damaged");
        signature
    }))
}

/// A DER element: tag, content, and all its bytes.
#[derive(Debug, Clone, Copy)]
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// Takes the next element.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let all = *rest;
    let (&tag, behind) = all.split_first()?;
    let (&first, behind) = behind.split_first()?;
    let (len, header_len) = if first < 0x80 {
        (usize::from(first), 2usize)
    } else {
        let len_len = usize::from(first & 0x7F);
        if len_len == 0 || len_len > 4 {
            return None;
        }
        let bytes = behind.get(..len_len)?;
        let len = bytes.iter().fold(0u64, |len, byte| len << 8 | u64::from(*byte));
        (usize::try_from(len).ok()?, len_len.saturating_add(2))
    };
    let end = header_len.checked_add(len)?;
    let content = all.get(header_len..end)?;
    *rest = all.get(end..)?;
    Some(Element { tag, content, whole: all.get(..end)? })
}

/// Takes the next element, which must have this tag; returns its content.
fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let mut ahead = *rest;
    let element = next(&mut ahead).filter(|element| element.tag == tag)?;
    *rest = ahead;
    Some(element.content)
}

/// Fills in what the message says, from behind its content type (RFC 2315, 9.1); `None` when it
/// is damaged.
fn message(mut rest: &[u8], into: &mut Signature, cx: &mut Cx<'_>) -> Result<Option<()>, LimitHit> {
    let Some(mut explicit) = expect(&mut rest, CONTEXT_0) else { return Ok(None) };
    let Some(mut signed_data) = expect(&mut explicit, SEQUENCE) else { return Ok(None) };
    cx.budget.touch(signed_data.len())?;
    // version, digestAlgorithms
    let _ = expect(&mut signed_data, INTEGER);
    let _ = expect(&mut signed_data, SET);
    let Some(content_info) = expect(&mut signed_data, SEQUENCE) else { return Ok(None) };
    into.signed_hash = signed_hash(content_info).unwrap_or_default().to_vec();
    let certificates = expect(&mut signed_data, CONTEXT_0).unwrap_or_default();
    // crls
    let _ = expect(&mut signed_data, 0xA1);
    let Some(mut signer_infos) = expect(&mut signed_data, SET) else { return Ok(None) };
    let Some((issuer, serial)) = issuer_and_serial(&mut signer_infos) else { return Ok(None) };
    let mut certificates = certificates;
    for _ in 0..ELEMENTS {
        cx.budget.step(1)?;
        let Some(certificate) = next(&mut certificates) else { break };
        let Some(subject) = subject(certificate.content, issuer, serial) else { continue };
        into.signer = common_name(subject).unwrap_or_default();
        cx.budget.touch(certificate.whole.len().saturating_mul(2))?;
        into.certificate_sha256 = Some(Sha256::digest(certificate.whole).into());
        into.thumbprint = Some(Sha1::digest(certificate.whole).into());
        break;
    }
    Ok(Some(()))
}

/// The digest in `SpcIndirectDataContent` ([MS-OSHARED] 2.3.2.4.3.1).
fn signed_hash(mut content_info: &[u8]) -> Option<&[u8]> {
    expect(&mut content_info, OBJECT_IDENTIFIER)?;
    let mut explicit = expect(&mut content_info, CONTEXT_0)?;
    let mut indirect = expect(&mut explicit, SEQUENCE)?;
    // data
    expect(&mut indirect, SEQUENCE)?;
    let mut digest_info = expect(&mut indirect, SEQUENCE)?;
    // digestAlgorithm
    expect(&mut digest_info, SEQUENCE)?;
    expect(&mut digest_info, OCTET_STRING)
}

/// Issuer and serial number of the first signer's certificate (RFC 2315, 9.2).
fn issuer_and_serial<'a>(signer_infos: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut signer_info = expect(signer_infos, SEQUENCE)?;
    expect(&mut signer_info, INTEGER)?;
    let mut identifier = expect(&mut signer_info, SEQUENCE)?;
    Some((expect(&mut identifier, SEQUENCE)?, expect(&mut identifier, INTEGER)?))
}

/// The subject of a certificate, if it has that issuer and serial number (RFC 5280, 4.1).
fn subject<'a>(mut certificate: &'a [u8], issuer: &[u8], serial: &[u8]) -> Option<&'a [u8]> {
    let mut tbs = expect(&mut certificate, SEQUENCE)?;
    // version
    let _ = expect(&mut tbs, CONTEXT_0);
    let own_serial = expect(&mut tbs, INTEGER)?;
    // signature
    expect(&mut tbs, SEQUENCE)?;
    let own_issuer = expect(&mut tbs, SEQUENCE)?;
    // validity
    expect(&mut tbs, SEQUENCE)?;
    let subject = expect(&mut tbs, SEQUENCE)?;
    (own_serial == serial && own_issuer == issuer).then_some(subject)
}

/// The common name in a name (RFC 5280, 4.1.2.4).
fn common_name(mut name: &[u8]) -> Option<String> {
    for _ in 0..ELEMENTS {
        let mut relative = expect(&mut name, SET)?;
        let mut attribute = expect(&mut relative, SEQUENCE)?;
        if expect(&mut attribute, OBJECT_IDENTIFIER)? == COMMON_NAME {
            let value = next(&mut attribute)?;
            return Some(match value.tag {
                // UTF8String
                0x0C => String::from_utf8_lossy(value.content).into_owned(),
                // BMPString
                0x1E => {
                    let units = value.content.chunks_exact(2).map(|pair| match pair {
                        [high, low] => u16::from_be_bytes([*high, *low]),
                        _ => 0,
                    });
                    char::decode_utf16(units)
                        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                        .collect()
                }
                _ => CodePage::WESTERN.decode(value.content).text.into_owned(),
            });
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::compression::tests::with_cx;
    use super::*;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let len = content.len() as u16;
        [&[tag, 0x82][..], &len.to_be_bytes(), &content].concat()
    }

    fn name(common: &[u8]) -> Vec<u8> {
        let attribute = |oid: &[u8], value: &[u8]| {
            let value = [der(OBJECT_IDENTIFIER, &[oid]), der(0x13, &[value])].concat();
            der(SET, &[&der(SEQUENCE, &[&value])])
        };
        der(SEQUENCE, &[&attribute(&[0x55, 0x04, 0x06], b"JP"), &attribute(COMMON_NAME, common)])
    }

    fn certificate(serial: u8, common: &[u8]) -> Vec<u8> {
        let tbs = [
            der(CONTEXT_0, &[&der(INTEGER, &[&[2]])]),
            der(INTEGER, &[&[serial]]),
            der(SEQUENCE, &[]),
            name(b"Issuer"),
            der(SEQUENCE, &[]),
            name(common),
        ];
        der(SEQUENCE, &[&der(SEQUENCE, &[&tbs.concat()])])
    }

    pub(in crate::vba) fn signed(serial: u8) -> Vec<u8> {
        let digest_info = der(SEQUENCE, &[&der(SEQUENCE, &[]), &der(OCTET_STRING, &[&[0xAB; 16]])]);
        let indirect = der(SEQUENCE, &[&der(SEQUENCE, &[]), &digest_info]);
        let content = [der(OBJECT_IDENTIFIER, &[&[1, 2]]), der(CONTEXT_0, &[&indirect])].concat();
        let identifier = der(SEQUENCE, &[&name(b"Issuer"), &der(INTEGER, &[&[serial]])]);
        let signer = der(SEQUENCE, &[&der(INTEGER, &[&[1]]), &identifier]);
        let signed_data = [
            der(INTEGER, &[&[1]]),
            der(SET, &[]),
            der(SEQUENCE, &[&content]),
            der(CONTEXT_0, &[&certificate(1, b"Root"), &certificate(2, b"A Signer")]),
            der(SET, &[&signer]),
        ];
        let explicit = der(CONTEXT_0, &[&der(SEQUENCE, &[&signed_data.concat()])]);
        [b"property set".to_vec(), der(SEQUENCE, &[SIGNED_DATA, &explicit]), vec![0; 8]].concat()
    }

    fn read(stream: &[u8]) -> Option<Signature> {
        with_cx(|cx| in_summary(stream, cx)).0.unwrap()
    }

    #[test]
    fn signer_is_the_one_that_the_message_names() {
        let expected = Signature {
            signer: "A Signer".into(),
            certificate_sha256: Some(Sha256::digest(certificate(2, b"A Signer")).into()),
            thumbprint: Some(Sha1::digest(certificate(2, b"A Signer")).into()),
            signed_hash: vec![0xAB; 16],
            hash_matches: None,
        };
        assert_eq!(read(&signed(2)), Some(expected));
    }

    #[test]
    fn signature_without_the_signers_certificate_keeps_the_hash() {
        let expected = Signature { signed_hash: vec![0xAB; 16], ..Signature::default() };
        assert_eq!(read(&signed(3)), Some(expected));
        assert_eq!(read(b"no signature"), None);
    }

    #[test]
    fn decoy_before_the_message_does_not_hide_it() {
        let stream = [SIGNED_DATA, &signed(2)].concat();
        assert_eq!(read(&stream), read(&signed(2)));
    }

    #[test]
    fn damaged_message_is_still_a_signature() {
        let stream = signed(2);
        let (found, problems) = with_cx(|cx| in_summary(&stream[..200], cx));
        assert_eq!(found, Ok(Some(Signature::default())));
        assert_eq!(problems.count(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_message_is_read(mut stream in Just(signed(2)), at in 20usize..600, byte in any::<u8>()) {
            if let Some(place) = stream.get_mut(at) {
                *place = byte;
            }
            read(&stream);
        }
    }
}
