//! Rules about what the document tells a person to do.

pub(crate) mod enable_content;
pub(crate) mod picture_only;
pub(crate) mod protected_or_other_version;
pub(crate) mod relaunch_from_trusted_folder;

use super::super::Evidence;
use crate::lure::Hit;

/// The words with their places, as proof.
fn words(hit: &Hit) -> Vec<Evidence> {
    let mut places = hit.locations.iter();
    let first = places.next().map(|place| Evidence::new(place.clone(), hit.quote.as_str()));
    first.into_iter().chain(places.map(|place| Evidence::new(place.clone(), ""))).collect()
}

/// Whether a person sees the words, as half a sentence.
fn seen(hit: &Hit) -> &'static str {
    if hit.visible { "" } else { ", in a place that is not shown" }
}
