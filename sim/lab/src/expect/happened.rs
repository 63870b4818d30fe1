//! What is expected to have happened at a node, for a reason. Not here: dropped packets (`traffic`).

use rtclab_net::World;
use rtclab_trace::{Entity, Observe};

use super::{Clauses, window};
use crate::document::Expect;

pub(super) fn judge(expect: &Expect, node: &str, world: &World) -> Clauses {
    let mut clauses = Clauses::about(node.to_owned());
    let trace = world.trace();
    clauses.unknown = trace.observe() == Observe::Summary;
    let code = expect.reason.as_deref().unwrap_or_default();
    let window = window(expect);
    let topology = trace.topology();
    let at_node = |entity: Entity| entity.node().is_some_and(|id| topology.node(id).name == node);
    let count = trace
        .entries()
        .filter(|(_, entry)| {
            at_node(entry.entity)
                && entry.reason.is_some_and(|reason| reason.text().code == code)
                && (window.from..=window.to).contains(&entry.at)
        })
        .count() as u64;
    let came = || match count {
        0 => "it did not happen".to_owned(),
        count => format!("it happened {count} times"),
    };
    let at_least = expect.at_least.unwrap_or(u64::from(expect.at_most.is_none()));
    if at_least > 0 {
        let met = count >= at_least || clauses.unknown;
        clauses.expect(format!("{code} at least {at_least} times"), met, came);
    }
    if let Some(at_most) = expect.at_most {
        let met = count <= at_most || clauses.unknown;
        clauses.expect(format!("{code} at most {at_most} times"), met, came);
    }
    clauses
}
