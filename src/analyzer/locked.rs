//! Encrypted content: passwords are tried, and what opens becomes a part of its own.

use std::borrow::Cow;

use super::run::{Opened, Pending, Run, Source};
use super::streams::CompoundStreams;
use crate::base::{Bytes, Cx, Feature, LimitHit, LimitKind, Location, PartId, Problem, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::mail::Address;
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::sniff;
use crate::containers::zip;
use crate::crypto::archive::{self as archive_keys, AesKeys, ZipKeys};
use crate::crypto::password::{self, first_that_opens};
use crate::crypto::{Key, Lock, Opening, Password, PasswordSource};
use crate::documents::decrypt::sealed::{self, Sealed};
use crate::documents::decrypt::word::{self, WordStream};
use crate::documents::decrypt::{DecryptError, info, package, presentation, workbook};
use crate::documents::doc::{self, TableStream, WordStreams};
use crate::documents::document::{DocumentKind, TextPlace};
use crate::documents::passwords::Words;
use crate::documents::ppt;
use crate::documents::props::{self, Properties};
use crate::documents::workbook::{Encryption, EncryptionMethod};
use crate::findings::{Locked, LockedKind};
use crate::vba::Streams;

/// The name of a part that decryption made.
pub(super) const DECRYPTED: &str = "decrypted";

impl<'i> Run<'i, '_> {
    /// Tries the passwords on a lock at `at` of `part`; tells what stays closed, and why.
    pub(super) fn unlock(
        &mut self,
        part: PartId,
        at: u64,
        lock: &Result<Lock, DecryptError>,
        (kind, what): (LockedKind, &'static str),
    ) -> Result<Option<(Key, Opening)>, LimitHit> {
        let lock = match lock {
            Ok(lock) => lock,
            Err(error) => {
                let mut cx = self.cx(part, Stage::Crypto);
                match error {
                    DecryptError::Short(_) => cx.abandoned(at..at, &format_args!("{what}: {error}")),
                    _ => cx.unsupported(at, &format_args!("{what}: {error}")),
                }
                let method = "an unknown method";
                self.models.locked.push(Locked { part, at, kind, what, method, opened: None });
                return Ok(None);
            }
        };
        let method = lock.name();
        if !lock.is_built() {
            self.no_cipher(what, Locked { part, at, kind, what, method, opened: None });
            return Ok(None);
        }
        if self.words.is_empty() {
            self.gather_words();
        }
        let words = self.words_for(lock.rounds());
        let known = self.passwords.iter().chain(self.words.get(..words).unwrap_or_default());
        let found =
            first_that_opens(known, lock.rounds(), &mut self.budget, |password| lock.try_password(password));
        let found = match found {
            Err(hit) if hit.kind == LimitKind::KdfRounds => {
                self.problems.push(Problem::limit(Location::part(part), Stage::Crypto, hit));
                None
            }
            found => found?,
        };
        let opened = found.map(|(key, password)| (key, Opening { method, password }));
        if opened.is_none() {
            let given = self.passwords.len().saturating_add(words);
            let tried = given.saturating_add(password::always().count());
            let message = format!("{what} is encrypted ({method}), and none of {tried} passwords opens it");
            self.cx(part, Stage::Crypto).needs_password(at, &message);
        }
        let opening = opened.as_ref().map(|(_, opening)| opening.clone());
        self.models.locked.push(Locked { part, at, kind, what, method, opened: opening });
        Ok(opened)
    }

    /// Keeps encrypted content for which this build has no cipher, and tells so.
    fn no_cipher(&mut self, name: &str, locked: Locked) {
        let message = format!("{name} is encrypted ({}); {}", locked.method, Feature::Crypto);
        self.cx(locked.part, Stage::Crypto).unsupported(locked.at, &message);
        self.models.locked.push(locked);
    }

    /// Adds the part that decryption made of the part `of`, byte for byte from `from` on.
    pub(super) fn decrypted(
        &mut self,
        of: PartId,
        name: &str,
        bytes: &[u8],
        from: u64,
        opening: &Opening,
    ) -> Result<PartId, LimitHit> {
        let len = bytes.len() as u64;
        let id = self.add_part(of, name, PartKind::File(sniff(bytes)), len, [(from, len)])?;
        self.opened_with(id, opening);
        self.hash(id, bytes);
        Ok(id)
    }

    /// Notes how a part was opened.
    pub(super) fn opened_with(&mut self, part: PartId, opening: &Opening) {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.opened_with = Some(opening.clone());
        }
    }

    /// A workbook stream, decrypted if it is encrypted and a password is known; `whole` is the
    /// compound file that it lies in.
    pub(super) fn workbook(&mut self, part: PartId, stream: &[u8]) -> Result<(), LimitHit> {
        let Some(pass) = workbook::file_pass(stream, &mut self.cx(part, Stage::Crypto))? else {
            return self.plain_workbook(part, stream, None);
        };
        let Some((key, opening)) =
            self.unlock(part, pass.at as u64, &pass.lock, (LockedKind::Workbook, "the workbook stream"))?
        else {
            // Why it stays closed is told; its reader sees what is clear.
            let (method, at) = (encryption_method(&pass.lock), pass.at as u64);
            return self.plain_workbook(part, stream, Some(Encryption { method, at, opened: false }));
        };
        let plain = workbook::decrypt(stream, &pass, &key, &mut self.cx(part, Stage::Crypto))?;
        let id = self.decrypted(part, DECRYPTED, &plain, 0, &opening)?;
        self.show(id, &plain);
        let method = encryption_method(&pass.lock);
        let encryption = Encryption { method, at: pass.at as u64, opened: true };
        self.key = Some((key, opening));
        self.plain_workbook(id, &plain, Some(encryption))
    }

    /// The content of an encrypted entry, unpacked and proved by its checksum or HMAC, and how it was
    /// opened. `None` when no password opens it, which is told.
    pub(super) fn unlock_entry(
        &mut self,
        part: PartId,
        archive: &[u8],
        entry: &zip::Entry,
    ) -> Result<Option<(Vec<u8>, Opening)>, LimitHit> {
        let method = match entry.aes.map(|aes| aes.strength) {
            Some(1) => "ZIP with AES-128",
            Some(2) => "ZIP with AES-192",
            Some(3) => "ZIP with AES-256",
            Some(_) => "ZIP with an unknown AES",
            None => "ZipCrypto",
        };
        let (kind, what) = (LockedKind::Entry, "an entry of the archive");
        if entry.aes.is_some() && !Feature::Crypto.is_built() {
            let name = format!("{:?}", entry.name);
            self.no_cipher(&name, Locked { part, at: 0, kind, what, method, opened: None });
            return Ok(None);
        }
        let rounds = if entry.aes.is_some() { archive_keys::AES_PASSWORD_ROUNDS } else { 1 };
        let mut made = Vec::new();
        let around = self.models.parts.get(part.0 as usize).and_then(|part| part.parent).unwrap_or(part);
        let words = most_words(entry).min(self.words_for(rounds));
        let words = if self.words_failed.contains(&around) { 0 } else { words };
        let (opened, tried) = {
            let Run { opened_before, passwords, words: all_words, budget, problems, .. } = &mut *self;
            let words = all_words.get(..words).unwrap_or_default();
            let mut cx = Cx { part, stage: Stage::Archive, budget, problems };
            let known = opened_before.iter().rev().chain(passwords.iter()).chain(words);
            let last: Vec<Password> = password::always().collect();
            // What is always tried has its rounds set aside, so that a long list does not keep it from that.
            let aside = rounds.saturating_mul(last.len() as u64);
            let (mut opened, mut tried) = (None, 0usize);
            for (password, aside) in
                known.map(|known| (known, aside)).chain(last.iter().map(|last| (last, 0)))
            {
                if aside > 0 && cx.budget.rounds_left() < aside.saturating_add(rounds) {
                    continue;
                }
                tried = tried.saturating_add(1);
                match opens_entry(archive, entry, password, rounds, &mut made, &mut cx) {
                    Ok(false) => {}
                    Ok(true) => {
                        opened = Some(Opening { method, password: password.clone() });
                        break;
                    }
                    Err(hit) if hit.kind == LimitKind::KdfRounds => break,
                    Err(hit) => return Err(hit),
                }
            }
            let all = opened_before.len().saturating_add(passwords.len());
            let all = all.saturating_add(words.len()).saturating_add(last.len());
            if opened.is_none()
                && tried < all
                && let Err(hit) = cx.budget.rounds(u64::MAX)
            {
                problems.push(Problem::limit(Location::part(part), Stage::Crypto, hit));
            }
            (opened, tried)
        };
        self.models.locked.push(Locked { part, at: 0, kind, what, method, opened: opened.clone() });
        let Some(opening) = opened else {
            // Entries of an archive mostly have one password.
            self.words_failed.insert(around);
            let message =
                format!("{:?} is encrypted ({method}), and none of {tried} passwords opens it", entry.name);
            self.cx(part, Stage::Crypto).needs_password(0, &message);
            return Ok(None);
        };
        if self.opened_before.len() < REMEMBERED && !self.opened_before.contains(&opening.password) {
            self.opened_before.push(opening.password.clone());
        }
        self.opened_with(part, &opening);
        Ok(Some((made, opening)))
    }

    /// Whether a part is locked by a password that a text which is still to be read may name.
    pub(super) fn is_locked(&mut self, next: &Pending<'i>) -> Result<bool, LimitHit> {
        match &next.source {
            Source::Member { entry, .. } => Ok(entry.says_encrypted()),
            Source::Ready(bytes) if next.depth > 0 && sniff(bytes.as_slice()).is_compound_file() => {
                let bytes = bytes.as_slice();
                self.budget.touch(bytes.len())?;
                // The name of the stream, as the directory has it.
                let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
                Ok(bytes.chunks_exact(DIRECTORY_ENTRY).any(|entry| entry.starts_with(&name)))
            }
            _ => Ok(false),
        }
    }

    /// How many words are tried on a lock of which one try takes `rounds`: half of what is left stays for the likely
    /// passwords of other locks.
    fn words_for(&self, rounds: u64) -> usize {
        let tries = self.budget.rounds_left() / 2 / rounds.max(1);
        let tries = usize::try_from(tries).unwrap_or(usize::MAX);
        tries.saturating_sub(self.passwords.len()).min(self.words.len())
    }

    /// Gathers what may be a password of what is still locked: every word of the texts and names that were read, and
    /// what mails name without writing it: their date and the domain of the sender.
    pub(super) fn gather_words(&mut self) {
        let mut words = Words::default();
        // What does not fit in the budget is not tried; that a lock stays closed is told.
        let _ = self.gather(&mut words);
        self.words = words.into_list();
    }

    fn gather(&mut self, words: &mut Words) -> Result<(), LimitHit> {
        let Run { models, budget, .. } = self;
        for message in &models.messages {
            let at = Location::part(message.part);
            for domain in message.from.iter().filter_map(Address::domain) {
                words.word(&domain, PasswordSource::MailBody, &at, budget)?;
                for label in domain.split('.') {
                    words.word(label, PasswordSource::MailBody, &at, budget)?;
                }
            }
            if let Some(date) = message.date {
                words.date(date, PasswordSource::MailBody, &at, budget)?;
            }
        }
        // Streams of a compound file have the names that its format gives them.
        let is_named = |part: &&Part| match part.kind {
            PartKind::File(kind) => !kind.is_biff(),
            kind => kind.is_named_by_its_sender(),
        };
        for part in models.parts.iter().skip(1).filter(is_named) {
            words.file_name(&part.name, &Location::part(part.id), budget)?;
        }
        let texts = models.documents.iter().flat_map(|document| {
            document.texts.iter().map(|text| {
                let source = match (document.kind, text.place) {
                    (DocumentKind::Mail, TextPlace::Subject) => PasswordSource::MailSubject,
                    (DocumentKind::Mail, _) => PasswordSource::MailBody,
                    _ => PasswordSource::Elsewhere,
                };
                (text, source)
            })
        });
        let mut texts: Vec<_> = texts.collect();
        budget.step(texts.len() as u64)?;
        texts.sort_by_key(|(text, _)| text.text.len());
        texts.iter().try_for_each(|(text, source)| words.text(&text.text, *source, &text.location, budget))
    }

    /// An encrypted package: `EncryptionInfo` says how, `EncryptedPackage` is the document. Says
    /// whether there is one.
    pub(super) fn encrypted_package(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<bool, LimitHit> {
        let find =
            |name: &str| file.entries().iter().find(|entry| entry.is_stream() && is_named(entry, name));
        let Some(package) = find("EncryptedPackage") else { return Ok(false) };
        let part = streams.part(package.id);
        let Some(stated) = find("EncryptionInfo") else {
            let rights = file.entries().iter().any(|entry| entry.name.contains("DRM"));
            let message = match rights {
                true => "the package is under rights management: only its licence server has the key",
                false => "an encrypted package without EncryptionInfo",
            };
            self.cx(part, Stage::Crypto).unsupported(0, message);
            return Ok(true);
        };
        let stated_at = streams.part(stated.id);
        let stated = streams.open(stated.id, &mut self.cx(stated_at, Stage::Cfb))?;
        let lock = info::encryption_info(&stated);
        let Some((key, opening)) = self.unlock(part, 0, &lock, (LockedKind::Document, "the package"))? else {
            return Ok(true);
        };
        let Ok(lock) = &lock else { return Ok(true) };
        let stream = streams.open(package.id, &mut self.cx(part, Stage::Cfb))?;
        let Some(plain) = package::decrypt(&stream, lock, &key, &mut self.cx(part, Stage::Crypto))? else {
            return Ok(true);
        };
        drop(stream);
        let id = self.decrypted(part, DECRYPTED, &plain, 8, &opening)?;
        self.queue(id, super::run::Source::Ready(Bytes::owned(plain)), next.depth);
        Ok(true)
    }

    /// The streams of an encrypted Word document in the clear: `WordDocument`, its table and `Data`
    /// become parts.
    pub(super) fn decrypted_word(
        &mut self,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<(), LimitHit> {
        let find = |name: &str| file.child(0, name).filter(|entry| entry.is_stream());
        let Some(document) = find("WordDocument") else { return Ok(()) };
        let at = streams.part(document.id);
        let bytes = streams.open(document.id, &mut self.cx(at, Stage::Cfb))?;
        // fWhichTblStm
        let table = if bytes.get(11).is_some_and(|flags| flags & 2 != 0) { "1Table" } else { "0Table" };
        let table = find(table);
        let table_bytes = match table {
            Some(table) => streams.open(table.id, &mut self.cx(streams.part(table.id), Stage::Cfb))?,
            None => Cow::Borrowed(&[][..]),
        };
        let Some(lock) = word::lock(&bytes, &table_bytes) else {
            // The reader tells what it cannot read.
            return if doc::is_encrypted(&bytes) {
                self.word(file, streams, document, &bytes)
            } else {
                Ok(())
            };
        };
        let Some((key, opening)) =
            self.unlock(at, 10, &lock.lock, (LockedKind::Document, "the Word document"))?
        else {
            return Ok(());
        };
        let data = find("Data");
        let data_bytes = match data {
            Some(data) => streams.open(data.id, &mut self.cx(streams.part(data.id), Stage::Cfb))?,
            None => Cow::Borrowed(&[][..]),
        };
        let all = [
            (Some(document), bytes, WordStream::Document),
            (table, table_bytes, WordStream::Table),
            (data, data_bytes, WordStream::Data),
        ];
        let mut plain = Vec::new();
        for (entry, cipher, which) in all {
            let Some(entry) = entry else { continue };
            let of = streams.part(entry.id);
            let bytes = word::decrypt(&cipher, which, &lock, &key, &mut self.cx(of, Stage::Crypto))?;
            let part = self.decrypted(of, DECRYPTED, &bytes, 0, &opening)?;
            self.show(part, &bytes);
            plain.push((which, part, bytes));
        }
        let opened = |wanted: WordStream| plain.iter().find(|(which, ..)| *which == wanted);
        if let Some((_, part, bytes)) = opened(WordStream::Document) {
            let table = opened(WordStream::Table).map(|(_, part, bytes)| TableStream { bytes, part: *part });
            let data = opened(WordStream::Data).map(|(_, part, bytes)| TableStream { bytes, part: *part });
            self.word_streams(*part, WordStreams { document: bytes, tables: [table, table], data }, true)?;
        }
        self.key = Some((key, opening));
        Ok(())
    }

    /// The stream of an encrypted presentation in the clear becomes a part.
    pub(super) fn decrypted_presentation(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<(), LimitHit> {
        let find = |name: &str| file.child(0, name).filter(|entry| entry.is_stream());
        let (Some(document), Some(user)) = (find("PowerPoint Document"), find("Current User")) else {
            return Ok(());
        };
        let (part, user_part) = (streams.part(document.id), streams.part(user.id));
        let user = streams.open(user.id, &mut self.cx(user_part, Stage::Cfb))?;
        let bytes = streams.open(document.id, &mut self.cx(part, Stage::Cfb))?;
        let Some(lock) = presentation::lock(&bytes, &user, &mut self.cx(part, Stage::Crypto))? else {
            let is_encrypted = ppt::is_encrypted(&bytes, Some(&user), &mut self.cx(part, Stage::Crypto))?;
            if is_encrypted {
                // The reader tells what it cannot read.
                self.presentation(next, file, streams, document, &bytes, true)?;
            }
            return Ok(());
        };
        let what = (LockedKind::Document, "the presentation");
        let Some((key, opening)) = self.unlock(part, lock.at, &lock.lock, what)? else { return Ok(()) };
        let plain = presentation::decrypt(&bytes, &lock, &key, &mut self.cx(part, Stage::Crypto))?;
        let id = self.decrypted(part, DECRYPTED, &plain, 0, &opening)?;
        self.show(id, &plain);
        self.presentation_stream(next, id, &plain, Some(&user), true)?;
        if let Some(pictures) = find("Pictures") {
            let part = streams.part(pictures.id);
            let bytes = streams.open(pictures.id, &mut self.cx(part, Stage::Cfb))?;
            let plain = presentation::decrypt_pictures(&bytes, &key, &mut self.cx(part, Stage::Crypto))?;
            let id = self.decrypted(part, DECRYPTED, &plain, 0, &opening)?;
            self.show(id, &plain);
            self.art_stream(id, &plain)?;
        }
        self.key = Some((key, opening));
        Ok(())
    }

    /// The streams that lie sealed in one stream beside a document under CryptoAPI.
    pub(super) fn sealed_streams(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<(), LimitHit> {
        let Some((Key::Rc4(secret), opening)) = self.key.take() else { return Ok(()) };
        let named = |entry: &&Entry| is_named(entry, "encryption") || is_named(entry, "EncryptedSummary");
        let Some(entry) = file.entries().iter().filter(|entry| entry.is_stream()).find(named) else {
            return Ok(());
        };
        let part = streams.part(entry.id);
        let bytes = streams.open(entry.id, &mut self.cx(part, Stage::Cfb))?;
        let mut found = Vec::new();
        let result = sealed::open(&bytes, &secret, &mut found, &mut self.cx(part, Stage::Crypto));
        for Sealed { name, at, bytes } in found {
            let id = self.decrypted(part, &name, &bytes, at, &opening)?;
            if name.contains("SummaryInformation") {
                self.show(id, &bytes);
                let mut properties = Properties::default();
                let result = props::read(&bytes, &mut properties, &mut self.cx(id, Stage::Props));
                self.models.properties.push(properties);
                result?;
            } else {
                self.queue(id, super::run::Source::Ready(Bytes::owned(bytes)), next.depth);
            }
        }
        result
    }
}

fn encryption_method(lock: &Result<Lock, DecryptError>) -> EncryptionMethod {
    match lock {
        Ok(Lock::Rc4 { .. }) => EncryptionMethod::Rc4,
        Ok(Lock::CryptoApi { .. }) => EncryptionMethod::Rc4CryptoApi,
        Ok(_) => EncryptionMethod::Xor,
        Err(DecryptError::FilePass { kind }) => EncryptionMethod::Unknown(*kind),
        Err(_) => EncryptionMethod::Unknown(u16::MAX),
    }
}

/// Bytes of an entry of the directory of a compound file.
const DIRECTORY_ENTRY: usize = 128;

/// How many words are tried on an entry. One of 256 passes the check of ZipCrypto and has all data decrypted.
fn most_words(entry: &zip::Entry) -> usize {
    const DECRYPTED: u64 = 64 << 20;
    let len = entry.data.end.saturating_sub(entry.data.start).max(1);
    usize::try_from(DECRYPTED.saturating_mul(256) / len).unwrap_or(usize::MAX)
}

/// Passwords that opened an entry that are remembered.
const REMEMBERED: usize = 64;

/// Whether a password opens an entry: its content is then in `made`, proved by its checksum or HMAC.
fn opens_entry(
    archive: &[u8],
    entry: &zip::Entry,
    password: &Password,
    rounds: u64,
    made: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<bool, LimitHit> {
    let data = entry.raw(archive);
    for form in password::byte_forms(&password.text) {
        cx.budget.rounds(rounds)?;
        let packed = match entry.aes {
            Some(aes) => match AesKeys::verified(&form, data, aes.strength) {
                Some(keys) => {
                    cx.budget.touch(data.len().saturating_mul(2))?;
                    keys.decrypt(data)
                }
                None => None,
            },
            None => match ZipKeys::verified(&form, data, entry.check_byte()) {
                Some(keys) => {
                    cx.budget.touch(data.len().saturating_mul(2))?;
                    Some(keys.decrypt(data))
                }
                None => None,
            },
        };
        let Some(packed) = packed else { continue };
        cx.budget.own(packed.len() as u64)?;
        let method = entry.aes.map_or(entry.method, |aes| aes.method);
        let content = match entry.unpack(method, &packed, made, cx) {
            // What a wrong password of ZipCrypto lets through inflates to anything.
            Err(hit) if matches!(hit.kind, LimitKind::Ratio | LimitKind::PartBytes) => continue,
            content => content?,
        };
        // With AES the HMAC is the proof; a checksum that differs besides is told by the reader.
        if content == zip::Content::Whole || entry.aes.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_named(entry: &Entry, name: &str) -> bool {
    entry.name.eq_ignore_ascii_case(name)
}
