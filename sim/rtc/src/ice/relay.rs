//! Relayed candidates and what goes through them (the TURN client they need has not landed yet, so there are none).

use std::net::SocketAddr;

use super::agent::Agent;
use crate::output::{Because, Transmit};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    pub(super) fn has_relay(&self, _socket: SocketAddr, _server: usize) -> bool {
        false
    }
    pub(super) fn add_kept_relays(&mut self, _now: Time) {}
    pub(super) fn start_allocation(&mut self, _socket: usize, _server: usize, _now: Time) -> bool {
        false
    }
    pub(super) fn is_allocating(&self) -> bool {
        false
    }
    pub(super) fn is_releasing(&self) -> bool {
        false
    }
    pub(super) fn handle_from_relay(
        &mut self,
        _to: SocketAddr,
        _from: SocketAddr,
        _payload: &[u8],
        _now: Time,
    ) -> bool {
        false
    }
    pub(super) fn relay_unreachable(&mut self, _local: SocketAddr, _remote: SocketAddr, _now: Time) -> bool {
        false
    }
    pub(super) fn ask_for_permission(
        &mut self,
        _base: SocketAddr,
        _peer: SocketAddr,
        _because: Because,
        _now: Time,
    ) {
    }
    pub(super) fn is_permitted(&self, _base: SocketAddr, _peer: SocketAddr) -> bool {
        true
    }
    pub(super) fn bind_channel(
        &mut self,
        _base: SocketAddr,
        _peer: SocketAddr,
        _because: Because,
        _now: Time,
    ) {
    }
    pub(super) fn drop_orphaned_relays(&mut self) {}
    pub(super) fn release_relays(&mut self, _now: Time) {}
    pub(super) fn run_relays(&mut self, _now: Time) {}
    pub(super) fn relays_timeout(&self) -> Option<Time> {
        None
    }
    pub(super) fn transmit_from_base(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
        reason: Option<Reason>,
        because: Because,
        _now: Time,
    ) {
        self.push_transmit(Transmit { from, to, payload: payload.to_vec(), because, reason });
    }
}
