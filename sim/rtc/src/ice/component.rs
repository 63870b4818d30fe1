//! What candidates belong to, and which transport they speak: data streams, components, UDP and TCP. Not here: candidates themselves.

use std::fmt;
use std::net::SocketAddr;

use super::Candidate;

/// A component of a data stream (RFC 8445 §4): what a candidate is for.
///
/// The default is the only one that BUNDLE and rtcp-mux leave: stream 0, component 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId {
    /// The data stream, from 0.
    pub stream: u32,
    /// 1 for RTP or everything, 2 for RTCP; at most 256.
    pub component: u16,
}

impl Default for ComponentId {
    fn default() -> ComponentId {
        ComponentId { stream: 0, component: 1 }
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream {} component {}", self.stream, self.component)
    }
}

/// The transport of a candidate: UDP, or TCP with the part that it plays (RFC 6544 §4.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidateTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// Opens connections, and is not reached by any; its port means nothing.
    TcpActive,
    /// Waits for connections.
    TcpPassive,
    /// Opens a connection and waits for one at the same time, from one port.
    TcpSimultaneousOpen,
}

impl CandidateTransport {
    /// The word of the `tcptype` extension (RFC 6544 §4.5), for TCP.
    pub const fn tcp_type(self) -> Option<&'static str> {
        match self {
            CandidateTransport::Udp => None,
            CandidateTransport::TcpActive => Some("active"),
            CandidateTransport::TcpPassive => Some("passive"),
            CandidateTransport::TcpSimultaneousOpen => Some("so"),
        }
    }

    /// Whether it is TCP.
    pub const fn is_tcp(self) -> bool {
        self.tcp_type().is_some()
    }

    /// Whether a connection can come about between the two (RFC 6544 §6.2).
    pub const fn meets(self, remote: CandidateTransport) -> bool {
        use CandidateTransport::{TcpActive, TcpPassive, TcpSimultaneousOpen, Udp};
        matches!(
            (self, remote),
            (Udp, Udp)
                | (TcpActive, TcpPassive)
                | (TcpPassive, TcpActive)
                | (TcpSimultaneousOpen, TcpSimultaneousOpen)
        )
    }

    /// Direction-pref of a local preference: which way of connecting is the more likely one (RFC 6544 §4.2).
    pub(super) const fn direction_preference(self, reflexive: bool) -> u16 {
        match (self, reflexive) {
            (CandidateTransport::Udp, _) => 0,
            (CandidateTransport::TcpActive, false) | (CandidateTransport::TcpSimultaneousOpen, true) => 6,
            (CandidateTransport::TcpPassive, false) | (CandidateTransport::TcpActive, true) => 4,
            (CandidateTransport::TcpSimultaneousOpen, false) | (CandidateTransport::TcpPassive, true) => 2,
        }
    }
}

/// Where packets leave from: an address, and whether they are datagrams or travel in a connection. A UDP and a TCP candidate may have
/// the same address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) address: SocketAddr,
    pub(super) tcp: bool,
}

impl Base {
    /// A UDP socket or a relayed address.
    pub(super) const fn udp(address: SocketAddr) -> Base {
        Base { address, tcp: false }
    }

    /// The base of a candidate.
    pub(super) fn of(candidate: &Candidate) -> Base {
        Base { address: candidate.base, tcp: candidate.transport.is_tcp() }
    }
}

#[cfg(test)]
mod tests {
    use super::CandidateTransport::{TcpActive, TcpPassive, TcpSimultaneousOpen, Udp};

    #[test]
    fn transports_meet_as_the_table_says() {
        let all = [Udp, TcpActive, TcpPassive, TcpSimultaneousOpen];
        let meets = |a| all.into_iter().filter(move |b| super::CandidateTransport::meets(a, *b));
        assert_eq!(meets(Udp).collect::<Vec<_>>(), [Udp]);
        assert_eq!(meets(TcpActive).collect::<Vec<_>>(), [TcpPassive]);
        assert_eq!(meets(TcpPassive).collect::<Vec<_>>(), [TcpActive]);
        assert_eq!(meets(TcpSimultaneousOpen).collect::<Vec<_>>(), [TcpSimultaneousOpen]);
    }

    #[test]
    fn a_nat_makes_simultaneous_open_the_most_promising_and_listening_the_least() {
        let order = |reflexive| {
            let mut all = [TcpActive, TcpPassive, TcpSimultaneousOpen];
            all.sort_by_key(|transport| std::cmp::Reverse(transport.direction_preference(reflexive)));
            all
        };
        assert_eq!(order(false), [TcpActive, TcpPassive, TcpSimultaneousOpen]);
        assert_eq!(order(true), [TcpSimultaneousOpen, TcpActive, TcpPassive]);
    }
}
