//! How the agent tells what it does: one function for each subject. Not here: the snapshots themselves ([`super::change`]).

use super::agent::Agent;
use super::{Candidate, Change};
use crate::output::{Because, Output, Subject, Transmit};
use crate::reason::Reason;
use crate::stun::TransactionSnapshot;

impl Agent {
    pub(super) fn tell(
        &mut self,
        subject: Subject,
        change: Change,
        reason: Option<Reason>,
        because: Because,
    ) {
        self.outputs.push_back(Output::Change { subject, change, reason, because });
    }

    pub(super) fn tell_agent(&mut self, reason: Reason, because: Because) {
        self.tell(Subject::Agent, Change::Agent(self.shown.clone()), Some(reason), because);
    }

    pub(super) fn tell_list(&mut self, stream: u32, reason: Reason, because: Because) {
        let Some(list) = self.session.lists.list(stream) else { return };
        let (subject, snapshot) = (Subject::CheckList(list.number), list.snapshot());
        self.tell(subject, Change::CheckList(snapshot), Some(reason), because);
    }

    /// Tells the list that a pair belongs to.
    pub(super) fn tell_list_of(&mut self, pair: u32, reason: Reason, because: Because) {
        if let Some(stream) = self.session.lists.get(pair).map(|pair| pair.stream) {
            self.tell_list(stream, reason, because);
        }
    }

    pub(super) fn tell_candidate(
        &mut self,
        subject: Subject,
        candidate: &Candidate,
        reason: Option<Reason>,
        because: Because,
    ) {
        self.tell(subject, Change::Candidate(candidate.clone()), reason, because);
    }

    pub(super) fn tell_pair(&mut self, number: u32, reason: Option<Reason>, because: Because) {
        let Some(pair) = self.session.lists.get(number) else { return };
        self.tell(Subject::Pair(number), Change::Pair(pair.shown.clone()), reason, because);
    }

    pub(super) fn tell_transaction(&mut self, number: u32, shown: &TransactionSnapshot, because: Because) {
        let reason = shown.reason;
        self.tell(Subject::Transaction(number), Change::Transaction(shown.clone()), reason, because);
    }

    pub(super) fn push_transmit(&mut self, transmit: Transmit) {
        self.outputs.push_back(Output::Transmit(transmit));
    }

    /// Says that the input at hand is not acted on.
    pub(super) fn ignore(&mut self, reason: Reason) {
        self.outputs.push_back(Output::Ignored { reason });
    }
}
