//! A queue that drops what does not fit. Not here: queues that drop earlier ([`super::managed`]).

use std::collections::VecDeque;

use rtclab_trace::{QueueLimit, SimTime};

/// Packets that wait. They are on their way already as far as the world is concerned: first come, first served, so each one's time is
/// known when it comes.
#[derive(Debug, Default)]
pub(crate) struct DropTail {
    /// When each of them begins to leave, and its length.
    waiting: VecDeque<(SimTime, u32)>,
    bytes: u64,
}

impl DropTail {
    /// Lets a packet in that can begin to leave at `starts`; or not, if the queue is full.
    #[inline]
    pub(crate) fn enter(&mut self, now: SimTime, starts: SimTime, length: usize, limit: QueueLimit) -> bool {
        while let Some(&(began, length)) = self.waiting.front()
            && began <= now
        {
            self.waiting.pop_front();
            self.bytes -= u64::from(length);
        }
        if starts <= now {
            return true;
        }
        let full = match limit {
            QueueLimit::Packets(packets) => self.waiting.len() >= packets as usize,
            QueueLimit::Bytes(bytes) => self.bytes.saturating_add(length as u64) > bytes,
        };
        if full {
            return false;
        }
        let length = length as u32;
        self.waiting.push_back((starts, length));
        self.bytes += u64::from(length);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> SimTime = SimTime::from_millis;

    #[test]
    fn so_many_packets_wait_and_no_more_until_one_has_left() {
        let mut queue = DropTail::default();
        let limit = QueueLimit::Packets(2);
        assert!(queue.enter(MS(0), MS(0), 100, limit), "the first leaves at once and does not wait");
        assert!(queue.enter(MS(0), MS(1), 100, limit));
        assert!(queue.enter(MS(0), MS(2), 100, limit));
        assert!(!queue.enter(MS(0), MS(3), 100, limit));
        assert!(queue.enter(MS(1), MS(3), 100, limit));
    }

    #[test]
    fn so_many_bytes_wait_however_many_packets_they_are() {
        let mut queue = DropTail::default();
        let limit = QueueLimit::Bytes(1_000);
        for number in 1..=10 {
            assert!(queue.enter(MS(0), MS(number), 100, limit));
        }
        assert!(!queue.enter(MS(0), MS(11), 1, limit));
        assert!(queue.enter(MS(2), MS(11), 200, limit), "two of them have left");
        assert!(!queue.enter(MS(2), MS(12), 1, limit));
    }
}
