//! The test vectors of RFC 5769, and the one of RFC 8489 appendix B.1 as corrected by erratum 6268.

use crate::stun::{
    Attribute, Builder, Class, Integrity, IntegrityKey, Message, Method, PasswordAlgorithm,
    PasswordAlgorithmList, TransactionId, userhash,
};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    digits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

const SHORT_TERM_PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const SHORT_TERM_ID: TransactionId =
    TransactionId([0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae]);
const LONG_TERM_ID: TransactionId =
    TransactionId([0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda, 0x41, 0x2e]);
const LONG_TERM_USERNAME: &str = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}";
/// After SASLprep (RFC 5769) or OpaqueString (RFC 8489) of "The<U+00AD>M<U+00AA>tr<U+2168>".
const LONG_TERM_PASSWORD: &str = "TheMatrIX";

fn request() -> Vec<u8> {
    bytes(
        "00010058 2112a442 b7e7a701 bc34d686 fa87dfae
         80220010 5354554e 20746573 7420636c 69656e74
         00240004 6e0001ff
         80290008 932ff9b1 51263b36
         00060009 6576746a 3a683676 59202020
         00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
         80280004 e57a3bcf",
    )
}

pub(super) fn ipv4_response() -> Vec<u8> {
    bytes(
        "0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
         8022000b 74657374 20766563 746f7220
         00200008 0001a147 e112a643
         00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
         80280004 c07d4c96",
    )
}

fn ipv6_response() -> Vec<u8> {
    bytes(
        "01010048 2112a442 b7e7a701 bc34d686 fa87dfae
         8022000b 74657374 20766563 746f7220
         00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
         00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
         80280004 c8fb0b4c",
    )
}

fn long_term_request() -> Vec<u8> {
    bytes(
        "00010060 2112a442 78ad3433 c6ad72c0 29da412e
         00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
         0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
         0014000b 6578616d 706c652e 6f726700
         00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666",
    )
}

fn sha256_request() -> Vec<u8> {
    bytes(
        "00010090 2112a442 78ad3433 c6ad72c0 29da412e
         001e0020 4a3cf38f ef6992bd a952c678 0417da0f 24819415 569e60b2 05c46e41 407f1704
         00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b 39353464 364f4c33 346f4c39 46535476 79363473 41000000
         0014000b 6578616d 706c652e 6f726700
         001d0004 00020000
         001c0020 b5c7bf00 5b6c52a2 1c51c5e8 92f81924 136296cb 927c4314 9309278c c6518e65",
    )
}

fn short_term_key() -> IntegrityKey {
    IntegrityKey::short_term(SHORT_TERM_PASSWORD)
}

#[test]
fn rfc_5769_2_1_request_is_read_and_verified() {
    let wire = request();
    let message = Message::parse(&wire).unwrap();
    assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
    assert_eq!(message.transaction_id(), SHORT_TERM_ID);
    assert!(message.has_fingerprint());
    assert_eq!(message.integrity(), Some(Integrity::Sha1));
    assert_eq!(message.software(), Some("STUN test client"));
    assert_eq!(message.priority(), Some(0x6e00_01ff));
    assert_eq!(message.ice_controlled(), Some(0x932f_f9b1_5126_3b36));
    assert_eq!(message.username(), Some("evtj:h6vY"));
    assert_eq!(message.verify(&short_term_key()), Ok(()));
}

#[test]
fn rfc_5769_2_1_request_is_built_but_for_its_padding() {
    // The vector pads USERNAME with spaces; RFC 8489 §14 asks for zeros. Everything before it is the same.
    let built = Builder::request(Method::BINDING, SHORT_TERM_ID)
        .attribute(&Attribute::Software("STUN test client"))
        .attribute(&Attribute::Priority(0x6e00_01ff))
        .attribute(&Attribute::IceControlled(0x932f_f9b1_5126_3b36))
        .attribute(&Attribute::Username("evtj:h6vY"))
        .sign(&short_term_key())
        .finish();
    let wire = request();
    let padding = 20 + 20 + 8 + 12 + 4 + 9;
    assert_eq!(built[..padding], wire[..padding]);
    assert_eq!(built.len(), wire.len());
    assert_eq!(Message::parse(&built).unwrap().verify(&short_term_key()), Ok(()));
}

#[test]
fn rfc_5769_2_2_ipv4_response_is_read_and_verified() {
    let wire = ipv4_response();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.class(), Class::Success);
    assert_eq!(message.software(), Some("test vector"));
    assert_eq!(message.xor_mapped_address(), Some("192.0.2.1:32853".parse().unwrap()));
    assert!(message.has_fingerprint());
    assert_eq!(message.verify(&short_term_key()), Ok(()));
}

#[test]
fn rfc_5769_2_3_ipv6_response_is_read_and_verified() {
    let wire = ipv6_response();
    let message = Message::parse(&wire).unwrap();
    let address = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
    assert_eq!(message.xor_mapped_address(), Some(address));
    assert_eq!(message.verify(&short_term_key()), Ok(()));
    // Its padding is a space, so only the bytes before and behind it can be built.
    let built = Builder::new(Class::Success, Method::BINDING, SHORT_TERM_ID)
        .attribute(&Attribute::Software("test vector"))
        .attribute(&Attribute::XorMappedAddress(address))
        .finish_without_fingerprint();
    assert_eq!(built[36..60], wire[36..60]);
}

fn long_term_key(algorithm: PasswordAlgorithm) -> IntegrityKey {
    IntegrityKey::long_term(LONG_TERM_USERNAME, "example.org", LONG_TERM_PASSWORD, algorithm)
}

#[test]
fn rfc_5769_2_4_long_term_request_is_read_verified_and_built_to_the_byte() {
    let wire = long_term_request();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.username(), Some(LONG_TERM_USERNAME));
    assert_eq!(message.nonce(), Some("f//499k954d6OL34oL9FSTvy64sA"));
    assert_eq!(message.realm(), Some("example.org"));
    assert!(!message.has_fingerprint());
    assert_eq!(message.verify(&long_term_key(PasswordAlgorithm::Md5)), Ok(()));
    let built = Builder::request(Method::BINDING, LONG_TERM_ID)
        .attribute(&Attribute::Username(LONG_TERM_USERNAME))
        .attribute(&Attribute::Nonce("f//499k954d6OL34oL9FSTvy64sA"))
        .attribute(&Attribute::Realm("example.org"))
        .sign(&long_term_key(PasswordAlgorithm::Md5))
        .finish_without_fingerprint();
    assert_eq!(built, wire);
}

#[test]
fn rfc_8489_b_1_request_is_read_verified_and_built_to_the_byte() {
    let wire = sha256_request();
    let message = Message::parse(&wire).unwrap();
    let hash = userhash(LONG_TERM_USERNAME, "example.org");
    assert_eq!(message.userhash(), Some(&hash));
    assert_eq!(message.integrity(), Some(Integrity::Sha256));
    let algorithm = message.password_algorithm().and_then(|list| list.first_supported());
    assert_eq!(algorithm, Some(PasswordAlgorithm::Sha256));
    assert_eq!(message.verify(&long_term_key(PasswordAlgorithm::Sha256)), Ok(()));
    let built = Builder::request(Method::BINDING, LONG_TERM_ID)
        .attribute(&Attribute::UserHash(&hash))
        .attribute(&Attribute::Nonce("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"))
        .attribute(&Attribute::Realm("example.org"))
        .attribute(&Attribute::PasswordAlgorithm(PasswordAlgorithmList::SHA256))
        .sign(&long_term_key(PasswordAlgorithm::Sha256))
        .finish_without_fingerprint();
    assert_eq!(built, wire);
}

#[test]
fn no_vector_verifies_with_another_password_or_any_bit_changed_before_its_integrity() {
    for wire in [request(), ipv4_response(), ipv6_response()] {
        let message = Message::parse(&wire).unwrap();
        assert!(message.verify(&IntegrityKey::short_term("VOkJxbRl1RmTxUk/WvJxBu")).is_err());
    }
    let (wire, key) = (long_term_request(), long_term_key(PasswordAlgorithm::Md5));
    for bit in 0..wire.len() * 8 {
        let mut damaged = wire.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let accepted = Message::parse(&damaged).is_ok_and(|message| message.verify(&key).is_ok());
        assert!(!accepted, "bit {bit} makes no difference");
    }
}
