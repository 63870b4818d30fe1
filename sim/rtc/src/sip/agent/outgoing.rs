//! What a user agent asks for: to call, to trickle, to hang up. Not here: what comes back (`responses`).

use super::call::{Call, Phase, Provisional, WAITING_MAX};
use super::{Agent, AgentEvent, NOTE, SDP, TRICKLE, token};
use crate::Time;
use crate::sip::{Headers, Method, NameAddr, Request, Uri};

impl Agent {
    /// Calls somebody; nothing if there are too many calls already. `note` is a field of the application's own.
    pub fn call(&mut self, whom: &Uri, sdp: &str, note: Option<&str>, now: Time) -> Option<u32> {
        if !self.has_room() {
            return None;
        }
        let number = self.next_call;
        self.next_call = self.next_call.wrapping_add(1);
        let call_id = token(&mut self.randomness);
        let to = NameAddr::new(whom.clone());
        let mut invite = self.request(Method::Invite, whom.clone(), to, &call_id, 1);
        describe_invite(&mut invite, sdp, note);
        let tag = invite.headers.from().ok().and_then(|from| from.tag().map(str::to_owned));
        let mut call = Call::new(invite.clone(), tag.unwrap_or_default(), true);
        call.asking = self.send(invite, Some(number), now);
        self.calls.insert(number, call);
        Some(number)
    }

    /// Offers anew in a call that stands (RFC 3261 §14.1). Whether it could be sent: not before the call stands, and not while another offer
    /// waits for its answer.
    pub fn reoffer(&mut self, number: u32, sdp: &str, note: Option<&str>, now: Time) -> bool {
        let contact = self.contact();
        let Some(call) = self.calls.get_mut(&number) else { return false };
        let free = call.phase == Phase::Confirmed && call.asking.is_none() && !call.owes_answer;
        let Some(dialog) = call.dialog.as_mut().filter(|_| free) else { return false };
        let mut invite = dialog.request(Method::Invite);
        invite.headers.add("Contact", contact);
        describe_invite(&mut invite, sdp, note);
        call.invite = invite.clone();
        (call.told_answer, call.authorized, call.ack) = (false, false, None);
        let key = self.send(invite, Some(number), now);
        if let Some(call) = self.calls.get_mut(&number) {
            call.asking = key;
        }
        true
    }

    /// Answers an offer: with a reliable provisional response first, if this begins the call and the other side can do that; the final one
    /// follows its PRACK.
    pub fn answer(&mut self, number: u32, sdp: &str, note: Option<&str>, now: Time) {
        let contact = self.contact();
        let Some(call) = self.calls.get_mut(&number).filter(|call| call.owes_answer) else { return };
        call.owes_answer = false;
        let Some(key) = call.asked.clone() else { return };
        let reliable = call.phase == Phase::Begun && call.invite.headers.has("Supported", "100rel");
        let mut response = call.invite.respond(if reliable { 183 } else { 200 });
        set_tag(&mut response.headers, &call.tag);
        response.headers.add("Contact", contact);
        describe(&mut response.headers, note);
        response.headers.add("Content-Type", SDP);
        response.body = sdp.as_bytes().to_vec();
        if reliable {
            // RFC 3262 §3: the first number is chosen at random.
            let sequence = 1 + self.randomness.below(i32::MAX as u32);
            response.headers.add("Require", "100rel");
            response.headers.add("RSeq", sequence);
            call.provisional = Some(Provisional::new(response.to_bytes(), sequence, now));
        } else {
            call.phase = Phase::Confirmed;
            call.may_trickle = true;
        }
        self.layer.respond(&key, &response, now);
        if !reliable {
            self.trickle_next(number, now);
        }
    }

    /// Takes a call that was answered provisionally.
    pub(super) fn accept(&mut self, number: u32, now: Time) {
        let contact = self.contact();
        let Some(call) = self.calls.get_mut(&number).filter(|call| call.phase == Phase::Begun) else {
            return;
        };
        let Some(key) = call.asked.clone() else { return };
        // RFC 3262 §5: the answer is in the reliable provisional response, so it is not said again.
        let mut response = call.invite.respond(200);
        set_tag(&mut response.headers, &call.tag);
        response.headers.add("Contact", contact);
        describe(&mut response.headers, None);
        call.phase = Phase::Confirmed;
        self.layer.respond(&key, &response, now);
    }

    /// Sends candidates, as soon as both sides may (RFC 8840 §4.3), and one after the other: a request that overtakes another in its dialog
    /// would be refused (RFC 3261 §12.2.2). Whether they were taken.
    pub fn trickle(&mut self, number: u32, fragment: &str, note: Option<&str>, now: Time) -> bool {
        let Some(call) = self.calls.get_mut(&number).filter(|call| call.phase != Phase::Over) else {
            return false;
        };
        if call.waiting.len() == WAITING_MAX {
            return false;
        }
        call.waiting.push_back((fragment.to_owned(), note.map(str::to_owned)));
        self.trickle_next(number, now);
        true
    }

    pub(super) fn trickle_next(&mut self, number: u32, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        if !call.may_trickle || call.trickling {
            return;
        }
        let Some(dialog) = &mut call.dialog else { return };
        let Some((fragment, note)) = call.waiting.pop_front() else { return };
        let mut info = dialog.request(Method::Info);
        // RFC 6086 §4.2.1, RFC 8840 §10.
        info.headers.add("Info-Package", "trickle-ice");
        info.headers.add("Content-Disposition", "Info-Package");
        info.headers.add("Content-Type", TRICKLE);
        if let Some(note) = note {
            info.headers.add(NOTE, note);
        }
        info.body = fragment.into_bytes();
        call.trickling = true;
        self.send(info, Some(number), now);
    }

    /// Hangs up: takes the call back if it is not answered (RFC 3261 §9.1), refuses it if it is for us, ends it if it stands (§15).
    pub fn hang_up(&mut self, number: u32, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        match (call.phase, call.outgoing) {
            (Phase::Begun, true) => {
                call.phase = Phase::Cancelled;
                self.cancel_if_possible(number, now);
            }
            (Phase::Begun, false) => self.refuse(number, 603, now),
            (Phase::Confirmed, _) => {
                call.phase = Phase::Over;
                let bye = call.dialog.as_mut().map(|dialog| dialog.request(Method::Bye));
                if let Some(bye) = bye {
                    self.send(bye, Some(number), now);
                }
                self.events.push_back(AgentEvent::Ended { call: number, status: None });
            }
            (Phase::Cancelled | Phase::Over, _) => {}
        }
    }

    /// Refuses a call with that status.
    pub fn refuse(&mut self, number: u32, status: u16, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        let Some(key) = call.asked.clone() else { return };
        let mut response = call.invite.respond(status.clamp(300, 699));
        set_tag(&mut response.headers, &call.tag);
        call.owes_answer = false;
        if call.phase == Phase::Begun {
            call.phase = Phase::Over;
            call.provisional = None;
            self.events.push_back(AgentEvent::Ended { call: number, status: Some(status) });
        }
        self.layer.respond(&key, &response, now);
    }

    /// §9.1: a CANCEL is sent once something provisional has come, and has the Via of its INVITE.
    pub(super) fn cancel_if_possible(&mut self, number: u32, now: Time) {
        let Some(call) = self.calls.get(&number).filter(|call| call.phase == Phase::Cancelled) else {
            return;
        };
        let Some((invite, flow, true)) = call.asking.as_ref().and_then(|key| self.layer.sent(key)) else {
            return;
        };
        let cancel = cancel_of(invite);
        // One of its own: a second one would be the same transaction, and is not sent.
        if let Ok(key) = self.layer.request(cancel, flow, now) {
            self.asked.insert(key, number);
        }
    }

    /// RFC 3262 §3: repeated until PRACK, given up after 64 × T1.
    pub(super) fn repeat_provisional(&mut self, now: Time) {
        let mut given_up = Vec::new();
        for (number, call) in &mut self.calls {
            let (Some(provisional), Some(key)) = (&mut call.provisional, &call.asked) else { continue };
            if provisional.gives_up_at <= now {
                given_up.push(*number);
            } else if provisional.next_at <= now {
                provisional.interval = provisional.interval.saturating_mul(2);
                provisional.next_at = now + provisional.interval;
                self.layer.repeat(key, &provisional.bytes);
            }
        }
        for number in given_up {
            self.refuse(number, 500, now);
        }
    }
}

/// A CANCEL of a request (RFC 3261 §9.1).
pub(crate) fn cancel_of(invite: &Request) -> Request {
    let mut headers = Headers::default();
    let top: Vec<_> = invite.headers.vias().unwrap_or_default().into_iter().take(1).collect();
    headers.set_vias(&top);
    headers.add("Max-Forwards", 70);
    for name in ["Route", "From", "To", "Call-ID"] {
        for (_, value) in invite.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)) {
            headers.add(name, value);
        }
    }
    let number = invite.headers.cseq().map_or(1, |(number, _)| number);
    headers.add("CSeq", format!("{number} CANCEL"));
    Request { method: Method::Cancel, uri: invite.uri.clone(), headers, body: Vec::new() }
}

fn describe_invite(invite: &mut Request, sdp: &str, note: Option<&str>) {
    invite.headers.add("Supported", "100rel, trickle-ice");
    describe(&mut invite.headers, note);
    invite.headers.add("Content-Type", SDP);
    invite.body = sdp.as_bytes().to_vec();
}

/// What we can do (RFC 3261 §20.5, RFC 6086 §4.1.2), and the application's own field.
fn describe(headers: &mut Headers, note: Option<&str>) {
    headers.add("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, INFO, OPTIONS");
    headers.add("Recv-Info", "trickle-ice");
    if let Some(note) = note {
        headers.add(NOTE, note);
    }
}

/// RFC 3261 §8.2.6.2: whoever answers puts a tag into To, unless there is one.
pub(super) fn set_tag(headers: &mut Headers, tag: &str) {
    if let Ok(to) = headers.to()
        && to.tag().is_none()
    {
        headers.set("To", to.with_tag(tag));
    }
}
