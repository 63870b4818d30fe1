//! Packets over networks and routers: that they arrive, when, and what stops them.

mod common;

use std::net::SocketAddr;

use common::*;
use rtclab_trace::SimTime;

/// Two hosts on one network, 2 ms from its middle.
fn lan() -> Draft {
    Draft::new().network("lan", millis(2)).host("alice", &["lan"]).host("bob", &["lan"])
}

/// alice – left – r1 – r2 – right – bob.
fn two_routers() -> Draft {
    Draft::new()
        .network("left", millis(1))
        .network("right", millis(1))
        .router("r1", &["left"])
        .router("r2", &["right"])
        .connect("r1", "r2", millis(10))
        .host("alice", &["left"])
        .host("bob", &["right"])
}

#[test]
fn neighbors_reach_each_other_through_the_network_in_between() {
    let mut lab = lan().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::echo("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let expected = Seen::Datagram {
        from: bob,
        to: SocketAddr::new(lab.address("alice"), 4000),
        payload: b"hello".to_vec(),
        ttl: 64,
    };
    assert_eq!(lab.talker("alice").seen, [(SimTime::from_millis(8), expected)]);
}

#[test]
fn each_router_on_the_way_takes_one_from_the_ttl() {
    let mut lab = two_routers().lab();
    lab.talk("alice", Talker::new("0.0.0.0:4000"));
    lab.talk("bob", Talker::new("0.0.0.0:5000"));
    let bob = SocketAddr::new(lab.address("bob"), 5000);
    lab.send("alice", bob, b"hello");
    lab.run_ms(100);
    let [(at, Seen::Datagram { ttl: 62, .. })] = lab.talker("bob").seen[..] else {
        panic!("{:?}", lab.talker("bob").seen)
    };
    assert_eq!(at, SimTime::from_millis(14));
}
