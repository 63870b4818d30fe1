//! WHIP (RFC 9725) and WHEP, sans-IO: a session that is offered by an HTTP POST and answered by its response. The same code serves both: to publish and
//! to watch differ in the directions of the descriptions, which are not looked at here.
//!
//! | RFC 9725 | what | done |
//! |---|---|---|
//! | §4.2 | POST of an offer, 201 with the answer, Location and ETag | yes |
//! | §4.2 | 405, 415 and 404 for what is not WHIP; OPTIONS with Accept-Post | yes |
//! | §4.3.1 | PATCH with If-Match: 204, 412, 428 | yes |
//! | §4.3.2 | candidates of the client, kept until the session is there | yes; each in a PATCH of its own |
//! | §4.3.2 | the server's candidates are all in its answer | the owner's part |
//! | §4.3.3 | ICE restart by PATCH | no: answered with 422 |
//! | §4.2 | DELETE of the session | yes |
//! | §4.5 | redirection with 307 | no |
//! | §4.6 | STUN and TURN servers in Link fields | no |
//! | §4.7 | bearer tokens: 401 | yes |
//! | WHEP | the server's own offer | no: the player offers, as in WHIP |
//!
//! Not here: HTTP's bytes ([`crate::http`]), streams, descriptions ([`crate::sdp`]).

mod client;
mod server;

pub use client::{ClientEvent, WhipClient};
pub use server::{ServerEvent, WhipServer};

/// The media type of descriptions.
pub const SDP: &str = "application/sdp";

/// The media type of candidates on their own (RFC 8840 §9).
pub const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// The name of a field of the application's own, that goes with descriptions and candidates.
pub const NOTE: &str = "Rtclab-Signal";
