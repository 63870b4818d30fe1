//! Short-term credentials (RFC 8489 §9.1): one password for one exchange, known to both sides from elsewhere. Not here: how ICE uses
//! them ([`crate::ice`]).

use std::collections::BTreeMap;

use super::{Authenticated, Credentials, Refusal};
use crate::reason::Reason;
use crate::stun::{Attribute, Builder, ErrorCode, Integrity, IntegrityKey, Message};

/// The client's half.
#[derive(Debug)]
pub struct ShortTermClient {
    username: String,
    key: IntegrityKey,
    /// What the server has answered with; before that, both are sent.
    agreed: Option<Integrity>,
}

impl ShortTermClient {
    /// A client with these credentials.
    pub fn new(credentials: &Credentials) -> ShortTermClient {
        let key = IntegrityKey::short_term(&credentials.password);
        ShortTermClient { username: credentials.username.clone(), key, agreed: None }
    }

    /// Adds who we are and signs: with both attributes until it is known which one the server speaks (RFC 8489 §9.1.2, §9.1.5).
    pub fn sign(&self, builder: Builder) -> Builder {
        let builder = builder.attribute(&Attribute::Username(&self.username));
        match self.agreed {
            Some(integrity) => builder.sign_with(&self.key, integrity),
            None => builder.sign_with(&self.key, Integrity::Sha1).sign_with(&self.key, Integrity::Sha256),
        }
    }

    /// Whether a response is signed by somebody who knows the password (RFC 8489 §9.1.4); then the next requests are signed alike.
    ///
    /// # Errors
    /// It is not, or with another attribute than the one that was agreed on.
    pub fn accept(&mut self, response: &Message<'_>) -> Result<(), Reason> {
        response.verify(&self.key).map_err(|_| Reason::StunUntrusted)?;
        let integrity = response.integrity();
        if self.agreed.is_some() && self.agreed != integrity {
            return Err(Reason::StunWeakerIntegrity);
        }
        self.agreed = integrity;
        Ok(())
    }
}

/// The server's half.
#[derive(Debug, Default)]
pub struct ShortTermServer {
    users: BTreeMap<String, IntegrityKey>,
}

impl ShortTermServer {
    /// A server that knows these credentials.
    pub fn new(users: &[Credentials]) -> ShortTermServer {
        let users = users.iter();
        let users =
            users.map(|user| (user.username.clone(), IntegrityKey::short_term(&user.password))).collect();
        ShortTermServer { users }
    }

    /// The checks of RFC 8489 §9.1.3, in their order.
    pub(crate) fn authenticate(&self, request: &Message<'_>) -> Result<Authenticated, Refusal> {
        let incomplete = || Refusal::bad_request(Reason::StunCredentialsIncomplete);
        let integrity = request.integrity().ok_or_else(incomplete)?;
        let username = request.username().ok_or_else(incomplete)?;
        let known = self.users.get_key_value(username);
        let unauthenticated = |reason| Refusal::new(ErrorCode::UNAUTHENTICATED, reason);
        let (username, key) = known.ok_or_else(|| unauthenticated(Reason::StunUnknownUser))?;
        request.verify(key).map_err(|_| unauthenticated(Reason::StunWrongPassword))?;
        Ok(Authenticated { username: username.clone(), key: key.clone().signing_with(integrity) })
    }
}
