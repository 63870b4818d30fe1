//! The timers of an association, and what each does when it expires (RFC 9260 §6.3.3, §8.3, §9.2).

use super::association::Association;
use super::state::Phase;
use super::wire::Chunk;
use crate::reason::Reason;
use crate::time::Time;

/// A timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// T1-init and T1-cookie.
    Handshake,
    /// T2-shutdown.
    Shutdown,
    /// T3-rtx.
    Retransmission,
    /// An acknowledgment waits for company (§6.2).
    Acknowledgment,
    /// A request to reset streams is not answered (RFC 6525 §5.1.1).
    Reset,
    /// It is time for a heartbeat (§8.3).
    Heartbeat,
}

/// When each expires.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers([Option<Time>; 6]);

impl Timers {
    const ALL: [Timer; 6] = [
        Timer::Handshake,
        Timer::Shutdown,
        Timer::Retransmission,
        Timer::Acknowledgment,
        Timer::Reset,
        Timer::Heartbeat,
    ];

    pub(super) fn set(&mut self, timer: Timer, at: Time) {
        self.0[timer as usize] = Some(at);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.0[timer as usize].is_some()
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes out one that has expired.
    fn expired(&mut self, now: Time) -> Option<Timer> {
        let timer =
            Timers::ALL.into_iter().find(|timer| self.0[*timer as usize].is_some_and(|at| at <= now))?;
        self.stop(timer);
        Some(timer)
    }
}

impl Association {
    /// Time has come to what [`Association::poll_timeout`] said.
    pub fn handle_timeout(&mut self, now: Time) {
        self.outbound.expire(now);
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                Timer::Handshake => self.on_handshake_timeout(now),
                Timer::Shutdown => self.on_shutdown_timeout(now),
                Timer::Retransmission => self.on_retransmission_timeout(now),
                Timer::Acknowledgment => self.flush_with_sack(now, Reason::SctpDelayedSack),
                Timer::Reset => self.on_reset_timeout(now),
                Timer::Heartbeat => self.on_heartbeat_timeout(now),
            }
        }
        self.advance_shutdown(now);
        self.hand_over();
        self.tell(None);
    }

    fn on_handshake_timeout(&mut self, now: Time) {
        self.errors += 1;
        if self.errors > self.config.init_retransmissions_max {
            return self.fail(Reason::SctpUnreachable, now);
        }
        let Some(chunk) = self.held.clone() else { return };
        let tag = if matches!(chunk, Chunk::Init(_)) { 0 } else { self.peer_tag() };
        self.rto.back_off();
        self.packet(tag, vec![chunk], Reason::SctpHandshakeAgain);
        self.timers.set(Timer::Handshake, now + self.rto.current());
    }

    fn on_shutdown_timeout(&mut self, now: Time) {
        if !self.count_error(now) {
            return;
        }
        self.rto.back_off();
        let chunk = match self.phase {
            Phase::ShutdownSent => Chunk::Shutdown(self.inbound.cumulative_tsn()),
            _ => Chunk::ShutdownAck,
        };
        self.packet(self.peer_tag(), vec![chunk], Reason::SctpShutdownAgain);
        self.timers.set(Timer::Shutdown, now + self.rto.current());
    }

    /// §6.3.3: the window falls to one packet, the timeout doubles, everything that is out is to go out again.
    fn on_retransmission_timeout(&mut self, now: Time) {
        if !self.count_error(now) {
            return;
        }
        self.congestion.timed_out();
        self.rto.back_off();
        self.outbound.timed_out(now);
        self.flush_after_timeout(now);
        if self.outbound.has_outstanding() {
            self.timers.set(Timer::Retransmission, now + self.rto.current());
        }
    }

    fn on_heartbeat_timeout(&mut self, now: Time) {
        if self.phase != Phase::Established {
            return;
        }
        // Data that is out says as much as a heartbeat does.
        if !self.outbound.has_outstanding() {
            if !self.count_error(now) {
                return;
            }
            // The information is the time, so that the answer measures the path (§8.3).
            let chunk = Chunk::Heartbeat(heartbeat_information(now));
            self.packet(self.peer_tag(), vec![chunk], Reason::SctpHeartbeat);
        }
        self.timers.set(Timer::Heartbeat, now + self.config.heartbeat_interval + self.rto.current());
    }

    pub(super) fn on_heartbeat_ack(&mut self, value: &[u8], now: Time) {
        let sent_at = value.get(4..12).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let Some(sent_at) = sent_at.map(Time::from_nanos).filter(|sent_at| *sent_at <= now) else {
            return self.ignore(Reason::SctpMalformed);
        };
        self.errors = 0;
        self.rto.measured(now.since(sent_at));
    }

    /// Counts a timeout; ends the association if there were too many (§8.1). Says whether it goes on.
    fn count_error(&mut self, now: Time) -> bool {
        self.errors += 1;
        if self.errors > self.config.retransmissions_max {
            self.fail(Reason::SctpUnreachable, now);
            return false;
        }
        true
    }
}

/// A Heartbeat Info parameter (§3.3.5) with the time in it.
fn heartbeat_information(now: Time) -> Vec<u8> {
    let mut value = vec![0, 1, 0, 12];
    value.extend(now.as_nanos().to_be_bytes());
    value
}
