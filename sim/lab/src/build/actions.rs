//! What happens when, by the ids of the world.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use rtclab_net::Attachment;
use rtclab_trace::{LinkId, NodeId, SimTime, Topology as TraceTopology};

use super::nat::nat;
use super::topology::Topology;
use super::{BuildError, LinkChange, properties, sim_time};
use crate::document::{
    Action, Link, LinkOwner, LinkRef, LinkTable, MoveNode, RestartNat, Scenario, TimedChange,
};

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
        change: Box<LinkChange>,
    },
    /// A host leaves one network and joins another.
    Move {
        /// The host.
        node: NodeId,
        /// The network that it joins.
        network: NodeId,
        /// The interface that is moved, and how it is plugged in.
        attachment: Box<Attachment>,
    },
    /// A peer restarts ICE.
    RestartIce(NodeId),
    /// A signaling server stops for good.
    StopSignaling(NodeId),
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

/// What is timed in a document.
#[derive(Clone, Copy, Debug)]
enum Timed<'a> {
    Action(&'a Action),
    /// A change that stands with the properties of a link.
    Change(LinkOwner<'a>, &'a TimedChange),
}

impl Timed<'_> {
    fn at_ms(&self) -> f64 {
        match self {
            Timed::Action(action) => action.at_ms,
            Timed::Change(_, change) => change.at_ms,
        }
    }
}

/// The actions of a scenario and the changes of its links, in the order of time; at one time actions come first.
pub(super) fn actions(scenario: &Scenario, topology: &Topology) -> Result<Vec<TimedAction>, BuildError> {
    let tables = scenario.link_tables();
    let changes = tables
        .iter()
        .flat_map(|table| table.settings.changes.iter().map(|change| Timed::Change(table.owner, change)));
    let mut ordered: Vec<Timed<'_>> = scenario.action.iter().map(Timed::Action).chain(changes).collect();
    ordered.sort_by(|first, second| first.at_ms().total_cmp(&second.at_ms()));
    let mut planner = Planner { scenario, topology, interfaces: BTreeMap::new() };
    for ((node, network), interface) in &topology.interfaces {
        planner.interfaces.insert((node, network), interface.clone());
    }
    let timed = ordered.into_iter().map(|timed| match timed {
        Timed::Action(action) => planner.timed(action),
        Timed::Change(owner, change) => planner.link_change(owner, change, &tables),
    });
    timed.collect()
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
            let change = Box::new(LinkChange::from(&own.set));
            let links = self.links(&own.link, action.at_ms)?;
            changes.extend(links.into_iter().map(|link| Change::Link { link, change: change.clone() }));
        }
        if let Some(own) = &action.move_node {
            text = format!("{} moves to {}", own.node, own.to);
            changes.push(self.move_node(own, action.at_ms)?);
        }
        if let Some(name) = &action.restart_ice {
            text = format!("{name} restarts ICE");
            changes.push(Change::RestartIce(self.topology.id(name)?));
        }
        if let Some(name) = &action.stop_signaling {
            text = format!("the signaling server on {name} stops");
            changes.push(Change::StopSignaling(self.topology.id(name)?));
        }
        Ok(TimedAction { at: sim_time(action.at_ms), changes, text })
    }

    /// A change that stands with the properties of a link: of a network, it changes every attachment that has no changes of its own.
    fn link_change(
        &self,
        owner: LinkOwner<'_>,
        change: &TimedChange,
        tables: &[LinkTable<'_>],
    ) -> Result<TimedAction, BuildError> {
        let attachment = |node: &str, network: &str| -> Result<LinkTarget, BuildError> {
            Ok(LinkTarget::Attachment { node: self.topology.id(node)?, network: self.topology.id(network)? })
        };
        let (name, targets) = match owner {
            LinkOwner::PointToPoint(index) => {
                let label = self.scenario.link.get(index).map(Link::label).unwrap_or_default();
                let link = self.topology.links.get(index).copied().map(LinkTarget::Link);
                let link = link.ok_or_else(|| BuildError::UnknownName(label.clone()))?;
                (label, vec![link])
            }
            LinkOwner::Attachment { node, network } => {
                (format!("{node}/{network}"), vec![attachment(node, network)?])
            }
            LinkOwner::Network(network) => {
                let has_own = |node: &str| {
                    tables.iter().any(|table| {
                        table.owner == LinkOwner::Attachment { node, network }
                            && !table.settings.changes.is_empty()
                    })
                };
                let attached = self.scenario.attachments_at(change.at_ms);
                let followers = attached.iter().filter(|(node, on)| *on == network && !has_own(node));
                let targets = followers.map(|(node, _)| attachment(node, network));
                (network.to_string(), targets.collect::<Result<_, _>>()?)
            }
        };
        let change_of_each = Box::new(LinkChange::from(change));
        let changes = targets.into_iter().map(|link| Change::Link { link, change: change_of_each.clone() });
        let text = format!("the link {name} changes");
        Ok(TimedAction { at: sim_time(change.at_ms), changes: changes.collect(), text })
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

    fn move_node(&mut self, own: &'a MoveNode, at_ms: f64) -> Result<Change, BuildError> {
        let is_left = |(node, network): &&(&str, &str)| {
            *node == own.node && own.from.as_deref().is_none_or(|from| from == *network)
        };
        let left = self.interfaces.keys().find(is_left).copied();
        let interface = left.and_then(|left| self.interfaces.remove(&left));
        let interface = interface.ok_or_else(|| BuildError::UnknownName(own.node.clone()))?;
        let attachment =
            self.topology.attachment(&own.to, own.address.as_ref(), own.link.as_ref(), self.scenario)?;
        // The network may have changed since the start.
        let network = self.scenario.network_settings(&own.to);
        let until_then = network.changes.iter().filter(|change| change.at_ms <= at_ms);
        let mut now = properties(&[&network]);
        for change in until_then {
            now = LinkChange::from(change).apply(&now);
        }
        if let Some(link) = &own.link {
            now = LinkChange::from(link).apply(&now);
        }
        let attachment = attachment.link(now).interface(&interface);
        self.interfaces.insert((&own.node, &own.to), interface);
        Ok(Change::Move {
            node: self.topology.id(&own.node)?,
            network: self.topology.id(&own.to)?,
            attachment: Box::new(attachment),
        })
    }
}
