//! What time brings to a server: the end of what nobody refreshed or used. Not here: when it ends; that stands with each thing.

use std::net::SocketAddr;

use super::relays::Reservation;
use super::{ServerOutput, TurnServer};
use crate::output::{Because, Output, Subject};
use crate::reason::Reason;
use crate::time::Time;
use crate::turn::{AllocationState, Change, PeerTransport};

/// What is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wake {
    Allocation(u32),
    Stream(u32),
    Connection(u32),
    Reservation([u8; 8]),
}

impl TurnServer {
    /// Serves whatever is due.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(&(due, wake)) = self.wakes.first() {
            if due > now {
                return;
            }
            self.wakes.pop_first();
            match wake {
                Wake::Allocation(number) => self.wake_allocation(number, now),
                Wake::Stream(number) => self.stream_is_idle(number),
                Wake::Connection(number) => self.connection_is_late(number),
                Wake::Reservation(token) => {
                    if let Some(Reservation { address, username, .. }) = self.reservations.remove(&token) {
                        self.one_less_of(&username);
                        self.output.push_back(ServerOutput::CloseRelay { address });
                    }
                }
            }
        }
    }

    fn wake_allocation(&mut self, number: u32, now: Time) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        allocation.wake = None;
        if allocation.expires_at.is_some_and(|end| end <= now) {
            return self.end(number, AllocationState::Expired, Reason::TurnExpired);
        }
        let reason = match allocation.drop_expired(now) {
            (_, true) => Reason::TurnChannelExpired,
            (_, false) => Reason::TurnPermissionExpired,
        };
        self.tell(number, reason, Because::Input);
    }

    /// When to call [`TurnServer::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Time> {
        self.wakes.first().map(|(due, _)| *due)
    }

    /// Tells the state of an allocation, and files it under its next deadline.
    pub(super) fn tell(&mut self, number: u32, reason: Reason, because: Because) {
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        let deadline = allocation.deadline();
        let old = std::mem::replace(&mut allocation.wake, deadline);
        if let Some(old) = old {
            self.wakes.remove(&(old, Wake::Allocation(number)));
        }
        self.wakes.extend(deadline.map(|deadline| (deadline, Wake::Allocation(number))));
        let Some(snapshot) = self.snapshot(number) else { return };
        let (subject, change) = (Subject::Allocation(number), Change::Allocation(snapshot));
        self.push(Output::Change { subject, change, reason: Some(reason), because });
    }

    /// Ends an allocation: its last state is told, its sockets and connections closed, and it is forgotten.
    pub(super) fn end(&mut self, number: u32, state: AllocationState, reason: Reason) {
        let connections: Vec<u32> = self.connections_of(number).iter().map(|held| held.id).collect();
        for connection in connections {
            self.drop_connection(connection);
        }
        let Some(allocation) = self.allocations.get_mut(&number) else { return };
        allocation.state = state;
        allocation.expires_at = None;
        allocation.permissions.clear();
        allocation.channels.clear();
        self.tell(number, reason, Because::Input);
        let Some(allocation) = self.allocations.remove(&number) else { return };
        self.by_five_tuple.remove(&allocation.five_tuple);
        if let Some((ticket, before)) = allocation.tickets {
            self.by_ticket.remove(&ticket);
            before.map(|before| self.by_ticket.remove(&before));
        }
        self.one_less_of(&allocation.username);
        for address in allocation.relays.all() {
            self.close_relay(allocation.peers_over, address);
        }
    }

    pub(super) fn close_relay(&mut self, peers_over: PeerTransport, address: SocketAddr) {
        self.output.push_back(match peers_over {
            PeerTransport::Udp => {
                self.by_relayed.remove(&address);
                ServerOutput::CloseRelay { address }
            }
            PeerTransport::Tcp => {
                self.by_listener.remove(&address);
                ServerOutput::CloseListener { address }
            }
        });
    }

    pub(super) fn one_less_of(&mut self, username: &str) {
        if let Some(count) = self.by_user.get_mut(username) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_user.remove(username);
            }
        }
    }
}
