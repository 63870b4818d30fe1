//! What STUN costs: build, parse, parse and verify, next to the bare HMAC of the same bytes and next to two other codecs in the same run.
//!
//! The message is a Binding request of ICE, 112 bytes long: USERNAME (33 bytes), PRIORITY, ICE-CONTROLLING,
//! MESSAGE-INTEGRITY and FINGERPRINT.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use hmac::{Hmac, KeyInit, Mac};
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USERNAME};
use rtc_stun::crypto::RTCCryptoProvider;
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, Message as RtcMessage, Setter, TransactionId as RtcId};
use rtclab_rtc::stun::{Attribute, Builder, IntegrityKey, Message, Method, TransactionId};
use sha1::Sha1;
use stun_types::attribute::{AttributeType as TheirType, RawAttribute, Username};
use stun_types::message::{
    IntegrityAlgorithm, Message as TheirMessage, MessageClass, MessageType, MessageWrite, MessageWriteExt,
    MessageWriteVec, Method as TheirMethod, ShortTermCredentials,
};

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

/// `stun-types` with a key that is made once, which is its fast way.
mod stun_types_codec {
    use super::*;

    fn build(key: &stun_types::message::IntegrityKey) -> Vec<u8> {
        let kind = MessageType::from_class_method(MessageClass::Request, TheirMethod::new(1));
        let mut out = TheirMessage::builder(kind, 0x3031_3233.into(), MessageWriteVec::with_capacity(160));
        let (priority, controlling) =
            (0x6e00_01ff_u32.to_be_bytes(), 0x932f_f9b1_5126_3b36_u64.to_be_bytes());
        out.add_attribute(&Username::new(USERNAME).expect("short")).expect("once");
        out.add_attribute(&RawAttribute::new(TheirType::new(0x0024), &priority)).expect("once");
        out.add_attribute(&RawAttribute::new(TheirType::new(0x802A), &controlling)).expect("once");
        out.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1).expect("once");
        out.add_fingerprint().expect("once");
        out.finish()
    }

    fn key() -> stun_types::message::IntegrityKey {
        ShortTermCredentials::new(PASSWORD.to_owned()).make_key()
    }

    #[divan::bench]
    fn build_and_sign(bencher: Bencher<'_, '_>) {
        let key = key();
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| build(black_box(&key)));
    }

    #[divan::bench]
    fn parse(bencher: Bencher<'_, '_>) {
        let wire = build(&key());
        bencher
            .counter(ItemsCount::new(1_u32))
            .bench_local(|| TheirMessage::from_bytes(black_box(&wire)).is_ok());
    }

    #[divan::bench]
    fn parse_and_verify(bencher: Bencher<'_, '_>) {
        let key = key();
        let wire = build(&key);
        assert_eq!(wire.len(), 112);
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
            TheirMessage::from_bytes(black_box(&wire))
                .is_ok_and(|message| message.validate_integrity_with_key(black_box(&key)).is_ok())
        });
    }
}

/// `rtc-stun`, which checks the fingerprint apart from parsing.
mod rtc_stun_codec {
    use std::sync::Arc;

    use super::*;

    fn provider() -> Arc<dyn RTCCryptoProvider> {
        rtc_stun::crypto::default_provider().expect("a provider is built in")
    }

    fn build(provider: &dyn RTCCryptoProvider) -> Vec<u8> {
        let mut message = RtcMessage::new();
        message.set_type(BINDING_REQUEST);
        message.transaction_id = RtcId(*b"0123456789ab");
        message.write_header();
        message.add(ATTR_USERNAME, USERNAME.as_bytes());
        message.add(ATTR_PRIORITY, &0x6e00_01ff_u32.to_be_bytes());
        message.add(ATTR_ICE_CONTROLLING, &0x932f_f9b1_5126_3b36_u64.to_be_bytes());
        MessageIntegrity::new_short_term_integrity_with_provider(PASSWORD.to_owned(), provider.crypto())
            .add_to(&mut message)
            .expect("it fits");
        FINGERPRINT.add_to(&mut message).expect("it fits");
        message.raw
    }

    #[divan::bench]
    fn build_and_sign(bencher: Bencher<'_, '_>) {
        let provider = provider();
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| build(black_box(&*provider)));
    }

    #[divan::bench]
    fn parse(bencher: Bencher<'_, '_>) {
        let wire = build(&*provider());
        let mut message = RtcMessage::new();
        bencher
            .counter(ItemsCount::new(1_u32))
            .bench_local(|| message.unmarshal_binary(black_box(&wire)).is_ok());
    }

    #[divan::bench]
    fn parse_and_verify(bencher: Bencher<'_, '_>) {
        let provider = provider();
        let wire = build(&*provider);
        assert_eq!(wire.len(), 112);
        let mut message = RtcMessage::new();
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
            message.unmarshal_binary(black_box(&wire)).is_ok()
                && MessageIntegrity::check(&mut message, black_box(PASSWORD.as_bytes()), provider.crypto())
                    .is_ok()
                && FINGERPRINT.check(&message).is_ok()
        });
    }
}
