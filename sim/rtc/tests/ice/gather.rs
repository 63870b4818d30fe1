//! Candidates from STUN servers.

use std::time::Duration;

use rtclab_rtc::ice::{Candidate, CandidateKind, CandidatePriority, Change, GatheringState};
use rtclab_rtc::stun::TransactionState;
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, at, hosts, through_nats, wire};

const SERVER: &str = "192.0.2.9:3478";

fn gathering(path: crate::duo::Path, sockets: u16) -> Duo {
    let mut configs = hosts(sockets);
    configs[0].stun_servers = vec![at(SERVER)];
    let mut duo = Duo::new(configs, path);
    duo.stun = Some(at(SERVER));
    duo.act(0, |agent| agent.gather(Time::ZERO));
    duo
}

fn reflexive(duo: &Duo) -> Vec<Candidate> {
    let all = duo.sides[0].agent.local_candidates().map(|(_, candidate)| candidate.clone());
    all.filter(|candidate| candidate.kind == CandidateKind::ServerReflexive).collect()
}

#[test]
fn a_nat_shows_in_a_server_reflexive_candidate() {
    let mut duo = gathering(through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7000")]), 1);
    duo.run_until(Time::from_millis(40));
    let found = reflexive(&duo);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address, at("192.0.2.1:7000"));
    assert_eq!(found[0].related, Some(at("10.1.0.1:5000")));
    assert_eq!(CandidatePriority::of(found[0].priority).type_preference, 100);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
}

#[test]
fn without_a_nat_the_reflexive_candidate_is_redundant() {
    let mut duo = gathering(wire(20), 1);
    duo.run_until(Time::from_millis(40));
    assert_eq!(reflexive(&duo), []);
    assert!(duo.sides[0].told.reasons().contains(&Reason::RedundantCandidate));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
}

#[test]
fn queries_are_paced_by_ta() {
    let mut duo = gathering(wire(400), 4);
    duo.run_until(Time::from_millis(300));
    let sent = duo.sent.iter().filter(|(_, side, _)| *side == 0);
    let times: Vec<u64> = sent.map(|(at, ..)| at.as_nanos() / 1_000_000).collect();
    assert_eq!(times, [0, 50, 100, 150]);
}

#[test]
fn a_silent_server_is_asked_seven_times_and_given_up() {
    let mut duo = gathering(Box::new(|_, _| None), 1);
    duo.run_until(Time::from_millis(39_499));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Gathering);
    duo.run_until(Time::from_millis(39_500));
    assert_eq!(duo.sent.len(), 7);
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    let Some(Change::Transaction(query)) = duo.sides[0].told.newest.get(&Subject::Transaction(0)) else {
        panic!("no transaction was told");
    };
    assert_eq!((query.state, query.reason), (TransactionState::TimedOut, Some(Reason::ServerSilent)));
}

#[test]
fn a_server_that_refuses_gives_no_candidate() {
    let mut duo = gathering(Box::new(|_, _| None), 1);
    let query = duo.sent[0].2.clone();
    let message = rtclab_rtc::stun::Message::parse(&query.payload).expect("STUN");
    let refusal = rtclab_rtc::stun::Builder::error(&message, 500).finish();
    duo.act(0, |agent| agent.handle_datagram(query.from, at(SERVER), &refusal, Time::ZERO));
    let changes = duo.sides[0].told.changes_for(Reason::ServerRefused);
    let [(Subject::Transaction(0), Change::Transaction(query))] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(query.state, TransactionState::Refused(500));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert_eq!(reflexive(&duo), []);
}

#[test]
fn an_icmp_error_ends_a_query_at_once() {
    let mut duo = gathering(Box::new(|_, _| None), 1);
    let now = Time::from_millis(30);
    let (from, to) = (duo.sent[0].2.from, duo.sent[0].2.to);
    duo.act(0, |agent| agent.handle_unreachable(from, to, now));
    assert_eq!(duo.sides[0].agent.snapshot().gathering, GatheringState::Complete);
    assert!(duo.sides[0].told.reasons().contains(&Reason::Unreachable));
}

#[test]
fn an_answer_from_elsewhere_is_ignored() {
    let mut duo = gathering(Box::new(|_, _| None), 1);
    let query = duo.sent[0].2.clone();
    let message = rtclab_rtc::stun::Message::parse(&query.payload).expect("STUN");
    let mapped = rtclab_rtc::stun::Attribute::XorMappedAddress(at("192.0.2.66:1"));
    let forged = rtclab_rtc::stun::Builder::success(&message).attribute(&mapped).finish();
    let stranger = at("192.0.2.10:3478");
    duo.act(0, |agent| agent.handle_datagram(query.from, stranger, &forged, Time::ZERO));
    assert_eq!(reflexive(&duo), []);
    assert_eq!(duo.sides[0].told.ignored, [Reason::StunNoTransaction]);
}

#[test]
fn mappings_are_kept_while_no_pair_is_selected() {
    let mut duo = gathering(through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7000")]), 1);
    duo.run_until(Time::from_millis(1000));
    duo.sent.clear();
    duo.run_until(Time::from_millis(61_000));
    duo.sent.retain(|(_, side, _)| *side == 0);
    assert_eq!(duo.sent.len(), 4, "every 15 s");
    assert_eq!(duo.sent[1].0.since(duo.sent[0].0), Duration::from_secs(15));
    assert_eq!(reflexive(&duo).len(), 1);
}

#[test]
fn what_a_server_sees_is_signaled_even_if_a_check_has_taught_it_before() {
    let mut configs = hosts(1);
    configs[0].stun_servers = vec![at(SERVER)];
    let mut duo = Duo::new(configs, wire(20));
    let mut nat = through_nats(20, &[("10.1.0.1:5000", "192.0.2.1:7000")]);
    duo.path = Box::new(move |now, transmit| {
        let (delay, seen) = nat(now, transmit)?;
        let slow = seen.from == at(SERVER);
        Some((if slow { Duration::from_millis(500) } else { delay }, seen))
    });
    duo.stun = Some(at(SERVER));
    duo.start();
    duo.run_until(Time::from_millis(600));
    let kinds: Vec<_> = duo.sides[0].agent.local_candidates().map(|(_, local)| local.kind).collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::PeerReflexive, CandidateKind::ServerReflexive]);
}
