//! Relayed candidates: one TURN client for each socket and server, what goes through it, and what becomes of it (RFC 8445 §5.1.1.2,
//! §7.2.1, §12.1). Not here: TURN itself ([`crate::turn`]), and the connections to servers that are reached over TCP or TLS
//! ([`super::relay_stream`]).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use super::agent::Agent;
use super::candidate::Origin;
use super::gathering::after_datagrams;
use super::pair::Pair;
use super::priority::CandidatePriority;
use super::relay_stream::ServerStream;
use super::{Base, Candidate, CandidateKind, CandidatePolicy, CandidateTransport, Change, ComponentId};
use crate::output::{Because, Output, Subject, Transmit};
use crate::reason::Reason;
use crate::stun::{AddressFamily, ErrorCode};
use crate::time::Time;
use crate::turn::{self, AllocationState, TurnClient};

/// How many of a client's transactions keep their number here: more than run at once, and those that ended may still be causes.
const TRANSACTIONS_MAX: usize = 64;

/// What is asked for, and where.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The socket whose candidates it gives. Over a stream, packets leave from another port of its address.
    pub(super) local: SocketAddr,
    /// The TURN server's place in the configuration.
    server: usize,
    /// The server's address: the configured one, unless that one sent us on.
    pub(super) at: SocketAddr,
    /// The name in its certificate, if it has one.
    pub(super) name: Option<Arc<str>>,
    /// The family of the relayed address, if not what the server likes.
    family: Option<AddressFamily>,
    /// How many servers have sent us here.
    pub(super) moves: u8,
}

/// An allocation, or the attempt to get one.
#[derive(Debug)]
pub(super) struct Relay {
    /// Its number as an allocation of this agent.
    pub(super) number: u32,
    pub(super) wanted: Wanted,
    pub(super) client: TurnClient,
    /// What it is reached through, if that is a connection.
    pub(super) stream: Option<ServerStream>,
    /// The relayed address that the session's candidate has. It is kept when the allocation ends, so that what belongs to it
    /// can be found.
    relayed: Option<SocketAddr>,
    /// Whether the running session has been given its candidates.
    announced: bool,
    /// The client counts its transactions by itself; these are their numbers in this agent.
    transactions: BTreeMap<u32, u32>,
}

impl Relay {
    fn is_active(&self) -> bool {
        self.client.relayed_address().is_some()
    }

    fn is_requested(&self) -> bool {
        self.client.state() == Some(AllocationState::Requested)
    }

    /// Whether it is reached over TCP or TLS.
    fn is_stream(&self) -> bool {
        self.client.transport().is_stream()
    }

    /// Whether nothing is held, asked for or being given back.
    pub(super) fn is_over(&self) -> bool {
        !self.is_active() && !self.is_requested() && self.client.poll_timeout().is_none()
    }
}

impl Agent {
    /// Asks a TURN server for an allocation of the socket's family. The client answers the challenge by itself.
    pub(super) fn start_allocation(&mut self, socket: usize, server: usize, now: Time) -> bool {
        let (Some(local), Some(turn)) =
            (self.config.sockets.get(socket), self.config.turn_servers.get(server))
        else {
            return false;
        };
        // RFC 8656 §7.1: without this, the relayed address would be IPv4.
        let family = local.address.is_ipv6().then_some(AddressFamily::V6);
        let (local, at, name) = (local.address, turn.address, turn.name.clone());
        self.start_wanted(Wanted { local, server, at, name, family, moves: 0 }, now)
    }

    pub(super) fn start_wanted(&mut self, wanted: Wanted, now: Time) -> bool {
        let Some(turn) = self.config.turn_servers.get(wanted.server) else { return false };
        let local = wanted.local;
        let transport = turn.transport;
        let credentials =
            turn::Credentials { username: turn.username.clone(), password: turn.password.clone() };
        let randomness = Box::new(self.randomness.clone());
        let mut client = TurnClient::new(local, wanted.at, credentials, randomness)
            .with_rto(self.gathering_rto())
            .with_transport(transport);
        if let Some(family) = wanted.family {
            client = client.with_family(family);
        }
        // RFC 8489 §6.2.2: over a stream, the time for an answer begins with the attempt to connect. What is sent waits.
        client.allocate(now);
        let number = self.numbers.next_allocation();
        let because = self.base_because(local);
        let stream = transport.is_stream().then(|| self.open_server_stream(&wanted, transport, number));
        let transactions = BTreeMap::new();
        self.relays.push(Relay {
            number,
            wanted,
            client,
            stream,
            relayed: None,
            announced: false,
            transactions,
        });
        self.drain_relay(self.relays.len() - 1, because, None, now);
        true
    }

    /// Whether this socket has an allocation on this server already, or is about to.
    pub(super) fn has_relay(&self, socket: SocketAddr, server: usize) -> bool {
        let same = |relay: &Relay| relay.wanted.server == server && relay.wanted.local == socket;
        self.relays.iter().any(|relay| same(relay) && (relay.is_active() || relay.is_requested()))
    }

    /// Whether an allocation is still being asked for.
    pub(super) fn is_allocating(&self) -> bool {
        self.relays.iter().any(Relay::is_requested)
    }

    /// For a new session: allocations outlive a restart, and their candidates are told anew.
    pub(super) fn add_kept_relays(&mut self, now: Time) {
        for relay in &mut self.relays {
            relay.announced = false;
        }
        for index in 0..self.relays.len() {
            self.announce(index, now);
        }
    }

    /// The candidates that an allocation gives: how the server sees us, and the relayed address (RFC 8445 §5.1.1.2).
    fn announce(&mut self, index: usize, now: Time) {
        let Some(relay) = self.relays.get_mut(index) else { return };
        let (Some(relayed), Some(mapped)) = (relay.client.relayed_address(), relay.client.mapped_address())
        else {
            return;
        };
        let (local, rank) = (relay.wanted.local, relay.wanted.server);
        let socket = self
            .config
            .sockets
            .iter()
            .position(|socket| socket.address == local && socket.transport == CandidateTransport::Udp);
        let Some(socket) = socket.filter(|_| !std::mem::replace(&mut relay.announced, true)) else { return };
        relay.relayed = Some(relayed);
        let server = relay.client.server_address().ip();
        let protocol = relay.client.transport();
        let because = Because::Change(Subject::Allocation(relay.number));
        // How a server sees a connection of ours says nothing about the socket.
        if self.config.policy != CandidatePolicy::Relayed && !protocol.is_stream() {
            let after_stun = self.config.stun_servers.len() + rank;
            self.add_server_reflexive(socket, after_stun, server, mapped, because, now);
        }
        // RFC 8445 §5.1.1.2: a relayed candidate that is a host's own address is discarded.
        let Some(socket) = self.config.sockets.get(socket) else { return };
        let (kind, transport) = (CandidateKind::Relayed, CandidateTransport::Udp);
        let (preference, cost) = (after_datagrams(protocol, socket.preference, rank), socket.cost);
        let ComponentId { stream, component } = socket.component;
        let candidate = Candidate {
            kind,
            transport,
            address: relayed,
            base: relayed,
            related: Some(mapped),
            relay_protocol: Some(protocol),
            foundation: self.foundations.of(kind, transport, relayed.ip(), Some(server)),
            priority: CandidatePriority::new(kind, preference, component).value(),
            component,
        };
        let origin = Origin { stream, cost, hidden: false };
        self.add_local(candidate, origin, Reason::RelayedAddress, because, now);
    }

    /// Takes over what a TURN client put out. What it did because of its own input, it did because of `because`.
    pub(super) fn drain_relay(&mut self, index: usize, because: Because, reason: Option<Reason>, now: Time) {
        let mut arrived = Vec::new();
        let mut changed = false;
        while let Some(output) = self.relays.get_mut(index).and_then(|relay| relay.client.poll_output()) {
            match output {
                Output::Transmit(transmit) => {
                    let because = self.translate_because(index, transmit.because, because);
                    let reason = match transmit.because {
                        Because::Input => reason.or(transmit.reason),
                        Because::Change(_) => transmit.reason,
                    };
                    self.push_to_server(index, Transmit { because, reason, ..transmit });
                }
                Output::Change { subject, change, reason, because: own } => {
                    changed = true;
                    let because = self.translate_because(index, own, because);
                    let subject = self.translate(index, subject);
                    let change = match change {
                        turn::Change::Allocation(snapshot) => Change::Allocation(snapshot),
                        turn::Change::Transaction(snapshot) => Change::Transaction(snapshot),
                    };
                    self.tell(subject, change, reason, because);
                }
                Output::Data { to, from, payload } => arrived.push((to, from, payload)),
                Output::Ignored { reason } => self.ignore(reason),
            }
        }
        if changed && !self.closed {
            self.announce(index, now);
            self.fail_unreachable_pairs(index);
            self.take_other_family(index, now);
            self.follow_alternate(index, now);
        }
        for (to, from, payload) in arrived {
            self.receive(Base::udp(to), from, &payload, now);
        }
        self.close_server_stream_if_over(index);
    }

    /// RFC 8656 §7.2: a server that has no relayed addresses of the family (440) has IPv4 ones. Behind a NAT64 these are what is wanted: the
    /// socket reaches no IPv4 peer by itself.
    fn take_other_family(&mut self, index: usize, now: Time) {
        let Some(relay) = self.relays.get_mut(index) else { return };
        let code = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
        if relay.client.state() != Some(AllocationState::Refused(code))
            || relay.wanted.family.take().is_none()
        {
            return;
        }
        let wanted = relay.wanted.clone();
        self.start_wanted(wanted, now);
    }

    /// A subject of the client as a subject of this agent.
    fn translate(&mut self, index: usize, subject: Subject) -> Subject {
        let Some(relay) = self.relays.get_mut(index) else { return subject };
        match subject {
            Subject::Transaction(own) => {
                let numbers = &mut self.numbers;
                let number = *relay.transactions.entry(own).or_insert_with(|| numbers.next_transaction());
                if relay.transactions.len() > TRANSACTIONS_MAX {
                    relay.transactions.pop_first();
                }
                Subject::Transaction(number)
            }
            _ => Subject::Allocation(relay.number),
        }
    }

    fn translate_because(&mut self, index: usize, own: Because, input: Because) -> Because {
        match own {
            Because::Input => input,
            Because::Change(subject) => Because::Change(self.translate(index, subject)),
        }
    }

    /// Pairs whose packets the relay does not carry: the allocation is over, or the server does not let the peer in.
    fn fail_unreachable_pairs(&mut self, index: usize) {
        let Some(relay) = self.relays.get(index) else { return };
        let Some(relayed) = relay.relayed.filter(|_| relay.announced) else { return };
        let lost = |pair: &&Pair| {
            pair.is_open()
                && pair.shown.local.base == relayed
                && !pair.shown.local.transport.is_tcp()
                && !relay.client.may_reach(pair.shown.remote.address)
        };
        let lost: Vec<u32> = self.session.lists.listed().filter(lost).map(|pair| pair.number).collect();
        let because = Because::Change(Subject::Allocation(relay.number));
        let over = !relay.is_active();
        for number in lost {
            let check = self.session.lists.get(number).and_then(|pair| pair.check);
            if let Some(check) = check {
                self.cancel_check(check, Reason::RelayDoesNotCarry, because);
            }
            self.fail_pair(number, Reason::RelayDoesNotCarry, because);
        }
        for carrier in self.carriers.iter_mut().filter(|carrier| carrier.base == Base::udp(relayed)) {
            carrier.unreachable |= over;
        }
    }

    fn relay_at(&self, base: SocketAddr) -> Option<usize> {
        self.relays.iter().position(|relay| relay.relayed == Some(base))
    }

    /// Before a relayed candidate can reach a peer, the server has to let that peer in (RFC 8445 §7.2.1).
    pub(super) fn ask_for_permission(&mut self, base: Base, peer: SocketAddr, because: Because, now: Time) {
        let Some(index) = self.relay_at(base.address).filter(|_| !base.tcp) else { return };
        if let Some(relay) = self.relays.get_mut(index) {
            relay.client.create_permission(peer, now);
        }
        self.drain_relay(index, because, None, now);
    }

    /// Whether a packet of this pair would get through our own relay, if it has one.
    pub(super) fn is_permitted(&self, pair: &Pair) -> bool {
        if pair.shown.local.kind != CandidateKind::Relayed {
            return true;
        }
        let relay = self.relay_at(pair.shown.local.base).and_then(|index| self.relays.get(index));
        relay.is_some_and(|relay| relay.client.has_permission(pair.shown.remote.address.ip()))
    }

    /// RFC 8445 §12.1: data that is relayed goes over a channel.
    pub(super) fn bind_channel(&mut self, base: SocketAddr, peer: SocketAddr, because: Because, now: Time) {
        let Some(index) = self.relay_at(base) else { return };
        if let Some(relay) = self.relays.get_mut(index)
            && relay.client.channel_of(peer).is_none()
        {
            relay.client.bind_channel(peer, now);
        }
        self.drain_relay(index, because, None, now);
    }

    /// Sends from a base: through its TURN server, or straight from the socket.
    pub(super) fn transmit_from_base(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
        reason: Option<Reason>,
        because: Because,
        now: Time,
    ) {
        let Some(index) = self.relay_at(from) else {
            return self.push_transmit(Transmit { from, to, payload: payload.to_vec(), because, reason });
        };
        if let Some(relay) = self.relays.get_mut(index) {
            relay.client.send_to(to, payload, now);
        }
        self.drain_relay(index, because, reason, now);
    }

    /// Gives a datagram to the TURN client that waits for it. Says whether there is one.
    pub(super) fn handle_from_relay(
        &mut self,
        to: SocketAddr,
        from: SocketAddr,
        payload: &[u8],
        now: Time,
    ) -> bool {
        let wants = |relay: &Relay| {
            !relay.is_stream() && relay.wanted.local == to && relay.client.wants(from, payload)
        };
        let Some(index) = self.relays.iter().position(wants) else { return false };
        if let Some(relay) = self.relays.get_mut(index) {
            relay.client.handle_datagram(from, payload, now);
        }
        self.drain_relay(index, Because::Input, None, now);
        true
    }

    /// An ICMP error came back from a TURN server. Says whether anything was waiting for it.
    pub(super) fn relay_unreachable(&mut self, local: SocketAddr, remote: SocketAddr, now: Time) -> bool {
        let mut waited = false;
        for index in 0..self.relays.len() {
            let Some(relay) = self.relays.get_mut(index) else { continue };
            let here = relay.wanted.local == local && relay.client.server_address() == remote;
            if here && !relay.is_stream() {
                waited |= relay.client.handle_unreachable();
                self.drain_relay(index, Because::Input, None, now);
            }
        }
        waited
    }

    /// Gives back what nothing needs any more: everything if the agent is closed, else what belongs to sockets that are gone, unless
    /// it still carries data.
    pub(super) fn release_relays(&mut self, now: Time) {
        for index in 0..self.relays.len() {
            let Some(relay) = self.relays.get_mut(index) else { continue };
            let local = relay.wanted.local;
            let has_socket = self.config.sockets.iter().any(|socket| socket.address == local);
            let carries = self.carriers.iter().any(|carrier| relay.relayed == Some(carrier.base.address));
            let needed = !self.closed && (has_socket || carries);
            if !needed && (relay.is_active() || relay.is_requested()) {
                relay.client.release(now);
                self.drain_relay(index, Because::Change(Subject::Agent), None, now);
            }
        }
    }

    /// Whether allocations are still being given back.
    pub(super) fn is_releasing(&self) -> bool {
        self.relays_timeout().is_some()
    }

    /// Serves the timers of all TURN clients: retransmissions and refreshes.
    pub(super) fn run_relays(&mut self, now: Time) {
        for index in 0..self.relays.len() {
            let Some(relay) = self.relays.get_mut(index) else { continue };
            if relay.client.poll_timeout().is_some_and(|at| at <= now) {
                relay.client.handle_timeout(now);
                self.drain_relay(index, Because::Input, None, now);
            }
        }
        // What is over and has no candidate in the running session is of no interest any more.
        self.relays.retain(|relay| {
            relay.is_active()
                || relay.is_requested()
                || relay.announced
                || relay.client.poll_timeout().is_some()
        });
    }

    /// When a TURN client has something to do.
    pub(super) fn relays_timeout(&self) -> Option<Time> {
        self.relays.iter().filter_map(|relay| relay.client.poll_timeout()).min()
    }
}
