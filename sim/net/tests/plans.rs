//! Plans: numbering, routes, and what is refused.

mod common;

use std::net::{IpAddr, SocketAddr};

use common::*;
use rtclab_net::*;
use rtclab_trace::{Change, Entity, Observe, SimTime};

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn prefix(text: &str) -> Prefix {
    text.parse().expect("a prefix")
}

fn routes(lab: &Lab, name: &str) -> Vec<String> {
    let trace = lab.world.trace();
    let entry = trace.latest_at(Entity::Node(lab.node(name)), SimTime::MAX).expect("recorded");
    let Change::Node(state) = &trace.entry(entry).change else { panic!("a node's state") };
    state.routes.clone()
}

#[test]
fn networks_are_numbered_by_where_they_lie() {
    let lab = Draft::new()
        .network("home", millis(1))
        .network("carrier", millis(1))
        .network("internet", millis(1))
        .families("internet", Families::Dual)
        .nat("home-nat", NatConfig::default(), "home", "carrier")
        .nat("cgn", NatConfig::default(), "carrier", "internet")
        .host("alice", &["home"])
        .host("bob", &["internet"])
        .lab();
    assert_eq!(lab.addresses("home-nat"), [address("192.168.1.1"), address("100.64.0.1")]);
    assert_eq!(lab.addresses("cgn"), ["100.64.0.2", "203.0.113.1", "2001:db8:1::1"].map(address));
    assert_eq!(lab.addresses("alice"), [address("192.168.1.10")]);
    assert_eq!(lab.addresses("bob"), ["203.0.113.10", "2001:db8:1::a"].map(address));
}

#[test]
fn prefixes_and_addresses_that_are_given_are_kept_and_stepped_around() {
    let mut draft = Draft::new();
    let link = LinkProperties::default();
    draft.0.add_network("a", &[prefix("203.0.113.0/24")], link.clone()).expect("new");
    draft.0.add_network("b", &[], link).expect("new");
    let own = Attachment::new().address(address("203.0.113.10"), 24);
    let lab =
        draft.host("alice", &[]).attach("alice", "a", own).host("bob", &["a"]).host("carol", &["b"]).lab();
    assert_eq!(lab.addresses("bob"), [address("203.0.113.11")]);
    assert_eq!(lab.addresses("carol"), [address("198.51.100.10")]);
}

#[test]
fn a_small_prefix_is_used_to_its_end_and_not_beyond() {
    let plan = |hosts: usize| {
        let mut plan = Plan::new();
        let lan = plan.add_network("lan", &[prefix("10.0.0.0/30")], LinkProperties::default()).expect("new");
        for number in 0..hosts {
            let host = plan.add_host(&format!("h{number}")).expect("new");
            plan.attach(host, lan, Attachment::new()).expect("attached");
        }
        World::new(plan, 1, Observe::Full).map(|_| ())
    };
    assert_eq!(plan(2), Ok(()));
    let exhausted = PlanError::PrefixExhausted { network: "lan".into(), prefix: prefix("10.0.0.0/30") };
    assert_eq!(plan(3), Err(exhausted));
}

#[test]
fn what_lies_inside_a_nat_is_announced_outside_in_ipv6_only() {
    let lab = home(NatConfig::default())
        .families("home", Families::Dual)
        .families("internet", Families::Dual)
        .lab();
    let of_bob = routes(&lab, "bob");
    assert!(of_bob.contains(&"2001:db8:1::/64 via 2001:db8:2::1 (eth0)".to_string()), "{of_bob:?}");
    assert!(!of_bob.iter().any(|route| route.starts_with("192.168.")), "{of_bob:?}");
    let of_alice = routes(&lab, "alice");
    assert!(of_alice.contains(&"0.0.0.0/0 via 192.168.1.1 (eth0)".to_string()), "{of_alice:?}");
}

#[test]
fn ipv6_passes_a_nat_untranslated() {
    let mut lab = home(NatConfig::default())
        .families("home", Families::Dual)
        .families("internet", Families::Dual)
        .lab();
    lab.talk("alice", Talker::new("[::]:4000"));
    lab.talk("bob", Talker::echo("[::]:5000"));
    let bob = SocketAddr::new(lab.addresses("bob")[1], 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.heard("bob")[0].0, SocketAddr::new(lab.addresses("alice")[1], 4000));
    assert_eq!(lab.heard("alice").len(), 1);
    assert_eq!(lab.mappings("nat"), []);
}

#[test]
fn packets_take_the_shortest_path() {
    // a – r1 – r2 – r3 – d, and r1 – r4 – r3 is no shorter, but r1 – r3 directly is.
    let mut lab = Draft::new()
        .host("a", &[])
        .host("d", &[])
        .router("r1", &[])
        .router("r2", &[])
        .router("r3", &[])
        .connect("a", "r1", millis(1))
        .connect("r1", "r2", millis(1))
        .connect("r2", "r3", millis(1))
        .connect("r1", "r3", millis(1))
        .connect("r3", "d", millis(1))
        .lab();
    lab.talk("a", Talker::new("0.0.0.0:4000"));
    lab.talk("d", Talker::echo("0.0.0.0:5000"));
    let to = SocketAddr::new(lab.address("d"), 5000);
    lab.send("a", to, b"hello");
    lab.run_ms(50);
    assert_eq!(lab.heard("a").len(), 1);
    assert_eq!(lab.hops_to("r2"), 0);
}

#[test]
fn routers_inside_find_the_way_out_through_the_nat() {
    let mut lab = Draft::new()
        .network("deep", millis(1))
        .network("home", millis(1))
        .network("internet", millis(1))
        .network("far", millis(1))
        .router("r1", &["deep", "home"])
        .nat("nat", NatConfig::default(), "home", "internet")
        .router("r2", &["internet", "far"])
        .host("alice", &["deep"])
        .host("bob", &["far"])
        .lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    assert_eq!(lab.heard("alice"), [(bob, b"hello".to_vec())]);
    assert_eq!(lab.heard("bob")[0].0.ip(), lab.addresses("nat")[1]);
}

#[test]
fn two_homes_may_use_the_same_prefix() {
    let mut plan = Draft::new().network("internet", millis(1)).host("stun", &["internet"]);
    for home in ["a", "b"] {
        let inside = [prefix("192.168.1.0/24")];
        plan.0.add_network(&format!("home-{home}"), &inside, LinkProperties::default()).expect("new");
        plan = plan
            .nat(&format!("nat-{home}"), NatConfig::default(), &format!("home-{home}"), "internet")
            .host(&format!("peer-{home}"), &[&format!("home-{home}")]);
    }
    let mut lab = plan.lab();
    lab.talk("stun", Talker::echo("0.0.0.0:3478"));
    let stun = SocketAddr::new(lab.address("stun"), 3478);
    assert_eq!(lab.address("peer-a"), lab.address("peer-b"));
    for peer in ["peer-a", "peer-b"] {
        lab.talk(peer, Talker::new("0.0.0.0:4000"));
        lab.send(peer, stun, peer.as_bytes());
    }
    lab.run_ms(50);
    for peer in ["peer-a", "peer-b"] {
        assert_eq!(lab.heard(peer), [(stun, peer.as_bytes().to_vec())]);
    }
}

#[test]
fn a_static_route_is_taken_before_the_default() {
    let mut draft = Draft::new()
        .network("lan", millis(1))
        .network("core", millis(1))
        .router("r1", &["lan", "core"])
        .router("r2", &["lan", "core"])
        .host("alice", &["lan"])
        .host("bob", &["core"]);
    let alice = draft.id("alice");
    draft.0.add_route(alice, prefix("198.51.100.0/24"), address("203.0.113.2")).expect("added");
    let mut lab = draft.lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    assert_eq!(lab.addresses("r2")[0], address("203.0.113.2"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(50);
    assert_eq!((lab.heard("bob").len(), lab.hops_to("r1"), lab.hops_to("r2")), (1, 0, 1));
}

type Build<'a> = &'a dyn Fn(&mut Plan) -> Result<(), PlanError>;

#[test]
fn a_plan_with_a_fault_is_refused_in_words() {
    let refused = |build: Build<'_>| {
        let mut plan = Plan::new();
        plan.add_network("lan", &[], LinkProperties::default()).expect("new");
        plan.add_host("alice").expect("new");
        let built = build(&mut plan);
        let error = built.and_then(|()| World::new(plan, 1, Observe::Full).map(|_| ()));
        error.expect_err("a fault").to_string()
    };
    let (lan, alice) = (rtclab_trace::NodeId(0), rtclab_trace::NodeId(1));
    let attach = |plan: &mut Plan, attachment| plan.attach(alice, lan, attachment).map(|_| ());
    let faults: [(&str, Build<'_>); 12] = [
        ("there are two nodes named `alice`", &|plan| plan.add_router("alice").map(|_| ())),
        ("`alice` is not a network", &|plan| plan.attach(alice, alice, Attachment::new()).map(|_| ())),
        ("`lan` is a network: attach a node to it", &|plan| {
            plan.connect(alice, lan, LinkProperties::default()).map(|_| ())
        }),
        ("there is no such node in this plan", &|plan| {
            plan.attach(rtclab_trace::NodeId(9), lan, Attachment::new()).map(|_| ())
        }),
        ("`alice` has two interfaces named `eth0`", &|plan| {
            attach(plan, Attachment::new())?;
            attach(plan, Attachment::new().interface("eth0"))
        }),
        ("10.0.0.1/33 is not an address with a prefix length", &|plan| {
            attach(plan, Attachment::new().address(address("10.0.0.1"), 33))
        }),
        ("127.0.0.1 cannot be the address of an interface", &|plan| {
            attach(plan, Attachment::new().address(address("127.0.0.1"), 8))
        }),
        ("`lan` has 10.0.0.1 twice", &|plan| {
            attach(plan, Attachment::new().address(address("10.0.0.1"), 8))?;
            attach(plan, Attachment::new().address(address("10.0.0.1"), 8))
        }),
        ("loss is a share from 0 to 1, and packets are counted from 1", &|plan| {
            attach(plan, Attachment::new().link(LinkProperties::default().with_loss(-0.1)))
        }),
        ("NAT `nat` needs an interface inside and one outside", &|plan| {
            let nat = plan.add_nat("nat", NatConfig::default())?;
            plan.attach(nat, lan, Attachment::new()).map(|_| ())
        }),
        ("NAT `nat`: the port range is empty or begins at 0", &|plan| {
            let config = NatConfig { port_range: (2, 1), ..NatConfig::default() };
            plan.add_nat("nat", config).map(|_| ())
        }),
        ("`alice` has no interface on the network of 10.0.0.1", &|plan| {
            plan.add_route(alice, prefix("0.0.0.0/0"), address("10.0.0.1"))
        }),
    ];
    for (words, build) in faults {
        assert_eq!(refused(build), words);
    }
}

#[test]
fn of_two_ways_out_the_one_with_the_lower_metric_is_taken_and_the_source_is_of_its_network() {
    let towards_bob = |metrics: [Option<u32>; 2]| {
        let with = |metric: Option<u32>| match metric {
            Some(metric) => Attachment::new().metric(metric),
            None => Attachment::new(),
        };
        let lab = Draft::new()
            .network("wireless", millis(1))
            .network("cable", millis(1))
            .network("internet", millis(1))
            .router("r1", &["wireless", "internet"])
            .router("r2", &["cable", "internet"])
            .host("alice", &[])
            .attach("alice", "wireless", with(metrics[0]))
            .attach("alice", "cable", with(metrics[1]))
            .host("bob", &["internet"])
            .lab();
        (lab.addresses("alice"), lab)
    };
    for (metrics, usual) in [([None, None], 0), ([Some(600), Some(100)], 1), ([Some(5), None], 1)] {
        let (own, mut lab) = towards_bob(metrics);
        lab.talk("alice", Talker::new("0.0.0.0:4000"));
        // Bob's network is announced; somewhere else is not, and goes the usual way.
        let mut source = None;
        lab.with_socket("alice", |host, _| {
            source = host.source_towards("8.8.8.8".parse().expect("an address"))
        });
        assert_eq!(source, Some(own[usual]), "{metrics:?}");
    }
}
