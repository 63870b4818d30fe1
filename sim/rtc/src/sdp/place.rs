//! Where something stands in the text of a session description. Not here: what stands there.

use std::fmt;
use std::ops::Range;

/// A stretch of one line, as bytes for programs and as line and column for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The first byte, counted from the start of the text.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column of the first character, from 1, counted in characters.
    pub column: u32,
}

impl Place {
    /// The bytes it covers.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A part of a line that has a name in the grammar, such as the port of an `m=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What the RFC calls it.
    pub name: &'static str,
    /// Where it stands. A list (formats, tags) has a field for each member.
    pub place: Place,
}
