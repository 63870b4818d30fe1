//! What a firewall is told to be: its rules in order, and its presets. Not here: the table of flows (`flows`).

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use rtclab_trace::Protocol;

use crate::prefix::Prefix;

/// Which way a packet crosses a firewall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// From inside to outside.
    Outbound,
    /// From outside to inside.
    Inbound,
}

/// What a rule does with packets that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Lets it pass; a stateful firewall then lets its flow pass both ways.
    Allow,
    /// Drops it without a word.
    Drop,
    /// Drops it and says so by ICMP.
    Reject,
}

/// A rule: what it matches, and what it does. What is left open matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// In its author's words; traces and drops name it.
    pub name: String,
    /// Which way.
    pub way: Option<Way>,
    /// From where.
    pub from: Option<Prefix>,
    /// To where.
    pub to: Option<Prefix>,
    /// Of which protocol.
    pub protocol: Option<Protocol>,
    /// To which destination ports; only UDP and TCP have them.
    pub ports: Option<RangeInclusive<u16>>,
    /// What to do.
    pub action: Action,
}

impl Rule {
    /// A rule that matches everything.
    pub fn new(name: impl Into<String>, action: Action) -> Rule {
        Rule { name: name.into(), way: None, from: None, to: None, protocol: None, ports: None, action }
    }

    /// Only this way.
    pub fn way(mut self, way: Way) -> Rule {
        self.way = Some(way);
        self
    }

    /// Only from here.
    pub fn from(mut self, prefix: Prefix) -> Rule {
        self.from = Some(prefix);
        self
    }

    /// Only to there.
    pub fn to(mut self, prefix: Prefix) -> Rule {
        self.to = Some(prefix);
        self
    }

    /// Only this protocol.
    pub fn protocol(mut self, protocol: Protocol) -> Rule {
        self.protocol = Some(protocol);
        self
    }

    /// Only to these ports.
    pub fn ports(mut self, ports: RangeInclusive<u16>) -> Rule {
        self.ports = Some(ports);
        self
    }
}

/// A firewall: the first rule that matches decides; what none matches is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallConfig {
    /// In order.
    pub rules: Vec<Rule>,
    /// Whether answers to what a rule has let pass are let pass too.
    pub stateful: bool,
    /// How long an idle UDP flow is remembered. RFC 6092 REC-15 wants at least two minutes, and recommends five.
    pub udp_idle: Duration,
    /// How long an idle ICMP query is remembered.
    pub icmp_idle: Duration,
}

impl Default for FirewallConfig {
    fn default() -> FirewallConfig {
        FirewallConfig::home()
    }
}

impl FirewallConfig {
    /// A stateful firewall with these rules.
    pub fn new(rules: Vec<Rule>) -> FirewallConfig {
        FirewallConfig {
            rules,
            stateful: true,
            udp_idle: Duration::from_secs(300),
            icmp_idle: Duration::from_secs(60),
        }
    }

    /// Everything from inside, and the answers to it: RFC 6092 §2.2, and most homes.
    pub fn home() -> FirewallConfig {
        FirewallConfig::new(vec![
            Rule::new("allow outbound", Action::Allow).way(Way::Outbound),
            Rule::new("block inbound", Action::Drop).way(Way::Inbound),
        ])
    }

    /// No UDP in either direction, as in many offices.
    pub fn udp_blocked() -> FirewallConfig {
        let block = Rule::new("block UDP", Action::Drop).protocol(Protocol::Udp);
        let mut config = FirewallConfig::home();
        config.rules.insert(0, block);
        config
    }

    /// Everything, both ways.
    pub fn open() -> FirewallConfig {
        FirewallConfig::new(vec![Rule::new("allow all", Action::Allow)])
    }

    /// Its rules in words and in order, as the trace shows them.
    pub fn describe(&self) -> Vec<String> {
        let state = if self.stateful { "established: allow answers" } else { "stateless" };
        let rules = self.rules.iter().enumerate().map(|(index, rule)| format!("{}: {rule}", index + 1));
        std::iter::once(state.to_string()).chain(rules).chain(["default: drop".into()]).collect()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = match self.action {
            Action::Allow => "allow",
            Action::Drop => "drop",
            Action::Reject => "reject",
        };
        write!(f, "{} ({action}", self.name)?;
        if let Some(protocol) = self.protocol {
            write!(f, " {}", protocol.word())?;
        }
        match self.way {
            Some(Way::Outbound) => write!(f, " outbound")?,
            Some(Way::Inbound) => write!(f, " inbound")?,
            None => {}
        }
        if let Some(from) = self.from {
            write!(f, " from {from}")?;
        }
        if let Some(to) = self.to {
            write!(f, " to {to}")?;
        }
        match &self.ports {
            Some(ports) if ports.start() == ports.end() => write!(f, " port {}", ports.start())?,
            Some(ports) => write!(f, " ports {} to {}", ports.start(), ports.end())?,
            None => {}
        }
        write!(f, ")")
    }
}
