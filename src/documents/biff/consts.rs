//! Record identifiers ([MS-XLS] 2.3, and the Excel 97 developer's kit for the older ones).
//!
//! A digit at the end is the BIFF version that a form of a record belongs to; without one it is the
//! form of BIFF5 and BIFF8, or the only one.

/// `BOF` of BIFF2, BIFF3, BIFF4, and BIFF5 with BIFF8.
pub(super) const BOF: [u16; 4] = [0x0009, 0x0209, 0x0409, 0x0809];
pub(super) const EOF: u16 = 0x000A;
pub(super) const CONTINUE: u16 = 0x003C;

pub(super) const FILEPASS: u16 = 0x002F;
pub(super) const CODEPAGE: u16 = 0x0042;
pub(super) const WRITEACCESS: u16 = 0x005C;
pub(super) const BOUNDSHEET: u16 = 0x0085;
/// BIFF4 workbooks: where the first `BUNDLEHEADER` stands.
pub(super) const BUNDLESOFFSET: u16 = 0x008E;
/// BIFF4 workbooks: length and name of the sheet behind it.
pub(super) const BUNDLEHEADER: u16 = 0x008F;

pub(super) const SST: u16 = 0x00FC;
pub(super) const EXTERNSHEET: u16 = 0x0017;
pub(super) const SUPBOOK: u16 = 0x01AE;
pub(super) const EXTERNNAME: u16 = 0x0023;
pub(super) const EXTERNNAME3: u16 = 0x0223;
pub(super) const LBL: u16 = 0x0018;
pub(super) const LBL3: u16 = 0x0218;

pub(super) const FONT: u16 = 0x0031;
pub(super) const FONT3: u16 = 0x0231;
/// BIFF2: the colour of the font before it.
pub(super) const FONTCOLOR2: u16 = 0x0045;
pub(super) const FORMAT2: u16 = 0x001E;
pub(super) const FORMAT: u16 = 0x041E;
pub(super) const XF2: u16 = 0x0043;
pub(super) const XF3: u16 = 0x0243;
pub(super) const XF4: u16 = 0x0443;
pub(super) const XF: u16 = 0x00E0;
/// BIFF2: the format of the cells behind it whose own field is full.
pub(super) const IXFE2: u16 = 0x0044;
pub(super) const PALETTE: u16 = 0x0092;

pub(super) const PROTECT: u16 = 0x0012;
pub(super) const PASSWORD: u16 = 0x0013;
pub(super) const WINDOWPROTECT: u16 = 0x0019;
pub(super) const WSBOOL: u16 = 0x0081;

pub(super) const BLANK2: u16 = 0x0001;
pub(super) const INTEGER2: u16 = 0x0002;
pub(super) const NUMBER2: u16 = 0x0003;
pub(super) const LABEL2: u16 = 0x0004;
pub(super) const BOOLERR2: u16 = 0x0005;
pub(super) const FORMULA: u16 = 0x0006;
pub(super) const FORMULA3: u16 = 0x0206;
pub(super) const FORMULA4: u16 = 0x0406;
pub(super) const STRING2: u16 = 0x0007;
pub(super) const ROW2: u16 = 0x0008;
pub(super) const ARRAY2: u16 = 0x0021;
pub(super) const COLWIDTH2: u16 = 0x0024;
pub(super) const DEFAULTROWHEIGHT2: u16 = 0x0025;
pub(super) const BLANK: u16 = 0x0201;
pub(super) const NUMBER: u16 = 0x0203;
pub(super) const LABEL: u16 = 0x0204;
pub(super) const BOOLERR: u16 = 0x0205;
pub(super) const STRING: u16 = 0x0207;
pub(super) const ROW: u16 = 0x0208;
pub(super) const ARRAY: u16 = 0x0221;
pub(super) const DEFAULTROWHEIGHT: u16 = 0x0225;
pub(super) const RK: u16 = 0x027E;
pub(super) const MULRK: u16 = 0x00BD;
pub(super) const MULBLANK: u16 = 0x00BE;
pub(super) const RSTRING: u16 = 0x00D6;
pub(super) const LABELSST: u16 = 0x00FD;
pub(super) const SHRFMLA: u16 = 0x04BC;
/// The identifier that the Excel 5 developer's kit gives for `SHRFMLA`.
pub(super) const SHRFMLA5: u16 = 0x00BC;
pub(super) const DEFCOLWIDTH: u16 = 0x0055;
pub(super) const COLINFO: u16 = 0x007D;

pub(super) const HEADER: u16 = 0x0014;
pub(super) const FOOTER: u16 = 0x0015;
pub(super) const HEADERFOOTER: u16 = 0x089C;
pub(super) const NOTE: u16 = 0x001C;
pub(super) const OBJ: u16 = 0x005D;
pub(super) const TXO: u16 = 0x01B6;
pub(super) const MSODRAWINGGROUP: u16 = 0x00EB;
pub(super) const MSODRAWING: u16 = 0x00EC;
pub(super) const HLINK: u16 = 0x01B8;
pub(super) const HLINKTOOLTIP: u16 = 0x0800;
pub(super) const DV: u16 = 0x01BE;
/// Text of a chart: title, axis or legend.
pub(super) const SERIESTEXT: u16 = 0x100D;

pub(super) const SXSTRING: u16 = 0x00CD;
/// `DbQuery` or `ParamQry`: [MS-XLS] 2.4.79 gives both one number.
pub(super) const DBORPARAMQRY: u16 = 0x00DC;
pub(super) const DCONREF: u16 = 0x0051;
pub(super) const QSI: u16 = 0x01AD;
pub(super) const QSISXTAG: u16 = 0x0802;
pub(super) const DBQUERYEXT: u16 = 0x0803;
pub(super) const EXTSTRING: u16 = 0x0804;
pub(super) const TXTQRY: u16 = 0x0805;
pub(super) const OLEDBCONN: u16 = 0x080A;
pub(super) const WEBPUB: u16 = 0x0801;
pub(super) const DCONN: u16 = 0x0876;

/// Values of `BOF.dt` ([MS-XLS] 2.4.21).
pub(super) mod dt {
    pub(in super::super) const GLOBALS: u16 = 0x0005;
    pub(in super::super) const MODULE: u16 = 0x0006;
    pub(in super::super) const WORKSHEET: u16 = 0x0010;
    pub(in super::super) const CHART: u16 = 0x0020;
    pub(in super::super) const MACRO: u16 = 0x0040;
    /// A BIFF4 workbook.
    pub(in super::super) const BUNDLE: u16 = 0x0100;
}
