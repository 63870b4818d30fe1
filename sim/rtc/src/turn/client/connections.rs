//! Connections to peers (RFC 6062 §4), from the client's side: each takes a stream of its own to the server, which carries the peer's bytes
//! once it is bound. Not here: the allocation's own stream (`elsewhere`).

use std::net::SocketAddr;

use super::TurnClient;
use super::requests::Operation;
use crate::output::{Because, Output};
use crate::reason::Reason;
use crate::stun::{Frame, Message, StreamFramer};
use crate::time::Time;
use crate::turn::{ConnectionSnapshot, ConnectionState};

/// How many connections a client keeps.
const CONNECTIONS_MAX: usize = 256;

/// A connection to a peer.
#[derive(Debug)]
pub(super) struct Connection {
    peer: SocketAddr,
    state: ConnectionState,
    /// The stream that carries it.
    local: Option<SocketAddr>,
    framer: StreamFramer,
}

impl Connection {
    fn new(peer: SocketAddr) -> Connection {
        let (state, framer) = (ConnectionState::Waiting, StreamFramer::new());
        Connection { peer, state, local: None, framer }
    }

    pub(super) const fn snapshot(&self, id: u32) -> ConnectionSnapshot {
        ConnectionSnapshot { id, peer: self.peer, state: self.state }
    }
}

impl TurnClient {
    /// Asks the server to connect to a peer (RFC 6062 §4.3). When it has, the connection appears among those of the
    /// [`allocation`](TurnClient::allocation) as [`ConnectionState::Waiting`]: open another stream to the server, and say so with
    /// [`connection_opened`](TurnClient::connection_opened). A peer that connects to the relayed address appears in the same way.
    pub fn connect(&mut self, peer: SocketAddr, now: Time) {
        match self.reachable(peer) {
            Err(reason) => self.ignore(reason),
            Ok(()) => {
                self.start(Operation::Connect(peer), Some(Reason::TurnConnecting), Because::Input, now);
            }
        }
    }

    /// The server has connected (RFC 6062 §4.3).
    pub(super) fn grant_connect(&mut self, peer: SocketAddr, response: &Message<'_>, because: Because) {
        let Some(id) = response.connection_id() else { return self.ignore(Reason::TurnConnectionUnknown) };
        self.keep_connection(id, peer, Reason::TurnConnected, because);
    }

    /// A peer has connected (RFC 6062 §4.4); only one that was let in is believed in.
    pub(super) fn take_connection_attempt(&mut self, message: &Message<'_>) -> Result<(), Reason> {
        if !message.unknown_to(&super::USAGE).is_empty() {
            return Err(Reason::TurnUnknownInIndication);
        }
        let holding = self.active().ok_or(Reason::TurnNoAllocation)?;
        let (Some(id), Some(peer)) = (message.connection_id(), message.xor_peer_address()) else {
            return Err(Reason::TurnIndicationIncomplete);
        };
        if holding.permissions.get(&peer.ip()).is_none_or(|permission| permission.refused) {
            return Err(Reason::TurnNoPermission);
        }
        self.keep_connection(id, peer, Reason::TurnPeerConnects, Because::Input);
        Ok(())
    }

    fn keep_connection(&mut self, id: u32, peer: SocketAddr, reason: Reason, because: Because) {
        let Some(holding) = &mut self.holding else { return };
        if holding.connections.len() >= CONNECTIONS_MAX || holding.connections.contains_key(&id) {
            return self.ignore(Reason::TurnTooManyPeers);
        }
        holding.connections.insert(id, Connection::new(peer));
        self.tell_allocation(Some(reason), because);
    }

    /// The stream for a waiting connection is open; `local` is its own address. It is joined with the peer's now.
    pub fn connection_opened(&mut self, connection: u32, local: SocketAddr, now: Time) {
        let held = self.holding.as_mut().and_then(|holding| holding.connections.get_mut(&connection));
        let Some(held) = held.filter(|held| held.state == ConnectionState::Waiting) else {
            return self.ignore(Reason::TurnConnectionUnknown);
        };
        held.local = Some(local);
        held.state = ConnectionState::Binding;
        let operation = Operation::ConnectionBind { connection, local };
        self.start(operation, Some(Reason::TurnConnected), Because::Input, now);
    }

    pub(super) fn grant_connection(&mut self, connection: u32, because: Because) {
        let held = self.holding.as_mut().and_then(|holding| holding.connections.get_mut(&connection));
        let Some(held) = held else { return };
        held.state = ConnectionState::Bound;
        self.tell_allocation(Some(Reason::TurnConnectionBound), because);
    }

    /// Takes bytes that were read from the stream of a connection: the answer first, then what the peer sends.
    pub fn handle_connection_data(&mut self, connection: u32, bytes: &[u8], now: Time) {
        let find = |client: &mut TurnClient| {
            let held = client.holding.as_mut()?.connections.get_mut(&connection)?;
            Some((held.peer, held.state == ConnectionState::Bound, std::mem::take(&mut held.framer)))
        };
        let Some((peer, bound, mut framer)) = find(self) else { return };
        if bound {
            return self.deliver_from(peer, bytes.to_vec());
        }
        framer.push(bytes);
        while !self.is_bound(connection) {
            match framer.next_frame() {
                Ok(Some(Frame::Stun(message))) => {
                    let taken = Message::parse(message)
                        .map_err(|_| Reason::StunMalformed)
                        .and_then(|response| self.take_response(&response, now));
                    if let Err(reason) = taken {
                        self.ignore(reason);
                    }
                }
                Ok(Some(Frame::ChannelData(_))) | Err(_) => {
                    return self.lose_connection(connection, Reason::TurnStreamBroken);
                }
                Ok(None) => break,
            }
        }
        if self.is_bound(connection) {
            let rest = framer.into_rest();
            if !rest.is_empty() {
                self.deliver_from(peer, rest);
            }
        } else if let Some(holding) = &mut self.holding
            && let Some(held) = holding.connections.get_mut(&connection)
        {
            held.framer = framer;
        }
    }

    fn is_bound(&self, connection: u32) -> bool {
        let held = self.holding.as_ref().and_then(|holding| holding.connections.get(&connection));
        held.is_none_or(|held| held.state == ConnectionState::Bound)
    }

    fn deliver_from(&mut self, from: SocketAddr, payload: Vec<u8>) {
        if let Some(to) = self.active().and_then(|holding| holding.towards(from.ip())) {
            self.output.push_back(Output::Data { to, from, payload });
        }
    }

    /// Sends bytes to the peer of a connection that is bound.
    pub fn send_on(&mut self, connection: u32, payload: &[u8]) {
        let held = self.active().and_then(|holding| holding.connections.get(&connection));
        match held.filter(|held| held.state == ConnectionState::Bound).and_then(|held| held.local) {
            Some(local) => self.transmit(local, payload.to_vec()),
            None => self.ignore(Reason::TurnConnectionUnknown),
        }
    }

    /// The stream of a connection has ended: the peer has gone, or we have.
    pub fn connection_closed(&mut self, connection: u32) {
        self.lose_connection(connection, Reason::TurnPeerGone);
    }

    pub(super) fn lose_connection(&mut self, connection: u32, reason: Reason) {
        let removed = self.holding.as_mut().and_then(|holding| holding.connections.remove(&connection));
        if removed.is_some() {
            self.tell_allocation(Some(reason), Because::Input);
        }
    }
}
