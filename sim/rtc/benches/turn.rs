//! What TURN costs: an allocation from nothing, and 1,200 bytes through a channel in each direction, on a server beside
//! `turn-server-proto` in the same run, and on our client. The items are allocations, or datagrams.
//!
//! Both servers are asked by the same few lines, which sign with a key that is made once. What a host does is not counted: no sockets are
//! opened, and a datagram is a vector of bytes.

use std::net::SocketAddr;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rtclab_rtc::stun::{
    Attribute, Builder, Class, Credentials, IntegrityKey, Message, Method, PasswordAlgorithm, TransactionId,
};
use rtclab_rtc::turn::{ChannelData, ServerOutput, TurnClient, TurnServer, TurnServerConfig};
use rtclab_rtc::{Output, Randomness, Time};
use turn_server_proto::api::{TurnServerApi as _, TurnServerPollRet};
use turn_server_proto::stun::Instant;
use turn_server_proto::stun::agent::Transmit;
use turn_server_proto::types::TransportType;

const CHANNEL: u16 = 0x4000;
const PAYLOAD: [u8; 1200] = [7; 1200];

fn main() {
    divan::main();
}

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn client() -> SocketAddr {
    at("192.0.2.10:50000")
}

fn server() -> SocketAddr {
    at("198.51.100.1:3478")
}

fn relayed() -> SocketAddr {
    at("198.51.100.1:49152")
}

fn peer() -> SocketAddr {
    at("203.0.113.5:6000")
}

fn key() -> IntegrityKey {
    IntegrityKey::long_term("alice", "example.org", "secret", PasswordAlgorithm::Md5)
}

fn now() -> Time {
    Time::from_millis(1)
}

fn instant() -> Instant {
    Instant::from_nanos(1_000_000)
}

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

/// A server with its host.
trait Server {
    /// The answer to a request of the client.
    fn ask(&mut self, request: &[u8]) -> Vec<u8>;
}

impl Server for TurnServer {
    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.handle_datagram(server(), client(), request, now());
        let mut answer = Vec::new();
        while let Some(output) = self.poll_output() {
            match output {
                ServerOutput::Endpoint(Output::Transmit(sent)) => answer = sent.payload,
                ServerOutput::OpenRelay { allocation, .. } => {
                    self.relay_opened(allocation, relayed(), now());
                }
                _ => {}
            }
        }
        answer
    }
}

impl Server for turn_server_proto::server::TurnServer {
    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        let transmit = Transmit::new(request, TransportType::Udp, client(), server());
        if let Some(answer) = self.recv(transmit, instant()) {
            return answer.build().data;
        }
        while let TurnServerPollRet::AllocateSocket {
            transport,
            listen_addr,
            client_addr,
            allocation_transport,
            family,
        } = self.poll(instant())
        {
            self.allocated_socket(
                transport,
                listen_addr,
                client_addr,
                allocation_transport,
                family,
                Ok(relayed()),
                instant(),
            );
        }
        self.poll_transmit(instant()).map(|transmit| transmit.data).unwrap_or_default()
    }
}

fn our_server() -> TurnServer {
    let alice = Credentials { username: "alice".into(), password: "secret".into() };
    TurnServer::new(TurnServerConfig::new("example.org", vec![alice]), Box::new(Counting::default()))
}

fn their_server() -> turn_server_proto::server::TurnServer {
    let mut made =
        turn_server_proto::server::TurnServer::new(TransportType::Udp, server(), "example.org".to_owned());
    made.add_user("alice".to_owned(), "secret".to_owned());
    made
}

/// Asks for an allocation, is challenged, and asks again with credentials. The nonce is handed back.
fn allocate(server: &mut impl Server, key: &IntegrityKey) -> String {
    let transport = Attribute::RequestedTransport(17);
    let request = Builder::request(Method::ALLOCATE, TransactionId([1; 12]));
    let answer = server.ask(&request.attribute(&transport).finish());
    let challenge = Message::parse(&answer).expect("an answer");
    let nonce = challenge.nonce().expect("a challenge").to_owned();
    let request = Builder::request(Method::ALLOCATE, TransactionId([2; 12])).attribute(&transport);
    let answer = server.ask(&credited(request, &nonce, key));
    let answer = Message::parse(&answer).expect("an answer");
    assert_eq!(answer.class(), Class::Success);
    nonce
}

fn credited(request: Builder, nonce: &str, key: &IntegrityKey) -> Vec<u8> {
    request
        .attribute(&Attribute::Username("alice"))
        .attribute(&Attribute::Realm("example.org"))
        .attribute(&Attribute::Nonce(nonce))
        .sign(key)
        .finish()
}

/// The same server with an allocation that has a channel for the peer.
fn with_channel<S: Server>(mut server: S) -> S {
    let nonce = allocate(&mut server, &key());
    let request = Builder::request(Method::CHANNEL_BIND, TransactionId([3; 12]))
        .attribute(&Attribute::ChannelNumber(CHANNEL))
        .attribute(&Attribute::XorPeerAddress(peer()));
    let answer = server.ask(&credited(request, &nonce, &key()));
    assert_eq!(Message::parse(&answer).expect("an answer").class(), Class::Success);
    server
}

/// 1,200 bytes on the channel.
fn frame() -> Vec<u8> {
    ChannelData { channel: CHANNEL, data: &PAYLOAD }.to_datagram().expect("it fits")
}

mod a_server_allocates {
    use super::*;

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let key = key();
        let bencher = bencher.counter(ItemsCount::new(1_u32)).with_inputs(our_server);
        bencher.bench_local_refs(|server| allocate(server, black_box(&key)));
    }

    #[divan::bench]
    fn turn_server_proto(bencher: Bencher<'_, '_>) {
        let key = key();
        let bencher = bencher.counter(ItemsCount::new(1_u32)).with_inputs(their_server);
        bencher.bench_local_refs(|server| allocate(server, black_box(&key)));
    }
}

mod a_server_relays_to_the_peer {
    use super::*;

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let (mut server, frame) = (with_channel(our_server()), frame());
        assert_eq!(server.ask(&frame), PAYLOAD);
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| server.ask(black_box(&frame)));
    }

    #[divan::bench]
    fn turn_server_proto(bencher: Bencher<'_, '_>) {
        let (mut server, frame) = (with_channel(their_server()), frame());
        assert_eq!(server.ask(&frame), PAYLOAD);
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| server.ask(black_box(&frame)));
    }
}

mod a_server_relays_to_the_client {
    use super::*;

    fn of_ours(server: &mut TurnServer) -> Option<Vec<u8>> {
        server.handle_datagram(relayed(), peer(), black_box(&PAYLOAD), now());
        let mut passed = None;
        while let Some(output) = server.poll_output() {
            if let ServerOutput::Endpoint(Output::Transmit(sent)) = output {
                passed = Some(sent.payload);
            }
        }
        passed
    }

    fn of_theirs(server: &mut turn_server_proto::server::TurnServer) -> Option<Vec<u8>> {
        let transmit = Transmit::new(black_box(&PAYLOAD[..]), TransportType::Udp, peer(), relayed());
        server.recv(transmit, instant()).map(|passed| passed.build().data)
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let mut server = with_channel(our_server());
        assert_eq!(of_ours(&mut server), Some(frame()));
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| of_ours(&mut server));
    }

    #[divan::bench]
    fn turn_server_proto(bencher: Bencher<'_, '_>) {
        let mut server = with_channel(their_server());
        assert_eq!(of_theirs(&mut server), Some(frame()));
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| of_theirs(&mut server));
    }
}

/// Our client with a channel on our server.
fn our_client() -> TurnClient {
    let mut server = our_server();
    let alice = Credentials { username: "alice".into(), password: "secret".into() };
    let mut client = TurnClient::new(client(), self::server(), alice, Box::new(Counting::default()));
    client.allocate(now());
    let mut asked = false;
    while let Some(output) = client.poll_output() {
        if let Output::Transmit(sent) = output {
            let answer = server.ask(&sent.payload);
            client.handle_datagram(self::server(), &answer, now());
        }
        if !asked && client.relayed_address().is_some() {
            asked = true;
            client.bind_channel(peer(), now());
        }
    }
    assert!(client.channel_of(peer()).is_some());
    client
}

mod a_client_sends {
    use super::*;

    fn of_ours(client: &mut TurnClient) -> Option<Vec<u8>> {
        client.send_to(peer(), black_box(&PAYLOAD), now());
        let mut sent = None;
        while let Some(output) = client.poll_output() {
            if let Output::Transmit(transmit) = output {
                sent = Some(transmit.payload);
            }
        }
        sent
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let mut client = our_client();
        assert_eq!(of_ours(&mut client).map(|sent| sent.len()), Some(frame().len()));
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| of_ours(&mut client));
    }
}

mod a_client_receives {
    use super::*;

    /// The channel that the client chose.
    fn frame_for(channel: u16) -> Vec<u8> {
        ChannelData { channel, data: &PAYLOAD }.to_datagram().expect("it fits")
    }

    fn of_ours(client: &mut TurnClient, frame: &[u8]) -> Option<Vec<u8>> {
        client.handle_datagram(server(), frame, now());
        let mut heard = None;
        while let Some(output) = client.poll_output() {
            if let Output::Data { payload, .. } = output {
                heard = Some(payload);
            }
        }
        heard
    }

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let mut client = our_client();
        let frame = frame_for(client.channel_of(peer()).expect("it has one"));
        assert_eq!(of_ours(&mut client, &frame).as_deref(), Some(&PAYLOAD[..]));
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| of_ours(&mut client, black_box(&frame)));
    }
}
