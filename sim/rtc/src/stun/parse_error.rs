//! What can be wrong with the bytes of a message: where, and what was expected.

use super::AttributeType;

/// Why bytes are not a STUN message. Offsets count from the first byte of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Fewer bytes than a header has.
    #[error("a STUN header has 20 bytes, here are {length}")]
    TooShort {
        /// How many there are.
        length: usize,
    },
    /// Not STUN at all (RFC 8489 §5).
    #[error("byte 0 is {first_byte:#04x}, but the two top bits of a STUN message are zero")]
    TopBits {
        /// Byte 0.
        first_byte: u8,
    },
    /// Not STUN, or STUN older than RFC 5389.
    #[error("bytes 4 to 7 are {found:#010x} instead of the magic cookie 0x2112a442")]
    NoCookie {
        /// What is there instead.
        found: u32,
    },
    /// Attributes are padded to four bytes, so their sum is a multiple of four (RFC 8489 §5).
    #[error("the length at byte 2 is {says}, which is not a multiple of four")]
    OddLength {
        /// What the header says.
        says: u16,
    },
    /// Cut off, or something is glued to its end.
    #[error("the length at byte 2 says {says} bytes of attributes, but {has} follow the header")]
    LengthMismatch {
        /// What the header says.
        says: u16,
        /// How many bytes follow the header.
        has: usize,
    },
    /// An attribute reaches past the end.
    #[error("{kind} at byte {offset} says {says} bytes of value, but only {has} are left")]
    Overrun {
        /// Where the attribute begins.
        offset: usize,
        /// Its type.
        kind: AttributeType,
        /// The length in its header.
        says: u16,
        /// Bytes left for the value and its padding.
        has: usize,
    },
    /// A value that does not have the form of its type.
    #[error("{kind} at byte {offset}: {problem}")]
    Value {
        /// Where the attribute begins.
        offset: usize,
        /// Its type.
        kind: AttributeType,
        /// What is wrong.
        problem: ValueProblem,
    },
    /// FINGERPRINT is the last attribute (RFC 8489 §14.7).
    #[error("{kind} at byte {offset} stands behind FINGERPRINT, which must be the last attribute")]
    BehindFingerprint {
        /// Where the attribute begins.
        offset: usize,
        /// Its type.
        kind: AttributeType,
    },
    /// Damaged on the way, or not STUN (RFC 8489 §7, §14.7).
    #[error("FINGERPRINT at byte {offset} is {says:#010x}, but the message has {has:#010x}")]
    WrongFingerprint {
        /// Where the attribute begins.
        offset: usize,
        /// The value in the message.
        says: u32,
        /// The value computed over the message.
        has: u32,
    },
}

/// What is wrong with the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// A value of fixed length has another.
    #[error("the value has {has} bytes, expected {expected}")]
    Length {
        /// How many it has.
        has: usize,
        /// How many it must have.
        expected: usize,
    },
    /// Shorter than its fixed part.
    #[error("the value has {has} bytes, expected at least {least}")]
    Short {
        /// How many it has.
        has: usize,
        /// How many its fixed part takes.
        least: usize,
    },
    /// Longer than its RFC allows.
    #[error("the value has {has} bytes, expected at most {most}")]
    Long {
        /// How many it has.
        has: usize,
        /// How many it may have.
        most: usize,
    },
    /// Neither IPv4 nor IPv6 (RFC 8489 §14.1).
    #[error("address family {family:#04x} is neither 0x01 (IPv4) nor 0x02 (IPv6)")]
    Family {
        /// The family byte.
        family: u8,
    },
    /// Text is UTF-8.
    #[error("byte {at} of the text is not UTF-8")]
    Text {
        /// The first byte of the text that is not.
        at: usize,
    },
    /// Error codes go from 300 to 699, hundreds and the rest apart (RFC 8489 §14.8).
    #[error("class {class} and number {number} are no error code from 300 to 699")]
    ErrorCode {
        /// The hundreds digit.
        class: u8,
        /// The rest.
        number: u8,
    },
    /// A truncated HMAC-SHA256 has 16 to 32 bytes, in steps of four (RFC 8489 §14.6).
    #[error("the value has {has} bytes, expected 16 to 32 in steps of four")]
    Truncation {
        /// How many it has.
        has: usize,
    },
    /// A list whose last entry is cut off.
    #[error("the list is cut off in the entry at byte {at} of the value")]
    List {
        /// Where in the value the entry begins.
        at: usize,
    },
}
