//! Network address and port translation (RFC 4787, RFC 5508), one axis a file. Not here: routing, checksums (`wire::rewrite`).

mod config;
mod presets;

use std::net::Ipv4Addr;

pub use config::{
    FilteringBehavior, Hairpin, MappingBehavior, NatConfig, Pooling, PortAllocation, Refresh, Timers,
};

use crate::randomness::Stream;

/// A NAT at work.
#[expect(dead_code, reason = "translation comes with the next commit")]
#[derive(Debug)]
pub(crate) struct Nat {
    config: NatConfig,
    external: Vec<Ipv4Addr>,
    random: Stream,
}

impl Nat {
    pub(crate) fn new(config: NatConfig, external: Vec<Ipv4Addr>, random: Stream) -> Nat {
        Nat { config, external, random }
    }

    pub(crate) fn config(&self) -> &NatConfig {
        &self.config
    }

    pub(crate) fn rebind(&mut self) {}
}
