//! Peers that have their NAT map a port, and what comes of it.

mod common;

use common::{run, shipped};
use rtclab_lab::ladder::{Style, text};
use rtclab_lab::run::Outcome;
use rtclab_trace::{CallPath, NetReason, Reason, SimTime};

fn outcome(overrides: &[&str]) -> Outcome {
    run(&shipped("port-mapping.toml", overrides))
}

fn times_of(outcome: &Outcome, reason: impl Into<Reason>) -> Vec<SimTime> {
    let reason = Some(reason.into());
    outcome.trace.entries().filter(|(_, entry)| entry.reason == reason).map(|(_, entry)| entry.at).collect()
}

#[test]
fn the_address_that_the_gateway_maps_is_what_the_peer_calls() {
    let outcome = outcome(&[]);
    assert_eq!(outcome.calls[0].state.path, Some(CallPath::Direct));
    let mapped = times_of(&outcome, rtclab_rtc::Reason::MappedByGateway);
    assert_eq!(mapped.len(), 1);
    let text = text(&outcome, &Style { width: 300, ..Style::default() });
    assert!(text.contains("PCP MAP: UDP port") && text.contains("PCP MAP answer: UDP port"), "{text}");
    assert!(text.contains("asked for"), "{text}");
}

#[test]
fn a_nat_that_restarts_says_so_and_is_asked_again_within_five_seconds() {
    let outcome = outcome(&[]);
    let announced = times_of(&outcome, rtclab_rtc::Reason::PcpAnnounces);
    let again = times_of(&outcome, rtclab_rtc::Reason::PcpStateLost);
    assert!(!announced.is_empty() && again.len() == 1, "{announced:?} {again:?}");
    assert!(again[0] >= announced[0] && again[0].since(announced[0]).as_secs() < 5, "{again:?}");
    assert_eq!(times_of(&outcome, NetReason::MappingAsked).len(), 2);
}

#[test]
fn a_nat_of_the_older_protocol_is_asked_in_that() {
    let outcome = outcome(&["node.nat-a.nat.port_mapping=nat-pmp"]);
    assert_eq!(outcome.calls[0].state.path, Some(CallPath::Direct));
    assert!(!times_of(&outcome, rtclab_rtc::Reason::PcpFallsBack).is_empty());
    assert!(!times_of(&outcome, rtclab_rtc::Reason::PcpTellsAddress).is_empty());
}

#[test]
fn a_nat_without_the_service_says_so_at_once_and_the_call_takes_the_relay() {
    let outcome = outcome(&["node.nat-a.nat.port_mapping=off"]);
    assert_eq!(outcome.calls[0].state.path, Some(CallPath::Relayed));
    let told = times_of(&outcome, rtclab_rtc::Reason::PcpNoService);
    assert_eq!(told.len(), 1);
    assert!(told[0] < SimTime::from_millis(100), "{told:?}");
}
