//! A stateful firewall between an inside and an outside: ordered rules, and a table of flows that they have let pass (RFC 6092 for what
//! homes should have). Not here: routing (`world`).

mod config;
mod flows;

use std::time::Duration;

use rtclab_trace::{EntryId, Protocol, SimTime};

pub use config::{Action, FirewallConfig, Rule, Way};
pub(crate) use flows::{News, Slot, Wake};

use crate::flow::{self, Flow, Seen};
use crate::wire::ip::{self, Header};
use crate::wire::udp;
use flows::{Flows, Key};

/// Why a packet is not let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The rule at this place says so.
    Rule {
        /// From 0.
        index: usize,
        /// Whether the sender is told.
        rejects: bool,
    },
    /// No rule matches.
    Default,
    /// A rule would let it pass, but there is no room to remember its flow.
    TableFull,
}

/// What rules look at.
struct Facts<'a> {
    way: Way,
    header: &'a Header,
    protocol: Option<Protocol>,
    port: Option<u16>,
}

/// A firewall at work. After each call the world takes what the trace is to hear, and what is to be looked after.
#[derive(Debug)]
pub(crate) struct Firewall {
    config: FirewallConfig,
    flows: Flows,
}

impl Firewall {
    pub(crate) fn new(config: FirewallConfig) -> Firewall {
        Firewall { config, flows: Flows::default() }
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        self.config.describe()
    }

    /// Whether a packet may cross.
    pub(crate) fn judge(
        &mut self,
        now: SimTime,
        way: Way,
        bytes: &[u8],
        header: &Header,
        cause: Option<EntryId>,
    ) -> Result<(), Denied> {
        let seen = flow::see(bytes, header);
        if self.config.stateful && self.is_established(now, way, &seen, cause) {
            return Ok(());
        }
        let facts = Facts::new(way, bytes, header);
        let found = self.config.rules.iter().position(|rule| rule.matches(&facts));
        let index = found.ok_or(Denied::Default)?;
        match self.config.rules[index].action {
            Action::Allow => {}
            Action::Drop => return Err(Denied::Rule { index, rejects: false }),
            Action::Reject => return Err(Denied::Rule { index, rejects: true }),
        }
        if let Seen::Session { flow, begins: true, .. } = seen
            && self.config.stateful
        {
            if self.flows.is_full() {
                return Err(Denied::TableFull);
            }
            let (idle, rule) = (self.idle(&flow), self.name(index));
            self.flows.open(now, Key::new(&flow, way), idle, rule, cause);
        }
        Ok(())
    }

    /// Whether it belongs to a flow that is remembered, or is an error about one.
    fn is_established(&mut self, now: SimTime, way: Way, seen: &Seen, cause: Option<EntryId>) -> bool {
        match seen {
            Seen::Session { flow, .. } => {
                let idle = Some(self.idle(flow));
                self.flows.knows(now, Key::new(flow, way), idle, cause)
            }
            // RFC 6092 REC-10, REC-18: errors about a flow pass, and do not keep it alive.
            Seen::Error { quoted, .. } => self.flows.knows(now, Key::new(&quoted.reverse(), way), None, None),
            Seen::Other => false,
        }
    }

    /// What denied a packet, by the name it has here.
    pub(crate) fn name_of(&self, denied: Denied) -> String {
        match denied {
            Denied::Rule { index, .. } => self.name(index),
            Denied::Default => "default: drop".into(),
            Denied::TableFull => format!("state table: {} flows", flows::FLOWS_MAX),
        }
    }

    fn name(&self, index: usize) -> String {
        format!("rule {}: {}", index + 1, self.config.rules[index].name)
    }

    fn idle(&self, flow: &Flow) -> Duration {
        match flow.protocol {
            Protocol::Icmp => self.config.icmp_idle,
            Protocol::Udp | Protocol::Tcp => self.config.udp_idle,
        }
    }

    /// The event that looks after a flow has come. Returns whether it did anything that can be seen.
    pub(crate) fn look_after(&mut self, now: SimTime, slot: Slot, number: u32) -> bool {
        self.flows.look_after(now, slot, number)
    }

    /// Whether there is nothing to take.
    pub(crate) fn is_quiet(&self) -> bool {
        self.flows.news.is_empty() && self.flows.wakes.is_empty()
    }

    /// What the trace is to hear.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.flows.news)
    }

    /// What is to be looked after.
    pub(crate) fn take_wakes(&mut self) -> Vec<Wake> {
        std::mem::take(&mut self.flows.wakes)
    }
}

impl Facts<'_> {
    fn new<'a>(way: Way, bytes: &[u8], header: &'a Header) -> Facts<'a> {
        let protocol = match header.protocol {
            ip::UDP => Some(Protocol::Udp),
            ip::TCP => Some(Protocol::Tcp),
            ip::ICMP | ip::ICMPV6 => Some(Protocol::Icmp),
            _ => None,
        };
        let has_ports = matches!(protocol, Some(Protocol::Udp | Protocol::Tcp)) && !header.later_fragment;
        // TCP and UDP have their ports at the same place.
        let port = has_ports.then(|| udp::ports(bytes, header)).flatten().map(|(_, port)| port);
        Facts { way, header, protocol, port }
    }
}

impl Rule {
    fn matches(&self, facts: &Facts<'_>) -> bool {
        self.way.is_none_or(|way| way == facts.way)
            && self.protocol.is_none_or(|protocol| facts.protocol == Some(protocol))
            && self.from.is_none_or(|from| from.contains(facts.header.source))
            && self.to.is_none_or(|to| to.contains(facts.header.destination))
            && self.ports.as_ref().is_none_or(|ports| facts.port.is_some_and(|port| ports.contains(&port)))
    }
}
