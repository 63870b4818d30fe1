//! Messages arrive whole, once and in order, whatever the line does.

use std::time::Duration;

use proptest::prelude::*;

use super::line::{Faults, Line};
use crate::reason::Reason;
use crate::sctp::{Config, Message, Phase, Reliability, SendError};

fn bytes(length: usize, salt: u8) -> Vec<u8> {
    (0..length).map(|index| (index as u8).wrapping_mul(31).wrapping_add(salt)).collect()
}

#[test]
fn a_message_arrives_after_one_way() {
    let mut line = Line::up(1);
    line.send(0, 7, "hello");
    line.run(Duration::from_millis(25));
    let expected = Message { stream: 7, protocol: 53, unordered: false, payload: b"hello".to_vec() };
    assert_eq!(line.ends[1].messages, [expected]);
    assert!(line.has_reason(0, Reason::SctpData));
    line.run(Duration::from_millis(400));
    assert!(line.has_reason(1, Reason::SctpDelayedSack));
    let state = line.ends[0].association.snapshot();
    assert_eq!((state.sent, state.acknowledged, state.in_flight), (1, 1, 0));
}

#[test]
fn a_long_message_is_cut_and_put_together() {
    let mut line = Line::up(2);
    line.send(0, 0, bytes(200_000, 3));
    line.run(Duration::from_secs(10));
    assert_eq!(line.ends[1].messages.len(), 1);
    assert_eq!(line.ends[1].messages[0].payload, bytes(200_000, 3));
    assert!(line.has_reason(1, Reason::SctpSack));
    let state = line.ends[0].association.snapshot();
    assert!(state.cwnd > 20_000, "slow start opened the window: {}", state.cwnd);
    assert_eq!(state.retransmissions, 0);
    let longest = line.packets(0).iter().map(|packet| packet.len()).max();
    assert!(longest <= Some(Config::default().packet_size), "{longest:?}");
}

#[test]
fn a_lost_fragment_is_sent_again_after_three_reports() {
    let mut line = Line::up(3);
    let first = line.sent[0];
    line.send(0, 0, bytes(60_000, 1));
    line.lost.push((0, first + 6));
    line.run(Duration::from_secs(5));
    assert_eq!(line.ends[1].messages[0].payload, bytes(60_000, 1));
    assert!(line.has_reason(0, Reason::SctpFastRetransmit));
    assert!(line.has_reason(1, Reason::SctpGapSack));
    assert!(!line.has_reason(0, Reason::SctpTimeout));
    assert_eq!(line.ends[0].association.snapshot().retransmissions, 1);
}

#[test]
fn the_timer_helps_where_no_report_can_come() {
    let mut line = Line::up(4);
    line.lost.push((0, line.sent[0]));
    line.send(0, 0, "only one");
    line.run(Duration::from_millis(900));
    assert!(line.ends[1].messages.is_empty());
    line.run(Duration::from_millis(200));
    assert_eq!(line.ends[1].messages.len(), 1);
    assert!(line.has_reason(0, Reason::SctpTimeout));
}

#[test]
fn after_a_timeout_the_rest_waits_for_the_window() {
    let mut line = Line::up(5);
    line.send(0, 0, bytes(40_000, 9));
    line.run(Duration::from_millis(160));
    line.faults.loss = 100;
    line.run(Duration::from_millis(60));
    line.faults.loss = 0;
    line.run(Duration::from_secs(20));
    assert_eq!(line.ends[1].messages.len(), 1);
    assert!(line.has_reason(0, Reason::SctpTimeout) && line.has_reason(0, Reason::SctpRetransmit));
}

#[test]
fn streams_do_not_wait_for_each_other() {
    let mut line = Line::up(6);
    line.lost.push((0, line.sent[0]));
    line.send(0, 1, "lost first");
    line.send(0, 2, "other stream");
    line.send(0, 1, "same stream");
    line.run(Duration::from_millis(30));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.stream).collect();
    assert_eq!(seen, [2]);
    line.run(Duration::from_secs(3));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.payload.as_slice()).collect();
    assert_eq!(seen, [&b"other stream"[..], b"lost first", b"same stream"]);
}

#[test]
fn unordered_messages_overtake() {
    let mut line = Line::up(7);
    line.lost.push((0, line.sent[0]));
    line.send_with(0, 1, "first", true, Reliability::default());
    line.send_with(0, 1, "second", true, Reliability::default());
    line.run(Duration::from_secs(3));
    let seen: Vec<_> = line.ends[1].messages.iter().map(|message| message.payload.as_slice()).collect();
    assert_eq!(seen, [&b"second"[..], b"first"]);
}

#[test]
fn a_message_that_cannot_be_sent_is_refused_with_the_reason() {
    let mut line = Line::new(8);
    let message = |stream, payload: Vec<u8>| Message { stream, protocol: 53, unordered: false, payload };
    let now = line.now;
    let send = |line: &mut Line, message| line.ends[0].association.send(message, Reliability::default(), now);
    assert_eq!(send(&mut line, message(0, vec![1])), Err(SendError::NotOpen(Phase::Closed)));
    line = Line::up(8);
    assert_eq!(send(&mut line, message(0, vec![])), Err(SendError::Empty));
    let limit = Config::default().max_message_size;
    let too_long = SendError::TooLong { length: limit + 1, limit };
    assert_eq!(send(&mut line, message(0, vec![0; limit + 1])), Err(too_long));
    assert_eq!(send(&mut line, message(u16::MAX, vec![1])), Err(SendError::Stream(u16::MAX)));
    let mut taken = 0;
    while send(&mut line, message(0, vec![0; limit])).is_ok() {
        taken += 1;
    }
    assert!((50..=70).contains(&taken), "{taken} messages of 256 KiB fit 16 MiB and the window");
}

#[test]
fn a_receiver_without_room_stops_the_sender_until_the_gap_is_closed() {
    let config = Config { receive_window: 20_000, ..Config::default() };
    let mut line = Line::with(9, config, Faults::NONE);
    line.ends[0].association.connect(line.now);
    line.run(Duration::from_secs(1));
    let first = line.sent[0];
    line.lost.push((0, first));
    for number in 0..100 {
        line.send(0, 0, bytes(1_000, number));
    }
    line.run(Duration::from_secs(20));
    assert_eq!(line.ends[1].messages.len(), 100);
}

#[test]
fn a_copy_is_only_acknowledged() {
    let mut line = Line::up(10);
    line.send(0, 0, "once");
    line.run(Duration::from_secs(1));
    let copy = line.packets(0).iter().rev().find(|packet| packet[12] == 0).map(|packet| packet.to_vec());
    line.inject(1, &copy.expect("a packet with DATA"));
    assert!(line.has_reason(1, Reason::SctpDuplicate));
    assert_eq!(line.ends[1].messages.len(), 1);
}

#[test]
fn a_quiet_path_is_asked_whether_it_works() {
    let mut line = Line::up(11);
    line.run(Duration::from_secs(40));
    assert!(line.has_reason(0, Reason::SctpHeartbeat) && line.has_reason(1, Reason::SctpHeartbeatAck));
    assert_eq!(line.ends[0].association.snapshot().srtt, Some(Duration::from_millis(50)));
    line.faults.loss = 100;
    line.run(Duration::from_secs(3_600));
    assert_eq!(line.phases(), [Phase::Closed; 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn everything_arrives_whole_and_in_order(
        seed in 0u64..1 << 40,
        loss in 0u32..25,
        duplication in 0u32..20,
        reordering in 0u32..30,
        lengths in prop::collection::vec((1usize..9_000, 0u16..3), 1..12),
    ) {
        let faults = Faults { loss, duplication, reordering, ..Faults::NONE };
        // Giving up is right after so many losses in a row (RFC 9260 §8.1) and tested elsewhere; here there is time to go on.
        let patient = Config {
            rto_max: Duration::from_secs(4),
            init_retransmissions_max: 60,
            retransmissions_max: 60,
            ..Config::default()
        };
        let mut line = Line::with(seed, patient, faults);
        line.ends[0].association.connect(line.now);
        for _ in 0..200 {
            line.run(Duration::from_secs(1));
            if line.phases() == [Phase::Established; 2] { break; }
        }
        prop_assert_eq!(line.phases(), [Phase::Established; 2]);
        let mut expected: [Vec<Vec<u8>>; 3] = Default::default();
        for (number, (length, stream)) in lengths.into_iter().enumerate() {
            let payload = bytes(length, number as u8);
            expected[usize::from(stream)].push(payload.clone());
            line.send(number % 2, stream, payload);
        }
        line.run(Duration::from_secs(400));
        for stream in 0..3u16 {
            let mut sent = expected[usize::from(stream)].clone();
            let of = |end: usize| line.ends[end].messages.iter().filter(move |message| message.stream == stream);
            let mut seen: Vec<Vec<u8>> = of(0).chain(of(1)).map(|message| message.payload.clone()).collect();
            sent.sort();
            seen.sort();
            prop_assert_eq!(sent, seen);
        }
        prop_assert_eq!(line.ends[0].association.snapshot().in_flight, 0);
        prop_assert_eq!(line.ends[1].association.snapshot().unassembled, 0);
    }
}

#[test]
fn a_burst_of_losses_is_made_up_for_as_the_window_opens() {
    let mut line = Line::up(77);
    line.send(0, 1, vec![7; 200_000]);
    line.run(Duration::from_millis(190));
    line.faults.loss = 100;
    line.run(Duration::from_millis(40));
    line.faults.loss = 0;
    line.run(Duration::from_secs(10));
    assert_eq!(line.ends[1].messages.len(), 1);
    assert_eq!(line.ends[0].association.snapshot().in_flight, 0);
}
