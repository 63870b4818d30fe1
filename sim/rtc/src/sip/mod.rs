//! SIP (RFC 3261), sans-IO: messages, transactions, dialogs, a user agent, and a registrar with a stateful proxy; over UDP, TCP and WebSocket.
//!
//! | RFC | what | done | where |
//! |---|---|---|---|
//! | 3261 §7, §25 | messages, strict, with the place of a mistake; short names, folded lines | yes | `parse` |
//! | 3261 §8 | requests and responses of a user agent; 405, 415, 420, 481 | yes | `agent` |
//! | 3261 §9 | CANCEL | yes | `agent`, `proxy` |
//! | 3261 §10 | REGISTER, and the registrar; one place a user | yes; no lists of places | `agent`, `proxy` |
//! | 3261 §11 | OPTIONS | answered, never asked | `agent` |
//! | 3261 §12 | dialogs, early ones too | yes; one for each INVITE, so no forking | `dialog` |
//! | 3261 §13, §14, §15 | INVITE with the offer in it, again in a call that stands, BYE; 491 | yes; no offer in the 200 | `agent` |
//! | 3261 §16 | stateful proxy, loose routing, Record-Route | yes; no forking, no timer C, no loop detection but Max-Forwards | `proxy` |
//! | 3261 §17, RFC 6026 | transactions and their timers | yes | `transaction` |
//! | 3261 §18, RFC 3581 | framing, `received`, `rport`; answers go back the way they came | yes; no TCP for long messages | `parse`, `transaction` |
//! | 3261 §19.1 | SIP URIs | yes; no `tel` | `uri` |
//! | 3261 §22, RFC 7616, RFC 8760 | digest with SHA-256 and MD5, `qop=auth` | yes; no `auth-int`, no mutual authentication | `digest` |
//! | 3261 §26 | TLS, S/MIME | no | – |
//! | 3262 | reliable provisional responses, PRACK | yes; one at a time | `agent` |
//! | 3263 | where a server is | no: the way to the proxy is handed in | – |
//! | 5626 | what came on a flow goes back on it | yes; no flow tokens | `proxy` |
//! | 6086, 8840 | INFO packages, `trickle-ice` | yes | `agent` |
//! | 7118 | WebSocket: subprotocol `sip`, a message a message | yes; the WebSocket is [`crate::websocket`] | `parse` |
//!
//! Not here: what descriptions say ([`crate::sdp`]), sockets and streams.

mod address;
mod agent;
mod dialog;
mod digest;
mod error;
pub mod fuzz;
mod headers;
mod message;
mod parse;
mod proxy;
mod scan;
mod transaction;
mod uri;

pub use address::{NameAddr, Via};
pub use agent::{Agent, AgentConfig, AgentEvent, NOTE, SDP, TRICKLE};
pub use digest::{Account, Algorithm, Authorization, Challenge};
pub use error::SipError;
pub use headers::Headers;
pub use message::{Message, Method, Request, Response, Transport, phrase_of};
pub use parse::Framer;
pub use proxy::{Proxy, ProxyConfig, ProxyEvent};
pub use transaction::{Flow, Transmit};
pub use uri::{Params, Uri};

/// The port of SIP (RFC 3261 §18.1.1).
pub const PORT: u16 = 5060;

/// The subprotocol of a WebSocket that carries SIP (RFC 7118 §4).
pub const SUBPROTOCOL: &str = "sip";
