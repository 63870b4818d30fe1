//! What decided a call: a [`Code`] from a registry, and a sentence with the one or two facts that decided it.

mod code;

pub use code::Code;

use rtclab_trace::EntryId;

use crate::Language;

/// What decided a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which case it is.
    pub code: Code,
    /// The facts in a sentence or two, in English.
    pub english: String,
    /// The same in Korean.
    pub korean: String,
    /// The entries of the trace that show the facts, the most telling first.
    pub facts: Vec<EntryId>,
}

impl Diagnosis {
    /// The sentence in a language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Korean => &self.korean,
        }
    }
}
