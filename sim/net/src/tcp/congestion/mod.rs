//! Congestion control: the window, and the algorithms behind one trait. Not here: finding losses, and recovery (`recovery`).

mod bbr;
mod cubic;
mod newreno;
mod slow_start;
#[cfg(test)]
mod tests_support;
mod validation;

use std::fmt;
use std::time::Duration;

use rtclab_trace::SimTime;

use super::delivery_rate::RateSample;
use super::recovery::Phase;

pub(crate) use bbr::Bbr;
pub(crate) use cubic::Cubic;
pub(crate) use newreno::NewReno;
pub(crate) use validation::WindowUse;

/// Which algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Algorithm {
    /// Additive increase, multiplicative decrease (RFC 5681, RFC 6582).
    NewReno,
    /// A cubic function of the time since the last loss (RFC 9438); what Linux, Windows and macOS do.
    #[default]
    Cubic,
    /// A model of bottleneck bandwidth and round-trip time (draft-cardwell-iccrg-bbr-congestion-control-00, "BBRv1").
    Bbr,
}

impl Algorithm {
    /// As people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Algorithm::NewReno => "newreno",
            Algorithm::Cubic => "cubic",
            Algorithm::Bbr => "bbr",
        }
    }

    /// A controller; `draw` decides where BBR begins its cycle.
    pub(crate) fn controller(self, draw: u32) -> Box<dyn CongestionControl> {
        match self {
            Algorithm::NewReno => Box::new(NewReno::default()),
            Algorithm::Cubic => Box::new(Cubic::default()),
            Algorithm::Bbr => Box::new(Bbr::new(draw)),
        }
    }
}

/// The window itself, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Bytes that may be in flight.
    pub(crate) cwnd: u64,
    /// Below it slow start, above it congestion avoidance; `u64::MAX` until the first loss.
    pub(crate) ssthresh: u64,
    /// The size of a full segment (SMSS).
    pub(crate) segment: u64,
    /// The initial window.
    pub(crate) initial: u64,
}

impl Window {
    /// The initial window of RFC 6928 §2.
    pub(crate) fn initial(segment: u64, segments: u32) -> Window {
        let initial = segment * u64::from(segments.max(1));
        Window { cwnd: initial, ssthresh: u64::MAX, segment, initial }
    }

    /// Whether it grows by slow start.
    pub(crate) fn is_slow_start(&self) -> bool {
        self.cwnd < self.ssthresh
    }

    /// The least that a threshold may be (RFC 5681 §3.1).
    pub(crate) fn floor(&self) -> u64 {
        2 * self.segment
    }
}

/// What one acknowledgment says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    /// When it arrived.
    pub(crate) now: SimTime,
    /// Bytes that it delivered, cumulatively or selectively.
    pub(crate) delivered: u64,
    /// Bytes that were found to be lost because of it.
    pub(crate) lost: u64,
    /// Bytes in flight after it.
    pub(crate) in_flight: u64,
    /// SND.UNA after it.
    pub(crate) una: i64,
    /// SND.NXT.
    pub(crate) next: i64,
    /// Its measurement of the round-trip time.
    pub(crate) rtt: Option<Duration>,
    /// The smoothed round-trip time.
    pub(crate) rtt_smoothed: Duration,
    /// Its measurement of the delivery rate.
    pub(crate) rate: Option<RateSample>,
    /// Bytes delivered since the start.
    pub(crate) delivered_total: u64,
    /// Whether the congestion window was what limited the sender.
    pub(crate) window_limited: bool,
    /// The phase of recovery.
    pub(crate) phase: Phase,
}

/// What makes a controller reduce the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Congestion {
    /// A loss that acknowledgments revealed.
    Loss,
    /// A mark by a router.
    Mark,
    /// The retransmission timer.
    Timeout,
}

/// An algorithm.
///
/// The connection calls [`on_ack`](CongestionControl::on_ack) for each acknowledgment outside of fast recovery, and
/// [`on_congestion`](CongestionControl::on_congestion) once for each episode of loss. During fast recovery it sets the window itself, by
/// proportional rate reduction towards `ssthresh`, unless the algorithm [sets its window](CongestionControl::sets_window) alone.
pub(crate) trait CongestionControl: fmt::Debug + Send {
    /// The handshake is over; it took this long, if that was measured.
    fn on_established(&mut self, _window: &Window, _rtt: Option<Duration>) {}

    /// Something was delivered: the window may grow.
    fn on_ack(&mut self, window: &mut Window, ack: &Acknowledged);

    /// There is congestion: sets `ssthresh`.
    fn on_congestion(&mut self, window: &mut Window, congestion: Congestion, in_flight: u64, now: SimTime);

    /// The last congestion was none.
    fn on_undo(&mut self, _window: &Window) {}

    /// Sending goes on after so long a pause.
    fn on_idle(&mut self, _pause: Duration) {}

    /// Bytes a second at which segments may leave; none where acknowledgments alone clock them.
    fn pacing_rate(&self) -> Option<u64> {
        None
    }

    /// Whether the window is this algorithm's alone, in recovery too.
    fn sets_window(&self) -> bool {
        false
    }
}
