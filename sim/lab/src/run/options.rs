//! What a caller of a run may choose, and what it is told while the run goes on.

use rtclab_trace::{Observe, SimTime};

/// What a caller of a run may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The seed, instead of the scenario's.
    pub seed: Option<u64>,
    /// When the run ends, instead of the scenario's time.
    pub until: Option<SimTime>,
    /// How much is kept. In summary mode there is no trace to read: no hash, no facts behind a diagnosis, no count of drops by reason.
    pub observe: Observe,
}

/// How far a run has come, told after each slice of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The simulated time.
    pub now: SimTime,
    /// When the run ends at the latest.
    pub until: SimTime,
    /// Entries of the trace so far, kept or not.
    pub entries: u64,
}

impl Progress {
    /// The share of simulated time that has passed, from 0 to 1.
    pub fn share(&self) -> f64 {
        let until = self.until.as_nanos().max(1);
        (self.now.as_nanos() as f64 / until as f64).min(1.0)
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its time was up.
    Until,
    /// Nothing was left that could happen.
    Idle,
    /// Its caller cancelled it.
    Cancelled,
}
