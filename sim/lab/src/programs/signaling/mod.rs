//! Signaling between peers: the text of its datagrams, their repetition until acknowledged, and the client's side; and the text of the
//! same messages in frames of a WebSocket.
//!
//! WebRTC leaves signaling to the application (RFC 8825 §3). This one is small, readable in a packet list, and honest: its messages
//! are packets of the same network, and are lost, filtered and delayed like any other. Every message is acknowledged at each
//! hop (peer to server, server to peer) and repeated until then, and each side drops what it has seen; order is not promised,
//! so a candidate can come before the description that it belongs to.
//!
//! | file | what lives there |
//! |---|---|
//! | `datagram` | the text format, written and read |
//! | `description` | the body of a message: an SDP fragment as in RFC 8840 §9 |
//! | `sdp` | a body as a whole description or a fragment of one, for SIP and WHIP |
//! | `outbox` | what is not acknowledged yet, and when it is sent again |
//! | `seen` | what has come before |
//! | `envelope` | a message as JSON, for WebSocket |
//! | `client` | the peer's side, sans-IO |
//!
//! Not here: the server's side (`signaling_server`), and what a peer does with a message (`peer`).

mod client;
mod datagram;
mod description;
mod envelope;
mod outbox;
pub(crate) mod sdp;
mod seen;

pub use client::{ClientEvent, ClientTransmit, Rejected, SignalingClient};
pub use datagram::{Datagram, DatagramError, FRAGMENT_MAX, MESSAGE_BODY_MAX, Message, MessageKind};
pub use description::{Description, DescriptionError};
pub use envelope::{Envelope, EnvelopeError, SUBPROTOCOL, TARGET};
pub use outbox::{Due, Outbox};
pub use seen::Seen;
