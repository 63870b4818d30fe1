//! Probes: of the tail of a flight (RFC 8985 §7.3), of a closed window (RFC 9293 §3.8.6.1) and of a silent peer (RFC 9293 §3.8.4).
//! Not here: when they are due (`timeout`).

use rtclab_trace::{NetReason, SimTime};

use super::SegmentOut;
use super::data::Piece;
use crate::tcp::connection::Connection;
use crate::tcp::flight::{Fate, RECORDS_MAX, Sent};
use crate::tcp::segment::Flags;
use crate::tcp::state;
use crate::tcp::timers::Timer;

impl Connection {
    pub(super) fn poll_probe(&mut self, now: SimTime) -> Option<SegmentOut> {
        self.poll_tail_probe(now).or_else(|| self.poll_window_probe(now)).or_else(|| self.poll_keepalive(now))
    }

    /// New data if there is some, else the last segment again: whatever asks for an acknowledgment of the highest number.
    fn poll_tail_probe(&mut self, now: SimTime) -> Option<SegmentOut> {
        if !std::mem::take(&mut self.due.tail_probe) {
            return None;
        }
        let last = self.flight.last_index()?;
        let reason = NetReason::TcpTailLossProbe;
        let length = self.waiting().min(self.window_room()).min(self.payload_max());
        if length > 0 && self.has_unsent() && self.flight.len() < RECORDS_MAX {
            // The order matters: the probe must not schedule another one.
            self.recovery.probe.sent(self.send.next + length as i64, false);
            return Some(self.send_new(now, Piece { length, fin: false, probe: false }, reason));
        }
        self.fit_last(last);
        let last = self.flight.last_index()?;
        self.recovery.probe.sent(self.send.next, true);
        Some(self.send_again(now, last, reason))
    }

    /// The last record, if it is larger than a segment is now, is cut so that its end is the probe.
    fn fit_last(&mut self, last: usize) {
        let segment = self.payload_max() as i64;
        if let Some(sent) = self.flight.get(last)
            && sent.end - sent.start > segment + i64::from(sent.fin)
        {
            let at = sent.end - i64::from(sent.fin) - segment;
            self.flight.split(last, at);
        }
    }

    /// Whether nothing is in flight but a byte that probes the window.
    pub(in crate::tcp) fn only_probe_in_flight(&self) -> bool {
        self.flight.len() == 1 && self.flight.first().is_some_and(|sent| sent.probe)
    }

    /// Whether there is something to send, and nothing but the peer's window in the way: then nobody else will ask (RFC 9293 §3.8.6.1).
    pub(super) fn wants_window_probe(&self) -> bool {
        if !state::may_transmit(self.state) || self.timers.is_set(Timer::Pacing) {
            return false;
        }
        self.only_probe_in_flight() || self.flight.is_empty() && self.has_unsent()
    }

    fn poll_window_probe(&mut self, now: SimTime) -> Option<SegmentOut> {
        if !self.persist.take_due() || !self.wants_window_probe() {
            return None;
        }
        self.persist.sent();
        if self.only_probe_in_flight() {
            return Some(self.send_again(now, 0, NetReason::TcpZeroWindowProbe));
        }
        let (waiting, window) = (self.waiting(), self.window_room());
        if window > 0 && waiting > 0 {
            // RFC 9293 §3.8.6.2.1 (4): a window that stays silly is used after all.
            let piece = Piece { length: waiting.min(window), fin: false, probe: false };
            return Some(self.send_new(now, piece, NetReason::TcpSillyWindowOverride));
        }
        let piece = Piece { length: waiting.min(1), fin: waiting == 0, probe: true };
        Some(self.send_new(now, piece, NetReason::TcpZeroWindowProbe))
    }

    /// The window is open: what probed it is ordinary data, and was most likely not taken.
    pub(in crate::tcp) fn window_opened(&mut self) {
        self.persist.opened();
        self.timers.clear(Timer::Persist);
        if let Some(&Sent { probe: true, fate: Fate::InFlight, .. }) = self.flight.first() {
            self.flight.set_fate(0, Fate::Lost(NetReason::TcpWindowReopened));
            self.flight.no_longer_probe();
        }
    }

    /// A segment that lies just before the window, which has to be answered.
    fn poll_keepalive(&mut self, now: SimTime) -> Option<SegmentOut> {
        if !self.keepalive.take_due() {
            return None;
        }
        let header = self.header(now, Flags::ACK, self.send.next - 1);
        Some(self.bare(header, NetReason::TcpKeepaliveProbe))
    }
}
