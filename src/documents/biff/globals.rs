//! Records of the workbook globals: sheets, shared strings, and what belongs to the workbook.

use crate::documents::workbook::{BiffVersion, Sheet, SheetKind, TextId, Visibility};

use super::consts;
use super::error::BiffError;
use super::records::{Body, Record, Records};
use super::scan::MAX_SHEETS;
use super::text;
use super::walk::Walk;

impl<'s> Walk<'s, '_, '_> {
    /// Reads a record of the globals substream.
    pub(super) fn global(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        match record.id {
            consts::BOUNDSHEET => self.bound_sheet(record),
            consts::BUNDLESOFFSET => {
                self.bundles_at = Some(self.body(record).u32()?);
                Ok(())
            }
            consts::SST => self.shared_strings(record),
            consts::WINDOWPROTECT | consts::PROTECT | consts::PASSWORD => self.workbook_protection(record),
            consts::MSODRAWINGGROUP => self.drawing_group(record),
            _ => self.shared_part(record),
        }
    }

    /// Records of the globals that a sheet before BIFF5 has of its own.
    pub(super) fn shared_part(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        match record.id {
            consts::LBL | consts::LBL3 => self.defined_name(record),
            consts::EXTERNSHEET => self.extern_sheet(record),
            consts::SUPBOOK => self.sup_book(record),
            consts::EXTERNNAME | consts::EXTERNNAME3 => self.extern_name(record),
            consts::FONT | consts::FONT3 => self.font(record),
            consts::FONTCOLOR2 => self.font_colour(record),
            consts::FORMAT | consts::FORMAT2 => self.number_format(record),
            consts::XF | consts::XF2 | consts::XF3 | consts::XF4 => self.format(record),
            consts::PALETTE => self.palette(record),
            consts::WRITEACCESS => self.write_access(record),
            consts::DCONN
            | consts::EXTSTRING
            | consts::DBORPARAMQRY
            | consts::SXSTRING
            | consts::DBQUERYEXT
            | consts::OLEDBCONN
            | consts::TXTQRY
            | consts::QSI
            | consts::QSISXTAG
            | consts::DCONREF
            | consts::WEBPUB => self.connection(record),
            _ => Ok(()),
        }
    }

    /// Reads `BoundSheet8` ([MS-XLS] 2.4.28) or its older forms. In BIFF4 it is the name alone.
    fn bound_sheet(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if self.book.sheets.len() >= MAX_SHEETS {
            let range = record.at as u64..record.end() as u64;
            self.cx.abandoned(range, &format_args!("more than {MAX_SHEETS} listed sheets"));
            return Ok(());
        }
        let mut body = self.body(record);
        let mut sheet = Sheet { listed_at: Some(record.at as u64), ..Sheet::default() };
        let mut place = None;
        if self.dialect.version >= BiffVersion::Biff5 {
            place = Some(body.u32()?);
            sheet.state_bits = body.u8()?;
            sheet.visibility = match sheet.state_bits & 0b11 {
                0 => Visibility::Visible,
                1 => Visibility::Hidden,
                2 => Visibility::VeryHidden,
                bits => Visibility::Reserved(bits),
            };
            sheet.kind = match body.u8()? {
                0 => SheetKind::Worksheet,
                1 => SheetKind::Macro,
                2 => SheetKind::Chart,
                6 => SheetKind::Module,
                other => SheetKind::Unknown(u16::from(other)),
            };
        }
        let name = self.dialect.short_text(&mut body, &mut sheet.name);
        self.book.sheets.push(sheet);
        self.places.push(place);
        Ok(name?)
    }

    /// Follows the chain of `BUNDLEHEADER` records of a BIFF4 workbook: length of the sheet behind
    /// it, and its name.
    pub(super) fn follow_bundles(&mut self) -> Result<(), crate::base::LimitHit> {
        let Some(mut at) = self.bundles_at.and_then(|at| usize::try_from(at).ok()) else { return Ok(()) };
        for index in 0..MAX_SHEETS {
            self.cx.budget.step(1)?;
            let Some(record) = Records::new(self.stream, at).next() else { break };
            if record.id != consts::BUNDLEHEADER {
                break;
            }
            let mut body = Body::new(self.stream, &record);
            let Ok(len) = body.u32() else { break };
            let bof_at = record.end();
            let mut name = String::new();
            if self.dialect.short_text(&mut body, &mut name).is_err() {
                self.cx.recovered(at as u64, "BUNDLEHEADER without a whole name");
            }
            if index >= self.book.sheets.len() {
                let listed_at = Some(at as u64);
                self.book.sheets.push(Sheet { name, listed_at, ..Sheet::default() });
                self.places.push(None);
            }
            if let Some(place) = self.places.get_mut(index) {
                *place = u32::try_from(bof_at).ok();
            }
            at = bof_at.saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// Reads `SST` ([MS-XLS] 2.4.265): counts, then strings, through all CONTINUE records.
    ///
    /// The stated count is not believed: as many strings are read as there are.
    fn shared_strings(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        body.u32()?;
        let stated = body.u32()?;
        let mut count = 0u32;
        while !body.is_at_end() {
            let is_stated = count < stated;
            if !is_stated && !self.is_text_left(&body) {
                break;
            }
            self.scratch.clear();
            let chars = usize::from(body.u16()?);
            self.cx.budget.step(1)?;
            let read = text::unicode(&mut body, chars, &mut self.scratch);
            // What is there counts: a false length must not spend the budget of the sheets.
            self.cx.budget.touch(self.scratch.len())?;
            let kept: Option<TextId> = self.book.shared_strings.push(&self.scratch);
            kept.ok_or(BiffError::Full { at: record.at as u64 })?;
            count = count.saturating_add(1);
            if let Err(short) = read {
                self.scratch.clear();
                // Behind the last stated string lies what Excel does not look at.
                return if is_stated { Err(short.into()) } else { Ok(()) };
            }
        }
        self.scratch.clear();
        if count != stated {
            let message = format_args!("shared strings: {stated} stated, {count} there");
            self.cx.recovered(record.at as u64, &message);
        }
        Ok(())
    }

    /// Whether something other than zero bytes follows in this piece.
    fn is_text_left(&self, body: &Body<'s>) -> bool {
        let piece = body.piece();
        piece.len() > 3 && piece.iter().take(64).any(|byte| *byte != 0)
    }

    /// Reads `WriteAccess` ([MS-XLS] 2.4.349): a name, padded with blanks.
    fn write_access(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let mut name = String::new();
        let read = if self.dialect.is_unicode() {
            self.dialect.long_text(&mut body, &mut name)
        } else {
            self.dialect.short_text(&mut body, &mut name)
        };
        let kept = name.trim_end_matches(['\0', ' ']);
        self.book.written_by = self.keep(kept, record.at)?;
        // Some writers fill the record with blanks only, which then are a count as well.
        if read.is_err() {
            self.cx.recovered(record.at as u64, "WRITEACCESS states more characters than it has");
        }
        Ok(())
    }

    fn workbook_protection(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let value = self.body(record).u16()?;
        match record.id {
            consts::PASSWORD => self.book.protection.verifier = value,
            _ => self.book.protection.on |= value != 0,
        }
        Ok(())
    }
}
