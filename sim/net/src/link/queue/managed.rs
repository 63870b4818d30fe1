//! A queue that decides what becomes of a packet when it is about to leave. Not here: by which rule ([`super::codel`]).

use std::collections::VecDeque;
use std::time::Duration;

use rtclab_trace::{Codel, QueueLimit, SimTime};

use super::codel::{Control, Head, Verdict};
use crate::packet::Packet;
use crate::wire::ip;

/// A packet that waits.
#[derive(Debug)]
struct Waiting {
    packet: Box<Packet>,
    since: SimTime,
    /// How often the link had been cut when it came.
    cuts: u32,
}

/// A packet that ends in the queue.
#[derive(Debug)]
pub(crate) enum Lost {
    /// To keep waits short, after this one.
    Waited(Box<Packet>, Duration),
    /// Because the link was cut in the meantime.
    Cut(Box<Packet>),
}

/// The packets that wait, and the state of the rule.
#[derive(Debug, Default)]
pub(crate) struct Managed {
    waiting: VecDeque<Waiting>,
    bytes: u64,
    control: Control,
    /// Whether an event looks after the head.
    pub(crate) looked_after: bool,
}

impl Managed {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a packet of this length still fits.
    pub(crate) fn fits(&self, length: usize, limit: QueueLimit) -> bool {
        match limit {
            QueueLimit::Packets(packets) => self.waiting.len() < packets as usize,
            QueueLimit::Bytes(bytes) => self.bytes.saturating_add(length as u64) <= bytes,
        }
    }

    pub(crate) fn hold(&mut self, packet: Box<Packet>, since: SimTime, cuts: u32) {
        self.bytes += packet.bytes.len() as u64;
        self.waiting.push_back(Waiting { packet, since, cuts });
    }

    /// A packet came to an idle link and need not wait.
    pub(crate) fn passed_by(&mut self) {
        self.control.emptied();
    }

    /// Takes packets from the head until one leaves, with a mark or without; none does if all are gone. Without CoDel the first one leaves.
    /// Those before it go to `lost`.
    pub(crate) fn leave(
        &mut self,
        now: SimTime,
        cuts: u32,
        codel: Option<Codel>,
        mtu: u32,
        lost: &mut Vec<Lost>,
    ) -> Option<(Box<Packet>, bool)> {
        let mut turn = codel.map(|codel| self.control.turn(codel, now, mtu));
        while let Some(head) = self.waiting.pop_front() {
            self.bytes -= head.packet.bytes.len() as u64;
            if head.cuts != cuts {
                lost.push(Lost::Cut(head.packet));
                continue;
            }
            let sojourn = now.since(head.since);
            let verdict = turn.as_mut().map_or(Verdict::Pass, |turn| {
                let ecn_capable = ip::ecn(&head.packet.bytes).is_capable();
                turn.decide(Head { sojourn, behind: self.bytes, ecn_capable })
            });
            match verdict {
                Verdict::Drop => lost.push(Lost::Waited(head.packet, sojourn)),
                Verdict::Pass => return Some((head.packet, false)),
                Verdict::Mark => return Some((head.packet, true)),
            }
        }
        self.control.emptied();
        None
    }
}
