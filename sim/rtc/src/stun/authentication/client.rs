//! The client's half of the long-term credential mechanism (RFC 8489 §9.2): what to add to a request, and what to believe.

use super::Credentials;
use crate::reason::Reason;
use crate::stun::{
    Attribute, Builder, Integrity, IntegrityKey, Message, PasswordAlgorithm, PasswordAlgorithmList,
    SecurityFeatures, userhash,
};

/// Credentials, and what the server asked for so far.
#[derive(Debug)]
pub struct LongTermClient {
    credentials: Credentials,
    challenge: Option<Challenge>,
}

/// What the newest 401 or 438 said.
#[derive(Debug)]
struct Challenge {
    realm: String,
    nonce: String,
    /// The list as it came, to be echoed bit by bit.
    algorithms: Option<Vec<u8>>,
    algorithm: PasswordAlgorithm,
    /// USERHASH instead of USERNAME.
    anonymous: bool,
    key: IntegrityKey,
}

impl LongTermClient {
    /// A client that has not been asked for anything yet.
    pub fn new(credentials: Credentials) -> LongTermClient {
        LongTermClient { credentials, challenge: None }
    }

    /// Forgets what the server asked for: another one is asked from now on.
    pub fn forget(&mut self) {
        self.challenge = None;
    }

    /// Whether requests are signed from now on.
    pub fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }

    /// Takes realm, nonce and algorithms from a 401 or 438.
    ///
    /// # Errors
    /// The challenge cannot be met, or must not be.
    pub fn learn(&mut self, response: &Message<'_>) -> Result<(), Reason> {
        let old_realm = self.challenge.as_ref().map(|challenge| challenge.realm.clone());
        let realm = response.realm().map(str::to_owned).or(old_realm);
        let (Some(realm), Some(nonce)) = (realm, response.nonce()) else {
            return Err(Reason::StunChallengeIncomplete);
        };
        let features = SecurityFeatures::of_nonce(nonce);
        let algorithms = response.password_algorithms();
        // RFC 8489 §9.2.5: the nonce promises a list. Without it, somebody on the path has taken it out.
        if features.password_algorithms && algorithms.is_none() {
            return Err(Reason::StunBidDown);
        }
        let algorithm = match algorithms {
            None => PasswordAlgorithm::Md5,
            Some(list) => list.first_supported().ok_or(Reason::StunNoCommonAlgorithm)?,
        };
        let Credentials { username, password } = &self.credentials;
        let key = IntegrityKey::long_term(username, &realm, password, algorithm);
        // RFC 8489 §9.2.5: who was offered algorithms signs with SHA-256 only, whichever algorithm made the key.
        let key = if algorithms.is_some() { key.signing_with(Integrity::Sha256) } else { key };
        self.challenge = Some(Challenge {
            realm,
            nonce: nonce.to_owned(),
            algorithms: algorithms.map(|list| list.as_bytes().to_vec()),
            algorithm,
            anonymous: features.username_anonymity,
            key,
        });
        Ok(())
    }

    /// Adds who we are and signs, if the server has asked for it.
    pub fn sign(&self, builder: Builder) -> Builder {
        let Some(challenge) = &self.challenge else { return builder };
        let username = &self.credentials.username;
        let builder = if challenge.anonymous {
            builder.attribute(&Attribute::UserHash(&userhash(username, &challenge.realm)))
        } else {
            builder.attribute(&Attribute::Username(username))
        };
        let list =
            challenge.algorithms.as_deref().and_then(|bytes| PasswordAlgorithmList::from_bytes(bytes).ok());
        builder
            .attribute(&Attribute::Realm(&challenge.realm))
            .attribute(&Attribute::Nonce(&challenge.nonce))
            .maybe(list.map(Attribute::PasswordAlgorithms))
            .maybe(
                list.map(|_| Attribute::PasswordAlgorithm(PasswordAlgorithmList::one(challenge.algorithm))),
            )
            .sign(&challenge.key)
    }

    /// Whether a response is signed by somebody who knows the password.
    pub fn trusts(&self, response: &Message<'_>) -> bool {
        self.challenge.as_ref().is_some_and(|challenge| {
            let weaker = challenge.algorithms.is_some() && response.integrity() != Some(Integrity::Sha256);
            !weaker && response.verify(&challenge.key).is_ok()
        })
    }
}
