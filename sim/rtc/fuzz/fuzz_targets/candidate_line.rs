//! `cargo +nightly fuzz run candidate_line`, in the folder above; what must hold is said in `targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtclab_rtc_fuzz::targets::candidate_line(data));
