//! Counting: in how many packets each protocol occurs, and what is wrong with packets.

use std::collections::BTreeMap;

use rtclab_rtc::stun;

use super::messages::{Carriage, Found};
use crate::checksum::{self, Verdict};
use crate::finding::{Finding, FindingKind, Findings};
use crate::outline::{Application, Outline, Transport, ether_type, is_icmp_error};
use crate::read::Packet;
use crate::report::TcpConnection;
use crate::words::count;

/// The counts so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    protocols: BTreeMap<&'static str, u64>,
    findings: Findings,
    /// The protocols of the packet at hand, each once.
    of_packet: Vec<&'static str>,
    offloaded: u64,
    first_offloaded: u32,
    cut: u64,
    first_cut: u32,
}

impl Tally {
    /// Counts a packet.
    pub(super) fn packet(
        &mut self,
        outline: &Outline<'_>,
        found: &Found<'_>,
        packet: &Packet<'_>,
        number: u32,
    ) {
        self.of_packet.clear();
        self.headers(outline);
        for application in std::iter::once(&outline.application).chain(&found.relayed) {
            self.see(application.key());
        }
        if !found.messages.is_empty() {
            self.see(Some("stun"));
        }
        if found.channel {
            self.see(Some("turn-channel"));
        }
        for key in &self.of_packet {
            *self.protocols.entry(key).or_default() += 1;
        }
        self.check(outline, found, packet, number);
    }

    fn see(&mut self, key: Option<&'static str>) {
        if let Some(key) = key.filter(|key| !self.of_packet.contains(key)) {
            self.of_packet.push(key);
        }
    }

    fn headers(&mut self, outline: &Outline<'_>) {
        if outline.link.ether_type == Some(ether_type::ARP) {
            self.see(Some("arp"));
        }
        if let Some(network) = &outline.network {
            self.see(Some(if network.version == 4 { "ipv4" } else { "ipv6" }));
        }
        match outline.transport {
            Some(Transport::Udp { .. }) => self.see(Some("udp")),
            Some(Transport::Tcp(_)) => self.see(Some("tcp")),
            Some(Transport::Icmp { version: 4, .. }) => self.see(Some("icmp")),
            Some(Transport::Icmp { .. }) => self.see(Some("icmpv6")),
            None => {}
        }
    }

    /// Looks for what is wrong with a packet.
    fn check(&mut self, outline: &Outline<'_>, found: &Found<'_>, packet: &Packet<'_>, number: u32) {
        if (packet.data.len() as u64) < u64::from(packet.original_length) {
            self.cut += 1;
            self.first_cut = if self.cut == 1 { number } else { self.first_cut };
        }
        if outline.link.carries_ip() && outline.network.is_none() {
            self.findings.push_with(FindingKind::Malformed, || {
                Finding::new(FindingKind::Malformed, "the IP header is cut off or broken").of_packet(number)
            });
        }
        let header = outline.network.as_ref().filter(|network| network.version == 4).and_then(|network| {
            let length = usize::from(outline.bytes.get(network.header.start)? & 15) * 4;
            outline.bytes.get(network.header.start..network.header.start + length)
        });
        if let Some(verdict) = header.map(checksum::ipv4_header) {
            self.verdict("IPv4 header", verdict, number);
        }
        if let Some((_, verdict)) = checksum::transport(outline) {
            let name = match outline.transport {
                Some(Transport::Udp { .. }) => "UDP",
                Some(Transport::Tcp(_)) => "TCP",
                Some(Transport::Icmp { version: 4, .. }) => "ICMP",
                _ => "ICMPv6",
            };
            self.verdict(name, verdict, number);
        }
        let quotes = matches!(outline.transport, Some(Transport::Icmp { version, kind, .. }) if is_icmp_error(version, kind));
        let whole = outline.network.as_ref().is_some_and(|network| !network.cut);
        if whole && !quotes {
            self.messages(outline, found, number);
        }
    }

    fn verdict(&mut self, name: &str, verdict: Verdict, number: u32) {
        let text = match verdict {
            Verdict::Wrong { expected } => {
                format!("the {name} checksum is wrong, the bytes give {expected:#06x}")
            }
            Verdict::Missing => {
                format!("the {name} checksum is missing, which IPv6 does not allow (RFC 8200 §8.1)")
            }
            Verdict::NotFilledIn => {
                self.offloaded += 1;
                self.first_offloaded = if self.offloaded == 1 { number } else { self.first_offloaded };
                return;
            }
            Verdict::Right | Verdict::Absent | Verdict::Unverifiable => return,
        };
        let kind = FindingKind::WrongChecksum;
        self.findings.push_with(kind, || Finding::new(kind, text).of_packet(number));
    }

    /// Judges STUN messages by the rules of their RFC.
    fn messages(&mut self, outline: &Outline<'_>, found: &Found<'_>, number: u32) {
        for message in &found.messages {
            // Over UDP, what stands behind the end of the message is wrong, too.
            let bytes = match (message.carriage, outline.application) {
                (Carriage::Direct, Application::Stun(_)) if !message.over_tcp => outline.content(),
                _ => &message.bytes,
            };
            if let Err(problem) = stun::Message::parse(bytes) {
                let kind = FindingKind::StunProblem;
                self.findings.push_with(kind, || Finding::new(kind, problem.to_string()).of_packet(number));
            }
        }
    }

    /// Looks for what is wrong with TCP connections.
    pub(super) fn connections(&mut self, connections: &[TcpConnection]) {
        for connection in connections.iter().filter(|connection| connection.gaps != [0, 0]) {
            let gaps: u64 = connection.gaps.iter().sum();
            let places = count(usize::try_from(gaps).unwrap_or(usize::MAX), "place");
            let text = format!(
                "bytes are missing at {places} between {} and {}",
                connection.client, connection.server
            );
            self.findings.push(Finding::new(FindingKind::TcpGap, text).of_packet(connection.first_packet));
        }
    }

    /// The counts, and the findings with one for all that is usual.
    pub(super) fn finish(mut self) -> (BTreeMap<&'static str, u64>, Findings) {
        if self.offloaded > 0 {
            let text = format!(
                "{} checksums were not filled in yet when the packets were captured, and are not verified (offload)",
                self.offloaded
            );
            self.findings
                .push(Finding::new(FindingKind::ChecksumOffload, text).of_packet(self.first_offloaded));
        }
        if self.cut > 0 {
            let text = format!("the capture kept only the beginning of {} packets", self.cut);
            self.findings.push(Finding::new(FindingKind::CutShort, text).of_packet(self.first_cut));
        }
        (self.protocols, self.findings)
    }
}
