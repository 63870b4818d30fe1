//! `rtclab` and `rtclab open`: the workbench. A machine without a screen gets a sentence and exit code 2.

use crate::workbench::{self, OpenError, Source};

use super::Verdict;
use super::args::OpenArgs;
use super::fault::Fault;

/// The workbench with its page of scenarios.
pub(crate) fn window() -> Result<Verdict, Fault> {
    show(workbench::open(Source::Welcome, None))
}

/// The workbench with a scenario or capture.
pub(crate) fn open(arguments: OpenArgs) -> Result<Verdict, Fault> {
    show(workbench::open(Source::Path(arguments.path), arguments.at))
}

fn show(opened: Result<(), OpenError>) -> Result<Verdict, Fault> {
    match opened {
        Ok(()) => Ok(Verdict::AsExpected),
        // Problems of a scenario begin with `error:` already, and there can be several.
        Err(OpenError::Load(error)) => {
            let text = error.to_string();
            Err(Fault::Window(text.strip_prefix("error: ").unwrap_or(&text).to_owned()))
        }
        Err(error) => Err(Fault::Window(format!(
            "{error}\n  = `rtclab run SCENARIO` prints a run as text, without a window"
        ))),
    }
}
