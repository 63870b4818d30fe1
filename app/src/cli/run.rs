//! `rtclab run`: runs a scenario, prints what happened and why, and writes the files that were asked for.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use rtclab_capture::{About, write_pcapng};
use rtclab_lab::ladder;
use rtclab_lab::run::{Options, Outcome};
use rtclab_trace::Observe;

use super::Verdict;
use super::args::{Format, RunArgs};
use super::fault::Fault;
use super::output::Output;
use super::scenario;

pub(crate) fn run(arguments: &RunArgs, output: &Output) -> Result<Verdict, Fault> {
    let observe = Observe::from(arguments.observe);
    refuse_files_of_a_summary(arguments, observe)?;
    let document = scenario::read(&arguments.scenario, &arguments.set)?;
    let options = Options { seed: arguments.seed, until: arguments.until, observe };
    let outcome = scenario::run(&arguments.scenario, &document, options)?;
    if let Some(path) = &arguments.pcapng {
        write_capture(path, &outcome)?;
    }
    if let Some(path) = &arguments.trace {
        write_trace(path, &outcome)?;
    }
    let text = match arguments.format {
        Format::Text => ladder::text(&outcome, &output.style(arguments.language.into())),
        Format::Json => format!("{}\n", outcome.to_json()),
    };
    output.print(&text)?;
    Ok(if outcome.is_as_expected() { Verdict::AsExpected } else { Verdict::NotAsExpected })
}

fn refuse_files_of_a_summary(arguments: &RunArgs, observe: Observe) -> Result<(), Fault> {
    let asked = [("--pcapng", &arguments.pcapng), ("--trace", &arguments.trace)];
    match asked.into_iter().find(|(_, path)| path.is_some()) {
        Some((option, _)) if observe == Observe::Summary => Err(Fault::NeedsFullTrace { option }),
        _ => Ok(()),
    }
}

fn write_capture(path: &Path, outcome: &Outcome) -> Result<(), Fault> {
    let file = File::create(path).map_err(Fault::unwritable(path))?;
    let mut out = BufWriter::new(file);
    let hash = outcome.trace_hash().map_or(String::new(), |hash| format!(", trace {hash}"));
    let comment = format!("{}, seed {}{hash}", outcome.scenario, outcome.seed);
    let about = About { comment: &comment, start: Duration::ZERO };
    write_pcapng(&outcome.trace, &mut out, about)
        .map_err(|error| Fault::Capture { path: path.to_path_buf(), error })?;
    out.flush().map_err(Fault::unwritable(path))
}

fn write_trace(path: &Path, outcome: &Outcome) -> Result<(), Fault> {
    let file = File::create(path).map_err(Fault::unwritable(path))?;
    let mut out = BufWriter::new(file);
    let written = outcome.trace.write_json_lines(&mut out);
    written.and_then(|()| out.flush()).map_err(Fault::unwritable(path))
}
