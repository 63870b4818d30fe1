//! Mappings that somebody asks for, seen from the program on the NAT that asks on behalf of inside hosts.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::*;
use rtclab_net::nat::{FilteringBehavior, MappingBehavior, PortAllocation, Timers};
use rtclab_net::{Host, MapError, NatConfig, PortRequest, Program, ProgramId};
use rtclab_trace::{MappingPhase, NetReason, Protocol};

const HOUR: Duration = Duration::from_secs(3600);

/// Does nothing of its own; counts restarts.
#[derive(Debug, Default)]
struct OnNat {
    restarts: u32,
}

impl Program for OnNat {
    fn nat_restarted(&mut self, _: &mut Host<'_>) {
        self.restarts += 1;
    }
}

fn symmetric() -> NatConfig {
    NatConfig {
        mapping: MappingBehavior::AddressAndPortDependent,
        filtering: FilteringBehavior::AddressAndPortDependent,
        ports: PortAllocation::Random,
        ..NatConfig::default()
    }
}

/// alice on port 4000 behind a NAT with a program on it; bob and dave outside on port 5000.
fn lab(config: NatConfig) -> Lab {
    let mut lab = home(config).lab();
    lab.talk("alice", Talker::echo("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    lab.talk("dave", Talker::new("0.0.0.0:5000"));
    let nat = lab.node("nat");
    lab.world.install(nat, Box::new(OnNat::default())).expect("a NAT runs programs");
    lab.run_ms(0);
    lab
}

fn on_nat<R>(lab: &mut Lab, act: impl FnOnce(&mut Host<'_>) -> R) -> R {
    let nat = lab.node("nat");
    lab.world.with_program(nat, ProgramId(0), None, |_: &mut OnNat, host| act(host)).expect("on the NAT")
}

fn request(lab: &Lab, port: Option<u16>) -> PortRequest {
    let internal = SocketAddr::new(lab.address("alice"), 4000);
    PortRequest { protocol: Protocol::Udp, internal, port, exact: false, remote: None, lifetime: HOUR }
}

fn map(lab: &mut Lab, port: Option<u16>) -> SocketAddr {
    let request = request(lab, port);
    on_nat(lab, |host| host.map_port(&request)).expect("a port")
}

#[test]
fn a_mapping_that_was_asked_for_lets_everybody_in_and_is_what_the_inside_answers_from() {
    let mut lab = lab(symmetric());
    let external = map(&mut lab, Some(4000));
    assert_eq!(external.port(), 4000);
    for name in ["bob", "dave"] {
        lab.send(name, external, name.as_bytes());
        lab.run_ms(100);
        assert_eq!(lab.heard(name), [(external, name.as_bytes().to_vec())], "{name}");
    }
    assert_eq!(lab.times_of(NetReason::MappingAsked).len(), 1);
    assert!(lab.times_of(NetReason::MappingCreated).is_empty(), "one mapping for all");
}

#[test]
fn it_lives_as_long_as_was_granted_and_not_as_the_timer_of_traffic_says() {
    let timers = Timers { udp: Duration::from_secs(30), ..Timers::default() };
    let mut lab = lab(NatConfig { timers, ..symmetric() });
    let external = map(&mut lab, None);
    lab.run_ms(3_599_000);
    lab.send("bob", external, b"late");
    lab.run_ms(100);
    assert_eq!(lab.heard("bob").len(), 1);
    lab.run_ms(60_000);
    lab.send("bob", external, b"too late");
    lab.run_ms(100);
    assert_eq!(lab.heard("bob").len(), 1);
    let last = lab.mappings("nat").pop().expect("a mapping");
    assert_eq!(last.1.phase, MappingPhase::Expired);
}

#[test]
fn what_the_nat_has_mapped_for_traffic_becomes_what_was_asked_for() {
    let mut lab = lab(NatConfig { mapping: MappingBehavior::EndpointIndependent, ..symmetric() });
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let by_traffic = lab.heard("bob")[0].0;
    assert_eq!(map(&mut lab, Some(4000)), by_traffic);
    lab.send("dave", by_traffic, b"in");
    lab.run_ms(100);
    assert_eq!(lab.heard("dave").len(), 1, "dave may come in although alice has never sent there");
}

#[test]
fn a_port_that_is_taken_is_refused_to_whom_no_other_would_do() {
    let mut lab = lab(symmetric());
    map(&mut lab, Some(4000));
    let carol = SocketAddr::new(lab.address("carol"), 4000);
    let ask = PortRequest { internal: carol, exact: true, ..request(&lab, Some(4000)) };
    assert_eq!(on_nat(&mut lab, |host| host.map_port(&ask)), Err(MapError::PortTaken));
    let other = on_nat(&mut lab, |host| host.map_port(&PortRequest { exact: false, ..ask })).expect("a port");
    assert_ne!(other.port(), 4000);
}

#[test]
fn a_mapping_that_is_given_back_lets_nobody_in() {
    let mut lab = lab(symmetric());
    let external = map(&mut lab, None);
    let internal = request(&lab, None).internal;
    assert!(on_nat(&mut lab, |host| host.unmap_port(Protocol::Udp, internal)));
    assert!(!on_nat(&mut lab, |host| host.unmap_port(Protocol::Udp, internal)), "it is gone already");
    lab.send("bob", external, b"too late");
    lab.run_ms(100);
    assert!(lab.heard("bob").is_empty());
    assert_eq!(lab.times_of(NetReason::MappingReleased).len(), 1);
}

#[test]
fn towards_one_endpoint_it_is_what_a_packet_there_would_have_made() {
    let mut lab = lab(symmetric());
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    let ask = PortRequest { remote: Some(bob), ..request(&lab, None) };
    let external = on_nat(&mut lab, |host| host.map_port(&ask)).expect("a port");
    for name in ["bob", "dave"] {
        lab.send(name, external, b"in");
        lab.run_ms(100);
    }
    assert_eq!((lab.heard("bob").len(), lab.heard("dave").len()), (1, 0));
    lab.send("alice", bob, b"out");
    lab.run_ms(100);
    assert_eq!(lab.heard("bob")[1].0, external);
}

#[test]
fn only_inside_hosts_have_ports_mapped_and_only_by_a_nat() {
    let mut lab = lab(symmetric());
    let outside = PortRequest { internal: SocketAddr::new(lab.address("bob"), 1), ..request(&lab, None) };
    let refused = on_nat(&mut lab, |host| host.map_port(&outside));
    assert_eq!(refused, Err(MapError::NotInside(outside.internal.ip())));
    let ask = request(&lab, None);
    let act = |_: &mut Talker, host: &mut Host<'_>| host.map_port(&ask);
    let on_host = lab.world.with_program(lab.node("bob"), ProgramId(0), None, act).expect("a talker");
    assert_eq!(on_host, Err(MapError::NotANat));
}

#[test]
fn a_restart_forgets_what_was_asked_for_and_tells_the_programs_of_the_nat() {
    let mut lab = lab(symmetric());
    let external = map(&mut lab, None);
    let nat = lab.node("nat");
    lab.world.rebind_nat(nat, None).expect("a NAT");
    lab.send("bob", external, b"too late");
    lab.run_ms(100);
    assert!(lab.heard("bob").is_empty());
    let program: &OnNat = lab.world.program(nat, ProgramId(0)).expect("on the NAT");
    assert_eq!(program.restarts, 1);
}

#[test]
fn hosts_know_their_gateway_and_nats_the_address_that_they_would_give() {
    let mut lab = lab(symmetric());
    let alice = lab.address("alice");
    let gateway = lab
        .world
        .with_program(lab.node("alice"), ProgramId(0), None, |_: &mut Talker, host| host.gateway(alice));
    let inside = on_nat(&mut lab, |host| host.inside_addresses());
    assert_eq!(gateway.expect("a talker"), inside.first().copied());
    let expected = on_nat(&mut lab, |host| host.external_address(alice));
    assert_eq!(expected.map(std::net::IpAddr::V4), Some(map(&mut lab, None).ip()));
}

#[test]
fn a_nat_takes_no_address_that_is_not_of_its_network_or_somebody_elses() {
    let mut lab = lab(symmetric());
    let (nat, bob) = (lab.node("nat"), lab.address("bob"));
    let std::net::IpAddr::V4(bob) = bob else { panic!("IPv4: {bob}") };
    let external = map(&mut lab, None);
    for wrong in [bob, "8.8.8.8".parse().expect("an address")] {
        assert!(lab.world.readdress_nat(nat, wrong, None).is_err(), "{wrong}");
    }
    lab.send("bob", external, b"still there");
    lab.run_ms(100);
    assert_eq!(lab.heard("bob").len(), 1, "nothing was forgotten for it");
}
