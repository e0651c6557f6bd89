//! Excel 4.0 macros as far as their text shows: where they start, what they call, with what.
//!
//! Nothing is run here. Arguments are folded from constants and from cells that lie in the file;
//! what would have to be computed stays open.

pub mod cells;
pub mod effects;
pub mod fold;
mod program;
pub mod sight;
pub mod starts;

pub use program::{MacroCell, Program, Start, read};
pub use sight::{Action, Sighting};
pub use starts::{Disguise, Event};
