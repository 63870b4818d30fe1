//! What a packet says, in a few words: the "what" of a ladder's line.

use std::fmt;

use rtclab_net::wire::icmp::ErrorKind;
use rtclab_rtc::dns::{Code, Message};
use rtclab_rtc::stun::{Class, Method};

use super::{Content, StunReading};
use crate::programs::signaling::Datagram;

/// `check`, `answer: seen as 203.0.113.11:40000`, `Allocate request`, `data 3, 160 bytes`, …
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Signaling(datagram) => signaling(f, datagram),
            Content::Sip(carried) => write!(f, "{}: {}", carried.protocol, carried.words),
            Content::Stun(reading) => write!(f, "{reading}"),
            Content::Relayed { wrapping, peer, channel, inner } => {
                write!(f, "{inner} (in a {wrapping}")?;
                match (peer, channel) {
                    (Some(peer), _) if *wrapping == "Send indication" => write!(f, " to {peer})"),
                    (Some(peer), _) => write!(f, " from {peer})"),
                    (None, Some(channel)) => write!(f, " on channel {channel:#06x})"),
                    (None, None) => f.write_str(")"),
                }
            }
            Content::Numbered { number, length } => write!(f, "data {number}, {length} bytes"),
            Content::Dtls(reading) => write!(f, "{reading}"),
            Content::Data { protocol, length } => write!(f, "{protocol}, {length} bytes"),
            Content::Dns { multicast, message } => dns_words(f, *multicast, message),
            Content::PortMapping(reading) => write!(f, "{reading}"),
            Content::Neighbor(reading) => write!(f, "{reading}"),
            Content::Echo { request, sequence, length } => {
                let what = if *request { "request" } else { "answer" };
                write!(f, "ICMP echo {what} {sequence}, {length} bytes")
            }
            Content::Tcp(segment) => write!(f, "{segment}"),
            Content::IcmpError { kind, about } => {
                write!(f, "ICMP {}", icmp_words(*kind))?;
                about.map_or(Ok(()), |about| write!(f, ", about a packet to {about}"))
            }
            Content::Fragment { from, to, more } => {
                let last = if *more { "" } else { ", the last" };
                write!(f, "fragment, bytes {from} to {to}{last}")
            }
            Content::Other { protocol } => write!(f, "IP protocol {protocol}"),
        }
    }
}

/// `DNS question: A www.example.test`, `DNS answer: A www.example.test: 203.0.113.10, for 300 s`.
fn dns_words(f: &mut fmt::Formatter<'_>, multicast: bool, message: &Message) -> fmt::Result {
    let protocol = if multicast { "mDNS" } else { "DNS" };
    let questions: Vec<String> = message.questions.iter().map(ToString::to_string).collect();
    let questions = questions.join(", ");
    if !message.is_response {
        return write!(f, "{protocol} question: {questions}");
    }
    // Multicast answers need not repeat the question (RFC 6762 §6).
    let about = match message.answers.first() {
        Some(record) if questions.is_empty() => format!("{} {}", record.data.kind(), record.name),
        _ => questions,
    };
    write!(f, "{protocol} answer: {about}: ")?;
    let said: Vec<String> = message.answers.iter().map(|record| record.data.to_string()).collect();
    match message.answers.iter().map(|record| record.ttl_s).min() {
        _ if message.truncated => f.write_str("too long for a datagram"),
        _ if message.code == Code::NoSuchName => f.write_str("no such name (NXDOMAIN)"),
        _ if message.code != Code::NoError => write!(f, "{}", message.code),
        Some(ttl_s) => write!(f, "{}, for {ttl_s} s", said.join(", ")),
        None => f.write_str("no such record"),
    }
}

fn signaling(f: &mut fmt::Formatter<'_>, datagram: &Datagram) -> fmt::Result {
    match datagram {
        Datagram::Hello { name, .. } => write!(f, "signaling: hello, I am {name}"),
        Datagram::Welcome { .. } => f.write_str("signaling: welcome"),
        Datagram::Message(message) => write!(f, "signaling: {} for {}", message.kind.word(), message.to),
        Datagram::Received { number, from } => write!(f, "signaling: received {number} of {from}"),
    }
}

impl fmt::Display for StunReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.name();
        match self.class {
            Class::Request if self.is_check && self.use_candidate => f.write_str("check that nominates")?,
            Class::Request if self.is_check => f.write_str("check")?,
            Class::Indication if self.method == Method::BINDING => f.write_str("keepalive")?,
            Class::Success if self.method == Method::BINDING => f.write_str("answer")?,
            class => write!(f, "{method} {}", class.word())?,
        }
        if let Some((code, phrase)) = &self.error {
            return write!(f, ": {code} {phrase}");
        }
        if let Some(relayed) = self.relayed {
            write!(f, ": relayed address {relayed}")?;
        } else if let Some(mapped) = self.mapped {
            write!(f, ": you are {mapped}")?;
        }
        if let Some(peer) = self.peer {
            // RFC 8656 §9: a permission is for an address, whatever the port.
            match self.channel {
                Some(channel) => write!(f, " for {peer} as {channel:#06x}")?,
                None => write!(f, " for {}", peer.ip())?,
            }
        }
        if self.method == Method::REFRESH && self.lifetime_s == Some(0) {
            f.write_str(", released")?;
        }
        Ok(())
    }
}

fn icmp_words(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NetworkUnreachable => "network unreachable".into(),
        ErrorKind::HostUnreachable => "host unreachable".into(),
        ErrorKind::ProtocolUnreachable => "protocol unreachable".into(),
        ErrorKind::PortUnreachable => "port unreachable".into(),
        ErrorKind::Prohibited => "prohibited".into(),
        ErrorKind::TimeExceeded => "time exceeded".into(),
        ErrorKind::ReassemblyTimeExceeded => "the rest of a datagram did not come in time".into(),
        ErrorKind::TooBig { mtu } => format!("packet too big, the next link takes {mtu} bytes"),
        ErrorKind::Other => "error".into(),
    }
}
