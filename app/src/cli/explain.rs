//! `rtclab explain`: runs a scenario and tells the story of each of its calls.

use rtclab_lab::explain;
use rtclab_lab::run::Options;
use rtclab_trace::Observe;

use super::Verdict;
use super::args::ExplainArgs;
use super::fault::Fault;
use super::output::Output;
use super::scenario;

pub(crate) fn explain(arguments: &ExplainArgs, output: &Output) -> Result<Verdict, Fault> {
    let document = scenario::read(&arguments.scenario, &arguments.set)?;
    let options = Options { seed: arguments.seed, until: arguments.until, observe: Observe::Full };
    let outcome = scenario::run(&arguments.scenario, &document, options)?;
    output.print(&explain::text(&outcome, &output.style(arguments.language.into())))?;
    Ok(if outcome.is_as_expected() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}
