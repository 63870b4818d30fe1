//! Which external port and address a mapping gets: each axis of port allocation and pooling by itself (RFC 4787 §4.1, §4.2).

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use common::*;
use rtclab_net::nat::{FilteringBehavior, MappingBehavior, Pooling, PortAllocation, PortBlocks, PortTraits};
use rtclab_net::{Attachment, NatConfig};
use rtclab_trace::{MappingPhase, NetReason};

const NO_TRAITS: PortTraits = PortTraits { parity: false, contiguity: false, range_class: false };

fn to(lab: &Lab, host: &str) -> SocketAddr {
    SocketAddr::new(lab.address(host), 5_000)
}

/// Lets a host send from each of these ports in turn; the external ports that bob sees.
fn external_ports(config: NatConfig, internal: &[u16]) -> Vec<u16> {
    let mut lab = home(config).lab();
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let (alice, bob) = (lab.node("alice"), to(&lab, "bob"));
    for port in internal {
        let talker = Talker::new(&format!("0.0.0.0:{port}"));
        let id = lab.world.install(alice, Box::new(talker)).expect("a host");
        lab.run_ms(0);
        let act = |talker: &mut Talker, host: &mut rtclab_net::Host<'_>| {
            host.send_udp(talker.socket.expect("started"), bob, b"", None, None)
        };
        lab.world.with_program(alice, id, None, act).expect("a talker").expect("sent");
        lab.run_ms(50);
    }
    lab.heard("bob").iter().map(|(from, _)| from.port()).collect()
}

/// alice and carol both send from port 4000, to bob and then to dave.
fn both_from_4000(config: NatConfig) -> Lab {
    let mut lab = home(config).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    for name in ["bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:5000"));
    }
    let (bob, dave) = (to(&lab, "bob"), to(&lab, "dave"));
    lab.send("alice", bob, b"alice");
    lab.run_ms(20);
    lab.send("carol", dave, b"carol");
    lab.run_ms(20);
    lab
}

#[test]
fn each_way_to_preserve_a_port_does_something_else_when_two_hosts_want_it() {
    let from = |ports| {
        let lab = both_from_4000(NatConfig {
            ports,
            mapping: MappingBehavior::AddressAndPortDependent,
            ..NatConfig::default()
        });
        let removed =
            lab.mappings("nat").iter().filter(|(_, state)| state.phase == MappingPhase::Removed).count();
        (lab.heard("bob")[0].0.port(), lab.heard("dave")[0].0.port() == 4_000, removed)
    };
    assert_eq!(from(PortAllocation::PreserveElseRandom), (4_000, false, 0));
    assert_eq!(from(PortAllocation::PreserveElseSequential), (4_000, false, 0));
    assert_eq!(from(PortAllocation::PreserveOverride), (4_000, true, 1));
    assert_eq!(from(PortAllocation::PreserveOverload), (4_000, true, 0));
}

#[test]
fn an_overridden_mapping_is_gone_and_its_port_leads_to_the_newcomer() {
    let config = NatConfig { ports: PortAllocation::PreserveOverride, ..NatConfig::full_cone() };
    let mut lab = both_from_4000(config);
    assert_eq!(lab.times_of(NetReason::MappingOverridden).len(), 1);
    let external = lab.heard("bob")[0].0;
    lab.send("bob", external, b"for alice, once");
    lab.run_ms(50);
    assert_eq!((lab.heard("alice").len(), lab.heard("carol").len()), (0, 1));
}

#[test]
fn remote_endpoints_tell_the_owners_of_an_overloaded_port_apart() {
    for mapping in [MappingBehavior::EndpointIndependent, MappingBehavior::AddressAndPortDependent] {
        let config = NatConfig { mapping, ports: PortAllocation::PreserveOverload, ..NatConfig::default() };
        let mut lab = both_from_4000(config);
        for (name, payload) in [("bob", b"to alice"), ("dave", b"to carol")] {
            let external = lab.heard(name)[0].0;
            assert_eq!(external.port(), 4_000);
            lab.send(name, external, payload);
        }
        lab.run_ms(50);
        assert_eq!(lab.heard("alice"), [(to(&lab, "bob"), b"to alice".to_vec())], "{mapping:?}");
        assert_eq!(lab.heard("carol"), [(to(&lab, "dave"), b"to carol".to_vec())], "{mapping:?}");
        // Towards one remote endpoint even an overloaded port has one owner.
        let bob = to(&lab, "bob");
        lab.send("carol", bob, b"carol");
        lab.run_ms(50);
        let seen = lab.heard("bob")[1].0.port();
        assert_eq!(seen == 4_000, mapping == MappingBehavior::EndpointIndependent, "{mapping:?}");
    }
}

#[test]
fn parity_alone_keeps_even_ports_even_and_odd_ones_odd() {
    let internal = [4_000, 4_001, 4_002, 4_003, 4_004, 4_005, 4_006, 4_007];
    let kept = |parity| {
        let port_traits = PortTraits { parity, ..NO_TRAITS };
        let config = NatConfig { ports: PortAllocation::Random, port_traits, ..NatConfig::default() };
        external_ports(config, &internal)
            .iter()
            .zip(internal)
            .filter(|(port, own)| *port & 1 == own & 1)
            .count()
    };
    assert_eq!(kept(true), internal.len());
    assert!(kept(false) < internal.len());
}

#[test]
fn contiguity_alone_maps_neighbours_to_neighbours() {
    let internal = [4_000, 4_001, 4_002, 3_999];
    let neighbours = |contiguity| {
        let port_traits = PortTraits { contiguity, ..NO_TRAITS };
        let config = NatConfig { ports: PortAllocation::Random, port_traits, ..NatConfig::default() };
        let external = external_ports(config, &internal);
        external.iter().zip(internal).all(|(port, own)| {
            i32::from(*port) - i32::from(external[0]) == i32::from(own) - i32::from(internal[0])
        })
    };
    assert!(neighbours(true));
    assert!(!neighbours(false));
}

#[test]
fn the_range_class_alone_keeps_well_known_ports_well_known() {
    for ports in [PortAllocation::PreserveElseRandom, PortAllocation::Random, PortAllocation::Sequential] {
        for range_class in [false, true] {
            let port_traits = PortTraits { range_class, ..NO_TRAITS };
            let external =
                external_ports(NatConfig { ports, port_traits, ..NatConfig::default() }, &[123, 4_000]);
            assert_eq!(external[0] < 1_024, range_class, "{ports:?}");
            assert!(external[1] >= 1_024, "{ports:?}");
        }
    }
}

#[test]
fn a_host_gets_its_ports_in_blocks_until_it_has_all_it_may_have() {
    let blocks = PortBlocks { size: 4, per_host: 2 };
    let config = NatConfig {
        ports: PortAllocation::Random,
        mapping: MappingBehavior::AddressAndPortDependent,
        port_blocks: Some(blocks),
        port_range: (2_000, 2_011),
        ..NatConfig::default()
    };
    let mut lab = home(config).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    let bob = lab.address("bob");
    lab.send("alice", SocketAddr::new(bob, 1), b"");
    lab.run_ms(20);
    lab.send("carol", SocketAddr::new(bob, 1), b"");
    lab.run_ms(20);
    for port in 2..=9 {
        lab.send("alice", SocketAddr::new(bob, port), b"");
        lab.run_ms(20);
    }
    let carol = lab.address("carol");
    let mut of_alice: Vec<u16> = Vec::new();
    for (_, state) in lab.mappings("nat").into_iter().filter(|(_, state)| state.contacted.len() == 1) {
        let port = state.external.port();
        if state.internal.ip() == carol {
            assert!((2_004..=2_007).contains(&port), "the second block is carol's: {port}");
        } else {
            of_alice.push(port);
        }
    }
    of_alice.sort_unstable();
    assert_eq!(of_alice, [2_000, 2_001, 2_002, 2_003, 2_008, 2_009, 2_010, 2_011]);
    let rule =
        format!("ports: none is free in the blocks of {}, and it gets no other block", lab.address("alice"));
    let refused = lab.drops().into_iter().filter(|(reason, _)| *reason == NetReason::PortsExhausted);
    assert_eq!(refused.collect::<Vec<_>>(), [(NetReason::PortsExhausted, rule)]);
}

/// A NAT with three external addresses, .101 to .103.
fn pooled(config: NatConfig) -> Lab {
    let mut draft = Draft::new().network("home", millis(1)).network("internet", millis(1));
    draft.0.add_nat("nat", config).expect("new");
    let wan = (101..=103).fold(Attachment::new().outside(), |wan, last| wan.address(outside(last), 24));
    let mut lab = draft
        .attach("nat", "home", Attachment::new())
        .attach("nat", "internet", wan)
        .host("alice", &["home"])
        .host("carol", &["home"])
        .host("bob", &["internet"])
        .host("dave", &["internet"])
        .lab();
    for name in ["alice", "carol", "bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:5000"));
    }
    lab
}

fn outside(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, last])
}

#[test]
fn pooling_alone_decides_whether_a_host_keeps_its_external_address() {
    for pooling in [Pooling::Paired, Pooling::Arbitrary] {
        let mut lab = pooled(NatConfig { pooling, ..NatConfig::symmetric() });
        let bob = lab.address("bob");
        for port in 5_001..=5_012 {
            lab.send("alice", SocketAddr::new(bob, port), b"");
            lab.run_ms(10);
        }
        let mut seen: Vec<IpAddr> =
            lab.mappings("nat").iter().map(|(_, state)| state.external.ip()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len() == 1, pooling == Pooling::Paired, "{seen:?}");
    }
}

#[test]
fn one_to_one_gives_each_host_an_address_with_all_its_ports_and_whoever_comes_last_none() {
    let own: Vec<(Ipv4Addr, Ipv4Addr)> =
        [101, 102].map(|last| ([10, 9, 9, last].into(), [203, 0, 113, last].into())).to_vec();
    let config = NatConfig { pooling: Pooling::OneToOne, one_to_one: own, ..NatConfig::full_cone() };
    let mut lab = pooled(config);
    let (bob, dave) = (to(&lab, "bob"), to(&lab, "dave"));
    lab.send("alice", bob, b"alice");
    lab.run_ms(20);
    lab.send("alice", dave, b"alice");
    lab.run_ms(20);
    lab.send("carol", bob, b"carol");
    lab.run_ms(20);
    let alice = SocketAddr::new(outside(103), 5_000);
    assert_eq!(lab.heard("bob"), [(alice, b"alice".to_vec())]);
    assert_eq!(lab.heard("dave"), [(alice, b"alice".to_vec())]);
    let rule = "pooling: one to one: every external address belongs to another host".to_string();
    assert_eq!(lab.drops(), [(NetReason::PortsExhausted, rule)]);
}

#[test]
fn one_to_one_lets_the_outside_begin_and_ping() {
    let mut lab = pooled(NatConfig { pooling: Pooling::OneToOne, ..NatConfig::full_cone() });
    let bob = to(&lab, "bob");
    lab.send("alice", bob, b"here I am");
    lab.run_ms(20);
    let second = lab.world.install(lab.node("alice"), Box::new(Talker::new("0.0.0.0:7000"))).expect("a host");
    lab.run_ms(0);
    lab.send("bob", SocketAddr::new(outside(101), 7_000), b"to another port");
    lab.ping("bob", outside(101), 9);
    lab.run_ms(50);
    let talker = lab.world.program::<Talker>(lab.node("alice"), second).expect("a talker");
    assert_eq!(talker.seen.len(), 1);
    assert_eq!(lab.seen("bob").last().expect("an echo"), &Seen::Echo(outside(101), 1));
    assert_eq!(lab.drops(), []);
}

#[test]
fn one_to_one_with_a_filter_lets_in_only_answers() {
    let config = NatConfig {
        pooling: Pooling::OneToOne,
        filtering: FilteringBehavior::AddressAndPortDependent,
        ..NatConfig::default()
    };
    let mut lab = pooled(config);
    let bob = to(&lab, "bob");
    lab.send("alice", bob, b"open");
    lab.run_ms(20);
    lab.send("bob", SocketAddr::new(outside(101), 5_000), b"answer");
    lab.send("dave", SocketAddr::new(outside(101), 5_000), b"knock");
    lab.send("dave", SocketAddr::new(outside(101), 7_000), b"knock");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
    let reasons: Vec<NetReason> = lab.drops().into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(reasons, [NetReason::FilteredByNat, NetReason::NoMapping]);
}
