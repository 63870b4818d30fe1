//! The persist timer: a closed window is probed, and a silly one is used after a while (RFC 9293 §3.8.6.1, §3.8.6.2.1).
//! Not here: the probe itself (`output`).

use std::time::Duration;

/// The state since the window closed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Persist {
    backoff: u32,
    unanswered: u32,
    due: bool,
}

impl Persist {
    /// How long to wait before the next probe: the timeout, doubled for each.
    pub(crate) fn interval(&self, timeout: Duration, max: Duration) -> Duration {
        timeout.saturating_mul(1 << self.backoff.min(16)).min(max)
    }

    /// The timer expired. Says how many probes are without an answer.
    pub(crate) fn on_timer(&mut self) -> u32 {
        self.due = true;
        self.unanswered
    }

    /// Whether a probe has to go.
    pub(crate) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }

    /// A probe left.
    pub(crate) fn sent(&mut self) {
        self.backoff += 1;
        self.unanswered += 1;
    }

    /// The peer is there. As long as it answers, its window may stay closed for any time.
    pub(crate) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// The window is open.
    pub(crate) fn opened(&mut self) {
        *self = Persist::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_sent_ever_more_rarely_up_to_the_limit() {
        let mut persist = Persist::default();
        let interval = |persist: &Persist| {
            persist.interval(Duration::from_millis(200), Duration::from_secs(60)).as_millis()
        };
        let mut seen = Vec::new();
        for _ in 0..12 {
            seen.push(interval(&persist));
            persist.sent();
        }
        assert_eq!(seen[..4], [200, 400, 800, 1600]);
        assert_eq!(seen[11], 60_000);
        persist.opened();
        assert_eq!(interval(&persist), 200);
    }

    #[test]
    fn answers_keep_the_connection_alive() {
        let mut persist = Persist::default();
        persist.sent();
        persist.sent();
        assert_eq!(persist.on_timer(), 2);
        assert!(persist.take_due());
        assert!(!persist.take_due());
        persist.answered();
        assert_eq!(persist.on_timer(), 0);
    }
}
