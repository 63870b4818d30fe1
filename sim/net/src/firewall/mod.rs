//! A stateful firewall: ordered rules and a table of flows. Not here: routing.

mod config;

pub use config::{Action, FirewallConfig, Rule, Way};

/// A firewall at work.
#[derive(Debug)]
pub(crate) struct Firewall {
    config: FirewallConfig,
}

impl Firewall {
    pub(crate) fn new(config: FirewallConfig) -> Firewall {
        Firewall { config }
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        self.config.describe()
    }
}
