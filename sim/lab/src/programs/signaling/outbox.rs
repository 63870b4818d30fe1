//! What has been sent and not been acknowledged yet. Not here: sockets, and what the bytes say.

use std::collections::BTreeMap;
use std::time::Duration;

use rtclab_trace::{EntryId, SimTime};

/// The first wait for an acknowledgement; each one after it is twice as long, up to [`WAIT_MAX`].
const WAIT: Duration = Duration::from_millis(500);

/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(4);

/// How often a message is sent before it is given up: 19.5 s in all.
const TRANSMISSIONS_MAX: u32 = 7;

/// Messages waiting for their acknowledgement, by a key of the owner's.
#[derive(Debug)]
pub struct Outbox<K> {
    pending: BTreeMap<K, Pending>,
}

#[derive(Debug)]
struct Pending {
    payload: Vec<u8>,
    cause: Option<EntryId>,
    transmissions: u32,
    next_at: SimTime,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub enum Due<K> {
    /// Send these bytes.
    Send {
        /// Whose.
        key: K,
        /// The bytes.
        payload: Vec<u8>,
        /// The entry that made the message.
        cause: Option<EntryId>,
        /// Whether they were sent before.
        again: bool,
    },
    /// The last repetition stayed unanswered; the message is no longer here.
    GivenUp {
        /// Whose.
        key: K,
    },
}

impl<K> Default for Outbox<K> {
    fn default() -> Outbox<K> {
        Outbox { pending: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Outbox<K> {
    /// Takes a message, to be sent from `at` on.
    pub fn push(&mut self, key: K, payload: Vec<u8>, cause: Option<EntryId>, at: SimTime) {
        self.pending.insert(key, Pending { payload, cause, transmissions: 0, next_at: at });
    }

    /// The message arrived. Whether it was still waited for.
    pub fn acknowledge(&mut self, key: &K) -> bool {
        self.pending.remove(key).is_some()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Makes messages that have been sent already, and whose key is chosen, due now: their reader is at a new address.
    pub fn hurry(&mut self, now: SimTime, chosen: impl Fn(&K) -> bool) {
        for (key, pending) in &mut self.pending {
            if pending.transmissions > 0 && chosen(key) {
                pending.next_at = pending.next_at.min(now);
            }
        }
    }

    /// When something is due.
    pub fn next_at(&self) -> Option<SimTime> {
        self.pending.values().map(|pending| pending.next_at).min()
    }

    /// What is due at `now`, in the order of keys.
    pub fn due(&mut self, now: SimTime) -> Vec<Due<K>> {
        let mut due = Vec::new();
        self.pending.retain(|key, pending| {
            if pending.next_at > now {
                return true;
            }
            if pending.transmissions == TRANSMISSIONS_MAX {
                due.push(Due::GivenUp { key: key.clone() });
                return false;
            }
            let again = pending.transmissions > 0;
            let wait = WAIT.saturating_mul(1 << pending.transmissions.min(8)).min(WAIT_MAX);
            pending.transmissions += 1;
            pending.next_at = now + wait;
            let (payload, cause) = (pending.payload.clone(), pending.cause);
            due.push(Due::Send { key: key.clone(), payload, cause, again });
            true
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_repeated_with_growing_waits_and_then_given_up() {
        let mut outbox = Outbox::default();
        outbox.push(1, vec![7], None, SimTime::from_millis(100));
        let mut times = Vec::new();
        while let Some(at) = outbox.next_at() {
            times.push(at.as_nanos() / 1_000_000);
            let due = outbox.due(at);
            match &due[..] {
                [Due::Send { again, .. }] => assert_eq!(*again, times.len() > 1),
                other => assert_eq!(other, [Due::GivenUp { key: 1 }]),
            }
        }
        assert_eq!(times, [100, 600, 1_600, 3_600, 7_600, 11_600, 15_600, 19_600]);
    }

    #[test]
    fn an_acknowledged_message_is_not_repeated() {
        let mut outbox = Outbox::default();
        outbox.push("a", vec![], None, SimTime::ZERO);
        outbox.due(SimTime::ZERO);
        assert!(outbox.acknowledge(&"a"));
        assert!(!outbox.acknowledge(&"a"));
        assert_eq!(outbox.next_at(), None);
    }

    #[test]
    fn a_hurried_message_goes_out_at_once() {
        let mut outbox = Outbox::default();
        outbox.push("a", vec![], None, SimTime::ZERO);
        outbox.due(SimTime::ZERO);
        outbox.hurry(SimTime::from_millis(20), |key| *key == "a");
        assert_eq!(outbox.due(SimTime::from_millis(20)).len(), 1);
    }
}
