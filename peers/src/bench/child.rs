//! A reader in a process of its own: a path in, the time it took out.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// The time a reader took, or why it did not read the file.
pub(crate) type Outcome = Result<Duration, String>;

/// Begins the reason when the process ended, or was ended, before it answered.
pub(crate) const ENDED: &str = "ended";

/// Longer than any sample takes any peer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A child process that answers each line with a path by a line with nanoseconds, or `error` and a
/// reason. It is started again when it ends.
pub(crate) struct Child {
    command: Command,
    running: Option<Running>,
}

struct Running {
    process: std::process::Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Child {
    pub(crate) fn new(command: Command) -> Self {
        Child { command, running: None }
    }

    /// Asks for one file.
    pub(crate) fn ask(&mut self, path: &Path) -> Outcome {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => start(&mut self.command)?,
        };
        let asked = writeln!(running.questions, "{}", path.display());
        let answer = asked.ok().and_then(|()| running.answers.recv_timeout(PATIENCE).ok());
        let Some(answer) = answer else {
            end(&mut running);
            return Err(format!("{ENDED}: no answer"));
        };
        self.running = Some(running);
        match answer.trim().parse() {
            Ok(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
            Err(_) => Err(answer),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            end(&mut running);
        }
    }
}

fn end(running: &mut Running) {
    let _ = running.process.kill();
    let _ = running.process.wait();
}

fn start(command: &mut Command) -> Result<Running, String> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let (Some(questions), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
        return Err("no pipes".into());
    };
    let (sender, answers) = channel();
    // A thread, since a pipe cannot be read with a time limit.
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok(Running { process, questions, answers })
}
