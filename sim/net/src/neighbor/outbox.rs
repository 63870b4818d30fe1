//! What a cache of neighbors asks of the world: entries, events, questions, and the end of packets that waited in vain.

use rtclab_trace::{EntryId, MacAddress, NeighborPhase, NetReason, SimTime};

use super::{Held, Key};

/// A neighbor has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) number: u32,
    pub(crate) key: Key,
    pub(crate) mac: Option<MacAddress>,
    pub(crate) phase: NeighborPhase,
    pub(crate) reason: NetReason,
    pub(crate) cause: Option<EntryId>,
}

/// A neighbor is to be asked: everybody, or itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) key: Key,
    pub(crate) to: Option<MacAddress>,
}

/// Everything that the world has to do.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) news: Vec<News>,
    /// When neighbors have to be looked after, by number.
    pub(crate) wakes: Vec<(SimTime, u32)>,
    pub(crate) asks: Vec<Ask>,
    /// Packets that waited for a neighbor in vain, and why.
    pub(crate) lost: Vec<(Held, Key, NetReason)>,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.news.is_empty() && self.wakes.is_empty() && self.asks.is_empty() && self.lost.is_empty()
    }
}
