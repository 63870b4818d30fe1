//! Two applications do what comes to their minds, over slow signaling and a bad line: they end in agreement.

use super::line::{Line, Seed};
use crate::data::ReadyState;
use crate::jsep::{ConnectionState, MediaKind, SignalingState};
use crate::randomness::Randomness;

fn act(line: &mut Line, random: &mut Seed, step: u32) {
    let end = random.below(2) as usize;
    let now = line.now;
    let session = &mut line.ends[end].session;
    match random.below(8) {
        0..3 => drop(line.create(end, &format!("channel {step}"))),
        3 => session.restart_ice(now).expect("open"),
        4 => {
            let (kind, track) = (MediaKind::Audio, format!("track {step}"));
            session.with(now, |connection| connection.add_track(kind, &track, &["s"])).expect("a new one");
        }
        5 => {
            let first = session.channels().channels().find(|channel| channel.ready == ReadyState::Open);
            if let Some(channel) = first.map(|channel| channel.id) {
                session.close_channel(channel, now);
            }
        }
        _ => {}
    }
}

fn labels(line: &Line, end: usize) -> Vec<String> {
    let channels = line.ends[end].session.channels().channels();
    let mut labels: Vec<String> = channels
        .map(|channel| format!("{} on {:?} is {}", channel.init.label, channel.stream, channel.ready))
        .collect();
    labels.sort();
    labels
}

#[test]
fn whatever_two_applications_do_they_end_in_agreement() {
    for seed in 0..24 {
        let mut line = Line::new(seed);
        let mut random = Seed(seed ^ 0x5eed);
        line.loss = random.below(3) * 5;
        for step in 0..14 {
            line.signaling_ms = u64::from(5 + random.below(300));
            act(&mut line, &mut random, step);
            line.run(u64::from(random.below(600)));
        }
        line.loss = 0;
        line.create(0, "the last one");
        line.run(120_000);
        assert!(line.is_peaceful(), "seed {seed}: {:?}", line.ends.each_ref().map(|end| &end.heard));
        for end in &line.ends {
            let connection = end.session.connection();
            assert_eq!(connection.signaling_state(), SignalingState::Stable, "seed {seed}");
            assert_eq!(connection.connection_state(), ConnectionState::Connected, "seed {seed}");
        }
        assert_eq!(labels(&line, 0), labels(&line, 1), "seed {seed}");
        line.both_open("the last one");
        let directions = [0, 1].map(|end: usize| {
            let transceivers = line.ends[end].session.connection().transceivers().iter();
            transceivers.map(|found| found.negotiated.mid.clone()).collect::<Vec<_>>()
        });
        assert_eq!(directions[0].len(), directions[1].len(), "seed {seed}");
    }
}
