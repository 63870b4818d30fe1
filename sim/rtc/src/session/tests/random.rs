//! Two applications do what comes to their minds, over slow signaling and a bad line: they end in agreement.

use super::line::{Line, Seed};
use crate::data::ReadyState;
use crate::jsep::{ConnectionState, MediaKind, SignalingState};
use crate::randomness::Randomness;
use crate::sdp::Direction;

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

/// The channels that are open, with their streams.
fn channels(line: &Line, end: usize) -> Vec<(String, Option<u16>)> {
    let channels = line.ends[end].session.channels().channels();
    let open = channels.filter(|channel| channel.ready == ReadyState::Open);
    let mut open: Vec<_> = open.map(|channel| (channel.init.label.clone(), channel.stream)).collect();
    open.sort();
    open
}

/// What was agreed on for each medium, as this end sees it.
fn media(line: &Line, end: usize) -> Vec<(Option<String>, Option<Direction>)> {
    let transceivers = line.ends[end].session.connection().transceivers().iter();
    let agreed = transceivers.map(|one| (one.negotiated.mid.clone(), one.negotiated.current_direction));
    let mut agreed: Vec<_> = agreed.collect();
    agreed.sort_by(|a, b| a.0.cmp(&b.0));
    agreed
}

#[test]
fn whatever_two_applications_do_they_end_in_agreement() {
    for seed in 0..40 {
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
        assert_eq!(channels(&line, 0), channels(&line, 1), "seed {seed}");
        line.both_open("the last one");
        let turned =
            |(mid, direction): (Option<String>, Option<Direction>)| (mid, direction.map(Direction::reversed));
        let theirs: Vec<_> = media(&line, 1).into_iter().map(turned).collect();
        assert_eq!(media(&line, 0), theirs, "seed {seed}");
    }
}
