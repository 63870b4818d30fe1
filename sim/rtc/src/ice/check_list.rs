//! The check list of one data stream: its pairs in order, the triggered-check queue, the valid list. Not here: the pairs themselves and
//! who is frozen, which lists decide together ([`super::check_list_set`]).

use std::collections::VecDeque;

use super::{CheckListSnapshot, CheckListState};

/// The check list of one data stream in one ICE session.
#[derive(Debug)]
pub(super) struct CheckList {
    /// Its number; never reused.
    pub(super) number: u32,
    /// The data stream that it is for.
    pub(super) stream: u32,
    /// Where it stands.
    pub(super) state: CheckListState,
    /// Highest priority first (RFC 8445 §6.1.2.3).
    pub(super) order: Vec<u32>,
    /// Next first (RFC 8445 §6.1.4.1).
    triggered: VecDeque<u32>,
    /// In the order in which they became valid.
    valid: Vec<u32>,
}

impl CheckList {
    pub(super) fn new(number: u32, stream: u32) -> CheckList {
        CheckList {
            number,
            stream,
            state: CheckListState::Running,
            order: Vec::new(),
            triggered: VecDeque::new(),
            valid: Vec::new(),
        }
    }

    pub(super) fn snapshot(&self) -> CheckListSnapshot {
        CheckListSnapshot {
            stream: self.stream,
            state: self.state,
            pairs: self.order.clone(),
            triggered: self.triggered.iter().copied().collect(),
            valid: self.valid.clone(),
        }
    }

    /// How many pairs stand in the list.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn lists(&self, number: u32) -> bool {
        self.order.contains(&number)
    }

    pub(super) fn triggered(&self) -> &VecDeque<u32> {
        &self.triggered
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

    /// Takes pairs off the list and out of the queue.
    pub(super) fn take_off(&mut self, numbers: &[u32]) {
        self.order.retain(|number| !numbers.contains(number));
        self.triggered.retain(|number| !numbers.contains(number));
    }
}
