//! Messages that no agent of this kind would send: odd peers and attackers who know the password or do not.

use rtclab_rtc::ice::{Credentials, Role};
use rtclab_rtc::stun::{Attribute, Builder, Class, IntegrityKey, Message, Method, TransactionId};
use rtclab_rtc::{Reason, Time, Transmit};

use crate::duo::{Duo, at, hosts, wire};

const FROM: &str = "10.2.0.1:5000";
const TO: &str = "10.1.0.1:5000";

/// An agent in this role that knows its peer and its candidate; the peer does nothing by itself.
fn victim(role: Role) -> Duo {
    let mut configs = hosts(1);
    configs[0].role = role;
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.start();
    duo.sent.clear();
    duo
}

fn check(duo: &Duo, attributes: &[Attribute<'_>], password: Option<&str>) -> Vec<u8> {
    let [ours, theirs] = [1, 0].map(|side: usize| duo.sides[side].agent.local_credentials().clone());
    let username = format!("{}:{}", theirs.ufrag(), ours.ufrag());
    let mut builder = Builder::request(Method::BINDING, TransactionId([7; 12]));
    builder = builder.attribute(&Attribute::Username(&username));
    for attribute in attributes {
        builder = builder.attribute(attribute);
    }
    let key = IntegrityKey::short_term(password.unwrap_or(theirs.password()));
    builder.sign(&key).finish()
}

fn deliver(duo: &mut Duo, payload: &[u8]) {
    let (to, from, now) = (at(TO), at(FROM), duo.now);
    duo.act(0, |agent| agent.handle_datagram(to, from, payload, now));
}

/// The first response that was sent.
fn response(duo: &Duo) -> Option<&Transmit> {
    let found = duo.sent.iter().find(|(_, side, transmit)| {
        *side == 0 && Message::parse(&transmit.payload).is_ok_and(|message| message.class().is_response())
    });
    found.map(|(.., transmit)| transmit)
}

/// Code of the first error that was sent, or 0 for success.
fn answer(duo: &Duo) -> Option<u16> {
    let message = Message::parse(&response(duo)?.payload).expect("STUN");
    match message.class() {
        Class::Error => message.error_code().map(|error| error.code),
        _ => Some(0),
    }
}

/// The request was refused with this code, and changed nothing; the refusal and the note about the request say why.
fn assert_refused(duo: &Duo, code: u16, reason: Reason) {
    assert_eq!(answer(duo), Some(code));
    assert_eq!(response(duo).and_then(|transmit| transmit.reason), Some(reason));
    assert_eq!(duo.sides[0].told.ignored, [reason]);
}

#[test]
fn use_candidate_from_a_controlled_peer_is_answered_and_nominates_nothing() {
    let mut duo = victim(Role::Controlling);
    let attributes = [Attribute::Priority(5), Attribute::IceControlled(1), Attribute::UseCandidate];
    let request = check(&duo, &attributes, None);
    deliver(&mut duo, &request);
    assert_eq!(answer(&duo), Some(0));
    assert!(!duo.sides[0].told.reasons().contains(&Reason::NominationAwaitsCheck));
    assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
}

#[test]
fn a_role_claim_with_the_wrong_password_flips_nothing() {
    for role in [Role::Controlling, Role::Controlled] {
        let mut duo = victim(role);
        let claim = match role {
            Role::Controlling => Attribute::IceControlling(u64::MAX),
            Role::Controlled => Attribute::IceControlled(0),
        };
        let request = check(&duo, &[Attribute::Priority(5), claim], Some("wrongwrongwrongwrongwrong"));
        let before = duo.sides[0].agent.snapshot().clone();
        deliver(&mut duo, &request);
        assert_refused(&duo, 401, Reason::WrongIntegrity);
        assert_eq!(duo.sides[0].agent.snapshot(), &before);
    }
}

#[test]
fn a_corrupted_fingerprint_is_not_taken() {
    let mut duo = victim(Role::Controlling);
    let mut request = check(&duo, &[Attribute::Priority(5), Attribute::IceControlled(1)], None);
    *request.last_mut().expect("bytes") ^= 1;
    deliver(&mut duo, &request);
    assert_eq!(answer(&duo), None);
    assert_eq!(duo.sides[0].told.ignored, [Reason::StunMalformed]);
}

#[test]
fn a_check_without_fingerprint_is_not_taken() {
    let mut duo = victim(Role::Controlling);
    let theirs = duo.sides[0].agent.local_credentials().clone();
    let username = format!("{}:x", theirs.ufrag());
    let request = Builder::request(Method::BINDING, TransactionId([7; 12]))
        .attribute(&Attribute::Username(&username))
        .attribute(&Attribute::Priority(5))
        .sign(&IntegrityKey::short_term(theirs.password()))
        .finish_without_fingerprint();
    deliver(&mut duo, &request);
    assert_eq!(answer(&duo), None);
    assert_eq!(duo.sides[0].told.ignored, [Reason::FingerprintMissing]);
}

#[test]
fn a_check_without_priority_is_a_bad_request() {
    let mut duo = victim(Role::Controlling);
    let request = check(&duo, &[Attribute::IceControlled(1)], None);
    deliver(&mut duo, &request);
    assert_refused(&duo, 400, Reason::PriorityMissing);
}

#[test]
fn an_unsigned_request_is_a_bad_request() {
    let mut duo = victim(Role::Controlling);
    let request = Builder::request(Method::BINDING, TransactionId([7; 12]))
        .attribute(&Attribute::IceControlling(u64::MAX))
        .finish();
    deliver(&mut duo, &request);
    assert_refused(&duo, 400, Reason::Unsigned);
    assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
}

#[test]
fn a_check_for_somebody_else_is_unauthenticated() {
    let ours = victim(Role::Controlling).sides[0].agent.local_credentials().clone();
    for username in ["othr:x", "othr", ours.ufrag(), &format!("x:{}", ours.ufrag())] {
        let mut duo = victim(Role::Controlling);
        let key = IntegrityKey::short_term(duo.sides[0].agent.local_credentials().password());
        let request = Builder::request(Method::BINDING, TransactionId([7; 12]))
            .attribute(&Attribute::Username(username))
            .attribute(&Attribute::Priority(5))
            .attribute(&Attribute::IceControlled(1))
            .sign(&key)
            .finish();
        deliver(&mut duo, &request);
        assert_refused(&duo, 401, Reason::UnknownUsername);
    }
}

#[test]
fn a_peer_in_our_role_with_the_smaller_tie_breaker_gets_487() {
    for (role, claim) in [
        (Role::Controlling, Attribute::IceControlling(0)),
        (Role::Controlled, Attribute::IceControlled(u64::MAX)),
    ] {
        let mut duo = victim(role);
        let before = duo.sides[0].agent.snapshot().clone();
        let request = check(&duo, &[Attribute::Priority(5), claim], None);
        deliver(&mut duo, &request);
        assert_eq!(answer(&duo), Some(487));
        assert_eq!(response(&duo).and_then(|transmit| transmit.reason), Some(Reason::RoleKept));
        assert_eq!(duo.sides[0].agent.snapshot(), &before);
    }
}

#[test]
fn an_attribute_that_must_be_understood_and_is_not_gets_420() {
    let mut duo = victim(Role::Controlling);
    let unknown = Attribute::Unknown { kind: rtclab_rtc::stun::AttributeType(0x7FFE), value: &[1, 2, 3, 4] };
    let request = check(&duo, &[Attribute::Priority(5), Attribute::IceControlled(1), unknown], None);
    deliver(&mut duo, &request);
    assert_refused(&duo, 420, Reason::StunUnknownAttributes);
}

/// The agent's own check, and a response to it.
fn respond(duo: &mut Duo, password: &str, from: &str) {
    let request = duo.sides[0].agent.local_credentials().clone();
    assert_ne!(request.password(), password, "responses are signed with the responder's password");
    let now = duo.now + std::time::Duration::from_millis(500);
    duo.run_until(now);
    let sent = duo.sent.iter().find(|(_, side, _)| *side == 0).expect("a retransmission").2.clone();
    let message = Message::parse(&sent.payload).expect("STUN");
    let response = Builder::success(&message)
        .attribute(&Attribute::XorMappedAddress(sent.from))
        .sign(&IntegrityKey::short_term(password))
        .finish();
    let from = at(from);
    duo.act(0, |agent| agent.handle_datagram(sent.from, from, &response, now));
}

#[test]
fn a_forged_response_is_as_if_it_never_came() {
    let mut duo = victim(Role::Controlling);
    respond(&mut duo, "wrongwrongwrongwrongwrong", FROM);
    assert!(duo.sides[0].agent.check_list().valid.is_empty());
    assert_eq!(duo.sides[0].told.ignored, [Reason::WrongIntegrity]);
}

#[test]
fn a_response_from_another_address_fails_the_pair() {
    let mut duo = victim(Role::Controlling);
    let password = duo.sides[1].agent.local_credentials().password().to_owned();
    respond(&mut duo, &password, "10.2.0.1:5999");
    let pairs = duo.sides[0].pair_list();
    assert_eq!(pairs[0].1.state, rtclab_rtc::ice::PairState::Failed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::NonSymmetric));
}

#[test]
fn an_authentic_response_makes_the_pair_valid() {
    let mut duo = victim(Role::Controlling);
    let password = duo.sides[1].agent.local_credentials().password().to_owned();
    respond(&mut duo, &password, FROM);
    assert_eq!(duo.sides[0].agent.check_list().valid, [0]);
}

#[test]
fn a_check_from_another_generation_of_the_peer_is_answered_only() {
    let mut duo = victim(Role::Controlling);
    let theirs = duo.sides[0].agent.local_credentials().clone();
    let other = Credentials::new("othr", "abcdefghijklmnopqrstuvwx").expect("right");
    let request = Builder::request(Method::BINDING, TransactionId([7; 12]))
        .attribute(&Attribute::Username(&format!("{}:{}", theirs.ufrag(), other.ufrag())))
        .attribute(&Attribute::Priority(5))
        .attribute(&Attribute::IceControlling(u64::MAX))
        .sign(&IntegrityKey::short_term(theirs.password()))
        .finish();
    let before = duo.sides[0].pair_list();
    deliver(&mut duo, &request);
    assert_eq!(answer(&duo), Some(0));
    assert_eq!(duo.sides[0].pair_list(), before);
    assert_eq!(duo.sides[0].agent.role(), Role::Controlling);
}

#[test]
fn a_second_nomination_by_an_aggressive_peer_leaves_the_better_pair_selected() {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    let before = duo.sides[1].agent.selected().map(|selected| selected.0);
    // The controlling peer nominates a worse pair as well, from its second socket.
    let theirs = duo.sides[1].agent.local_credentials().clone();
    let ours = duo.sides[0].agent.local_credentials().clone();
    let request = Builder::request(Method::BINDING, TransactionId([9; 12]))
        .attribute(&Attribute::Username(&format!("{}:{}", theirs.ufrag(), ours.ufrag())))
        .attribute(&Attribute::Priority(5))
        .attribute(&Attribute::IceControlling(1))
        .attribute(&Attribute::UseCandidate)
        .sign(&IntegrityKey::short_term(theirs.password()))
        .finish();
    let (to, from, now) = (at("10.2.1.1:5001"), at("10.1.1.1:5001"), duo.now);
    duo.act(1, |agent| agent.handle_datagram(to, from, &request, now));
    duo.run_until(Time::from_millis(2000));
    let nominated = duo.sides[1].pair_list().iter().filter(|(_, pair)| pair.nominated).count();
    assert_eq!(nominated, 2);
    assert_eq!(duo.sides[1].agent.selected().map(|selected| selected.0), before);
}
