//! Inference: a capture becomes a trace, so that the same views show it. Packets in order of time, nodes from addresses, flows, STUN
//! transactions with what caused what; and the report that `rtclab inspect` prints.
//!
//! Not here: what a single packet says (`outline`, `dissect`).

mod flows;
mod framing;
mod messages;
mod nodes;
mod roles;
mod sessions;
mod stream;
mod tally;
mod tcp;
#[cfg(test)]
mod tests;
mod transactions;

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::stun::Class;
use rtclab_trace::{Change, Entity, EntryId, Observe, PacketId, Protocol, SimTime, Topology, Trace};

use crate::finding::{Finding, FindingKind};
use crate::outline::{Outline, StunView, flags, outline};
use crate::read::{CaptureFile, Packet};
use crate::report::{InterfaceReport, Report, StunMessage};

pub use messages::Carriage;
use messages::{Channels, Found, Message};
use nodes::{Nodes, SeenOn};
use tally::Tally;

/// Makes a trace of a capture, and the report about it. The trace begins with the first packet; the report has the absolute time.
pub fn trace_of(capture: &CaptureFile<'_>) -> (Trace, Report) {
    let order = in_order_of_time(capture);
    let start = order.first().map_or(0, |(at_ns, _)| *at_ns);
    let mut inference = Inference::new(capture);
    for &(at_ns, index) in &order {
        // The distance of two 64-bit numbers fits into an unsigned one.
        let at = SimTime::from_nanos(at_ns.wrapping_sub(start) as u64);
        inference.packet(index, at);
    }
    let last = order.last().map_or(start, |(at_ns, _)| *at_ns);
    let duration = Duration::from_nanos(last.wrapping_sub(start) as u64);
    let started = order.first().filter(|_| capture.packets.iter().any(|packet| packet.at_ns.is_some()));
    inference.finish(started.map(|(at_ns, _)| *at_ns), duration)
}

/// Times and indices of all packets, earliest first; what came at one moment stays in the order of the file. A packet without a
/// time stamp has that of the one before it.
fn in_order_of_time(capture: &CaptureFile<'_>) -> Vec<(i64, u32)> {
    let first_known = capture.packets.iter().find_map(|packet| packet.at_ns).unwrap_or(0);
    let mut latest = first_known;
    let mut order: Vec<(i64, u32)> = capture
        .packets
        .iter()
        .enumerate()
        .map(|(index, packet)| {
            latest = packet.at_ns.unwrap_or(latest);
            (latest, index as u32)
        })
        .collect();
    order.sort_by_key(|(at_ns, _)| *at_ns);
    order
}

/// The state of inference.
struct Inference<'a, 'c> {
    capture: &'c CaptureFile<'a>,
    trace: Trace,
    nodes: Nodes,
    flows: flows::Flows,
    channels: Channels,
    transactions: transactions::Transactions,
    sessions: sessions::Sessions,
    connections: tcp::Connections<'a>,
    tally: Tally,
    messages: Vec<StunMessage>,
    interface_packets: Vec<u64>,
}

impl<'a, 'c> Inference<'a, 'c> {
    fn new(capture: &'c CaptureFile<'a>) -> Inference<'a, 'c> {
        Inference {
            capture,
            trace: Trace::new(Topology::default(), Observe::Full),
            nodes: Nodes::default(),
            flows: flows::Flows::default(),
            channels: Channels::default(),
            transactions: transactions::Transactions::default(),
            sessions: sessions::Sessions::default(),
            connections: tcp::Connections::default(),
            tally: Tally::default(),
            messages: Vec::new(),
            interface_packets: vec![0; capture.interfaces.len()],
        }
    }

    /// Takes in a packet.
    fn packet(&mut self, index: u32, at: SimTime) {
        let number = index + 1;
        let packet = self.capture.packets[index as usize];
        if let Some(count) = self.interface_packets.get_mut(packet.interface as usize) {
            *count += 1;
        }
        self.transactions.advance(&mut self.trace, at);
        let encapsulation = self.capture.link_type_of(&packet).encapsulation();
        let outline = outline(encapsulation, packet.data);
        let mut found = self.channels.of_packet(&outline);
        let progress = self.connections.push(&outline, number);
        if let Some(ends) = outline.sockets() {
            for unit in progress.units {
                self.channels.of_unit(unit, ends, &mut found);
            }
        }
        self.tally.packet(&outline, &found, &packet, number);
        let cause = self.cause(&outline, &found);
        let entry = self.record(&packet, &outline, cause, at);
        if let (Some((from, to)), Some(entry)) = (outline.sockets(), entry) {
            let protocol = if outline.segment().is_some() { Protocol::Tcp } else { Protocol::Udp };
            let node = self.nodes.of_address(&mut self.trace, &self.capture.names, from.ip(), at);
            let seen = (entry, at, packet.original_length);
            let begins = self.flows.push(&mut self.trace, protocol, (from, to), node, seen);
            if progress.closes || (progress.opens && !begins) {
                self.flows.set_open(&mut self.trace, (from, to), progress.opens, (entry, at));
            }
        }
        for message in &found.messages {
            self.message(message, entry, at, number);
        }
    }

    /// Writes a packet into the trace.
    fn record(
        &mut self,
        packet: &Packet<'a>,
        outline: &Outline<'a>,
        cause: Option<EntryId>,
        at: SimTime,
    ) -> Option<EntryId> {
        let (from, to) = self.nodes.of_packet(&mut self.trace, &self.capture.names, outline, at);
        let seen_on = SeenOn { interface: packet.interface, index: outline.link.interface.unwrap_or(0) };
        let name = self.interface_name(seen_on);
        let encapsulation = outline.link.encapsulation;
        let end = self.nodes.end(&mut self.trace, seen_on, &name, encapsulation, (from, to));
        let id: PacketId = self.trace.add_captured(from, encapsulation, packet.data, packet.original_length);
        self.trace.record(at, Entity::Packet(id), Change::Captured { end }, None, cause)
    }

    /// `eth0`, or `interface 2` where the file does not tell; a Linux cooked header on several interfaces adds their number.
    fn interface_name(&self, seen_on: SeenOn) -> String {
        let interface = self.capture.interfaces.get(seen_on.interface as usize);
        let name = match interface {
            Some(interface) if !interface.name.is_empty() => interface.name.clone(),
            _ => format!("interface{}", seen_on.interface),
        };
        if seen_on.index == 0 { name } else { format!("{name}#{}", seen_on.index) }
    }

    /// What made a packet be sent, as far as the capture shows.
    fn cause(&self, outline: &Outline<'_>, found: &Found<'_>) -> Option<EntryId> {
        // An ICMP error is about the packet that it quotes.
        if let Some(quoted) = outline.quoted() {
            let by_id = found.messages.first().and_then(|message| self.transactions.quoted(message));
            let protocol = if quoted.segment().is_some() { Protocol::Tcp } else { Protocol::Udp };
            let by_flow = || quoted.sockets().and_then(|(from, to)| self.flows.last(protocol, from, to));
            return by_id.or_else(by_flow);
        }
        // What TURN carries says more than the indication around it.
        let by_message = found.messages.iter().rev().find_map(|message| self.transactions.cause(message));
        by_message.or_else(|| {
            let segment = outline.segment()?;
            let (from, to) = outline.sockets()?;
            let answers = segment.flags & flags::RST != 0
                || segment.flags & (flags::SYN | flags::ACK) == flags::SYN | flags::ACK;
            if answers { self.flows.last(Protocol::Tcp, to, from) } else { None }
        })
    }

    /// Takes in a STUN message of the packet that `entry` is about.
    fn message(&mut self, message: &Message<'_>, entry: Option<EntryId>, at: SimTime, number: u32) {
        let Some(view) = StunView::new(&message.bytes) else { return };
        if message.carriage != Carriage::Relayed {
            self.messages.push(StunMessage {
                packet: number,
                class: view.header.class,
                method: view.header.method,
                transaction: view.header.transaction_id,
                mapped: view.mapped_address(),
                from: message.from,
                to: message.to,
                quoted: message.carriage == Carriage::Quoted,
                over_tcp: message.over_tcp,
            });
        }
        if message.carriage == Carriage::Quoted {
            self.transactions.note_error(message, number);
            return;
        }
        let Some(entry) = entry else { return };
        let client = if view.header.class.is_response() { message.to } else { message.from };
        let node = self.nodes.of_address(&mut self.trace, &self.capture.names, client.ip(), at);
        let seen = (entry, at, number);
        let Some(matched) = self.transactions.push(&mut self.trace, message, node, seen) else { return };
        match view.header.class {
            Class::Request => self.sessions.request(message, matched.transaction, number),
            Class::Success if matched.ends => {
                let ends: (SocketAddr, SocketAddr) = (message.to, message.from);
                self.sessions.success(matched.transaction, ends, message, number);
            }
            _ => {}
        }
        if message.carriage == Carriage::Direct
            && let Some(role) = roles::of_sender(&view)
        {
            let sender = self.nodes.of_address(&mut self.trace, &self.capture.names, message.from.ip(), at);
            roles::set(self.trace.topology_mut(), sender, role);
        }
    }

    /// The end of the capture: what is left over, and the report.
    fn finish(mut self, started_at_ns: Option<i64>, duration: Duration) -> (Trace, Report) {
        let end = SimTime::ZERO + duration;
        for (number, from, to, units) in self.connections.finish() {
            let mut found = Found::default();
            for unit in units {
                self.channels.of_unit(unit, (from, to), &mut found);
            }
            for message in &found.messages {
                self.message(message, None, end, number);
            }
        }
        self.messages.sort_by_key(|message| message.packet);
        let tcp = self.connections.report();
        self.tally.connections(&tcp);
        let mut findings = self.capture.findings.clone();
        if self.nodes.crowded_out > 0 {
            let text =
                format!("{} packets are from or to addresses that share a node", self.nodes.crowded_out);
            findings.push(Finding::new(FindingKind::TooManyAddresses, text));
        }
        let (protocols, of_packets) = self.tally.finish();
        findings.extend(of_packets);
        let interfaces = self.capture.interfaces.iter().zip(&self.interface_packets);
        let report = Report {
            file: String::new(),
            format: self.capture.format.word(),
            packets: self.capture.packets.len() as u64,
            started_at_ns,
            duration,
            comments: self.capture.comments.clone(),
            interfaces: interfaces
                .map(|(interface, packets)| InterfaceReport {
                    name: interface.name.clone(),
                    link_type: interface.link_type.to_string(),
                    packets: *packets,
                })
                .collect(),
            protocols,
            stun: self.messages,
            transactions: self.transactions.report,
            tcp,
            flows: self.flows.report,
            calls: self.sessions.report,
            findings: findings.into_vec(),
        };
        (self.trace, report)
    }
}
