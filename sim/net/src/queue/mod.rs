//! The event queue: a total order of (time, sequence). Not here: what events mean.
//!
//! Most events are arrivals on links, and a link that keeps order produces them in order. Such a run of ordered events is a *lane*, a
//! plain queue of which only the head stands in the heap. So the heap stays as small as the number of busy links and timers, and the
//! price of an event does not grow with the number of packets in flight.

mod heap;

use std::collections::VecDeque;

use rtclab_trace::SimTime;

use heap::{Heap, Key};

/// Where an event lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Slot(u32),
    Lane(u32),
}

#[derive(Debug)]
struct Waiting<E> {
    at: SimTime,
    sequence: u64,
    event: E,
}

/// A queue of events of type `E`.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    heap: Heap<Place>,
    slots: Vec<Option<E>>,
    free: Vec<u32>,
    lanes: Vec<VecDeque<Waiting<E>>>,
    next_sequence: u64,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Queue<E> {
        Queue { heap: Heap::new(), slots: Vec::new(), free: Vec::new(), lanes: Vec::new(), next_sequence: 0 }
    }

    /// Adds an event at any time.
    #[inline]
    pub(crate) fn push(&mut self, at: SimTime, event: E) {
        let sequence = self.sequence();
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(event);
                slot
            }
            None => {
                self.slots.push(Some(event));
                (self.slots.len() - 1) as u32
            }
        };
        self.heap.push(Key { at, sequence, place: Place::Slot(slot) });
    }

    /// Adds an event that is usually not earlier than the last one of its lane; if it is, it is ordered all the same.
    #[inline]
    pub(crate) fn push_in_lane(&mut self, lane: usize, at: SimTime, event: E) {
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, VecDeque::new);
        }
        if self.lanes[lane].back().is_some_and(|last| last.at > at) {
            return self.push(at, event);
        }
        let sequence = self.sequence();
        let queue = &mut self.lanes[lane];
        if queue.is_empty() {
            self.heap.push(Key { at, sequence, place: Place::Lane(lane as u32) });
        }
        queue.push_back(Waiting { at, sequence, event });
    }

    /// When the next event is due.
    #[inline]
    pub(crate) fn next_at(&self) -> Option<SimTime> {
        self.heap.top().map(|key| key.at)
    }

    /// Takes the next event.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(SimTime, E)> {
        let Key { at, place, .. } = self.heap.top()?;
        match place {
            Place::Slot(slot) => {
                self.heap.pop();
                self.free.push(slot);
                let event = self.slots[slot as usize].take();
                Some((at, event.expect("a key in the heap has its event in a slot")))
            }
            Place::Lane(lane) => {
                let queue = &mut self.lanes[lane as usize];
                let waiting = queue.pop_front().expect("a lane in the heap has a head");
                // Replacing the top in place sifts once, where a pop and a push would sift twice.
                match queue.front() {
                    Some(next) => {
                        self.heap.replace_top(Key { at: next.at, sequence: next.sequence, place });
                    }
                    None => self.heap.pop(),
                }
                Some((at, waiting.event))
            }
        }
    }

    /// Every event that waits, in no particular order.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len() + self.lanes.iter().map(VecDeque::len).sum::<usize>()
    }

    fn sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_come_in_order_of_time_then_of_pushing(
            pushes in prop::collection::vec((0u64..50, prop::option::of(0usize..3), prop::bool::ANY), 0..200)
        ) {
            let mut queue = Queue::new();
            let mut model: Vec<(u64, usize)> = Vec::new();
            let mut now = 0;
            for (number, (delay, lane, pop)) in pushes.into_iter().enumerate() {
                let at = now + delay;
                model.push((at, number));
                match lane {
                    Some(lane) => queue.push_in_lane(lane, SimTime::from_nanos(at), number),
                    None => queue.push(SimTime::from_nanos(at), number),
                }
                if pop {
                    model.sort_unstable();
                    let (at, number) = model.remove(0);
                    now = at;
                    prop_assert_eq!(queue.next_at(), Some(SimTime::from_nanos(at)));
                    prop_assert_eq!(queue.pop(), Some((SimTime::from_nanos(at), number)));
                }
            }
            model.sort_unstable();
            for (at, number) in model {
                prop_assert_eq!(queue.pop(), Some((SimTime::from_nanos(at), number)));
            }
            prop_assert_eq!(queue.pop(), None);
        }
    }

    #[test]
    fn the_heap_holds_one_key_for_a_lane_however_long_it_is() {
        let mut queue = Queue::new();
        for number in 0..1_000u64 {
            queue.push_in_lane(0, SimTime::from_nanos(number), number);
        }
        assert_eq!(queue.heap.len(), 1);
        assert_eq!(queue.len(), 1_000);
    }
}
