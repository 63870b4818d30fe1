//! The cryptography that `dimpl` is given: RustCrypto's, except for everything that would draw from the system, and with an eye on certificates
//! and secrets. Not here: the key exchanges.

use dimpl::CryptoError;
use dimpl::crypto::{
    CryptoProvider, HashAlgorithm, SecureRandom, SignatureAlgorithm, SignatureVerifier, rust_crypto,
};

use super::certificate::Verdict;
use super::key_exchange::{GROUPS, no_randomness};
use super::key_log::WatchedHmac;
use super::lent;

/// The provider of every endpoint.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        kx_groups: GROUPS,
        signature_verification: &AnnouncedOnly,
        secure_random: &LentRandomness,
        hmac_provider: &WatchedHmac,
        ..rust_crypto::default_provider()
    }
}

#[derive(Debug)]
struct LentRandomness;

impl SecureRandom for LentRandomness {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        if lent::fill(out) { Ok(()) } else { Err(no_randomness()) }
    }
}

/// Verifies signatures of certificates that were announced, and of no other. The signature proves that the peer has the key of the certificate, and only the
/// fingerprint says that it is the right certificate (RFC 5763 §5); so a handshake with a stranger ends here, before it is complete.
#[derive(Debug)]
struct AnnouncedOnly;

impl SignatureVerifier for AnnouncedOnly {
    fn verify_signature(
        &self,
        certificate: &[u8],
        data: &[u8],
        signature: &[u8],
        hash: HashAlgorithm,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), CryptoError> {
        if lent::check(certificate) != Verdict::Matches {
            return Err(CryptoError::OperationFailed(dimpl::CryptoOperation::VerifySignature));
        }
        let verifier = rust_crypto::default_provider().signature_verification;
        verifier.verify_signature(certificate, data, signature, hash, algorithm)
    }
}
