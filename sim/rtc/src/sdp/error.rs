//! Why a text is not a session description: where, what was expected, and whose rule it is. Not here: what two lines have to do with
//! each other ([`super::rules`]).

use super::line::LineType;
use super::place::Place;

/// Longest text that is read, in bytes. What browsers write stays below 100 kB even with many cameras.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// A line that the grammar does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem} ({section})")]
pub struct SdpError {
    /// Where reading stopped.
    pub place: Place,
    /// What is wrong there.
    pub problem: SdpProblem,
    /// Whose grammar it is: `RFC 8839 §5.1`.
    pub section: &'static str,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpProblem {
    /// The text is longer than [`TEXT_BYTES_MAX`].
    #[error("the text has {length} bytes; no more than {TEXT_BYTES_MAX} are read")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// There is no line at all.
    #[error("the text is empty; a session description begins with \"v=0\"")]
    Empty,
    /// A line does not begin with a letter and an equals sign.
    #[error("a line is one letter, \"=\" and a value; this one begins with {found:?}")]
    NotALine {
        /// How it begins.
        found: String,
    },
    /// A letter that no RFC gives a meaning.
    #[error("there is no line of type {found:?}")]
    UnknownType {
        /// The letter.
        found: char,
    },
    /// A byte that may not stand in a line: NUL, or a carriage return without a line feed.
    #[error("a line must not contain {found}")]
    ForbiddenByte {
        /// Which one, in words.
        found: &'static str,
    },
    /// A line stands behind one that has to follow it.
    #[error("\"{found}=\" must not stand behind \"{before}=\"")]
    OutOfOrder {
        /// The line that is too late.
        found: LineType,
        /// The line before it.
        before: LineType,
    },
    /// A line that may be there once.
    #[error("there is a second \"{found}=\" line")]
    Repeated {
        /// Which one.
        found: LineType,
    },
    /// A line that has to be there.
    #[error("the \"{missing}=\" line is missing")]
    Missing {
        /// Which one.
        missing: LineType,
    },
    /// A field is not what the grammar allows.
    #[error("{expected} was expected, not {found:?}")]
    Expected {
        /// What the grammar allows here.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The line ends too early.
    #[error("the line ends where {expected} was expected")]
    Ends {
        /// What the grammar asks for.
        expected: &'static str,
    },
    /// Something stands behind the end of what the grammar allows.
    #[error("{found:?} stands behind the end of the value")]
    Trailing {
        /// What stands there.
        found: String,
    },
    /// An attribute that is a mere flag has a value.
    #[error("\"a={name}\" has no value")]
    NotAFlag {
        /// Its name.
        name: String,
    },
    /// An attribute that needs a value has none.
    #[error("\"a={name}\" needs a value")]
    NeedsValue {
        /// Its name.
        name: String,
    },
}
