//! How long a binding lives without traffic (RFC 5780 §4.6): doubling until it is gone, then bisection. Not here: the requests.

use std::time::Duration;

use super::LifetimeRange;

/// How to look for the lifetime of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeSearch {
    /// The first span of silence.
    pub first: Duration,
    /// The longest one: a binding that survives it is not waited for any longer.
    pub longest: Duration,
    /// How close the two bounds should get.
    pub precision: Duration,
}

impl Default for LifetimeSearch {
    /// From 15 s to 10 min, to within 5 s.
    fn default() -> LifetimeSearch {
        LifetimeSearch {
            first: Duration::from_secs(15),
            longest: Duration::from_secs(600),
            precision: Duration::from_secs(5),
        }
    }
}

/// A search under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    plan: LifetimeSearch,
    range: LifetimeRange,
    span: Duration,
}

impl Search {
    pub(super) fn new(plan: LifetimeSearch) -> Search {
        let span = plan.first.min(plan.longest).max(Duration::from_millis(1));
        Search { plan, range: LifetimeRange { at_least: Duration::ZERO, below: None }, span }
    }

    /// How long to be silent next.
    pub(super) const fn span(&self) -> Duration {
        self.span
    }

    /// Takes in whether the binding was still there; the bounds, once they are close enough.
    pub(super) fn learn(&mut self, alive: bool) -> Option<LifetimeRange> {
        if alive {
            self.range.at_least = self.span;
        } else {
            self.range.below = Some(self.span);
        }
        let precision = self.plan.precision.max(Duration::from_millis(1));
        match self.range.below {
            None if self.span >= self.plan.longest => return Some(self.range),
            None => self.span = self.span.saturating_mul(2).min(self.plan.longest),
            Some(below) if below.saturating_sub(self.range.at_least) <= precision => return Some(self.range),
            Some(below) => self.span = self.range.at_least + (below - self.range.at_least) / 2,
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lifetime: Duration) -> (LifetimeRange, u32) {
        let mut search = Search::new(LifetimeSearch::default());
        for tries in 1..100 {
            if let Some(range) = search.learn(search.span() < lifetime) {
                return (range, tries);
            }
        }
        panic!("the search does not end");
    }

    #[test]
    fn the_bounds_close_in_on_the_lifetime() {
        for seconds in [1, 15, 30, 59, 120, 300, 599] {
            let lifetime = Duration::from_secs(seconds);
            let (range, tries) = found(lifetime);
            let below = range.below.unwrap();
            assert!(range.at_least <= lifetime && lifetime <= below, "{range:?}");
            assert!(below - range.at_least <= Duration::from_secs(5), "{range:?}");
            assert!(tries <= 14, "{tries} tries for {seconds} s");
        }
    }

    #[test]
    fn a_binding_that_survives_the_longest_silence_is_not_waited_for() {
        let (range, _) = found(Duration::from_secs(7200));
        assert_eq!(range, LifetimeRange { at_least: Duration::from_secs(600), below: None });
    }
}
