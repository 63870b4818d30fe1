//! Keepalives: a silent peer is asked whether it is still there (RFC 9293 §3.8.4). Not here: the probe itself (`output`).

use rtclab_trace::SimTime;

use super::config::Keepalive as Settings;

/// What is to be done when the timer expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The peer was heard meanwhile.
    Wait,
    /// Ask.
    Probe,
    /// It did not answer.
    GiveUp,
}

/// The state of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keepalive {
    settings: Option<Settings>,
    heard_at: SimTime,
    probes: u32,
    due: bool,
}

impl Keepalive {
    pub(crate) fn new(settings: Option<Settings>) -> Keepalive {
        Keepalive { settings, ..Keepalive::default() }
    }

    /// A segment of the peer arrived.
    pub(crate) fn heard(&mut self, now: SimTime) {
        self.heard_at = now;
        self.probes = 0;
    }

    /// When the timer is to expire next.
    pub(crate) fn deadline(&self) -> Option<SimTime> {
        let settings = self.settings?;
        Some(self.heard_at + settings.idle + settings.interval * self.probes)
    }

    /// The timer expired.
    pub(crate) fn on_timer(&mut self, now: SimTime) -> Step {
        match (self.settings, self.deadline()) {
            (Some(settings), Some(deadline)) if deadline <= now => {
                if self.probes >= settings.probes_max {
                    return Step::GiveUp;
                }
                self.probes += 1;
                self.due = true;
                Step::Probe
            }
            _ => Step::Wait,
        }
    }

    /// Whether a probe has to go.
    pub(crate) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_peer_is_asked_and_then_given_up() {
        let mut keepalive = Keepalive::new(Some(Settings::default()));
        keepalive.heard(SimTime::ZERO);
        let mut steps = Vec::new();
        while let Some(deadline) = keepalive.deadline() {
            let step = keepalive.on_timer(deadline);
            if step == Step::GiveUp {
                assert_eq!(deadline, SimTime::from_millis((7200 + 9 * 75) * 1000));
                break;
            }
            steps.push(step);
        }
        assert_eq!(steps, [Step::Probe; 9]);
    }

    #[test]
    fn an_answer_starts_the_silence_anew() {
        let mut keepalive = Keepalive::new(Some(Settings::default()));
        keepalive.heard(SimTime::ZERO);
        let deadline = keepalive.deadline().unwrap();
        keepalive.on_timer(deadline);
        keepalive.heard(deadline);
        assert_eq!(keepalive.on_timer(SimTime::from_millis(7_275_000)), Step::Wait);
    }

    #[test]
    fn by_default_nothing_is_asked() {
        assert_eq!(Keepalive::new(None).deadline(), None);
    }
}
