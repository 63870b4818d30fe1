//! The keys of a session of DTLS 1.2 from its master secret (RFC 5246 §6.3), and what they open (RFC 5288 §3, RFC 7905 §2). Not here: DTLS 1.3.

use dimpl::crypto::{Aad, Buf, Cipher, Nonce, TmpBuf, prf_hkdf, rust_crypto};

use crate::dtls::wire::ContentType;

/// The keys of both sides.
#[derive(Debug)]
pub(super) struct Keys12 {
    client: Side,
    server: Side,
    explicit_nonce: usize,
    tag: usize,
}

#[derive(Debug)]
struct Side {
    cipher: Box<dyn Cipher>,
    iv: Vec<u8>,
}

impl Keys12 {
    pub(super) fn new(
        suite: u16,
        master: &[u8],
        client_random: &[u8],
        server_random: &[u8],
    ) -> Option<Keys12> {
        let provider = rust_crypto::default_provider();
        let suite = provider.cipher_suites.iter().find(|known| known.suite().as_u16() == suite)?;
        let (mac, key, iv) = suite.key_lengths();
        let (mut block, mut scratch) = (Buf::new(), Buf::new());
        let seed = [server_random, client_random].concat();
        let length = 2 * (mac + key + iv);
        prf_hkdf::prf_tls12(
            provider.hmac_provider,
            master,
            "key expansion",
            &seed,
            &mut block,
            length,
            &mut scratch,
            suite.hash_algorithm(),
        )
        .ok()?;
        let (client_key, rest) = block.get(2 * mac..)?.split_at_checked(key)?;
        let (server_key, rest) = rest.split_at_checked(key)?;
        let (client_iv, server_iv) = rest.split_at_checked(iv)?;
        let side =
            |key: &[u8], iv: &[u8]| Some(Side { cipher: suite.create_cipher(key).ok()?, iv: iv.to_vec() });
        Some(Keys12 {
            client: side(client_key, client_iv)?,
            server: side(server_key, server_iv.get(..iv)?)?,
            explicit_nonce: suite.explicit_nonce_len(),
            tag: suite.tag_len(),
        })
    }

    /// What is inside, and whether the client sent it.
    pub(super) fn open(
        &mut self,
        content: ContentType,
        sequence: u64,
        body: &[u8],
    ) -> Option<(bool, Vec<u8>)> {
        let (explicit, ciphertext) = body.split_at_checked(self.explicit_nonce)?;
        let length = u16::try_from(ciphertext.len().checked_sub(self.tag)?).ok()?;
        let number = 1 << 48 | sequence;
        let mut header = number.to_be_bytes().to_vec();
        header.extend([content.byte(), 0xfe, 0xfd]);
        header.extend(length.to_be_bytes());
        for (from_client, side) in [(true, &mut self.client), (false, &mut self.server)] {
            let mut text = ciphertext.to_vec();
            let mut buffer = TmpBuf::new(&mut text);
            let aad = Aad(header.iter().copied().collect());
            if side.cipher.decrypt(&mut buffer, aad, nonce(&side.iv, explicit, number)?).is_ok() {
                return Some((from_client, buffer.as_ref().to_vec()));
            }
        }
        None
    }
}

/// The fixed part and the explicit one behind it (RFC 5288 §3); or the whole of it, exclusive or the number of the record (RFC 7905 §2).
fn nonce(iv: &[u8], explicit: &[u8], number: u64) -> Option<Nonce> {
    let mut nonce: [u8; 12] = [iv, explicit].concat().try_into().ok()?;
    if explicit.is_empty() {
        nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, mask)| *byte ^= mask);
    }
    Some(Nonce(nonce))
}
