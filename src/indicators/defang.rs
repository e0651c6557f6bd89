//! Making a value harmless to show, and knowing the hosts that every document names.

use super::IndicatorKind;
use super::address::{authority_of, host_of};

/// The value so that no program makes a link of it: `hxxp://`, `[.]` in hosts, `[:]//` elsewhere.
pub fn defang(kind: IndicatorKind, value: &str) -> String {
    match kind {
        IndicatorKind::Url => match value.split_once("://") {
            Some((scheme, rest)) => {
                let scheme = match scheme.to_ascii_lowercase().as_str() {
                    "http" => "hxxp://".to_owned(),
                    "https" => "hxxps://".to_owned(),
                    "ftp" => "fxp://".to_owned(),
                    other => format!("{other}[:]//"),
                };
                let authority = authority_of(rest);
                let path = rest.strip_prefix(authority).unwrap_or_default();
                let rest = format!("{}{path}", authority.replace('.', "[.]"));
                format!("{scheme}{}", rest.replace("://", "[:]//"))
            }
            None => value.to_owned(),
        },
        IndicatorKind::Host | IndicatorKind::Ip => value.replace('.', "[.]").replace(':', "[:]"),
        IndicatorKind::UncPath => {
            let rest = value.trim_start_matches('\\');
            let host = rest.split('\\').next().unwrap_or(rest);
            format!("\\\\{}{}", host.replace('.', "[.]"), rest.strip_prefix(host).unwrap_or_default())
        }
        IndicatorKind::Command => value.replace("://", "[:]//"),
        IndicatorKind::FilePath | IndicatorKind::Executable => value.to_owned(),
    }
}

/// Hosts of namespaces and help pages. Whole names: nothing under another name counts.
static WELL_KNOWN: &[&str] = &[
    "crl.microsoft.com",
    "docs.microsoft.com",
    "docs.oasis-open.org",
    "dublincore.org",
    "go.microsoft.com",
    "learn.microsoft.com",
    "msdn.microsoft.com",
    "ns.adobe.com",
    "office.microsoft.com",
    "openoffice.org",
    "poi.apache.org",
    "purl.oclc.org",
    "purl.org",
    "schemas.microsoft.com",
    "schemas.openxmlformats.org",
    "schemas.xmlsoap.org",
    "support.microsoft.com",
    "support.office.com",
    "technet.microsoft.com",
    "tempuri.org",
    "www.iana.org",
    "www.openoffice.org",
    "www.openxmlformats.org",
    "www.w3.org",
];

/// Whether an address or host is one that ordinary documents name.
pub fn is_well_known(kind: IndicatorKind, value: &str) -> bool {
    let host = match kind {
        IndicatorKind::Host => value,
        IndicatorKind::Url => value.split_once("://").map_or("", |(_, rest)| host_of(authority_of(rest))),
        _ => return false,
    };
    WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_defanged_by_kind() {
        let cases = [
            (
                IndicatorKind::Url,
                "https://a.example/x.dll?u=http://b",
                "hxxps://a[.]example/x.dll?u=http[:]//b",
            ),
            (IndicatorKind::Url, "http://http://a.example", "hxxp://http[:]//a.example"),
            (IndicatorKind::Url, "HTTP://a.example", "hxxp://a[.]example"),
            (IndicatorKind::Url, "ftp://a.example/", "fxp://a[.]example/"),
            (IndicatorKind::Url, "file://a.example/s", "file[:]//a[.]example/s"),
            (IndicatorKind::Ip, "2001:db8::1", "2001[:]db8[:][:]1"),
            (IndicatorKind::UncPath, r"\\a.example@SSL\x.y", r"\\a[.]example@SSL\x.y"),
            (IndicatorKind::Command, "mshta http://a", "mshta http[:]//a"),
            (IndicatorKind::FilePath, r"C:\a.exe", r"C:\a.exe"),
        ];
        for (kind, value, defanged) in cases {
            assert_eq!(defang(kind, value), defanged);
        }
    }

    #[test]
    fn a_well_known_host_must_be_the_host_that_is_asked() {
        assert!(is_well_known(IndicatorKind::Url, "http://Schemas.Microsoft.com/office"));
        assert!(!is_well_known(IndicatorKind::Url, "http://schemas.microsoft.com@evil.example/"));
        assert!(!is_well_known(IndicatorKind::Url, "http://schemas.microsoft.com.evil.example/"));
    }
}
