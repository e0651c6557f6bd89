//! What a macro would do, as a fact that needs no format to be understood.

use super::Location;

/// One thing that a document would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What kind of thing.
    pub kind: EffectKind,
    /// How we know.
    pub basis: Basis,
    /// What exactly: the command, address, path or message.
    pub text: String,
    /// What it hangs on, when that is known.
    pub condition: Option<String>,
    /// Where it stands.
    pub location: Location,
}

/// Kinds of effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EffectKind {
    /// Gets a file or page from elsewhere.
    Fetch,
    /// Writes a file.
    Write,
    /// Starts a process.
    Run,
    /// Makes a function of a DLL callable.
    Register,
    /// Calls a function of a DLL.
    Call,
    /// Writes into the memory of a process, or runs code there.
    Inject,
    /// Deletes a file.
    Delete,
    /// Makes itself start again.
    Persist,
    /// Hides itself or its traces.
    Hide,
    /// Shows a message.
    Alert,
    /// Talks to another program by DDE.
    Dde,
    /// Looks at its surroundings.
    Check,
    /// Closes the document or the program.
    Close,
}

/// How an effect is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// It stands in the macro's text; nothing was computed.
    SeenInText,
    /// It came out of running the macro in our machine.
    Evaluated,
}
