//! What the tests of runs share: scenarios from text, and runs of them.

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome};

/// A scenario that has no mistakes.
#[allow(dead_code, reason = "each file of tests is a program of its own, and not all of them need it")]
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

/// A shipped scenario with values replaced: `node.nat-a.nat=symmetric`.
#[allow(dead_code, reason = "each file of tests is a program of its own, and not all of them need it")]
pub(crate) fn shipped(name: &str, overrides: &[&str]) -> Scenario {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let text = std::fs::read_to_string(folder.join(name)).expect("a shipped scenario");
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    match Scenario::parse(name, &text, &overrides) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}
