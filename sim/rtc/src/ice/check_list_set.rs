//! The check list set: the lists of all data streams, their pairs, and who is frozen, which depends on the pairs of every list
//! (RFC 8445 §6.1.2.6). Not here: when a check is sent ([`super::schedule`]) and what its answer means ([`super::response`]).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::check_list::CheckList;
use super::pair::Pair;
use super::{CheckListState, PairState, Role};

/// The check lists of one ICE session.
///
/// `pairs` holds more than the lists themselves: valid pairs that stand only in a valid list, and pairs that were taken off their
/// list when one was nominated. So a number that was told once can be looked up until the session ends.
#[derive(Debug)]
pub(super) struct CheckListSet {
    pairs: BTreeMap<u32, Pair>,
    /// In the order of streams.
    lists: Vec<CheckList>,
    /// The stream whose turn it is (RFC 8445 §6.1.4.2).
    turn: usize,
}

impl CheckListSet {
    /// A list for each of these streams, which are in order and differ; numbers count up from `first`.
    pub(super) fn new(first: u32, streams: &[u32]) -> CheckListSet {
        let lists = (first..).zip(streams).map(|(number, stream)| CheckList::new(number, *stream)).collect();
        CheckListSet { pairs: BTreeMap::new(), lists, turn: 0 }
    }

    pub(super) fn lists(&self) -> &[CheckList] {
        &self.lists
    }

    pub(super) fn list(&self, stream: u32) -> Option<&CheckList> {
        self.lists.iter().find(|list| list.stream == stream)
    }

    pub(super) fn list_mut(&mut self, stream: u32) -> Option<&mut CheckList> {
        self.lists.iter_mut().find(|list| list.stream == stream)
    }

    /// The list that a pair belongs to, whether it stands in it or not.
    pub(super) fn list_of(&self, pair: u32) -> Option<&CheckList> {
        self.list(self.pairs.get(&pair)?.stream)
    }

    fn list_of_mut(&mut self, pair: u32) -> Option<&mut CheckList> {
        let stream = self.pairs.get(&pair)?.stream;
        self.list_mut(stream)
    }

    /// Where the list of a stream stands.
    pub(super) fn state(&self, stream: u32) -> CheckListState {
        self.list(stream).map_or(CheckListState::Failed, |list| list.state)
    }

    /// Whether every list is in this state.
    pub(super) fn all_are(&self, state: CheckListState) -> bool {
        self.lists.iter().all(|list| list.state == state)
    }

    /// Whether one list at least is in this state.
    pub(super) fn any_is(&self, state: CheckListState) -> bool {
        self.lists.iter().any(|list| list.state == state)
    }

    /// The streams, beginning with the one whose turn it is.
    pub(super) fn in_turn(&self) -> Vec<u32> {
        let streams = self.lists.iter().map(|list| list.stream);
        streams.clone().cycle().skip(self.turn).take(self.lists.len()).collect()
    }

    /// A list has had its turn.
    pub(super) fn took_turn(&mut self, stream: u32) {
        let place = self.lists.iter().position(|list| list.stream == stream);
        self.turn = place.map_or(0, |place| (place + 1) % self.lists.len());
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

    /// The pairs of a stream's list, highest priority first.
    pub(super) fn ordered(&self, stream: u32) -> impl Iterator<Item = &Pair> {
        let order = self.list(stream).map_or(&[][..], |list| &list.order);
        order.iter().filter_map(|number| self.pairs.get(number))
    }

    /// The pairs of all lists, those of the first one first.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Pair> {
        self.lists.iter().flat_map(|list| &list.order).filter_map(|number| self.pairs.get(number))
    }

    /// How many pairs stand in the lists.
    pub(super) fn len(&self) -> usize {
        self.lists.iter().map(CheckList::len).sum()
    }

    pub(super) fn lists_pair(&self, number: u32) -> bool {
        self.list_of(number).is_some_and(|list| list.lists(number))
    }

    /// The pair of these two candidates, in a list or not.
    pub(super) fn find(&self, local: u32, remote: u32) -> Option<u32> {
        self.pairs.values().find(|pair| pair.local == local && pair.remote == remote).map(|pair| pair.number)
    }

    /// Keeps a pair that stands in no list yet.
    pub(super) fn keep(&mut self, pair: Pair) {
        self.pairs.insert(pair.number, pair);
    }

    /// Puts a kept pair into its list at its place.
    pub(super) fn enlist(&mut self, number: u32) {
        if !self.lists_pair(number)
            && let Some(list) = self.list_of_mut(number)
        {
            list.order.push(number);
            self.sort();
        }
    }

    /// Sorts by priority; pairs of equal priority by number. A nearly sorted list costs nearly nothing.
    pub(super) fn sort(&mut self) {
        let pairs = &self.pairs;
        let key = |number: &u32| (Reverse(pairs.get(number).map(|pair| pair.shown.priority)), *number);
        for list in &mut self.lists {
            list.order.sort_by_key(key);
        }
    }

    /// In which state a pair that is about to be enlisted starts (RFC 8838 §12, which gives RFC 8445 §6.1.2.6 for pairs that are all
    /// there from the beginning, provided that they come in order): Waiting if nobody of its foundation comes before it, by list,
    /// component and priority, in any list of the set, or if one of its foundation has succeeded.
    ///
    /// Where it is Frozen, also the pair that it waits for.
    pub(super) fn initial_state(&self, new: &Pair) -> (PairState, Option<u32>) {
        let alike = || self.listed().filter(|pair| pair.foundation() == new.foundation());
        let before = alike().find(|pair| pair.rank() <= new.rank()).map(|pair| pair.number);
        if before.is_none() || alike().any(|pair| pair.shown.state == PairState::Succeeded) {
            return (PairState::Waiting, None);
        }
        (PairState::Frozen, before)
    }

    /// Frozen pairs of every list that share the foundation of this one, which has succeeded (RFC 8445 §7.2.5.3.3).
    pub(super) fn frozen_like(&self, number: u32) -> Vec<u32> {
        let Some(succeeded) = self.pairs.get(&number) else { return Vec::new() };
        let alike = |pair: &&Pair| {
            pair.shown.state == PairState::Frozen && pair.foundation() == succeeded.foundation()
        };
        self.listed().filter(alike).map(|pair| pair.number).collect()
    }

    /// When nothing of this list waits: its best frozen pair of each foundation that has no pair waiting or in progress in any list
    /// (RFC 8445 §6.1.4.2, step 2).
    pub(super) fn thawable(&self, stream: u32) -> Vec<u32> {
        if self.ordered(stream).any(|pair| pair.shown.state == PairState::Waiting) {
            return Vec::new();
        }
        let mut thawed: Vec<&Pair> = Vec::new();
        for pair in self.ordered(stream).filter(|pair| pair.shown.state == PairState::Frozen) {
            let busy = |other: &Pair| {
                matches!(other.shown.state, PairState::Waiting | PairState::InProgress)
                    && other.foundation() == pair.foundation()
            };
            let taken = thawed.iter().any(|other| other.foundation() == pair.foundation());
            if !taken && !self.listed().any(busy) {
                thawed.push(pair);
            }
        }
        thawed.into_iter().map(|pair| pair.number).collect()
    }

    /// Appends to the triggered-check queue of the pair's list. Says whether the queue changed.
    pub(super) fn trigger(&mut self, number: u32) -> bool {
        self.list_of_mut(number).is_some_and(|list| list.trigger(number))
    }

    /// Takes a pair out of the triggered-check queue. Says whether the queue changed.
    pub(super) fn untrigger(&mut self, number: u32) -> bool {
        self.list_of_mut(number).is_some_and(|list| list.untrigger(number))
    }

    pub(super) fn is_triggered(&self, number: u32) -> bool {
        self.list_of(number).is_some_and(|list| list.triggered().contains(&number))
    }

    /// Puts a pair into the valid list of its stream. Says whether it is new there.
    pub(super) fn make_valid(&mut self, number: u32) -> bool {
        self.list_of_mut(number).is_some_and(|list| list.make_valid(number))
    }

    /// Takes a pair out of the valid list.
    pub(super) fn make_invalid(&mut self, number: u32) {
        if let Some(list) = self.list_of_mut(number) {
            list.make_invalid(number);
        }
    }

    /// Takes pairs off their lists and out of the queues. They can still be looked up.
    pub(super) fn take_off(&mut self, numbers: &[u32]) {
        for list in &mut self.lists {
            list.take_off(numbers);
        }
    }

    /// Forgets a pair that was never checked.
    pub(super) fn forget(&mut self, number: u32) -> Option<Pair> {
        self.take_off(&[number]);
        self.make_invalid(number);
        self.pairs.remove(&number)
    }

    /// The pair that has to go when a list is over its limit: the last one that nobody has begun to check (RFC 8445 §6.1.2.5).
    pub(super) fn expendable(&self, stream: u32) -> Option<u32> {
        let list = self.list(stream)?;
        let idle = |pair: &&Pair| {
            matches!(pair.shown.state, PairState::Frozen | PairState::Waiting)
                && pair.first_sent.is_none()
                && !list.triggered().contains(&pair.number)
        };
        list.order.iter().rev().filter_map(|number| self.pairs.get(number)).find(idle).map(|pair| pair.number)
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

    /// N · (Num-Waiting + Num-In-Progress) of RFC 8445 §14.3: of all lists, since all of them share the slots of Ta.
    pub(super) fn waiting_or_in_progress(&self) -> usize {
        let busy = |pair: &&Pair| matches!(pair.shown.state, PairState::Waiting | PairState::InProgress);
        self.listed().filter(busy).count()
    }
}
