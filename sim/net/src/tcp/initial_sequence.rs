//! Initial sequence numbers and timestamp offsets: unpredictable from outside, and growing for each pair of endpoints (RFC 6528 §3, RFC 7323 §5.4).
//! Not here: any source of randomness; the secret is drawn from the one that is handed in.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use rtclab_rtc::Randomness;
use rtclab_trace::SimTime;
use sha2::{Digest, Sha256};

use super::sequence::SequenceNumber;

/// The clock of RFC 6528 §3 ticks every four microseconds.
const TICK_NANOS: u64 = 4_000;

/// What a new connection needs that no one may guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The number of its SYN.
    pub initial: SequenceNumber,
    /// Added to its timestamps.
    pub timestamp_offset: u32,
    /// For whatever else is to differ from connection to connection.
    pub draw: u32,
}

/// The generator of a host.
pub struct InitialSequences {
    secret: [u8; 32],
}

impl fmt::Debug for InitialSequences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialSequences(secret)")
    }
}

impl InitialSequences {
    /// Draws a secret.
    pub fn new(randomness: &mut dyn Randomness) -> InitialSequences {
        let mut secret = [0; 32];
        randomness.fill(&mut secret);
        InitialSequences { secret }
    }

    /// For a connection between two endpoints that opens now.
    pub fn identity(&self, now: SimTime, local: SocketAddr, remote: SocketAddr) -> Identity {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        for endpoint in [local, remote] {
            match endpoint.ip() {
                IpAddr::V4(address) => hash.update(address.to_ipv6_mapped().octets()),
                IpAddr::V6(address) => hash.update(address.octets()),
            }
            hash.update(endpoint.port().to_be_bytes());
        }
        let hash = hash.finalize();
        let word = |at: usize| hash[at..at + 4].iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let clock = (now.as_nanos() / TICK_NANOS) as u32;
        Identity {
            initial: SequenceNumber(word(0).wrapping_add(clock)),
            timestamp_offset: word(4),
            draw: word(8).wrapping_add(clock),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u8);

    impl Randomness for Fixed {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    fn endpoint(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 1], port))
    }

    #[test]
    fn the_same_endpoints_get_growing_numbers() {
        let sequences = InitialSequences::new(&mut Fixed(1));
        let first = sequences.identity(SimTime::ZERO, endpoint(1), endpoint(2));
        let second = sequences.identity(SimTime::from_millis(1), endpoint(1), endpoint(2));
        assert_eq!(second.initial, first.initial.plus(250));
        assert_eq!(second.timestamp_offset, first.timestamp_offset);
    }

    #[test]
    fn other_endpoints_and_other_secrets_get_other_numbers() {
        let sequences = InitialSequences::new(&mut Fixed(1));
        let one = sequences.identity(SimTime::ZERO, endpoint(1), endpoint(2));
        assert_ne!(one, sequences.identity(SimTime::ZERO, endpoint(1), endpoint(3)));
        assert_ne!(one, sequences.identity(SimTime::ZERO, endpoint(2), endpoint(1)));
        assert_ne!(
            one,
            InitialSequences::new(&mut Fixed(2)).identity(SimTime::ZERO, endpoint(1), endpoint(2))
        );
    }
}
