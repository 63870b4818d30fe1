//! MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256: the keys behind them.
//! Not here: which of the two a message carries; that is [`Message::verify`](super::Message::verify); nor the HMAC itself (`hmac`).

use std::fmt;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::PasswordAlgorithm;
use super::hmac::KeyedHashes;

/// Which of the two attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Integrity {
    /// MESSAGE-INTEGRITY: HMAC-SHA1 (RFC 8489 §14.5). What ICE and RFC 5389 speak.
    Sha1,
    /// MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6).
    Sha256,
}

/// Why a message is not authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntegrityError {
    /// Neither attribute is there.
    #[error("the message carries neither MESSAGE-INTEGRITY nor MESSAGE-INTEGRITY-SHA256")]
    Missing,
    /// It was made with another key, or the message was changed.
    #[error("the message integrity does not match the key")]
    Mismatch,
}

/// A key, ready to sign and verify: the two pads of either HMAC are computed once, when it is made.
#[derive(Clone)]
pub struct IntegrityKey {
    hashes: KeyedHashes,
    signs_with: Integrity,
}

impl IntegrityKey {
    /// The key of a short-term credential is the password (RFC 8489 §9.1.1). Signs with MESSAGE-INTEGRITY, as ICE does.
    ///
    /// RFC 8265 preparation of the password (OpaqueString) is the caller's; ice-chars need none.
    pub fn short_term(password: &str) -> IntegrityKey {
        IntegrityKey::from_bytes(password.as_bytes(), Integrity::Sha1)
    }

    /// The key of a long-term credential (RFC 8489 §18.5.1). Signs with MESSAGE-INTEGRITY under MD5, with
    /// MESSAGE-INTEGRITY-SHA256 under SHA-256 (§9.2.5: only who negotiated an algorithm uses it).
    pub fn long_term(
        username: &str,
        realm: &str,
        password: &str,
        algorithm: PasswordAlgorithm,
    ) -> IntegrityKey {
        let text = [username, realm, password].join(":");
        match algorithm {
            PasswordAlgorithm::Md5 => IntegrityKey::from_bytes(&Md5::digest(text), Integrity::Sha1),
            PasswordAlgorithm::Sha256 => IntegrityKey::from_bytes(&Sha256::digest(text), Integrity::Sha256),
        }
    }

    fn from_bytes(key: &[u8], signs_with: Integrity) -> IntegrityKey {
        IntegrityKey { hashes: KeyedHashes::new(key), signs_with }
    }

    /// The same key, signing with this attribute from now on: MD5 was negotiated by name (RFC 8489 §9.2.4), for example.
    #[must_use]
    pub fn signing_with(mut self, integrity: Integrity) -> IntegrityKey {
        self.signs_with = integrity;
        self
    }

    /// Which attribute [`Builder::sign`](super::Builder::sign) appends.
    pub const fn signs_with(&self) -> Integrity {
        self.signs_with
    }

    /// HMAC-SHA1 over `before`, with `length` in place of the length in its header (RFC 8489 §14.5).
    pub(crate) fn hmac_sha1(&self, before: &[u8], length: u16) -> [u8; 20] {
        self.hashes.sha1(before, length)
    }

    /// HMAC-SHA256 likewise.
    pub(crate) fn hmac_sha256(&self, before: &[u8], length: u16) -> [u8; 32] {
        self.hashes.sha256(before, length)
    }
}

/// Neither key nor pads are printed.
impl fmt::Debug for IntegrityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntegrityKey").field("signs_with", &self.signs_with).finish_non_exhaustive()
    }
}

/// Whether the two are equal, in a time that does not depend on where they differ.
///
/// `expected` may be longer than `carried`: then it is truncated (RFC 8489 §14.6). The length is no secret.
pub(crate) fn equal(expected: &[u8], carried: &[u8]) -> bool {
    let Some(expected) = expected.get(..carried.len()) else { return false };
    let difference = expected.iter().zip(carried).fold(0, |sum, (a, b)| sum | (a ^ b));
    std::hint::black_box(difference) == 0
}

/// USERHASH: `SHA-256(username ":" realm)` (RFC 8489 §14.4).
pub fn userhash(username: &str, realm: &str) -> [u8; 32] {
    Sha256::digest([username, realm].join(":")).into()
}
