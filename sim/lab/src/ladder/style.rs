//! How a ladder looks: width, colours, language. Not here: what it says.

use crate::Language;

/// How text for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns to fill. Longer lines go on in the next one, under their column.
    pub width: usize,
    /// Whether ANSI colours may be used. They are never the only cue.
    pub colour: bool,
    /// The language of reasons and diagnoses.
    pub language: Language,
}

impl Default for Style {
    /// Plain text, wide enough for most lines.
    fn default() -> Style {
        Style { width: 140, colour: false, language: Language::English }
    }
}

/// What a piece of text is, as far as colour may show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Of less weight: reasons, numbers of entries.
    Faint,
    /// A heading.
    Heading,
    /// Something works.
    Good,
    /// Something was dropped or failed.
    Bad,
    /// Signaling.
    Signal,
    /// Something that the network or the scenario did.
    Event,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Faint => "\u{1b}[2m",
            Tone::Heading => "\u{1b}[1m",
            Tone::Good => "\u{1b}[32m",
            Tone::Bad => "\u{1b}[31m",
            Tone::Signal => "\u{1b}[36m",
            Tone::Event => "\u{1b}[33m",
        }
    }
}

impl Style {
    /// The text in its tone.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("{}{text}\u{1b}[0m", tone.code())
    }
}
