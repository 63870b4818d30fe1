//! IPv6 hosts and IPv4 servers through a NAT64 (RFC 6146, RFC 7915).

mod common;

use std::net::{IpAddr, SocketAddr};

use common::*;
use rtclab_net::nat::{Prefix64, Refresh, Timers};
use rtclab_net::{Families, NatConfig, UnreachableKind};
use rtclab_trace::{NetReason, Protocol, SimTime};

/// alice and carol on a network of IPv6 alone; bob and dave on one of IPv4 alone.
fn lab(config: NatConfig) -> Lab {
    let mut lab = Draft::new()
        .network("home", millis(5))
        .families("home", Families::V6)
        .network("internet", millis(5))
        .nat("nat", config, "home", "internet")
        .host("alice", &["home"])
        .host("carol", &["home"])
        .host("bob", &["internet"])
        .host("dave", &["internet"])
        .lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("[::]:4000"));
    }
    for name in ["bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:5000"));
    }
    lab
}

/// The IPv6 address of a host of the other side, or of anybody's endpoint there.
fn embedded(endpoint: SocketAddr) -> SocketAddr {
    let IpAddr::V4(address) = endpoint.ip() else { panic!("of IPv4") };
    SocketAddr::new(Prefix64::WELL_KNOWN.embed(address).into(), endpoint.port())
}

fn at(lab: &Lab, host: &str) -> SocketAddr {
    SocketAddr::new(lab.address(host), 5_000)
}

#[test]
fn a_datagram_leaves_as_ipv4_and_its_answer_comes_back_as_ipv6() {
    let mut lab = lab(NatConfig::nat64());
    let bob = at(&lab, "bob");
    lab.send("alice", embedded(bob), b"hello");
    lab.run_ms(50);
    let (external, payload) = lab.heard("bob")[0].clone();
    assert_eq!((external.ip(), payload.as_slice()), (lab.addresses("nat")[1], b"hello".as_slice()));
    lab.send("bob", external, b"answer");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), [(embedded(bob), b"answer".to_vec())]);
    let mapping = &lab.mappings("nat")[0].1;
    assert_eq!(mapping.internal, SocketAddr::new(lab.address("alice"), 4_000), "as it really is");
    assert_eq!(lab.drops(), []);
}

#[test]
fn its_filter_is_address_dependent_and_its_mapping_endpoint_independent() {
    let mut lab = lab(NatConfig::nat64());
    let (bob, dave) = (at(&lab, "bob"), at(&lab, "dave"));
    lab.send("alice", embedded(bob), b"hello");
    lab.run_ms(50);
    let external = lab.heard("bob")[0].0;
    lab.send("dave", external, b"knock");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), []);
    assert_eq!(lab.drops()[0].0, NetReason::FilteredByNat);
    lab.send("alice", embedded(dave), b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("dave")[0].0, external);
}

#[test]
fn an_echo_request_is_answered_through_it() {
    let mut lab = lab(NatConfig::nat64());
    let bob = embedded(at(&lab, "bob")).ip();
    lab.ping("alice", bob, 7);
    lab.run_ms(100);
    assert_eq!(lab.seen("alice"), [Seen::Echo(bob, 1)]);
    assert_eq!(lab.mappings("nat")[0].1.protocol, Protocol::Icmp);
}

#[test]
fn errors_change_family_with_what_they_quote() {
    let mut lab = lab(NatConfig::nat64());
    let bob = at(&lab, "bob");
    let closed = embedded(SocketAddr::new(bob.ip(), 9));
    lab.send("alice", closed, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.seen("alice"), [Seen::Unreachable(UnreachableKind::Port, closed)]);
    // And the other way: alice's socket is gone when bob answers.
    lab.send("carol", embedded(bob), b"hello");
    lab.run_ms(50);
    let external = lab.heard("bob")[0].0;
    let close =
        |talker: &mut Talker, host: &mut rtclab_net::Host<'_>| host.close(talker.socket.expect("started"));
    lab.world.with_program(lab.node("carol"), rtclab_net::ProgramId(0), None, close).expect("a talker");
    lab.send("bob", external, b"answer");
    lab.run_ms(50);
    assert_eq!(lab.seen("bob").last(), Some(&Seen::Unreachable(UnreachableKind::Port, external)));
}

#[test]
fn two_hosts_inside_reach_each_other_by_their_external_endpoints() {
    let mut lab = lab(NatConfig {
        filtering: rtclab_net::nat::FilteringBehavior::EndpointIndependent,
        ..NatConfig::nat64()
    });
    let bob = at(&lab, "bob");
    for name in ["alice", "carol"] {
        lab.send(name, embedded(bob), b"hello");
        lab.run_ms(50);
    }
    let [alice, carol] = [0, 1].map(|place| lab.heard("bob")[place].0);
    lab.send("alice", embedded(carol), b"hello, carol");
    lab.run_ms(50);
    assert_eq!(lab.heard("carol"), [(embedded(alice), b"hello, carol".to_vec())]);
}

#[test]
fn a_mapping_ends_and_the_host_is_forgotten_with_it() {
    let timers = Timers { udp: std::time::Duration::from_secs(30), ..Timers::default() };
    let mut lab = lab(NatConfig { timers, refresh: Refresh::default(), ..NatConfig::nat64() });
    let bob = at(&lab, "bob");
    lab.send("alice", embedded(bob), b"hello");
    lab.run_ms(40_000);
    assert_eq!(lab.times_of(NetReason::MappingExpired), [SimTime::from_millis(30_010)]);
    assert_eq!(lab.mappings("nat").last().expect("told").1.internal.ip(), lab.address("alice"));
}

#[test]
fn what_is_too_long_for_ipv6_is_reported_to_the_sender_with_a_size_that_fits() {
    let mut draft = Draft::new()
        .network("home", millis(5).with_mtu(1_400))
        .families("home", Families::V6)
        .network("internet", millis(5));
    draft = draft
        .nat("nat", NatConfig::nat64(), "home", "internet")
        .host("alice", &["home"])
        .host("bob", &["internet"]);
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("[::]:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = at(&lab, "bob");
    lab.send("alice", embedded(bob), b"hello");
    lab.run_ms(50);
    let external = lab.heard("bob")[0].0;
    lab.send("bob", external, &[0; 1_360]);
    lab.run_ms(50);
    assert_eq!(
        lab.seen("bob").last(),
        Some(&Seen::Unreachable(UnreachableKind::TooBig { mtu: 1_380 }, external))
    );
    lab.send("bob", external, &[0; 1_352]);
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
}
