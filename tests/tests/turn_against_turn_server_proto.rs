//! Our TURN client with `turn-server-proto` as its server: over UDP and TCP, both families, indications and channels, refreshes, wrong
//! passwords, stale nonces. Where it departs from the RFC, a test says so and pins what ours does.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::stun::{Credentials, Transport};
use rtclab_rtc::turn::{AllocationState, TurnClient};
use rtclab_rtc::{Output, Randomness, Reason, Time};
use turn_server_proto::api::{TurnServerApi, TurnServerPollRet};
use turn_server_proto::server::TurnServer;
use turn_server_proto::stun::Instant;
use turn_server_proto::stun::agent::Transmit;
use turn_server_proto::types::{AddressFamily, TransportType};

/// Counts up.
#[derive(Debug, Default)]
struct Counting(u8);

impl Randomness for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

const CLIENT: &str = "192.0.2.10:50000";
const SERVER: &str = "198.51.100.1:3478";
const PEER: &str = "203.0.113.5:6000";
const V6_PEER: &str = "[2001:db8:2::5]:6000";

/// Our client and their server on one clock.
struct World {
    client: TurnClient,
    server: TurnServer,
    now: Time,
    at_peer: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    data: Vec<(SocketAddr, Vec<u8>)>,
    said: Vec<Reason>,
    relays: Vec<SocketAddr>,
}

fn instant(now: Time) -> Instant {
    Instant::from_nanos(now.as_nanos() as i64)
}

fn their(transport: Transport) -> TransportType {
    if transport.is_stream() { TransportType::Tcp } else { TransportType::Udp }
}

impl World {
    fn new(password: &str, with: impl FnOnce(TurnClient) -> TurnClient) -> World {
        let alice = Credentials { username: "alice".into(), password: password.into() };
        let client = with(TurnClient::new(at(CLIENT), at(SERVER), alice, Box::new(Counting::default())));
        let mut server = TurnServer::new(their(client.transport()), at(SERVER), "example.org".into());
        server.add_user("alice".into(), "secret".into());
        let (at_peer, data, said, relays) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        World { client, server, now: Time::from_millis(1), at_peer, data, said, relays }
    }

    fn allocated(with: impl FnOnce(TurnClient) -> TurnClient) -> World {
        let mut world = World::new("secret", with);
        world.client.allocate(world.now);
        world.run(Duration::from_millis(100));
        assert_eq!(world.client.state(), Some(AllocationState::Active), "{:?}", world.said);
        world
    }

    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        for _ in 0..100_000 {
            let mut busy = false;
            while let Some(output) = self.client.poll_output() {
                busy = true;
                self.take_from_our_client(output);
            }
            let due = self.poll_server(&mut busy);
            if busy {
                continue;
            }
            let next = self.client.poll_timeout().into_iter().chain([due]).min().unwrap_or(end);
            if next > end {
                break;
            }
            self.now = next.max(self.now + Duration::from_nanos(1));
            self.client.handle_timeout(self.now);
        }
        self.now = self.now.max(end);
    }

    fn take_from_our_client(&mut self, output: Output<rtclab_rtc::turn::Change>) {
        match output {
            Output::Transmit(sent) => {
                let transport = their(self.client.transport());
                let transmit = Transmit::new(sent.payload, transport, sent.from, sent.to);
                let answer = self.server.recv(transmit, instant(self.now)).map(|build| build.build());
                if let Some(answer) = answer {
                    self.take_from_their_server(answer);
                }
            }
            Output::Data { from, payload, .. } => self.data.push((from, payload)),
            Output::Ignored { reason } => self.said.push(reason),
            Output::Change { reason, .. } => self.said.extend(reason),
        }
    }

    fn take_from_their_server(&mut self, transmit: Transmit<Vec<u8>>) {
        if transmit.to != at(CLIENT) {
            return self.at_peer.push((transmit.from, transmit.to, transmit.data));
        }
        if self.client.transport().is_stream() {
            self.client.handle_stream(&transmit.data, self.now).expect("a stream of messages");
        } else {
            self.client.handle_datagram(transmit.from, &transmit.data, self.now);
        }
    }

    fn poll_server(&mut self, busy: &mut bool) -> Time {
        let due = loop {
            match self.server.poll(instant(self.now)) {
                TurnServerPollRet::WaitUntil(at) => break Time::from_nanos(at.as_nanos().max(0) as u64),
                TurnServerPollRet::AllocateSocket {
                    transport,
                    listen_addr,
                    client_addr,
                    allocation_transport,
                    family,
                } => {
                    *busy = true;
                    let ip = if family == AddressFamily::IPV6 { "[2001:db8:1::1]" } else { "198.51.100.1" };
                    let address = at(&format!("{ip}:{}", 49_152 + self.relays.len()));
                    self.relays.push(address);
                    self.server.allocated_socket(
                        transport,
                        listen_addr,
                        client_addr,
                        allocation_transport,
                        family,
                        Ok(address),
                        instant(self.now),
                    );
                }
                _ => *busy = true,
            }
        };
        while let Some(transmit) = self.server.poll_transmit(instant(self.now)) {
            *busy = true;
            self.take_from_their_server(transmit);
        }
        due
    }

    fn permit(&mut self, peer: &str) {
        self.client.create_permission(at(peer), self.now);
        self.run(Duration::from_millis(10));
        assert!(self.client.has_permission(at(peer).ip()), "{:?}", self.said);
    }

    /// Data to a peer and back, and through which relayed address it went.
    fn round_trip(&mut self, peer: &str, data: &[u8]) -> SocketAddr {
        self.client.send_to(at(peer), data, self.now);
        self.run(Duration::from_millis(10));
        let (from, to, payload) = self.at_peer.pop().expect("it arrives at the peer");
        assert_eq!((to, payload.as_slice()), (at(peer), data));
        let back = Transmit::new(data.to_vec(), TransportType::Udp, at(peer), from);
        let relayed = self.server.recv(back, instant(self.now)).map(|build| build.build());
        self.take_from_their_server(relayed.expect("it is passed on"));
        self.run(Duration::from_millis(10));
        assert_eq!(self.data.pop(), Some((at(peer), data.to_vec())));
        from
    }
}

#[test]
fn data_goes_both_ways_over_udp_and_tcp_by_indication_and_by_channel() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut world = World::allocated(|client| client.with_transport(transport));
        world.permit(PEER);
        for length in [1, 2, 3, 4, 1200] {
            world.round_trip(PEER, &vec![7; length]);
        }
        world.client.bind_channel(at(PEER), world.now);
        world.run(Duration::from_millis(10));
        assert!(world.client.channel_of(at(PEER)).is_some(), "{:?}", world.said);
        let lengths = if transport.is_stream() { [4, 8, 12, 16, 1200] } else { [1, 2, 3, 4, 1200] };
        for length in lengths {
            world.round_trip(PEER, &vec![7; length]);
        }
    }
}

/// RFC 8656 §12.5: over a stream, ChannelData is padded to four bytes. turn-server-proto 0.7.3 does not pad, so what it relays on a channel
/// stays incomplete until more comes.
#[test]
fn channel_data_without_padding_over_tcp_is_not_guessed_at() {
    let mut world = World::allocated(|client| client.with_transport(Transport::Tcp));
    world.permit(PEER);
    world.client.bind_channel(at(PEER), world.now);
    world.run(Duration::from_millis(10));
    let relayed = world.client.relayed_address().expect("the other side takes it");
    let back = Transmit::new(b"12345".to_vec(), TransportType::Udp, at(PEER), relayed);
    let bytes = world
        .server
        .recv(back, instant(world.now))
        .map(|build| build.build())
        .expect("the other side takes it");
    assert_eq!(bytes.data.len(), 9, "four bytes of header, five of data, none of padding");
    world.take_from_their_server(bytes);
    world.run(Duration::from_millis(10));
    assert!(world.data.is_empty());
}

#[test]
fn one_allocation_of_both_families_reaches_peers_of_both() {
    let mut world = World::allocated(TurnClient::with_both_families);
    assert!(world.client.second_relayed_address().is_some());
    for peer in [PEER, V6_PEER] {
        world.permit(peer);
        let relayed = world.round_trip(peer, b"hello");
        assert_eq!(relayed.is_ipv4(), at(peer).is_ipv4());
    }
}

#[test]
fn it_keeps_what_it_has_for_hours_across_stale_nonces() {
    let mut world = World::allocated(|client| client);
    world.server.set_nonce_expiry_duration(Duration::from_secs(60));
    world.permit(PEER);
    world.run(Duration::from_secs(2 * 3600));
    assert_eq!(world.client.state(), Some(AllocationState::Active), "{:?}", world.said);
    assert!(world.said.contains(&Reason::StunStaleNonce));
    world.round_trip(PEER, b"still here");
}

#[test]
fn a_wrong_password_gets_nothing() {
    let mut world = World::new("guess", |client| client);
    world.client.allocate(world.now);
    world.run(Duration::from_secs(60));
    assert_eq!(world.client.state(), Some(AllocationState::Refused(401)));
    assert!(world.said.contains(&Reason::StunCredentialsRefused));
}

#[test]
fn a_released_allocation_is_gone() {
    let mut world = World::allocated(|client| client);
    world.client.release(world.now);
    world.run(Duration::from_millis(100));
    assert_eq!(world.client.state(), Some(AllocationState::Released));
    // The same client can ask again, from the same address.
    world.client.allocate(world.now);
    world.run(Duration::from_millis(100));
    assert_eq!(world.client.state(), Some(AllocationState::Active), "{:?}", world.said);
}

#[test]
fn what_their_server_does_not_do_is_asked_for_without() {
    let world = World::allocated(TurnClient::with_mobility);
    assert_eq!(world.client.state(), Some(AllocationState::Active));
}
