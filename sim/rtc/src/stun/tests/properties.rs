//! Properties: whatever is built is read back, and no input whatever brings the decoder down.

use std::net::{IpAddr, SocketAddr};

use proptest::prelude::*;

use crate::stun::{
    AddressErrorCode, AddressFamily, Attribute, AttributeType, Builder, ChangeRequest, Class, ErrorCode,
    IcmpError, IntegrityKey, Message, Method, PasswordAlgorithmList, TransactionId, UnknownTypes, is_stun,
};

/// Owns what an [`Attribute`] borrows.
#[derive(Clone, Debug)]
enum Owned {
    Address(u8, SocketAddr),
    Text(u8, String),
    Bytes(u8, Vec<u8>),
    Number(u8, u64),
    Unknown(u16, Vec<u8>),
}

impl Owned {
    fn borrow(&self) -> Attribute<'_> {
        match self {
            Owned::Address(which, address) => match which {
                0 => Attribute::MappedAddress(*address),
                1 => Attribute::XorMappedAddress(*address),
                2 => Attribute::AlternateServer(*address),
                3 => Attribute::XorPeerAddress(*address),
                4 => Attribute::ResponseOrigin(*address),
                5 => Attribute::OtherAddress(*address),
                _ => Attribute::XorRelayedAddress(*address),
            },
            Owned::Text(which, text) => match which {
                0 => Attribute::Username(text),
                1 => Attribute::Realm(text),
                2 => Attribute::Nonce(text),
                3 => Attribute::Software(text),
                4 => Attribute::AlternateDomain(text),
                5 => Attribute::ErrorCode(ErrorCode { code: 300 + text.len() as u16 % 400, phrase: text }),
                _ => Attribute::AddressErrorCode(AddressErrorCode {
                    family: AddressFamily(text.len() as u8),
                    error: ErrorCode { code: 699, phrase: text },
                }),
            },
            Owned::Bytes(which, bytes) => match which {
                0 => Attribute::Data(bytes),
                1 => Attribute::UserHash(bytes.first_chunk().unwrap()),
                2 => Attribute::ReservationToken(bytes.first_chunk().unwrap()),
                3 => Attribute::UnknownAttributes(
                    UnknownTypes::from_bytes(&bytes[..bytes.len() & !1]).unwrap(),
                ),
                4 => Attribute::PasswordAlgorithms(PasswordAlgorithmList::SHA256_THEN_MD5),
                5 => Attribute::Padding(bytes),
                6 => Attribute::MobilityTicket(bytes),
                _ => Attribute::PasswordAlgorithm(PasswordAlgorithmList::MD5),
            },
            Owned::Number(which, number) => match which {
                0 => Attribute::Priority(*number as u32),
                1 => Attribute::UseCandidate,
                2 => Attribute::IceControlled(*number),
                3 => Attribute::IceControlling(*number),
                4 => Attribute::ChannelNumber(*number as u16),
                5 => Attribute::Lifetime(*number as u32),
                6 => Attribute::RequestedAddressFamily(AddressFamily(*number as u8)),
                7 => Attribute::AdditionalAddressFamily(AddressFamily(*number as u8)),
                8 => Attribute::EvenPort(number % 2 == 0),
                9 => Attribute::RequestedTransport(*number as u8),
                10 => Attribute::DontFragment,
                11 => Attribute::ChangeRequest(ChangeRequest {
                    address: number & 1 != 0,
                    port: number & 2 != 0,
                }),
                12 => Attribute::ResponsePort(*number as u16),
                13 => Attribute::ConnectionId(*number as u32),
                _ => Attribute::Icmp(IcmpError {
                    icmp_type: (*number >> 32) as u8 & 0x7F,
                    icmp_code: (*number >> 40) as u16 & 0x1FF,
                    error_data: *number as u32,
                }),
            },
            Owned::Unknown(kind, value) => Attribute::Unknown { kind: AttributeType(*kind), value },
        }
    }
}

fn attribute() -> impl Strategy<Value = Owned> {
    let not_understood = |kind: &u16| !AttributeType(*kind).is_understood();
    prop_oneof![
        (0..7_u8, any::<IpAddr>(), any::<u16>())
            .prop_map(|(which, ip, port)| Owned::Address(which, SocketAddr::new(ip, port))),
        (0..7_u8, "\\PC{0,60}").prop_map(|(which, text)| Owned::Text(which, text)),
        (0..8_u8, prop::collection::vec(any::<u8>(), 32..80))
            .prop_map(|(which, bytes)| Owned::Bytes(which, bytes)),
        (0..15_u8, any::<u64>()).prop_map(|(which, number)| Owned::Number(which, number)),
        (any::<u16>().prop_filter("understood", not_understood), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(kind, value)| Owned::Unknown(kind, value)),
    ]
}

fn class() -> impl Strategy<Value = Class> {
    prop::sample::select(&[Class::Request, Class::Indication, Class::Success, Class::Error])
}

/// A signed message with FINGERPRINT, and the attributes that went into it.
fn signed() -> impl Strategy<Value = (Class, u16, [u8; 12], Vec<Owned>, Vec<u8>)> {
    let parts = (class(), 0..0x1000_u16, any::<[u8; 12]>(), prop::collection::vec(attribute(), 0..8));
    parts.prop_map(|(class, method, id, attributes)| {
        let builder = Builder::new(class, Method(method), TransactionId(id));
        let builder = attributes.iter().fold(builder, |builder, owned| builder.attribute(&owned.borrow()));
        let wire = builder.sign(&key()).finish();
        (class, method, id, attributes, wire)
    })
}

fn key() -> IntegrityKey {
    IntegrityKey::short_term("a password of a property")
}

/// Everything a caller can ask of bytes.
fn ask_everything(bytes: &[u8]) {
    is_stun(bytes);
    if let Ok(message) = Message::parse(bytes) {
        let _ = message.verify(&key());
        message.attributes().for_each(|attribute| {
            if let Attribute::UnknownAttributes(types) = attribute {
                types.iter().for_each(drop);
            }
            if let Attribute::PasswordAlgorithms(list) = attribute {
                list.first_supported();
            }
        });
        message.unknown_comprehension_required();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_built_is_read_back((class, method, id, attributes, wire) in signed()) {
        let message = Message::parse(&wire).unwrap();
        prop_assert_eq!(message.class(), class);
        prop_assert_eq!(message.method(), Method(method));
        prop_assert_eq!(message.transaction_id(), TransactionId(id));
        prop_assert_eq!(message.verify(&key()), Ok(()));
        prop_assert!(message.has_fingerprint());
        let read: Vec<_> = message.attributes().collect();
        let built: Vec<_> = attributes.iter().map(Owned::borrow).collect();
        prop_assert_eq!(&read[..built.len()], &built[..]);
        prop_assert_eq!(read.len(), built.len() + 2, "and the two that sign and end it");
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        ask_everything(&bytes);
    }

    #[test]
    fn random_attributes_behind_a_right_header_do_no_harm(mut words in prop::collection::vec(any::<u32>(), 5..60)) {
        let length = (words.len() as u32 - 5) * 4;
        words[0] = (words[0] & 0x3FFF_0000) | length;
        words[1] = 0x2112_A442;
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        ask_everything(&bytes);
    }

    #[test]
    fn a_truncated_message_is_refused((_, _, _, _, wire) in signed(), keep in any::<prop::sample::Index>()) {
        let cut = &wire[..keep.index(wire.len())];
        ask_everything(cut);
        prop_assert!(Message::parse(cut).is_err());
    }

    #[test]
    fn a_flipped_bit_is_noticed((_, _, _, _, mut wire) in signed(), bit in any::<prop::sample::Index>()) {
        let bit = bit.index(wire.len() * 8);
        wire[bit / 8] ^= 1 << (bit % 8);
        ask_everything(&wire);
        if let Ok(message) = Message::parse(&wire) && message.verify(&key()).is_ok() {
            // A changed type or length of FINGERPRINT makes it an unsigned attribute, which does not count.
            prop_assert!(bit / 8 >= wire.len() - 8, "bit {} makes no difference", bit);
            prop_assert!(!message.has_fingerprint());
        }
    }
}
