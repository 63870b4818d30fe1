//! The check list: its pairs in order, the triggered-check queue, the valid list, and who is frozen. Not here: when a check is
//! sent ([`super::schedule`]) and what its answer means ([`super::response`]).

use std::collections::{BTreeMap, VecDeque};

use super::pair::Pair;
use super::{CheckListSnapshot, CheckListState, PairState, Role};

/// The check list of one data stream in one ICE session.
///
/// `pairs` holds more than the list itself: valid pairs that stand only in the valid list, and pairs that were taken off the
/// list when one was nominated. So a number that was told once can be looked up until the session ends.
#[derive(Debug)]
pub(super) struct CheckList {
    /// Its number: 0, and one more at each restart.
    pub(super) number: u32,
    /// Where it stands.
    pub(super) state: CheckListState,
    pairs: BTreeMap<u32, Pair>,
    /// Highest priority first (RFC 8445 §6.1.2.3).
    order: Vec<u32>,
    /// Next first (RFC 8445 §6.1.4.1).
    triggered: VecDeque<u32>,
    /// In the order in which they became valid.
    valid: Vec<u32>,
}

impl CheckList {
    pub(super) fn new(number: u32) -> CheckList {
        CheckList {
            number,
            state: CheckListState::Running,
            pairs: BTreeMap::new(),
            order: Vec::new(),
            triggered: VecDeque::new(),
            valid: Vec::new(),
        }
    }

    pub(super) fn snapshot(&self) -> CheckListSnapshot {
        CheckListSnapshot {
            state: self.state,
            pairs: self.order.clone(),
            triggered: self.triggered.iter().copied().collect(),
            valid: self.valid.clone(),
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<&Pair> {
        self.pairs.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Pair> {
        self.pairs.get_mut(&number)
    }

    /// Every pair that has a number, in the order of numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.values()
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Pair> {
        self.pairs.values_mut()
    }

    /// The pairs of the list itself, highest priority first.
    pub(super) fn ordered(&self) -> impl Iterator<Item = &Pair> {
        self.order.iter().filter_map(|number| self.pairs.get(number))
    }

    /// How many pairs stand in the list.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn lists(&self, number: u32) -> bool {
        self.order.contains(&number)
    }

    pub(super) fn valid(&self) -> &[u32] {
        &self.valid
    }

    pub(super) fn triggered(&self) -> &VecDeque<u32> {
        &self.triggered
    }

    /// The pair of these two candidates, in the list or not.
    pub(super) fn find(&self, local: u32, remote: u32) -> Option<u32> {
        self.pairs.values().find(|pair| pair.local == local && pair.remote == remote).map(|pair| pair.number)
    }

    /// Keeps a pair that stands in no list yet.
    pub(super) fn keep(&mut self, pair: Pair) {
        self.pairs.insert(pair.number, pair);
    }

    /// Puts a kept pair into the list at its place.
    pub(super) fn enlist(&mut self, number: u32) {
        if !self.order.contains(&number) && self.pairs.contains_key(&number) {
            self.order.push(number);
            self.sort();
        }
    }

    /// Sorts by priority; pairs of equal priority by number. A nearly sorted list costs nearly nothing.
    pub(super) fn sort(&mut self) {
        let pairs = &self.pairs;
        let key =
            |number: &u32| (std::cmp::Reverse(pairs.get(number).map(|pair| pair.shown.priority)), *number);
        self.order.sort_by_key(key);
    }

    /// In which state a pair that is about to be enlisted starts (RFC 8838 §12, which gives RFC 8445 §6.1.2.6 for pairs that are all
    /// there from the beginning, provided that they come in order of priority).
    pub(super) fn initial_state(&self, new: &Pair) -> PairState {
        let mut alike = self.ordered().filter(|pair| pair.foundation() == new.foundation()).peekable();
        let first = alike.peek().is_none_or(|best| best.shown.priority < new.shown.priority);
        if first || alike.any(|pair| pair.shown.state == PairState::Succeeded) {
            return PairState::Waiting;
        }
        PairState::Frozen
    }

    /// Frozen pairs of the list that share the foundation of this one, which has succeeded (RFC 8445 §7.2.5.3.3).
    pub(super) fn frozen_like(&self, number: u32) -> Vec<u32> {
        let Some(succeeded) = self.pairs.get(&number) else { return Vec::new() };
        let alike = |pair: &&Pair| {
            pair.shown.state == PairState::Frozen && pair.foundation() == succeeded.foundation()
        };
        self.ordered().filter(alike).map(|pair| pair.number).collect()
    }

    /// When nothing waits: the best frozen pair of each foundation that has no pair in progress (RFC 8445 §6.1.4.2, step 2).
    pub(super) fn thawable(&self) -> Vec<u32> {
        if self.ordered().any(|pair| pair.shown.state == PairState::Waiting) {
            return Vec::new();
        }
        let mut thawed: Vec<&Pair> = Vec::new();
        for pair in self.ordered().filter(|pair| pair.shown.state == PairState::Frozen) {
            let busy = |other: &Pair| {
                other.shown.state == PairState::InProgress && other.foundation() == pair.foundation()
            };
            let taken = thawed.iter().any(|other| other.foundation() == pair.foundation());
            if !taken && !self.ordered().any(busy) {
                thawed.push(pair);
            }
        }
        thawed.into_iter().map(|pair| pair.number).collect()
    }

    /// Appends to the triggered-check queue, unless it is there already. Says whether the queue changed.
    pub(super) fn trigger(&mut self, number: u32) -> bool {
        let new = !self.triggered.contains(&number);
        if new {
            self.triggered.push_back(number);
        }
        new
    }

    /// Takes a pair out of the triggered-check queue. Says whether the queue changed.
    pub(super) fn untrigger(&mut self, number: u32) -> bool {
        let before = self.triggered.len();
        self.triggered.retain(|queued| *queued != number);
        before != self.triggered.len()
    }

    /// Puts a pair into the valid list. Says whether it is new there.
    pub(super) fn make_valid(&mut self, number: u32) -> bool {
        let new = !self.valid.contains(&number);
        if new {
            self.valid.push(number);
        }
        new
    }

    /// Takes a pair out of the valid list.
    pub(super) fn make_invalid(&mut self, number: u32) {
        self.valid.retain(|valid| *valid != number);
    }

    /// Takes pairs off the list and out of the queue. They can still be looked up.
    pub(super) fn take_off(&mut self, numbers: &[u32]) {
        self.order.retain(|number| !numbers.contains(number));
        self.triggered.retain(|number| !numbers.contains(number));
    }

    /// Forgets a pair that was never checked.
    pub(super) fn forget(&mut self, number: u32) -> Option<Pair> {
        self.take_off(&[number]);
        self.make_invalid(number);
        self.pairs.remove(&number)
    }

    /// The pair that has to go when the list is over its limit: the last one that nobody has begun to check (RFC 8445 §6.1.2.5).
    pub(super) fn expendable(&self) -> Option<u32> {
        let idle = |pair: &&Pair| {
            matches!(pair.shown.state, PairState::Frozen | PairState::Waiting)
                && pair.first_sent.is_none()
                && !self.triggered.contains(&pair.number)
        };
        self.order.iter().rev().filter_map(|number| self.pairs.get(number)).find(idle).map(|pair| pair.number)
    }

    /// Computes all priorities again (RFC 8445 §7.3.1.1). Returns the pairs whose priority changed.
    pub(super) fn recompute_priorities(&mut self, role: Role) -> Vec<u32> {
        let changed = self
            .pairs
            .values_mut()
            .filter_map(|pair| pair.recompute_priority(role).then_some(pair.number))
            .collect();
        self.sort();
        changed
    }

    /// Num-Waiting + Num-In-Progress of RFC 8445 §14.3.
    pub(super) fn waiting_or_in_progress(&self) -> usize {
        let busy = |pair: &&Pair| matches!(pair.shown.state, PairState::Waiting | PairState::InProgress);
        self.ordered().filter(busy).count()
    }
}
