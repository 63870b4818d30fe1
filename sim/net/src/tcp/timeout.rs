//! What happens when a timer expires (RFC 9293 §3.10.8, RFC 6298 §5, RFC 8985 §6.3 and §7.3).

use rtclab_trace::{NetReason, SimTime};

use super::congestion::Congestion;
use super::connection::Connection;
use super::error::TcpError;
use super::flight::Fate;
use super::keepalive::Step;
use super::recovery::Phase;
use super::state::State;
use super::timers::Timer;

impl Connection {
    /// Does what is due by now. To be called when [`poll_timeout`](Connection::poll_timeout) says; earlier or later does no harm.
    pub fn handle_timeout(&mut self, now: SimTime) {
        // Each timer is armed again at most once for the same moment, so this ends; the bound is there all the same.
        for _ in 0..2 * Timer::ALL.len() {
            let Some(timer) = self.timers.take_expired(now) else { return };
            self.on_timer(timer, now);
        }
    }

    fn on_timer(&mut self, timer: Timer, now: SimTime) {
        match timer {
            Timer::Reordering => {
                let prior_pipe = self.pipe();
                if self.find_losses_by_time(now) > 0 {
                    self.react_to_late_loss(now, prior_pipe);
                }
            }
            Timer::TailLossProbe => {
                let is_calm = !self.recovery.is_reducing() && self.flight.sacked() == 0;
                self.due.tail_probe = is_calm && !self.flight.is_empty();
                if self.due.tail_probe {
                    // The retransmission timer starts anew with the probe (RFC 8985 §7.3), also if both are due now.
                    self.arm_retransmission(now);
                }
            }
            Timer::Retransmission => self.retransmission_timeout(now),
            Timer::DelayedAck => self.acks.on_timer(),
            Timer::Persist => {
                if self.persist.on_timer() > self.config.retries {
                    self.fail(TcpError::TimedOut, NetReason::TcpGaveUp);
                }
            }
            Timer::Keepalive => self.keepalive_expired(now),
            // There is nothing to do but to transmit.
            Timer::Pacing => {}
            Timer::TimeWait => self.finish(NetReason::TcpTimeWaitOver),
            Timer::FinWait2 => self.finish(NetReason::TcpFinWait2Over),
        }
    }

    fn keepalive_expired(&mut self, now: SimTime) {
        // While something is unacknowledged, retransmissions ask the same question.
        if !self.flight.is_empty() {
            return self.keepalive.heard(now);
        }
        if self.keepalive.on_timer(now) == Step::GiveUp {
            self.reset(TcpError::TimedOut, NetReason::TcpKeepaliveFailed);
        }
    }

    fn retransmission_timeout(&mut self, now: SimTime) {
        if self.flight.is_empty() {
            return;
        }
        if self.has_waited_too_long(now) {
            return self.fail(TcpError::TimedOut, NetReason::TcpGaveUp);
        }
        self.timeouts += 1;
        self.rtt.back_off();
        if self.send.una < 1 {
            self.due.handshake = Some(NetReason::TcpSynTimeout);
            self.note(NetReason::TcpSynTimeout);
            return;
        }
        self.arm_retransmission(now);
        let prior_pipe = self.pipe();
        self.recovery.duplicate_acks = 0;
        self.take_for_lost(now);
        let is_new = !self.recovery.is_reducing() || self.send.una >= self.recovery.point;
        if is_new {
            self.begin_recovery(now, Phase::Loss, Congestion::Timeout, prior_pipe);
        } else {
            // The window was reduced for this flight before; slow start begins anew all the same (RFC 5681 §3.1).
            self.recovery.phase = Phase::Loss;
            self.recovery.point = self.send.next;
            self.recovery.probe.forget();
            self.note(NetReason::TcpRetransmissionTimeout);
        }
        self.timers.clear(Timer::TailLossProbe);
        // One segment, beside what may still be on its way.
        self.window.cwnd = self.pipe() + self.window.segment;
    }

    /// Starts the retransmission timer (RFC 6298 §5); with a user timeout it does not run beyond that (RFC 5482 §3).
    pub(super) fn arm_retransmission(&mut self, now: SimTime) {
        let at = now + self.rtt.timeout();
        let limit = self.config.user_timeout.zip(self.unacknowledged_since);
        let at = limit.map_or(at, |(limit, since)| at.min(since + limit).max(now));
        self.timers.set(Timer::Retransmission, at);
    }

    fn has_waited_too_long(&self, now: SimTime) -> bool {
        let limit = match self.state {
            State::SynSent => self.config.syn_retries,
            _ if self.send.una < 1 => self.config.syn_ack_retries,
            _ => self.config.retries,
        };
        let is_old = self
            .config
            .user_timeout
            .is_some_and(|limit| self.unacknowledged_since.is_some_and(|since| now.since(since) >= limit));
        self.timeouts >= limit || is_old
    }

    /// The first segment is lost, and with SACK those that were sent long enough ago (RFC 8985 §6.3); without it all of them.
    fn take_for_lost(&mut self, now: SimTime) {
        if self.flight.first().is_some_and(|first| first.fate == Fate::Sacked) {
            // RFC 2018 §8: the peer has thrown away what it had told of.
            self.lose_if(NetReason::TcpReneged, |_, fate| fate == Fate::Sacked);
        }
        let circumstances = self.circumstances();
        let rack = self.recovery.rack.clone();
        let sack = self.sack;
        let records: Vec<bool> = self
            .flight
            .iter()
            .enumerate()
            .map(|(index, sent)| index == 0 || !sack || rack.is_lost_on_timeout(now, sent, circumstances))
            .collect();
        self.lose_if(NetReason::TcpRetransmissionTimeout, |index, fate| {
            fate == Fate::InFlight && records.get(index).copied().unwrap_or(false)
        });
    }

    fn lose_if(&mut self, reason: NetReason, is_lost: impl Fn(usize, Fate) -> bool) {
        for index in 0..self.flight.len() {
            if self.flight.get(index).is_some_and(|sent| is_lost(index, sent.fate)) {
                self.flight.set_fate(index, Fate::Lost(reason));
            }
        }
    }
}
