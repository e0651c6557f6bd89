//! Constants of [MS-CFB], in its spelling.

/// [MS-CFB] 2.2, Header Signature.
pub(in crate::containers) const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// [MS-CFB] 2.1: the last number that can be a sector; those above are marks.
pub(super) const MAXREGSECT: u32 = 0xffff_fffa;
/// [MS-CFB] 2.1: an unallocated sector.
pub(super) const FREESECT: u32 = 0xffff_ffff;
/// [MS-CFB] 2.1: the end of a chain.
pub(super) const ENDOFCHAIN: u32 = 0xffff_fffe;
/// [MS-CFB] 2.6.1: no entry.
pub(super) const NOSTREAM: u32 = 0xffff_ffff;

/// Bytes of a header in version 3, and of the fields of one in version 4.
pub(super) const HEADER_LEN: usize = 512;
/// FAT sectors that the header itself lists.
pub(super) const HEADER_DIFAT: u32 = 109;
/// Bytes of a directory entry.
pub(super) const ENTRY_LEN: usize = 128;
/// [MS-CFB] 2.2, Mini Stream Cutoff Size: streams below it lie in the mini stream.
pub(super) const MINI_CUTOFF: u64 = 4096;

/// [MS-CFB] 2.6.1, Object Type.
pub(super) const STORAGE: u8 = 1;
/// [MS-CFB] 2.6.1, Object Type.
pub(super) const STREAM: u8 = 2;
/// [MS-CFB] 2.6.1, Object Type.
pub(super) const ROOT: u8 = 5;
