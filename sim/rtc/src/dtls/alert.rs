//! The alert with which a handshake is given up (RFC 5246 §7.2.2, RFC 8446 §6.2). The library ends without one, and the peer would wait for its
//! timers. Not here: `close_notify`, which the library does send.

use dimpl::crypto::{Aad, Buf, Nonce, SupportedDtls13CipherSuite, prf_hkdf, rust_crypto};

use super::key_log::KeyLogLine;
use super::state::{State, Version};
use super::watch::Watch;
use crate::jsep::DtlsRole;

/// RFC 8446 §6: the certificate is not the one that was announced (RFC 8122 §6.2 wants the session ended).
pub(super) const BAD_CERTIFICATE: u8 = 42;
/// RFC 8446 §6.
pub(super) const HANDSHAKE_FAILURE: u8 = 40;
/// protocol_version: the client offers none that is spoken here (RFC 8446 §4.2.1).
pub(super) const PROTOCOL_VERSION: u8 = 70;

/// The number of the alert's record: far beyond what a handshake uses, so that no nonce serves twice, and near enough to be told from its lowest
/// 16 bits (RFC 9147 §4.2.2).
const SEQUENCE: u16 = 0x4000;

/// A fatal alert as a datagram: in the clear as long as nothing of ours is encrypted, and else under the keys that we write with.
pub(super) fn fatal(
    description: u8,
    watch: &Watch,
    state: &State,
    secrets: &[KeyLogLine],
) -> Option<Vec<u8>> {
    let (label, epoch) = match state.role {
        DtlsRole::Client => ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2),
        // A server has sent its Finished by the time that it sees the client's certificate, and goes on with the keys of the application.
        DtlsRole::Server => ("SERVER_TRAFFIC_SECRET_0", 3),
    };
    let secret = secrets.iter().find(|line| line.label == label);
    match (state.version, secret) {
        (Some(Version::Dtls13), Some(line)) => protected(description, state.cipher_suite?, epoch, line),
        _ => Some(plain(description, watch.next_sequence())),
    }
}

fn plain(description: u8, sequence: u64) -> Vec<u8> {
    let mut out = vec![21, 0xfe, 0xfd, 0, 0];
    out.extend(&sequence.to_be_bytes()[2..]);
    out.extend([0, 2, 2, description]);
    out
}

/// RFC 9147 §4.2.1, §4.2.3, §5.2 of RFC 8446: content and its type, encrypted, and the number of the record masked.
fn protected(description: u8, suite: u16, epoch: u8, secret: &KeyLogLine) -> Option<Vec<u8>> {
    let suites = rust_crypto::default_provider().dtls13_cipher_suites;
    let suite = suites.iter().find(|known| known.suite().as_u16() == suite)?;
    let key = expand(*suite, &secret.secret, b"key", suite.key_len())?;
    let iv = expand(*suite, &secret.secret, b"iv", suite.iv_len())?;
    let number_key = expand(*suite, &secret.secret, b"sn", suite.key_len())?;

    let mut nonce: [u8; 12] = iv.as_slice().try_into().ok()?;
    let sequence = SEQUENCE.to_be_bytes();
    nonce[10] ^= sequence[0];
    nonce[11] ^= sequence[1];
    let mut text = Buf::new();
    text.extend_from_slice(&[2, description, 21]);
    let length = u16::try_from(text.len() + suite.tag_len()).ok()?.to_be_bytes();
    let header = [0b0010_1100 | epoch, sequence[0], sequence[1], length[0], length[1]];
    let mut cipher = suite.create_cipher(&key).ok()?;
    cipher.encrypt(&mut text, Aad(header.into_iter().collect()), Nonce(nonce)).ok()?;

    let mask = suite.encrypt_sn(&number_key, text.first_chunk()?);
    let mut out = header.to_vec();
    out[1] ^= mask[0];
    out[2] ^= mask[1];
    out.extend_from_slice(&text);
    Some(out)
}

/// RFC 8446 §7.3 with the prefix of RFC 9147 §5.9.
pub(super) fn expand(
    suite: &dyn SupportedDtls13CipherSuite,
    secret: &[u8],
    label: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
    let mut out = Buf::new();
    let hash = suite.hash_algorithm();
    prf_hkdf::hkdf_expand_label_dtls13(
        rust_crypto::default_provider().hmac_provider,
        hash,
        secret,
        label,
        &[],
        &mut out,
        length,
    )
    .ok()?;
    Some(out.into_vec())
}
