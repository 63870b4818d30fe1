//! WebSocket (RFC 6455), sans-IO: bytes of a stream in, messages out, and the other way; client and server.
//!
//! | RFC 6455 | what | done | where |
//! |---|---|---|---|
//! | §4.1, §4.2.1 | the client's request | yes | `handshake` |
//! | §4.2.2 | the server's answer; refusals with 400, 405, 426 | yes | `handshake` |
//! | §4.4 | version 13 and no other | yes | `handshake` |
//! | §5.2 | frames; the shortest form of a length; no reserved bits, no reserved opcodes | yes | `frame` |
//! | §5.3 | masking: every frame of a client, none of a server; masks from the randomness that is handed in | yes | `frame`, `connection` |
//! | §5.4 | fragmentation, control frames in between | yes | `assembly` |
//! | §5.5 | close, ping, pong; up to 125 bytes, never fragmented | yes | `connection` |
//! | §7.1, §7.2 | the closing handshake; the server closes the stream first | yes | `connection` |
//! | §7.4 | status codes, those which must not be sent too | yes | `close_code` |
//! | §8.1 | text is UTF-8, across fragments | yes | `assembly` |
//! | §9 | extensions | none is offered, none accepted |
//! | §10.3, §10.4 | masking, limits for frames and messages | yes | `connection`, `assembly` |
//!
//! A [`WebSocket`] is driven like the other protocols: bytes go in by `handle_bytes`, and `poll_output` is emptied after every call. There
//! are no timers: how long a peer waits for the other's Close is its owner's decision (§7.1.1 asks for some limit).
//!
//! Not here: the stream, TLS, and what messages mean.

mod assembly;
mod close_code;
mod connection;
mod frame;
pub mod fuzz;
mod handshake;

pub use close_code::CloseCode;
pub use connection::{Event, Limits, NotOpen, Output, Role, State, WebSocket};
pub use frame::{Frame, FrameError, Opcode};
pub use handshake::{Accepted, ClientHandshake, HandshakeError, Refused, accept_key, respond};
