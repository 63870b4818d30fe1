//! What parsing accepts, ignores and refuses, one rule a test.

use crate::stun::{
    Attribute, AttributeType, Builder, ChangeRequest, Class, ErrorCode, Integrity, IntegrityError,
    IntegrityKey, Message, Method, ParseError, TransactionId, ValueProblem, is_stun,
};

const ID: TransactionId = TransactionId([7; 12]);

fn request() -> Builder {
    Builder::request(Method::BINDING, ID)
}

fn key() -> IntegrityKey {
    IntegrityKey::short_term("ice-password-ice-password")
}

#[test]
fn other_protocols_on_the_socket_are_not_stun() {
    let stun = request().finish();
    assert!(is_stun(&stun));
    assert!(!is_stun(&stun[..19]), "shorter than a header");
    for first in [0x14, 0x17, 0x40, 0x80, 0xBF] {
        let mut other = stun.clone();
        other[0] = first;
        // 20 to 63 is DTLS in RFC 7983, but its cookie would have to match by chance; the top bits are what STUN rules.
        assert_eq!(is_stun(&other), first < 0x40, "{first:#x}");
    }
    let mut other = stun.clone();
    other[4] ^= 1;
    assert!(!is_stun(&other), "no cookie");
}

#[test]
fn a_wrong_fingerprint_is_a_parse_error_that_says_where() {
    let mut wire = request().attribute(&Attribute::Priority(1)).finish();
    let last = wire.len() - 1;
    wire[last] ^= 1;
    assert!(matches!(Message::parse(&wire), Err(ParseError::WrongFingerprint { offset: 28, .. })));
    wire[last] ^= 1;
    wire[27] ^= 1;
    assert!(matches!(Message::parse(&wire), Err(ParseError::WrongFingerprint { offset: 28, .. })));
}

#[test]
fn nothing_stands_behind_fingerprint() {
    let mut wire = request().finish();
    wire.extend_from_slice(&[0x80, 0x22, 0, 0]);
    wire[3] += 4;
    let error = Message::parse(&wire).unwrap_err();
    assert_eq!(error, ParseError::BehindFingerprint { offset: 28, kind: AttributeType::SOFTWARE });
}

#[test]
fn attributes_behind_message_integrity_are_not_seen() {
    let wire = request()
        .sign(&key())
        .attribute(&Attribute::UseCandidate)
        .attribute(&Attribute::Priority(9))
        .finish();
    let message = Message::parse(&wire).unwrap();
    assert!(!message.use_candidate());
    assert_eq!(message.priority(), None);
    let kinds: Vec<_> = message.attributes().map(|attribute| attribute.kind()).collect();
    assert_eq!(kinds, [AttributeType::MESSAGE_INTEGRITY, AttributeType::FINGERPRINT]);
    assert_eq!(message.verify(&key()), Ok(()), "what is not signed does not matter");
}

#[test]
fn an_unsigned_broken_value_behind_message_integrity_is_ignored() {
    let broken = Attribute::Unknown { kind: AttributeType::PRIORITY, value: &[1, 2, 3] };
    let wire = request().sign(&key()).attribute(&broken).finish();
    assert!(Message::parse(&wire).is_ok());
    let wire = request().attribute(&broken).sign(&key()).finish();
    let problem = ValueProblem::Length { has: 3, expected: 4 };
    assert_eq!(
        Message::parse(&wire).unwrap_err(),
        ParseError::Value { offset: 20, kind: AttributeType::PRIORITY, problem }
    );
}

#[test]
fn with_both_integrity_attributes_the_sha256_one_decides() {
    let wire = request().sign_with(&key(), Integrity::Sha1).sign_with(&key(), Integrity::Sha256).finish();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.integrity(), Some(Integrity::Sha256));
    assert_eq!(message.verify(&key()), Ok(()));
    let other = IntegrityKey::short_term("another");
    let wire = request().sign_with(&key(), Integrity::Sha1).sign_with(&other, Integrity::Sha256).finish();
    assert_eq!(Message::parse(&wire).unwrap().verify(&key()), Err(IntegrityError::Mismatch));
}

#[test]
fn message_integrity_behind_the_sha256_one_is_not_seen() {
    let wire = request().sign_with(&key(), Integrity::Sha256).sign_with(&key(), Integrity::Sha1).finish();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.attributes().count(), 2);
    assert_eq!(message.find(AttributeType::MESSAGE_INTEGRITY), None);
}

#[test]
fn a_truncated_sha256_counts_from_16_bytes_in_steps_of_four() {
    let unsigned = request().finish_without_fingerprint();
    for length in 0..=32_usize {
        let header = (4 + length.next_multiple_of(4)) as u16;
        let hmac = key().hmac_sha256(&unsigned, header);
        let value = &hmac[..length];
        let kind = AttributeType::MESSAGE_INTEGRITY_SHA256;
        let wire = request().attribute(&Attribute::Unknown { kind, value }).finish();
        match Message::parse(&wire) {
            Ok(message) => {
                assert!(length >= 16 && length % 4 == 0, "{length}");
                assert_eq!(message.verify(&key()), Ok(()), "{length}");
            }
            Err(error) => {
                assert!(length < 16 || length % 4 != 0, "{length}: {error}");
                let problem = ValueProblem::Truncation { has: length };
                assert_eq!(error, ParseError::Value { offset: 20, kind, problem });
            }
        }
    }
}

#[test]
fn a_message_without_integrity_is_not_verified_by_any_key() {
    let wire = request().finish();
    assert_eq!(Message::parse(&wire).unwrap().verify(&key()), Err(IntegrityError::Missing));
}

#[test]
fn of_two_attributes_of_a_type_the_first_counts() {
    let wire = request().attribute(&Attribute::Priority(1)).attribute(&Attribute::Priority(2)).finish();
    assert_eq!(Message::parse(&wire).unwrap().priority(), Some(1));
}

#[test]
fn unknown_types_below_0x8000_are_reported_and_optional_ones_are_not() {
    let unknown = |kind| Attribute::Unknown { kind: AttributeType(kind), value: b"x" };
    let wire = request()
        .attribute(&unknown(0x7FF0))
        .attribute(&unknown(0x8FF0))
        .attribute(&Attribute::ChangeRequest(ChangeRequest::default()))
        .finish();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.unknown_comprehension_required(), [0x7FF0, 0x0003]);
    assert_eq!(
        message.unknown_to(&[AttributeType::CHANGE_REQUEST]),
        [0x7FF0],
        "known to who speaks that usage"
    );
    let refusal = Builder::error(&message, ErrorCode::UNKNOWN_ATTRIBUTE)
        .unknown_attributes(&message.unknown_comprehension_required())
        .finish();
    let refusal = Message::parse(&refusal).unwrap();
    assert_eq!(refusal.class(), Class::Error);
    assert_eq!(refusal.error_code(), Some(ErrorCode { code: 420, phrase: "Unknown Attribute" }));
    let listed: Vec<_> = refusal.unknown_attributes().unwrap().iter().map(|kind| kind.0).collect();
    assert_eq!(listed, [0x7FF0, 0x0003]);
}

#[test]
fn a_length_that_disagrees_with_the_datagram_is_refused() {
    let wire = request().attribute(&Attribute::Priority(1)).finish_without_fingerprint();
    assert_eq!(Message::parse(&wire[..24]).unwrap_err(), ParseError::LengthMismatch { says: 8, has: 4 });
    let glued = [&wire[..], &[0; 4]].concat();
    assert_eq!(Message::parse(&glued).unwrap_err(), ParseError::LengthMismatch { says: 8, has: 12 });
    let mut odd = wire.clone();
    odd[3] = 7;
    assert_eq!(Message::parse(&odd).unwrap_err(), ParseError::OddLength { says: 7 });
}

#[test]
fn an_attribute_that_reaches_past_the_end_is_refused_with_its_place() {
    let mut wire = request().attribute(&Attribute::Priority(1)).finish_without_fingerprint();
    wire[23] = 5;
    let expected = ParseError::Overrun { offset: 20, kind: AttributeType::PRIORITY, says: 5, has: 4 };
    assert_eq!(Message::parse(&wire).unwrap_err(), expected);
    assert_eq!(expected.to_string(), "PRIORITY at byte 20 says 5 bytes of value, but only 4 are left");
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let kind = AttributeType::USERNAME;
    let wire = request().attribute(&Attribute::Unknown { kind, value: b"ab\xFF" }).finish();
    let problem = ValueProblem::Text { at: 2 };
    assert_eq!(Message::parse(&wire).unwrap_err(), ParseError::Value { offset: 20, kind, problem });
}

#[test]
fn an_error_code_outside_300_to_699_is_refused() {
    let kind = AttributeType::ERROR_CODE;
    for (class, number, fine) in [(2, 99, false), (3, 0, true), (6, 99, true), (7, 0, false), (4, 100, false)]
    {
        let value = [0, 0, class, number];
        let wire = request().attribute(&Attribute::Unknown { kind, value: &value }).finish();
        assert_eq!(Message::parse(&wire).is_ok(), fine, "{class} {number}");
    }
}

#[test]
fn what_no_longer_fits_is_left_out() {
    let data = vec![0; 65_500];
    let builder = request().attribute(&Attribute::Data(&data)).attribute(&Attribute::Data(&data));
    let wire = builder.sign(&key()).finish();
    let message = Message::parse(&wire).unwrap();
    assert_eq!(message.data().map(<[u8]>::len), Some(65_500));
    assert_eq!(message.attributes().count(), 2);
    assert_eq!(message.verify(&key()), Ok(()));
}
