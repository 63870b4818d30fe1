//! What the server refuses, and why; and what it keeps apart.

use proptest::prelude::*;

use super::lab::{
    address, alice, bob, client_address, config, peer_address, relayed_address, server_address,
};
use super::requester::Requester;
use crate::output::Output;
use crate::reason::Reason;
use crate::stun::{AddressFamily, Attribute, AttributeType, Builder, Message, Method, TransactionId};
use crate::turn::{Limits, ServerOutput};

const UDP: Attribute<'_> = Attribute::RequestedTransport(17);

fn requester() -> Requester {
    Requester::new(config(), alice())
}

fn allocated() -> Requester {
    let mut requester = requester();
    requester.allocate();
    requester
}

fn send_indication(attributes: &[Attribute<'_>]) -> Vec<u8> {
    let builder = Builder::indication(Method::SEND, TransactionId([9; 12]));
    attributes.iter().fold(builder, Builder::attribute).finish()
}

#[test]
fn allocate_is_refused_for_what_cannot_be_given() {
    let v6 = Attribute::RequestedAddressFamily(AddressFamily::V6);
    let second = Attribute::AdditionalAddressFamily(AddressFamily::V6);
    let second_v4 = Attribute::AdditionalAddressFamily(AddressFamily::V4);
    let odd_family = Attribute::RequestedAddressFamily(AddressFamily(9));
    let token = Attribute::ReservationToken(&[1; 8]);
    let even = Attribute::EvenPort(false);
    let reserve = Attribute::EvenPort(true);
    let unknown = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
    for (attributes, code, reason) in [
        (&[][..], 400, Reason::TurnNoTransport),
        (&[Attribute::RequestedTransport(6)], 442, Reason::TurnTransportUnsupported),
        (&[UDP, unknown], 420, Reason::StunUnknownAttributes),
        (&[UDP, Attribute::DontFragment], 420, Reason::TurnDontFragment),
        (&[UDP, v6], 440, Reason::TurnFamilyUnsupported),
        (&[UDP, odd_family], 440, Reason::TurnFamilyUnsupported),
        (&[UDP, token, even], 400, Reason::TurnAttributesConflict),
        (&[UDP, token, v6], 400, Reason::TurnAttributesConflict),
        (&[UDP, v6, second], 400, Reason::TurnAttributesConflict),
        (&[UDP, second_v4], 400, Reason::TurnAttributesConflict),
        (&[UDP, second, reserve], 400, Reason::TurnAttributesConflict),
        (&[UDP, token], 508, Reason::TurnReservationUnknown),
        (&[UDP, reserve], 508, Reason::TurnReservationUnsupported),
    ] {
        let mut requester = requester();
        let reaction = requester.request(Method::ALLOCATE, attributes);
        assert_eq!((reaction.code, reaction.reason), (Some(code), Some(reason)), "{attributes:?}");
        assert_eq!(requester.server.allocations().count(), 0);
        let answer = Message::parse(&reaction.answer).unwrap();
        assert_eq!(answer.verify(&requester.key()), Ok(()), "a refusal after authentication is signed");
    }
}

#[test]
fn unknown_attributes_are_named() {
    let unknown = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
    let reaction = requester().request(Method::ALLOCATE, &[UDP, unknown]);
    let answer = Message::parse(&reaction.answer).unwrap();
    let named: Vec<_> = answer.unknown_attributes().unwrap().iter().collect();
    assert_eq!(named, [AttributeType(0x7FFF)]);
}

#[test]
fn who_is_not_authenticated_is_told_so_before_anything_else() {
    let unknown = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
    let wire = Builder::request(Method::ALLOCATE, TransactionId([1; 12])).attribute(&unknown).finish();
    let reaction = requester().send(&wire);
    assert_eq!((reaction.code, reaction.reason), (Some(401), Some(Reason::StunNoIntegrity)));
}

#[test]
fn a_second_family_is_answered_with_the_reason_why_not() {
    let second = Attribute::AdditionalAddressFamily(AddressFamily::V6);
    let reaction = requester().request(Method::ALLOCATE, &[UDP, second]);
    let answer = Message::parse(&reaction.answer).unwrap();
    assert_eq!(answer.xor_relayed_address(), Some(relayed_address()));
    let Some(Attribute::AddressErrorCode(error)) = answer.find(AttributeType::ADDRESS_ERROR_CODE) else {
        panic!()
    };
    assert_eq!((error.family, error.error.code), (AddressFamily::V6, 440));
}

#[test]
fn an_even_port_is_asked_of_the_host() {
    let mut requester = requester();
    let wire = requester.signed(Method::ALLOCATE, &[UDP, Attribute::EvenPort(false)]);
    requester.server.handle_datagram(server_address(), client_address(), &wire, requester.now);
    let asked = std::iter::from_fn(|| requester.server.poll_output())
        .any(|output| matches!(output, ServerOutput::OpenRelay { allocation: 0, even_port: true, .. }));
    assert!(asked);
}

#[test]
fn a_repeated_allocate_waits_for_the_socket_and_then_gets_the_same_answer() {
    let mut requester = requester();
    let wire = requester.signed(Method::ALLOCATE, &[UDP]);
    let take = |requester: &mut Requester| {
        requester.server.handle_datagram(server_address(), client_address(), &wire, requester.now);
        std::iter::from_fn(|| requester.server.poll_output()).collect::<Vec<_>>()
    };
    take(&mut requester);
    let pending = ServerOutput::Endpoint(Output::Ignored { reason: Reason::TurnAllocatePending });
    assert_eq!(take(&mut requester), [pending]);
    requester.server.relay_opened(0, relayed_address(), requester.now);
    let answered = std::iter::from_fn(|| requester.server.poll_output()).last().unwrap();
    let ServerOutput::Endpoint(Output::Transmit(first)) = answered else { panic!() };
    let [ServerOutput::Endpoint(Output::Transmit(again))] = &take(&mut requester)[..] else { panic!() };
    assert_eq!(again.payload, first.payload);
    assert_eq!(again.reason, Some(Reason::TurnAllocateRepeated));
}

#[test]
fn a_socket_that_nobody_waits_for_is_closed_again() {
    let mut requester = requester();
    requester.server.relay_opened(7, relayed_address(), requester.now);
    let expected = ServerOutput::CloseRelay { address: relayed_address() };
    assert_eq!(requester.server.poll_output(), Some(expected));
    requester.server.relay_refused(7);
    assert_eq!(requester.server.poll_output(), None);
}

#[test]
fn a_host_without_sockets_means_508() {
    let mut requester = requester();
    let wire = requester.signed(Method::ALLOCATE, &[UDP]);
    requester.server.handle_datagram(server_address(), client_address(), &wire, requester.now);
    requester.server.relay_refused(0);
    let last = std::iter::from_fn(|| requester.server.poll_output()).last().unwrap();
    let ServerOutput::Endpoint(Output::Transmit(transmit)) = last else { panic!() };
    let answer = Message::parse(&transmit.payload).unwrap();
    assert_eq!(answer.error_code().map(|error| error.code), Some(508));
    assert_eq!(transmit.reason, Some(Reason::TurnRelayRefused));
    assert_eq!(requester.server.allocations().count(), 0);
    requester.allocate();
}

#[test]
fn another_user_on_the_same_socket_cannot_change_an_allocation() {
    let mut requester = allocated();
    requester.user = bob();
    let reaction = requester.request(Method::REFRESH, &[Attribute::Lifetime(0)]);
    assert_eq!((reaction.code, reaction.reason), (Some(441), Some(Reason::TurnOtherUser)));
    assert_eq!(requester.server.allocations().count(), 1);
}

#[test]
fn requests_about_no_allocation_are_a_mismatch() {
    let mut requester = requester();
    let peer = Attribute::XorPeerAddress(peer_address());
    for (method, attributes) in [
        (Method::REFRESH, &[][..]),
        (Method::CREATE_PERMISSION, &[peer]),
        (Method::CHANNEL_BIND, &[Attribute::ChannelNumber(0x4000), peer]),
    ] {
        let reaction = requester.request(method, attributes);
        assert_eq!((reaction.code, reaction.reason), (Some(437), Some(Reason::TurnNoAllocation)));
    }
}

#[test]
fn a_refresh_for_the_other_family_is_refused() {
    let mut requester = allocated();
    let refresh = |requester: &mut Requester, family| {
        requester.request(Method::REFRESH, &[Attribute::RequestedAddressFamily(family)])
    };
    let reaction = refresh(&mut requester, AddressFamily::V6);
    assert_eq!((reaction.code, reaction.reason), (Some(443), Some(Reason::TurnPeerFamily)));
    assert_eq!(refresh(&mut requester, AddressFamily::V4).code, Some(0));
}

#[test]
fn permissions_are_given_for_all_peers_of_a_request_or_none() {
    let mut requester = allocated();
    let mut permit = |peers: &[&str]| {
        let peers: Vec<_> = peers.iter().map(|peer| Attribute::XorPeerAddress(address(peer))).collect();
        let reaction = requester.request(Method::CREATE_PERMISSION, &peers);
        let held = requester.server.allocations().next().unwrap().1.permissions.len();
        (reaction.code.unwrap(), reaction.reason, held)
    };
    assert_eq!(permit(&[]), (400, Some(Reason::TurnPeerMissing), 0));
    assert_eq!(permit(&["203.0.113.5:1", "127.0.0.1:1"]), (403, Some(Reason::TurnPeerForbidden), 0));
    assert_eq!(permit(&["203.0.113.5:1", "[2001:db8::5]:1"]), (443, Some(Reason::TurnPeerFamily), 0));
    assert_eq!(permit(&["203.0.113.5:1", "203.0.113.5:2", "203.0.113.6:1"]), (0, None, 2));
}

#[test]
fn limits_hold() {
    let mut config = config();
    config.limits =
        Limits { allocations: 3, allocations_per_user: 2, permissions: 1, channels: 1, ..Limits::default() };
    let mut requester = Requester::new(config, alice());
    let mut ask = |from: &str, user| {
        requester.from = address(from);
        requester.user = user;
        requester.learn_nonce();
        let reaction = requester.request(Method::ALLOCATE, &[UDP]);
        (reaction.code.unwrap(), reaction.reason)
    };
    assert_eq!(ask("192.0.2.1:1", alice()).0, 0);
    assert_eq!(ask("192.0.2.1:2", alice()).0, 0);
    assert_eq!(ask("192.0.2.1:3", alice()), (486, Some(Reason::TurnQuotaReached)));
    assert_eq!(ask("192.0.2.2:1", bob()).0, 0);
    assert_eq!(ask("192.0.2.2:2", bob()), (508, Some(Reason::TurnNoCapacity)));
    requester.from = address("192.0.2.2:1");
    requester.learn_nonce();
    let peer = |text: &str| Attribute::XorPeerAddress(address(text));
    let full = Some(Reason::TurnNoCapacity);
    assert_eq!(requester.request(Method::CREATE_PERMISSION, &[peer("203.0.113.1:1")]).code, Some(0));
    assert_eq!(requester.request(Method::CREATE_PERMISSION, &[peer("203.0.113.2:1")]).reason, full);
    let bind = |number, text: &str| [Attribute::ChannelNumber(number), peer(text)];
    assert_eq!(requester.request(Method::CHANNEL_BIND, &bind(0x4000, "203.0.113.2:1")).reason, full);
    assert_eq!(requester.request(Method::CHANNEL_BIND, &bind(0x4000, "203.0.113.1:1")).code, Some(0));
    assert_eq!(requester.request(Method::CHANNEL_BIND, &bind(0x4001, "203.0.113.1:2")).reason, full);
    assert_eq!(requester.request(Method::REFRESH, &[Attribute::Lifetime(0)]).code, Some(0));
    requester.allocate();
}

#[test]
fn send_indications_are_relayed_only_with_allocation_permission_and_all_their_attributes() {
    let mut requester = requester();
    let (peer, data) = (Attribute::XorPeerAddress(peer_address()), Attribute::Data(b"x"));
    let unknown = Attribute::Unknown { kind: AttributeType(0x7FFF), value: &[] };
    let reason = |requester: &mut Requester, attributes: &[Attribute<'_>]| {
        let reaction = requester.send(&send_indication(attributes));
        assert_eq!(reaction.code, None, "an indication is never answered");
        if reaction.relayed == 1 { None } else { reaction.reason }
    };
    assert_eq!(reason(&mut requester, &[peer, data]), Some(Reason::TurnNoAllocation));
    requester.allocate();
    assert_eq!(reason(&mut requester, &[peer, data]), Some(Reason::TurnNoPermission));
    assert_eq!(requester.request(Method::CREATE_PERMISSION, &[peer]).code, Some(0));
    assert_eq!(reason(&mut requester, &[peer, data]), None);
    assert_eq!(reason(&mut requester, &[peer, Attribute::Data(b"")]), None, "empty datagrams exist");
    assert_eq!(reason(&mut requester, &[data]), Some(Reason::TurnIndicationIncomplete));
    assert_eq!(reason(&mut requester, &[peer]), Some(Reason::TurnIndicationIncomplete));
    assert_eq!(reason(&mut requester, &[peer, data, unknown]), Some(Reason::TurnUnknownInIndication));
    let fragment = [peer, data, Attribute::DontFragment];
    assert_eq!(reason(&mut requester, &fragment), Some(Reason::TurnDontFragment));
}

#[test]
fn what_does_not_fit_when_wrapped_is_dropped() {
    let mut requester = allocated();
    assert_eq!(
        requester.request(Method::CREATE_PERMISSION, &[Attribute::XorPeerAddress(peer_address())]).code,
        Some(0)
    );
    let reaction = requester.send_to(relayed_address(), peer_address(), &vec![0; 65_500]);
    assert_eq!(reaction.reason, Some(Reason::TurnTooLong));
    let reaction = requester.send_to(relayed_address(), peer_address(), &vec![0; 65_468]);
    assert_eq!(reaction.reason, Some(Reason::TurnRelayed));
}

#[test]
fn a_turn_server_answers_binding_requests_too() {
    let wire = Builder::request(Method::BINDING, TransactionId([1; 12])).finish();
    let reaction = requester().send(&wire);
    assert_eq!(Message::parse(&reaction.answer).unwrap().xor_mapped_address(), Some(client_address()));
}

#[test]
fn junk_and_answers_are_ignored() {
    let mut requester = requester();
    assert_eq!(requester.send(b"junk").reason, Some(Reason::StunMalformed));
    let request = Builder::request(Method::ALLOCATE, TransactionId([1; 12])).finish();
    let answer = Builder::success(&Message::parse(&request).unwrap()).finish();
    assert_eq!(requester.send(&answer).reason, Some(Reason::StunUnexpected));
    let other = Builder::request(Method(0x00A), TransactionId([1; 12])).finish();
    assert_eq!(requester.send(&other).reason, Some(Reason::StunUnexpected), "TURN-TCP's Connect");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_datagram_brings_a_server_down(
        method in prop::sample::select(vec![1_u16, 3, 4, 6, 7, 8, 9]),
        class in 0..4_u16,
        words in prop::collection::vec(any::<u32>(), 0..20),
        at_relay: bool,
    ) {
        let mut requester = allocated();
        let mut wire = ((method & 0xF) | (class & 1) << 4 | (class & 2) << 7).to_be_bytes().to_vec();
        wire.extend_from_slice(&((words.len() * 4) as u16).to_be_bytes());
        wire.extend_from_slice(&[0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        wire.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        let to = if at_relay { relayed_address() } else { server_address() };
        requester.send_to(to, client_address(), &wire);
        prop_assert_eq!(requester.server.allocations().count(), 1);
    }
}
