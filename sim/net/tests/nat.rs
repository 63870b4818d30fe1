//! Mapping, filtering and port allocation of NATs, one axis at a time.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_net::NatConfig;
use rtclab_net::nat::{FilteringBehavior, MappingBehavior, Pooling, PortAllocation};
use rtclab_trace::{Change, Entity, MappingPhase, NetReason, Reason};

const MAPPINGS: [MappingBehavior; 3] = [
    MappingBehavior::EndpointIndependent,
    MappingBehavior::AddressDependent,
    MappingBehavior::AddressAndPortDependent,
];
const FILTERINGS: [FilteringBehavior; 3] = [
    FilteringBehavior::EndpointIndependent,
    FilteringBehavior::AddressDependent,
    FilteringBehavior::AddressAndPortDependent,
];
const ALLOCATIONS: [PortAllocation; 4] = [
    PortAllocation::PreserveElseRandom,
    PortAllocation::PreserveElseSequential,
    PortAllocation::Sequential,
    PortAllocation::Random,
];

/// What of three remote endpoints saw: bob's, another port of bob's, dave's.
fn external_endpoints(config: NatConfig) -> [SocketAddr; 3] {
    let mut lab = home(config).host("bob2", &["internet"]).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    for (name, bind) in [("bob", "0.0.0.0:5000"), ("dave", "0.0.0.0:5000")] {
        lab.talk(name, Talker::new(bind));
    }
    // A second program on bob has another port of the same address.
    let bob = lab.node("bob");
    let second = lab.world.install(bob, Box::new(Talker::new("0.0.0.0:5001"))).expect("a host");
    let (bob_address, dave_address) = (lab.address("bob"), lab.address("dave"));
    for to in [(bob_address, 5000), (bob_address, 5001), (dave_address, 5000)] {
        lab.send("alice", to.into(), b"hello");
        lab.run_ms(50);
    }
    let first = lab.heard("bob")[0].0;
    let Seen::Datagram { from: other_port, .. } =
        lab.world.program::<Talker>(bob, second).expect("a talker").seen[0].1
    else {
        panic!("a datagram")
    };
    [first, other_port, lab.heard("dave")[0].0]
}

#[test]
fn mapping_alone_decides_which_packets_share_an_external_endpoint() {
    for mapping in MAPPINGS {
        for filtering in FILTERINGS {
            for ports in ALLOCATIONS {
                let config = NatConfig { mapping, filtering, ports, ..NatConfig::default() };
                let [bob, bob_other_port, dave] = external_endpoints(config);
                let shared = (bob == bob_other_port, bob == dave);
                let expected = match mapping {
                    MappingBehavior::EndpointIndependent => (true, true),
                    MappingBehavior::AddressDependent => (true, false),
                    MappingBehavior::AddressAndPortDependent => (false, false),
                };
                assert_eq!(shared, expected, "{mapping:?} {filtering:?} {ports:?}");
            }
        }
    }
}

#[test]
fn filtering_alone_decides_who_may_come_in() {
    for mapping in MAPPINGS {
        for filtering in FILTERINGS {
            let config = NatConfig { mapping, filtering, ..NatConfig::default() };
            let mut lab = home(config).lab();
            lab.talk("alice", Talker::new("0.0.0.0:4000"));
            lab.talk("bob", Talker::new("0.0.0.0:5000"));
            lab.talk("dave", Talker::new("0.0.0.0:5000"));
            let bob = lab.node("bob");
            let other_port = lab.world.install(bob, Box::new(Talker::new("0.0.0.0:5001"))).expect("a host");
            let to_bob = SocketAddr::new(lab.address("bob"), 5000);
            lab.send("alice", to_bob, b"open");
            lab.run_ms(50);
            let external = lab.heard("bob")[0].0;
            lab.send("bob", external, b"bob");
            lab.send("dave", external, b"dave");
            let act = |talker: &mut Talker, host: &mut rtclab_net::Host<'_>| {
                host.send_udp(talker.socket.expect("started"), external, b"bob, other port", None, None)
            };
            lab.world.with_program(bob, other_port, None, act).expect("a talker").expect("sent");
            lab.run_ms(50);
            let mut heard: Vec<_> = lab.heard("alice").into_iter().map(|(_, payload)| payload).collect();
            heard.sort();
            let expected: &[&[u8]] = match filtering {
                FilteringBehavior::EndpointIndependent => &[b"bob", b"bob, other port", b"dave"],
                FilteringBehavior::AddressDependent => &[b"bob", b"bob, other port"],
                FilteringBehavior::AddressAndPortDependent => &[b"bob"],
            };
            assert_eq!(heard, expected, "{mapping:?} {filtering:?}");
        }
    }
}

#[test]
fn the_filter_asks_what_the_internal_endpoint_sent_through_any_of_its_mappings() {
    let config = NatConfig {
        mapping: MappingBehavior::AddressAndPortDependent,
        filtering: FilteringBehavior::AddressDependent,
        ..NatConfig::default()
    };
    let mut lab = home(config).lab();
    for (name, bind) in [("alice", "0.0.0.0:4000"), ("bob", "0.0.0.0:5000"), ("dave", "0.0.0.0:5000")] {
        lab.talk(name, Talker::new(bind));
    }
    for name in ["bob", "dave"] {
        let to = SocketAddr::new(lab.address(name), 5000);
        lab.send("alice", to, b"open");
    }
    lab.run_ms(50);
    let for_bob = lab.heard("bob")[0].0;
    assert_ne!(for_bob, lab.heard("dave")[0].0);
    lab.send("dave", for_bob, b"through the mapping for bob");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice").len(), 1);
}

#[test]
fn a_drop_by_the_filter_names_the_behavior_and_the_stranger() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    for (name, bind) in [("alice", "0.0.0.0:4000"), ("bob", "0.0.0.0:5000"), ("dave", "0.0.0.0:5000")] {
        lab.talk(name, Talker::new(bind));
    }
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"open");
    lab.run_ms(50);
    let external = lab.heard("bob")[0].0;
    lab.send("dave", external, b"knock");
    lab.send("dave", SocketAddr::new(external.ip(), 9), b"knock elsewhere");
    lab.run_ms(50);
    let dave = SocketAddr::new(lab.address("dave"), 5000);
    let filtered = format!("filtering: address and port-dependent: nothing was sent to {dave}");
    let expected = [
        (NetReason::FilteredByNat, filtered),
        (NetReason::NoMapping, "no mapping for UDP port 9".to_string()),
    ];
    assert_eq!(lab.drops(), expected);
    assert_eq!(lab.seen("dave"), [], "a NAT says nothing about what it drops");
}

#[test]
fn a_preserved_port_goes_to_the_first_and_another_one_to_the_second() {
    let mut lab = home(NatConfig::full_cone()).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"alice");
    lab.run_ms(1);
    lab.send("carol", to_bob, b"carol");
    lab.run_ms(50);
    let ports: Vec<u16> = lab.heard("bob").iter().map(|(from, _)| from.port()).collect();
    assert_eq!(ports[0], 4000);
    assert_ne!(ports[1], 4000);
}

#[test]
fn when_no_port_is_left_the_packet_is_dropped_and_says_so() {
    let config =
        NatConfig { port_range: (7_000, 7_000), ports: PortAllocation::Random, ..NatConfig::default() };
    let mut lab = home(config).lab();
    for name in ["alice", "carol"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"alice");
    lab.send("carol", to_bob, b"carol");
    lab.run_ms(50);
    assert_eq!(lab.heard("bob").len(), 1);
    assert_eq!(lab.drops(), [(NetReason::PortsExhausted, "ports: none is free".to_string())]);
}

#[test]
fn paired_pooling_keeps_each_host_on_one_of_the_external_addresses() {
    let config = NatConfig { pooling: Pooling::Paired, ..NatConfig::symmetric() };
    let mut draft = Draft::new().network("home", millis(1)).network("internet", millis(1));
    draft.0.add_nat("nat", config).expect("new");
    let outside = |last| std::net::IpAddr::from([203, 0, 113, last]);
    let lab = draft.attach("nat", "home", rtclab_net::Attachment::new());
    let wan = rtclab_net::Attachment::new().outside().address(outside(101), 24).address(outside(102), 24);
    let mut lab = lab
        .attach("nat", "internet", wan)
        .host("alice", &["home"])
        .host("carol", &["home"])
        .host("bob", &["internet"])
        .host("dave", &["internet"])
        .lab();
    for name in ["alice", "carol", "bob", "dave"] {
        lab.talk(name, Talker::new("0.0.0.0:4000"));
    }
    for from in ["alice", "carol"] {
        for to in ["bob", "dave"] {
            let to = SocketAddr::new(lab.address(to), 4000);
            lab.send(from, to, from.as_bytes());
        }
    }
    lab.run_ms(50);
    for (name, address) in [("alice", outside(101)), ("carol", outside(102))] {
        for at in ["bob", "dave"] {
            let heard = lab.heard(at);
            let from = heard.iter().find(|(_, payload)| payload == name.as_bytes()).expect("heard").0;
            assert_eq!(from.ip(), address, "{name} at {at}");
        }
    }
}

#[test]
fn rebinding_forgets_every_mapping_and_says_so() {
    let mut lab = home(NatConfig { ports: PortAllocation::Random, ..NatConfig::full_cone() }).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"before");
    lab.run_ms(50);
    let nat = lab.node("nat");
    let action = Change::action("rebind nat");
    let cause = lab.world.record(Entity::World, action, None, None);
    lab.world.rebind_nat(nat, cause).expect("a NAT");
    assert_eq!(lab.mappings("nat").last().expect("one").1.phase, MappingPhase::Removed);
    let old = lab.heard("bob")[0].0;
    lab.send("bob", old, b"too late");
    lab.send("alice", to_bob, b"after");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), []);
    assert_ne!(lab.heard("bob")[1].0, old);
    let removed =
        lab.world.trace().entries().find(|(_, entry)| entry.reason == Some(NetReason::MappingRemoved.into()));
    assert_eq!(removed.expect("recorded").1.cause, cause);
}

#[test]
fn nested_nats_translate_one_after_the_other() {
    let mut lab = Draft::new()
        .network("home", millis(1))
        .network("carrier", millis(1))
        .network("internet", millis(1))
        .nat("home-nat", NatConfig::port_restricted(), "home", "carrier")
        .nat(
            "cgn",
            NatConfig { ports: PortAllocation::Sequential, ..NatConfig::full_cone() },
            "carrier",
            "internet",
        )
        .host("alice", &["home"])
        .host("bob", &["internet"])
        .lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let to_bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", to_bob, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("alice"), [(to_bob, b"hello".to_vec())]);
    let from = lab.heard("bob")[0].0;
    assert_eq!(from, SocketAddr::new(lab.addresses("cgn")[1], 1024));
    let at_carrier = lab.mappings("cgn")[0].1.internal;
    assert_eq!(at_carrier.ip(), lab.addresses("home-nat")[1]);
    assert!(at_carrier.ip().to_string().starts_with("100.64."), "{at_carrier}");
}

#[test]
fn what_lies_inside_cannot_be_addressed_from_outside() {
    let mut draft = home(NatConfig::full_cone());
    let inside = "192.168.0.0/16".parse().expect("a prefix");
    let (bob, gateway) = (draft.id("bob"), "203.0.113.1".parse().expect("the NAT's address"));
    draft.0.add_route(bob, inside, gateway).expect("added");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    assert_eq!(lab.addresses("nat")[1], gateway);
    let alice = SocketAddr::new(lab.address("alice"), 4000);
    lab.send("bob", alice, b"knock");
    lab.run_ms(50);
    let rule = format!("{} is not announced outside", alice.ip());
    assert_eq!(lab.drops(), [(NetReason::NoMapping, rule)]);
}

#[test]
fn each_change_of_a_mapping_is_told_with_its_reason_and_the_packet_that_made_it() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    let (bob, dave) = (SocketAddr::new(lab.address("bob"), 5000), SocketAddr::new(lab.address("dave"), 5000));
    for (to, pause) in [(bob, 100), (dave, 2_000), (bob, 100)] {
        lab.send("alice", to, b"hello");
        lab.run_ms(pause);
    }
    let trace = lab.world.trace();
    let mapping = Entity::Mapping(lab.node("nat"), 0);
    let told: Vec<(Option<Reason>, usize)> = trace
        .entries_of(mapping)
        .iter()
        .map(|id| {
            let Change::Mapping(state) = &trace.entry(*id).change else { panic!("a mapping's state") };
            (trace.entry(*id).reason, state.contacted.len())
        })
        .collect();
    let expected = [
        (Some(NetReason::MappingCreated.into()), 1),
        (Some(NetReason::FilterOpened.into()), 2),
        (Some(NetReason::MappingRefreshed.into()), 2),
    ];
    assert_eq!(told, expected);
    for id in trace.entries_of(mapping) {
        let cause = trace.entry(*id).cause.expect("caused");
        assert!(trace.describe(cause).starts_with("home → nat"), "{}", trace.line(cause));
    }
}

#[test]
fn a_mapping_that_was_used_with_too_many_forgets_the_one_it_used_longest_ago() {
    let mut lab = home(NatConfig::port_restricted()).lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:1"));
    let bob = lab.address("bob");
    for port in 1..=1_025 {
        lab.send("alice", SocketAddr::new(bob, port), b"");
        lab.run_ms(1);
    }
    lab.run_ms(50);
    assert_eq!(lab.times_of(NetReason::FilterEvicted).len(), 1);
    let external = lab.heard("bob")[0].0;
    lab.send("bob", external, b"from the first port");
    lab.run_ms(50);
    assert_eq!(lab.drops().last().expect("dropped").0, NetReason::FilteredByNat);
}
