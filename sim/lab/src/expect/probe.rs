//! What a NAT probe is expected to find.

use rtclab_net::World;
use rtclab_rtc::behavior::{self, Hairpinning};

use super::Clauses;
use crate::document::{Expect, Filtering, Mapping};
use crate::programs::probe_words;
use crate::run::Cast;

pub(super) fn judge(expect: &Expect, node: &str, world: &World, cast: &Cast) -> Clauses {
    let mut clauses = Clauses::about(format!("the probe at {node}"));
    let found = cast.probed(world, node);
    let instead = || {
        found.map_or_else(
            || "it has not begun".to_owned(),
            |found| format!("it found: {}", probe_words(found)),
        )
    };
    if let Some(wanted) = expect.mapping.map(mapping) {
        let seen = found.and_then(|found| found.mapping).and_then(|verdict| verdict.value);
        clauses.expect(format!("finds {}", wanted.word()), seen == Some(wanted), instead);
    }
    if let Some(wanted) = expect.filtering.map(filtering) {
        let seen = found.and_then(|found| found.filtering).and_then(|verdict| verdict.value);
        clauses.expect(format!("finds {}", wanted.word()), seen == Some(wanted), instead);
    }
    if let Some(wanted) = expect.hairpin {
        let seen = found.and_then(|found| found.hairpinning).and_then(|verdict| verdict.value);
        let met = seen.is_some_and(|seen| (seen != Hairpinning::No) == wanted);
        clauses.expect(if wanted { "finds hairpinning" } else { "finds no hairpinning" }, met, instead);
    }
    if let Some(wanted) = expect.lifetime_s {
        let seen = found.and_then(|found| found.lifetime).and_then(|verdict| verdict.value);
        let met = seen.is_some_and(|range| {
            range.at_least.as_secs_f64() <= wanted
                && range.below.is_none_or(|below| wanted <= below.as_secs_f64())
        });
        clauses.expect(format!("finds that mappings live {wanted} s"), met, instead);
    }
    clauses
}

fn mapping(word: Mapping) -> behavior::Mapping {
    match word {
        Mapping::EndpointIndependent => behavior::Mapping::EndpointIndependent,
        Mapping::AddressDependent => behavior::Mapping::AddressDependent,
        Mapping::AddressAndPortDependent => behavior::Mapping::AddressAndPortDependent,
    }
}

fn filtering(word: Filtering) -> behavior::Filtering {
    match word {
        Filtering::EndpointIndependent => behavior::Filtering::EndpointIndependent,
        Filtering::AddressDependent => behavior::Filtering::AddressDependent,
        Filtering::AddressAndPortDependent => behavior::Filtering::AddressAndPortDependent,
    }
}
