//! Writes session descriptions line by line. Not here: what an offer or an answer has to say ([`crate::jsep`]).

use std::fmt::{Display, Write};

use super::value::{Attribute, Bandwidth, Connection, MediaLine, Origin, Timing};

/// A description under construction. Lines are written in the order of the calls, each ended by carriage return and line feed.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    text: String,
}

impl Builder {
    /// Begins with version, origin, name and time, as RFC 9429 §5.2.1 wants them.
    pub fn new(origin: &Origin) -> Builder {
        let builder = Builder::default().line('v', &0).line('o', origin).line('s', &"-");
        builder.line('t', &Timing { start_s: 0, stop_s: 0 })
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(self, attribute: &Attribute) -> Builder {
        self.line('a', attribute)
    }

    /// Adds several.
    #[must_use]
    pub fn attributes<'a>(self, attributes: impl IntoIterator<Item = &'a Attribute>) -> Builder {
        attributes.into_iter().fold(self, Builder::attribute)
    }

    /// Begins a medium.
    #[must_use]
    pub fn media(self, media: &MediaLine, connection: &Connection) -> Builder {
        self.line('m', media).line('c', connection)
    }

    /// Adds a limit of bandwidth; it has to stand before attributes.
    #[must_use]
    pub fn bandwidth(self, bandwidth: &Bandwidth) -> Builder {
        self.line('b', bandwidth)
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    fn line(mut self, letter: char, value: &dyn Display) -> Builder {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{letter}={value}\r\n");
        self
    }
}
