//! What the owner of a world may do to it between steps. Each action is told by entries, because of `cause`. Not here: the timed actions
//! of a scenario (`rtclab-lab`), which call these.

use std::net::{IpAddr, Ipv4Addr};

use rtclab_trace::{Direction, Encapsulation, EntryId, LinkId, LinkInfo, NodeId};

use super::{Call, Net, What, World};
use crate::error::{ActionError, PlanError};
use crate::link::{Link, LinkProperties};
use crate::node::{Interface, Kind, mac_of};
use crate::plan::{Attachment, Families, Side, check_address, check_link, free_address};
use crate::program::ProgramId;
use crate::routing;

impl World {
    /// Gives a link other properties, for packets sent from now on.
    pub fn set_link(
        &mut self,
        link: LinkId,
        properties: impl Into<LinkProperties>,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        let properties = properties.into();
        check_link(&properties)?;
        self.net.known_link(link)?.set_properties(properties);
        Ok(self.net.record_link(link, cause))
    }

    /// The properties of a link as they are now.
    pub fn link(&self, link: LinkId) -> Option<LinkProperties> {
        let [forward, backward] = &self.net.links.get(link.0 as usize)?.ways;
        Some(LinkProperties {
            forward: forward.properties().clone(),
            backward: backward.properties().clone(),
        })
    }

    /// Cuts a link, and what is on it; or joins it again. Routes do not follow: they are computed from what is there, not from what works.
    pub fn set_link_up(
        &mut self,
        link: LinkId,
        up: bool,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        let own = self.net.known_link(link)?;
        if own.up && !up {
            own.cuts += 1;
        }
        own.up = up;
        Ok(self.net.record_link(link, cause))
    }

    /// Makes a NAT forget its mappings, as a restart does.
    pub fn rebind_nat(&mut self, node: NodeId, cause: Option<EntryId>) -> Result<(), ActionError> {
        let own = self.net.nodes.get_mut(usize::from(node.0)).ok_or(ActionError::UnknownNode)?;
        let Kind::Nat(nat) = &mut own.kind else { return Err(ActionError::NotANat(own.name.clone())) };
        nat.rebind(cause);
        self.net.hear_nat(node);
        self.tell_programs(node, cause, || What::NatRestarted);
        Ok(())
    }

    /// Restarts a NAT, which then has `address` outside instead of its first external address: what it mapped is forgotten, and nobody
    /// outside knows where it is.
    pub fn readdress_nat(
        &mut self,
        node: NodeId,
        address: Ipv4Addr,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        self.net.may_have(node, address)?;
        self.rebind_nat(node, cause)?;
        self.net.readdress(node, address, cause)
    }

    /// Plugs an interface of a host (its first, unless `attachment` names one) into another network. Addresses are given by `attachment`,
    /// or by the network. Every program of the host is told.
    pub fn move_node(
        &mut self,
        node: NodeId,
        network: NodeId,
        attachment: Attachment,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        let entry = self.net.move_node(node, network, attachment, cause)?;
        self.tell_programs(node, entry.or(cause), || What::AddressesChanged);
        Ok(entry)
    }

    /// Calls every program of a node.
    fn tell_programs(&mut self, node: NodeId, input: Option<EntryId>, what: impl Fn() -> What) {
        for program in 0..self.programs[usize::from(node.0)].len() {
            let program = ProgramId(program as u32);
            self.call(Call { node, program, input, what: what() });
        }
        self.make_calls();
    }
}

impl Net {
    /// Gives the first outside IPv4 address of a node a new value, on the same network.
    fn readdress(
        &mut self,
        node: NodeId,
        new: Ipv4Addr,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        let (at, place, old, _) = self.outside_ipv4(node)?;
        let interface = self.node(node).interface(at);
        let (network, link) = (interface.network, interface.link);
        if let Some(network) = network
            && let Kind::Switch(switch) = &mut self.node_mut(network).kind
        {
            switch.neighbors.remove(&old);
            switch.neighbors.insert(new.into(), link);
        }
        let own = self.node_mut(node);
        own.interfaces[usize::from(at)].addresses[place].0 = new.into();
        if let (Kind::Nat(nat), IpAddr::V4(old)) = (&mut own.kind, old) {
            nat.replace_address(old, new);
        }
        routing::compute(&mut self.nodes, &self.ends);
        let entry = self.record_node(node, cause);
        self.announce(node, at, entry.or(cause));
        Ok(entry)
    }

    /// The first outside IPv4 address of a node: interface, place there, address and prefix length.
    fn outside_ipv4(&self, node: NodeId) -> Result<(u16, usize, IpAddr, u8), ActionError> {
        let own = self.nodes.get(usize::from(node.0)).ok_or(ActionError::UnknownNode)?;
        let outside =
            own.interfaces.iter().enumerate().filter(|(_, interface)| interface.side == Side::Outside);
        let ipv4 = |(at, interface): (usize, &Interface)| {
            let place = interface.addresses.iter().position(|(address, _)| address.is_ipv4())?;
            let (address, length) = interface.addresses[place];
            Some((at as u16, place, address, length))
        };
        outside.into_iter().find_map(ipv4).ok_or_else(|| ActionError::NotANat(own.name.clone()))
    }

    /// Whether a node may have another first outside address: one that is a host's, on the network that it is attached to, and nobody else's.
    fn may_have(&self, node: NodeId, new: Ipv4Addr) -> Result<(), ActionError> {
        let (at, _, _, length) = self.outside_ipv4(node)?;
        check_address(new.into(), length)?;
        let interface = self.node(node).interface(at);
        let Some(network) = interface.network else { return Ok(()) };
        let own = self.node(network);
        let Kind::Switch(switch) = &own.kind else { return Ok(()) };
        let (address, name) = (IpAddr::V4(new), || own.name.clone());
        if switch.neighbors.get(&address).is_some_and(|other| *other != interface.link) {
            return Err(PlanError::DuplicateAddress { network: name(), address }.into());
        }
        if !switch.prefixes.iter().any(|prefix| prefix.contains(address)) {
            return Err(PlanError::AddressNotOnNetwork { network: name(), address }.into());
        }
        Ok(())
    }

    fn known_link(&mut self, link: LinkId) -> Result<&mut Link, ActionError> {
        self.links.get_mut(link.0 as usize).ok_or(ActionError::UnknownLink)
    }

    fn move_node(
        &mut self,
        node: NodeId,
        network: NodeId,
        attachment: Attachment,
        cause: Option<EntryId>,
    ) -> Result<Option<EntryId>, ActionError> {
        let own = self.nodes.get(usize::from(node.0)).ok_or(ActionError::UnknownNode)?;
        if !matches!(own.kind, Kind::Host) {
            return Err(ActionError::NotAHost(own.name.clone()));
        }
        let interface = match &attachment.interface {
            None => 0,
            Some(name) => {
                own.interfaces.iter().position(|interface| interface.name == *name).ok_or_else(|| {
                    ActionError::UnknownInterface { node: own.name.clone(), interface: name.clone() }
                })?
            }
        };
        let Some(before) = own.interfaces.get(interface).cloned() else {
            let interface = attachment.interface.unwrap_or_default();
            return Err(ActionError::UnknownInterface { node: own.name.clone(), interface });
        };
        let target = self.nodes.get(usize::from(network.0)).ok_or(ActionError::UnknownNode)?;
        let Kind::Switch(switch) = &target.kind else {
            return Err(ActionError::NotANetwork(target.name.clone()));
        };
        let properties = attachment.link.clone().unwrap_or_else(|| switch.link.clone());
        check_link(&properties)?;
        let addresses = self.addresses_on(network, &attachment, &before)?;
        let encapsulation = if switch.ethernet { Encapsulation::Ethernet } else { Encapsulation::Ip };
        let link = self.plug(node, network, &before.name, properties, encapsulation);
        self.withdraw(&before);
        if before.link != link {
            let old = self.link_mut(before.link);
            old.cuts += 1;
            old.up = false;
            self.record_link(before.link, cause);
        }
        self.node_mut(node).interfaces[interface] = Interface {
            link,
            direction: Direction::Forward,
            addresses: addresses.clone(),
            network: Some(network),
            mac: (encapsulation == Encapsulation::Ethernet).then(|| mac_of(node, interface as u16)),
            ..before
        };
        if let Kind::Switch(switch) = &mut self.node_mut(network).kind {
            switch.neighbors.extend(addresses.iter().map(|(address, _)| (*address, link)));
        }
        self.number_ends();
        routing::compute(&mut self.nodes, &self.ends);
        self.record_link(link, cause);
        let entry = self.record_node(node, cause);
        self.greet(node, interface as u16, entry.or(cause));
        Ok(entry)
    }

    /// An interface has come to another network: it knows nobody there, and tells everybody that it is there.
    fn greet(&mut self, node: NodeId, interface: u16, cause: Option<EntryId>) {
        if self.node(node).neighbors.is_some() {
            self.neighbors_of(node).leave(interface, cause);
            self.hear_neighbors(node);
        }
        self.announce(node, interface, cause);
    }

    /// The addresses that an attachment gets on a network.
    fn addresses_on(
        &self,
        network: NodeId,
        attachment: &Attachment,
        before: &Interface,
    ) -> Result<Vec<(IpAddr, u8)>, PlanError> {
        let own = self.node(network);
        let Kind::Switch(switch) = &own.kind else { return Err(PlanError::NotANetwork(own.name.clone())) };
        // What the interface itself had there does not stand in its way.
        let taken = |address: IpAddr| switch.neighbors.get(&address).is_some_and(|&link| link != before.link);
        for &(address, length) in &attachment.addresses {
            check_address(address, length)?;
            if taken(address) {
                return Err(PlanError::DuplicateAddress { network: own.name.clone(), address });
            }
        }
        if !attachment.addresses.is_empty() {
            return Ok(attachment.addresses.clone());
        }
        let families = attachment.families.unwrap_or(Families::Dual);
        let prefixes = switch.prefixes.iter().filter(|prefix| families.has(prefix.is_ipv4()));
        let number = |&prefix: &crate::prefix::Prefix| {
            let exhausted = PlanError::PrefixExhausted { network: own.name.clone(), prefix };
            let address = free_address(prefix, true, taken).ok_or(exhausted)?;
            Ok((address, prefix.length()))
        };
        prefixes.map(number).collect()
    }

    /// The link between an interface and a network: the one of an earlier stay, or a new one.
    fn plug(
        &mut self,
        node: NodeId,
        network: NodeId,
        interface: &str,
        properties: LinkProperties,
        encapsulation: Encapsulation,
    ) -> LinkId {
        let topology = self.trace.topology();
        let earlier = topology
            .links()
            .find(|(_, link)| link.nodes == [node, network] && link.interfaces[0] == interface);
        if let Some((link, _)) = earlier {
            let own = self.link_mut(link);
            own.set_properties(properties);
            own.up = true;
            return link;
        }
        let host = &self.node(node).name;
        let name = format!("{host}.{interface} {}", self.node(network).name);
        let interfaces = [interface.into(), format!("{host}-{interface}")];
        let info = LinkInfo { nodes: [node, network], interfaces, encapsulation };
        self.links.push(Link::new(properties, self.seed, &name).carrying(encapsulation));
        self.ends.push([node, network]);
        self.trace.topology_mut().add_link(info)
    }

    /// Nobody finds the addresses of an interface on its network any more.
    fn withdraw(&mut self, interface: &Interface) {
        let Some(network) = interface.network else { return };
        if let Kind::Switch(switch) = &mut self.node_mut(network).kind {
            switch.neighbors.retain(|_, link| *link != interface.link);
        }
    }
}
