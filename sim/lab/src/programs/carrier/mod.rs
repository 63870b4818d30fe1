//! What carries a peer's messages to the other peers: each carrier is real bytes through the simulated network, and the peer does not care
//! which it is.
//!
//! | file | what carries |
//! |---|---|
//! | `datagram` | UDP datagrams, repeated until acknowledged |
//! | `websocket` | a WebSocket over TCP |
//! | `sip`, `sip_way` | SIP through a proxy, over UDP, TCP or WebSocket |
//! | `whip` | HTTP, with one of the peers as the server |
//! | `line` | (a TCP connection with what its send buffer had no room for) |
//!
//! Not here: what messages say (`peer`), the servers on the other side.

mod datagram;
mod line;
mod sip;
mod sip_way;
mod websocket;
mod whip;

use std::fmt;

use rtclab_net::tcp::TcpError;
use rtclab_net::{Datagram, Host, ListenerId, StreamId};
use rtclab_trace::{EntryId, ProgramReason, SimTime};

use super::signaling::Message;
use super::tell;

pub(crate) use datagram::DatagramCarrier;
pub(crate) use line::{Line, line_config};
pub(crate) use sip::{SipCarrier, SipSettings};
pub(crate) use websocket::WebSocketCarrier;
pub(crate) use whip::{WhipCarrier, WhipSettings};

/// Something that happened to a socket or stream of the host.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CarrierInput<'a> {
    /// A datagram arrived.
    Datagram(&'a Datagram<'a>),
    /// Connections wait to be taken.
    Waiting(ListenerId),
    /// A connection is established.
    Opened(StreamId),
    /// A connection has something to read.
    Readable(StreamId),
    /// A connection has room again.
    Writable(StreamId),
    /// The other side of a connection writes no more.
    Ended(StreamId),
    /// A connection is over.
    Closed(StreamId, Option<TcpError>),
}

impl CarrierInput<'_> {
    /// The stream that it is about.
    fn stream(self) -> Option<StreamId> {
        match self {
            CarrierInput::Datagram(_) | CarrierInput::Waiting(_) => None,
            CarrierInput::Opened(stream)
            | CarrierInput::Readable(stream)
            | CarrierInput::Writable(stream)
            | CarrierInput::Ended(stream)
            | CarrierInput::Closed(stream, _) => Some(stream),
        }
    }
}

/// What comes of an input.
#[derive(Debug)]
pub(crate) enum CarrierEvent {
    /// A message for this peer, and the entry that brought it.
    Message(Message, Option<EntryId>),
    /// A message of this peer needs no more care.
    Acknowledged(u32),
    /// A message of this peer was given up.
    Lost(u32),
}

/// What carries a peer's messages.
///
/// Call order: `begin`, then any of `send`, `handle` and `handle_timeout`; after each, `poll_event` until it is empty, and `next_at` for the next
/// timer.
pub(crate) trait Carrier: fmt::Debug + Send {
    /// Begins; or begins anew, after the host's addresses have changed.
    fn begin(&mut self, host: &mut Host<'_>);
    /// Takes a message; `cause` is the entry that says so.
    fn send(&mut self, host: &mut Host<'_>, message: Message, cause: Option<EntryId>);
    /// Something has happened: whether it was the carrier's concern.
    fn handle(&mut self, host: &mut Host<'_>, input: CarrierInput<'_>) -> bool;
    /// Everything that an input led to is done: what may wait until then is sent.
    fn flush(&mut self, host: &mut Host<'_>) {
        let _ = host;
    }
    /// The time of `next_at` has come.
    fn handle_timeout(&mut self, host: &mut Host<'_>);
    /// When `handle_timeout` wants to be called.
    fn next_at(&self) -> SimTime;
    /// What has come of the inputs so far.
    fn poll_event(&mut self) -> Option<CarrierEvent>;
}

/// What a carrier does, in an entry that its packets are because of.
fn told(host: &mut Host<'_>, words: impl Into<String>, reason: ProgramReason) -> Option<EntryId> {
    tell(host, "signaling", words.into(), Some(reason.into())).or_else(|| host.input())
}
