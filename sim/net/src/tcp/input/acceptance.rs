//! Whether a segment is acceptable: timestamps (RFC 7323 §5), sequence number (RFC 9293 §3.10.7.4, first), acknowledgment (RFC 5961 §5.2); and how one
//! that is not is answered.

use std::time::Duration;

use rtclab_trace::NetReason;

use super::{Arrival, Verdict};
use crate::tcp::connection::Connection;
use crate::tcp::segment::Flags;
use crate::tcp::state::State;

/// Answers to segments that carry nothing new are this far apart, so that two ends cannot answer each other for ever (RFC 5961 §7).
const ANSWER_INTERVAL: Duration = Duration::from_millis(500);

impl Connection {
    /// What is wrong with a segment, if something is.
    pub(super) fn first_flaw(&self, arrival: &Arrival<'_>) -> Option<NetReason> {
        if self.clock.is_agreed() && !arrival.has(Flags::RST) {
            match arrival.header.options.timestamps {
                None => return Some(NetReason::TcpNoTimestamp),
                Some(option) if self.clock.is_old(arrival.now, option.value) => {
                    return Some(NetReason::TcpOldTimestamp);
                }
                Some(_) => {}
            }
        }
        (!self.is_in_window(arrival)).then_some(NetReason::TcpOutsideWindow)
    }

    /// The four cases of RFC 9293 §3.4, table 6.
    fn is_in_window(&self, arrival: &Arrival<'_>) -> bool {
        let next = self.receive_next();
        let window = (self.receive.edge - next).max(0);
        let is_inside = |position: i64| position >= next && position < next + window;
        match (arrival.length, window) {
            (0, 0) => arrival.start == next,
            (0, _) => is_inside(arrival.start),
            // Nothing is acceptable, but a segment in its place has a valid ACK, URG or RST; its text is cut off.
            (_, 0) => arrival.start == next,
            (_, _) => is_inside(arrival.start) || is_inside(arrival.end() - 1),
        }
    }

    /// Takes the peer's clock from a segment that begins at or before the last acknowledgment (RFC 7323 §4.3).
    pub(super) fn note_timestamp(&mut self, arrival: &Arrival<'_>) {
        if let Some(option) = arrival.header.options.timestamps
            && self.clock.is_agreed()
            && arrival.start <= self.receive.acknowledged
        {
            self.clock.note(arrival.now, option.value);
        }
    }

    /// An unacceptable segment is dropped, and answered with an acknowledgment unless it is a RST.
    pub(super) fn refuse(&mut self, arrival: &Arrival<'_>, reason: NetReason) -> Verdict {
        if arrival.has(Flags::RST) || reason == NetReason::TcpNoTimestamp {
            return Verdict::Dropped(reason);
        }
        if self.state == State::TimeWait && arrival.has(Flags::FIN) {
            // RFC 9293 §3.10.7.4, eighth: the peer repeats its FIN, so the acknowledgment of it was lost.
            self.arm_time_wait(arrival.now);
        }
        let is_old =
            !arrival.payload.is_empty() && arrival.end() <= self.receive_next() && arrival.start >= 1;
        if is_old {
            self.receive.duplicate = Some((arrival.start, arrival.start + arrival.payload.len() as i64));
            self.acks.hurry(NetReason::TcpAckOfDuplicate);
        } else if arrival.length > 0 && !arrival.has(Flags::SYN) || self.may_answer(arrival) {
            self.acks.request(reason);
        }
        Verdict::Dropped(reason)
    }

    /// A segment that a blind attacker could have sent is answered, so that a true peer can prove itself (RFC 5961).
    pub(super) fn challenge(&mut self, arrival: &Arrival<'_>) -> Verdict {
        if self.may_answer(arrival) {
            self.acks.request(NetReason::TcpChallengeAck);
        }
        Verdict::Dropped(NetReason::TcpChallengeAck)
    }

    fn may_answer(&mut self, arrival: &Arrival<'_>) -> bool {
        let may = self.answered_at.is_none_or(|at| arrival.now.since(at) >= ANSWER_INTERVAL);
        if may {
            self.answered_at = Some(arrival.now);
        }
        may
    }

    /// The fifth check: what the acknowledgment field says has to make sense.
    pub(super) fn check_acknowledgment(&mut self, arrival: &Arrival<'_>) -> Option<Verdict> {
        if self.state == State::SynReceived && !(self.send.una < arrival.ack && arrival.ack <= self.send.next)
        {
            self.due.refusal = Some(arrival.header.acknowledgment);
            return Some(Verdict::Dropped(NetReason::TcpResetBadAck));
        }
        // RFC 5961 §5.2: within a window before SND.UNA, and never beyond SND.NXT.
        let oldest = self.send.una - self.send.window_max as i64;
        if arrival.ack > self.send.next || arrival.ack < oldest {
            return Some(self.challenge(arrival));
        }
        None
    }
}
