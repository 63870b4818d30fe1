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
