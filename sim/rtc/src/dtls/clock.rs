//! Between [`Time`] and the `Instant` that `dimpl` speaks. Not here: timers.
//!
//! An `Instant` cannot be made from a number, so one is read from the system, once, and every other is that one plus an offset. Nothing of it is to
//! be seen from outside: what counts are differences, with one exception. DTLS 1.2 begins a random with the seconds of the calendar
//! (RFC 5246 §7.4.1.2), which `dimpl` computes from the system's clock at its first use and the `Instant` that it is given. So the base is moved to the
//! very nanosecond at which `dimpl` believes that the year 2100 begins: every endpoint in every run then starts with the same calendar.

#![expect(
    clippy::disallowed_methods,
    reason = "the one Instant that all others are counted from; see above why no run can tell it from another"
)]

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use dimpl::{DtlsCertificate, Output};

use super::certificate::Certificate;
use super::lent::{Lent, lend};
use super::provider::provider;
use super::wire::{ClientHello, fragments, records};
use crate::jsep::DtlsRole;
use crate::randomness::Randomness;
use crate::time::Time;

/// 2100-01-01 00:00:00 UTC, in seconds since 1970.
const CALENDAR_BEGINS: u64 = 4_102_444_800;
const SECOND: u64 = 1_000_000_000;

/// The instant of [`Time::ZERO`]; none where there is no clock to take it from, in the browser.
pub(super) fn base() -> Option<Instant> {
    if cfg!(all(target_arch = "wasm32", target_os = "unknown")) {
        return None;
    }
    static BASE: OnceLock<Option<Instant>> = OnceLock::new();
    *BASE.get_or_init(|| calibrated(Instant::now()))
}

/// The instant that stands for a moment.
pub(super) fn instant(base: Instant, time: Time) -> Instant {
    // A moment that no Instant can hold is far beyond every timer.
    base.checked_add(Duration::from_nanos(time.as_nanos())).unwrap_or(base + Duration::from_secs(1 << 32))
}

/// The moment that an instant stands for; none if it is so far away that it means never.
pub(super) fn time(base: Instant, instant: Instant, now: Time) -> Option<Time> {
    const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);
    let nanos = u64::try_from(instant.saturating_duration_since(base).as_nanos()).ok()?;
    let at = Time::from_nanos(nanos);
    (at.since(now) < NEVER).then_some(at)
}

/// Finds, by bisection, the first instant at which a ClientHello says that the calendar begins.
fn calibrated(start: Instant) -> Option<Instant> {
    let probe = Probe::new()?;
    let ahead = CALENDAR_BEGINS.checked_sub(probe.calendar(start)?)?;
    // `start` is somewhere in its second, so the moment is in the last second before `ahead` have passed.
    let first = start.checked_add(Duration::from_secs(ahead.checked_sub(1)?))?;
    let (mut before, mut after) = (0, SECOND);
    while after - before > 1 {
        let middle = before.midpoint(after);
        let reached = probe.calendar(first + Duration::from_nanos(middle))? >= CALENDAR_BEGINS;
        if reached { after = middle } else { before = middle }
    }
    Some(first + Duration::from_nanos(after))
}

/// An endpoint of DTLS 1.2 that is made only to see what it believes the time is.
struct Probe {
    config: Arc<dimpl::Config>,
    certificate: DtlsCertificate,
}

/// Nothing that a probe says is used, so anything will do.
#[derive(Debug)]
struct Anything(u8);

impl Randomness for Anything {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill_with(|| {
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
            self.0
        });
    }
}

impl Probe {
    fn new() -> Option<Probe> {
        let certificate = Certificate::generate(&mut Anything(1)).for_dimpl();
        let config = lent(|| {
            let builder = dimpl::Config::builder().with_crypto_provider(provider(DtlsRole::Client, false));
            builder.dangerously_set_rng_seed(1).build()
        });
        Some(Probe { config: Arc::new(config.ok()?), certificate })
    }

    /// The first four bytes of the random.
    fn calendar(&self, at: Instant) -> Option<u64> {
        lent(|| {
            let mut endpoint = dimpl::Dtls::new_12(Arc::clone(&self.config), self.certificate.clone(), at);
            endpoint.set_active(true);
            endpoint.handle_timeout(at).ok()?;
            let mut buffer = vec![0; 2048];
            let Output::Packet(packet) = endpoint.poll_output(&mut buffer) else { return None };
            let hello = fragments(records(packet).first()?.handshake()?).first().map(|hello| hello.body)?;
            let random = ClientHello::read(hello)?.random;
            Some(u64::from(u32::from_be_bytes(*random.first_chunk()?)))
        })
    }
}

fn lent<T>(call: impl FnOnce() -> T) -> T {
    lend(&mut Some(Lent::new(Box::new(Anything(7)), false)), call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_begins_at_time_zero_to_the_nanosecond() {
        let (base, probe) = (base().expect("there is a clock"), Probe::new().expect("a probe"));
        assert_eq!(probe.calendar(base), Some(CALENDAR_BEGINS));
        assert_eq!(probe.calendar(base - Duration::from_nanos(1)), Some(CALENDAR_BEGINS - 1));
        let later = instant(base, Time::from_millis(1999));
        assert_eq!(probe.calendar(later), Some(CALENDAR_BEGINS + 1));
    }
}
