//! Where the time of a frame went. A frame's latency is the sum of its stages and nothing else: no protocol has a constant.

use std::time::Duration;

use crate::rtp::AssembledFrame;

/// The stages of one frame, from camera to screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLatency {
    /// Number of the frame.
    pub number: u32,
    /// From capture to the first packet at the receiver: encoding, queues and the way.
    pub first_packet: Duration,
    /// From the first packet to the last: serialisation, and loss that was repaired.
    pub completion: Duration,
}

impl FrameLatency {
    /// The stages of a frame that arrived whole. Both ends share the world's clock.
    pub fn of(frame: &AssembledFrame) -> FrameLatency {
        FrameLatency {
            number: frame.number,
            first_packet: frame.first_at.since(frame.captured_at),
            completion: frame.complete_at.since(frame.first_at),
        }
    }

    /// The sum of the stages.
    pub fn total(&self) -> Duration {
        self.first_packet + self.completion
    }
}

/// Delay and missing frames: the two axes that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencySummary {
    totals: Vec<Duration>,
    newest: Option<u32>,
}

impl LatencySummary {
    /// Counts a frame.
    pub fn add(&mut self, frame: &AssembledFrame) {
        let total = FrameLatency::of(frame).total();
        let place = self.totals.partition_point(|other| *other <= total);
        self.totals.insert(place, total);
        self.newest = self.newest.max(Some(frame.number));
    }

    /// Frames that arrived whole.
    pub fn frames(&self) -> usize {
        self.totals.len()
    }

    /// Frames up to the newest that did not arrive whole.
    pub fn missing(&self) -> u64 {
        let due = self.newest.map_or(0, |newest| u64::from(newest) + 1);
        due.saturating_sub(self.totals.len() as u64)
    }

    /// The latency that `percent` of the frames stayed within (nearest rank); none without frames.
    pub fn percentile(&self, percent: u32) -> Option<Duration> {
        let rank = (self.totals.len() * percent.min(100) as usize).div_ceil(100).max(1);
        self.totals.get(rank - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use rtclab_rtc::Time;

    use super::*;

    fn arrived(number: u32, millis: u64) -> AssembledFrame {
        let (first_at, complete_at) = (Time::from_millis(millis - 1), Time::from_millis(millis));
        AssembledFrame { number, key: false, captured_at: Time::ZERO, first_at, complete_at, bytes: 1 }
    }

    #[test]
    fn the_stages_add_up_to_the_whole() {
        let frame = arrived(0, 40);
        assert_eq!(FrameLatency::of(&frame).total(), Duration::from_millis(40));
    }

    #[test]
    fn percentiles_are_of_the_frames_that_arrived_and_gaps_are_counted_apart() {
        let mut summary = LatencySummary::default();
        for (number, millis) in [(0, 30), (1, 10), (4, 20)] {
            summary.add(&arrived(number, millis));
        }
        assert_eq!(summary.percentile(50), Some(Duration::from_millis(20)));
        assert_eq!(summary.percentile(95), Some(Duration::from_millis(30)));
        assert_eq!((summary.frames(), summary.missing()), (3, 2));
        assert_eq!(LatencySummary::default().percentile(50), None);
    }
}
