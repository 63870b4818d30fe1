//! Channels on both sides.

use std::time::Duration;

use super::lab::{Fate, Lab, address, alice, config, peer_address, relayed_address, server_address};
use super::requester::Requester;
use crate::reason::Reason;
use crate::stun::{Attribute, Method};
use crate::turn::Limits;

fn bound() -> Lab {
    let mut lab = Lab::allocated();
    lab.client.bind_channel(peer_address(), lab.now);
    lab.settle();
    assert_eq!(lab.client.channel_of(peer_address()), Some(0x4000));
    lab
}

#[test]
fn a_channel_carries_data_both_ways_with_four_bytes_of_header() {
    let mut lab = bound();
    lab.client.send_to(peer_address(), b"ping", lab.now);
    lab.settle();
    assert_eq!(lab.from_client.last().unwrap().payload, b"\x40\x00\x00\x04ping");
    assert_eq!(lab.at_peer[0].payload, b"ping");
    lab.inject(peer_address(), relayed_address(), b"pong");
    lab.settle();
    assert_eq!(lab.to_client.last().unwrap().payload, b"\x40\x00\x00\x04pong");
    assert_eq!(lab.data, [(peer_address(), b"pong".to_vec())]);
    assert!(lab.client_said.contains(&Reason::TurnChannelAsked));
    assert!(lab.client_said.contains(&Reason::TurnChannelBound));
}

#[test]
fn a_channel_brings_its_permission_along() {
    let lab = bound();
    assert!(lab.client.has_permission(peer_address().ip()));
    assert_eq!(lab.on_server().unwrap().permissions.len(), 1);
}

#[test]
fn another_port_of_a_bound_peer_comes_as_an_indication() {
    let mut lab = bound();
    let other_port = address("203.0.113.5:7777");
    lab.inject(other_port, relayed_address(), b"x");
    lab.settle();
    assert_eq!(lab.data, [(other_port, b"x".to_vec())]);
    assert_eq!(lab.to_client.last().unwrap().payload[..2], [0x00, 0x17], "a Data indication");
}

#[test]
fn until_a_channel_is_confirmed_data_goes_as_indications() {
    let mut lab = Lab::permitted();
    lab.client.bind_channel(peer_address(), lab.now);
    lab.client.send_to(peer_address(), b"x", lab.now);
    lab.settle();
    let first = &lab.from_client[lab.from_client.len() - 1];
    assert_eq!(first.payload[..2], [0x00, 0x16], "a Send indication");
    assert_eq!(lab.at_peer.len(), 1);
}

#[test]
fn a_peer_gets_one_channel() {
    let mut lab = bound();
    lab.client.bind_channel(peer_address(), lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnChannelHeld));
}

#[test]
fn channels_and_permissions_stay_alive_for_as_long_as_the_client_does() {
    let mut lab = bound();
    lab.run_for(Duration::from_secs(3 * 3600));
    for reason in
        [Reason::TurnChannelDue, Reason::TurnPermissionDue, Reason::TurnRefreshDue, Reason::TurnRefreshed]
    {
        assert!(lab.client_said.contains(&reason), "{reason:?}");
    }
    for reason in [Reason::TurnChannelExpired, Reason::TurnPermissionExpired, Reason::TurnExpired] {
        assert!(!lab.client_said.contains(&reason) && !lab.server_said.contains(&reason), "{reason:?}");
    }
    lab.inject(peer_address(), relayed_address(), b"still here");
    lab.settle();
    assert_eq!(lab.data.len(), 1);
}

#[test]
fn a_refused_channel_leaves_indications() {
    let mut config = config();
    config.limits = Limits { channels: 0, ..Limits::default() };
    let mut lab = Lab::new(config, alice());
    lab.allocate();
    lab.client.bind_channel(peer_address(), lab.now);
    lab.settle();
    assert_eq!(lab.client.channel_of(peer_address()), None);
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnNoCapacity));
    lab.client.send_to(peer_address(), b"x", lab.now);
    lab.settle();
    assert_eq!(lab.at_peer.len(), 1);
}

#[test]
fn data_on_a_channel_that_is_not_bound_is_dropped_on_both_sides() {
    let mut lab = bound();
    lab.client.handle_datagram(server_address(), &[0x40, 1, 0, 1, 9], lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnNoChannel));
    lab.client.handle_datagram(server_address(), &[0x40, 1, 0, 2, 9], lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnChannelDataMalformed));

    let mut requester = Requester::new(config(), alice());
    assert_eq!(requester.send(&[0x40, 0, 0, 1, 9]).reason, Some(Reason::TurnNoAllocation));
    requester.allocate();
    assert_eq!(requester.send(&[0x40, 0, 0, 1, 9]).reason, Some(Reason::TurnNoChannel));
    assert_eq!(requester.send(&[0x40, 0, 0, 2, 9]).reason, Some(Reason::TurnChannelDataMalformed));
}

#[test]
fn a_channel_and_a_peer_belong_to_each_other() {
    let mut requester = Requester::new(config(), alice());
    requester.allocate();
    let mut bind = |channel, peer: &str| {
        let attributes = [Attribute::ChannelNumber(channel), Attribute::XorPeerAddress(address(peer))];
        let reaction = requester.request(Method::CHANNEL_BIND, &attributes);
        (reaction.code.unwrap(), reaction.reason)
    };
    assert_eq!(bind(0x4000, "203.0.113.5:1"), (0, None));
    assert_eq!(bind(0x4000, "203.0.113.5:1"), (0, None), "a refresh");
    let conflict = (400, Some(Reason::TurnChannelConflict));
    assert_eq!(bind(0x4000, "203.0.113.5:2"), conflict, "another peer");
    assert_eq!(bind(0x4001, "203.0.113.5:1"), conflict, "another channel");
    assert_eq!(bind(0x4001, "203.0.113.5:2"), (0, None));
    let invalid = (400, Some(Reason::TurnChannelInvalid));
    assert_eq!(bind(0x3FFF, "203.0.113.5:3"), invalid);
    assert_eq!(bind(0x5000, "203.0.113.5:3"), invalid, "a channel of RFC 5766, and none of RFC 8656");
    assert_eq!(bind(0x7FFF, "203.0.113.5:3"), invalid);
    assert_eq!(bind(0x4002, "127.0.0.1:3"), (403, Some(Reason::TurnPeerForbidden)));
    assert_eq!(bind(0x4002, "[2001:db8::1]:3"), (443, Some(Reason::TurnPeerFamily)));
    assert_eq!(
        requester.request(Method::CHANNEL_BIND, &[Attribute::ChannelNumber(0x4002)]).reason,
        Some(Reason::TurnPeerMissing)
    );
}

#[test]
fn channel_numbers_are_not_used_twice() {
    let mut lab = Lab::allocated();
    lab.judge(|_| Fate::Lost);
    for index in 0..4097_u32 {
        let peer = format!("10.0.{}.{}:{}", index / 256, index % 256, 1);
        lab.client.bind_channel(address(&peer), lab.now);
    }
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnNoChannelLeft));
    assert_eq!(lab.client_said.iter().filter(|reason| **reason == Reason::TurnNoChannelLeft).count(), 1);
}
