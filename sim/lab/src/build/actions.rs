//! What happens when, by the ids of the world.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use rtclab_net::Attachment;
use rtclab_trace::{LinkId, NodeId, SimTime, Topology as TraceTopology};

use super::nat::nat;
use super::topology::Topology;
use super::{BuildError, LinkChange, sim_time};
use crate::document::{Action, LinkRef, MoveNode, RestartNat, Scenario};

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedAction {
    /// When.
    pub at: SimTime,
    /// What, one after the other: a network's links change one by one.
    pub changes: Vec<Change>,
    /// The same for people: `nat-a forgets its mappings`.
    pub text: String,
}

/// A change of the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A NAT forgets its mappings.
    Rebind(NodeId),
    /// A NAT restarts with another outside address.
    RestartNat {
        /// The NAT.
        nat: NodeId,
        /// Its new address.
        address: Ipv4Addr,
    },
    /// A link goes down, or comes up.
    LinkUp {
        /// Which link.
        link: LinkTarget,
        /// Whether it comes up.
        up: bool,
    },
    /// A link gets other properties.
    Link {
        /// Which link.
        link: LinkTarget,
        /// Which properties.
        change: LinkChange,
    },
    /// A host leaves one network and joins another.
    Move {
        /// The host.
        node: NodeId,
        /// The network that it joins.
        network: NodeId,
        /// The interface that is moved, and how it is plugged in.
        attachment: Attachment,
    },
    /// A peer restarts ICE.
    RestartIce(NodeId),
}

/// A link, as far as it is known before the run: a host that moves gets a new link then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// By its id.
    Link(LinkId),
    /// A node's newest link to a network.
    Attachment {
        /// The node.
        node: NodeId,
        /// The network.
        network: NodeId,
    },
}

impl LinkTarget {
    /// The link's id, in the topology as it is at the time of the action.
    pub fn find(self, topology: &TraceTopology) -> Option<LinkId> {
        match self {
            LinkTarget::Link(link) => Some(link),
            LinkTarget::Attachment { node, network } => {
                let own = topology.links().filter(|(_, link)| link.nodes == [node, network]);
                own.map(|(id, _)| id).last()
            }
        }
    }
}

/// The actions of a scenario, in the order of time.
pub(super) fn actions(scenario: &Scenario, topology: &Topology) -> Result<Vec<TimedAction>, BuildError> {
    let mut ordered: Vec<&Action> = scenario.action.iter().collect();
    ordered.sort_by(|first, second| first.at_ms.total_cmp(&second.at_ms));
    let mut planner = Planner { scenario, topology, interfaces: BTreeMap::new() };
    for ((node, network), interface) in &topology.interfaces {
        planner.interfaces.insert((node, network), interface.clone());
    }
    ordered.into_iter().map(|action| planner.timed(action)).collect()
}

struct Planner<'a> {
    scenario: &'a Scenario,
    topology: &'a Topology,
    /// Interface names by node and network, as moves change them.
    interfaces: BTreeMap<(&'a str, &'a str), String>,
}

impl<'a> Planner<'a> {
    fn timed(&mut self, action: &'a Action) -> Result<TimedAction, BuildError> {
        let mut changes = Vec::new();
        let mut text = String::new();
        if let Some(name) = &action.rebind {
            text = format!("{name} forgets its mappings");
            // A NAT that an override has made a plain router has nothing to forget.
            let spec = self.scenario.node.get(name).and_then(|node| node.nat.as_ref());
            if spec.is_some_and(|spec| nat(spec).is_some()) {
                changes.push(Change::Rebind(self.topology.id(name)?));
            }
        }
        if let Some(RestartNat { nat: name, address }) = &action.restart_nat {
            text = format!("{name} restarts as {address}");
            let spec = self.scenario.node.get(name).and_then(|node| node.nat.as_ref());
            if spec.is_some_and(|spec| nat(spec).is_some()) {
                let address = address.parse().map_err(|_| BuildError::NotAnAddress(address.clone()))?;
                changes.push(Change::RestartNat { nat: self.topology.id(name)?, address });
            }
        }
        for (name, up) in [(&action.link_down, false), (&action.link_up, true)] {
            let Some(name) = name else { continue };
            text = format!("the link {name} {}", if up { "comes up" } else { "goes down" });
            let links = self.links(name, action.at_ms)?;
            changes.extend(links.into_iter().map(|link| Change::LinkUp { link, up }));
        }
        if let Some(own) = &action.change_link {
            text = format!("the link {} changes", own.link);
            let change = LinkChange(own.set);
            let links = self.links(&own.link, action.at_ms)?;
            changes.extend(links.into_iter().map(|link| Change::Link { link, change }));
        }
        if let Some(own) = &action.move_node {
            text = format!("{} moves to {}", own.node, own.to);
            changes.push(self.move_node(own)?);
        }
        if let Some(name) = &action.restart_ice {
            text = format!("{name} restarts ICE");
            changes.push(Change::RestartIce(self.topology.id(name)?));
        }
        Ok(TimedAction { at: sim_time(action.at_ms), changes, text })
    }

    fn links(&self, name: &str, at_ms: f64) -> Result<Vec<LinkTarget>, BuildError> {
        let unknown = || BuildError::UnknownName(name.to_string());
        let links = self.scenario.links_named(name, at_ms).map_err(|_| unknown())?;
        let target = |link| match link {
            LinkRef::PointToPoint(index) => {
                self.topology.links.get(index).copied().map(LinkTarget::Link).ok_or_else(unknown)
            }
            LinkRef::Attachment { node, network } => Ok(LinkTarget::Attachment {
                node: self.topology.id(&node)?,
                network: self.topology.id(&network)?,
            }),
        };
        links.into_iter().map(target).collect()
    }

    fn move_node(&mut self, own: &'a MoveNode) -> Result<Change, BuildError> {
        let is_left = |(node, network): &&(&str, &str)| {
            *node == own.node && own.from.as_deref().is_none_or(|from| from == *network)
        };
        let left = self.interfaces.keys().find(is_left).copied();
        let interface = left.and_then(|left| self.interfaces.remove(&left));
        let interface = interface.ok_or_else(|| BuildError::UnknownName(own.node.clone()))?;
        let attachment =
            self.topology.attachment(&own.to, own.address.as_ref(), own.link.as_ref(), self.scenario)?;
        self.interfaces.insert((&own.node, &own.to), interface.clone());
        Ok(Change::Move {
            node: self.topology.id(&own.node)?,
            network: self.topology.id(&own.to)?,
            attachment: attachment.interface(interface),
        })
    }
}
