//! Excel 4.0 macros: where they start, what their text shows, and what they would do when run.
//!
//! The text is folded from constants and from cells that lie in the file. The machine runs the
//! program without Excel: bounded, and the same every time.

pub mod cells;
pub mod code;
pub mod effects;
pub mod environment;
pub mod explore;
pub mod fold;
pub mod formula_links;
pub mod functions;
pub mod machine;
pub mod names;
mod program;
pub mod sight;
pub mod starts;
pub mod store;
pub mod trace;
pub mod value;

pub use environment::{Environment, EnvironmentError};
pub use explore::{Evaluation, Gate, Given, evaluate};
pub use formula_links::FormulaLink;
pub use program::{MacroCell, Program, Start, read};
pub use sight::{Action, Sighting};
pub use starts::{Disguise, Event};
