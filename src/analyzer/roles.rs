//! What an indicator is for, from the effects that name it, and the conditions these hang on.

use std::collections::{BTreeMap, BTreeSet};

use super::run::Models;
use crate::base::{Cx, Effect, EffectKind, LimitHit};
use crate::indicators::{IndicatorKind, Role, host_in};

/// Effects that are looked at.
const EFFECTS: usize = 4096;

/// Hosts that programs ask to see whether the network is there.
const CONNECTIVITY: &[&str] = &[
    "www.google.com",
    "google.com",
    "www.bing.com",
    "www.microsoft.com",
    "www.msftconnecttest.com",
    "www.msftncsi.com",
    "www.example.com",
    "connectivitycheck.gstatic.com",
    "detectportal.firefox.com",
    "captive.apple.com",
];

/// Gives each indicator that effects name its role.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub(super) fn give(models: &mut Models, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut targets: BTreeMap<(u32, String), String> = BTreeMap::new();
    let mut told: BTreeSet<(Role, String)> = BTreeSet::new();
    let asks = |effect: &&Effect| matches!(effect.kind, EffectKind::Fetch | EffectKind::Check);
    let mut given: Vec<(IndicatorKind, String, Role, Option<String>)> = Vec::new();
    for effect in models.effects.iter().filter(asks).take(EFFECTS) {
        let Some(url) = effect.detail.as_deref().and_then(|detail| detail.url.as_deref()) else { continue };
        cx.budget.touch(url.len().saturating_add(64))?;
        let role = match is_opened(effect) && is_only_asked(effect, url, &models.effects, cx)? {
            true => Role::ConnectivityCheck,
            false => role(effect, url, &mut targets),
        };
        if told.insert((role, url.to_owned())) {
            cx.budget.hold(url.len().saturating_mul(3).saturating_add(128))?;
            given.push((IndicatorKind::Url, url.to_owned(), role, effect.condition.clone()));
            if let Some((kind, host)) = host_in(url) {
                given.push((kind, host, role, effect.condition.clone()));
            }
        }
    }
    for (kind, value, role, condition) in given {
        models.indicators.give(kind, &value, role, condition);
    }
    models.indicators.mark_namespaces();
    Ok(())
}

/// Whether a page is opened and lies in no file: what it holds has to be read by another call.
fn is_opened(effect: &Effect) -> bool {
    procedure(effect).starts_with("internetopenurl")
}

fn procedure(effect: &Effect) -> String {
    let procedure = effect.detail.as_deref().and_then(|detail| detail.procedure.as_deref());
    procedure.unwrap_or_default().to_ascii_lowercase()
}

/// Whether nothing reads an opened page, and something hangs on whether it could be opened.
fn is_only_asked(effect: &Effect, url: &str, effects: &[Effect], cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    let mut hangs = false;
    for other in effects.iter().filter(|other| other.location.part == effect.location.part).take(EFFECTS) {
        let condition = other.condition.as_deref().unwrap_or_default();
        cx.budget.touch(condition.len().saturating_add(16))?;
        if procedure(other).starts_with("internetreadfile") {
            return Ok(false);
        }
        hangs |= condition.contains(url);
    }
    Ok(hangs)
}

/// The first address of a file is the payload; another one of the same file is tried when that fails.
fn role(effect: &Effect, url: &str, targets: &mut BTreeMap<(u32, String), String>) -> Role {
    let host = host_in(url).map(|(_, host)| host).unwrap_or_default();
    let to = effect.detail.as_deref().and_then(|detail| detail.to.as_deref());
    match to.filter(|to| !to.is_empty()) {
        Some(to) => {
            let target = (effect.location.part.0, to.to_lowercase().replace("\\\\", "\\"));
            match targets.get(&target) {
                Some(first) if first != url => Role::Fallback,
                Some(_) => Role::Payload,
                None => {
                    targets.insert(target, url.to_owned());
                    Role::Payload
                }
            }
        }
        None if effect.kind == EffectKind::Check => Role::ConnectivityCheck,
        None if CONNECTIVITY.contains(&host.as_str()) => Role::ConnectivityCheck,
        None => Role::Payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Basis, EffectDetail, Location, PartId};

    #[test]
    fn a_page_that_is_asked_and_not_kept_is_a_connectivity_check() {
        let mut targets = BTreeMap::new();
        let mut role_of = |url: &str, to: Option<&str>| {
            let detail =
                EffectDetail { url: Some(url.to_owned()), to: to.map(str::to_owned), ..Default::default() };
            let effect = Effect {
                kind: EffectKind::Fetch,
                basis: Basis::Evaluated,
                text: url.to_owned(),
                condition: None,
                location: Location::part(PartId(0)),
                detail: Some(Box::new(detail)),
            };
            role(&effect, url, &mut targets)
        };
        let roles = [
            role_of("http://www.example.com/", None),
            role_of("http://one.invalid/a", None),
            role_of("http://www.example.com/a", Some("a.dll")),
            role_of("http://two.invalid/a", Some("A.dll")),
        ];
        assert_eq!(roles, [Role::ConnectivityCheck, Role::Payload, Role::Payload, Role::Fallback]);
    }
}
