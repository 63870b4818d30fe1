//! What lookups are expected to come to.

use std::net::IpAddr;

use rtclab_net::World;
use rtclab_rtc::dns::Failure;

use super::Clauses;
use crate::build::sim_time;
use crate::document::Expect;
use crate::programs::DnsLookup;
use crate::run::Cast;

pub(super) fn judge(expect: &Expect, node: &str, world: &World, cast: &Cast) -> Clauses {
    let mut clauses = Clauses::about(node);
    let actor = cast.lookups.iter().find(|actor| actor.name == node);
    let program = actor.and_then(|actor| world.program::<DnsLookup>(actor.node, actor.program));
    let last = program.and_then(DnsLookup::last);
    let came = || match last {
        Some(Ok(answers)) => format!("it found {}", answers.join(", ")),
        Some(Err(failure)) => format!("it found nothing: {failure}"),
        None => "no lookup has ended".to_owned(),
    };
    if let Some(wanted) = &expect.answers {
        let wanted = wanted.as_slice();
        let found = match last {
            Some(Ok(answers)) => answers.as_slice(),
            _ => &[],
        };
        let met = fits(wanted, found, world);
        clauses.expect(format!("finds {}", wanted.join(", ")), met, came);
    }
    if let Some(wanted) = expect.failure {
        let wanted = Failure::from(wanted);
        let met = matches!(last, Some(Err(failure)) if *failure == wanted);
        clauses.expect(format!("finds nothing: {wanted}"), met, came);
    }
    if let Some(wanted) = expect.questions {
        let asked = program.map_or(0, DnsLookup::asked);
        let said = format!("asks {wanted} {}", if wanted == 1 { "question" } else { "questions" });
        clauses.expect(said, asked == wanted, || format!("it asked {asked}"));
    }
    if let Some(within_ms) = expect.within_ms {
        let at = program.and_then(DnsLookup::first_answer_at);
        let met = at.is_some_and(|at| at <= sim_time(within_ms));
        clauses.expect(format!("has an answer within {within_ms} ms"), met, || {
            at.map_or_else(|| "it never had one".to_owned(), |at| format!("it had one at {at}"))
        });
    }
    clauses
}

/// Whether the answers are those that are wanted, in any order; a node stands for all of its addresses, of which any will do.
fn fits(wanted: &[String], found: &[String], world: &World) -> bool {
    let stands_for = |wanted: &String, found: &String| {
        wanted == found || found.parse::<IpAddr>().is_ok_and(|address| has(world, wanted, address))
    };
    wanted.iter().all(|wanted| found.iter().any(|found| stands_for(wanted, found)))
        && found.iter().all(|found| wanted.iter().any(|wanted| stands_for(wanted, found)))
}

/// Whether a node has an address.
pub(super) fn has(world: &World, name: &str, address: IpAddr) -> bool {
    let node = world.trace().topology().nodes().find(|(_, node)| node.name == name);
    node.is_some_and(|(id, _)| world.addresses(id).iter().any(|held| held.address == address))
}
