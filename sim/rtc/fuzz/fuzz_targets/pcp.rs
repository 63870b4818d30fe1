//! `cargo +nightly fuzz run pcp`, in the folder above; what must hold is said in `rtclab_rtc::pcp::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtclab_rtc::pcp::fuzz::any_datagram(data));
