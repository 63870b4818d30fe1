//! What can be set on a connection, with Linux's values as the default. Not here: what the parts do with it.

use std::time::Duration;

use super::congestion::Algorithm;

/// Whether a small segment waits while data is unacknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Nagle {
    /// Never (TCP_NODELAY).
    Off,
    /// While anything is unacknowledged (RFC 9293 §3.7.4).
    Classic,
    /// While another small segment is unacknowledged: Minshall's variant, which is what Linux does.
    #[default]
    Minshall,
}

/// Explicit Congestion Notification (RFC 3168).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ecn {
    /// Neither asked for nor granted.
    Off,
    /// Granted to a peer that asks, as Linux does by default.
    #[default]
    Accept,
    /// Asked for, and granted.
    Request,
}

/// When to ask a silent peer whether it is still there (RFC 9293 §3.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// After so much silence.
    pub idle: Duration,
    /// Between one probe and the next.
    pub interval: Duration,
    /// The connection is given up after so many probes without an answer.
    pub probes_max: u32,
}

/// Linux's defaults for a socket that asks for keepalives.
impl Default for Keepalive {
    fn default() -> Keepalive {
        Keepalive { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), probes_max: 9 }
    }
}

/// Everything that can be set. The default is what Linux does.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The largest IP packet of the way out, in bytes; the maximum segment size follows from it.
    pub mtu: u16,
    /// Bytes that the program may write ahead of what is acknowledged.
    pub send_buffer: usize,
    /// Bytes that may wait for the program to read them: the largest window that is offered.
    pub receive_buffer: usize,
    /// The congestion control algorithm.
    pub algorithm: Algorithm,
    /// Segments of the initial congestion window (RFC 6928 §2).
    pub initial_window_segments: u32,
    /// Whether small segments wait.
    pub nagle: Nagle,
    /// How long an acknowledgment may be delayed; none to acknowledge every segment.
    pub ack_delay: Option<Duration>,
    /// Segments that are acknowledged at once at the start of a stream.
    pub quick_acks: u32,
    /// Whether the window scale option is used (RFC 7323 §2).
    pub window_scaling: bool,
    /// Whether the timestamps option is used (RFC 7323 §3).
    pub timestamps: bool,
    /// Whether SACK is used (RFC 2018), and with it RACK-TLP.
    pub sack: bool,
    /// ECN.
    pub ecn: Ecn,
    /// Keepalives; none by default.
    pub keepalive: Option<Keepalive>,
    /// The retransmission timeout before there is a measurement (RFC 6298 §2.1).
    pub rto_initial: Duration,
    /// The least time that a retransmission waits beyond the smoothed round-trip time (Linux's reading of RFC 6298 §2.4).
    pub rto_floor: Duration,
    /// The longest retransmission timeout (RFC 6298 §2.5).
    pub rto_max: Duration,
    /// How often a SYN is sent again.
    pub syn_retries: u32,
    /// How often a SYN-ACK is sent again.
    pub syn_ack_retries: u32,
    /// How often a segment of an open connection is sent again, counted in doublings of the timeout (RFC 9293 §3.8.3, R2).
    pub retries: u32,
    /// Gives up when data is unacknowledged for so long (RFC 5482); none for no limit but the retries.
    pub user_timeout: Option<Duration>,
    /// How long a peer may delay the acknowledgment of a lone segment (TLP.max_ack_delay, RFC 8985 §7.2).
    pub peer_ack_delay_max: Duration,
    /// How long TIME-WAIT lasts: twice the maximum segment lifetime (RFC 9293 §3.6.1); Linux takes a minute for it.
    pub time_wait: Duration,
    /// How long an orphaned connection stays in FIN-WAIT-2.
    pub fin_wait_2: Duration,
    /// Whether the congestion window decays while the program sends less than it allows (RFC 5681 §4.1).
    pub window_validation: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            mtu: 1500,
            send_buffer: 4 << 20,
            receive_buffer: 4 << 20,
            algorithm: Algorithm::Cubic,
            initial_window_segments: 10,
            nagle: Nagle::Minshall,
            ack_delay: Some(Duration::from_millis(40)),
            quick_acks: 16,
            window_scaling: true,
            timestamps: true,
            sack: true,
            ecn: Ecn::Accept,
            keepalive: None,
            rto_initial: Duration::from_secs(1),
            rto_floor: Duration::from_millis(200),
            rto_max: Duration::from_secs(120),
            syn_retries: 6,
            syn_ack_retries: 5,
            retries: 15,
            user_timeout: None,
            peer_ack_delay_max: Duration::from_millis(200),
            time_wait: Duration::from_secs(60),
            fin_wait_2: Duration::from_secs(60),
            window_validation: true,
        }
    }
}
