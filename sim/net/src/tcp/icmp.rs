//! What routers say: that a packet was too big (RFC 1191, RFC 8201), or that the peer cannot be reached (RFC 5927).
//! Not here: ICMP messages themselves; the caller reads the sequence number out of the packet that they quote.

use rtclab_trace::{NetReason, SimTime};

use super::connection::{Connection, MTU_MIN_IPV4, MTU_MIN_IPV6, segment_for};
use super::error::TcpError;
use super::flight::Fate;
use super::recovery::Phase;
use super::sequence::SequenceNumber;
use super::state::State;

impl Connection {
    /// A router says that a packet with this sequence number is larger than the next link takes. What is too large and in flight is sent
    /// again in smaller segments, and the congestion window is left alone (RFC 1191 §6.5). Says whether it was believed.
    pub fn handle_packet_too_big(&mut self, now: SimTime, quoted: SequenceNumber, mtu: u16) -> bool {
        let floor = if self.remote.is_ipv4() { MTU_MIN_IPV4 } else { MTU_MIN_IPV6 };
        let segment = segment_for(mtu.max(floor), self.remote.ip());
        if !self.is_in_flight(quoted) || segment >= self.send.segment {
            return false;
        }
        let too_big = self.payload_max();
        self.send.segment = segment;
        let payload = self.payload_max();
        // The window stays the same in bytes.
        self.window.segment = payload;
        let mut lost = false;
        for index in 0..self.flight.len() {
            if let Some(sent) = self.flight.get(index)
                && sent.fate == Fate::InFlight
                && sent.length() > payload
                && sent.length() <= too_big + 1
            {
                self.flight.set_fate(index, Fate::Lost(NetReason::TcpPathMtuReduced));
                lost = true;
            }
        }
        if lost && !self.recovery.is_reducing() {
            // No congestion, and nothing to undo: a phase that only waits for what is in flight.
            let flight = (self.send.next - self.send.una).max(0) as u64;
            self.recovery.begin(Phase::Loss, self.send.next, flight, self.window.cwnd, self.window.ssthresh);
            self.recovery.forget_undo();
        }
        self.note(NetReason::TcpPathMtuReduced);
        self.arm_timers(now);
        true
    }

    /// A router or the peer's host says that a packet with this sequence number could not be delivered. During the handshake that is believed,
    /// if it is about the port or protocol; once the connection is open it is a passing trouble (RFC 5927 §5.2, RFC 9293 §3.9.2.2). Says
    /// whether the connection ended.
    pub fn handle_unreachable(&mut self, quoted: SequenceNumber, is_hard: bool) -> bool {
        let is_opening = matches!(self.state, State::SynSent | State::SynReceived);
        if !is_hard || !is_opening || !self.is_in_flight(quoted) {
            return false;
        }
        self.fail(TcpError::Unreachable, NetReason::TcpUnreachable);
        true
    }

    /// RFC 5927 §4.1: only a message about something that is in flight can be true.
    fn is_in_flight(&self, quoted: SequenceNumber) -> bool {
        let position = self.send.space.position(quoted, self.send.una);
        position >= self.send.una && position < self.send.next
    }
}
