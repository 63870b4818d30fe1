//! Which way a traceroute is expected to find, and how long the round trips of a ping take.

use std::net::IpAddr;

use rtclab_net::World;

use super::Clauses;
use super::lookup::has;
use crate::document::Expect;
use crate::programs::{Ping, RouteHop, Traceroute};
use crate::run::Cast;

pub(super) fn judge(expect: &Expect, node: &str, world: &World, cast: &Cast) -> Clauses {
    let mut clauses = Clauses::about(node);
    let actor = cast.traceroutes.iter().find(|actor| actor.name == node);
    let program = actor.and_then(|actor| world.program::<Traceroute>(actor.node, actor.program));
    let found = program.map_or(&[][..], Traceroute::hops);
    let Some(wanted) = &expect.hops else { return clauses };
    let fits = |(wanted, hop): (&String, &RouteHop)| match hop.by {
        Some(by) => wanted.parse::<IpAddr>().is_ok_and(|wanted| wanted == by) || has(world, wanted, by),
        None => wanted == "*",
    };
    let met = wanted.len() == found.len() && wanted.iter().zip(found).all(fits);
    clauses.expect(format!("finds the way {}", wanted.join(", ")), met, || {
        let words = found.iter().map(|hop| hop.by.map_or_else(|| "*".to_owned(), |by| name_of(world, by)));
        format!("it found {}", words.collect::<Vec<String>>().join(", "))
    });
    clauses
}

/// What the round trips of a ping are expected to take.
pub(super) fn round_trips(expect: &Expect, node: &str, world: &World, cast: &Cast, clauses: &mut Clauses) {
    let actor = cast.pings.iter().find(|actor| actor.name == node);
    let Some(ping) = actor.and_then(|actor| world.program::<Ping>(actor.node, actor.program)) else { return };
    let times = ping.round_trips();
    let mean_ms = times.mean().as_secs_f64() * 1e3;
    let instead = || match times.count {
        0 => "nothing was answered".to_owned(),
        _ => format!("its mean round trip was {mean_ms:.3} ms"),
    };
    if let Some(most) = expect.round_trip_ms_at_most {
        let met = times.count > 0 && mean_ms <= most;
        clauses.expect(format!("has round trips of at most {most} ms"), met, instead);
    }
    if let Some(least) = expect.round_trip_ms_at_least {
        let met = times.count > 0 && mean_ms >= least;
        clauses.expect(format!("has round trips of at least {least} ms"), met, instead);
    }
}

/// The node that has an address, or the address.
fn name_of(world: &World, address: IpAddr) -> String {
    let node = world.trace().topology().nodes().find(|(_, node)| has(world, &node.name, address));
    node.map_or_else(|| address.to_string(), |(_, node)| node.name.clone())
}
