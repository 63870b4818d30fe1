//! Check lists: freezing, pacing, triggered checks, limits.

use std::time::Duration;

use rtclab_rtc::ice::{AgentConfig, CandidateLine, Change, PairState, Role};
use rtclab_rtc::stun::{Attribute, Builder, Class, IntegrityKey, Message, Method, TransactionId};
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, at, hosts, socket, wire};

/// Two sockets with one address on each side: one foundation, four pairs.
fn one_foundation() -> [AgentConfig; 2] {
    let sockets = |side: u8| {
        vec![socket(&format!("10.0.0.{side}:5000"), 65535), socket(&format!("10.0.0.{side}:5001"), 65534)]
    };
    [AgentConfig::new(Role::Controlling, sockets(1)), AgentConfig::new(Role::Controlled, sockets(2))]
}

fn states(duo: &Duo, side: usize) -> Vec<PairState> {
    let list = duo.sides[side].agent.check_list();
    let pairs = duo.sides[side].pair_list();
    let state = |number: &u32| pairs.iter().find(|(known, _)| known == number).map(|(_, pair)| pair.state);
    list.pairs.iter().filter_map(state).collect()
}

#[test]
fn one_pair_of_a_foundation_is_checked_and_the_others_are_frozen() {
    let mut duo = Duo::new(one_foundation(), wire(50));
    duo.start();
    let frozen = PairState::Frozen;
    assert_eq!(states(&duo, 0), [PairState::InProgress, frozen, frozen, frozen]);
    let changes = duo.sides[0].told.changes_for(Reason::FrozenByFoundation);
    assert_eq!(changes.len(), 3);
    for (subject, change) in changes {
        assert!(matches!(change, Change::Pair(pair) if pair.state == frozen), "{subject:?}: {change:?}");
    }
}

#[test]
fn a_success_unfreezes_its_foundation() {
    let mut duo = Duo::new(one_foundation(), wire(50));
    duo.start();
    duo.run_until(Time::from_millis(100));
    let unfrozen = duo.sides[0].told.reasons();
    let count = unfrozen.iter().filter(|reason| **reason == Reason::FoundationSucceeded).count();
    assert_eq!(count, 3);
}

#[test]
fn a_failure_lets_the_next_of_the_foundation_try() {
    let mut duo = Duo::new(one_foundation(), Box::new(|_, _| None));
    duo.start();
    let first = duo.first_sent(0);
    duo.run_until(Time::from_millis(60));
    let frozen = PairState::Frozen;
    assert_eq!(states(&duo, 0), [PairState::InProgress, frozen, frozen, frozen], "Ta alone thaws nothing");
    let now = duo.now;
    duo.act(0, |agent| agent.handle_unreachable(first.from, first.to, now));
    duo.run_until(Time::from_millis(61));
    assert_eq!(states(&duo, 0), [PairState::Failed, PairState::InProgress, frozen, frozen]);
    assert!(duo.sides[0].told.reasons().contains(&Reason::NothingElseWaits));
}

/// When a side sent its requests for the first time.
fn new_requests(duo: &Duo, sender: usize) -> Vec<Time> {
    let mut seen = Vec::new();
    let mut times = Vec::new();
    for (at, side, transmit) in &duo.sent {
        let Ok(message) = Message::parse(&transmit.payload) else { continue };
        let id = message.transaction_id();
        if *side == sender && message.class() == Class::Request && !seen.contains(&id) {
            seen.push(id);
            times.push(*at);
        }
    }
    times
}

#[test]
fn new_transactions_keep_ta_between_them_and_the_first_leaves_at_once() {
    let mut configs = hosts(4);
    configs[0].stun_servers = vec![at("192.0.2.9:3478")];
    let mut duo = Duo::new(configs, wire(7));
    duo.path = Box::new(|at, transmit| {
        // Half of what is sent arrives, so that triggered checks and retransmissions mix in.
        let arrives = (at.as_nanos() / 1_000_000) % 2 == 0;
        arrives.then(|| (Duration::from_millis(7), transmit.clone()))
    });
    duo.start();
    duo.run_until(Time::from_millis(5000));
    for side in [0, 1] {
        let times = new_requests(&duo, side);
        assert_eq!(times[0], Time::ZERO);
        assert!(times.len() > 4);
        for pair in times.windows(2) {
            assert!(pair[1].since(pair[0]) >= Duration::from_millis(50), "{times:?}");
        }
    }
}

#[test]
fn responses_do_not_wait_for_ta() {
    let mut duo = Duo::new(hosts(3), wire(3));
    duo.start();
    duo.run_until(Time::from_millis(3));
    let answered = duo.sent.iter().any(|(at, side, transmit)| {
        let class = Message::parse(&transmit.payload).expect("STUN").class();
        *side == 1 && *at == Time::from_millis(3) && class == Class::Success
    });
    assert!(answered);
}

#[test]
fn a_check_that_gets_through_triggers_one_in_the_other_direction() {
    let mut duo = Duo::new(hosts(1), wire(10));
    // The first packet of the controlling side is lost at the peer's NAT; the peer's own opens the way.
    let mut first = true;
    duo.path = Box::new(move |_, transmit| {
        let lost = transmit.from.port() == 5000
            && transmit.from.to_string().starts_with("10.1.")
            && std::mem::take(&mut first);
        (!lost).then(|| (Duration::from_millis(10), transmit.clone()))
    });
    duo.start();
    assert!(duo.drive(Time::from_millis(400)), "long before the first retransmission at 500 ms");
    let told = &duo.sides[0].told;
    assert!(told.reasons().contains(&Reason::TriggeredByPeer));
    assert!(told.reasons().contains(&Reason::CancelledForTriggered));
}

#[test]
fn the_rest_of_the_list_is_left_alone_once_a_pair_is_nominated() {
    let mut duo = Duo::new(hosts(3), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    let sent = duo.sent.len();
    duo.run_until(Time::from_millis(10_000));
    let consent = |transmit: &rtclab_rtc::Transmit| {
        let kept = duo.sides[0].agent.selected().map(|(_, local, _)| local.address);
        [Some(transmit.from), Some(transmit.to)].contains(&kept)
    };
    let later = duo.sent[sent..].iter().filter(|(.., transmit)| !consent(transmit)).count();
    assert!(later <= 4, "only answers to what was under way, not {later} packets");
    for side in [0, 1] {
        let list = duo.sides[side].agent.check_list();
        assert!(list.triggered.is_empty());
        assert_eq!(list.valid.len(), 1);
    }
}

#[test]
fn the_list_keeps_the_best_pairs_within_its_limit() {
    let mut duo = Duo::new(hosts(1), wire(50));
    duo.signaling = false;
    for index in 0..150_u32 {
        let port = 2000 + index;
        let line = format!("candidate:{index} 1 udp {} 10.9.0.1 {port} typ host", 1000 + index);
        let line: CandidateLine = line.parse().expect("a candidate");
        duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    duo.act(0, |agent| agent.gather(Time::ZERO));
    let list = duo.sides[0].agent.check_list();
    assert_eq!(list.pairs.len(), 100);
    assert!(duo.sides[0].told.ignored.contains(&Reason::TooManyCandidates));
}

/// An agent with room for three pairs, and signaled candidates of these priorities.
fn crowded(priorities: &[u32]) -> Duo {
    let mut configs = hosts(1);
    configs[0].pair_limit = 3;
    let mut duo = Duo::new(configs, Box::new(|_, _| None));
    duo.signaling = false;
    duo.act(0, |agent| agent.gather(Time::ZERO));
    for priority in priorities {
        let line = format!("candidate:{priority} 1 udp {priority} 10.9.0.1 {} typ host", 2000 + priority);
        let line: CandidateLine = line.parse().expect("a candidate");
        duo.act(0, |agent| agent.add_remote_candidate(line, Time::ZERO));
    }
    duo
}

fn remote_priorities(duo: &Duo) -> Vec<u32> {
    duo.sides[0].pair_list().iter().map(|(_, pair)| pair.remote.priority).collect()
}

#[test]
fn a_better_pair_takes_the_place_of_the_worst_in_a_full_list() {
    let duo = crowded(&[50, 10, 40, 30, 20]);
    assert_eq!(remote_priorities(&duo), [50, 40, 30]);
    let dropped = duo.sides[0].told.changes_for(Reason::PairLimit);
    let [(Subject::Pair(1), Change::Pair(pair))] = &dropped[..] else { panic!("{dropped:?}") };
    assert_eq!((pair.state, pair.remote.priority), (PairState::Failed, 10));
}

#[test]
fn a_check_on_a_pair_that_has_no_room_in_the_list_is_answered_only() {
    let mut duo = crowded(&[50, 40, 30]);
    duo.exchange_credentials(1);
    let [ours, theirs] = [0, 1].map(|side: usize| duo.sides[side].agent.local_credentials().clone());
    let check = Builder::request(Method::BINDING, TransactionId([7; 12]))
        .attribute(&Attribute::Username(&format!("{}:{}", ours.ufrag(), theirs.ufrag())))
        .attribute(&Attribute::Priority(5))
        .attribute(&Attribute::IceControlled(1))
        .sign(&IntegrityKey::short_term(ours.password()))
        .finish();
    duo.act(0, |agent| agent.handle_datagram(at("10.1.0.1:5000"), at("10.9.9.9:9"), &check, Time::ZERO));
    assert_eq!(duo.sides[0].told.ignored, [Reason::PairLimit]);
    assert_eq!(remote_priorities(&duo), [50, 40, 30]);
    let answer = duo.sent.last().expect("an answer").2.clone();
    assert_eq!((answer.to, answer.reason), (at("10.9.9.9:9"), Some(Reason::CheckAnswered)));
}

#[test]
fn numbers_of_pairs_and_candidates_are_never_used_twice() {
    let mut duo = Duo::new(hosts(2), wire(50));
    duo.start();
    assert!(duo.drive(Time::from_millis(1000)));
    duo.restart(0);
    duo.restart(1);
    duo.exchange_credentials(0);
    duo.exchange_credentials(1);
    assert!(duo.drive(Time::from_millis(3000)));
    let mut paths = std::collections::BTreeMap::new();
    for (_, subject, change, ..) in &duo.sides[0].told.changes {
        if let (Subject::Pair(number), Change::Pair(pair)) = (subject, change) {
            let path = (pair.local.address, pair.remote.address);
            assert_eq!(*paths.entry(*number).or_insert(path), path, "pair {number}");
        }
    }
    assert!(paths.len() >= 8, "four pairs in each session");
}
