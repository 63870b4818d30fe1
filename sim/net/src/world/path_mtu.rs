//! Path MTU discovery: what a node learns from "packet too big", and what the trace hears of it (RFC 1191, RFC 8201). Not here: what it
//! knows (`host::path_mtu`), and how it sends (`world::send`).

use std::net::IpAddr;

use rtclab_trace::{Change, Entity, EntryId, NetReason, NodeId};

use super::Net;
use crate::host::path_mtu::{self, News};
use crate::packet::Event;
use crate::wire::ip::Header;

impl Net {
    /// The longest packet that a node may send to a destination, by a link of this MTU.
    #[inline]
    pub(crate) fn path_mtu(&self, node: NodeId, destination: IpAddr, link_mtu: u32) -> u32 {
        self.node(node).path_mtus.towards(destination).map_or(link_mtu, |known| known.min(link_mtu))
    }

    /// A router reported that a packet, which `quoted` begins, was too big.
    pub(super) fn learn_path_mtu(
        &mut self,
        node: NodeId,
        quoted: &[u8],
        reported: u32,
        cause: Option<EntryId>,
    ) {
        let Ok(inner) = Header::parse_quoted(quoted) else { return };
        // Only what this node sent: a report about anything else is a mistake, or an attack (RFC 8201 §6).
        if !self.node(node).has_address(inner.source) {
            return;
        }
        let length = quoted.get(2..4).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
        let Some(mtu) = path_mtu::believable(inner.is_ipv4(), reported, length) else { return };
        // RFC 1191 §3, RFC 8201 §4: an estimate is never raised by a report.
        let link_mtu = self.mtu_towards(node, inner.destination, None).unwrap_or(u32::MAX);
        if mtu >= self.path_mtu(node, inner.destination, link_mtu) {
            return;
        }
        let now = self.now;
        let (news, forgotten) = self.node_mut(node).path_mtus.learn(inner.destination, mtu, now);
        if let Some(forgotten) = forgotten {
            self.tell_path_mtu(node, forgotten, NetReason::PathMtuExpired, cause);
        }
        let (number, at) = (news.number, news.state.expires_at);
        let told = self.tell_path_mtu(node, news, NetReason::PathMtuLearnt, cause);
        self.node_mut(node).path_mtus.told(number, told);
        self.queue.push(at, Event::PathMtu { node, number });
    }

    /// The MTU of the link by which a node would send to a destination; `only` by one interface, if given.
    pub(crate) fn mtu_towards(&self, node: NodeId, destination: IpAddr, only: Option<u16>) -> Option<u32> {
        let path = self.path(node, destination, only).ok()?;
        Some(self.link_mtu(node, path))
    }

    /// The event that looks after a path. Returns whether it was forgotten.
    pub(super) fn path_mtu_due(&mut self, node: NodeId, number: u32) -> bool {
        let now = self.now;
        let paths = &mut self.node_mut(node).path_mtus;
        // What was learnt again since has an event of its own.
        if paths.expires_at(number).is_none_or(|at| at > now) {
            return false;
        }
        let Some(news) = paths.forget(number) else { return false };
        let learnt = news.before;
        self.tell_path_mtu(node, news, NetReason::PathMtuExpired, learnt);
        true
    }

    fn tell_path_mtu(
        &mut self,
        node: NodeId,
        news: News,
        reason: NetReason,
        cause: Option<EntryId>,
    ) -> Option<EntryId> {
        let change = Change::PathMtu(Box::new(news.state));
        self.record(Entity::PathMtu(node, news.number), change, Some(reason.into()), cause)
    }
}
