//! The TURN server: inputs, and who may ask for what. Who asks is checked by STUN's [`LongTermServer`]; what is asked for is done in
//! `allocate`, `refresh`, `peers` and `connections`; data is passed on in `relay`; clients' streams are in `streams`.

mod allocate;
mod allocation;
mod config;
mod connections;
mod output;
mod peers;
mod refresh;
mod relay;
mod relays;
mod streams;
mod throttle;
mod timers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

pub use config::{AddressRange, AddressRangeError, Limits, TurnServerConfig};
pub use output::ServerOutput;

use self::allocation::{Allocation, FiveTuple, Ticket};
use self::connections::Connection;
use self::relays::Reservation;
use self::streams::Stream;
use self::throttle::Throttle;
use self::timers::Wake;
use super::{AllocationSnapshot, Change, ChannelData, is_channel_data};
use crate::output::{Because, Output, Subject, Transmit};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, AttributeType, Authenticated, Builder, Class, ErrorCode, IntegrityKey, LongTermServer,
    Message, Method, Refusal, Transport, answer_binding,
};
use crate::time::Time;

/// Comprehension-required attributes of TURN over TCP.
const USAGE: [AttributeType; 1] = [AttributeType::CONNECTION_ID];

/// A TURN server (RFC 8656) for any number of clients over UDP, TCP and TLS; it answers Binding requests, too.
///
/// - Inputs: [`handle_datagram`](TurnServer::handle_datagram) for what arrives on its own UDP sockets and on relayed ones,
///   [`stream_opened`](TurnServer::stream_opened), [`stream_data`](TurnServer::stream_data) and
///   [`stream_closed`](TurnServer::stream_closed) for clients that connect, [`handle_icmp`](TurnServer::handle_icmp) for errors about
///   what it relayed, [`handle_timeout`](TurnServer::handle_timeout).
/// - Its host's answers: [`relay_opened`](TurnServer::relay_opened), [`relays_opened`](TurnServer::relays_opened),
///   [`relay_refused`](TurnServer::relay_refused); with TCP to peers, [`peer_connected`](TurnServer::peer_connected),
///   [`peer_refused`](TurnServer::peer_refused), [`peer_accepted`](TurnServer::peer_accepted), [`peer_data`](TurnServer::peer_data),
///   [`peer_closed`](TurnServer::peer_closed).
/// - After each of them: [`poll_output`](TurnServer::poll_output) until `None`, then [`poll_timeout`](TurnServer::poll_timeout).
///
/// Sockets are its host's: it asks for a relayed one and is told the address, so a simulated host and a real one serve it alike.
/// Nothing changes before a request has been authenticated, everything it keeps has a limit ([`Limits`]), and it sends to nobody who
/// has neither asked nor been permitted by somebody with credentials.
#[derive(Debug)]
pub struct TurnServer {
    config: TurnServerConfig,
    authenticator: LongTermServer,
    randomness: Box<dyn Randomness>,
    opened: u32,
    allocations: BTreeMap<u32, Allocation>,
    by_five_tuple: BTreeMap<FiveTuple, u32>,
    /// Relayed UDP sockets.
    by_relayed: BTreeMap<SocketAddr, u32>,
    /// Relayed addresses that listen for TCP connections.
    by_listener: BTreeMap<SocketAddr, u32>,
    by_user: BTreeMap<String, usize>,
    by_ticket: BTreeMap<Ticket, u32>,
    reservations: BTreeMap<[u8; 8], Reservation>,
    streams: BTreeMap<u32, Stream>,
    by_stream: BTreeMap<FiveTuple, u32>,
    connections: BTreeMap<u32, Connection>,
    throttle: Throttle,
    /// When what has something to drop, so that what is idle costs nothing.
    wakes: BTreeSet<(Time, Wake)>,
    output: VecDeque<ServerOutput>,
}

impl TurnServer {
    /// A server without allocations.
    pub fn new(config: TurnServerConfig, mut randomness: Box<dyn Randomness>) -> TurnServer {
        TurnServer {
            authenticator: LongTermServer::new(&config.long_term(), &mut *randomness),
            throttle: Throttle::new(config.limits.unauthenticated_answers),
            config,
            randomness,
            opened: 0,
            allocations: BTreeMap::new(),
            by_five_tuple: BTreeMap::new(),
            by_relayed: BTreeMap::new(),
            by_listener: BTreeMap::new(),
            by_user: BTreeMap::new(),
            by_ticket: BTreeMap::new(),
            reservations: BTreeMap::new(),
            streams: BTreeMap::new(),
            by_stream: BTreeMap::new(),
            connections: BTreeMap::new(),
            wakes: BTreeSet::new(),
            output: VecDeque::new(),
        }
    }

    /// The allocations there are, by number.
    pub fn allocations(&self) -> impl Iterator<Item = (u32, AllocationSnapshot)> {
        self.allocations.keys().filter_map(|number| Some((*number, self.snapshot(*number)?)))
    }

    /// Takes a datagram that arrived on the UDP socket `to`, one of the server's own or a relayed one.
    pub fn handle_datagram(&mut self, to: SocketAddr, from: SocketAddr, payload: &[u8], now: Time) {
        let taken = match self.by_relayed.get(&to) {
            Some(number) => self.relay_from_peer(*number, to, from, payload, now),
            // Nobody has taken the port yet.
            None if self.is_reserved(to) => Err(Reason::TurnNoAllocation),
            None => {
                let five_tuple = FiveTuple { client: from, server: to, transport: Transport::Udp };
                self.take_from_client(five_tuple, payload, now)
            }
        };
        self.ignored(taken);
    }

    fn ignored(&mut self, taken: Result<(), Reason>) {
        if let Err(reason) = taken {
            self.push(Output::Ignored { reason });
        }
    }

    /// Takes a message of a client.
    fn take_from_client(&mut self, five_tuple: FiveTuple, payload: &[u8], now: Time) -> Result<(), Reason> {
        if is_channel_data(payload) {
            let message = ChannelData::parse(payload).map_err(|_| Reason::TurnChannelDataMalformed)?;
            return self.relay_channel_data(five_tuple, &message, now);
        }
        let message = Message::parse(payload).map_err(|_| Reason::StunMalformed)?;
        match (message.class(), message.method()) {
            (Class::Request | Class::Indication, Method::BINDING) => {
                let software = self.config.software.as_deref();
                let (answer, reason) = answer_binding(&message, five_tuple.client, software)?;
                self.send_unasked(five_tuple, answer, reason, now)
            }
            (Class::Indication, Method::SEND) => self.relay_send_indication(five_tuple, &message, now),
            (Class::Request, method) if self.performs(method) => self.take_request(five_tuple, &message, now),
            _ => Err(Reason::StunUnexpected),
        }
    }

    const fn performs(&self, method: Method) -> bool {
        match method {
            Method::ALLOCATE | Method::REFRESH | Method::CREATE_PERMISSION | Method::CHANNEL_BIND => true,
            Method::CONNECT | Method::CONNECTION_BIND => self.config.relays_tcp,
            _ => false,
        }
    }

    /// RFC 8656 §5: first who asks, then what is not understood, then what is asked for.
    fn take_request(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let by = match self.authenticator.authenticate(request, five_tuple.client, now) {
            Ok(by) => by,
            Err(refusal) => {
                let answer = self.refusal(five_tuple, request, &refusal, None, now);
                return self.send_unasked(five_tuple, answer, Some(refusal.reason), now);
            }
        };
        let unknown = request.unknown_to(&USAGE);
        let done = if unknown.is_empty() {
            self.perform(five_tuple, request, &by, now)
        } else {
            Err(Refusal::unknown(unknown, Reason::StunUnknownAttributes))
        };
        if let Err(refusal) = done {
            let answer = self.refusal(five_tuple, request, &refusal, Some(&by.key), now);
            self.send(five_tuple, answer, Because::Input, Some(refusal.reason));
        }
        Ok(())
    }

    fn perform(
        &mut self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        match request.method() {
            Method::ALLOCATE => return self.allocate(five_tuple, request, by, now),
            Method::CONNECTION_BIND => return self.bind_connection(five_tuple, request, by),
            _ => {}
        }
        let ticket = request.mobility_ticket().filter(|ticket| !ticket.is_empty());
        let mismatch = Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnNoAllocation);
        let number = match (self.by_five_tuple.get(&five_tuple), ticket) {
            (Some(number), _) => *number,
            (None, Some(ticket)) if request.method() == Method::REFRESH => {
                self.number_of_ticket(ticket, by)?
            }
            _ => return Err(mismatch),
        };
        let allocation = self.allocations.get(&number).ok_or(mismatch.clone())?;
        // RFC 8656 §5: only who made the allocation may change it.
        if allocation.username != by.username {
            return Err(Refusal::new(ErrorCode::WRONG_CREDENTIALS, Reason::TurnOtherUser));
        }
        if !allocation.is_live(now) {
            return Err(mismatch);
        }
        match request.method() {
            Method::REFRESH => self.refresh(number, five_tuple, request, by, now),
            Method::CREATE_PERMISSION => self.create_permission(number, request, by, now),
            Method::CONNECT => self.connect(number, request, by, now),
            _ => self.bind_channel(number, request, by, now),
        }
    }

    /// Answers a request that is granted; what has changed is the newest change of the allocation.
    fn grant(&mut self, number: u32, request: &Message<'_>, key: &IntegrityKey, with: &[Attribute<'_>]) {
        let Some(allocation) = self.allocations.get(&number) else { return };
        let five_tuple = allocation.five_tuple;
        let builder = with.iter().fold(Builder::success(request), Builder::attribute);
        let answer = self.finish(builder, Some(key), request.has_fingerprint());
        self.send(five_tuple, answer, Because::Change(Subject::Allocation(number)), None);
    }

    fn refusal(
        &self,
        five_tuple: FiveTuple,
        request: &Message<'_>,
        refusal: &Refusal,
        key: Option<&IntegrityKey>,
        now: Time,
    ) -> Vec<u8> {
        let mut builder = Builder::error(request, refusal.code);
        if refusal.wants_challenge() {
            builder = self.authenticator.challenge(builder, five_tuple.client, now);
        }
        if !refusal.unknown.is_empty() {
            builder = builder.unknown_attributes(&refusal.unknown);
        }
        if refusal.code == ErrorCode::TRY_ALTERNATE
            && let Some((server, domain)) = &self.config.alternate
        {
            builder = builder
                .attribute(&Attribute::AlternateServer(*server))
                .maybe(domain.as_deref().map(Attribute::AlternateDomain));
        }
        self.finish(builder, key, request.has_fingerprint())
    }

    /// SOFTWARE, signature and FINGERPRINT, in this order.
    fn finish(&self, builder: Builder, key: Option<&IntegrityKey>, fingerprint: bool) -> Vec<u8> {
        let builder = builder.maybe(self.config.software.as_deref().map(Attribute::Software));
        let builder = match key {
            Some(key) => builder.sign(key),
            None => builder,
        };
        if fingerprint { builder.finish() } else { builder.finish_without_fingerprint() }
    }

    /// Sends to somebody who has shown nothing that proves that the address is theirs; a stream does.
    fn send_unasked(
        &mut self,
        five_tuple: FiveTuple,
        payload: Vec<u8>,
        reason: Option<Reason>,
        now: Time,
    ) -> Result<(), Reason> {
        let proven = five_tuple.transport.is_stream();
        if !proven && !self.throttle.admits(five_tuple.client.ip(), now) {
            return Err(Reason::TurnThrottled);
        }
        self.send(five_tuple, payload, Because::Input, reason);
        Ok(())
    }

    /// Sends a message to a client, over whatever it came.
    fn send(&mut self, five_tuple: FiveTuple, payload: Vec<u8>, because: Because, reason: Option<Reason>) {
        let FiveTuple { client, server, transport } = five_tuple;
        let transmit = Transmit { from: server, to: client, payload, because, reason };
        if !transport.is_stream() {
            return self.push(Output::Transmit(transmit));
        }
        if let Some(stream) = self.by_stream.get(&five_tuple) {
            self.output.push_back(ServerOutput::ToStream { stream: *stream, transmit });
        }
    }

    fn push(&mut self, output: Output<Change>) {
        self.output.push_back(ServerOutput::Endpoint(output));
    }

    fn snapshot(&self, number: u32) -> Option<AllocationSnapshot> {
        let mut snapshot = self.allocations.get(&number)?.snapshot();
        snapshot.connections = self.connections_of(number);
        Some(snapshot)
    }

    /// What to do next, in order.
    pub fn poll_output(&mut self) -> Option<ServerOutput> {
        self.output.pop_front()
    }
}
