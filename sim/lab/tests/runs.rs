//! Runs as a whole: repeatable to the byte, the same in both modes of observing, and what actions do to a call.

mod common;

use std::ops::ControlFlow;

use common::{run, shipped};
use rtclab_lab::run::{CallReport, Ended, Options, Outcome, run_watched};
use rtclab_trace::{CallOutcome, CallPath, Change, Entity, Observe, SimTime};

fn run_with(name: &str, options: Options) -> Outcome {
    rtclab_lab::run::run(&shipped(name, &[]), options).expect("a shipped scenario can be built")
}

/// What of a call does not depend on how much is kept.
fn facts(call: &CallReport) -> (CallOutcome, Option<CallPath>, [Option<SimTime>; 2], Vec<String>) {
    let pairs = call.state.sides.iter().filter_map(|side| side.selected.as_ref());
    let pairs = pairs.map(|(local, remote)| format!("{local} → {remote}"));
    (call.state.outcome, call.state.path, call.connected_at, pairs.collect())
}

#[test]
fn a_seed_gives_one_trace_and_another_seed_another() {
    for name in ["hole-punching.toml", "link-loss.toml"] {
        let hash = |seed| run_with(name, Options { seed, ..Options::default() }).trace_hash();
        let (first, again, other) = (hash(None), hash(None), hash(Some(99)));
        assert!(first.is_some(), "{name}");
        assert_eq!(first, again, "{name}");
        assert_ne!(first, other, "{name}");
    }
}

#[test]
fn a_summary_comes_to_the_same_calls_and_numbers_without_a_trace() {
    for name in
        ["hole-punching.toml", "symmetric-vs-port-restricted.toml", "nat-rebind.toml", "move-host.toml"]
    {
        let full = run_with(name, Options::default());
        let summary = run_with(name, Options { observe: Observe::Summary, ..Options::default() });
        assert_eq!(facts(&full.calls[0]), facts(&summary.calls[0]), "{name}");
        assert_eq!(full.counters(), summary.counters(), "{name}");
        assert!(summary.trace.is_empty() && summary.trace_hash().is_none(), "{name}");
        assert!(summary.is_as_expected(), "{name}: {:?}", summary.expectations);
    }
}

#[test]
fn every_packet_is_delivered_dropped_or_under_way_when_a_run_ends() {
    for name in ["hole-punching.toml", "udp-blocked.toml", "link-loss.toml", "double-nat.toml"] {
        let outcome = run_with(name, Options::default());
        let ended = |entity: Entity| {
            let last = outcome.trace.entries_of(entity).last().expect("it has an entry");
            matches!(outcome.trace.entry(*last).change, Change::Delivered { .. } | Change::Dropped(_))
        };
        let packets: Vec<Entity> =
            outcome.trace.entities().filter(|entity| matches!(entity, Entity::Packet(_))).collect();
        let done = packets.iter().filter(|packet| ended(**packet)).count() as u64;
        let counters = outcome.counters();
        assert_eq!(counters.packets_sent, packets.len() as u64, "{name}");
        assert_eq!(counters.packets_delivered + counters.packets_dropped, done, "{name}");
    }
}

#[test]
fn an_ice_restart_changes_the_credentials_and_not_the_call() {
    let outcome = run(&shipped("ice-restart.toml", &[]));
    let call = &outcome.calls[0];
    assert_eq!(call.state.outcome, CallOutcome::Connected);
    for node in call.nodes {
        let mut fragments: Vec<String> = outcome
            .trace
            .entries_of(Entity::Agent(node))
            .iter()
            .filter_map(|id| match &outcome.trace.entry(*id).change {
                Change::Protocol(change) => match change.as_ref() {
                    rtclab_rtc::ice::Change::Agent(agent) => Some(agent.local_ufrag.clone()),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        fragments.dedup();
        assert!(fragments.len() >= 2, "{fragments:?}");
    }
    let states = outcome.trace.entries_of(Entity::Call(0)).iter().map(|id| &outcome.trace.entry(*id).change);
    let outcomes: Vec<CallOutcome> = states
        .filter_map(|change| match change {
            Change::Call(state) => Some(state.outcome),
            _ => None,
        })
        .collect();
    assert!(
        outcomes
            .iter()
            .skip_while(|outcome| **outcome != CallOutcome::Connected)
            .all(|outcome| *outcome == CallOutcome::Connected)
    );
}

#[test]
fn a_host_that_moves_takes_its_call_along_to_its_new_address() {
    let scenario = shipped("move-host.toml", &[]);
    let before = rtclab_lab::run::run(
        &scenario,
        Options { until: Some(SimTime::from_millis(4_000)), ..Options::default() },
    );
    let before = before.expect("a shipped scenario can be built");
    let after = run(&scenario);
    let address = |outcome: &Outcome| {
        let pair = outcome.calls[0].state.sides[0].selected.as_ref();
        pair.map(|(local, _)| local.base.ip()).expect("connected")
    };
    assert_ne!(address(&before), address(&after));
    assert_eq!(after.calls[0].state.outcome, CallOutcome::Connected);
}

#[test]
fn a_rebound_nat_is_survived_with_a_new_mapping() {
    let outcome = run(&shipped("nat-rebind.toml", &[]));
    let call = &outcome.calls[0];
    let removed = outcome.trace.entries().filter(|(_, entry)| {
        matches!(&entry.change, Change::Mapping(state) if state.phase == rtclab_trace::MappingPhase::Removed)
    });
    assert!(removed.count() > 0, "the NAT forgot something");
    assert_eq!((call.state.outcome, call.state.path), (CallOutcome::Connected, Some(CallPath::Direct)));
}

#[test]
fn whoever_watches_a_run_may_cancel_it() {
    let mut told = 0;
    let outcome = run_watched(&shipped("udp-chain.toml", &[]), Options::default(), |progress| {
        told += 1;
        assert!(progress.share() <= 1.0 && progress.now <= progress.until);
        ControlFlow::Break(())
    });
    let outcome = outcome.expect("a shipped scenario can be built");
    assert_eq!((told, outcome.ended), (1, Ended::Cancelled));
}

#[test]
fn a_run_ends_when_nothing_is_left_or_its_time_is_up() {
    assert_eq!(run_with("udp-chain.toml", Options::default()).ended, Ended::Idle);
    let until = Some(SimTime::from_millis(300));
    let cut = run_with("hole-punching.toml", Options { until, ..Options::default() });
    assert_eq!((cut.ended, cut.ended_at), (Ended::Until, SimTime::from_millis(300)));
    assert_eq!(cut.calls[0].state.outcome, CallOutcome::Connecting);
}
