//! Server-reflexive TCP candidates: a Binding request over a connection from the port that waits for others, and the connection kept, so that
//! NATs keep the mapping (RFC 6544 §5.2). Not here: those over UDP ([`super::gathering`]).

use std::net::SocketAddr;

use super::agent::Agent;
use super::candidate::Origin;
use super::gathering::ranked;
use super::priority::CandidatePriority;
use super::{
    Base, Candidate, CandidateKind, CandidateTransport, CheckListState, ComponentId, ConnectionId,
    ConnectionUse, HostRequest,
};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{
    Builder, Class, Message, Method, Retransmission, StreamFramer, TimeoutAction, TransactionId,
    TransactionSnapshot, TransactionState,
};
use crate::time::Time;

/// A connection to a STUN server, and the request in it.
#[derive(Debug)]
pub(super) struct StreamQuery {
    connection: ConnectionId,
    number: u32,
    id: TransactionId,
    socket: usize,
    /// The server's place in the configuration.
    server: usize,
    to: SocketAddr,
    shown: TransactionSnapshot,
    request: Vec<u8>,
    framer: StreamFramer,
    timer: Retransmission,
}

impl StreamQuery {
    /// Whether a candidate may still come of it.
    pub(super) fn is_pending(&self) -> bool {
        self.shown.state == TransactionState::Pending
    }
}

impl Agent {
    /// Asks for a connection from the socket's own port; what is asked in it follows when it is there.
    pub(super) fn start_stream_query(&mut self, socket: usize, server: usize, now: Time) -> bool {
        let local = self.config.sockets.get(socket).map(|socket| socket.address);
        let (Some(from), Some(to)) = (local, self.config.stun_servers_over_tcp.get(server).copied()) else {
            return false;
        };
        let id = TransactionId::random(&mut self.randomness);
        let request = Builder::request(Method::BINDING, id).finish();
        let number = self.numbers.next_transaction();
        let connection = ConnectionId(self.numbers.next_connection());
        let host = self.local_at(Base { address: from, tcp: true }).map(Subject::LocalCandidate);
        let shown = TransactionSnapshot {
            id: id.0,
            method: "Binding",
            to,
            transmissions: 1,
            state: TransactionState::Pending,
            reason: Some(Reason::AskForMappedAddress),
        };
        self.tell_transaction(number, &shown, Because::Change(host.unwrap_or(Subject::Agent)));
        let because = Because::Change(Subject::Transaction(number));
        let purpose = ConnectionUse::StunServer;
        self.requests.push_back(HostRequest::Connect { connection, from, to, purpose, because });
        // RFC 8489 §6.2.2: the time for the answer begins with the attempt to connect.
        let timer = Retransmission::reliable(now);
        let framer = StreamFramer::new();
        let query = StreamQuery { connection, number, id, socket, server, to, shown, request, framer, timer };
        self.gathering.stream_queries.push(query);
        true
    }

    fn stream_query(&self, connection: ConnectionId) -> Option<usize> {
        self.gathering.stream_queries.iter().position(|query| query.connection == connection)
    }

    /// A connection is open. Says whether it leads to a STUN server.
    pub(super) fn stun_connected(&mut self, connection: ConnectionId) -> bool {
        let place = self.stream_query(connection);
        let Some(query) = place.and_then(|place| self.gathering.stream_queries.get(place)) else {
            return false;
        };
        let bytes = query.request.clone();
        let because = Because::Change(Subject::Transaction(query.number));
        let reason = query.shown.reason;
        self.requests.push_back(HostRequest::Write { connection, bytes, because, reason });
        true
    }

    /// Bytes came in a connection. Says whether it leads to a STUN server.
    pub(super) fn stun_stream(&mut self, connection: ConnectionId, bytes: &[u8], now: Time) -> bool {
        let Some(place) = self.stream_query(connection) else { return false };
        let Some(query) = self.gathering.stream_queries.get_mut(place) else { return false };
        query.framer.push(bytes);
        // One answer is all that is waited for; what follows it says nothing.
        match query.framer.next_frame().map(|frame| frame.map(|frame| frame.bytes().to_vec())) {
            Ok(Some(message)) if query.is_pending() => self.take_stream_answer(place, &message, now),
            Ok(_) => {}
            Err(_) => {
                self.end_stream_query(place, TransactionState::Succeeded, Reason::UnusableResponse);
                self.drop_stream_query(place);
            }
        }
        true
    }

    fn take_stream_answer(&mut self, place: usize, message: &[u8], now: Time) {
        let Ok(response) = Message::parse(message) else { return self.ignore(Reason::StunMalformed) };
        let Some(query) = self.gathering.stream_queries.get(place) else { return };
        if !response.class().is_response() || response.transaction_id() != query.id {
            return self.ignore(Reason::StunNoTransaction);
        }
        let (socket, server, to, number) = (query.socket, query.server, query.to, query.number);
        let understood = response.unknown_comprehension_required().is_empty();
        let base = self.config.sockets.get(socket).map(|local| Base { address: local.address, tcp: true });
        let mapped = response.xor_mapped_address().filter(|_| understood);
        let (state, reason) = match (response.class(), mapped, base) {
            (Class::Error, ..) => {
                let code = response.error_code().map_or(0, |error| error.code);
                (TransactionState::Refused(code), Reason::ServerRefused)
            }
            (_, Some(mapped), Some(base)) if self.has_signaled(mapped, base) => {
                (TransactionState::Succeeded, Reason::RedundantCandidate)
            }
            (_, Some(_), Some(_)) => (TransactionState::Succeeded, Reason::MappedAddress),
            _ => (TransactionState::Succeeded, Reason::UnusableResponse),
        };
        self.end_stream_query(place, state, reason);
        match mapped.filter(|_| reason == Reason::MappedAddress) {
            Some(mapped) => self.add_tcp_reflexive((socket, server), to, mapped, number, now),
            // There is no mapping to keep.
            None => self.drop_stream_query(place),
        }
    }

    fn add_tcp_reflexive(
        &mut self,
        (socket, rank): (usize, usize),
        server: SocketAddr,
        mapped: SocketAddr,
        transaction: u32,
        now: Time,
    ) {
        let Some(local) = self.config.sockets.get(socket) else { return };
        let (kind, transport, base) = (CandidateKind::ServerReflexive, local.transport, local.address);
        let ComponentId { stream, component } = local.component;
        let origin = Origin { stream, cost: local.cost, hidden: false };
        let preference = ranked(local.preference, rank);
        let candidate = Candidate {
            kind,
            transport,
            address: mapped,
            base,
            related: Some(base),
            relay_protocol: None,
            foundation: self.foundations.of(kind, transport, base.ip(), Some(server.ip())),
            priority: CandidatePriority::over(transport, kind, preference, component).value(),
            component,
        };
        let because = Because::Change(Subject::Transaction(transaction));
        self.add_local(candidate, origin, Reason::SeenByServer, because, now);
    }

    /// A connection could not be opened, or has ended. Says whether it led to a STUN server.
    pub(super) fn stun_disconnected(&mut self, connection: ConnectionId) -> bool {
        let Some(place) = self.stream_query(connection) else { return false };
        self.end_stream_query(place, TransactionState::Unreachable, Reason::NoConnection);
        self.gathering.stream_queries.remove(place);
        true
    }

    /// Ends the transaction, if it has not ended. The connection stays.
    fn end_stream_query(&mut self, place: usize, state: TransactionState, reason: Reason) {
        let pending = self.gathering.stream_queries.get_mut(place).filter(|query| query.is_pending());
        let Some(query) = pending else { return };
        query.shown.state = state;
        query.shown.reason = Some(reason);
        let (number, shown) = (query.number, query.shown.clone());
        self.tell_transaction(number, &shown, Because::Input);
    }

    fn drop_stream_query(&mut self, place: usize) {
        let connection = self.gathering.stream_queries.remove(place).connection;
        self.requests.push_back(HostRequest::Close { connection });
    }

    /// When a request over a connection is given up.
    pub(super) fn stream_queries_timeout(&self) -> Option<Time> {
        let pending = self.gathering.stream_queries.iter().filter(|query| query.is_pending());
        pending.map(|query| query.timer.next_deadline()).min()
    }

    /// Gives up requests that stayed unanswered, and mappings that nothing needs any more (RFC 6544 §8).
    pub(super) fn run_stream_queries(&mut self, now: Time) {
        let decided = !self.session.lists.any_is(CheckListState::Running);
        let mut place = 0;
        while let Some(query) = self.gathering.stream_queries.get_mut(place) {
            let pending = query.is_pending();
            if pending && query.timer.on_timeout(now) == TimeoutAction::GiveUp {
                self.end_stream_query(place, TransactionState::TimedOut, Reason::ServerSilent);
                self.drop_stream_query(place);
            } else if !pending && decided {
                self.drop_stream_query(place);
            } else {
                place += 1;
            }
        }
    }

    /// Forgets them all.
    pub(super) fn stop_stream_queries(&mut self) {
        while !self.gathering.stream_queries.is_empty() {
            self.end_stream_query(0, TransactionState::Cancelled, Reason::SessionOver);
            self.drop_stream_query(0);
        }
    }
}

/// Whether others can be told to connect to a socket of this transport, so that its mapping is worth knowing. An active one has no port of its
/// own (RFC 6544 §4.5).
pub(super) const fn has_a_mapping(transport: CandidateTransport) -> bool {
    matches!(transport, CandidateTransport::TcpPassive | CandidateTransport::TcpSimultaneousOpen)
}
