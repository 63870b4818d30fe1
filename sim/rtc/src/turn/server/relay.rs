//! Data through the server, both ways (RFC 8656 §11.2, §11.3, §12.6, §12.7). Nothing here changes any state.

use std::net::SocketAddr;

use super::TurnServer;
use super::allocation::{Allocation, FiveTuple};
use crate::output::{Because, Output, Transmit};
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, HEADER_LENGTH, Message, Method, TransactionId};
use crate::time::Time;
use crate::turn::{ChannelData, UDP_PAYLOAD_MAX};

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
        let (allocation, relayed) = self.live(five_tuple, now)?;
        let (Some(peer), Some(data)) = (message.xor_peer_address(), message.data()) else {
            return Err(Reason::TurnIndicationIncomplete);
        };
        if message.dont_fragment() {
            return Err(Reason::TurnDontFragment);
        }
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        let payload = data.to_vec();
        self.relay(relayed, peer, payload);
        Ok(())
    }

    /// RFC 8656 §12.6.
    pub(super) fn relay_channel_data(
        &mut self,
        five_tuple: FiveTuple,
        datagram: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let message = ChannelData::parse(datagram).map_err(|_| Reason::TurnChannelDataMalformed)?;
        let (allocation, relayed) = self.live(five_tuple, now)?;
        let peer = allocation.peer_of(message.channel, now).ok_or(Reason::TurnNoChannel)?;
        // A channel outlives the permission that came with it, unless one of the two is refreshed (RFC 8656 §12).
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        self.relay(relayed, peer, message.data.to_vec());
        Ok(())
    }

    /// RFC 8656 §11.3 and §12.7: on the peer's channel if it has one, else as a Data indication.
    pub(super) fn relay_from_peer(
        &mut self,
        number: u32,
        peer: SocketAddr,
        data: &[u8],
        now: Time,
    ) -> Result<(), Reason> {
        let allocation = self.allocations.get(&number).ok_or(Reason::TurnNoAllocation)?;
        allocation.live(now).ok_or(Reason::TurnNoAllocation)?;
        if !allocation.permits(peer.ip(), now) {
            return Err(Reason::TurnNoPermission);
        }
        let five_tuple = allocation.five_tuple;
        let wrapped = match allocation.channel_of(peer, now) {
            Some(channel) => ChannelData { channel, data }.to_datagram(),
            None if data.len() > UDP_PAYLOAD_MAX - HEADER_LENGTH => None,
            None => Some(
                Builder::indication(Method::DATA, TransactionId::random(&mut *self.randomness))
                    .attribute(&Attribute::XorPeerAddress(peer))
                    .attribute(&Attribute::Data(data))
                    .finish_without_fingerprint(),
            ),
        };
        let payload = wrapped.filter(|bytes| bytes.len() <= UDP_PAYLOAD_MAX).ok_or(Reason::TurnTooLong)?;
        self.send(five_tuple, payload, Because::Input, Some(Reason::TurnRelayed));
        Ok(())
    }

    fn live(&self, five_tuple: FiveTuple, now: Time) -> Result<(&Allocation, SocketAddr), Reason> {
        let number = self.by_five_tuple.get(&five_tuple).ok_or(Reason::TurnNoAllocation)?;
        let allocation = self.allocations.get(number).ok_or(Reason::TurnNoAllocation)?;
        let relayed = allocation.live(now).ok_or(Reason::TurnNoAllocation)?;
        Ok((allocation, relayed))
    }

    fn relay(&mut self, from: SocketAddr, to: SocketAddr, payload: Vec<u8>) {
        let (because, reason) = (Because::Input, Some(Reason::TurnRelayed));
        self.push(Output::Transmit(Transmit { from, to, payload, because, reason }));
    }
}
