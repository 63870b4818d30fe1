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

/// What a packet is to a firewall that remembers flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketState {
    /// It may begin a flow, or has none.
    New,
    /// It belongs to a flow that is remembered.
    Established,
    /// It is an ICMP error about one.
    Related,
    /// It belongs to a flow that should be remembered and is not: a TCP segment that is no SYN.
    Invalid,
}

/// What the first bytes of a connection have to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inspection {
    /// A TLS record with a ClientHello (RFC 8446 §5.1, §4).
    Tls,
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
    /// Which are this to the firewall. Rules that say so are looked at before known flows are let pass.
    pub state: Option<PacketState>,
    /// What a TCP connection that it allows has to look like: else it is dropped as soon as it does not (deep packet inspection).
    pub inspection: Option<Inspection>,
    /// What to do.
    pub action: Action,
}

impl Rule {
    /// A rule that matches everything.
    pub fn new(name: impl Into<String>, action: Action) -> Rule {
        Rule {
            name: name.into(),
            way: None,
            from: None,
            to: None,
            protocol: None,
            ports: None,
            state: None,
            inspection: None,
            action,
        }
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

    /// Only what is this to the firewall.
    pub fn state(mut self, state: PacketState) -> Rule {
        self.state = Some(state);
        self
    }

    /// Only connections that look like this.
    pub fn inspected(mut self, inspection: Inspection) -> Rule {
        self.inspection = Some(inspection);
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
    /// How long an idle TCP connection is remembered. RFC 6092 §3.3.1 wants at least two hours and four minutes, as RFC 5382 §5 does: more
    /// than the two hours of keepalives.
    pub tcp_established_idle: Duration,
    /// How long one that is being opened or closed is. The same wants at least four minutes.
    pub tcp_transitory_idle: Duration,
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
            tcp_established_idle: Duration::from_secs(7_440),
            tcp_transitory_idle: Duration::from_secs(240),
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

    /// A home's IPv6, after RFC 6092: what begins inside, §3.2.4 IPsec and its key exchange from outside too, and echoes (RFC 4890 §4.3.1). An unsolicited
    /// SYN is not answered: §3.3.1 allows an error only after six seconds, so that both sides may open at once.
    pub fn ipv6_home() -> FirewallConfig {
        let inbound = |name: &str, action| Rule::new(name, action).way(Way::Inbound);
        FirewallConfig::new(vec![
            Rule::new("allow outbound", Action::Allow).way(Way::Outbound),
            inbound("allow IKE", Action::Allow).protocol(Protocol::Udp).ports(500..=500),
            inbound("allow echo", Action::Allow).protocol(Protocol::Icmp),
            inbound("block inbound", Action::Drop),
        ])
    }

    /// Only the web: TCP to ports 443 and 80, as in guest networks that take it for the Internet.
    pub fn web_only() -> FirewallConfig {
        let web = |name: &str, port| {
            Rule::new(name, Action::Allow).way(Way::Outbound).protocol(Protocol::Tcp).ports(port..=port)
        };
        FirewallConfig::new(vec![
            web("allow HTTPS", 443),
            web("allow HTTP", 80),
            Rule::new("block the rest", Action::Drop),
        ])
    }

    /// Only the web, and on port 443 only what looks like TLS.
    pub fn tls_inspected() -> FirewallConfig {
        let mut config = FirewallConfig::web_only();
        config.rules[0] = config.rules[0].clone().inspected(Inspection::Tls);
        config
    }

    /// Only an HTTP proxy, on the ports that such have (IANA: 8080 `http-alt`; 3128 is that of Squid): everything else asks it by CONNECT
    /// (RFC 9110 §9.3.6).
    pub fn http_proxy_only() -> FirewallConfig {
        let proxy = |name: &str, port| {
            Rule::new(name, Action::Allow).way(Way::Outbound).protocol(Protocol::Tcp).ports(port..=port)
        };
        FirewallConfig::new(vec![
            proxy("allow the proxy", 3128),
            proxy("allow the proxy, 8080", 8080),
            Rule::new("block the rest", Action::Drop),
        ])
    }

    /// Nothing to addresses that only mean something elsewhere: the private ones (RFC 1918, RFC 4193), those of carriers (RFC 6598), of a link (RFC
    /// 3927, RFC 4291 §2.5.6) and of the host itself. What a relay should have around it (RFC 8656 §21.1.6): nobody gets to its
    /// neighbors through it. Else as at home.
    pub fn deny_private_peers() -> FirewallConfig {
        let prefixes = [
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
        ];
        let denied = prefixes.into_iter().filter_map(|text| {
            let prefix: Prefix = text.parse().ok()?;
            Some(Rule::new(format!("deny private {text}"), Action::Drop).way(Way::Outbound).to(prefix))
        });
        let mut config = FirewallConfig::home();
        config.rules.splice(0..0, denied);
        config
    }

    /// Whether it remembers flows at all.
    pub(super) fn tracks(&self) -> bool {
        self.stateful || self.rules.iter().any(|rule| rule.state.is_some() || rule.inspection.is_some())
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
        match self.state {
            Some(PacketState::New) => write!(f, " new")?,
            Some(PacketState::Established) => write!(f, " established")?,
            Some(PacketState::Related) => write!(f, " related")?,
            Some(PacketState::Invalid) => write!(f, " invalid")?,
            None => {}
        }
        match self.inspection {
            Some(Inspection::Tls) => write!(f, " if TLS")?,
            None => {}
        }
        write!(f, ")")
    }
}
