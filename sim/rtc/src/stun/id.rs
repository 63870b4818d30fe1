//! The transaction id. Not here: where the random bytes come from.

use std::fmt;

use crate::randomness::Randomness;

/// The 96 bits that tie a response to its request (RFC 8489 §5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub [u8; 12]);

impl TransactionId {
    /// A fresh id. RFC 8489 §5 wants it uniformly random, so that nobody off the path can guess it.
    pub fn random(randomness: &mut dyn Randomness) -> TransactionId {
        let mut bytes = [0; 12];
        randomness.fill(&mut bytes);
        TransactionId(bytes)
    }
}

/// 24 hexadecimal digits, as other tools print it.
impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}
