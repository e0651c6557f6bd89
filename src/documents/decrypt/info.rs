//! `EncryptionInfo` and the headers that it shares with FILEPASS and Word: what was done, and the
//! verifier of the password ([MS-OFFCRYPTO] 2.3.2 to 2.3.4.10).

use super::DecryptError;
use crate::base::{Reader, base64};
use crate::crypto::Lock;
use crate::crypto::agile::{AgileLock, MOST_ROUNDS, Parameters};
use crate::crypto::hash::Hash;
use crate::crypto::standard::StandardLock;

/// `fAES` of `EncryptionHeader.Flags`.
const FLAG_AES: u32 = 0x20;

/// Longest salt that is believed; the specification has 16 bytes.
const LONGEST_SALT: u32 = 64;

/// Reads the stream `EncryptionInfo` of an encrypted package.
///
/// # Errors
/// [`DecryptError`] when no password can open it here.
pub fn encryption_info(stream: &[u8]) -> Result<Lock, DecryptError> {
    let mut reader = Reader::new(stream);
    let (major, minor) = (reader.u16()?, reader.u16()?);
    match (major, minor) {
        (4, 4) => {
            reader.u32()?;
            agile(reader.rest())
        }
        (2..=4, 2) => crypto_api(&mut reader),
        (3 | 4, 3) => Err(DecryptError::Extensible),
        _ => Err(DecryptError::Version { major, minor }),
    }
}

/// Reads what follows `EncryptionVersionInfo` in the CryptoAPI forms: flags, header, verifier (2.3.5.1,
/// 2.3.4.5).
///
/// # Errors
/// [`DecryptError`] when a field is missing or the cipher is not known.
pub fn crypto_api(reader: &mut Reader<'_>) -> Result<Lock, DecryptError> {
    reader.u32()?; // Flags, repeated in the header
    let header_len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let mut header = reader.sub(header_len)?;
    let flags = header.u32()?;
    header.u32()?; // SizeExtra
    let cipher = header.u32()?;
    header.u32()?; // AlgIDHash: always SHA-1
    let key_bits = header.u32()?;
    let salt_len = reader.u32()?.min(LONGEST_SALT);
    let salt = reader.take(usize::try_from(salt_len).unwrap_or(0))?.to_vec();
    let verifier = reader.array()?;
    reader.u32()?; // VerifierHashSize
    let bits = match (cipher, flags & FLAG_AES != 0) {
        (0x6801, _) | (0, false) => {
            return Ok(Lock::CryptoApi { key_bits, salt, verifier, verifier_hash: reader.array()? });
        }
        (0x660E, _) | (0, true) => 128,
        (0x660F, _) => 192,
        (0x6610, _) => 256,
        (id, _) => return Err(DecryptError::Cipher { id }),
    };
    Ok(Lock::Standard(StandardLock { key_bits: bits, salt, verifier, verifier_hash: reader.array()? }))
}

/// Reads the salt and verifier of 40-bit RC4, which follow its version (2.3.6.1).
///
/// # Errors
/// [`DecryptError::Short`]
pub fn rc4(reader: &mut Reader<'_>) -> Result<Lock, DecryptError> {
    Ok(Lock::Rc4 { salt: reader.array()?, verifier: reader.array()?, verifier_hash: reader.array()? })
}

/// Reads the XML descriptor of Agile encryption (2.3.4.10).
fn agile(xml: &[u8]) -> Result<Lock, DecryptError> {
    let missing = |what| DecryptError::Missing { what };
    let key_data = element(xml, b"keyData").ok_or(missing("keyData"))?;
    let encryptor = element(xml, b"encryptedKey").ok_or(missing("encryptedKey"))?;
    let bytes = |tag: &[u8], name: &'static str| -> Result<Vec<u8>, DecryptError> {
        attribute(tag, name).map(base64::decode).filter(|bytes| !bytes.is_empty()).ok_or(missing(name))
    };
    let spin_count = number(encryptor, "spinCount").ok_or(missing("spinCount"))?;
    if spin_count > MOST_ROUNDS {
        return Err(missing("spinCount: it asks for more than 10,000,000 rounds"));
    }
    let integrity = element(xml, b"dataIntegrity")
        .and_then(|tag| Some((bytes(tag, "encryptedHmacKey").ok()?, bytes(tag, "encryptedHmacValue").ok()?)));
    Ok(Lock::Agile(Box::new(AgileLock {
        package: parameters(key_data, bytes(key_data, "saltValue")?)?,
        password: parameters(encryptor, bytes(encryptor, "saltValue")?)?,
        spin_count,
        verifier_input: bytes(encryptor, "encryptedVerifierHashInput")?,
        verifier_value: bytes(encryptor, "encryptedVerifierHashValue")?,
        key_value: bytes(encryptor, "encryptedKeyValue")?,
        integrity,
    })))
}

fn parameters(tag: &[u8], mut salt: Vec<u8>) -> Result<Parameters, DecryptError> {
    const CIPHERS: [&str; 5] = ["RC2", "RC4", "DES", "DESX", "3DES"];
    const HASHES: [&str; 5] = ["MD2", "MD4", "RIPEMD-128", "RIPEMD-160", "WHIRLPOOL"];
    let value = |name| attribute(tag, name).unwrap_or_default();
    let known = |names: &[&'static str], value: &[u8]| {
        let name = names.iter().copied().find(|name| value.eq_ignore_ascii_case(name.as_bytes()));
        name.unwrap_or("none of the known names")
    };
    let cipher = value("cipherAlgorithm");
    if !cipher.eq_ignore_ascii_case(b"AES") {
        return Err(DecryptError::NamedCipher { name: known(&CIPHERS, cipher) });
    }
    let chaining = value("cipherChaining");
    if !chaining.eq_ignore_ascii_case(b"ChainingModeCBC") {
        return Err(DecryptError::NamedCipher { name: known(&["ChainingModeCFB"], chaining) });
    }
    let stated = String::from_utf8_lossy(value("hashAlgorithm"));
    let hash = Hash::named(&stated)
        .ok_or_else(|| DecryptError::NamedHash { name: known(&HASHES, stated.as_bytes()) })?;
    let key_bits = number(tag, "keyBits").ok_or(DecryptError::Missing { what: "keyBits" })?;
    if let Some(len) = number(tag, "saltSize").and_then(|len| usize::try_from(len).ok()) {
        salt.truncate(len);
    }
    Ok(Parameters { key_bits, hash, salt })
}

/// The inside of the first tag with a local name, without its angle brackets.
fn element<'x>(xml: &'x [u8], name: &[u8]) -> Option<&'x [u8]> {
    let mut rest = xml;
    loop {
        let open = rest.iter().position(|byte| *byte == b'<')?;
        let tag = rest.get(open.saturating_add(1)..)?;
        let len = tag.iter().position(|byte| *byte == b'>')?;
        let (inside, behind) = (tag.get(..len)?, tag.get(len..)?);
        let end = inside.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        let full = inside.get(..end.unwrap_or(len))?;
        let local = full.rsplit(|byte| *byte == b':').next().unwrap_or(full);
        if local == name {
            return Some(inside);
        }
        rest = behind;
    }
}

/// The value of an attribute of a tag.
fn attribute<'x>(tag: &'x [u8], name: &str) -> Option<&'x [u8]> {
    let mut rest = tag;
    loop {
        let at = rest.windows(name.len()).position(|window| window == name.as_bytes())?;
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        let is_whole = before.is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b':');
        rest = rest.get(at.saturating_add(name.len())..)?;
        let value = rest.trim_ascii_start().strip_prefix(b"=").map(<[u8]>::trim_ascii_start);
        if let (true, Some([quote @ (b'"' | b'\''), value @ ..])) = (is_whole, value) {
            return value.get(..value.iter().position(|byte| byte == quote)?);
        }
    }
}

fn number(tag: &[u8], name: &str) -> Option<u32> {
    std::str::from_utf8(attribute(tag, name)?).ok()?.trim().parse().ok()
}
