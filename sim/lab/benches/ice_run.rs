//! The cost of a whole call: two homes behind NATs, a STUN and a TURN server, signaling through the network, from the document to the
//! outcome, in summary mode.
//!
//! `cargo bench -p rtclab-lab`

use divan::Bencher;
use divan::counter::ItemsCount;
use rtclab_lab::document::Scenario;
use rtclab_lab::run::{Options, run};
use rtclab_trace::{Observe, SimTime};

fn main() {
    divan::main();
}

const TWO_HOMES: &str = include_str!("../../../scenarios/hole-punching.toml");

fn two_homes() -> Scenario {
    Scenario::parse("hole-punching.toml", TWO_HOMES, &[]).expect("a shipped scenario has no mistakes")
}

fn bench(bencher: Bencher<'_, '_>, observe: Observe) {
    let scenario = two_homes();
    // Two seconds hold the whole call: gathering, checks, nomination.
    let options = Options { seed: None, until: Some(SimTime::from_millis(2_000)), observe };
    let check = run(&scenario, options).expect("a shipped scenario can be built");
    assert!(check.calls.iter().all(|call| call.both_connected_at().is_some()), "the call is connected");
    bencher.counter(ItemsCount::new(1_usize)).bench(|| run(&scenario, options));
}

/// One whole call, keeping only the numbers: what sweeps and matrices cost.
#[divan::bench]
fn two_homes_summary(bencher: Bencher<'_, '_>) {
    bench(bencher, Observe::Summary);
}

/// One whole call with everything kept: what the window and the command line cost.
#[divan::bench]
fn two_homes_full(bencher: Bencher<'_, '_>) {
    bench(bencher, Observe::Full);
}
