//! Reading a scenario file, for every command that runs one.

use std::fs;
use std::path::Path;

use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, Outcome, run_watched};

use super::fault::Fault;
use super::progress::ProgressLine;

/// The first bytes of pcap, in both byte orders and both resolutions, and of pcapng.
const CAPTURE_MAGICS: [[u8; 4]; 5] = [
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

/// Reads and checks a scenario.
pub(crate) fn read(path: &Path, overrides: &[String]) -> Result<Scenario, Fault> {
    let bytes = fs::read(path).map_err(Fault::unreadable(path))?;
    if is_capture(&bytes) {
        return Err(Fault::CaptureGiven { path: path.to_path_buf() });
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::NotText(path.to_path_buf()))?;
    let name = path.display().to_string();
    let mut scenario = Scenario::parse(&name, &text, overrides)?;
    if scenario.title.is_empty() {
        scenario.title = name;
    }
    Ok(scenario)
}

/// Runs a scenario, with a line of progress if it takes long.
pub(crate) fn run(path: &Path, scenario: &Scenario, options: Options) -> Result<Outcome, Fault> {
    let mut line = ProgressLine::standard();
    let outcome = run_watched(scenario, options, |progress| line.tell(progress));
    line.end();
    outcome.map_err(|error| Fault::Build { path: path.to_path_buf(), error })
}

/// Whether a file begins like a capture.
pub(crate) fn is_capture(bytes: &[u8]) -> bool {
    bytes.first_chunk::<4>().is_some_and(|magic| CAPTURE_MAGICS.contains(magic))
}
