//! Fragments at a firewall: only the first has ports, so the others share its fate. Not here: putting them together, which is for their
//! destination.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rtclab_trace::SimTime;

use super::Denied;
use crate::wire::ip::Header;

/// How long the fate of a first fragment is remembered (Linux: `nf_conntrack_frag6_timeout` is 60 s, and that is how long a destination waits).
const REMEMBERED: Duration = Duration::from_secs(60);
/// First fragments that are remembered at most.
const REMEMBERED_MAX: usize = 1_024;

type Key = (IpAddr, IpAddr, u8, u32);

/// The fates of first fragments: the place of what decided, or why they were denied.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    fates: BTreeMap<Key, (Result<usize, Denied>, SimTime)>,
}

fn key(header: &Header) -> Option<Key> {
    let fragment = header.fragment?;
    Some((header.source, header.destination, header.protocol, fragment.identification))
}

impl Fragments {
    /// What became of the first fragment of a datagram, if it has been seen.
    pub(super) fn fate(&self, now: SimTime, header: &Header) -> Option<Result<usize, Denied>> {
        let (fate, until) = self.fates.get(&key(header)?)?;
        (*until > now).then_some(*fate)
    }

    /// Notes what became of a packet, if it is a first fragment.
    pub(super) fn note(&mut self, now: SimTime, header: &Header, fate: Result<usize, Denied>) {
        let Some(key) = key(header) else { return };
        if self.fates.len() >= REMEMBERED_MAX {
            self.fates.retain(|_, (_, until)| *until > now);
        }
        if self.fates.len() >= REMEMBERED_MAX {
            let oldest = self.fates.iter().min_by_key(|(_, (_, until))| *until).map(|(key, _)| *key);
            oldest.map(|oldest| self.fates.remove(&oldest));
        }
        self.fates.insert(key, (fate, now + REMEMBERED));
    }
}
