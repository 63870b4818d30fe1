//! `rtclab inspect`: what is in a capture.

use std::fs;

use rtclab_capture::{CaptureFile, trace_of};

use super::Verdict;
use super::args::{Format, InspectArgs};
use super::fault::Fault;
use super::output::Output;
use super::scenario::is_capture;

pub(crate) fn inspect(arguments: &InspectArgs, output: &Output) -> Result<Verdict, Fault> {
    let path = &arguments.capture;
    let bytes = fs::read(path).map_err(Fault::unreadable(path))?;
    if !is_capture(&bytes) {
        let is_scenario = path.extension().is_some_and(|ending| ending == "toml");
        let hint = if is_scenario {
            format!("\n  = did you mean `rtclab run {}`?", path.display())
        } else {
            String::new()
        };
        return Err(Fault::NotACapture { path: path.clone(), hint });
    }
    let capture = CaptureFile::read(&bytes);
    let (_, mut report) = trace_of(&capture);
    report.file = path.display().to_string();
    let text = match arguments.format {
        Format::Text => report.to_text(),
        Format::Json => format!("{}\n", report.to_json()),
    };
    output.print(&text)?;
    Ok(Verdict::AsExpected)
}
