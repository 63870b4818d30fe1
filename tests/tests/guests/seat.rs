//! A seat for a guest in a world: sockets, a TURN client for a guest that has none, and a clock. Not here: signaling, which is the table's
//! (`table`).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rtclab_net::{Datagram as Arrived, Host, Program, SocketId};
use rtclab_rtc::turn::{Credentials, TurnClient};
use rtclab_rtc::{Output, Time};

use super::guest::{Datagram, Gathered, Guest, Uses};

/// The account on every TURN server of the lab.
pub(crate) const USER: &str = "user";
pub(crate) const PASSWORD: &str = "secret";

/// A guest at its place, and what became of it.
#[derive(Debug)]
pub(crate) struct Seat {
    guest: Box<dyn Guest>,
    server: Option<SocketAddr>,
    uses: Uses,
    gathers: bool,
    sockets: Vec<(SocketId, SocketAddr)>,
    turn: Vec<TurnClient>,
    announced: Vec<SocketAddr>,
    /// What waits for a permission.
    lines: Vec<String>,
    pub(crate) panicked: bool,
    pub(crate) selected: Option<(SocketAddr, SocketAddr)>,
    pub(crate) selected_at: Option<Duration>,
}

fn since_start(host: &Host<'_>) -> Duration {
    host.now().since(Time::ZERO)
}

impl Seat {
    pub(crate) fn new(guest: Box<dyn Guest>, server: Option<SocketAddr>, uses: Uses) -> Seat {
        Seat {
            guest,
            server,
            uses,
            gathers: false,
            sockets: Vec::new(),
            turn: Vec::new(),
            announced: Vec::new(),
            lines: Vec::new(),
            panicked: false,
            selected: None,
            selected_at: None,
        }
    }

    pub(crate) fn credentials(&self) -> (String, String) {
        self.guest.credentials()
    }

    /// Lengths of the messages that came over a data channel.
    pub(crate) fn heard(&self) -> &[usize] {
        self.guest.heard()
    }

    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// Lets the guest do something; one that panics does nothing any more.
    fn guard<T>(&mut self, act: impl FnOnce(&mut dyn Guest) -> T) -> Option<T> {
        if self.panicked {
            return None;
        }
        let guest = &mut self.guest;
        let done = catch_unwind(AssertUnwindSafe(|| act(guest.as_mut())));
        self.panicked |= done.is_err();
        done.ok()
    }

    pub(crate) fn connect(&mut self, host: &mut Host<'_>, ufrag: &str, password: &str) {
        let now = since_start(host);
        self.guard(|guest| guest.connect(ufrag, password, now));
        self.settle(host);
    }

    pub(crate) fn hear(&mut self, host: &mut Host<'_>, lines: &[String]) {
        let now = since_start(host);
        for line in lines {
            self.guard(|guest| guest.add_remote(line, now));
        }
        self.settle(host);
    }

    fn add(&mut self, gathered: Gathered, now: Duration) {
        let line = self.guard(|guest| guest.add_local(gathered, now)).flatten();
        self.lines.extend(line);
    }

    /// Takes what the TURN clients have come to, and hands the guest what came through them.
    fn run_turn(&mut self, host: &mut Host<'_>) {
        let now = since_start(host);
        let mut arrived = Vec::new();
        for index in 0..self.turn.len() {
            while let Some(output) = self.turn.get_mut(index).and_then(TurnClient::poll_output) {
                match output {
                    Output::Transmit(transmit) => {
                        self.send(host, transmit.from, transmit.to, &transmit.payload)
                    }
                    Output::Data { to, from, payload } => arrived.push((to, from, payload)),
                    _ => {}
                }
            }
        }
        let mut gathered = Vec::new();
        for client in &self.turn {
            let base = client.local_address();
            let (Some(relayed), Some(mapped)) = (client.relayed_address(), client.mapped_address()) else {
                continue;
            };
            if self.announced.contains(&base) {
                continue;
            }
            self.announced.push(base);
            if mapped != base && self.uses == Uses::All {
                gathered.push(Gathered::Reflexive { address: mapped, base });
            }
            gathered.push(Gathered::Relayed { address: relayed, mapped });
        }
        for gathered in gathered {
            self.add(gathered, now);
        }
        for (to, from, payload) in arrived {
            self.guard(|guest| guest.handle(to, from, &payload, now));
        }
    }

    fn send(&self, host: &mut Host<'_>, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if let Some((socket, _)) = self.sockets.iter().find(|(_, base)| *base == from) {
            let cause = host.input();
            let _ = host.send_udp(*socket, to, bytes, None, cause);
        }
    }

    /// Sends what the guest wants sent: from a socket, or through the relay.
    fn transmit(&mut self, host: &mut Host<'_>) {
        let mut all: VecDeque<Datagram> = VecDeque::new();
        while let Some(datagram) = self.guard(|guest| guest.transmit()).flatten() {
            all.push_back(datagram);
            assert!(all.len() < 10_000, "a guest that never stops sending");
        }
        let now = host.now();
        for Datagram { from, to, bytes } in all {
            let relay = self.turn.iter_mut().find(|client| client.relayed_address() == Some(from));
            match relay {
                Some(client) => {
                    client.create_permission(to, now);
                    client.send_to(to, &bytes, now);
                }
                None => self.send(host, from, to, &bytes),
            }
        }
        self.run_turn(host);
    }

    fn settle(&mut self, host: &mut Host<'_>) {
        self.run_turn(host);
        self.transmit(host);
        let lines = self.guard(|guest| guest.lines()).unwrap_or_default();
        self.lines.extend(lines);
        let selected = self.guard(|guest| guest.selected()).flatten();
        if selected.is_some() {
            self.selected = selected;
            self.selected_at.get_or_insert(since_start(host));
        }
        let own = self.guard(|guest| guest.next_timeout()).flatten().map(|at| Time::ZERO + at);
        let turn = self.turn.iter().filter_map(TurnClient::poll_timeout).min();
        if let Some(at) = own.into_iter().chain(turn).min() {
            // Datagrams of the same instant come before it, and one that is due already comes in the next moment, so that no guest can
            // stop the clock.
            host.set_timer(at.max(host.now() + Duration::from_micros(99)) + Duration::from_micros(1), 0);
        }
    }
}

impl Program for Seat {
    fn start(&mut self, host: &mut Host<'_>) {
        let now = since_start(host);
        for held in host.addresses() {
            if let Ok(socket) = host.bind_udp(held.address, 0)
                && let Some(base) = host.local_address(socket)
            {
                self.sockets.push((socket, base));
            }
        }
        let bases: Vec<SocketAddr> = self.sockets.iter().map(|(_, base)| *base).collect();
        let (server, uses) = (self.server, self.uses);
        self.gathers = self.guard(|guest| guest.begin(&bases, server, uses, now)).unwrap_or(false);
        if !self.gathers {
            for base in bases {
                if uses == Uses::All {
                    self.add(Gathered::Host(base), now);
                }
                let Some(server) = server.filter(|server| server.is_ipv4() == base.is_ipv4()) else {
                    continue;
                };
                let account = Credentials { username: USER.into(), password: PASSWORD.into() };
                let mut client = TurnClient::new(base, server, account, host.randomness());
                client.allocate(host.now());
                self.turn.push(client);
            }
        }
        self.settle(host);
    }

    fn datagram(&mut self, host: &mut Host<'_>, datagram: &Arrived<'_>) {
        let now = since_start(host);
        let Some((_, base)) = self.sockets.iter().find(|(socket, _)| *socket == datagram.socket) else {
            return;
        };
        let (base, from, payload) = (*base, datagram.from, datagram.payload);
        let wants = |client: &&mut TurnClient| client.local_address() == base && client.wants(from, payload);
        let at = host.now();
        match self.turn.iter_mut().find(wants) {
            Some(client) => client.handle_datagram(from, payload, at),
            None => {
                self.guard(|guest| guest.handle(base, from, payload, now));
            }
        }
        self.settle(host);
    }

    fn timer(&mut self, host: &mut Host<'_>, _token: u64) {
        let (now, at) = (since_start(host), host.now());
        for client in self.turn.iter_mut().filter(|client| client.poll_timeout().is_some_and(|due| due <= at))
        {
            client.handle_timeout(at);
        }
        let due = self.guard(|guest| guest.next_timeout()).flatten();
        if due.is_some_and(|due| due <= now) {
            self.guard(|guest| guest.timeout(now));
        }
        self.settle(host);
    }
}
