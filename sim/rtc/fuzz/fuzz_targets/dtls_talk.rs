//! `cargo +nightly fuzz run dtls_talk`, in the folder above; what must hold is said in `targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtclab_rtc_fuzz::targets::dtls_talk(data));
