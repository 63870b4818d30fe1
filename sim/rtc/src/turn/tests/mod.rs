//! Client and server against each other in memory, and each against messages made by hand.

mod abuse;
mod authentication;
mod channels;
mod client;
mod connections;
mod expiry;
mod families;
mod lab;
mod mobility;
mod requester;
mod server;
mod streams;
mod world;

use crate::reason::Reason;
pub(crate) use crate::stun::tests::Counting;

/// A reason nobody can provoke is not a reason: each TURN one is named by a test.
#[test]
fn every_reason_of_turn_is_reached_by_a_test() {
    let tests = [
        include_str!("abuse.rs"),
        include_str!("authentication.rs"),
        include_str!("channels.rs"),
        include_str!("client.rs"),
        include_str!("connections.rs"),
        include_str!("expiry.rs"),
        include_str!("families.rs"),
        include_str!("mobility.rs"),
        include_str!("server.rs"),
        include_str!("streams.rs"),
    ]
    .concat();
    let missing: Vec<_> = Reason::ALL
        .iter()
        .filter(|reason| reason.text().code.starts_with("turn-"))
        .filter(|reason| {
            let name = format!("Reason::{reason:?}");
            !tests
                .match_indices(&name)
                .any(|(at, _)| !tests[at + name.len()..].starts_with(|next: char| next.is_alphanumeric()))
        })
        .collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}
