//! The 20 bytes before the attributes, and the test that tells STUN from everything else on a socket.

use super::{Class, Method, ParseError, TransactionId, method};

/// Bytes before the attributes.
pub const HEADER_LENGTH: usize = 20;

/// What every message since RFC 5389 carries at bytes 4 to 7; also the mask of XOR-MAPPED-ADDRESS.
pub const MAGIC_COOKIE: u32 = 0x2112_A442;

/// The longest message: a 16-bit length that is a multiple of four, plus the header.
pub const MESSAGE_LENGTH_MAX: usize = HEADER_LENGTH + 0xFFFC;

/// Whether a datagram is STUN and not DTLS, RTP, TURN channel data or anything else that shares the socket.
///
/// RFC 8489 §5, RFC 7983 §7: the two top bits are zero, the cookie is in place, and the length is a multiple of four.
pub fn is_stun(datagram: &[u8]) -> bool {
    Header::peek(datagram).is_ok()
}

/// The header of a message, decoded. The attributes behind it need not be there, let alone be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Request, indication, success or error.
    pub class: Class,
    /// What is asked for.
    pub method: Method,
    /// Bytes of attributes behind the header.
    pub attributes_length: u16,
    /// Which transaction it belongs to.
    pub transaction_id: TransactionId,
}

impl Header {
    /// Reads the header at the start of `bytes` and nothing behind it.
    ///
    /// # Errors
    /// Too short, top bits set, no magic cookie, or a length that is not a multiple of four.
    pub fn peek(bytes: &[u8]) -> Result<Header, ParseError> {
        let Some(header) = bytes.first_chunk::<HEADER_LENGTH>() else {
            return Err(ParseError::TooShort { length: bytes.len() });
        };
        let [t0, t1, l0, l1, c0, c1, c2, c3, id @ ..] = *header;
        if t0 & 0xC0 != 0 {
            return Err(ParseError::TopBits { first_byte: t0 });
        }
        let cookie = u32::from_be_bytes([c0, c1, c2, c3]);
        if cookie != MAGIC_COOKIE {
            return Err(ParseError::NoCookie { found: cookie });
        }
        let attributes_length = u16::from_be_bytes([l0, l1]);
        if !attributes_length.is_multiple_of(4) {
            return Err(ParseError::OddLength { says: attributes_length });
        }
        let (class, method) = method::decode_type(u16::from_be_bytes([t0, t1]));
        Ok(Header { class, method, attributes_length, transaction_id: TransactionId(id) })
    }
}
