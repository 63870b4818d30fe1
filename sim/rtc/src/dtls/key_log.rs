//! Secrets as lines of a key log, and how they are seen: every key of DTLS comes out of an HMAC, and its label says what it is. Not here: who writes
//! the lines to a file.

use std::fmt;

use dimpl::crypto::{HashAlgorithm, HmacProvider, rust_crypto};

use super::lent;

/// A line of a key log in the format of NSS, with which Wireshark decrypts a capture (RFC 9850).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyLogLine {
    /// `CLIENT_RANDOM` in DTLS 1.2, `CLIENT_TRAFFIC_SECRET_0` and its kind in DTLS 1.3.
    pub label: &'static str,
    /// The random of the ClientHello.
    pub client_random: [u8; 32],
    /// The secret.
    pub secret: Vec<u8>,
}

/// What lines may begin with.
const LABELS: [&str; 6] = [
    "CLIENT_RANDOM",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
];

impl KeyLogLine {
    /// Reads a line; none if it is a comment, of another kind, or not well-formed.
    pub fn read(line: &str) -> Option<KeyLogLine> {
        let mut words = line.split_ascii_whitespace();
        let word = words.next()?;
        let label = LABELS.into_iter().find(|label| *label == word)?;
        let client_random = unhex(words.next()?)?.try_into().ok()?;
        Some(KeyLogLine { label, client_random, secret: unhex(words.next()?)? })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

impl fmt::Display for KeyLogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.label)?;
        self.client_random.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(" ")?;
        self.secret.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyLogLine {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLogLine({}, …)", self.label)
    }
}

/// HMAC that looks at what it is asked for.
#[derive(Debug)]
pub(super) struct WatchedHmac;

impl HmacProvider for WatchedHmac {
    fn hmac(
        &self,
        hash: HashAlgorithm,
        key: &[u8],
        data: &[u8],
        out: &mut [u8],
    ) -> Result<usize, dimpl::CryptoError> {
        let length = rust_crypto::default_provider().hmac_provider.hmac(hash, key, data, out)?;
        if let Some(client_random) = key_expansion(data) {
            lent::remember("CLIENT_RANDOM", key, Some(client_random));
        } else if let Some(label) = traffic_secret(data) {
            lent::remember(label, out.get(..length).unwrap_or_default(), None);
        }
        Ok(length)
    }
}

/// RFC 5246 §6.3: `PRF(master_secret, "key expansion", server_random + client_random)`, of which every block begins with a hash (§5). The key of
/// this HMAC is the master secret.
fn key_expansion(data: &[u8]) -> Option<[u8; 32]> {
    const LABEL: &[u8] = b"key expansion";
    let (label_and_randoms, client_random) = data.split_last_chunk::<32>()?;
    let (label, _server_random) = label_and_randoms.split_last_chunk::<32>()?;
    // With the hash before it: the first step of the PRF has none, and would tell the same a second time.
    (label.len() > LABEL.len() && label.ends_with(LABEL)).then_some(*client_random)
}

/// RFC 8446 §7.1 with the prefix of RFC 9147 §5.9: `HKDF-Expand-Label(secret, label, …)` is one HMAC over length, label, context and 1.
fn traffic_secret(data: &[u8]) -> Option<&'static str> {
    let length = usize::from(*data.get(2)?);
    match data.get(3..3 + length)?.strip_prefix(b"dtls13")? {
        b"c hs traffic" => Some("CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
        b"s hs traffic" => Some("SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        b"c ap traffic" => Some("CLIENT_TRAFFIC_SECRET_0"),
        b"s ap traffic" => Some("SERVER_TRAFFIC_SECRET_0"),
        b"exp master" => Some("EXPORTER_SECRET"),
        _ => None,
    }
}
