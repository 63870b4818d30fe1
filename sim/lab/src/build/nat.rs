//! NATs: from the words of a document to the axes of the world.

use std::time::Duration;

use rtclab_net::NatConfig;
use rtclab_net::nat::{
    AfterReset, FilteringBehavior, Fragments, Hairpin, MappingBehavior, Pooling as NetPooling,
    PortAllocation, PortBlocks, Unsolicited, UnsolicitedSyn,
};

use crate::document::{
    AfterResetWord, Filtering, FragmentsWord, HairpinSource, HairpinSpec, Mapping, NatAxes, NatSpec, Pooling,
    Ports, UnsolicitedSynWord, UnsolicitedWord,
};
use crate::presets::NatPreset;

/// A NAT's configuration, and what it is for people; none where nothing is translated.
pub(crate) fn nat(spec: &NatSpec) -> Option<(NatConfig, String)> {
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
    config.mapping = axes.mapping.map_or(config.mapping, mapping);
    config.filtering = axes.filtering.map_or(config.filtering, filtering);
    config.hairpin = axes.hairpin.map_or(config.hairpin, hairpin);
    ports_on(axes, &mut config);
    times_on(axes, &mut config);
    tcp_on(axes, &mut config);
    config.limits.mappings = axes.mappings_max.unwrap_or(config.limits.mappings);
    config.limits.per_host = axes.mappings_per_host_max.or(config.limits.per_host);
    config.unsolicited = axes.unsolicited.map_or(config.unsolicited, |word| match word {
        UnsolicitedWord::Drop => Unsolicited::Drop,
        UnsolicitedWord::Reject => Unsolicited::Reject,
        UnsolicitedWord::Track => Unsolicited::Track,
    });
    config.fragments = axes.fragments.map_or(config.fragments, |word| match word {
        FragmentsWord::AnyOrder => Fragments::AnyOrder,
        FragmentsWord::InOrder => Fragments::InOrder,
        FragmentsWord::Dropped => Fragments::Dropped,
    });
    config.nat64 = axes.nat64.as_ref().and_then(|prefix| prefix.parse().ok()).or(config.nat64);
    config
}

fn ports_on(axes: &NatAxes, config: &mut NatConfig) {
    config.ports = axes.ports.map_or(config.ports, |word| match word {
        Ports::Preserve => PortAllocation::PreserveElseRandom,
        Ports::PreserveElseSequential => PortAllocation::PreserveElseSequential,
        Ports::PreserveOverride => PortAllocation::PreserveOverride,
        Ports::PreserveOverload => PortAllocation::PreserveOverload,
        Ports::Sequential => PortAllocation::Sequential,
        Ports::Random => PortAllocation::Random,
    });
    config.pooling = axes.pooling.map_or(config.pooling, |word| match word {
        Pooling::Paired => NetPooling::Paired,
        Pooling::Arbitrary => NetPooling::Arbitrary,
        Pooling::OneToOne => NetPooling::OneToOne,
    });
    if let Some([first, last]) = axes.port_range {
        config.port_range = (first, last);
    }
    let traits = &mut config.port_traits;
    traits.parity = axes.parity.unwrap_or(traits.parity);
    traits.contiguity = axes.contiguity.unwrap_or(traits.contiguity);
    traits.range_class = axes.range_class.unwrap_or(traits.range_class);
    let before = config.port_blocks;
    let size = axes.port_block.or(before.map(|blocks| blocks.size));
    let per_host = axes.blocks_per_host.or(before.map(|blocks| blocks.per_host)).unwrap_or(1);
    config.port_blocks = size.map(|size| PortBlocks { size, per_host });
    let pairs = axes.one_to_one.iter();
    let pairs: Vec<_> =
        pairs.filter_map(|(inside, outside)| Some((inside.parse().ok()?, outside.parse().ok()?))).collect();
    if !pairs.is_empty() {
        config.one_to_one = pairs;
    }
}

fn times_on(axes: &NatAxes, config: &mut NatConfig) {
    let timers = &mut config.timers;
    let seconds = |value: Option<f64>| value.map(Duration::from_secs_f64);
    timers.udp = seconds(axes.timeout_s).unwrap_or(timers.udp);
    timers.udp_unreplied = seconds(axes.unreplied_timeout_s).or(timers.udp_unreplied);
    timers.icmp = seconds(axes.icmp_timeout_s).unwrap_or(timers.icmp);
    timers.tcp_established = seconds(axes.tcp_established_timeout_s).unwrap_or(timers.tcp_established);
    timers.tcp_transitory = seconds(axes.tcp_transitory_timeout_s).unwrap_or(timers.tcp_transitory);
    timers.filter = seconds(axes.filter_timeout_s).or(timers.filter);
    let refresh = &mut config.refresh;
    refresh.outbound = axes.outbound_refresh.unwrap_or(refresh.outbound);
    refresh.inbound = axes.inbound_refresh.unwrap_or(refresh.inbound);
}

fn tcp_on(axes: &NatAxes, config: &mut NatConfig) {
    let tcp = &mut config.tcp;
    tcp.unsolicited_syn = axes.unsolicited_syn.map_or(tcp.unsolicited_syn, |word| match word {
        UnsolicitedSynWord::Hold => UnsolicitedSyn::Hold,
        UnsolicitedSynWord::Drop => UnsolicitedSyn::Drop,
        UnsolicitedSynWord::Reset => UnsolicitedSyn::Reset,
        UnsolicitedSynWord::Unreachable => UnsolicitedSyn::Unreachable,
    });
    tcp.after_reset = axes.after_reset.map_or(tcp.after_reset, |word| match word {
        AfterResetWord::Transitory => AfterReset::Transitory,
        AfterResetWord::Forget => AfterReset::Forget,
    });
    tcp.simultaneous_open = axes.simultaneous_open.unwrap_or(tcp.simultaneous_open);
    tcp.picks_up = axes.picks_up.unwrap_or(tcp.picks_up);
}

fn mapping(word: Mapping) -> MappingBehavior {
    match word {
        Mapping::EndpointIndependent => MappingBehavior::EndpointIndependent,
        Mapping::AddressDependent => MappingBehavior::AddressDependent,
        Mapping::AddressAndPortDependent => MappingBehavior::AddressAndPortDependent,
    }
}

fn filtering(word: Filtering) -> FilteringBehavior {
    match word {
        Filtering::EndpointIndependent => FilteringBehavior::EndpointIndependent,
        Filtering::AddressDependent => FilteringBehavior::AddressDependent,
        Filtering::AddressAndPortDependent => FilteringBehavior::AddressAndPortDependent,
    }
}

fn hairpin(spec: HairpinSpec) -> Hairpin {
    match spec {
        HairpinSpec::Switch(false) => Hairpin::Off,
        HairpinSpec::Switch(true) | HairpinSpec::Source(HairpinSource::ExternalSource) => {
            Hairpin::ExternalSource
        }
        HairpinSpec::Source(HairpinSource::InternalSource) => Hairpin::InternalSource,
    }
}
