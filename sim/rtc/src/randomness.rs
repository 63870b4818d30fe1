//! Randomness that is handed in. Not here: any source of it.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A source of random bytes, chosen by whoever builds an agent, a client or a server.
///
/// A world hands in a stream of its seed, so that a run can be repeated to the byte. Over real sockets it is the
/// operating system's generator, always: the two are different types, made in different crates, and nothing
/// in this crate makes either.
pub trait Randomness: fmt::Debug + Send {
    /// Fills `out` with random bytes.
    fn fill(&mut self, out: &mut [u8]);

    /// 64 random bits.
    fn u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    /// A number below `bound`, which is not zero; without bias (by rejection).
    fn below(&mut self, bound: u32) -> u32 {
        let bound = u64::from(bound.max(1));
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.u64();
            if drawn < fair {
                return (drawn % bound) as u32;
            }
        }
    }

    /// `length` characters of the ice-char alphabet (RFC 8839 §5.4): letters, digits, `+` and `/`, 6 bits each.
    fn ice_chars(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect()
    }
}

impl<R: Randomness + ?Sized> Randomness for Box<R> {
    fn fill(&mut self, out: &mut [u8]) {
        (**self).fill(out);
    }

    fn u64(&mut self) -> u64 {
        (**self).u64()
    }
}

/// One source for several objects that each want their own: what they draw comes from it in the order in which they draw.
#[derive(Clone, Debug)]
pub struct SharedRandomness(Arc<Mutex<Box<dyn Randomness>>>);

impl SharedRandomness {
    /// Shares this source.
    pub fn new(source: Box<dyn Randomness>) -> SharedRandomness {
        SharedRandomness(Arc::new(Mutex::new(source)))
    }
}

impl Randomness for SharedRandomness {
    fn fill(&mut self, out: &mut [u8]) {
        // Random bytes cannot be left half-changed, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(out);
    }

    fn u64(&mut self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).u64()
    }
}
