//! Telling the registrar where we are (RFC 3261 §10.2), with the account if it asks (§22.2), again before it expires. Not here: the
//! registrar.

use std::time::Duration;

use super::super::digest::Challenge;
use super::{Agent, AgentEvent, token};
use crate::sip::{Method, NameAddr, Request, Response};
use crate::{Randomness, Time};

/// How long a refused registration rests before it is tried again.
const REST: Duration = Duration::from_secs(30);

/// How a registration stands.
#[derive(Debug)]
pub(super) struct Registration {
    call_id: String,
    sequence: u32,
    due_at: Option<Time>,
    /// An answer to a challenge has been sent; it is not tried twice with the same password.
    answered: bool,
}

impl Registration {
    pub(super) fn new(randomness: &mut dyn Randomness) -> Registration {
        Registration { call_id: token(randomness), sequence: 0, due_at: None, answered: false }
    }

    pub(super) const fn due_at(&self) -> Option<Time> {
        self.due_at
    }
}

impl Agent {
    /// Registers; from then on it is kept up.
    pub fn register(&mut self, now: Time) {
        self.registration.answered = false;
        self.send_register(None, now);
    }

    fn send_register(&mut self, authorization: Option<(&'static str, String)>, now: Time) {
        self.registration.sequence += 1;
        self.registration.due_at = None;
        let mut registrar = self.config.who.clone();
        registrar.user = None;
        let (call_id, sequence) = (self.registration.call_id.clone(), self.registration.sequence);
        let who = NameAddr::new(self.config.who.clone());
        let mut request = self.request(Method::Register, registrar, who, &call_id, sequence);
        request.headers.add("Expires", self.config.expires_s);
        request.headers.add("Supported", "path, outbound");
        if let Some((name, value)) = authorization {
            request.headers.add(name, value);
        }
        self.send(request, None, now);
    }

    pub(super) fn take_registration(&mut self, response: &Response, request: &Request, now: Time) {
        if response.is_provisional() {
            return;
        }
        if response.is_success() {
            // §10.2.4: the registrar has the last word on how long it holds.
            let granted = response.headers.number("Expires").ok().flatten().unwrap_or(self.config.expires_s);
            self.registration.due_at = Some(now + Duration::from_secs(u64::from(granted.max(2))) / 2);
            self.events.push_back(AgentEvent::Registered);
            return;
        }
        match self.answer_challenge(response, request, self.registration.answered) {
            Some(authorization) => {
                self.registration.answered = true;
                self.send_register(Some(authorization), now);
            }
            None => self.registration_failed(response.status, now),
        }
    }

    pub(super) fn registration_failed(&mut self, status: u16, now: Time) {
        self.registration.due_at = Some(now + REST);
        self.events.push_back(AgentEvent::NotRegistered(status));
    }

    /// The field that answers a 401 or 407, if we have an account and have not answered before. The first challenge that is understood is
    /// taken (RFC 8760 §2.4).
    pub(super) fn answer_challenge(
        &mut self,
        response: &Response,
        request: &Request,
        answered: bool,
    ) -> Option<(&'static str, String)> {
        let (asks, answers) = match response.status {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => return None,
        };
        let account = self.config.account.clone()?;
        let challenges = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(asks));
        let challenge = challenges.filter_map(|(_, value)| Challenge::parse(value).ok()).next()?;
        if answered && !challenge.stale {
            return None;
        }
        let cnonce = token(&mut self.randomness);
        let uri = request.uri.to_string();
        Some((answers, challenge.answer(&account, request.method.name(), &uri, &cnonce).to_string()))
    }
}
