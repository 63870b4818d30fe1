//! TCP to peers: RFC 6062, client and server.

use std::time::Duration;

use super::lab::{address, alice, bob, peer_address};
use super::requester::Requester;
use super::world::{World, able};
use crate::reason::Reason;
use crate::stun::{Attribute, Method, Transport};
use crate::turn::{AllocationState, ConnectionState, Limits, TurnClient};

fn over_tcp(client: TurnClient) -> TurnClient {
    client.with_transport(Transport::Tcp).with_tcp_peers()
}

/// A client with an allocation for connections.
fn allocated() -> (World, usize) {
    let mut world = World::new(able());
    let client = world.client(over_tcp);
    world.allocate(client);
    (world, client)
}

/// The client's connections, as it sees them.
fn held(world: &World, client: usize) -> Vec<(u32, ConnectionState)> {
    let allocation = world.clients[client].allocation().unwrap();
    allocation.connections.iter().map(|held| (held.id, held.state)).collect()
}

#[test]
fn a_client_connects_to_a_peer_and_bytes_go_both_ways() {
    let (mut world, client) = allocated();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    let (connection, from, to) = world.connecting[0];
    assert_eq!((Some(from), to), (world.clients[client].relayed_address(), peer_address()));
    assert_eq!(held(&world, client), [(connection, ConnectionState::Waiting)]);
    // What the peer says at once waits for the client.
    world.server.peer_data(connection, b"early ");
    world.take_over(client, connection);
    assert_eq!(held(&world, client), [(connection, ConnectionState::Bound)]);
    world.server.peer_data(connection, b"and late");
    world.settle();
    let heard: Vec<u8> = world.data.iter().flat_map(|(_, _, bytes)| bytes.clone()).collect();
    assert_eq!(heard, b"early and late");
    world.clients[client].send_on(connection, b"GET / HTTP/1.1\r\n");
    world.settle();
    assert_eq!(world.at_connected_peer[&connection], b"GET / HTTP/1.1\r\n");
    for reason in [Reason::TurnConnecting, Reason::TurnConnected, Reason::TurnConnectionBound] {
        assert!(world.said.contains(&reason), "{reason:?}");
    }
    world.server.peer_closed(connection);
    world.settle();
    assert_eq!(held(&world, client), []);
    assert!(world.said.contains(&Reason::TurnPeerGone));
    assert_eq!(world.closed_streams.len(), 1);
}

#[test]
fn a_permitted_peer_connects_and_others_are_sent_away() {
    let (mut world, client) = allocated();
    let relayed = world.clients[client].relayed_address().unwrap();
    assert_eq!(world.server.peer_accepted(relayed, peer_address(), world.now), None);
    world.permit(client, peer_address());
    let connection = world.server.peer_accepted(relayed, peer_address(), world.now).unwrap();
    world.settle();
    assert!(world.said.contains(&Reason::TurnNoPermission) && world.said.contains(&Reason::TurnPeerConnects));
    assert_eq!(held(&world, client), [(connection, ConnectionState::Waiting)]);
    world.take_over(client, connection);
    assert_eq!(held(&world, client), [(connection, ConnectionState::Bound)]);
    let nowhere = address("198.51.100.1:1");
    assert_eq!(world.server.peer_accepted(nowhere, peer_address(), world.now), None);
}

#[test]
fn a_peer_that_cannot_be_reached_is_447_at_once_or_after_a_while() {
    let (mut world, client) = allocated();
    world.peers_accept = Some(false);
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    assert_eq!(world.said.last(), Some(&Reason::TurnConnectFailed));
    world.peers_accept = None;
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    let connection = world.connecting[1].0;
    world.run_for(Duration::from_secs(31));
    assert_eq!(world.said.last(), Some(&Reason::TurnConnectFailed));
    assert_eq!(world.closed_peers, [connection]);
    // Too late: nobody waits for it any more.
    world.server.peer_connected(connection, world.now);
    world.settle();
    assert_eq!(world.closed_peers, [connection, connection]);
}

#[test]
fn a_connection_that_nobody_takes_over_is_closed() {
    let (mut world, client) = allocated();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    world.run_for(Duration::from_secs(31));
    assert!(world.said.contains(&Reason::TurnConnectionUnclaimed));
    assert_eq!(world.closed_peers.len(), 1);
}

#[test]
fn a_peer_that_says_too_much_too_early_is_disconnected() {
    let (mut world, client) = allocated();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    let connection = world.connecting[0].0;
    for _ in 0..64 {
        world.server.peer_data(connection, &[0; 1024]);
    }
    world.settle();
    assert!(world.closed_peers.is_empty());
    world.server.peer_data(connection, &[0]);
    world.settle();
    assert_eq!(world.closed_peers, [connection]);
    assert!(world.said.contains(&Reason::TurnTooEarly));
}

#[test]
fn there_is_one_connection_to_a_peer_and_so_many_in_all() {
    let mut config = able();
    config.limits = Limits { connections: 2, ..Limits::default() };
    let mut world = World::new(config);
    let client = world.client(over_tcp);
    world.allocate(client);
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    assert_eq!(world.said.last(), Some(&Reason::TurnConnectionExists));
    for port in [1, 2] {
        world.clients[client].connect(address(&format!("203.0.113.5:{port}")), world.now);
        world.settle();
    }
    assert_eq!(world.said.last(), Some(&Reason::TurnNoCapacity));
    assert_eq!(world.connecting.len(), 2);
}

#[test]
fn connections_go_nowhere_where_datagrams_may_not_go() {
    let (mut world, client) = allocated();
    for (peer, reason) in [
        ("127.0.0.1:22", Reason::TurnPeerForbidden),
        ("198.51.100.1:3478", Reason::TurnPeerForbidden),
        ("[2001:db8::1]:80", Reason::TurnPeerFamily),
    ] {
        world.clients[client].connect(address(peer), world.now);
        world.settle();
        assert_eq!(world.said.last(), Some(&reason), "{peer}");
    }
    assert!(world.connecting.is_empty());
}

#[test]
fn an_allocation_is_for_connections_or_for_datagrams() {
    let (mut world, client) = allocated();
    world.clients[client].bind_channel(peer_address(), world.now);
    world.settle();
    assert!(world.said.contains(&Reason::TurnNotForConnections));
    world.permit(client, peer_address());
    world.clients[client].send_to(peer_address(), b"datagram", world.now);
    world.settle();
    assert!(world.at_peer.is_empty());
    let mut world = World::new(able());
    let client = world.client(|client| client.with_transport(Transport::Tcp));
    world.allocate(client);
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    assert!(world.connecting.is_empty());
    // And over UDP there are none for connections at all.
    let mut requester = Requester::new(able(), alice());
    let reaction = requester.request(Method::ALLOCATE, &[Attribute::RequestedTransport(6)]);
    assert_eq!((reaction.code, reaction.reason), (Some(400), Some(Reason::TurnAttributesConflict)));
}

#[test]
fn a_connection_is_taken_over_by_its_owner_on_a_stream_of_its_own() {
    let (mut world, client) = allocated();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    let connection = world.connecting[0].0;
    let thief = world.client_of_bob(over_tcp);
    world.allocate(thief);
    // The thief is told the number, and tries with its own credentials, from a stream of its own.
    world.permit(thief, peer_address());
    let indication =
        crate::stun::Builder::indication(Method::CONNECTION_ATTEMPT, crate::stun::TransactionId([1; 12]))
            .attribute(&Attribute::ConnectionId(connection))
            .attribute(&Attribute::XorPeerAddress(peer_address()))
            .finish();
    let _ = world.clients[thief].handle_stream(&indication, world.now);
    world.take_over(thief, connection);
    assert_eq!(world.said.last(), Some(&Reason::TurnConnectionUnknown));
    assert_eq!(held(&world, thief), []);
    world.take_over(client, connection);
    assert_eq!(held(&world, client), [(connection, ConnectionState::Bound)]);
    assert_eq!(bob().username, "bob");
}

#[test]
fn with_the_allocation_go_its_connections() {
    let (mut world, client) = allocated();
    world.clients[client].connect(peer_address(), world.now);
    world.settle();
    let connection = world.connecting[0].0;
    world.take_over(client, connection);
    world.clients[client].release(world.now);
    world.settle();
    assert_eq!(world.clients[client].state(), Some(AllocationState::Released));
    assert_eq!(world.closed_peers, [connection]);
    assert!(world.listeners.is_empty());
}
