//! When a request is sent again, and when it is given up: RFC 8489 §6.2.1. Not here: what is sent.

use std::time::Duration;

use crate::time::Time;

/// The initial retransmission timeout where nothing better is known (RFC 8489 §6.2.1).
pub const RTO: Duration = Duration::from_millis(500);

/// How often a request is sent at most.
const RC: u32 = 7;
/// How many times the initial RTO the last transmission waits for a response.
const RM: u32 = 16;

/// How long a request over a stream waits for a response (RFC 8489 §6.2.2).
const TI: Duration = Duration::from_millis(39_500);

/// What a timer that ran out asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutAction {
    /// It is not time yet.
    Wait,
    /// Send the same bytes again.
    Resend,
    /// The transaction has failed.
    GiveUp,
}

/// The timer of one request over UDP: it doubles with each transmission, sends `Rc` times in all, and waits `Rm` initial RTOs
/// after the last one. With the usual 500 ms: at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, and given up at 39.5 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmission {
    rto: Duration,
    rc: u32,
    rm: u32,
    transmissions: u32,
    deadline: Time,
}

impl Retransmission {
    /// A timer for a request that is sent now, with the usual Rc = 7 and Rm = 16.
    pub fn new(now: Time, rto: Duration) -> Retransmission {
        Retransmission::with_limits(now, rto, RC, RM)
    }

    /// A timer for a request over a stream: it is sent once and waited for 39.5 s (Ti, RFC 8489 §6.2.2).
    pub fn reliable(now: Time) -> Retransmission {
        Retransmission::with_limits(now, TI, 1, 1)
    }

    /// A timer with its own Rc (at least 1) and Rm.
    pub fn with_limits(now: Time, rto: Duration, rc: u32, rm: u32) -> Retransmission {
        let mut timer = Retransmission { rto, rc: rc.max(1), rm, transmissions: 1, deadline: now };
        timer.deadline = now + timer.wait();
        timer
    }

    /// How long the newest transmission waits.
    fn wait(&self) -> Duration {
        if self.transmissions >= self.rc {
            return self.rto.saturating_mul(self.rm);
        }
        self.rto.saturating_mul(1_u32.checked_shl(self.transmissions - 1).unwrap_or(u32::MAX))
    }

    /// When to call [`Retransmission::on_timeout`] next.
    pub const fn next_deadline(&self) -> Time {
        self.deadline
    }

    /// How often the request has been sent.
    pub const fn transmissions(&self) -> u32 {
        self.transmissions
    }

    /// What to do now. A timer that is served late counts from the moment it is served, so that transmissions never bunch up.
    pub fn on_timeout(&mut self, now: Time) -> TimeoutAction {
        if now < self.deadline {
            return TimeoutAction::Wait;
        }
        if self.transmissions >= self.rc {
            return TimeoutAction::GiveUp;
        }
        self.transmissions += 1;
        self.deadline = now + self.wait();
        TimeoutAction::Resend
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_transmissions_double_their_distance_and_end_after_79_rto() {
        let mut timer = Retransmission::new(Time::ZERO, RTO);
        let mut sent_at_ms = vec![0];
        let given_up = loop {
            let now = timer.next_deadline();
            assert_eq!(timer.on_timeout(now - Duration::from_nanos(1)), TimeoutAction::Wait);
            match timer.on_timeout(now) {
                TimeoutAction::Resend => sent_at_ms.push(now.as_nanos() / 1_000_000),
                _ => break now,
            }
        };
        assert_eq!(
            sent_at_ms,
            [0, 500, 1500, 3500, 7500, 15500, 31500],
            "RFC 8489 §6.2.1 gives this example"
        );
        assert_eq!(given_up, Time::from_millis(39_500));
    }

    #[test]
    fn absurd_limits_saturate() {
        let mut timer = Retransmission::with_limits(Time::ZERO, Duration::MAX, u32::MAX, u32::MAX);
        assert_eq!(timer.next_deadline(), Time::MAX);
        for _ in 0..100 {
            assert_eq!(timer.on_timeout(Time::MAX), TimeoutAction::Resend);
        }
    }
}
