//! From a file to a document: scenarios are run, captures are read. What goes wrong becomes text for the window.

use std::path::PathBuf;

use rtclab_capture::{CaptureFile, FindingKind, trace_of};
use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, run};

use super::document::{Document, Origin};
use super::shipped;

/// What to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nothing: the list of shipped scenarios.
    #[default]
    Welcome,
    /// A scenario that is compiled in, by its file name.
    Shipped(&'static str),
    /// A scenario or a capture on disk.
    Path(PathBuf),
    /// A scenario or a capture that was handed over as bytes, with its name.
    Bytes(String, Vec<u8>),
}

/// Why something could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the operating system says.
        reason: String,
    },
    /// The scenario has problems; each with its place in the file.
    #[error("{0}")]
    Scenario(String),
    /// No network can be made of the scenario.
    #[error("{name}: {reason}")]
    Build {
        /// The file's name.
        name: String,
        /// What is in the way.
        reason: String,
    },
    /// The file is no capture, and no scenario either.
    #[error("{name}: {reason}\nA scenario is a TOML file; a capture is a pcap or pcapng file")]
    Capture {
        /// The file's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// No scenario of that name is compiled in.
    #[error("no shipped scenario is called {0}")]
    NotShipped(String),
}

/// Opens a source; nothing for the welcome page.
pub(crate) fn load(source: &Source) -> Result<Option<Document>, LoadError> {
    match source {
        Source::Welcome => Ok(None),
        Source::Shipped(file) => {
            let shipped = shipped::find(file).ok_or_else(|| LoadError::NotShipped((*file).into()))?;
            from_scenario(shipped.file, shipped.text).map(Some)
        }
        Source::Path(path) => {
            let shown = path.display().to_string();
            let bytes = std::fs::read(path)
                .map_err(|error| LoadError::Unreadable { path: shown.clone(), reason: error.to_string() })?;
            let name = path.file_name().map_or(shown, |name| name.to_string_lossy().into_owned());
            from_bytes(&name, &bytes).map(Some)
        }
        Source::Bytes(name, bytes) => from_bytes(name, bytes).map(Some),
    }
}

/// A file says what it is by its first bytes; only text can be a scenario.
fn from_bytes(name: &str, bytes: &[u8]) -> Result<Document, LoadError> {
    let capture = CaptureFile::read(bytes);
    let not_a_capture = capture.findings.iter().find(|finding| finding.kind == FindingKind::NotACapture);
    match (not_a_capture, std::str::from_utf8(bytes)) {
        (Some(_), Ok(text)) if name.to_ascii_lowercase().ends_with(".toml") => from_scenario(name, text),
        (Some(finding), _) => Err(LoadError::Capture { name: name.into(), reason: finding.text.clone() }),
        (None, _) => Ok(from_capture(name, &capture)),
    }
}

fn from_scenario(name: &str, text: &str) -> Result<Document, LoadError> {
    let scenario =
        Scenario::parse(name, text, &[]).map_err(|problems| LoadError::Scenario(problems.to_string()))?;
    let outcome = run(&scenario, Options::default())
        .map_err(|error| LoadError::Build { name: name.into(), reason: error.to_string() })?;
    let sentences: Vec<[String; 2]> = outcome
        .calls
        .iter()
        .map(|call| [call.diagnosis.english.clone(), call.diagnosis.korean.clone()])
        .collect();
    let document = Document::new(name, scenario.title.clone(), Origin::Scenario, outcome.trace);
    Ok(document.with_diagnoses(sentences).with_notes(shipped::paragraphs(text)))
}

fn from_capture(name: &str, capture: &CaptureFile<'_>) -> Document {
    let (trace, mut report) = trace_of(capture);
    report.file = name.to_string();
    Document::new(name, "", Origin::Capture, trace).with_notes(vec![report.to_text()])
}
