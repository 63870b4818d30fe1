//! Key exchanges whose keys come from the randomness that is lent: X25519 and P-256, and which ones an endpoint has. Not here: the post-quantum one
//! (`post_quantum`), and the choice between them.

use std::fmt;

use dimpl::CryptoError;
use dimpl::crypto::{ActiveKeyExchange, Buf, NamedGroup, SupportedKxGroup};
use p256::elliptic_curve::ecdh::diffie_hellman;

use super::lent;
use super::post_quantum::X25519MlKem768;

/// The two groups of elliptic curves that endpoints of WebRTC share.
pub(super) static GROUPS: &[&dyn SupportedKxGroup] = &[&X25519, &Secp256r1];

/// The same after the post-quantum one, as a client prefers them: the share of the first one goes into its first hello.
pub(super) static POST_QUANTUM_CLIENT: &[&dyn SupportedKxGroup] =
    &[&X25519MlKem768::Client, &X25519, &Secp256r1];

/// The same with the post-quantum one, as a server takes them: any share that the client has sent, but it asks for no other than X25519, because in DTLS
/// 1.2 there is no such exchange.
pub(super) static POST_QUANTUM_SERVER: &[&dyn SupportedKxGroup] =
    &[&X25519, &Secp256r1, &X25519MlKem768::Server];

#[derive(Debug)]
struct X25519;

impl SupportedKxGroup for X25519 {
    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }

    fn start_exchange(&self, mut public: Buf) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let mut bytes = [0; 32];
        if !lent::fill(&mut bytes) {
            return Err(no_randomness());
        }
        let secret = x25519_dalek::StaticSecret::from(bytes);
        public.clear();
        public.extend_from_slice(x25519_dalek::PublicKey::from(&secret).as_bytes());
        Ok(Box::new(Exchange { secret: Secret::X25519(secret), public }))
    }
}

#[derive(Debug)]
struct Secp256r1;

impl SupportedKxGroup for Secp256r1 {
    fn name(&self) -> NamedGroup {
        NamedGroup::Secp256r1
    }

    fn start_exchange(&self, mut public: Buf) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        let secret = lent::secret_key().ok_or_else(no_randomness)?;
        public.clear();
        public.extend_from_slice(&secret.public_key().to_sec1_bytes());
        Ok(Box::new(Exchange { secret: Secret::P256(secret), public }))
    }
}

pub(super) fn no_randomness() -> CryptoError {
    CryptoError::OperationFailed(dimpl::CryptoOperation::FillRandom)
}

enum Secret {
    X25519(x25519_dalek::StaticSecret),
    P256(p256::SecretKey),
}

struct Exchange {
    secret: Secret,
    public: Buf,
}

impl fmt::Debug for Exchange {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("group", &self.group()).finish_non_exhaustive()
    }
}

impl ActiveKeyExchange for Exchange {
    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn complete(self: Box<Self>, peer: &[u8], out: &mut Buf) -> Result<(), CryptoError> {
        let invalid = CryptoError::InvalidPublicKey(self.group());
        out.clear();
        match self.secret {
            Secret::X25519(secret) => {
                let peer: [u8; 32] = peer.try_into().map_err(|_| invalid.clone())?;
                let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(peer));
                // RFC 7748 §6.1: a point of low order would make the secret known to everybody.
                if !shared.was_contributory() {
                    return Err(invalid);
                }
                out.extend_from_slice(shared.as_bytes());
            }
            Secret::P256(secret) => {
                let peer = p256::PublicKey::from_sec1_bytes(peer).map_err(|_| invalid)?;
                let shared = diffie_hellman(secret.to_nonzero_scalar(), peer.as_affine());
                out.extend_from_slice(shared.raw_secret_bytes());
            }
        }
        Ok(())
    }

    fn group(&self) -> NamedGroup {
        match self.secret {
            Secret::X25519(_) => NamedGroup::X25519,
            Secret::P256(_) => NamedGroup::Secp256r1,
        }
    }
}
