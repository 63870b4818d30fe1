//! CreatePermission and ChannelBind on the server (RFC 8656 §10.2, §12.2).

use std::net::SocketAddr;

use super::TurnServer;
use super::allocation::Allocation;
use crate::output::Because;
use crate::reason::Reason;
use crate::stun::{Attribute, Authenticated, ErrorCode, Message, Refusal};
use crate::time::Time;
use crate::turn::{CHANNEL_NUMBERS, PeerTransport};

impl TurnServer {
    /// RFC 8656 §10.2: all peers of the request or none.
    pub(super) fn create_permission(
        &mut self,
        number: u32,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        let peers: Vec<SocketAddr> = request
            .attributes()
            .filter_map(|attribute| match attribute {
                Attribute::XorPeerAddress(peer) => Some(peer),
                _ => None,
            })
            .collect();
        if peers.is_empty() {
            return Err(Refusal::bad_request(Reason::TurnPeerMissing));
        }
        peers.iter().try_for_each(|peer| self.check_peer(number, *peer))?;
        let limit = self.config.limits.permissions;
        let allocation = self.held(number)?;
        let fresh = peers.iter().filter(|peer| !allocation.permissions.contains_key(&peer.ip())).count();
        if allocation.permissions.len() + fresh > limit {
            return Err(no_capacity());
        }
        peers.iter().for_each(|peer| allocation.permit(peer.ip(), now));
        self.tell(number, Reason::TurnPermitted, Because::Input);
        self.grant(number, request, &by.key, &[]);
        Ok(())
    }

    /// RFC 8656 §12.2.
    pub(super) fn bind_channel(
        &mut self,
        number: u32,
        request: &Message<'_>,
        by: &Authenticated,
        now: Time,
    ) -> Result<(), Refusal> {
        let (Some(channel), Some(peer)) = (request.channel_number(), request.xor_peer_address()) else {
            return Err(Refusal::bad_request(Reason::TurnPeerMissing));
        };
        if !CHANNEL_NUMBERS.contains(&channel) {
            return Err(Refusal::bad_request(Reason::TurnChannelInvalid));
        }
        let limits = self.config.limits;
        let allocation = self.held(number)?;
        // RFC 6062 §4.1: connections have no channels.
        if allocation.peers_over == PeerTransport::Tcp {
            return Err(Refusal::bad_request(Reason::TurnNotForConnections));
        }
        let (other_peer, other_channel) =
            (allocation.peer_of(channel, now), allocation.channel_of(peer, now));
        if other_peer.is_some_and(|other| other != peer)
            || other_channel.is_some_and(|other| other != channel)
        {
            return Err(Refusal::bad_request(Reason::TurnChannelConflict));
        }
        self.check_peer(number, peer)?;
        let allocation = self.held(number)?;
        let new_permission = !allocation.permissions.contains_key(&peer.ip());
        if other_peer.is_none() && allocation.channels.len() >= limits.channels
            || new_permission && allocation.permissions.len() >= limits.permissions
        {
            return Err(no_capacity());
        }
        allocation.bind(channel, peer, now);
        self.tell(number, Reason::TurnChannelBound, Because::Input);
        self.grant(number, request, &by.key, &[]);
        Ok(())
    }

    fn held(&mut self, number: u32) -> Result<&mut Allocation, Refusal> {
        let mismatch = || Refusal::new(ErrorCode::ALLOCATION_MISMATCH, Reason::TurnNoAllocation);
        self.allocations.get_mut(&number).ok_or_else(mismatch)
    }

    /// Whether this allocation may relay to this peer at all.
    pub(super) fn check_peer(&self, number: u32, peer: SocketAddr) -> Result<(), Refusal> {
        let Some(allocation) = self.allocations.get(&number) else { return Ok(()) };
        if allocation.relays.towards(peer.ip()).is_none() {
            return Err(Refusal::new(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH, Reason::TurnPeerFamily));
        }
        // A server that is its own client's peer would relay in circles (RFC 8656 §21.1.7).
        if self.config.forbids(peer.ip()) || peer == allocation.five_tuple.server {
            return Err(Refusal::new(ErrorCode::FORBIDDEN, Reason::TurnPeerForbidden));
        }
        Ok(())
    }
}

const fn no_capacity() -> Refusal {
    Refusal::new(ErrorCode::INSUFFICIENT_CAPACITY, Reason::TurnNoCapacity)
}
