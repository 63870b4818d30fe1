//! Firewalls: from the words of a document to the axes of the world.

use std::net::IpAddr;
use std::time::Duration;

use rtclab_net::firewall::{Action, Inspection, PacketState, Rule, Way};
use rtclab_net::{FirewallConfig, Prefix};
use rtclab_trace::Protocol;

use super::BuildError;
use crate::document::{
    FirewallAxes, FirewallRule, FirewallSpec, RuleAction, RuleDirection, RuleInspection, RuleProtocol,
    RuleState,
};
use crate::presets::FirewallPreset;

/// A firewall's configuration, and what it is for people.
pub(super) fn firewall(spec: &FirewallSpec) -> Result<(FirewallConfig, String), BuildError> {
    match spec {
        FirewallSpec::Preset(preset) => Ok((preset.config(), preset.role().to_string())),
        FirewallSpec::Axes(FirewallAxes { preset, rules, timeout_s, tcp_timeout_s, stateful }) => {
            let preset = preset.unwrap_or(FirewallPreset::Stateful);
            let mut config = preset.config();
            let own: Vec<Rule> = rules.iter().map(rule).collect::<Result<_, _>>()?;
            let role = if own.is_empty() { preset.role() } else { "firewall" };
            config.rules.splice(0..0, own);
            config.stateful = stateful.unwrap_or(config.stateful);
            let established = tcp_timeout_s.map(Duration::from_secs_f64);
            config.tcp_established_idle = established.unwrap_or(config.tcp_established_idle);
            config.udp_idle = timeout_s.map_or(config.udp_idle, Duration::from_secs_f64);
            Ok((config, role.to_string()))
        }
    }
}

fn rule(own: &FirewallRule) -> Result<Rule, BuildError> {
    let action = match own.action {
        RuleAction::Allow => Action::Allow,
        RuleAction::Deny => Action::Drop,
        RuleAction::Reject => Action::Reject,
    };
    let prefix = |text: &Option<String>| -> Result<Option<Prefix>, BuildError> {
        let Some(text) = text else { return Ok(None) };
        text.parse().map(Some).map_err(|_| BuildError::NotAnAddress(text.clone()))
    };
    let mut rule = Rule::new(own.name.clone().unwrap_or_else(|| name_of(own)), action);
    rule.way = own.direction.map(|direction| match direction {
        RuleDirection::In => Way::Inbound,
        RuleDirection::Out => Way::Outbound,
    });
    rule.protocol = own.protocol.map(|protocol| match protocol {
        RuleProtocol::Udp => Protocol::Udp,
        RuleProtocol::Tcp => Protocol::Tcp,
        RuleProtocol::Icmp => Protocol::Icmp,
    });
    rule.state = own.state.map(|state| match state {
        RuleState::New => PacketState::New,
        RuleState::Established => PacketState::Established,
        RuleState::Related => PacketState::Related,
        RuleState::Invalid => PacketState::Invalid,
    });
    rule.inspection = own.inspect.map(|RuleInspection::Tls| Inspection::Tls);
    rule.from = prefix(&own.from)?;
    rule.to = prefix(&own.to)?;
    rule.ports =
        own.port.as_ref().and_then(crate::document::PortRange::bounds).map(|(first, last)| first..=last);
    Ok(rule)
}

/// What a rule without a name is called: what it does, as far as it says so.
fn name_of(own: &FirewallRule) -> String {
    let action = match own.action {
        RuleAction::Allow => "allow",
        RuleAction::Deny => "deny",
        RuleAction::Reject => "reject",
    };
    let protocol = own.protocol.map_or(" all", |protocol| match protocol {
        RuleProtocol::Udp => " UDP",
        RuleProtocol::Tcp => " TCP",
        RuleProtocol::Icmp => " ICMP",
    });
    let direction = own.direction.map_or("", |direction| match direction {
        RuleDirection::In => " inbound",
        RuleDirection::Out => " outbound",
    });
    format!("{action}{protocol}{direction}")
}

/// An address of a document.
pub(super) fn address(text: &str) -> Result<IpAddr, BuildError> {
    text.parse().map_err(|_| BuildError::NotAnAddress(text.to_string()))
}

/// A prefix of a document.
pub(super) fn prefix(text: &str) -> Result<Prefix, BuildError> {
    text.parse().map_err(|_| BuildError::NotAnAddress(text.to_string()))
}
