//! The client: asks a gateway for mappings, keeps them, and notices when they are gone. Not here: its socket, and what the mappings are for.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::Transport;
use super::epoch::Epoch;
use super::message::{ANY_EXTERNAL, Malformed, MapData, Request, RequestBody, Response, ResultCode};
use super::nat_pmp::{PmpRequest, PmpResponse, PmpResult};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::time::Time;

/// The first wait for an answer, and the longest (RFC 6887 §8.1.1: IRT and MRT).
const WAIT_FIRST: Duration = Duration::from_secs(3);
const WAIT_MAX: Duration = Duration::from_secs(1024);

/// The first wait for an answer in NAT-PMP (RFC 6886 §3.1), and the longest.
const PMP_WAIT_FIRST: Duration = Duration::from_millis(250);
const PMP_WAIT_MAX: Duration = Duration::from_secs(64);

/// The least time between two renewals (RFC 6887 §11.2.1).
const RENEWAL_MIN: Duration = Duration::from_secs(4);

/// An error counts at least as long: a server's zero must not make a storm.
const ERROR_MIN: Duration = Duration::from_secs(30);

/// Mappings that a client keeps at most.
const MAPPINGS_MAX: usize = 64;

/// What a client is told at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// The address of its socket, as the host knows it.
    pub client: IpAddr,
    /// The gateway's service: its inside address, port 5351.
    pub server: SocketAddr,
    /// The lifetime that it asks for: two hours (RFC 6886 §3.3).
    pub lifetime: Duration,
    /// How long it asks a gateway that has never answered: 10 s, three times. The RFC sets no end, but hosts behind gateways without the
    /// service have nothing to wait for.
    pub patience: Duration,
}

impl ClientConfig {
    /// A client at this address, of this gateway.
    pub const fn new(client: IpAddr, server: SocketAddr) -> ClientConfig {
        let (lifetime, patience) = (Duration::from_secs(7200), Duration::from_secs(10));
        ClientConfig { client, server, lifetime, patience }
    }
}

/// Where a mapping stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapState {
    /// Not answered yet.
    Asking,
    /// There.
    Mapped {
        /// Outside.
        external: SocketAddr,
        /// Unless it is renewed before.
        expires_at: Time,
    },
    /// The gateway does not want to.
    Refused(ResultCode),
    /// Nothing at the gateway answers.
    Absent,
}

/// A mapping of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Of what.
    pub transport: Transport,
    /// The port of the socket.
    pub internal_port: u16,
    /// Where it stands.
    pub state: MapState,
}

/// What comes out of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOutput {
    /// Send this to the server.
    Transmit {
        /// The payload of the datagram.
        payload: Vec<u8>,
        /// Why.
        reason: Reason,
    },
    /// A mapping stands otherwise than before.
    Changed {
        /// How.
        mapping: Mapping,
        /// Why.
        reason: Reason,
    },
    /// The datagram at hand was not acted on.
    Ignored {
        /// Why.
        reason: Reason,
    },
}

/// A mapping, and when something is to be done about it.
#[derive(Debug)]
struct Entry {
    mapping: Mapping,
    nonce: [u8; 12],
    /// The outside port that it had, or would like to have.
    wish: u16,
    /// When it was first asked for, since it was last answered.
    asked_at: Time,
    wait: Duration,
    next_at: Option<Time>,
    /// Why the next request is sent.
    next_reason: Reason,
    /// NAT-PMP: port and end, while the outside address is not known.
    half: Option<(u16, Time)>,
}

/// A client of PCP that falls back to NAT-PMP.
///
/// Call [`Client::map`] for each socket, hand in datagrams from the server and timeouts, and empty [`Client::poll_output`] after each.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    randomness: Box<dyn Randomness>,
    entries: Vec<Entry>,
    epoch: Epoch,
    /// The server speaks NAT-PMP only.
    pmp: bool,
    pmp_address: Option<Ipv4Addr>,
    outputs: VecDeque<ClientOutput>,
}

impl Client {
    /// A client that has asked for nothing.
    pub fn new(config: ClientConfig, randomness: Box<dyn Randomness>) -> Client {
        let (epoch, outputs) = (Epoch::default(), VecDeque::new());
        Client { config, randomness, entries: Vec::new(), epoch, pmp: false, pmp_address: None, outputs }
    }

    /// The mappings, in the order in which they were asked for.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.entries.iter().map(|entry| &entry.mapping)
    }

    /// Where the mapping of a socket stands.
    pub fn mapping(&self, transport: Transport, internal_port: u16) -> Option<&Mapping> {
        self.mappings().find(|own| own.transport == transport && own.internal_port == internal_port)
    }

    /// Asks for a mapping of a socket, with the same port outside if that can be had. Nothing happens if it was asked for before, or if
    /// there are too many.
    pub fn map(&mut self, transport: Transport, internal_port: u16, now: Time) {
        if self.mapping(transport, internal_port).is_some() || self.entries.len() >= MAPPINGS_MAX {
            return;
        }
        let mut nonce = [0; 12];
        self.randomness.fill(&mut nonce);
        let mapping = Mapping { transport, internal_port, state: MapState::Asking };
        self.entries.push(Entry {
            mapping,
            nonce,
            wish: internal_port,
            asked_at: now,
            wait: Duration::ZERO,
            next_at: Some(now),
            next_reason: Reason::PcpAsks,
            half: None,
        });
        self.handle_timeout(now);
    }

    /// Gives a mapping back: its socket is closed.
    pub fn release(&mut self, transport: Transport, internal_port: u16) {
        let is_it = |entry: &Entry| {
            entry.mapping.transport == transport && entry.mapping.internal_port == internal_port
        };
        let Some(index) = self.entries.iter().position(is_it) else { return };
        let entry = self.entries.remove(index);
        if matches!(entry.mapping.state, MapState::Mapped { .. }) {
            // RFC 6887 §15.1: sent once; if it is lost, the lifetime ends it.
            let payload = self.request(&entry, Duration::ZERO);
            self.outputs.push_back(ClientOutput::Transmit { payload, reason: Reason::PcpReleases });
        }
    }

    /// The next output.
    pub fn poll_output(&mut self) -> Option<ClientOutput> {
        self.outputs.pop_front()
    }

    /// When [`Client::handle_timeout`] is to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.entries.iter().filter_map(|entry| entry.next_at).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Time) {
        for index in 0..self.entries.len() {
            if self.entries[index].next_at.is_some_and(|at| at <= now) {
                self.due(index, now);
            }
        }
    }

    fn due(&mut self, index: usize, now: Time) {
        let entry = &mut self.entries[index];
        match entry.mapping.state {
            MapState::Mapped { expires_at, .. } if expires_at <= now => {
                // Nobody has answered a renewal: it is gone, and asked for like a new one.
                (entry.mapping.state, entry.asked_at, entry.wait) = (MapState::Asking, now, Duration::ZERO);
                self.ask(index, Reason::PcpAsksAgain, now);
            }
            MapState::Mapped { expires_at, .. } => {
                let reason = entry.next_reason;
                self.ask(index, reason, now);
                // RFC 6887 §11.2.1: half of what is left each time.
                let left = expires_at.since(now);
                let wait = self.spread(left / 2, left / 8).max(RENEWAL_MIN);
                self.entries[index].next_at = Some((now + wait).min(expires_at.max(now + RENEWAL_MIN)));
                self.entries[index].next_reason = Reason::PcpRenews;
            }
            MapState::Asking if entry.asked_at + self.config.patience <= now => self.give_up(index),
            MapState::Refused(_) => {
                (entry.mapping.state, entry.asked_at, entry.wait) = (MapState::Asking, now, Duration::ZERO);
                self.ask(index, Reason::PcpAsksAgain, now);
            }
            MapState::Asking => {
                let reason = entry.next_reason;
                self.ask(index, reason, now);
            }
            MapState::Absent => entry.next_at = None,
        }
    }

    /// Sends a request, and sets the time of the next one (RFC 6887 §8.1.1, RFC 6886 §3.1).
    fn ask(&mut self, index: usize, reason: Reason, now: Time) {
        let wait = self.entries[index].wait;
        let wait = match (self.pmp, wait.is_zero()) {
            (true, true) => PMP_WAIT_FIRST,
            (true, false) => (wait * 2).min(PMP_WAIT_MAX),
            (false, true) => self.shake(WAIT_FIRST),
            (false, false) => self.shake((wait * 2).min(WAIT_MAX)),
        };
        let patience = self.entries[index].asked_at + self.config.patience;
        let entry = &mut self.entries[index];
        entry.wait = wait;
        let asking = entry.mapping.state == MapState::Asking;
        entry.next_at = Some(if asking { (now + wait).min(patience.max(now)) } else { now + wait });
        entry.next_reason = Reason::PcpAsksAgain;
        let payload = self.request(&self.entries[index], self.config.lifetime);
        if self.pmp && self.pmp_address.is_none() {
            let payload = PmpRequest::Address.to_bytes();
            self.outputs.push_back(ClientOutput::Transmit { payload, reason });
        }
        self.outputs.push_back(ClientOutput::Transmit { payload, reason });
    }

    fn request(&self, entry: &Entry, lifetime: Duration) -> Vec<u8> {
        let Mapping { transport, internal_port, .. } = entry.mapping;
        let lifetime = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
        // RFC 6886 §3.4: to end a mapping, the outside port is zero.
        let wish = if lifetime == 0 { 0 } else { entry.wish };
        if self.pmp {
            return PmpRequest::Map { transport, internal_port, external_port: wish, lifetime }.to_bytes();
        }
        let external = SocketAddr::new(ANY_EXTERNAL.ip(), wish);
        let map = MapData { nonce: entry.nonce, protocol: transport.number(), internal_port, external };
        let body = RequestBody::Map(map);
        Request { lifetime, client: self.config.client, body, options: Vec::new() }.to_bytes()
    }

    /// RFC 6887 §8.1.1: up to a tenth more or less.
    fn shake(&mut self, span: Duration) -> Duration {
        self.spread(span - span / 10, span / 5)
    }

    /// At least `base`, and up to `more` on top.
    fn spread(&mut self, base: Duration, more: Duration) -> Duration {
        base + more * self.randomness.below(1001) / 1000
    }

    fn give_up(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        (entry.mapping.state, entry.next_at) = (MapState::Absent, None);
        let mapping = entry.mapping;
        self.outputs.push_back(ClientOutput::Changed { mapping, reason: Reason::PcpNoService });
    }

    /// ICMP says that nothing listens at the gateway.
    pub fn handle_unreachable(&mut self) {
        for index in 0..self.entries.len() {
            if self.entries[index].mapping.state == MapState::Asking {
                self.give_up(index);
            }
        }
    }

    /// Takes a datagram: an answer, or an announcement to all nodes.
    pub fn handle_datagram(&mut self, from: SocketAddr, bytes: &[u8], now: Time) {
        // RFC 6887 §8.3: from the server that was asked.
        if from != self.config.server {
            return self.ignore();
        }
        match Response::parse(bytes) {
            Ok(response) => self.take(&response, now),
            Err(Malformed::Version(0)) => match PmpResponse::parse(bytes) {
                Some(response) => self.take_pmp(&response, now),
                None => self.ignore(),
            },
            Err(_) => self.ignore(),
        }
    }

    fn ignore(&mut self) {
        self.outputs.push_back(ClientOutput::Ignored { reason: Reason::PcpNotOurs });
    }

    fn take(&mut self, response: &Response, now: Time) {
        let Response { result, lifetime, epoch, body } = response;
        let entry = match body {
            RequestBody::Map(map) => self.entries.iter().position(|entry| {
                let Mapping { transport, internal_port, .. } = entry.mapping;
                (entry.nonce, transport.number(), internal_port)
                    == (map.nonce, map.protocol, map.internal_port)
            }),
            RequestBody::Announce => None,
            RequestBody::Peer(_) | RequestBody::Other(_) => return self.ignore(),
        };
        if entry.is_none() && *body != RequestBody::Announce {
            return self.ignore();
        }
        self.hear_epoch(*epoch, entry, now);
        let (Some(index), RequestBody::Map(map)) = (entry, body) else { return };
        let lifetime = Duration::from_secs((*lifetime).into());
        match result {
            ResultCode::Success => self.mapped(index, map.external, now + lifetime, now),
            code => self.refused(index, *code, lifetime, now),
        }
    }

    /// RFC 6887 §8.5: if the server has begun anew, everything but what it has just answered is asked for again.
    fn hear_epoch(&mut self, epoch: u32, answered: Option<usize>, now: Time) {
        if self.epoch.takes(now, epoch) {
            return;
        }
        self.pmp_address = None;
        for index in 0..self.entries.len() {
            let mapped = matches!(self.entries[index].mapping.state, MapState::Mapped { .. });
            if mapped && Some(index) != answered {
                // Not all clients of the gateway at the same moment.
                let wait = self.spread(Duration::ZERO, Duration::from_secs(5));
                let entry = &mut self.entries[index];
                (entry.next_at, entry.next_reason) = (Some(now + wait), Reason::PcpStateLost);
            }
        }
    }

    fn mapped(&mut self, index: usize, external: SocketAddr, expires_at: Time, now: Time) {
        let left = expires_at.since(now);
        let wait = self.spread(left / 2, left / 8).max(RENEWAL_MIN);
        let entry = &mut self.entries[index];
        (entry.wish, entry.wait, entry.half) = (external.port(), Duration::ZERO, None);
        (entry.next_at, entry.next_reason) = (Some(now + wait), Reason::PcpRenews);
        entry.mapping.state = MapState::Mapped { external, expires_at };
        let mapping = entry.mapping;
        self.outputs.push_back(ClientOutput::Changed { mapping, reason: Reason::PcpMapped });
    }

    fn refused(&mut self, index: usize, code: ResultCode, lifetime: Duration, now: Time) {
        let entry = &mut self.entries[index];
        entry.mapping.state = MapState::Refused(code);
        entry.next_at = Some(now + lifetime.max(ERROR_MIN));
        let mapping = entry.mapping;
        self.outputs.push_back(ClientOutput::Changed { mapping, reason: Reason::PcpRefused });
    }

    // ---- NAT-PMP ----

    fn take_pmp(&mut self, response: &PmpResponse, now: Time) {
        if !self.pmp {
            // RFC 6887 §9: a server that does not know PCP says so in the only way it can.
            let PmpResponse::Refusal { result: PmpResult::UnsupportedVersion, .. } = response else {
                return self.ignore();
            };
            self.pmp = true;
            self.epoch.takes(now, response.epoch());
            for index in 0..self.entries.len() {
                self.entries[index].wait = Duration::ZERO;
                if self.entries[index].mapping.state == MapState::Asking {
                    self.ask(index, Reason::PcpFallsBack, now);
                }
            }
            return;
        }
        match *response {
            PmpResponse::Address { result: PmpResult::Success, epoch, external } => {
                self.hear_epoch(epoch, None, now);
                self.pmp_address = Some(external);
                for index in 0..self.entries.len() {
                    if let Some((port, end)) = self.entries[index].half {
                        self.mapped(index, SocketAddr::new(external.into(), port), end, now);
                    }
                }
            }
            PmpResponse::Map { result, epoch, transport, internal_port, external_port, lifetime } => {
                let is_it = |entry: &Entry| {
                    entry.mapping.transport == transport && entry.mapping.internal_port == internal_port
                };
                let Some(index) = self.entries.iter().position(is_it) else { return self.ignore() };
                self.hear_epoch(epoch, Some(index), now);
                let end = now + Duration::from_secs(lifetime.into());
                match (result, self.pmp_address) {
                    (PmpResult::Success, Some(address)) => {
                        self.mapped(index, SocketAddr::new(address.into(), external_port), end, now);
                    }
                    (PmpResult::Success, None) => self.entries[index].half = Some((external_port, end)),
                    (code, _) => self.refused(index, pcp_result(code), ERROR_MIN, now),
                }
            }
            PmpResponse::Address { .. } | PmpResponse::Refusal { .. } => self.ignore(),
        }
    }
}

/// The nearest code of PCP.
const fn pcp_result(code: PmpResult) -> ResultCode {
    match code {
        PmpResult::Success => ResultCode::Success,
        PmpResult::UnsupportedVersion => ResultCode::UnsupportedVersion,
        PmpResult::NotAuthorized => ResultCode::NotAuthorized,
        PmpResult::OutOfResources => ResultCode::NoResources,
        PmpResult::UnsupportedOpcode => ResultCode::UnsupportedOpcode,
        PmpResult::NetworkFailure | PmpResult::Other(_) => ResultCode::NetworkFailure,
    }
}
