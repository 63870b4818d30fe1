//! What the network came to: queue and loss of each link, what firewalls have counted and remember, what NATs still map, whom nodes and switches
//! know on Ethernet networks. Read from the trace, so that every view says the same; a summary has none of it.

use rtclab_trace::{
    Change, Direction, Entity, FlowState, LinkLoad, MacAddress, MappingPhase, MappingState, NeighborState,
    RuleCount, SimTime, Trace,
};
use serde_json::{Value, json};

use super::Outcome;

/// What packets met on one way along a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkReport {
    /// The node that it leaves, and the node that it leads to.
    pub ends: [String; 2],
    /// The numbers.
    pub load: LinkLoad,
}

/// A firewall at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallReport {
    /// Its node.
    pub name: String,
    /// What each rule has decided, in their order; before them what belongs to known flows, after them what no rule matched.
    pub rules: Vec<RuleCount>,
    /// The flows that it still remembers.
    pub flows: Vec<FlowState>,
}

/// A NAT at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatReport {
    /// Its node.
    pub name: String,
    /// The mappings that it still has, in the order in which they were made.
    pub mappings: Vec<MappingState>,
    /// How many it has had that ended before.
    pub ended: u64,
}

/// A node on an Ethernet network at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighborsReport {
    /// The node.
    pub name: String,
    /// The neighbors in its cache, in the order in which they were found.
    pub neighbors: Vec<NeighborState>,
}

/// A switch of Ethernet at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchReport {
    /// Its network.
    pub name: String,
    /// The stations that it knows, in the order in which they were learnt, each with the node that the port leads to.
    pub stations: Vec<(MacAddress, String)>,
}

/// Links, firewalls, NATs and Ethernet networks of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkReport {
    /// When the run ended: what the timers of mappings and flows count from.
    pub ended_at: SimTime,
    /// Each way along each link that packets went, in the order of links.
    pub links: Vec<LinkReport>,
    /// The firewalls that have decided anything, in the order of nodes.
    pub firewalls: Vec<FirewallReport>,
    /// The NATs that have mapped anything, in the order of nodes.
    pub nats: Vec<NatReport>,
    /// The nodes that know anybody on an Ethernet network, in their order.
    pub neighbors: Vec<NeighborsReport>,
    /// The switches that know anybody, in the order of nodes.
    pub switches: Vec<SwitchReport>,
}

impl Outcome {
    /// What the network came to. Empty in summary mode.
    pub fn network(&self) -> NetworkReport {
        let trace = &self.trace;
        let links = trace.link_loads().into_iter().map(|load| {
            let (from, to) = trace.topology().hop(load.link, load.direction);
            LinkReport { ends: [from, to].map(|node| trace.topology().node(node).name.clone()), load }
        });
        let mut report =
            NetworkReport { ended_at: self.ended_at, links: links.collect(), ..Default::default() };
        for (node, info) in trace.topology().nodes() {
            let on_node: Vec<&Change> =
                trace.entities_on(node).filter_map(|entity| latest(trace, entity)).collect();
            report.firewalls.extend(firewall(&info.name, &on_node));
            report.nats.extend(nat(&info.name, &on_node));
            report.neighbors.extend(neighbors(&info.name, &on_node));
            report.switches.extend(switch(trace, &info.name, &on_node));
        }
        report
    }
}

fn latest(trace: &Trace, entity: Entity) -> Option<&Change> {
    let is_network = matches!(
        entity,
        Entity::Mapping(..)
            | Entity::Flow(..)
            | Entity::Firewall(_)
            | Entity::Neighbor(..)
            | Entity::MacEntry(..)
    );
    let last = trace.latest_at(entity, SimTime::MAX).filter(|_| is_network)?;
    Some(&trace.entry(last).change)
}

fn firewall(name: &str, changes: &[&Change]) -> Option<FirewallReport> {
    let rules = changes.iter().find_map(|change| match change {
        Change::Firewall(state) => Some(state.rules.clone()),
        _ => None,
    })?;
    let flows = changes.iter().filter_map(|change| match change {
        Change::Flow(flow) if flow.active => Some((**flow).clone()),
        _ => None,
    });
    Some(FirewallReport { name: name.to_owned(), rules, flows: flows.collect() })
}

fn nat(name: &str, changes: &[&Change]) -> Option<NatReport> {
    let all = changes.iter().filter_map(|change| match change {
        Change::Mapping(mapping) => Some(&**mapping),
        _ => None,
    });
    let (mappings, ended): (Vec<&MappingState>, Vec<&MappingState>) =
        all.partition(|mapping| mapping.phase == MappingPhase::Active);
    if mappings.is_empty() && ended.is_empty() {
        return None;
    }
    Some(NatReport {
        name: name.to_owned(),
        mappings: mappings.into_iter().cloned().collect(),
        ended: ended.len() as u64,
    })
}

fn neighbors(name: &str, changes: &[&Change]) -> Option<NeighborsReport> {
    let kept = changes.iter().filter_map(|change| match change {
        Change::Neighbor(neighbor) if neighbor.phase.is_kept() => Some((**neighbor).clone()),
        _ => None,
    });
    let neighbors: Vec<NeighborState> = kept.collect();
    (!neighbors.is_empty()).then(|| NeighborsReport { name: name.to_owned(), neighbors })
}

fn switch(trace: &Trace, name: &str, changes: &[&Change]) -> Option<SwitchReport> {
    let known = changes.iter().filter_map(|change| match change {
        Change::MacEntry(entry) if entry.active => {
            let (node, _) = trace.topology().hop(entry.port, Direction::Forward);
            Some((entry.mac, trace.topology().node(node).name.clone()))
        }
        _ => None,
    });
    let stations: Vec<(MacAddress, String)> = known.collect();
    (!stations.is_empty()).then(|| SwitchReport { name: name.to_owned(), stations })
}

// ---- the keys that other programs rely on ----

pub(super) fn neighbors_json(report: &NetworkReport) -> Vec<Value> {
    let neighbor = |neighbor: &NeighborState| {
        json!({
            "interface": neighbor.interface,
            "address": neighbor.address.to_string(),
            "mac": neighbor.mac.map(|mac| mac.to_string()),
            "state": neighbor.phase.word(),
        })
    };
    let node = |NeighborsReport { name, neighbors }: &NeighborsReport| json!({ "node": name, "neighbors": neighbors.iter().map(neighbor).collect::<Vec<Value>>() });
    report.neighbors.iter().map(node).collect()
}

pub(super) fn switches_json(report: &NetworkReport) -> Vec<Value> {
    let station =
        |(mac, towards): &(MacAddress, String)| json!({ "mac": mac.to_string(), "towards": towards });
    let switch = |SwitchReport { name, stations }: &SwitchReport| json!({ "network": name, "stations": stations.iter().map(station).collect::<Vec<Value>>() });
    report.switches.iter().map(switch).collect()
}

pub(super) fn links_json(report: &NetworkReport) -> Vec<Value> {
    let link = |LinkReport { ends, load }: &LinkReport| {
        json!({
            "from": ends[0],
            "to": ends[1],
            "packets": load.packets,
            "bytes": load.bytes,
            "waited": load.waited,
            "longest_wait_ms": load.longest_wait.as_secs_f64() * 1e3,
            "queue_packets_max": load.fullest.packets,
            "queue_bytes_max": load.fullest.bytes,
            "queue_full": load.queue_full,
            "codel_dropped": load.codel_dropped,
            "marked": load.marked,
            "lost": load.lost,
            "duplicates": load.duplicates,
            "corrupted": load.corrupted,
        })
    };
    report.links.iter().map(link).collect()
}

pub(super) fn firewalls_json(report: &NetworkReport) -> Vec<Value> {
    let rule = |RuleCount { rule, packets, bytes }: &RuleCount| json!({ "rule": rule, "packets": packets, "bytes": bytes });
    let flow = |flow: &FlowState| {
        json!({
            "protocol": flow.protocol.word(),
            "inside": flow.internal.to_string(),
            "outside": flow.external.to_string(),
            "tcp": flow.tcp.map(rtclab_trace::TcpFlowPhase::word),
            "rule": flow.rule,
            "expires_at_ms": flow.expires_at.as_millis_f64(),
        })
    };
    let firewall = |FirewallReport { name, rules, flows }: &FirewallReport| {
        json!({
            "node": name,
            "rules": rules.iter().map(rule).collect::<Vec<Value>>(),
            "flows": flows.iter().map(flow).collect::<Vec<Value>>(),
        })
    };
    report.firewalls.iter().map(firewall).collect()
}

pub(super) fn nats_json(report: &NetworkReport) -> Vec<Value> {
    let mapping = |mapping: &MappingState| {
        json!({
            "protocol": mapping.protocol.word(),
            "inside": mapping.internal.to_string(),
            "outside": mapping.external.to_string(),
            "bound_to": mapping.bound_to,
            "contacted": mapping.contacted.iter().map(ToString::to_string).collect::<Vec<String>>(),
            "status": mapping.status,
            "expires_at_ms": mapping.expires_at.as_millis_f64(),
        })
    };
    let nat = |NatReport { name, mappings, ended }: &NatReport| json!({ "node": name, "mappings": mappings.iter().map(mapping).collect::<Vec<Value>>(), "ended": ended });
    report.nats.iter().map(nat).collect()
}
