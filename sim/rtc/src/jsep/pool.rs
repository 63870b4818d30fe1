//! The candidate pool: transports that gather before a description needs them (RFC 9429 §3.5.4).

use super::connection::PeerConnection;
use super::output::TransportCommand;
use crate::reason::Reason;

impl PeerConnection {
    /// Brings the pool to its size: more transports begin, superfluous ones are discarded.
    pub(super) fn fill_pool(&mut self) {
        let wanted = usize::from(self.config.ice_candidate_pool_size);
        while self.pool.len() > wanted {
            if let Some((id, _)) = self.pool.pop_back() {
                self.facts.remove(&id);
                self.command(id, TransportCommand::Discard, Reason::JsepPool);
            }
        }
        while self.pool.len() < wanted {
            let id = self.fresh_transport();
            let credentials = self.fresh_credentials();
            self.pool.push_back((id, credentials.clone()));
            // Who nominates is not known yet; an offerer does, and a conflict is repaired by ICE.
            self.gather(id, credentials, true, Reason::JsepPool);
        }
    }

    /// After a change of the settings: other servers need other candidates.
    pub(super) fn refill_pool(&mut self, servers_changed: bool) {
        if servers_changed {
            self.empty_pool();
            self.drafts.credentials.clear();
        }
        self.fill_pool();
    }

    /// After the first answer, the pool is of no use any more.
    pub(super) fn empty_pool(&mut self) {
        while let Some((id, _)) = self.pool.pop_front() {
            self.facts.remove(&id);
            self.command(id, TransportCommand::Discard, Reason::JsepPool);
        }
    }
}
