//! What is known on Ethernet networks: the neighbors of a node, and the stations of a switch.

use rtclab_trace::{Change, Direction, Entity, NeighborPhase};

use super::reader::Reader;
use super::{Cell, Row, Section, Tone, exact, plain, quiet};
use crate::workbench::words::Word;

impl Reader<'_> {
    pub(super) fn neighbors(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Neighbor(..)),
            |change| match change {
                Change::Neighbor(state) => Some(&**state),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, state)| {
            let tone = match state.phase {
                NeighborPhase::Reachable => Tone::Good,
                NeighborPhase::Incomplete | NeighborPhase::Delay | NeighborPhase::Probe => Tone::Busy,
                NeighborPhase::Stale => Tone::Idle,
                NeighborPhase::Failed => Tone::Bad,
                NeighborPhase::Forgotten => Tone::Quiet,
            };
            let cells = vec![
                exact(state.address.to_string()),
                exact(state.mac.map_or_else(|| "–".into(), |mac| mac.to_string())),
                Cell { text: state.phase.word().into(), tone, aside: None },
                plain(&state.interface),
            ];
            Row { cells, entry, over: !state.phase.is_kept() }
        });
        let columns = &[Word::ColumnAddress, Word::ColumnHardware, Word::ColumnState, Word::ColumnInterface];
        Section { title: Word::SectionNeighbors, columns, rows: rows.collect() }
    }

    pub(super) fn stations(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::MacEntry(..)),
            |change| match change {
                Change::MacEntry(state) => Some(&**state),
                _ => None,
            },
        );
        let topology = self.document.trace.topology();
        let rows = found.into_iter().map(|(entry, _, state)| {
            let (node, _) = topology.hop(state.port, Direction::Forward);
            let cells = vec![exact(state.mac.to_string()), quiet(&topology.node(node).name)];
            Row { cells, entry, over: !state.active }
        });
        let columns = &[Word::ColumnHardware, Word::ColumnTowards];
        Section { title: Word::SectionStations, columns, rows: rows.collect() }
    }
}
