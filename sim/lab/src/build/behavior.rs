//! NATs and firewalls: from the words of a document to the axes of the world.

use std::net::IpAddr;
use std::time::Duration;

use rtclab_net::firewall::{Action, Rule, Way};
use rtclab_net::nat::{FilteringBehavior, Hairpin, MappingBehavior, Pooling as NetPooling, PortAllocation};
use rtclab_net::{FirewallConfig, NatConfig, Prefix};
use rtclab_trace::Protocol;

use super::BuildError;
use crate::document::{
    Filtering, FirewallAxes, FirewallRule, FirewallSpec, HairpinSource, HairpinSpec, Mapping, NatAxes,
    NatSpec, Pooling, Ports, RuleAction, RuleDirection, RuleProtocol,
};
use crate::presets::{FirewallPreset, NatPreset};

/// A NAT's configuration, and what it is for people; none where nothing is translated.
pub(super) fn nat(spec: &NatSpec) -> Option<(NatConfig, String)> {
    match spec {
        NatSpec::Preset(preset) => Some((preset.config()?, preset.role().to_string())),
        NatSpec::Axes(axes) => {
            let preset = axes.preset.unwrap_or(NatPreset::PortRestricted);
            let config = on_axes(axes, preset.config()?);
            let role = if Some(&config) == preset.config().as_ref() { preset.role() } else { "NAT" };
            Some((config, role.to_string()))
        }
    }
}

fn on_axes(axes: &NatAxes, mut config: NatConfig) -> NatConfig {
    if let Some(mapping) = axes.mapping {
        config.mapping = match mapping {
            Mapping::EndpointIndependent => MappingBehavior::EndpointIndependent,
            Mapping::AddressDependent => MappingBehavior::AddressDependent,
            Mapping::AddressAndPortDependent => MappingBehavior::AddressAndPortDependent,
        };
    }
    if let Some(filtering) = axes.filtering {
        config.filtering = match filtering {
            Filtering::EndpointIndependent => FilteringBehavior::EndpointIndependent,
            Filtering::AddressDependent => FilteringBehavior::AddressDependent,
            Filtering::AddressAndPortDependent => FilteringBehavior::AddressAndPortDependent,
        };
    }
    if let Some(ports) = axes.ports {
        config.ports = match ports {
            Ports::Preserve => PortAllocation::PreserveElseRandom,
            Ports::PreserveElseSequential => PortAllocation::PreserveElseSequential,
            Ports::Sequential => PortAllocation::Sequential,
            Ports::Random => PortAllocation::Random,
        };
    }
    if let Some(pooling) = axes.pooling {
        config.pooling = match pooling {
            Pooling::Paired => NetPooling::Paired,
            Pooling::Arbitrary => NetPooling::Arbitrary,
        };
    }
    if let Some(hairpin) = axes.hairpin {
        config.hairpin = match hairpin {
            HairpinSpec::Switch(false) => Hairpin::Off,
            HairpinSpec::Switch(true) | HairpinSpec::Source(HairpinSource::ExternalSource) => {
                Hairpin::ExternalSource
            }
            HairpinSpec::Source(HairpinSource::InternalSource) => Hairpin::InternalSource,
        };
    }
    if let Some([first, last]) = axes.port_range {
        config.port_range = (first, last);
    }
    let timers = &mut config.timers;
    timers.udp = axes.timeout_s.map_or(timers.udp, Duration::from_secs_f64);
    timers.icmp = axes.icmp_timeout_s.map_or(timers.icmp, Duration::from_secs_f64);
    timers.filter = axes.filter_timeout_s.map(Duration::from_secs_f64).or(timers.filter);
    let refresh = &mut config.refresh;
    refresh.outbound = axes.outbound_refresh.unwrap_or(refresh.outbound);
    refresh.inbound = axes.inbound_refresh.unwrap_or(refresh.inbound);
    config
}

/// A firewall's configuration, and what it is for people.
pub(super) fn firewall(spec: &FirewallSpec) -> Result<(FirewallConfig, String), BuildError> {
    match spec {
        FirewallSpec::Preset(preset) => Ok((preset.config(), preset.role().to_string())),
        FirewallSpec::Axes(FirewallAxes { preset, rules, timeout_s }) => {
            let preset = preset.unwrap_or(FirewallPreset::Stateful);
            let mut config = preset.config();
            let own: Vec<Rule> = rules.iter().map(rule).collect::<Result<_, _>>()?;
            let role = if own.is_empty() { preset.role() } else { "firewall" };
            config.rules.splice(0..0, own);
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
