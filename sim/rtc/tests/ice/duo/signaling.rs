//! Signaling between the two: what was told is carried to the other side, at once or after a while. Not here: datagrams.

use std::time::Duration;

use rtclab_rtc::ice::{CandidateLine, Credentials, GatheringState};

use super::Duo;

/// A message of signaling.
#[derive(Debug)]
pub(super) enum Signal {
    Candidate(u32, CandidateLine),
    End,
    Credentials(Credentials),
    Offer(Credentials),
}

impl Duo {
    pub(crate) fn exchange_credentials(&mut self, from: usize) {
        let credentials = self.sides[from].agent.local_credentials().clone();
        let now = self.now;
        self.act(1 - from, |agent| agent.set_remote_credentials(credentials, now));
    }

    /// Sends what was told to the other side. Without a delay it arrives at once.
    pub(crate) fn signal(&mut self) {
        let at = self.now + self.signaling_delay;
        for side in [0, 1] {
            let lines = std::mem::take(&mut self.sides[side].unsignaled);
            let lines = lines.into_iter().map(|(stream, line)| Signal::Candidate(stream, line));
            self.signals.extend(lines.map(|signal| (at, 1 - side, signal)));
            let complete = self.sides[side].agent.snapshot().gathering == GatheringState::Complete;
            if complete && !std::mem::replace(&mut self.sides[side].end_signaled, true) {
                self.signals.push((at, 1 - side, Signal::End));
            }
        }
        if self.signaling_delay.is_zero() {
            self.deliver_signals();
        }
    }

    pub(super) fn deliver_signals(&mut self) {
        let now = self.now;
        while let Some(index) = self.signals.iter().position(|(at, ..)| *at <= now) {
            let (_, side, signal) = self.signals.remove(index);
            self.act(side, |agent| match signal {
                Signal::Candidate(stream, line) => {
                    agent.add_remote_candidate_of_stream(stream, line, now);
                }
                Signal::End => agent.end_of_remote_candidates(now),
                Signal::Credentials(credentials) => agent.set_remote_credentials(credentials, now),
                Signal::Offer(credentials) => {
                    agent.set_remote_credentials(credentials, now);
                    agent.gather(now);
                }
            });
        }
    }

    /// Offer and answer over signaling that takes a while: the first side offers, the second one starts when the offer arrives.
    pub(crate) fn offer(&mut self, delay: Duration) {
        self.signaling_delay = delay;
        let credentials = |duo: &Duo, side: usize| duo.sides[side].agent.local_credentials().clone();
        let (offer, answer) = (credentials(self, 0), credentials(self, 1));
        self.signals.push((self.now + delay, 1, Signal::Offer(offer)));
        self.signals.push((self.now + delay + delay, 0, Signal::Credentials(answer)));
        let now = self.now;
        self.act(0, |agent| agent.gather(now));
    }

    /// After a restart, the end of candidates is signaled anew.
    pub(crate) fn restart(&mut self, side: usize) {
        let now = self.now;
        self.sides[side].end_signaled = false;
        self.act(side, |agent| agent.restart(now));
    }
}
