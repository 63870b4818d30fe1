//! The languages that sentences come in. Not here: the sentences, which stand beside what they are about.

use rtclab_trace::ReasonText;

/// A language of the sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// The sentence of a registered reason.
    pub const fn sentence(self, text: ReasonText) -> &'static str {
        match self {
            Language::English => text.english,
            Language::Korean => text.korean,
        }
    }
}
