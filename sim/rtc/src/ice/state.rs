//! When the check list has failed, and what the connection as a whole is called. Not here: how a list completes
//! ([`super::nomination`]).

use super::agent::Agent;
use super::{CheckListState, ConnectionState, GatheringState, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// From when on the list is given up: all pairs have failed, or there are none, and no candidate can come any more from either side
    /// (RFC 8445 §7.2.5.4 with RFC 8838 §8), and the agent has been patient (RFC 8863 §4).
    pub(super) fn failure_timeout(&self) -> Option<Time> {
        let session = &self.session;
        let running = session.list.state == CheckListState::Running && session.remote.is_some();
        let complete = session.end_of_candidates && self.shown.gathering == GatheringState::Complete;
        if !running || !complete || !session.list.valid().is_empty() {
            return None;
        }
        let hopeless = session.list.ordered().all(|pair| pair.shown.state == PairState::Failed);
        if hopeless { session.patient_until } else { None }
    }

    fn settle_failure(&mut self, now: Time) {
        if self.failure_timeout().is_none_or(|at| now < at) {
            return;
        }
        self.session.list.state = CheckListState::Failed;
        let newest = self.session.list.all().last().map(|pair| Subject::Pair(pair.number));
        let reason = if newest.is_some() { Reason::EveryPairFailed } else { Reason::NothingToPair };
        self.tell_list(reason, newest.map_or(Because::Input, Because::Change));
    }

    /// The connection's state as it follows from everything else.
    pub(super) fn connection_state(&self, now: Time) -> ConnectionState {
        if self.closed {
            return ConnectionState::Closed;
        }
        let silent = self.carrier.as_ref().is_some_and(|carrier| carrier.is_silent(now, self.config.silence));
        match self.session.list.state {
            CheckListState::Failed => ConnectionState::Failed,
            CheckListState::Completed if silent => ConnectionState::Disconnected,
            CheckListState::Completed => {
                let complete =
                    self.session.end_of_candidates && self.shown.gathering == GatheringState::Complete;
                if complete { ConnectionState::Completed } else { ConnectionState::Connected }
            }
            // After a restart, the old pair carries on; a restart from silence begins anew.
            CheckListState::Running if self.carrier.is_some() && !silent => ConnectionState::Connected,
            CheckListState::Running => {
                let begun = self.session.remote.is_some() && self.session.list.len() > 0;
                if begun || self.carrier.is_some() { ConnectionState::Checking } else { ConnectionState::New }
            }
        }
    }

    /// When the peer has been silent for too long.
    pub(super) fn silence_timeout(&self) -> Option<Time> {
        let carrier = self.carrier.as_ref()?;
        let counts = matches!(self.shown.connection, ConnectionState::Connected | ConnectionState::Completed);
        (counts && !carrier.unreachable).then(|| carrier.last_heard + self.config.silence)
    }

    /// Brings the list's and the connection's state up to date, and tells what changed.
    pub(super) fn settle_state(&mut self, now: Time) {
        self.settle_failure(now);
        let state = self.connection_state(now);
        let before = std::mem::replace(&mut self.shown.connection, state);
        if state == before {
            return;
        }
        let list = Because::Change(Subject::CheckList(self.session.list.number));
        let (reason, because) = match state {
            ConnectionState::New | ConnectionState::Checking => (Reason::ChecksBegin, list),
            ConnectionState::Connected | ConnectionState::Completed
                if before == ConnectionState::Disconnected =>
            {
                (Reason::PeerHeardAgain, Because::Input)
            }
            // A pair is selected where it is told ([`Agent::conclude`]); what follows is that all is done.
            ConnectionState::Connected | ConnectionState::Completed => (Reason::NothingLeftToDo, list),
            ConnectionState::Disconnected => (Reason::PeerSilent, Because::Input),
            ConnectionState::Failed => (Reason::ListFailed, list),
            ConnectionState::Closed => (Reason::ClosedByOwner, Because::Input),
        };
        self.tell_agent(reason, because);
    }
}
