//! What the program does with a connection: SEND, RECEIVE, CLOSE and ABORT (RFC 9293 §3.10.2 to §3.10.5).

use rtclab_trace::NetReason;

use super::connection::Connection;
use super::error::{TcpError, WriteError};
use super::segment::Flags;
use super::state::{self, State};

impl Connection {
    /// Takes as many bytes as the send buffer has room for, and says how many. If not all fit, [`Event::Writable`](super::Event::Writable)
    /// tells when there is room again. Bytes may be written before the connection is open.
    pub fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        if let Some(error) = self.error {
            return Err(WriteError::Failed(error));
        }
        if self.send.closed || !state::may_write(self.state) {
            return Err(WriteError::Closed);
        }
        let taken = self.outgoing.write(data);
        self.due.writer_waits |= taken < data.len();
        Ok(taken)
    }

    /// Moves bytes that arrived to `out`, and says how many.
    pub fn read(&mut self, out: &mut [u8]) -> usize {
        let count = self.incoming.read(out);
        if count > 0 && !self.receive.finished {
            let unacknowledged = (self.receive_next() - self.receive.acknowledged).max(0) as u64;
            self.acks.on_read(self.incoming.readable() == 0, unacknowledged);
            self.update_window_after_read();
        }
        count
    }

    /// Like Linux, news of an open window are sent on their own only if it at least doubled; smaller ones ride on acknowledgments. What may
    /// be offered at all is bound by the receiver's side of silly window avoidance (RFC 9293 §3.8.6.2.2).
    fn update_window_after_read(&mut self) {
        let offered = (self.receive.edge - self.receive_next()).max(0);
        let possible = self.window_to_offer();
        if possible > offered && possible >= 2 * offered && state::may_receive(self.state) {
            self.acks.request(NetReason::TcpWindowUpdate);
        }
    }

    /// The program has no more to write; it can still read (RFC 9293 §3.10.4, half close §3.6.1). What was written is sent before the FIN.
    pub fn shutdown(&mut self) {
        if self.send.closed {
            return;
        }
        let next = match self.state {
            State::SynSent => {
                self.due.handshake = None;
                return self.finish(NetReason::TcpCloseCalled);
            }
            State::SynReceived | State::Established => State::FinWait1,
            State::CloseWait => State::LastAck,
            _ => return,
        };
        self.send.closed = true;
        self.enter(next, NetReason::TcpCloseCalled);
    }

    /// The program is done with the connection: it writes no more and reads no more. If something was left unread, or if more data
    /// arrives, the peer is told by a RST that it was lost (RFC 9293 §3.6.1, RFC 2525 §2.17).
    pub fn close(&mut self) {
        if self.receive.reader_gone {
            return;
        }
        self.receive.reader_gone = true;
        let has_unread = self.incoming.readable() > 0 || self.incoming.behind_gaps() > 0;
        self.incoming.clear();
        if has_unread && state::is_synchronized(self.state) {
            return self.reset(TcpError::Aborted, NetReason::TcpResetUnread);
        }
        self.shutdown();
    }

    /// Ends the connection at once, with a RST to the peer where it knows of the connection (RFC 9293 §3.10.5).
    pub fn abort(&mut self) {
        self.reset(TcpError::Aborted, NetReason::TcpAborted);
    }

    /// Ends the connection with a RST.
    pub(super) fn reset(&mut self, error: TcpError, reason: NetReason) {
        match self.state {
            State::Closed => return,
            State::Listen | State::SynSent | State::TimeWait | State::Closing | State::LastAck => {}
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait => self.due.reset = Some((Flags::RST | Flags::ACK, reason)),
        }
        self.fail(error, reason);
    }
}
