//! Stands in for `header.rs` in a build without the feature `mail`: no header is read, which is told.

use super::fields::Fields;
use crate::base::{Cx, Feature, LimitHit};

/// No fields.
///
/// # Errors
/// None.
pub(super) fn fields(_: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<Fields, LimitHit> {
    cx.unsupported(at, &format_args!("the header of a mail is not read; {}", Feature::Mail));
    Ok(Fields::nothing(at))
}
