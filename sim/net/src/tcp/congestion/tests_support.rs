//! What the tests of the algorithms share: a segment size, a window and an acknowledgment.

use std::time::Duration;

use rtclab_trace::SimTime;

use super::{Acknowledged, Window};
use crate::tcp::recovery::Phase;

pub(super) const MSS: u64 = 1000;

/// An initial window of so many segments.
pub(super) fn window(segments: u32) -> Window {
    Window::initial(MSS, segments)
}

/// An acknowledgment of so many bytes, with a full window.
pub(super) fn ack(delivered: u64) -> Acknowledged {
    Acknowledged {
        now: SimTime::ZERO,
        delivered,
        lost: 0,
        in_flight: 0,
        una: 0,
        next: 0,
        rtt: None,
        rtt_smoothed: Duration::from_millis(100),
        rate: None,
        delivered_total: 0,
        window_limited: true,
        phase: Phase::Open,
    }
}
