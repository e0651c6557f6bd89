//! Rules about what the document tells a person to do.

pub(crate) mod enable_content;
pub(crate) mod known_picture;
pub(crate) mod lower_protection;
pub(crate) mod lure_in_encrypted_archive;
pub(crate) mod open_picture;
pub(crate) mod picture_only;
pub(crate) mod protected_or_other_version;
pub(crate) mod relaunch_from_trusted_folder;
pub(crate) mod scan_code;
pub(crate) mod unblock_file;

use super::super::{Evidence, Facts};
use crate::lure::{Certainty, Family, Hit, Language};

/// The words with their places, as proof.
fn words(hit: &Hit) -> Vec<Evidence> {
    let mut places = hit.locations.iter();
    let first = places.next().map(|place| Evidence::new(place.clone(), hit.quote.as_str()));
    first.into_iter().chain(places.map(|place| Evidence::new(place.clone(), ""))).collect()
}

/// Whole instructions of a family that no words of warning stand beside.
fn whole<'m>(facts: &Facts<'m>, family: Family) -> impl Iterator<Item = &'m Hit> {
    let lures = facts.lures.iter();
    lures.filter(move |hit| hit.family == family && hit.certainty == Certainty::Strong && !hit.cautioned)
}

/// What the words say in English, their language, whether a person sees them, and the name of the family,
/// which is the key of a translation.
fn meaning(hit: &Hit) -> String {
    let language = match hit.language {
        Language::Neutral => String::new(),
        language => format!(" in {}", language.name()),
    };
    let seen = match hit.hidden_by {
        None => "visible text".to_owned(),
        Some(hiding) => format!("text hidden by {}", hiding.name()),
    };
    format!("{seen}{language} {} ({})", hit.family.meaning(), hit.family.key())
}
