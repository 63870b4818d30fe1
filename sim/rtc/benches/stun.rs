//! What STUN costs: build, parse, parse and verify, next to the bare HMAC of the same bytes.
//!
//! The message is a Binding request of ICE, 112 bytes long: USERNAME (33 bytes), PRIORITY, ICE-CONTROLLING,
//! MESSAGE-INTEGRITY and FINGERPRINT.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use hmac::{Hmac, KeyInit, Mac};
use rtclab_rtc::stun::{Attribute, Builder, IntegrityKey, Message, Method, TransactionId};
use sha1::Sha1;

const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const USERNAME: &str = "remote-ufrag-0123:local-ufrag-456";
/// Bytes of the message before MESSAGE-INTEGRITY: what its HMAC covers.
const SIGNED: usize = 80;

fn main() {
    divan::main();
}

fn build(key: &IntegrityKey) -> Vec<u8> {
    Builder::request(Method::BINDING, TransactionId(*b"0123456789ab"))
        .attribute(&Attribute::Username(USERNAME))
        .attribute(&Attribute::Priority(0x6e00_01ff))
        .attribute(&Attribute::IceControlling(0x932f_f9b1_5126_3b36))
        .sign(key)
        .finish()
}

#[divan::bench]
fn build_and_sign(bencher: Bencher<'_, '_>) {
    let key = IntegrityKey::short_term(PASSWORD);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| build(black_box(&key)));
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let wire = build(&IntegrityKey::short_term(PASSWORD));
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| Message::parse(black_box(&wire)).is_ok());
}

#[divan::bench]
fn parse_and_verify(bencher: Bencher<'_, '_>) {
    let key = IntegrityKey::short_term(PASSWORD);
    let wire = build(&key);
    assert_eq!(wire.len(), 112);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        Message::parse(black_box(&wire)).is_ok_and(|message| message.verify(black_box(&key)).is_ok())
    });
}

/// The yardstick: HMAC-SHA1 of the signed bytes with a key that is set up each time, as a one-shot HMAC does.
#[divan::bench]
fn bare_hmac_sha1(bencher: Bencher<'_, '_>) {
    let wire = build(&IntegrityKey::short_term(PASSWORD));
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let mut mac = Hmac::<Sha1>::new_from_slice(black_box(PASSWORD.as_bytes())).expect("any length");
        mac.update(black_box(&wire[..SIGNED]));
        mac.finalize().into_bytes()
    });
}

/// The stricter yardstick: the same with pads that were computed before.
#[divan::bench]
fn bare_hmac_sha1_with_cached_pads(bencher: Bencher<'_, '_>) {
    let wire = build(&IntegrityKey::short_term(PASSWORD));
    let ready = Hmac::<Sha1>::new_from_slice(PASSWORD.as_bytes()).expect("any length");
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let mut mac = black_box(&ready).clone();
        mac.update(black_box(&wire[..SIGNED]));
        mac.finalize().into_bytes()
    });
}
