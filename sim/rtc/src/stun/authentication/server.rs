//! Who asks: the server's half of the long-term credential mechanism, in the order of RFC 8489 §9.2.4.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::Credentials;
use super::nonce::Nonces;
use crate::randomness::Randomness;
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, ErrorCode, Integrity, IntegrityKey, Message, PasswordAlgorithm,
    PasswordAlgorithmList, SecurityFeatures, userhash,
};
use crate::time::Time;

/// What a server is told about its users.
#[derive(Clone, Debug)]
pub struct LongTermServerConfig {
    /// Where its usernames are valid; by custom its domain name.
    pub realm: String,
    /// Who may use it.
    pub users: Vec<Credentials>,
    /// What it offers in PASSWORD-ALGORITHMS; nothing means MD5 and MESSAGE-INTEGRITY, as RFC 5389 has it.
    pub algorithms: Option<PasswordAlgorithmList<'static>>,
    /// Whether it asks for USERHASH instead of USERNAME.
    pub anonymous_usernames: bool,
    /// How long a nonce is good (RFC 8489 §9.2).
    pub nonce_lifetime: Duration,
}

/// Users and nonces.
#[derive(Debug)]
pub struct LongTermServer {
    realm: String,
    algorithms: Option<PasswordAlgorithmList<'static>>,
    users: BTreeMap<String, User>,
    names: BTreeMap<[u8; 32], String>,
    nonces: Nonces,
}

/// A user's keys, one for each password algorithm.
#[derive(Debug)]
struct User {
    md5: IntegrityKey,
    sha256: IntegrityKey,
}

/// A request that is what it says it is.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub(crate) username: String,
    /// Signs the response.
    pub(crate) key: IntegrityKey,
}

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) reason: Reason,
    /// Types for UNKNOWN-ATTRIBUTES.
    pub(crate) unknown: Vec<u16>,
}

impl Refusal {
    pub(crate) const fn new(code: u16, reason: Reason) -> Refusal {
        Refusal { code, reason, unknown: Vec::new() }
    }

    pub(crate) const fn bad_request(reason: Reason) -> Refusal {
        Refusal::new(ErrorCode::BAD_REQUEST, reason)
    }

    /// Whether realm and nonce belong into the answer.
    pub(crate) const fn wants_challenge(&self) -> bool {
        matches!(self.code, ErrorCode::UNAUTHENTICATED | ErrorCode::STALE_NONCE)
    }

    pub(crate) const fn unknown(types: Vec<u16>, reason: Reason) -> Refusal {
        Refusal { code: ErrorCode::UNKNOWN_ATTRIBUTE, reason, unknown: types }
    }
}

impl LongTermServer {
    /// A server for these users; the secret behind its nonces is drawn now.
    pub fn new(config: &LongTermServerConfig, randomness: &mut dyn Randomness) -> LongTermServer {
        let features = SecurityFeatures {
            password_algorithms: config.algorithms.is_some(),
            username_anonymity: config.anonymous_usernames,
        };
        let mut users = BTreeMap::new();
        let mut names = BTreeMap::new();
        for user in &config.users {
            let key =
                |algorithm| IntegrityKey::long_term(&user.username, &config.realm, &user.password, algorithm);
            let keys = User { md5: key(PasswordAlgorithm::Md5), sha256: key(PasswordAlgorithm::Sha256) };
            names.insert(userhash(&user.username, &config.realm), user.username.clone());
            users.insert(user.username.clone(), keys);
        }
        LongTermServer {
            realm: config.realm.clone(),
            algorithms: config.algorithms,
            users,
            names,
            nonces: Nonces::new(features, config.nonce_lifetime, randomness),
        }
    }

    /// The checks of RFC 8489 §9.2.4, in their order.
    pub(crate) fn authenticate(
        &self,
        request: &Message<'_>,
        from: SocketAddr,
        now: Time,
    ) -> Result<Authenticated, Refusal> {
        let unauthenticated = |reason| Refusal::new(ErrorCode::UNAUTHENTICATED, reason);
        if request.integrity().is_none() {
            return Err(unauthenticated(Reason::StunNoIntegrity));
        }
        let incomplete = || Refusal::bad_request(Reason::StunCredentialsIncomplete);
        let nonce = request.nonce().ok_or_else(incomplete)?;
        request.realm().ok_or_else(incomplete)?;
        let username = match (request.username(), request.userhash()) {
            (Some(username), _) => Some(username),
            (None, Some(hash)) => self.names.get(hash).map(String::as_str),
            (None, None) => return Err(incomplete()),
        };
        let algorithm = self.algorithm(request, nonce)?;
        let known = username.and_then(|username| self.users.get_key_value(username));
        let (username, user) = known.ok_or_else(|| unauthenticated(Reason::StunUnknownUser))?;
        let key = match algorithm {
            None | Some(PasswordAlgorithm::Md5) => &user.md5,
            Some(PasswordAlgorithm::Sha256) => &user.sha256,
        };
        request.verify(key).map_err(|_| unauthenticated(Reason::StunWrongPassword))?;
        if !self.nonces.is_good(nonce, from, now) {
            return Err(Refusal::new(ErrorCode::STALE_NONCE, Reason::StunNonceExpired));
        }
        // RFC 8489 §9.2.4: who negotiated an algorithm, be it MD5, is answered with SHA-256.
        let answers_with = if algorithm.is_some() { Integrity::Sha256 } else { Integrity::Sha1 };
        Ok(Authenticated { username: username.clone(), key: key.clone().signing_with(answers_with) })
    }

    /// The algorithm that was negotiated, or `None` if none was and MD5 it is.
    fn algorithm(&self, request: &Message<'_>, nonce: &str) -> Result<Option<PasswordAlgorithm>, Refusal> {
        if !SecurityFeatures::of_nonce(nonce).password_algorithms {
            return Ok(None);
        }
        let altered = || Refusal::bad_request(Reason::StunAlgorithmsAltered);
        match (request.password_algorithms(), request.password_algorithm()) {
            (None, None) => Ok(None),
            (Some(list), Some(one)) if Some(list.as_bytes()) == self.algorithms.map(|own| own.as_bytes()) => {
                let chosen = one.first_supported().ok_or_else(altered)?;
                let offered = list.iter().any(|(number, _)| number == chosen.number());
                if offered { Ok(Some(chosen)) } else { Err(altered()) }
            }
            _ => Err(altered()),
        }
    }

    /// Adds what a client needs to try (again): realm, a fresh nonce, the algorithms.
    pub(crate) fn challenge(&self, builder: Builder, from: SocketAddr, now: Time) -> Builder {
        builder
            .attribute(&Attribute::Realm(&self.realm))
            .attribute(&Attribute::Nonce(&self.nonces.issue(from, now)))
            .maybe(self.algorithms.map(Attribute::PasswordAlgorithms))
    }
}
