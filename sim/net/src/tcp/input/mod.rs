//! SEGMENT ARRIVES, in the order of RFC 9293 §3.10.7.4: sequence number, RST, SYN, ACK, URG, text, FIN.
//! Not here: segments for no connection (`listen`), which never reach one.

mod acceptance;
mod acknowledgment;
mod handshake;
mod loss;
mod text;

use rtclab_trace::{NetReason, SimTime};

use super::connection::Connection;
use super::ecn::Codepoint;
use super::error::TcpError;
use super::segment::{Flags, Header, Segment};
use super::state::State;

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was processed.
    Accepted,
    /// It was not, for this reason. It may have been answered all the same.
    Dropped(NetReason),
}

/// A segment with its numbers as positions.
#[derive(Clone, Copy, Debug)]
struct Arrival<'a> {
    now: SimTime,
    header: Header,
    payload: &'a [u8],
    codepoint: Codepoint,
    /// SEG.SEQ.
    start: i64,
    /// SEG.ACK.
    ack: i64,
    /// SEG.LEN.
    length: i64,
    /// SEG.WND in bytes.
    window: i64,
}

impl Arrival<'_> {
    fn has(&self, flags: Flags) -> bool {
        self.header.flags.has(flags)
    }

    /// The position after its last.
    fn end(&self) -> i64 {
        self.start + self.length
    }
}

impl Connection {
    /// A segment arrived for this connection, in an IP packet with this ECN field. Its checksum is right.
    pub fn handle_segment(&mut self, now: SimTime, codepoint: Codepoint, segment: &Segment<'_>) -> Verdict {
        let verdict = match self.state {
            State::Closed | State::Listen => return Verdict::Dropped(NetReason::TcpResetNoConnection),
            State::SynSent => self.arrives_in_syn_sent(now, codepoint, segment),
            _ => {
                let arrival = self.locate(now, codepoint, segment);
                self.arrives(&arrival)
            }
        };
        if verdict == Verdict::Accepted {
            self.keepalive.heard(now);
        }
        verdict
    }

    fn locate<'a>(&self, now: SimTime, codepoint: Codepoint, segment: &Segment<'a>) -> Arrival<'a> {
        let header = segment.header;
        let scale = if header.flags.has(Flags::SYN) { 0 } else { self.send.scale };
        Arrival {
            now,
            header,
            payload: segment.payload,
            codepoint,
            start: self.receive.space.position(header.sequence, self.receive_next()),
            ack: self.send.space.position(header.acknowledgment, self.send.una),
            length: i64::from(segment.length()),
            window: i64::from(header.window) << scale,
        }
    }

    fn arrives(&mut self, arrival: &Arrival<'_>) -> Verdict {
        if self.state == State::SynReceived
            && let Some(verdict) = self.arrives_again_in_syn_received(arrival)
        {
            return verdict;
        }
        if let Some(reason) = self.first_flaw(arrival) {
            return self.refuse(arrival, reason);
        }
        self.note_timestamp(arrival);
        if arrival.has(Flags::RST) {
            return self.reset_arrives(arrival);
        }
        if arrival.has(Flags::SYN) {
            // RFC 5961 §4.2: whatever its number, it is answered and dropped.
            return self.challenge(arrival);
        }
        if !arrival.has(Flags::ACK) {
            return Verdict::Dropped(NetReason::TcpNoAck);
        }
        if let Some(verdict) = self.check_acknowledgment(arrival) {
            return verdict;
        }
        if self.state == State::SynReceived {
            self.establish(arrival);
        } else {
            self.acknowledged_by(arrival);
        }
        self.close_progresses(arrival.now);
        if self.state == State::Closed {
            return Verdict::Accepted;
        }
        self.take_urgent(arrival);
        self.take_text_and_fin(arrival)
    }

    /// RFC 5961 §3.2: only a RST with exactly the expected number is believed.
    fn reset_arrives(&mut self, arrival: &Arrival<'_>) -> Verdict {
        if arrival.start != self.receive_next() {
            return self.challenge(arrival);
        }
        match self.state {
            State::Closing | State::LastAck | State::TimeWait => self.finish(NetReason::TcpResetReceived),
            _ => self.fail(TcpError::Reset, NetReason::TcpResetReceived),
        }
        Verdict::Accepted
    }
}
