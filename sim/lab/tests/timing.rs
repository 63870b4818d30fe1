//! When a call is connected, against what theory says.

mod common;

use common::{run, scenario};

#[test]
fn two_hosts_confirm_after_two_round_trips_and_one_and_a_half() {
    // Regular nomination with one candidate each and one-way delay d: 4d on the controlling side, 3d on the controlled (RFC 8445 §8.1.1).
    let outcome = run(&scenario(
        r#"
        title = "two hosts"
        [network.lan]
        latency_ms = 25
        [node.alice]
        network = "lan"
        run = { peer = { offers_to = "bob" } }
        [node.bob]
        network = "lan"
        run = { peer = {} }
        [[expect]]
        call = ["alice", "bob"]
        state = "connected"
        path = "direct"
        connected_at_ms = { alice = 200, bob = 150 }
        "#,
    ));
    assert!(outcome.is_as_expected(), "{:#?}", outcome.expectations);
    let times = outcome.calls[0].connected_at.map(|at| at.map(|at| at.as_millis_f64()));
    assert_eq!(times, [Some(200.0), Some(150.0)]);
}

#[test]
fn two_homes_are_connected_after_three_slots_and_the_way_there_and_back() {
    // Each side has a slot every Ta = 50 ms. Slots 0 and 1 go to the STUN server and to a private address that nobody routes to; in slot
    // 2 both sides check each other's reflexive address at once, which opens both NATs; the answer is there before slot 3, in which the
    // controlling side nominates. With d one way: 3 Ta + d for the controlled side, 3 Ta + 2 d for the controlling one.
    for d_ms in [4.0, 10.0, 20.0] {
        let text = HOMES.replace("LATENCY", &(d_ms / 2.0).to_string());
        let outcome = run(&scenario(&text));
        let times = outcome.calls[0].connected_at.map(|at| at.map(|at| at.as_millis_f64()));
        assert_eq!(times, [Some(150.0 + 2.0 * d_ms), Some(150.0 + d_ms)], "d = {d_ms} ms");
        assert_eq!(outcome.calls[0].state.path, Some(rtclab_trace::CallPath::Direct));
    }
}

const HOMES: &str = r#"
    title = "two homes, and no way to lose time but Ta and distance"
    [network.internet]
    latency_ms = LATENCY
    [network.home-a]
    latency_ms = 0
    [network.home-b]
    latency_ms = 0
    [node.stun]
    network = "internet"
    run = { stun-server = {} }
    [node.nat-a]
    nat = "port-restricted"
    inside = "home-a"
    outside = "internet"
    [node.nat-b]
    nat = "port-restricted"
    inside = "home-b"
    outside = "internet"
    [node.alice]
    network = "home-a"
    run = { peer = { stun = "stun", offers_to = "bob" } }
    [node.bob]
    network = "home-b"
    run = { peer = { stun = "stun" } }
"#;
