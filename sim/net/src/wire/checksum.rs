//! The Internet checksum (RFC 1071) and its update by difference (RFC 1624). Not here: which bytes it covers in which header.

/// The one's complement sum of some bytes, as far as it has come, in the byte order of the machine: which one does not matter until the
/// end (RFC 1071 §2(B)), and without swapping a sum is many words a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u64);

impl Sum {
    /// With these bytes too. Only the last run of bytes may be of odd length.
    #[must_use]
    #[inline]
    pub fn bytes(self, bytes: &[u8]) -> Sum {
        // Sums of 32-bit words fold to the same 16 bits (RFC 1071 §2(C)).
        let mut total = self.0;
        let (words, rest) = bytes.as_chunks::<4>();
        for word in words {
            total += u64::from(u32::from_ne_bytes(*word));
        }
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        Sum(total + u64::from(u32::from_ne_bytes(last)))
    }

    /// With a number too.
    #[must_use]
    #[inline]
    pub fn number(self, number: u32) -> Sum {
        Sum(self.0 + u64::from(number.to_be()))
    }

    /// The checksum: the complement of the sum. Over bytes that contain a right checksum it is zero.
    #[inline]
    pub fn checksum(self) -> u16 {
        let mut total = self.0;
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        !u16::from_be(total as u16)
    }
}

/// The checksum of some bytes.
pub fn of(bytes: &[u8]) -> u16 {
    Sum::default().bytes(bytes).checksum()
}

/// A change of some bytes under a checksum, to be applied to it: RFC 1624 §3, equation 3, for any number of 16-bit words.
///
/// What was wrong before stays wrong, as it must: a router does not repair packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference(u64);

impl Difference {
    /// `old` became `new`. Both begin at an even place and are of one, even, length.
    #[must_use]
    pub fn bytes(self, old: &[u8], new: &[u8]) -> Difference {
        debug_assert!(old.len() == new.len() && old.len().is_multiple_of(2), "whole words change");
        let mut total = self.0;
        for (old, new) in old.chunks_exact(2).zip(new.chunks_exact(2)) {
            total += u64::from(!u16::from_be_bytes([old[0], old[1]]));
            total += u64::from(u16::from_be_bytes([new[0], new[1]]));
        }
        Difference(total)
    }

    /// One word became another.
    #[must_use]
    pub fn word(self, old: u16, new: u16) -> Difference {
        Difference(self.0 + u64::from(!old) + u64::from(new))
    }

    /// The checksum after the change.
    pub fn apply(self, checksum: u16) -> u16 {
        let mut total = self.0 + u64::from(!checksum);
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        !(total as u16)
    }

    /// Applies the change to the checksum that stands at `at`.
    pub(crate) fn apply_at(self, bytes: &mut [u8], at: usize) {
        let changed = self.apply(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        bytes[at..at + 2].copy_from_slice(&changed.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 1071 §3: the example of the document.
    #[test]
    fn the_example_of_rfc_1071_sums_to_ddf2() {
        assert_eq!(of(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    /// RFC 1624 §4: the numerical example in which the older equation fails.
    #[test]
    fn the_example_of_rfc_1624_gives_zero() {
        assert_eq!(Difference::default().word(0x5555, 0x3285).apply(0xdd2f), 0x0000);
    }

    proptest! {
        #[test]
        fn updating_equals_summing_again(
            mut bytes in prop::collection::vec(any::<u8>(), 20..80), at in 0usize..8, new in any::<[u8; 4]>()
        ) {
            bytes[19] = 1; // a header is never all zero
            let before = of(&bytes);
            let at = at * 2;
            let difference = Difference::default().bytes(&bytes[at..at + 4], &new);
            bytes[at..at + 4].copy_from_slice(&new);
            prop_assert_eq!(difference.apply(before), of(&bytes));
        }

        #[test]
        fn a_sum_does_not_depend_on_where_it_is_cut(bytes in prop::collection::vec(any::<u8>(), 0..90), cut in 0usize..40) {
            let cut = (cut * 2).min(bytes.len() & !1);
            let parts = Sum::default().bytes(&bytes[..cut]).bytes(&bytes[cut..]);
            prop_assert_eq!(parts.checksum(), of(&bytes));
        }
    }
}
