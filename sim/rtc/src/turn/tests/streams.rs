//! Clients over TCP and TLS.

use std::time::Duration;

use proptest::prelude::*;

use super::lab::{address, peer_address, server_address};
use super::world::{World, able};
use crate::reason::Reason;
use crate::stun::Transport;
use crate::time::Time;
use crate::turn::{AllocationState, Limits, TurnClient};

fn over(transport: Transport) -> (World, usize) {
    let mut world = World::new(able());
    let client = world.client(|client: TurnClient| client.with_transport(transport));
    world.allocate(client);
    world.permit(client, peer_address());
    (world, client)
}

#[test]
fn data_goes_both_ways_over_streams_with_and_without_a_channel() {
    for transport in [Transport::Tcp, Transport::Tls] {
        let (mut world, client) = over(transport);
        let relayed = world.clients[client].relayed_address().unwrap();
        for channel in [false, true] {
            if channel {
                world.clients[client].bind_channel(peer_address(), world.now);
                world.settle();
                assert!(world.clients[client].channel_of(peer_address()).is_some());
            }
            // Lengths that need every kind of padding.
            for length in 0..9 {
                let payload = vec![length; usize::from(length)];
                world.clients[client].send_to(peer_address(), &payload, world.now);
                world.settle();
                assert_eq!(world.at_peer.last().unwrap().payload, payload);
                world.server.handle_datagram(relayed, peer_address(), &payload, world.now);
                world.settle();
                assert_eq!(world.data.last(), Some(&(client, peer_address(), payload)));
            }
        }
        assert_eq!(world.server.allocations().next().unwrap().1.transport, transport);
    }
}

#[test]
fn the_same_addresses_over_udp_and_tcp_are_two_allocations() {
    let (mut world, first) = over(Transport::Tcp);
    let local = world.clients[first].local_address();
    let mut other = TurnClient::new(
        local,
        server_address(),
        super::lab::alice(),
        Box::new(super::Counting::starting_at(99)),
    );
    other.allocate(world.now);
    while let Some(output) = other.poll_output() {
        if let crate::Output::Transmit(sent) = output {
            world.server.handle_datagram(sent.to, sent.from, &sent.payload, world.now);
            while let Some(output) = world.server.poll_output() {
                if let crate::turn::ServerOutput::Endpoint(crate::Output::Transmit(answer)) = &output {
                    other.handle_datagram(answer.from, &answer.payload, world.now);
                } else if let crate::turn::ServerOutput::OpenRelay { allocation, .. } = output {
                    world.server.relay_opened(allocation, address("198.51.100.1:50000"), world.now);
                }
            }
        }
    }
    assert_eq!(other.state(), Some(AllocationState::Active));
    assert_eq!(world.server.allocations().count(), 2);
}

#[test]
fn the_end_of_a_stream_is_the_end_of_its_allocation() {
    let (mut world, client) = over(Transport::Tcp);
    world.cut(client);
    assert_eq!(world.clients[client].state(), Some(AllocationState::Expired));
    assert_eq!(world.server.allocations().count(), 0);
    assert!(world.said.contains(&Reason::TurnStreamClosed));
    assert!(world.relays.is_empty());
}

#[test]
fn a_stream_with_something_else_in_it_is_closed() {
    let mut world = World::new(able());
    let stream = world.open_stream(address("192.0.2.77:1"), Transport::Tcp, (0, None));
    world.server.stream_data(stream, b"POST / HTTP/1.1\r\n\r\n", world.now);
    world.settle();
    assert!(world.said.contains(&Reason::TurnStreamBroken));
    assert_eq!(world.closed_streams, [stream]);
    let (mut world, client) = over(Transport::Tcp);
    assert!(world.clients[client].handle_stream(b"\xFF", world.now).is_err());
    assert_eq!(world.clients[client].state(), Some(AllocationState::Expired));
}

#[test]
fn streams_that_ask_for_nothing_are_closed_and_others_are_not() {
    let (mut world, client) = over(Transport::Tcp);
    let idle = world.open_stream(address("192.0.2.77:1"), Transport::Tcp, (0, None));
    world.run_for(Duration::from_secs(120));
    assert_eq!(world.closed_streams, [idle]);
    assert!(world.said.contains(&Reason::TurnStreamIdle));
    assert_eq!(world.clients[client].state(), Some(AllocationState::Active));
}

#[test]
fn there_are_so_many_streams_in_all_and_of_one_address() {
    let mut config = able();
    config.limits = Limits { streams: 3, streams_per_address: 2, ..Limits::default() };
    let mut world = World::new(config);
    for (from, refused) in [
        ("192.0.2.1:1", false),
        ("192.0.2.1:2", false),
        ("192.0.2.1:3", true),
        ("192.0.2.2:1", false),
        ("192.0.2.3:1", true),
    ] {
        let stream = world.open_stream(address(from), Transport::Tcp, (0, None));
        assert_eq!(world.closed_streams.last() == Some(&stream), refused, "{from}");
    }
    assert!(world.said.contains(&Reason::TurnTooManyStreams));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_stream_brings_a_server_or_a_client_down(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..20),
        like_stun: bool,
    ) {
        let (mut world, client) = over(Transport::Tcp);
        let stream = world.open_stream(address("192.0.2.77:1"), Transport::Tcp, (0, None));
        for mut piece in pieces {
            if like_stun && piece.len() >= 20 {
                let length = (piece.len() - 20) as u16 & !3;
                piece[0] &= 0x3F;
                piece[2..4].copy_from_slice(&length.to_be_bytes());
                piece[4..8].copy_from_slice(&[0x21, 0x12, 0xA4, 0x42]);
                piece.truncate(20 + usize::from(length));
            }
            world.server.stream_data(stream, &piece, world.now);
            let _ = world.clients[client].handle_stream(&piece, world.now);
            while world.server.poll_output().is_some() || world.clients[client].poll_output().is_some() {}
        }
        world.server.stream_closed(stream);
        prop_assert!(world.server.allocations().count() <= 1);
        world.server.handle_timeout(Time::from_millis(60_000));
    }
}
