//! The `dir` stream of a VBA project: references, module names and source offsets.
//!
//! Layout: [MS-OVBA] 2.3.4.2, after decompression (2.4.1). Records are `id: u16, size: u32, body`;
//! they are taken in whatever order they come. Attackers break this stream on purpose: an unknown
//! id is skipped by its size; a size past the end stops the walk and keeps what was read.

use super::consts::*;
use super::project::{Project, Reference, ReferenceKind, SysKind};
use super::signature::Names;
use crate::base::bytes::{Reader, Short};
use crate::base::text::{CodePage, utf16le};
use crate::base::{Cx, LimitHit};

/// A deviation from [MS-OVBA] 2.3.4.2. Offsets are in the decompressed stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(super) enum DirError {
    #[error("record 0x{id:04x} of the decompressed dir stream does not fit: {short}")]
    Short { id: u16, short: Short },
    #[error("record 0x{id:04x} at {at} of the decompressed dir stream is unknown")]
    Unknown { id: u16, at: u64 },
    #[error(
        "record 0x{id:04x} at {at} of the decompressed dir stream belongs to a module, but none has begun"
    )]
    Stray { id: u16, at: u64 },
}

/// What the walk left besides the project's fields.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Modules, in file order.
    pub(super) modules: Vec<ModuleRecord>,
    /// Unknown and misplaced records.
    pub(super) skipped: Vec<DirError>,
    /// What ended the walk before the terminator.
    pub(super) ended_by: Option<DirError>,
    /// What a signature covers.
    pub(super) names: Names,
}

/// MODULE ([MS-OVBA] 2.3.4.2.3.2).
#[derive(Debug, Clone, Default)]
pub(super) struct ModuleRecord {
    pub(super) name: Option<Vec<u8>>,
    pub(super) name_unicode: Option<String>,
    pub(super) stream_name: Option<Vec<u8>>,
    pub(super) stream_name_unicode: Option<String>,
    pub(super) offset: Option<u32>,
    pub(super) procedural: bool,
    pub(super) read_only: bool,
    pub(super) private: bool,
}

/// How many unknown records are told one by one.
const SKIPPED_KEPT: usize = 16;

/// Walks the decompressed stream and fills in the project.
///
/// # Errors
/// [`LimitHit`]; `into` and `walk` keep every record so far.
pub(super) fn walk(dir: &[u8], into: &mut Project, walk: &mut Walk, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut texts = Texts::default();
    let result = records(dir, into, walk, &mut texts, cx);
    walk.names.project = texts.name.to_vec();
    walk.names.constants = texts.constants.to_vec();
    texts.fill(into);
    result
}

fn records<'a>(
    dir: &'a [u8],
    into: &mut Project,
    walk: &mut Walk,
    texts: &mut Texts<'a>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reader = Reader::new(dir);
    let mut module: Option<ModuleRecord> = None;
    let mut reference_name = None;
    while !reader.is_empty() {
        let at = reader.at();
        cx.budget.step(1)?;
        let (id, body) = match record(&mut reader) {
            Ok(record) => record,
            Err(error) => {
                walk.ended_by = Some(error);
                break;
            }
        };
        cx.budget.touch(body.remaining())?;
        let bytes = body.rest();
        match id {
            TERMINATOR => {
                walk.names.whole = true;
                break;
            }
            PROJECTSYSKIND => into.sys_kind = number(bytes).map(sys_kind),
            PROJECTCODEPAGE => into.stated_code_page = bytes.first_chunk().map(|id| u16::from_le_bytes(*id)),
            PROJECTVERSION => into.version = version(body),
            PROJECTNAME => texts.name = bytes,
            PROJECTDOCSTRING | PROJECTDOCSTRING_VARIANT => texts.description = bytes,
            PROJECTDOCSTRING_UNICODE => texts.description_unicode = Some(bytes),
            PROJECTHELPFILEPATH => texts.help_file = bytes,
            PROJECTCONSTANTS => texts.constants = bytes,
            PROJECTCONSTANTS_UNICODE => texts.constants_unicode = Some(bytes),
            PROJECTLCID
            | PROJECTLCIDINVOKE
            | PROJECTHELPCONTEXT
            | PROJECTLIBFLAGS
            | PROJECTHELPFILEPATH_2
            | PROJECTCOMPATVERSION
            | PROJECTMODULES
            | PROJECTCOOKIE => {}
            REFERENCENAME => reference_name = Some(ReferenceName::Mbcs(bytes)),
            REFERENCENAME_UNICODE => reference_name = Some(ReferenceName::Unicode(bytes)),
            REFERENCECONTROL
            | REFERENCECONTROL_EXTENDED
            | REFERENCEORIGINAL
            | REFERENCEREGISTERED
            | REFERENCEPROJECT => {
                walk.names.reference(id, bytes);
                texts.references.push((reference_name, id, bytes));
                if !matches!(id, REFERENCEORIGINAL | REFERENCECONTROL) {
                    reference_name = None;
                }
            }
            MODULENAME => {
                walk.modules.extend(module.take());
                module = Some(ModuleRecord { name: Some(bytes.to_vec()), ..ModuleRecord::default() });
            }
            MODULENAMEUNICODE => {
                if module.as_ref().is_some_and(|module| module.name_unicode.is_some()) {
                    walk.modules.extend(module.take());
                }
                module.get_or_insert_default().name_unicode = Some(utf16le(bytes));
            }
            MODULE_TERMINATOR => walk.modules.extend(module.take()),
            MODULESTREAMNAME
            | MODULESTREAMNAME_UNICODE
            | MODULEDOCSTRING
            | MODULEDOCSTRING_UNICODE
            | MODULEOFFSET
            | MODULEHELPCONTEXT
            | MODULECOOKIE
            | MODULETYPE_PROCEDURAL
            | MODULETYPE_OTHER
            | MODULEREADONLY
            | MODULEPRIVATE => match &mut module {
                Some(module) => module_field(id, bytes, module),
                None => {
                    // A stream name without a module name still names code.
                    if matches!(id, MODULESTREAMNAME | MODULESTREAMNAME_UNICODE) {
                        module_field(id, bytes, module.get_or_insert_default());
                    }
                    skip(walk, DirError::Stray { id, at });
                }
            },
            _ => skip(walk, DirError::Unknown { id, at }),
        }
    }
    walk.modules.extend(module);
    Ok(())
}

fn skip(walk: &mut Walk, error: DirError) {
    if walk.skipped.len() < SKIPPED_KEPT {
        walk.skipped.push(error);
    }
}

/// One record; the reader then is behind it.
fn record<'a>(reader: &mut Reader<'a>) -> Result<(u16, Reader<'a>), DirError> {
    let id = reader.u16().map_err(|short| DirError::Short { id: 0, short })?;
    let short = |short| DirError::Short { id, short };
    let size = reader.u32().map_err(short)?;
    // PROJECTVERSION states 4 and has 6 ([MS-OVBA] 2.3.4.2.1.11).
    let len = if id == PROJECTVERSION { 6 } else { usize::try_from(size).unwrap_or(usize::MAX) };
    Ok((id, reader.sub(len).map_err(short)?))
}

fn module_field(id: u16, bytes: &[u8], module: &mut ModuleRecord) {
    match id {
        MODULESTREAMNAME => module.stream_name = Some(bytes.to_vec()),
        MODULESTREAMNAME_UNICODE => module.stream_name_unicode = Some(utf16le(bytes)),
        MODULEOFFSET => module.offset = number(bytes),
        MODULETYPE_PROCEDURAL => module.procedural = true,
        MODULEREADONLY => module.read_only = true,
        MODULEPRIVATE => module.private = true,
        _ => {}
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|number| u32::from_le_bytes(*number))
}

fn version(mut body: Reader<'_>) -> Option<(u32, u16)> {
    Some((body.u32().ok()?, body.u16().ok()?))
}

fn sys_kind(number: u32) -> SysKind {
    match number {
        0 => SysKind::Win16,
        1 => SysKind::Win32,
        2 => SysKind::Macintosh,
        3 => SysKind::Win64,
        other => SysKind::Unknown(other),
    }
}

#[derive(Debug, Clone, Copy)]
enum ReferenceName<'a> {
    Mbcs(&'a [u8]),
    Unicode(&'a [u8]),
}

/// Texts that wait for the code page: its record need not come first.
#[derive(Debug, Default)]
struct Texts<'a> {
    name: &'a [u8],
    description: &'a [u8],
    description_unicode: Option<&'a [u8]>,
    help_file: &'a [u8],
    constants: &'a [u8],
    constants_unicode: Option<&'a [u8]>,
    references: Vec<(Option<ReferenceName<'a>>, u16, &'a [u8])>,
}

impl Texts<'_> {
    fn fill(self, into: &mut Project) {
        if let Some(id) = into.stated_code_page {
            into.code_page = CodePage::resolve(id).0;
        }
        let page = into.code_page;
        let text = |bytes: &[u8]| page.decode(bytes).text.into_owned();
        let either = |wide: Option<&[u8]>, narrow: &[u8]| wide.map_or_else(|| text(narrow), utf16le);
        into.name = text(self.name);
        into.description = either(self.description_unicode, self.description);
        into.help_file = text(self.help_file);
        into.constants = either(self.constants_unicode, self.constants);
        for (name, id, body) in self.references {
            let name = match name {
                Some(ReferenceName::Mbcs(bytes)) => text(bytes),
                Some(ReferenceName::Unicode(bytes)) => utf16le(bytes),
                None => String::new(),
            };
            let kind = match id {
                REFERENCECONTROL | REFERENCECONTROL_EXTENDED => ReferenceKind::Control,
                REFERENCEORIGINAL => ReferenceKind::Original,
                REFERENCEPROJECT => ReferenceKind::Project,
                _ => ReferenceKind::Registered,
            };
            let target = match id {
                // The size of the record is the size of the text.
                REFERENCEORIGINAL => body,
                _ => sized(body),
            };
            into.references.push(Reference { name, target: text(target), kind });
        }
    }
}

/// A text behind its 32-bit length.
fn sized(body: &[u8]) -> &[u8] {
    let mut reader = Reader::new(body);
    match reader.u32() {
        Ok(len) => reader.take_up_to(usize::try_from(len).unwrap_or(usize::MAX)),
        Err(_) => &[],
    }
}
