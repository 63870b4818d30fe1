//! Keeping paths open and noticing silence (RFC 8445 §11, §5.1.1.4). Not here: TURN's refreshes, which its client does on its own.

use std::net::SocketAddr;

use super::ConnectionState;
use super::agent::{Agent, Carrier};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{Builder, Method, TransactionId};
use crate::time::Time;

impl Carrier {
    /// Whether nothing has come from the peer for this long, or a router said that it cannot be reached.
    pub(super) fn is_silent(&self, now: Time, silence: std::time::Duration) -> bool {
        self.unreachable || now >= self.last_heard + silence
    }
}

impl Agent {
    /// Something came from this address: checks, indications and data all show that the path is alive.
    pub(super) fn heard_from(&mut self, base: SocketAddr, from: SocketAddr, now: Time) {
        if let Some(carrier) = &mut self.carrier
            && carrier.base == base
            && carrier.remote == from
        {
            carrier.last_heard = now;
            carrier.unreachable = false;
        }
    }

    /// When the selected pair has been idle for Tr.
    pub(super) fn keepalive_timeout(&self) -> Option<Time> {
        // RFC 8445 §11: a terminated session sends none.
        if self.shown.connection == ConnectionState::Failed {
            return None;
        }
        self.carrier.as_ref().map(|carrier| carrier.last_sent + self.config.keepalive)
    }

    /// Sends a Binding indication if the selected pair has been idle: FINGERPRINT and nothing else (RFC 8445 §11).
    pub(super) fn run_keepalive(&mut self, now: Time) {
        if self.keepalive_timeout().is_none_or(|at| now < at) {
            return;
        }
        let Some(carrier) = &self.carrier else { return };
        let (base, remote) = (carrier.base, carrier.remote);
        let id = TransactionId::random(&mut self.randomness);
        let indication = Builder::indication(Method::BINDING, id).finish();
        let because = match &self.shown.selected {
            Some(selected) => Because::Change(Subject::Pair(selected.pair)),
            None => Because::Input,
        };
        self.transmit(base, remote, &indication, Some(Reason::Keepalive), because, now);
    }
}
