//! Messages: their kinds, their order, what is given up, what waits.

use super::line::Line;
use crate::data::{ChannelInit, Message, Output, Persistence, ReadyState, SendError};
use crate::sctp::Config;

#[test]
fn all_kinds_and_sizes_arrive_as_they_were_sent() {
    let mut line = Line::up(1);
    line.loss = 5;
    let [ours, theirs] = line.open(ChannelInit::new("chat"), 0);
    let messages = [
        Message::from("x"),
        Message::from(""),
        Message::from(Vec::new()),
        Message::from("안녕하세요"),
        Message::from(vec![7; 1000]),
        Message::from(vec![9; 200_000]),
    ];
    for message in &messages {
        line.send(0, ours, message.clone());
        line.send(1, theirs, message.clone());
    }
    line.run(120_000);
    for (end, id) in [(0, ours), (1, theirs)] {
        let seen: Vec<_> = line.ends[end].messages();
        assert_eq!(seen, messages.clone().map(|message| (id, message)));
        let state = line.ends[end].channels.channel(id).expect("open");
        assert_eq!((state.messages_sent, state.messages_received), (6, 6));
        assert_eq!((state.bytes_sent, state.bytes_received), (201_016, 201_016));
    }
}

#[test]
fn text_that_is_no_utf_8_is_replaced() {
    let mut line = Line::up(2);
    let [_, theirs] = line.open(ChannelInit::new("chat"), 0);
    line.raw(0, 0, super::super::ppid::TEXT, b"a\xffb".to_vec());
    line.run(100);
    assert_eq!(line.ends[1].messages(), [(theirs, Message::from("a\u{fffd}b"))]);
}

#[test]
fn an_ordered_channel_keeps_its_order_on_a_bad_line() {
    let mut line = Line::up(3);
    let [ours, _] = line.open(ChannelInit::new("chat"), 0);
    line.loss = 20;
    for number in 0..100_u8 {
        line.send(0, ours, vec![number; 300]);
    }
    line.run(300_000);
    let seen: Vec<u8> =
        line.ends[1].messages().iter().filter_map(|(_, message)| message.bytes().first().copied()).collect();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn an_unordered_channel_lets_messages_overtake() {
    let mut line = Line::up(4);
    let [ours, _] = line.open(ChannelInit { ordered: false, ..ChannelInit::new("chat") }, 0);
    line.loss = 20;
    for number in 0..100_u8 {
        line.send(0, ours, vec![number; 1000]);
    }
    line.run(300_000);
    let seen: Vec<u8> =
        line.ends[1].messages().iter().filter_map(|(_, message)| message.bytes().first().copied()).collect();
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..100).collect::<Vec<_>>(), "all of them");
    assert_ne!(seen, sorted, "not in order");
}

#[test]
fn what_may_not_be_sent_again_is_given_up_and_told() {
    for persistence in [Persistence::Retransmissions(0), Persistence::LifetimeMs(50)] {
        let mut line = Line::up(5);
        let [ours, _] = line.open(ChannelInit { persistence, ..ChannelInit::new("chat") }, 0);
        line.loss = 40;
        for number in 0..50_u8 {
            line.send(0, ours, vec![number; 1000]);
            line.run(100);
        }
        line.loss = 0;
        line.run(120_000);
        let arrived = line.ends[1].messages().len();
        let told = |output: &&Output| matches!(output, Output::Abandoned { channel, .. } if *channel == ours);
        let given_up = line.ends[0].outputs.iter().filter(told).count();
        assert!(arrived < 50 && given_up > 0, "{persistence:?}: {arrived} arrived");
        line.send(0, ours, "the last one");
        line.run(1000);
        assert_eq!(
            line.ends[1].messages().last().map(|(_, message)| message.clone()),
            Some("the last one".into())
        );
    }
}

#[test]
fn what_waits_is_counted_and_its_end_is_told_once() {
    let mut line = Line::up(6);
    let [ours, _] = line.open(ChannelInit::new("chat"), 0);
    line.ends[0].channels.set_low_threshold(ours, 1000);
    line.send(0, ours, vec![0; 100_000]);
    let waits = line.ends[0].channels.buffered_amount(ours);
    assert!((90_000..100_000).contains(&waits), "{waits}");
    line.send(0, ours, "");
    assert_eq!(line.ends[0].channels.buffered_amount(ours), waits, "an empty message counts nothing");
    line.run(10_000);
    assert_eq!(line.ends[0].channels.buffered_amount(ours), 0);
    let low = |output: &&Output| matches!(output, Output::BufferedAmountLow { .. });
    assert_eq!(line.ends[0].outputs.iter().filter(low).count(), 1);
    line.send(0, ours, vec![0; 1000]);
    line.run(1000);
    assert_eq!(line.ends[0].outputs.iter().filter(low).count(), 1, "it was never above the threshold");
}

#[test]
fn what_cannot_be_sent_says_why() {
    let mut line = Line::new(7);
    let id = line.create(0, ChannelInit::new("chat"), 0);
    let now = line.now;
    let send = |line: &mut Line, length: usize| line.ends[0].channels.send(id, vec![0; length], now);
    assert_eq!(send(&mut line, 1), Err(SendError::NotOpen(ReadyState::Connecting)));
    line.start(Config { max_message_size: 1000, send_buffer: 50_000, ..Config::default() });
    line.run(1000);
    assert_eq!(send(&mut line, 1001), Err(SendError::TooLong { length: 1001, limit: 1000 }));
    let full = (0..100).find_map(|_| send(&mut line, 1000).err());
    assert!(matches!(full, Some(SendError::BufferFull(waits)) if waits > 49_000), "{full:?}");
    line.run(10_000);
    assert_eq!(send(&mut line, 1000), Ok(()));
    line.ends[0].channels.close(id, line.now);
    assert_eq!(send(&mut line, 1), Err(SendError::NotOpen(ReadyState::Closing)));
    line.run(10_000);
    assert_eq!(send(&mut line, 1), Err(SendError::NoChannel));
}
