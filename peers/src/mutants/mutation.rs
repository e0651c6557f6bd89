//! Mutants of files: the same seed and number give the same bytes, whoever reads them.

use std::io::{Cursor, Read, Write};
use std::panic::catch_unwind;

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Edits anywhere: bits, bytes, numbers, runs put in, taken out and repeated.
    Bytes,
    /// The end or a run in the middle is missing.
    Truncation,
    /// Edits in the first KiB or in the last 4 KiB, where headers and directories are.
    Header,
    /// A run of another file in place of its own.
    Splice,
    /// A ZIP whose member is inflated, edited and stored again.
    Member,
}

impl Kind {
    /// All kinds, in the order of the table.
    pub const ALL: [Kind; 5] = [Kind::Bytes, Kind::Truncation, Kind::Header, Kind::Splice, Kind::Member];

    /// The word for tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bytes => "bytes",
            Kind::Truncation => "truncation",
            Kind::Header => "header",
            Kind::Splice => "splice",
            Kind::Member => "member",
        }
    }
}

/// The longest file that mutants are made of.
const LONGEST: usize = 2 << 20;

/// Makes mutants of a list of files.
pub struct Mutator {
    bases: Vec<Vec<u8>>,
    seed: u64,
}

impl Mutator {
    /// Of files in this order; those over 2 MiB are left out.
    #[must_use]
    pub fn new(bases: Vec<Vec<u8>>, seed: u64) -> Self {
        let mut bases = bases;
        bases.retain(|base| !base.is_empty() && base.len() <= LONGEST);
        Mutator { bases, seed }
    }

    /// How many files mutants are made of.
    #[must_use]
    pub fn base_count(&self) -> usize {
        self.bases.len()
    }

    /// Mutant `number`.
    #[must_use]
    pub fn mutant(&self, number: u64) -> (Kind, Vec<u8>) {
        let mut random = Random::new(self.seed, number);
        let base = self.base(&mut random);
        let kind = match random.below(10) {
            0..=2 => Kind::Bytes,
            3 => Kind::Truncation,
            4..=5 => Kind::Header,
            6..=7 => Kind::Splice,
            _ => Kind::Member,
        };
        let mut bytes = base.to_vec();
        match kind {
            Kind::Bytes => edit(&mut bytes, 0, base.len(), &mut random),
            Kind::Truncation => truncate(&mut bytes, &mut random),
            Kind::Header => {
                let (from, to) = if random.below(3) == 0 {
                    (base.len().saturating_sub(4096), base.len())
                } else {
                    (0, base.len().min(1024))
                };
                edit(&mut bytes, from, to, &mut random);
            }
            Kind::Splice => splice(&mut bytes, self.base(&mut random), &mut random),
            Kind::Member => match member(base, &mut random) {
                Some(package) => bytes = package,
                None => {
                    edit(&mut bytes, 0, base.len(), &mut random);
                    return (Kind::Bytes, bytes);
                }
            },
        }
        (kind, bytes)
    }

    /// The shortest of three: small files show as much as large ones, sooner.
    fn base(&self, random: &mut Random) -> &[u8] {
        let picks = [(); 3].map(|()| random.below(self.bases.len()));
        let picks = picks.iter().filter_map(|index| self.bases.get(*index));
        picks.min_by_key(|base| base.len()).map_or(&[], |base| base)
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Self {
        let mut random = Random(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % (end as u64).max(1)) as usize
    }

    /// A number below a power of two whose exponent is below `powers`: mostly small.
    fn up_to_a_power(&mut self, powers: usize) -> usize {
        let end = 1 << self.below(powers);
        self.below(end)
    }
}

/// Numbers that counts, sizes and sector lists break on.
const NUMBERS: [u32; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffa,
    0xffff_fffe,
    0xffff_ffff,
];

/// Up to 16 edits of `bytes` at places from `from` up to `to`.
fn edit(bytes: &mut Vec<u8>, from: usize, to: usize, random: &mut Random) {
    let edits = 1 + random.up_to_a_power(5);
    for _ in 0..edits {
        let to = to.min(bytes.len());
        if from >= to {
            return;
        }
        let at = from + random.below(to - from);
        match random.below(8) {
            0 => overwrite(bytes, at, |byte, random| byte ^ (1 << random.below(8)), 1, random),
            1 => overwrite(bytes, at, |_, random| random.next() as u8, 1, random),
            2 => {
                let number = NUMBERS[random.below(NUMBERS.len())].to_le_bytes();
                let width = 1 << random.below(3);
                place(bytes, at, &number[..width]);
            }
            3 => {
                // A length or an offset that is near the truth.
                let near = (bytes.len() + random.below(16)).saturating_sub(8) >> (9 * random.below(2));
                place(bytes, at, &(near as u32).to_le_bytes());
            }
            4 => {
                let len = 1 + random.below(64);
                overwrite(bytes, at, |_, _| 0, len, random);
            }
            5 => {
                let end = (at + 1 + random.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let end = (at + 1 + random.below(512)).min(bytes.len());
                let run = bytes[at..end].to_vec();
                let times = 1 + random.up_to_a_power(7);
                let repeated = run.repeat(times);
                bytes.splice(at..at, repeated);
            }
            _ => {
                let other = from + random.below(to - from);
                let len = 1 + random.below(64);
                let run = bytes[other..(other + len).min(bytes.len())].to_vec();
                place(bytes, at, &run);
            }
        }
    }
}

fn overwrite(bytes: &mut [u8], at: usize, make: fn(u8, &mut Random) -> u8, len: usize, random: &mut Random) {
    for byte in bytes.iter_mut().skip(at).take(len) {
        *byte = make(*byte, random);
    }
}

fn place(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes.iter_mut().skip(at).zip(new).for_each(|(byte, new)| *byte = *new);
}

/// Half of the places are sector boundaries.
fn somewhere(len: usize, random: &mut Random) -> usize {
    let at = random.below(len + 1);
    if random.below(2) == 0 { at / 512 * 512 } else { at }
}

fn truncate(bytes: &mut Vec<u8>, random: &mut Random) {
    let from = somewhere(bytes.len(), random);
    if random.below(3) == 0 {
        let to = (from + 1 + random.below(4096)).min(bytes.len());
        bytes.drain(from..to);
    } else {
        bytes.truncate(from);
    }
}

fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let from = somewhere(bytes.len(), random);
    let start = somewhere(other.len(), random).min(other.len());
    if random.below(2) == 0 {
        bytes.truncate(from);
        bytes.extend_from_slice(&other[start..]);
    } else {
        let end = (start + 1 + random.below(8192)).min(other.len());
        let over = (from + end - start).min(bytes.len());
        bytes.splice(from..over, other[start..end].iter().copied());
    }
}

/// The most bytes of members that are packed again.
const LARGEST_PACKAGE: u64 = 4 << 20;

/// `base` as a ZIP with one or two members edited, all of them stored. `None` when it is none.
fn member(base: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    if !base.starts_with(b"PK") {
        return None;
    }
    let mut members = catch_unwind(|| unpack(base)).ok()??;
    for _ in 0..=random.below(2) {
        let index = random.below(members.len());
        let (_, content) = members.get_mut(index)?;
        if random.below(4) == 0 {
            truncate(content, random);
        } else {
            let len = content.len();
            edit(content, 0, len, random);
        }
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in members {
        writer.start_file(name, stored).ok()?;
        writer.write_all(&content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn unpack(base: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(base)).ok()?;
    let mut left = LARGEST_PACKAGE;
    let mut members = Vec::new();
    for index in 0..archive.len().min(256) {
        let mut file = archive.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut content = Vec::new();
        file.by_ref().take(left).read_to_end(&mut content).ok()?;
        left -= content.len() as u64;
        members.push((name, content));
    }
    (!members.is_empty()).then_some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases() -> Vec<Vec<u8>> {
        docsift_corpus::fixtures::all().into_iter().map(|fixture| fixture.bytes).take(60).collect()
    }

    #[test]
    fn a_seed_and_a_number_give_the_same_mutant() {
        let (one, other) = (Mutator::new(bases(), 7), Mutator::new(bases(), 7));
        for number in 0..200 {
            assert_eq!(one.mutant(number), other.mutant(number), "{number}");
        }
        let differing = Mutator::new(bases(), 8);
        let equal = (0..200).filter(|number| differing.mutant(*number) == one.mutant(*number)).count();
        assert!(equal < 10, "{equal} of 200 mutants do not depend on the seed");
    }

    #[test]
    fn every_kind_is_made_and_most_mutants_differ_from_all_files() {
        let bases = bases();
        let mutator = Mutator::new(bases.clone(), 1);
        let mutants: Vec<_> = (0..2000).map(|number| mutator.mutant(number)).collect();
        for kind in Kind::ALL {
            assert!(mutants.iter().any(|(made, _)| *made == kind), "{kind:?}");
        }
        let unchanged = mutants.iter().filter(|(_, bytes)| bases.contains(bytes)).count();
        assert!(unchanged < 200, "{unchanged} of 2000 are files as they were");
    }
}
