//! What an agent does not act on, and the reason that it gives.

use rtclab_rtc::ice::{CandidateLine, ConnectionState};
use rtclab_rtc::stun::{Attribute, Builder, Message};
use rtclab_rtc::{Reason, Time};

use crate::duo::{Duo, at, hosts, through_nats, wire};

fn connected() -> Duo {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    duo
}

fn line(text: &str) -> CandidateLine {
    text.parse().expect("a candidate")
}

#[test]
fn candidates_that_cannot_be_used_are_not_kept() {
    for (text, reason) in [
        ("candidate:1 2 udp 5 10.2.0.1 9000 typ host", Reason::OtherComponent),
        ("candidate:1 1 udp 5 224.0.0.1 9000 typ host", Reason::UnusableAddress),
        ("candidate:1 1 udp 5 10.2.0.1 0 typ host", Reason::UnusableAddress),
    ] {
        let mut duo = Duo::new(hosts(1), wire(50));
        let line = line(text);
        duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
        assert_eq!(duo.sides[0].told.ignored, [reason], "{text}");
        assert_eq!(duo.sides[0].agent.remote_candidates().count(), 0);
    }
}

#[test]
fn a_candidate_that_is_signaled_twice_is_redundant() {
    let mut duo = Duo::new(hosts(1), wire(50));
    for _ in 0..2 {
        let line = line("candidate:1 1 udp 5 10.2.0.1 9000 typ host");
        duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    assert_eq!(duo.sides[0].told.ignored, [Reason::RedundantCandidate]);
    assert_eq!(duo.sides[0].agent.remote_candidates().count(), 1);
}

#[test]
fn data_from_an_address_without_a_pair_is_not_handed_on() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.handle_datagram(at("10.1.0.1:5000"), at("10.9.9.9:9"), b"hello", now));
    assert_eq!(duo.sides[0].told.ignored, [Reason::DataFromStranger]);
    assert!(duo.sides[0].told.data.is_empty());
}

#[test]
fn an_icmp_error_about_somebody_else_ends_nothing() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.handle_unreachable(at("10.1.0.1:5000"), at("10.9.9.9:9"), now));
    assert_eq!(duo.sides[0].told.ignored, [Reason::NothingPendingThere]);
}

#[test]
fn an_icmp_error_about_the_selected_pair_is_told_until_the_peer_is_heard_again() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.handle_unreachable(at("10.1.0.1:5000"), at("10.2.0.1:5000"), now));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Disconnected);
    duo.act(1, |agent| agent.send(b"still here", now)).expect("connected");
    duo.run_until(Time::from_millis(1000));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Completed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::PeerHeardAgain));
}

#[test]
fn gathering_begins_once() {
    let mut duo = connected();
    let now = duo.now;
    duo.act(0, |agent| agent.gather(now));
    assert_eq!(duo.sides[0].told.ignored, [Reason::AlreadyGathering]);
}

#[test]
fn requests_to_an_address_without_a_candidate_are_not_answered() {
    let mut duo = connected();
    let check = duo.first_sent(1);
    let (sent, now) = (duo.sent.len(), duo.now);
    duo.act(0, |agent| agent.handle_datagram(at("10.1.0.1:9"), check.from, &check.payload, now));
    assert_eq!(duo.sides[0].told.ignored, [Reason::NoCandidateHere]);
    assert_eq!(duo.sent.len(), sent);
}

#[test]
fn a_success_without_a_mapped_address_proves_nothing() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    let check = duo.first_sent(0);
    let request = Message::parse(&check.payload).expect("STUN");
    let password = duo.sides[1].agent.local_credentials().password().to_owned();
    let key = rtclab_rtc::stun::IntegrityKey::short_term(&password);
    let response = Builder::success(&request).attribute(&Attribute::Software("odd")).sign(&key).finish();
    duo.act(0, |agent| agent.handle_datagram(check.from, check.to, &response, Time::ZERO));
    assert!(duo.sides[0].told.reasons().contains(&Reason::UnusableResponse));
    assert!(duo.sides[0].agent.check_list().valid.is_empty());
}

#[test]
fn a_peer_that_refuses_a_check_fails_the_pair() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    let check = duo.first_sent(0);
    let request = Message::parse(&check.payload).expect("STUN");
    let password = duo.sides[1].agent.local_credentials().password().to_owned();
    let key = rtclab_rtc::stun::IntegrityKey::short_term(&password);
    let response = Builder::error(&request, 500).sign(&key).finish();
    duo.act(0, |agent| agent.handle_datagram(check.from, check.to, &response, Time::ZERO));
    assert!(duo.sides[0].told.reasons().contains(&Reason::CheckRefused));
}

#[test]
fn two_sides_without_any_candidate_have_nothing_to_pair_and_fail() {
    let mut configs = hosts(1);
    for config in &mut configs {
        config.sockets.clear();
    }
    let mut duo = Duo::new(configs, wire(50));
    duo.start();
    duo.run_until(Time::from_millis(39_499));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::New);
    duo.run_until(Time::from_millis(39_500));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    assert!(duo.sides[0].told.reasons().contains(&Reason::NothingToPair));
}

#[test]
fn a_mapping_that_changed_is_noticed() {
    let mut configs = hosts(1);
    configs[0].stun_servers = vec![at("192.0.2.9:3478")];
    let mut duo = Duo::new(configs, through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7000")]));
    duo.stun = Some(at("192.0.2.9:3478"));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo.run_until(Time::from_millis(1000));
    duo.path = through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7001")]);
    duo.run_until(Time::from_millis(20_000));
    assert!(duo.sides[0].told.reasons().contains(&Reason::MappingChanged));
    assert_eq!(duo.sides[0].agent.local_candidates().count(), 2, "RFC 8838 §13: nothing new after the end");
}
