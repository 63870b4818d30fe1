//! HTTP/1.1 messages (RFC 9110, RFC 9112), sans-IO: bytes of a stream in, whole messages out, and the other way. As much of it as the carriers of
//! signaling need: the upgrade to a WebSocket, CONNECT through a proxy, WHIP and WHEP.
//!
//! | RFC | what | done |
//! |---|---|---|
//! | 9112 §2.2 | a message is a head and a body; an empty line before a request is skipped; a bare LF is refused | yes |
//! | 9112 §3, §4 | request and status line; all four forms of a target are passed on as they are | yes |
//! | 9112 §3.2 | exactly one Host in a request of HTTP/1.1 | yes |
//! | 9112 §5.1, §5.2 | no white space before the colon, no folded lines | refused, as asked |
//! | 9112 §6.1 | chunked | read; never written |
//! | 9112 §6.1 | other transfer codings | refused with 501 |
//! | 9112 §6.3 | how long a body is; both framings at once are refused, as are lengths that differ | yes |
//! | 9112 §7.1 | chunk extensions and trailers | read over |
//! | 9112 §9.3 | persistence: `Connection: close` | yes |
//! | 9110 §7.8 | Upgrade: what follows the message is left to its owner (`take_rest`) | yes |
//! | 9110 §9.3.6 | CONNECT: the same, after a 2xx | yes |
//! | 9110 §15.2 | 1xx answers come before the final one | yes |
//! | HTTP/1.0 | | refused with 505 |
//!
//! | file | what lives there |
//! |---|---|
//! | `headers` | names and values, in their order |
//! | `message` | requests and responses, and how they are written |
//! | `reader` | messages out of a stream: heads, limits |
//! | `body` | how long a body is, and taking chunks apart |
//! | `error` | what can be wrong, and the status that says so |
//!
//! Not here: URLs, authentication, and what is done with a message.

mod body;
mod error;
mod headers;
mod message;
mod reader;

pub use error::HttpError;
pub use headers::Headers;
pub use message::{Request, Response, phrase_of};
pub use reader::{RequestReader, ResponseReader};

/// The longest head of a message in bytes, from the first line to the empty one.
pub const HEAD_MAX: usize = 16 * 1024;

/// The longest body in bytes: descriptions of sessions are some ten thousand.
pub const BODY_MAX: usize = 256 * 1024;

/// Fields of a head at most.
pub const FIELDS_MAX: usize = 64;
