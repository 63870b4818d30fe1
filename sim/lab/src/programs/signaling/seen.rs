//! Which messages have come before, so that a repetition is acknowledged and not acted on again.

use std::collections::{BTreeMap, BTreeSet};

/// How many numbers of one writer are remembered; a repetition comes long before so many others.
const REMEMBERED_MAX: usize = 1024;

/// How many writers are remembered.
const WRITERS_MAX: usize = 1024;

/// Numbers of messages that have come, by their writer.
#[derive(Debug, Default)]
pub struct Seen {
    numbers: BTreeMap<String, BTreeSet<u32>>,
}

impl Seen {
    /// Whether the message is new; it is remembered from now on.
    pub fn is_new(&mut self, from: &str, number: u32) -> bool {
        if !self.numbers.contains_key(from) && self.numbers.len() == WRITERS_MAX {
            return false;
        }
        let numbers = self.numbers.entry(from.to_owned()).or_default();
        let new = numbers.insert(number);
        if numbers.len() > REMEMBERED_MAX {
            numbers.pop_first();
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_once_for_each_writer() {
        let mut seen = Seen::default();
        assert!(seen.is_new("alice", 1));
        assert!(!seen.is_new("alice", 1));
        assert!(seen.is_new("bob", 1));
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Seen::default();
        for number in 0..5_000 {
            assert!(seen.is_new("alice", number));
        }
        assert_eq!(seen.numbers["alice"].len(), REMEMBERED_MAX);
    }
}
