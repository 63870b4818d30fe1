//! Keeping paths open that nothing is sent on (RFC 8445 §11, §5.1.1.4). Not here: consent, which keeps the selected pair open where it is
//! asked for ([`super::consent`]), and TURN's refreshes, which its client does on its own.

use std::net::SocketAddr;

use super::agent::Agent;
use super::pair::Pair;
use super::{Base, CheckListState, ConnectionState};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::stun::{Builder, Method, TransactionId};
use crate::time::Time;

impl Agent {
    /// Whether a pair that does not carry data is kept nevertheless: where another one may be nominated later, every valid pair is.
    fn is_kept(&self, pair: &Pair) -> bool {
        let (base, remote) = pair.path();
        self.config.renomination
            && pair.shown.valid
            && self.session.lists.state(pair.stream) == CheckListState::Completed
            && !self.carriers.iter().any(|carrier| carrier.is(base, remote))
    }

    /// When a pair has been idle for Tr.
    pub(super) fn keepalive_timeout(&self) -> Option<Time> {
        // RFC 8445 §11: a terminated session sends none.
        if self.shown.connection == ConnectionState::Failed {
            return None;
        }
        let selected = self.carriers.iter().map(|carrier| carrier.last_sent);
        let kept = self.session.lists.all().filter(|pair| self.is_kept(pair));
        let kept = kept.map(|pair| pair.kept_at.or(pair.last_sent).unwrap_or(Time::ZERO));
        selected.chain(kept).min().map(|idle_since| idle_since + self.config.keepalive)
    }

    /// Sends a Binding indication on each pair that has been idle (RFC 8445 §11).
    pub(super) fn run_keepalive(&mut self, now: Time) {
        if self.keepalive_timeout().is_none_or(|at| now < at) {
            return;
        }
        let due = |idle_since: Time| now >= idle_since + self.config.keepalive;
        let carriers = self.carriers.iter().filter(|carrier| due(carrier.last_sent));
        let carriers: Vec<_> = carriers.map(|carrier| (carrier.base, carrier.remote, carrier.pair)).collect();
        let kept = self.session.lists.all().filter(|pair| self.is_kept(pair));
        let kept = kept.filter(|pair| due(pair.kept_at.or(pair.last_sent).unwrap_or(Time::ZERO)));
        let kept: Vec<u32> = kept.map(|pair| pair.number).collect();
        for (base, remote, pair) in carriers {
            self.send_keepalive(base, remote, pair, now);
        }
        for number in kept {
            let Some(pair) = self.session.lists.get_mut(number) else { continue };
            pair.kept_at = Some(now);
            let (base, remote) = pair.path();
            self.send_keepalive(base, remote, number, now);
        }
    }

    /// FINGERPRINT and nothing else (RFC 8445 §11).
    fn send_keepalive(&mut self, base: Base, remote: SocketAddr, pair: u32, now: Time) {
        let id = TransactionId::random(&mut self.randomness);
        let indication = Builder::indication(Method::BINDING, id).finish();
        let because = Because::Change(Subject::Pair(pair));
        self.transmit(base, remote, &indication, Some(Reason::Keepalive), because, now);
    }
}
