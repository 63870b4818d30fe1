//! Segment text and FIN (RFC 9293 §3.10.7.4, sixth to eighth), and how the closing of a connection progresses.

use rtclab_trace::NetReason;
use rtclab_trace::SimTime;

use super::{Arrival, Verdict};
use crate::tcp::connection::Connection;
use crate::tcp::error::TcpError;
use crate::tcp::receive_buffer::Arrival as Reassembly;
use crate::tcp::segment::Flags;
use crate::tcp::state::{self, State};
use crate::tcp::timers::Timer;

impl Connection {
    /// Urgent data is read in its place like all other (RFC 6093 §3); the program is told that there is some.
    pub(super) fn take_urgent(&mut self, arrival: &Arrival<'_>) {
        if arrival.has(Flags::URG) && state::may_receive(self.state) {
            self.events.urgent = true;
        }
    }

    pub(super) fn take_text_and_fin(&mut self, arrival: &Arrival<'_>) -> Verdict {
        if !state::may_receive(self.state) {
            return Verdict::Accepted;
        }
        let Some((start, text, fin)) = self.cut_to_window(arrival) else { return Verdict::Accepted };
        if fin {
            // The first FIN decides where the stream ends.
            self.receive.fin.get_or_insert(start + text.len() as i64);
        }
        let verdict = if text.is_empty() { Verdict::Accepted } else { self.take_text(arrival, start, text) };
        if self.state != State::Closed && self.receive.fin == Some(self.incoming.next()) {
            self.finish_receiving(arrival.now);
        } else if fin && self.state != State::Closed {
            self.acks.request(NetReason::TcpAckOfGap);
        }
        verdict
    }

    /// The part that lies in the window and before the end of the stream; none if that is nothing.
    fn cut_to_window<'a>(&mut self, arrival: &Arrival<'a>) -> Option<(i64, &'a [u8], bool)> {
        let end = arrival.start + arrival.payload.len() as i64;
        let limit = self.receive.fin.map_or(self.receive.edge, |fin| fin.min(self.receive.edge));
        let has_fin = arrival.has(Flags::FIN) && self.receive.fin.is_none_or(|fin| fin == end);
        if arrival.payload.is_empty() && !has_fin {
            return None;
        }
        if end <= limit {
            return Some((arrival.start, arrival.payload, has_fin));
        }
        // What lies beyond the window is not taken, and the sender is told where it ends.
        self.acks.request(NetReason::TcpOutsideWindow);
        let length = usize::try_from(limit - arrival.start).unwrap_or(0);
        Some((arrival.start, arrival.payload.get(..length)?, false))
    }

    fn take_text(&mut self, arrival: &Arrival<'_>, start: i64, text: &[u8]) -> Verdict {
        let (now, next) = (arrival.now, self.incoming.next());
        let end = start + text.len() as i64;
        if self.receive.reader_gone && end > next {
            self.reset(TcpError::Aborted, NetReason::TcpResetAfterClose);
            return Verdict::Dropped(NetReason::TcpResetAfterClose);
        }
        if self.ecn.on_data(arrival.codepoint, arrival.header.flags) {
            self.acks.request(NetReason::TcpCongestionEcho);
        }
        let known = self.incoming.block_at(start).map_or(next, |(_, end)| end);
        let outcome = self.incoming.insert(start, text);
        if start < known {
            // RFC 2883 §4: told with the next acknowledgment.
            self.receive.duplicate = Some((start, end.min(known)));
        }
        match outcome {
            Reassembly::InOrder { filled } => {
                self.events.readable = true;
                if filled || self.incoming.behind_gaps() > 0 {
                    self.acks.request(NetReason::TcpAckOfGap);
                }
                self.acknowledge_later(now, text.len(), arrival.has(Flags::PSH));
            }
            Reassembly::OutOfOrder => self.acks.hurry(NetReason::TcpAckOfGap),
            Reassembly::Duplicate => self.acks.hurry(NetReason::TcpAckOfDuplicate),
            Reassembly::Refused => {
                self.acks.request(NetReason::TcpAckOfGap);
                return Verdict::Dropped(NetReason::TcpTooManyGaps);
            }
        }
        Verdict::Accepted
    }

    fn acknowledge_later(&mut self, now: SimTime, length: usize, is_pushed: bool) {
        let unacknowledged = (self.receive_next() - self.receive.acknowledged).max(0) as u64;
        let timeout = self.rtt.base_timeout();
        if let Some(at) = self.acks.on_data(now, length, is_pushed, unacknowledged, timeout)
            && !self.timers.is_set(Timer::DelayedAck)
        {
            self.timers.set(Timer::DelayedAck, at);
        }
    }

    /// Everything up to the peer's FIN is here (RFC 9293 §3.10.7.4, eighth).
    fn finish_receiving(&mut self, now: SimTime) {
        self.receive.finished = true;
        self.events.readable = true;
        self.events.peer_closed = true;
        let next = match self.state {
            State::SynReceived | State::Established => State::CloseWait,
            State::FinWait1 => State::Closing,
            State::FinWait2 => State::TimeWait,
            _ => return,
        };
        // The program may be about to close too: then one segment does for both.
        if let Some(at) = self.acks.on_fin(now, next == State::CloseWait)
            && !self.timers.is_set(Timer::DelayedAck)
        {
            self.timers.set(Timer::DelayedAck, at);
        }
        self.enter(next, NetReason::TcpFinReceived);
        if next == State::TimeWait {
            self.arm_time_wait(now);
        }
    }

    /// Whether the peer has acknowledged our FIN, and what follows from it (RFC 9293 §3.10.7.4, fifth).
    pub(super) fn close_progresses(&mut self, now: SimTime) {
        if self.send.fin.is_none_or(|fin| self.send.una <= fin) {
            return;
        }
        match self.state {
            State::FinWait1 => self.enter(State::FinWait2, NetReason::TcpFinAcknowledged),
            State::Closing => {
                self.enter(State::TimeWait, NetReason::TcpFinAcknowledged);
                self.arm_time_wait(now);
            }
            State::LastAck => self.finish(NetReason::TcpFinAcknowledged),
            _ => {}
        }
    }
}
