//! Data through the server, both ways (RFC 8656 §11.2, §11.3, §12.6, §12.7), and the errors that come back for it (§11.5). Nothing here
//! changes any state.

use std::net::SocketAddr;

use super::allocation::{Allocation, FiveTuple};
use super::{ServerOutput, TurnServer};
use crate::output::{Because, Output, Transmit};
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, HEADER_LENGTH, IcmpError, MESSAGE_LENGTH_MAX, Message, Method, TransactionId,
};
use crate::time::Time;
use crate::turn::{ChannelData, PeerTransport, UDP_PAYLOAD_MAX};

impl TurnServer {
    /// RFC 8656 §11.2: a Send indication is not signed; the permission, which was, stands for it.
    pub(super) fn relay_send_indication(
        &mut self,
        five_tuple: FiveTuple,
        message: &Message<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        if !message.unknown_comprehension_required().is_empty() {
            return Err(Reason::TurnUnknownInIndication);
        }
        let allocation = self.live(five_tuple, now)?;
        let (Some(peer), Some(data)) = (message.xor_peer_address(), message.data()) else {
            return Err(Reason::TurnIndicationIncomplete);
        };
        let whole = message.dont_fragment();
        if whole && !self.config.sets_dont_fragment {
            return Err(Reason::TurnDontFragment);
        }
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        let relayed = allocation.relays.towards(peer.ip()).ok_or(Reason::TurnPeerFamily)?;
        self.relay(relayed, peer, data, whole)
    }

    /// RFC 8656 §12.6.
    pub(super) fn relay_channel_data(
        &mut self,
        five_tuple: FiveTuple,
        message: &ChannelData<'_>,
        now: Time,
    ) -> Result<(), Reason> {
        let allocation = self.live(five_tuple, now)?;
        let peer = allocation.peer_of(message.channel, now).ok_or(Reason::TurnNoChannel)?;
        // A channel outlives the permission that came with it, unless one of the two is refreshed (RFC 8656 §12).
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        let relayed = allocation.relays.towards(peer.ip()).ok_or(Reason::TurnPeerFamily)?;
        self.relay(relayed, peer, message.data, false)
    }

    /// RFC 8656 §11.3 and §12.7: on the peer's channel if it has one, else as a Data indication.
    pub(super) fn relay_from_peer(
        &mut self,
        number: u32,
        to: SocketAddr,
        peer: SocketAddr,
        data: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let allocation = self.allocations.get(&number).filter(|held| held.is_live(now));
        let allocation = allocation.ok_or(Reason::TurnNoAllocation)?;
        if !allocation.permits(peer.ip(), now) || to.is_ipv4() != peer.is_ipv4() {
            return Err(Reason::TurnNoPermission);
        }
        let five_tuple = allocation.five_tuple;
        let stream = five_tuple.transport.is_stream();
        let wrapped = match allocation.channel_of(peer, now) {
            Some(channel) if stream => ChannelData { channel, data }.to_stream(),
            Some(channel) => ChannelData { channel, data }.to_datagram(),
            None => self.data_indication(peer, &Attribute::Data(data), data.len()),
        };
        let fits = |bytes: &Vec<u8>| stream || bytes.len() <= UDP_PAYLOAD_MAX;
        let payload = wrapped.filter(fits).ok_or(Reason::TurnTooLong)?;
        self.send(five_tuple, payload, Because::Input, Some(Reason::TurnRelayed));
        Ok(())
    }

    fn data_indication(&mut self, peer: SocketAddr, what: &Attribute<'_>, length: usize) -> Option<Vec<u8>> {
        // Header, the peer's address, and the header of the last attribute.
        let around = HEADER_LENGTH + 24 + 4;
        (length.next_multiple_of(4) + around <= MESSAGE_LENGTH_MAX).then(|| {
            Builder::indication(Method::DATA, TransactionId::random(&mut *self.randomness))
                .attribute(&Attribute::XorPeerAddress(peer))
                .attribute(what)
                .finish_without_fingerprint()
        })
    }

    /// An ICMP error came back for what was relayed from `relayed` to `peer` (RFC 8656 §11.5): the client is told, if the peer is one
    /// that it may hear of.
    pub fn handle_icmp(&mut self, relayed: SocketAddr, peer: SocketAddr, error: IcmpError, now: Time) {
        let taken = self.relay_icmp(relayed, peer, error, now);
        self.ignored(taken);
    }

    fn relay_icmp(
        &mut self,
        relayed: SocketAddr,
        peer: SocketAddr,
        error: IcmpError,
        now: Time,
    ) -> Result<(), Reason> {
        let number = self.by_relayed.get(&relayed).ok_or(Reason::TurnNoAllocation)?;
        let allocation = self.allocations.get(number).filter(|held| held.is_live(now));
        let allocation = allocation.ok_or(Reason::TurnNoAllocation)?;
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        let five_tuple = allocation.five_tuple;
        let payload = self.data_indication(peer, &Attribute::Icmp(error), 8).ok_or(Reason::TurnTooLong)?;
        self.send(five_tuple, payload, Because::Input, Some(Reason::TurnIcmpRelayed));
        Ok(())
    }

    fn live(&self, five_tuple: FiveTuple, now: Time) -> Result<&Allocation, Reason> {
        let number = self.by_five_tuple.get(&five_tuple).ok_or(Reason::TurnNoAllocation)?;
        let allocation = self.allocations.get(number).ok_or(Reason::TurnNoAllocation)?;
        // RFC 6062 §4.1: an allocation for connections relays no datagrams.
        let usable = allocation.is_live(now) && allocation.peers_over == PeerTransport::Udp;
        if usable { Ok(allocation) } else { Err(Reason::TurnNoAllocation) }
    }

    fn relay(&mut self, from: SocketAddr, to: SocketAddr, data: &[u8], whole: bool) -> Result<(), Reason> {
        if data.len() > UDP_PAYLOAD_MAX {
            return Err(Reason::TurnTooLong);
        }
        let (because, reason) = (Because::Input, Some(Reason::TurnRelayed));
        let transmit = Transmit { from, to, payload: data.to_vec(), because, reason };
        if whole {
            self.output.push_back(ServerOutput::Unfragmented(transmit));
        } else {
            self.push(Output::Transmit(transmit));
        }
        Ok(())
    }
}
