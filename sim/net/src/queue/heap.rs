//! The heap of the event queue: a priority queue whose nodes have four children. Not here: where the events lie.
//!
//! It is half as deep as one with two children, and compares the two numbers of a key as one: with ten thousand busy links half of what an event
//! costs here would be spent on guessing comparisons wrong and on fetching levels from behind the caches.

use rtclab_trace::SimTime;

const CHILDREN: usize = 4;

/// When, then in which order it was pushed; and where the event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<P> {
    pub(super) at: SimTime,
    pub(super) sequence: u64,
    pub(super) place: P,
}

impl<P> Key<P> {
    #[inline]
    fn order(&self) -> u128 {
        (u128::from(self.at.as_nanos()) << 64) | u128::from(self.sequence)
    }
}

/// Keys, of which the least is on top.
#[derive(Debug)]
pub(super) struct Heap<P>(Vec<Key<P>>);

impl<P: Copy> Heap<P> {
    pub(super) fn new() -> Heap<P> {
        Heap(Vec::new())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(super) fn top(&self) -> Option<Key<P>> {
        self.0.first().copied()
    }

    #[inline]
    pub(super) fn push(&mut self, key: Key<P>) {
        let mut hole = self.0.len();
        self.0.push(key);
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if self.0[parent].order() <= key.order() {
                break;
            }
            self.0[hole] = self.0[parent];
            hole = parent;
        }
        self.0[hole] = key;
    }

    /// Takes the top away.
    #[inline]
    pub(super) fn pop(&mut self) {
        if let Some(last) = self.0.pop()
            && !self.0.is_empty()
        {
            self.replace_top(last);
        }
    }

    /// Puts a key in the place of the top, which there has to be.
    #[inline]
    pub(super) fn replace_top(&mut self, key: Key<P>) {
        let keys = &mut self.0[..];
        let order = key.order();
        let mut hole = 0;
        loop {
            let first = hole * CHILDREN + 1;
            let Some(children) = keys.get(first..keys.len().min(first + CHILDREN)) else { break };
            let mut least = (u128::MAX, 0);
            for (place, child) in children.iter().enumerate() {
                let child = child.order();
                least = if child < least.0 { (child, place) } else { least };
            }
            // Where there are no children nothing is less than the key.
            if least.0 >= order {
                break;
            }
            keys[hole] = keys[first + least.1];
            hole = first + least.1;
        }
        keys[hole] = key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is done to a heap.
    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Push(u64),
        Pop,
        ReplaceTop(u64),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            3 => (0u64..40).prop_map(Deed::Push),
            1 => Just(Deed::Pop),
            1 => (0u64..40).prop_map(Deed::ReplaceTop),
        ]
    }

    proptest! {
        #[test]
        fn the_least_is_always_on_top(deeds in prop::collection::vec(deed(), 0..300)) {
            let mut heap = Heap::new();
            let mut model: Vec<(u64, u64)> = Vec::new();
            for (sequence, deed) in deeds.into_iter().enumerate() {
                let sequence = sequence as u64;
                let key = |at: u64| Key { at: SimTime::from_nanos(at), sequence, place: () };
                match deed {
                    Deed::Push(at) => {
                        heap.push(key(at));
                        model.push((at, sequence));
                    }
                    Deed::Pop => {
                        heap.pop();
                        model.drain(..model.len().min(1));
                    }
                    Deed::ReplaceTop(at) if !model.is_empty() => {
                        heap.replace_top(key(at));
                        model[0] = (at, sequence);
                    }
                    Deed::ReplaceTop(_) => {}
                }
                model.sort_unstable();
                let top = heap.top().map(|key| (key.at.as_nanos(), key.sequence));
                prop_assert_eq!(top, model.first().copied());
                prop_assert_eq!(heap.len(), model.len());
            }
        }
    }
}
