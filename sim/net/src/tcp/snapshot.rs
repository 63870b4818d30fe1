//! The whole state of a connection as plain data, for traces and views.

use rtclab_trace::{TcpSequences, TcpState};

use super::connection::Connection;

impl Connection {
    /// Everything that a reader may want to know, as it is now.
    pub fn snapshot(&self) -> TcpState {
        let unsent = self.outgoing.end() - self.send.next.max(1);
        let unread = self.incoming.readable() as u64;
        let received = self.receive_next();
        let send_done = self.send.una;
        TcpState {
            local: self.local,
            remote: Some(self.remote),
            state: self.state,
            send: TcpSequences {
                initial: self.send.space.initial().0,
                done: bytes(send_done),
                next: bytes(self.send.next),
                window: bytes(self.send.edge - send_done),
            },
            receive: TcpSequences {
                initial: self.receive.space.initial().0,
                done: bytes(received).saturating_sub(unread),
                next: bytes(received),
                window: bytes(self.receive.edge - received),
            },
            unsent: bytes(unsent),
            unread,
            out_of_order: self.incoming.behind_gaps() as u64,
            segment_size: u32::try_from(self.payload_max()).unwrap_or(u32::MAX),
            algorithm: self.config.algorithm.word(),
            cwnd: self.window.cwnd,
            ssthresh: Some(self.window.ssthresh).filter(|ssthresh| *ssthresh != u64::MAX),
            in_flight: self.pipe(),
            sacked: self.flight.sacked(),
            lost: self.flight.lost(),
            recovery: self.recovery.phase,
            srtt: self.rtt.smoothed(),
            rtt_min: self.rtt.minimum(),
            rto: self.rtt.timeout(),
            pacing_bps: self.controller.pacing_rate().map(|rate| rate.saturating_mul(8)),
            retransmissions: self.retransmissions,
            timer: self.timers.next(),
        }
    }
}

fn bytes(positions: i64) -> u64 {
    u64::try_from(positions).unwrap_or(0)
}
