//! What waits for the rate of a link.
//!
//! | file | what lives there |
//! |---|---|
//! | `drop_tail` | drops what does not fit; when a packet leaves is known as soon as it comes, so it costs nothing to wait |
//! | `managed` | a queue that decides when a packet is about to leave |
//! | `codel` | how it decides (RFC 8289) |

mod codel;
mod drop_tail;
mod managed;

pub(super) use drop_tail::DropTail;
pub(crate) use managed::Lost;
pub(super) use managed::Managed;

/// How many nanoseconds the bits of a packet take at a rate.
pub(super) fn serialization_ns(length: usize, rate_bps: u64) -> u64 {
    let nanos = (length as u128 * 8 * 1_000_000_000).div_ceil(u128::from(rate_bps.max(1)));
    u64::try_from(nanos).unwrap_or(u64::MAX)
}
