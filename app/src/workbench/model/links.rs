//! The links of a run on which packets met something: a queue, a loss, an impairment; each way on its own, with what curves are made of.

use rtclab_trace::{Backlog, Change, Direction, LinkId, LinkLoad, Place, Trace};

/// One way along a link.
#[derive(Debug)]
pub(crate) struct Lane {
    /// The link.
    pub(crate) link: LinkId,
    /// Which way.
    pub(crate) direction: Direction,
    /// From there to there, by name.
    pub(crate) name: String,
    /// What packets met on it.
    pub(crate) load: LinkLoad,
    /// How its queue grew and shrank.
    pub(crate) backlog: Vec<Backlog>,
    /// When packets ended on it, in milliseconds.
    pub(crate) drops_ms: Vec<f64>,
}

/// Every way along a link on which something happened, the busiest queue first.
pub(crate) fn lanes(trace: &Trace) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = trace
        .link_loads()
        .into_iter()
        .filter(LinkLoad::is_eventful)
        .map(|load| {
            let (from, to) = trace.topology().hop(load.link, load.direction);
            let name = |node| trace.topology().node(node).name.as_str();
            Lane {
                link: load.link,
                direction: load.direction,
                name: format!("{} → {}", name(from), name(to)),
                backlog: trace.backlog(load.link, load.direction),
                drops_ms: drops(trace, load.link, load.direction),
                load,
            }
        })
        .collect();
    lanes.sort_by_key(|lane| std::cmp::Reverse((lane.load.fullest.packets, lane.load.lost)));
    lanes
}

fn drops(trace: &Trace, link: LinkId, direction: Direction) -> Vec<f64> {
    let here = |change: &Change| match change {
        Change::Dropped(dropped) => dropped.place == Place::Link(link, direction),
        _ => false,
    };
    let drops = trace.entries().filter(|(_, entry)| here(&entry.change));
    drops.map(|(_, entry)| entry.at.as_nanos() as f64 / 1e6).collect()
}
