//! Clients over TCP and TLS: their streams, cut into messages (RFC 8656 §3.1), and handed over to peers (RFC 6062 §5.4). TLS itself is
//! the host's, which hands in what it has decrypted.

use std::net::SocketAddr;
use std::time::Duration;

use super::allocation::FiveTuple;
use super::timers::Wake;
use super::{ServerOutput, TurnServer};
use crate::output::Output;
use crate::reason::Reason;
use crate::stun::{Frame, StreamFramer, Transport};
use crate::time::Time;
use crate::turn::AllocationState;

/// How long a stream may be open without an allocation.
const IDLE: Duration = Duration::from_secs(30);

/// A stream of a client.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) five_tuple: FiveTuple,
    framer: StreamFramer,
    /// The peer's connection that it is joined with; then its bytes are the peer's.
    pub(super) joined: Option<u32>,
    /// When it is closed unless it is used.
    idle_at: Time,
}

impl TurnServer {
    /// A client has connected. Over TLS, the handshake is over.
    pub fn stream_opened(
        &mut self,
        stream: u32,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
        now: Time,
    ) {
        let five_tuple = FiveTuple { client: remote, server: local, transport };
        let limits = &self.config.limits;
        let same = |held: &&Stream| held.five_tuple.client.ip() == remote.ip();
        let full = self.streams.len() >= limits.streams
            || self.streams.values().filter(same).count() >= limits.streams_per_address;
        if full || self.streams.contains_key(&stream) || self.by_stream.contains_key(&five_tuple) {
            self.push(Output::Ignored { reason: Reason::TurnTooManyStreams });
            return self.output.push_back(ServerOutput::CloseStream { stream });
        }
        let idle_at = now + IDLE;
        let held = Stream { five_tuple, framer: StreamFramer::new(), joined: None, idle_at };
        self.streams.insert(stream, held);
        self.by_stream.insert(five_tuple, stream);
        self.wakes.insert((idle_at, Wake::Stream(stream)));
    }

    /// Bytes of a client have arrived.
    pub fn stream_data(&mut self, stream: u32, bytes: &[u8], now: Time) {
        let Some(held) = self.streams.get_mut(&stream) else { return };
        if let Some(connection) = held.joined {
            return self.relay_to_peer(connection, bytes);
        }
        held.framer.push(bytes);
        // A message may hand the stream over to a peer; what follows it is the peer's.
        while let Some(held) = self.streams.get_mut(&stream).filter(|held| held.joined.is_none()) {
            let five_tuple = held.five_tuple;
            let message = match held.framer.next_frame() {
                Ok(Some(Frame::Stun(bytes) | Frame::ChannelData(bytes))) => bytes.to_vec(),
                Ok(None) => return,
                Err(_) => {
                    self.push(Output::Ignored { reason: Reason::TurnStreamBroken });
                    return self.drop_stream(stream);
                }
            };
            let taken = self.take_from_client(five_tuple, &message, now);
            self.ignored(taken);
        }
        let joined = self.streams.get_mut(&stream).and_then(|held| {
            let connection = held.joined?;
            Some((connection, std::mem::take(&mut held.framer).into_rest()))
        });
        if let Some((connection, rest)) = joined.filter(|(_, rest)| !rest.is_empty()) {
            self.relay_to_peer(connection, &rest);
        }
    }

    /// A client has closed its stream, or it broke.
    pub fn stream_closed(&mut self, stream: u32) {
        self.forget_stream(stream);
    }

    /// Closes a stream from this side.
    pub(super) fn drop_stream(&mut self, stream: u32) {
        if self.forget_stream(stream) {
            self.output.push_back(ServerOutput::CloseStream { stream });
        }
    }

    /// Forgets a stream and what hung on it: whether there was one.
    fn forget_stream(&mut self, stream: u32) -> bool {
        let Some(held) = self.streams.remove(&stream) else { return false };
        self.by_stream.remove(&held.five_tuple);
        self.wakes.remove(&(held.idle_at, Wake::Stream(stream)));
        if let Some(connection) = held.joined {
            self.drop_connection(connection);
        }
        // RFC 8656 §3.1: the 5-tuple is gone, and with it the allocation, unless it can move (RFC 8016).
        if let Some(number) = self.by_five_tuple.get(&held.five_tuple).copied()
            && self.allocations.get(&number).is_some_and(|allocation| allocation.tickets.is_none())
        {
            self.end(number, AllocationState::Released, Reason::TurnStreamClosed);
        }
        true
    }

    /// Nothing has come of a stream.
    pub(super) fn stream_is_idle(&mut self, stream: u32) {
        let Some(held) = self.streams.get(&stream) else { return };
        let used = held.joined.is_some() || self.by_five_tuple.contains_key(&held.five_tuple);
        if used {
            let next = held.idle_at + IDLE;
            if let Some(held) = self.streams.get_mut(&stream) {
                held.idle_at = next;
            }
            self.wakes.insert((next, Wake::Stream(stream)));
            return;
        }
        self.push(Output::Ignored { reason: Reason::TurnStreamIdle });
        self.drop_stream(stream);
    }
}
