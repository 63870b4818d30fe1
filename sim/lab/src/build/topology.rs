//! The plan of the network: nodes, networks, attachments and links. Not here: numbering and routes, which the plan does itself.

use std::net::IpAddr;

use indexmap::IndexMap;
use rtclab_net::{Attachment, Families, Plan, Prefix};
use rtclab_trace::{LinkId, NodeId};

use super::behavior::{address, firewall, prefix};
use super::links::properties;
use super::nat::nat;
use super::{BuildError, ProgramSpec};
use crate::document::{IpFamily, Link, LinkSettings, Node, OneOrMany, Scenario};

/// A plan under construction.
pub(super) struct Topology {
    pub(super) plan: Plan,
    pub(super) names: IndexMap<String, NodeId>,
    /// Interface names by node and network, as they are at the start.
    pub(super) interfaces: IndexMap<(String, String), String>,
    /// Point-to-point links, in the order of the document.
    pub(super) links: Vec<LinkId>,
    prefixes: IndexMap<String, Vec<Prefix>>,
}

/// An attachment as a document has it, wherever it says so.
struct Plug<'a> {
    network: &'a str,
    name: Option<&'a str>,
    addresses: Option<&'a OneOrMany<String>>,
    link: Option<&'a LinkSettings>,
    outside: bool,
    metric: Option<u32>,
}

impl Topology {
    pub(super) fn of(scenario: &Scenario) -> Result<Topology, BuildError> {
        let mut topology = Topology {
            plan: Plan::new(),
            names: IndexMap::new(),
            interfaces: IndexMap::new(),
            links: Vec::new(),
            prefixes: IndexMap::new(),
        };
        for (name, node) in &scenario.node {
            topology.add_node(name, node)?;
        }
        for name in scenario.networks() {
            topology.add_network(name, scenario)?;
        }
        for (name, node) in &scenario.node {
            let plugs = plugs(node);
            let mut taken: Vec<String> =
                plugs.iter().filter_map(|plug| plug.name.map(str::to_string)).collect();
            for plug in &plugs {
                let interface = plug.name.map_or_else(|| free_name(&taken), str::to_string);
                topology.attach(name, &interface, plug, scenario)?;
                taken.push(interface);
            }
        }
        for link in &scenario.link {
            topology.connect(link)?;
        }
        for (name, node) in &scenario.node {
            let id = topology.id(name)?;
            for route in &node.route {
                topology.plan.add_route(id, prefix(&route.to)?, address(&route.via)?)?;
            }
        }
        Ok(topology)
    }

    /// The node or network of that name.
    pub(super) fn id(&self, name: &str) -> Result<NodeId, BuildError> {
        self.names.get(name).copied().ok_or_else(|| BuildError::UnknownName(name.to_string()))
    }

    fn add_node(&mut self, name: &str, node: &Node) -> Result<(), BuildError> {
        let (id, role) = if let Some(spec) = &node.nat {
            match nat(spec) {
                Some((config, role)) => (self.plan.add_nat(name, config)?, role),
                None => (self.plan.add_router(name)?, "router without NAT".to_string()),
            }
        } else if let Some(spec) = &node.firewall {
            let (config, role) = firewall(spec)?;
            (self.plan.add_firewall(name, config)?, role)
        } else if node.router {
            (self.plan.add_router(name)?, "router".to_string())
        } else {
            let programs = node.run.iter().flat_map(ProgramSpec::of);
            let roles: Vec<&str> = programs.map(|program| program.role()).collect();
            let role = if roles.is_empty() { "host".to_string() } else { roles.join(", ") };
            (self.plan.add_host(name)?, role)
        };
        self.plan.set_role(id, role)?;
        self.names.insert(name.to_string(), id);
        Ok(())
    }

    fn add_network(&mut self, name: &str, scenario: &Scenario) -> Result<(), BuildError> {
        let network = scenario.network.get(name).cloned().unwrap_or_default();
        let texts = network.prefix.as_ref().map_or(&[][..], OneOrMany::as_slice);
        let prefixes: Vec<Prefix> = texts.iter().map(|text| prefix(text)).collect::<Result<_, _>>()?;
        let id = self.plan.add_network(name, &prefixes, properties(&[&network.link_settings()]))?;
        self.plan.set_families(id, families(network.ip))?;
        if network.ethernet == Some(true) {
            self.plan.set_ethernet(id)?;
        }
        self.names.insert(name.to_string(), id);
        self.prefixes.insert(name.to_string(), prefixes);
        Ok(())
    }

    fn attach(
        &mut self,
        node: &str,
        interface: &str,
        plug: &Plug<'_>,
        scenario: &Scenario,
    ) -> Result<(), BuildError> {
        let (id, network) = (self.id(node)?, self.id(plug.network)?);
        let mut attachment = self.attachment(plug.network, plug.addresses, plug.link, scenario)?;
        attachment = attachment.interface(interface);
        if let Some(metric) = plug.metric {
            attachment = attachment.metric(metric);
        }
        if plug.outside {
            attachment = attachment.outside();
        }
        self.plan.attach(id, network, attachment)?;
        self.interfaces.insert((node.to_string(), plug.network.to_string()), interface.to_string());
        Ok(())
    }

    /// How a node is plugged into a network: addresses with the length of their prefix, and the link's properties.
    pub(super) fn attachment(
        &self,
        network: &str,
        addresses: Option<&OneOrMany<String>>,
        link: Option<&LinkSettings>,
        scenario: &Scenario,
    ) -> Result<Attachment, BuildError> {
        let mut attachment = Attachment::new();
        for text in addresses.map_or(&[][..], OneOrMany::as_slice) {
            let own = address(text)?;
            attachment = attachment.address(own, self.prefix_length(network, own)?);
        }
        if let Some(own) = link {
            attachment = attachment.link(properties(&[&scenario.network_settings(network), own]));
        }
        Ok(attachment)
    }

    fn prefix_length(&self, network: &str, own: IpAddr) -> Result<u8, BuildError> {
        let prefixes = self.prefixes.get(network).map_or(&[][..], Vec::as_slice);
        let fitting = prefixes.iter().find(|prefix| prefix.contains(own));
        fitting.map(|prefix| prefix.length()).ok_or_else(|| BuildError::NotAnAddress(own.to_string()))
    }

    fn connect(&mut self, link: &Link) -> Result<(), BuildError> {
        let [first, second] = &link.between;
        let mut ends = [Attachment::new(), Attachment::new()];
        ends[0] = ends[0].clone().link(properties(&[&link.link_settings()])).families(families(link.ip));
        for text in link.prefix.as_ref().map_or(&[][..], OneOrMany::as_slice) {
            let own = prefix(text)?;
            for (end, number) in ends.iter_mut().zip(1..) {
                let address = own.nth(number).ok_or_else(|| BuildError::NotAnAddress(text.clone()))?;
                *end = end.clone().address(address, own.length());
            }
        }
        let [one, other] = ends;
        let id = self.plan.connect_as(self.id(first)?, one, self.id(second)?, other)?;
        self.links.push(id);
        Ok(())
    }
}

/// `eth0`, `eth1`, …: the first name that is not taken.
fn free_name(taken: &[String]) -> String {
    let mut number = 0;
    loop {
        let name = format!("eth{number}");
        if !taken.contains(&name) {
            return name;
        }
        number += 1;
    }
}

/// Every attachment of a node, in the order of [`Node::networks`].
fn plugs(node: &Node) -> Vec<Plug<'_>> {
    let mut plugs = Vec::new();
    for network in node.network.iter().flat_map(OneOrMany::as_slice) {
        let (addresses, link) = (node.address.as_ref(), node.link.as_ref());
        plugs.push(Plug { network, name: None, addresses, link, outside: false, metric: None });
    }
    for interface in &node.interface {
        plugs.push(Plug {
            network: &interface.network,
            name: interface.name.as_deref(),
            addresses: interface.address.as_ref(),
            link: interface.link.as_ref(),
            outside: false,
            metric: interface.metric,
        });
    }
    for network in node.inside.iter().flat_map(OneOrMany::as_slice) {
        let (addresses, link) = (node.inside_address.as_ref(), node.inside_link.as_ref());
        plugs.push(Plug { network, name: None, addresses, link, outside: false, metric: None });
    }
    if let Some(network) = &node.outside {
        let (addresses, link) = (node.outside_address.as_ref(), node.outside_link.as_ref());
        plugs.push(Plug { network, name: None, addresses, link, outside: true, metric: None });
    }
    plugs
}

fn families(family: Option<IpFamily>) -> Families {
    match family.unwrap_or_default() {
        IpFamily::V4 => Families::V4,
        IpFamily::V6 => Families::V6,
        IpFamily::Dual => Families::Dual,
    }
}
