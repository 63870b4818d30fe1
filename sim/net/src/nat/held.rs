//! SYNs from outside that nobody inside has asked for, held for six seconds (RFC 5382 §4.3, REQ-4). Not here: whether they are
//! ([`super::translate`]).

use std::net::SocketAddrV4;
use std::time::Duration;

use rtclab_trace::SimTime;

use crate::packet::Packet;

/// RFC 5382 REQ-4: as long as the NAT waits for a SYN from inside.
const HELD_FOR: Duration = Duration::from_secs(6);
/// SYNs held at a time; more are dropped at once.
const HELD_MAX: usize = 256;

/// A SYN that waits.
#[derive(Debug)]
struct Waiting {
    number: u32,
    external: SocketAddrV4,
    remote: SocketAddrV4,
    packet: Box<Packet>,
}

/// All SYNs that wait, in the order of their coming.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: Vec<Waiting>,
    next_number: u32,
}

impl Held {
    /// Holds a SYN. Returns when it is to be looked after and its number, or the packet if there are too many.
    pub(super) fn hold(
        &mut self,
        now: SimTime,
        external: SocketAddrV4,
        remote: SocketAddrV4,
        packet: Box<Packet>,
    ) -> Result<(SimTime, u32), Box<Packet>> {
        if self.waiting.len() >= HELD_MAX {
            return Err(packet);
        }
        let number = self.next_number;
        self.next_number += 1;
        self.waiting.push(Waiting { number, external, remote, packet });
        Ok((now + HELD_FOR, number))
    }

    /// The time of a SYN is over: the packet, unless it was taken before.
    pub(super) fn release(&mut self, number: u32) -> Option<Box<Packet>> {
        let place = self.waiting.iter().position(|waiting| waiting.number == number)?;
        Some(self.waiting.remove(place).packet)
    }

    /// The inside has sent a SYN the other way: takes those that it crosses.
    pub(super) fn take_crossing(
        &mut self,
        external: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> impl Iterator<Item = Box<Packet>> + '_ {
        let crosses = move |waiting: &mut Waiting| waiting.external == external && waiting.remote == remote;
        self.waiting.extract_if(.., crosses).map(|waiting| waiting.packet)
    }

    /// Takes them all.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Box<Packet>> + '_ {
        self.waiting.drain(..).map(|waiting| waiting.packet)
    }
}
