//! What the network knows about a node: addresses, routes, rules, NAT mappings, firewall flows; and the programs on it.

use std::net::SocketAddr;
use std::time::Duration;

use rtclab_rtc::dns::QueryPhase;
use rtclab_trace::{Change, Entity, EntryId, MappingPhase, RuleCount, TcpConnectionState, TcpFlowPhase};

use super::reader::Reader;
use super::{Row, Section, Tone, exact, lines, plain, quiet, state_cell};
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
                quiet(&state.status),
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
            Word::ColumnStatus,
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
                quiet(state.tcp.map_or("", TcpFlowPhase::word)),
                quiet(&state.rule),
            ];
            Row { cells, entry, over: !state.active }
        });
        let columns = &[
            Word::ColumnProtocol,
            Word::ColumnInside,
            Word::ColumnOutside,
            Word::ColumnExpires,
            Word::ColumnState,
            Word::ColumnRule,
        ];
        Section { title: Word::SectionFlows, columns, rows: rows.collect() }
    }

    /// What the rules of a firewall have decided so far.
    pub(super) fn counters(&self) -> Section {
        let rows = match self.latest(Entity::Firewall(self.node)) {
            Some((entry, Change::Firewall(state))) => {
                let row = |rule: &RuleCount| Row {
                    cells: vec![
                        plain(&rule.rule),
                        exact(rule.packets.to_string()),
                        exact(rule.bytes.to_string()),
                    ],
                    entry,
                    over: false,
                };
                state.rules.iter().map(row).collect()
            }
            _ => Vec::new(),
        };
        let columns = &[Word::ColumnRule, Word::ColumnPackets, Word::ColumnBytes];
        Section { title: Word::SectionCounters, columns, rows }
    }

    pub(super) fn queries(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::DnsQuery(..)),
            |change| match change {
                Change::DnsQuery(query) => Some(&**query),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, query)| {
            let (word, tone, answer) = match query.phase {
                QueryPhase::Pending => ("asked", Tone::Busy, String::new()),
                QueryPhase::Answered => ("answered", Tone::Good, query.answers.join(", ")),
                QueryPhase::Failed(failure) => ("failed", Tone::Bad, failure.to_string()),
            };
            let cells = vec![
                state_cell(word, tone),
                exact(query.kind.to_string()),
                exact(&query.name),
                exact(answer),
                exact(query.server.map_or_else(String::new, |server| server.to_string())),
                exact(query.transmissions.to_string()),
            ];
            Row { cells, entry, over: false }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnType,
            Word::ColumnName,
            Word::ColumnAnswer,
            Word::ColumnTo,
            Word::ColumnSent,
        ];
        Section { title: Word::SectionQueries, columns, rows: rows.collect() }
    }

    pub(super) fn sockets(&self) -> Section {
        let found = self.all(
            |entity| matches!(entity, Entity::Tcp(..)),
            |change| match change {
                Change::Tcp(state) => Some(&**state),
                _ => None,
            },
        );
        let rows = found.into_iter().map(|(entry, _, socket)| {
            let over = socket.state == TcpConnectionState::Closed;
            let milliseconds = |span: Duration| format!("{:.1} ms", span.as_secs_f64() * 1e3);
            let timer = socket.timer.map(|(timer, at)| {
                let left = at.since(self.cursor.time).as_secs_f64() * 1e3;
                format!("{} {left:.0} ms", timer.word())
            });
            let cells = vec![
                state_cell(socket.state.word(), tone(socket.state)),
                exact(socket.local.to_string()),
                exact(socket.remote.map_or_else(|| "*".into(), |remote| remote.to_string())),
                exact(if socket.remote.is_some() { socket.cwnd.to_string() } else { String::new() }),
                exact(if socket.remote.is_some() { socket.in_flight.to_string() } else { String::new() }),
                exact(socket.srtt.map(milliseconds).unwrap_or_default()),
                exact(if socket.retransmissions > 0 {
                    socket.retransmissions.to_string()
                } else {
                    String::new()
                }),
                quiet(timer.unwrap_or_default()),
            ];
            Row { cells, entry, over }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnLocal,
            Word::ColumnRemote,
            Word::ColumnCwnd,
            Word::ColumnInFlight,
            Word::ColumnSrtt,
            Word::ColumnAgain,
            Word::ColumnTimer,
        ];
        Section { title: Word::SectionSockets, columns, rows: rows.collect() }
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

/// How far a connection is: on its way, open, closing, over.
fn tone(state: TcpConnectionState) -> Tone {
    match state {
        TcpConnectionState::Established => Tone::Good,
        TcpConnectionState::Closed | TcpConnectionState::Listen => Tone::Idle,
        _ => Tone::Busy,
    }
}
