//! When the check list has failed, and what the connection as a whole is called. Not here: how a list completes
//! ([`super::nomination`]).

use super::agent::Agent;
use super::{CheckListState, ComponentId, ConnectionState, GatheringState, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// From when on the list of a stream is given up: all pairs have failed, or there are none, and no candidate can come any more from
    /// either side (RFC 8445 §7.2.5.4 with RFC 8838 §8), and the agent has been patient (RFC 8863 §4). A lite agent only waits.
    fn failure_of(&self, stream: u32) -> Option<Time> {
        let session = &self.session;
        let list = session.lists.list(stream)?;
        let running = list.state == CheckListState::Running && session.remote(stream).is_some();
        let complete = session.has_ended(stream) && self.shown.gathering == GatheringState::Complete;
        if !running || !complete || self.config.lite {
            return None;
        }
        let components = self.components.iter().filter(|component| component.stream == stream);
        let mut needed = components.filter(|component| self.is_needed(**component));
        if !needed.any(|component| self.is_hopeless(*component)) {
            return None;
        }
        session.patient_until
    }

    /// Whether no pair of the component is valid, and none can become so.
    fn is_hopeless(&self, component: ComponentId) -> bool {
        let lists = &self.session.lists;
        let mut of = lists.all().filter(|pair| pair.component() == component);
        of.all(|pair| {
            !pair.shown.valid && (!lists.lists_pair(pair.number) || pair.shown.state == PairState::Failed)
        })
    }

    /// When the first list is given up.
    pub(super) fn failure_timeout(&self) -> Option<Time> {
        self.session.lists.lists().iter().filter_map(|list| self.failure_of(list.stream)).min()
    }

    fn settle_failure(&mut self, now: Time) {
        for stream in self.streams() {
            if self.failure_of(stream).is_none_or(|at| now < at) {
                continue;
            }
            if let Some(list) = self.session.lists.list_mut(stream) {
                list.state = CheckListState::Failed;
            }
            let pairs = self.session.lists.all().filter(|pair| pair.stream == stream);
            let newest = pairs.last().map(|pair| Subject::Pair(pair.number));
            let reason = if newest.is_some() { Reason::EveryPairFailed } else { Reason::NothingToPair };
            self.tell_list(stream, reason, newest.map_or(Because::Input, Because::Change));
        }
    }

    /// Whether the peer has this component, too: once all its candidates are known, the stream has no more components than both sides
    /// have (RFC 8445 §5.1.1.1, §6.1.2.2).
    pub(super) fn is_needed(&self, component: ComponentId) -> bool {
        if !self.session.has_ended(component.stream) {
            return true;
        }
        let theirs = self.session.remotes.iter().filter(|remote| remote.stream == component.stream);
        theirs.map(|remote| remote.candidate.component).max().is_none_or(|most| component.component <= most)
    }

    /// The connection's state as it follows from everything else.
    pub(super) fn connection_state(&self, now: Time) -> ConnectionState {
        if self.closed {
            return ConnectionState::Closed;
        }
        let lists = &self.session.lists;
        let lost = self.carriers.iter().any(|carrier| !carrier.may_send());
        if lost || lists.any_is(CheckListState::Failed) {
            return ConnectionState::Failed;
        }
        let silence = self.silence();
        let silent = self.carriers.iter().any(|carrier| carrier.is_silent(now, silence));
        if lists.all_are(CheckListState::Completed) {
            let complete =
                self.session.has_ended_everywhere() && self.shown.gathering == GatheringState::Complete;
            return match (silent, complete) {
                (true, _) => ConnectionState::Disconnected,
                (false, true) => ConnectionState::Completed,
                (false, false) => ConnectionState::Connected,
            };
        }
        // After a restart, the old pairs carry on; a restart from silence begins anew.
        if self.is_carried(now) {
            return ConnectionState::Connected;
        }
        let begun = self.session.has_remote() && lists.len() > 0;
        if begun || !self.carriers.is_empty() { ConnectionState::Checking } else { ConnectionState::New }
    }

    /// When the peer has been silent for too long.
    pub(super) fn silence_timeout(&self) -> Option<Time> {
        let counts = matches!(self.shown.connection, ConnectionState::Connected | ConnectionState::Completed);
        let silence = self.silence();
        let carriers = self.carriers.iter().filter(|carrier| counts && !carrier.unreachable);
        carriers.filter_map(|carrier| carrier.silent_from(silence)).min()
    }

    /// Brings the list's and the connection's state up to date, and tells what changed.
    pub(super) fn settle_state(&mut self, now: Time) {
        self.settle_failure(now);
        let state = self.connection_state(now);
        let before = std::mem::replace(&mut self.shown.connection, state);
        if state == before {
            return;
        }
        let lists = self.session.lists.lists();
        let told = lists.iter().find(|list| list.state == CheckListState::Failed).or(lists.first());
        let list = Because::Change(told.map_or(Subject::Agent, |list| Subject::CheckList(list.number)));
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
        if state == ConnectionState::Disconnected {
            self.renominate_from_silence();
        }
    }
}
