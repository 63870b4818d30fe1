//! The tail loss probe: when acknowledgments stop at the end of a flight, a segment asks for one (RFC 8985 §7).
//! Not here: sending it (`output`), and the reaction to a loss that it repaired (`recovery`).

use std::time::Duration;

/// Added for the granularity of timers, where there is more than one segment in flight.
const TIMER_SLACK: Duration = Duration::from_millis(2);
/// The timeout before there is a measurement (RFC 8985 §7.2).
const WITHOUT_MEASUREMENT: Duration = Duration::from_secs(1);

/// What an acknowledgment says about the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Open,
    /// The probe was acknowledged and nothing was lost.
    NothingLost,
    /// The probe, a retransmission, took the place of a segment that was lost.
    Repaired,
}

/// The probe that is under way, if any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TailLossProbe {
    /// SND.NXT when it was sent (TLP.end_seq), and whether it was a retransmission (TLP.is_retrans).
    under_way: Option<(i64, bool)>,
}

impl TailLossProbe {
    /// How long to wait for an acknowledgment (TLP_calc_PTO, RFC 8985 §7.2).
    pub(crate) fn timeout(
        smoothed: Option<Duration>,
        segments_in_flight: usize,
        peer_ack_delay_max: Duration,
    ) -> Duration {
        match smoothed {
            None => WITHOUT_MEASUREMENT,
            // The peer may be delaying the acknowledgment of a lone segment.
            Some(smoothed) if segments_in_flight == 1 => 2 * smoothed + peer_ack_delay_max,
            Some(smoothed) => 2 * smoothed + TIMER_SLACK,
        }
    }

    /// Whether a probe is under way: there is one at a time.
    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// A probe was sent; `next` is SND.NXT after it.
    pub(crate) fn sent(&mut self, next: i64, is_retransmission: bool) {
        self.under_way = Some((next, is_retransmission));
    }

    /// Gives the probe up: another recovery has begun.
    pub(crate) fn forget(&mut self) {
        self.under_way = None;
    }

    /// TLP_process_ack (RFC 8985 §7.4.2).
    pub(crate) fn on_ack(
        &mut self,
        ack: i64,
        reports_duplicate: bool,
        is_plain_duplicate_ack: bool,
    ) -> Verdict {
        let Some((end, is_retransmission)) = self.under_way else { return Verdict::Open };
        if ack < end {
            return Verdict::Open;
        }
        if !is_retransmission || reports_duplicate {
            self.under_way = None;
            return Verdict::NothingLost;
        }
        if ack > end {
            // The receiver acknowledges what was sent after the probe, without having reported the probe as a duplicate.
            self.under_way = None;
            return Verdict::Repaired;
        }
        if is_plain_duplicate_ack {
            // Without SACK information this is how a receiver reports that it has the data twice.
            self.under_way = None;
            return Verdict::NothingLost;
        }
        Verdict::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_millis(200);

    #[test]
    fn a_lone_segment_leaves_the_peer_time_to_delay() {
        let srtt = Some(Duration::from_millis(50));
        assert_eq!(TailLossProbe::timeout(srtt, 1, DELAY), Duration::from_millis(300));
        assert_eq!(TailLossProbe::timeout(srtt, 2, DELAY), Duration::from_millis(102));
        assert_eq!(TailLossProbe::timeout(None, 2, DELAY), Duration::from_secs(1));
    }

    #[test]
    fn a_probe_with_new_data_never_hides_a_loss() {
        let mut probe = TailLossProbe::default();
        probe.sent(100, false);
        assert_eq!(probe.on_ack(90, false, false), Verdict::Open);
        assert_eq!(probe.on_ack(100, false, false), Verdict::NothingLost);
        assert!(!probe.is_under_way());
    }

    #[test]
    fn a_retransmission_that_is_not_reported_twice_repaired_a_loss() {
        let mut probe = TailLossProbe::default();
        probe.sent(100, true);
        assert_eq!(probe.on_ack(100, false, false), Verdict::Open, "the duplicate may still be reported");
        assert_eq!(probe.on_ack(120, false, false), Verdict::Repaired);
    }

    #[test]
    fn a_reported_duplicate_means_that_nothing_was_lost() {
        for (duplicate, plain) in [(true, false), (false, true)] {
            let mut probe = TailLossProbe::default();
            probe.sent(100, true);
            assert_eq!(probe.on_ack(100, duplicate, plain), Verdict::NothingLost);
        }
    }
}
