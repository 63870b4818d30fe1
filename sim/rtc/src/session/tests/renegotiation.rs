//! What is negotiated anew while the call goes on: channels, media, ICE; and offers that meet.

use super::line::{Line, config};
use crate::jsep::{ConnectionState, Heard, MediaKind, Profile, SignalingState};
use crate::reason::Reason;
use crate::session::Session;

fn ufrags(session: &Session) -> (String, Option<String>) {
    let transport = session.transports().next().expect("one");
    let agent = session.agent(transport).expect("it is there").snapshot();
    (agent.local_ufrag.clone(), agent.remote_ufrag.clone())
}

fn agree(line: &Line) {
    for end in &line.ends {
        assert_eq!(end.session.connection().signaling_state(), SignalingState::Stable);
        assert_eq!(end.session.connection().connection_state(), ConnectionState::Connected);
    }
    let (ours, theirs) = (ufrags(&line.ends[0].session), ufrags(&line.ends[1].session));
    assert_eq!((Some(ours.0), ours.1), (theirs.1, Some(theirs.0)));
}

#[test]
fn more_channels_need_no_negotiation() {
    let mut line = Line::call(1, 0);
    let heard = line.ends[1].heard.len();
    line.create(0, "second");
    line.create(1, "third");
    line.run(500);
    for label in ["second", "third"] {
        line.both_open(label);
    }
    assert_eq!(line.ends[1].heard.len(), heard);
}

#[test]
fn a_first_channel_joins_a_call_that_had_none() {
    let mut line = Line::new(2);
    let now = line.now;
    line.ends[0].session.with(now, |connection| connection.add_track(MediaKind::Audio, "a", &["s"])).unwrap();
    line.run(3000);
    assert!(line.ends[0].session.channels().association().is_none());
    line.create(1, "late");
    line.run(3000);
    line.both_open("late");
    assert_eq!(line.ends[0].session.transports().count(), 1, "the bundle of the first exchange");
    agree(&line);
}

#[test]
fn ice_restarts_while_messages_go_on() {
    for end in [0, 1] {
        let mut line = Line::call(3, 0);
        let before = ufrags(&line.ends[0].session);
        let now = line.now;
        line.ends[end].session.restart_ice(now).expect("open");
        for number in 0..40_u8 {
            line.send(0, "first", vec![number; 100]);
            line.send(1, "first", vec![number; 100]);
            line.run(50);
        }
        line.run(3000);
        let after = ufrags(&line.ends[0].session);
        assert!(before.0 != after.0 && before.1 != after.1);
        agree(&line);
        assert_eq!(line.ends[0].messages().len(), 40);
        assert_eq!(line.ends[1].messages().len(), 40);
        let lost = line.ends.iter().flat_map(|end| end.states()).any(|state| state.contains("disconnected"));
        assert!(!lost, "the old pair carries on");
        let dtls = line.ends[0].session.dtls(line.ends[0].session.transports().next().expect("one"));
        assert_eq!(dtls.map(|state| state.phase), Some(crate::jsep::DtlsTransportState::Connected));
    }
}

#[test]
fn offers_that_meet_end_in_one_session() {
    for seed in 4..8 {
        // One set of sockets has to do, although the rollback discards a transport and begins another one.
        let mut configs = [0, 1].map(|end| config(end, seed, Profile::rfc9429()));
        configs.iter_mut().for_each(|config| config.sockets.truncate(1));
        let mut line = Line::with(seed, configs);
        line.create(0, "from the impolite");
        line.create(1, "from the polite");
        line.run(5000);
        assert!(line.ends[0].heard.contains(&Ok(Heard::Ignored(Reason::GlareIgnored))));
        for label in ["from the impolite", "from the polite"] {
            line.both_open(label);
        }
        agree(&line);
    }
}

#[test]
fn a_restart_that_gives_way_to_the_peers_offer_is_made_up_for() {
    let mut line = Line::call(9, 0);
    let before = ufrags(&line.ends[1].session);
    let now = line.now;
    line.ends[1].session.restart_ice(now).expect("open");
    line.ends[0].session.with(now, |connection| connection.add_track(MediaKind::Audio, "a", &["s"])).unwrap();
    line.run(5000);
    assert!(line.ends[1].has_reason(Reason::RestartAbandoned));
    let after = ufrags(&line.ends[1].session);
    assert!(before.0 != after.0 && before.1 != after.1);
    line.send(1, "first", "still here");
    line.run(500);
    assert_eq!(line.ends[0].messages().len(), 1);
    agree(&line);
}

#[test]
fn a_channel_closes_and_its_stream_is_used_again() {
    let mut line = Line::call(10, 0);
    for round in 0..3 {
        let label = if round == 0 { "first" } else { "again" };
        let channel = line.ends[round % 2].open(label);
        let now = line.now;
        line.ends[round % 2].session.close_channel(channel, now);
        line.run(1000);
        assert!(line.ends.iter().all(|end| end.session.channels().channels().next().is_none()));
        line.create(0, "again");
        line.run(1000);
        assert_eq!(line.ends[1].channel("again").and_then(|channel| channel.stream), Some(1));
    }
}

#[test]
fn what_is_told_late_about_the_session_before_a_restart_does_not_end_the_new_one() {
    let mut line = Line::new(21);
    line.create(0, "first");
    line.run(10);
    // The restart is offered when the answer comes, which is before the candidates that belong to the answer.
    let now = line.now;
    line.ends[0].session.restart_ice(now).unwrap();
    line.run(60_000);
    assert!(line.is_peaceful(), "{:?}", line.ends.each_ref().map(|end| &end.heard));
    agree(&line);
    line.both_open("first");
}
