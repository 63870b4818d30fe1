//! Lost, delayed and reordered packets.

use std::collections::BTreeMap;
use std::time::Duration;

use rtclab_rtc::ice::{AgentConfig, Change, CheckListState, ConnectionState, PairState};
use rtclab_rtc::stun::{Class, Header};
use rtclab_rtc::{Reason, Subject, Time};

use crate::duo::{Duo, Path, Seeded, hosts, wire};

/// Loses this share of packets.
pub(crate) fn lossy(percent: u64, delay_ms: u64, seed: u64) -> Path {
    let mut random = Seeded(seed ^ 0xDEAD);
    Box::new(move |_, transmit| {
        let lost = random.next() % 100 < percent;
        (!lost).then(|| (Duration::from_millis(delay_ms), transmit.clone()))
    })
}

/// Hosts that do not ask for consent, which so much loss ends now and then: that is another matter.
fn unasking(count: u16) -> [AgentConfig; 2] {
    hosts(count).map(|config| AgentConfig { consent: false, ..config })
}

#[test]
fn thirty_percent_of_loss_never_keep_one_host_each_apart() {
    for seed in 0..1000 {
        let mut duo = Duo::seeded(unasking(1), lossy(30, 50, seed), seed);
        duo.start();
        assert!(duo.drive(Time::from_millis(300_000)), "seed {seed}");
        assert!(duo.agrees(), "seed {seed}");
    }
}

#[test]
fn thirty_percent_of_loss_never_keep_three_hosts_each_apart() {
    for seed in 0..200 {
        let mut duo = Duo::seeded(unasking(3), lossy(30, 50, seed), seed);
        duo.start();
        assert!(duo.drive(Time::from_millis(300_000)), "seed {seed}");
        assert!(duo.agrees(), "seed {seed}");
    }
}

#[test]
fn jitter_that_reorders_packets_is_no_obstacle() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let path: Path = Box::new(move |_, transmit| {
            Some((Duration::from_millis(1 + random.next() % 300), transmit.clone()))
        });
        let mut duo = Duo::seeded(hosts(3), path, seed);
        duo.start();
        assert!(duo.drive(Time::from_millis(60_000)), "seed {seed}");
        assert!(duo.agrees(), "seed {seed}");
    }
}

#[test]
fn without_any_path_the_agents_fail_when_patience_ends_and_not_before() {
    let mut duo = Duo::new(hosts(2), Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(39_400));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Checking);
    duo.run_until(Time::from_millis(60_000));
    for side in &duo.sides {
        assert_eq!(side.agent.state(), ConnectionState::Failed);
        assert_eq!(side.agent.check_list().state, CheckListState::Failed);
        assert_eq!(side.agent.poll_timeout(), None, "nothing is left to wait for");
    }
}

#[test]
fn icmp_errors_fail_pairs_at_once_but_not_the_list() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    let (from, to) = (duo.first_sent(0).from, duo.first_sent(0).to);
    let now = duo.now;
    duo.act(0, |agent| agent.handle_unreachable(from, to, now));
    let pair = &duo.sides[0].pair_list()[0].1;
    assert_eq!(pair.state, rtclab_rtc::ice::PairState::Failed);
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Checking);
    duo.run_until(Time::from_millis(39_500));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed, "RFC 8863");
}

#[test]
fn a_check_is_repeated_where_the_peers_came_through_and_the_pair_fails_in_the_end() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    // The peer's first check arrives, and nothing else in either direction.
    let check = duo.first_sent(1);
    duo.act(0, |agent| agent.handle_datagram(check.to, check.from, &check.payload, Time::ZERO));
    duo.run_until(Time::from_millis(200_000));
    let told = &duo.sides[0].told;
    let repeated = told.changes_for(Reason::CheckRepeated);
    let pairs = repeated.iter().filter_map(|(subject, change)| match change {
        Change::Pair(pair) => Some((*subject, pair.state)),
        _ => None,
    });
    assert_eq!(pairs.collect::<Vec<_>>(), [(Subject::Pair(0), PairState::Waiting); 2]);
    let failed = told.changes_for(Reason::TransactionTimeout).into_iter().rev();
    let failed = failed.filter(|(subject, _)| *subject == Subject::Pair(0)).count();
    assert_eq!(failed, 1, "after the third check");
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
}

#[test]
fn a_check_that_comes_after_the_end_revives_the_list() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    duo.run_until(Time::from_millis(39_500));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Failed);
    duo.path = wire(50);
    // The peer's check was on its way for very long: RFC 8445 §7.3.1.4.
    let late = duo.first_sent(1);
    let now = duo.now;
    duo.act(0, |agent| agent.handle_datagram(late.to, late.from, &late.payload, now));
    assert_eq!(duo.sides[0].agent.state(), ConnectionState::Checking);
}

/// When both sides knew their pair, over this many seeds, sorted.
fn connected_at(count: u16, seeds: u64) -> Vec<Time> {
    let times = (0..seeds).map(|seed| {
        let mut duo = Duo::seeded(unasking(count), lossy(30, 50, seed), seed);
        duo.start();
        assert!(duo.drive(Time::from_millis(60_000)), "seed {seed}");
        duo.sides.iter().filter_map(|side| side.connected_at()).max().expect("connected")
    });
    let mut times: Vec<Time> = times.collect();
    times.sort_unstable();
    times
}

#[test]
fn at_thirty_percent_of_loss_19_of_20_calls_are_connected_within_two_seconds() {
    for count in [1, 3] {
        let times = connected_at(count, 400);
        assert!(times[380] < Time::from_millis(2000), "{count} hosts each: {}", times[380]);
    }
}

#[test]
fn no_request_is_sent_again_within_500_ms_however_much_is_lost() {
    for seed in 0..50 {
        let mut duo = Duo::seeded(unasking(3), lossy(30, 50, seed), seed);
        duo.start();
        assert!(duo.drive(Time::from_millis(60_000)), "seed {seed}");
        let mut sent = BTreeMap::new();
        for (at, side, transmit) in &duo.sent {
            let header = Header::peek(&transmit.payload).expect("STUN");
            if header.class != Class::Request {
                continue;
            }
            let before = sent.insert((*side, header.transaction_id.0), *at);
            let early = before.filter(|before| at.since(*before) < Duration::from_millis(500));
            assert_eq!(early, None, "RFC 8445 §14.3, seed {seed}: again at {at}");
        }
    }
}

#[test]
fn where_the_peer_was_heard_a_check_that_is_not_answered_is_followed_by_a_new_one() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    let check = duo.first_sent(1);
    duo.act(0, |agent| agent.handle_datagram(check.to, check.from, &check.payload, Time::ZERO));
    duo.run_until(Time::from_millis(600));
    let own = duo.sent.iter().filter(|(_, side, _)| *side == 0);
    let checks: Vec<_> = own
        .filter(|sent| sent.2.reason != Some(Reason::CheckAnswered))
        .map(|sent| (sent.0, sent.2.reason))
        .collect();
    let expected = [
        (0, Reason::OrdinaryCheck),
        (50, Reason::TriggeredCheck),
        (300, Reason::CheckedAgain),
        (550, Reason::CheckedAgain),
    ];
    assert_eq!(checks, expected.map(|(at, reason)| (Time::from_millis(at), Some(reason))));
    assert!(
        !duo.sides[0].told.changes_for(Reason::CheckUnanswered).is_empty(),
        "the check before is given up"
    );
    // Nothing has come to the other side, so it only sends the same request again.
    let other = duo.sent.iter().filter(|(_, side, _)| *side == 1).count();
    assert_eq!(other, 2);
}

#[test]
fn checks_that_are_never_answered_are_not_repeated_for_ever() {
    let mut duo = Duo::new(hosts(1), Box::new(|_, _| None));
    duo.start();
    let check = duo.first_sent(1);
    duo.act(0, |agent| agent.handle_datagram(check.to, check.from, &check.payload, Time::ZERO));
    duo.run_until(Time::from_millis(200_000));
    let again =
        duo.sent.iter().filter(|(_, side, sent)| *side == 0 && sent.reason == Some(Reason::CheckedAgain));
    assert_eq!(again.count(), 16);
}
