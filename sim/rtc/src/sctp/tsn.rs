//! Sequence numbers that wrap on the wire and not here.

/// A TSN as it goes on the wire, counted on from a number that does not wrap and is near it (RFC 9260 §1.6: serial number arithmetic).
pub(super) fn unwrapped(near: u64, tsn: u32) -> u64 {
    let step = tsn.wrapping_sub(near as u32) as i32;
    near.saturating_add_signed(i64::from(step))
}

/// Where counting begins for an initial TSN: high enough that what is before it is a number, too.
pub(super) const fn origin(initial: u32) -> u64 {
    (1 << 32) + initial as u64
}

/// Whether a stream sequence number comes before another.
pub(super) const fn is_before(a: u16, b: u16) -> bool {
    (a.wrapping_sub(b) as i16) < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_counting_where_the_wire_wraps() {
        let near = origin(u32::MAX);
        assert_eq!(unwrapped(near, 0), near + 1);
        assert_eq!(unwrapped(near + 1, u32::MAX), near);
        assert!(is_before(u16::MAX, 0) && !is_before(0, u16::MAX));
    }
}
