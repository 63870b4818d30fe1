//! Our STUN codec beside `stun-types`: what one writes the other reads, both ways, and whatever ours accepts theirs accepts.
//!
//! Where the two differ, ours is the stricter one; each difference is a test below, with the section that speaks for it.

use std::net::{IpAddr, SocketAddr};

use proptest::prelude::*;
use rtclab_rtc::stun::{
    Attribute, AttributeType, Builder, Class, ErrorCode, IntegrityKey, Message, Method, ParseError,
    PasswordAlgorithm, PasswordAlgorithmList, TransactionId, UnknownTypes, userhash,
};
use stun_types::attribute as theirs;
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message as TheirMessage, MessageClass,
    MessageIntegrityCredentials, MessageType, MessageWrite, MessageWriteExt, MessageWriteVec,
    Method as TheirMethod, ShortTermCredentials,
};

const PASSWORD: &str = "a password of a property";

/// Owns what an attribute borrows.
#[derive(Clone, Debug)]
enum Owned {
    Mapped(SocketAddr),
    Alternate(SocketAddr),
    Text(u8, String),
    Error(u16, String),
    Hash([u8; 32]),
    Unknown(Vec<u16>),
    Algorithms(bool),
    Data(Vec<u8>),
    Lifetime(u32),
    Foreign(u16, Vec<u8>),
}

impl Owned {
    fn ours(&self) -> Attribute<'_> {
        match self {
            Owned::Mapped(address) => Attribute::XorMappedAddress(*address),
            Owned::Alternate(address) => Attribute::AlternateServer(*address),
            Owned::Text(0, text) => Attribute::Username(text),
            Owned::Text(1, text) => Attribute::Realm(text),
            Owned::Text(2, text) => Attribute::Nonce(text),
            Owned::Text(3, text) => Attribute::Software(text),
            Owned::Text(_, text) => Attribute::AlternateDomain(text),
            Owned::Error(code, phrase) => Attribute::ErrorCode(ErrorCode { code: *code, phrase }),
            Owned::Hash(hash) => Attribute::UserHash(hash),
            Owned::Unknown(_) => unreachable!("built by unknown_attributes"),
            Owned::Algorithms(true) => Attribute::PasswordAlgorithms(PasswordAlgorithmList::SHA256_THEN_MD5),
            Owned::Algorithms(false) => Attribute::PasswordAlgorithm(PasswordAlgorithmList::SHA256),
            Owned::Data(data) => Attribute::Data(data),
            Owned::Lifetime(seconds) => Attribute::Lifetime(*seconds),
            Owned::Foreign(kind, value) => Attribute::Unknown { kind: AttributeType(*kind), value },
        }
    }

    fn put(&self, builder: Builder) -> Builder {
        match self {
            Owned::Unknown(types) => builder.unknown_attributes(types),
            other => builder.attribute(&other.ours()),
        }
    }

    fn kind(&self) -> u16 {
        match self {
            Owned::Unknown(_) => AttributeType::UNKNOWN_ATTRIBUTES.0,
            other => other.ours().kind().0,
        }
    }

    /// Whether they read the same value out of a message of ours.
    fn is_read_by_them(&self, message: &TheirMessage<'_>) -> bool {
        let id = message.transaction_id();
        match self {
            Owned::Mapped(address) => {
                message.attribute::<theirs::XorMappedAddress>().is_ok_and(|read| read.addr(id) == *address)
            }
            Owned::Alternate(address) => {
                message.attribute::<theirs::AlternateServer>().is_ok_and(|read| read.server() == *address)
            }
            Owned::Text(0, text) => {
                message.attribute::<theirs::Username>().is_ok_and(|read| read.username() == text)
            }
            Owned::Text(1, text) => {
                message.attribute::<theirs::Realm>().is_ok_and(|read| read.realm() == text)
            }
            Owned::Text(2, text) => {
                message.attribute::<theirs::Nonce>().is_ok_and(|read| read.nonce() == text)
            }
            Owned::Text(3, text) => {
                message.attribute::<theirs::Software>().is_ok_and(|read| read.software() == text)
            }
            Owned::Text(_, text) => {
                message.attribute::<theirs::AlternateDomain>().is_ok_and(|read| read.domain() == text)
            }
            Owned::Error(code, phrase) => message
                .attribute::<theirs::ErrorCode>()
                .is_ok_and(|read| read.code() == *code && read.reason() == phrase),
            Owned::Hash(hash) => {
                message.attribute::<theirs::Userhash>().is_ok_and(|read| read.hash() == hash)
            }
            Owned::Unknown(types) => message.attribute::<theirs::UnknownAttributes>().is_ok_and(|read| {
                types.iter().all(|kind| read.has_attribute(theirs::AttributeType::new(*kind)))
            }),
            Owned::Algorithms(true) => {
                use theirs::PasswordAlgorithmValue::{MD5, SHA256};
                message
                    .attribute::<theirs::PasswordAlgorithms>()
                    .is_ok_and(|read| read.algorithms() == [SHA256, MD5])
            }
            Owned::Algorithms(false) => message
                .attribute::<theirs::PasswordAlgorithm>()
                .is_ok_and(|read| read.algorithm() == theirs::PasswordAlgorithmValue::SHA256),
            other => {
                let attribute = message.raw_attribute(theirs::AttributeType::new(other.kind()));
                let expected = match other {
                    Owned::Lifetime(seconds) => seconds.to_be_bytes().to_vec(),
                    Owned::Data(data) | Owned::Foreign(_, data) => data.clone(),
                    _ => unreachable!("read by type above"),
                };
                attribute.is_some_and(|read| read.value[..] == expected)
            }
        }
    }

    /// Writes the same attribute with their types.
    fn write(&self, out: &mut MessageWriteVec, id: u128) {
        let added = match self {
            Owned::Mapped(address) => out.add_attribute(&theirs::XorMappedAddress::new(*address, id.into())),
            Owned::Alternate(address) => out.add_attribute(&theirs::AlternateServer::new(*address)),
            Owned::Text(0, text) => {
                out.add_attribute(&theirs::Username::new(text).expect("the other side takes it"))
            }
            Owned::Text(1, text) => {
                out.add_attribute(&theirs::Realm::new(text).expect("the other side takes it"))
            }
            Owned::Text(2, text) => {
                out.add_attribute(&theirs::Nonce::new(text).expect("the other side takes it"))
            }
            Owned::Text(3, text) => {
                out.add_attribute(&theirs::Software::new(text).expect("the other side takes it"))
            }
            Owned::Text(_, text) => out.add_attribute(&theirs::AlternateDomain::new(text)),
            Owned::Error(code, phrase) => {
                out.add_attribute(&theirs::ErrorCode::new(*code, phrase).expect("the other side takes it"))
            }
            Owned::Hash(hash) => out.add_attribute(&theirs::Userhash::new(*hash)),
            Owned::Unknown(types) => {
                let types: Vec<_> = types.iter().map(|kind| theirs::AttributeType::new(*kind)).collect();
                out.add_attribute(&theirs::UnknownAttributes::new(&types))
            }
            Owned::Algorithms(true) => {
                use theirs::PasswordAlgorithmValue::{MD5, SHA256};
                out.add_attribute(&theirs::PasswordAlgorithms::new(&[SHA256, MD5]))
            }
            Owned::Algorithms(false) => {
                out.add_attribute(&theirs::PasswordAlgorithm::new(theirs::PasswordAlgorithmValue::SHA256))
            }
            Owned::Data(data) => out.add_attribute(&raw(AttributeType::DATA.0, data)),
            Owned::Lifetime(seconds) => {
                out.add_attribute(&raw(AttributeType::LIFETIME.0, &seconds.to_be_bytes()))
            }
            Owned::Foreign(kind, data) => out.add_attribute(&raw(*kind, data)),
        };
        added.expect("each type comes once");
    }
}

fn raw(kind: u16, value: &[u8]) -> theirs::RawAttribute<'static> {
    theirs::RawAttribute::new_owned(theirs::AttributeType::new(kind), value.into())
}

fn attribute() -> impl Strategy<Value = Owned> {
    let address = || (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port));
    let foreign = |kind: &u16| !AttributeType(*kind).is_understood();
    prop_oneof![
        address().prop_map(Owned::Mapped),
        address().prop_map(Owned::Alternate),
        (0..5_u8, "[ -~]{1,60}").prop_map(|(which, text)| Owned::Text(which, text)),
        (300..700_u16, "[ -~]{0,60}").prop_map(|(code, phrase)| Owned::Error(code, phrase)),
        any::<[u8; 32]>().prop_map(Owned::Hash),
        prop::collection::vec(any::<u16>(), 1..9).prop_map(Owned::Unknown),
        any::<bool>().prop_map(Owned::Algorithms),
        prop::collection::vec(any::<u8>(), 0..70).prop_map(Owned::Data),
        any::<u32>().prop_map(Owned::Lifetime),
        ((0x4000..0x8000_u16).prop_filter("foreign", foreign), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(kind, value)| Owned::Foreign(kind, value)),
    ]
}

/// Attributes of different types: of two alike, the second does not count (RFC 8489 §14), and they do not write two.
fn attributes() -> impl Strategy<Value = Vec<Owned>> {
    prop::collection::vec(attribute(), 0..8).prop_map(|mut attributes| {
        let mut seen = std::collections::BTreeSet::new();
        attributes.retain(|attribute| seen.insert(attribute.kind()));
        attributes
    })
}

const CLASSES: [(Class, MessageClass); 4] = [
    (Class::Request, MessageClass::Request),
    (Class::Indication, MessageClass::Indication),
    (Class::Success, MessageClass::Success),
    (Class::Error, MessageClass::Error),
];

/// The three kinds of keys, on either side, with the HMAC each signs with.
fn keys() -> [(IntegrityKey, MessageIntegrityCredentials, IntegrityAlgorithm); 3] {
    let long = || {
        let parts = ["alice", PASSWORD, "example.org"].map(str::to_owned);
        let [user, password, realm] = parts;
        MessageIntegrityCredentials::from(LongTermKeyCredentials::new(user, password, realm))
    };
    let ours = |algorithm| IntegrityKey::long_term("alice", "example.org", PASSWORD, algorithm);
    [
        (
            IntegrityKey::short_term(PASSWORD),
            ShortTermCredentials::new(PASSWORD.to_owned()).into(),
            IntegrityAlgorithm::Sha1,
        ),
        (ours(PasswordAlgorithm::Md5), long(), IntegrityAlgorithm::Sha1),
        (ours(PasswordAlgorithm::Sha256), long(), IntegrityAlgorithm::Sha256),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn they_read_what_we_write(
        class in 0..4_usize, method in 0..0x1000_u16, id: [u8; 12], attributes in attributes(), key in 0..3_usize,
    ) {
        let (ours, credentials, algorithm) = &keys()[key];
        let builder = Builder::new(CLASSES[class].0, Method(method), TransactionId(id));
        let wire = attributes.iter().fold(builder, |builder, owned| owned.put(builder)).sign(ours).finish();
        let read = TheirMessage::from_bytes(&wire).expect("the other side takes it");
        prop_assert_eq!((read.class(), read.method().value()), (CLASSES[class].1, method));
        prop_assert_eq!(&u128::from(read.transaction_id()).to_be_bytes()[4..], &id);
        prop_assert_eq!(read.validate_integrity(credentials).expect("the other side takes it"), *algorithm);
        for attribute in &attributes {
            prop_assert!(attribute.is_read_by_them(&read), "{:?}", attribute);
        }
        prop_assert_eq!(read.iter_attributes().count(), attributes.len() + 2);
    }

    #[test]
    fn we_read_what_they_write(
        class in 0..4_usize, method in 0..0x1000_u16, id: [u8; 12], attributes in attributes(), key in 0..3_usize,
    ) {
        let (ours, credentials, algorithm) = &keys()[key];
        let mut wide = [0; 16];
        wide[4..].copy_from_slice(&id);
        let wide = u128::from_be_bytes(wide);
        let kind = MessageType::from_class_method(CLASSES[class].1, TheirMethod::new(method));
        let mut out = TheirMessage::builder(kind, wide.into(), MessageWriteVec::new());
        attributes.iter().for_each(|attribute| attribute.write(&mut out, wide));
        out.add_message_integrity(credentials, *algorithm).expect("the other side takes it");
        out.add_fingerprint().expect("the other side takes it");
        let wire = out.finish();
        let read = Message::parse(&wire).expect("the other side takes it");
        prop_assert_eq!((read.class(), read.method()), (CLASSES[class].0, Method(method)));
        prop_assert_eq!(read.transaction_id(), TransactionId(id));
        prop_assert_eq!(read.verify(ours), Ok(()));
        prop_assert!(read.has_fingerprint());
        let mut values = read.attributes();
        for attribute in &attributes {
            match (attribute, values.next().expect("the other side takes it")) {
                (Owned::Unknown(types), Attribute::UnknownAttributes(read)) => {
                    prop_assert_eq!(&read.iter().map(|kind| kind.0).collect::<Vec<_>>(), types);
                }
                (attribute, read) => prop_assert_eq!(read, attribute.ours()),
            }
        }
    }

    #[test]
    fn the_same_messages_are_the_same_bytes(method in 0..0x1000_u16, id: [u8; 12], attributes in attributes()) {
        let builder = Builder::new(Class::Request, Method(method), TransactionId(id));
        let ours = attributes.iter().fold(builder, |builder, owned| owned.put(builder)).finish();
        let mut wide = [0; 16];
        wide[4..].copy_from_slice(&id);
        let wide = u128::from_be_bytes(wide);
        let kind = MessageType::from_class_method(MessageClass::Request, TheirMethod::new(method));
        let mut out = TheirMessage::builder(kind, wide.into(), MessageWriteVec::new());
        attributes.iter().for_each(|attribute| attribute.write(&mut out, wide));
        out.add_fingerprint().expect("the other side takes it");
        prop_assert_eq!(ours, out.finish());
    }

    #[test]
    fn whatever_we_accept_they_accept(
        attributes in attributes(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()), fingerprint: bool,
    ) {
        let (key, credentials, _) = &keys()[0];
        let builder = Builder::request(Method::BINDING, TransactionId([7; 12]));
        let builder = attributes.iter().fold(builder, |builder, owned| owned.put(builder)).sign(key);
        let mut wire = if fingerprint { builder.finish() } else { builder.finish_without_fingerprint() };
        for (index, value) in flips {
            let at = index.index(wire.len());
            wire[at] = value;
        }
        if let Some(index) = cut {
            wire.truncate(index.index(wire.len() + 1));
        }
        let (ours, theirs) = (Message::parse(&wire), TheirMessage::from_bytes(&wire));
        if let Ok(ours) = ours {
            let theirs = theirs.map_err(|error| TestCaseError::fail(format!("only we accept: {error}")))?;
            let authentic = ours.verify(key).is_ok();
            prop_assert_eq!(authentic, theirs.validate_integrity(credentials).is_ok());
        }
    }
}

#[test]
fn hashes_of_usernames_agree() {
    for (user, realm) in [("alice", "example.org"), ("", ""), ("마트릭스", "예시")] {
        assert_eq!(userhash(user, realm), theirs::Userhash::compute(user, realm));
    }
}

fn request() -> Builder {
    Builder::request(Method::BINDING, TransactionId([7; 12]))
}

/// RFC 8489 §5 puts nothing behind the last attribute of a datagram; they leave it to their caller.
#[test]
fn only_they_accept_bytes_behind_the_message() {
    let mut wire = request().finish();
    wire.extend([0; 4]);
    assert!(matches!(Message::parse(&wire), Err(ParseError::LengthMismatch { .. })));
    assert!(TheirMessage::from_bytes(&wire).is_ok());
}

/// RFC 8489 §14.7: FINGERPRINT is the last attribute. They stop reading there and say yes.
#[test]
fn only_they_accept_an_attribute_behind_the_fingerprint() {
    let mut wire = request().finish();
    wire.extend([0x80, 0x22, 0, 0]);
    wire[3] += 4;
    assert!(matches!(Message::parse(&wire), Err(ParseError::BehindFingerprint { .. })));
    // The CRC covers a length that has changed meanwhile; they recompute it for the end of FINGERPRINT, and it matches.
    assert!(TheirMessage::from_bytes(&wire).is_ok());
}

/// A value is checked when a message is read (ours) or when the attribute is asked for (theirs): RFC 8489 §6.3 wants the message
/// checked before it is processed.
#[test]
fn only_they_accept_a_value_that_nobody_has_asked_for() {
    let odd =
        Attribute::Unknown { kind: AttributeType::XOR_MAPPED_ADDRESS, value: &[0, 9, 0, 0, 1, 2, 3, 4] };
    let wire = request().attribute(&odd).finish();
    assert!(matches!(Message::parse(&wire), Err(ParseError::Value { .. })));
    let theirs_read = TheirMessage::from_bytes(&wire).expect("the other side takes it");
    assert!(theirs_read.attribute::<theirs::XorMappedAddress>().is_err());
}

#[test]
fn unknown_types_are_a_list_of_whole_numbers_for_both() {
    assert!(UnknownTypes::from_bytes(&[1, 2, 3]).is_err());
    let odd = Attribute::Unknown { kind: AttributeType::UNKNOWN_ATTRIBUTES, value: &[1, 2, 3] };
    let wire = request().attribute(&odd).finish();
    assert!(Message::parse(&wire).is_err());
    let read = TheirMessage::from_bytes(&wire).expect("the other side takes it");
    assert!(read.attribute::<theirs::UnknownAttributes>().is_err());
}
