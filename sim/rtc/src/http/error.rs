//! What can be wrong with the bytes of a message, and what a server answers to it. Not here: reading them.

use super::{BODY_MAX, FIELDS_MAX, HEAD_MAX};

/// Why bytes are not a message that is taken here. Places are byte offsets into the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The head does not have the form of RFC 9112 §2.1.
    #[error("the head is not one of HTTP/1.1: {0}")]
    Syntax(httparse::Error),
    /// A line ends in LF alone (RFC 9112 §2.2 lets a server refuse it).
    #[error("the line ends without CR, at byte {at}")]
    BareLineFeed {
        /// Where the LF stands.
        at: usize,
    },
    /// It is another version than HTTP/1.1.
    #[error("it is not HTTP/1.1")]
    Version,
    /// The head is longer than [`HEAD_MAX`].
    #[error("the head is longer than {HEAD_MAX} bytes")]
    HeadTooLong,
    /// There are more fields than [`FIELDS_MAX`].
    #[error("there are more than {FIELDS_MAX} fields")]
    TooManyFields,
    /// The body is longer than [`BODY_MAX`].
    #[error("the body is longer than {BODY_MAX} bytes")]
    BodyTooLong,
    /// The value of a field, or a phrase, is not UTF-8 text.
    #[error("the value of `{0}` is not text")]
    NotText(String),
    /// A name or a value that is to be written has characters that would end it (RFC 9110 §5.1, §5.5).
    #[error("`{0}` has characters that cannot stand in a field")]
    NotAField(String),
    /// A request without Host, or with two (RFC 9112 §3.2).
    #[error("a request has exactly one Host")]
    Host,
    /// A length that is no number, or several that differ (RFC 9112 §6.3).
    #[error("the Content-Length is not one number")]
    ContentLength,
    /// Both a length and a transfer coding: one of the two is a trick (RFC 9112 §6.1).
    #[error("Content-Length and Transfer-Encoding are both there")]
    TwoFramings,
    /// A transfer coding that is not `chunked` (RFC 9112 §6.1).
    #[error("the transfer coding `{0}` is not known here")]
    TransferCoding(String),
    /// A chunk that does not have the form of RFC 9112 §7.1.
    #[error("a chunk is not of the form: size, CRLF, data, CRLF")]
    Chunk,
    /// The stream ended inside of a message.
    #[error("the stream ended in the middle of a message")]
    Ended,
}

impl HttpError {
    /// The status that a server answers such a request with.
    pub const fn status(&self) -> u16 {
        match self {
            HttpError::HeadTooLong | HttpError::TooManyFields => 431,
            HttpError::BodyTooLong => 413,
            HttpError::TransferCoding(_) => 501,
            HttpError::Version => 505,
            _ => 400,
        }
    }
}
