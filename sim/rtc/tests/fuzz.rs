//! The fuzz targets as an ordinary test: the corpus that the fuzzer has found, seeds, and many mutations of them that are the same in
//! every run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

// `pub` because the fuzzer's own crate uses it, too.
#[allow(unreachable_pub, reason = "the same file is the library of the fuzzer's crate")]
#[path = "../fuzz/src/seeds.rs"]
mod seeds;
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

/// What the fuzzer has found to behave differently, in the order of the names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("it was listed")).collect()
}

/// Runs the corpus of a target as it is, and mutations of its seeds.
fn run(name: &str, mutations: u32) {
    let target = targets::ALL.iter().find(|target| target.name == name).expect("a target of this name");
    for bytes in corpus(name) {
        (target.run)(&bytes);
    }
    let seeds = (target.seeds)();
    let mut source = Source(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds() {
        for seed in &seeds {
            (target.run)(seed);
            for _ in 0..mutations {
                (target.run)(&source.mutate(&seeds, seed));
            }
        }
    }
}

#[test]
fn every_target_has_an_entry_point_for_the_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(folder).expect("it is there").filter_map(Result::ok);
    let files = files.filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned()));
    let names = targets::ALL.iter().map(|target| target.name.to_owned());
    assert_eq!(files.collect::<BTreeSet<_>>(), names.collect::<BTreeSet<_>>());
}

#[test]
fn no_message_breaks_the_codec() {
    run("stun_message", MUTATIONS);
}

#[test]
fn no_stream_breaks_the_framer() {
    run("stream", MUTATIONS);
}

#[test]
fn nothing_that_is_sent_to_a_turn_server_breaks_it_or_gets_around_it() {
    run("turn_server", MUTATIONS);
}

#[test]
fn no_text_breaks_the_reading_of_a_candidate_line() {
    run("candidate_line", MUTATIONS);
}

#[test]
fn nothing_breaks_a_server_or_a_client_of_port_mapping() {
    run("pcp", MUTATIONS);
}

#[test]
fn no_text_breaks_the_reading_of_a_description() {
    run("sdp", 200);
}

#[test]
fn no_description_breaks_a_connection_or_leaves_a_trace_when_it_is_refused() {
    run("description", 100);
}

#[test]
fn no_stream_breaks_a_websocket() {
    run("websocket", MUTATIONS);
}

#[test]
fn no_text_breaks_sip_its_agents_or_its_proxy() {
    run("sip", MUTATIONS);
}

#[test]
fn nothing_that_a_peer_sends_breaks_data_channels() {
    run("dcep", MUTATIONS);
}

#[test]
fn no_datagram_breaks_the_reading_of_dtls() {
    run("dtls_datagram", MUTATIONS);
}

#[test]
fn nothing_that_is_sent_to_an_end_of_dtls_breaks_it_or_gets_around_it() {
    // Every run makes keys, so there are few.
    run("dtls_talk", 12);
}
