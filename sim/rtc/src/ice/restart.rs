//! Starting anew, and the end (RFC 8445 §9). Not here: which offer or answer calls for a restart.

use super::agent::{Agent, Previous};
use super::session::Session;
use super::{ConnectionState, Credentials, GatheringState, LocalSocket};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// Restarts: new credentials, no candidates, an empty check list, the same role (RFC 8445 §9). The selected pair goes on carrying
    /// data until another one is selected, and checks for it are still answered. If gathering had begun, it begins again.
    ///
    /// Signal [`Agent::local_credentials`] and the new candidates, and set the peer's new credentials.
    pub fn restart(&mut self, now: Time) {
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
        let number = self.session.list.number + 1;
        let credentials = Credentials::random(&mut self.randomness);
        let old = std::mem::replace(&mut self.session, Session::new(number, credentials));
        // Only a session that carries data has to be answered for; one that never did is forgotten.
        if old.remote.is_some() && self.carrier.is_some() && self.previous.is_none() {
            self.previous = Some(Previous { local: old.local });
        }
        self.shown.local_ufrag = self.session.local.credentials.ufrag().to_owned();
        self.shown.remote_ufrag = None;
        self.shown.gathering = GatheringState::New;
        self.shown.connection = self.connection_state(now);
        self.tell_agent(Reason::Restarted, because);
        self.tell_list(Reason::Restarted, Because::Change(Subject::Agent));
        if gathers {
            self.gather(now);
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
        self.carrier = None;
        self.previous = None;
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
