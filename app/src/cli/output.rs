//! Standard output and standard error: how wide, whether coloured, and readers that leave early.

use std::io::{self, IsTerminal, Write};

use rtclab_lab::Language;
use rtclab_lab::ladder::Style;

use super::fault::Fault;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Columns of the terminal; none where it is not one.
    width: Option<usize>,
    colour: bool,
}

impl Output {
    /// The process's own standard output.
    pub(crate) fn standard() -> Output {
        let is_terminal = io::stdout().is_terminal();
        let size = terminal_size::terminal_size();
        let width = size.filter(|_| is_terminal).map(|(width, _)| usize::from(width.0));
        // https://no-color.org: set and not empty means no.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Output { width, colour: is_terminal && !refused && !dumb }
    }

    /// How text for people looks here.
    pub(crate) fn style(&self, language: Language) -> Style {
        let usual = Style::default();
        Style { width: self.width.unwrap_or(usual.width), colour: self.colour, language }
    }

    /// Writes text.
    pub(crate) fn print(&self, text: &str) -> Result<(), Fault> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }
}

/// Tells what went wrong, on standard error.
pub(crate) fn complain(fault: &Fault) {
    // If nobody reads that either, the exit code still tells.
    let _ = writeln!(io::stderr().lock(), "{fault}");
}
