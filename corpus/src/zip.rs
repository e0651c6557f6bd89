//! ZIP archives, sound and lying. Written by hand: a fixture needs records that no library writes, and
//! the same bytes whatever else the build has.

use miniz_oxide::deflate::compress_to_vec;

use crate::bytes::Put;
use crate::png::crc32;

/// The archive that holds `data` as `name`, uncompressed.
pub fn stored(name: &str, data: &[u8]) -> Vec<u8> {
    Zip::of([Member::stored(name, data)]).into_bytes()
}

/// An archive before it is written. Sound as long as nothing is set but the members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zip {
    /// Bytes before the first entry. Offsets count from behind them, as a joined file has it.
    pub prefix: Vec<u8>,
    /// The entries.
    pub members: Vec<Member>,
    /// Bytes between the last entry and the directory.
    pub before_directory: Vec<u8>,
    /// The comment of the archive.
    pub comment: Vec<u8>,
    /// Bytes behind the archive.
    pub suffix: Vec<u8>,
    /// The number of entries that the end record states, if it lies.
    pub entry_count: Option<u16>,
    /// The offset of the directory that the end record states, if it lies.
    pub directory_at: Option<u32>,
    /// The size of the directory that the end record states, if it lies.
    pub directory_len: Option<u32>,
    /// Whether sizes and offsets are those of Zip64.
    pub wide: bool,
    /// Whether the end record is left out.
    pub without_end: bool,
}

/// An entry before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name in the directory.
    pub name: Vec<u8>,
    /// The name in the local header, if it is another one.
    pub local_name: Option<Vec<u8>>,
    /// The data as it lies in the file.
    pub packed: Vec<u8>,
    /// The size that is stated of the content.
    pub len: u32,
    /// The checksum that is stated.
    pub crc32: u32,
    /// The method in the directory.
    pub method: u16,
    /// The method in the local header, if it is another one.
    pub local_method: Option<u16>,
    /// Flags in the directory.
    pub flags: u16,
    /// Flags in the local header, if they are others.
    pub local_flags: Option<u16>,
    /// The extra field of both headers.
    pub extra: Vec<u8>,
    /// Whether sizes stand behind the data.
    pub descriptor: bool,
    /// Whether the directory lists it.
    pub listed: bool,
    /// Which entry's data it claims, if not its own.
    pub shares: Option<usize>,
    /// The first four bytes of the local header.
    pub signature: [u8; 4],
}

impl Member {
    /// An entry that is not compressed.
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self::packed(name, data, data.to_vec(), 0)
    }

    /// An entry that is deflated.
    pub fn deflated(name: &str, data: &[u8]) -> Self {
        Self::packed(name, data, compress_to_vec(data, 6), 8)
    }

    /// An entry of `data` that lies in the file as `packed` by `method`.
    pub fn packed(name: &str, data: &[u8], packed: Vec<u8>, method: u16) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            local_name: None,
            packed,
            len: data.len() as u32,
            crc32: crc32(data),
            method,
            local_method: None,
            flags: if name.is_ascii() { 0 } else { 0x0800 },
            local_flags: None,
            extra: Vec::new(),
            descriptor: false,
            listed: true,
            shares: None,
            signature: *b"PK\x03\x04",
        }
    }

    fn header(
        &self,
        out: &mut Vec<u8>,
        flags: u16,
        method: u16,
        name: &[u8],
        packed_len: Option<usize>,
        wide: bool,
    ) {
        let flags = flags | if self.descriptor { 8 } else { 0 };
        out.u16(if wide { 45 } else { 20 }).u16(flags).u16(method);
        out.u16(0).u16(0x0021); // midnight of 1 January 1980
        let (crc32, packed_len, len) =
            packed_len.map_or((0, 0, 0), |packed_len| (self.crc32, packed_len as u32, self.len));
        out.u32(crc32);
        if wide {
            out.u32(u32::MAX).u32(u32::MAX)
        } else {
            out.u32(packed_len).u32(len)
        };
        let extra_len = self.extra.len() + if wide { 20 } else { 0 };
        out.u16(name.len() as u16).u16(extra_len as u16);
    }

    fn wide_field(&self, out: &mut Vec<u8>) {
        out.u16(1).u16(16).u32(self.len).u32(0).u32(self.packed.len() as u32).u32(0);
    }
}

impl Zip {
    /// A sound archive.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self { members: members.into_iter().collect(), ..Self::default() }
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let base = out.len();
        let mut places = Vec::new();
        for member in &self.members {
            let place = member.shares.map_or(out.len() - base, |other| places[other]);
            places.push(place);
            if member.shares.is_some() {
                continue;
            }
            out.raw(&member.signature);
            let name = member.local_name.as_deref().unwrap_or(&member.name);
            let flags = member.local_flags.unwrap_or(member.flags);
            let method = member.local_method.unwrap_or(member.method);
            let packed_len = (!member.descriptor).then_some(member.packed.len());
            member.header(&mut out, flags, method, name, packed_len, self.wide);
            out.raw(name);
            if self.wide {
                member.wide_field(&mut out);
            }
            out.raw(&member.extra).raw(&member.packed);
            if member.descriptor {
                out.raw(b"PK\x07\x08").u32(member.crc32).u32(member.packed.len() as u32).u32(member.len);
            }
        }
        out.raw(&self.before_directory);
        let directory_at = out.len();
        for (member, place) in self.members.iter().zip(&places).filter(|(member, _)| member.listed) {
            out.raw(b"PK\x01\x02").u16(if self.wide { 45 } else { 20 });
            let packed_len =
                member.shares.map_or(member.packed.len(), |other| self.members[other].packed.len());
            member.header(&mut out, member.flags, member.method, &member.name, Some(packed_len), self.wide);
            out.u16(0).u16(0).u16(0).u32(0).u32(*place as u32); // comment, disk, attributes
            out.raw(&member.name);
            if self.wide {
                member.wide_field(&mut out);
            }
            out.raw(&member.extra);
        }
        let directory_len = out.len() - directory_at;
        let count = self.members.iter().filter(|member| member.listed).count() as u16;
        let directory_at = directory_at - base;
        if self.without_end {
            return out;
        }
        if self.wide {
            let record_at = (out.len() - base) as u32;
            out.raw(b"PK\x06\x06").u32(44).u32(0).u16(45).u16(45).u32(0).u32(0);
            out.u32(count.into()).u32(0).u32(count.into()).u32(0);
            out.u32(directory_len as u32).u32(0).u32(directory_at as u32).u32(0);
            out.raw(b"PK\x06\x07").u32(0).u32(record_at).u32(0).u32(1);
        }
        let lie = |wide: u32, sound: usize| if self.wide { wide } else { sound as u32 };
        let count = self.entry_count.unwrap_or(if self.wide { u16::MAX } else { count });
        out.raw(b"PK\x05\x06").u16(0).u16(0).u16(count).u16(count);
        out.u32(self.directory_len.unwrap_or(lie(u32::MAX, directory_len)));
        out.u32(self.directory_at.unwrap_or(lie(u32::MAX, directory_at)));
        out.u16(self.comment.len() as u16).raw(&self.comment).raw(&self.suffix);
        out
    }
}
