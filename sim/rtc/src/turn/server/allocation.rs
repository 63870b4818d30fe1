//! An allocation from the server's side. Not here: who may make one.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::stun::{AddressFamily, IntegrityKey, TransactionId, Transport};
use crate::time::Time;
use crate::turn::{
    AllocationSnapshot, AllocationState, CHANNEL_LIFETIME, PERMISSION_LIFETIME, PeerTransport,
};

/// What tells allocations apart (RFC 8656 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FiveTuple {
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) transport: Transport,
}

/// Which relayed sockets an allocation has, and which its host is still to open.
#[derive(Clone, Debug, Default)]
pub(super) struct Relays {
    pub(super) first: Option<SocketAddr>,
    pub(super) second: Option<SocketAddr>,
    /// Families that the host was asked for and has not answered about, in the order in which it was asked.
    pub(super) awaited: Vec<AddressFamily>,
    /// A family that was asked for and not given, and the error code.
    pub(super) refused: Option<(AddressFamily, u16)>,
    /// The host is to open two neighbouring ports.
    pub(super) pair: bool,
    /// The token of the port that was reserved along.
    pub(super) token: Option<[u8; 8]>,
}

impl Relays {
    /// The relayed address that reaches this peer.
    pub(super) fn towards(&self, peer: IpAddr) -> Option<SocketAddr> {
        self.all().find(|relayed| relayed.is_ipv4() == peer.is_ipv4())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = SocketAddr> + use<> {
        self.first.into_iter().chain(self.second)
    }

    /// Takes in an address that the host opened.
    pub(super) fn add(&mut self, address: SocketAddr) {
        if self.first.is_none() {
            self.first = Some(address);
        } else {
            self.second = Some(address);
        }
    }

    /// Gives up the address of one family.
    pub(super) fn remove(&mut self, family: AddressFamily) -> Option<SocketAddr> {
        let is_it = |relayed: &mut SocketAddr| AddressFamily::of(&relayed.ip()) == family;
        match self.second.take_if(is_it) {
            Some(second) => Some(second),
            None => {
                let first = self.first.take_if(is_it);
                if first.is_some() {
                    self.first = self.second.take();
                }
                first
            }
        }
    }
}

/// An allocation, or one whose relayed socket is being opened.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) five_tuple: FiveTuple,
    pub(super) username: String,
    pub(super) state: AllocationState,
    pub(super) peers_over: PeerTransport,
    pub(super) relays: Relays,
    /// How long it lives once its socket is open.
    pub(super) lifetime: Duration,
    pub(super) expires_at: Option<Time>,
    pub(super) permissions: BTreeMap<IpAddr, Time>,
    pub(super) channels: BTreeMap<u16, (SocketAddr, Time)>,
    numbers: BTreeMap<SocketAddr, u16>,
    /// The ticket that moves it, and the one before, in case the client has not got the new one (RFC 8016 §3.2.2).
    pub(super) tickets: Option<(Ticket, Option<Ticket>)>,
    pub(super) request: AllocateRequest,
    /// The answer, for when the request comes again (RFC 8656 §7.2).
    pub(super) answer: Vec<u8>,
    /// The moment under which it is filed among the timers.
    pub(super) wake: Option<Time>,
}

/// What a client shows to take its allocation along (RFC 8016): random, so that nobody makes one up.
pub(super) type Ticket = [u8; 16];

/// What is kept of the Allocate request until it can be answered.
#[derive(Clone, Debug)]
pub(super) struct AllocateRequest {
    pub(super) id: TransactionId,
    pub(super) key: IntegrityKey,
    pub(super) fingerprint: bool,
    /// When it came.
    pub(super) at: Time,
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
            peers_over: PeerTransport::Udp,
            relays: Relays::default(),
            lifetime,
            expires_at: None,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            numbers: BTreeMap::new(),
            tickets: None,
            request,
            answer: Vec::new(),
            wake: None,
        }
    }

    /// Whether it may be used.
    pub(super) fn is_live(&self, now: Time) -> bool {
        self.state == AllocationState::Active && self.expires_at.is_some_and(|end| end > now)
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

    /// Drops what belongs to peers of a family that is not relayed any more.
    pub(super) fn drop_family(&mut self, family: AddressFamily) {
        let stays = |ip: &IpAddr| AddressFamily::of(ip) != family;
        self.permissions.retain(|peer, _| stays(peer));
        self.channels.retain(|_, (peer, _)| stays(&peer.ip()));
        self.numbers.retain(|peer, _| stays(&peer.ip()));
    }

    /// The next moment at which something ends.
    pub(super) fn deadline(&self) -> Option<Time> {
        let permissions = self.permissions.values().copied();
        let channels = self.channels.values().map(|(_, end)| *end);
        self.expires_at.into_iter().chain(permissions).chain(channels).min()
    }

    pub(super) fn snapshot(&self) -> AllocationSnapshot {
        AllocationSnapshot {
            transport: self.five_tuple.transport,
            peers_over: self.peers_over,
            relayed: self.relays.first,
            second_relayed: self.relays.second,
            state: self.state,
            expires_at: self.expires_at,
            permissions: self.permissions.iter().map(|(peer, end)| (*peer, *end)).collect(),
            channels: self.channels.iter().map(|(number, (peer, end))| (*number, *peer, *end)).collect(),
            ..AllocationSnapshot::requested(self.five_tuple.client, self.five_tuple.server)
        }
    }
}
