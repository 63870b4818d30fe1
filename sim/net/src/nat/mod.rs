//! Network address and port translation, one axis a file. Not here: routing (`world`), checksums (`wire::rewrite`).
//!
//! | RFC | what of it | where |
//! |---|---|---|
//! | 4787 §4.1 | mapping behavior; address pooling | `mapping`; `pooling` |
//! | 4787 §4.2 | port preservation, sequential and random allocation | `allocation` |
//! | 4787 §4.3 | mapping timer, refresh by direction | `table`, with `crate::lease` |
//! | 4787 §5 | filtering behavior | `filtering` |
//! | 4787 §6 | hairpinning, with the external or the internal source | `translate` |
//! | 4787 §10 REQ-12 | ICMP errors end no mapping | `translate` |
//! | 5508 §3, §4 | ICMP queries and errors | `translate` |
//! | 4787 §4.2.2, §4.2.3 | port parity and contiguity | not done |
//! | 5382 | TCP | not done |
//!
//! IPv6 passes a NAT as it passes a router.

mod allocation;
mod config;
mod filtering;
mod mapping;
mod pooling;
mod presets;
mod table;
mod translate;

use std::net::Ipv4Addr;

use rtclab_trace::EntryId;

pub use config::{
    FilteringBehavior, Hairpin, MappingBehavior, NatConfig, Pooling, PortAllocation, Refresh, Timers,
};
pub(crate) use table::{News, Slot, Wake};
pub(crate) use translate::{Refused, Rule, Translation};

use crate::randomness::Stream;
use pooling::Pool;
use table::Table;

/// A NAT at work. After each call the world takes what the trace is to hear, and what is to be looked after.
#[derive(Debug)]
pub(crate) struct Nat {
    config: NatConfig,
    table: Table,
    news: Vec<News>,
    wakes: Vec<Wake>,
}

impl Nat {
    pub(crate) fn new(config: NatConfig, external: Vec<Ipv4Addr>, random: Stream) -> Nat {
        let table = Table::new(Pool::new(external), random);
        Nat { config, table, news: Vec::new(), wakes: Vec::new() }
    }

    pub(crate) fn config(&self) -> &NatConfig {
        &self.config
    }

    /// Whether it translates for this address.
    pub(crate) fn is_external(&self, address: Ipv4Addr) -> bool {
        self.table.pool.contains(address)
    }

    /// Forgets all mappings, as a restart does.
    pub(crate) fn rebind(&mut self, cause: Option<EntryId>) {
        self.forget_all(cause);
    }

    /// Whether there is nothing to take.
    pub(crate) fn is_quiet(&self) -> bool {
        self.news.is_empty() && self.wakes.is_empty()
    }

    /// What the trace is to hear.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// What is to be looked after.
    pub(crate) fn take_wakes(&mut self) -> Vec<Wake> {
        std::mem::take(&mut self.wakes)
    }
}
