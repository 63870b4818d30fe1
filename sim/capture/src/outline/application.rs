//! What a UDP datagram or TCP segment carries, told by its first bytes (RFC 7983 §7) and checked for plausibility, because captures
//! hold more than WebRTC. Not here: streams, in which a message may span segments (`infer`).

use rtclab_rtc::stun;

use super::{be16, be32};

/// The fixed part of an RTP header (RFC 3550 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    /// Payload type.
    pub payload_type: u8,
    /// Marker bit.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Time stamp.
    pub timestamp: u32,
    /// Source.
    pub ssrc: u32,
}

/// The first DTLS record of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtlsRecord {
    /// With the header of DTLS 1.2 (RFC 6347 §4.1).
    Plain {
        /// Handshake, alert, …
        content_type: u8,
        /// The first byte of its content: of a handshake record, the message's type (if its epoch is 0).
        message: Option<u8>,
    },
    /// With the unified header of DTLS 1.3 (RFC 9147 §4): encrypted.
    Unified,
}

/// What a payload seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// Nothing is there, or nothing can be told.
    None,
    /// STUN or TURN (RFC 8489, RFC 8656).
    Stun(stun::Header),
    /// STUN before RFC 5389, without the cookie.
    ClassicStun {
        /// The message type as it stands.
        kind: u16,
    },
    /// TURN channel data (RFC 8656 §12.4).
    ChannelData {
        /// The channel.
        channel: u16,
        /// Bytes of data.
        length: u16,
    },
    /// DTLS.
    Dtls(DtlsRecord),
    /// RTP, probably encrypted (SRTP).
    Rtp(RtpHeader),
    /// RTCP, probably encrypted (SRTCP).
    Rtcp {
        /// Its type.
        kind: u8,
    },
    /// DNS or multicast DNS.
    Dns,
    /// TLS over TCP.
    Tls {
        /// Handshake, alert, application data, …
        content_type: u8,
    },
    /// The start of an HTTP message.
    Http,
    /// STUN behind the two bytes of length of RFC 4571, as ICE over TCP has it (RFC 6544 §3).
    FramedStun(stun::Header),
    /// Something else.
    Data,
}

impl Application {
    /// The key under which reports count it.
    pub const fn key(&self) -> Option<&'static str> {
        match self {
            Application::Stun(_) | Application::FramedStun(_) => Some("stun"),
            Application::ClassicStun { .. } => Some("classic-stun"),
            Application::ChannelData { .. } => Some("turn-channel"),
            Application::Dtls(_) => Some("dtls"),
            Application::Rtp(_) => Some("rtp"),
            Application::Rtcp { .. } => Some("rtcp"),
            Application::Dns => Some("dns"),
            Application::Tls { .. } => Some("tls"),
            Application::Http => Some("http"),
            Application::None | Application::Data => None,
        }
    }
}

/// Ports below 1024 belong to other protocols, of which some begin like DTLS or RTP (NTP, SNMP); these do not.
const fn may_be_media(port: u16) -> bool {
    port >= 1024 || matches!(port, 80 | 443)
}

const fn is_dns(port: u16) -> bool {
    matches!(port, 53 | 5353 | 5355)
}

/// Tells what a UDP datagram carries.
pub fn over_udp(payload: &[u8], source: u16, destination: u16) -> Application {
    let Some(&first) = payload.first() else { return Application::None };
    if (is_dns(source) || is_dns(destination)) && payload.len() >= 12 {
        return Application::Dns;
    }
    let media = may_be_media(source) && may_be_media(destination);
    let found = match first {
        0..=3 => stun(payload),
        20..=63 if media => dtls(payload).map(Application::Dtls),
        64..=79 => channel_data(payload, 3),
        128..=191 if media => rtp_or_rtcp(payload),
        _ => None,
    };
    found.unwrap_or(Application::Data)
}

/// Tells what a TCP segment carries, if something begins with it.
pub fn over_tcp(payload: &[u8]) -> Application {
    let Some(&first) = payload.first() else { return Application::None };
    if let Ok(header) = stun::Header::peek(payload) {
        return Application::Stun(header);
    }
    if let (Some(length), Some(Ok(header))) = (be16(payload, 0), payload.get(2..).map(stun::Header::peek))
        && usize::from(length) == stun::HEADER_LENGTH + usize::from(header.attributes_length)
    {
        return Application::FramedStun(header);
    }
    let found = match first {
        20..=23 if payload.get(1) == Some(&3) && payload.get(2).is_some_and(|minor| *minor <= 4) => {
            Some(Application::Tls { content_type: first })
        }
        64..=79 if channels_fill(payload) => channel_data(payload, usize::MAX),
        _ if is_http(payload) => Some(Application::Http),
        _ => None,
    };
    found.unwrap_or(Application::Data)
}

fn stun(payload: &[u8]) -> Option<Application> {
    if let Ok(header) = stun::Header::peek(payload) {
        return Some(Application::Stun(header));
    }
    // RFC 3489 §11.1: Binding and Shared Secret; without a cookie only the exact length speaks for it.
    let (kind, length) = (be16(payload, 0)?, be16(payload, 2)?);
    let known = matches!(kind, 0x0001 | 0x0101 | 0x0111 | 0x0002 | 0x0102 | 0x0112);
    let exact = stun::HEADER_LENGTH + usize::from(length) == payload.len();
    (known && exact).then_some(Application::ClassicStun { kind })
}

/// The unified header (RFC 9147 §4, figure 3): `001CSLEE`. Its record sequence number and at least 16 bytes of ciphertext follow.
const UNIFIED_LENGTH_MIN: usize = 18;

fn dtls(payload: &[u8]) -> Option<DtlsRecord> {
    let first = *payload.first()?;
    if first & 0xe0 == 0x20 {
        let sequence_length = if first & 0x08 == 0 { 1 } else { 2 };
        // With a connection id the length stands at an unknown place.
        let length_fits = first & 0x14 != 0x04
            || be16(payload, 1 + sequence_length)
                .is_some_and(|length| 3 + sequence_length + usize::from(length) <= payload.len());
        return (payload.len() >= UNIFIED_LENGTH_MIN && length_fits).then_some(DtlsRecord::Unified);
    }
    let version = be16(payload, 1)?;
    let length = usize::from(be16(payload, 11)?);
    // 25 is a record with a connection id (RFC 9146 §4), whose length stands further behind.
    let fits = first == 25 || 13 + length <= payload.len();
    let known = matches!(first, 20..=26) && matches!(version, 0xfeff | 0xfefd | 0xfefc);
    let message = payload.get(13).copied().filter(|_| be16(payload, 3) == Some(0));
    (known && fits).then_some(DtlsRecord::Plain { content_type: first, message })
}

/// Over UDP the padding to four bytes may be there (RFC 8656 §12.5); nothing more may.
fn channel_data(payload: &[u8], padding_max: usize) -> Option<Application> {
    let (channel, length) = (be16(payload, 0)?, be16(payload, 2)?);
    let behind = payload.len().checked_sub(4 + usize::from(length))?;
    (matches!(channel, 0x4000..=0x4fff) && behind <= padding_max)
        .then_some(Application::ChannelData { channel, length })
}

/// Whether channel data messages, each padded to four bytes, fill the payload exactly; text seldom does.
fn channels_fill(payload: &[u8]) -> bool {
    let mut at = 0;
    while at < payload.len() {
        let (Some(0x4000..=0x4fff), Some(length)) = (be16(payload, at), be16(payload, at + 2)) else {
            return false;
        };
        at += 4 + usize::from(length).next_multiple_of(4);
    }
    at == payload.len()
}

fn rtp_or_rtcp(payload: &[u8]) -> Option<Application> {
    let second = *payload.get(1)?;
    // RFC 5761 §4: on a shared port the second byte tells RTCP (192 to 223) from RTP.
    if matches!(second, 192..=223) {
        let length = usize::from(be16(payload, 2)?) * 4 + 4;
        return (length <= payload.len() && payload.len() >= 8).then_some(Application::Rtcp { kind: second });
    }
    let first = payload[0];
    let mut header_length = 12 + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        header_length += 4 + usize::from(be16(payload, header_length + 2)?) * 4;
    }
    (header_length <= payload.len()).then_some(Application::Rtp(RtpHeader {
        payload_type: second & 0x7f,
        marker: second & 0x80 != 0,
        sequence: be16(payload, 2)?,
        timestamp: be32(payload, 4)?,
        ssrc: be32(payload, 8)?,
    }))
}

fn is_http(payload: &[u8]) -> bool {
    const STARTS: [&[u8]; 8] =
        [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"CONNECT ", b"HTTP/1."];
    STARTS.iter().any(|start| payload.starts_with(start))
}
