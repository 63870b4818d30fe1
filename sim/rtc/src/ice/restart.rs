//! Starting anew, and the end (RFC 8445 §9). Not here: which offer or answer calls for a restart.

use super::agent::{Agent, Previous};
use super::carrier::Carrier;
use super::session::Session;
use super::{ConnectionState, Credentials, GatheringState, LocalSocket, PairState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// Restarts: new credentials, no candidates, an empty check list, the same role (RFC 8445 §9). The selected pair goes on carrying
    /// data until another one is selected, and checks for it are still answered. If gathering had begun, it begins again.
    ///
    /// Signal [`Agent::local_credentials`] and the new candidates, and set the peer's new credentials.
    pub fn restart(&mut self, now: Time) {
        let credentials = Credentials::random(&mut self.randomness);
        self.restart_with(credentials, now);
    }

    /// The same with credentials that someone else has made.
    pub fn restart_with(&mut self, credentials: Credentials, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        let gathers = self.shown.gathering != GatheringState::New;
        let because = Because::Input;
        self.stop_checks(Reason::SessionOver);
        self.stop_gathering(because);
        if let Some(sockets) = self.next_sockets.take() {
            self.config.sockets = sockets;
            self.release_relays(now);
        }
        self.components = self.config.components();
        // A path that the peer does not want any more is not carried over (RFC 7675 §5.1).
        self.carriers.retain(Carrier::may_send);
        self.consent_withdrawn = false;
        self.nominations = 0;
        let streams = self.streams();
        let number = self.numbers.next_check_lists(streams.len());
        let old = std::mem::replace(&mut self.session, Session::new(number, credentials, &streams));
        // Only a session that carries data has to be answered for; one that never did is forgotten.
        if old.has_remote() && !self.carriers.is_empty() && self.previous.is_none() {
            self.previous = Some(Previous { local: old.local.clone() });
        }
        // A second restart before the peer knows of the first one leads back to the same session.
        self.before_restart.get_or_insert((old, self.shown.gathering));
        self.shown.local_ufrag = self.session.local.credentials.ufrag().to_owned();
        self.shown.remote_ufrag = None;
        self.shown.gathering = GatheringState::New;
        self.shown.consent = self.worst_consent();
        self.shown.connection = self.connection_state(now);
        self.tell_agent(Reason::Restarted, because);
        for stream in streams {
            self.tell_list(stream, Reason::Restarted, Because::Change(Subject::Agent));
        }
        if gathers {
            self.gather(now);
        }
        self.settle(now);
    }

    /// Takes a restart back that the peer has not taken part in: the session before it goes on, with its credentials, candidates and
    /// pairs (RFC 9429 §5.7). Without one that can be taken back, nothing happens.
    pub fn abandon_restart(&mut self, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        let Some((session, gathering)) = self.before_restart.take() else { return };
        self.stop_checks(Reason::SessionOver);
        self.stop_gathering(Because::Input);
        self.session = session;
        self.previous = None;
        self.shown.local_ufrag = self.session.local.credentials.ufrag().to_owned();
        let remote = self.streams().first().and_then(|stream| self.session.remote(*stream));
        self.shown.remote_ufrag = remote.map(|remote| remote.side.credentials.ufrag().to_owned());
        // What was asked of servers before is not asked again; it counts as gathered.
        self.shown.gathering = gathering;
        self.shown.connection = self.connection_state(now);
        self.tell_agent(Reason::RestartAbandoned, Because::Input);
        // Checks that were under way were ended by the restart: their pairs wait for new ones.
        let mut waiting = Vec::new();
        for pair in self.session.lists.all_mut().filter(|pair| pair.shown.state == PairState::InProgress) {
            pair.shown.state = PairState::Waiting;
            waiting.push(pair.number);
        }
        for pair in waiting {
            self.tell_pair(pair, Some(Reason::RestartAbandoned), Because::Change(Subject::Agent));
        }
        for stream in self.streams() {
            self.tell_list(stream, Reason::RestartAbandoned, Because::Change(Subject::Agent));
        }
        self.settle(now);
    }

    /// Replaces the sockets, because the host has moved or an interface came or went. Takes effect with the next restart; until
    /// then the old ones are used, as far as they still work.
    pub fn replace_sockets(&mut self, sockets: Vec<LocalSocket>) {
        self.next_sockets = Some(sockets);
    }

    /// Ends the agent: nothing is sent any more, except that allocations are given back. Calls after this one do nothing.
    pub fn close(&mut self, now: Time) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.stop_checks(Reason::ClosedByOwner);
        self.stop_gathering(Because::Input);
        self.carriers.clear();
        self.close_connections();
        self.previous = None;
        self.before_restart = None;
        self.shown.connection = ConnectionState::Closed;
        self.tell_agent(Reason::ClosedByOwner, Because::Input);
        self.release_relays(now);
    }

    fn stop_checks(&mut self, reason: Reason) {
        let running: Vec<u32> = self.session.checks.iter().map(|check| check.number).collect();
        for check in running {
            self.cancel_check(check, reason, Because::Input);
        }
        self.session.checks.clear();
    }
}
