//! What a NAT is told to be, on the axes of RFC 4787, RFC 5382 and RFC 5508. Not here: the words of each axis ([`super::axes`]), how it works
//! (one file each).

use std::net::Ipv4Addr;

use super::{
    AfterReset, FilteringBehavior, Fragments, Hairpin, MappingBehavior, Pooling, PortAllocation, Prefix64,
    Refresh, Timers, Unsolicited, UnsolicitedSyn,
};

/// How an external port is picked besides [`PortAllocation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortTraits {
    /// Even ports are mapped to even ones and odd to odd, as RTP and RTCP once needed (RFC 4787 §4.2.2, REQ-4).
    pub parity: bool,
    /// Neighbouring internal ports get neighbouring external ones, where these are free (RFC 4787 §4.2.3).
    pub contiguity: bool,
    /// A port below 1024 is mapped below 1024, and one from 1024 on above (RFC 4787 REQ-3 a).
    pub range_class: bool,
}

impl Default for PortTraits {
    fn default() -> PortTraits {
        PortTraits { parity: false, contiguity: false, range_class: true }
    }
}

/// Ports given to each inside host in blocks, so that one line of a log says who had them (RFC 6888 §4, RFC 7422).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortBlocks {
    /// Ports in a block.
    pub size: u16,
    /// Blocks that a host may have at a time.
    pub per_host: u16,
}

/// How much a NAT remembers at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limits {
    /// Mappings in all.
    pub mappings: u32,
    /// Mappings of an inside host; none: no limit of its own (RFC 6888 REQ-4 wants one for a carrier).
    pub per_host: Option<u32>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { mappings: 1 << 18, per_host: None }
    }
}

/// What a NAT makes of TCP (RFC 5382).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TcpTraits {
    /// A SYN from outside that nobody asked for (REQ-4).
    pub unsolicited_syn: UnsolicitedSyn,
    /// A SYN passes in as the answer to one that went out: both ends open at once (REQ-2).
    pub simultaneous_open: bool,
    /// What a RST does.
    pub after_reset: AfterReset,
    /// A segment from inside that does not begin a connection makes a mapping all the same: connections outlive a restart of the box.
    pub picks_up: bool,
}

impl Default for TcpTraits {
    fn default() -> TcpTraits {
        TcpTraits {
            unsolicited_syn: UnsolicitedSyn::default(),
            simultaneous_open: true,
            after_reset: AfterReset::default(),
            picks_up: false,
        }
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
    /// What else its port has to be.
    pub port_traits: PortTraits,
    /// Among which ports, first and last.
    pub port_range: (u16, u16),
    /// In blocks of a host, or all over the range.
    pub port_blocks: Option<PortBlocks>,
    /// Which external address it gets.
    pub pooling: Pooling,
    /// With [`Pooling::OneToOne`]: who has which external address from the start, internal first. The rest is given away as hosts come.
    pub one_to_one: Vec<(Ipv4Addr, Ipv4Addr)>,
    /// Whether inside hosts reach each other by their external endpoints.
    pub hairpin: Hairpin,
    /// How long it lives.
    pub timers: Timers,
    /// What keeps it alive.
    pub refresh: Refresh,
    /// How many there are at most.
    pub limits: Limits,
    /// What comes in for nobody.
    pub unsolicited: Unsolicited,
    /// What is special about TCP.
    pub tcp: TcpTraits,
    /// Packets in parts.
    pub fragments: Fragments,
    /// It translates IPv6 from inside to IPv4 outside as well, for destinations below this prefix (RFC 6146).
    pub nat64: Option<Prefix64>,
}

impl Default for NatConfig {
    fn default() -> NatConfig {
        NatConfig {
            mapping: MappingBehavior::default(),
            filtering: FilteringBehavior::default(),
            ports: PortAllocation::default(),
            port_traits: PortTraits::default(),
            port_range: (1_024, 65_535),
            port_blocks: None,
            pooling: Pooling::default(),
            one_to_one: Vec::new(),
            hairpin: Hairpin::default(),
            timers: Timers::default(),
            refresh: Refresh::default(),
            limits: Limits::default(),
            unsolicited: Unsolicited::default(),
            tcp: TcpTraits::default(),
            fragments: Fragments::default(),
            nat64: None,
        }
    }
}

impl NatConfig {
    /// What is wrong with it, in words.
    pub fn problem(&self) -> Option<&'static str> {
        let (first, last) = self.port_range;
        let fits = |blocks: PortBlocks| {
            blocks.size > 0 && blocks.per_host > 0 && u32::from(blocks.size) <= u32::from(last - first) + 1
        };
        let uses_blocks =
            !matches!(self.ports, PortAllocation::PreserveOverride | PortAllocation::PreserveOverload);
        if first == 0 || first > last {
            Some("the port range is empty or begins at 0")
        } else if self.timers.has_zero() {
            Some("a timer of zero would forget a mapping before its packet has left")
        } else if self.limits.mappings == 0 || self.limits.per_host == Some(0) {
            Some("a limit of zero mappings lets nothing through")
        } else if !self.port_blocks.is_none_or(fits) {
            Some("a block of ports is empty or does not fit the port range")
        } else if self.port_blocks.is_some() && !uses_blocks {
            Some("ports that are preserved at any price do not come in blocks")
        } else if !self.one_to_one.is_empty() && self.pooling != Pooling::OneToOne {
            Some("hosts have external addresses of their own only with one-to-one pooling")
        } else {
            None
        }
    }

    /// Its axes in words, as the trace shows them.
    pub fn describe(&self) -> Vec<String> {
        let (first, last) = self.port_range;
        let PortTraits { parity, contiguity, range_class } = self.port_traits;
        let traits = [(parity, "parity kept"), (contiguity, "neighbours kept"), (range_class, "class kept")];
        let traits = traits.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| format!(", {words}"));
        let blocks = self.port_blocks.map_or(String::new(), |PortBlocks { size, per_host }| {
            format!(", {per_host} blocks of {size} for each host")
        });
        let traits: String = traits.collect();
        let mut lines = vec![
            format!("mapping: {}", self.mapping.words()),
            format!("filtering: {}", self.filtering.words()),
            format!("ports: {}, {first} to {last}{traits}{blocks}", self.ports.words()),
            format!("pooling: {}", self.pooling.words()),
            format!("hairpinning: {}", self.hairpin.words()),
        ];
        lines.extend(self.timers.describe());
        let hosts = self.limits.per_host.map_or(String::new(), |limit| format!(", {limit} for each host"));
        let open = if self.tcp.simultaneous_open { "" } else { ", no simultaneous open" };
        let picks_up = if self.tcp.picks_up { ", picks connections up" } else { "" };
        lines.extend([
            format!("refreshed by: {}", self.refresh.words()),
            format!("at most {} mappings{hosts}", self.limits.mappings),
            format!("unsolicited packets: {}", self.unsolicited.words()),
            format!(
                "unsolicited SYN: {}{open}{picks_up}; RST {}",
                self.tcp.unsolicited_syn.words(),
                self.tcp.after_reset.words()
            ),
            format!("fragments: {}", self.fragments.words()),
        ]);
        lines.extend(self.nat64.map(|prefix| format!("NAT64: {prefix}")));
        lines
    }
}
