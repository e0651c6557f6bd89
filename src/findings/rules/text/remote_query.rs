use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A query (`.iqy`, `.odc`, `.dqy` and kin, or a data source in Office XML) that fetches from an
    /// address or from another host.
    ///
    /// ## Why it matters
    /// Excel fetches when the file is opened, after one question. What comes back can hold formulas
    /// that ask programs for data.
    ///
    /// ## When it is innocent
    /// Companies keep queries of their own servers and databases in such files; the host tells.
    ///
    /// ## References
    /// Observed in mass mailings of 2018; ATT&CK T1105
    REMOTE_QUERY {
        id: "TXT003", name: "remote-query", severity: Medium, confidence: Certain,
        attack: ["T1105"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let queries = facts.links.iter().filter(|link| link.kind == LinkKind::Query && leaves(&link.target));
    for link in queries {
        let when = if link.automatic { "when the file is opened" } else { "when it is asked to" };
        let message = format!("a query fetches {:?} {when}", link.target);
        sink.report(&REMOTE_QUERY, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
    }
}

/// Whether an address with a scheme or a path on another host stands in the target.
pub(super) fn leaves(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    ["http:", "https:", "ftp:"].iter().any(|scheme| lower.contains(scheme)) || target.contains(r"\\")
}

#[cfg(test)]
mod tests {
    use super::leaves;

    #[test]
    fn addresses_leave_and_local_sources_do_not() {
        let remote =
            ["http://one.invalid/a", "Provider=x;Data Source=HTTPS://one.invalid", r"DBQ=\\host\a.mdb"];
        let local = ["DRIVER=SQL Server;SERVER=db", r"DBQ=C:\a.mdb", ""];
        assert_eq!(remote.map(leaves), [true; 3]);
        assert_eq!(local.map(leaves), [false; 3]);
    }
}
