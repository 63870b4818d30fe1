//! The life of an allocation from the client's side.

use std::net::SocketAddr;
use std::time::Duration;

use super::Counting;
use super::lab::{
    Fate, Lab, address, alice, bob, client_address, config, peer_address, relayed_address, server_address,
};
use crate::output::{Because, Output, Subject};
use crate::reason::Reason;
use crate::stun::{
    AddressFamily, Attribute, AttributeType, Builder, ErrorCode, IcmpError, Message, Method, TransactionId,
    TransactionState,
};
use crate::time::Time;
use crate::turn::{AllocationState, Change, Limits, TurnClient, TurnServerConfig};

#[test]
fn a_client_gets_a_relayed_address_after_one_challenge() {
    let lab = Lab::allocated();
    assert_eq!(lab.client.relayed_address(), Some(relayed_address()));
    assert_eq!(lab.client.mapped_address(), Some(client_address()));
    assert_eq!(lab.now, Time::from_millis(40), "two round trips of 20 ms");
    assert_eq!(
        lab.client_said,
        [
            Reason::TurnAllocate,
            Reason::TurnAllocate,
            Reason::TurnAllocate,
            Reason::StunChallenged,
            Reason::StunChallenged,
            Reason::StunChallenged,
            Reason::TurnAllocated,
        ]
    );
    assert_eq!(lab.server_said, [Reason::StunNoIntegrity, Reason::TurnRelayWanted, Reason::TurnAllocated]);
    assert_eq!(lab.on_server().unwrap().relayed, Some(relayed_address()));
    let expires = lab.client.allocation().unwrap().expires_at;
    assert_eq!(expires, Some(Time::from_millis(40) + Duration::from_secs(600)));
}

#[test]
fn every_step_says_what_made_it_happen() {
    let mut lab = Lab::new(config(), alice());
    lab.client.allocate(Time::ZERO);
    let subjects: Vec<_> = std::iter::from_fn(|| lab.client.poll_output())
        .map(|output| match output {
            Output::Change { subject, because, .. } => (Some(subject), because),
            Output::Transmit(transmit) => (None, transmit.because),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        subjects,
        [
            (Some(Subject::Allocation(0)), Because::Input),
            (Some(Subject::Transaction(0)), Because::Change(Subject::Allocation(0))),
            (None, Because::Change(Subject::Transaction(0))),
        ]
    );
}

#[test]
fn an_allocation_is_asked_for_once() {
    let mut lab = Lab::allocated();
    lab.client.allocate(lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnAllocationHeld));
    assert_eq!(lab.server.allocations().count(), 1);
}

#[test]
fn lost_requests_and_lost_answers_are_made_up_for() {
    let mut lab = Lab::new(config(), alice());
    let mut count = 0_u32;
    lab.judge(move |_| {
        count += 1;
        // In turn: a request is lost, one arrives, its answer is lost, a request and its answer arrive.
        if matches!(count % 5, 1 | 3) { Fate::Lost } else { Fate::Delivered }
    });
    lab.client.allocate(lab.now);
    lab.run_for(Duration::from_secs(60));
    assert_eq!(lab.client.state(), Some(AllocationState::Active));
    assert!(lab.client_said.contains(&Reason::RetransmissionTimeout));
    assert_eq!(lab.server.allocations().count(), 1);
}

#[test]
fn doubled_datagrams_make_no_second_allocation() {
    let mut lab = Lab::new(config(), alice());
    lab.judge(|_| Fate::Doubled);
    lab.allocate();
    assert_eq!(lab.server.allocations().count(), 1);
    assert!(lab.server_said.contains(&Reason::TurnAllocateRepeated));
    assert!(lab.client_said.contains(&Reason::StunNoTransaction), "the second copy of an answer");
}

#[test]
fn a_server_that_never_answers_leaves_the_client_without_allocation() {
    let mut lab = Lab::new(config(), alice());
    lab.judge(|_| Fate::Lost);
    lab.client.allocate(lab.now);
    lab.run_for(Duration::from_secs(60));
    assert_eq!(lab.client.state(), Some(AllocationState::Unanswered));
    assert_eq!(lab.client_said.last(), Some(&Reason::TransactionTimeout));
    assert_eq!(lab.from_client.len(), 7);
    assert_eq!(lab.client.poll_timeout(), None);
    lab.judge(|_| Fate::Delivered);
    lab.allocate();
}

#[test]
fn data_goes_both_ways_once_the_peer_is_permitted() {
    let mut lab = Lab::permitted();
    lab.client.send_to(peer_address(), b"to the peer", lab.now);
    lab.settle();
    let arrived = lab.at_peer.pop().unwrap();
    assert_eq!((arrived.from, arrived.to), (relayed_address(), peer_address()));
    assert_eq!(arrived.payload, b"to the peer");
    // A permission is for an address, so another port of the peer may answer.
    let other_port = address("203.0.113.5:7777");
    lab.inject(other_port, relayed_address(), b"from the peer");
    lab.settle();
    assert_eq!(lab.data, [(other_port, b"from the peer".to_vec())]);
    assert!(lab.client_said.contains(&Reason::TurnRelayed));
}

#[test]
fn a_peer_without_permission_is_not_heard() {
    let mut lab = Lab::permitted();
    lab.inject(address("203.0.113.6:6000"), relayed_address(), b"let me in");
    lab.settle();
    assert_eq!(lab.data, []);
    assert_eq!(lab.server_said.last(), Some(&Reason::TurnNoPermission));
}

#[test]
fn sending_to_a_new_peer_asks_for_its_permission_on_the_way() {
    let mut lab = Lab::allocated();
    lab.client.send_to(peer_address(), b"hello", lab.now);
    lab.settle();
    assert_eq!(lab.at_peer.len(), 1);
    assert!(lab.client.has_permission(peer_address().ip()));
    assert!(lab.client_said.contains(&Reason::TurnPermissionAsked));
    assert!(lab.client_said.contains(&Reason::TurnPermitted));
}

#[test]
fn a_refused_peer_is_not_sent_to_until_asked_for_again() {
    let mut config = config();
    config.forbidden_peers.push(crate::turn::AddressRange { network: peer_address().ip(), prefix: 24 });
    let mut lab = Lab::new(config, alice());
    lab.allocate();
    lab.client.create_permission(peer_address(), lab.now);
    lab.settle();
    assert!(!lab.client.has_permission(peer_address().ip()));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnPeerForbidden));
    let sent = lab.from_client.len();
    lab.client.send_to(peer_address(), b"hello", lab.now);
    lab.settle();
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnPermissionRefused));
    assert_eq!(lab.from_client.len(), sent);
    lab.client.create_permission(peer_address(), lab.now);
    assert_eq!(lab.client.poll_output().map(|output| matches!(output, Output::Change { .. })), Some(true));
}

#[test]
fn nothing_can_be_done_without_an_allocation() {
    let mut lab = Lab::new(config(), alice());
    lab.client.send_to(peer_address(), b"x", lab.now);
    lab.client.create_permission(peer_address(), lab.now);
    lab.client.bind_channel(peer_address(), lab.now);
    lab.client.release(lab.now);
    lab.settle();
    assert_eq!(lab.client_said, [Reason::TurnNoAllocation; 4]);
}

#[test]
fn a_peer_of_the_other_family_cannot_be_reached() {
    let mut lab = Lab::allocated();
    let peer = address("[2001:db8::5]:6000");
    lab.client.send_to(peer, b"x", lab.now);
    lab.client.create_permission(peer, lab.now);
    lab.settle();
    assert_eq!(lab.client_said[lab.client_said.len() - 2..], [Reason::TurnPeerFamily; 2]);
}

#[test]
fn an_ipv6_address_is_relayed_to_ipv6_peers() {
    let mut config = config();
    config.families.push(AddressFamily::V6);
    let client = TurnClient::new(client_address(), server_address(), alice(), Box::new(Counting::default()))
        .with_family(AddressFamily::V6);
    let mut lab = Lab::with_client(config, client);
    lab.allocate();
    assert!(lab.client.relayed_address().unwrap().is_ipv6());
    lab.client.send_to(address("[2001:db8::5]:6000"), b"six", lab.now);
    lab.settle();
    assert_eq!(lab.at_peer[0].payload, b"six");
}

#[test]
fn data_that_does_not_fit_is_dropped() {
    let mut lab = Lab::permitted();
    // 20 bytes of header, 12 of XOR-PEER-ADDRESS and 4 of DATA's own leave 65,468 of 65,507 in steps of four.
    for length in [65_469, 65_507, 70_000] {
        lab.client.send_to(peer_address(), &vec![0; length], lab.now);
        lab.settle();
        assert_eq!(lab.client_said.last(), Some(&Reason::TurnTooLong), "{length}");
    }
    assert_eq!(lab.at_peer.len(), 0);
    lab.client.send_to(peer_address(), &vec![0; 65_468], lab.now);
    lab.settle();
    assert_eq!(lab.at_peer.len(), 1);
}

#[test]
fn release_gives_the_allocation_back() {
    let mut lab = Lab::permitted();
    lab.client.release(lab.now);
    lab.settle();
    assert_eq!(lab.client.state(), Some(AllocationState::Released));
    assert_eq!(lab.on_server(), None);
    assert!(lab.relays.is_empty());
    assert_eq!(lab.told_by_server.last().unwrap().state, AllocationState::Released);
    assert_eq!(lab.client.poll_timeout(), None);
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnReleased));
    lab.allocate();
}

#[test]
fn release_is_done_even_if_the_answer_is_lost() {
    let mut lab = Lab::permitted();
    let mut lost = false;
    lab.judge(move |transmit| {
        let answer = transmit.to == client_address();
        if answer && !std::mem::replace(&mut lost, true) { Fate::Lost } else { Fate::Delivered }
    });
    lab.client.release(lab.now);
    lab.run_for(Duration::from_secs(2));
    // The second copy finds no allocation: 437, which is what was wanted.
    assert_eq!(lab.client.state(), Some(AllocationState::Released));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnAllocationGone));
}

#[test]
fn release_while_asking_forgets_the_request() {
    let mut lab = Lab::new(config(), alice());
    lab.client.allocate(lab.now);
    lab.client.release(lab.now);
    lab.settle();
    assert_eq!(lab.client.state(), Some(AllocationState::Released));
    assert_eq!(lab.transactions.last().unwrap().state, TransactionState::Cancelled);
    assert_eq!(lab.client_said.last(), Some(&Reason::StunNoTransaction), "the challenge comes too late");
}

fn refused(config: TurnServerConfig, opens_relays: bool) -> (u16, Reason) {
    let mut lab = Lab::new(config, alice());
    lab.opens_relays = opens_relays;
    lab.client.allocate(lab.now);
    lab.settle();
    let Some(AllocationState::Refused(code)) = lab.client.state() else { panic!("{:?}", lab.client.state()) };
    assert_eq!(lab.client.poll_timeout(), None);
    (code, *lab.client_said.last().unwrap())
}

#[test]
fn refusals_end_the_request_with_their_reason() {
    let limits = |allocations, allocations_per_user| {
        let mut config = config();
        config.limits = Limits { allocations, allocations_per_user, ..Limits::default() };
        config
    };
    assert_eq!(refused(limits(10, 0), true), (486, Reason::TurnQuotaReached));
    assert_eq!(refused(limits(0, 10), true), (508, Reason::TurnNoCapacity));
    assert_eq!(refused(config(), false), (508, Reason::TurnNoCapacity));
    let mut ipv6_only = config();
    ipv6_only.families = vec![AddressFamily::V6];
    assert_eq!(refused(ipv6_only, true), (440, Reason::TurnFamilyUnsupported));
}

#[test]
fn a_second_client_on_the_same_five_tuple_is_refused() {
    let mut lab = Lab::allocated();
    // Another client of the same user, after a restart that lost the first one's state, from the same port.
    let restarted =
        TurnClient::new(client_address(), server_address(), alice(), Box::new(Counting::starting_at(100)));
    lab.client = restarted;
    lab.client.allocate(lab.now);
    lab.settle();
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(437)));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnFiveTupleInUse));
    assert_eq!(lab.server_said.last(), Some(&Reason::TurnFiveTupleInUse));
}

#[test]
fn the_client_of_another_user_cannot_touch_an_allocation() {
    let mut lab = Lab::allocated();
    let mut other = TurnClient::new(client_address(), server_address(), bob(), Box::new(Counting::default()));
    other.allocate(lab.now);
    std::mem::swap(&mut lab.client, &mut other);
    lab.settle();
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(437)));
    assert_eq!(lab.on_server().unwrap().state, AllocationState::Active);
}

/// Answers the client's newest request by hand.
fn answer(lab: &mut Lab, make: impl Fn(&Message<'_>) -> Builder) {
    let request = lab.from_client.last().unwrap().payload.clone();
    let answer = make(&Message::parse(&request).unwrap()).finish();
    lab.client.handle_datagram(server_address(), &answer, lab.now);
    lab.settle();
}

/// A client that has sent its first request to a server that does not exist.
fn unanswered() -> Lab {
    let mut lab = Lab::new(config(), alice());
    lab.judge(|_| Fate::Lost);
    lab.client.allocate(lab.now);
    lab.settle();
    lab
}

#[test]
fn another_server_is_asked_if_it_is_a_new_one_of_the_same_family() {
    let elsewhere = address("198.51.100.2:3478");
    let redirect = |lab: &mut Lab, to: SocketAddr| {
        let request = lab.from_client.last().unwrap();
        let from = request.to;
        let refusal = Builder::error(&Message::parse(&request.payload).unwrap(), ErrorCode::TRY_ALTERNATE)
            .attribute(&Attribute::AlternateServer(to))
            .finish();
        lab.client.handle_datagram(from, &refusal, lab.now);
        lab.settle();
    };
    let mut lab = unanswered();
    redirect(&mut lab, elsewhere);
    assert_eq!(lab.client.server_address(), elsewhere);
    assert_eq!(lab.client_said.last(), Some(&Reason::StunAlternate));
    assert_eq!(lab.from_client.last().unwrap().to, elsewhere);
    // Back again: that is going round in circles.
    redirect(&mut lab, server_address());
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(300)));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnTryAlternate));
    let mut lab = unanswered();
    redirect(&mut lab, address("[2001:db8::2]:3478"));
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(300)));
}

#[test]
fn an_error_of_the_server_is_a_refusal_without_more_to_say() {
    let mut lab = unanswered();
    answer(&mut lab, |request| Builder::error(request, 500));
    assert_eq!(lab.client.state(), Some(AllocationState::Refused(500)));
    assert_eq!(lab.client_said.last(), Some(&Reason::TurnRefused));
}

#[test]
fn a_response_that_is_not_understood_ends_the_request() {
    let mut lab = unanswered();
    answer(&mut lab, |request| {
        let strange = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
        Builder::error(request, 500).attribute(&strange)
    });
    assert_eq!(lab.client.state(), Some(AllocationState::Unanswered));
    assert_eq!(lab.client_said.last(), Some(&Reason::StunUnknownInResponse));
}

#[test]
fn strangers_and_junk_are_ignored() {
    let mut lab = Lab::permitted();
    let heard = |lab: &mut Lab, from, payload: &[u8]| {
        lab.client.handle_datagram(from, payload, lab.now);
        lab.settle();
        *lab.client_said.last().unwrap()
    };
    assert_eq!(heard(&mut lab, peer_address(), b"x"), Reason::TurnStranger);
    assert_eq!(heard(&mut lab, server_address(), b"x"), Reason::StunMalformed);
    let request = Builder::request(Method::BINDING, TransactionId([9; 12])).finish();
    assert_eq!(heard(&mut lab, server_address(), &request), Reason::StunUnexpected);
    let data = |attributes: &[Attribute<'_>]| {
        let builder = Builder::indication(Method::DATA, TransactionId([9; 12]));
        attributes.iter().fold(builder, Builder::attribute).finish()
    };
    let peer = Attribute::XorPeerAddress(peer_address());
    let stranger = Attribute::XorPeerAddress(address("203.0.113.99:1"));
    let payload = Attribute::Data(b"x");
    let icmp = Attribute::Icmp(IcmpError { icmp_type: 3, icmp_code: 3, error_data: 0 });
    let unknown = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
    for (attributes, reason) in [
        (&[peer][..], Reason::TurnIndicationIncomplete),
        (&[payload], Reason::TurnIndicationIncomplete),
        (&[stranger, payload], Reason::TurnNoPermission),
        (&[peer, icmp], Reason::TurnIcmp),
        (&[peer, payload, unknown], Reason::TurnUnknownInIndication),
    ] {
        assert_eq!(heard(&mut lab, server_address(), &data(attributes)), reason, "{attributes:?}");
    }
    assert_eq!(lab.data, []);
}

#[test]
fn a_client_wants_what_its_server_sends_it_and_nothing_else() {
    let mut lab = unanswered();
    let binding = Builder::request(Method::BINDING, TransactionId([1; 12])).finish();
    let response = Builder::success(&Message::parse(&binding).unwrap()).finish();
    assert!(!lab.client.wants(server_address(), &response), "somebody else asked that on this socket");
    let own = Builder::error(&Message::parse(&lab.from_client.pop().unwrap().payload).unwrap(), 401).finish();
    assert!(lab.client.wants(server_address(), &own));
    assert!(!lab.client.wants(peer_address(), &own));
    assert!(lab.client.wants(server_address(), &[0x40, 0, 0, 0]));
    assert!(!lab.client.wants(server_address(), &[0x80, 0, 0, 0]));
}

#[test]
fn a_client_keeps_a_bounded_number_of_peers() {
    let mut lab = Lab::allocated();
    lab.judge(|_| Fate::Lost);
    for host in 0..1030_u16 {
        let peer = format!("10.0.{}.{}:9", host / 256, host % 256);
        lab.client.create_permission(address(&peer), lab.now);
    }
    lab.settle();
    assert_eq!(lab.client_said.iter().filter(|reason| **reason == Reason::TurnTooManyPeers).count(), 6);
}

#[test]
fn the_first_change_of_an_allocation_says_it_is_requested() {
    let mut lab = Lab::new(config(), alice());
    lab.client.allocate(Time::ZERO);
    let Some(Output::Change { change: Change::Allocation(first), .. }) = lab.client.poll_output() else {
        panic!()
    };
    assert_eq!(first.state, AllocationState::Requested);
    assert_eq!((first.client, first.server), (client_address(), server_address()));
}
