//! The unit of time stamps, and their conversion to nanoseconds. Not here: where a file tells the unit.

/// The unit of an interface's time stamps: so many to a second (pcapng's `if_tsresol`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resolution(pub u8);

impl Resolution {
    /// 10⁻⁶ s, which is what pcapng assumes.
    pub const MICROSECONDS: Resolution = Resolution(6);
    /// 10⁻⁹ s.
    pub const NANOSECONDS: Resolution = Resolution(9);

    /// A time stamp in this unit, plus an offset, as nanoseconds since 1970.
    ///
    /// `None` where that is outside of the years 1677 to 2262.
    pub(crate) fn nanos(self, stamp: u64, offset_s: i64) -> Option<i64> {
        // draft-ietf-opsawg-pcapng §4.2: the top bit tells powers of two from powers of ten.
        let exponent = u32::from(self.0 & 0x7f);
        let per_second =
            if self.0 & 0x80 == 0 { 10u128.checked_pow(exponent) } else { 1u128.checked_shl(exponent) };
        // More units to a second than 128 bits count: any 64-bit number of them is less than a nanosecond.
        let nanos = per_second.map_or(0, |units| u128::from(stamp) * 1_000_000_000 / units);
        let offset_ns = i128::from(offset_s) * 1_000_000_000;
        i64::try_from(i128::try_from(nanos).ok()? + offset_ns).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_and_of_two_become_nanoseconds() {
        assert_eq!(Resolution::MICROSECONDS.nanos(1_500_000, 0), Some(1_500_000_000));
        assert_eq!(Resolution::NANOSECONDS.nanos(7, 0), Some(7));
        assert_eq!(Resolution(0).nanos(3, 0), Some(3_000_000_000));
        assert_eq!(Resolution(12).nanos(5_000, 0), Some(5));
        assert_eq!(Resolution(0x80 | 10).nanos(1536, 0), Some(1_500_000_000));
    }

    #[test]
    fn an_offset_moves_the_time_either_way() {
        assert_eq!(Resolution::MICROSECONDS.nanos(1, 2), Some(2_000_001_000));
        assert_eq!(Resolution::MICROSECONDS.nanos(0, -2), Some(-2_000_000_000));
    }

    #[test]
    fn extreme_units_do_not_overflow() {
        assert_eq!(Resolution(0x7f).nanos(u64::MAX, 0), Some(0));
        assert_eq!(Resolution(0xff).nanos(u64::MAX, 0), Some(0));
        assert_eq!(Resolution(0).nanos(u64::MAX, i64::MAX), None);
    }
}
