//! A bar on the terminal, when the work is long enough to wonder about.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work shows nothing.
const QUIET_FOR: Duration = Duration::from_secs(1);

/// Counts files; on standard error, and only when that is a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    since: Instant,
    wanted: bool,
}

impl Progress {
    pub(crate) fn new(files: usize, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} files {bar:30} {eta} left") {
            bar.set_style(style);
        }
        Progress { bar, since: Instant::now(), wanted: wanted && files > 1 && stderr().is_terminal() }
    }

    /// Looks at the clock.
    pub(crate) fn tick(&mut self) {
        if self.wanted && self.since.elapsed() > QUIET_FOR {
            self.wanted = false;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.tick();
    }

    pub(crate) fn advance(&mut self) {
        self.bar.inc(1);
        self.tick();
    }

    /// Takes the bar away while something else is written.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
