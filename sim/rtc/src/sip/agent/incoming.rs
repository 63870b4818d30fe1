//! What others ask of a user agent (RFC 3261 §8.2). Not here: what it asks for itself (`outgoing`).

use super::super::dialog::Dialog;
use super::super::transaction::ServerKey;
use super::call::{Call, Phase};
use super::outgoing::set_tag;
use super::{Agent, AgentEvent, NOTE, SDP, TRICKLE, token};
use crate::Time;
use crate::sip::{Method, Request};

impl Agent {
    pub(super) fn take_request(&mut self, key: ServerKey, request: Request, now: Time) {
        // §8.2.2.3: what has to be understood.
        let unknown: Vec<&str> =
            request.headers.list("Require").into_iter().filter(|option| *option != "100rel").collect();
        if !unknown.is_empty() && request.method != Method::Cancel {
            let mut response = request.respond(420);
            response.headers.add("Unsupported", unknown.join(", "));
            set_tag(&mut response.headers, &token(&mut self.randomness));
            return self.layer.respond(&key, &response, now);
        }
        let in_dialog = request.headers.to().is_ok_and(|to| to.tag().is_some());
        match (&request.method, in_dialog) {
            (Method::Cancel, _) => self.take_cancel(&key, &request, now),
            (Method::Invite, false) => self.take_invite(key, request, now),
            (Method::Options, false) => self.reply(&key, &request, 200, now),
            (_, true) => self.take_in_dialog(key, request, now),
            (Method::Bye | Method::Prack | Method::Info | Method::Ack, false) => {
                self.reply(&key, &request, 481, now)
            }
            (Method::Register | Method::Other(_), _) => self.reply(&key, &request, 405, now),
        }
    }

    fn reply(&mut self, key: &ServerKey, request: &Request, status: u16, now: Time) {
        let mut response = request.respond(status);
        set_tag(&mut response.headers, &token(&mut self.randomness));
        if status == 405 || request.method == Method::Options {
            response.headers.add("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, INFO, OPTIONS");
        }
        self.layer.respond(key, &response, now);
    }

    fn take_invite(&mut self, key: ServerKey, request: Request, now: Time) {
        let Some(sdp) = request.text_of(SDP).map(str::to_owned) else {
            // An offer of our own in the answer is not made here.
            return self.reply(&key, &request, 415, now);
        };
        let tag = token(&mut self.randomness);
        let dialog = Dialog::of_callee(&request, &tag);
        let (Ok(dialog), true) = (dialog, self.has_room()) else {
            return self.reply(&key, &request, 400, now);
        };
        let number = self.next_call;
        self.next_call = self.next_call.wrapping_add(1);
        let mut ringing = request.respond(180);
        set_tag(&mut ringing.headers, &tag);
        ringing.headers.add("Contact", self.contact());
        self.layer.respond(&key, &ringing, now);
        let from = request.headers.from().ok().and_then(|from| from.uri.user).unwrap_or_default();
        let note = request.headers.get(NOTE).map(str::to_owned);
        let mut call = Call::new(request, tag, false);
        (call.dialog, call.asked, call.owes_answer) = (Some(dialog), Some(key), true);
        self.calls.insert(number, call);
        self.events.push_back(AgentEvent::Offered { call: number, from, sdp, note });
    }

    /// §9.2: what is not answered ends with 487.
    fn take_cancel(&mut self, key: &ServerKey, request: &Request, now: Time) {
        let invite = (key.0.clone(), key.1.clone(), Method::Invite);
        if self.layer.asked(&invite).is_none() {
            return self.reply(key, request, 481, now);
        }
        self.reply(key, request, 200, now);
        if self.layer.is_answered(&invite) {
            return;
        }
        let number =
            self.calls.iter().find(|(_, call)| call.is_answered_with(&invite)).map(|(number, _)| *number);
        if let Some(number) = number {
            self.refuse(number, 487, now);
        }
    }

    fn take_in_dialog(&mut self, key: ServerKey, request: Request, now: Time) {
        let id = Dialog::id_of(&request);
        let found = self.calls.iter_mut().find(|(_, call)| {
            call.phase != Phase::Over && call.dialog.as_ref().is_some_and(|dialog| Some(dialog.id()) == id)
        });
        let Some((&number, call)) = found else { return self.reply(&key, &request, 481, now) };
        // §12.2.2: what is out of order is refused.
        if !call.dialog.as_mut().is_some_and(|dialog| dialog.is_in_order(&request)) {
            return self.reply(&key, &request, 500, now);
        }
        match request.method {
            Method::Bye => {
                call.phase = Phase::Over;
                self.reply(&key, &request, 200, now);
                self.events.push_back(AgentEvent::Ended { call: number, status: None });
            }
            Method::Prack => self.take_prack(number, &key, &request, now),
            Method::Info => self.take_info(number, &key, &request, now),
            Method::Invite => self.take_reoffer(number, key, request, now),
            Method::Options => self.reply(&key, &request, 200, now),
            _ => self.reply(&key, &request, 405, now),
        }
    }

    /// RFC 3262 §3: it names the response that it acknowledges.
    fn take_prack(&mut self, number: u32, key: &ServerKey, request: &Request, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        let expected = call.provisional.as_ref().and_then(|provisional| {
            let (sequence, _) = call.invite.headers.cseq().ok()?;
            Some(format!("{} {sequence} INVITE", provisional.sequence))
        });
        if expected.is_none() || request.headers.get("RAck") != expected.as_deref() {
            return self.reply(key, request, 481, now);
        }
        call.provisional = None;
        call.may_trickle = true;
        self.reply(key, request, 200, now);
        self.accept(number, now);
        self.trickle_next(number, now);
    }

    fn take_info(&mut self, number: u32, key: &ServerKey, request: &Request, now: Time) {
        // RFC 6086 §4.2.2: only packages that we said to take.
        if !request
            .headers
            .get("Info-Package")
            .is_some_and(|package| package.eq_ignore_ascii_case("trickle-ice"))
        {
            return self.reply(key, request, 469, now);
        }
        let Some(fragment) = request.text_of(TRICKLE).map(str::to_owned) else {
            return self.reply(key, request, 415, now);
        };
        self.reply(key, request, 200, now);
        let note = request.headers.get(NOTE).map(str::to_owned);
        self.events.push_back(AgentEvent::Trickled { call: number, fragment, note });
    }

    fn take_reoffer(&mut self, number: u32, key: ServerKey, request: Request, now: Time) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        if call.asking.is_some() {
            // §14.2: both offer at once; both are refused, and may try again.
            return self.reply(&key, &request, 491, now);
        }
        if call.owes_answer || call.phase != Phase::Confirmed {
            return self.reply(&key, &request, 500, now);
        }
        let Some(sdp) = request.text_of(SDP).map(str::to_owned) else {
            return self.reply(&key, &request, 415, now);
        };
        if let Some(dialog) = &mut call.dialog {
            dialog.retarget(&request.headers);
        }
        let from = request.headers.from().ok().and_then(|from| from.uri.user).unwrap_or_default();
        let note = request.headers.get(NOTE).map(str::to_owned);
        (call.invite, call.asked, call.owes_answer) = (request, Some(key), true);
        self.events.push_back(AgentEvent::Offered { call: number, from, sdp, note });
    }

    /// §13.3.1.4: the 2xx arrived, and is not repeated any more.
    pub(super) fn take_ack(&mut self, request: &Request, now: Time) {
        let id = Dialog::id_of(request);
        let found = self
            .calls
            .iter_mut()
            .find(|(_, call)| call.dialog.as_ref().is_some_and(|dialog| Some(dialog.id()) == id));
        let Some((&number, call)) = found else { return };
        if let Some(key) = &call.asked {
            self.layer.acknowledge(key, now);
            self.events.push_back(AgentEvent::Confirmed { call: number });
        }
    }
}
