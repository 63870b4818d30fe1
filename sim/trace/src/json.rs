//! The stable JSON-lines form: a line for the topology, then a line for each entry. Keys are sorted; times are nanoseconds.

use std::io::{self, Write};

use rtclab_rtc::dns::QuerySnapshot;
use rtclab_rtc::ice;
use rtclab_rtc::sctp::AssociationState;
use serde_json::{Map, Value, json};

use crate::link_state::{Latency, LinkState, LinkWay, Loss, QueueLimit};
use crate::state::{CallState, FlowState, MacEntryState, MappingState, NeighborState, NodeState};
use crate::text::{camel_to_kebab, entity_name, place_name};
use crate::{Change, Entity, Entry, EntryId, Topology, Trace};

/// Counts up whenever a key changes its meaning.
const FORMAT_VERSION: u32 = 1;

impl Trace {
    /// Writes the whole trace as JSON lines.
    pub fn write_json_lines(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", topology_line(self.topology()))?;
        let mut seen = vec![false; self.packets().len()];
        for (id, entry) in self.entries() {
            let mut line = self.entry_json(id);
            if let Entity::Packet(packet) = entry.entity
                && !std::mem::replace(&mut seen[packet.0 as usize], true)
            {
                line.insert("bytes".into(), hex(&self.packets().bytes(packet, 0, 0)).into());
            }
            writeln!(out, "{}", Value::Object(line))?;
        }
        Ok(())
    }

    /// One entry as a JSON object, without the packet's bytes.
    pub fn entry_json(&self, id: EntryId) -> Map<String, Value> {
        let entry = self.entry(id);
        let mut line = Map::new();
        line.insert("id".into(), id.index().into());
        line.insert("at_ns".into(), entry.at.as_nanos().into());
        line.insert("entity".into(), entity_name(self.topology(), entry.entity).into());
        if let Some(cause) = entry.cause {
            line.insert("cause".into(), cause.index().into());
        }
        if let Some(reason) = entry.reason {
            line.insert("reason".into(), reason.text().code.into());
        }
        let (kind, mut fields) = self.change_json(entry);
        if let (Some(frame), Value::Object(fields)) = (self.frame(id), &mut fields) {
            fields.insert(
                "frame".into(),
                json!({ "to": frame.to.to_string(), "from": frame.from.to_string() }),
            );
        }
        line.insert("change".into(), kind.into());
        line.insert("state".into(), fields);
        line
    }

    fn change_json(&self, entry: &Entry) -> (&'static str, Value) {
        let topology = self.topology();
        match &entry.change {
            Change::Hop { link, direction, ttl, version, lost, queued_us, transit } => {
                let (from, to) = topology.hop(*link, *direction);
                let (from, to) = (&topology.node(from).name, &topology.node(to).name);
                let fields = json!({ "link": link.0, "from": from, "to": to, "ttl": ttl, "version": version, "lost": lost,
                    "queued_us": queued_us, "transit_ns": transit.0, "patches": self.patches_json(entry.entity, *version) });
                ("hop", fields)
            }
            Change::Waiting { place, ttl, version } => {
                ("waiting", json!({ "place": place_name(topology, *place), "ttl": ttl, "version": version }))
            }
            Change::Altered { place, version } => {
                let patches = self.patches_json(entry.entity, *version);
                (
                    "altered",
                    json!({ "place": place_name(topology, *place), "version": version, "patches": patches }),
                )
            }
            Change::Replaced { node, version } => {
                ("replaced", json!({ "node": topology.node(*node).name, "version": version }))
            }
            Change::Delivered { node, version } => {
                ("delivered", json!({ "node": topology.node(*node).name, "version": version }))
            }
            Change::Dropped(dropped) => {
                ("dropped", json!({ "place": place_name(topology, dropped.place), "rule": dropped.rule }))
            }
            Change::Captured { end } => ("captured", json!({ "end": topology.end_name(*end) })),
            Change::Node(state) => ("node", node_json(state)),
            Change::Link(state) => ("link", link_json(state)),
            Change::Mapping(state) => ("mapping", mapping_json(state)),
            Change::Flow(state) => ("flow", flow_json(state)),
            Change::Tcp(state) => ("tcp", state.json()),
            Change::Firewall(state) => {
                let rule = |rule: &crate::RuleCount| json!({ "rule": rule.rule, "packets": rule.packets, "bytes": rule.bytes });
                ("firewall", json!({ "rules": state.rules.iter().map(rule).collect::<Vec<_>>() }))
            }
            Change::PathMtu(state) => {
                let fields = json!({ "destination": state.destination.to_string(), "mtu": state.mtu,
                    "expires_at_ns": state.expires_at.as_nanos(), "active": state.active });
                ("path-mtu", fields)
            }
            Change::Neighbor(state) => ("neighbor", neighbor_json(state)),
            Change::MacEntry(state) => ("mac-entry", mac_entry_json(topology, state)),
            Change::Program(state) => ("program", json!({ "name": state.name, "status": state.status })),
            Change::Protocol(change) => protocol_json(change),
            Change::DnsQuery(query) => ("dns-query", dns_query_json(query)),
            Change::PeerConnection(state) => ("peer-connection", state.json()),
            Change::Description(state) => ("description", state.json()),
            Change::Dtls(state) => ("dtls", state.json()),
            Change::Sctp(state) => ("sctp", association_json(state)),
            Change::DataChannel(state) => ("data-channel", state.json()),
            Change::Signal(message) => {
                let fields = json!({ "from": topology.node(message.from).name, "to": topology.node(message.to).name, "kind": message.kind,
                    "text": message.text, "phase": camel_to_kebab(&message.phase) });
                ("signal", fields)
            }
            Change::Call(state) => ("call", call_json(topology, state)),
            Change::Action(action) => ("action", json!({ "words": action.words })),
        }
    }

    fn patches_json(&self, entity: Entity, version: u8) -> Value {
        let Entity::Packet(packet) = entity else { return Value::Null };
        let patches = self.packets().patches(packet, version);
        patches.iter().map(|patch| json!({ "offset": patch.offset, "bytes": hex(&patch.bytes) })).collect()
    }
}

fn topology_line(topology: &Topology) -> Value {
    let nodes: Vec<Value> = topology
        .nodes()
        .map(|(_, node)| json!({ "name": node.name, "kind": node.kind.word(), "role": node.role }))
        .collect();
    let links: Vec<Value> = topology
        .links()
        .map(|(_, link)| {
            let [first, second] = link.nodes.map(|node| &topology.node(node).name);
            json!({ "nodes": [first, second], "interfaces": link.interfaces })
        })
        .collect();
    json!({ "rtclab_trace": FORMAT_VERSION, "nodes": nodes, "links": links })
}

fn association_json(state: &AssociationState) -> Value {
    json!({ "state": state.phase.word(), "local_tag": state.local_tag, "peer_tag": state.peer_tag, "sent": state.sent,
        "acknowledged": state.acknowledged, "received": state.received, "in_flight": state.in_flight, "cwnd": state.cwnd,
        "ssthresh": state.ssthresh, "peer_window": state.peer_window, "waiting": state.waiting,
        "srtt_ns": state.srtt.map(|srtt| srtt.as_nanos() as u64), "rto_ns": state.rto.as_nanos() as u64,
        "retransmissions": state.retransmissions, "abandoned": state.abandoned })
}

fn flow_json(state: &FlowState) -> Value {
    json!({ "protocol": state.protocol.word(), "internal": text(state.internal), "external": text(state.external),
        "expires_at_ns": state.expires_at.as_nanos(), "active": state.active, "rule": state.rule,
        "tcp": state.tcp.map(crate::TcpFlowPhase::word) })
}

fn neighbor_json(state: &NeighborState) -> Value {
    json!({ "interface": state.interface, "address": state.address.to_string(),
        "mac": state.mac.map(|mac| mac.to_string()), "state": state.phase.word() })
}

fn mac_entry_json(topology: &Topology, state: &MacEntryState) -> Value {
    let (node, _) = topology.hop(state.port, crate::Direction::Forward);
    json!({ "mac": state.mac.to_string(), "link": state.port.0, "towards": topology.node(node).name, "active": state.active })
}

fn node_json(state: &NodeState) -> Value {
    let interfaces: Vec<Value> = state
        .interfaces
        .iter()
        .map(|interface| {
            let addresses: Vec<String> =
                interface.addresses.iter().map(|(address, length)| format!("{address}/{length}")).collect();
            let mut fields =
                json!({ "name": interface.name, "addresses": addresses, "network": interface.network });
            if let (Some(mac), Value::Object(fields)) = (interface.mac, &mut fields) {
                fields.insert("mac".into(), mac.to_string().into());
            }
            fields
        })
        .collect();
    json!({ "interfaces": interfaces, "routes": state.routes, "rules": state.rules })
}

fn link_json(state: &LinkState) -> Value {
    let [forward, backward] = state.ways.each_ref().map(way_json);
    json!({ "up": state.up, "forward": forward, "backward": backward })
}

fn way_json(way: &LinkWay) -> Value {
    let nanos = |span: &std::time::Duration| span.as_nanos() as u64;
    let latency = match &way.latency {
        Latency::Constant(latency) => json!({ "constant_ns": nanos(latency) }),
        Latency::Uniform { least, most } => json!({ "least_ns": nanos(least), "most_ns": nanos(most) }),
        Latency::Normal { mean, deviation } => {
            json!({ "mean_ns": nanos(mean), "deviation_ns": nanos(deviation) })
        }
        Latency::List(list) => json!({ "list_ns": list.iter().map(nanos).collect::<Vec<u64>>() }),
    };
    let loss = match &way.loss {
        Loss::Independent(share) => json!({ "share": share }),
        Loss::Bursts(bursts) => json!({ "to_bad": bursts.to_bad, "to_good": bursts.to_good,
            "loss_in_good": bursts.loss_in_good, "loss_in_bad": bursts.loss_in_bad }),
        Loss::Listed(packets) => json!({ "packets": packets }),
    };
    let queue = match way.queue {
        QueueLimit::Packets(packets) => json!({ "packets": packets }),
        QueueLimit::Bytes(bytes) => json!({ "bytes": bytes }),
    };
    let codel = way.codel.as_ref().map(|codel| {
        json!({ "target_ns": nanos(&codel.target), "interval_ns": nanos(&codel.interval), "ecn": codel.ecn })
    });
    json!({ "latency": latency, "reorder": way.reorder, "loss": loss, "duplicate": way.duplicate, "corrupt": way.corrupt,
        "rate_bps": way.rate_bps, "queue": queue, "codel": codel, "mtu": way.mtu })
}

fn mapping_json(state: &MappingState) -> Value {
    let contacted: Vec<String> = state.contacted.iter().map(ToString::to_string).collect();
    json!({ "protocol": state.protocol.word(), "internal": text(state.internal), "external": text(state.external), "bound_to": state.bound_to,
        "contacted": contacted, "expires_at_ns": state.expires_at.as_nanos(), "phase": camel_to_kebab(&state.phase),
        "status": state.status })
}

fn call_json(topology: &Topology, state: &CallState) -> Value {
    let sides: Vec<Value> = state
        .sides
        .iter()
        .map(|side| {
            let selected = side.selected.as_ref().map(|(local, remote)| json!([candidate_json(local), candidate_json(remote)]));
            json!({ "node": topology.node(side.node).name, "connected_at_ns": side.connected_at.map(|at| at.as_nanos()), "selected": selected })
        })
        .collect();
    json!({ "sides": sides, "outcome": camel_to_kebab(&state.outcome), "path": state.path.as_ref().map(camel_to_kebab) })
}

fn candidate_json(candidate: &ice::Candidate) -> Value {
    json!({ "type": candidate.kind.word(), "address": text(candidate.address), "base": text(candidate.base),
        "related": candidate.related.map(text), "foundation": candidate.foundation.to_string(), "priority": candidate.priority,
        "component": candidate.component })
}

fn protocol_json(change: &ice::Change) -> (&'static str, Value) {
    match change {
        ice::Change::Agent(agent) => {
            let selected = agent.selected.as_ref();
            let fields = json!({ "role": camel_to_kebab(&agent.role), "tie_breaker": agent.tie_breaker, "local_ufrag": agent.local_ufrag,
                "remote_ufrag": agent.remote_ufrag, "gathering": camel_to_kebab(&agent.gathering),
                "connection": camel_to_kebab(&agent.connection), "selected_pair": selected.map(|selected| selected.pair) });
            ("ice-agent", fields)
        }
        ice::Change::CheckList(list) => {
            let fields = json!({ "state": camel_to_kebab(&list.state), "pairs": list.pairs, "triggered": list.triggered, "valid": list.valid });
            ("check-list", fields)
        }
        ice::Change::Candidate(candidate) => ("candidate", candidate_json(candidate)),
        ice::Change::Pair(pair) => {
            let fields = json!({ "local": candidate_json(&pair.local), "remote": candidate_json(&pair.remote), "priority": pair.priority,
                "state": camel_to_kebab(&pair.state), "valid": pair.valid, "nominated": pair.nominated });
            ("pair", fields)
        }
        ice::Change::Transaction(transaction) => {
            let fields = json!({ "id": hex(&transaction.id), "method": transaction.method, "to": text(transaction.to),
                "transmissions": transaction.transmissions, "state": camel_to_kebab(&transaction.state) });
            ("transaction", fields)
        }
        ice::Change::Allocation(allocation) => {
            let permissions: Vec<Value> = allocation
                .permissions
                .iter()
                .map(|(peer, until)| json!([peer.to_string(), until.as_nanos()]))
                .collect();
            let channels: Vec<Value> = allocation
                .channels
                .iter()
                .map(|(number, peer, until)| json!([number, text(*peer), until.as_nanos()]))
                .collect();
            let fields = json!({ "client": text(allocation.client), "server": text(allocation.server),
                "relayed": allocation.relayed.map(text), "state": camel_to_kebab(&allocation.state),
                "expires_at_ns": allocation.expires_at.map(|at| at.as_nanos()), "permissions": permissions, "channels": channels });
            ("allocation", fields)
        }
    }
}

fn dns_query_json(query: &QuerySnapshot) -> Value {
    json!({ "name": query.name, "kind": query.kind.to_string(), "server": query.server.map(text), "transmissions": query.transmissions,
        "phase": camel_to_kebab(&query.phase), "answers": query.answers, "ttl_s": query.ttl_s })
}

fn text(address: std::net::SocketAddr) -> String {
    address.to_string()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| write!(out, "{byte:02x}").expect("a string takes what is written"));
    out
}
