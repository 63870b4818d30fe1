//! The course of the congestion window as readers see it: each step with why it was taken, and not one for every acknowledgment.

use std::time::Duration;

use rtclab_trace::NetReason;

use super::pair::{Channel, Pair, Side, pattern};
use crate::tcp::{Algorithm, Config};

/// Sends four megabytes over 50 ms and two megabits a second, with a queue of 60 kB that overflows now and then.
fn crowded(algorithm: Algorithm) -> Pair {
    let config = Config { algorithm, ..Config::default() };
    let channel = Channel { rate: Some((250_000, 60_000)), ..Channel::clean(25) };
    let mut pair = Pair::new(3, channel, config, Config::default());
    pair.client.to_write = pattern(4_000_000);
    pair.run_for(Duration::from_secs(60));
    assert_eq!(pair.server.received.len(), 4_000_000);
    pair
}

/// The windows that the client's changes for a reason led to.
fn windows(pair: &Pair, reason: NetReason) -> Vec<u64> {
    let changes = pair.client.changes.iter().filter(|change| change.reason == reason);
    changes.map(|change| change.state.cwnd).collect()
}

#[test]
fn slow_start_doubles_and_avoidance_creeps() {
    let pair = crowded(Algorithm::NewReno);
    let start = windows(&pair, NetReason::TcpSlowStart);
    assert!(start.len() > 3 && start.is_sorted(), "{start:?}");
    let avoidance = pair.client.changes.iter().filter(|it| it.reason == NetReason::TcpCongestionAvoidance);
    assert!(avoidance.clone().count() > 3);
    assert!(avoidance.clone().all(|it| Some(it.state.cwnd) >= it.state.ssthresh));
}

#[test]
fn the_repair_leads_down_to_the_threshold() {
    let pair = crowded(Algorithm::Cubic);
    assert!(!windows(&pair, NetReason::TcpProportionalReduction).is_empty());
}

#[test]
fn a_model_of_the_path_sets_the_window_of_bbr() {
    let pair = crowded(Algorithm::Bbr);
    assert!(windows(&pair, NetReason::TcpPathModel).len() > 3);
    assert!(windows(&pair, NetReason::TcpSlowStart).is_empty());
}

#[test]
fn a_window_that_is_hardly_used_decays() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.client.to_write = pattern(1_000_000);
    pair.run_for(Duration::from_millis(400));
    assert_eq!(pair.server.received.len(), 1_000_000);
    pair.client.changes.clear();
    for _ in 0..40 {
        pair.client.to_write = pattern(1000);
        pair.run_for(Duration::from_millis(100));
    }
    let decay = windows(&pair, NetReason::TcpWindowUnused);
    assert!(!decay.is_empty() && decay.is_sorted_by(|before, after| before > after), "{decay:?}");
}

#[test]
fn steps_are_told_and_not_every_acknowledgment() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.client.changes.clear();
    pair.log.clear();
    pair.client.to_write = pattern(4_000_000);
    pair.run_for(Duration::from_secs(10));
    let acknowledgments = pair.log.iter().filter(|logged| logged.from == Side::Server).count();
    let steps = windows(&pair, NetReason::TcpSlowStart);
    assert!(steps.len() * 10 < acknowledgments, "{} of {acknowledgments}", steps.len());
    assert!(steps.windows(2).all(|pair| pair[1] >= pair[0] + 1448), "{steps:?}");
}
