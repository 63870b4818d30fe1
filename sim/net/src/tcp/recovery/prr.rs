//! Proportional rate reduction: how much may be sent for each acknowledgment while a loss is repaired (RFC 6937).
//! Not here: how far the window is reduced, which the congestion controller decides.

/// The state of one recovery.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProportionalReduction {
    flight_at_start: u64,
    delivered: u64,
    sent: u64,
}

impl ProportionalReduction {
    /// A recovery begins with so many bytes unacknowledged (RecoverFS).
    pub(crate) fn start(flight: u64) -> ProportionalReduction {
        ProportionalReduction { flight_at_start: flight.max(1), delivered: 0, sent: 0 }
    }

    /// Something was sent (prr_out).
    pub(crate) fn on_send(&mut self, bytes: u64) {
        self.sent += bytes;
    }

    /// An acknowledgment delivered something: the congestion window until the next one (RFC 6937 §3).
    ///
    /// `is_safe` says that it advanced and found no further loss: then the slow start reduction bound applies, which makes up
    /// for losses; else the conservative one, which does not.
    pub(crate) fn window(
        &mut self,
        delivered: u64,
        in_flight: u64,
        ssthresh: u64,
        segment: u64,
        is_safe: bool,
    ) -> u64 {
        self.delivered += delivered;
        let allowed = if in_flight > ssthresh {
            let share = u128::from(self.delivered) * u128::from(ssthresh);
            let share = share.div_ceil(u128::from(self.flight_at_start));
            u64::try_from(share).unwrap_or(u64::MAX).saturating_sub(self.sent)
        } else {
            let made_up_for = self.delivered.saturating_sub(self.sent);
            let limit = if is_safe { made_up_for.max(delivered) + segment } else { made_up_for };
            limit.min(ssthresh - in_flight)
        };
        // The first retransmission goes at once, whatever the rate.
        let allowed = if self.sent == 0 { allowed.max(segment) } else { allowed };
        in_flight + allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSS: u64 = 1000;

    #[test]
    fn above_the_threshold_sending_is_spread_over_the_acknowledgments() {
        // Ten segments in flight, one lost, and a threshold of five: one segment for every two that arrive.
        let mut prr = ProportionalReduction::start(10 * MSS);
        let mut in_flight = 9 * MSS;
        let mut sent = 0;
        for _ in 0..8 {
            in_flight -= MSS;
            let window = prr.window(MSS, in_flight, 5 * MSS, MSS, true);
            while in_flight + MSS <= window {
                prr.on_send(MSS);
                in_flight += MSS;
                sent += 1;
            }
        }
        assert_eq!(sent, 4);
        assert_eq!(in_flight, 5 * MSS);
    }

    #[test]
    fn below_the_threshold_the_window_grows_back_by_one_segment_an_acknowledgment() {
        let mut prr = ProportionalReduction::start(10 * MSS);
        prr.on_send(MSS);
        assert_eq!(prr.window(MSS, MSS, 5 * MSS, MSS, true), MSS + 2 * MSS);
    }

    #[test]
    fn further_losses_keep_the_bound_conservative() {
        let mut prr = ProportionalReduction::start(10 * MSS);
        prr.on_send(MSS);
        assert_eq!(prr.window(MSS, MSS, 5 * MSS, MSS, false), MSS);
    }

    #[test]
    fn the_first_retransmission_is_never_held_back() {
        let mut prr = ProportionalReduction::start(100 * MSS);
        assert!(prr.window(1, 90 * MSS, 50 * MSS, MSS, true) >= 91 * MSS);
    }
}
