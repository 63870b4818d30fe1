//! Numbers that wrap, and runs that can be repeated.

use std::time::Duration;

use super::line::{Faults, Line};
use crate::sctp::{Config, Output};

/// Every packet of a run.
fn bytes_of(seed: u64) -> Vec<Vec<u8>> {
    let faults = Faults { loss: 10, duplication: 5, reordering: 10, ..Faults::NONE };
    let mut line = Line::with(seed, Config::default(), faults);
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_secs(30));
    line.send(0, 1, vec![5; 20_000]);
    line.run(Duration::from_secs(60));
    let packet = |output: &Output| match output {
        Output::Packet { bytes, .. } => Some(bytes.clone()),
        _ => None,
    };
    line.ends.iter().flat_map(|end| end.outputs.iter().filter_map(packet)).collect()
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    assert_eq!(bytes_of(1), bytes_of(1));
    assert_ne!(bytes_of(1), bytes_of(2));
}

#[test]
fn stream_sequence_numbers_wrap() {
    let mut line = Line::up(3);
    for _ in 0..70_000 {
        line.send(0, 1, [1]);
        if line.ends[0].association.waiting(1) > 1_000 {
            line.run(Duration::from_secs(1));
        }
    }
    line.run(Duration::from_secs(60));
    assert_eq!(line.ends[1].messages.len(), 70_000);
}
