//! Losses and how they are repaired: each way of finding one, and what it does to the congestion window.

use std::time::Duration;

use rtclab_trace::{NetReason, SimTime, TcpRecoveryPhase, TcpState};

use super::pair::{Channel, Logged, Pair, Side, pattern};
use crate::tcp::{Algorithm, Codepoint, Config, Ecn, Flags, State};

/// Drops the client's data segments with these numbers, counted from 0, whenever they are sent for the first time.
fn drop_first_transmissions(pair: &mut Pair, numbers: &'static [usize]) {
    let mut count = 0;
    let mut highest = 0;
    pair.filter = Box::new(move |logged: &Logged| {
        if logged.from != Side::Client || logged.length == 0 || logged.seq < highest {
            return false;
        }
        highest = logged.seq + 1;
        count += 1;
        numbers.contains(&(count - 1))
    });
}

/// Sends so many full segments from an established client, with losses.
fn transfer(segments: usize, losses: &'static [usize], client: Config, server: Config) -> Pair {
    let mut pair = Pair::established(20, client, server);
    drop_first_transmissions(&mut pair, losses);
    pair.log.clear();
    pair.client.changes.clear();
    let data = pattern(segments * 1448);
    pair.client.to_write.clone_from(&data);
    pair.run_for(Duration::from_secs(20));
    assert_eq!(pair.server.received, data);
    pair
}

/// Why the client changed, but for the course of its congestion window.
fn changes(pair: &Pair) -> Vec<NetReason> {
    let course = [
        NetReason::TcpSlowStart,
        NetReason::TcpCongestionAvoidance,
        NetReason::TcpProportionalReduction,
        NetReason::TcpWindowUnused,
    ];
    pair.client.changes.iter().map(|change| change.reason).filter(|reason| !course.contains(reason)).collect()
}

/// The state that the client's first change for a reason led to.
fn state_at(pair: &Pair, reason: NetReason) -> &TcpState {
    &pair.client.changes.iter().find(|change| change.reason == reason).expect("it came to that").state
}

#[test]
fn a_loss_in_the_middle_is_repaired_a_round_trip_later_without_a_timeout() {
    let pair = transfer(10, &[2], Config::default(), Config::default());
    let again: Vec<_> = pair.log.iter().filter(|logged| logged.reason == NetReason::TcpRackLoss).collect();
    assert_eq!(again.len(), 1);
    assert!(again[0].at.since(pair.log[0].at) <= Duration::from_millis(52), "{:?}", again[0].at);
    assert_eq!(changes(&pair), [NetReason::TcpRecoveryStarted, NetReason::TcpRecoveryEnded]);
}

#[test]
fn the_window_falls_to_seven_tenths_and_recovery_ends_there() {
    let pair = transfer(10, &[2], Config::default(), Config::default());
    let before = 10 * 1448;
    let started = state_at(&pair, NetReason::TcpRecoveryStarted);
    let ended = state_at(&pair, NetReason::TcpRecoveryEnded);
    assert_eq!(started.recovery, TcpRecoveryPhase::Recovery);
    assert_eq!(started.lost, 1448);
    // Two segments were acknowledged in slow start before the loss; CUBIC counts whole ones.
    assert_eq!(started.ssthresh, Some((before / 1448 + 2) * 7 / 10 * 1448));
    assert_eq!(Some(ended.cwnd), ended.ssthresh);
    assert_eq!(ended.retransmissions, 1);
}

#[test]
fn a_loss_at_the_tail_is_found_by_a_probe() {
    let pair = transfer(10, &[9], Config::default(), Config::default());
    assert_eq!(pair.count(Side::Client, NetReason::TcpTailLossProbe), 1);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRetransmissionTimeout), 0);
    let probe = pair.log.iter().find(|logged| logged.reason == NetReason::TcpTailLossProbe).unwrap();
    let waited = probe.at.since(pair.log[0].at);
    // A lone segment: 40 ms for the acknowledgments of the others, then the retransmission timeout, which the probe takes the place of.
    assert_eq!(waited, Duration::from_millis(40 + 240));
}

#[test]
fn a_whole_tail_is_repaired_after_one_probe() {
    let pair = transfer(10, &[6, 7, 8, 9], Config::default(), Config::default());
    assert_eq!(pair.count(Side::Client, NetReason::TcpTailLossProbe), 1);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRackLoss), 3);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRetransmissionTimeout), 0);
}

#[test]
fn a_loss_that_only_the_probe_repaired_still_counts_as_congestion() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    drop_first_transmissions(&mut pair, &[9]);
    pair.client.to_write = pattern(10 * 1448);
    pair.run_for(Duration::from_secs(1));
    // What tells is that the receiver acknowledges what comes next without having seen the probe twice.
    pair.client.to_write = pattern(1448);
    pair.run_for(Duration::from_millis(100));
    assert!(changes(&pair).contains(&NetReason::TcpTailLossFound), "{:?}", changes(&pair));
}

#[test]
fn a_probe_that_was_not_needed_changes_nothing() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    let mut silent = true;
    pair.filter = Box::new(move |logged| {
        logged.from == Side::Server && logged.at < SimTime::from_millis(400) && silent
    });
    pair.client.to_write = pattern(3 * 1448);
    pair.run_for(Duration::from_secs(1));
    silent = false;
    assert!(!silent);
    assert!(pair.count(Side::Client, NetReason::TcpTailLossProbe) > 0);
    pair.client.to_write = pattern(1448);
    pair.run_for(Duration::from_secs(1));
    assert!(!changes(&pair).contains(&NetReason::TcpTailLossFound));
}

#[test]
fn when_everything_is_lost_the_timeout_starts_slow_start_anew() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    let from = pair.now;
    pair.filter =
        Box::new(move |logged| logged.from == Side::Client && logged.at < from + Duration::from_millis(300));
    pair.client.changes.clear();
    pair.client.to_write = pattern(10 * 1448);
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.server.received.len(), 10 * 1448);
    assert!(pair.count(Side::Client, NetReason::TcpRetransmissionTimeout) > 0);
    let timeout = state_at(&pair, NetReason::TcpRetransmissionTimeout);
    assert_eq!(timeout.recovery, TcpRecoveryPhase::Loss);
    assert_eq!(timeout.ssthresh, Some(10 * 1448 * 7 / 10));
}

#[test]
fn the_timeout_doubles_until_something_is_acknowledged() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.filter = Box::new(|logged| logged.from == Side::Client);
    pair.log.clear();
    pair.client.to_write = pattern(100);
    pair.run_for(Duration::from_secs(10));
    let times: Vec<_> = pair
        .log
        .iter()
        .filter(|logged| logged.reason == NetReason::TcpRetransmissionTimeout)
        .map(|logged| logged.at)
        .collect();
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect();
    assert!(gaps.len() >= 3 && gaps.windows(2).all(|gap| gap[1] == 2 * gap[0]), "{gaps:?}");
    pair.filter = Box::new(|_| false);
    pair.run_for(Duration::from_secs(10));
    assert_eq!(pair.server.received.len(), 100);
    assert!(pair.on(Side::Client).snapshot().rto < Duration::from_millis(400), "the backoff is gone");
}

#[test]
fn a_peer_that_is_gone_is_given_up_after_fifteen_timeouts() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.filter = Box::new(|logged| logged.from == Side::Client);
    pair.client.to_write = pattern(100);
    pair.drive();
    assert_eq!(pair.on(Side::Client).error(), Some(crate::tcp::TcpError::TimedOut));
    let minutes = pair.now.as_nanos() / 60_000_000_000;
    assert!((13..=17).contains(&minutes), "Linux: between 13 and 30 minutes; here {minutes}");
}

#[test]
fn a_user_timeout_gives_up_earlier() {
    let client = Config { user_timeout: Some(Duration::from_secs(10)), ..Config::default() };
    let mut pair = Pair::established(20, client, Config::default());
    pair.filter = Box::new(|logged| logged.from == Side::Client);
    pair.client.to_write = pattern(100);
    pair.run_for(Duration::from_secs(15));
    assert_eq!(pair.states()[0], State::Closed);
}

#[test]
fn a_retransmission_that_is_lost_too_is_found_without_a_timeout() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    let mut drops = 2;
    pair.filter = Box::new(move |logged| {
        let is_lost =
            logged.from == Side::Client && logged.seq == 1 + 2 * 1448 && logged.length > 0 && drops > 0;
        drops -= i32::from(is_lost);
        is_lost
    });
    pair.client.to_write = pattern(60 * 1448);
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.server.received.len(), 60 * 1448);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRetransmissionTimeout), 0);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRackLoss), 2);
}

#[test]
fn without_sack_three_duplicates_and_partial_acknowledgments_repair() {
    let plain = Config { sack: false, algorithm: Algorithm::NewReno, ..Config::default() };
    let pair = transfer(10, &[2, 4], plain, Config::default());
    assert_eq!(pair.count(Side::Client, NetReason::TcpFastRetransmit), 1);
    assert_eq!(pair.count(Side::Client, NetReason::TcpPartialAck), 1);
    assert_eq!(pair.count(Side::Client, NetReason::TcpRetransmissionTimeout), 0);
    assert_eq!(pair.log.iter().filter(|logged| logged.reason == NetReason::TcpAckOfGap).count(), 8);
}

#[test]
fn reordering_within_a_quarter_of_the_round_trip_is_not_taken_for_loss() {
    let mut pair = Pair::established(40, Config::default(), Config::default());
    pair.channel.reorder = (300, Duration::from_millis(15));
    pair.client.changes.clear();
    let data = pattern(2_000_000);
    pair.client.to_write.clone_from(&data);
    pair.run_for(Duration::from_secs(20));
    assert_eq!(pair.server.received, data);
    let again = pair.on(Side::Client).snapshot().retransmissions;
    assert!(again < 40, "{again} of {} segments were sent again", data.len() / 1448);
}

#[test]
fn losses_that_turn_out_to_be_delays_are_undone_when_every_duplicate_is_reported() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.client.to_write = pattern(40 * 1448);
    // Ten segments stand still for half a second; what is sent after them goes through.
    pair.channel.delay = Duration::from_millis(500);
    pair.run_for(Duration::from_millis(10));
    pair.channel.delay = Duration::from_millis(20);
    pair.run_for(Duration::from_secs(3));
    assert!(changes(&pair).contains(&NetReason::TcpRecoveryStarted), "{:?}", changes(&pair));
    assert!(changes(&pair).contains(&NetReason::TcpRecoveryUndone), "{:?}", changes(&pair));
    assert_eq!(pair.on(Side::Client).snapshot().ssthresh, None, "as if nothing had happened");
    assert_eq!(pair.server.received.len(), 40 * 1448);
}

#[test]
fn a_timeout_that_came_too_early_is_undone_by_the_echo_of_an_older_timestamp() {
    let mut pair = Pair::established(20, Config { sack: false, ..Config::default() }, Config::default());
    // The path becomes longer than the timeout.
    pair.channel.delay = Duration::from_millis(150);
    pair.client.changes.clear();
    pair.client.to_write = pattern(10 * 1448);
    pair.run_for(Duration::from_secs(3));
    assert_eq!(changes(&pair)[..2], [NetReason::TcpRetransmissionTimeout, NetReason::TcpRecoveryUndone]);
    assert!(pair.on(Side::Client).snapshot().cwnd >= 10 * 1448);
    assert_eq!(
        pair.count(Side::Client, NetReason::TcpRetransmissionTimeout),
        1,
        "and nothing more is sent again"
    );
}

#[test]
fn a_peer_that_reneges_gets_everything_again() {
    use crate::tcp::segment::SackBlocks;
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.filter = Box::new(|logged| logged.from == Side::Client);
    pair.client.to_write = pattern(3 * 1448);
    pair.run_for(Duration::from_millis(1));
    let state = pair.on(Side::Client).snapshot();
    let [iss, irs] = [state.send.initial, state.receive.initial].map(crate::tcp::SequenceNumber);
    let mut header = crate::tcp::Header {
        source_port: 80,
        destination_port: 5000,
        sequence: irs.plus(1),
        acknowledgment: iss.plus(1),
        flags: Flags::ACK,
        window: 1000,
        ..Default::default()
    };
    let clock = pair.on(Side::Client).clock.recent();
    header.options.timestamps = Some(crate::tcp::segment::Timestamps { value: clock, echo: 0 });
    let mut sack = SackBlocks::default();
    sack.push((iss.plus(1), iss.plus(1 + 1448)));
    header.options.sack = sack;
    // It lies: it says that it has the first segment, and acknowledges nothing.
    let now = pair.now;
    let segment = crate::tcp::Segment { header, payload: b"" };
    pair.call(Side::Client, |client| client.handle_segment(now, Codepoint::NotEct, &segment));
    assert_eq!(pair.on(Side::Client).snapshot().sacked, 1448);
    pair.filter = Box::new(|_| false);
    pair.run_for(Duration::from_secs(5));
    assert_eq!(pair.count(Side::Client, NetReason::TcpReneged), 1);
    assert_eq!(pair.server.received, pattern(3 * 1448));
}

#[test]
fn a_congestion_mark_reduces_the_window_once_and_nothing_is_sent_again() {
    let asking = Config { ecn: Ecn::Request, ..Config::default() };
    let mut pair = Pair::established(20, asking, Config::default());
    pair.client.to_write = pattern(50 * 1448);
    pair.client.changes.clear();
    pair.log.clear();
    pair.mark_congestion = true;
    pair.run_for(Duration::from_millis(25));
    pair.mark_congestion = false;
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.server.received.len(), 50 * 1448);
    let reductions =
        changes(&pair).iter().filter(|reason| **reason == NetReason::TcpCongestionReported).count();
    assert_eq!(reductions, 1);
    assert!(pair.count(Side::Server, NetReason::TcpCongestionEcho) > 0);
    assert_eq!(pair.on(Side::Client).snapshot().retransmissions, 0);
    let data: Vec<_> = pair.log.iter().filter(|logged| logged.length > 0).collect();
    assert!(data.iter().all(|logged| logged.codepoint == Codepoint::Ect0));
    assert_eq!(data.iter().filter(|logged| logged.flags.has(Flags::CWR)).count(), 1);
    assert!(
        pair.log
            .iter()
            .filter(|logged| logged.length == 0)
            .all(|logged| logged.codepoint == Codepoint::NotEct)
    );
    assert!(pair.log.iter().any(|logged| logged.from == Side::Server && logged.flags.has(Flags::ECE)));
}

#[test]
fn without_an_agreement_nothing_is_ect() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.client.to_write = pattern(10 * 1448);
    pair.run_for(Duration::from_secs(1));
    assert!(pair.log.iter().all(|logged| logged.codepoint == Codepoint::NotEct));
}

#[test]
fn a_narrower_path_cuts_segments_smaller_and_leaves_the_window_alone() {
    let mut pair = Pair::established(20, Config::default(), Config::default());
    pair.filter = Box::new(|logged| logged.length > 1200);
    let data = pattern(10 * 1448);
    pair.client.to_write.clone_from(&data);
    pair.run_for(Duration::from_millis(1));
    let state = pair.on(Side::Client).snapshot();
    let quoted = crate::tcp::SequenceNumber(state.send.initial).plus(1);
    let now = pair.now;
    let stranger = crate::tcp::SequenceNumber(state.send.initial).plus(1 << 20);
    assert!(!pair.call(Side::Client, |client| client.handle_packet_too_big(now, stranger, 1240)));
    assert!(pair.call(Side::Client, |client| client.handle_packet_too_big(now, quoted, 1240)));
    pair.run_for(Duration::from_secs(2));
    assert_eq!(pair.server.received, data);
    let after = pair.on(Side::Client).snapshot();
    assert_eq!(after.segment_size, 1240 - 40 - 12);
    assert!(after.cwnd >= state.cwnd);
    assert_eq!(after.ssthresh, None);
    assert!(pair.count(Side::Client, NetReason::TcpPathMtuReduced) >= 10);
}

#[test]
fn an_unreachable_peer_ends_only_a_connection_that_is_opening() {
    let mut pair = Pair::unconnected(1, Channel::clean(10));
    pair.connect(Side::Client, Config::default());
    let iss = crate::tcp::SequenceNumber(pair.on(Side::Client).snapshot().send.initial);
    assert!(!pair.call(Side::Client, |client| client.handle_unreachable(iss, false)));
    assert!(pair.call(Side::Client, |client| client.handle_unreachable(iss, true)));
    assert_eq!(pair.on(Side::Client).error(), Some(crate::tcp::TcpError::Unreachable));

    let mut pair = Pair::established(10, Config::default(), Config::default());
    pair.client.to_write = pattern(100);
    pair.run_for(Duration::ZERO);
    let iss = crate::tcp::SequenceNumber(pair.on(Side::Client).snapshot().send.initial);
    assert!(!pair.call(Side::Client, |client| client.handle_unreachable(iss.plus(1), true)));
    assert_eq!(pair.states()[0], State::Established);
}
