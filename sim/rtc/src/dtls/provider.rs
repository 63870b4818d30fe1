//! The cryptography that `dimpl` is given: RustCrypto's, except for everything that would draw from the system, and with an eye on certificates
//! and secrets. Not here: the key exchanges.

use std::borrow::Cow;

use dimpl::CryptoError;
use dimpl::crypto::{
    Buf, CryptoProvider, HashAlgorithm, HashContext, HashProvider, KeyProvider, SecureRandom,
    SignatureAlgorithm, SignatureVerifier, SigningKey, rust_crypto,
};

use super::certificate::Verdict;
use super::key_exchange::{GROUPS, POST_QUANTUM_CLIENT, POST_QUANTUM_SERVER, no_randomness};
use super::key_log::WatchedHmac;
use super::lent;
use super::renaming::restore;
use crate::jsep::DtlsRole;

/// The provider of an endpoint.
pub(super) fn provider(role: DtlsRole, post_quantum: bool) -> CryptoProvider {
    CryptoProvider {
        kx_groups: match (post_quantum, role) {
            (false, _) => GROUPS,
            (true, DtlsRole::Client) => POST_QUANTUM_CLIENT,
            (true, DtlsRole::Server) => POST_QUANTUM_SERVER,
        },
        hash_provider: &WireHash,
        key_provider: &WireKeys,
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
        verifier.verify_signature(certificate, &as_on_the_wire(data), signature, hash, algorithm)
    }
}

/// What is hashed or signed, with the numbers of the wire (`renaming`).
fn as_on_the_wire(data: &[u8]) -> Cow<'_, [u8]> {
    if lent::renames() { restore(data) } else { Cow::Borrowed(data) }
}

/// Hashes the handshake as it was on the wire. The library hands it over in one piece.
#[derive(Debug)]
struct WireHash;

impl HashProvider for WireHash {
    fn create_hash(&self, algorithm: HashAlgorithm) -> Box<dyn HashContext> {
        Box::new(WireContext(rust_crypto::default_provider().hash_provider.create_hash(algorithm)))
    }
}

#[derive(Debug)]
struct WireContext(Box<dyn HashContext>);

impl HashContext for WireContext {
    fn update(&mut self, data: &[u8]) {
        self.0.update(&as_on_the_wire(data));
    }

    fn clone_and_finalize(&self, out: &mut Buf) {
        self.0.clone_and_finalize(out);
    }
}

/// Signs the handshake as it was on the wire: in DTLS 1.2 it is signed as it is, and not its hash (RFC 5246 §7.4.8).
#[derive(Debug)]
struct WireKeys;

impl KeyProvider for WireKeys {
    fn load_private_key(&self, key: &[u8]) -> Result<Box<dyn SigningKey>, CryptoError> {
        let key = rust_crypto::default_provider().key_provider.load_private_key(key)?;
        Ok(Box::new(WireKey(key)))
    }
}

#[derive(Debug)]
struct WireKey(Box<dyn SigningKey>);

impl SigningKey for WireKey {
    fn sign(&mut self, data: &[u8], hash: HashAlgorithm, out: &mut Buf) -> Result<(), CryptoError> {
        self.0.sign(&as_on_the_wire(data), hash, out)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        self.0.hash_algorithm()
    }

    fn supported_hash_algorithms(&self) -> &[HashAlgorithm] {
        self.0.supported_hash_algorithms()
    }
}
