//! What an acknowledgment tells: how far the stream has got, what arrived behind gaps, the window, and the round-trip time
//! (RFC 9293 §3.10.7.4 fifth, RFC 2018 §5, RFC 6298 §3). Not here: what is lost and how to react (`loss`).

use std::time::Duration;

use rtclab_trace::NetReason;

use super::Arrival;
use crate::tcp::congestion::Acknowledged;
use crate::tcp::connection::Connection;
use crate::tcp::flight::{Fate, Sent};
use crate::tcp::recovery::Phase;
use crate::tcp::sack::{self, Report};
use crate::tcp::segment::Flags;
use crate::tcp::timers::Timer;

/// The facts about one acknowledgment that the reaction depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// SND.UNA moved.
    pub(super) advanced: bool,
    /// It says nothing but the same again (RFC 5681 §2).
    pub(super) is_duplicate: bool,
    /// It reports that something arrived twice.
    pub(super) reports_duplicate: bool,
    /// It has SACK blocks.
    pub(super) has_sack: bool,
    /// Segments that arrived, as it says for the first time, in the order of the stream: first those that it acknowledges, then those
    /// behind gaps.
    pub(super) delivered: Vec<Sent>,
    /// How many of them it acknowledges; the others lie behind gaps.
    pub(super) cumulative: usize,
    /// What the peer echoes of our clock.
    pub(super) echo: Option<u32>,
}

impl Facts {
    /// Bytes that arrived, the SYN not counted.
    pub(super) fn bytes(&self) -> u64 {
        self.delivered.iter().map(Sent::length).sum()
    }
}

impl Connection {
    /// An acknowledgment that makes sense arrived.
    pub(super) fn acknowledged_by(&mut self, arrival: &Arrival<'_>) {
        if arrival.ack < self.send.una {
            return;
        }
        let had_flight = !self.flight.is_empty();
        let prior_pipe = self.pipe();
        let report = if self.sack {
            Report::read(&arrival.header.options.sack, self.send.space, arrival.ack, self.send.next)
        } else {
            Report::default()
        };
        let mut facts = self.advance(arrival);
        for block in &report.blocks {
            sack::mark(&mut self.flight, *block, &mut facts.delivered);
        }
        facts.has_sack = !report.blocks.is_empty();
        facts.reports_duplicate = report.duplicate.is_some();
        let window_moved = self.update_send_window(arrival);
        let is_bare = arrival.length == 0 && !arrival.has(Flags::SYN);
        facts.is_duplicate = had_flight && !facts.advanced && is_bare && !window_moved;
        self.persist.answered();
        let rtt = self.measure(arrival, &facts);
        self.note_delivered(arrival, &facts);
        let lost = self.find_losses(arrival.now, &facts, &report);
        self.react(arrival, &facts, lost, prior_pipe);
        self.grow_window(arrival, &facts, lost, rtt);
        self.rearm_after_acknowledgment(arrival, &facts);
    }

    /// Moves SND.UNA and takes what is acknowledged out of the flight.
    fn advance(&mut self, arrival: &Arrival<'_>) -> Facts {
        let mut facts = Facts {
            advanced: arrival.ack > self.send.una,
            echo: arrival
                .header
                .options
                .timestamps
                .filter(|_| self.clock.is_agreed())
                .map(|option| option.echo),
            ..Facts::default()
        };
        if !facts.advanced {
            return facts;
        }
        while let Some(sent) = self.flight.acknowledge_next(arrival.ack) {
            if sent.fate != Fate::Sacked {
                facts.delivered.push(sent);
            }
        }
        facts.cumulative = facts.delivered.len();
        self.send.una = arrival.ack;
        self.outgoing.acknowledge(arrival.ack);
        self.timeouts = 0;
        self.rtt.recovered();
        self.unacknowledged_since = self.flight.first().map(|sent| sent.first_sent_at);
        if self.due.writer_waits && self.outgoing.room() > 0 {
            self.due.writer_waits = false;
            self.events.writable = true;
        }
        facts
    }

    /// Takes the peer's window from a segment that is not older than the last that told it (RFC 9293 §3.10.7.4). Says whether its end moved.
    fn update_send_window(&mut self, arrival: &Arrival<'_>) -> bool {
        let send = &mut self.send;
        let is_newer = send.wl1 < arrival.start || send.wl1 == arrival.start && send.wl2 <= arrival.ack;
        if !is_newer {
            return false;
        }
        send.wl1 = arrival.start;
        send.wl2 = arrival.ack;
        let edge = arrival.ack + arrival.window;
        let moved = edge != send.edge;
        send.edge = edge;
        send.window_max = send.window_max.max(arrival.window as u64);
        if edge > send.una {
            self.window_opened();
        }
        moved
    }

    /// Measures the round-trip time (RFC 6298 §3, RFC 7323 §4.1). Returns the measurement that has the least delay of the peer in it.
    fn measure(&mut self, arrival: &Arrival<'_>, facts: &Facts) -> Option<Duration> {
        let now = arrival.now;
        let (acknowledged, behind) = facts.delivered.split_at(facts.cumulative);
        // Karn's rule: a segment that was sent twice says nothing, but its echo does.
        let is_ambiguous = acknowledged.iter().any(Sent::is_retransmitted);
        let times = |segments: &[Sent]| {
            let sent = segments.iter().filter(|sent| !sent.is_retransmitted()).map(|sent| sent.sent_at);
            (sent.clone().min(), sent.max())
        };
        let (oldest, newest) =
            if is_ambiguous || acknowledged.is_empty() { times(behind) } else { times(acknowledged) };
        let by_echo = || {
            let echo = facts.echo.filter(|_| facts.advanced)?;
            self.clock.round_trip(now, echo)
        };
        let rtt = match oldest {
            Some(oldest) => Some(now.since(oldest)),
            None => by_echo(),
        };
        if let Some(rtt) = rtt {
            let samples = self.flight.in_flight().div_ceil(2 * self.payload_max());
            self.rtt.measured(rtt, u32::try_from(samples).unwrap_or(u32::MAX));
        }
        let least = newest.map(|newest| now.since(newest));
        if let Some(least) = least {
            self.rtt.remember_minimum(now, least);
        }
        least
    }

    /// Feeds RACK and the delivery rate.
    fn note_delivered(&mut self, arrival: &Arrival<'_>, facts: &Facts) {
        let rtt_min = self.rtt.minimum();
        for (index, sent) in facts.delivered.iter().enumerate() {
            // RFC 8985 §6.2 asks for the echo of any retransmission; but a segment behind a gap is acknowledged with the echo of one before the
            // gap (RFC 7323 §4.3), so that like Linux this asks only where the segment is acknowledged in its place.
            let echo = facts.echo.filter(|_| index < facts.cumulative);
            let echo_is_older = echo.is_some_and(|echo| self.clock.is_echo_before(echo, sent.sent_at));
            self.recovery.rack.on_delivered(arrival.now, sent, rtt_min, echo_is_older);
            // A SYN says nothing about how much the path carries.
            if !sent.syn {
                self.rate.on_delivered(arrival.now, sent.length(), sent.sent_at, sent.stamp);
            }
        }
    }

    /// Lets the congestion controller have its say, if this is not for proportional rate reduction.
    fn grow_window(&mut self, arrival: &Arrival<'_>, facts: &Facts, lost: u64, rtt: Option<Duration>) {
        let rate = self.rate.sample(self.rtt.minimum());
        let ack = Acknowledged {
            now: arrival.now,
            delivered: facts.bytes(),
            lost,
            in_flight: self.pipe(),
            una: self.send.una,
            next: self.send.next,
            rtt,
            rtt_smoothed: self.rtt.smoothed().unwrap_or_default(),
            rate,
            delivered_total: self.rate.delivered(),
            window_limited: self.window_use.may_grow(&self.window),
            phase: self.recovery.phase,
        };
        let is_reducing = matches!(ack.phase, Phase::WindowReduced | Phase::Recovery);
        // What arrives behind a gap does not enlarge the window (RFC 5681 §3.1).
        let advanced = facts.advanced && ack.delivered > 0;
        let reason = match (self.controller.sets_window(), self.window.is_slow_start()) {
            (true, _) => NetReason::TcpPathModel,
            (false, true) => NetReason::TcpSlowStart,
            (false, false) => NetReason::TcpCongestionAvoidance,
        };
        if self.controller.sets_window() && ack.delivered_total > 0 || advanced && !is_reducing {
            self.controller.on_ack(&mut self.window, &ack);
            self.note_window(reason);
        }
        if self.config.window_validation && !self.controller.sets_window() && !self.recovery.is_reducing() {
            let timeout = self.rtt.base_timeout();
            self.window_use.decay(arrival.now, &mut self.window, timeout);
            self.note_window(NetReason::TcpWindowUnused);
        }
    }

    /// RFC 6298 §5.2 and §5.3, RFC 8985 §7.2.
    fn rearm_after_acknowledgment(&mut self, arrival: &Arrival<'_>, facts: &Facts) {
        if self.flight.is_empty() || self.only_probe_in_flight() {
            self.timers.clear(Timer::Retransmission);
            self.timers.clear(Timer::TailLossProbe);
            self.timers.clear(Timer::Reordering);
            return;
        }
        if facts.advanced {
            self.arm_retransmission(arrival.now);
            self.schedule_tail_probe(arrival.now);
        }
    }
}
