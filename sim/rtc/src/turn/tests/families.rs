//! Two families, two ports, whole packets and ICMP: RFC 8656 §7.2, §11.5, §14.

use std::time::Duration;

use super::lab::{address, alice, config, peer_address};
use super::requester::Requester;
use super::world::{World, able};
use crate::reason::Reason;
use crate::stun::{AddressFamily, Attribute, IcmpError, Method};
use crate::turn::{AllocationState, Limits, RESERVATION_LIFETIME, TurnClient};

const V6_PEER: &str = "[2001:db8:2::5]:6000";

#[test]
fn one_allocation_reaches_peers_of_both_families() {
    let mut world = World::new(able());
    let client = world.client(TurnClient::with_both_families);
    world.allocate(client);
    let (v4, v6) = (world.clients[client].relayed_address(), world.clients[client].second_relayed_address());
    assert!(v4.unwrap().is_ipv4() && v6.unwrap().is_ipv6());
    for (peer, relayed) in [(peer_address(), v4), (address(V6_PEER), v6)] {
        world.permit(client, peer);
        world.clients[client].send_to(peer, b"out", world.now);
        world.settle();
        let sent = world.at_peer.last().unwrap();
        assert_eq!((sent.from, sent.to), (relayed.unwrap(), peer));
        world.server.handle_datagram(relayed.unwrap(), peer, b"in", world.now);
        world.settle();
        assert_eq!(world.data.last(), Some(&(client, peer, b"in".to_vec())));
    }
    assert_eq!(world.server.allocations().next().unwrap().1.second_relayed, v6);
}

#[test]
fn one_of_two_families_is_enough() {
    for (only, refuses) in [(AddressFamily::V4, AddressFamily::V6), (AddressFamily::V6, AddressFamily::V4)] {
        // The server knows that it has none, or its host finds out.
        let mut known = World::new(able());
        known.refuses.push(refuses);
        let mut config = able();
        config.families = vec![only];
        for mut world in [known, World::new(config)] {
            let client = world.client(TurnClient::with_both_families);
            world.allocate(client);
            let relayed = world.clients[client].relayed_address().unwrap();
            assert_eq!(AddressFamily::of(&relayed.ip()), only);
            assert_eq!(world.clients[client].second_relayed_address(), None);
        }
    }
    let mut world = World::new(able());
    world.refuses = vec![AddressFamily::V4, AddressFamily::V6];
    let client = world.client(TurnClient::with_both_families);
    world.clients[client].allocate(world.now);
    world.settle();
    assert_eq!(world.clients[client].state(), Some(AllocationState::Refused(508)));
    assert!(world.said.contains(&Reason::TurnRelayRefused));
}

#[test]
fn one_of_two_relayed_addresses_can_be_given_back() {
    let mut world = World::new(able());
    let client = world.client(TurnClient::with_both_families);
    world.allocate(client);
    let mut requester = Requester::new(able(), alice());
    let both = [Attribute::RequestedTransport(17), Attribute::AdditionalAddressFamily(AddressFamily::V6)];
    requester.request_opening(Method::ALLOCATE, &both);
    let release = [Attribute::Lifetime(0), Attribute::RequestedAddressFamily(AddressFamily::V4)];
    assert_eq!(requester.request(Method::REFRESH, &release).code, Some(0));
    let held = requester.server.allocations().next().unwrap().1;
    assert!(held.relayed.unwrap().is_ipv6() && held.second_relayed.is_none());
    let gone = requester.request(Method::REFRESH, &release);
    assert_eq!((gone.code, gone.reason), (Some(443), Some(Reason::TurnPeerFamily)));
    let rest = [Attribute::Lifetime(0), Attribute::RequestedAddressFamily(AddressFamily::V6)];
    assert_eq!(requester.request(Method::REFRESH, &rest).code, Some(0));
    assert_eq!(requester.server.allocations().count(), 0);
}

#[test]
fn a_reserved_port_is_the_next_one_and_only_for_its_owner_and_for_a_while() {
    let mut world = World::new(able());
    let first = world.client(|client| client.with_even_port(true));
    world.allocate(first);
    let token = world.clients[first].reservation_token().unwrap();
    let port = world.clients[first].relayed_address().unwrap().port();
    assert_eq!(port % 2, 0);
    // Another user has no use for the token.
    let thief = world.client_of_bob(|client| client.with_reservation(token));
    world.clients[thief].allocate(world.now);
    world.settle();
    assert!(world.said.contains(&Reason::TurnReservationUnknown));
    let second = world.client(|client| client.with_reservation(token));
    world.allocate(second);
    assert_eq!(world.clients[second].relayed_address().unwrap().port(), port + 1);
    // It is taken now, and does not run out any more.
    world.run_for(RESERVATION_LIFETIME + Duration::from_secs(1));
    assert_eq!(world.relays.len(), 2);
    let third = world.client(|client| client.with_reservation(token));
    world.clients[third].allocate(world.now);
    world.settle();
    assert_eq!(world.clients[third].state(), Some(AllocationState::Refused(508)));
}

#[test]
fn a_reserved_port_that_nobody_takes_is_closed_and_counts_until_then() {
    let mut config = able();
    config.limits = Limits { allocations_per_user: 2, ..Limits::default() };
    let mut world = World::new(config);
    let first = world.client(|client| client.with_even_port(true));
    world.allocate(first);
    assert_eq!(world.relays.len(), 2);
    let second = world.client(|client| client);
    world.clients[second].allocate(world.now);
    world.settle();
    assert_eq!(world.clients[second].state(), Some(AllocationState::Refused(486)));
    // Nothing reaches anybody through a port that waits for its owner.
    let waiting = *world.relays.last().unwrap();
    world.server.handle_datagram(waiting, peer_address(), b"early", world.now);
    world.settle();
    assert_eq!(world.said.last(), Some(&Reason::TurnNoAllocation));
    world.run_for(RESERVATION_LIFETIME + Duration::from_secs(1));
    assert_eq!(world.relays.len(), 1);
    world.allocate(second);
}

#[test]
fn a_packet_that_must_not_be_cut_says_so_to_the_host() {
    let mut world = World::new(able());
    let client = world.client(TurnClient::with_dont_fragment);
    world.allocate(client);
    world.permit(client, peer_address());
    world.clients[client].send_whole(peer_address(), b"whole", world.now);
    world.settle();
    assert_eq!(world.unfragmented[0].payload, b"whole");
    assert!(world.at_peer.is_empty());
    // Who cannot set the bit says so, and the allocation is asked for without.
    let mut world = World::new(config());
    let client = world.client(TurnClient::with_dont_fragment);
    world.allocate(client);
    assert!(world.said.contains(&Reason::TurnDontFragment));
}

#[test]
fn icmp_errors_about_permitted_peers_reach_the_client() {
    let mut world = World::new(able());
    let client = world.client(|client| client);
    world.allocate(client);
    let relayed = world.clients[client].relayed_address().unwrap();
    let too_big = IcmpError { icmp_type: 3, icmp_code: 4, error_data: 1280 };
    world.server.handle_icmp(relayed, peer_address(), too_big, world.now);
    world.settle();
    assert_eq!(world.said.last(), Some(&Reason::TurnNoPermission));
    world.permit(client, peer_address());
    world.server.handle_icmp(relayed, peer_address(), too_big, world.now);
    world.settle();
    assert!(world.said.ends_with(&[Reason::TurnIcmpRelayed, Reason::TurnIcmp]), "{:?}", world.said);
}

#[test]
fn a_server_that_sends_its_clients_elsewhere_says_where() {
    let mut config = able();
    config.alternate = Some((address("198.51.100.2:3478"), Some("turn2.example.org".to_owned())));
    let mut world = World::new(config);
    let client = world.client(|client| client);
    world.clients[client].allocate(world.now);
    world.settle();
    assert!(world.said.contains(&Reason::StunAlternate));
    let alternate = world.clients[client].alternate();
    assert_eq!(alternate, Some((address("198.51.100.2:3478"), Some("turn2.example.org"))));
    assert_eq!(world.server.allocations().count(), 0);
}
