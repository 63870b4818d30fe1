//! Sequence numbers: the 32-bit form on the wire, and the 64-bit positions that the endpoint counts with.
//! Not here: which numbers a connection has sent or expects.

use std::fmt;

/// A sequence number as it stands in a segment, modulo 2^32 (RFC 9293 §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct SequenceNumber(pub u32);

impl SequenceNumber {
    /// The number `count` further on.
    #[must_use]
    pub const fn plus(self, count: u32) -> SequenceNumber {
        SequenceNumber(self.0.wrapping_add(count))
    }

    /// Whether this lies before `other`, that is, in the half of the circle behind it.
    pub const fn is_before(self, other: SequenceNumber) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Translates between sequence numbers and positions.
///
/// A position is what analysers call a relative sequence number, in 64 bits: the SYN has position 0, the first byte of data 1.
/// Positions never wrap, so that everything behind this type compares them as plain numbers. They are signed, because a
/// segment of an earlier connection may lie before the SYN of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SequenceSpace {
    initial: SequenceNumber,
}

impl SequenceSpace {
    /// The space whose SYN has this number.
    pub const fn new(initial: SequenceNumber) -> SequenceSpace {
        SequenceSpace { initial }
    }

    /// The number of the SYN: ISS or IRS.
    pub const fn initial(self) -> SequenceNumber {
        self.initial
    }

    /// How a position is written in a segment.
    pub const fn number(self, position: i64) -> SequenceNumber {
        self.initial.plus(position as u32)
    }

    /// The position that a number means: of all that are written like it, the one closest to `near`.
    pub const fn position(self, number: SequenceNumber, near: i64) -> i64 {
        let distance = number.0.wrapping_sub(self.number(near).0) as i32;
        near + distance as i64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_compare_across_the_wrap() {
        let last = SequenceNumber(u32::MAX);
        assert!(last.is_before(last.plus(1)));
        assert!(!last.plus(1).is_before(last));
        assert!(!last.is_before(last));
    }

    #[test]
    fn a_number_before_the_syn_has_a_negative_position() {
        let space = SequenceSpace::new(SequenceNumber(5));
        assert_eq!(space.position(SequenceNumber(u32::MAX), 0), -6);
    }

    proptest! {
        #[test]
        fn a_position_survives_the_wire(initial: u32, near in 0..1_i64 << 40, offset in -(1_i64 << 31) + 1..1 << 31) {
            let space = SequenceSpace::new(SequenceNumber(initial));
            prop_assert_eq!(space.position(space.number(near + offset), near), near + offset);
        }
    }
}
