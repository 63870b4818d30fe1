//! NAT behavior discovery, RFC 5780: which mapping, which filter, hairpinning, fragments, how long a binding lives. A client that asks in
//! the order of §4.5, and a server that answers on two addresses with two ports each. Not here: how NATs behave (`rtclab-net`).
//!
//! | RFC 5780 | what | done | where |
//! |---|---|---|---|
//! | §3.1, §4.3 | mapping behavior, three tests | yes | `client`, `judgement` |
//! | §3.2, §4.4 | filtering behavior, three tests | yes | `client`, `judgement` |
//! | §3.3, §4.6 | lifetime of a binding, by bisection | yes, with a second socket | `lifetime` |
//! | §3.4 | hairpinning | yes, from the same port (see [`Hairpinning`]) | `judgement` |
//! | §3.5 | fragments, with PADDING | yes, if asked for | `judgement` |
//! | §3.6 | application level gateways | yes: MAPPED-ADDRESS against XOR-MAPPED-ADDRESS | `judgement` |
//! | §4.1 | source port selection | the host's: a fresh socket | – |
//! | §4.2 | UDP connectivity | yes | `judgement` |
//! | §4.5 | order of tests | yes: what widens a filter comes last | `client` |
//! | §5.1, §5.2 | DNS, authentication | no: addresses are handed in, requests are not signed | – |
//! | §6.1 | server: origin, other address, change, padding, port; 400, 420 | yes | `server` |
//! | §6.1 | PADDING as long as the MTU | no longer than the request's, so that nobody is sent more than was asked with | `server` |
//! | §7 | attributes | yes | [`crate::stun`] |
//! | – | TCP, TLS | no: UDP only | – |

mod client;
mod judgement;
mod lifetime;
mod server;
mod verdict;

pub use client::{BehaviorClient, BehaviorConfig, Change};
pub use lifetime::LifetimeSearch;
pub use server::{BehaviorServer, BehaviorServerError};
pub use verdict::{Behavior, Connectivity, Filtering, Hairpinning, LifetimeRange, Mapping, Verdict};

use crate::stun::AttributeType;

/// Comprehension-required attributes of this usage.
const USAGE: [AttributeType; 3] =
    [AttributeType::CHANGE_REQUEST, AttributeType::PADDING, AttributeType::RESPONSE_PORT];

#[cfg(test)]
mod tests;
