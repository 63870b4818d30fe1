//! The certificate of an endpoint, and the fingerprints by which its peer knows it (RFC 8122). Not here: certification authorities; WebRTC has none.

use std::fmt;
use std::sync::Arc;

use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::der;
use crate::randomness::Randomness;
use crate::sdp::Fingerprint;

/// 1.2.840.10045.4.3.2.
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10045.3.1.7, which every endpoint of WebRTC has to know (RFC 8827 §6.5).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// A self-signed certificate with its key: ECDSA on P-256, made from the randomness that was handed in and nothing else. A copy is the same
/// certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    certificate: Vec<u8>,
    private_key: Vec<u8>,
}

impl Certificate {
    /// Makes one. It is valid for all time, because nobody looks: what counts is that its hash is the one in the description (RFC 8122 §6.2).
    pub fn generate(randomness: &mut dyn Randomness) -> Certificate {
        let secret = secret_key(randomness);
        let public = secret.public_key().to_sec1_bytes();
        let mut serial = [0; 16];
        randomness.fill(&mut serial);
        // RFC 5280 §4.1.2.2: positive.
        serial[0] = serial[0] & 0x7f | 0x40;
        let to_be_signed = to_be_signed(&serial, &public);
        // RFC 6979: the signature is a function of key and message, without randomness.
        let signature: DerSignature = SigningKey::from(&secret).sign(&to_be_signed);
        let algorithm = der::sequence(&[der::object(ECDSA_WITH_SHA256)]);
        let certificate = der::sequence(&[to_be_signed, algorithm, der::bit_string(signature.as_bytes())]);
        // RFC 5915 §3.
        let private_key = der::sequence(&[
            der::integer(&[1]),
            der::octet_string(&secret.to_bytes()),
            der::explicit(0, &der::object(P256)),
            der::explicit(1, &der::bit_string(&public)),
        ]);
        Certificate(Arc::new(Inner { certificate, private_key }))
    }

    /// Its SHA-256 hash, as a description carries it.
    pub fn fingerprint(&self) -> Fingerprint {
        sha256_fingerprint(self.der())
    }

    /// The certificate itself.
    pub fn der(&self) -> &[u8] {
        &self.0.certificate
    }

    pub(super) fn for_dimpl(&self) -> dimpl::DtlsCertificate {
        dimpl::DtlsCertificate {
            certificate: self.0.certificate.clone(),
            private_key: self.0.private_key.clone(),
        }
    }
}

impl fmt::Debug for Certificate {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

/// RFC 5280 §4.1.2.
fn to_be_signed(serial: &[u8], public: &[u8]) -> Vec<u8> {
    let algorithm = der::sequence(&[der::object(ECDSA_WITH_SHA256)]);
    let attribute = der::sequence(&[der::object(COMMON_NAME), der::utf8("WebRTC")]);
    let name = der::sequence(&[der::set(&attribute)]);
    // RFC 5280 §4.1.2.5: this end means that there is none.
    let validity = der::sequence(&[der::utc_time("000101000000Z"), der::generalized_time("99991231235959Z")]);
    let key = der::sequence(&[
        der::sequence(&[der::object(EC_PUBLIC_KEY), der::object(P256)]),
        der::bit_string(public),
    ]);
    let version_3 = der::explicit(0, &der::integer(&[2]));
    der::sequence(&[version_3, der::integer(serial), algorithm, name.clone(), validity, name, key])
}

/// A key that is anything between 1 and the order of the group, without bias (by rejection: one draw in 2^32 is not in the range).
pub(super) fn secret_key(randomness: &mut dyn Randomness) -> SecretKey {
    let mut bytes = [0; 32];
    // A source that repeats itself for ever would keep this going for ever, so it is not asked for ever.
    for _ in 0..64 {
        randomness.fill(&mut bytes);
        if let Ok(secret) = SecretKey::from_slice(&bytes) {
            return secret;
        }
    }
    bytes = [0x42; 32];
    SecretKey::from_slice(&bytes).expect("this number is in the range")
}

/// The SHA-256 hash of a certificate.
pub(super) fn sha256_fingerprint(certificate: &[u8]) -> Fingerprint {
    Fingerprint { hash: "sha-256".to_owned(), bytes: Sha256::digest(certificate).to_vec() }
}

/// Whether a certificate is one that a description announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of the hashes is its own.
    Matches,
    /// None is.
    Differs,
    /// Every hash that was announced is of a kind that is not known here, or too weak.
    Unknown,
}

/// RFC 8122 §5: one fingerprint that matches is enough. SHA-1 and what is older are passed over.
pub(super) fn verify(certificate: &[u8], announced: &[Fingerprint]) -> Verdict {
    let mut verdict = Verdict::Unknown;
    for fingerprint in announced {
        let hash = match fingerprint.hash.to_ascii_lowercase().as_str() {
            "sha-256" => Sha256::digest(certificate).to_vec(),
            "sha-384" => Sha384::digest(certificate).to_vec(),
            "sha-512" => Sha512::digest(certificate).to_vec(),
            _ => continue,
        };
        if hash == fingerprint.bytes {
            return Verdict::Matches;
        }
        verdict = Verdict::Differs;
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_announced_hashes_may_match_and_weak_ones_do_not_count() {
        let certificate = b"not much of a certificate";
        let of = |hash: &str, bytes: Vec<u8>| Fingerprint { hash: hash.to_owned(), bytes };
        let wrong = of("sha-256", vec![7; 32]);
        let long = of("SHA-512", Sha512::digest(certificate).to_vec());
        let middle = of("sha-384", Sha384::digest(certificate).to_vec());
        let weak = of("sha-1", vec![7; 20]);
        assert_eq!(verify(certificate, &[wrong.clone(), long]), Verdict::Matches);
        assert_eq!(verify(certificate, &[middle]), Verdict::Matches);
        assert_eq!(verify(certificate, &[weak.clone(), wrong]), Verdict::Differs);
        assert_eq!(verify(certificate, &[weak]), Verdict::Unknown);
        assert_eq!(verify(certificate, &[]), Verdict::Unknown);
    }
}
