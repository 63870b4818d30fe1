//! An allocation from the server's side. Not here: who may make one.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::stun::{IntegrityKey, TransactionId};
use crate::time::Time;
use crate::turn::{AllocationSnapshot, AllocationState, CHANNEL_LIFETIME, PERMISSION_LIFETIME};

/// What tells allocations apart (RFC 8656 §3.2); the protocol is UDP, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FiveTuple {
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
}

/// An allocation, or one whose relayed socket is being opened.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) five_tuple: FiveTuple,
    pub(super) username: String,
    pub(super) state: AllocationState,
    pub(super) relayed: Option<SocketAddr>,
    /// How long it lives once its socket is open.
    pub(super) lifetime: Duration,
    pub(super) expires_at: Option<Time>,
    pub(super) permissions: BTreeMap<IpAddr, Time>,
    pub(super) channels: BTreeMap<u16, (SocketAddr, Time)>,
    numbers: BTreeMap<SocketAddr, u16>,
    pub(super) request: AllocateRequest,
    /// The answer, for when the request comes again (RFC 8656 §7.2).
    pub(super) answer: Vec<u8>,
    /// The moment under which it is filed among the timers.
    pub(super) wake: Option<Time>,
}

/// What is kept of the Allocate request until it can be answered.
#[derive(Clone, Debug)]
pub(super) struct AllocateRequest {
    pub(super) id: TransactionId,
    pub(super) key: IntegrityKey,
    pub(super) fingerprint: bool,
    /// A second relayed address was asked for, which is not given here.
    pub(super) wants_second: bool,
}

impl Allocation {
    pub(super) fn new(
        five_tuple: FiveTuple,
        username: String,
        lifetime: Duration,
        request: AllocateRequest,
    ) -> Allocation {
        Allocation {
            five_tuple,
            username,
            state: AllocationState::Requested,
            relayed: None,
            lifetime,
            expires_at: None,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            numbers: BTreeMap::new(),
            request,
            answer: Vec::new(),
            wake: None,
        }
    }

    /// The relayed address, while it may be used.
    pub(super) fn live(&self, now: Time) -> Option<SocketAddr> {
        self.relayed.filter(|_| self.expires_at.is_some_and(|end| end > now))
    }

    pub(super) fn permit(&mut self, peer: IpAddr, now: Time) {
        self.permissions.insert(peer, now + PERMISSION_LIFETIME);
    }

    pub(super) fn permits(&self, peer: IpAddr, now: Time) -> bool {
        self.permissions.get(&peer).is_some_and(|end| *end > now)
    }

    /// Binds or refreshes a channel, and the permission with it (RFC 8656 §12.2).
    pub(super) fn bind(&mut self, channel: u16, peer: SocketAddr, now: Time) {
        self.channels.insert(channel, (peer, now + CHANNEL_LIFETIME));
        self.numbers.insert(peer, channel);
        self.permit(peer.ip(), now);
    }

    pub(super) fn peer_of(&self, channel: u16, now: Time) -> Option<SocketAddr> {
        self.channels.get(&channel).filter(|(_, end)| *end > now).map(|(peer, _)| *peer)
    }

    pub(super) fn channel_of(&self, peer: SocketAddr, now: Time) -> Option<u16> {
        self.numbers.get(&peer).copied().filter(|channel| self.peer_of(*channel, now) == Some(peer))
    }

    /// Drops what is over: whether a permission was, whether a channel was.
    pub(super) fn drop_expired(&mut self, now: Time) -> (bool, bool) {
        let (permissions, channels) = (self.permissions.len(), self.channels.len());
        self.permissions.retain(|_, end| *end > now);
        self.channels.retain(|_, (_, end)| *end > now);
        self.numbers.retain(|_, channel| self.channels.contains_key(channel));
        (self.permissions.len() < permissions, self.channels.len() < channels)
    }

    /// The next moment at which something ends.
    pub(super) fn deadline(&self) -> Option<Time> {
        let permissions = self.permissions.values().copied();
        let channels = self.channels.values().map(|(_, end)| *end);
        self.expires_at.into_iter().chain(permissions).chain(channels).min()
    }

    pub(super) fn snapshot(&self) -> AllocationSnapshot {
        AllocationSnapshot {
            client: self.five_tuple.client,
            server: self.five_tuple.server,
            relayed: self.relayed,
            state: self.state,
            expires_at: self.expires_at,
            permissions: self.permissions.iter().map(|(peer, end)| (*peer, *end)).collect(),
            channels: self.channels.iter().map(|(number, (peer, end))| (*number, *peer, *end)).collect(),
        }
    }
}
