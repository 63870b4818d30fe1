//! How long a NAT remembers, and what keeps it remembering (RFC 4787 §4.3, RFC 5382 §5, RFC 5508 §3.2). Not here: the leases themselves
//! (`crate::lease`).

use std::time::Duration;

/// How long things are remembered without traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// A UDP mapping. RFC 4787 REQ-5 wants at least two minutes, and recommends five.
    pub udp: Duration,
    /// A UDP mapping that nothing has come in through yet; none: the same.
    pub udp_unreplied: Option<Duration>,
    /// A mapping of ICMP queries. RFC 5508 REQ-2 wants at least one minute.
    pub icmp: Duration,
    /// A TCP connection that is open. RFC 5382 REQ-5 wants at least two hours and four minutes.
    pub tcp_established: Duration,
    /// A TCP connection that opens or closes. RFC 5382 REQ-5 wants at least four minutes.
    pub tcp_transitory: Duration,
    /// A remote endpoint that the inside has stopped sending to; none: as long as the mapping. (In TCP each connection has a timer anyway.)
    pub filter: Option<Duration>,
}

impl Default for Timers {
    fn default() -> Timers {
        Timers {
            udp: Duration::from_secs(300),
            udp_unreplied: None,
            icmp: Duration::from_secs(60),
            tcp_established: Duration::from_secs(7_440),
            tcp_transitory: Duration::from_secs(240),
            filter: None,
        }
    }
}

impl Timers {
    /// Whether one of them is zero, which would forget a mapping before its packet has left.
    pub(super) fn has_zero(&self) -> bool {
        let optional = [self.udp_unreplied, self.filter].into_iter().flatten();
        let all = [self.udp, self.icmp, self.tcp_established, self.tcp_transitory];
        all.into_iter().chain(optional).any(|timer| timer.is_zero())
    }

    /// In words.
    pub(super) fn describe(&self) -> Vec<String> {
        let unreplied = self
            .udp_unreplied
            .map_or(String::new(), |timer| format!(" ({timer:?} until something comes in)"));
        let filter = self.filter.map_or("as long as the mapping".into(), |filter| format!("{filter:?}"));
        vec![
            format!("timers: UDP {:?}{unreplied}, ICMP {:?}, filter {filter}", self.udp, self.icmp),
            format!(
                "timers of TCP: established {:?}, transitory {:?}",
                self.tcp_established, self.tcp_transitory
            ),
        ]
    }
}

/// Which UDP packets renew a mapping (RFC 4787 §4.3). Segments of TCP do so both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refresh {
    /// Those from inside; REQ-6 wants it.
    pub outbound: bool,
    /// Those from outside; REQ-6 allows it.
    pub inbound: bool,
}

impl Default for Refresh {
    fn default() -> Refresh {
        Refresh { outbound: true, inbound: false }
    }
}

impl Refresh {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match (self.outbound, self.inbound) {
            (true, true) => "outbound and inbound",
            (true, false) => "outbound",
            (false, true) => "inbound",
            (false, false) => "nothing",
        }
    }
}
