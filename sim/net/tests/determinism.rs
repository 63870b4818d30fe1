//! One seed, one trace; and what one part of a world draws does not depend on the others.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::NatConfig;
use rtclab_trace::{SimTime, TraceHash};

fn lively() -> Draft {
    let link = millis(5).with_jitter(Duration::from_millis(30)).with_loss(0.1);
    Draft::new()
        .network("home", link.clone())
        .network("internet", link)
        .nat("nat", NatConfig::symmetric(), "home", "internet")
        .host("alice", &["home"])
        .host("bob", &["internet"])
}

/// bob hears from alice fifty times, and answers.
fn run(draft: Draft, seed: u64) -> Lab {
    let mut lab = Lab::seeded(draft.0, seed);
    lab.talk("alice", Talker::new("0.0.0.0:0"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    for number in 0..50u8 {
        lab.send("alice", bob, &[number]);
        lab.run_ms(7);
    }
    lab.run_ms(1_000);
    lab
}

fn hash(seed: u64) -> TraceHash {
    run(lively(), seed).world.trace().hash()
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_gives_another() {
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn a_summary_counts_what_a_full_trace_shows() {
    let full = run(lively(), 1);
    let mut summary = Lab {
        world: rtclab_net::World::new(lively().0, 1, rtclab_trace::Observe::Summary).expect("no faults"),
    };
    summary.talk("alice", Talker::new("0.0.0.0:0"));
    summary.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(summary.address("bob"), 5000);
    for number in 0..50u8 {
        summary.send("alice", bob, &[number]);
        summary.run_ms(7);
    }
    summary.run_ms(1_000);
    assert_eq!(summary.world.trace().counters(), full.world.trace().counters());
    assert_eq!(summary.talker("bob").seen, full.talker("bob").seen);
    assert!(summary.world.trace().is_empty());
}

#[test]
fn adding_a_node_disturbs_no_other() {
    let before: Vec<(SimTime, Seen)> = run(lively(), 1).talker("bob").seen.clone();
    let crowded = lively().host("carol", &["home"]).host("dave", &["internet"]).network("other", millis(1));
    let after: Vec<(SimTime, Seen)> =
        run(crowded.router("r", &["internet", "other"]), 1).talker("bob").seen.clone();
    assert!(before.len() > 20, "most of fifty arrive");
    assert_eq!(before, after);
}
