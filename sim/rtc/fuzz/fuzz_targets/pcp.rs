//! `cargo +nightly fuzz run pcp`, in the folder above; what must hold is said in `targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtclab_rtc_fuzz::targets::pcp(data));
