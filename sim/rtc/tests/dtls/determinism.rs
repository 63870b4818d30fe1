//! The same seed is the same run, byte for byte: nothing is drawn from the system, and no clock is read.

use rtclab_rtc::Time;
use rtclab_rtc::dtls::Versions;

use crate::pair::{Fate, Pair};

/// Everything that a run sends, with its times, and its secrets.
fn run(seed: u64, versions: Versions) -> Vec<(Time, Vec<u8>)> {
    let lossy = |number| if number == 2 { Fate::Lost } else { Fate::Arrives };
    let mut pair = Pair::tuned(seed, [versions; 2], |_, config| config.cookie = true).with_fate(lossy);
    pair.run();
    assert!(pair.are_connected());
    for end in 0..2 {
        pair.ends[end].send(b"the same", pair.now).expect("connected");
    }
    pair.drain();
    pair.run();
    let sent = pair.told.iter().flat_map(|told| told.sent.iter());
    let mut all: Vec<_> = sent.map(|(at, bytes, _)| (*at, bytes.clone())).collect();
    let secrets = pair.told.iter().flat_map(|told| told.secrets.iter());
    all.extend(secrets.map(|line| (pair.now, line.to_string().into_bytes())));
    all
}

#[test]
fn a_run_is_the_same_to_the_byte_and_the_nanosecond_whenever_and_on_whichever_thread() {
    for versions in [Versions::Only13, Versions::Only12, Versions::Auto] {
        let first = run(31, versions);
        assert_eq!(first, run(31, versions), "{versions:?}");
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| run(31, versions)).join());
        assert_eq!(first, elsewhere.expect("it does not panic"), "{versions:?}");
        assert_ne!(first, run(32, versions), "{versions:?}");
    }
}

#[test]
fn a_run_is_known_by_its_bytes_from_one_process_to_the_next() {
    // If this changes although nothing here did, something reads a clock or the system's generator.
    let hash = |versions| {
        let bytes: Vec<u8> = run(33, versions).into_iter().flat_map(|(_, bytes)| bytes).collect();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    let found = [Versions::Only13, Versions::Only12, Versions::Auto].map(hash);
    assert_eq!(found, [0x98548cc93b0e544f, 0xad23_0cfb_b93e_5c59, 0xcad9ca007eec0d19], "{found:#x?}");
}
