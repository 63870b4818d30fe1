//! What the answer to a test means, or that there is none, and which test comes next (RFC 5780 §4). Not here: sending and waiting.

use super::client::{BehaviorClient, Outcome, Step};
use super::{Connectivity, Filtering, Hairpinning, Mapping, Verdict};
use crate::reason::Reason;
use crate::stun::Message;
use crate::time::Time;

impl BehaviorClient {
    /// Takes in the outcome of a test: the next one, and the reason of what is known now.
    pub(super) fn judge(&mut self, step: Step, outcome: Outcome<'_>, now: Time) -> (Step, Option<Reason>) {
        match step {
            Step::Idle | Step::Silence(_) => (Step::Idle, None),
            Step::Connectivity => self.judge_connectivity(outcome),
            Step::FilterAddress | Step::FilterPort => self.judge_filtering(step, outcome),
            Step::MapAddress | Step::MapPort => self.judge_mapping(step, outcome),
            Step::Hairpin => self.judge_hairpinning(outcome),
            Step::Fragments => self.judge_fragments(outcome),
            Step::Bind | Step::Probe => self.judge_lifetime(step, outcome, now),
        }
    }

    /// RFC 5780 §4.2.
    fn judge_connectivity(&mut self, outcome: Outcome<'_>) -> (Step, Option<Reason>) {
        let known = &mut self.behavior;
        let seen = match outcome {
            Outcome::Answered(answer) => answer.xor_mapped_address().or(answer.mapped_address()),
            _ => None,
        };
        let (Outcome::Answered(answer), Some(mapped)) = (outcome, seen) else {
            let reason = match outcome {
                Outcome::Silent => Reason::BehaviorBlocked,
                _ => Reason::BehaviorRefused,
            };
            let value = (outcome == Outcome::Silent).then_some(Connectivity::Blocked);
            known.connectivity = Some(Verdict { value, reason });
            return (Step::Idle, Some(reason));
        };
        known.mapped = Some(mapped);
        known.gateway = gateway(answer);
        let translated = mapped != known.local;
        let verdict = if translated {
            Verdict::new(Connectivity::Translated, Reason::BehaviorTranslated)
        } else {
            Verdict::new(Connectivity::Untranslated, Reason::BehaviorUntranslated)
        };
        known.connectivity = Some(verdict);
        if !translated {
            known.mapping = Some(Verdict::new(Mapping::Untranslated, Reason::BehaviorUntranslated));
        }
        let server = known.server;
        let two = |other: &std::net::SocketAddr| {
            other.ip() != server.ip() && other.port() != server.port() && other.is_ipv4() == server.is_ipv4()
        };
        known.other = answer.other_address().filter(two);
        if known.other.is_some() {
            return (Step::FilterAddress, Some(verdict.reason));
        }
        known.filtering = Some(Verdict::unknown(Reason::BehaviorOneAddress));
        known.mapping = known.mapping.or(Some(Verdict::unknown(Reason::BehaviorOneAddress)));
        (self.after_mapping(), Some(verdict.reason))
    }

    /// RFC 5780 §4.4.
    fn judge_filtering(&mut self, step: Step, outcome: Outcome<'_>) -> (Step, Option<Reason>) {
        let verdict = match (step, outcome) {
            (_, Outcome::Refused(_) | Outcome::Returned(_)) => Verdict::unknown(Reason::BehaviorRefused),
            (Step::FilterAddress, Outcome::Answered(_)) => {
                Verdict::new(Filtering::EndpointIndependent, Reason::BehaviorFilterNone)
            }
            (Step::FilterAddress, Outcome::Silent) => return (Step::FilterPort, None),
            (_, Outcome::Answered(_)) => {
                Verdict::new(Filtering::AddressDependent, Reason::BehaviorFilterAddress)
            }
            (_, Outcome::Silent) => {
                Verdict::new(Filtering::AddressAndPortDependent, Reason::BehaviorFilterPort)
            }
        };
        self.behavior.filtering = Some(verdict);
        let next = if self.is_translated() { Step::MapAddress } else { self.after_mapping() };
        (next, Some(verdict.reason))
    }

    /// RFC 5780 §4.3.
    fn judge_mapping(&mut self, step: Step, outcome: Outcome<'_>) -> (Step, Option<Reason>) {
        let seen = match outcome {
            Outcome::Answered(answer) => answer.xor_mapped_address().or(answer.mapped_address()),
            _ => None,
        };
        let known = &mut self.behavior;
        let verdict = match (step, seen) {
            (_, None) => Verdict::unknown(Reason::BehaviorOtherSilent),
            (Step::MapAddress, Some(seen)) => {
                known.mapped_by_other_address = Some(seen);
                if Some(seen) != known.mapped {
                    return (Step::MapPort, None);
                }
                Verdict::new(Mapping::EndpointIndependent, Reason::BehaviorMapsAlike)
            }
            (_, Some(seen)) => {
                known.mapped_by_other_port = Some(seen);
                if Some(seen) == known.mapped_by_other_address {
                    Verdict::new(Mapping::AddressDependent, Reason::BehaviorMapsByAddress)
                } else {
                    Verdict::new(Mapping::AddressAndPortDependent, Reason::BehaviorMapsByPort)
                }
            }
        };
        known.mapping = Some(verdict);
        (self.after_mapping(), Some(verdict.reason))
    }

    /// RFC 5780 §3.4.
    fn judge_hairpinning(&mut self, outcome: Outcome<'_>) -> (Step, Option<Reason>) {
        let verdict = match outcome {
            Outcome::Returned(from) if from == self.behavior.local => {
                Verdict::new(Hairpinning::InternalSource, Reason::BehaviorHairpinsInternal)
            }
            Outcome::Returned(_) => Verdict::new(Hairpinning::ExternalSource, Reason::BehaviorHairpins),
            _ => Verdict::new(Hairpinning::No, Reason::BehaviorNoHairpin),
        };
        self.behavior.hairpinning = Some(verdict);
        (self.after_hairpinning(), Some(verdict.reason))
    }

    /// RFC 5780 §3.5.
    fn judge_fragments(&mut self, outcome: Outcome<'_>) -> (Step, Option<Reason>) {
        let verdict = match outcome {
            Outcome::Answered(answer) if answer.padding().is_some_and(|padding| !padding.is_empty()) => {
                Verdict::new(true, Reason::BehaviorFragmentsPass)
            }
            Outcome::Silent => Verdict::new(false, Reason::BehaviorFragmentsLost),
            _ => Verdict::unknown(Reason::BehaviorRefused),
        };
        self.behavior.fragments = Some(verdict);
        (self.after_fragments(), Some(verdict.reason))
    }

    /// RFC 5780 §4.6.
    fn judge_lifetime(&mut self, step: Step, outcome: Outcome<'_>, now: Time) -> (Step, Option<Reason>) {
        let Some(search) = &mut self.search else { return (Step::Idle, None) };
        let alive = match (step, outcome) {
            (Step::Bind, Outcome::Answered(answer)) => {
                // The binding may be a new one.
                self.behavior.mapped = answer.xor_mapped_address().or(answer.mapped_address());
                return (Step::Silence(now + search.span()), None);
            }
            (Step::Probe, Outcome::Answered(_)) => true,
            (Step::Probe, Outcome::Silent) => false,
            _ => {
                self.behavior.lifetime = Some(Verdict::unknown(Reason::BehaviorRefused));
                return (Step::Idle, Some(Reason::BehaviorRefused));
            }
        };
        let Some(range) = search.learn(alive) else { return (Step::Bind, None) };
        let reason =
            if range.below.is_some() { Reason::BehaviorBindingEnds } else { Reason::BehaviorBindingLasts };
        self.behavior.lifetime = Some(Verdict::new(range, reason));
        (Step::Idle, Some(reason))
    }

    fn is_translated(&self) -> bool {
        self.behavior.mapped.is_some_and(|mapped| mapped != self.behavior.local)
    }

    fn after_mapping(&self) -> Step {
        if self.is_translated() { Step::Hairpin } else { self.after_hairpinning() }
    }

    const fn after_hairpinning(&self) -> Step {
        if self.config.fragments { Step::Fragments } else { self.after_fragments() }
    }

    const fn after_fragments(&self) -> Step {
        if self.search.is_some() { Step::Bind } else { Step::Idle }
    }
}

/// RFC 5780 §3.6: the two addresses are the same unless somebody on the way has rewritten the one that is not hidden.
fn gateway(answer: &Message<'_>) -> Option<Verdict<bool>> {
    let (hidden, plain) = (answer.xor_mapped_address()?, answer.mapped_address()?);
    Some(if hidden == plain {
        Verdict::new(false, Reason::BehaviorNoGateway)
    } else {
        Verdict::new(true, Reason::BehaviorGateway)
    })
}
