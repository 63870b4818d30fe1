//! When to acknowledge (RFC 9293 §3.8.6.3, RFC 5681 §4.2), the way Linux does: at once at the start of a stream, then for every second
//! full segment, when the program has read what was pushed, or after 40 ms. Not here: what an acknowledgment carries (`output`).

use std::time::Duration;

use rtclab_trace::{NetReason, SimTime};

/// Taken for the peer's segment size until a larger segment has arrived (RFC 9293 §3.7.1).
const SEGMENT_ASSUMED: usize = 536;

/// The state of acknowledging.
#[derive(Clone, Debug)]
pub(crate) struct AckPolicy {
    delay: Option<Duration>,
    quick_max: u32,
    quick: u32,
    /// The program answers what it receives, so an acknowledgment can usually ride on the answer.
    interactive: bool,
    due: Option<NetReason>,
    owed: bool,
    /// Small segments since the last acknowledgment: the end of what the peer had to say.
    pushed: u8,
    segment: usize,
    received_at: Option<SimTime>,
}

impl AckPolicy {
    pub(crate) fn new(delay: Option<Duration>, quick_max: u32) -> AckPolicy {
        AckPolicy {
            delay,
            quick_max,
            quick: 0,
            interactive: false,
            due: None,
            owed: false,
            pushed: 0,
            segment: SEGMENT_ASSUMED,
            received_at: None,
        }
    }

    /// Why an acknowledgment has to go now, if it has to.
    pub(crate) fn due(&self) -> Option<NetReason> {
        self.due
    }

    /// An acknowledgment has to go now. The first reason stays.
    pub(crate) fn request(&mut self, reason: NetReason) {
        self.due.get_or_insert(reason);
    }

    /// The stream is not as it should be: for a while everything is acknowledged at once.
    pub(crate) fn hurry(&mut self, reason: NetReason) {
        self.request(reason);
        self.quick = self.quick_max;
        self.interactive = false;
    }

    /// Data arrived in order; `unacknowledged` bytes wait in all. Returns when the delay ends, if there is one.
    pub(crate) fn on_data(
        &mut self,
        now: SimTime,
        length: usize,
        is_pushed: bool,
        unacknowledged: u64,
        timeout: Duration,
    ) -> Option<SimTime> {
        self.measure(length, is_pushed);
        match self.received_at.replace(now) {
            // The first data, or the first after a long silence: the peer is in slow start.
            None => self.quick = self.quick_max,
            Some(before) if now.since(before) > timeout => self.quick = self.quick_max,
            Some(_) => {}
        }
        self.owed = true;
        let Some(delay) = self.delay else {
            self.request(NetReason::TcpQuickAck);
            return None;
        };
        if self.quick > 0 && !self.interactive {
            self.request(NetReason::TcpQuickAck);
        } else if unacknowledged > self.segment as u64 {
            self.request(NetReason::TcpAckOfTwo);
        }
        self.due.is_none().then(|| now + delay)
    }

    /// Learns the peer's segment size, and whether a segment is the end of a write.
    fn measure(&mut self, length: usize, is_pushed: bool) {
        if length >= self.segment {
            self.segment = length;
            self.pushed = self.pushed.max(u8::from(is_pushed));
        } else {
            self.pushed = self.pushed.saturating_add(1);
        }
    }

    /// The peer's FIN arrived. Returns when the delay ends, if the acknowledgment may wait for the program to close too.
    pub(crate) fn on_fin(&mut self, now: SimTime, may_wait: bool) -> Option<SimTime> {
        self.owed = true;
        match self.delay.filter(|_| may_wait && self.due.is_none()) {
            None => {
                self.request(NetReason::TcpAckOfFin);
                None
            }
            Some(delay) => Some(now + delay),
        }
    }

    /// The delay ended.
    pub(crate) fn on_timer(&mut self) {
        if self.owed {
            self.request(NetReason::TcpDelayedAck);
        }
    }

    /// The program read something; `is_drained` says that nothing is left to read.
    pub(crate) fn on_read(&mut self, is_drained: bool, unacknowledged: u64) {
        if !self.owed {
            return;
        }
        let was_pushed = self.pushed >= 2 || self.pushed == 1 && !self.interactive;
        if unacknowledged > self.segment as u64 || is_drained && was_pushed {
            self.request(NetReason::TcpAckAfterRead);
        }
    }

    /// Data of our own goes out: within the delay it is an answer to what came in.
    pub(crate) fn on_data_sent(&mut self, now: SimTime) {
        let delay = self.delay.unwrap_or_default();
        self.interactive |= self.received_at.is_some_and(|at| now.since(at) < delay);
    }

    /// An acknowledgment left, alone or with data.
    pub(crate) fn sent(&mut self) {
        self.due = None;
        self.owed = false;
        self.pushed = 0;
        self.quick = self.quick.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTO: Duration = Duration::from_millis(300);

    /// A policy that is past its quick acknowledgments.
    fn settled() -> AckPolicy {
        let mut policy = AckPolicy::new(Some(Duration::from_millis(40)), 16);
        for i in 0..16 {
            policy.on_data(SimTime::from_millis(i), 1448, false, 1448, RTO);
            assert_eq!(policy.due(), Some(NetReason::TcpQuickAck));
            policy.sent();
        }
        policy
    }

    #[test]
    fn the_first_segments_are_acknowledged_at_once_and_a_later_one_after_40_ms() {
        let mut policy = settled();
        let now = SimTime::from_millis(20);
        assert_eq!(policy.on_data(now, 1448, false, 1448, RTO), Some(SimTime::from_millis(60)));
        assert_eq!(policy.due(), None);
        policy.on_timer();
        assert_eq!(policy.due(), Some(NetReason::TcpDelayedAck));
    }

    #[test]
    fn more_than_a_full_segment_is_not_delayed() {
        let mut policy = settled();
        policy.on_data(SimTime::from_millis(20), 1448, false, 1448, RTO);
        policy.on_data(SimTime::from_millis(20), 1448, false, 2896, RTO);
        assert_eq!(policy.due(), Some(NetReason::TcpAckOfTwo));
    }

    #[test]
    fn reading_what_was_pushed_acknowledges_it() {
        let mut policy = settled();
        policy.on_data(SimTime::from_millis(20), 100, true, 100, RTO);
        policy.on_read(false, 100);
        assert_eq!(policy.due(), None, "there is more to read");
        policy.on_read(true, 100);
        assert_eq!(policy.due(), Some(NetReason::TcpAckAfterRead));
    }

    #[test]
    fn a_program_that_answers_keeps_the_acknowledgment_for_its_answer() {
        let mut policy = AckPolicy::new(Some(Duration::from_millis(40)), 16);
        policy.on_data(SimTime::from_millis(0), 100, true, 100, RTO);
        policy.sent();
        policy.on_data_sent(SimTime::from_millis(1));
        assert!(policy.on_data(SimTime::from_millis(20), 100, true, 100, RTO).is_some());
        policy.on_read(true, 100);
        assert_eq!(policy.due(), None);
    }

    #[test]
    fn a_long_silence_starts_anew() {
        let mut policy = settled();
        policy.on_data(SimTime::from_millis(1000), 1448, false, 1448, RTO);
        assert_eq!(policy.due(), Some(NetReason::TcpQuickAck));
    }

    #[test]
    fn a_fin_may_wait_for_the_program_to_close() {
        let mut policy = settled();
        assert!(policy.on_fin(SimTime::from_millis(20), true).is_some());
        assert_eq!(policy.on_fin(SimTime::from_millis(20), false), None);
        assert_eq!(policy.due(), Some(NetReason::TcpAckOfFin));
    }

    #[test]
    fn without_a_delay_everything_is_acknowledged_at_once() {
        let mut policy = AckPolicy::new(None, 0);
        assert_eq!(policy.on_data(SimTime::ZERO, 10, false, 10, RTO), None);
        assert!(policy.due().is_some());
    }
}
