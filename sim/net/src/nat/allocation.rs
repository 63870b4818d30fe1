//! Port allocation (RFC 4787 §4.2): which external port a new mapping gets. Not here: which external address ([`super::pooling`]), whose
//! block of ports it comes from ([`super::subscribers`]).

use rtclab_rtc::Randomness as _;

use super::{PortAllocation, PortTraits};
use crate::randomness::Stream;

const WORDS: usize = 1 << 10;

/// Ports up to this are of the class of well-known ports (RFC 4787 §4.2.1).
const LAST_WELL_KNOWN: u16 = 1_023;

const EVEN: u64 = 0x5555_5555_5555_5555;

/// What is asked of an allocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) how: PortAllocation,
    pub(super) traits: PortTraits,
    /// Among which ports, first and last.
    pub(super) range: (u16, u16),
    /// Whether a port may be preserved though it is out of the range.
    pub(super) preserves_beyond: bool,
    /// The internal port; for ICMP, the query identifier.
    pub(super) internal: u16,
    /// The port that would continue a run of ports, if there is one to continue.
    pub(super) next_to: Option<u16>,
}

impl Wish {
    /// The range that the class of the internal port allows (RFC 4787 REQ-3 a).
    fn range(&self) -> (u16, u16) {
        let low = self.traits.range_class && self.internal <= LAST_WELL_KNOWN && self.internal > 0;
        if low && self.preserves_beyond { (1, LAST_WELL_KNOWN) } else { self.range }
    }

    /// Whether the internal port may be the external one.
    pub(super) fn may_preserve(&self) -> bool {
        let in_range = (self.range.0..=self.range.1).contains(&self.internal);
        let beyond = self.preserves_beyond && (self.traits.range_class || self.internal > LAST_WELL_KNOWN);
        self.how.preserves() && (in_range || beyond)
    }

    /// The bits of a word of ports that may be taken (RFC 4787 REQ-4).
    fn mask(&self) -> u64 {
        match (self.traits.parity, self.internal & 1) {
            (false, _) => u64::MAX,
            (true, 0) => EVEN,
            (true, _) => !EVEN,
        }
    }
}

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

    /// Takes a port; none if all that would do are taken.
    pub(super) fn allocate(&mut self, wish: &Wish, random: &mut Stream) -> Option<u16> {
        let port = self.choose(wish, random)?;
        self.take(port);
        Some(port)
    }

    fn choose(&mut self, wish: &Wish, random: &mut Stream) -> Option<u16> {
        if wish.may_preserve() && !self.is_used(wish.internal) {
            return Some(wish.internal);
        }
        let (first, last) = wish.range();
        let mask = wish.mask();
        let continues = |port: &u16| {
            (first..=last).contains(port) && !self.is_used(*port) && mask >> (port & 63) & 1 == 1
        };
        if let Some(port) = wish.next_to.filter(continues) {
            return Some(port);
        }
        let in_order =
            matches!(wish.how, PortAllocation::Sequential | PortAllocation::PreserveElseSequential);
        let start = if in_order {
            self.next.clamp(first, last)
        } else {
            first + random.below(u32::from(last - first) + 1) as u16
        };
        let port = self.first_free(start, last, mask).or_else(|| self.first_free(first, last, mask))?;
        self.next = if port >= last { first } else { port + 1 };
        Some(port)
    }

    pub(super) fn take(&mut self, port: u16) {
        self.used[usize::from(port >> 6)] |= 1 << (port & 63);
    }

    /// Gives a port back.
    pub(super) fn release(&mut self, port: u16) {
        self.used[usize::from(port >> 6)] &= !(1 << (port & 63));
    }

    pub(super) fn is_used(&self, port: u16) -> bool {
        self.used[usize::from(port >> 6)] & (1 << (port & 63)) != 0
    }

    /// The first free port from `from` to `to`, both included, of those in `mask`; whole words of used ports are stepped over.
    fn first_free(&self, from: u16, to: u16, mask: u64) -> Option<u16> {
        let mut word = usize::from(from >> 6);
        let mut free = !self.used[word] & mask & (u64::MAX << (from & 63));
        loop {
            if free != 0 {
                let port = (word as u32) << 6 | free.trailing_zeros();
                return u16::try_from(port).ok().filter(|&port| port <= to);
            }
            word += 1;
            if word > usize::from(to >> 6) {
                return None;
            }
            free = !self.used[word] & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: (u16, u16) = (2_000, 2_099);

    fn wish(how: PortAllocation, internal: u16) -> Wish {
        let traits = PortTraits { range_class: false, ..PortTraits::default() };
        Wish { how, traits, range: RANGE, preserves_beyond: true, internal, next_to: None }
    }

    fn take(ports: &mut Ports, how: PortAllocation, internal: u16) -> Option<u16> {
        ports.allocate(&wish(how, internal), &mut Stream::new(1, "test", ""))
    }

    #[test]
    fn a_free_internal_port_is_preserved_even_outside_the_range() {
        let mut ports = Ports::new(RANGE);
        assert_eq!(take(&mut ports, PortAllocation::PreserveElseRandom, 5_000), Some(5_000));
        let second = take(&mut ports, PortAllocation::PreserveElseRandom, 5_000).unwrap();
        assert!((RANGE.0..=RANGE.1).contains(&second));
        assert_eq!(take(&mut ports, PortAllocation::PreserveElseSequential, 5_000), Some(second + 1));
    }

    #[test]
    fn a_well_known_port_stays_one_only_if_the_class_is_kept() {
        let keeps = PortTraits { range_class: true, ..PortTraits::default() };
        for how in [PortAllocation::PreserveElseRandom, PortAllocation::Random, PortAllocation::Sequential] {
            let mut ports = Ports::new(RANGE);
            let mut random = Stream::new(1, "test", "");
            for _ in 0..3 {
                let port = ports.allocate(&Wish { traits: keeps, ..wish(how, 500) }, &mut random).unwrap();
                assert!((1..1_024).contains(&port), "{how:?} {port}");
                let port = ports.allocate(&wish(how, 500), &mut random).unwrap();
                assert!((RANGE.0..=RANGE.1).contains(&port), "{how:?} {port}");
            }
        }
    }

    #[test]
    fn parity_is_kept_to_the_last_port() {
        let traits = PortTraits { parity: true, range_class: false, contiguity: false };
        for how in [PortAllocation::PreserveElseRandom, PortAllocation::Random, PortAllocation::Sequential] {
            for internal in [2_000, 2_001] {
                let mut ports = Ports::new(RANGE);
                let mut random = Stream::new(1, "test", "");
                let wish = Wish { traits, ..wish(how, internal) };
                let taken: Vec<u16> = std::iter::from_fn(|| ports.allocate(&wish, &mut random)).collect();
                assert_eq!(taken.len(), 50);
                assert!(taken.iter().all(|port| port & 1 == internal & 1), "{how:?} {taken:?}");
            }
        }
    }

    #[test]
    fn a_run_of_ports_is_continued_if_the_next_one_is_free() {
        let mut ports = Ports::new(RANGE);
        let mut random = Stream::new(1, "test", "");
        let wish = Wish { next_to: Some(2_050), ..wish(PortAllocation::Random, 7) };
        assert_eq!(ports.allocate(&wish, &mut random), Some(2_050));
        assert_ne!(ports.allocate(&wish, &mut random), Some(2_050));
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
        let wish = wish(PortAllocation::Random, 2_000);
        let mut taken: Vec<u16> = std::iter::from_fn(|| ports.allocate(&wish, &mut random)).collect();
        assert!(!taken.is_sorted());
        taken.sort_unstable();
        assert_eq!(taken, (RANGE.0..=RANGE.1).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_port_of_all_can_be_taken() {
        let range = (65_535, 65_535);
        let mut ports = Ports::new(range);
        let mut random = Stream::new(1, "test", "");
        let wish = Wish { range, ..wish(PortAllocation::Sequential, 1) };
        let mut take = || ports.allocate(&wish, &mut random);
        assert_eq!([take(), take()], [Some(65_535), None]);
    }
}
