//! HMAC (RFC 2104) over a message whose length field is adjusted on the way. Not here: keys and attributes (`integrity`).
//!
//! The compression functions are RustCrypto's. The frame around them is our own, because a STUN message is two or three blocks long, and
//! there the buffering of a general HMAC costs as much as the hash: keys keep the state after their pads, and whole blocks are hashed
//! where they lie.

use sha1::Sha1;
use sha1::block_api::compress as compress_sha1;
use sha2::block_api::compress256 as compress_sha256;
use sha2::{Digest, Sha256};

/// Bytes of a block, of both hashes.
const BLOCK: usize = 64;
/// Bytes that the padding of a hash takes at least: one bit, and the number of bits hashed.
const PADDING_MIN: usize = 9;
/// Blocks that are copied at most: enough for a connectivity check, padding included.
const COPIED: usize = 3;

/// A hash function of the SHA-1 and SHA-2 family: blocks of 64 bytes, `WORDS` words of state. A trait and not a table, so that the
/// compression function is called directly.
trait Hash<const WORDS: usize> {
    const INITIAL: [u32; WORDS];
    fn compress(state: &mut [u32; WORDS], blocks: &[[u8; BLOCK]]);
}

impl Hash<5> for Sha1 {
    /// FIPS 180-4 §5.3.1.
    const INITIAL: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];

    #[inline]
    fn compress(state: &mut [u32; 5], blocks: &[[u8; BLOCK]]) {
        compress_sha1(state, blocks);
    }
}

impl Hash<8> for Sha256 {
    /// FIPS 180-4 §5.3.3.
    const INITIAL: [u32; 8] = [
        0x6A09_E667,
        0xBB67_AE85,
        0x3C6E_F372,
        0xA54F_F53A,
        0x510E_527F,
        0x9B05_688C,
        0x1F83_D9AB,
        0x5BE0_CD19,
    ];

    #[inline]
    fn compress(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
        compress_sha256(state, blocks);
    }
}

/// The states of a hash after the two pads of a key.
#[derive(Clone, Copy)]
struct Pads<const WORDS: usize> {
    inner: [u32; WORDS],
    outer: [u32; WORDS],
}

impl<const WORDS: usize> Pads<WORDS> {
    /// `key` is not longer than a block, or has been hashed.
    fn new<H: Hash<WORDS>>(key: &[u8]) -> Pads<WORDS> {
        let pad = |filler: u8| {
            let mut block = [filler; BLOCK];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = H::INITIAL;
            H::compress(&mut state, &[block]);
            state
        };
        Pads { inner: pad(0x36), outer: pad(0x5C) }
    }

    /// The HMAC of `message`, with `length` in place of its bytes 2 and 3, as words.
    #[inline]
    fn mac<H: Hash<WORDS>>(&self, message: &[u8], length: u16) -> [u32; WORDS] {
        let mut state = self.inner;
        // Both ends of a message need a copy: its length is adjusted, its last block is padded. A usual message has no middle.
        let mut copy = [[0; BLOCK]; COPIED];
        let room = copy.as_flattened_mut();
        let filled = if message.len() + PADDING_MIN <= room.len() {
            room[..message.len()].copy_from_slice(message);
            set_length(room, length);
            message.len()
        } else {
            let (first, rest) = message.split_at(BLOCK);
            room[..BLOCK].copy_from_slice(first);
            set_length(room, length);
            H::compress(&mut state, &copy[..1]);
            let (middle, rest) = rest.as_chunks::<BLOCK>();
            H::compress(&mut state, middle);
            copy[0] = [0; BLOCK];
            copy.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
            rest.len()
        };
        let blocks = (filled + PADDING_MIN).div_ceil(BLOCK);
        copy.as_flattened_mut()[filled] = 0x80;
        set_bits(&mut copy[blocks - 1], BLOCK + message.len());
        H::compress(&mut state, &copy[..blocks]);

        let mut last = [0; BLOCK];
        last.as_chunks_mut::<4>().0.iter_mut().zip(state).for_each(|(four, word)| *four = word.to_be_bytes());
        last[WORDS * 4] = 0x80;
        set_bits(&mut last, BLOCK + WORDS * 4);
        let mut state = self.outer;
        H::compress(&mut state, &[last]);
        state
    }
}

/// The length field of a STUN header.
fn set_length(message: &mut [u8], length: u16) {
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

/// The last eight bytes of the padding of a hash: how many bits were hashed.
fn set_bits(block: &mut [u8; BLOCK], bytes: usize) {
    block[BLOCK - 8..].copy_from_slice(&(bytes as u64 * 8).to_be_bytes());
}

/// Both HMACs of one key.
#[derive(Clone, Copy)]
pub(super) struct KeyedHashes {
    sha1: Pads<5>,
    sha256: Pads<8>,
}

impl KeyedHashes {
    pub(super) fn new(key: &[u8]) -> KeyedHashes {
        if key.len() > BLOCK {
            // RFC 2104 §2: a longer key is hashed first, with each hash its own way.
            let (short1, short256) = (Sha1::digest(key), Sha256::digest(key));
            return KeyedHashes { sha1: Pads::new::<Sha1>(&short1), sha256: Pads::new::<Sha256>(&short256) };
        }
        KeyedHashes { sha1: Pads::new::<Sha1>(key), sha256: Pads::new::<Sha256>(key) }
    }

    /// HMAC-SHA1 of `message` (at least a header long) with `length` as its length field.
    pub(super) fn sha1(&self, message: &[u8], length: u16) -> [u8; 20] {
        bytes(self.sha1.mac::<Sha1>(message, length))
    }

    /// HMAC-SHA256 likewise.
    pub(super) fn sha256(&self, message: &[u8], length: u16) -> [u8; 32] {
        bytes(self.sha256.mac::<Sha256>(message, length))
    }
}

/// Words as they stand on the wire.
fn bytes<const WORDS: usize, const BYTES: usize>(words: [u32; WORDS]) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes.as_chunks_mut::<4>().0.iter_mut().zip(words).for_each(|(four, word)| *four = word.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    fn general<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }

    fn agrees(key: &[u8], message: &[u8], length: u16) {
        let mut adjusted = message.to_vec();
        adjusted[2..4].copy_from_slice(&length.to_be_bytes());
        let ours = KeyedHashes::new(key);
        assert_eq!(ours.sha1(message, length).to_vec(), general::<Hmac<sha1::Sha1>>(key, &adjusted));
        assert_eq!(ours.sha256(message, length).to_vec(), general::<Hmac<sha2::Sha256>>(key, &adjusted));
    }

    #[test]
    fn every_length_around_the_blocks_agrees_with_a_general_hmac() {
        for length in 20..400 {
            agrees(b"key", &vec![length as u8; length], 0x1234);
        }
        for length in [0, 1, 63, 64, 65, 200] {
            agrees(&vec![7; length], &[9; 100], 0xFFFF);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_key_and_message_agree_with_a_general_hmac(
            key in prop::collection::vec(any::<u8>(), 0..200),
            message in prop::collection::vec(any::<u8>(), 20..2000),
            length: u16,
        ) {
            agrees(&key, &message, length);
        }
    }
}
