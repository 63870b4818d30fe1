//! What the network knows about a node: addresses, routes, rules, NAT mappings, firewall flows; and the programs on it.

use std::net::SocketAddr;

use rtclab_trace::{Change, Entity, EntryId, MappingPhase};

use super::reader::Reader;
use super::{Row, Section, exact, lines, plain, quiet};
use crate::workbench::words::Word;

impl Reader<'_> {
    pub(super) fn addresses(&self) -> Section {
        let rows = self.node_rows(|state, entry| {
            let mut rows = Vec::new();
            for interface in &state.interfaces {
                for (address, length) in &interface.addresses {
                    let network = interface.network.clone().unwrap_or_default();
                    let cells =
                        vec![plain(&interface.name), exact(format!("{address}/{length}")), quiet(network)];
                    rows.push(Row { cells, entry, over: false });
                }
            }
            rows
        });
        let columns = &[Word::ColumnInterface, Word::ColumnAddress, Word::ColumnNetwork];
        Section { title: Word::SectionAddresses, columns, rows }
    }

    pub(super) fn routes(&self) -> Section {
        let rows = self.node_rows(|state, entry| lines(&state.routes, entry));
        Section { title: Word::SectionRoutes, columns: &[Word::ColumnRoute], rows }
    }

    pub(super) fn rules(&self) -> Section {
        let rows = self.node_rows(|state, entry| lines(&state.rules, entry));
        Section { title: Word::SectionRules, columns: &[Word::ColumnRule], rows }
    }

    pub(super) fn mappings(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Mapping(..)),
            |change| match change {
                Change::Mapping(state) => Some(&**state),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, state)| {
            let over = state.phase != MappingPhase::Active;
            let expires = match state.phase {
                MappingPhase::Active => self.countdown(state.expires_at),
                MappingPhase::Expired => quiet(self.language.say(Word::MappingExpired)),
                MappingPhase::Removed => quiet(self.language.say(Word::MappingRemoved)),
            };
            let contacted: Vec<String> = state.contacted.iter().map(SocketAddr::to_string).collect();
            let cells = vec![
                plain(state.protocol.word()),
                exact(state.internal.to_string()),
                exact(state.external.to_string()),
                exact(state.bound_to.clone().unwrap_or_else(|| "*".into())),
                exact(contacted.join(", ")),
                expires,
            ];
            Row { cells, entry, over }
        });
        let columns = &[
            Word::ColumnProtocol,
            Word::ColumnInside,
            Word::ColumnOutside,
            Word::ColumnBoundTo,
            Word::ColumnContacted,
            Word::ColumnExpires,
        ];
        Section { title: Word::SectionMappings, columns, rows: rows.collect() }
    }

    pub(super) fn flows(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Flow(..)),
            |change| match change {
                Change::Flow(state) => Some(&**state),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, state)| {
            let expires = if state.active {
                self.countdown(state.expires_at)
            } else {
                quiet(self.language.say(Word::FlowForgotten))
            };
            let cells = vec![
                plain(state.protocol.word()),
                exact(state.internal.to_string()),
                exact(state.external.to_string()),
                expires,
            ];
            Row { cells, entry, over: !state.active }
        });
        let columns = &[Word::ColumnProtocol, Word::ColumnInside, Word::ColumnOutside, Word::ColumnExpires];
        Section { title: Word::SectionFlows, columns, rows: rows.collect() }
    }

    pub(super) fn programs(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Program(..)),
            |change| match change {
                Change::Program(state) => Some(&**state),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, state)| Row {
            cells: vec![plain(&state.name), quiet(&state.status)],
            entry,
            over: false,
        });
        let columns = &[Word::ColumnProgram, Word::ColumnStatus];
        Section { title: Word::SectionPrograms, columns, rows: rows.collect() }
    }

    fn node_rows(&self, rows: impl Fn(&rtclab_trace::NodeState, EntryId) -> Vec<Row>) -> Vec<Row> {
        match self.latest(Entity::Node(self.node)) {
            Some((id, Change::Node(state))) => rows(state, id),
            _ => Vec::new(),
        }
    }
}
