//! A NAT in memory between one client and one server, on the axes that the client asks about; and a clock that jumps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::behavior::{BehaviorClient, BehaviorConfig, BehaviorServer, Change, Filtering, Mapping};
use crate::output::{Output, Transmit};
use crate::reason::Reason;
use crate::stun::{BindingServer, tests::Counting};
use crate::time::Time;

const DELAY: Duration = Duration::from_millis(10);

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(super) fn local() -> SocketAddr {
    address("192.168.1.2:5000")
}

pub(super) fn second_socket() -> SocketAddr {
    address("192.168.1.2:5001")
}

pub(super) fn server_address() -> SocketAddr {
    address("198.51.100.1:3478")
}

pub(super) fn server() -> BehaviorServer {
    BehaviorServer::new(server_address(), address("198.51.100.2:3479")).unwrap()
}

/// A remote, as far as a NAT looks at it.
type Scope = Option<(IpAddr, u16)>;

/// Which destinations share a mapping, or which remotes an opened filter lets in.
fn key(per_address: bool, per_port: bool, remote: SocketAddr) -> Scope {
    per_address.then_some((remote.ip(), if per_port { remote.port() } else { 0 }))
}

/// Who answers.
pub(super) enum Server {
    Behavior(BehaviorServer),
    Binding(BindingServer),
    Down,
}

pub(super) struct World {
    pub(super) mapping: Mapping,
    pub(super) filtering: Filtering,
    /// Whether packets to a mapped address come back in, and if, whether from the inner address.
    pub(super) hairpins: Option<bool>,
    pub(super) lifetime: Duration,
    /// The longest datagram that gets through.
    pub(super) longest: usize,
    /// Somebody who rewrites what he takes for an address.
    pub(super) rewrites: bool,
    pub(super) server: Server,
    pub(super) client: BehaviorClient,
    pub(super) now: Time,
    pub(super) said: Vec<Reason>,
    pub(super) sent: usize,
    /// Inner address and destination key to outer port, and when it was last used.
    outer: BTreeMap<(SocketAddr, Scope), (u16, Time)>,
    opened: BTreeSet<(u16, Scope)>,
    next_port: u16,
    in_flight: VecDeque<(Time, Transmit)>,
}

impl World {
    pub(super) fn new(mapping: Mapping, filtering: Filtering) -> World {
        World::with(mapping, filtering, BehaviorConfig::new(local(), server_address()))
    }

    pub(super) fn with(mapping: Mapping, filtering: Filtering, config: BehaviorConfig) -> World {
        World {
            mapping,
            filtering,
            hairpins: None,
            lifetime: Duration::from_secs(3600),
            longest: 65_535,
            rewrites: false,
            server: Server::Behavior(server()),
            client: BehaviorClient::new(config, Box::new(Counting::default())),
            now: Time::ZERO,
            said: Vec::new(),
            sent: 0,
            outer: BTreeMap::new(),
            opened: BTreeSet::new(),
            next_port: 40_000,
            in_flight: VecDeque::new(),
        }
    }

    /// Runs until the client is done.
    pub(super) fn run(&mut self) {
        self.client.start(self.now);
        self.drain();
        for _ in 0..1000 {
            let arrival = self.in_flight.front().map(|(at, _)| *at);
            let Some(next) = arrival.into_iter().chain(self.client.poll_timeout()).min() else { return };
            self.now = next.max(self.now);
            if arrival == Some(next) {
                let (_, transmit) = self.in_flight.pop_front().unwrap();
                self.arrive(transmit);
            } else {
                self.client.handle_timeout(self.now);
            }
            self.drain();
        }
        panic!("the client does not come to an end: {:?}", self.client);
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.sent += 1;
                    self.said.extend(transmit.reason);
                    self.leave(transmit);
                }
                Output::Change { change: Change::Behavior(_), reason, .. } => self.said.extend(reason),
                Output::Ignored { reason } => self.said.push(reason),
                _ => {}
            }
        }
    }

    /// From the inside to the outside.
    fn leave(&mut self, mut transmit: Transmit) {
        if transmit.payload.len() > self.longest {
            return;
        }
        let inner = transmit.from;
        if self.mapping != Mapping::Untranslated {
            let (per_address, per_port) = match self.mapping {
                Mapping::Untranslated | Mapping::EndpointIndependent => (false, false),
                Mapping::AddressDependent => (true, false),
                Mapping::AddressAndPortDependent => (true, true),
            };
            let key = (inner, key(per_address, per_port, transmit.to));
            let (now, lifetime) = (self.now, self.lifetime);
            let fresh = (self.next_port, now);
            let held = self.outer.get(&key).copied().filter(|(_, used)| now.since(*used) < lifetime);
            if held.is_none() {
                self.next_port += 1;
            }
            let (port, _) = held.unwrap_or(fresh);
            self.outer.insert(key, (port, now));
            transmit.from = SocketAddr::new(address("203.0.113.7:1").ip(), port);
        }
        let filter = self.filter_key(transmit.to);
        self.opened.insert((transmit.from.port(), filter));
        if transmit.to.ip() == transmit.from.ip() {
            let Some(keeps_source) = self.hairpins else { return };
            let back = if keeps_source { inner } else { transmit.from };
            let outer = transmit.from;
            transmit.from = back;
            return self.enter(transmit, outer);
        }
        self.in_flight.push_back((self.now + DELAY, transmit));
    }

    fn filter_key(&self, remote: SocketAddr) -> Scope {
        match self.filtering {
            Filtering::EndpointIndependent => None,
            Filtering::AddressDependent => key(true, false, remote),
            Filtering::AddressAndPortDependent => key(true, true, remote),
        }
    }

    /// From the outside to the inside; the filter sees it come from `outer`.
    fn enter(&mut self, mut transmit: Transmit, outer: SocketAddr) {
        let filter = self.filter_key(outer);
        if !self.opened.contains(&(transmit.to.port(), filter)) {
            return;
        }
        if self.mapping != Mapping::Untranslated {
            let port = transmit.to.port();
            let live = |used: Time| self.now.since(used) < self.lifetime;
            let holder = self.outer.iter().find(|(_, (held, used))| *held == port && live(*used));
            let Some(((inner, _), _)) = holder else { return };
            transmit.to = *inner;
        }
        self.client.handle_datagram(transmit.to, transmit.from, &transmit.payload, self.now);
    }

    fn arrive(&mut self, transmit: Transmit) {
        let inside = [local(), second_socket()].contains(&transmit.to)
            || transmit.to.ip() == address("203.0.113.7:1").ip();
        if inside {
            let from = transmit.from;
            return self.enter(transmit, from);
        }
        let (to, from, payload) = (transmit.to, transmit.from, transmit.payload);
        let output = match &mut self.server {
            Server::Behavior(server) => {
                server.handle_datagram(to, from, &payload);
                server.poll_output()
            }
            Server::Binding(server) => {
                server.handle_datagram(to, from, &payload);
                server.poll_output()
            }
            Server::Down => None,
        };
        if let Some(Output::Transmit(mut answer)) = output {
            if self.rewrites {
                rewrite(&mut answer.payload, from);
            }
            if answer.payload.len() <= self.longest {
                self.in_flight.push_back((self.now + DELAY, answer));
            }
        }
    }
}

/// Puts the inner address where the outer one stands in plain sight.
fn rewrite(payload: &mut [u8], outer: SocketAddr) {
    let IpAddr::V4(ip) = outer.ip() else { return };
    if let Some(at) = payload.windows(4).position(|bytes| bytes == ip.octets()) {
        payload[at..at + 4].copy_from_slice(&[192, 168, 1, 2]);
    }
    // FINGERPRINT would tell; a gateway that rewrites fixes or drops it.
    let end = payload.len() - 8;
    let length = (end - 20) as u16 + 8;
    payload[2..4].copy_from_slice(&length.to_be_bytes());
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&payload[..end]) ^ 0x5354_554E;
    payload[end + 4..].copy_from_slice(&crc.to_be_bytes());
}
