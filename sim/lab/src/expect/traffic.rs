//! What is expected to arrive, and to be dropped.

use std::collections::BTreeMap;

use rtclab_net::World;
use rtclab_trace::{Change, Observe, Place, Trace};

use super::{Clauses, window};
use crate::document::Expect;
use crate::programs::Window;
use crate::run::Cast;

/// Reasons named in "what happened instead" at most.
const REASONS_MAX: usize = 3;

pub(super) fn judge(expect: &Expect, world: &World, cast: &Cast) -> Clauses {
    if let Some(node) = &expect.received_at {
        return received(expect, node, world, cast);
    }
    if let Some(node) = &expect.dropped_at {
        return dropped(expect, node, world);
    }
    let mut clauses = Clauses::about("the network");
    let drops = Drops::of(world.trace(), window(expect), None, None);
    let Some(drops) = drops else {
        // The counter of a summary knows about all of time.
        if window(expect) == Window::ALWAYS {
            let count = world.trace().counters().packets_dropped;
            no_drops(expect, count, "", &mut clauses);
        } else {
            clauses.said.push(format!("drops nothing{}", when(expect)));
            clauses.unknown = true;
        }
        return clauses;
    };
    no_drops(expect, drops.count, &drops.words(), &mut clauses);
    clauses
}

fn no_drops(expect: &Expect, count: u64, words: &str, clauses: &mut Clauses) {
    let none_wanted = expect.no_drops != Some(false);
    let said = if none_wanted { "drops nothing" } else { "drops something" };
    clauses.expect(format!("{said}{}", when(expect)), (count == 0) == none_wanted, || {
        if count == 0 { "nothing was dropped".to_owned() } else { format!("it dropped {count}{words}") }
    });
}

fn received(expect: &Expect, node: &str, world: &World, cast: &Cast) -> Clauses {
    let mut clauses = Clauses::about(node);
    let window = window(expect);
    let tallies = cast.received_at(world, node);
    let count: u64 = tallies.iter().filter_map(|(tally, _)| tally.received_in(window)).sum();
    let instead = || format!("it received {count}{}", when(expect));
    bounds(expect, "receives", count, &mut clauses, &instead);
    if let Some(wanted) = expect.loss_percent_at_most {
        let (sent, accounted) = if window == Window::ALWAYS {
            let sent: u64 = tallies.iter().filter_map(|(_, sent)| *sent).sum();
            let received: u64 = tallies.iter().map(|(tally, _)| tally.received()).sum();
            // What is still on its way when the run ends is not lost.
            (sent, received + world.packets_in_flight())
        } else {
            // Nor is what is on its way at the edges of a window, so only the gaps between what came count.
            (tallies.iter().filter_map(|(tally, _)| tally.numbers_in(window)).sum(), count)
        };
        let lost = sent.saturating_sub(accounted);
        let share = if sent == 0 { 0.0 } else { lost as f64 * 100.0 / sent as f64 };
        clauses.expect(format!("misses at most {wanted} %{}", when(expect)), share <= wanted, || {
            format!("{lost} of {sent} are missing, {share:.2} %")
        });
    }
    super::route::round_trips(expect, node, world, cast, &mut clauses);
    clauses
}

fn dropped(expect: &Expect, node: &str, world: &World) -> Clauses {
    let mut clauses = Clauses::about(node);
    let reason = expect.reason.as_deref();
    let why = reason.map_or(String::new(), |reason| format!(" for {reason}"));
    let Some(drops) = Drops::of(world.trace(), window(expect), Some(node), reason) else {
        clauses.said.push(format!("drops packets{why}{}", when(expect)));
        clauses.unknown = true;
        return clauses;
    };
    let instead = || {
        let all = Drops::of(world.trace(), window(expect), Some(node), None);
        let words = all.as_ref().map_or(String::new(), Drops::words);
        format!("it dropped {}{why}{words}", drops.count)
    };
    bounds(expect, "drops", drops.count, &mut clauses, &instead);
    if let (Some(first), true) = (clauses.said.first_mut(), reason.is_some()) {
        first.push_str(&why);
    }
    clauses
}

/// `at_least` and `at_most`; without either, at least one.
fn bounds(expect: &Expect, verb: &str, count: u64, clauses: &mut Clauses, instead: &dyn Fn() -> String) {
    let window = when(expect);
    let other =
        expect.loss_percent_at_most.or(expect.round_trip_ms_at_most).or(expect.round_trip_ms_at_least);
    let least = expect.at_least.or(match (expect.at_most, other) {
        (None, None) => Some(1),
        _ => None,
    });
    if let Some(least) = least {
        clauses.expect(format!("{verb} at least {least}{window}"), count >= least, instead);
    }
    if let Some(most) = expect.at_most {
        clauses.expect(format!("{verb} at most {most}{window}"), count <= most, instead);
    }
}

fn when(expect: &Expect) -> String {
    match (expect.after_ms, expect.before_ms) {
        (None, None) => String::new(),
        (Some(after), None) => format!(" from {after} ms on"),
        (None, Some(before)) => format!(" up to {before} ms"),
        (Some(after), Some(before)) => format!(" from {after} to {before} ms"),
    }
}

/// Drops by what decided them.
struct Drops {
    count: u64,
    by_rule: BTreeMap<(String, String), u64>,
}

impl Drops {
    /// The drops in a window, at one node or anywhere, for one reason or any; none in summary mode.
    fn of(trace: &Trace, window: Window, node: Option<&str>, reason: Option<&str>) -> Option<Drops> {
        if trace.observe() == Observe::Summary {
            return None;
        }
        let topology = trace.topology();
        let mut drops = Drops { count: 0, by_rule: BTreeMap::new() };
        for (_, entry) in trace.entries().filter(|(_, entry)| window.contains(entry.at)) {
            let Change::Dropped(dropped) = &entry.change else { continue };
            let at = match dropped.place {
                Place::Node(node) => node,
                Place::Link(link, direction) => topology.hop(link, direction).0,
            };
            let code = entry.reason.map_or("", |reason| reason.text().code);
            let here = node.is_none_or(|node| topology.node(at).name == node);
            if here && reason.is_none_or(|reason| reason == code) {
                drops.count += 1;
                *drops.by_rule.entry((code.to_owned(), dropped.rule.clone())).or_default() += 1;
            }
        }
        Some(drops)
    }

    /// ` (2 × nat-filtering: filtering …, 1 × link-loss: …)`, the most frequent first.
    fn words(&self) -> String {
        let mut rules: Vec<(&(String, String), &u64)> = self.by_rule.iter().collect();
        rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), *rule));
        let words = rules.iter().take(REASONS_MAX);
        let words: Vec<String> =
            words.map(|((code, rule), count)| format!("{count} × {code}: {rule}")).collect();
        if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
    }
}
