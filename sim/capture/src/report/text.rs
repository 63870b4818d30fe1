//! The report for people: what `rtclab inspect` prints. Long lists show their beginning and say how much more there is.

use std::fmt::Write as _;

use rtclab_trace::Protocol;

use super::{Flow, IceSession, Outcome, Report, StunTransaction, TcpConnection, date};
use crate::words::count;

/// Lines that are shown of a list.
const SHOWN: usize = 40;

impl Report {
    /// The report as text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.head(&mut out);
        section(&mut out, "Calls (ICE sessions)", self.calls.iter().map(session));
        section(&mut out, "STUN transactions", self.transactions.iter().map(transaction));
        section(&mut out, "TCP connections", self.tcp.iter().map(connection));
        let udp = self.flows.iter().filter(|flow| flow.protocol == Protocol::Udp);
        section(&mut out, "UDP flows", udp.map(flow));
        section(&mut out, "Findings", self.findings.iter().map(ToString::to_string));
        out
    }

    fn head(&self, out: &mut String) {
        let packets = count(usize::try_from(self.packets).unwrap_or(usize::MAX), "packet");
        let seconds = self.duration.as_secs_f64();
        line(out, format_args!("{}: {}, {packets} in {seconds:.3} s", self.file, self.format));
        if let Some(start) = self.started_at_ns {
            line(out, format_args!("  first packet: {}", date::utc(start)));
        }
        for comment in &self.comments {
            line(out, format_args!("  comment: {comment}"));
        }
        for (index, interface) in self.interfaces.iter().enumerate().take(SHOWN) {
            let name = if interface.name.is_empty() { "(no name)" } else { &interface.name };
            let packets = interface.packets;
            line(
                out,
                format_args!("  interface {index}: {name}, {}, {packets} packets", interface.link_type),
            );
        }
        let protocols: Vec<String> =
            self.protocols.iter().map(|(name, count)| format!("{name} {count}")).collect();
        line(out, format_args!("  protocols: {}", protocols.join(", ")));
        let quoted = self.stun.iter().filter(|message| message.quoted).count();
        line(
            out,
            format_args!("  STUN messages: {}, {quoted} of them quoted by ICMP errors", self.stun.len()),
        );
    }
}

/// Writing to a string does not fail.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn section(out: &mut String, title: &str, mut items: impl Iterator<Item = String>) {
    let shown: Vec<String> = items.by_ref().take(SHOWN).collect();
    let more = items.count();
    if shown.is_empty() {
        return;
    }
    line(out, format_args!("\n{title}: {}", shown.len() + more));
    for item in shown {
        line(out, format_args!("  {item}"));
    }
    if more > 0 {
        line(out, format_args!("  … and {more} more"));
    }
}

fn session(one: &IceSession) -> String {
    let [first, second] = &one.fragments;
    let path = one.selected.map_or_else(String::new, |path| {
        let class = if path.relayed { "relayed" } else { "direct" };
        format!(", {class}, {} → {} (confirmed in packet {})", path.from, path.to, path.packet)
    });
    let controlling = one.controlling.as_ref().map_or_else(String::new, |who| format!(", {who} controls"));
    format!(
        "{first} and {second}: {}{path}{controlling}; {} checks, {} answered",
        one.state(),
        one.checks,
        one.answered
    )
}

fn transaction(one: &StunTransaction) -> String {
    let mut text = format!("#{}", one.request);
    // Writing to a string does not fail.
    let _ = match one.response {
        Some(response) => write!(text, " → #{response}"),
        None => write!(text, " → –"),
    };
    let transport = if one.over_tcp { "TCP" } else { "UDP" };
    let _ = write!(text, "  {transport} {} → {}  {}", one.client, one.server, one.method.name());
    if one.transmissions > 1 {
        let _ = write!(text, ", sent {} times", one.transmissions);
    }
    let _ = match one.outcome {
        Outcome::Unanswered => write!(text, ": no answer"),
        Outcome::TimedOut => write!(text, ": timed out"),
        Outcome::Succeeded => write!(text, ": succeeded"),
        Outcome::Refused(code) => write!(text, ": refused with {code}"),
    };
    if let Some(packet) = one.icmp_error {
        let _ = write!(text, ", ICMP error in #{packet}");
    }
    if let Some(mapped) = one.mapped {
        let _ = write!(text, ", mapped address {mapped}");
    }
    if let Some(span) = one.round_trip {
        let _ = write!(text, ", {:.3} ms", span.as_nanos() as f64 / 1e6);
    }
    text
}

fn connection(one: &TcpConnection) -> String {
    let handshake = match (one.syn, one.syn_ack) {
        (true, true) => "handshake seen",
        (true, false) => "only the SYN seen",
        _ => "began before the capture",
    };
    let [sent, received] = one.bytes;
    let again: u64 = one.retransmissions.iter().sum();
    let again = if again > 0 { format!(", {again} segments again") } else { String::new() };
    format!(
        "#{}  {} → {}  {}, {handshake}, {sent} / {received} bytes{again}",
        one.first_packet,
        one.client,
        one.server,
        one.state.word()
    )
}

fn flow(one: &Flow) -> String {
    let [first, second] = one.ends;
    let ([sent, received], [bytes_sent, bytes_received]) = (one.packets, one.bytes);
    format!("{first} ↔ {second}  {sent} / {received} packets, {bytes_sent} / {bytes_received} bytes")
}
