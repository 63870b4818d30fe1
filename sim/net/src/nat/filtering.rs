//! Filtering behavior (RFC 4787 §5): who may use a mapping from outside. Not here: which mapping it is.
//!
//! The RFC asks whether the *internal endpoint* has sent to the remote one, through whichever of its mappings; so what is remembered with
//! each mapping is asked of all mappings of the endpoint ([`super::table`]).

use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use rtclab_trace::SimTime;

use super::FilteringBehavior;
use super::mapping::{pack, unpack};

/// Remote endpoints remembered with one mapping: beyond these, the one that the inside has not sent to for longest is forgotten.
pub(super) const CONTACTS_MAX: usize = 1_024;

/// The remote endpoints that the inside has sent to through a mapping, as far as the behavior looks at them.
#[derive(Clone, Debug, Default)]
pub(super) struct Contacts(BTreeMap<u64, Contact>);

#[derive(Clone, Copy, Debug)]
struct Contact {
    /// As it was first sent to.
    endpoint: u64,
    last_sent: SimTime,
}

/// What sending to a remote endpoint changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// Nothing: it was admitted before.
    Known,
    /// It is admitted now.
    New,
    /// It is admitted now, and another one no longer is.
    InsteadOfAnother,
}

impl Contacts {
    /// The inside sends to a remote endpoint.
    pub(super) fn open(&mut self, behavior: FilteringBehavior, remote: SocketAddrV4, now: SimTime) -> Opened {
        // Who admits everybody remembers nobody.
        let Some(key) = key(behavior, remote) else { return Opened::Known };
        if let Some(contact) = self.0.get_mut(&key) {
            contact.last_sent = now;
            return Opened::Known;
        }
        let full = self.0.len() >= CONTACTS_MAX;
        if full {
            let oldest = self.0.iter().min_by_key(|(_, contact)| contact.last_sent).map(|(&key, _)| key);
            oldest.map(|oldest| self.0.remove(&oldest));
        }
        self.0.insert(key, Contact { endpoint: pack(remote), last_sent: now });
        if full { Opened::InsteadOfAnother } else { Opened::New }
    }

    /// Whether a remote endpoint may come in. `timer` is how long it may after it was last sent to.
    pub(super) fn admits(
        &self,
        behavior: FilteringBehavior,
        remote: SocketAddrV4,
        timer: Option<Duration>,
        now: SimTime,
    ) -> bool {
        let Some(key) = key(behavior, remote) else { return true };
        let alive = |contact: &Contact| timer.is_none_or(|timer| now < contact.last_sent + timer);
        self.0.get(&key).is_some_and(alive)
    }

    /// Whether it is remembered that the inside has sent to exactly this endpoint.
    pub(super) fn knows(&self, remote: SocketAddrV4) -> bool {
        let remote = pack(remote);
        self.0.get(&remote).is_some_and(|contact| contact.endpoint == remote)
    }

    /// Forgets those whose time is over. Returns whether there were any.
    pub(super) fn expire(&mut self, timer: Duration, now: SimTime) -> bool {
        let before = self.0.len();
        self.0.retain(|_, contact| now < contact.last_sent + timer);
        self.0.len() < before
    }

    /// When the time of the next one is over.
    pub(super) fn next_expiry(&self, timer: Option<Duration>) -> Option<SimTime> {
        let timer = timer?;
        self.0.values().map(|contact| contact.last_sent + timer).min()
    }

    /// All of them, in order.
    pub(super) fn endpoints(&self) -> Vec<SocketAddr> {
        self.0.values().map(|contact| SocketAddr::V4(unpack(contact.endpoint))).collect()
    }
}

/// What the behavior tells remote endpoints apart by; none if it does not.
fn key(behavior: FilteringBehavior, remote: SocketAddrV4) -> Option<u64> {
    match behavior {
        FilteringBehavior::EndpointIndependent => None,
        FilteringBehavior::AddressDependent => Some(pack(remote) >> 16),
        FilteringBehavior::AddressAndPortDependent => Some(pack(remote)),
    }
}

#[cfg(test)]
mod tests {
    use super::FilteringBehavior::*;
    use super::*;

    fn endpoint(text: &str) -> SocketAddrV4 {
        text.parse().unwrap()
    }

    fn admitted(behavior: FilteringBehavior, sent_to: &str, from: &str) -> bool {
        let mut contacts = Contacts::default();
        contacts.open(behavior, endpoint(sent_to), SimTime::ZERO);
        contacts.admits(behavior, endpoint(from), None, SimTime::MAX)
    }

    #[test]
    fn each_behavior_looks_at_its_part_of_the_remote_endpoint() {
        let (y1, y1_other_port, y2) = ("192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1");
        assert!(admitted(EndpointIndependent, y1, y2));
        assert!(admitted(AddressDependent, y1, y1_other_port) && !admitted(AddressDependent, y1, y2));
        assert!(admitted(AddressAndPortDependent, y1, y1));
        assert!(!admitted(AddressAndPortDependent, y1, y1_other_port));
    }

    #[test]
    fn a_timer_of_its_own_closes_the_filter_again_unless_the_inside_sends() {
        let timer = Duration::from_secs(10);
        let at = |seconds: u64| SimTime::from_millis(seconds * 1_000);
        let y1 = endpoint("192.0.2.1:1");
        let mut contacts = Contacts::default();
        contacts.open(AddressDependent, y1, at(0));
        contacts.open(AddressDependent, y1, at(5));
        assert_eq!(contacts.next_expiry(Some(timer)), Some(at(15)));
        assert!(contacts.admits(AddressDependent, y1, Some(timer), at(14)));
        assert!(!contacts.admits(AddressDependent, y1, Some(timer), at(15)));
        assert!(!contacts.expire(timer, at(14)));
        assert!(contacts.expire(timer, at(15)));
        assert!(contacts.endpoints().is_empty());
    }

    #[test]
    fn a_full_filter_forgets_whom_the_inside_has_not_sent_to_for_longest() {
        let mut contacts = Contacts::default();
        let remote = |number: usize| SocketAddrV4::new([192, 0, 2, 1].into(), number as u16);
        for number in 0..CONTACTS_MAX {
            let now = SimTime::from_millis(number as u64);
            assert_eq!(contacts.open(AddressAndPortDependent, remote(number), now), Opened::New);
        }
        let now = SimTime::from_millis(CONTACTS_MAX as u64);
        contacts.open(AddressAndPortDependent, remote(0), now);
        let opened = contacts.open(AddressAndPortDependent, remote(CONTACTS_MAX), now);
        assert_eq!(opened, Opened::InsteadOfAnother);
        let admits = |number| contacts.admits(AddressAndPortDependent, remote(number), None, now);
        assert!(admits(0) && !admits(1) && admits(CONTACTS_MAX));
    }
}
