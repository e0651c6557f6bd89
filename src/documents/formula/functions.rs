//! The functions that formulas call: names and argument counts by identifier.
//!
//! Two tables with different identifiers: `Ftab` (worksheet and macro functions) and `Cetab`
//! (commands, which a `PtgFuncVar` names with its highest bit set).

use std::sync::LazyLock;

use super::tables::{CETAB, FTAB};
use crate::documents::workbook::BiffVersion;

/// A function or command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its English name; empty for identifier 0xFF, whose name is its first argument.
    pub name: &'static str,
    /// Fewest arguments.
    pub min_args: u8,
    /// Most arguments.
    pub max_args: u8,
}

/// The function with an identifier of [MS-XLS] 2.5.198.17.
pub fn ftab(id: u16) -> Option<FunctionInfo> {
    find(FTAB, id)
}

/// The command with an identifier of [MS-XLS] 2.5.198.4.
pub fn cetab(id: u16) -> Option<FunctionInfo> {
    find(CETAB, id)
}

fn find(table: &[(u16, &'static str, u8, u8)], id: u16) -> Option<FunctionInfo> {
    let index = table.binary_search_by_key(&id, |row| row.0).ok()?;
    let (_, name, min_args, max_args) = *table.get(index)?;
    Some(FunctionInfo { name, min_args, max_args })
}

/// The function or command that a name in the text of a formula means, in any letter case: its
/// identifier, and whether it is a command.
pub fn by_name(name: &str) -> Option<(u16, bool)> {
    static NAMES: LazyLock<Vec<(&str, u16, bool)>> = LazyLock::new(|| {
        let functions = FTAB.iter().map(|row| (row.1, row.0, false));
        let commands = CETAB.iter().map(|row| (row.1, row.0, true));
        let mut names: Vec<_> = functions.chain(commands).filter(|(name, ..)| !name.is_empty()).collect();
        names.sort_by(|a, b| in_upper_case(a.0).cmp(in_upper_case(b.0)));
        names
    });
    let index = NAMES.binary_search_by(|row| in_upper_case(row.0).cmp(in_upper_case(name))).ok()?;
    NAMES.get(index).map(|(_, id, command)| (*id, *command))
}

fn in_upper_case(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(|byte| byte.to_ascii_uppercase())
}

/// How many arguments a `PtgFunc` with this identifier takes.
///
/// Some functions had a fixed count before a version gave them optional arguments. A function that
/// never had one does not occur in a `PtgFunc` that Excel writes; the fewest are taken then.
pub fn fixed_args(id: u16, version: BiffVersion) -> Option<u8> {
    let older = match id {
        // FIXED
        0x0E if version < BiffVersion::Biff4 => Some(2),
        // WEEKDAY, HLOOKUP, VLOOKUP
        0x46 if version < BiffVersion::Biff5 => Some(1),
        0x65 | 0x66 if version < BiffVersion::Biff5 => Some(3),
        // TRUNC
        0xC5 if version < BiffVersion::Biff3 => Some(1),
        // DAYS360
        0xDC if version < BiffVersion::Biff5 => Some(2),
        // GETPIVOTDATA took two arguments before Excel 2002.
        0x166 => Some(2),
        _ => None,
    };
    older.or_else(|| ftab(id).map(|function| function.min_args))
}

/// Identifiers that rules and the evaluator name.
pub mod id {
    macro_rules! ids {
        ($($name:ident = $value:literal),* $(,)?) => {
            $(#[doc = concat!("Identifier of ", stringify!($name), ".")] pub const $name: u16 = $value;)*
        };
    }

    ids! {
        FTAB_IF = 0x01, FTAB_ISERROR = 0x03, FTAB_SUM = 0x04, FTAB_INDEX = 0x1D, FTAB_REPT = 0x1E,
        FTAB_MID = 0x1F, FTAB_LEN = 0x20, FTAB_VALUE = 0x21, FTAB_TEXT = 0x30, FTAB_GOTO = 0x35,
        FTAB_HALT = 0x36, FTAB_RETURN = 0x37, FTAB_RAND = 0x3F, FTAB_DAY = 0x43, FTAB_MONTH = 0x44,
        FTAB_YEAR = 0x45, FTAB_HOUR = 0x47, FTAB_MINUTE = 0x48, FTAB_SECOND = 0x49, FTAB_NOW = 0x4A,
        FTAB_OFFSET = 0x4E, FTAB_ABSREF = 0x4F, FTAB_RELREF = 0x50, FTAB_ARGUMENT = 0x51,
        FTAB_SEARCH = 0x52, FTAB_ERROR = 0x54, FTAB_STEP = 0x55, FTAB_ECHO = 0x57,
        FTAB_SET_NAME = 0x58, FTAB_CALLER = 0x59, FTAB_DEREF = 0x5A, FTAB_WINDOWS = 0x5B,
        FTAB_DOCUMENTS = 0x5D, FTAB_ACTIVE_CELL = 0x5E, FTAB_SELECTION = 0x5F, FTAB_RESULT = 0x60,
        FTAB_CHOOSE = 0x64, FTAB_LINKS = 0x67, FTAB_INPUT = 0x68, FTAB_GET_FORMULA = 0x6A,
        FTAB_GET_NAME = 0x6B, FTAB_SET_VALUE = 0x6C, FTAB_EXEC = 0x6E, FTAB_CHAR = 0x6F,
        FTAB_LOWER = 0x70, FTAB_UPPER = 0x71, FTAB_LEFT = 0x73, FTAB_RIGHT = 0x74,
        FTAB_REPLACE = 0x77, FTAB_SUBSTITUTE = 0x78, FTAB_CODE = 0x79, FTAB_NAMES = 0x7A,
        FTAB_DIRECTORY = 0x7B, FTAB_FIND = 0x7C, FTAB_CELL = 0x7D, FTAB_ISNUMBER = 0x80, FTAB_T = 0x82,
        FTAB_N = 0x83, FTAB_FOPEN = 0x84, FTAB_FCLOSE = 0x85, FTAB_FSIZE = 0x86, FTAB_FREADLN = 0x87,
        FTAB_FREAD = 0x88, FTAB_FWRITELN = 0x89, FTAB_FWRITE = 0x8A, FTAB_FPOS = 0x8B,
        FTAB_GET_DEF = 0x91, FTAB_REFTEXT = 0x92, FTAB_TEXTREF = 0x93, FTAB_INDIRECT = 0x94,
        FTAB_REGISTER = 0x95, FTAB_CALL = 0x96, FTAB_DIALOG_BOX = 0xA1, FTAB_FILES = 0xA6,
        FTAB_CANCEL_KEY = 0xAA, FTAB_FOR = 0xAB, FTAB_WHILE = 0xAC, FTAB_BREAK = 0xAD,
        FTAB_NEXT = 0xAE, FTAB_INITIATE = 0xAF, FTAB_REQUEST = 0xB0, FTAB_POKE = 0xB1,
        FTAB_EXECUTE = 0xB2, FTAB_TERMINATE = 0xB3, FTAB_RESTART = 0xB4, FTAB_HELP = 0xB5,
        FTAB_GET_CELL = 0xB9, FTAB_GET_WORKSPACE = 0xBA, FTAB_GET_WINDOW = 0xBB,
        FTAB_GET_DOCUMENT = 0xBC, FTAB_GET_NOTE = 0xBF, FTAB_NOTE = 0xC0, FTAB_UNREGISTER = 0xC9,
        FTAB_TODAY = 0xDD, FTAB_ELSE = 0xDF, FTAB_ELSE_IF = 0xE0, FTAB_END_IF = 0xE1,
        FTAB_FOR_CELL = 0xE2, FTAB_CREATE_OBJECT = 0xEC, FTAB_VOLATILE = 0xED,
        FTAB_LAST_ERROR = 0xEE, FTAB_FORMULA_CONVERT = 0xF1, FTAB_GET_LINK_INFO = 0xF2,
        FTAB_INFO = 0xF4, FTAB_GET_OBJECT = 0xF6, FTAB_PAUSE = 0xF8, FTAB_RESUME = 0xFB,
        FTAB_USER_DEFINED = 0xFF, FTAB_EVALUATE = 0x101, FTAB_APP_TITLE = 0x106,
        FTAB_WINDOW_TITLE = 0x107, FTAB_REGISTER_ID = 0x10B, FTAB_GET_WORKBOOK = 0x10C,
        FTAB_CONCATENATE = 0x150, FTAB_OPEN_DIALOG = 0x163, FTAB_SAVE_DIALOG = 0x164,
        FTAB_HYPERLINK = 0x167, FTAB_RTD = 0x17B,

        CETAB_OPEN = 0x01, CETAB_OPEN_LINKS = 0x02, CETAB_CLOSE_ALL = 0x03, CETAB_SAVE = 0x04,
        CETAB_SAVE_AS = 0x05, CETAB_FILE_DELETE = 0x06, CETAB_QUIT = 0x0A, CETAB_CLOSE = 0x10,
        CETAB_RUN = 0x11, CETAB_PROTECT_DOCUMENT = 0x1C, CETAB_COLUMN_WIDTH = 0x2F, CETAB_COPY = 0x32,
        CETAB_PASTE = 0x33, CETAB_CLEAR = 0x34, CETAB_DEFINE_NAME = 0x3D, CETAB_FORMULA_GOTO = 0x3F,
        CETAB_HIDE = 0x5D, CETAB_UNHIDE = 0x5E, CETAB_WORKSPACE = 0x5F, CETAB_FORMULA = 0x60,
        CETAB_FORMULA_FILL = 0x61, CETAB_FORMULA_ARRAY = 0x62, CETAB_ACTIVATE = 0x67,
        CETAB_SELECT = 0x6D, CETAB_DELETE_NAME = 0x6E, CETAB_ALERT = 0x76, CETAB_NEW = 0x77,
        CETAB_MESSAGE = 0x7A, CETAB_APP_ACTIVATE = 0x7D, CETAB_FORMULA_REPLACE = 0x82,
        CETAB_SEND_KEYS = 0x83, CETAB_ON_WINDOW = 0x8A, CETAB_ON_DATA = 0x8B,
        CETAB_DISABLE_INPUT = 0x8C, CETAB_FILE_CLOSE = 0x90, CETAB_SAVE_WORKBOOK = 0x91,
        CETAB_ON_TIME = 0x94, CETAB_WAIT = 0x95, CETAB_CHANGE_LINK = 0xA6, CETAB_ON_KEY = 0xA8,
        CETAB_APP_MINIMIZE = 0xAC, CETAB_APP_MAXIMIZE = 0xAD, CETAB_SEND_MAIL = 0xBD,
        CETAB_UPDATE_LINK = 0xC9, CETAB_ASSIGN_TO_OBJECT = 0xD5, CETAB_ON_RECALC = 0xE3,
        CETAB_INSERT_OBJECT = 0x103, CETAB_ON_DOUBLECLICK = 0x117, CETAB_ON_ENTRY = 0x118,
        CETAB_WORKBOOK_ADD = 0x119, CETAB_WORKBOOK_SELECT = 0x123, CETAB_WORKBOOK_ACTIVATE = 0x124,
        CETAB_ADDIN_MANAGER = 0x141, CETAB_VBA_INSERT_FILE = 0x148, CETAB_WORKBOOK_INSERT = 0x162,
        CETAB_WORKBOOK_HIDE = 0x17F, CETAB_WORKBOOK_UNHIDE = 0x180, CETAB_WORKBOOK_DELETE = 0x181,
        CETAB_WORKBOOK_NAME = 0x182, CETAB_SHOW_DIALOG = 0x18B, CETAB_WORKBOOK_PROTECT = 0x1A1,
        CETAB_OPEN_TEXT = 0x1B9, CETAB_SAVE_COPY_AS = 0x1C8, CETAB_ON_SHEET = 0x1D7,
        CETAB_SUMMARY_INFO = 0x1DA, CETAB_FIND_FILE = 0x1DB, CETAB_VBA_MAKE_ADDIN = 0x1DE,
        CETAB_WEB_PUBLISH = 0x28D, CETAB_NEWWEBQUERY = 0x29B,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_in_order_and_names_are_upper_case() {
        for table in [FTAB, CETAB] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
            assert!(table.iter().all(|row| row.2 <= row.3));
            let spelled = |row: &&(u16, &str, u8, u8)| {
                row.1.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.')
            };
            let others: Vec<_> = table.iter().filter(|row| !spelled(row)).map(|row| row.1).collect();
            assert!(matches!(others.as_slice(), [] | ["VBAActivate"]), "{others:?}");
        }
    }

    #[test]
    fn the_two_tables_do_not_mix() {
        let name = |function: Option<FunctionInfo>| function.map(|function| function.name);
        assert_eq!(name(ftab(0x60)), Some("RESULT"));
        assert_eq!(name(cetab(0x60)), Some("FORMULA"));
        assert_eq!(name(ftab(id::FTAB_EXEC)), Some("EXEC"));
        assert_eq!(name(ftab(id::FTAB_CALL)), Some("CALL"));
        assert_eq!(name(ftab(id::FTAB_REGISTER)), Some("REGISTER"));
        assert_eq!(name(cetab(id::CETAB_RUN)), Some("RUN"));
        assert_eq!(name(ftab(0x5C)), Some("SERIES"));
        assert_eq!(name(ftab(id::FTAB_USER_DEFINED)), Some(""));
        assert_eq!(ftab(0xCA), None);
        assert_eq!(cetab(0x7FFF), None);
    }

    #[test]
    fn every_function_and_command_is_found_by_its_name() {
        for (table, command) in [(FTAB, false), (CETAB, true)] {
            for (id, name, ..) in table.iter().filter(|row| !row.1.is_empty()) {
                assert_eq!(by_name(&name.to_lowercase()), Some((*id, command)), "{name}");
            }
        }
        assert_eq!(by_name("NOTHING"), None);
        assert_eq!(by_name(""), None);
    }

    #[test]
    fn as_many_functions_have_a_fixed_count_as_in_the_specification() {
        let fixed: Vec<_> = FTAB.iter().filter(|row| row.0 < 0x17C && row.2 == row.3).collect();
        assert_eq!(fixed.len(), 210);
        let count = |id| fixed.iter().find(|row| row.0 == id).map(|row| row.2);
        let counts = [0x35, 0x55, 0x6C, 0x6F, 0x88, 0x8A, 0xB1, 0xBA, 0x101].map(count);
        let expected = [1, 0, 2, 1, 2, 2, 3, 1, 1].map(Some);
        assert_eq!(counts, expected);
    }

    #[test]
    fn fixed_counts_follow_the_version() {
        use BiffVersion::{Biff2, Biff3, Biff4, Biff5, Biff8};
        let counts = |id| [Biff2, Biff3, Biff4, Biff5, Biff8].map(|version| fixed_args(id, version).unwrap());
        assert_eq!(counts(0x0E), [2, 2, 1, 1, 1]);
        assert_eq!(counts(0x46), [1; 5]);
        assert_eq!(counts(0x65), [3; 5]);
        assert_eq!(counts(0xDC), [2; 5]);
        assert_eq!(counts(0x166), [2; 5]);
        assert_eq!(fixed_args(0xCA, Biff8), None);
    }

    #[test]
    fn constants_name_the_function_that_they_are_named_for() {
        let source = include_str!("functions.rs");
        let mut checked = 0;
        let words: Vec<&str> = source.split(['\n', ',']).map(str::trim).collect();
        for word in words {
            let Some((name, value)) = word.split_once(" = 0x") else { continue };
            let Ok(id) = u16::from_str_radix(value, 16) else { continue };
            let (info, name) = match (name.strip_prefix("FTAB_"), name.strip_prefix("CETAB_")) {
                (Some(name), _) => (ftab(id), name),
                (_, Some(name)) => (cetab(id), name),
                _ => continue,
            };
            if name != "USER_DEFINED" {
                assert_eq!(info.map(|info| info.name.replace('.', "_")).as_deref(), Some(name));
                checked += 1;
            }
        }
        assert!(checked > 150, "{checked}");
    }
}
