//! Who is controlling, and what happens when both sides think they are, or neither (RFC 8445 §7.2.5.1, §7.3.1.1).

use std::net::SocketAddr;

use super::agent::Agent;
use super::check::Check;
use super::pair::Nomination;
use super::{Base, PairState, Role};
use crate::output::{Because, Subject};
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::Message;
use crate::time::Time;

impl Role {
    /// The other one.
    pub const fn opposite(self) -> Role {
        match self {
            Role::Controlling => Role::Controlled,
            Role::Controlled => Role::Controlling,
        }
    }
}

/// What an agent does about the role attribute of a request (RFC 8445 §7.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No conflict.
    Fine,
    /// The agent keeps its role and refuses with 487.
    Keep,
    /// The agent takes the other role.
    Switch,
}

/// The rule, with both agents in `role`. The larger tie-breaker ends up controlling; the rule for two controlled agents
/// mirrors the one for two controlling ones, except that a tie goes to whoever looks first in both.
pub(super) const fn judge(
    role: Role,
    ours: u64,
    controlling: Option<u64>,
    controlled: Option<u64>,
) -> Verdict {
    match (role, controlling, controlled) {
        (Role::Controlling, Some(theirs), _) => {
            if ours >= theirs {
                Verdict::Keep
            } else {
                Verdict::Switch
            }
        }
        (Role::Controlled, _, Some(theirs)) => {
            if ours >= theirs {
                Verdict::Switch
            } else {
                Verdict::Keep
            }
        }
        _ => Verdict::Fine,
    }
}

impl Agent {
    /// Applies the rule to an authenticated request. Says whether the request is to be answered with success.
    pub(super) fn examine_role(
        &mut self,
        base: Base,
        from: SocketAddr,
        request: &Message<'_>,
        now: Time,
    ) -> bool {
        let (controlling, controlled) = (request.ice_controlling(), request.ice_controlled());
        match judge(self.shown.role, self.shown.tie_breaker, controlling, controlled) {
            Verdict::Fine => true,
            Verdict::Keep => {
                self.refuse_role(base, from, request, now);
                false
            }
            Verdict::Switch => {
                self.switch_role(Reason::RoleSwitchedByRequest, Because::Input);
                true
            }
        }
    }

    /// Takes the other role: priorities change with it (RFC 8445 §6.1.2.3), and with them the order of the list; a nomination
    /// of the old role is void.
    pub(super) fn switch_role(&mut self, reason: Reason, because: Because) {
        self.shown.role = self.shown.role.opposite();
        self.tell_agent(reason, because);
        let because = Because::Change(Subject::Agent);
        for pair in self.session.lists.all_mut() {
            pair.nomination = Nomination::None;
        }
        for number in self.session.lists.recompute_priorities(self.shown.role) {
            self.tell_pair(number, Some(Reason::PriorityByRole), because);
        }
        self.check_again_in_new_role(because);
        for stream in self.streams() {
            self.tell_list(stream, Reason::PriorityByRole, because);
        }
    }

    /// Checks under way claim a role that is not ours any more. Left alone, they would earn a 487, or nominate in a role that we
    /// gave up; so their pairs are checked anew.
    fn check_again_in_new_role(&mut self, because: Because) {
        let stale = self.session.checks.iter().filter(|check| !check.cancelled);
        let stale: Vec<(u32, u32)> = stale.map(|check| (check.number, check.pair)).collect();
        for (check, number) in stale {
            self.cancel_check(check, Reason::CheckAgainInNewRole, because);
            let Some(pair) = self.session.lists.get_mut(number) else { continue };
            if pair.check == Some(check) {
                self.queue_again(number, because);
            }
        }
    }

    fn queue_again(&mut self, number: u32, because: Because) {
        let Some(pair) = self.session.lists.get_mut(number) else { return };
        pair.check = None;
        pair.shown.state = PairState::Waiting;
        self.session.lists.trigger(number);
        self.tell_pair(number, Some(Reason::CheckAgainInNewRole), because);
    }

    /// A check was answered with 487: take the role that the peer left us, and check again (RFC 8445 §7.2.5.1).
    pub(super) fn refused_for_role(&mut self, check: &Check, because: Because) {
        // An answer to a check from before the last switch is no reason to switch back.
        if self.shown.role == check.role {
            self.shown.tie_breaker = self.randomness.u64();
            self.switch_role(Reason::RoleSwitchedBy487, because);
        }
        let lists = &self.session.lists;
        let Some(pair) = lists.get(check.pair) else { return };
        // A cancelled check of a pair that works, or that is going to be checked again anyway, need not be repeated.
        let current = pair.check == Some(check.number);
        let cared_for = pair.check.is_some() || pair.made_valid.is_some() || lists.is_triggered(check.pair);
        if current || !cared_for {
            self.queue_again(check.pair, because);
            let because = Because::Change(Subject::Pair(check.pair));
            self.tell_list_of(check.pair, Reason::CheckAgainInNewRole, because);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_controlling_agents_leave_it_to_the_larger_tie_breaker() {
        assert_eq!(judge(Role::Controlling, 5, Some(4), None), Verdict::Keep);
        assert_eq!(judge(Role::Controlling, 5, Some(5), None), Verdict::Keep);
        assert_eq!(judge(Role::Controlling, 5, Some(6), None), Verdict::Switch);
    }

    #[test]
    fn two_controlled_agents_leave_it_to_the_larger_tie_breaker() {
        assert_eq!(judge(Role::Controlled, 5, None, Some(4)), Verdict::Switch);
        assert_eq!(judge(Role::Controlled, 5, None, Some(5)), Verdict::Switch);
        assert_eq!(judge(Role::Controlled, 5, None, Some(6)), Verdict::Keep);
    }

    #[test]
    fn opposite_roles_are_no_conflict_whatever_the_tie_breakers_are() {
        for theirs in [0, 5, u64::MAX] {
            assert_eq!(judge(Role::Controlling, 5, None, Some(theirs)), Verdict::Fine);
            assert_eq!(judge(Role::Controlled, 5, Some(theirs), None), Verdict::Fine);
        }
        assert_eq!(judge(Role::Controlled, 5, None, None), Verdict::Fine);
    }
}
