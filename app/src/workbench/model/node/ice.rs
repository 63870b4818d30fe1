//! ICE on a node: the agent, its candidates, its check list, and the STUN transactions it started.

use rtclab_rtc::ice;
use rtclab_rtc::stun::TransactionState;
use rtclab_trace::{Change, Entity};

use super::reader::Reader;
use super::{Cell, Row, Section, Tone, exact, plain, quiet, state_cell};
use crate::workbench::model::describe::{
    connection_name, gathering_name, list_name, pair_state_name, role_word, transaction_name,
};
use crate::workbench::words::Word;

impl Reader<'_> {
    pub(super) fn agent(&self) -> Section {
        let mut rows = Vec::new();
        if let Some((entry, Change::Protocol(change))) = self.latest(Entity::Agent(self.node))
            && let ice::Change::Agent(agent) = &**change
        {
            let say = |word| self.language.say(word);
            let mut row = |name: &str, cell: Cell| {
                rows.push(Row { cells: vec![quiet(name), cell], entry, over: false });
            };
            row(say(Word::AgentRole), plain(role_word(agent.role)));
            row(say(Word::AgentGathering), plain(gathering_name(agent.gathering)));
            row(
                say(Word::AgentConnection),
                state_cell(connection_name(agent.connection), connection_tone(agent.connection)),
            );
            if let Some(pair) = &agent.selected {
                row(say(Word::AgentSelected), exact(format!("{} → {}", pair.local, pair.remote)));
            }
            row(
                say(Word::AgentUfrag),
                exact(match &agent.remote_ufrag {
                    Some(remote) => format!("{} : {remote}", agent.local_ufrag),
                    None => agent.local_ufrag.clone(),
                }),
            );
        }
        Section { title: Word::SectionAgent, columns: &[], rows }
    }

    pub(super) fn candidates(&self) -> Section {
        let is_candidate =
            |entity| matches!(entity, Entity::LocalCandidate(..) | Entity::RemoteCandidate(..));
        let found = self.all(is_candidate, |change| match change {
            Change::Protocol(change) => match &**change {
                ice::Change::Candidate(candidate) => Some(candidate),
                _ => None,
            },
            _ => None,
        });
        let rows = found.into_iter().map(|(entry, entity, candidate)| {
            let side = match entity {
                Entity::RemoteCandidate(..) => Word::SideRemote,
                _ => Word::SideLocal,
            };
            let related = candidate.related.map_or_else(String::new, |address| address.to_string());
            let cells = vec![
                quiet(self.language.say(side)),
                plain(candidate.kind.word()),
                exact(candidate.address.to_string()),
                exact(related),
                exact(candidate.priority.to_string()),
            ];
            Row { cells, entry, over: false }
        });
        let columns = &[
            Word::ColumnSide,
            Word::ColumnType,
            Word::ColumnAddress,
            Word::ColumnRelated,
            Word::ColumnPriority,
        ];
        Section { title: Word::SectionCandidates, columns, rows: rows.collect() }
    }

    pub(super) fn check_list(&self) -> Section {
        let mut found = self.all(
            |entity| matches!(entity, Entity::Pair(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Pair(pair) => Some(pair),
                    _ => None,
                },
                _ => None,
            },
        );
        found.sort_by_key(|(_, _, pair)| std::cmp::Reverse(pair.priority));
        let rows = found.into_iter().map(|(entry, _, pair)| {
            let flag = match (pair.nominated, pair.valid) {
                (true, _) => self.language.say(Word::PairNominated),
                (false, true) => self.language.say(Word::PairValid),
                _ => "",
            };
            let cells = vec![
                state_cell(pair_state_name(pair.state), pair_tone(pair.state)),
                exact(pair.local.to_string()),
                exact(pair.remote.to_string()),
                plain(flag),
                exact(pair.priority.to_string()),
            ];
            Row { cells, entry, over: false }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnLocal,
            Word::ColumnRemote,
            Word::ColumnFlags,
            Word::ColumnPriority,
        ];
        Section { title: Word::SectionCheckList, columns, rows: rows.collect() }
    }

    /// The state of the check list itself, for the head of its section.
    pub(super) fn list_state(&self) -> Option<&'static str> {
        let lists = self.all(
            |entity| matches!(entity, Entity::CheckList(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::CheckList(list) => Some(list_name(list.state)),
                    _ => None,
                },
                _ => None,
            },
        );
        lists.first().map(|(_, _, name)| *name)
    }

    pub(super) fn transactions(&self) -> Section {
        let mut found = self.all(
            |entity| matches!(entity, Entity::Transaction(..)),
            |change| match change {
                Change::Protocol(change) => match &**change {
                    ice::Change::Transaction(transaction) => Some(transaction),
                    _ => None,
                },
                _ => None,
            },
        );
        // The newest first: that is what a reader looks for.
        found.reverse();
        let rows = found.into_iter().map(|(entry, _, transaction)| {
            let over = transaction.state != TransactionState::Pending;
            let id: String = transaction.id.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            let cells = vec![
                state_cell(transaction_name(transaction.state), transaction_tone(transaction.state)),
                plain(transaction.method),
                exact(transaction.to.to_string()),
                exact(format!("{}×", transaction.transmissions)),
                exact(format!("{id}…")),
            ];
            Row { cells, entry, over }
        });
        let columns = &[
            Word::ColumnState,
            Word::ColumnMethod,
            Word::ColumnTo,
            Word::ColumnSent,
            Word::ColumnTransaction,
        ];
        Section { title: Word::SectionTransactions, columns, rows: rows.collect() }
    }
}

fn pair_tone(state: ice::PairState) -> Tone {
    match state {
        ice::PairState::Frozen | ice::PairState::Waiting => Tone::Idle,
        ice::PairState::InProgress => Tone::Busy,
        ice::PairState::Succeeded => Tone::Good,
        ice::PairState::Failed => Tone::Bad,
    }
}

fn connection_tone(state: ice::ConnectionState) -> Tone {
    match state {
        ice::ConnectionState::New | ice::ConnectionState::Closed => Tone::Idle,
        ice::ConnectionState::Checking | ice::ConnectionState::Disconnected => Tone::Busy,
        ice::ConnectionState::Connected | ice::ConnectionState::Completed => Tone::Good,
        ice::ConnectionState::Failed => Tone::Bad,
    }
}

fn transaction_tone(state: TransactionState) -> Tone {
    match state {
        TransactionState::Pending => Tone::Busy,
        TransactionState::Succeeded => Tone::Good,
        TransactionState::Refused(_) | TransactionState::TimedOut | TransactionState::Unreachable => {
            Tone::Bad
        }
        TransactionState::Cancelled => Tone::Idle,
    }
}
