//! A packet in one line, as people write it. Made from the outline alone, so that a list of a million packets can be shown.

use std::fmt::Write as _;

use rtclab_rtc::dtls::wire::handshake_name;
use rtclab_rtc::stun;
use rtclab_trace::Encapsulation;

use super::transport::tcp_words;
use super::{dns, link, payload};
use crate::outline::{
    Application, DtlsRecord, Outline, StunView, Transport, ether_type, outline, over_udp, protocol,
};
use crate::words::{self, count};

/// TURN in TURN: the summary names what the outermost carries, and what that carries.
const DEPTH_MAX: usize = 2;

/// One line about a packet: `UDP 192.168.1.2:50000 → 203.0.113.1:3478  STUN Binding request`.
pub fn summary(encapsulation: Encapsulation, bytes: &[u8]) -> String {
    summary_of(&outline(encapsulation, bytes))
}

/// The same, of an outline that is already there.
pub fn summary_of(outline: &Outline<'_>) -> String {
    let mut line = String::with_capacity(96);
    // Writing to a string does not fail.
    let _ = write_summary(outline, &mut line);
    line
}

fn write_summary(outline: &Outline<'_>, line: &mut String) -> std::fmt::Result {
    let Some(network) = &outline.network else { return without_ip(outline, line) };
    let (source, destination) = (network.source, network.destination);
    if let Some(fragment) = network.fragment.filter(|fragment| fragment.offset > 0) {
        let name = protocol::name(network.protocol);
        return write!(line, "{name} {source} → {destination}  fragment at byte {}", fragment.offset);
    }
    match &outline.transport {
        Some(Transport::Udp { .. }) => {
            write_sockets("UDP", outline, line)?;
            if network.fragment.is_some() {
                return line.write_str("  first fragment");
            }
            write_application(&outline.application, outline.content(), 0, line)
        }
        Some(Transport::Tcp(segment)) => {
            write_sockets("TCP", outline, line)?;
            write!(line, "  {}", tcp_words(segment, outline.payload.len()))?;
            match outline.application {
                Application::Data => Ok(()),
                ref application => write_application(application, outline.content(), 0, line),
            }
        }
        Some(Transport::Icmp { version, kind, code, .. }) => {
            let name = if *version == 4 { "ICMP" } else { "ICMPv6" };
            write!(line, "{name} {source} → {destination}  {}", words::icmp(*version, *kind, *code))?;
            let Some(quoted) = outline.quoted() else { return Ok(()) };
            line.push_str(", quoting ");
            // An ICMP error is never sent about another (RFC 1122 §3.2.2), so this ends.
            if matches!(quoted.transport, Some(Transport::Icmp { .. })) {
                return line.write_str("ICMP");
            }
            write_summary(&quoted, line)
        }
        None => write!(line, "{} {source} → {destination}", protocol::name(network.protocol)),
    }
}

fn without_ip(outline: &Outline<'_>, line: &mut String) -> std::fmt::Result {
    if outline.link.ether_type == Some(ether_type::ARP) {
        let message = outline.content();
        return write!(line, "ARP {}", link::arp_words(message).unwrap_or_else(|| "message".into()));
    }
    let kind = match (outline.link.encapsulation, outline.link.ether_type) {
        (Encapsulation::Other(number), _) => format!("link type {number}"),
        (_, Some(number)) => words::ether_type_words(number),
        (Encapsulation::Ethernet, None) => "IEEE 802.3 frame".into(),
        (_, None) => "no IP".into(),
    };
    if let (Some(source), Some(destination)) = outline.link.hardware {
        let [source, destination] = [source, destination].map(|address| words::hardware_address(&address));
        write!(line, "{source} → {destination}  ")?;
    }
    write!(line, "{kind}, {}", count(outline.payload.len(), "byte"))
}

fn write_sockets(name: &str, outline: &Outline<'_>, line: &mut String) -> std::fmt::Result {
    match outline.sockets() {
        Some((source, destination)) => write!(line, "{name} {source} → {destination}"),
        None => line.write_str(name),
    }
}

/// What a payload is, after two spaces.
fn write_application(
    application: &Application,
    content: &[u8],
    depth: usize,
    line: &mut String,
) -> std::fmt::Result {
    let length = content.len();
    match application {
        Application::None => Ok(()),
        Application::Stun(header) => write_stun(header, content, depth, line),
        Application::FramedStun(header) => write_stun(header, content.get(2..).unwrap_or(&[]), depth, line),
        Application::ClassicStun { kind } => {
            write!(line, "  classic STUN {}", payload::classic_words(*kind))
        }
        Application::ChannelData { channel, length } => {
            write!(line, "  TURN channel {channel:#06x}, {}", count(usize::from(*length), "byte"))?;
            let end = (4 + usize::from(*length)).min(content.len());
            write_carried(content.get(4..end).unwrap_or(&[]), depth, line)
        }
        Application::Dtls(DtlsRecord::Plain { content_type: 22, message: Some(kind) }) => {
            write!(line, "  DTLS {}", handshake_name(*kind))
        }
        Application::Dtls(DtlsRecord::Plain { content_type, .. }) => {
            write!(line, "  DTLS {}", words::tls_content(*content_type))
        }
        Application::Dtls(DtlsRecord::Unified) => write!(line, "  DTLS 1.3 encrypted record, {length} bytes"),
        Application::Rtp(header) => write!(
            line,
            "  RTP payload type {}, sequence {}, SSRC {:#010x}, {}",
            header.payload_type,
            header.sequence,
            header.ssrc,
            count(length, "byte")
        ),
        Application::Rtcp { kind } => write!(line, "  RTCP {}", words::rtcp(*kind)),
        Application::Dns => write!(line, "  DNS {}", dns::words(content).unwrap_or_default()),
        Application::Tls { content_type } => write!(line, "  TLS {}", words::tls_content(*content_type)),
        Application::Http => write!(line, "  HTTP {}", payload::http_line(content)),
        Application::Data => write!(line, "  {}", count(length, "byte")),
    }
}

fn write_stun(header: &stun::Header, content: &[u8], depth: usize, line: &mut String) -> std::fmt::Result {
    write!(line, "  STUN {} {}", header.method.name(), header.class.word())?;
    let Some(message) = StunView::new(content) else { return Ok(()) };
    match header.class {
        stun::Class::Request if message.has(stun::AttributeType::USE_CANDIDATE) => {
            line.write_str(", USE-CANDIDATE")
        }
        stun::Class::Request => Ok(()),
        stun::Class::Success => match message.mapped_address() {
            Some(address) => write!(line, ", mapped address {address}"),
            None => Ok(()),
        },
        stun::Class::Error => match message.find(stun::AttributeType::ERROR_CODE) {
            Some(error) => write!(line, ", {error}"),
            None => Ok(()),
        },
        stun::Class::Indication => {
            if let Some(peer) = message.peer() {
                let word = if header.method == stun::Method::SEND { "to" } else { "from" };
                write!(line, " {word} {peer}")?;
            }
            write_carried(message.data().unwrap_or(&[]), depth, line)
        }
    }
}

/// What TURN carries.
fn write_carried(data: &[u8], depth: usize, line: &mut String) -> std::fmt::Result {
    if data.is_empty() || depth >= DEPTH_MAX {
        return Ok(());
    }
    line.push(':');
    write_application(&over_udp(data, u16::MAX, u16::MAX), data, depth + 1, line)
}
