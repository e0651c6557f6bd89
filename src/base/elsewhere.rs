//! Whether a path leads out of the own network.

/// Whether a path or address leads to a computer outside of the own network: an address of the web, or
/// `\\host\` with a domain, a number or the way over the web (`\\host@80\`). `\\server\` alone is a
/// neighbour.
pub fn is_elsewhere(path: &str) -> bool {
    let path = path.trim_start();
    let begins =
        |scheme: &str| path.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if ["http:", "https:", "ftp:", "file://"].iter().any(|scheme| begins(scheme)) {
        return !begins("file:///");
    }
    let host = path.strip_prefix(r"\\").and_then(|rest| rest.split(['\\', '/']).next());
    host.is_some_and(|host| host.contains(['.', '@']) && host != ".")
}

#[cfg(test)]
mod tests {
    use super::is_elsewhere;

    #[test]
    fn neighbours_and_devices_are_not_elsewhere() {
        let elsewhere = ["HTTP://a.invalid/b", r"\\files.invalid\s\a", r"\\host@80\s\a", r"\\192.0.2.7\s"];
        let here =
            [r"\\server\share\a.xls", r"C:\a.b", r"\\.\pipe\a", "a.xls", "file:///C:/a.xls", "httpd.xls"];
        assert_eq!(elsewhere.map(is_elsewhere), [true; 4]);
        assert_eq!(here.map(is_elsewhere), [false; 6]);
    }
}
