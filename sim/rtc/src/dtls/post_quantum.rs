//! X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem): ML-KEM-768 (FIPS 203) and X25519 side by side, so that whoever wants the secret has to break both.
//!
//! The client sends a key to encapsulate to, the server a ciphertext; both send a point. The library beneath knows exchanges only in which both sides
//! make a key before they see the other's: a server's share is made here when the client's is known from outside (`lent`). It knows the group by the
//! number of another one, too; that is the business of `renaming`.

use std::fmt;

use dimpl::CryptoError;
use dimpl::crypto::{ActiveKeyExchange, Buf, NamedGroup, SupportedKxGroup};
use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::{Ciphertext, DecapsulationKey, EncapsulationKey};
use x25519_dalek::{PublicKey, StaticSecret};

use super::key_exchange::no_randomness;
use super::lent;
use super::renaming::INSIDE;

/// The bytes of a key to encapsulate to (FIPS 203, table 3).
pub(super) const KEY: usize = 1184;
/// The bytes of a ciphertext.
pub(super) const CIPHERTEXT: usize = 1088;
/// The bytes of a point of X25519.
const POINT: usize = 32;

/// The group as a client has it, and as a server has it.
#[derive(Debug)]
pub(super) enum X25519MlKem768 {
    Client,
    Server,
}

impl SupportedKxGroup for X25519MlKem768 {
    fn name(&self) -> NamedGroup {
        group()
    }

    fn start_exchange(&self, mut public: Buf) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
        public.clear();
        // The library tries every group out, with itself on both sides, before there is a peer. Half of this one can be tried like that.
        let role = if lent::is_trial() { None } else { Some(self) };
        let point = secret_point()?;
        let secret = match role {
            None => Secret::Trial(point),
            Some(X25519MlKem768::Client) => begin(point, &mut public)?,
            Some(X25519MlKem768::Server) => return answer(&point, public),
        };
        if let Secret::Trial(point) | Secret::Client { point, .. } = &secret {
            public.extend_from_slice(PublicKey::from(point).as_bytes());
        }
        Ok(Box::new(Exchange { secret, public }))
    }
}

/// The number by which the library knows the group.
fn group() -> NamedGroup {
    NamedGroup::from_u16(INSIDE)
}

fn invalid() -> CryptoError {
    CryptoError::InvalidPublicKey(group())
}

fn secret_point() -> Result<StaticSecret, CryptoError> {
    let mut bytes = [0; 32];
    if !lent::fill(&mut bytes) {
        return Err(no_randomness());
    }
    Ok(StaticSecret::from(bytes))
}

/// A client's part: its key goes first (draft §3.1.1).
fn begin(point: StaticSecret, public: &mut Buf) -> Result<Secret, CryptoError> {
    let mut seed = ml_kem::Seed::default();
    if !lent::fill(&mut seed) {
        return Err(no_randomness());
    }
    let key = DecapsulationKey::from_seed(seed);
    public.extend_from_slice(&key.encapsulation_key().to_bytes());
    Ok(Secret::Client { key: Box::new(key), point })
}

/// A server's part, for the share that the client sent: the ciphertext goes first (draft §3.1.2).
fn answer(point: &StaticSecret, mut public: Buf) -> Result<Box<dyn ActiveKeyExchange>, CryptoError> {
    let peer = lent::peer_share().ok_or_else(invalid)?;
    let (key, peer_point) = peer.split_at_checked(KEY).ok_or_else(invalid)?;
    // FIPS 203 §7.2: a key that is not well-formed is refused.
    let key = key.try_into().map_err(|_| invalid())?;
    let key = EncapsulationKey::new(&key).map_err(|_| invalid())?;
    let mut message = ml_kem::B32::default();
    if !lent::fill(&mut message) {
        return Err(no_randomness());
    }
    let (ciphertext, shared) = key.encapsulate_deterministic(&message);
    let secret = [shared.as_slice(), &agree(point, peer_point)?].concat();
    public.extend_from_slice(&ciphertext);
    public.extend_from_slice(PublicKey::from(point).as_bytes());
    Ok(Box::new(Exchange { secret: Secret::Server { peer, secret }, public }))
}

/// The half of X25519.
fn agree(secret: &StaticSecret, peer: &[u8]) -> Result<[u8; POINT], CryptoError> {
    let peer: [u8; POINT] = peer.try_into().map_err(|_| invalid())?;
    let shared = secret.diffie_hellman(&PublicKey::from(peer));
    // RFC 7748 §6.1: a point of low order would make the secret known to everybody.
    if shared.was_contributory() { Ok(shared.to_bytes()) } else { Err(invalid()) }
}

enum Secret {
    Trial(StaticSecret),
    Client {
        key: Box<DecapsulationKey>,
        point: StaticSecret,
    },
    /// Everything is known already; the share is the one that it was made for.
    Server {
        peer: Vec<u8>,
        secret: Vec<u8>,
    },
}

struct Exchange {
    secret: Secret,
    public: Buf,
}

impl fmt::Debug for Exchange {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("X25519MLKEM768").finish_non_exhaustive()
    }
}

impl ActiveKeyExchange for Exchange {
    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn complete(self: Box<Self>, share: &[u8], out: &mut Buf) -> Result<(), CryptoError> {
        out.clear();
        match self.secret {
            Secret::Trial(point) => out.extend_from_slice(&agree(&point, share)?),
            Secret::Client { key, point } => {
                let (ciphertext, peer_point) = share.split_at_checked(CIPHERTEXT).ok_or_else(invalid)?;
                let ciphertext: Ciphertext = ciphertext.try_into().map_err(|_| invalid())?;
                let point = agree(&point, peer_point)?;
                // The secret of ML-KEM goes first (draft §3.1.3).
                out.extend_from_slice(&key.decapsulate(&ciphertext));
                out.extend_from_slice(&point);
            }
            Secret::Server { peer, secret } => {
                if peer != share {
                    return Err(invalid());
                }
                out.extend_from_slice(&secret);
            }
        }
        Ok(())
    }

    fn group(&self) -> NamedGroup {
        group()
    }
}
