//! The one table of rules.

use super::Rule;
use super::rules::{biff, cfb, enc, link, lure, object, package, vba, xlm};

/// All rules, in the order of their identifiers within a family.
pub fn catalogue() -> &'static [&'static Rule] {
    CATALOGUE
}

static CATALOGUE: &[&Rule] = &[
    &biff::orphan_substream::ORPHAN_SUBSTREAM,
    &biff::records_after_end::RECORDS_AFTER_END,
    &biff::hidden_cell_text::HIDDEN_CELL_TEXT,
    &biff::reserved_visibility::RESERVED_VISIBILITY,
    &biff::two_workbook_streams::TWO_WORKBOOK_STREAMS,
    &biff::damaged_formula::DAMAGED_FORMULA,
    &xlm::macro_sheet::MACRO_SHEET,
    &xlm::hidden_macro_sheet::HIDDEN_MACRO_SHEET,
    &xlm::auto_start_name::AUTO_START_NAME,
    &xlm::disguised_auto_start::DISGUISED_AUTO_START,
    &xlm::exec::EXEC,
    &xlm::call::CALL,
    &xlm::register::REGISTER,
    &xlm::formula_writes_cells::FORMULA_WRITES_CELLS,
    &xlm::file_functions::FILE_FUNCTIONS,
    &xlm::environment_check::ENVIRONMENT_CHECK,
    &xlm::scattered_fragments::SCATTERED_FRAGMENTS,
    &xlm::assembled_code::ASSEMBLED_CODE,
    &xlm::launcher_in_clear::LAUNCHER_IN_CLEAR,
    &xlm::char_code_building::CHAR_CODE_BUILDING,
    &xlm::event_hook::EVENT_HOOK,
    &xlm::chained_side_effects::CHAINED_SIDE_EFFECTS,
    &xlm::xlm_replication::XLM_REPLICATION,
    &xlm::xlm_hides_tracks::XLM_HIDES_TRACKS,
    &lure::relaunch_from_trusted_folder::RELAUNCH_FROM_TRUSTED_FOLDER,
    &lure::enable_content::ENABLE_CONTENT,
    &lure::protected_or_other_version::PROTECTED_OR_OTHER_VERSION,
    &lure::picture_only::PICTURE_ONLY,
    &lure::unblock_file::UNBLOCK_FILE,
    &lure::lower_protection::LOWER_PROTECTION,
    &lure::open_picture::OPEN_PICTURE,
    &lure::scan_code::SCAN_CODE,
    &link::dde_link::DDE_LINK,
    &link::external_workbook::EXTERNAL_WORKBOOK,
    &link::data_connection::DATA_CONNECTION,
    &link::launcher_text::LAUNCHER_TEXT,
    &link::dde_command::DDE_COMMAND,
    &enc::encrypted_workbook::ENCRYPTED_WORKBOOK,
    &enc::protected_sheets::PROTECTED_SHEET,
    &enc::default_password::DEFAULT_PASSWORD,
    &enc::encrypted_document::ENCRYPTED_DOCUMENT,
    &cfb::damaged_compound_file::DAMAGED_COMPOUND_FILE,
    &cfb::unreachable_directory_entry::UNREACHABLE_DIRECTORY_ENTRY,
    &cfb::appended_file::APPENDED_FILE,
    &cfb::zero_padding::ZERO_PADDING,
    &vba::vba_project::VBA_PROJECT,
    &vba::auto_exec::AUTO_EXEC,
    &vba::process_start::PROCESS_START,
    &vba::download::DOWNLOAD,
    &vba::file_write::FILE_WRITE,
    &vba::native_declare::NATIVE_DECLARE,
    &vba::string_building::STRING_BUILDING,
    &vba::xlm_from_vba::XLM_FROM_VBA,
    &vba::replication::REPLICATION,
    &vba::hidden_module::HIDDEN_MODULE,
    &vba::decoy_stream_name::DECOY_STREAM_NAME,
    &vba::unreachable_project::UNREACHABLE_PROJECT,
    &vba::hidden_command::HIDDEN_COMMAND,
    &vba::signed_project::SIGNED_PROJECT,
    &vba::fetches_or_writes_and_runs::FETCHES_OR_WRITES_AND_RUNS,
    &vba::auto_start_reaches::AUTO_START_REACHES,
    &vba::code_in_memory::CODE_IN_MEMORY,
    &vba::lowers_protection::LOWERS_PROTECTION,
    &vba::environment_check::ENVIRONMENT_CHECK,
    &vba::locked_project::LOCKED_PROJECT,
    &object::embedded_object::EMBEDDED_OBJECT,
    &object::activex_control::ACTIVEX_CONTROL,
    &object::dangerous_class::DANGEROUS_CLASS,
    &object::packaged_executable::PACKAGED_EXECUTABLE,
    &package::readers_disagree::READERS_DISAGREE,
    &package::file_outside_archive::FILE_OUTSIDE_ARCHIVE,
    &package::archive_bomb::ARCHIVE_BOMB,
];

/// The rule with an identifier, in any letter case.
pub fn rule(id: &str) -> Option<&'static Rule> {
    catalogue().iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
