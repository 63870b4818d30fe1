//! One line: its type, its content, and where each of its fields stands. Not here: how lines follow each other ([`super::order`]) and
//! how their values are read ([`super::grammar`]).

use std::fmt;
use std::ops::Range;

use super::place::{Field, Place};
use super::value::{Attribute, Bandwidth, Connection, MediaLine, Origin, Timing};

/// The letter in front of the equals sign (RFC 8866 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineType {
    /// `v=`, the version of the protocol.
    Version,
    /// `o=`, who made the description, and which version of it this is.
    Origin,
    /// `s=`, the name of the session.
    SessionName,
    /// `i=`, words about the session or the medium.
    Information,
    /// `u=`, a page about the session.
    Uri,
    /// `e=`, an address for mail.
    Email,
    /// `p=`, a telephone number.
    Phone,
    /// `c=`, the network address.
    Connection,
    /// `b=`, a limit of bandwidth.
    Bandwidth,
    /// `t=`, when the session is active.
    Time,
    /// `r=`, when it repeats.
    Repeat,
    /// `z=`, changes of the time zone.
    Zone,
    /// `k=`, a key in clear text, obsolete.
    Key,
    /// `a=`, an attribute.
    Attribute,
    /// `m=`, the start of a media description.
    Media,
}

impl LineType {
    /// Every type, in the order in which RFC 8866 §5 lists them.
    pub const ALL: [LineType; 15] = [
        LineType::Version,
        LineType::Origin,
        LineType::SessionName,
        LineType::Information,
        LineType::Uri,
        LineType::Email,
        LineType::Phone,
        LineType::Connection,
        LineType::Bandwidth,
        LineType::Time,
        LineType::Repeat,
        LineType::Zone,
        LineType::Key,
        LineType::Attribute,
        LineType::Media,
    ];

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            LineType::Version => 'v',
            LineType::Origin => 'o',
            LineType::SessionName => 's',
            LineType::Information => 'i',
            LineType::Uri => 'u',
            LineType::Email => 'e',
            LineType::Phone => 'p',
            LineType::Connection => 'c',
            LineType::Bandwidth => 'b',
            LineType::Time => 't',
            LineType::Repeat => 'r',
            LineType::Zone => 'z',
            LineType::Key => 'k',
            LineType::Attribute => 'a',
            LineType::Media => 'm',
        }
    }

    /// The type with this letter.
    pub fn of(letter: char) -> Option<LineType> {
        LineType::ALL.into_iter().find(|kind| kind.letter() == letter)
    }

    /// Where its grammar stands.
    pub fn section(self) -> &'static str {
        match self {
            LineType::Version => "RFC 8866 §5.1",
            LineType::Origin => "RFC 8866 §5.2",
            LineType::SessionName => "RFC 8866 §5.3",
            LineType::Information => "RFC 8866 §5.4",
            LineType::Uri => "RFC 8866 §5.5",
            LineType::Email | LineType::Phone => "RFC 8866 §5.6",
            LineType::Connection => "RFC 8866 §5.7",
            LineType::Bandwidth => "RFC 8866 §5.8",
            LineType::Time => "RFC 8866 §5.9",
            LineType::Repeat => "RFC 8866 §5.10",
            LineType::Zone => "RFC 8866 §5.11",
            LineType::Key => "RFC 8866 §5.12",
            LineType::Attribute => "RFC 8866 §5.13",
            LineType::Media => "RFC 8866 §5.14",
        }
    }
}

impl fmt::Display for LineType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// A line of a description.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line without its end.
    pub place: Place,
    /// Its line end: carriage return and line feed, line feed alone, or nothing at the end of the text.
    pub ending: Range<usize>,
    /// Its parts, in the order of their bytes. Parts of a part (an address inside a candidate) are listed, not nested.
    pub fields: Vec<Field>,
    /// What it says.
    pub content: Content,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `v=`
    Version(u64),
    /// `o=`
    Origin(Origin),
    /// `s=`
    SessionName(String),
    /// `i=`, `u=`, `e=`, `p=`, `r=`, `z=` and `k=`: checked, and otherwise of no use here (RFC 9429 §5.8.1).
    Other(LineType),
    /// `c=`
    Connection(Connection),
    /// `b=`
    Bandwidth(Bandwidth),
    /// `t=`
    Time(Timing),
    /// `a=`
    Attribute(Attribute),
    /// `m=`
    Media(MediaLine),
    /// An empty line at the end of the text.
    Blank,
    /// A line that the grammar does not allow; only in what [`super::Sdp::parse_tolerant`] returns.
    Malformed,
}

impl Line {
    /// The attribute, if it is one.
    pub fn attribute(&self) -> Option<&Attribute> {
        match &self.content {
            Content::Attribute(attribute) => Some(attribute),
            _ => None,
        }
    }
}
