//! Congestion control (RFC 9260 §7.2): slow start, congestion avoidance, fast recovery.

/// The window and what moves it. Bytes.
#[derive(Clone, Debug)]
pub(super) struct Congestion {
    packet_size: usize,
    pub(super) cwnd: usize,
    pub(super) ssthresh: usize,
    partial_bytes_acked: usize,
    /// In fast recovery until this TSN is acknowledged.
    recovery_until: Option<u64>,
}

impl Congestion {
    /// §7.2.1: before the first acknowledgment, up to 4,404 bytes; the threshold may be as high as the peer's window.
    pub(super) fn new(packet_size: usize, peer_window: usize) -> Congestion {
        Congestion {
            packet_size,
            cwnd: (4 * packet_size).min((2 * packet_size).max(4_404)),
            ssthresh: peer_window.max(4 * packet_size),
            partial_bytes_acked: 0,
            recovery_until: None,
        }
    }

    pub(super) fn is_recovering(&self) -> bool {
        self.recovery_until.is_some()
    }

    /// The cumulative acknowledgment advanced over `acked` bytes while `in_flight` were out.
    pub(super) fn acknowledged(&mut self, acked: usize, in_flight: usize) {
        if self.is_recovering() {
            return;
        }
        if self.cwnd <= self.ssthresh {
            // Only a window that is used may grow (§7.2.1).
            if in_flight + self.packet_size > self.cwnd {
                self.cwnd += acked.min(self.packet_size);
            }
            return;
        }
        self.partial_bytes_acked += acked;
        if self.partial_bytes_acked >= self.cwnd && in_flight + self.packet_size > self.cwnd {
            self.partial_bytes_acked -= self.cwnd;
            self.cwnd += self.packet_size;
        }
        self.partial_bytes_acked = self.partial_bytes_acked.min(self.cwnd);
    }

    /// Three reports say that something is missing (§7.2.4).
    pub(super) fn enter_recovery(&mut self, highest_sent: u64) {
        if self.is_recovering() {
            return;
        }
        self.ssthresh = (self.cwnd / 2).max(4 * self.packet_size);
        self.cwnd = self.ssthresh;
        self.partial_bytes_acked = 0;
        self.recovery_until = Some(highest_sent);
    }

    /// Ends recovery when what was out at its start is acknowledged.
    pub(super) fn cumulative(&mut self, acknowledged: u64) {
        if self.recovery_until.is_some_and(|until| acknowledged >= until) {
            self.recovery_until = None;
        }
    }

    /// T3-rtx expired (§7.2.3).
    pub(super) fn timed_out(&mut self) {
        self.ssthresh = (self.cwnd / 2).max(4 * self.packet_size);
        self.cwnd = self.packet_size;
        self.partial_bytes_acked = 0;
        self.recovery_until = None;
    }
}
