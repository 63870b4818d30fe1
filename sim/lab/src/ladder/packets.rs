//! Lines about packets: their sending, and their end where it came before the destination.

use std::net::IpAddr;

use rtclab_rtc::stun::{Class, Method};
use rtclab_trace::{Change, Dropped, Entity, EntryId, NetReason, NodeKind, PacketId, Place};

use super::reader::Reader;
use super::row::{Arrow, RepeatKey, RepeatKind, Row};
use super::style::Tone;
use crate::programs::signaling::Datagram;
use crate::reading::{Content, Reading};

impl Reader<'_> {
    pub(super) fn packet_sent(&mut self, id: EntryId, packet: PacketId) -> Option<Row> {
        let entry = self.trace.entry(id);
        let reading = self.trace.bytes_at(id).as_deref().and_then(Reading::of)?;
        let origin = self.trace.packets().info(packet).origin;
        let reading = self.streams.relative(origin, reading);
        // A switch's copies are what a switch does, and no messages of their own.
        let flooded = entry.reason == Some(NetReason::SwitchFlooded.into());
        if flooded && self.trace.topology().node(origin).kind == NodeKind::Switch {
            return None;
        }
        let again = self.is_repetition(origin, &reading.content);
        let opened = self.opened(id, &reading);
        let end = self.end_of(packet);
        let arrived = matches!(end, Some(Change::Delivered { .. }));
        // Signals have lines of their own; what carries them is worth one only when it goes wrong.
        if arrived && matches!(reading.content, Content::Signaling(_)) {
            return None;
        }
        let from = self.name(origin);
        let to = match end {
            // Whoever is asked, wherever the frame came to its end.
            _ if matches!(reading.content, Content::Neighbor(_)) => self.owner_name(neighbor_of(&reading)),
            Some(Change::Delivered { node, .. }) => self.name(*node),
            _ => self.owner_name(reading.destination.ip()),
        };
        let why = self.why(id);
        Some(Row {
            entry: id,
            at: entry.at,
            repeats: match &reading.content {
                Content::Tcp(segment) => super::tcp::repeat_key(segment, &from, &to, entry.reason),
                content => repeat_key(content, &from, &to, again),
            },
            what: opened.unwrap_or_else(|| words(&reading)),
            tone: tone(&reading.content),
            arrow: match end {
                Some(Change::Dropped(_)) => Arrow::LostPacket,
                _ => Arrow::Packet,
            },
            from,
            to,
            reason: why.0,
            remark: why.1,
            collapsed: None,
        })
    }

    /// What is inside of a datagram of DTLS, if the trace has its keys.
    fn opened(&mut self, id: EntryId, reading: &Reading) -> Option<String> {
        if !matches!(reading.content, Content::Dtls(_)) {
            return None;
        }
        let bytes = self.trace.bytes_at(id)?;
        let header = rtclab_net::wire::ip::Header::parse_quoted(&bytes).ok()?;
        let payload = bytes.get(header.payload + rtclab_net::wire::udp::HEADER..header.end)?;
        self.sessions.read(payload)
    }

    pub(super) fn packet_dropped(&self, id: EntryId, packet: PacketId, dropped: &Dropped) -> Option<Row> {
        let entry = self.trace.entry(id);
        // Every network card does that with most of what a switch floods.
        if entry.reason == Some(NetReason::FrameNotForMe.into()) {
            return None;
        }
        let topology = self.trace.topology();
        let reading = self.trace.bytes_at(id).as_deref().and_then(Reading::of);
        let sender = self.trace.packets().info(packet).origin;
        let reading = reading.map(|reading| self.streams.relative(sender, reading));
        let origin = self.name(sender);
        let what = reading.as_ref().map_or_else(|| "packet".to_owned(), words);
        let place = match dropped.place {
            Place::Node(node) => self.name(node),
            Place::Link(link, direction) => self.name(topology.hop(link, direction).0),
        };
        let on_link = match dropped.place {
            Place::Node(_) => String::new(),
            place @ Place::Link(..) => format!(" on {}", topology.place_name(place)),
        };
        let code = entry.reason.map_or("", |reason| reason.text().code).to_owned();
        Some(Row {
            entry: id,
            at: entry.at,
            repeats: Some((RepeatKind::Drop, format!("{origin} {place}"), code, 0)),
            from: place,
            arrow: Arrow::Drop,
            to: String::new(),
            what: format!("{what} from {origin} dropped{on_link}: {}", dropped.rule),
            reason: entry.reason,
            remark: String::new(),
            tone: Tone::Bad,
            collapsed: None,
        })
    }

    /// How a packet ended, if it has.
    pub(super) fn end_of(&self, packet: PacketId) -> Option<&Change> {
        let last = self.trace.entries_of(Entity::Packet(packet)).last()?;
        let change = &self.trace.entry(*last).change;
        change.ends_packet().then_some(change)
    }

    /// Why a packet was sent: its own reason, the reason of what it is because of, or which packet it answers.
    fn why(&self, id: EntryId) -> (Option<rtclab_trace::Reason>, String) {
        let entry = self.trace.entry(id);
        let Some(cause) = entry.cause.filter(|_| entry.reason.is_none()) else {
            return (entry.reason, String::new());
        };
        let because = self.trace.entry(cause);
        match because.entity {
            Entity::Packet(packet) => {
                let first = self.trace.entries_of(Entity::Packet(packet)).first();
                (None, first.map_or_else(String::new, |first| format!("because of #{}", first.index())))
            }
            _ => (because.reason, format!("because of #{}", cause.index())),
        }
    }
}

/// What a packet says, and where to if that is not plain from the ends of the line.
fn words(reading: &Reading) -> String {
    let content = &reading.content;
    match content {
        Content::Stun(stun) if stun.is_check => format!("{content} to {}", reading.destination),
        Content::Data { .. } => format!("{content} to {}", reading.destination),
        _ => content.to_string(),
    }
}

/// Who a message of ARP or neighbor discovery is for: whoever is asked for, or whoever asked.
fn neighbor_of(reading: &Reading) -> IpAddr {
    match &reading.content {
        Content::Neighbor(neighbor) if neighbor.asks => neighbor.target,
        _ => reading.destination.ip(),
    }
}

fn tone(content: &Content) -> Tone {
    match content.unwrapped() {
        Content::Signaling(_) | Content::Sip(_) => Tone::Signal,
        Content::IcmpError { .. } => Tone::Bad,
        Content::Stun(stun) if stun.error.is_some() => Tone::Bad,
        Content::Tcp(segment) if segment.flags.has(rtclab_net::tcp::Flags::RST) => Tone::Bad,
        Content::Tcp(segment) if !segment.carries.is_empty() => Tone::Signal,
        _ => Tone::Plain,
    }
}

fn repeat_key(content: &Content, from: &str, to: &str, again: bool) -> Option<RepeatKey> {
    let (kind, which) = match content.unwrapped() {
        _ if again => (RepeatKind::Retransmission, 0),
        Content::Numbered { .. } | Content::Data { .. } => (RepeatKind::Data, 0),
        Content::Echo { request, .. } => (RepeatKind::Data, 1 + u64::from(*request)),
        Content::Stun(stun) => match (stun.class, stun.method) {
            (Class::Indication, Method::BINDING) => (RepeatKind::Keepalive, 0),
            (class, method @ (Method::REFRESH | Method::CREATE_PERMISSION)) => {
                (RepeatKind::Refresh, u64::from(method.0) * 2 + u64::from(class == Class::Request))
            }
            _ => return None,
        },
        Content::Signaling(datagram) => (RepeatKind::Signaling, signaling_kind(datagram)),
        _ => return None,
    };
    Some((kind, from.to_owned(), to.to_owned(), which))
}

fn signaling_kind(datagram: &Datagram) -> u64 {
    match datagram {
        Datagram::Hello { .. } => 0,
        Datagram::Welcome { .. } => 1,
        Datagram::Received { .. } => 2,
        Datagram::Message(message) => 3 + u64::from(message.number),
    }
}
