//! The STUN messages of a packet: its own, those that an ICMP error quotes, and those that TURN carries. Not here: which of them belong
//! together (`transactions`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use rtclab_rtc::stun::{Attribute, AttributeType, Class, Method};

use super::framing::Unit;
use crate::outline::{Application, Outline, StunView, be16, over_udp};

/// How a message came to be in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carriage {
    /// It is what the datagram or the stream carries.
    Direct,
    /// An ICMP error quotes it.
    Quoted,
    /// TURN carries it for a peer.
    Relayed,
}

impl Carriage {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Carriage::Direct => "direct",
            Carriage::Quoted => "quoted",
            Carriage::Relayed => "relayed",
        }
    }
}

/// A STUN message in a packet.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) carriage: Carriage,
    /// Who sent it; if it was relayed, the client of the relay or its peer.
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) over_tcp: bool,
}

/// What a packet holds for TURN and STUN.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) messages: Vec<Message<'a>>,
    /// What relayed data seems to be, besides STUN: for counting.
    pub(super) relayed: Vec<Application>,
    /// Whether there was channel data.
    pub(super) channel: bool,
}

/// Which peer a channel number stands for, between a client and a server.
#[derive(Debug, Default)]
pub(super) struct Channels {
    /// By client, server and number.
    peers: BTreeMap<(SocketAddr, SocketAddr, u16), SocketAddr>,
}

impl Channels {
    /// The messages of a UDP datagram, or quoted by an ICMP error.
    pub(super) fn of_packet<'a>(&mut self, outline: &Outline<'a>) -> Found<'a> {
        let mut found = Found::default();
        if let Some(quoted) = outline.quoted() {
            if let (Some((from, to)), Application::Stun(_)) = (quoted.sockets(), quoted.application)
                && let Some(view) = StunView::new(quoted.content())
            {
                let bytes = Cow::Borrowed(view.bytes);
                found.messages.push(Message { bytes, carriage: Carriage::Quoted, from, to, over_tcp: false });
            }
            return found;
        }
        // What TCP carries comes in order, and as whole messages, through `of_unit`.
        if let (Some((from, to)), None) = (outline.sockets(), outline.segment()) {
            match outline.application {
                Application::Stun(_) => self.stun(outline.content(), (from, to), false, &mut found),
                Application::ChannelData { .. } => self.channel(outline.content(), (from, to), &mut found),
                _ => {}
            }
        }
        found
    }

    /// The messages in a whole message of a TCP stream.
    pub(super) fn of_unit<'a>(
        &mut self,
        unit: Unit<'a>,
        ends: (SocketAddr, SocketAddr),
        found: &mut Found<'a>,
    ) {
        // A message that was put together from several segments is nobody's to borrow from: what it carries is copied.
        match unit {
            Unit::Stun(Cow::Borrowed(bytes)) => self.stun(bytes, ends, true, found),
            Unit::Channel(Cow::Borrowed(bytes)) => self.channel(bytes, ends, found),
            Unit::Stun(Cow::Owned(bytes)) => {
                let mut inner = Found::default();
                self.stun(&bytes, ends, true, &mut inner);
                found.adopt(inner);
            }
            Unit::Channel(Cow::Owned(bytes)) => {
                let mut inner = Found::default();
                self.channel(&bytes, ends, &mut inner);
                found.adopt(inner);
            }
            Unit::Other => {}
        }
    }

    fn stun<'b>(
        &mut self,
        bytes: &'b [u8],
        ends: (SocketAddr, SocketAddr),
        over_tcp: bool,
        found: &mut Found<'b>,
    ) {
        let Some(view) = StunView::new(bytes) else { return };
        let (from, to) = ends;
        found.messages.push(Message {
            bytes: Cow::Borrowed(view.bytes),
            carriage: Carriage::Direct,
            from,
            to,
            over_tcp,
        });
        match (view.header.method, view.header.class) {
            (Method::CHANNEL_BIND, Class::Request) => {
                if let (Some(Attribute::ChannelNumber(number)), Some(peer)) =
                    (view.find(AttributeType::CHANNEL_NUMBER), view.peer())
                {
                    self.peers.insert((from, to, number), peer);
                }
            }
            (Method::SEND, Class::Indication) => {
                if let (Some(peer), Some(data)) = (view.peer(), view.data()) {
                    relayed(data, (from, peer), found);
                }
            }
            (Method::DATA, Class::Indication) => {
                if let (Some(peer), Some(data)) = (view.peer(), view.data()) {
                    relayed(data, (peer, to), found);
                }
            }
            _ => {}
        }
    }

    fn channel<'b>(&mut self, bytes: &'b [u8], (from, to): (SocketAddr, SocketAddr), found: &mut Found<'b>) {
        found.channel = true;
        let (Some(number), Some(length)) = (be16(bytes, 0), be16(bytes, 2)) else { return };
        let data = bytes.get(4..4 + usize::from(length)).unwrap_or(&[]);
        let towards_server = self.peers.get(&(from, to, number)).map(|peer| (from, *peer));
        let towards_client = || self.peers.get(&(to, from, number)).map(|peer| (*peer, to));
        match towards_server.or_else(towards_client) {
            Some(ends) => relayed(data, ends, found),
            // The capture began after the channel was bound: what is carried can be told, with whom cannot.
            None => found.relayed.push(over_udp(data, u16::MAX, u16::MAX)),
        }
    }
}

/// Data that TURN carries between a client and a peer.
fn relayed<'b>(data: &'b [u8], (from, to): (SocketAddr, SocketAddr), found: &mut Found<'b>) {
    let application = over_udp(data, u16::MAX, u16::MAX);
    match (application, StunView::new(data)) {
        (Application::Stun(_), Some(view)) => {
            let bytes = Cow::Borrowed(view.bytes);
            found.messages.push(Message { bytes, carriage: Carriage::Relayed, from, to, over_tcp: false });
        }
        _ => found.relayed.push(application),
    }
}

impl Found<'_> {
    /// Takes in what was found in bytes that do not live as long.
    fn adopt(&mut self, inner: Found<'_>) {
        let owned = |message: Message<'_>| Message {
            bytes: Cow::Owned(message.bytes.into_owned()),
            carriage: message.carriage,
            from: message.from,
            to: message.to,
            over_tcp: message.over_tcp,
        };
        self.messages.extend(inner.messages.into_iter().map(owned));
        self.relayed.extend(inner.relayed);
        self.channel |= inner.channel;
    }
}
