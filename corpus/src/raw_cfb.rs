//! A compound file written field by field, so that any field can be false ([MS-CFB]).
//!
//! [`RawCfb::layout`] lays a sound file out into sectors, tables and directory entries; a fixture
//! changes them, and [`Layout::into_bytes`] writes what stands there without a question.

use crate::bytes::{Put, utf16_len};

/// A free sector in the FAT.
pub const FREESECT: u32 = 0xFFFF_FFFF;
/// The end of a chain.
pub const ENDOFCHAIN: u32 = 0xFFFF_FFFE;
/// A sector of the FAT itself.
pub const FATSECT: u32 = 0xFFFF_FFFD;
/// A sector of the DIFAT.
pub const DIFSECT: u32 = 0xFFFF_FFFC;
/// No directory entry.
pub const NOSTREAM: u32 = 0xFFFF_FFFF;

const MINI_STREAM_CUTOFF: usize = 4096;

/// A tree of streams and storages to lay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A stream.
    Stream {
        /// The name, at most 31 UTF-16 units.
        name: String,
        /// The bytes.
        data: Vec<u8>,
    },
    /// A storage.
    Storage {
        /// The name, at most 31 UTF-16 units.
        name: String,
        /// What it holds.
        children: Vec<Node>,
    },
}

impl Node {
    /// A stream.
    pub fn stream(name: &str, data: Vec<u8>) -> Self {
        Node::Stream { name: name.to_owned(), data }
    }

    /// A storage.
    pub fn storage(name: &str, children: Vec<Node>) -> Self {
        Node::Storage { name: name.to_owned(), children }
    }

    fn name(&self) -> &str {
        match self {
            Node::Stream { name, .. } | Node::Storage { name, .. } => name,
        }
    }
}

/// A directory entry ([MS-CFB] 2.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name in UTF-16, without its end mark.
    pub name: Vec<u16>,
    /// The length field in bytes, with the end mark.
    pub name_len: u16,
    /// 0 unknown, 1 storage, 2 stream, 5 root.
    pub object_type: u8,
    /// 0 red, 1 black.
    pub color: u8,
    /// The left sibling.
    pub left: u32,
    /// The right sibling.
    pub right: u32,
    /// The child.
    pub child: u32,
    /// The class.
    pub clsid: [u8; 16],
    /// The first sector, or mini sector.
    pub start: u32,
    /// The size in bytes.
    pub size: u64,
}

/// A compound file in its parts, all of them free to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The first eight bytes.
    pub signature: [u8; 8],
    /// 3 or 4.
    pub major_version: u16,
    /// 0xFFFE.
    pub byte_order: u16,
    /// 9 for 512 bytes, 12 for 4096.
    pub sector_shift: u16,
    /// 6.
    pub mini_sector_shift: u16,
    /// The number of FAT sectors that the header claims.
    pub fat_count: u32,
    /// The first directory sector.
    pub directory_start: u32,
    /// 4096.
    pub mini_cutoff: u32,
    /// The first sector of the mini FAT.
    pub mini_fat_start: u32,
    /// The number of mini FAT sectors that the header claims.
    pub mini_fat_count: u32,
    /// The first DIFAT sector.
    pub difat_start: u32,
    /// The number of DIFAT sectors that the header claims.
    pub difat_count: u32,
    /// The 109 entries of the DIFAT in the header.
    pub difat: Vec<u32>,
    /// The FAT, one entry a sector.
    pub fat: Vec<u32>,
    /// The mini FAT.
    pub mini_fat: Vec<u32>,
    /// The directory.
    pub directory: Vec<DirEntry>,
    /// The mini stream.
    pub mini_stream: Vec<u8>,
    /// The sectors of large streams: start and bytes.
    pub streams: Vec<(u32, Vec<u8>)>,
    /// Bytes for whole sectors, written last: slack, or a hidden file in a free sector.
    pub overwrite: Vec<(u32, Vec<u8>)>,
    /// Bytes behind the last sector.
    pub tail: Vec<u8>,
    /// The first sector of the mini stream.
    pub mini_stream_start: u32,
    /// The sectors that hold the FAT.
    pub fat_sectors: Vec<u32>,
}

/// What to lay out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCfb {
    /// 3 or 4.
    pub major_version: u16,
    /// The root's class.
    pub clsid: [u8; 16],
    /// The root's children.
    pub children: Vec<Node>,
}

/// The class of an Excel workbook as the directory stores it.
pub const EXCEL_CLSID: [u8; 16] = [0x20, 0x08, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

impl RawCfb {
    /// A version 3 workbook file.
    pub fn excel(children: Vec<Node>) -> Self {
        Self { major_version: 3, clsid: EXCEL_CLSID, children }
    }

    /// Lays the tree out: streams first, then mini stream, mini FAT, directory and FAT.
    ///
    /// # Panics
    /// When the FAT would need more sectors than the header lists (about 7 MB in version 3).
    pub fn layout(&self) -> Layout {
        let sector_len = if self.major_version == 4 { 4096 } else { 512 };
        let mut directory = vec![entry("Root Entry", 5)];
        directory[0].clsid = self.clsid;
        let mut datas = vec![None];
        let child = add(&self.children, &mut directory, &mut datas);
        directory[0].child = child;

        let mut fat = Vec::new();
        let chain = |fat: &mut Vec<u32>, len: usize| {
            let start = fat.len() as u32;
            let count = len.div_ceil(sector_len);
            if count == 0 {
                return ENDOFCHAIN;
            }
            for next in 1..count as u32 {
                fat.push(start + next);
            }
            fat.push(ENDOFCHAIN);
            start
        };
        let (mut mini_stream, mut mini_fat, mut streams) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, data) in directory.iter_mut().zip(datas) {
            let Some(data) = data else { continue };
            entry.size = data.len() as u64;
            if data.len() >= MINI_STREAM_CUTOFF {
                entry.start = chain(&mut fat, data.len());
                streams.push((entry.start, data));
            } else if !data.is_empty() {
                entry.start = mini_fat.len() as u32;
                let count = data.len().div_ceil(64) as u32;
                for next in 1..count {
                    mini_fat.push(entry.start + next);
                }
                mini_fat.push(ENDOFCHAIN);
                mini_stream.raw(&data);
                mini_stream.zeros(mini_stream.len().wrapping_neg() % 64);
            }
        }
        let mini_stream_start = chain(&mut fat, mini_stream.len());
        directory[0].start = mini_stream_start;
        directory[0].size = mini_stream.len() as u64;
        let mini_fat_start = chain(&mut fat, mini_fat.len() * 4);
        let mini_fat_count = (mini_fat.len() * 4).div_ceil(sector_len) as u32;
        let directory_start = chain(&mut fat, directory.len() * 128);
        let per_sector = sector_len / 4;
        let mut fat_count = 1;
        while fat_count * per_sector < fat.len() + fat_count {
            fat_count += 1;
        }
        assert!(fat_count <= 109, "the header lists 109 FAT sectors");
        let mut difat = vec![FREESECT; 109];
        let mut fat_sectors = Vec::new();
        for slot in difat.iter_mut().take(fat_count) {
            *slot = fat.len() as u32;
            fat_sectors.push(fat.len() as u32);
            fat.push(FATSECT);
        }
        Layout {
            signature: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            major_version: self.major_version,
            byte_order: 0xFFFE,
            sector_shift: if self.major_version == 4 { 12 } else { 9 },
            mini_sector_shift: 6,
            fat_count: fat_count as u32,
            directory_start,
            mini_cutoff: MINI_STREAM_CUTOFF as u32,
            mini_fat_start,
            mini_fat_count,
            difat_start: ENDOFCHAIN,
            difat_count: 0,
            difat,
            fat,
            mini_fat,
            directory,
            mini_stream,
            streams,
            overwrite: Vec::new(),
            tail: Vec::new(),
            mini_stream_start,
            fat_sectors,
        }
    }
}

impl Layout {
    /// The size of a sector in bytes.
    pub fn sector_len(&self) -> usize {
        if self.major_version == 4 { 4096 } else { 512 }
    }

    /// The index of the first directory entry with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let units: Vec<u16> = name.encode_utf16().collect();
        self.directory.iter().position(|entry| entry.name == units)
    }

    /// Adds a free sector with content and returns its number.
    pub fn free_sector(&mut self, bytes: &[u8]) -> u32 {
        let first = self.fat.len() as u32;
        for (next, piece) in (first..).zip(bytes.chunks(self.sector_len())) {
            self.fat.push(FREESECT);
            self.overwrite.push((next, piece.to_vec()));
        }
        first
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        let sector_len = self.sector_len();
        let mut header = self.signature.to_vec();
        header.zeros(16).u16(0x003E).u16(self.major_version).u16(self.byte_order);
        header.u16(self.sector_shift).u16(self.mini_sector_shift).zeros(6);
        let directory_count = if self.major_version == 4 {
            (self.directory.len() * 128).div_ceil(sector_len) as u32
        } else {
            0
        };
        header.u32(directory_count).u32(self.fat_count).u32(self.directory_start).u32(0);
        header.u32(self.mini_cutoff).u32(self.mini_fat_start).u32(self.mini_fat_count);
        header.u32(self.difat_start).u32(self.difat_count);
        for sector in &self.difat {
            header.u32(*sector);
        }
        header.zeros(sector_len - header.len());
        let mut body = vec![0; self.fat.len() * sector_len];
        let mut place = |sector: u32, bytes: &[u8]| {
            let at = sector as usize * sector_len;
            if let Some(room) = body.get_mut(at..at + bytes.len()) {
                room.copy_from_slice(bytes);
            }
        };
        for (start, data) in &self.streams {
            place(*start, data);
        }
        place(self.mini_stream_start, &self.mini_stream);
        place(self.mini_fat_start, &table(&self.mini_fat, sector_len));
        let mut directory = Vec::new();
        for entry in &self.directory {
            entry.write(&mut directory);
        }
        while directory.len() % sector_len != 0 {
            entry("", 0).write(&mut directory);
        }
        place(self.directory_start, &directory);
        let fat = table(&self.fat, sector_len);
        for (sector, piece) in self.fat_sectors.iter().zip(fat.chunks(sector_len)) {
            place(*sector, piece);
        }
        for (sector, bytes) in &self.overwrite {
            place(*sector, bytes);
        }
        header.raw(&body).raw(&self.tail);
        header
    }
}

impl DirEntry {
    fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + 128;
        for unit in &self.name {
            out.u16(*unit);
        }
        out.zeros(64 - self.name.len() * 2).u16(self.name_len).u8(self.object_type).u8(self.color);
        out.u32(self.left).u32(self.right).u32(self.child).raw(&self.clsid);
        out.u32(0).u64(0).u64(0).u32(self.start).u64(self.size); // state bits, two times
        assert_eq!(out.len(), end);
    }
}

fn table(entries: &[u32], sector_len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        out.u32(*entry);
    }
    while out.len() % sector_len != 0 {
        out.u32(FREESECT);
    }
    out
}

fn entry(name: &str, object_type: u8) -> DirEntry {
    let name_len = if name.is_empty() { 0 } else { (utf16_len(name) as u16 + 1) * 2 };

    DirEntry {
        name: name.encode_utf16().collect(),
        name_len,
        object_type,
        color: 1,
        left: NOSTREAM,
        right: NOSTREAM,
        child: NOSTREAM,
        clsid: [0; 16],
        start: 0,
        size: 0,
    }
}

/// Adds the nodes and their children; returns the root of their sibling tree.
fn add(nodes: &[Node], directory: &mut Vec<DirEntry>, datas: &mut Vec<Option<Vec<u8>>>) -> u32 {
    let mut sorted: Vec<&Node> = nodes.iter().collect();
    // Shorter names come first, then upper-case order ([MS-CFB] 2.6.4).
    sorted.sort_by_key(|node| (utf16_len(node.name()), node.name().to_uppercase()));
    let mut ids = Vec::new();
    for node in sorted {
        ids.push(directory.len() as u32);
        match node {
            Node::Stream { name, data } => {
                directory.push(entry(name, 2));
                datas.push(Some(data.clone()));
            }
            Node::Storage { name, children } => {
                let at = directory.len();
                directory.push(entry(name, 1));
                datas.push(None);
                directory[at].child = add(children, directory, datas);
            }
        }
    }
    balance(&ids, directory)
}

fn balance(ids: &[u32], directory: &mut [DirEntry]) -> u32 {
    if ids.is_empty() {
        return NOSTREAM;
    }
    let middle = ids.len() / 2;
    let left = balance(&ids[..middle], directory);
    let right = balance(&ids[middle + 1..], directory);
    let entry = &mut directory[ids[middle] as usize];
    (entry.left, entry.right) = (left, right);
    ids[middle]
}
