//! Channels open: with the protocol, without it, before and after the association is up.

use super::line::Line;
use crate::data::dcep::{DcepMessage, Open};
use crate::data::{ChannelInit, Message, OpenedBy, Persistence, ReadyState, ppid};
use crate::reason::Reason;
use crate::sctp::Config;

#[test]
fn a_channel_opens_at_both_ends_with_what_it_was_made_with() {
    let mut line = Line::up(1);
    let init = ChannelInit {
        ordered: false,
        persistence: Persistence::LifetimeMs(500),
        protocol: "json".to_owned(),
        ..ChannelInit::new("chat")
    };
    let [ours, theirs] = line.open(init.clone(), 0);
    let seen = line.ends[1].labelled("chat");
    assert_eq!((&seen.init, seen.opened_by, seen.stream), (&init, OpenedBy::Peer, Some(0)));
    assert_eq!(
        line.ends[0].states(ours),
        [
            (ReadyState::Connecting, Reason::DataWanted),
            (ReadyState::Connecting, Reason::DataStream),
            (ReadyState::Open, Reason::DataOpen),
            (ReadyState::Open, Reason::DataAcknowledged),
        ]
    );
    assert_eq!(line.ends[1].states(theirs), [(ReadyState::Open, Reason::DataOpened)]);
}

#[test]
fn channels_that_were_made_before_wait_for_the_association() {
    let mut line = Line::new(2);
    let early = line.create(0, ChannelInit::new("early"), 0);
    let late = line.ends[0].channels.create(ChannelInit::new("without a stream"), line.now);
    line.run(1000);
    assert_eq!(line.ends[0].ready(early), ReadyState::Connecting);
    line.start(Config::default());
    line.run(1000);
    assert_eq!(line.ends[0].ready(early), ReadyState::Open);
    assert_eq!(line.ends[0].ready(late), ReadyState::Connecting);
    line.ends[0].channels.assign_stream(late, 2, line.now);
    line.run(1000);
    assert_eq!(line.ends[1].labelled("without a stream").ready, ReadyState::Open);
}

#[test]
fn a_negotiated_channel_needs_no_message() {
    let mut line = Line::new(3);
    let init = ChannelInit { negotiated: Some(7), ..ChannelInit::new("agreed") };
    let ids = [line.create(0, init.clone(), 7), line.create(1, init, 7)];
    line.start(Config::default());
    line.run(1000);
    assert!(line.ends[0].states(ids[0]).contains(&(ReadyState::Open, Reason::DataNegotiated)));
    line.send(1, ids[1], "hello");
    line.run(100);
    assert_eq!(line.ends[0].messages(), [(ids[0], Message::from("hello"))]);
}

#[test]
fn messages_may_follow_at_once_and_stay_behind_the_one_that_opens() {
    let mut line = Line::up(4);
    line.loss = 30;
    let init = ChannelInit { ordered: false, ..ChannelInit::new("hasty") };
    let id = line.create(0, init, 0);
    for number in 0..20_u8 {
        line.send(0, id, vec![number]);
    }
    line.run(60_000);
    let numbers: Vec<_> = line.ends[1].messages().into_iter().map(|(_, message)| message).collect();
    assert_eq!(numbers, (0..20_u8).map(|number| Message::from(vec![number])).collect::<Vec<_>>());
    assert!(!line.ends[1].ignored(Reason::DataUnusedStream));
}

#[test]
fn both_ends_may_open_at_the_same_time() {
    let mut line = Line::up(5);
    let ours = line.create(0, ChannelInit::new("from the client"), 0);
    let theirs = line.create(1, ChannelInit::new("from the server"), 1);
    line.run(500);
    assert_eq!(line.ends[0].ready(ours), ReadyState::Open);
    assert_eq!(line.ends[1].ready(theirs), ReadyState::Open);
    assert_eq!(line.ends[0].labelled("from the server").stream, Some(1));
    assert_eq!(line.ends[1].labelled("from the client").stream, Some(0));
}

#[test]
fn a_stream_beyond_those_that_were_agreed_cannot_be_used() {
    let mut line = Line::new(6);
    line.start(Config { streams: 10, ..Config::default() });
    line.run(1000);
    let id = line.create(0, ChannelInit::new("too far"), 10);
    line.run(100);
    assert_eq!(line.ends[0].states(id).last(), Some(&(ReadyState::Closed, Reason::DataNoStream)));
}

#[test]
fn an_acknowledgment_of_nothing_is_ignored() {
    let mut line = Line::up(7);
    let [_, theirs] = line.open(ChannelInit::new("chat"), 0);
    // The peer's own channel needs none, and stream 4 has no channel at all.
    for stream in [0, 4] {
        line.raw(0, stream, ppid::DCEP, DcepMessage::Ack.to_bytes());
        line.run(200);
        assert!(line.ends[1].ignored(Reason::DataUnexpectedAck));
        line.ends[1].outputs.clear();
    }
    assert_eq!(line.ends[1].ready(theirs), ReadyState::Open);
}

#[test]
fn a_peer_cannot_open_without_end() {
    let mut line = Line::up(8);
    let open = |label: String| {
        let ordered = true;
        let persistence = Persistence::Reliable;
        DcepMessage::Open(Open { ordered, persistence, priority: 256, label, protocol: String::new() })
    };
    for number in 0..40 {
        line.raw(0, number * 2, ppid::DCEP, open("long ".repeat(10_000)).to_bytes());
        line.run(2000);
    }
    assert!(line.ends[1].ignored(Reason::DataTooMany));
    assert_eq!(line.ends[1].channels.channels().count(), 20, "a megabyte of labels");
}
