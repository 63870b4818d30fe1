//! How far a long run is, on standard error, if a person is watching it there. Short runs say nothing.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;

use rtclab_lab::run::Progress;

/// Slices that pass before anything is said: a run of a few hundred thousand events is over before anyone wonders.
const SILENT_SLICES: u32 = 30;

/// The columns that the line takes.
const WIDTH: usize = 60;

/// A line that is written over and over.
#[derive(Debug)]
pub(crate) struct ProgressLine {
    slices: u32,
    is_terminal: bool,
    is_shown: bool,
}

impl ProgressLine {
    /// A line on the process's own standard error.
    pub(crate) fn standard() -> ProgressLine {
        ProgressLine { slices: 0, is_terminal: io::stderr().is_terminal(), is_shown: false }
    }

    /// A slice of the run has passed.
    pub(crate) fn tell(&mut self, progress: Progress) -> ControlFlow<()> {
        self.slices = self.slices.saturating_add(1);
        if self.is_terminal && self.slices > SILENT_SLICES {
            let Progress { now, entries, .. } = progress;
            let text = format!("{:3.0} %  {now}, {entries} entries", progress.share() * 100.0);
            self.write(&text);
            self.is_shown = true;
        }
        ControlFlow::Continue(())
    }

    /// The run is over: the line goes.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            self.write("");
            self.write_raw("\r");
        }
    }

    fn write(&self, text: &str) {
        self.write_raw(&format!("\r{text:WIDTH$}"));
    }

    fn write_raw(&self, text: &str) {
        let mut err = io::stderr().lock();
        // Nobody misses a progress line that could not be written.
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}
