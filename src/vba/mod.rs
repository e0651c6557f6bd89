//! VBA projects ([MS-OVBA]): where they are, what their modules say, how they are protected.
//!
//! Nothing here knows the container: a caller describes the streams of a storage by [`Streams`].
//! [`find`] names every place that holds a project, the ones that Office would no longer open
//! included; [`read`] fills a [`Project`] from one of them; [`source`] is the view of the text
//! that rules judge by.
//!
//! Attackers break the `dir` stream, the names in it and the text offsets on purpose. What Office
//! reads all the same is read and noted as an [`Oddity`]; a module whose text cannot be had is a
//! problem of its own, and the others are kept. P-code (the performance cache) and `__SRP_*`
//! streams are only recorded as present.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod compression;
mod consts;
mod dir;
pub mod effects;
mod listing;
mod locate;
mod project;
mod read;
mod signature;
pub mod source;
pub mod view;

use std::borrow::Cow;

pub use listing::{Password, ProjectLine, Protection, Protections};
pub use locate::{Root, find};
pub use project::{
    Host, Module, ModuleKind, Oddity, OddityKind, Project, Reach, Reference, ReferenceKind, Remnant, SysKind,
};
pub use read::read;
pub use signature::Signature;

use crate::base::{Cx, LimitHit, PartId};

/// One stream of the storage tree that may hold a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRef<'a> {
    /// What [`Streams::open`] knows it by.
    pub id: u32,
    /// Path of the storage that holds it, names joined by `/`; empty for the root, and for a
    /// stream that was cut out of the tree when its storage is not known.
    pub storage: &'a str,
    /// Its own name.
    pub name: &'a str,
    /// Its length in bytes.
    pub len: u64,
    /// Whether the tree leads to it, so that Office would find it.
    pub reached: bool,
}

/// A tree of storages and streams.
pub trait Streams {
    /// All streams, in an order that does not change.
    fn list(&self) -> Vec<StreamRef<'_>>;

    /// The bytes of a stream, as many as there are; an unknown `id` has none.
    ///
    /// The same stream may be asked for more than once, and every stream whose name does not tell
    /// what it holds is asked for.
    ///
    /// # Errors
    /// [`LimitHit`] when gathering them costs more than is left.
    fn open(&self, id: u32, cx: &mut Cx<'_>) -> Result<Cow<'_, [u8]>, LimitHit>;

    /// The part that stands for a stream: problems in its bytes are located there.
    fn part(&self, id: u32) -> PartId;
}
