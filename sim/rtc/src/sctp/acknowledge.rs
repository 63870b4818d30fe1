//! Acknowledgments come in (RFC 9260 §6.2.1): what they free, measure and reveal.

use super::association::Association;
use super::outbound::BadSack;
use super::timers::Timer;
use super::wire::Sack;
use crate::reason::Reason;
use crate::time::Time;

impl Association {
    pub(super) fn on_sack(&mut self, sack: &Sack, now: Time) {
        let in_flight = self.outbound.in_flight();
        let result = match self.outbound.acknowledge(sack, self.congestion.is_recovering(), now) {
            Ok(result) => result,
            Err(BadSack::Old) => return self.ignore(Reason::SctpOldSack),
            // §6.2.1: the peer acknowledges what it cannot have.
            Err(BadSack::NeverSent) => return self.fail(Reason::SctpProtocolViolation, now),
        };
        if let Some(sent_at) = result.measured_from {
            self.rto.measured(now.since(sent_at));
        }
        if result.bytes > 0 {
            self.errors = 0;
        }
        self.congestion.cumulative(self.outbound.cumulative());
        if result.advanced {
            self.congestion.acknowledged(result.bytes, in_flight);
            // §6.3.2 R3: what is out now gets a whole timeout.
            self.timers.stop(Timer::Retransmission);
        }
        if result.lost {
            self.congestion.enter_recovery(self.outbound.highest());
            self.flush_fast(now);
        }
        self.keep_retransmission_timer(now);
    }

    /// The timer runs as long as something is out (§6.3.2 R1, R2).
    pub(super) fn keep_retransmission_timer(&mut self, now: Time) {
        if !self.outbound.has_outstanding() {
            self.timers.stop(Timer::Retransmission);
        } else if !self.timers.is_set(Timer::Retransmission) {
            self.timers.set(Timer::Retransmission, now + self.rto.current());
        }
    }
}
