//! Judging what a scenario expects: a sentence for each, and for an unmet one what happened instead and why.
//!
//! | file | what lives there |
//! |---|---|
//! | `call` | state, path, times, candidates and diagnosis of a call |
//! | `happened` | what happened at a node, for a reason |
//! | `probe` | what a NAT probe finds |
//! | `route` | which way a traceroute found, and how long pings took |
//! | `lookup` | what lookups of names came to |
//! | `stream` | what came of a TCP connection |
//! | `traffic` | what arrived, and what was dropped where |

mod call;
mod happened;
mod lookup;
mod probe;
mod route;
mod stream;
mod traffic;

use rtclab_net::World;
use rtclab_trace::SimTime;

use crate::build::sim_time;
use crate::document::{Expect, Scenario};
use crate::programs::Window;
use crate::run::{CallReport, Cast, StreamReport};

/// How an expectation was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is expected, as a sentence.
    pub text: String,
    /// Whether it came so; none where only a full trace could tell.
    pub met: Option<bool>,
    /// What happened instead and why, if it did not come so; why it cannot be told, if nobody can.
    pub instead: Option<String>,
}

/// Judges every expectation of a scenario, in its order, at the end of its run.
pub(crate) fn judge_all(
    scenario: &Scenario,
    (calls, streams): (&[CallReport], &[StreamReport]),
    world: &World,
    cast: &Cast,
) -> Vec<Judgement> {
    let judge = |expect: &Expect| {
        let clauses = if expect.call.is_some() {
            call::judge(expect, calls, world.trace().observe())
        } else if let Some(node) = &expect.happened_at {
            happened::judge(expect, node, world)
        } else if let Some(node) = &expect.probe_at {
            probe::judge(expect, node, world, cast)
        } else if let Some(node) = &expect.lookup_at {
            lookup::judge(expect, node, world, cast)
        } else if let Some(node) = &expect.route_at {
            route::judge(expect, node, world, cast)
        } else if expect.stream.is_some() {
            stream::judge(expect, streams, world.trace().observe())
        } else {
            traffic::judge(expect, world, cast)
        };
        clauses.into_judgement()
    };
    scenario.expect.iter().map(judge).collect()
}

/// The window of time that an expectation counts in.
pub(crate) fn window(expect: &Expect) -> Window {
    Window {
        from: expect.after_ms.map_or(SimTime::ZERO, sim_time),
        to: expect.before_ms.map_or(SimTime::MAX, sim_time),
    }
}

/// The parts of one expectation: what each says, and what came instead.
#[derive(Debug)]
struct Clauses {
    about: String,
    said: Vec<String>,
    instead: Vec<String>,
    /// Only a full trace could tell.
    unknown: bool,
}

impl Clauses {
    fn about(about: impl Into<String>) -> Clauses {
        Clauses { about: about.into(), said: Vec::new(), instead: Vec::new(), unknown: false }
    }

    /// A part: its words, whether it came so, and what came instead.
    fn expect(&mut self, said: impl Into<String>, met: bool, instead: impl FnOnce() -> String) {
        self.said.push(said.into());
        if !met {
            let instead = instead();
            if !self.instead.contains(&instead) {
                self.instead.push(instead);
            }
        }
    }

    fn into_judgement(self) -> Judgement {
        let text = format!("{} {}", self.about, self.said.join(", "));
        if self.unknown && self.instead.is_empty() {
            let instead = "not judged: only a full trace knows each drop and its reason".to_owned();
            return Judgement { text, met: None, instead: Some(instead) };
        }
        let met = self.instead.is_empty();
        Judgement {
            text,
            met: Some(met),
            instead: (!met).then(|| {
                self.instead.iter().map(|why| why.trim_end_matches('.')).collect::<Vec<&str>>().join("; ")
            }),
        }
    }
}
