//! What is lost, and what is done about it: recovery begins, goes on, ends, or is undone (RFC 8985, RFC 6937, RFC 6582, RFC 4015, RFC 3168).

use rtclab_trace::{NetReason, SimTime};

use super::Arrival;
use super::acknowledgment::Facts;
use crate::tcp::congestion::Congestion;
use crate::tcp::connection::Connection;
use crate::tcp::flight::Fate;
use crate::tcp::recovery::{Circumstances, DUPLICATE_THRESHOLD, Phase, ProbeVerdict};
use crate::tcp::sack::Report;
use crate::tcp::timers::Timer;

impl Connection {
    /// Marks what is lost by now; returns how many bytes.
    pub(super) fn find_losses(&mut self, now: SimTime, facts: &Facts, report: &Report) -> u64 {
        if report.duplicate.is_some() {
            // A tail loss probe that was not needed says nothing about reordering.
            if !self.recovery.probe.is_under_way() {
                self.recovery.rack.on_duplicate(self.send.una, self.send.next);
            }
            self.recovery.on_duplicate();
        }
        if self.sack { self.find_losses_by_time(now) } else { self.find_losses_by_count(facts) }
    }

    pub(in crate::tcp) fn circumstances(&self) -> Circumstances {
        Circumstances {
            in_recovery: matches!(self.recovery.phase, Phase::Recovery | Phase::Loss),
            segments_sacked: self.flight.segments_sacked(),
            rtt_min: self.rtt.minimum(),
            rtt_smoothed: self.rtt.smoothed(),
        }
    }

    /// RACK (RFC 8985 §6.2, step 5).
    pub(in crate::tcp) fn find_losses_by_time(&mut self, now: SimTime) -> u64 {
        let circumstances = self.circumstances();
        let (lost, again_at) = self.recovery.rack.detect(now, &mut self.flight, circumstances);
        match again_at {
            Some(at) => self.timers.set(Timer::Reordering, at),
            None => self.timers.clear(Timer::Reordering),
        }
        lost
    }

    /// Duplicate acknowledgments, for a peer without SACK (RFC 5681 §3.2, RFC 6582 §3.2).
    fn find_losses_by_count(&mut self, facts: &Facts) -> u64 {
        if facts.advanced {
            let in_recovery = self.recovery.phase == Phase::Recovery;
            let segments = (facts.delivered.len() as u64).saturating_sub(1);
            self.recovery.duplicate_acks =
                if in_recovery { self.recovery.duplicate_acks.saturating_sub(segments) } else { 0 };
            if in_recovery && self.send.una < self.recovery.point {
                return self.lose_first(NetReason::TcpPartialAck);
            }
        } else if facts.is_duplicate {
            let others = (self.flight.len() as u64).saturating_sub(1);
            self.recovery.duplicate_acks = (self.recovery.duplicate_acks + 1).min(others);
            let is_new = !self.recovery.is_reducing() && self.send.una > self.recovery.point;
            if is_new && self.recovery.duplicate_acks >= DUPLICATE_THRESHOLD {
                return self.lose_first(NetReason::TcpFastRetransmit);
            }
        }
        0
    }

    fn lose_first(&mut self, reason: NetReason) -> u64 {
        match self.flight.first() {
            Some(first) if first.fate == Fate::InFlight => {
                let length = first.length();
                self.flight.set_fate(0, Fate::Lost(reason));
                length
            }
            _ => 0,
        }
    }

    /// Ends, undoes or begins a recovery, and sets the window while one goes on.
    pub(super) fn react(&mut self, arrival: &Arrival<'_>, facts: &Facts, lost: u64, prior_pipe: u64) {
        let now = arrival.now;
        let is_plain = facts.is_duplicate && !facts.has_sack;
        let verdict = self.recovery.probe.on_ack(self.send.una, facts.reports_duplicate, is_plain);
        if verdict == ProbeVerdict::Repaired && !self.recovery.is_reducing() {
            self.reduce_at_once(now, prior_pipe);
        }
        self.undo_if_needless(facts);
        // After a mark, what carries the CWR has to be acknowledged too.
        let extra = i64::from(self.recovery.phase == Phase::WindowReduced);
        if self.recovery.is_reducing() && self.send.una >= self.recovery.point + extra {
            self.end_recovery();
        }
        if self.ecn.on_ack(arrival.header.flags, self.send.una) && !self.recovery.is_reducing() {
            self.begin_recovery(now, Phase::WindowReduced, Congestion::Mark, prior_pipe);
        }
        if lost > 0 && !matches!(self.recovery.phase, Phase::Recovery | Phase::Loss) {
            self.begin_recovery(now, Phase::Recovery, Congestion::Loss, prior_pipe);
        }
        match self.recovery.phase {
            Phase::WindowReduced | Phase::Recovery => {
                let delivered = self.delivered_for_reduction(facts);
                self.reduce_proportionally(delivered, facts.advanced && lost == 0);
            }
            Phase::Open | Phase::Disorder => self.note_disorder(),
            Phase::Loss => {}
        }
    }

    /// Without SACK each duplicate acknowledgment stands for a segment (RFC 6937 §3).
    fn delivered_for_reduction(&self, facts: &Facts) -> u64 {
        let guessed = if !self.sack && facts.is_duplicate { self.payload_max() } else { 0 };
        facts.bytes().max(guessed)
    }

    /// PRR: the window until the next acknowledgment.
    fn reduce_proportionally(&mut self, delivered: u64, is_safe: bool) {
        if self.controller.sets_window() || delivered == 0 {
            return;
        }
        let (pipe, ssthresh, segment) = (self.pipe(), self.window.ssthresh, self.window.segment);
        self.window.cwnd = self.recovery.prr.window(delivered, pipe, ssthresh, segment, is_safe);
        self.note_window(NetReason::TcpProportionalReduction);
    }

    fn note_disorder(&mut self) {
        let is_disordered = self.flight.sacked() > 0 || self.recovery.duplicate_acks > 0;
        self.recovery.phase = if is_disordered { Phase::Disorder } else { Phase::Open };
    }

    /// A loss or a mark: the window is reduced, once, until all that is in flight now is acknowledged.
    pub(in crate::tcp) fn begin_recovery(
        &mut self,
        now: SimTime,
        phase: Phase,
        congestion: Congestion,
        prior_pipe: u64,
    ) {
        let flight = (self.send.next - self.send.una).max(0) as u64;
        let (cwnd, ssthresh) = (self.window.cwnd, self.window.ssthresh);
        let is_first = !self.recovery.is_reducing();
        self.recovery.begin(phase, self.send.next, flight, cwnd, ssthresh);
        self.timers.clear(Timer::TailLossProbe);
        if is_first {
            self.controller.on_congestion(&mut self.window, congestion, prior_pipe, now);
        }
        self.ecn.on_reduction(self.send.next);
        self.note(match congestion {
            Congestion::Mark => NetReason::TcpCongestionReported,
            Congestion::Loss => NetReason::TcpRecoveryStarted,
            Congestion::Timeout => NetReason::TcpRetransmissionTimeout,
        });
    }

    /// The reordering timer found losses between acknowledgments.
    pub(in crate::tcp) fn react_to_late_loss(&mut self, now: SimTime, prior_pipe: u64) {
        if !matches!(self.recovery.phase, Phase::Recovery | Phase::Loss) {
            self.begin_recovery(now, Phase::Recovery, Congestion::Loss, prior_pipe);
            if !self.controller.sets_window() {
                // The first retransmission goes at once (RFC 6937 §3); the rest waits for acknowledgments.
                self.window.cwnd = self.pipe() + self.window.segment;
            }
        }
    }

    /// A tail loss probe repaired a loss: a reduction without anything to send again (RFC 8985 §7.4.2).
    fn reduce_at_once(&mut self, now: SimTime, prior_pipe: u64) {
        self.controller.on_congestion(&mut self.window, Congestion::Loss, prior_pipe, now);
        if !self.controller.sets_window() {
            self.window.cwnd = self.window.cwnd.min(self.window.ssthresh);
        }
        self.ecn.on_reduction(self.send.next);
        self.note(NetReason::TcpTailLossFound);
    }

    fn undo_if_needless(&mut self, facts: &Facts) {
        let first = self.recovery.first_retransmission();
        let echo_is_older = facts.advanced
            && facts.echo.zip(first).is_some_and(|(echo, first)| self.clock.is_echo_before(echo, first));
        let Some(undo) = self.recovery.take_undo(echo_is_older) else { return };
        // RFC 4015 §3: what was there before comes back, and nothing more is sent again.
        self.window.cwnd = self.window.cwnd.max(undo.cwnd);
        self.window.ssthresh = undo.ssthresh.max(self.window.ssthresh);
        self.controller.on_undo(&self.window);
        self.forget_losses();
        self.recovery.end();
        self.note(NetReason::TcpRecoveryUndone);
    }

    /// What was taken for lost is on its way after all.
    fn forget_losses(&mut self) {
        for index in 0..self.flight.len() {
            if self.flight.get(index).is_some_and(|sent| matches!(sent.fate, Fate::Lost(_))) {
                self.flight.set_fate(index, Fate::InFlight);
            }
        }
    }

    fn end_recovery(&mut self) {
        let is_proportional = matches!(self.recovery.phase, Phase::Recovery | Phase::WindowReduced);
        if is_proportional && !self.controller.sets_window() {
            self.window.cwnd = self.window.ssthresh;
        }
        self.recovery.end();
        self.note(NetReason::TcpRecoveryEnded);
    }
}
