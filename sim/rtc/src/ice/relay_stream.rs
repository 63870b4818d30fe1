//! Connections to TURN servers that are reached over TCP or TLS (RFC 8656 §2.1, §3.1): asked of the host, written to, read from, and what
//! their end means. Not here: what is said in them ([`crate::turn`]), and TLS, which is the host's.

use std::net::SocketAddr;

use super::agent::Agent;
use super::connection::DISCARD;
use super::relay::Wanted;
use super::{ConnectionId, ConnectionUse, HostRequest};
use crate::output::{Because, Subject, Transmit};
use crate::stun::{ErrorCode, Transport};
use crate::time::Time;
use crate::turn::AllocationState;

/// How many servers in a row may send us on (RFC 8489 §10).
const MOVES_MAX: u8 = 3;

/// The connection to a server.
#[derive(Debug)]
pub(super) struct ServerStream {
    connection: ConnectionId,
    open: bool,
    /// What waits for it to open: the first request, since nothing follows that is not an answer to an answer.
    unsent: Vec<HostRequest>,
}

impl Agent {
    /// Asks the host to connect: from any port of the interface, since the connection is no candidate's.
    pub(super) fn open_server_stream(
        &mut self,
        wanted: &Wanted,
        transport: Transport,
        allocation: u32,
    ) -> ServerStream {
        let connection = ConnectionId(self.numbers.next_connection());
        let from = SocketAddr::new(wanted.local.ip(), DISCARD);
        let purpose = ConnectionUse::TurnServer { tls: transport.is_encrypted(), name: wanted.name.clone() };
        let because = Because::Change(Subject::Allocation(allocation));
        self.requests.push_back(HostRequest::Connect { connection, from, to: wanted.at, purpose, because });
        ServerStream { connection, open: false, unsent: Vec::new() }
    }

    /// Sends to a TURN server: as a datagram, or in the connection to it.
    pub(super) fn push_to_server(&mut self, index: usize, transmit: Transmit) {
        let Some(relay) = self.relays.get_mut(index) else { return };
        if !relay.client.transport().is_stream() {
            return self.push_transmit(transmit);
        }
        // A connection that has ended takes nothing; the allocation went with it.
        let Some(stream) = &mut relay.stream else { return };
        let Transmit { payload: bytes, because, reason, .. } = transmit;
        let write = HostRequest::Write { connection: stream.connection, bytes, because, reason };
        match stream.open {
            true => self.requests.push_back(write),
            false => stream.unsent.push(write),
        }
    }

    fn relay_of(&self, connection: ConnectionId) -> Option<usize> {
        let is = |stream: &ServerStream| stream.connection == connection;
        self.relays.iter().position(|relay| relay.stream.as_ref().is_some_and(is))
    }

    /// A connection is open. Says whether it leads to a TURN server.
    pub(super) fn server_connected(&mut self, connection: ConnectionId) -> bool {
        let Some(index) = self.relay_of(connection) else { return false };
        if let Some(stream) = self.relays.get_mut(index).and_then(|relay| relay.stream.as_mut()) {
            stream.open = true;
            self.requests.extend(std::mem::take(&mut stream.unsent));
        }
        true
    }

    /// Bytes came in a connection. Says whether it leads to a TURN server.
    pub(super) fn server_stream(&mut self, connection: ConnectionId, bytes: &[u8], now: Time) -> bool {
        let Some(index) = self.relay_of(connection) else { return false };
        let Some(relay) = self.relays.get_mut(index) else { return false };
        if relay.client.handle_stream(bytes, now).is_err() {
            // What comes is not TURN: nothing behind it can be read either.
            relay.stream = None;
            self.requests.push_back(HostRequest::Close { connection });
        }
        self.drain_relay(index, Because::Input, None, now);
        true
    }

    /// A connection could not be opened, or has ended: the allocation ends with it (RFC 8656 §3.1), and so do the pairs that it carried.
    /// Says whether it led to a TURN server.
    pub(super) fn server_disconnected(&mut self, connection: ConnectionId, now: Time) -> bool {
        let Some(index) = self.relay_of(connection) else { return false };
        if let Some(relay) = self.relays.get_mut(index) {
            relay.stream = None;
            relay.client.handle_stream_closed();
        }
        self.drain_relay(index, Because::Input, None, now);
        true
    }

    /// Closes the connection once nothing needs it: the allocation was refused, given back, or has ended.
    pub(super) fn close_server_stream_if_over(&mut self, index: usize) {
        let Some(relay) = self.relays.get_mut(index).filter(|relay| relay.is_over()) else { return };
        if let Some(ServerStream { connection, .. }) = relay.stream.take() {
            self.requests.push_back(HostRequest::Close { connection });
        }
    }

    /// RFC 8489 §10: a server that names another one (300) is left for it. Over UDP the TURN client does so by itself; over a stream it
    /// takes another connection.
    pub(super) fn follow_alternate(&mut self, index: usize, now: Time) {
        let Some(relay) = self.relays.get_mut(index) else { return };
        let sent_on = relay.client.state() == Some(AllocationState::Refused(ErrorCode::TRY_ALTERNATE));
        let Some((at, name)) = relay.client.alternate().filter(|_| sent_on && relay.wanted.moves < MOVES_MAX)
        else {
            return;
        };
        let mut wanted = relay.wanted.clone();
        wanted.at = at;
        wanted.name = name.map(Into::into).or(wanted.name);
        wanted.moves += 1;
        // It is followed once.
        relay.wanted.moves = MOVES_MAX;
        self.start_wanted(wanted, now);
    }
}
