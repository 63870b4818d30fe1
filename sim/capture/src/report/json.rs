//! The report as JSON: the object of `rtclab inspect --format json`. Its keys are stable.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Flow, IceSession, Nominated, Report, StunMessage, StunTransaction, TcpConnection};
use crate::finding::Finding;

impl Report {
    /// The report as one JSON object.
    pub fn to_json(&self) -> Value {
        let interfaces: Vec<Value> = self
            .interfaces
            .iter()
            .map(|one| json!({ "name": one.name, "link_type": one.link_type, "packets": one.packets }))
            .collect();
        json!({
            "file": self.file,
            "format": self.format,
            "packets": self.packets,
            "started_at_ns": self.started_at_ns,
            "duration_ms": self.duration.as_nanos() as f64 / 1e6,
            "comments": self.comments,
            "interfaces": interfaces,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "protocols": self.protocols,
            "stun": self.stun.iter().map(message).collect::<Vec<_>>(),
            "transactions": self.transactions.iter().map(transaction).collect::<Vec<_>>(),
            "tcp": self.tcp.iter().map(connection).collect::<Vec<_>>(),
            "flows": self.flows.iter().map(flow).collect::<Vec<_>>(),
            "calls": self.calls.iter().map(session).collect::<Vec<_>>(),
        })
    }
}

fn text(address: SocketAddr) -> String {
    address.to_string()
}

fn finding(finding: &Finding) -> Value {
    json!({ "code": finding.kind.code(), "severity": finding.kind.severity().word(), "packet": finding.packet,
        "bytes": finding.range.as_ref().map(|range| [range.start, range.end]), "text": finding.text })
}

fn message(message: &StunMessage) -> Value {
    json!({ "packet": message.packet, "class": class(message.class), "method": method(message.method),
        "transaction": message.transaction.to_string(), "mapped": message.mapped.map(text),
        "from": text(message.from), "to": text(message.to),
        "transport": transport(message.over_tcp), "quoted": message.quoted })
}

/// `request`, `indication`, `success`, `error`.
fn class(class: rtclab_rtc::stun::Class) -> &'static str {
    use rtclab_rtc::stun::Class;
    match class {
        Class::Request => "request",
        Class::Indication => "indication",
        Class::Success => "success",
        Class::Error => "error",
    }
}

/// `binding`, `create-permission`; the number where there is no name.
fn method(method: rtclab_rtc::stun::Method) -> String {
    let name = method.name();
    if name.starts_with("unknown") {
        return format!("{:#05x}", method.0);
    }
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

const fn transport(over_tcp: bool) -> &'static str {
    if over_tcp { "tcp" } else { "udp" }
}

fn transaction(one: &StunTransaction) -> Value {
    let code = match one.outcome {
        super::Outcome::Refused(code) => Some(code),
        _ => None,
    };
    json!({ "transaction": one.id.to_string(), "method": method(one.method), "client": text(one.client),
        "server": text(one.server), "transport": transport(one.over_tcp), "carriage": one.carriage.word(),
        "request": one.request, "response": one.response, "transmissions": one.transmissions,
        "outcome": one.outcome.word(), "icmp_error": one.icmp_error, "error_code": code, "mapped": one.mapped.map(text),
        "round_trip_ms": one.round_trip.map(|span| span.as_nanos() as f64 / 1e6) })
}

fn connection(one: &TcpConnection) -> Value {
    json!({ "client": text(one.client), "server": text(one.server), "first_packet": one.first_packet,
        "last_packet": one.last_packet, "state": one.state.word(), "syn": one.syn, "syn_ack": one.syn_ack, "fin": one.fin,
        "rst": one.reset, "packets": one.packets, "bytes": one.bytes, "retransmissions": one.retransmissions,
        "gaps": one.gaps })
}

fn flow(one: &Flow) -> Value {
    json!({ "protocol": one.protocol.word().to_ascii_lowercase(), "ends": one.ends.map(text), "packets": one.packets,
        "bytes": one.bytes })
}

fn session(one: &IceSession) -> Value {
    json!({ "ufrags": one.fragments, "controlling": one.controlling, "state": one.state(), "first_packet": one.first_packet,
        "checks": one.checks, "answered": one.answered, "selected": one.selected.as_ref().map(nominated),
        "nominated": one.nominated.iter().map(nominated).collect::<Vec<_>>() })
}

fn nominated(path: &Nominated) -> Value {
    json!({ "from": text(path.from), "to": text(path.to), "path": if path.relayed { "relayed" } else { "direct" },
        "packet": path.packet })
}
