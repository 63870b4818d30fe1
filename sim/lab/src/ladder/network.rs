//! What the network came to, as tables: links with queue and loss, mappings of NATs with their timers, neighbors and stations on Ethernet
//! networks, what firewalls have counted and remember. Not here: where it is read from (`run::network`).

use std::time::Duration;

use rtclab_trace::{FlowState, LinkLoad, MacAddress, MappingState, NeighborState, SimTime, TcpFlowPhase};

use super::rows::{say, write_rows};
use super::style::Style;
use crate::Language;
use crate::run::{FirewallReport, LinkReport, NatReport, NeighborsReport, NetworkReport, SwitchReport};

/// Remote endpoints that are listed of a mapping; the window has all.
const CONTACTS_MAX: usize = 3;

pub(super) fn write(out: &mut String, network: &NetworkReport, style: &Style) {
    write_links(out, &network.links, style);
    write_mappings(out, network, style);
    write_neighbors(out, network, style);
    write_stations(out, network, style);
    write_rules(out, &network.firewalls, style);
    write_flows(out, network, style);
}

/// The links on which packets met something.
fn write_links(out: &mut String, links: &[LinkReport], style: &Style) {
    let count = |count: u64| if count > 0 { count.to_string() } else { String::new() };
    let row = |LinkReport { ends: [from, to], load }: &LinkReport| {
        let waits = load.waited > 0;
        [
            format!("{from} → {to}"),
            load.packets.to_string(),
            if waits { load.fullest.packets.to_string() } else { String::new() },
            if waits { wait(load.longest_wait) } else { String::new() },
            count(load.queue_full + load.codel_dropped),
            count(load.lost),
            others(load, style),
        ]
    };
    let eventful = links.iter().filter(|link| link.load.is_eventful());
    let rows: Vec<[String; 7]> = eventful.map(row).collect();
    let words = match style.language {
        Language::English => {
            ["link", "packets", "queue up to", "longest wait", "dropped by queue", "lost", ""]
        }
        Language::Korean => ["링크", "패킷", "최대 대기열", "최장 대기", "대기열에서 버려짐", "손실", ""],
    };
    write_rows(out, style, words, &rows);
}

fn wait(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}

fn others(load: &LinkLoad, style: &Style) -> String {
    let counts = [
        (load.marked, say(style, "marked (ECN)", "표시됨 (ECN)")),
        (load.duplicates, say(style, "duplicated", "복제됨")),
        (load.corrupted, say(style, "corrupted", "손상됨")),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, words)| format!("{count} {words}")).collect::<Vec<String>>().join(", ")
}

/// The mappings that NATs still have.
fn write_mappings(out: &mut String, network: &NetworkReport, style: &Style) {
    let row = |nat: &NatReport, mapping: &MappingState| {
        let open = mapping.contacted.iter().take(CONTACTS_MAX).map(ToString::to_string);
        let mut open = open.collect::<Vec<String>>().join(", ");
        if mapping.contacted.len() > CONTACTS_MAX {
            open.push_str(", …");
        }
        [
            nat.name.clone(),
            format!("{} {} ⇄ {}", mapping.protocol.word(), mapping.internal, mapping.external),
            mapping.bound_to.clone().unwrap_or_else(|| "*".to_owned()),
            open,
            left(network.ended_at, mapping.expires_at),
            mapping.status.clone(),
        ]
    };
    let mappings = network.nats.iter().flat_map(|nat| nat.mappings.iter().map(move |mapping| (nat, mapping)));
    let rows: Vec<[String; 6]> = mappings.map(|(nat, mapping)| row(nat, mapping)).collect();
    let words = match style.language {
        Language::English => ["NAT", "mapping", "bound to", "sent to", "time left", ""],
        Language::Korean => ["NAT", "매핑", "묶인 상대", "보낸 상대", "남은 시간", ""],
    };
    write_rows(out, style, words, &rows);
}

/// How long a timer has to run.
fn left(now: SimTime, end: SimTime) -> String {
    format!("{:.1} s", end.since(now).as_secs_f64())
}

/// Whom nodes know on Ethernet networks.
fn write_neighbors(out: &mut String, network: &NetworkReport, style: &Style) {
    let row = |node: &NeighborsReport, neighbor: &NeighborState| {
        [
            format!("{}.{}", node.name, neighbor.interface),
            neighbor.address.to_string(),
            neighbor.mac.map_or_else(|| "–".to_owned(), |mac| mac.to_string()),
            neighbor.phase.word().to_owned(),
        ]
    };
    let all = network.neighbors.iter().flat_map(|node| node.neighbors.iter().map(move |known| (node, known)));
    let rows: Vec<[String; 4]> = all.map(|(node, neighbor)| row(node, neighbor)).collect();
    let words = match style.language {
        Language::English => ["interface", "neighbor", "is at", "state"],
        Language::Korean => ["인터페이스", "이웃", "하드웨어 주소", "상태"],
    };
    write_rows(out, style, words, &rows);
}

/// What switches have learnt.
fn write_stations(out: &mut String, network: &NetworkReport, style: &Style) {
    let of_switch = |switch: &SwitchReport| {
        let row =
            |(mac, towards): &(MacAddress, String)| [switch.name.clone(), mac.to_string(), towards.clone()];
        switch.stations.iter().map(row).collect::<Vec<[String; 3]>>()
    };
    let rows: Vec<[String; 3]> = network.switches.iter().flat_map(of_switch).collect();
    let words = match style.language {
        Language::English => ["switch", "station", "is towards"],
        Language::Korean => ["스위치", "단말", "방향"],
    };
    write_rows(out, style, words, &rows);
}

/// What the rules of firewalls have decided.
fn write_rules(out: &mut String, firewalls: &[FirewallReport], style: &Style) {
    let counted = firewalls.iter().flat_map(|firewall| {
        let busy = firewall.rules.iter().filter(|rule| rule.packets > 0);
        busy.map(|rule| {
            [firewall.name.clone(), rule.rule.clone(), rule.packets.to_string(), rule.bytes.to_string()]
        })
    });
    let rows: Vec<[String; 4]> = counted.collect();
    let words = match style.language {
        Language::English => ["firewall", "rule", "packets", "bytes"],
        Language::Korean => ["방화벽", "규칙", "패킷", "바이트"],
    };
    write_rows(out, style, words, &rows);
}

/// The flows that firewalls still remember.
fn write_flows(out: &mut String, network: &NetworkReport, style: &Style) {
    let row = |firewall: &FirewallReport, flow: &FlowState| {
        [
            firewall.name.clone(),
            format!("{} {} ⇄ {}", flow.protocol.word(), flow.internal, flow.external),
            flow.tcp.map_or("", TcpFlowPhase::word).to_owned(),
            left(network.ended_at, flow.expires_at),
            flow.rule.clone(),
        ]
    };
    let flows = network.firewalls.iter().flat_map(|wall| wall.flows.iter().map(move |flow| (wall, flow)));
    let rows: Vec<[String; 5]> = flows.map(|(firewall, flow)| row(firewall, flow)).collect();
    let words = match style.language {
        Language::English => ["firewall", "flow", "state", "time left", "let in by"],
        Language::Korean => ["방화벽", "흐름", "상태", "남은 시간", "허용한 규칙"],
    };
    write_rows(out, style, words, &rows);
}
