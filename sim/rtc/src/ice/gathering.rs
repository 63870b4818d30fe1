//! Gathering: host candidates from the sockets, server-reflexive ones from STUN servers (RFC 8445 §5.1.1). Not here: relayed ones,
//! whose allocations live in [`super::relay`].

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::agent::Agent;
use super::candidate::Origin;
use super::config::LocalSocket;
use super::pair::is_link_local_v6;
use super::priority::CandidatePriority;
use super::reflexive_stream::{StreamQuery, has_a_mapping};
use super::{
    Base, Candidate, CandidateKind, CandidatePolicy, CandidateTransport, CheckListState, ComponentId,
    GatheringState,
};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{
    Builder, Class, Message, Method, RTO, Retransmission, TimeoutAction, TransactionId, TransactionSnapshot,
    TransactionState, Transport,
};
use crate::time::Time;

/// Something to ask a server, when Ta allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// A Binding request from a socket to a STUN server; both by index.
    Binding { socket: usize, server: usize },
    /// The same again, to keep the mapping (RFC 8445 §5.1.1.4).
    KeepBinding { socket: usize, server: usize },
    /// A Binding request over TCP, from a socket that listens to a STUN server; both by index.
    StreamBinding { socket: usize, server: usize },
    /// An Allocate request from a socket to a TURN server; both by index.
    Allocate { socket: usize, server: usize },
}

/// A Binding request to a STUN server, under way.
#[derive(Debug)]
struct Query {
    number: u32,
    id: TransactionId,
    task: Task,
    from: SocketAddr,
    to: SocketAddr,
    shown: TransactionSnapshot,
    request: Vec<u8>,
    timer: Retransmission,
}

/// A server-reflexive candidate whose mapping is kept until a pair is selected.
#[derive(Clone, Copy, Debug)]
struct Kept {
    socket: usize,
    server: usize,
    due: Time,
}

/// What is still to be asked and what is not answered yet.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    queue: VecDeque<Task>,
    queries: Vec<Query>,
    kept: Vec<Kept>,
    /// Connections to STUN servers.
    pub(super) stream_queries: Vec<StreamQuery>,
    /// Sockets that the gateway is asked to map.
    pub(super) mapped_soon: Vec<SocketAddr>,
    /// How many tasks there were: Num-Of-Cands of RFC 8445 §14.3.
    planned: u32,
}

impl Gathering {
    pub(super) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether a candidate may still come of what is queued or under way.
    fn is_busy(&self) -> bool {
        let gathers = |task: &Task| !matches!(task, Task::KeepBinding { .. });
        !self.mapped_soon.is_empty()
            || self.queue.iter().any(gathers)
            || self.queries.iter().any(|query| gathers(&query.task))
            || self.stream_queries.iter().any(StreamQuery::is_pending)
    }
}

/// Whether a packet from this socket can reach that server at all: same family, and loopback and link-local only with their like.
fn reaches(socket: SocketAddr, server: SocketAddr) -> bool {
    socket.is_ipv4() == server.is_ipv4()
        && socket.ip().is_loopback() == server.ip().is_loopback()
        && is_link_local_v6(socket) == is_link_local_v6(server)
}

impl Agent {
    /// Begins to gather: host candidates now, the others as servers answer. Each comes out as a change of its own, to be signaled.
    pub fn gather(&mut self, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        if self.shown.gathering != GatheringState::New {
            return self.ignore(Reason::AlreadyGathering);
        }
        self.shown.gathering = GatheringState::Gathering;
        if self.config.hide_addresses {
            self.name_addresses();
        }
        self.tell_agent(Reason::GatheringBegins, Because::Input);
        self.plan_gathering();
        self.ask_for_mappings();
        if self.config.policy != CandidatePolicy::Relayed {
            self.add_hosts(now);
        }
        self.add_kept_relays(now);
        self.settle(now);
    }

    /// Whether a socket may be used under the policy.
    pub(super) fn may_use(&self, socket: &LocalSocket) -> bool {
        let narrow =
            matches!(self.config.policy, CandidatePolicy::DefaultRoute | CandidatePolicy::DefaultRouteOnly);
        socket.default_route || !narrow
    }

    /// RFC 8445 §5.1.1.1.
    fn add_hosts(&mut self, now: Time) {
        let hidden = self.config.policy == CandidatePolicy::DefaultRouteOnly;
        let sockets = self.config.sockets.iter().filter(|socket| self.may_use(socket));
        let mut sockets: Vec<LocalSocket> = sockets.cloned().collect();
        // The peer pairs candidates in the order in which they are signaled, and its first check goes to the first pair: the best one.
        sockets.sort_by_key(|socket| Reverse(socket.preference));
        for socket in sockets {
            let (kind, transport, address) = (CandidateKind::Host, socket.transport, socket.address);
            let preference = socket.preference;
            let component = socket.component.component;
            let candidate = Candidate {
                kind,
                transport,
                address,
                base: address,
                related: None,
                relay_protocol: None,
                foundation: self.foundations.of(kind, transport, address.ip(), None),
                priority: CandidatePriority::over(transport, kind, preference, component).value(),
                component,
            };
            let origin = Origin { stream: socket.component.stream, cost: socket.cost, hidden };
            let reason = if hidden { Reason::HostAddressHidden } else { Reason::HostAddress };
            self.add_local(candidate, origin, reason, Because::Input, now);
        }
    }

    /// Every socket asks every server that it can reach (RFC 8445 §5.1.1.2): STUN servers first, since they answer in one round trip.
    fn plan_gathering(&mut self) {
        // A lite agent has host candidates only (RFC 8445 §5.2).
        if self.config.lite {
            return;
        }
        let sockets = self.config.sockets.iter().enumerate();
        let sockets = sockets.filter(|(_, local)| !local.transport.is_tcp() && self.may_use(local));
        let mut tasks = VecDeque::new();
        if self.config.policy != CandidatePolicy::Relayed {
            for (socket, local) in sockets.clone() {
                let servers = self.config.stun_servers.iter().enumerate();
                let reached = servers.filter(|(_, server)| reaches(local.address, **server));
                tasks.extend(reached.map(|(server, _)| Task::Binding { socket, server }));
            }
        }
        if self.config.policy != CandidatePolicy::Relayed {
            tasks.extend(self.stream_bindings());
        }
        // Relays over datagrams first: they are liked better, and answer without a connection to be made.
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            for (socket, local) in sockets.clone() {
                let servers = self.config.turn_servers.iter().enumerate();
                let reached = servers.filter(|(server, turn)| {
                    turn.transport == transport
                        && reaches(local.address, turn.address)
                        && !self.has_relay(local.address, *server)
                });
                tasks.extend(reached.map(|(server, _)| Task::Allocate { socket, server }));
            }
        }
        self.gathering.planned = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        self.gathering.queue = tasks;
    }

    /// RFC 6544 §5.2.
    fn stream_bindings(&self) -> Vec<Task> {
        let sockets = self.config.sockets.iter().enumerate();
        let sockets = sockets.filter(|(_, local)| has_a_mapping(local.transport) && self.may_use(local));
        let to_all = |(socket, local): (usize, &LocalSocket)| {
            let from = local.address;
            let servers = self.config.stun_servers_over_tcp.iter().enumerate();
            let reached = servers.filter(|(_, server)| reaches(from, **server));
            reached.map(|(server, _)| Task::StreamBinding { socket, server }).collect::<Vec<_>>()
        };
        sockets.flat_map(to_all).collect()
    }

    /// RFC 8445 §14.3.
    pub(super) fn gathering_rto(&self) -> Duration {
        RTO.max(self.config.ta.saturating_mul(self.gathering.planned))
    }

    /// Starts the next transaction with a server. Says whether there was one.
    pub(super) fn start_next_gathering(&mut self, now: Time) -> bool {
        while let Some(task) = self.gathering.queue.pop_front() {
            let started = match task {
                Task::Binding { socket, server } | Task::KeepBinding { socket, server } => {
                    self.start_query(task, socket, server, now)
                }
                Task::StreamBinding { socket, server } => self.start_stream_query(socket, server, now),
                Task::Allocate { socket, server } => self.start_allocation(socket, server, now),
            };
            if started {
                return true;
            }
        }
        false
    }

    fn start_query(&mut self, task: Task, socket: usize, server: usize, now: Time) -> bool {
        let (Some(socket), Some(to)) =
            (self.config.sockets.get(socket), self.config.stun_servers.get(server))
        else {
            return false;
        };
        let (from, to) = (socket.address, *to);
        let id = TransactionId::random(&mut self.randomness);
        let request = Builder::request(Method::BINDING, id).finish();
        let number = self.numbers.next_transaction();
        let reason = match task {
            Task::KeepBinding { .. } => Reason::MappingKept,
            _ => Reason::AskForMappedAddress,
        };
        let because = self.base_because(from);
        let shown = TransactionSnapshot {
            id: id.0,
            method: "Binding",
            to,
            transmissions: 1,
            state: TransactionState::Pending,
            reason: Some(reason),
        };
        self.tell_transaction(number, &shown, because);
        let sent_because = Because::Change(Subject::Transaction(number));
        self.transmit(Base::udp(from), to, &request, Some(reason), sent_because, now);
        let timer = Retransmission::new(now, self.gathering_rto());
        self.gathering.queries.push(Query { number, id, task, from, to, shown, request, timer });
        true
    }

    /// What a transaction from this socket is because of: its host candidate, if it may have one.
    pub(super) fn base_because(&self, base: SocketAddr) -> Because {
        let host = self.local_at(Base::udp(base)).map(Subject::LocalCandidate);
        Because::Change(host.unwrap_or(Subject::Agent))
    }

    /// Whether this is the id of a query under way.
    pub(super) fn is_query(&self, message: &Message<'_>) -> bool {
        message.class().is_response()
            && self.gathering.queries.iter().any(|query| query.id == message.transaction_id())
    }

    /// Takes in a STUN server's answer. A STUN server does not authenticate itself: the id, which nobody off the path can
    /// guess, and the addresses have to do.
    pub(super) fn handle_query_response(
        &mut self,
        base: SocketAddr,
        from: SocketAddr,
        response: &Message<'_>,
        now: Time,
    ) {
        let id = response.transaction_id();
        let found = |query: &Query| query.id == id && query.from == base && query.to == from;
        let Some(index) = self.gathering.queries.iter().position(found) else {
            return self.ignore(Reason::StunNoTransaction);
        };
        let mut query = self.gathering.queries.remove(index);
        let understood = response.unknown_comprehension_required().is_empty();
        let mapped = response.xor_mapped_address().filter(|_| understood);
        let (state, reason) = match (response.class(), mapped) {
            (Class::Error, _) => {
                let code = response.error_code().map_or(0, |error| error.code);
                (TransactionState::Refused(code), Reason::ServerRefused)
            }
            (_, None) => (TransactionState::Succeeded, Reason::UnusableResponse),
            (_, Some(mapped)) if matches!(query.task, Task::KeepBinding { .. }) => {
                let same = self.has_signaled(mapped, Base::udp(query.from));
                let reason = if same { Reason::MappingKept } else { Reason::MappingChanged };
                (TransactionState::Succeeded, reason)
            }
            (_, Some(mapped)) if self.has_signaled(mapped, Base::udp(query.from)) => {
                (TransactionState::Succeeded, Reason::RedundantCandidate)
            }
            _ => (TransactionState::Succeeded, Reason::MappedAddress),
        };
        query.shown.state = state;
        query.shown.reason = Some(reason);
        self.tell_transaction(query.number, &query.shown, Because::Input);
        if let (Some(mapped), Reason::MappedAddress) = (mapped, reason) {
            let because = Because::Change(Subject::Transaction(query.number));
            self.keep_reflexive(&query, mapped, because, now);
        }
    }

    fn keep_reflexive(&mut self, query: &Query, mapped: SocketAddr, because: Because, now: Time) {
        let Task::Binding { socket, server } = query.task else { return };
        self.add_server_reflexive(socket, server, query.to.ip(), mapped, because, now);
        self.gathering.kept.push(Kept { socket, server, due: now + self.config.keepalive });
    }

    /// A server-reflexive candidate of this socket, as this server (of this rank among its like) saw it.
    pub(super) fn add_server_reflexive(
        &mut self,
        socket: usize,
        rank: usize,
        server: IpAddr,
        mapped: SocketAddr,
        because: Because,
        now: Time,
    ) -> Option<u32> {
        let local = self.config.sockets.get(socket)?;
        let (base, preference) = (local.address, ranked(local.preference, rank));
        let (kind, transport) = (CandidateKind::ServerReflexive, CandidateTransport::Udp);
        let ComponentId { stream, component } = local.component;
        let origin = Origin { stream, cost: local.cost, hidden: false };
        let candidate = Candidate {
            kind,
            transport,
            address: mapped,
            base,
            related: Some(base),
            relay_protocol: None,
            foundation: self.foundations.of(kind, transport, base.ip(), Some(server)),
            priority: CandidatePriority::new(kind, preference, component).value(),
            component,
        };
        self.add_local(candidate, origin, Reason::SeenByServer, because, now)
    }

    /// When a query has to be sent again or given up, or a mapping has to be kept.
    pub(super) fn gathering_timeout(&self) -> Option<Time> {
        let queries = self.gathering.queries.iter().map(|query| query.timer.next_deadline());
        let kept = self.gathering.kept.iter().map(|kept| kept.due);
        let kept = kept.filter(|_| self.session.lists.any_is(CheckListState::Running));
        queries.chain(kept).chain(self.stream_queries_timeout()).min()
    }

    /// Sends queries again whose time has come, ends those that stayed unanswered, and queues what keeps mappings.
    pub(super) fn run_gathering(&mut self, now: Time) {
        self.run_stream_queries(now);
        let mut index = 0;
        while let Some(query) = self.gathering.queries.get_mut(index) {
            match query.timer.on_timeout(now) {
                TimeoutAction::Wait => index += 1,
                TimeoutAction::Resend => {
                    self.resend_query(index, now);
                    index += 1;
                }
                TimeoutAction::GiveUp => {
                    let because = Because::Change(Subject::Transaction(self.gathering.queries[index].number));
                    self.end_query(index, TransactionState::TimedOut, Reason::ServerSilent, because);
                }
            }
        }
        if !self.session.lists.any_is(CheckListState::Running) {
            return self.gathering.kept.clear();
        }
        for kept in &mut self.gathering.kept {
            if now >= kept.due {
                kept.due = now + self.config.keepalive;
                let task = Task::KeepBinding { socket: kept.socket, server: kept.server };
                self.gathering.queue.push_back(task);
            }
        }
    }

    fn resend_query(&mut self, index: usize, now: Time) {
        let Some(query) = self.gathering.queries.get_mut(index) else { return };
        query.shown.transmissions += 1;
        query.shown.reason = Some(Reason::RetransmissionTimeout);
        let (number, from, to) = (query.number, query.from, query.to);
        let (shown, request) = (query.shown.clone(), query.request.clone());
        let because = Because::Change(Subject::Transaction(number));
        self.tell_transaction(number, &shown, because);
        self.transmit(Base::udp(from), to, &request, shown.reason, because, now);
    }

    fn end_query(&mut self, index: usize, state: TransactionState, reason: Reason, because: Because) {
        let mut query = self.gathering.queries.remove(index);
        query.shown.state = state;
        query.shown.reason = Some(reason);
        self.tell_transaction(query.number, &query.shown, because);
    }

    /// Ends queries with an ICMP error. Says whether there was one to end.
    pub(super) fn query_unreachable(&mut self, from: SocketAddr, to: SocketAddr) -> bool {
        let hit = |query: &Query| query.from == from && query.to == to;
        let Some(index) = self.gathering.queries.iter().position(hit) else { return false };
        self.end_query(index, TransactionState::Unreachable, Reason::Unreachable, Because::Input);
        true
    }

    /// Notices that nothing more can come.
    pub(super) fn settle_gathering(&mut self) {
        let gathering = self.shown.gathering == GatheringState::Gathering;
        if gathering && !self.gathering.is_busy() && !self.is_allocating() {
            self.shown.gathering = GatheringState::Complete;
            self.tell_agent(Reason::GatheringComplete, Because::Input);
        }
    }

    /// Forgets everything about servers, for a restart or the end. Sent requests are left to themselves.
    pub(super) fn stop_gathering(&mut self, because: Because) {
        while !self.gathering.queries.is_empty() {
            self.end_query(0, TransactionState::Cancelled, Reason::SessionOver, because);
        }
        self.stop_stream_queries();
        self.gathering = Gathering::default();
    }
}

/// Candidates of one kind from one socket must differ in their local preference (RFC 8445 §5.1.2.1): each further server takes one off.
pub(super) fn ranked(preference: u16, rank: usize) -> u16 {
    preference.saturating_sub(u16::try_from(rank).unwrap_or(u16::MAX))
}

/// The same for relayed candidates, those over datagrams before those over a connection, and these before those that are encrypted once
/// more: each has a range of its own, as long as sockets differ in less than half of what a preference can be.
pub(super) fn after_datagrams(protocol: Transport, preference: u16, rank: usize) -> u16 {
    let preference = match protocol {
        Transport::Udp | Transport::Dtls => preference,
        Transport::Tcp => preference >> 1,
        Transport::Tls => preference >> 2,
    };
    ranked(preference, rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_asks_only_servers_that_it_can_reach() {
        let reaches = |a: &str, b: &str| reaches(a.parse().unwrap(), b.parse().unwrap());
        assert!(reaches("10.0.0.1:1", "192.0.2.1:3478"));
        assert!(reaches("127.0.0.1:1", "127.0.0.1:3478"));
        assert!(!reaches("127.0.0.1:1", "192.0.2.1:3478"));
        assert!(!reaches("10.0.0.1:1", "[2001:db8::1]:3478"));
        assert!(!reaches("[fe80::1]:1", "[2001:db8::1]:3478"));
    }

    #[test]
    fn further_servers_rank_lower_down_to_zero() {
        assert_eq!(ranked(65535, 0), 65535);
        assert_eq!(ranked(65535, 2), 65533);
        assert_eq!(ranked(1, 5), 0);
    }

    #[test]
    fn a_relay_over_datagrams_goes_first_and_one_over_tls_last() {
        let worst_udp = after_datagrams(Transport::Udp, 65000, 9);
        let (best_tcp, worst_tcp) =
            (after_datagrams(Transport::Tcp, 65535, 0), after_datagrams(Transport::Tcp, 65000, 9));
        assert!(worst_udp > best_tcp && worst_tcp > after_datagrams(Transport::Tls, 65535, 0));
    }
}
