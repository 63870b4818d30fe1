//! Passing requests on and responses back (RFC 3261 §16). Not here: where users are (`registrar`).

use super::super::agent::cancel_of;
use super::super::transaction::{ClientKey, Flow, ServerKey};
use super::registrar::Identity;
use super::{Proxy, ProxyEvent};
use crate::Time;
use crate::sip::{Message, Method, NameAddr, Params, Request, Response, Uri, Via};

impl Proxy {
    pub(super) fn is_ours(&self, uri: &Uri) -> bool {
        uri.host.eq_ignore_ascii_case(&self.config.host)
    }

    /// A response of our own, with a tag.
    pub(super) fn response(&mut self, request: &Request, status: u16) -> Response {
        let mut response = request.respond(status);
        if let Ok(to) = response.headers.to()
            && to.tag().is_none()
            && status > 100
        {
            let tag = format!("{:016x}", self.randomness.u64());
            response.headers.set("To", to.with_tag(&tag));
        }
        response
    }

    pub(super) fn refuse(&mut self, key: &ServerKey, request: &Request, status: u16, now: Time) {
        let response = self.response(request, status);
        self.layer.respond(key, &response, now);
        let message = words_of_request(request);
        self.events.push_back(ProxyEvent::Refused { message, status });
    }

    pub(super) fn take_request(&mut self, key: &ServerKey, request: Request, now: Time) {
        // §16.3, step 5: what a proxy has to understand.
        let required = request.headers.list("Proxy-Require").join(", ");
        if !required.is_empty() {
            let mut response = self.response(&request, 420);
            response.headers.add("Unsupported", required);
            return self.layer.respond(key, &response, now);
        }
        let hops = request.headers.number("Max-Forwards").ok().flatten().unwrap_or(70);
        if hops == 0 {
            return self.refuse(key, &request, 483, now);
        }
        let begins = request.headers.to().is_ok_and(|to| to.tag().is_none());
        if self.config.challenges_calls && begins && request.method == Method::Invite {
            let user = request.headers.from().ok().and_then(|from| from.uri.user).unwrap_or_default();
            let who = self.identify(&request, "Proxy-Authorization", &user, now);
            if who != Identity::Known {
                let stale = who == Identity::Stale;
                return self.challenge(key, &request, (407, "Proxy-Authenticate", stale), now);
            }
        }
        if request.method == Method::Invite {
            // §16.2: nobody is left without a word while it goes on.
            let trying = request.respond(100);
            self.layer.respond(key, &trying, now);
        }
        let words = words_of_request(&request);
        let Some((mut onward, flow)) = self.prepare(request.clone()) else {
            return self.refuse(key, &request, 404, now);
        };
        onward.headers.set("Max-Forwards", hops - 1);
        if onward.method == Method::Invite {
            self.record_route(&mut onward);
        }
        match self.layer.request(onward, flow, now) {
            Ok(client) => {
                self.pairs.insert(client, key.clone());
                self.events.push_back(ProxyEvent::Forwarded { message: words });
            }
            Err(_) => self.refuse(key, &request, 503, now),
        }
    }

    /// §16.4 to §16.6: our own Route is taken off, the target is looked up, our Via is put on.
    fn prepare(&mut self, mut request: Request) -> Option<(Request, Flow)> {
        let mut routes = request.headers.addresses("Route").ok()?;
        if routes.first().is_some_and(|route| self.is_ours(&route.uri)) {
            routes.remove(0);
            request.headers.set_all("Route", &routes);
        }
        let user = request.uri.user.clone().filter(|_| self.is_ours(&request.uri));
        let binding = match user {
            Some(user) => self.bindings.get(&user)?.clone(),
            // Within a dialog the target is where the other side is.
            None => self.bindings.values().find(|known| known.contact.is_same_place(&request.uri))?.clone(),
        };
        request.uri = binding.contact;
        request.headers.remove("Proxy-Authorization");
        let random = format!("{:016x}", self.randomness.u64());
        let via = Via::new(binding.flow.transport(), &self.config.host, None, &random);
        request.headers.add_first("Via", via);
        Some((request, binding.flow))
    }

    /// §16.6, step 4: what follows in the dialog comes this way, too.
    fn record_route(&self, request: &mut Request) {
        let mut params = Params::default();
        params.set("lr", None);
        let host = self.config.host.clone();
        let uri = Uri { secure: false, user: None, host, port: None, params, headers: None };
        request.headers.add_first("Record-Route", NameAddr::new(uri));
    }

    /// §16.11: an ACK of a 2xx is passed on without a transaction.
    pub(super) fn pass_ack(&mut self, request: Request) {
        let hops = request.headers.number("Max-Forwards").ok().flatten().unwrap_or(70);
        if hops == 0 {
            return;
        }
        let message = words_of_request(&request);
        if let Some((mut onward, flow)) = self.prepare(request) {
            onward.headers.set("Max-Forwards", hops - 1);
            self.layer.transmit(flow, onward.to_bytes(), false);
            self.events.push_back(ProxyEvent::Forwarded { message });
        }
    }

    /// §16.7: our Via comes off; 100 is only for us.
    pub(super) fn pass_back(&mut self, key: &ClientKey, mut response: Response, now: Time) {
        if response.is_provisional() && self.cancelled.contains(key) {
            self.cancelled.retain(|cancelled| cancelled != key);
            self.cancel(key, now);
        }
        let Some(asked) = self.pairs.get(key).cloned() else { return };
        if response.status == 100 {
            return;
        }
        let vias: Vec<Via> = response.headers.vias().unwrap_or_default().into_iter().skip(1).collect();
        if vias.is_empty() {
            return;
        }
        response.headers.set_vias(&vias);
        self.layer.respond(&asked, &response, now);
        let message = Message::Response(Box::new(response)).to_string();
        self.events.push_back(ProxyEvent::Forwarded { message });
    }

    /// §16.10: a CANCEL is answered here, and another one sent on.
    pub(super) fn take_cancel(&mut self, key: &ServerKey, request: &Request, now: Time) {
        let invite = (key.0.clone(), key.1.clone(), Method::Invite);
        if self.layer.asked(&invite).is_none() {
            return self.refuse(key, request, 481, now);
        }
        let response = self.response(request, 200);
        self.layer.respond(key, &response, now);
        let client = self.pairs.iter().find(|(_, asked)| **asked == invite).map(|(client, _)| client.clone());
        let Some(client) = client else { return };
        match self.layer.sent(&client) {
            Some((_, _, true)) => self.cancel(&client, now),
            Some(_) => self.cancelled.push(client),
            None => {}
        }
    }

    fn cancel(&mut self, client: &ClientKey, now: Time) {
        let Some((invite, flow, _)) = self.layer.sent(client) else { return };
        let cancel = cancel_of(invite);
        // If there are too many transactions, the call goes on until it is answered.
        let _ = self.layer.request(cancel, flow, now);
    }
}

fn words_of_request(request: &Request) -> String {
    format!("{} {}", request.method.name(), request.uri)
}
