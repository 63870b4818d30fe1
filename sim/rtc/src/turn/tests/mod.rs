//! Client and server against each other in memory, and each against messages made by hand.

mod authentication;
mod channels;
mod client;
mod expiry;
mod lab;
mod requester;
mod server;

use crate::reason::Reason;
pub(crate) use crate::stun::tests::Counting;

/// A reason nobody can provoke is not a reason: each TURN one is named by a test.
#[test]
fn every_reason_of_turn_is_reached_by_a_test() {
    let tests = [
        include_str!("authentication.rs"),
        include_str!("channels.rs"),
        include_str!("client.rs"),
        include_str!("expiry.rs"),
        include_str!("server.rs"),
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
