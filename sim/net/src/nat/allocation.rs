//! Port allocation (RFC 4787 §4.2): which external port a new mapping gets. Not here: which external address ([`super::pooling`]).

use rtclab_rtc::Randomness as _;

use super::PortAllocation;
use crate::randomness::Stream;

const WORDS: usize = 1 << 10;

/// The ports of one external address for one protocol; for ICMP, its query identifiers.
#[derive(Debug)]
pub(super) struct Ports {
    used: Box<[u64; WORDS]>,
    /// Where sequential allocation goes on.
    next: u16,
}

impl Ports {
    pub(super) fn new(range: (u16, u16)) -> Ports {
        Ports { used: Box::new([0; WORDS]), next: range.0 }
    }

    /// Takes a port for an internal endpoint with port `internal`; none if all of the range are taken.
    pub(super) fn allocate(
        &mut self,
        how: PortAllocation,
        range: (u16, u16),
        internal: u16,
        random: &mut Stream,
    ) -> Option<u16> {
        let preserves =
            matches!(how, PortAllocation::PreserveElseRandom | PortAllocation::PreserveElseSequential);
        // Preservation goes beyond the range: a port below 1024 stays below 1024 (RFC 4787 REQ-3 a). ICMP identifiers may be zero.
        let port = if preserves && !self.is_used(internal) {
            internal
        } else {
            let start = match how {
                PortAllocation::Sequential | PortAllocation::PreserveElseSequential => self.next,
                PortAllocation::Random | PortAllocation::PreserveElseRandom => {
                    range.0 + random.below(u32::from(range.1 - range.0) + 1) as u16
                }
            };
            let port = self.first_free(start, range.1).or_else(|| self.first_free(range.0, range.1))?;
            self.next = if port >= range.1 { range.0 } else { port + 1 };
            port
        };
        self.used[usize::from(port >> 6)] |= 1 << (port & 63);
        Some(port)
    }

    /// Gives a port back.
    pub(super) fn release(&mut self, port: u16) {
        self.used[usize::from(port >> 6)] &= !(1 << (port & 63));
    }

    fn is_used(&self, port: u16) -> bool {
        self.used[usize::from(port >> 6)] & (1 << (port & 63)) != 0
    }

    /// The first free port from `from` to `to`, both included; whole words of used ports are stepped over.
    fn first_free(&self, from: u16, to: u16) -> Option<u16> {
        let mut word = usize::from(from >> 6);
        let mut free = !self.used[word] & (u64::MAX << (from & 63));
        loop {
            if free != 0 {
                let port = (word as u32) << 6 | free.trailing_zeros();
                return u16::try_from(port).ok().filter(|&port| port <= to);
            }
            word += 1;
            if word > usize::from(to >> 6) {
                return None;
            }
            free = !self.used[word];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: (u16, u16) = (2_000, 2_099);

    fn take(ports: &mut Ports, how: PortAllocation, internal: u16) -> Option<u16> {
        ports.allocate(how, RANGE, internal, &mut Stream::new(1, "test", ""))
    }

    #[test]
    fn a_free_internal_port_is_preserved_even_outside_the_range() {
        let mut ports = Ports::new(RANGE);
        assert_eq!(take(&mut ports, PortAllocation::PreserveElseRandom, 500), Some(500));
        let second = take(&mut ports, PortAllocation::PreserveElseRandom, 500).unwrap();
        assert!((RANGE.0..=RANGE.1).contains(&second));
        assert_eq!(take(&mut ports, PortAllocation::PreserveElseSequential, 500), Some(second + 1));
    }

    #[test]
    fn sequential_ports_follow_each_other_and_begin_again() {
        let mut ports = Ports::new(RANGE);
        for port in RANGE.0..=RANGE.1 {
            assert_eq!(take(&mut ports, PortAllocation::Sequential, 1), Some(port));
        }
        assert_eq!(take(&mut ports, PortAllocation::Sequential, 1), None);
        ports.release(2_050);
        assert_eq!(take(&mut ports, PortAllocation::Sequential, 1), Some(2_050));
    }

    #[test]
    fn random_ports_never_collide_and_end_when_all_are_taken() {
        let mut ports = Ports::new(RANGE);
        let mut random = Stream::new(1, "test", "");
        let mut taken: Vec<u16> =
            std::iter::from_fn(|| ports.allocate(PortAllocation::Random, RANGE, 2_000, &mut random))
                .collect();
        assert!(!taken.is_sorted());
        taken.sort_unstable();
        assert_eq!(taken, (RANGE.0..=RANGE.1).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_port_of_all_can_be_taken() {
        let mut ports = Ports::new((65_535, 65_535));
        let mut random = Stream::new(1, "test", "");
        let mut take = || ports.allocate(PortAllocation::Sequential, (65_535, 65_535), 1, &mut random);
        assert_eq!([take(), take()], [Some(65_535), None]);
    }
}
