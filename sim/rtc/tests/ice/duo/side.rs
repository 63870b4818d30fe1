//! One end of a call: an agent, and what it said about itself. Not here: the network between two of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_rtc::ice::{Agent, AgentConfig, CandidateLine, Change, ConnectionState, PairSnapshot};
use rtclab_rtc::{Because, Randomness, Reason, Subject, Time};

use super::Seeded;

/// What an agent said about itself: the newest change of every subject, and all of them in order.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) newest: BTreeMap<Subject, Change>,
    pub(crate) changes: Vec<(Time, Subject, Change, Option<Reason>, Because)>,
    pub(crate) ignored: Vec<Reason>,
    pub(crate) data: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
}

impl Told {
    /// When a subject's change first had this property.
    pub(crate) fn first(&self, mut property: impl FnMut(Subject, &Change) -> bool) -> Option<Time> {
        self.changes.iter().find(|(_, subject, change, ..)| property(*subject, change)).map(|(at, ..)| *at)
    }

    /// A cause is something that was told before.
    pub(super) fn assert_known(&self, because: Because) {
        if let Because::Change(subject) = because {
            assert!(self.newest.contains_key(&subject), "{subject:?} was never told");
        }
    }

    pub(crate) fn reasons(&self) -> Vec<Reason> {
        self.changes.iter().filter_map(|(.., reason, _)| *reason).collect()
    }

    /// What changed for this reason, in order.
    pub(crate) fn changes_for(&self, wanted: Reason) -> Vec<(Subject, &Change)> {
        let told = self.changes.iter().filter(|(.., reason, _)| *reason == Some(wanted));
        told.map(|(_, subject, change, ..)| (*subject, change)).collect()
    }
}

/// One end of the call.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) agent: Agent,
    /// Where datagrams are taken.
    pub(crate) sockets: Vec<SocketAddr>,
    pub(crate) told: Told,
    /// Local candidates that were told and not signaled yet.
    pub(super) unsignaled: Vec<(u32, CandidateLine)>,
    pub(super) end_signaled: bool,
}

impl Side {
    pub(crate) fn new(config: AgentConfig, seed: u64) -> Side {
        Side::with_randomness(config, Box::new(Seeded(seed)))
    }

    pub(crate) fn with_randomness(config: AgentConfig, randomness: Box<dyn Randomness>) -> Side {
        let sockets = config.sockets.iter().map(|socket| socket.address).collect();
        let agent = Agent::new(config, randomness);
        Side { sockets, agent, told: Told::default(), unsignaled: Vec::new(), end_signaled: false }
    }

    pub(crate) fn pair_list(&self) -> Vec<(u32, PairSnapshot)> {
        self.agent.pairs().map(|(number, pair)| (number, pair.clone())).collect()
    }

    /// Whoever listens to the changes knows what the getters show.
    pub(super) fn assert_told_everything(&self) {
        let newest = |subject: Subject| self.told.newest.get(&subject);
        if let Some(change) = newest(Subject::Agent) {
            assert_eq!(change, &Change::Agent(self.agent.snapshot().clone()));
        }
        for (number, pair) in self.agent.pairs() {
            assert_eq!(newest(Subject::Pair(number)), Some(&Change::Pair(pair.clone())), "pair {number}");
        }
        for (number, candidate) in self.agent.local_candidates() {
            let told = newest(Subject::LocalCandidate(number));
            assert_eq!(told, Some(&Change::Candidate(candidate.clone())));
        }
        for (number, candidate) in self.agent.remote_candidates() {
            let told = newest(Subject::RemoteCandidate(number));
            assert_eq!(told, Some(&Change::Candidate(candidate.clone())));
        }
        for (number, list) in self.agent.check_lists() {
            if let Some(told) = newest(Subject::CheckList(number)) {
                assert_eq!(told, &Change::CheckList(list));
            }
        }
    }

    /// When the agent reported that it was connected.
    pub(crate) fn connected_at(&self) -> Option<Time> {
        self.told.first(|_, change| match change {
            Change::Agent(agent) => {
                matches!(agent.connection, ConnectionState::Connected | ConnectionState::Completed)
            }
            _ => false,
        })
    }
}
