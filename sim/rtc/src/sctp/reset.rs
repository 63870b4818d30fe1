//! The reset of outgoing streams (RFC 6525), with which a data channel is closed (RFC 8831 §6.7): both ends reset what they send on.

use std::collections::BTreeSet;

use super::association::Association;
use super::state::Output;
use super::timers::Timer;
use super::wire::{Chunk, Parameter, Reconfig, ResetOutcome, ResetRequest, ResetResponse};
use crate::reason::Reason;
use crate::time::Time;

/// Streams that a request names at most: so that it fits a packet.
const STREAMS_MAX: usize = 256;

/// Requests, ours and the peer's.
#[derive(Debug)]
pub(super) struct Resets {
    /// Streams that we want to reset and have not asked for yet.
    wanted: BTreeSet<u16>,
    /// What we asked, until it is answered: one at a time (§5.1.1).
    asked: Option<ResetRequest>,
    /// The number of our next request.
    next: u32,
    /// The number that the peer's next request must have.
    peer_next: u32,
    /// What the peer asked and has to wait for, because data is missing.
    deferred: Option<ResetRequest>,
    /// Our last answer, in case it got lost.
    answered: Option<ResetResponse>,
}

impl Resets {
    /// Requests are counted from the initial TSNs (§4.1).
    pub(super) fn new(local_tsn: u32, peer_tsn: u32) -> Resets {
        Resets {
            wanted: BTreeSet::new(),
            asked: None,
            next: local_tsn,
            peer_next: peer_tsn,
            deferred: None,
            answered: None,
        }
    }

    pub(super) fn set_peer(&mut self, peer_tsn: u32) {
        self.peer_next = peer_tsn;
    }

    /// Whether a stream is being reset.
    pub(super) fn concerns(&self, stream: u16) -> bool {
        self.wanted.contains(&stream)
            || self.asked.as_ref().is_some_and(|asked| asked.streams.contains(&stream))
    }
}

impl Association {
    /// Begins anew with the numbers of a stream, once everything that waits on it has gone out.
    pub fn reset_stream(&mut self, stream: u16, now: Time) {
        if self.peer.as_ref().is_none_or(|peer| !peer.reconfig) {
            let outcome = ResetOutcome::Denied;
            return self.emit(Output::ResetAnswered { streams: vec![stream], outcome });
        }
        if !self.resets.concerns(stream) {
            self.resets.wanted.insert(stream);
        }
        self.flush(now, Reason::SctpReset);
        self.tell(None);
    }

    /// Asks for what is wanted, if nothing is asked already and nothing of these streams waits.
    pub(super) fn ask_for_resets(&mut self, now: Time) {
        if self.resets.asked.is_some() || self.resets.wanted.is_empty() || !self.phase.sends_data() {
            return;
        }
        let waits = |stream: &&u16| self.outbound.waiting(Some(**stream)) == 0;
        let streams: Vec<u16> = self.resets.wanted.iter().filter(waits).take(STREAMS_MAX).copied().collect();
        if streams.is_empty() {
            return;
        }
        self.resets.wanted.retain(|stream| !streams.contains(stream));
        let request = ResetRequest {
            number: self.resets.next,
            answers: self.resets.peer_next.wrapping_sub(1),
            last_tsn: self.outbound.last_tsn(),
            streams,
        };
        self.resets.next = self.resets.next.wrapping_add(1);
        self.resets.asked = Some(request.clone());
        self.timers.set(Timer::Reset, now + self.rto.current());
        let chunk = Chunk::Reconfig(Reconfig(vec![Parameter::Request(request)]));
        self.control.push_back((chunk, Reason::SctpReset));
    }

    pub(super) fn on_reset_timeout(&mut self, now: Time) {
        let Some(request) = self.resets.asked.clone() else { return };
        self.rto.back_off();
        self.timers.set(Timer::Reset, now + self.rto.current());
        let chunk = Chunk::Reconfig(Reconfig(vec![Parameter::Request(request)]));
        self.packet(self.peer_tag(), vec![chunk], Reason::SctpResetAgain);
    }

    pub(super) fn on_reconfig(&mut self, Reconfig(parameters): Reconfig, now: Time) {
        for parameter in parameters {
            match parameter {
                Parameter::Request(request) => self.on_reset_request(request),
                Parameter::Response(response) => self.on_reset_response(response, now),
                Parameter::Other(number) => {
                    self.answer_reset(number, ResetOutcome::Denied, Reason::SctpResetDenied)
                }
            }
        }
    }

    fn on_reset_request(&mut self, request: ResetRequest) {
        if request.number == self.resets.peer_next.wrapping_sub(1)
            && let Some(answered) = self.resets.answered
        {
            // The answer got lost.
            let chunk = Chunk::Reconfig(Reconfig(vec![Parameter::Response(answered)]));
            return self.control.push_back((chunk, Reason::SctpResetDone));
        }
        if request.number != self.resets.peer_next {
            return self.answer_reset(request.number, ResetOutcome::Error(5), Reason::SctpResetDenied);
        }
        if !self.inbound.has_all_until(request.last_tsn) {
            self.resets.deferred = Some(request.clone());
            return self.answer_reset(request.number, ResetOutcome::InProgress, Reason::SctpResetWaits);
        }
        self.perform(&request);
    }

    fn perform(&mut self, request: &ResetRequest) {
        self.hand_over();
        self.inbound.reset(&request.streams);
        self.resets.deferred = None;
        self.resets.peer_next = request.number.wrapping_add(1);
        self.emit(Output::StreamsReset(request.streams.clone()));
        self.answer_reset(request.number, ResetOutcome::Performed, Reason::SctpResetDone);
    }

    /// What was missing may have come (§5.2.2 E4).
    pub(super) fn retry_deferred_reset(&mut self, _now: Time) {
        let is_complete = |request: &ResetRequest| self.inbound.has_all_until(request.last_tsn);
        if let Some(request) = self.resets.deferred.clone().filter(is_complete) {
            self.perform(&request);
        }
    }

    fn answer_reset(&mut self, number: u32, outcome: ResetOutcome, reason: Reason) {
        let response = ResetResponse { number, outcome };
        if outcome == ResetOutcome::Performed {
            self.resets.answered = Some(response);
        }
        let chunk = Chunk::Reconfig(Reconfig(vec![Parameter::Response(response)]));
        self.control.push_back((chunk, reason));
    }

    fn on_reset_response(&mut self, response: ResetResponse, now: Time) {
        let Some(asked) = self.resets.asked.take_if(|asked| asked.number == response.number) else {
            return self.ignore(Reason::SctpUnexpectedChunk);
        };
        if response.outcome == ResetOutcome::InProgress {
            // Ask again later, with the same number (§5.2.7).
            self.resets.asked = Some(asked);
            return self.timers.set(Timer::Reset, now + self.rto.current());
        }
        self.timers.stop(Timer::Reset);
        if matches!(response.outcome, ResetOutcome::Performed | ResetOutcome::NothingToDo) {
            self.outbound.reset(&asked.streams);
        }
        self.emit(Output::ResetAnswered { streams: asked.streams, outcome: response.outcome });
    }
}
