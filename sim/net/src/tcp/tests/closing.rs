//! Closing a connection (RFC 9293 §3.6): each way through the states, half close, TIME-WAIT, and closing with something unread.

use std::time::Duration;

use rtclab_trace::NetReason;

use super::pair::{Pair, Side, pattern};
use crate::tcp::{
    Codepoint, Config, Event, Flags, Header, Segment, SequenceNumber, State, TcpError, WriteError,
};

fn established() -> Pair {
    Pair::established(10, Config::default(), Config::default())
}

#[test]
fn the_end_that_closes_first_waits_and_the_other_does_not() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
    assert!(pair.server.events.contains(&Event::PeerClosed));
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
    pair.drive();
    assert_eq!(
        pair.client.states,
        [
            State::SynSent,
            State::Established,
            State::FinWait1,
            State::FinWait2,
            State::TimeWait,
            State::Closed
        ]
    );
    assert_eq!(
        pair.server.states,
        [State::SynReceived, State::Established, State::CloseWait, State::LastAck, State::Closed]
    );
    assert_eq!([pair.on(Side::Client).error(), pair.on(Side::Server).error()], [None; 2]);
}

#[test]
fn fin_and_acknowledgment_go_in_one_segment_if_the_program_closes_at_once() {
    let mut pair = established();
    pair.log.clear();
    pair.server.shuts_down = false;
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_millis(10));
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(50));
    let ladder = [
        "client FIN,ACK seq 1 ack 1 len 0",
        "server FIN,ACK seq 1 ack 2 len 0",
        "client ACK seq 2 ack 2 len 0",
    ];
    assert_eq!(pair.ladder(), ladder);
}

#[test]
fn when_both_close_at_once_both_wait() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.call(Side::Server, |server| server.shutdown());
    pair.drive();
    let way = [State::Established, State::FinWait1, State::Closing, State::TimeWait, State::Closed];
    assert_eq!(pair.client.states[1..], way);
    assert_eq!(pair.server.states[1..], way);
}

#[test]
fn a_fin_with_the_acknowledgment_of_ours_leads_straight_to_time_wait() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_millis(10));
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(15));
    assert_eq!(pair.states()[0], State::TimeWait);
}

#[test]
fn after_a_half_close_data_still_comes_from_the_other_side() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_millis(50));
    pair.server.to_write = pattern(50_000);
    pair.server.shuts_down = true;
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.client.received, pattern(50_000));
    assert!(pair.on(Side::Client).is_at_end());
    assert_eq!(pair.states()[0], State::TimeWait);
}

#[test]
fn what_was_written_is_sent_before_the_fin() {
    let mut pair = established();
    pair.client.to_write = pattern(100_000);
    pair.client.shuts_down = true;
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.server.received, pattern(100_000));
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
}

#[test]
fn time_wait_lasts_a_minute() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(59_900));
    assert_eq!(pair.states(), [State::TimeWait; 2]);
    pair.run_for(Duration::from_millis(200));
    assert_eq!(pair.states(), [State::Closed; 2]);
    assert_eq!(pair.client.changes.last().map(|change| change.reason), Some(NetReason::TcpTimeWaitOver));
}

#[test]
fn a_fin_that_comes_again_is_acknowledged_again_and_time_wait_begins_anew() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_millis(50));
    // The acknowledgments of the server's FIN are lost at first.
    let mut losses = 2;
    pair.filter = Box::new(move |logged| {
        let is_lost = logged.from == Side::Client && losses > 0;
        losses -= i32::from(is_lost);
        is_lost
    });
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(15));
    assert_eq!(pair.states(), [State::TimeWait, State::LastAck]);
    let over = pair.on(Side::Client).poll_timeout();
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
    assert!(pair.on(Side::Client).poll_timeout() > over);
}

fn syn(pair: &mut Pair, sequence: u32, clock: u32) -> Header {
    let state = pair.on(Side::Client).snapshot();
    let mut header = Header {
        source_port: 80,
        destination_port: 5000,
        sequence: SequenceNumber(
            state.receive.initial.wrapping_add(state.receive.next as u32).wrapping_add(sequence),
        ),
        flags: Flags::SYN,
        ..Header::default()
    };
    header.options.timestamps = Some(crate::tcp::segment::Timestamps { value: clock, echo: 0 });
    header
}

#[test]
fn only_a_syn_that_cannot_be_old_may_take_over_from_time_wait() {
    let mut pair = established();
    assert!({
        let header = syn(&mut pair, 5, u32::MAX / 2);
        !pair.on(Side::Client).may_be_replaced_by(&Segment { header, payload: b"" })
    });
    pair.call(Side::Client, |client| client.shutdown());
    pair.call(Side::Server, |server| server.shutdown());
    pair.run_for(Duration::from_millis(100));
    let recent = pair.on(Side::Client).clock.recent();
    let cases = [
        (5, recent.wrapping_add(1), true),
        (5, recent.wrapping_sub(1), false),
        (5, recent, true),
        (u32::MAX, recent, false),
    ];
    for (sequence, clock, expected) in cases {
        let header = syn(&mut pair, sequence, clock);
        let may = pair.on(Side::Client).may_be_replaced_by(&Segment { header, payload: b"" });
        assert_eq!(may, expected, "{sequence} {clock}");
    }
}

#[test]
fn closing_with_something_unread_resets() {
    let mut pair = established();
    pair.server.reads = false;
    pair.client.to_write = b"never read".to_vec();
    pair.run_for(Duration::from_millis(50));
    pair.call(Side::Server, |server| server.close());
    pair.run_for(Duration::from_millis(50));
    assert_eq!(pair.states(), [State::Closed; 2]);
    assert_eq!(pair.count(Side::Server, NetReason::TcpResetUnread), 1);
    assert_eq!(pair.on(Side::Client).error(), Some(TcpError::Reset));
}

#[test]
fn data_for_a_program_that_is_gone_resets() {
    let mut pair = established();
    pair.call(Side::Server, |server| server.close());
    pair.run_for(Duration::from_millis(100));
    assert_eq!(pair.states(), [State::CloseWait, State::FinWait2]);
    pair.client.to_write = b"too late".to_vec();
    pair.run_for(Duration::from_millis(50));
    assert_eq!(pair.states(), [State::Closed; 2]);
    assert_eq!(pair.count(Side::Server, NetReason::TcpResetAfterClose), 1);
}

#[test]
fn an_orphan_does_not_wait_for_ever_for_the_peer_to_close() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.close());
    pair.run_for(Duration::from_secs(59));
    assert_eq!(pair.states()[0], State::FinWait2);
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.states()[0], State::Closed);
    assert_eq!(pair.client.changes.last().map(|change| change.reason), Some(NetReason::TcpFinWait2Over));
}

#[test]
fn nothing_can_be_written_after_closing() {
    let mut pair = established();
    let result = pair.call(Side::Client, |client| {
        client.shutdown();
        client.write(b"more")
    });
    assert_eq!(result, Err(WriteError::Closed));
    assert_eq!(pair.on(Side::Client).writable(), 0);
}

#[test]
fn an_abort_resets_the_peer_at_once() {
    let mut pair = established();
    pair.client.to_write = pattern(1000);
    pair.call(Side::Client, |client| client.abort());
    assert_eq!(pair.states()[0], State::Closed);
    let last = pair.log.last().unwrap();
    assert_eq!((last.flags, last.reason), (Flags::RST | Flags::ACK, NetReason::TcpAborted));
    pair.run_for(Duration::from_millis(50));
    assert_eq!(pair.on(Side::Server).error(), Some(TcpError::Reset));
    let result = pair.on(Side::Server).write(b"x");
    assert_eq!(result, Err(WriteError::Failed(TcpError::Reset)));
}

#[test]
fn a_lost_fin_is_sent_again() {
    let mut pair = established();
    let mut first = true;
    pair.filter = Box::new(move |logged| logged.flags.has(Flags::FIN) && std::mem::take(&mut first));
    pair.call(Side::Client, |client| client.shutdown());
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
}

#[test]
fn segments_for_a_closed_connection_are_dropped() {
    let mut pair = established();
    pair.call(Side::Client, |client| client.abort());
    let segment = Segment { header: Header::default(), payload: b"" };
    let now = pair.now;
    let verdict = pair.on(Side::Client).handle_segment(now, Codepoint::NotEct, &segment);
    assert_eq!(verdict, crate::tcp::Verdict::Dropped(NetReason::TcpResetNoConnection));
}
