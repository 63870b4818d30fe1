//! Network address and port translation, one axis a file. Not here: routing (`world`), checksums (`wire::rewrite`).
//!
//! | RFC | what of it | where |
//! |---|---|---|
//! | 4787 §4.1 | mapping behavior; address pooling | `mapping`; `pooling` |
//! | 4787 §4.2 | port preservation, override, overloading, sequential and random allocation, parity, contiguity, range class | `allocation`, `table` |
//! | 4787 §4.3 | mapping timer, refresh by direction | `timers`, `lifecycle`, with `crate::lease` |
//! | 4787 §5 | filtering behavior | `filtering`; for TCP, `sessions` |
//! | 4787 §6 | hairpinning, with the external or the internal source | `translate` |
//! | 4787 §10 REQ-12 | ICMP errors end no mapping | `translate` |
//! | 5382, 7857 §2 | TCP: states, timers, RST, simultaneous open; unsolicited SYNs | `sessions`; `held` |
//! | 5508 §3, §4 | ICMP queries and errors | `translate` |
//! | 6888, 7422 | limits of a host, ports in blocks | `lifecycle`, `subscribers` |
//! | 3022 §2.1 | 1:1 | `pooling`, `translate` |
//! | 6887 §11, §12 | mappings that somebody asks for; the protocol is in `rtclab-rtc` | `asked` |
//! | 6146, 6052 | NAT64, its prefix | `nat64`, `prefix64`, with `wire::translate64` |
//!
//! IPv6 to anywhere but the prefix of a NAT64 passes a NAT as it passes a router.

mod allocation;
mod asked;
mod axes;
mod config;
mod filtering;
mod held;
mod lifecycle;
mod mapping;
mod nat64;
mod pooling;
mod prefix64;
mod presets;
mod sessions;
mod subscribers;
mod table;
mod timers;
mod translate;

use std::net::{Ipv4Addr, SocketAddrV4};

use rtclab_trace::{EntryId, NetReason, SimTime};

pub(crate) use asked::Asked;
pub use axes::{
    AfterReset, FilteringBehavior, Fragments, Hairpin, MappingBehavior, Pooling, PortAllocation, Unsolicited,
    UnsolicitedSyn,
};
pub use config::{Limits, NatConfig, PortBlocks, PortTraits, TcpTraits};
pub(crate) use lifecycle::{News, Wake};
pub(crate) use nat64::Outbound64;
pub use prefix64::{NotPrefix64, Prefix64};
pub(crate) use table::Slot;
pub use timers::{Refresh, Timers};
pub(crate) use translate::{Refused, Rule, Then, Translation};

use crate::packet::Packet;
use crate::randomness::Stream;
use held::Held;
use pooling::Pool;
use table::Table;

/// A NAT at work. After each call the world takes what the trace is to hear, and what is to be looked after.
#[derive(Debug)]
pub(crate) struct Nat {
    config: NatConfig,
    table: Table,
    held: Held,
    news: Vec<News>,
    wakes: Vec<Wake>,
    /// SYNs that were held and are not needed any more, and why.
    crossed: Vec<(Box<Packet>, NetReason)>,
}

impl Nat {
    pub(crate) fn new(config: NatConfig, external: Vec<Ipv4Addr>, random: Stream) -> Nat {
        let table = Table::new(Pool::new(external, &config.one_to_one), random);
        let held = Held::default();
        Nat { config, table, held, news: Vec::new(), wakes: Vec::new(), crossed: Vec::new() }
    }

    pub(crate) fn config(&self) -> &NatConfig {
        &self.config
    }

    /// Whether it translates for this address.
    pub(crate) fn is_external(&self, address: Ipv4Addr) -> bool {
        self.table.pool.contains(address)
    }

    /// Whether an external address belongs to one inside host, which then answers for it.
    pub(crate) fn is_owned(&self, address: Ipv4Addr) -> bool {
        self.config.pooling == Pooling::OneToOne
            && self.config.filtering == FilteringBehavior::EndpointIndependent
            && self.table.pool.owner(address).is_some()
    }

    /// Forgets all mappings, as a restart does.
    pub(crate) fn rebind(&mut self, cause: Option<EntryId>) {
        self.forget_all(cause);
        let held = self.held.take_all();
        self.crossed.extend(held.map(|packet| (packet, NetReason::MappingRemoved)));
    }

    /// The box has another external address instead of one it had.
    pub(crate) fn replace_address(&mut self, old: Ipv4Addr, new: Ipv4Addr) {
        self.table.pool.replace(old, new);
    }

    /// Holds a SYN from outside. Returns when it is to be looked after and its number, or the packet if there are too many.
    pub(crate) fn hold(
        &mut self,
        now: SimTime,
        external: SocketAddrV4,
        remote: SocketAddrV4,
        packet: Box<Packet>,
    ) -> Result<(SimTime, u32), Box<Packet>> {
        self.held.hold(now, external, remote, packet)
    }

    /// The time of a held SYN is over: the packet, unless it was needed no more before.
    pub(crate) fn release(&mut self, number: u32) -> Option<Box<Packet>> {
        self.held.release(number)
    }

    /// Whether there is nothing to take.
    pub(crate) fn is_quiet(&self) -> bool {
        self.news.is_empty() && self.wakes.is_empty() && self.crossed.is_empty()
    }

    /// What the trace is to hear.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// What is to be looked after.
    pub(crate) fn take_wakes(&mut self) -> Vec<Wake> {
        std::mem::take(&mut self.wakes)
    }

    /// SYNs that were held and are not needed any more, and why.
    pub(crate) fn take_crossed(&mut self) -> Vec<(Box<Packet>, NetReason)> {
        std::mem::take(&mut self.crossed)
    }
}
