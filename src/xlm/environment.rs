//! The machine that a macro is thought to run on: a plausible desktop, as data.

/// What a macro can ask about its surroundings, with the answers of a plausible desktop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Environment {
    /// Excel's version: `16.0`.
    pub excel_version: String,
    /// Windows' version as `GET.WORKSPACE(1)` and `INFO("osversion")` say it.
    pub windows: String,
    /// Country of Excel's language, and of the system: 1 United States, 81 Japan.
    pub countries: (u16, u16),
    /// Currency sign of the system.
    pub currency: String,
    /// Screen in points: width and height.
    pub screen: (f64, f64),
    /// Whether a mouse is there.
    pub mouse: bool,
    /// Whether sounds can be played.
    pub sound: bool,
    /// The person that Excel is registered to.
    pub user: String,
    /// Their organization.
    pub organization: String,
    /// The user's folder.
    pub home: String,
    /// The folder where Excel lies.
    pub excel_folder: String,
    /// The folder where the workbook lies.
    pub document_folder: String,
    /// The workbook's file name.
    pub document: String,
    /// Date and time as Excel's serial number.
    pub now: f64,
    /// Bytes of memory that Excel says are free.
    pub free_memory: f64,
}

impl Default for Environment {
    fn default() -> Self {
        let home = "C:\\Users\\user".to_owned();
        Environment {
            excel_version: "16.0".to_owned(),
            windows: "Windows (32-bit) NT 10.00".to_owned(),
            countries: (1, 1),
            currency: "$".to_owned(),
            screen: (1440.0, 810.0),
            mouse: true,
            sound: true,
            user: "user".to_owned(),
            organization: String::new(),
            excel_folder: "C:\\Program Files\\Microsoft Office\\root\\Office16".to_owned(),
            document_folder: format!("{home}\\Downloads"),
            document: "document.xls".to_owned(),
            home,
            // 2 November 2022, 10:08: a Wednesday in office hours.
            now: 44_867.422_222_222_22,
            free_memory: 1_048_576.0,
        }
    }
}
