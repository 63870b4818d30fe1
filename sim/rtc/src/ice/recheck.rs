//! Checks that are repeated as new ones: what a lossy path needs beside the retransmissions of one transaction. Not here: those
//! ([`super::check`]), and checks that the peer triggers ([`super::respond`]).
//!
//! RFC 8445 §14.3 allows no RTO below 500 ms, and RFC 8489 §6.2.1 doubles it: with 30 % of loss each way half of all checks get no
//! answer, four in a row of them one time in fifteen, and the fifth goes out after 7.5 s. So the nomination alone would keep the 95th
//! percentile there. The RTO stays as the RFC has it. What is free is when a *new* transaction begins: only Ta limits it (§14.2), and
//! §7.3.1.4 begins one in place of another that is unanswered whenever the peer's check comes in on the pair. A re-check does the
//! same without waiting for the peer, where all of this holds:
//!
//! - Packets are known to get through on the pair: a check of the peer came in on it, or one of ours succeeded before.
//! - Its newest check had time to be answered: twice the measured round trip, or 250 ms where nothing is measured, but not less than
//!   four Ta.
//! - There is a slot of Ta, and neither a triggered nor an ordinary check waits for it. Only the pair that is being nominated goes
//!   before others: the whole call waits for it.
//! - It is one of the first sixteen in a row. Then the timer of the last one goes on alone, and fails the pair in the end.
//!
//! The unanswered check is cancelled as in §7.3.1.4: it is not sent again, and an answer to it still counts.

use std::time::Duration;

use super::agent::Agent;
use super::check::Occasion;
use super::pair::{Nomination, Pair};
use super::{CheckListState, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

/// How many times in a row.
const RECHECKS_MAX: u8 = 16;

/// How long an answer is waited for on a pair that has not been measured.
const UNMEASURED: Duration = Duration::from_millis(250);

/// How many slots of Ta lie between two checks of a pair at least.
const SLOTS_MIN: u32 = 4;

impl Agent {
    /// From when on the newest check of this pair counts as lost, if it may be repeated at all.
    fn recheck_due(&self, pair: &Pair) -> Option<Time> {
        let carries = pair.peer_checked || pair.made_valid.is_some();
        let unanswered = pair.shown.state == PairState::InProgress && pair.check.is_some();
        // RFC 8489 §6.2.2: what goes over a connection is not lost.
        let lossy = !pair.shown.local.transport.is_tcp();
        if !carries || !unanswered || !lossy || pair.rechecks >= RECHECKS_MAX {
            return None;
        }
        let wait = pair.round_trip.map_or(UNMEASURED, |round_trip| 2 * round_trip);
        Some(pair.last_sent? + wait.max(SLOTS_MIN * self.config.ta))
    }

    /// Pairs that may be repeated, each with the moment from which on.
    fn rechecks(&self) -> impl Iterator<Item = (&Pair, Time)> {
        let lists = &self.session.lists;
        let alive = |pair: &&Pair| lists.state(pair.stream) != CheckListState::Failed;
        lists.listed().filter(alive).filter_map(|pair| Some((pair, self.recheck_due(pair)?)))
    }

    /// When a slot may be needed for a check that is repeated.
    pub(super) fn recheck_timeout(&self) -> Option<Time> {
        self.rechecks().map(|(_, due)| due).min().map(|due| due.max(self.pacer.next_slot()))
    }

    /// The pair of this stream whose check has been unanswered for longest; `nominated`: only one that is being nominated.
    pub(super) fn next_recheck(&self, stream: u32, nominated: bool, now: Time) -> Option<u32> {
        let fits = |pair: &Pair| pair.stream == stream && (!nominated || pair.nomination == Nomination::Ours);
        let due = self.rechecks().filter(|(pair, due)| *due <= now && fits(pair));
        due.min_by_key(|(_, due)| *due).map(|(pair, _)| pair.number)
    }

    /// Checks the pair again, in place of the check that was not answered.
    pub(super) fn recheck(&mut self, number: u32, now: Time) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.rechecks = pair.rechecks.saturating_add(1);
        if let Some(unanswered) = pair.check.take() {
            self.cancel_check(unanswered, Reason::CheckUnanswered, Because::Change(Subject::Pair(number)));
        }
        self.start_check(number, Occasion::Again, now);
    }
}
