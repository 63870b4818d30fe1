//! The fuzz targets as an ordinary test: seeds, and many mutations of them that are the same in every run.

// `pub` because the fuzzer's own crate uses it, too.
#[allow(unreachable_pub, reason = "the same file is the library of the fuzzer's crate")]
#[path = "../fuzz/src/targets.rs"]
mod targets;

/// Mutations of each seed for each target.
const MUTATIONS: u32 = 3000;

/// How often all of that is done, each time with other mutations: once, unless `FUZZ_ROUNDS` says how often. A long run takes a number that
/// it never comes to the end of, and is ended from outside.
fn rounds() -> u32 {
    std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

/// A small generator; its sequence is fixed (xorshift64*).
struct Source(u64);

impl Source {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound.max(1)
    }

    /// A few bytes changed, cut out, doubled or put in from another seed.
    fn mutate(&mut self, seeds: &[Vec<u8>], seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 | 1 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                2 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                3 => bytes.truncate(at),
                4 => {
                    let end = (at + self.below(24)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    let to = (from + self.below(40)).min(other.len());
                    bytes.splice(at..at, other[from..to].iter().copied());
                }
            }
        }
        bytes
    }
}

fn run(target: fn(&[u8])) {
    run_over(target, &targets::seeds(), MUTATIONS);
}

fn run_over(target: fn(&[u8]), seeds: &[Vec<u8>], mutations: u32) {
    let mut source = Source(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds() {
        for seed in seeds {
            target(seed);
            for _ in 0..mutations {
                target(&source.mutate(seeds, seed));
            }
        }
    }
}

#[test]
fn no_message_breaks_the_codec() {
    run(targets::stun_message);
}

#[test]
fn no_stream_breaks_the_framer() {
    run(targets::stream);
}

#[test]
fn nothing_that_is_sent_to_a_turn_server_breaks_it_or_gets_around_it() {
    run(targets::turn_server);
}

#[test]
fn no_text_breaks_the_reading_of_a_candidate_line() {
    run_over(targets::candidate_line, &targets::candidate_seeds(), MUTATIONS);
}

#[test]
fn no_stream_breaks_a_websocket() {
    run(targets::websocket);
}

#[test]
fn nothing_that_a_peer_sends_breaks_data_channels() {
    run_over(targets::dcep, &targets::data_seeds(), MUTATIONS);
}

#[test]
fn no_datagram_breaks_the_reading_of_dtls() {
    run_over(targets::dtls_datagram, &rtclab_rtc::dtls::fuzz::seeds(), MUTATIONS);
}

#[test]
fn nothing_that_is_sent_to_an_end_of_dtls_breaks_it_or_gets_around_it() {
    // Every run makes keys, so there are few.
    run_over(targets::dtls_talk, &rtclab_rtc::dtls::fuzz::seeds(), 12);
}

#[test]
fn no_text_breaks_sip_its_agents_or_its_proxy() {
    run(targets::sip);
}
