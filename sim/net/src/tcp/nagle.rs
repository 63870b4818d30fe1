//! Whether a segment may go, or waits to become larger: Nagle's algorithm (RFC 9293 §3.7.4) and the sender's side of silly window avoidance
//! (RFC 9293 §3.8.6.2.1). Not here: the congestion window.

use super::config::Nagle;

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Bytes that wait to be sent (D).
    pub(crate) waiting: u64,
    /// Bytes that the peer's window takes (U).
    pub(crate) window: u64,
    /// A full segment (Eff.snd.MSS).
    pub(crate) segment: u64,
    /// The largest window that the peer ever offered.
    pub(crate) window_max: u64,
    /// Whether anything is unacknowledged.
    pub(crate) outstanding: bool,
    /// Whether a segment smaller than full is unacknowledged.
    pub(crate) small_outstanding: bool,
    /// Whether the program has written its last.
    pub(crate) last: bool,
}

impl Candidate {
    /// How many bytes may go in the next segment; none if it is to wait.
    pub(crate) fn sendable(&self, nagle: Nagle) -> Option<u64> {
        let fits = self.waiting.min(self.window);
        if fits >= self.segment {
            return Some(self.segment);
        }
        let waits = match nagle {
            Nagle::Off => false,
            Nagle::Classic => self.outstanding,
            Nagle::Minshall => self.small_outstanding,
        };
        if self.waiting <= self.window {
            return (!waits || self.last).then_some(fits);
        }
        // The window cuts it short: only if that is a good part of the largest window there ever was.
        (fits > 0 && !waits && 2 * fits >= self.window_max).then_some(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Candidate = Candidate {
        waiting: 100,
        window: 10_000,
        segment: 1000,
        window_max: 10_000,
        outstanding: true,
        small_outstanding: true,
        last: false,
    };

    #[test]
    fn a_full_segment_never_waits() {
        assert_eq!(Candidate { waiting: 2500, ..SMALL }.sendable(Nagle::Classic), Some(1000));
    }

    #[test]
    fn a_small_segment_waits_for_what_is_unacknowledged() {
        let behind_full = Candidate { small_outstanding: false, ..SMALL };
        assert_eq!(behind_full.sendable(Nagle::Classic), None);
        assert_eq!(behind_full.sendable(Nagle::Minshall), Some(100));
        assert_eq!(SMALL.sendable(Nagle::Minshall), None);
        assert_eq!(SMALL.sendable(Nagle::Off), Some(100));
    }

    #[test]
    fn the_last_piece_does_not_wait() {
        assert_eq!(Candidate { last: true, ..SMALL }.sendable(Nagle::Classic), Some(100));
    }

    #[test]
    fn a_sliver_of_window_is_not_filled() {
        let sliver = Candidate { waiting: 5000, window: 300, small_outstanding: false, ..SMALL };
        assert_eq!(sliver.sendable(Nagle::Off), None);
        assert_eq!(Candidate { window_max: 500, ..sliver }.sendable(Nagle::Off), Some(300));
        assert_eq!(Candidate { window: 0, window_max: 0, ..sliver }.sendable(Nagle::Off), None);
    }
}
