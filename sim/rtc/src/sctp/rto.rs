//! The retransmission timeout (RFC 9260 §6.3.1), which is that of TCP with other bounds.

use std::time::Duration;

use super::config::Config;

/// The estimate of the round-trip time and the timeout that follows from it.
#[derive(Clone, Debug)]
pub(super) struct Rto {
    srtt: Option<Duration>,
    variation: Duration,
    current: Duration,
    bounds: (Duration, Duration),
}

impl Rto {
    pub(super) fn new(config: &Config) -> Rto {
        Rto {
            srtt: None,
            variation: Duration::ZERO,
            current: config.rto_initial,
            bounds: (config.rto_min, config.rto_max),
        }
    }

    pub(super) fn srtt(&self) -> Option<Duration> {
        self.srtt
    }

    pub(super) fn current(&self) -> Duration {
        self.current
    }

    /// Takes in a measurement (C2, C3: alpha is 1/8, beta 1/4).
    pub(super) fn measured(&mut self, rtt: Duration) {
        match self.srtt {
            None => {
                self.srtt = Some(rtt);
                self.variation = rtt / 2;
            }
            Some(srtt) => {
                self.variation = self.variation * 3 / 4 + srtt.abs_diff(rtt) / 4;
                self.srtt = Some(srtt * 7 / 8 + rtt / 8);
            }
        }
        let timeout = self.srtt.unwrap_or(rtt) + self.variation * 4;
        self.current = timeout.clamp(self.bounds.0, self.bounds.1);
    }

    /// Doubles it (E2).
    pub(super) fn back_off(&mut self) {
        self.current = (self.current * 2).min(self.bounds.1);
    }
}
