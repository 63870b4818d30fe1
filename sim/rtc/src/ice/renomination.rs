//! Nominating anew without a restart, where both sides have agreed to it (draft-thatcher-ice-renomination; the attribute number is the
//! one that browsers use). Not here: the first nomination ([`super::nomination`]).
//!
//! Each nomination carries a number, and the controlled side follows the highest one that it has seen, in whatever order they come.

use super::agent::Agent;
use super::pair::Pair;
use super::{CheckListState, Role};
use crate::reason::Reason;
use crate::stun::{Attribute, AttributeType, Message};
use crate::time::Time;

/// NOMINATION: 32 bits, of which the lower 24 count. Comprehension-optional, so that others skip it.
const NOMINATION: AttributeType = AttributeType(0xC001);

/// The attribute with this value.
pub(super) fn nomination_attribute(value: &[u8; 4]) -> Attribute<'_> {
    Attribute::Unknown { kind: NOMINATION, value }
}

/// The value that a check carries, if it carries one.
pub(super) fn nomination_value(request: &Message<'_>) -> Option<u32> {
    let value = request.attributes().find_map(|attribute| match attribute {
        Attribute::Unknown { kind: NOMINATION, value } => Some(value),
        _ => None,
    })?;
    Some(u32::from_be_bytes(value.try_into().ok()?) & 0x00FF_FFFF)
}

/// Why a pair cannot be nominated now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotNominate {
    /// Renomination was not agreed on.
    #[error("renomination is not among the options that both sides signaled")]
    NotAgreed,
    /// The other side decides.
    #[error("only the controlling agent nominates (RFC 8445 §8.1.1)")]
    NotControlling,
    /// No check of this pair has succeeded, or it is not of the running session.
    #[error("the pair is not valid")]
    NotValid,
}

impl Agent {
    /// Nominates another valid pair in place of the selected one.
    ///
    /// # Errors
    /// Renomination is off, this side is controlled, or no pair of this number is valid.
    pub fn renominate(&mut self, pair: u32, now: Time) -> Result<(), CannotNominate> {
        if !self.config.renomination {
            return Err(CannotNominate::NotAgreed);
        }
        if self.shown.role != Role::Controlling {
            return Err(CannotNominate::NotControlling);
        }
        let makes = |known: &&Pair| known.made_valid == Some(pair);
        let checked = self.session.lists.all().find(makes).map(|pair| pair.number);
        self.nominate(checked.ok_or(CannotNominate::NotValid)?, Reason::NominatedAnew);
        self.settle(now);
        Ok(())
    }

    /// The selected pair is silent: the best other valid pair of its component is tried.
    pub(super) fn renominate_from_silence(&mut self) {
        if !self.config.renomination || self.shown.role != Role::Controlling {
            return;
        }
        let carriers = self.carriers.iter();
        let silent: Vec<_> =
            carriers.map(|carrier| (carrier.component, carrier.pair, carrier.base, carrier.remote)).collect();
        for (component, selected, base, remote) in silent {
            let other = |pair: &&Pair| {
                pair.component() == component && pair.made_valid.is_some_and(|valid| valid != selected)
            };
            let others = self.session.lists.all().filter(other);
            // What broke is most likely near one end, so a path that shares neither is tried first.
            let promise = |pair: &&Pair| {
                let (ours, theirs) = pair.path();
                (ours != base, theirs != remote, pair.shown.priority)
            };
            let best = others.max_by_key(promise).map(|pair| pair.number);
            let done = self.session.lists.state(component.stream) == CheckListState::Completed;
            if let Some(best) = best.filter(|_| done) {
                self.nominate(best, Reason::NominatedFromSilence);
            }
        }
    }
}
