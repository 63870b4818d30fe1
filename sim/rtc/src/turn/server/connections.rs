//! TCP between server and peers (RFC 6062): connections that the client asks for or a peer makes, and that the client takes over with a
//! stream of its own. Not here: the streams (`streams`).

use std::net::SocketAddr;

use super::allocation::{AllocateRequest, FiveTuple};
use super::timers::Wake;
use super::{ServerOutput, TurnServer};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{
    Attribute, Authenticated, Builder, Class, ErrorCode, Message, Method, Refusal, TransactionId,
};
use crate::time::Time;
use crate::turn::{CONNECTION_PATIENCE, ConnectionSnapshot, ConnectionState, PeerTransport};

/// A connection to a peer.
#[derive(Debug)]
pub(super) struct Connection {
    allocation: u32,
    peer: SocketAddr,
    state: ConnectionState,
    /// The Connect request, until it is answered.
    request: Option<AllocateRequest>,
    /// The stream that it is joined with.
    stream: Option<u32>,
    /// What the peer sent before the client took the connection over.
    early: Vec<u8>,
    /// When it is given up.
    until: Time,
}

impl TurnServer {
    /// RFC 6062 §5.2.
    pub(super) fn connect(
        &mut self,
        number: u32,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        let peer = request.xor_peer_address();
        let peer = peer.ok_or_else(|| Refusal::bad_request(Reason::TurnPeerMissing))?;
        let allocation = self.allocations.get(&number);
        let allocation = allocation.filter(|held| held.peers_over == PeerTransport::Tcp);
        let allocation = allocation.ok_or_else(|| Refusal::bad_request(Reason::TurnNotForConnections))?;
        let from = allocation.relays.towards(peer.ip());
        let mut held = self.connections.values().filter(|held| held.allocation == number);
        if let Some(same) = held.clone().find(|held| held.peer == peer) {
            // The same request again, over a stream? Then the answer is on its way.
            let pending = same.request.as_ref().map(|kept| kept.id) == Some(request.transaction_id());
            let reason = if pending { Reason::TurnAllocatePending } else { Reason::TurnConnectionExists };
            return Err(Refusal::new(ErrorCode::CONNECTION_ALREADY_EXISTS, reason));
        }
        if held.by_ref().count() >= self.config.limits.connections {
            return Err(Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, Reason::TurnNoCapacity));
        }
        self.check_peer(number, peer)?;
        let family = Refusal::new(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH, Reason::TurnPeerFamily);
        let from = from.ok_or(family)?;
        let kept = AllocateRequest {
            id: request.transaction_id(),
            key: by.key.clone(),
            fingerprint: request.has_fingerprint(),
            at: now,
        };
        let connection = self.hold(number, peer, ConnectionState::Connecting, Some(kept), now);
        self.output.push_back(ServerOutput::ConnectPeer { connection, from, to: peer });
        self.tell(number, Reason::TurnConnecting, Because::Input);
        Ok(())
    }

    /// Keeps a connection under a number that nobody guesses.
    fn hold(
        &mut self,
        allocation: u32,
        peer: SocketAddr,
        state: ConnectionState,
        request: Option<AllocateRequest>,
        now: Time,
    ) -> u32 {
        let mut number = [0; 4];
        let number = loop {
            self.randomness.fill(&mut number);
            let drawn = u32::from_be_bytes(number);
            if drawn != 0 && !self.connections.contains_key(&drawn) {
                break drawn;
            }
        };
        let until = now + CONNECTION_PATIENCE;
        let held = Connection { allocation, peer, state, request, stream: None, early: Vec::new(), until };
        self.connections.insert(number, held);
        self.wakes.insert((until, Wake::Connection(number)));
        number
    }

    /// The host has connected to a peer.
    pub fn peer_connected(&mut self, connection: u32, now: Time) {
        let held = self.connections.get_mut(&connection);
        let Some(held) = held.filter(|held| held.state == ConnectionState::Connecting) else {
            return self.output.push_back(ServerOutput::ClosePeer { connection });
        };
        held.state = ConnectionState::Waiting;
        self.wakes.remove(&(held.until, Wake::Connection(connection)));
        held.until = now + CONNECTION_PATIENCE;
        self.wakes.insert((held.until, Wake::Connection(connection)));
        let (number, request) = (held.allocation, held.request.take());
        self.tell(number, Reason::TurnConnected, Because::Input);
        let (Some(request), Some(allocation)) = (request, self.allocations.get(&number)) else { return };
        let five_tuple = allocation.five_tuple;
        let builder = Builder::new(Class::Success, Method::CONNECT, request.id)
            .attribute(&Attribute::ConnectionId(connection));
        let answer = self.finish(builder, Some(&request.key), request.fingerprint);
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
    }

    /// The host could not connect to a peer.
    pub fn peer_refused(&mut self, connection: u32) {
        self.fail_connect(connection, Reason::TurnConnectFailed);
    }

    fn fail_connect(&mut self, connection: u32, reason: Reason) {
        let Some(held) = self.connections.remove(&connection) else { return };
        self.wakes.remove(&(held.until, Wake::Connection(connection)));
        self.tell(held.allocation, reason, Because::Input);
        let allocation = self.allocations.get(&held.allocation);
        let (Some(request), Some(allocation)) = (held.request, allocation) else { return };
        let five_tuple = allocation.five_tuple;
        let code = ErrorCode::CONNECTION_TIMEOUT_OR_FAILURE;
        let builder = Builder::new(Class::Error, Method::CONNECT, request.id)
            .attribute(&Attribute::ErrorCode(ErrorCode::usual(code)));
        let answer = self.finish(builder, Some(&request.key), request.fingerprint);
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(held.allocation)), Some(reason));
    }

    /// A peer has connected to a relayed address: the number of its connection, or `None` if it is to be closed (RFC 6062 §5.3).
    pub fn peer_accepted(&mut self, relayed: SocketAddr, peer: SocketAddr, now: Time) -> Option<u32> {
        let number = *self.by_listener.get(&relayed)?;
        let allocation = self.allocations.get(&number)?;
        if !allocation.is_live(now) || !allocation.permits(peer.ip(), now) {
            self.ignored(Err(Reason::TurnNoPermission));
            return None;
        }
        let held = self.connections.values().filter(|held| held.allocation == number);
        if held.clone().count() >= self.config.limits.connections {
            self.ignored(Err(Reason::TurnNoCapacity));
            return None;
        }
        let five_tuple = allocation.five_tuple;
        let connection = self.hold(number, peer, ConnectionState::Waiting, None, now);
        self.tell(number, Reason::TurnPeerConnects, Because::Input);
        let id = TransactionId::random(&mut *self.randomness);
        let indication = Builder::indication(Method::CONNECTION_ATTEMPT, id)
            .attribute(&Attribute::ConnectionId(connection))
            .attribute(&Attribute::XorPeerAddress(peer))
            .finish_without_fingerprint();
        let because = Because::Change(Subject::Allocation(number));
        self.send(five_tuple, indication, because, Some(Reason::TurnPeerConnects));
        Some(connection)
    }

    /// RFC 6062 §5.4: a stream of the client takes a connection over.
    pub(super) fn bind_connection(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
    ) -> Result<(), Refusal> {
        let bad = || Refusal::bad_request(Reason::TurnConnectionUnknown);
        let stream = *self.by_stream.get(&five_tuple).ok_or_else(bad)?;
        let connection = request.connection_id().ok_or_else(bad)?;
        // The stream of an allocation stays the allocation's.
        if self.by_five_tuple.contains_key(&five_tuple) {
            return Err(bad());
        }
        let held = self.connections.get_mut(&connection).ok_or_else(bad)?;
        let number = held.allocation;
        let owner = self.allocations.get(&number).map(|allocation| allocation.username.as_str());
        if owner != Some(by.username.as_str()) || held.state != ConnectionState::Waiting {
            return Err(bad());
        }
        held.state = ConnectionState::Bound;
        held.stream = Some(stream);
        let early = std::mem::take(&mut held.early);
        self.wakes.remove(&(held.until, Wake::Connection(connection)));
        if let Some(held) = self.streams.get_mut(&stream) {
            held.joined = Some(connection);
        }
        self.tell(number, Reason::TurnConnectionBound, Because::Input);
        let answer = self.finish(Builder::success(request), Some(&by.key), request.has_fingerprint());
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
        if !early.is_empty() {
            self.send(five_tuple, early, Because::Input, Some(Reason::TurnRelayed));
        }
        Ok(())
    }

    /// Bytes of a peer have arrived. Before the client has taken the connection over they wait, up to a limit; a host that stops reading
    /// then never reaches it.
    pub fn peer_data(&mut self, connection: u32, bytes: &[u8]) {
        let limit = self.config.limits.early_bytes;
        let Some(held) = self.connections.get_mut(&connection) else { return };
        match held.stream.and_then(|stream| self.streams.get(&stream)) {
            Some(stream) => {
                let five_tuple = stream.five_tuple;
                self.send(five_tuple, bytes.to_vec(), Because::Input, Some(Reason::TurnRelayed));
            }
            None if held.early.len() + bytes.len() <= limit => held.early.extend_from_slice(bytes),
            None => {
                let number = held.allocation;
                self.drop_connection(connection);
                self.tell(number, Reason::TurnTooEarly, Because::Input);
            }
        }
    }

    /// A peer has closed its connection, or it broke.
    pub fn peer_closed(&mut self, connection: u32) {
        let Some(held) = self.connections.get(&connection) else { return };
        if held.state == ConnectionState::Connecting {
            return self.fail_connect(connection, Reason::TurnConnectFailed);
        }
        let number = held.allocation;
        self.forget_connection(connection);
        self.tell(number, Reason::TurnPeerGone, Because::Input);
    }

    /// Passes bytes on to a peer.
    pub(super) fn relay_to_peer(&mut self, connection: u32, bytes: &[u8]) {
        if self.connections.contains_key(&connection) {
            self.output.push_back(ServerOutput::ToPeer { connection, payload: bytes.to_vec() });
        }
    }

    /// Closes a connection from this side.
    pub(super) fn drop_connection(&mut self, connection: u32) {
        if self.forget_connection(connection) {
            self.output.push_back(ServerOutput::ClosePeer { connection });
        }
    }

    /// Forgets a connection and closes its stream: whether there was one.
    fn forget_connection(&mut self, connection: u32) -> bool {
        let Some(held) = self.connections.remove(&connection) else { return false };
        self.wakes.remove(&(held.until, Wake::Connection(connection)));
        if let Some(stream) = held.stream {
            self.drop_stream(stream);
        }
        true
    }

    /// A connection has waited for too long: to be made (447), or to be taken over.
    pub(super) fn connection_is_late(&mut self, connection: u32) {
        let Some(held) = self.connections.get(&connection) else { return };
        let (number, connecting) = (held.allocation, held.state == ConnectionState::Connecting);
        if connecting {
            self.output.push_back(ServerOutput::ClosePeer { connection });
            return self.fail_connect(connection, Reason::TurnConnectFailed);
        }
        self.drop_connection(connection);
        self.tell(number, Reason::TurnConnectionUnclaimed, Because::Input);
    }

    /// The connections of an allocation, as a reader sees them.
    pub(super) fn connections_of(&self, number: u32) -> Vec<ConnectionSnapshot> {
        let held = self.connections.iter().filter(|(_, held)| held.allocation == number);
        held.map(|(id, held)| ConnectionSnapshot { id: *id, peer: held.peer, state: held.state }).collect()
    }
}
