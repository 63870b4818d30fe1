//! Packets go out: control chunks first, then the acknowledgment that waits, then what is sent again, then new data; as much as fits, as far
//! as the windows allow (RFC 9260 §6.1, §6.10).

use super::association::Association;
use super::timers::Timer;
use super::wire::{Chunk, DATA_HEADER, HEADER_LENGTH, padded};
use crate::reason::Reason;
use crate::time::Time;

/// Gap blocks that an acknowledgment lists at most: a packet has room for more, and nobody needs them.
const GAPS_MAX: usize = 64;

/// How much may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Allowance {
    /// As much as the congestion window allows.
    Window,
    /// One packet of what is sent again, whatever the window says (§6.3.3 E3, §7.2.4 step 3); then as the window allows.
    OneAgain(Reason),
}

impl Association {
    /// Sends what can be sent. `reason` is why, where a packet has nothing that says more.
    pub(super) fn flush(&mut self, now: Time, reason: Reason) {
        self.flush_packets(now, reason, Allowance::Window, false);
    }

    /// The same, and the acknowledgment goes out now.
    pub(super) fn flush_with_sack(&mut self, now: Time, reason: Reason) {
        self.flush_packets(now, reason, Allowance::Window, true);
    }

    pub(super) fn flush_after_timeout(&mut self, now: Time) {
        self.flush_packets(now, Reason::SctpTimeout, Allowance::OneAgain(Reason::SctpTimeout), false);
    }

    pub(super) fn flush_fast(&mut self, now: Time) {
        let allowance = Allowance::OneAgain(Reason::SctpFastRetransmit);
        self.flush_packets(now, Reason::SctpFastRetransmit, allowance, false);
    }

    fn flush_packets(&mut self, now: Time, reason: Reason, mut allowance: Allowance, mut sack_due: bool) {
        if self.peer.is_none() {
            return;
        }
        self.outbound.expire(now);
        self.ask_for_resets(now);
        let mut forward_due = true;
        loop {
            let mut packet = Draft::new(self.config.packet_size);
            while let Some((chunk, why)) = self.control.pop_front() {
                if !packet.fits(chunk.wire_length()) && !packet.chunks.is_empty() {
                    self.control.push_front((chunk, why));
                    break;
                }
                packet.push(chunk, why);
            }
            let before_data = packet.chunks.len();
            self.data(&mut packet, &mut allowance, now);
            let has_data = packet.chunks.len() > before_data;
            if forward_due && let Some(forward) = self.outbound.forward() {
                forward_due = false;
                packet.push(Chunk::ForwardTsn(forward), Reason::SctpForwardTsn);
            }
            // Whatever goes to the peer takes a waiting acknowledgment along (§6.2).
            let sack_waits = self.unacknowledged_packets > 0;
            if sack_due || (sack_waits && has_data) {
                self.add_sack(&mut packet, if sack_due { reason } else { Reason::SctpSack });
                sack_due = false;
            }
            if packet.chunks.is_empty() {
                break;
            }
            let why = packet.reason.unwrap_or(reason);
            self.packet(self.peer_tag(), packet.chunks, why);
        }
        if self.outbound.has_outstanding() {
            self.keep_retransmission_timer(now);
        }
    }

    fn add_sack(&mut self, packet: &mut Draft, reason: Reason) {
        let sack = self.inbound.sack(GAPS_MAX);
        // Control chunks stand before DATA (§6.10).
        packet.insert_first(Chunk::Sack(sack), reason);
        self.unacknowledged_packets = 0;
        self.timers.stop(Timer::Acknowledgment);
    }

    /// Fills a packet with DATA: what is sent again first (§6.1 C).
    fn data(&mut self, packet: &mut Draft, allowance: &mut Allowance, now: Time) {
        if !self.phase.sends_data() {
            return;
        }
        // Room for an acknowledgment that comes along.
        let reserve = if self.unacknowledged_packets > 0 { 16 } else { 0 };
        let mut is_first = true;
        while let Some(room) = packet.room().checked_sub(DATA_HEADER + reserve).filter(|room| *room > 0) {
            let is_free = is_first || matches!(allowance, Allowance::OneAgain(_));
            let within = self.outbound.in_flight() < self.congestion.cwnd;
            if self.outbound.has_again() {
                let may = within || matches!(allowance, Allowance::OneAgain(_)) && is_free;
                // Only what may go is taken: a fragment that is taken counts as sent.
                if !may {
                    break;
                }
                let Some(data) = self.outbound.take_again(room, now) else { break };
                let why = match *allowance {
                    Allowance::OneAgain(reason) => reason,
                    Allowance::Window => Reason::SctpRetransmit,
                };
                packet.push(Chunk::Data(data), why);
            } else {
                if !within {
                    break;
                }
                let Some(data) = self.outbound.take(room, now) else { break };
                packet.push(Chunk::Data(data), Reason::SctpData);
            }
            is_first = false;
        }
        if !is_first {
            *allowance = Allowance::Window;
        }
    }
}

/// A packet in the making.
#[derive(Debug)]
struct Draft {
    chunks: Vec<Chunk>,
    left: usize,
    /// Why the first of its chunks goes out.
    reason: Option<Reason>,
}

impl Draft {
    fn new(packet_size: usize) -> Draft {
        Draft { chunks: Vec::new(), left: packet_size.saturating_sub(HEADER_LENGTH), reason: None }
    }

    fn room(&self) -> usize {
        self.left & !3
    }

    fn fits(&self, length: usize) -> bool {
        padded(length) <= self.left
    }

    fn push(&mut self, chunk: Chunk, reason: Reason) {
        self.left = self.left.saturating_sub(chunk.wire_length());
        self.chunks.push(chunk);
        self.reason.get_or_insert(reason);
    }

    fn insert_first(&mut self, chunk: Chunk, reason: Reason) {
        self.left = self.left.saturating_sub(chunk.wire_length());
        // COOKIE ECHO and COOKIE ACK go before everything else (§5.1).
        let at = usize::from(matches!(self.chunks.first(), Some(Chunk::CookieEcho(_) | Chunk::CookieAck)));
        self.chunks.insert(at, chunk);
        self.reason.get_or_insert(reason);
    }
}
