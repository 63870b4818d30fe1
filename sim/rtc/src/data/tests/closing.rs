//! Channels close: alone, or with the association.

use super::line::Line;
use crate::data::{ChannelInit, Message, ReadyState};
use crate::reason::Reason;
use crate::sctp::Config;

#[test]
fn closing_resets_both_directions_after_what_waits_has_gone_out() {
    let mut line = Line::up(1);
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.send(0, ours, vec![1; 100_000]);
    line.ends[0].channels.close(ours, line.now);
    assert_eq!(line.ends[0].ready(ours), ReadyState::Closing);
    line.run(10_000);
    assert_eq!(line.ends[1].messages(), [(theirs, Message::from(vec![1; 100_000]))]);
    let last = |end: usize, id| line.ends[end].states(id)[line.ends[end].states(id).len() - 2..].to_vec();
    let closed = (ReadyState::Closed, Reason::DataClosed);
    assert_eq!(last(0, ours), [(ReadyState::Closing, Reason::DataClose), closed]);
    assert_eq!(last(1, theirs), [(ReadyState::Closing, Reason::DataPeerCloses), closed]);
    assert_eq!(line.ends[0].channels.counts(), (1, 1));
}

#[test]
fn a_stream_can_be_used_again() {
    let mut line = Line::up(2);
    for round in 0..5 {
        line.loss = 20;
        let label = format!("round {round}");
        let id = line.create(0, ChannelInit::new(&label), 0);
        line.send(0, id, label.as_str());
        line.run(30_000);
        line.ends[round % 2].channels.channel_on(0).expect("open");
        let at = line.ends[round % 2].labelled(&label).id;
        line.ends[round % 2].channels.close(at, line.now);
        line.run(60_000);
        assert_eq!(line.ends[0].ready(id), ReadyState::Closed, "{label}");
    }
    assert_eq!(line.ends[1].messages().len(), 5);
    assert_eq!(line.ends[1].channels.channels().count(), 0);
}

#[test]
fn both_ends_may_close_at_once() {
    let mut line = Line::up(3);
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.ends[0].channels.close(ours, line.now);
    line.ends[1].channels.close(theirs, line.now);
    line.run(5000);
    assert_eq!(line.ends[0].ready(ours), ReadyState::Closed);
    assert_eq!(line.ends[1].ready(theirs), ReadyState::Closed);
}

#[test]
fn messages_for_a_channel_that_is_being_closed_are_dropped() {
    let mut line = Line::up(4);
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.ends[0].channels.close(ours, line.now);
    line.send(1, theirs, "too late");
    line.run(5000);
    assert!(line.ends[0].messages().is_empty());
    assert!(line.ends[0].ignored(Reason::DataNotOpen));
}

#[test]
fn a_channel_that_never_opened_closes_at_once() {
    let mut line = Line::new(5);
    let id = line.create(0, ChannelInit::new("chat"), 0);
    line.ends[0].channels.close(id, line.now);
    line.run(1);
    assert_eq!(line.ends[0].states(id).last(), Some(&(ReadyState::Closed, Reason::DataClose)));
    line.start(Config::default());
    line.run(1000);
    assert_eq!(line.ends[1].channels.channels().count(), 0);
}

#[test]
fn the_end_of_the_association_ends_every_channel() {
    let mut line = Line::up(6);
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.ends[1].channels.stop(line.now);
    line.run(1000);
    for (end, id) in [(0, ours), (1, theirs)] {
        let last = line.ends[end].states(id).last().copied();
        assert_eq!(last, Some((ReadyState::Closed, Reason::DataAssociationOver)));
    }
    assert!(line.ends[1].channels.association().is_none());
}

#[test]
fn a_new_association_carries_new_channels() {
    let mut line = Line::up(7);
    line.open(ChannelInit::new("old"), 0);
    let waiting = line.ends[0].channels.create(ChannelInit::new("waits for a stream"), line.now);
    line.start(Config::default());
    line.run(2000);
    assert_eq!(line.ends[0].ready(waiting), ReadyState::Connecting);
    line.ends[0].channels.assign_stream(waiting, 0, line.now);
    line.run(1000);
    assert_eq!(line.ends[1].labelled("waits for a stream").ready, ReadyState::Open);
}
