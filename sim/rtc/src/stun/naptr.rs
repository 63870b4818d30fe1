//! NAPTR records as TURN uses them: S-NAPTR (RFC 3958) with the tags of RFC 5928 and RFC 7350. Not here: in which order a client asks
//! ([`super::server_discovery`]).

use super::Transport;

/// A NAPTR record (RFC 3403 §4.1) without its regular expression, which S-NAPTR does not use (RFC 3958 §2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingRule {
    /// The lowest comes first.
    pub order: u16,
    /// Among equals, the lowest comes first.
    pub preference: u16,
    /// `S`: the replacement has SRV records; `A`: it has addresses; empty: it has NAPTR records again.
    pub flags: String,
    /// Service and protocols: `RELAY:turn.udp:turn.tcp`.
    pub services: String,
    /// The name to go on with.
    pub replacement: String,
}

/// What follows from a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// NAPTR records of another name.
    Rules(String),
    /// SRV records.
    Services(String, Transport),
    /// Addresses.
    Addresses(String, Transport),
}

/// The application service of TURN (RFC 5928 §3).
const RELAY: &str = "RELAY";

/// The protocols of RFC 5928 §4.2 and RFC 7350 §7.1.
fn transport(tag: &str) -> Option<Transport> {
    let tags = [
        ("turn.udp", Transport::Udp),
        ("turn.tcp", Transport::Tcp),
        ("turn.tls", Transport::Tls),
        ("turn.dtls", Transport::Dtls),
    ];
    tags.iter().find(|(known, _)| tag.eq_ignore_ascii_case(known)).map(|(_, transport)| *transport)
}

/// The protocols of a rule that can be used, in the order in which the client would have them.
fn usable(rule: &NamingRule, wanted: &[Transport]) -> Vec<Transport> {
    let mut tags = rule.services.split(':');
    if !tags.next().is_some_and(|service| service.eq_ignore_ascii_case(RELAY)) {
        return Vec::new();
    }
    let offered: Vec<Transport> = tags.filter_map(transport).collect();
    wanted.iter().copied().filter(|wanted| offered.contains(wanted)).collect()
}

/// What to do next, the best first (RFC 3958 §2.2.4): rules that the client cannot use are passed over.
pub(super) fn steps(mut rules: Vec<NamingRule>, wanted: &[Transport], rules_max: usize) -> Vec<Step> {
    rules.truncate(rules_max);
    rules.sort_by_key(|rule| (rule.order, rule.preference));
    let mut steps = Vec::new();
    for rule in &rules {
        let usable = usable(rule, wanted);
        let name = &rule.replacement;
        if name.is_empty() || name == "." {
            continue;
        }
        match rule.flags.to_ascii_uppercase().as_str() {
            "" if !usable.is_empty() => steps.push(Step::Rules(name.clone())),
            "S" => steps.extend(usable.into_iter().map(|over| Step::Services(name.clone(), over))),
            "A" => steps.extend(usable.into_iter().map(|over| Step::Addresses(name.clone(), over))),
            // RFC 3958 §2.2.3: there are no other flags.
            _ => {}
        }
    }
    steps
}
