//! The streams of a seed: one for each node, each way of each link, and each program that asks. Not here: what is drawn from them.

use std::fmt;

use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64;
use rtclab_rtc::Randomness;
use sha2::{Digest as _, Sha256};

/// A stream of random numbers that follows from a seed and a name, so that adding a node disturbs no other.
#[derive(Clone)]
pub struct Stream(Pcg64);

impl Stream {
    /// The stream of `name` under `seed`. `kind` keeps the names of different sorts of things apart.
    pub fn new(seed: u64, kind: &str, name: &str) -> Stream {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update((kind.len() as u64).to_be_bytes());
        hash.update(kind.as_bytes());
        hash.update(name.as_bytes());
        Stream(Pcg64::from_seed(hash.finalize().into()))
    }

    /// A stream of its own that this one leads to, as long as it has not been drawn from; another one for each number.
    pub(crate) fn branch(&self, number: u8) -> Stream {
        let mut parent = self.0.clone();
        let mut seed = [0; 32];
        for _ in 0..=number {
            parent.fill_bytes(&mut seed);
        }
        Stream(Pcg64::from_seed(seed))
    }

    /// A number from 0 up to but not including 1, of 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from 0 to `most`, both included.
    pub fn up_to(&mut self, most: u64) -> u64 {
        // The bias of a multiplication by 64 bits is below 2^-64 of the range: nothing that a run could show.
        ((u128::from(self.0.next_u64()) * (u128::from(most) + 1)) >> 64) as u64
    }
}

impl Randomness for Stream {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
}

impl fmt::Debug for Stream {
    /// Without its state: whoever prints a program should not read its future.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, kind: &str, name: &str) -> u64 {
        Stream::new(seed, kind, name).u64()
    }

    #[test]
    fn a_stream_depends_on_seed_kind_and_name_and_on_nothing_else() {
        assert_eq!(first(7, "node", "alice"), first(7, "node", "alice"));
        assert_ne!(first(7, "node", "alice"), first(8, "node", "alice"));
        assert_ne!(first(7, "node", "alice"), first(7, "link", "alice"));
        assert_ne!(first(7, "node", "alice"), first(7, "node", "bob"));
        assert_ne!(first(7, "node", "xalice"), first(7, "nodex", "alice"));
    }

    #[test]
    fn branches_differ_from_each_other_and_do_not_move_their_parent() {
        let mut parent = Stream::new(7, "test", "");
        let [mut first, mut second] = [0, 1].map(|number| parent.branch(number));
        assert_eq!(parent.branch(1).u64(), second.u64());
        assert_ne!(first.u64(), second.u64());
        assert_eq!(parent.u64(), Stream::new(7, "test", "").u64());
    }

    #[test]
    fn draws_stay_within_their_range() {
        let mut stream = Stream::new(1, "test", "");
        for _ in 0..1_000 {
            assert!((0.0..1.0).contains(&stream.unit()));
            assert!(stream.up_to(3) <= 3);
        }
        assert_eq!(stream.up_to(0), 0);
        let _ = stream.up_to(u64::MAX);
    }
}
