//! The machine that a macro is thought to run on: a plausible desktop, as data.
//!
//! The settings stand in `environment.conf`, which is part of the library; a caller changes them one
//! by one or with a text of the same form.

use std::collections::BTreeMap;

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
    /// Separators of the system: of decimals, thousands and list items.
    pub separators: (String, String, String),
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

/// The settings of the library.
const SETTINGS: &str = include_str!("environment.conf");

/// The names of all settings.
const NAMES: [&str; 19] = [
    "excel_version",
    "excel_country",
    "excel_folder",
    "windows",
    "country",
    "currency",
    "decimal_separator",
    "thousands_separator",
    "list_separator",
    "screen",
    "mouse",
    "sound",
    "free_memory",
    "user",
    "organization",
    "home",
    "document",
    "document_folder",
    "date",
];

/// A text of settings that cannot be used. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// A line is no setting.
    #[error("line {line} is no setting; write one as `name = value`, such as `user = anna`")]
    NoSetting {
        /// Which line.
        line: usize,
    },
    /// A setting has an unknown name.
    #[error("line {line}: no setting {name:?}; there are {}", NAMES.join(", "))]
    UnknownName {
        /// Which line.
        line: usize,
        /// The name.
        name: String,
    },
    /// A setting has a value that it cannot have.
    #[error("line {line}: {name} is {expected}, not {value:?}")]
    BadValue {
        /// Which line.
        line: usize,
        /// The setting.
        name: &'static str,
        /// What it can be.
        expected: &'static str,
        /// The value.
        value: String,
    },
}

impl Default for Environment {
    fn default() -> Self {
        // A test holds that the settings of the library can be read.
        Environment::of(&lines(SETTINGS).unwrap_or_default()).unwrap_or_else(|_| Environment::blank())
    }
}

impl Environment {
    /// The desktop of the library with the settings of a text: `name = value`, one a line; empty lines
    /// and lines that begin with `#` are passed over.
    ///
    /// ```
    /// let japanese = docsift::Environment::parse("country = 81\ncurrency = ¥")?;
    /// assert_eq!(japanese.countries, (1, 81));
    /// # Ok::<(), docsift::EnvironmentError>(())
    /// ```
    ///
    /// # Errors
    /// [`EnvironmentError`] says which line cannot be used, and why.
    pub fn parse(text: &str) -> Result<Self, EnvironmentError> {
        let mut settings = lines(SETTINGS)?;
        settings.extend(lines(text.trim_start_matches('\u{FEFF}'))?);
        Environment::of(&settings)
    }

    fn of(settings: &Settings<'_>) -> Result<Self, EnvironmentError> {
        let text = |name| settings.get(name).map_or("", |(_, value)| *value);
        let home = text("home").to_owned();
        let path = |name| text(name).replace("{home}", &home);
        let country = |name| {
            let number = |value: &str| value.parse::<u16>().ok().filter(|code| (1..=999).contains(code));
            given(settings, name, "a country code, such as 81 for Japan", number)
        };
        let yes = |name| given(settings, name, "yes or no", yes_or_no);
        Ok(Environment {
            excel_version: text("excel_version").to_owned(),
            windows: text("windows").to_owned(),
            countries: (country("excel_country")?, country("country")?),
            currency: text("currency").to_owned(),
            separators: (
                text("decimal_separator").to_owned(),
                text("thousands_separator").to_owned(),
                text("list_separator").to_owned(),
            ),
            screen: given(settings, "screen", "width x height in points, such as 1440 x 810", size)?,
            mouse: yes("mouse")?,
            sound: yes("sound")?,
            user: text("user").to_owned(),
            organization: text("organization").to_owned(),
            excel_folder: path("excel_folder"),
            document_folder: path("document_folder"),
            document: text("document").to_owned(),
            now: given(settings, "date", "a date from 1900-03-01 on, such as 2022-11-02 10:08", serial)?,
            free_memory: given(settings, "free_memory", "a number of bytes", number)?,
            home,
        })
    }

    fn blank() -> Self {
        Environment {
            excel_version: String::new(),
            windows: String::new(),
            countries: (1, 1),
            currency: String::new(),
            separators: (String::new(), String::new(), String::new()),
            screen: (0.0, 0.0),
            mouse: false,
            sound: false,
            user: String::new(),
            organization: String::new(),
            home: String::new(),
            excel_folder: String::new(),
            document_folder: String::new(),
            document: String::new(),
            now: 0.0,
            free_memory: 0.0,
        }
    }
}

/// Values by name, with the line that they stand in.
type Settings<'t> = BTreeMap<&'static str, (usize, &'t str)>;

fn lines(text: &str) -> Result<Settings<'_>, EnvironmentError> {
    let mut settings = BTreeMap::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let Some((name, value)) = content.split_once('=') else {
            return Err(EnvironmentError::NoSetting { line });
        };
        let name = name.trim();
        let Some(known) = NAMES.iter().find(|known| **known == name) else {
            return Err(EnvironmentError::UnknownName { line, name: name.to_owned() });
        };
        settings.insert(*known, (line, value.trim()));
    }
    Ok(settings)
}

fn given<T>(
    settings: &Settings<'_>,
    name: &'static str,
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, EnvironmentError> {
    let (line, value) = settings.get(name).copied().unwrap_or_default();
    read(value).ok_or_else(|| EnvironmentError::BadValue { line, name, expected, value: value.to_owned() })
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn number(value: &str) -> Option<f64> {
    value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

fn size(value: &str) -> Option<(f64, f64)> {
    let (width, height) = value.split_once('x')?;
    Some((number(width.trim())?, number(height.trim())?))
}

/// A date and a time of day as Excel's serial number, from 1 March 1900 on: before that day Excel
/// counts one that never was.
fn serial(value: &str) -> Option<f64> {
    let (date, time) = value.split_once([' ', 'T']).unwrap_or((value, "0:00"));
    let fields = |text: &str, by: char| -> Option<Vec<u32>> {
        text.trim().split(by).map(|field| field.parse().ok()).collect()
    };
    let (date, time) = (fields(date, '-')?, fields(time, ':')?);
    let (&[year, month, day], [hour, minute, rest @ ..]) = (&*date, &*time) else { return None };
    let second = match rest {
        [] => 0,
        [second] => *second,
        _ => return None,
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let in_range = (1900..=9999).contains(&year)
        && (1..=days).contains(&day)
        && (year > 1900 || month >= 3)
        && *hour < 24
        && *minute < 60
        && second < 60;
    if !in_range {
        return None;
    }
    // A year that begins with March has its leap day at its end.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day;
    // 30 December 1899 in the same count.
    let since = days.checked_sub(693_900)?;
    let seconds = hour * 3600 + minute * 60 + second;
    Some(f64::from(since) + f64::from(seconds) / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_the_library_name_everything() {
        let settings = lines(SETTINGS).unwrap();
        let lacking: Vec<&str> = NAMES.into_iter().filter(|name| !settings.contains_key(name)).collect();
        assert_eq!(lacking, Vec::<&str>::new());
        let desktop = Environment::of(&settings).unwrap();
        assert_eq!(desktop, Environment::default());
        assert_eq!((desktop.countries, desktop.screen), ((1, 1), (1440.0, 810.0)));
        assert_eq!(desktop.document_folder, "C:\\Users\\user\\Downloads");
        assert!((desktop.now - (44_867.0 + (10.0 * 60.0 + 8.0) / 1440.0)).abs() < 1e-9, "{}", desktop.now);
    }

    #[test]
    fn the_page_shows_the_settings_as_they_are() {
        assert!(include_str!("../../docs/environment.md").contains(SETTINGS));
    }

    #[test]
    fn a_text_changes_what_it_names() {
        let text =
            "\u{FEFF}# a German laptop\r\n\r\nhome = D:\\Benutzer\\anna\r\n country=49\r\nmouse = no\n";
        let changed = Environment::parse(text).unwrap();
        let expected = Environment {
            home: "D:\\Benutzer\\anna".to_owned(),
            document_folder: "D:\\Benutzer\\anna\\Downloads".to_owned(),
            countries: (1, 49),
            mouse: false,
            ..Environment::default()
        };
        assert_eq!(changed, expected);
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_line() {
        let told = |text| Environment::parse(text).unwrap_err().to_string();
        assert_eq!(
            told("user = a\nmouse"),
            "line 2 is no setting; write one as `name = value`, such as `user = anna`"
        );
        assert!(
            told("\nlanguage = de").starts_with("line 2: no setting \"language\"; there are excel_version, ")
        );
        assert_eq!(told("mouse = maybe"), "line 1: mouse is yes or no, not \"maybe\"");
        assert_eq!(
            told("date = 2022-02-29"),
            "line 1: date is a date from 1900-03-01 on, such as 2022-11-02 10:08, not \"2022-02-29\""
        );
    }

    #[test]
    fn dates_are_the_serial_numbers_of_excel() {
        let serials = ["1900-03-01", "2000-02-29 12:00", "2022-11-02T00:00:00", "9999-12-31", "2021-13-01"];
        let expected = [Some(61.0), Some(36_585.5), Some(44_867.0), Some(2_958_465.0), None];
        assert_eq!(serials.map(serial), expected);
    }
}
