//! The end of an association (RFC 9260 §9): shut down when everything has arrived, or abort at once.

use super::association::Association;
use super::state::Phase;
use super::timers::{Timer, Timers};
use super::wire::{Chunk, Sack};
use crate::reason::Reason;
use crate::time::Time;

impl Association {
    /// Ends it when everything that waits has arrived (§9.2).
    pub fn shutdown(&mut self, now: Time) {
        match self.phase {
            Phase::Established => self.enter(Phase::ShutdownPending, Reason::SctpShutdown),
            Phase::CookieWait | Phase::CookieEchoed => return self.abort(now),
            _ => return,
        }
        self.advance_shutdown(now);
        self.tell(None);
    }

    /// Ends it at once (§9.1).
    pub fn abort(&mut self, now: Time) {
        self.fail(Reason::SctpAbort, now);
    }

    /// Tells the peer, and is gone.
    pub(super) fn fail(&mut self, reason: Reason, _now: Time) {
        if self.phase == Phase::Closed {
            return;
        }
        if self.peer.is_some() {
            let cause = match reason {
                Reason::SctpAbort => 12,
                _ => 13,
            };
            let abort = Chunk::Abort { reflected: false, causes: vec![0, cause, 0, 4] };
            self.packet(self.peer_tag(), vec![abort], reason);
        }
        self.end(reason);
    }

    /// Is gone without a word.
    pub(super) fn end(&mut self, reason: Reason) {
        if self.phase == Phase::Closed {
            return;
        }
        self.timers = Timers::default();
        self.held = None;
        self.control.clear();
        self.enter(Phase::Closed, reason);
    }

    /// Takes the next step of a shutdown once nothing is left to be sent.
    pub(super) fn advance_shutdown(&mut self, now: Time) {
        if !self.outbound.is_empty() {
            return;
        }
        let (chunk, next, reason) = match self.phase {
            Phase::ShutdownPending => {
                let chunk = Chunk::Shutdown(self.inbound.cumulative_tsn());
                (chunk, Phase::ShutdownSent, Reason::SctpShutdown)
            }
            Phase::ShutdownReceived => (Chunk::ShutdownAck, Phase::ShutdownAckSent, Reason::SctpShutdownAck),
            _ => return,
        };
        self.packet(self.peer_tag(), vec![chunk], reason);
        self.timers.set(Timer::Shutdown, now + self.rto.current());
        self.enter(next, reason);
    }

    pub(super) fn on_shutdown(&mut self, tsn: u32, now: Time) {
        match self.phase {
            Phase::Established | Phase::ShutdownPending | Phase::ShutdownReceived => {
                // It acknowledges like a SACK without gaps (§9.2).
                let window = u32::try_from(self.outbound.peer_window() + self.outbound.in_flight())
                    .unwrap_or(u32::MAX);
                self.on_sack(&Sack { cumulative_tsn: tsn, window, ..Sack::default() }, now);
                if self.phase != Phase::Closed {
                    self.enter(Phase::ShutdownReceived, Reason::SctpPeerShutsDown);
                    self.advance_shutdown(now);
                }
            }
            // Both shut down at once.
            Phase::ShutdownSent => {
                self.packet(self.peer_tag(), vec![Chunk::ShutdownAck], Reason::SctpShutdownAck);
                self.timers.set(Timer::Shutdown, now + self.rto.current());
                self.enter(Phase::ShutdownAckSent, Reason::SctpPeerShutsDown);
            }
            _ => self.ignore(Reason::SctpUnexpectedChunk),
        }
    }

    pub(super) fn on_shutdown_ack(&mut self) {
        match self.phase {
            Phase::ShutdownSent | Phase::ShutdownAckSent => {
                let complete = Chunk::ShutdownComplete { reflected: false };
                self.packet(self.peer_tag(), vec![complete], Reason::SctpShutdownComplete);
                self.end(Reason::SctpShutdownComplete);
            }
            _ => self.ignore(Reason::SctpUnexpectedChunk),
        }
    }

    pub(super) fn on_shutdown_complete(&mut self) {
        if self.phase == Phase::ShutdownAckSent {
            self.end(Reason::SctpShutdownComplete);
        } else {
            self.ignore(Reason::SctpUnexpectedChunk);
        }
    }
}
