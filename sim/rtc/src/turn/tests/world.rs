//! A server whose host can do everything, and any number of clients over UDP and streams. Nothing is lost and nothing takes time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Counting;
use super::lab::{address, alice, bob, client_address, config, relayed_address, server_address};
use crate::output::{Output, Transmit};
use crate::reason::Reason;
use crate::stun::{AddressFamily, Credentials, Transport};
use crate::time::Time;
use crate::turn::{AllocationState, ServerOutput, TurnClient, TurnServer, TurnServerConfig};

/// What a stream belongs to: a client, and one of its connections.
type Owner = (usize, Option<u32>);

#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Time,
    pub(super) server: TurnServer,
    pub(super) clients: Vec<TurnClient>,
    /// Reasons that anybody gave.
    pub(super) said: Vec<Reason>,
    pub(super) at_peer: Vec<Transmit>,
    pub(super) unfragmented: Vec<Transmit>,
    pub(super) data: Vec<(usize, SocketAddr, Vec<u8>)>,
    /// Open UDP sockets, and listeners, of the server.
    pub(super) relays: BTreeSet<SocketAddr>,
    pub(super) listeners: BTreeSet<SocketAddr>,
    /// Families of which the host opens no socket.
    pub(super) refuses: Vec<AddressFamily>,
    /// Whether peers accept connections; if not, nothing comes of them for now.
    pub(super) peers_accept: Option<bool>,
    pub(super) connecting: Vec<(u32, SocketAddr, SocketAddr)>,
    pub(super) at_connected_peer: BTreeMap<u32, Vec<u8>>,
    pub(super) closed_peers: Vec<u32>,
    pub(super) closed_streams: Vec<u32>,
    streams: BTreeMap<u32, (SocketAddr, Owner)>,
    next_stream: u32,
    next_port: u16,
}

/// A configuration of a host that can do everything.
pub(super) fn able() -> TurnServerConfig {
    let mut config = config();
    config.families = vec![AddressFamily::V4, AddressFamily::V6];
    config.reserves_ports = true;
    config.sets_dont_fragment = true;
    config.relays_tcp = true;
    config.mobility = true;
    config
}

impl World {
    pub(super) fn new(config: TurnServerConfig) -> World {
        World {
            now: Time::ZERO,
            server: TurnServer::new(config, Box::new(Counting::default())),
            clients: Vec::new(),
            said: Vec::new(),
            at_peer: Vec::new(),
            unfragmented: Vec::new(),
            data: Vec::new(),
            relays: BTreeSet::new(),
            listeners: BTreeSet::new(),
            refuses: Vec::new(),
            peers_accept: Some(true),
            connecting: Vec::new(),
            at_connected_peer: BTreeMap::new(),
            closed_peers: Vec::new(),
            closed_streams: Vec::new(),
            streams: BTreeMap::new(),
            next_stream: 0,
            next_port: relayed_address().port(),
        }
    }

    /// A client of Alice at its own port, changed by `with`; if it speaks over a stream, the stream is open.
    pub(super) fn client(&mut self, with: impl FnOnce(TurnClient) -> TurnClient) -> usize {
        self.client_of(alice(), with)
    }

    pub(super) fn client_of_bob(&mut self, with: impl FnOnce(TurnClient) -> TurnClient) -> usize {
        self.client_of(bob(), with)
    }

    fn client_of(&mut self, user: Credentials, with: impl FnOnce(TurnClient) -> TurnClient) -> usize {
        let index = self.clients.len();
        let local = SocketAddr::new(client_address().ip(), client_address().port() + index as u16);
        let source = Box::new(Counting::starting_at(index as u8 * 50));
        let client = with(TurnClient::new(local, server_address(), user, source));
        let transport = client.transport();
        self.clients.push(client);
        if transport.is_stream() {
            self.open_stream(local, transport, (index, None));
        }
        index
    }

    /// A stream of a client to the server: its number.
    pub(super) fn open_stream(&mut self, local: SocketAddr, transport: Transport, owner: Owner) -> u32 {
        let stream = self.next_stream;
        self.next_stream += 1;
        self.streams.insert(stream, (local, owner));
        self.server.stream_opened(stream, transport, server_address(), local, self.now);
        self.settle();
        stream
    }

    /// Opens the stream that a waiting connection of a client needs.
    pub(super) fn take_over(&mut self, client: usize, connection: u32) {
        let local = address(&format!("192.0.2.10:{}", 60_000 + self.next_stream));
        self.open_stream(local, Transport::Tcp, (client, Some(connection)));
        self.clients[client].connection_opened(connection, local, self.now);
        self.settle();
    }

    /// The client's stream to the server ends.
    pub(super) fn cut(&mut self, client: usize) {
        let found = self.streams.iter().find(|(_, (_, owner))| *owner == (client, None));
        let stream = *found.expect("it has a stream").0;
        self.streams.remove(&stream);
        self.server.stream_closed(stream);
        self.clients[client].handle_stream_closed();
        self.settle();
    }

    pub(super) fn allocate(&mut self, client: usize) {
        self.clients[client].allocate(self.now);
        self.settle();
        let state = self.clients[client].state();
        assert_eq!(state, Some(AllocationState::Active), "{:?}", self.said);
    }

    pub(super) fn permit(&mut self, client: usize, peer: SocketAddr) {
        self.clients[client].create_permission(peer, self.now);
        self.settle();
    }

    pub(super) fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            let clients = self.clients.iter().filter_map(TurnClient::poll_timeout);
            let next = clients.chain(self.server.poll_timeout()).min().filter(|next| *next <= end);
            let Some(next) = next else { break };
            self.now = next.max(self.now);
            self.server.handle_timeout(self.now);
            self.clients.iter_mut().for_each(|client| client.handle_timeout(self.now));
            self.settle();
        }
        self.now = end;
    }

    pub(super) fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for index in 0..self.clients.len() {
                while let Some(output) = self.clients[index].poll_output() {
                    quiet = false;
                    self.take_output(index, output);
                }
            }
            while let Some(output) = self.server.poll_output() {
                quiet = false;
                self.serve(output);
            }
            if quiet {
                return;
            }
        }
    }

    fn take_output(&mut self, index: usize, output: Output<crate::turn::Change>) {
        match output {
            Output::Transmit(transmit) => {
                self.said.extend(transmit.reason);
                if !self.clients[index].transport().is_stream() {
                    let Transmit { from, to, payload, .. } = transmit;
                    return self.server.handle_datagram(to, from, &payload, self.now);
                }
                let stream = self.streams.iter().find(|(_, (local, _))| *local == transmit.from);
                if let Some((stream, _)) = stream {
                    self.server.stream_data(*stream, &transmit.payload, self.now);
                }
            }
            Output::Data { from, payload, .. } => self.data.push((index, from, payload)),
            Output::Change { reason, .. } => self.said.extend(reason),
            Output::Ignored { reason } => self.said.push(reason),
        }
    }

    fn serve(&mut self, output: ServerOutput) {
        match output {
            ServerOutput::Endpoint(Output::Transmit(transmit)) => {
                self.said.extend(transmit.reason);
                self.deliver(transmit);
            }
            ServerOutput::Endpoint(Output::Change { reason, .. }) => self.said.extend(reason),
            ServerOutput::Endpoint(Output::Ignored { reason }) => self.said.push(reason),
            ServerOutput::Endpoint(Output::Data { .. }) => {}
            ServerOutput::Unfragmented(transmit) => self.unfragmented.push(transmit),
            ServerOutput::ToStream { stream, transmit } => {
                self.said.extend(transmit.reason);
                match self.streams.get(&stream).copied() {
                    Some((_, (client, None))) => {
                        let _ = self.clients[client].handle_stream(&transmit.payload, self.now);
                    }
                    Some((_, (client, Some(connection)))) => {
                        let bytes = &transmit.payload;
                        self.clients[client].handle_connection_data(connection, bytes, self.now);
                    }
                    None => {}
                }
            }
            ServerOutput::CloseStream { stream } => {
                self.closed_streams.push(stream);
                if let Some((_, (client, Some(connection)))) = self.streams.remove(&stream) {
                    self.clients[client].connection_closed(connection);
                }
            }
            ServerOutput::ConnectPeer { connection, from, to } => {
                self.connecting.push((connection, from, to));
                match self.peers_accept {
                    Some(true) => self.server.peer_connected(connection, self.now),
                    Some(false) => self.server.peer_refused(connection),
                    None => {}
                }
            }
            ServerOutput::ToPeer { connection, payload } => {
                self.at_connected_peer.entry(connection).or_default().extend(payload);
            }
            ServerOutput::ClosePeer { connection } => self.closed_peers.push(connection),
            ServerOutput::CloseRelay { address } => assert!(self.relays.remove(&address), "{address}"),
            ServerOutput::CloseListener { address } => assert!(self.listeners.remove(&address)),
            open => self.open(open),
        }
    }

    fn deliver(&mut self, transmit: Transmit) {
        let Transmit { from, to, payload, .. } = &transmit;
        if self.relays.contains(to) {
            return self.server.handle_datagram(*to, *from, payload, self.now);
        }
        match self.clients.iter_mut().find(|client| client.local_address() == *to) {
            Some(client) => client.handle_datagram(*from, payload, self.now),
            None => self.at_peer.push(transmit),
        }
    }

    fn open(&mut self, asked: ServerOutput) {
        let (allocation, family, even) = match asked {
            ServerOutput::OpenRelay { allocation, family, even_port } => (allocation, family, even_port),
            ServerOutput::OpenRelayPair { allocation, family } => (allocation, family, true),
            ServerOutput::OpenListener { allocation, family } => (allocation, family, false),
            _ => unreachable!("everything else has been served"),
        };
        if self.refuses.contains(&family) {
            return self.server.relay_refused(allocation);
        }
        if even && self.next_port % 2 == 1 {
            self.next_port += 1;
        }
        let ip: IpAddr = match family {
            AddressFamily::V6 => "2001:db8:1::1".parse().unwrap(),
            _ => relayed_address().ip(),
        };
        let opened = SocketAddr::new(ip, self.next_port);
        let next = SocketAddr::new(ip, self.next_port + 1);
        self.next_port += 2;
        match asked {
            ServerOutput::OpenRelayPair { .. } => {
                self.relays.extend([opened, next]);
                self.server.relays_opened(allocation, opened, next, self.now);
            }
            ServerOutput::OpenListener { .. } => {
                self.listeners.insert(opened);
                self.server.relay_opened(allocation, opened, self.now);
            }
            _ => {
                self.relays.insert(opened);
                self.server.relay_opened(allocation, opened, self.now);
            }
        }
    }
}
