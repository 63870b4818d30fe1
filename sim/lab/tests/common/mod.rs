//! What the tests of runs share: scenarios from text, and runs of them.

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome};

/// A scenario that has no mistakes.
pub(crate) fn scenario(text: &str) -> Scenario {
    match Scenario::parse("test.toml", text, &[]) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}

/// Its run with the usual options.
pub(crate) fn run(scenario: &Scenario) -> Outcome {
    rtclab_lab::run::run(scenario, Options::default()).expect("a scenario that was checked can be built")
}
