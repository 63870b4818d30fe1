//! What a NAT is told to be, on the axes of RFC 4787 and RFC 5508. Not here: how each axis works (one file each).

use std::time::Duration;

/// Which of a packet's remote endpoint a mapping depends on (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MappingBehavior {
    /// One mapping for everything that an internal endpoint sends.
    #[default]
    EndpointIndependent,
    /// A mapping for each remote address.
    AddressDependent,
    /// A mapping for each remote address and port.
    AddressAndPortDependent,
}

/// Who may use a mapping from outside (RFC 4787 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum FilteringBehavior {
    /// Anybody.
    EndpointIndependent,
    /// Addresses that the internal endpoint has sent to.
    AddressDependent,
    /// Addresses and ports that the internal endpoint has sent to.
    #[default]
    AddressAndPortDependent,
}

/// Which external port a new mapping gets (RFC 4787 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PortAllocation {
    /// The internal port if it is free, or else a random one.
    #[default]
    PreserveElseRandom,
    /// The internal port if it is free, or else the next one in order.
    PreserveElseSequential,
    /// One after the other.
    Sequential,
    /// A random one.
    Random,
}

/// Which external address a new mapping gets, where there are several (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Pooling {
    /// An internal address keeps its external address.
    #[default]
    Paired,
    /// A random one each time.
    Arbitrary,
}

/// What happens when one internal host sends to the external endpoint of another (RFC 4787 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Hairpin {
    /// It is dropped.
    #[default]
    Off,
    /// It arrives from the sender's external endpoint, as REQ-9 asks.
    ExternalSource,
    /// It arrives from the sender's internal endpoint: a known fault.
    InternalSource,
}

/// How long things are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// A UDP mapping without traffic. RFC 4787 REQ-5 wants at least two minutes, and recommends five.
    pub udp: Duration,
    /// A mapping of ICMP queries without traffic. RFC 5508 REQ-2 wants at least one minute.
    pub icmp: Duration,
    /// A remote endpoint that the inside has stopped sending to; none: as long as the mapping.
    pub filter: Option<Duration>,
}

impl Default for Timers {
    fn default() -> Timers {
        Timers { udp: Duration::from_secs(300), icmp: Duration::from_secs(60), filter: None }
    }
}

/// Which packets renew a mapping (RFC 4787 §4.3).
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

/// A NAT on its axes. The default is what many home routers are: endpoint-independent mapping, address and port-dependent filtering,
/// ports preserved where possible, no hairpinning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatConfig {
    /// Which packets share a mapping.
    pub mapping: MappingBehavior,
    /// Who may come in through it.
    pub filtering: FilteringBehavior,
    /// Which external port it gets.
    pub ports: PortAllocation,
    /// Among which ports, first and last.
    pub port_range: (u16, u16),
    /// Which external address it gets.
    pub pooling: Pooling,
    /// Whether inside hosts reach each other by their external endpoints.
    pub hairpin: Hairpin,
    /// How long it lives.
    pub timers: Timers,
    /// What keeps it alive.
    pub refresh: Refresh,
}

impl Default for NatConfig {
    fn default() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::default(),
            filtering: FilteringBehavior::default(),
            ports: PortAllocation::default(),
            port_range: (1_024, 65_535),
            pooling: Pooling::default(),
            hairpin: Hairpin::default(),
            timers: Timers::default(),
            refresh: Refresh::default(),
        }
    }
}

impl NatConfig {
    /// What is wrong with it, in words.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let (first, last) = self.port_range;
        let timers = [self.timers.udp, self.timers.icmp, self.timers.filter.unwrap_or(self.timers.udp)];
        if first == 0 || first > last {
            Some("the port range is empty or begins at 0")
        } else if timers.iter().any(Duration::is_zero) {
            Some("a timer of zero would forget a mapping before its packet has left")
        } else {
            None
        }
    }

    /// Its axes in words, as the trace shows them.
    pub fn describe(&self) -> Vec<String> {
        let Timers { udp, icmp, filter } = self.timers;
        let filter = filter.map_or("as long as the mapping".into(), |filter| format!("{filter:?}"));
        let refresh = match (self.refresh.outbound, self.refresh.inbound) {
            (true, true) => "outbound and inbound",
            (true, false) => "outbound",
            (false, true) => "inbound",
            (false, false) => "nothing",
        };
        vec![
            format!("mapping: {}", self.mapping.words()),
            format!("filtering: {}", self.filtering.words()),
            format!("ports: {}, {} to {}", self.ports.words(), self.port_range.0, self.port_range.1),
            format!("pooling: {}", if self.pooling == Pooling::Paired { "paired" } else { "arbitrary" }),
            format!("hairpinning: {}", self.hairpin.words()),
            format!("timers: UDP {udp:?}, ICMP {icmp:?}, filter {filter}"),
            format!("refreshed by: {refresh}"),
        ]
    }
}

impl MappingBehavior {
    /// As RFC 4787 calls it.
    pub const fn words(self) -> &'static str {
        match self {
            MappingBehavior::EndpointIndependent => "endpoint-independent",
            MappingBehavior::AddressDependent => "address-dependent",
            MappingBehavior::AddressAndPortDependent => "address and port-dependent",
        }
    }
}

impl FilteringBehavior {
    /// As RFC 4787 calls it.
    pub const fn words(self) -> &'static str {
        match self {
            FilteringBehavior::EndpointIndependent => "endpoint-independent",
            FilteringBehavior::AddressDependent => "address-dependent",
            FilteringBehavior::AddressAndPortDependent => "address and port-dependent",
        }
    }
}

impl PortAllocation {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            PortAllocation::PreserveElseRandom => "preserved, else random",
            PortAllocation::PreserveElseSequential => "preserved, else sequential",
            PortAllocation::Sequential => "sequential",
            PortAllocation::Random => "random",
        }
    }
}

impl Hairpin {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Hairpin::Off => "off",
            Hairpin::ExternalSource => "on, from the external endpoint",
            Hairpin::InternalSource => "on, from the internal endpoint",
        }
    }
}
