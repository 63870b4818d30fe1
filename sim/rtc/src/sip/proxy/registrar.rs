//! Where users are (RFC 3261 §10.3), and who they are (§22, RFC 7616). Not here: passing messages on.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::digest::{Algorithm, Authorization, Challenge};
use super::super::transaction::{Flow, ServerKey};
use super::{Proxy, ProxyEvent};
use crate::sip::{NameAddr, Request, Uri};
use crate::{Randomness, Time};

/// Users at most.
const USERS_MAX: usize = 4096;

/// Nonces that are remembered.
const NONCES_MAX: usize = 1024;

/// How long a nonce is good.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// Where a user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) contact: Uri,
    /// The way on which it was told: the only one that leads through a NAT (RFC 5626 §3).
    pub(super) flow: Flow,
    pub(super) expires_at: Time,
    call_id: String,
    sequence: u32,
}

/// What has been asked with.
#[derive(Debug, Default)]
pub(super) struct Nonces(VecDeque<(String, Time)>);

impl Nonces {
    fn issue(&mut self, randomness: &mut dyn Randomness, now: Time) -> String {
        let nonce = format!("{:016x}{:016x}", randomness.u64(), randomness.u64());
        if self.0.len() == NONCES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((nonce.clone(), now + NONCE_LIFETIME));
        nonce
    }

    /// A nonce is good once: the count of answers with the same one is not followed here.
    fn take(&mut self, nonce: &str, now: Time) -> bool {
        let found = self.0.iter().position(|(issued, until)| issued == nonce && *until > now);
        found.is_some_and(|at| self.0.remove(at).is_some())
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    Known,
    /// There is no answer to a challenge, or one that is wrong.
    Unknown,
    /// The password is right, and the nonce is old.
    Stale,
}

impl Proxy {
    /// Whether a request has the password of its user.
    pub(super) fn identify(&mut self, request: &Request, field: &str, user: &str, now: Time) -> Identity {
        if self.config.accounts.is_empty() {
            return Identity::Known;
        }
        let answer = request.headers.get(field).and_then(|value| Authorization::parse(value).ok());
        let (Some(answer), Some(password)) = (answer, self.config.accounts.get(user)) else {
            return Identity::Unknown;
        };
        let fits = answer.username == user
            && answer.realm == self.config.host
            && answer.uri == request.uri.to_string();
        if !fits || !answer.is_of(password, request.method.name()) {
            return Identity::Unknown;
        }
        if self.nonces.take(&answer.nonce, now) { Identity::Known } else { Identity::Stale }
    }

    /// Asks for a password: SHA-256 first, and MD5 for those who know nothing better (RFC 8760 §2.4).
    pub(super) fn challenge(
        &mut self,
        key: &ServerKey,
        request: &Request,
        (status, field, stale): (u16, &str, bool),
        now: Time,
    ) {
        let nonce = self.nonces.issue(&mut self.randomness, now);
        let mut response = self.response(request, status);
        for algorithm in [Algorithm::Sha256, Algorithm::Md5] {
            let (realm, nonce) = (self.config.host.clone(), nonce.clone());
            response.headers.add(field, Challenge { realm, nonce, algorithm, stale });
        }
        self.layer.respond(key, &response, now);
        let user = request.headers.from().ok().and_then(|from| from.uri.user).unwrap_or_default();
        self.events.push_back(ProxyEvent::Challenged { user });
    }

    pub(super) fn take_register(&mut self, key: &ServerKey, request: &Request, flow: Flow, now: Time) {
        let Some(user) = request.headers.to().ok().and_then(|to| to.uri.user) else {
            return self.refuse(key, request, 404, now);
        };
        match self.identify(request, "Authorization", &user, now) {
            Identity::Known => {}
            other => {
                let stale = other == Identity::Stale;
                return self.challenge(key, request, (401, "WWW-Authenticate", stale), now);
            }
        }
        let expires = request.headers.number("Expires").ok().flatten().unwrap_or(self.config.expires_s_max);
        let removes_all = request.headers.get("Contact") == Some("*");
        let contacts =
            if removes_all { Vec::new() } else { request.headers.addresses("Contact").unwrap_or_default() };
        if removes_all && expires != 0 {
            return self.refuse(key, request, 400, now); // §10.3, step 6
        }
        let is_new = |binding: &Binding| is_newer(binding, request);
        if !self.bindings.get(&user).is_none_or(is_new) {
            return self.refuse(key, request, 500, now); // §10.3, step 7
        }
        if removes_all {
            self.unbind(&user);
        }
        // One place a user: the newest.
        if let Some(contact) = contacts.into_iter().next() {
            self.bind(&user, &contact, (flow, expires), request, now);
        }
        let mut response = self.response(request, 200);
        if let Some(binding) = self.bindings.get(&user) {
            let left = binding.expires_at.since(now).as_secs();
            let mut contact = NameAddr::new(binding.contact.clone());
            contact.params.set("expires", Some(&left.to_string()));
            response.headers.add("Contact", contact);
            response.headers.add("Expires", left);
        }
        self.layer.respond(key, &response, now);
    }

    fn bind(
        &mut self,
        user: &str,
        contact: &NameAddr,
        (flow, expires): (Flow, u32),
        request: &Request,
        now: Time,
    ) {
        let own = contact.params.get("expires").and_then(|own| own.parse().ok());
        let expires = own.unwrap_or(expires).min(self.config.expires_s_max);
        if expires == 0 {
            return self.unbind(user);
        }
        if self.bindings.len() >= USERS_MAX && !self.bindings.contains_key(user) {
            return;
        }
        let binding = Binding {
            contact: contact.uri.clone(),
            flow,
            expires_at: now + Duration::from_secs(u64::from(expires)),
            call_id: request.headers.call_id().unwrap_or_default().to_owned(),
            sequence: request.headers.cseq().map_or(0, |(sequence, _)| sequence),
        };
        let before = self.bindings.insert(user.to_owned(), binding);
        if before.is_none_or(|before| before.contact != contact.uri || before.flow != flow) {
            let (user, contact) = (user.to_owned(), contact.uri.to_string());
            self.events.push_back(ProxyEvent::Registered { user, contact });
        }
    }

    fn unbind(&mut self, user: &str) {
        if self.bindings.remove(user).is_some() {
            self.events.push_back(ProxyEvent::Unregistered { user: user.to_owned() });
        }
    }

    pub(super) fn expire(&mut self, now: Time) {
        let late = |binding: &Binding| binding.expires_at <= now;
        let users: Vec<String> =
            self.bindings.iter().filter(|(_, binding)| late(binding)).map(|(user, _)| user.clone()).collect();
        for user in users {
            self.unbind(&user);
        }
    }
}

/// §10.3, step 7: an older request of the same client that comes late changes nothing.
fn is_newer(binding: &Binding, request: &Request) -> bool {
    let same = request.headers.call_id().is_ok_and(|call_id| call_id == binding.call_id);
    !same || request.headers.cseq().is_ok_and(|(sequence, _)| sequence > binding.sequence)
}
