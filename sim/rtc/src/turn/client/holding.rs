//! What a client holds on the server: allocation, permissions, channels. Not here: how it is asked for.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::connections::Connection;
use crate::reason::Reason;
use crate::time::Time;
use crate::turn::{AllocationSnapshot, AllocationState, CHANNEL_NUMBERS};

/// How long before it expires something is refreshed: RFC 8656 §8 leaves it to the client, and this is time for seven transmissions.
const REFRESH_AHEAD: Duration = Duration::from_secs(60);

/// When to refresh what is granted now for `lifetime`: a minute before the end, or half-way if it is shorter than two.
pub(super) fn refresh_at(now: Time, lifetime: Duration) -> Time {
    now + lifetime.saturating_sub(REFRESH_AHEAD).max(lifetime / 2)
}

/// An allocation from the client's side.
#[derive(Debug)]
pub(super) struct Holding {
    /// Our address as the server sees it.
    pub(super) client: SocketAddr,
    pub(super) relayed: Option<SocketAddr>,
    /// The relayed address of the other family.
    pub(super) second_relayed: Option<SocketAddr>,
    /// The token of the port that was reserved along.
    pub(super) reservation: Option<[u8; 8]>,
    /// What lets us take the allocation along (RFC 8016).
    pub(super) ticket: Option<Vec<u8>>,
    pub(super) state: AllocationState,
    pub(super) expires_at: Option<Time>,
    /// When to refresh; `None` while a refresh is on its way.
    pub(super) refresh_at: Option<Time>,
    pub(super) permissions: BTreeMap<IpAddr, Permission>,
    pub(super) channels: BTreeMap<u16, Channel>,
    /// Connections to peers, by CONNECTION-ID (RFC 6062).
    pub(super) connections: BTreeMap<u32, Connection>,
    next_channel: u16,
}

/// A permission from the client's side.
#[derive(Debug, Default)]
pub(super) struct Permission {
    /// When it ends; `None` until the server has confirmed it.
    pub(super) expires_at: Option<Time>,
    /// When to refresh; `None` while a request is on its way.
    pub(super) refresh_at: Option<Time>,
    /// The server does not want this peer.
    pub(super) refused: bool,
}

/// A channel from the client's side.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) peer: SocketAddr,
    /// When it ends; `None` until the server has confirmed it.
    pub(super) expires_at: Option<Time>,
    /// When to refresh; `None` while a request is on its way.
    pub(super) refresh_at: Option<Time>,
}

impl Holding {
    pub(super) fn new(local: SocketAddr) -> Holding {
        Holding {
            client: local,
            relayed: None,
            second_relayed: None,
            reservation: None,
            ticket: None,
            state: AllocationState::Requested,
            expires_at: None,
            refresh_at: None,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            connections: BTreeMap::new(),
            next_channel: *CHANNEL_NUMBERS.start(),
        }
    }

    /// Over: nothing is held and nothing is due any more.
    pub(super) fn end(&mut self, state: AllocationState) {
        self.state = state;
        self.expires_at = None;
        self.refresh_at = None;
        self.permissions.clear();
        self.channels.clear();
        self.connections.clear();
    }

    /// The relayed address that reaches this peer: of its family (RFC 8656 §9.1).
    pub(super) fn towards(&self, peer: IpAddr) -> Option<SocketAddr> {
        let both = self.relayed.into_iter().chain(self.second_relayed);
        both.into_iter().find(|relayed| relayed.is_ipv4() == peer.is_ipv4())
    }

    /// Nothing is refreshed any more, but what is held lasts until its time is over.
    pub(super) fn stop_refreshing(&mut self) {
        self.refresh_at = None;
        self.permissions.values_mut().for_each(|permission| permission.refresh_at = None);
        self.channels.values_mut().for_each(|channel| channel.refresh_at = None);
    }

    /// A fresh number for a peer. Numbers are not used twice, so none is bound again within five minutes of its end (RFC 8656 §12).
    pub(super) fn open_channel(&mut self, peer: SocketAddr) -> Result<u16, Reason> {
        if self.channels.values().any(|channel| channel.peer == peer) {
            return Err(Reason::TurnChannelHeld);
        }
        let number = self.next_channel;
        if !CHANNEL_NUMBERS.contains(&number) {
            return Err(Reason::TurnNoChannelLeft);
        }
        self.next_channel += 1;
        self.channels.insert(number, Channel { peer, expires_at: None, refresh_at: None });
        Ok(number)
    }

    /// The peer of a channel that the server has confirmed.
    pub(super) fn peer_of(&self, number: u16) -> Option<SocketAddr> {
        self.channels.get(&number).filter(|channel| channel.expires_at.is_some()).map(|channel| channel.peer)
    }

    /// The channel that the server has confirmed for a peer.
    pub(super) fn bound_channel(&self, peer: SocketAddr) -> Option<u16> {
        let bound = |channel: &Channel| channel.peer == peer && channel.expires_at.is_some();
        self.channels.iter().find(|(_, channel)| bound(channel)).map(|(number, _)| *number)
    }

    /// The next moment at which something is due.
    pub(super) fn deadline(&self) -> Option<Time> {
        let permissions = self.permissions.values().flat_map(|p| [p.expires_at, p.refresh_at]);
        let channels = self.channels.values().flat_map(|c| [c.expires_at, c.refresh_at]);
        [self.expires_at, self.refresh_at].into_iter().chain(permissions).chain(channels).flatten().min()
    }

    pub(super) fn snapshot(&self, server: SocketAddr) -> AllocationSnapshot {
        let until = |(peer, permission): (&IpAddr, &Permission)| Some((*peer, permission.expires_at?));
        let bound = |(number, channel): (&u16, &Channel)| Some((*number, channel.peer, channel.expires_at?));
        AllocationSnapshot {
            relayed: self.relayed,
            second_relayed: self.second_relayed,
            state: self.state,
            expires_at: self.expires_at,
            permissions: self.permissions.iter().filter_map(until).collect(),
            channels: self.channels.iter().filter_map(bound).collect(),
            connections: self.connections.iter().map(|(id, held)| held.snapshot(*id)).collect(),
            ..AllocationSnapshot::requested(self.client, server)
        }
    }
}
