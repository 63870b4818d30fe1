//! A dialog (RFC 3261 §12): what two ends know about each other, so that each request of theirs finds the other. Not here: what is asked
//! for in it.

use super::{Headers, Method, NameAddr, Request, Response, SipError, Uri};

/// What names a dialog: Call-ID, our tag, their tag.
pub(super) type DialogId = (String, String, String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialog {
    call_id: String,
    local: NameAddr,
    remote: NameAddr,
    target: Uri,
    routes: Vec<NameAddr>,
    sequence: u32,
    their_sequence: Option<u32>,
}

impl Dialog {
    /// At the side that asked (§12.1.2): of a response with a tag.
    pub(super) fn of_caller(invite: &Request, response: &Response) -> Result<Dialog, SipError> {
        let mut routes = response.headers.addresses("Record-Route")?;
        routes.reverse();
        let (sequence, _) = invite.headers.cseq()?;
        let remote = response.headers.to()?;
        if remote.tag().is_none() {
            return Err(SipError::new(0, "To has no tag", "RFC 3261 §12.1.2"));
        }
        Ok(Dialog {
            call_id: invite.headers.call_id()?.to_owned(),
            local: invite.headers.from()?,
            remote,
            target: contact(&response.headers)?,
            routes,
            sequence,
            their_sequence: None,
        })
    }

    /// At the side that was asked (§12.1.1), under a tag of ours.
    pub(super) fn of_callee(invite: &Request, tag: &str) -> Result<Dialog, SipError> {
        let (their_sequence, _) = invite.headers.cseq()?;
        Ok(Dialog {
            call_id: invite.headers.call_id()?.to_owned(),
            local: invite.headers.to()?.with_tag(tag),
            remote: invite.headers.from()?,
            target: contact(&invite.headers)?,
            routes: invite.headers.addresses("Record-Route")?,
            sequence: 0,
            their_sequence: Some(their_sequence),
        })
    }

    pub(super) fn id(&self) -> DialogId {
        let tag = |of: &NameAddr| of.tag().unwrap_or_default().to_owned();
        (self.call_id.clone(), tag(&self.local), tag(&self.remote))
    }

    /// Which dialog a request of the other side belongs to.
    pub(super) fn id_of(request: &Request) -> Option<DialogId> {
        let tag = |of: Result<NameAddr, SipError>| of.ok()?.tag().map(str::to_owned);
        let call_id = request.headers.call_id().ok()?.to_owned();
        Some((call_id, tag(request.headers.to())?, tag(request.headers.from())?))
    }

    /// A request within the dialog (§12.2.1.1), without Via.
    pub(super) fn request(&mut self, method: Method) -> Request {
        // ACK and CANCEL have the number of their INVITE.
        if method != Method::Ack {
            self.sequence = self.sequence.saturating_add(1);
        }
        self.request_numbered(method, self.sequence)
    }

    /// The ACK of the INVITE of that number (§13.2.2.4).
    pub(super) fn request_numbered(&self, method: Method, sequence: u32) -> Request {
        let mut headers = Headers::default();
        headers.add("Max-Forwards", 70);
        for route in &self.routes {
            headers.add("Route", route);
        }
        headers.add("From", &self.local);
        headers.add("To", &self.remote);
        headers.add("Call-ID", &self.call_id);
        headers.add("CSeq", format!("{sequence} {}", method.name()));
        Request { method, uri: self.target.clone(), headers, body: Vec::new() }
    }

    /// A request of the other side: whether its number is higher than those before (§12.2.2). ACK is not counted.
    pub(super) fn is_in_order(&mut self, request: &Request) -> bool {
        let Ok((number, _)) = request.headers.cseq() else { return false };
        let new = self.their_sequence.is_none_or(|before| number > before);
        if new {
            self.their_sequence = Some(number);
        }
        new
    }

    /// Where the other side wants to be reached from now on (§12.2.1.2).
    pub(super) fn retarget(&mut self, headers: &Headers) {
        if let Ok(target) = contact(headers) {
            self.target = target;
        }
    }

    /// The number of the last request of ours.
    pub(super) fn sequence(&self) -> u32 {
        self.sequence
    }
}

fn contact(headers: &Headers) -> Result<Uri, SipError> {
    let contacts = headers.addresses("Contact")?;
    let missing = SipError::new(0, "Contact is missing", "RFC 3261 §8.1.1.8");
    contacts.into_iter().next().map(|contact| contact.uri).ok_or(missing)
}
