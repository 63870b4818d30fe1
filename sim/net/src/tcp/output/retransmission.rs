//! Sending again: the handshake, and what is taken for lost. Not here: finding out what is lost (`input`, `timeout`).

use rtclab_trace::{NetReason, SimTime};

use super::SegmentOut;
use crate::tcp::connection::Connection;
use crate::tcp::flight::{Fate, Sent};
use crate::tcp::segment::Flags;
use crate::tcp::state;

impl Connection {
    /// A SYN or SYN-ACK, for the first time or again.
    pub(super) fn poll_handshake(&mut self, now: SimTime) -> Option<SegmentOut> {
        let reason = self.due.handshake.take()?;
        let is_repeated = self.handshake_transmissions > 0;
        self.handshake_transmissions += 1;
        if is_repeated {
            self.retransmissions += 1;
            let stamp = self.rate.on_send(now, true);
            self.flight.sent_again(0, now, stamp);
        } else {
            self.send_syn(now);
        }
        self.arm_retransmission(now);
        let flags = if self.receive.synchronized {
            Flags::SYN | Flags::ACK | self.ecn.syn_ack_flags()
        } else {
            Flags::SYN | self.ecn.syn_flags(is_repeated)
        };
        let header = self.header(now, flags, 0);
        Some(self.bare(header, reason))
    }

    fn send_syn(&mut self, now: SimTime) {
        let stamp = self.rate.on_send(now, true);
        self.flight.push(Sent {
            start: 0,
            end: 1,
            syn: true,
            fin: false,
            probe: false,
            sent_at: now,
            order: 0,
            first_sent_at: now,
            transmissions: 1,
            fate: Fate::InFlight,
            stamp,
        });
        self.send.next = 1;
        self.unacknowledged_since = Some(now);
    }

    /// The first of what is lost, if the network takes it.
    pub(super) fn poll_retransmission(&mut self, now: SimTime) -> Option<SegmentOut> {
        if !state::may_transmit(self.state) {
            return None;
        }
        let index = self.flight.first_lost()?;
        self.fit(index);
        let sent = *self.flight.get(index)?;
        let Fate::Lost(reason) = sent.fate else { return None };
        // What lies outside a window that has shrunk waits; but the first is sent, to keep asking (RFC 9293 §3.8.6).
        if index > 0 && sent.start >= self.send.edge {
            return None;
        }
        if !self.network_allows(now, sent.length()) {
            return None;
        }
        Some(self.send_again(now, index, reason))
    }

    /// A record is never larger than a segment is now.
    pub(super) fn fit(&mut self, index: usize) {
        let segment = self.payload_max() as i64;
        if let Some(sent) = self.flight.get(index)
            && sent.end - sent.start > segment + i64::from(sent.fin)
        {
            let at = sent.start + segment;
            self.flight.split(index, at);
        }
    }

    /// Sends a record again, whatever it was taken for.
    pub(super) fn send_again(&mut self, now: SimTime, index: usize, reason: NetReason) -> SegmentOut {
        let stamp = self.rate.on_send(now, self.flight.in_flight() == 0);
        self.flight.sent_again(index, now, stamp);
        let (start, end, fin) =
            self.flight.get(index).map_or((0, 0, false), |sent| (sent.start, sent.end, sent.fin));
        self.recovery.on_retransmission(now, end);
        self.retransmissions += 1;
        self.after_sending(now, end - start, false);
        self.segment(now, start, end - i64::from(fin), fin, false, reason)
    }
}
