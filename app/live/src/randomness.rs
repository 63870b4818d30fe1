//! The operating system's generator: the only randomness there is over real sockets. Nothing here takes a seed.

use rtclab_rtc::Randomness;

/// Randomness of the operating system.
#[derive(Debug)]
pub struct SystemRandomness(());

/// The operating system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness: {0}")]
pub struct NoRandomness(getrandom::Error);

impl SystemRandomness {
    /// The generator, tried once.
    ///
    /// # Errors
    /// The operating system has none.
    pub fn open() -> Result<SystemRandomness, NoRandomness> {
        getrandom::fill(&mut [0; 16]).map_err(NoRandomness)?;
        Ok(SystemRandomness(()))
    }

    /// The same, for an owner that wants a box.
    ///
    /// # Errors
    /// The operating system has none.
    pub fn boxed() -> Result<Box<dyn Randomness>, NoRandomness> {
        Ok(Box::new(SystemRandomness::open()?))
    }
}

impl Randomness for SystemRandomness {
    fn fill(&mut self, out: &mut [u8]) {
        // To go on with bytes that an attacker can guess would be worse than to stop.
        getrandom::fill(out).expect("a generator that has given randomness goes on to give it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        let mut system = SystemRandomness::open().expect("a generator");
        let (mut one, mut other) = ([0; 32], [0; 32]);
        system.fill(&mut one);
        system.fill(&mut other);
        assert_ne!(one, other);
    }
}
