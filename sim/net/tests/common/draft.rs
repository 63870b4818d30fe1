//! Topologies by name, for tests that care for what happens on them and not for how they are built.

use std::time::Duration;

use rtclab_net::nat::Hairpin;
use rtclab_net::*;
use rtclab_trace::{LinkId, NodeId};

use super::Lab;

/// A plan in which nodes are named, and faults are faults of the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft(pub(crate) Plan);

pub(crate) fn millis(latency: u64) -> LinkProperties {
    LinkProperties::latency(Duration::from_millis(latency))
}

impl Draft {
    pub(crate) fn new() -> Draft {
        Draft::default()
    }

    pub(crate) fn id(&self, name: &str) -> NodeId {
        self.0.find(name).unwrap_or_else(|| panic!("no node {name}"))
    }

    /// A network, numbered by the plan, whose attachments have these properties.
    pub(crate) fn network(mut self, name: &str, link: LinkProperties) -> Draft {
        self.0.add_network(name, &[], link).expect("a new name");
        self
    }

    /// A network of Ethernet.
    pub(crate) fn ethernet(mut self, name: &str, link: LinkProperties) -> Draft {
        self = self.network(name, link);
        self.0.set_ethernet(self.id(name)).expect("a network");
        self
    }

    pub(crate) fn families(mut self, network: &str, families: Families) -> Draft {
        self.0.set_families(self.id(network), families).expect("a network");
        self
    }

    pub(crate) fn host(mut self, name: &str, networks: &[&str]) -> Draft {
        self.0.add_host(name).expect("a new name");
        networks.iter().fold(self, |draft, network| draft.attach(name, network, Attachment::new()))
    }

    pub(crate) fn router(mut self, name: &str, networks: &[&str]) -> Draft {
        self.0.add_router(name).expect("a new name");
        networks.iter().fold(self, |draft, network| draft.attach(name, network, Attachment::new()))
    }

    pub(crate) fn nat(mut self, name: &str, config: NatConfig, inside: &str, outside: &str) -> Draft {
        self.0.add_nat(name, config).expect("a new name");
        self.attach(name, inside, Attachment::new()).attach(name, outside, Attachment::new().outside())
    }

    pub(crate) fn firewall(
        mut self,
        name: &str,
        config: FirewallConfig,
        inside: &str,
        outside: &str,
    ) -> Draft {
        self.0.add_firewall(name, config).expect("a new name");
        self.attach(name, inside, Attachment::new()).attach(name, outside, Attachment::new().outside())
    }

    pub(crate) fn attach(mut self, node: &str, network: &str, attachment: Attachment) -> Draft {
        self.0.attach(self.id(node), self.id(network), attachment).expect("attached");
        self
    }

    pub(crate) fn connect(mut self, a: &str, b: &str, link: LinkProperties) -> Draft {
        self.0.connect(self.id(a), self.id(b), link).expect("connected");
        self
    }

    /// The link of a node to another.
    pub(crate) fn link(&self, node: &str, other: &str) -> LinkId {
        let found = self.0.links_of(self.id(node)).find(|(_, far, _)| *far == self.id(other));
        found.expect("linked").0
    }

    pub(crate) fn lab(self) -> Lab {
        Lab::new(self.0)
    }
}

/// alice and carol at home behind `nat`; bob and dave outside; everything 5 ms from the middle of its network.
pub(crate) fn home(config: NatConfig) -> Draft {
    Draft::new()
        .network("home", millis(5))
        .network("internet", millis(5))
        .nat("nat", config, "home", "internet")
        .host("alice", &["home"])
        .host("carol", &["home"])
        .host("bob", &["internet"])
        .host("dave", &["internet"])
}

/// A NAT with hairpinning as RFC 4787 REQ-9 asks.
pub(crate) fn hairpinning(config: NatConfig) -> NatConfig {
    NatConfig { hairpin: Hairpin::ExternalSource, ..config }
}
