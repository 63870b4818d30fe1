//! TIME-WAIT: whether a new connection may take over the endpoints of one that waits (RFC 9293 §3.6.1, RFC 6191).

use rtclab_trace::NetReason;

use super::connection::Connection;
use super::segment::{Flags, Segment};
use super::state::State;
use super::timestamps::is_before;

impl Connection {
    /// Ends in favor of a segment that [may replace](Connection::may_be_replaced_by) it.
    pub fn give_way(&mut self) {
        if self.state == State::TimeWait {
            self.finish(NetReason::TcpTimeWaitReused);
        }
    }

    /// Whether a SYN may reopen the endpoints of this connection from TIME-WAIT: it cannot be an old duplicate, because its timestamp is newer than
    /// any that was seen, or else its sequence number lies beyond the last (RFC 6191 §2). The caller then drops this connection, and gives the
    /// segment to the listener.
    pub fn may_be_replaced_by(&self, segment: &Segment<'_>) -> bool {
        let header = &segment.header;
        let is_syn =
            header.flags.has(Flags::SYN) && !header.flags.has(Flags::ACK) && !header.flags.has(Flags::RST);
        if self.state != State::TimeWait || !is_syn {
            return false;
        }
        let expected = self.receive.space.number(self.receive_next());
        let is_beyond = !header.sequence.is_before(expected);
        match header.options.timestamps {
            Some(option) if self.clock.is_agreed() => {
                let recent = self.clock.recent();
                is_before(recent, option.value) || option.value == recent && is_beyond
            }
            _ => is_beyond,
        }
    }
}
