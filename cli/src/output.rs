//! Standard output: buffered, and with an answer when it goes away.

use std::io::{self, BufWriter, Stdout, Write};

/// Output that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error(
        "whoever read the output has closed it; the rest was not written. Write to a file to keep all of it"
    )]
    Closed,
    #[error("cannot write the output: {0}. Check the space and the rights there, and run again")]
    Unwritable(io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => OutputError::Closed,
            _ => OutputError::Unwritable(error),
        }
    }
}

/// Standard output.
pub(crate) struct Output {
    to: BufWriter<Stdout>,
}

impl Output {
    pub(crate) fn stdout() -> Self {
        Output { to: BufWriter::new(io::stdout()) }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        Ok(self.to.write_all(bytes)?)
    }

    /// Writes a line that a reader can take at once.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), OutputError> {
        self.to.write_all(text.as_bytes())?;
        self.to.write_all(b"\n")?;
        Ok(self.to.flush()?)
    }

    pub(crate) fn finish(&mut self) -> Result<(), OutputError> {
        Ok(self.to.flush()?)
    }
}
