//! `cargo +nightly fuzz run stun_message`, in the folder above; what must hold is said in `targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtclab_rtc_fuzz::targets::stun_message(data));
