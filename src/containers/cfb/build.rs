//! Builds small compound files for tests: FAT first, then directory, mini FAT, mini stream, streams.
//! Siblings hang on each other by their right links, so that the order of the tree is that of adding.

use super::consts::{ENDOFCHAIN, FREESECT, NOSTREAM, SIGNATURE};

const FATSECT: u32 = 0xffff_fffd;
const DIFSECT: u32 = 0xffff_fffc;

struct Node {
    name: String,
    object_type: u8,
    parent: usize,
    data: Vec<u8>,
}

pub(super) struct Builder {
    shift: u16,
    nodes: Vec<Node>,
}

/// A built file, with the places that tests change.
#[derive(Clone)]
pub(super) struct Image {
    pub(super) bytes: Vec<u8>,
    pub(super) shift: u16,
    fat: Vec<u32>,
    pub(super) directory: Vec<u32>,
    mini_fat: Vec<u32>,
    /// First sector or mini sector of each entry.
    pub(super) starts: Vec<u32>,
}

impl Builder {
    pub(super) fn new(shift: u16) -> Self {
        let root = Node { name: "Root Entry".into(), object_type: 5, parent: 0, data: Vec::new() };
        Builder { shift, nodes: vec![root] }
    }

    pub(super) fn storage(&mut self, parent: usize, name: &str) -> usize {
        self.nodes.push(Node { name: name.into(), object_type: 1, parent, data: Vec::new() });
        self.nodes.len() - 1
    }

    pub(super) fn stream(&mut self, parent: usize, name: &str, data: &[u8]) -> usize {
        self.nodes.push(Node { name: name.into(), object_type: 2, parent, data: data.into() });
        self.nodes.len() - 1
    }

    pub(super) fn build(&self) -> Image {
        let size = 1_usize << self.shift;
        let mut mini_stream = Vec::new();
        let mut mini_table = Vec::new();
        let mut starts = vec![ENDOFCHAIN; self.nodes.len()];
        for (node, start) in self.nodes.iter().zip(&mut starts) {
            if !node.data.is_empty() && node.data.len() < 4096 {
                *start = (mini_stream.len() / 64) as u32;
                mini_stream.extend_from_slice(&node.data);
                mini_stream.resize(mini_stream.len().next_multiple_of(64), 0);
                while mini_table.len() + 1 < mini_stream.len() / 64 {
                    mini_table.push(mini_table.len() as u32 + 1);
                }
                mini_table.push(ENDOFCHAIN);
            }
        }
        let mini_fat: Vec<u8> = mini_table.iter().flat_map(|next| next.to_le_bytes()).collect();

        // The content of all sectors behind the FAT, in pieces that are chains.
        let directory_len = self.nodes.len() * 128;
        let mut pieces: Vec<(usize, Vec<u8>)> =
            vec![(0, vec![0; directory_len]), (0, mini_fat), (0, mini_stream.clone())];
        pieces.extend(
            self.nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.data.len() >= 4096)
                .map(|(id, node)| (id, node.data.clone())),
        );
        let used: usize = pieces.iter().map(|(_, piece)| piece.len().div_ceil(size)).sum();
        let (mut fat_count, mut difat_count) = (1, 0);
        while used + fat_count + difat_count > fat_count * size / 4 {
            fat_count += 1;
            difat_count = fat_count.saturating_sub(109).div_ceil(size / 4 - 1);
        }
        let mut table = vec![FATSECT; fat_count];
        table.extend(vec![DIFSECT; difat_count]);
        let mut content = Vec::new();
        let mut chains = Vec::new();
        for (_, piece) in &pieces {
            let first = table.len() as u32;
            content.extend_from_slice(piece);
            content.resize(content.len().next_multiple_of(size), 0);
            for next in 1..piece.len().div_ceil(size) as u32 {
                table.push(first + next);
            }
            if !piece.is_empty() {
                table.push(ENDOFCHAIN);
            }
            chains.push(if piece.is_empty() { ENDOFCHAIN } else { first });
        }
        for ((id, _), first) in pieces.iter().zip(&chains).skip(3) {
            starts[*id] = *first;
        }
        starts[0] = chains[2];

        let fat: Vec<u32> = (0..fat_count as u32).collect();
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 16]);
        bytes.extend(0x3e_u16.to_le_bytes());
        bytes.extend((if self.shift == 12 { 4_u16 } else { 3 }).to_le_bytes());
        bytes.extend(0xfffe_u16.to_le_bytes());
        bytes.extend(self.shift.to_le_bytes());
        bytes.extend(6_u16.to_le_bytes());
        bytes.extend([0; 10]);
        bytes.extend((fat_count as u32).to_le_bytes());
        bytes.extend(chains[0].to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(4096_u32.to_le_bytes());
        bytes.extend(chains[1].to_le_bytes());
        bytes.extend((mini_table.len().div_ceil(size / 4) as u32).to_le_bytes());
        bytes.extend((if difat_count == 0 { ENDOFCHAIN } else { fat_count as u32 }).to_le_bytes());
        bytes.extend((difat_count as u32).to_le_bytes());
        let listed = |index: usize| fat.get(index).copied().unwrap_or(FREESECT).to_le_bytes();
        (0..109).for_each(|index| bytes.extend(listed(index)));
        bytes.resize(size, 0);
        table.resize(fat_count * size / 4, FREESECT);
        table.iter().for_each(|next| bytes.extend(next.to_le_bytes()));
        for sector in 0..difat_count {
            let in_sector = size / 4 - 1;
            (0..in_sector).for_each(|slot| bytes.extend(listed(109 + sector * in_sector + slot)));
            let is_last = sector + 1 == difat_count;
            let next = if is_last { ENDOFCHAIN } else { (fat_count + sector + 1) as u32 };
            bytes.extend(next.to_le_bytes());
        }
        bytes.extend(content);

        let chain = |first: u32, len: usize| (first..).take(len.div_ceil(size)).collect::<Vec<u32>>();
        let directory = chain(chains[0], directory_len);
        let mini_fat = chain(chains[1], mini_table.len() * 4);
        let mut image = Image { bytes, shift: self.shift, fat, directory, mini_fat, starts };
        for (id, node) in self.nodes.iter().enumerate() {
            let siblings = |later: &(usize, &Node)| later.1.parent == node.parent && later.0 > id && id > 0;
            let right = self.nodes.iter().enumerate().find(siblings).map_or(NOSTREAM, |(id, _)| id as u32);
            let child = self.nodes.iter().enumerate().skip(1).find(|(_, other)| other.parent == id);
            let child = child.map_or(NOSTREAM, |(id, _)| id as u32);
            let at = image.entry_at(id);
            let len = if id == 0 { mini_stream.len() } else { node.data.len() };
            image.put(at + 66, &[node.object_type, 1]);
            image.put_name(id, &node.name);
            image.put_u32(at + 68, NOSTREAM);
            image.put_u32(at + 72, right);
            image.put_u32(at + 76, child);
            image.put_u32(at + 116, image.starts[id]);
            image.put_u32(at + 120, len as u32);
        }
        image
    }
}

impl Image {
    pub(super) fn sector_at(&self, sector: u32) -> usize {
        (sector as usize + 1) << self.shift
    }

    /// Offset of a directory entry.
    pub(super) fn entry_at(&self, id: usize) -> usize {
        let in_sector = (1 << self.shift) / 128;
        self.sector_at(self.directory[id / in_sector]) + id % in_sector * 128
    }

    /// Offset of the FAT entry of a sector.
    pub(super) fn fat_at(&self, sector: u32) -> usize {
        let in_sector = (1 << self.shift) / 4;
        self.sector_at(self.fat[sector as usize / in_sector]) + sector as usize % in_sector * 4
    }

    /// Offset of the mini FAT entry of a mini sector.
    pub(super) fn mini_fat_at(&self, sector: u32) -> usize {
        let in_sector = (1 << self.shift) / 4;
        self.sector_at(self.mini_fat[sector as usize / in_sector]) + sector as usize % in_sector * 4
    }

    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn put_u32(&mut self, at: usize, value: u32) {
        self.put(at, &value.to_le_bytes());
    }

    pub(super) fn put_name(&mut self, id: usize, name: &str) {
        let at = self.entry_at(id);
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.put(at, &units);
        self.put(at + 64, &(units.len() as u16 + 2).to_le_bytes());
    }
}
