//! What comes back of what a user agent asked for (RFC 3261 §8.1.3, §13.2.2). Not here: asking (`outgoing`).

use super::super::dialog::Dialog;
use super::super::transaction::ClientKey;
use super::call::Phase;
use super::{Agent, AgentEvent, NOTE, SDP};
use crate::Time;
use crate::sip::{Method, Response};

impl Agent {
    pub(super) fn take_response(&mut self, key: ClientKey, response: Response, now: Time) {
        let call = self.asked.get(&key).copied();
        let last = !response.is_provisional();
        match (&key.1, call) {
            (Method::Register, _) => {
                let request = self.layer.sent(&key).map(|(request, ..)| request.clone());
                if let Some(request) = request {
                    self.take_registration(&response, &request, now);
                }
            }
            (Method::Invite, Some(number)) => self.take_invite_response(number, &key, &response, now),
            (Method::Info, Some(number)) if last => {
                if !response.is_success() {
                    let (method, status) = (Method::Info, response.status);
                    self.events.push_back(AgentEvent::Refused { call: number, method, status });
                }
                self.trickled(number, now);
            }
            _ => {}
        }
        // Further 2xx to an INVITE come within the transaction.
        if last && key.1 != Method::Invite {
            self.asked.remove(&key);
        }
    }

    /// Nothing came: as if it were 408 (§8.1.3.1).
    pub(super) fn take_silence(&mut self, key: &ClientKey, now: Time) {
        let call = self.asked.remove(key);
        match (&key.1, call) {
            (Method::Register, _) => self.registration_failed(408, now),
            (Method::Invite, Some(number)) => self.invite_failed(number, 408),
            (Method::Info, Some(number)) => {
                let method = Method::Info;
                self.events.push_back(AgentEvent::Refused { call: number, method, status: 408 });
                self.trickled(number, now);
            }
            _ => {}
        }
    }

    fn trickled(&mut self, number: u32, now: Time) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.trickling = false;
        }
        self.trickle_next(number, now);
    }

    fn take_invite_response(&mut self, number: u32, key: &ClientKey, response: &Response, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        if response.is_provisional() {
            self.take_provisional(number, response, now);
            return self.cancel_if_possible(number, now);
        }
        let current = call.asking.as_ref() == Some(key);
        if response.is_success() {
            return self.take_success(number, response, current, now);
        }
        if !current {
            return;
        }
        call.asking = None;
        let (invite, authorized) = (call.invite.clone(), call.authorized);
        let Some((name, value)) = self.answer_challenge(response, &invite, authorized) else {
            return self.invite_failed(number, response.status);
        };
        // §22.2: the same again, with the next number.
        let mut again = invite;
        let sequence = again.headers.cseq().map_or(1, |(sequence, _)| sequence) + 1;
        again.headers.set("CSeq", format!("{sequence} INVITE"));
        again.headers.set(name, value);
        if let Some(call) = self.calls.get_mut(&number) {
            (call.invite, call.authorized) = (again.clone(), true);
        }
        let key = self.send(again, Some(number), now);
        if let Some(call) = self.calls.get_mut(&number) {
            call.asking = key;
        }
    }

    fn take_provisional(&mut self, number: u32, response: &Response, now: Time) {
        let Some(call) = self.calls.get_mut(&number).filter(|call| call.phase == Phase::Begun) else {
            return;
        };
        if response.status == 180 {
            self.events.push_back(AgentEvent::Ringing { call: number });
        }
        let reliable = response.headers.has("Require", "100rel");
        let Some(sequence) = response.headers.number("RSeq").ok().flatten().filter(|_| reliable) else {
            return;
        };
        let is_same = |before: u32| before == sequence;
        if call.their_provisional.is_some_and(is_same) {
            return; // It was repeated before our PRACK came.
        }
        // RFC 3262 §4: the numbers come one after the other.
        if call.their_provisional.is_some_and(|before| before.wrapping_add(1) != sequence) {
            return;
        }
        if call.dialog.is_none() {
            call.dialog = Dialog::of_caller(&call.invite, response).ok();
        }
        let Some(dialog) = &mut call.dialog else { return };
        call.their_provisional = Some(sequence);
        let asked = call.invite.headers.cseq().map_or(1, |(asked, _)| asked);
        let mut prack = dialog.request(Method::Prack);
        prack.headers.add("RAck", format!("{sequence} {asked} INVITE"));
        call.may_trickle = true;
        self.send(prack, Some(number), now);
        self.tell_answer(number, response);
        self.trickle_next(number, now);
    }

    /// §13.2.2.4: every 2xx is acknowledged, a repeated one with the same ACK.
    fn take_success(&mut self, number: u32, response: &Response, current: bool, now: Time) {
        let via = self.via();
        let Some(call) = self.calls.get_mut(&number) else { return };
        if call.dialog.is_none() {
            call.dialog = Dialog::of_caller(&call.invite, response).ok();
        }
        let Some(dialog) = &mut call.dialog else { return };
        let again = call.ack.is_some();
        if !again {
            dialog.retarget(&response.headers);
            let sequence = response.headers.cseq().map_or(dialog.sequence(), |(sequence, _)| sequence);
            let mut ack = dialog.request_numbered(Method::Ack, sequence);
            ack.headers.add_first("Via", via);
            call.ack = Some(ack.to_bytes());
        }
        let ack = call.ack.clone().unwrap_or_default();
        self.layer.transmit(self.config.flow, ack, again);
        if again || !current {
            return;
        }
        call.asking = None;
        let was_cancelled = call.phase == Phase::Cancelled;
        (call.phase, call.may_trickle) = (Phase::Confirmed, true);
        if was_cancelled {
            // §9.1: the CANCEL came too late.
            return self.hang_up(number, now);
        }
        self.tell_answer(number, response);
        self.events.push_back(AgentEvent::Confirmed { call: number });
        self.trickle_next(number, now);
    }

    fn tell_answer(&mut self, number: u32, response: &Response) {
        let Some(call) = self.calls.get_mut(&number).filter(|call| !call.told_answer) else { return };
        let Some(sdp) = response.text_of(SDP).map(str::to_owned) else { return };
        call.told_answer = true;
        let note = response.headers.get(NOTE).map(str::to_owned);
        self.events.push_back(AgentEvent::Answered { call: number, sdp, note });
    }

    fn invite_failed(&mut self, number: u32, status: u16) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        call.asking = None;
        if call.phase == Phase::Confirmed {
            // §14.1: the session stays as it was.
            let method = Method::Invite;
            self.events.push_back(AgentEvent::Refused { call: number, method, status });
        } else {
            call.phase = Phase::Over;
            self.events.push_back(AgentEvent::Ended { call: number, status: Some(status) });
        }
    }
}
