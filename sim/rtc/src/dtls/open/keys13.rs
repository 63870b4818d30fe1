//! The keys of a session of DTLS 1.3 from its traffic secrets, and what they open (RFC 9147 §4). Not here: DTLS 1.2; keys after an update.

use std::collections::BTreeMap;

use dimpl::crypto::{Aad, Cipher, Nonce, SupportedDtls13CipherSuite, TmpBuf, rust_crypto};

use crate::dtls::alert::expand;
use crate::dtls::wire::ContentType;

/// Which secret protects what: by the lowest two bits of the epoch and the sender.
const SECRETS: [(u8, bool, &str); 4] = [
    (2, true, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
    (2, false, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
    (3, true, "CLIENT_TRAFFIC_SECRET_0"),
    (3, false, "SERVER_TRAFFIC_SECRET_0"),
];

/// The keys of both sides, made when they are needed first.
#[derive(Debug)]
pub(super) struct Keys13 {
    suite: &'static dyn SupportedDtls13CipherSuite,
    sides: BTreeMap<&'static str, Side>,
}

#[derive(Debug)]
struct Side {
    cipher: Box<dyn Cipher>,
    iv: [u8; 12],
    number_key: Vec<u8>,
    /// The number after the highest one that was opened.
    next: u64,
}

impl Keys13 {
    pub(super) fn new(suite: u16) -> Option<Keys13> {
        let suites = rust_crypto::default_provider().dtls13_cipher_suites;
        let suite = *suites.iter().find(|known| known.suite().as_u16() == suite)?;
        Some(Keys13 { suite, sides: BTreeMap::new() })
    }

    /// What a record carries, whether the client sent it, and what is inside.
    pub(super) fn open(
        &mut self,
        secrets: &BTreeMap<&'static str, Vec<u8>>,
        epoch: u8,
        header: &[u8],
        body: &[u8],
    ) -> Option<(ContentType, bool, Vec<u8>)> {
        for (_, from_client, label) in SECRETS.into_iter().filter(|(of, ..)| *of == epoch) {
            let Some(secret) = secrets.get(label) else { continue };
            if !self.sides.contains_key(label) {
                self.sides.insert(label, side(self.suite, secret)?);
            }
            let Some(side) = self.sides.get_mut(label) else { continue };
            if let Some(mut text) = side.open(self.suite, header, body) {
                // RFC 8446 §5.4: zeros behind the type are padding.
                while text.last() == Some(&0) {
                    text.pop();
                }
                let content = ContentType::of(text.pop()?);
                return Some((content, from_client, text));
            }
        }
        None
    }
}

fn side(suite: &dyn SupportedDtls13CipherSuite, secret: &[u8]) -> Option<Side> {
    Some(Side {
        cipher: suite.create_cipher(&expand(suite, secret, b"key", suite.key_len())?).ok()?,
        iv: expand(suite, secret, b"iv", suite.iv_len())?.try_into().ok()?,
        number_key: expand(suite, secret, b"sn", suite.key_len())?,
        next: 0,
    })
}

impl Side {
    fn open(
        &mut self,
        suite: &dyn SupportedDtls13CipherSuite,
        header: &[u8],
        body: &[u8],
    ) -> Option<Vec<u8>> {
        let mask = suite.encrypt_sn(&self.number_key, body.first_chunk()?);
        let mut header = header.to_vec();
        let long = header.first()? & 0b1000 != 0;
        let number = header.get_mut(1..if long { 3 } else { 2 })?;
        number.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        let seen = number.iter().fold(0, |seen, &byte| seen << 8 | u64::from(byte));
        let sequence = nearest(seen, if long { 16 } else { 8 }, self.next);
        let mut nonce = self.iv;
        nonce[4..].iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, mask)| *byte ^= mask);
        let mut text = body.to_vec();
        let mut buffer = TmpBuf::new(&mut text);
        // A header is longer than this only if something is wrong with it.
        let aad = (header.len() <= 13).then(|| Aad(header.iter().copied().collect()))?;
        self.cipher.decrypt(&mut buffer, aad, Nonce(nonce)).ok()?;
        self.next = self.next.max(sequence + 1);
        Some(buffer.as_ref().to_vec())
    }
}

/// RFC 9147 §4.2.2: the number with these lowest bits that is nearest to the one that is due.
fn nearest(seen: u64, bits: u32, due: u64) -> u64 {
    let window = 1 << bits;
    let candidate = due & !(window - 1) | seen;
    let options = [candidate.checked_sub(window), Some(candidate), Some(candidate + window)];
    options.into_iter().flatten().min_by_key(|option| option.abs_diff(due)).unwrap_or(seen)
}
