//! Addresses become nodes, and each pair of them on a capture interface a link. Not here: what goes over it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rtclab_trace::{
    Change, Encapsulation, Entity, InterfaceState, LinkEnd, LinkId, LinkInfo, NodeId, NodeInfo, NodeKind,
    NodeState, SimTime, Trace,
};

use crate::dissect::arp_addresses;
use crate::outline::{Outline, ether_type};
use crate::words::hardware_address;

/// Nodes of a trace have 16-bit numbers; the last ones are kept for addresses that find no room.
const NODES_MAX: usize = 65_000;

/// Who a packet is from or to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Ip(IpAddr),
    Hardware([u8; 6]),
    /// Nobody knows, or there are too many to tell apart.
    Unknown,
}

/// The interface that a packet was seen on: that of the file, and the number in a Linux cooked header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SeenOn {
    pub(super) interface: u32,
    pub(super) index: u32,
}

/// All nodes and links so far.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    parties: BTreeMap<Party, NodeId>,
    links: BTreeMap<(SeenOn, NodeId, NodeId), LinkId>,
    /// Addresses that found no room.
    pub(super) crowded_out: u64,
}

impl Nodes {
    /// Sender and receiver of a packet, as nodes.
    pub(super) fn of_packet(
        &mut self,
        trace: &mut Trace,
        names: &BTreeMap<IpAddr, String>,
        outline: &Outline<'_>,
        at: SimTime,
    ) -> (NodeId, NodeId) {
        let (from, to) = parties(outline);
        (self.node(trace, names, from, at), self.node(trace, names, to, at))
    }

    /// The node of an address.
    pub(super) fn of_address(
        &mut self,
        trace: &mut Trace,
        names: &BTreeMap<IpAddr, String>,
        address: IpAddr,
        at: SimTime,
    ) -> NodeId {
        self.node(trace, names, Party::Ip(address), at)
    }

    fn node(
        &mut self,
        trace: &mut Trace,
        names: &BTreeMap<IpAddr, String>,
        party: Party,
        at: SimTime,
    ) -> NodeId {
        if let Some(node) = self.parties.get(&party) {
            return *node;
        }
        if party != Party::Unknown && self.parties.len() >= NODES_MAX {
            self.crowded_out += 1;
            return self.node(trace, names, Party::Unknown, at);
        }
        let name = match party {
            Party::Ip(address) => names.get(&address).cloned().unwrap_or_else(|| address.to_string()),
            Party::Hardware(address) => hardware_address(&address),
            Party::Unknown => "unknown".to_string(),
        };
        let node = trace.add_node(NodeInfo { name, kind: NodeKind::Address, role: String::new() });
        self.parties.insert(party, node);
        if let Party::Ip(address) = party {
            let length = if address.is_ipv4() { 32 } else { 128 };
            let interface = InterfaceState {
                name: String::new(),
                addresses: vec![(address, length)],
                network: None,
                mac: None,
            };
            let state = NodeState { interfaces: vec![interface], routes: Vec::new(), rules: Vec::new() };
            trace.record(at, Entity::Node(node), Change::Node(Box::new(state)), None, None);
        }
        node
    }

    /// The end of the link between two nodes at which a packet leaves.
    pub(super) fn end(
        &mut self,
        trace: &mut Trace,
        seen_on: SeenOn,
        name: &str,
        encapsulation: Encapsulation,
        (from, to): (NodeId, NodeId),
    ) -> LinkEnd {
        let (first, second) = (from.min(to), from.max(to));
        let link = *self.links.entry((seen_on, first, second)).or_insert_with(|| {
            let interfaces = [name.to_string(), name.to_string()];
            let link = LinkInfo { nodes: [first, second], interfaces, encapsulation };
            trace.topology_mut().add_link(link)
        });
        LinkEnd { link, end: u8::from(from != first) }
    }
}

/// IP addresses where there are some, those of an ARP message, else hardware addresses.
fn parties(outline: &Outline<'_>) -> (Party, Party) {
    if let Some((from, to)) = outline.addresses() {
        return (Party::Ip(from), Party::Ip(to));
    }
    if outline.link.ether_type == Some(ether_type::ARP)
        && let Some((from, to)) = arp_addresses(outline.content())
    {
        return (Party::Ip(from.into()), Party::Ip(to.into()));
    }
    let party = |address: Option<[u8; 6]>| address.map_or(Party::Unknown, Party::Hardware);
    (party(outline.link.hardware.0), party(outline.link.hardware.1))
}
