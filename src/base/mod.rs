//! What every layer stands on and no format appears in: bytes, budgets, places, problems, text.

pub mod base64;
pub mod bytes;
pub mod crc;
pub mod cx;
pub mod effect;
pub mod elsewhere;
pub mod feature;
pub mod limits;
pub mod location;
pub mod problem;
pub mod text;

pub use bytes::{Bytes, Reader, Short};
pub use cx::Cx;
pub use effect::{Basis, Effect, EffectDetail, EffectKind};
pub use elsewhere::is_elsewhere;
pub use feature::Feature;
pub use limits::{Budget, LimitHit, LimitKind, Limits};
pub use location::{Location, PartId, Place};
pub use problem::{Problem, ProblemKind, Problems, Stage};
