//! The content hash of a project ([MS-OVBA] 2.4.2.3): MD5 over names and source in a normal form
//! ([MS-OVBA] 2.4.2.1).
//!
//! The hash is MD5 whatever algorithm the message names ([MS-OSHARED] 4.3). It covers neither
//! attribute lines, nor line ends, nor where a library reference leads, nor forms: what changes
//! only these leaves it as it is. The agile and V3 hashes, which cover forms, are not computed.

use md5::{Digest, Md5};

use super::super::consts::{REFERENCEPROJECT, REFERENCEREGISTERED};
use super::super::project::{OddityKind, Project};
use crate::base::{Cx, LimitHit};

/// What the `dir` stream gives to the hash, as stored.
#[derive(Debug, Default)]
pub(in crate::vba) struct Names {
    /// ProjectName ([MS-OVBA] 2.3.4.2.1.6).
    pub(in crate::vba) project: Vec<u8>,
    /// Constants ([MS-OVBA] 2.3.4.2.1.12).
    pub(in crate::vba) constants: Vec<u8>,
    /// What references come to, in file order.
    pub(in crate::vba) references: Vec<u8>,
    /// Whether the stream was read to its terminator.
    pub(in crate::vba) whole: bool,
}

impl Names {
    /// Adds a reference: a registered library is one byte whatever it is. Of a project the record
    /// is copied up to the first zero, which its 32-bit length has.
    pub(in crate::vba) fn reference(&mut self, id: u16, body: &[u8]) {
        match id {
            REFERENCEREGISTERED => self.references.push(b'{'),
            REFERENCEPROJECT => {
                let up_to_zero = body.iter().take_while(|byte| **byte != 0).take(4);
                self.references.extend(up_to_zero);
            }
            _ => {}
        }
    }
}

/// Whether the signed hash is that of the project; `None` when this hash is of another kind, or
/// when something that it covers could not be read.
pub(in crate::vba) fn matches(
    signed_hash: &[u8],
    names: &Names,
    project: &Project,
    cx: &mut Cx<'_>,
) -> Result<Option<bool>, LimitHit> {
    let Ok(signed) = <[u8; 16]>::try_from(signed_hash) else { return Ok(None) };
    let lost =
        |kind| matches!(kind, OddityKind::MissingStream | OddityKind::LostText | OddityKind::SharedStream);
    if !names.whole || project.oddities.iter().any(|oddity| lost(oddity.kind)) {
        return Ok(None);
    }
    let mut hash = Md5::new();
    hash.update(&names.project);
    hash.update(&names.constants);
    hash.update(&names.references);
    for module in project.modules.iter().filter(|module| module.in_dir) {
        cx.budget.touch(module.raw.len().saturating_mul(4))?;
        for line in module.raw.split(|byte| matches!(byte, b'\r' | b'\n')) {
            if !is_attribute(line) {
                hash.update(line);
            }
        }
    }
    Ok(Some(signed == <[u8; 16]>::from(hash.finalize())))
}

/// Whether the hash passes over a line.
fn is_attribute(line: &[u8]) -> bool {
    line.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"attribute"))
}

#[cfg(test)]
mod tests {
    use super::super::super::compression::tests::with_cx;
    use super::super::super::project::{Module, Oddity};
    use super::*;
    use crate::base::{Location, PartId};

    fn module(raw: &[u8]) -> Module {
        Module { raw: raw.to_vec(), in_dir: true, ..Module::default() }
    }

    fn names() -> Names {
        let mut names =
            Names { project: b"P".to_vec(), constants: b"C=1".to_vec(), whole: true, ..Names::default() };
        names.reference(REFERENCEREGISTERED, b"\x05\0\0\0abcde\0\0\0\0\0\0");
        // SizeOfLibidAbsolute 0x0105: two bytes before the first zero.
        names.reference(REFERENCEPROJECT, &[5, 1, 0, 0, b'*']);
        names
    }

    fn project() -> Project {
        let remnant = Module { in_dir: false, ..module(b"not loaded") };
        let modules = vec![
            module(b"Attribute VB_Name = \"A\"\r\nSub A()\r\n\r\nattributes = 1\n'x\rEnd Sub\r\n"),
            remnant,
            module(b"ATTRIBUTE x\r\n B"),
        ];
        Project { modules, ..Project::default() }
    }

    fn told(signed: &[u8], names: &Names, project: &Project) -> Option<bool> {
        with_cx(|cx| matches(signed, names, project, cx)).0.unwrap()
    }

    #[test]
    fn hash_is_md5_of_names_and_source_without_line_ends_and_attributes() {
        let normalized = b"PC=1{\x05\x01Sub A()'xEnd Sub B";
        assert_eq!(told(&Md5::digest(normalized), &names(), &project()), Some(true));
    }

    #[test]
    fn changed_source_does_not_match() {
        let mut changed = project();
        changed.modules[2].raw.push(b'!');
        let signed = Md5::digest(b"PC=1{\x05\x01Sub A()'xEnd Sub B");
        assert_eq!(told(&signed, &names(), &changed), Some(false));
    }

    #[test]
    fn hash_of_another_kind_or_a_part_that_was_not_read_tells_nothing() {
        let signed = Md5::digest(b"PC=1{\x05\x01Sub A()'xEnd Sub B");
        assert_eq!(told(&[7; 32], &names(), &project()), None);
        assert_eq!(told(&signed, &Names { whole: false, ..names() }, &project()), None);
        let mut lost = project();
        let location = Location::part(PartId(0));
        lost.oddities.push(Oddity { location, module: Some(0), kind: OddityKind::LostText });
        assert_eq!(told(&signed, &names(), &lost), None);
    }
}
