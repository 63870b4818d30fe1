//! Running a scenario: from a document to what came of it.

mod json;
mod options;
mod outcome;

pub use options::{Ended, Options, Progress};
pub use outcome::{CallReport, Outcome, outcome_word, path_word};
