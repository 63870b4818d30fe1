//! The lines that are not attributes: `o=`, `c=`, `b=`, `t=`, `m=` (RFC 8866 §5). Not here: attributes.

use std::fmt;

use super::super::cursor::{Cursor, Read, is_token_char};

/// Who made the description, and which version of it this is (RFC 8866 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// A name, or `-`.
    pub username: String,
    /// The session; in WebRTC a random number of 63 bits (RFC 9429 §5.2.1).
    pub session_id: u64,
    /// Grows by one whenever the description changes.
    pub session_version: u64,
    /// `IN`.
    pub network_type: String,
    /// `IP4` or `IP6`.
    pub address_type: String,
    /// Without meaning in WebRTC.
    pub address: String,
}

/// The network address (RFC 8866 §5.7). With ICE, the default candidate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    /// `IN`.
    pub network_type: String,
    /// `IP4` or `IP6`.
    pub address_type: String,
    /// The address, with `/TTL` and `/count` behind a multicast one.
    pub address: String,
}

/// A limit of bandwidth (RFC 8866 §5.8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth {
    /// `CT`, `AS`, `TIAS`, `RS`, `RR`, or something newer.
    pub kind: String,
    /// In kbit/s, except for `TIAS`, `RS` and `RR`: bit/s.
    pub value: u64,
}

/// When the session is active (RFC 8866 §5.9), in seconds since 1900; both zero in WebRTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timing {
    /// From when on.
    pub start_s: u64,
    /// Until when.
    pub stop_s: u64,
}

/// The start of a media description (RFC 8866 §5.14).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaLine {
    /// `audio`, `video`, `application`, or something else.
    pub media: String,
    /// The port of the default candidate; 9 when there is none yet, 0 when the medium is rejected or bundle-only.
    pub port: u16,
    /// How many ports, where the line says so.
    pub port_count: Option<u16>,
    /// The protocols below the medium: `UDP/TLS/RTP/SAVPF`.
    pub protocol: String,
    /// Payload types, or the protocol above SCTP.
    pub formats: Vec<String>,
}

impl MediaLine {
    /// Whether it is RTP (RFC 9429 §5.1.2 names the profiles).
    pub fn is_rtp(&self) -> bool {
        self.protocol.contains("RTP/")
    }

    /// Whether it is SCTP over DTLS, in the order of RFC 8841 or in that of its drafts.
    pub fn is_sctp(&self) -> bool {
        self.protocol.ends_with("DTLS/SCTP") || self.protocol.ends_with("SCTP/DTLS")
    }

    /// The payload types of an RTP medium.
    pub fn payload_types(&self) -> impl Iterator<Item = u8> + '_ {
        self.formats.iter().filter_map(|format| format.parse().ok())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { username, session_id, session_version, network_type, address_type, address } = self;
        write!(f, "{username} {session_id} {session_version} {network_type} {address_type} {address}")
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.network_type, self.address_type, self.address)
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.start_s, self.stop_s)
    }
}

impl fmt::Display for MediaLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.media, self.port)?;
        if let Some(count) = self.port_count {
            write!(f, "/{count}")?;
        }
        write!(f, " {}", self.protocol)?;
        self.formats.iter().try_for_each(|format| write!(f, " {format}"))
    }
}

pub(in crate::sdp) fn origin(line: &mut Cursor<'_>) -> Read<Origin> {
    let username = line.word("user name")?.to_owned();
    line.space("a session id")?;
    let session_id = line.number("session id", 0, u64::MAX)?;
    line.space("a session version")?;
    let session_version = line.number("session version", 0, u64::MAX)?;
    line.space("a network type")?;
    let Connection { network_type, address_type, address } = connection(line)?;
    Ok(Origin { username, session_id, session_version, network_type, address_type, address })
}

pub(in crate::sdp) fn connection(line: &mut Cursor<'_>) -> Read<Connection> {
    let network_type = line.token("network type")?;
    if network_type != "IN" {
        return line.wrong(network_type, "the network type IN");
    }
    line.space("an address type")?;
    let address_type = line.token("address type")?;
    if !matches!(address_type, "IP4" | "IP6") {
        return line.wrong(address_type, "the address type IP4 or IP6");
    }
    line.space("an address")?;
    let address = line.word("address")?;
    if !fits(address_type, address) {
        return line.wrong(address, "an address of that type, or a host name");
    }
    line.end()?;
    Ok(Connection {
        network_type: network_type.to_owned(),
        address_type: address_type.to_owned(),
        address: address.to_owned(),
    })
}

/// Whether an address belongs to its type. Host names belong to both; TTL and count stand behind slashes.
fn fits(address_type: &str, address: &str) -> bool {
    let mut parts = address.split('/');
    let host = parts.next().unwrap_or_default();
    let numbers = parts.all(|part| part.parse::<u32>().is_ok());
    let name = host.chars().any(|letter| letter.is_ascii_alphabetic())
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter));
    let fits = match address_type {
        "IP4" => host.parse::<std::net::Ipv4Addr>().is_ok(),
        _ => host.parse::<std::net::Ipv6Addr>().is_ok(),
    };
    numbers && (fits || name)
}

pub(in crate::sdp) fn bandwidth(line: &mut Cursor<'_>) -> Read<Bandwidth> {
    let kind = line.token("bandwidth type")?.to_owned();
    line.expect(":", "a colon")?;
    let value = line.number("bandwidth", 0, u64::MAX)?;
    line.end()?;
    Ok(Bandwidth { kind, value })
}

pub(in crate::sdp) fn timing(line: &mut Cursor<'_>) -> Read<Timing> {
    let start_s = line.number("start time", 0, u64::MAX)?;
    line.space("a stop time")?;
    let stop_s = line.number("stop time", 0, u64::MAX)?;
    line.end()?;
    Ok(Timing { start_s, stop_s })
}

pub(in crate::sdp) fn media(line: &mut Cursor<'_>) -> Read<MediaLine> {
    let media = line.token("media")?.to_owned();
    line.space("a port")?;
    let port = line.number("port", 0, 65_535)? as u16;
    let port_count =
        if line.take("/") { Some(line.number("number of ports", 1, 65_535)? as u16) } else { None };
    line.space("a protocol")?;
    let protocol = line.run("protocol", |letter| is_token_char(letter) || letter == '/')?.to_owned();
    line.space("a format")?;
    let mut line_media = MediaLine { media, port, port_count, protocol, formats: Vec::new() };
    let name = if line_media.is_rtp() { "payload type" } else { "format" };
    loop {
        let format = if line_media.is_rtp() {
            line.number("payload type", 0, 127)?.to_string()
        } else {
            line.token(name)?.to_owned()
        };
        line_media.formats.push(format);
        if !line.more() {
            break;
        }
    }
    line.end()?;
    Ok(line_media)
}
