//! What nobody can do with a server: relay without credentials, reach what is forbidden, turn it against others, fill its memory.

use std::net::SocketAddr;

use super::lab::{address, alice, config, peer_address, relayed_address, server_address};
use super::requester::Requester;
use super::world::{World, able};
use crate::output::Output;
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, ChangeRequest, Method, PasswordAlgorithmList, TransactionId};
use crate::time::Time;
use crate::turn::{AddressRange, ChannelData, Limits, ServerOutput, TurnServer};

fn server(limits: Limits) -> TurnServer {
    let mut config = able();
    config.limits = limits;
    config.software = Some("rtclab".to_owned());
    config.algorithms = Some(PasswordAlgorithmList::SHA256_THEN_MD5);
    TurnServer::new(config, Box::new(super::Counting::default()))
}

/// Everything that can be sent without credentials.
fn strangers_say() -> Vec<Vec<u8>> {
    let id = TransactionId([1; 12]);
    let methods = [
        Method::BINDING,
        Method::ALLOCATE,
        Method::REFRESH,
        Method::CREATE_PERMISSION,
        Method::CHANNEL_BIND,
        Method::CONNECT,
        Method::CONNECTION_BIND,
    ];
    let peer = Attribute::XorPeerAddress(peer_address());
    let mut said: Vec<Vec<u8>> = methods
        .into_iter()
        .map(|method| {
            Builder::request(method, id)
                .attribute(&Attribute::RequestedTransport(17))
                .attribute(&peer)
                .attribute(&Attribute::ChannelNumber(0x4000))
                .attribute(&Attribute::ConnectionId(1))
                .attribute(&Attribute::ChangeRequest(ChangeRequest { address: true, port: true }))
                .finish()
        })
        .collect();
    said.extend(methods.map(|method| Builder::request(method, id).finish_without_fingerprint()));
    said.push(
        Builder::indication(Method::SEND, id)
            .attribute(&peer)
            .attribute(&Attribute::Data(&[0; 1000]))
            .finish(),
    );
    said.push(ChannelData { channel: 0x4000, data: &[0; 1000] }.to_datagram().unwrap());
    said
}

#[test]
fn a_stranger_makes_a_server_send_to_nobody_but_the_stranger() {
    let mut server = server(Limits::default());
    let stranger = address("203.0.113.66:6666");
    for wire in strangers_say() {
        server.handle_datagram(server_address(), stranger, &wire, Time::ZERO);
        while let Some(output) = server.poll_output() {
            match output {
                ServerOutput::Endpoint(Output::Transmit(sent)) => {
                    assert_eq!((sent.from, sent.to), (server_address(), stranger));
                }
                ServerOutput::Endpoint(Output::Ignored { .. }) => {}
                other => panic!("a stranger made it do this: {other:?}"),
            }
        }
    }
    assert_eq!(server.allocations().count(), 0);
    assert_eq!(server.poll_timeout(), None, "and it remembers nothing");
}

#[test]
fn a_forged_source_gets_a_bounded_number_of_bytes_a_second() {
    let mut server = server(Limits { unauthenticated_answers: 50, ..Limits::default() });
    let victim = address("203.0.113.66:53");
    let mut bytes = 0;
    let mut throttled = 0;
    for round in 0..1000 {
        for wire in strangers_say() {
            server.handle_datagram(server_address(), victim, &wire, Time::from_nanos(round));
            while let Some(output) = server.poll_output() {
                match output {
                    ServerOutput::Endpoint(Output::Transmit(sent)) => bytes += sent.payload.len(),
                    ServerOutput::Endpoint(Output::Ignored { reason }) => {
                        throttled += usize::from(reason == Reason::TurnThrottled);
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(bytes <= 50 * 200, "{bytes} bytes");
    assert!(throttled > 1000);
    // Those who have credentials are served all the same, from elsewhere.
    let other = Builder::request(Method::BINDING, TransactionId([2; 12])).finish();
    server.handle_datagram(server_address(), address("192.0.2.1:1"), &other, Time::ZERO);
    assert!(matches!(server.poll_output(), Some(ServerOutput::Endpoint(Output::Transmit(_)))));
}

#[test]
fn one_answer_is_hardly_longer_than_what_asked_for_it() {
    let mut server = server(Limits::default());
    for wire in strangers_say() {
        server.handle_datagram(server_address(), address("203.0.113.66:53"), &wire, Time::ZERO);
        let answers: Vec<usize> = std::iter::from_fn(|| server.poll_output())
            .filter_map(|output| match output {
                ServerOutput::Endpoint(Output::Transmit(sent)) => Some(sent.payload.len()),
                _ => None,
            })
            .collect();
        assert!(answers.len() <= 1);
        // Realm, nonce and algorithms are what a challenge has to say.
        assert!(answers.iter().all(|length| *length <= wire.len() + 180), "{answers:?} for {}", wire.len());
    }
}

#[test]
fn a_client_with_credentials_reaches_only_whom_it_was_permitted() {
    let mut world = World::new(able());
    let client = world.client(|client| client);
    world.allocate(client);
    world.permit(client, peer_address());
    let here = world.clients[client].local_address();
    let mut relayed_to = |to: SocketAddr| {
        let indication = Builder::indication(Method::SEND, TransactionId([1; 12]))
            .attribute(&Attribute::XorPeerAddress(to))
            .attribute(&Attribute::Data(b"x"))
            .finish();
        world.server.handle_datagram(server_address(), here, &indication, world.now);
        world.settle();
        world.at_peer.drain(..).map(|sent| sent.to).collect::<Vec<_>>()
    };
    assert_eq!(relayed_to(peer_address()), [peer_address()]);
    assert_eq!(relayed_to(address("203.0.113.6:6000")), []);
    assert_eq!(relayed_to(address("127.0.0.1:6000")), []);
}

#[test]
fn nobody_sends_to_a_client_through_its_relay_without_permission() {
    let mut world = World::new(able());
    let client = world.client(|client| client);
    world.allocate(client);
    let relayed = world.clients[client].relayed_address().unwrap();
    world.server.handle_datagram(relayed, peer_address(), b"unwanted", world.now);
    world.settle();
    assert!(world.data.is_empty());
    assert_eq!(world.said.last(), Some(&Reason::TurnNoPermission));
}

#[test]
fn what_is_forbidden_stays_so_whatever_it_is_wrapped_in() {
    let mut config = config();
    config.families.push(crate::stun::AddressFamily::V6);
    config.forbidden_peers.extend(AddressRange::PRIVATE);
    config.forbidden_peers.push("203.0.113.0/24".parse().unwrap());
    let mut requester = Requester::new(config, alice());
    let both = [
        Attribute::RequestedTransport(17),
        Attribute::AdditionalAddressFamily(crate::stun::AddressFamily::V6),
    ];
    requester.request_opening(Method::ALLOCATE, &both);
    for peer in [
        "127.0.0.1:80",
        "10.0.0.1:80",
        "192.168.1.1:80",
        "100.64.0.1:80",
        "169.254.169.254:80",
        "203.0.113.9:80",
        "0.0.0.0:80",
        "255.255.255.255:80",
        "[::1]:80",
        "[::ffff:127.0.0.1]:80",
        "[64:ff9b::10.0.0.1]:80",
        "[2002:7f00:1::1]:80",
        "[fd00::1]:80",
        "[fe80::1]:80",
        "[ff02::1]:80",
        // The server itself.
        "198.51.100.1:3478",
    ] {
        let peer = Attribute::XorPeerAddress(address(peer));
        for (method, attributes) in [
            (Method::CREATE_PERMISSION, vec![peer]),
            (Method::CHANNEL_BIND, vec![Attribute::ChannelNumber(0x4001), peer]),
        ] {
            let reaction = requester.request(method, &attributes);
            assert_eq!(
                (reaction.code, reaction.reason),
                (Some(403), Some(Reason::TurnPeerForbidden)),
                "{peer}"
            );
        }
    }
    // Two clients of one server may well meet there.
    let other_relay = SocketAddr::new(relayed_address().ip(), 50_000);
    let reaction = requester.request(Method::CREATE_PERMISSION, &[Attribute::XorPeerAddress(other_relay)]);
    assert_eq!(reaction.code, Some(0));
}
