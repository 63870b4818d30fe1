//! What can be wrong with the text of a message, with its place. Not here: reading it.

/// Why a text is not a SIP message, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {what} ({rule})")]
pub struct SipError {
    /// The byte of the message at which it was found.
    pub at: usize,
    /// What was expected, or is wrong.
    pub what: &'static str,
    /// The rule.
    pub rule: &'static str,
}

impl SipError {
    pub(super) const fn new(at: usize, what: &'static str, rule: &'static str) -> SipError {
        SipError { at, what, rule }
    }

    /// The same, told of a text that begins `base` bytes into the message.
    pub(super) const fn behind(self, base: usize) -> SipError {
        SipError { at: self.at + base, ..self }
    }
}
