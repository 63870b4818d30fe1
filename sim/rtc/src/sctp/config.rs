//! The numbers of an association, as RFC 9260 §16 recommends them, and as data channels use them.

use std::time::Duration;

/// The numbers of an association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Both ports: over DTLS there is one association, and both ends say 5000 unless SDP says otherwise (RFC 8841 §5.1).
    pub port: u16,
    /// The port of the peer.
    pub peer_port: u16,
    /// Longest packet, in bytes. 1,191 is what libwebrtc uses: with DTLS, TURN, UDP and IPv6 around it, it fits the least MTU of IPv6, 1,280.
    pub packet_size: usize,
    /// Bytes that may wait here for the rest of their message.
    pub receive_window: u32,
    /// Streams in each direction: all that there are (RFC 8831 §6.2).
    pub streams: u16,
    /// Longest message that is sent, in bytes: what the peer's `a=max-message-size` says (RFC 8841 §6).
    pub max_message_size: usize,
    /// Bytes of messages that may wait to be sent; more are refused.
    pub send_buffer: usize,
    /// RTO.Initial.
    pub rto_initial: Duration,
    /// RTO.Min.
    pub rto_min: Duration,
    /// RTO.Max.
    pub rto_max: Duration,
    /// Max.Init.Retransmits.
    pub init_retransmissions_max: u32,
    /// Association.Max.Retrans.
    pub retransmissions_max: u32,
    /// How long a cookie is good (Valid.Cookie.Life).
    pub cookie_life: Duration,
    /// HB.interval.
    pub heartbeat_interval: Duration,
    /// How long an acknowledgment may wait (§6.2).
    pub acknowledgment_delay: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            port: 5000,
            peer_port: 5000,
            packet_size: 1_191,
            receive_window: 1 << 20,
            streams: u16::MAX,
            max_message_size: 262_144,
            send_buffer: 16 << 20,
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            init_retransmissions_max: 8,
            retransmissions_max: 10,
            cookie_life: Duration::from_secs(60),
            heartbeat_interval: Duration::from_secs(30),
            acknowledgment_delay: Duration::from_millis(200),
        }
    }
}
