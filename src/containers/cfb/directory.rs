//! The directory: its entries in flat order, and the trees that join them ([MS-CFB] 2.6).

use super::consts::{ENTRY_LEN, NOSTREAM, ROOT, STORAGE, STREAM};
use super::oddity::{Oddities, Oddity, OddityKind};
use super::stream::Run;
use crate::base::{Cx, LimitHit, Reader, Short, text};

/// What an entry is ([MS-CFB] 2.6.1, Object Type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// The root storage. Its own stream is the mini stream.
    Root,
    /// A storage.
    Storage,
    /// A stream.
    Stream,
    /// A type that means nothing; 0 where a name stands in an entry that is marked as unused.
    Unknown(u8),
}

/// One used entry of the directory ([MS-CFB] 2.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Index in the flat directory.
    pub id: u32,
    /// Offset of the entry in the file.
    pub at: u64,
    /// Its name as stated, NULs and all; lone surrogates became U+FFFD.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The class of a storage.
    pub clsid: [u8; 16],
    /// Stated bytes of the stream; the low half only in files of 512-byte sectors.
    pub size: u64,
    /// Stated first sector or mini sector.
    pub start: u32,
    /// The storage that the tree puts it in. Orphans and the root have none.
    pub parent: Option<u32>,
    /// Whether the tree reaches it from the root.
    pub reached: bool,
    /// Creation time as a FILETIME: 100 ns since 1601; 0 is unknown.
    pub created: u64,
    /// Modification time as a FILETIME: 100 ns since 1601; 0 is unknown.
    pub modified: u64,
    /// Stated left sibling.
    pub left: u32,
    /// Stated right sibling.
    pub right: u32,
    /// Stated child.
    pub child: u32,
}

impl Entry {
    /// Whether it is a stream by its type.
    pub fn is_stream(&self) -> bool {
        self.kind == EntryKind::Stream
    }

    /// Whether it can hold other entries.
    pub fn is_storage(&self) -> bool {
        matches!(self.kind, EntryKind::Root | EntryKind::Storage)
    }

    /// Whether it has this name, apart from case ([MS-CFB] 2.6.4 compares in upper case).
    pub fn is_named(&self, name: &str) -> bool {
        upper(&self.name).eq(upper(name))
    }
}

fn upper(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_uppercase)
}

/// Links of the walked tree, one for each entry, by position in the list of entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links {
    pub(super) first: u32,
    last: u32,
    pub(super) next: u32,
}

/// No position.
pub(super) const NONE: u32 = u32::MAX;

/// Steps for a directory entry. It is two times 64 bytes, but its name is decoded and owned, which
/// takes about 1 µs: without this a file that is all directory would outlast its budget.
const ENTRY_STEPS: u64 = 32;

/// Reads the used entries in `runs`, in flat order.
pub(super) fn entries(
    file: &[u8],
    runs: &[Run],
    long_sizes: bool,
    into: &mut Vec<Entry>,
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut id = 0_u32;
    for run in runs {
        let (mut at, bytes) = (run.at, run.bytes(file));
        let (whole, rest) = bytes.as_chunks::<ENTRY_LEN>();
        for bytes in whole {
            cx.budget.step(ENTRY_STEPS)?;
            if let Ok(Some(entry)) = entry(bytes, id, at, long_sizes, oddities, cx) {
                into.push(entry);
            }
            id = id.saturating_add(1);
            at = at.saturating_add(ENTRY_LEN as u64);
        }
        if !rest.is_empty() {
            oddities.note(cx, at, OddityKind::DirectoryCut);
        }
    }
    Ok(())
}

/// Reads one entry; nothing when it is unused.
fn entry(
    bytes: &[u8],
    id: u32,
    at: u64,
    long_sizes: bool,
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<Option<Entry>, Short> {
    let mut reader = Reader::at_offset(bytes, at);
    let name_field = reader.take(64)?;
    let name_len = reader.u16()?;
    let object_type = reader.u8()?;
    if object_type == 0 && name_len == 0 {
        return Ok(None);
    }
    reader.skip(1)?;
    let (left, right, child) = (reader.u32()?, reader.u32()?, reader.u32()?);
    let clsid = reader.array()?;
    reader.skip(4)?;
    let (created, modified) = (reader.u64()?, reader.u64()?);
    let (start, size_low, size_high) = (reader.u32()?, reader.u32()?, reader.u32()?);

    let mut odd = |at: u64, kind: OddityKind| oddities.push(cx, Oddity { at, entry: Some(id), kind });
    let (name, name_len_is_right) = name(name_field, name_len);
    if !name_len_is_right {
        odd(at.saturating_add(64), OddityKind::NameLength { stated: name_len });
    }
    if let Some(found) = name.chars().find(|c| matches!(c, '\0' | '/' | '\\' | ':' | '!')) {
        odd(at, OddityKind::NameCharacter { found: found.into() });
    }
    let type_at = at.saturating_add(66);
    let kind = match object_type {
        STORAGE => EntryKind::Storage,
        STREAM => EntryKind::Stream,
        ROOT => EntryKind::Root,
        found => {
            odd(type_at, OddityKind::UnknownKind { found });
            EntryKind::Unknown(found)
        }
    };
    match (id, kind) {
        (0, EntryKind::Root) => {}
        (0, _) => odd(type_at, OddityKind::RootKind { found: object_type }),
        (_, EntryKind::Root) => odd(type_at, OddityKind::ExtraRoot { id }),
        _ => {}
    }
    // Writers leave anything in the high half for version 3; 0xFFFFFFFF is met in benign files.
    let high_is_odd = !long_sizes && !matches!(size_high, 0 | u32::MAX);
    if high_is_odd && kind == EntryKind::Stream {
        odd(at.saturating_add(124), OddityKind::SizeHighHalf { found: size_high });
    }
    let high = if long_sizes { u64::from(size_high).wrapping_shl(32) } else { 0 };
    let size = high | u64::from(size_low);
    Ok(Some(Entry {
        id,
        at,
        name,
        kind,
        clsid,
        size,
        start,
        parent: None,
        reached: false,
        created,
        modified,
        left,
        right,
        child,
    }))
}

/// The name, and whether its length is the right one.
///
/// A length that can be one is obeyed, as Windows does, even if the text goes on behind it or ends
/// sooner. Otherwise the name ends at its first NUL.
fn name(field: &[u8], len: u16) -> (String, bool) {
    let len = usize::from(len);
    if (2..=64).contains(&len) && len.is_multiple_of(2) {
        let stated = field.get(..len.saturating_sub(2)).unwrap_or(field);
        let ended = field.get(stated.len()..len) == Some(&[0, 0]);
        return (text::utf16le(stated), ended);
    }
    let (units, _) = field.as_chunks::<2>();
    let ended = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
    (text::utf16le(field.get(..ended.saturating_mul(2)).unwrap_or(field)), false)
}

/// Position of the entry with this index.
pub(super) fn position(entries: &[Entry], id: u32) -> Option<usize> {
    // Most directories have no unused entry before their last ones.
    match entries.get(id as usize) {
        Some(entry) if entry.id == id => Some(id as usize),
        _ => entries.binary_search_by_key(&id, |entry| entry.id).ok(),
    }
}

enum Turn {
    /// An entry and its siblings, in the storage at the second position.
    Subtree { id: u32, from: usize, storage: usize },
    /// An entry itself.
    Itself { position: usize, storage: usize },
    /// The children of an entry.
    Children { position: usize },
}

/// Walks the trees from the root: marks what is reached and gives each entry its parent.
///
/// In the order of the tree (left, itself, right), children of a storage after its siblings. The
/// colours are not looked at. An entry is taken once: the first that names it keeps it, so that
/// circles end. A list of turns stands in for recursion.
pub(super) fn walk(
    entries: &mut [Entry],
    links: &mut Vec<Links>,
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    links.resize(entries.len(), Links { first: NONE, last: NONE, next: NONE });
    let Some(root) = position(entries, 0) else { return Ok(()) };
    if let Some(entry) = entries.get_mut(root) {
        entry.reached = true;
    }
    let mut turns = vec![Turn::Children { position: root }];
    while let Some(turn) = turns.pop() {
        cx.budget.step(1)?;
        match turn {
            Turn::Children { position: storage } => {
                let Some(entry) = entries.get(storage) else { continue };
                if entry.is_storage() || storage == root {
                    turns.push(Turn::Subtree { id: entry.child, from: storage, storage });
                } else if entry.child != NOSTREAM && entry.child != 0 {
                    // Some writers put 0 where nothing should stand.
                    let kind = OddityKind::StreamWithChild { target: entry.child };
                    let odd = Oddity { at: entry.at.saturating_add(76), entry: Some(entry.id), kind };
                    oddities.push(cx, odd);
                }
            }
            Turn::Subtree { id: NOSTREAM, .. } => {}
            Turn::Subtree { id, from, storage } => {
                let (at, by) = entries.get(from).map_or((0, None), |entry| (entry.at, Some(entry.id)));
                let Some(position) = position(entries, id) else {
                    oddities.push(cx, Oddity { at, entry: by, kind: OddityKind::LinkPastEnd { target: id } });
                    continue;
                };
                let Some(entry) = entries.get_mut(position) else { continue };
                if entry.reached {
                    oddities
                        .push(cx, Oddity { at, entry: by, kind: OddityKind::ReachedTwice { target: id } });
                    continue;
                }
                entry.reached = true;
                turns.push(Turn::Children { position });
                turns.push(Turn::Subtree { id: entry.right, from: position, storage });
                turns.push(Turn::Itself { position, storage });
                turns.push(Turn::Subtree { id: entry.left, from: position, storage });
            }
            Turn::Itself { position, storage } => {
                let parent = entries.get(storage).map(|entry| entry.id);
                if let Some(entry) = entries.get_mut(position) {
                    entry.parent = parent;
                }
                append(links, storage, position);
            }
        }
    }
    Ok(())
}

fn append(links: &mut [Links], storage: usize, position: usize) {
    let number = u32::try_from(position).unwrap_or(NONE);
    let Some(holder) = links.get_mut(storage) else { return };
    let last = std::mem::replace(&mut holder.last, number);
    if last == NONE {
        holder.first = number;
    } else if let Some(before) = links.get_mut(last as usize) {
        before.next = number;
    }
}

/// Notes entries that the tree does not reach, and names that stand twice in a storage.
pub(super) fn note_orphans_and_duplicates(
    entries: &[Entry],
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.step(entries.len() as u64)?;
    let mut names = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        if let Some(parent) = entry.parent {
            names.push((parent, name_hash(&entry.name), position));
        } else if !entry.reached {
            let kind = OddityKind::Unreached;
            oddities.push(cx, Oddity { at: entry.at, entry: Some(entry.id), kind });
        }
    }
    names.sort_unstable();
    for pair in names.windows(2) {
        let [(parent, hash, first), (other_parent, other_hash, second)] = pair else { continue };
        if (parent, hash) != (other_parent, other_hash) {
            continue;
        }
        if let (Some(first), Some(second)) = (entries.get(*first), entries.get(*second))
            && first.is_named(&second.name)
        {
            let kind = OddityKind::DuplicateName;
            oddities.push(cx, Oddity { at: second.at, entry: Some(second.id), kind });
        }
    }
    Ok(())
}

/// FNV-1a over the name in upper case: equal names meet when sorted, and a made collision only
/// costs a comparison.
fn name_hash(name: &str) -> u64 {
    upper(name).fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
