//! Record types, spelled as in [MS-PPT] 2.13.24 and [MS-ODRAW] 2.2.

pub(super) const RT_SLIDE: u16 = 0x03EE;
pub(super) const RT_NOTES: u16 = 0x03F0;
pub(super) const RT_SLIDE_PERSIST_ATOM: u16 = 0x03F3;
pub(super) const RT_MAIN_MASTER: u16 = 0x03F8;
pub(super) const RT_SLIDE_SHOW_SLIDE_INFO_ATOM: u16 = 0x03F9;
pub(super) const RT_TEXT_CHARS_ATOM: u16 = 0x0FA0;
pub(super) const RT_STYLE_TEXT_PROP_ATOM: u16 = 0x0FA1;
pub(super) const RT_TEXT_BYTES_ATOM: u16 = 0x0FA8;
pub(super) const RT_C_STRING: u16 = 0x0FBA;
pub(super) const RT_EXTERNAL_OLE_OBJECT_ATOM: u16 = 0x0FC3;
pub(super) const RT_HANDOUT: u16 = 0x0FC9;
pub(super) const RT_EXTERNAL_OLE_EMBED: u16 = 0x0FCC;
pub(super) const RT_EXTERNAL_OLE_LINK: u16 = 0x0FCE;
pub(super) const RT_EXTERNAL_HYPERLINK_ATOM: u16 = 0x0FD3;
pub(super) const RT_EXTERNAL_HYPERLINK: u16 = 0x0FD7;
pub(super) const RT_HEADERS_FOOTERS: u16 = 0x0FD9;
pub(super) const RT_EXTERNAL_OLE_CONTROL: u16 = 0x0FEE;
pub(super) const RT_SLIDE_LIST_WITH_TEXT: u16 = 0x0FF0;
pub(super) const RT_INTERACTIVE_INFO: u16 = 0x0FF2;
pub(super) const RT_INTERACTIVE_INFO_ATOM: u16 = 0x0FF3;
pub(super) const RT_USER_EDIT_ATOM: u16 = 0x0FF5;
pub(super) const RT_EXTERNAL_VIDEO: u16 = 0x1005;
pub(super) const RT_EXTERNAL_AVI_MOVIE: u16 = 0x1006;
pub(super) const RT_EXTERNAL_MCI_MOVIE: u16 = 0x1007;
pub(super) const RT_EXTERNAL_OLE_OBJECT_STG: u16 = 0x1011;
pub(super) const RT_BINARY_TAG_DATA_BLOB: u16 = 0x138B;
pub(super) const RT_PERSIST_DIRECTORY_ATOM: u16 = 0x1772;
pub(super) const RT_COMMENT_10: u16 = 0x2EE0;
pub(super) const RT_CRYPT_SESSION_10_CONTAINER: u16 = 0x2F14;
pub(super) const OFFICE_ART_SP_CONTAINER: u16 = 0xF004;
pub(super) const OFFICE_ART_FOPT: u16 = 0xF00B;
pub(super) const OFFICE_ART_SECONDARY_FOPT: u16 = 0xF121;
pub(super) const OFFICE_ART_TERTIARY_FOPT: u16 = 0xF122;

/// `headerToken` of CurrentUserAtom for an encrypted presentation.
pub(super) const ENCRYPTED_TOKEN: u32 = 0xF3D1_C4DF;

/// The first and last record of PowerPoint 2007 that keeps what older versions do not know
/// (RT_RoundTripTheme12Atom, RT_RoundTripCustomTableStyles12Atom).
pub(super) const ROUND_TRIP_FIRST: u16 = 0x040E;
pub(super) const ROUND_TRIP_LAST: u16 = 0x0428;
