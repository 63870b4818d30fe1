//! A NAT seen from outside: our client of RFC 5780 finds, for every preset, what the preset says.

use rtclab_lab::document::Scenario;
use rtclab_lab::presets::NatPreset;
use rtclab_lab::run::{Options, run};
use rtclab_net::NatConfig;
use rtclab_net::nat::{FilteringBehavior, Hairpin, MappingBehavior, Pooling, PortAllocation};

fn document(nat: &str, expect: &str) -> String {
    format!(
        "until_ms = 7200000\n[network.internet]\nprefix = \"203.0.113.0/24\"\nlatency_ms = 15\n[node.stun]\nnetwork = \"internet\"\n\
         address = [\"203.0.113.10\", \"203.0.113.11\"]\nrun = {{ stun-server = {{}} }}\n[node.nat]\nnat = {nat}\ninside = \"home\"\n\
         outside = \"internet\"\n[node.alice]\nnetwork = \"home\"\nrun = {{ nat-probe = {{ server = \"stun\", lifetime_s_max = 600 }} }}\n\
         [[expect]]\nprobe_at = \"alice\"\n{expect}\n"
    )
}

/// Panics unless the probe behind this NAT finds what is expected.
fn finds(nat: &str, expect: &str) {
    let text = document(nat, expect);
    let scenario = Scenario::parse("probe.toml", &text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = run(&scenario, Options::default()).expect("it runs");
    let judgement = &outcome.expectations[0];
    assert_eq!(judgement.met, Some(true), "{nat}: {judgement:#?}");
}

/// What a preset looks like from outside.
fn seen(config: &NatConfig) -> String {
    let mapping = match config.mapping {
        // A port that every flow preserves is the same for all of them, until two hosts want it.
        _ if config.ports == PortAllocation::PreserveOverload => "endpoint-independent",
        MappingBehavior::EndpointIndependent => "endpoint-independent",
        MappingBehavior::AddressDependent => "address-dependent",
        MappingBehavior::AddressAndPortDependent => "address-and-port-dependent",
    };
    let filtering = match config.filtering {
        FilteringBehavior::EndpointIndependent => "endpoint-independent",
        FilteringBehavior::AddressDependent => "address-dependent",
        FilteringBehavior::AddressAndPortDependent => "address-and-port-dependent",
    };
    let hairpin = config.hairpin != Hairpin::Off;
    // An address of one's own lets everybody in at any time: there is no end to find. Beyond ten minutes the probe does not look.
    let lifetime = if config.pooling == Pooling::OneToOne { 600.0 } else { config.timers.udp.as_secs_f64() };
    format!(
        "mapping = \"{mapping}\"\nfiltering = \"{filtering}\"\nhairpin = {hairpin}\nlifetime_s = {lifetime:?}"
    )
}

#[test]
fn the_probe_finds_what_every_preset_says() {
    let mut probed = 0;
    for preset in NatPreset::ALL {
        // Where nothing is translated there is nothing to find, and the inside of a NAT64 cannot reach a server by IPv4.
        let Some(config) = preset.config().filter(|config| config.nat64.is_none()) else { continue };
        let name = serde_json::to_value(preset).expect("a word").to_string();
        finds(&name, &seen(&config));
        probed += 1;
    }
    assert!(probed >= 12, "{probed}");
}

#[test]
fn the_probe_finds_each_pair_of_mapping_and_filtering() {
    let words = ["endpoint-independent", "address-dependent", "address-and-port-dependent"];
    for mapping in words {
        for filtering in words {
            let axes =
                format!("{{ mapping = \"{mapping}\", filtering = \"{filtering}\", ports = \"random\" }}");
            finds(&axes, &format!("mapping = \"{mapping}\"\nfiltering = \"{filtering}\""));
        }
    }
}

#[test]
fn the_probe_finds_how_long_mappings_live() {
    for seconds in [20, 45, 130, 400] {
        finds(&format!("{{ timeout_s = {seconds} }}"), &format!("lifetime_s = {seconds}"));
    }
}

#[test]
fn an_expectation_that_is_not_met_says_what_the_probe_found() {
    let text = document("\"full-cone\"", "mapping = \"address-dependent\"");
    let scenario = Scenario::parse("probe.toml", &text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = run(&scenario, Options::default()).expect("it runs");
    let judgement = &outcome.expectations[0];
    assert_eq!(judgement.met, Some(false));
    let instead = judgement.instead.as_deref().expect("said");
    assert!(instead.contains("endpoint-independent mapping, endpoint-independent filtering"), "{instead}");
}
