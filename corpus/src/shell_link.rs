//! Shell links ([MS-SHLLINK]).

use crate::bytes::Put;

/// A link to `target` with arguments, minimised, and bytes behind its last block.
pub fn link(target: &str, arguments: &str, appended: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(0x4C); // HeaderSize
    out.raw(&[0x01, 0x14, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]); // LinkCLSID
    // HasLinkInfo, HasArguments, HasIconLocation, IsUnicode
    out.u32(0x02 | 0x20 | 0x40 | 0x80).u32(0x20); // LinkFlags, FileAttributes
    out.zeros(24).u32(0).u32(0).u32(7).u16(0).zeros(10); // times, size, icon, ShowCommand, HotKey, reserved
    let mut info = Vec::new();
    info.u32(0x1C).u32(1).u32(0x1C).u32(0x2D).u32(0).u32(0x2D + target.len() as u32 + 1);
    info.u32(0x11).u32(3).u32(0).u32(0x10).u8(0); // VolumeID: size, drive type, serial, label offset, label
    info.raw(target.as_bytes()).u8(0).u8(0);
    out.u32(info.len() as u32 + 4).raw(&info);
    for text in [arguments, "shell32.dll"] {
        out.u16(text.encode_utf16().count() as u16).utf16(text);
    }
    out.u32(0); // TerminalBlock
    out.raw(appended);
    out
}
