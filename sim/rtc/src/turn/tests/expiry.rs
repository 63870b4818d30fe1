//! What ends when nobody refreshes it, on both sides.

use std::time::Duration;

use super::lab::{Fate, Lab, peer_address, relayed_address, server_address};
use super::lab::{alice, client_address, config};
use super::requester::Requester;
use crate::reason::Reason;
use crate::stun::{Attribute, Method, TransactionState};
use crate::time::Time;
use crate::turn::AllocationState;

/// Nothing of the client reaches the server any more.
fn cut(lab: &mut Lab) {
    lab.judge(|transmit| if transmit.to == server_address() { Fate::Lost } else { Fate::Delivered });
}

#[test]
fn an_allocation_that_is_not_refreshed_ends_on_both_sides() {
    let mut lab = Lab::permitted();
    cut(&mut lab);
    lab.run_for(Duration::from_secs(700));
    assert_eq!(lab.on_server(), None);
    assert!(lab.relays.is_empty(), "its socket is closed");
    assert_eq!(lab.told_by_server.last().unwrap().state, AllocationState::Expired);
    assert_eq!(lab.server_said.last(), Some(&Reason::TurnExpired));
    assert_eq!(lab.client.state(), Some(AllocationState::Expired));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnExpired));
    assert_eq!((lab.client.poll_timeout(), lab.server.poll_timeout()), (None, None));
}

#[test]
fn a_permission_that_is_not_refreshed_shuts_the_peer_out() {
    let mut lab = Lab::permitted();
    cut(&mut lab);
    lab.run_for(Duration::from_secs(299));
    lab.inject(peer_address(), relayed_address(), b"in time");
    lab.settle();
    assert_eq!(lab.data.len(), 1);
    lab.run_for(Duration::from_secs(10));
    lab.inject(peer_address(), relayed_address(), b"too late");
    lab.settle();
    assert_eq!(lab.data.len(), 1);
    assert!(lab.server_said.contains(&Reason::TurnPermissionExpired));
    assert!(lab.client_said.contains(&Reason::TurnPermissionExpired));
    assert_eq!(lab.server_said.last(), Some(&Reason::TurnNoPermission));
    assert_eq!(lab.on_server().unwrap().permissions, []);
}

#[test]
fn a_channel_that_is_not_refreshed_is_gone() {
    let mut requester = Requester::new(config(), alice());
    requester.allocate();
    let peer = Attribute::XorPeerAddress(peer_address());
    let bind = [Attribute::ChannelNumber(0x4000), peer];
    assert_eq!(requester.request(Method::CHANNEL_BIND, &bind).code, Some(0));
    // The permission that came with the channel ends first, and data on the channel with it (RFC 8656 §12).
    requester.now = Time::from_millis(301_000);
    requester.server.handle_timeout(requester.now);
    assert_eq!(requester.send(&[0x40, 0, 0, 1, 9]).reason, Some(Reason::TurnNoPermission));
    assert_eq!(requester.request(Method::CREATE_PERMISSION, &[peer]).code, Some(0));
    assert_eq!(requester.send(&[0x40, 0, 0, 1, 9]).relayed, 1);
    assert_eq!(requester.request(Method::REFRESH, &[]).code, Some(0));
    requester.now = Time::from_millis(601_000);
    requester.server.handle_timeout(requester.now);
    let outputs: Vec<_> = std::iter::from_fn(|| requester.server.poll_output()).collect();
    assert!(format!("{outputs:?}").contains(&format!("{:?}", Reason::TurnChannelExpired)));
    assert_eq!(requester.send(&[0x40, 0, 0, 1, 9]).reason, Some(Reason::TurnNoChannel));
    let (_, allocation) = requester.server.allocations().next().unwrap();
    assert_eq!((allocation.state, allocation.channels.len()), (AllocationState::Active, 0));
}

#[test]
fn what_has_ended_does_not_work_even_before_the_timer_is_served() {
    let mut requester = Requester::new(config(), alice());
    requester.allocate();
    let peer = Attribute::XorPeerAddress(peer_address());
    assert_eq!(requester.request(Method::CREATE_PERMISSION, &[peer]).code, Some(0));
    requester.now = Time::from_millis(300_000);
    let from_peer = requester.send_to(relayed_address(), peer_address(), b"x");
    assert_eq!(from_peer.reason, Some(Reason::TurnNoPermission));
    requester.now = Time::from_millis(600_000);
    assert_eq!(requester.request(Method::REFRESH, &[]).code, Some(437));
    let from_peer = requester.send_to(relayed_address(), peer_address(), b"x");
    assert_eq!(from_peer.reason, Some(Reason::TurnNoAllocation));
}

#[test]
fn a_client_whose_channel_ended_falls_back_to_indications() {
    let mut lab = Lab::permitted();
    lab.client.bind_channel(peer_address(), lab.now);
    lab.settle();
    // Only ChannelBind is lost from now on.
    lab.judge(|transmit| {
        let channel_bind = transmit.to == server_address() && transmit.payload[..2] == [0x00, 0x09];
        if channel_bind { Fate::Lost } else { Fate::Delivered }
    });
    lab.run_for(Duration::from_secs(620));
    assert!(lab.client_said.contains(&Reason::TurnChannelExpired));
    assert_eq!(lab.client.channel_of(peer_address()), None);
    lab.client.send_to(peer_address(), b"x", lab.now);
    lab.settle();
    assert_eq!(lab.at_peer.len(), 1);
}

#[test]
fn a_restarted_server_does_not_know_the_allocation() {
    let mut lab = Lab::permitted();
    lab.server = Lab::new(config(), alice()).server;
    lab.relays.clear();
    lab.run_for(Duration::from_secs(400));
    assert_eq!(lab.client.state(), Some(AllocationState::Expired));
    assert!(lab.client_said.contains(&Reason::TurnAllocationGone));
    assert_eq!(lab.client.poll_timeout(), None);
}

#[test]
fn what_was_asked_about_an_allocation_is_cancelled_with_it() {
    let mut lab = Lab::permitted();
    cut(&mut lab);
    // A request that is on its way when the allocation ends.
    lab.run_until(Time::from_millis(595_000));
    lab.client.create_permission(super::lab::address("203.0.113.77:1"), lab.now);
    lab.run_for(Duration::from_secs(10));
    assert_eq!(lab.client.state(), Some(AllocationState::Expired));
    assert_eq!(lab.transactions.last().unwrap().state, TransactionState::Cancelled);
}

#[test]
fn a_short_lifetime_is_refreshed_half_way() {
    let mut config = config();
    config.lifetime = Duration::from_secs(40);
    let mut lab = Lab::new(config, alice());
    lab.allocate();
    let due = lab.client.poll_timeout().unwrap();
    assert_eq!(due, lab.now + Duration::from_secs(20));
    lab.run_for(Duration::from_secs(1000));
    assert_eq!(lab.client.state(), Some(AllocationState::Active));
    assert_eq!(lab.on_server().unwrap().client, client_address());
}
