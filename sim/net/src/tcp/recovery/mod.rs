//! What the sender makes of losses: its phase, when a recovery ends, and whether it was needed at all (RFC 6675, RFC 4015).
//! Not here: how losses are found (`rack`), the order of sending (`output`), the size of a reduction (`congestion`).

mod prr;
mod rack;
mod tail_loss_probe;

use rtclab_trace::SimTime;
pub(crate) use rtclab_trace::TcpRecoveryPhase as Phase;

pub(crate) use prr::ProportionalReduction;
pub(crate) use rack::{Circumstances, DUPLICATE_THRESHOLD, Rack};
pub(crate) use tail_loss_probe::{TailLossProbe, Verdict as ProbeVerdict};

/// What is restored if nothing had been lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Undo {
    /// The congestion window before.
    pub(crate) cwnd: u64,
    /// The slow start threshold before.
    pub(crate) ssthresh: u64,
    /// Retransmissions that were not reported as duplicates.
    outstanding: u64,
    /// Whether anything was sent again since.
    retransmitted: bool,
    /// When the first retransmission went out.
    first_retransmission: Option<SimTime>,
}

/// The state of loss recovery.
#[derive(Clone, Debug)]
pub(crate) struct Recovery {
    pub(crate) phase: Phase,
    /// SND.NXT when the phase began: it ends when that is acknowledged.
    pub(crate) point: i64,
    pub(crate) prr: ProportionalReduction,
    pub(crate) rack: Rack,
    pub(crate) probe: TailLossProbe,
    /// Duplicate acknowledgments in a row, for a peer without SACK (RFC 5681 §3.2).
    pub(crate) duplicate_acks: u64,
    undo: Option<Undo>,
}

impl Recovery {
    pub(crate) fn new() -> Recovery {
        Recovery {
            phase: Phase::Open,
            point: 0,
            prr: ProportionalReduction::default(),
            rack: Rack::default(),
            probe: TailLossProbe::default(),
            duplicate_acks: 0,
            undo: None,
        }
    }

    /// Whether a reduction of the window is under way, so that a further loss does not reduce it again.
    pub(crate) fn is_reducing(&self) -> bool {
        matches!(self.phase, Phase::WindowReduced | Phase::Recovery | Phase::Loss)
    }

    /// Begins a phase that ends when `point` is acknowledged. What was there before can be restored, unless it is the second
    /// in a row.
    pub(crate) fn begin(&mut self, phase: Phase, point: i64, flight: u64, cwnd: u64, ssthresh: u64) {
        if !matches!(self.phase, Phase::Recovery | Phase::Loss) {
            let fresh =
                Undo { cwnd, ssthresh, outstanding: 0, retransmitted: false, first_retransmission: None };
            self.undo = (phase != Phase::WindowReduced).then_some(fresh);
        }
        self.phase = phase;
        self.point = point;
        self.prr = ProportionalReduction::start(flight);
        self.probe.forget();
    }

    /// Back to normal. What was there before is kept, for duplicates may still be reported.
    pub(crate) fn end(&mut self) {
        self.phase = Phase::Open;
        self.duplicate_acks = 0;
        self.rack.on_recovery_end();
    }

    /// A segment was sent again.
    pub(crate) fn on_retransmission(&mut self, now: SimTime, end: i64) {
        self.rack.on_retransmission(end);
        if let Some(undo) = &mut self.undo {
            undo.outstanding += 1;
            undo.retransmitted = true;
            undo.first_retransmission.get_or_insert(now);
        }
    }

    /// A retransmission was reported as a duplicate: the first transmission had arrived.
    pub(crate) fn on_duplicate(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.outstanding = undo.outstanding.saturating_sub(1);
        }
    }

    /// When the first retransmission of the recovery that goes on went out.
    pub(crate) fn first_retransmission(&self) -> Option<SimTime> {
        let undo = self.undo.as_ref().filter(|_| self.is_reducing())?;
        undo.first_retransmission
    }

    /// There is nothing to restore: the recovery does not come from a loss.
    pub(crate) fn forget_undo(&mut self) {
        self.undo = None;
    }

    /// What to restore, if by now it is known that nothing had been lost: the acknowledgment that advances echoes a time from
    /// before the first retransmission (Eifel, RFC 3522 §3.2), or every retransmission was a duplicate (RFC 3708 §3).
    pub(crate) fn take_undo(&mut self, echo_is_older: bool) -> Option<Undo> {
        let undo = self.undo.as_ref()?;
        let all_duplicates = undo.retransmitted && undo.outstanding == 0;
        if !((undo.retransmitted && echo_is_older) || all_duplicates) {
            return None;
        }
        self.undo.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Recovery {
        let mut recovery = Recovery::new();
        recovery.begin(Phase::Recovery, 100, 50, 40, u64::MAX);
        recovery
    }

    #[test]
    fn a_recovery_without_retransmissions_has_nothing_to_undo() {
        assert!(begun().take_undo(true).is_none());
    }

    #[test]
    fn an_older_echo_undoes_it() {
        let mut recovery = begun();
        recovery.on_retransmission(SimTime::from_millis(3), 10);
        recovery.on_retransmission(SimTime::from_millis(4), 20);
        assert_eq!(recovery.first_retransmission(), Some(SimTime::from_millis(3)));
        assert!(recovery.take_undo(false).is_none());
        assert_eq!(recovery.take_undo(true).map(|undo| undo.cwnd), Some(40));
        assert!(recovery.take_undo(true).is_none(), "once");
    }

    #[test]
    fn duplicates_of_all_retransmissions_undo_it() {
        let mut recovery = begun();
        recovery.on_retransmission(SimTime::ZERO, 10);
        recovery.on_retransmission(SimTime::ZERO, 20);
        recovery.on_duplicate();
        assert!(recovery.take_undo(false).is_none());
        recovery.on_duplicate();
        assert!(recovery.take_undo(false).is_some());
    }

    #[test]
    fn a_timeout_during_a_recovery_remembers_what_was_before_both() {
        let mut recovery = begun();
        recovery.on_retransmission(SimTime::ZERO, 10);
        recovery.begin(Phase::Loss, 100, 50, 20, 20);
        assert_eq!(recovery.take_undo(true).map(|undo| undo.cwnd), Some(40));
    }
}
