//! Lite agents: host candidates only, no checks of their own (RFC 8445 §2.5, §5.2, §6.2, §7.3.2, §8.2), and what a full agent does about
//! a lite peer. Not here: what a lite agent shares with a full one, which is most of answering checks ([`super::respond`]).

use super::agent::Agent;
use super::candidate::LocalCandidate;
use super::pair::may_pair;
use super::{CheckListState, PairState, Role};
use crate::output::{Because, Subject};
use crate::reason::Reason;
use crate::time::Time;

impl Agent {
    /// The peer has signaled `ice-lite` (RFC 8839 §5.3). A full agent is then controlling, whoever offered (RFC 8445 §6.1.1). Between
    /// two lite ones, the initiating one is, and nothing is checked: candidates of both sides make the pairs (§8.2.2).
    pub fn set_remote_lite(&mut self, now: Time) {
        if self.closed {
            return self.ignore(Reason::ClosedByOwner);
        }
        if self.config.lite {
            self.remote_lite = true;
        } else if self.shown.role == Role::Controlled {
            self.switch_role(Reason::PeerIsLite, Because::Input);
        }
        self.settle(now);
    }

    /// The controlling peer has nominated: the pair on which its check came is valid and selected as soon as the check is answered
    /// (RFC 8445 §7.3.2, §8.2.1).
    pub(super) fn conclude_lite(&mut self, number: u32, now: Time) {
        self.make_valid_unchecked(number, Reason::NominatedByPeer);
        self.conclude(number, Reason::NominatedByPeer, Because::Input, now);
    }

    fn make_valid_unchecked(&mut self, number: u32, reason: Reason) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.shown.state = PairState::Succeeded;
        pair.shown.valid = true;
        pair.made_valid = Some(number);
        if self.session.lists.make_valid(number) {
            self.tell_pair(number, Some(reason), Because::Input);
        }
    }

    /// Both sides are lite (RFC 8445 §8.2.2): once the peer's candidates are all known, the best pair of each component is used. Both
    /// sides sort alike; where there is more than one pair, the controlling side says again in signaling which one it is, and that is
    /// its owner's to do.
    pub(super) fn settle_lite(&mut self, now: Time) {
        if !(self.config.lite && self.remote_lite && self.session.has_ended_everywhere()) {
            return;
        }
        for component in self.components.clone() {
            let running = self.session.lists.state(component.stream) == CheckListState::Running;
            if self.is_decided(component) || !running {
                continue;
            }
            let best = self.best_of(component);
            let Some((local, remote)) = best else { continue };
            let because = Because::Change(Subject::RemoteCandidate(remote));
            let Some(pair) = self.form_pair(local, remote, because, now) else { continue };
            self.make_valid_unchecked(pair, Reason::BothLite);
            self.conclude(pair, Reason::BothLite, Because::Change(Subject::Pair(pair)), now);
        }
    }

    /// The best candidates of this component that can be paired.
    fn best_of(&self, component: super::ComponentId) -> Option<(u32, u32)> {
        let locals = self.session.locals.iter().filter(|local| local.component() == component);
        let pairs = locals.flat_map(|local| {
            let meets = |remote: &&super::candidate::RemoteCandidate| {
                remote.stream == component.stream && may_pair(&local.candidate, &remote.candidate)
            };
            self.session.remotes.iter().filter(meets).map(move |remote| (local, remote))
        });
        let key = |(local, remote): &(&LocalCandidate, &super::candidate::RemoteCandidate)| {
            let (ours, theirs) = (local.candidate.priority, remote.candidate.priority);
            super::PairPriority::new(self.shown.role, ours, theirs).value()
        };
        let best = pairs.max_by_key(key)?;
        Some((best.0.number, best.1.number))
    }
}
