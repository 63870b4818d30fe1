//! A node of a running world: its interfaces, its routes and what it is. Not here: what it does with a packet (`world`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use rtclab_trace::{Direction, InterfaceState, LinkId, MacAddress, NodeId, NodeState};

use crate::firewall::Firewall;
use crate::host::HostAddress;
use crate::host::path_mtu::PathMtus;
use crate::host::reassembly::Reassembly;
use crate::host::sockets::Sockets;
use crate::host::source;
use crate::host::streams::Streams;
use crate::link::LinkProperties;
use crate::nat::Nat;
use crate::neighbor::Neighbors;
use crate::plan::Side;
use crate::prefix::Prefix;
use crate::routing::RouteTable;
use crate::station::Stations;

/// An interface.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) link: LinkId,
    /// The way out, from this interface.
    pub(crate) direction: Direction,
    pub(crate) side: Side,
    pub(crate) addresses: Vec<(IpAddr, u8)>,
    /// The network it is attached to; none if its link leads to a node.
    pub(crate) network: Option<NodeId>,
    /// Its hardware address, if that network is one of Ethernet.
    pub(crate) mac: Option<MacAddress>,
    /// Of a host's default routes the one with the lowest metric is taken; none: in the order of interfaces.
    pub(crate) metric: Option<u32>,
}

/// The hardware address of an interface: locally administered, and its own because node and interface are.
pub(crate) fn mac_of(node: NodeId, interface: u16) -> MacAddress {
    let ([a, b], [c, d]) = (node.0.to_be_bytes(), interface.to_be_bytes());
    MacAddress([0x02, 0, a, b, c, d])
}

impl Interface {
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|(own, _)| *own == address)
    }

    pub(crate) fn first(&self, ipv4: bool) -> Option<IpAddr> {
        self.addresses.iter().map(|(own, _)| *own).find(|own| own.is_ipv4() == ipv4)
    }

    /// Its address for talking to `other`, a neighbor: one on the same prefix if there is one.
    pub(crate) fn address_towards(&self, other: IpAddr) -> Option<IpAddr> {
        let on_prefix = |(own, length): &&(IpAddr, u8)| {
            Prefix::new(*own, *length).is_some_and(|prefix| prefix.contains(other))
        };
        self.addresses.iter().find(on_prefix).map(|(own, _)| *own).or_else(|| self.first(other.is_ipv4()))
    }

    /// Its address for packets to `destination`, wherever that is (RFC 6724 §5).
    pub(crate) fn source_for(&self, destination: IpAddr) -> Option<IpAddr> {
        source::select(&self.addresses, destination)
    }
}

/// A network.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) prefixes: Vec<Prefix>,
    pub(crate) link: LinkProperties,
    /// Who has which address: what ARP and neighbor discovery would find.
    pub(crate) neighbors: BTreeMap<IpAddr, LinkId>,
    /// Whether its links carry frames, and who has an address has to be found out.
    pub(crate) ethernet: bool,
    /// What it has learnt from frames.
    pub(crate) stations: Stations,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Kind {
    Host,
    Router,
    Switch(Box<Switch>),
    Nat(Box<Nat>),
    Firewall(Box<Firewall>),
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) static_routes: Vec<(Prefix, IpAddr)>,
    pub(crate) routes: RouteTable,
    pub(crate) sockets: Sockets,
    pub(crate) streams: Streams,
    pub(crate) path_mtus: PathMtus,
    /// What it knows of its neighbors on Ethernet networks; made when it first has to.
    pub(crate) neighbors: Option<Box<Neighbors>>,
    pub(crate) reassembly: Reassembly,
    /// Of the packets that it fragments (RFC 791 §3.2, RFC 8200 §4.5): counted up from a random start, so that no two that are about at the
    /// same time are alike.
    pub(crate) identification: u32,
}

impl Node {
    /// An identification for a packet that is fragmented.
    pub(crate) fn next_identification(&mut self) -> u32 {
        self.identification = self.identification.wrapping_add(1);
        self.identification
    }

    pub(crate) fn has_address(&self, address: IpAddr) -> bool {
        self.interfaces.iter().any(|interface| interface.has(address))
    }

    /// Its addresses, in order of its interfaces.
    pub(crate) fn addresses(&self) -> Vec<HostAddress> {
        let mut addresses = Vec::new();
        for interface in &self.interfaces {
            for &(address, prefix_length) in &interface.addresses {
                addresses.push(HostAddress { interface: interface.name.clone(), address, prefix_length });
            }
        }
        addresses
    }

    /// Which of its interfaces has an address.
    pub(crate) fn interface_with(&self, address: IpAddr) -> Option<u16> {
        self.interfaces.iter().position(|interface| interface.has(address)).map(|index| index as u16)
    }

    pub(crate) fn interface_on(&self, link: LinkId) -> Option<u16> {
        self.interfaces.iter().position(|interface| interface.link == link).map(|index| index as u16)
    }

    pub(crate) fn side(&self, interface: u16) -> Side {
        self.interface(interface).side
    }

    pub(crate) fn is_switch(&self) -> bool {
        matches!(self.kind, Kind::Switch(_))
    }

    pub(crate) fn interface(&self, number: u16) -> &Interface {
        &self.interfaces[usize::from(number)]
    }

    /// As the trace shows it. `name_of` names networks.
    pub(crate) fn state(&self, name_of: impl Fn(NodeId) -> String) -> NodeState {
        let interfaces = self.interfaces.iter().map(|interface| InterfaceState {
            name: interface.name.clone(),
            addresses: interface.addresses.clone(),
            network: interface.network.map(&name_of),
            mac: interface.mac,
        });
        let routes = self.routes.iter().map(|route| {
            let interface = &self.interface(route.interface).name;
            match route.via {
                Some(via) => format!("{} via {via} ({interface})", route.prefix),
                None => format!("{} ({interface})", route.prefix),
            }
        });
        let rules = match &self.kind {
            Kind::Nat(nat) => nat.config().describe(),
            Kind::Firewall(firewall) => firewall.describe(),
            Kind::Switch(switch) => switch.prefixes.iter().map(Prefix::to_string).collect(),
            Kind::Host | Kind::Router => Vec::new(),
        };
        NodeState { interfaces: interfaces.collect(), routes: routes.collect(), rules }
    }
}
