//! What a macro would do, as a fact that needs no format to be understood.

use super::{Location, PartId};

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
    /// Its fields, where they are known one by one.
    pub detail: Option<Box<EffectDetail>>,
}

impl Effect {
    /// What an effect that came out of a command line names as its way.
    pub const IN_COMMAND: &str = "command";

    /// What names as its way what Excel only opens or shows.
    pub const OPENED: &str = "open";

    /// Whether it came out of a command line, and is not the start of one.
    pub fn is_in_command(&self) -> bool {
        self.detail.as_deref().and_then(|detail| detail.how.as_deref()) == Some(Effect::IN_COMMAND)
    }

    /// Its part, and its place in the order in which things happen there: a command line and what
    /// came out of it have the same one.
    pub fn act(&self) -> (PartId, Option<u32>) {
        (self.location.part, self.detail.as_deref().and_then(|detail| detail.order))
    }
}

/// The fields of an effect; each kind has its own. What is unknown in a text stands there as a
/// placeholder in braces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EffectDetail {
    /// Fetch: the address.
    pub url: Option<String>,
    /// Fetch: the file that it is saved to. A mail: its receiver.
    pub to: Option<String>,
    /// Write, delete: the file or folder.
    pub path: Option<String>,
    /// Write: what is written. Alert: what is shown.
    pub content: Option<String>,
    /// Run: the command line.
    pub command: Option<String>,
    /// Run, call, fetch: through what. [`Effect::IN_COMMAND`] where it came out of a command line.
    pub how: Option<String>,
    /// Register, call: the DLL.
    pub dll: Option<String>,
    /// Register, call: the function.
    pub procedure: Option<String>,
    /// Register, call: types of arguments and result, a letter each.
    pub types: Option<String>,
    /// Register: the name that calls it.
    pub alias: Option<String>,
    /// Call: the arguments.
    pub arguments: Vec<String>,
    /// The formula as it was written by another one.
    pub source: Option<String>,
    /// What starts the macro: `auto_open`, `hook` ...; `unproven` when nothing was seen to.
    pub start: Option<&'static str>,
    /// Its place in the order in which things happen, from 0.
    pub order: Option<u32>,
    /// The cell whose macro runs the VBA procedure that does it.
    pub caller: Option<Location>,
}

impl EffectDetail {
    /// Bytes of its texts.
    pub fn len(&self) -> usize {
        let texts = [
            &self.url,
            &self.to,
            &self.path,
            &self.content,
            &self.command,
            &self.how,
            &self.dll,
            &self.procedure,
            &self.types,
            &self.alias,
            &self.source,
        ];
        let texts = texts.into_iter().flatten().map(String::len);
        texts.chain(self.arguments.iter().map(String::len)).fold(0, usize::saturating_add)
    }

    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
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
