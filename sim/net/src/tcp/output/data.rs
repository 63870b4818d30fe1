//! New data: what the two windows, Nagle's algorithm and the pace let go (RFC 9293 §3.8, RFC 5681 §3).
//! Not here: data that was sent before (`retransmission`), and probes (`probe`).

use rtclab_trace::{NetReason, SimTime};

use super::SegmentOut;
use crate::tcp::connection::Connection;
use crate::tcp::flight::{Fate, RECORDS_MAX, Sent};
use crate::tcp::nagle::Candidate;
use crate::tcp::recovery::TailLossProbe;
use crate::tcp::segment::{Flags, Options};
use crate::tcp::state;
use crate::tcp::timers::Timer;

/// A piece of the stream that is about to be sent for the first time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) length: u64,
    pub(super) fin: bool,
    pub(super) probe: bool,
}

impl Connection {
    /// Bytes that were written and never sent.
    pub(super) fn waiting(&self) -> u64 {
        (self.outgoing.end() - self.send.next).max(0) as u64
    }

    /// Whether a FIN has to go once the data is out.
    pub(super) fn fin_waits(&self) -> bool {
        self.send.closed && self.send.fin.is_none()
    }

    /// Whether anything new could go, if the windows let it.
    pub(super) fn has_unsent(&self) -> bool {
        state::may_transmit(self.state) && self.send.una >= 1 && (self.waiting() > 0 || self.fin_waits())
    }

    /// Bytes beyond SND.NXT that the peer's window takes.
    pub(super) fn window_room(&self) -> u64 {
        (self.send.edge - self.send.next).max(0) as u64
    }

    pub(super) fn poll_data(&mut self, now: SimTime) -> Option<SegmentOut> {
        if !self.has_unsent() || self.flight.len() >= RECORDS_MAX {
            return None;
        }
        self.restart_after_idle(now);
        let piece = self.next_piece()?;
        if !self.network_allows(now, piece.length.max(1)) {
            return None;
        }
        let reason = if piece.length == 0 { NetReason::TcpFin } else { NetReason::TcpData };
        Some(self.send_new(now, piece, reason))
    }

    /// What the peer's window and Nagle's algorithm let go.
    fn next_piece(&self) -> Option<Piece> {
        let (waiting, window) = (self.waiting(), self.window_room());
        if waiting == 0 {
            return (window > 0).then_some(Piece { length: 0, fin: true, probe: false });
        }
        let candidate = Candidate {
            waiting,
            window,
            segment: self.payload_now(),
            window_max: self.send.window_max,
            outstanding: !self.flight.is_empty(),
            small_outstanding: self.send.small_end > self.send.una,
            last: self.fin_waits(),
        };
        let length = candidate.sendable(self.config.nagle)?;
        let fin = self.fin_waits() && length == waiting && window > length;
        Some(Piece { length, fin, probe: false })
    }

    /// Bytes of data for a full segment now. SACK blocks take what is left, so it does not depend on them.
    pub(super) fn payload_now(&self) -> u64 {
        self.payload_max()
    }

    /// Whether the congestion window and the pace let a segment go.
    pub(super) fn network_allows(&mut self, now: SimTime, length: u64) -> bool {
        if self.controller.pacing_rate().is_some()
            && let Some(at) = self.pacer.held_until(now)
        {
            self.timers.set(Timer::Pacing, at);
            return false;
        }
        let pipe = self.pipe();
        if pipe == 0 || pipe + length <= self.window.cwnd {
            return true;
        }
        self.window_use.note(pipe, self.send.una, self.send.next, true);
        false
    }

    /// After a pause the congestion window is not trusted (RFC 5681 §4.1).
    fn restart_after_idle(&mut self, now: SimTime) {
        if !self.flight.is_empty() || !self.config.window_validation || self.controller.sets_window() {
            return;
        }
        let before = self.window.cwnd;
        let timeout = self.rtt.base_timeout();
        if let Some(pause) = self.window_use.restart(now, &mut self.window, timeout) {
            self.controller.on_idle(pause);
            self.window_use.sent(now);
            if self.window.cwnd < before {
                self.note(NetReason::TcpIdleRestart);
            }
        }
    }

    /// Sends what was never sent.
    pub(super) fn send_new(&mut self, now: SimTime, piece: Piece, reason: NetReason) -> SegmentOut {
        let start = self.send.next;
        let data_end = start + piece.length as i64;
        let end = data_end + i64::from(piece.fin);
        let stamp = self.rate.on_send(now, self.flight.is_empty());
        self.flight.push(Sent {
            start,
            end,
            syn: false,
            fin: piece.fin,
            probe: piece.probe,
            sent_at: now,
            order: 0,
            first_sent_at: now,
            transmissions: 1,
            fate: Fate::InFlight,
            stamp,
        });
        self.send.next = end;
        if piece.fin {
            self.send.fin = Some(data_end);
        }
        if piece.length > 0 && piece.length < self.payload_now() {
            self.send.small_end = end;
        }
        self.unacknowledged_since.get_or_insert(now);
        self.window_use.note(self.pipe(), self.send.una, self.send.next, false);
        self.after_sending(now, end - start, true);
        self.segment(now, start, data_end, piece.fin, true, reason)
    }

    /// What every segment that takes sequence numbers does to timers and counters.
    pub(super) fn after_sending(&mut self, now: SimTime, length: i64, is_new: bool) {
        self.window_use.sent(now);
        self.recovery.prr.on_send(length.max(0) as u64);
        if let Some(rate) = self.controller.pacing_rate() {
            self.pacer.on_send(now, length.max(0) as u64, rate);
        }
        if !self.timers.is_set(Timer::Retransmission) && !self.only_probe_in_flight() {
            self.arm_retransmission(now);
        }
        if is_new {
            self.acks.on_data_sent(now);
            self.schedule_tail_probe(now);
        }
    }

    /// The segment with the data from one position to another.
    pub(super) fn segment(
        &mut self,
        now: SimTime,
        start: i64,
        data_end: i64,
        fin: bool,
        is_new: bool,
        reason: NetReason,
    ) -> SegmentOut {
        let payload = self.outgoing.copy(start, data_end);
        let is_pushed = !payload.is_empty() && data_end == self.outgoing.pushed();
        let flags = Flags::ACK.with(Flags::PSH, is_pushed).with(Flags::FIN, fin);
        let has_data = is_new && !payload.is_empty();
        let flags = flags | self.ecn.flags(has_data);
        let header = self.header_for(now, flags, start, payload.len());
        debug_assert!(
            payload.len() + Options::length(&header.options) <= self.send.segment.max(64) as usize + 40,
            "options and data fit the path"
        );
        SegmentOut { header, payload, codepoint: self.ecn.codepoint(has_data), reason }
    }

    /// RFC 8985 §7.2: after new data, and after an acknowledgment that leaves something in flight.
    pub(in crate::tcp) fn schedule_tail_probe(&mut self, now: SimTime) {
        let is_wanted = self.sack
            && self.send.una >= 1
            && !self.flight.is_empty()
            && !self.only_probe_in_flight()
            && self.flight.sacked() == 0
            && !self.recovery.is_reducing()
            && !self.recovery.probe.is_under_way();
        if !is_wanted {
            self.timers.clear(Timer::TailLossProbe);
            return;
        }
        let smoothed = self.rtt.smoothed();
        let timeout = TailLossProbe::timeout(smoothed, self.flight.len(), self.config.peer_ack_delay_max);
        // Never later than the retransmission timer, which it is there to forestall.
        let latest = self.timers.get(Timer::Retransmission);
        let at = latest.map_or(now + timeout, |latest| latest.min(now + timeout));
        self.timers.set(Timer::TailLossProbe, at);
    }

    /// When the program leaves the network idle, rates that are measured meanwhile are its own.
    pub(super) fn note_application_limit(&mut self) {
        let pipe = self.pipe();
        if self.waiting() < self.payload_max()
            && self.flight.lost() == 0
            && pipe < self.window.cwnd
            && !self.timers.is_set(Timer::Pacing)
        {
            self.rate.on_app_limited(pipe);
        }
    }
}
