//! A network in memory with one client, one server and one peer: every datagram takes 10 ms, and a test decides its fate.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::Counting;
use crate::output::{Output, Transmit};
use crate::reason::Reason;
use crate::stun::{AddressFamily, TransactionSnapshot};
use crate::time::Time;
use crate::turn::{
    AllocationSnapshot, AllocationState, Change, Credentials, ServerOutput, TurnClient, TurnServer,
    TurnServerConfig,
};

pub(super) const DELAY: Duration = Duration::from_millis(10);

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(super) fn client_address() -> SocketAddr {
    address("192.0.2.10:50000")
}

pub(super) fn server_address() -> SocketAddr {
    address("198.51.100.1:3478")
}

pub(super) fn relayed_address() -> SocketAddr {
    address("198.51.100.1:49152")
}

pub(super) fn peer_address() -> SocketAddr {
    address("203.0.113.5:6000")
}

pub(super) fn alice() -> Credentials {
    Credentials { username: "alice".to_owned(), password: "secret".to_owned() }
}

pub(super) fn bob() -> Credentials {
    Credentials { username: "bob".to_owned(), password: "hunter2".to_owned() }
}

pub(super) fn config() -> TurnServerConfig {
    TurnServerConfig::new("example.org", vec![alice(), bob()])
}

/// What happens to a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    Lost,
    Doubled,
}

type Judge = Box<dyn FnMut(&Transmit) -> Fate>;

pub(super) struct Lab {
    pub(super) now: Time,
    pub(super) client: TurnClient,
    pub(super) server: TurnServer,
    /// Sockets that the server has open.
    pub(super) relays: BTreeSet<SocketAddr>,
    /// Whether the server's host opens sockets when asked.
    pub(super) opens_relays: bool,
    /// What arrived at the peer (or anywhere else outside).
    pub(super) at_peer: Vec<Transmit>,
    /// What the client's application got.
    pub(super) data: Vec<(SocketAddr, Vec<u8>)>,
    /// Reasons that the client and the server gave, in order.
    pub(super) client_said: Vec<Reason>,
    pub(super) server_said: Vec<Reason>,
    /// Datagrams of the client and to it, in order.
    pub(super) from_client: Vec<Transmit>,
    pub(super) to_client: Vec<Transmit>,
    pub(super) transactions: Vec<TransactionSnapshot>,
    /// Allocations as the server told them.
    pub(super) told_by_server: Vec<AllocationSnapshot>,
    judge: Judge,
    in_flight: VecDeque<(Time, Transmit)>,
}

impl fmt::Debug for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lab").field("now", &self.now).field("client", &self.client).finish_non_exhaustive()
    }
}

impl Lab {
    pub(super) fn new(config: TurnServerConfig, credentials: Credentials) -> Lab {
        let client =
            TurnClient::new(client_address(), server_address(), credentials, Box::new(Counting::default()));
        Lab::with_client(config, client)
    }

    pub(super) fn with_client(config: TurnServerConfig, client: TurnClient) -> Lab {
        Lab {
            now: Time::ZERO,
            client,
            server: TurnServer::new(config, Box::new(Counting::default())),
            relays: BTreeSet::new(),
            opens_relays: true,
            at_peer: Vec::new(),
            data: Vec::new(),
            client_said: Vec::new(),
            server_said: Vec::new(),
            from_client: Vec::new(),
            to_client: Vec::new(),
            transactions: Vec::new(),
            told_by_server: Vec::new(),
            judge: Box::new(|_| Fate::Delivered),
            in_flight: VecDeque::new(),
        }
    }

    /// A lab whose client holds an allocation.
    pub(super) fn allocated() -> Lab {
        let mut lab = Lab::new(config(), alice());
        lab.allocate();
        lab
    }

    /// A lab whose client holds an allocation with a permission for the peer.
    pub(super) fn permitted() -> Lab {
        let mut lab = Lab::allocated();
        lab.client.create_permission(peer_address(), lab.now);
        lab.settle();
        assert!(lab.client.has_permission(peer_address().ip()));
        lab
    }

    pub(super) fn allocate(&mut self) {
        self.client.allocate(self.now);
        self.settle();
        assert_eq!(self.client.state(), Some(AllocationState::Active), "{:?}", self.client_said);
    }

    pub(super) fn judge(&mut self, judge: impl FnMut(&Transmit) -> Fate + 'static) {
        self.judge = Box::new(judge);
    }

    /// Puts a datagram of an outsider on its way.
    pub(super) fn inject(&mut self, from: SocketAddr, to: SocketAddr, payload: &[u8]) {
        let because = crate::output::Because::Input;
        self.travel(Transmit { from, to, payload: payload.to_vec(), because, reason: None });
    }

    fn travel(&mut self, transmit: Transmit) {
        let copies = match (self.judge)(&transmit) {
            Fate::Delivered => 1,
            Fate::Lost => 0,
            Fate::Doubled => 2,
        };
        for _ in 0..copies {
            self.in_flight.push_back((self.now + DELAY, transmit.clone()));
        }
    }

    /// Runs until nothing is in flight, without waiting for timers.
    pub(super) fn settle(&mut self) {
        self.drain();
        while let Some((at, transmit)) = self.in_flight.pop_front() {
            self.now = at;
            self.arrive(transmit);
        }
    }

    /// Runs everything, timers included, up to a moment.
    pub(super) fn run_until(&mut self, end: Time) {
        self.drain();
        loop {
            let arrival = self.in_flight.front().map(|(at, _)| *at);
            let timer = self.client.poll_timeout().into_iter().chain(self.server.poll_timeout()).min();
            let Some(next) = arrival.into_iter().chain(timer).min().filter(|next| *next <= end) else {
                break;
            };
            self.now = next.max(self.now);
            if arrival == Some(next) {
                let (_, transmit) = self.in_flight.pop_front().unwrap();
                self.arrive(transmit);
            } else {
                self.server.handle_timeout(self.now);
                self.client.handle_timeout(self.now);
                self.drain();
            }
        }
        self.now = end;
    }

    pub(super) fn run_for(&mut self, span: Duration) {
        self.run_until(self.now + span);
    }

    fn arrive(&mut self, transmit: Transmit) {
        if transmit.to == self.client.local_address() {
            self.client.handle_datagram(transmit.from, &transmit.payload, self.now);
            self.to_client.push(transmit);
        } else if transmit.to == server_address() || self.relays.contains(&transmit.to) {
            self.server.handle_datagram(transmit.to, transmit.from, &transmit.payload, self.now);
        } else {
            self.at_peer.push(transmit);
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            self.client_said.extend(reason_of(&output));
            match output {
                Output::Transmit(transmit) => {
                    self.from_client.push(transmit.clone());
                    self.travel(transmit);
                }
                Output::Data { from, payload, .. } => self.data.push((from, payload)),
                Output::Change { change: Change::Transaction(snapshot), .. } => {
                    self.transactions.push(snapshot)
                }
                Output::Change { .. } | Output::Ignored { .. } => {}
            }
        }
        while let Some(output) = self.server.poll_output() {
            self.serve(output);
        }
    }

    fn serve(&mut self, output: ServerOutput) {
        match output {
            ServerOutput::Endpoint(output) => {
                self.server_said.extend(reason_of(&output));
                match output {
                    Output::Transmit(transmit) => self.travel(transmit),
                    Output::Change { change: Change::Allocation(snapshot), .. } => {
                        self.told_by_server.push(snapshot);
                    }
                    _ => {}
                }
            }
            ServerOutput::OpenRelay { allocation, .. } if !self.opens_relays => {
                self.server.relay_refused(allocation);
            }
            ServerOutput::OpenRelay { allocation, family, .. } => {
                let mut address = relayed_address();
                if family == AddressFamily::V6 {
                    address.set_ip("2001:db8::1".parse().unwrap());
                }
                while !self.relays.insert(address) {
                    address.set_port(address.port() + 1);
                }
                self.server.relay_opened(allocation, address, self.now);
            }
            ServerOutput::CloseRelay { address } => {
                assert!(self.relays.remove(&address), "{address} is not open")
            }
            other => panic!("this host was not asked to do that: {other:?}"),
        }
    }

    /// The only allocation on the server.
    pub(super) fn on_server(&self) -> Option<AllocationSnapshot> {
        self.server.allocations().next().map(|(_, snapshot)| snapshot)
    }
}

fn reason_of(output: &Output<Change>) -> Option<Reason> {
    match output {
        Output::Transmit(transmit) => transmit.reason,
        Output::Change { reason, .. } => *reason,
        Output::Ignored { reason } => Some(*reason),
        Output::Data { .. } => None,
    }
}
