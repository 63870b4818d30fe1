//! A message as it came from the wire: a checked view that borrows the bytes. Not here: how to make one ([`Builder`](super::Builder)).

use std::net::SocketAddr;

use super::fingerprint::{FINGERPRINT_LENGTH, fingerprint};
use super::integrity::equal;
use super::{
    Attribute, AttributeType, Class, ErrorCode, HEADER_LENGTH, Header, Integrity, IntegrityError,
    IntegrityKey, Method, ParseError, PasswordAlgorithmList, TransactionId, UnknownTypes,
};

/// A STUN message whose header, attribute boundaries, values and FINGERPRINT have been checked.
///
/// Whether it is authentic is another question: [`Message::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    header: Header,
    /// Where MESSAGE-INTEGRITY begins.
    sha1_at: Option<usize>,
    /// Where MESSAGE-INTEGRITY-SHA256 begins.
    sha256_at: Option<usize>,
    fingerprint: bool,
}

impl<'a> Message<'a> {
    /// Reads one message that fills `datagram` exactly.
    ///
    /// Attributes behind MESSAGE-INTEGRITY are not protected and must be ignored (RFC 8489 §14.5), so their values are not looked
    /// at; only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT may follow it. Nothing is allocated.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(datagram: &'a [u8]) -> Result<Message<'a>, ParseError> {
        let header = Header::peek(datagram)?;
        let has = datagram.len() - HEADER_LENGTH;
        if usize::from(header.attributes_length) != has {
            return Err(ParseError::LengthMismatch { says: header.attributes_length, has });
        }
        let mut message =
            Message { bytes: datagram, header, sha1_at: None, sha256_at: None, fingerprint: false };
        let mut raw = RawAttributes { bytes: datagram, offset: HEADER_LENGTH };
        while let Some(attribute) = raw.next()? {
            message.check(&attribute)?;
        }
        Ok(message)
    }

    /// Takes in one attribute of the walk.
    fn check(&mut self, raw: &RawAttribute<'a>) -> Result<(), ParseError> {
        let RawAttribute { offset, kind, value } = *raw;
        if self.fingerprint {
            return Err(ParseError::BehindFingerprint { offset, kind });
        }
        if self.hides(kind) {
            return Ok(());
        }
        let attribute = Attribute::decode(kind, value, &self.header.transaction_id)
            .map_err(|problem| ParseError::Value { offset, kind, problem })?;
        match attribute {
            Attribute::MessageIntegrity(_) => self.sha1_at = Some(offset),
            Attribute::MessageIntegritySha256(_) => self.sha256_at = Some(offset),
            Attribute::Fingerprint(says) => {
                let has = fingerprint(&self.bytes[..offset]);
                // If another attribute follows, the CRC was made over a shorter length and cannot match; name the real fault.
                if has != says && offset + FINGERPRINT_LENGTH == self.bytes.len() {
                    return Err(ParseError::WrongFingerprint { offset, says, has });
                }
                self.fingerprint = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether an attribute that comes next is to be ignored, because what stands before it is already signed.
    const fn hides(&self, kind: AttributeType) -> bool {
        match kind {
            AttributeType::FINGERPRINT => false,
            // RFC 8489 §14.5: after MESSAGE-INTEGRITY, the SHA-256 one still counts; §14.6: nothing but FINGERPRINT does after that.
            AttributeType::MESSAGE_INTEGRITY_SHA256 => self.sha256_at.is_some(),
            _ => self.sha1_at.is_some() || self.sha256_at.is_some(),
        }
    }

    /// The bytes it was read from.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The header, decoded.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Request, indication, success or error.
    pub const fn class(&self) -> Class {
        self.header.class
    }

    /// What is asked for.
    pub const fn method(&self) -> Method {
        self.header.method
    }

    /// Which transaction it belongs to.
    pub const fn transaction_id(&self) -> TransactionId {
        self.header.transaction_id
    }

    /// Whether FINGERPRINT is there (it is right, or parsing had failed).
    pub const fn has_fingerprint(&self) -> bool {
        self.fingerprint
    }

    /// The stronger of the integrity attributes that are there.
    pub const fn integrity(&self) -> Option<Integrity> {
        match (self.sha256_at, self.sha1_at) {
            (Some(_), _) => Some(Integrity::Sha256),
            (None, Some(_)) => Some(Integrity::Sha1),
            (None, None) => None,
        }
    }

    /// Whether the sender had this key. If both integrity attributes are there, MESSAGE-INTEGRITY-SHA256 decides (RFC 8489 §9.2.4).
    ///
    /// # Errors
    /// Neither attribute is there, or the one that decides does not match.
    pub fn verify(&self, key: &IntegrityKey) -> Result<(), IntegrityError> {
        let matches = match (self.sha256_at, self.sha1_at) {
            (Some(at), _) => {
                let (before, length, carried) = self.signed(at);
                equal(&key.hmac_sha256(before, length), carried)
            }
            (None, Some(at)) => {
                let (before, length, carried) = self.signed(at);
                equal(&key.hmac_sha1(before, length), carried)
            }
            (None, None) => return Err(IntegrityError::Missing),
        };
        if matches { Ok(()) } else { Err(IntegrityError::Mismatch) }
    }

    /// For the integrity attribute at `at`: what it signs, the length the header had then, and the value.
    fn signed(&self, at: usize) -> (&'a [u8], u16, &'a [u8]) {
        let (before, attribute) = self.bytes.split_at(at);
        let length = u16::from_be_bytes([attribute[2], attribute[3]]);
        let value = &attribute[4..4 + usize::from(length)];
        // RFC 8489 §14.5: the length of the header counts up to the end of the integrity attribute.
        let end = at + 4 + value.len() - HEADER_LENGTH;
        (before, end as u16, value)
    }

    /// The attributes that count, in order: nothing behind an integrity attribute but the other one and FINGERPRINT.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let id = self.header.transaction_id;
        self.raw_attributes().filter_map(move |raw| Attribute::decode(raw.kind, raw.value, &id).ok())
    }

    fn raw_attributes(&self) -> impl Iterator<Item = RawAttribute<'a>> + use<'a> {
        let mut raw = RawAttributes { bytes: self.bytes, offset: HEADER_LENGTH };
        let mut seen = Message { sha1_at: None, sha256_at: None, ..*self };
        std::iter::from_fn(move || {
            loop {
                let next = raw.next().ok().flatten()?;
                if seen.hides(next.kind) {
                    continue;
                }
                match next.kind {
                    AttributeType::MESSAGE_INTEGRITY => seen.sha1_at = Some(next.offset),
                    AttributeType::MESSAGE_INTEGRITY_SHA256 => seen.sha256_at = Some(next.offset),
                    _ => {}
                }
                return Some(next);
            }
        })
    }

    /// The first attribute of a type. If one appears twice, the second is ignored (RFC 8489 §14).
    pub fn find(&self, kind: AttributeType) -> Option<Attribute<'a>> {
        let raw = self.raw_attributes().find(|raw| raw.kind == kind)?;
        Attribute::decode(raw.kind, raw.value, &self.header.transaction_id).ok()
    }

    /// Types below 0x8000 that are not understood here: a request with one is refused with 420, anything else with one is
    /// dropped (RFC 8489 §6.3).
    pub fn unknown_comprehension_required(&self) -> Vec<u16> {
        self.unknown_to(&[])
    }

    /// The same for who speaks a usage to which these attributes belong ([`AttributeType::is_of_a_usage`]).
    pub fn unknown_to(&self, usage: &[AttributeType]) -> Vec<u16> {
        let known =
            |kind: AttributeType| kind.is_understood() && (!kind.is_of_a_usage() || usage.contains(&kind));
        self.raw_attributes()
            .filter(|raw| raw.kind.is_comprehension_required() && !known(raw.kind))
            .map(|raw| raw.kind.0)
            .collect()
    }
}

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident $kind:ident -> $type:ty;)*) => {
        /// The values people ask for by name; `None` if the attribute is not there.
        impl<'a> Message<'a> {
            $($(#[$doc])*
            pub fn $name(&self) -> Option<$type> {
                match self.find(AttributeType::$kind) {
                    Some(Attribute::$variant(value)) => Some(value),
                    _ => None,
                }
            })*
        }
    };
}

getters! {
    /// MAPPED-ADDRESS.
    mapped_address: MappedAddress MAPPED_ADDRESS -> SocketAddr;
    /// XOR-MAPPED-ADDRESS.
    xor_mapped_address: XorMappedAddress XOR_MAPPED_ADDRESS -> SocketAddr;
    /// USERNAME.
    username: Username USERNAME -> &'a str;
    /// USERHASH.
    userhash: UserHash USERHASH -> &'a [u8; 32];
    /// REALM.
    realm: Realm REALM -> &'a str;
    /// NONCE.
    nonce: Nonce NONCE -> &'a str;
    /// ERROR-CODE.
    error_code: ErrorCode ERROR_CODE -> ErrorCode<'a>;
    /// UNKNOWN-ATTRIBUTES.
    unknown_attributes: UnknownAttributes UNKNOWN_ATTRIBUTES -> UnknownTypes<'a>;
    /// PASSWORD-ALGORITHMS.
    password_algorithms: PasswordAlgorithms PASSWORD_ALGORITHMS -> PasswordAlgorithmList<'a>;
    /// PASSWORD-ALGORITHM.
    password_algorithm: PasswordAlgorithm PASSWORD_ALGORITHM -> PasswordAlgorithmList<'a>;
    /// SOFTWARE.
    software: Software SOFTWARE -> &'a str;
    /// ALTERNATE-SERVER.
    alternate_server: AlternateServer ALTERNATE_SERVER -> SocketAddr;
    /// PRIORITY.
    priority: Priority PRIORITY -> u32;
    /// ICE-CONTROLLED: the tie-breaker.
    ice_controlled: IceControlled ICE_CONTROLLED -> u64;
    /// ICE-CONTROLLING: the tie-breaker.
    ice_controlling: IceControlling ICE_CONTROLLING -> u64;
    /// CHANNEL-NUMBER.
    channel_number: ChannelNumber CHANNEL_NUMBER -> u16;
    /// LIFETIME, in seconds.
    lifetime: Lifetime LIFETIME -> u32;
    /// XOR-PEER-ADDRESS, the first one.
    xor_peer_address: XorPeerAddress XOR_PEER_ADDRESS -> SocketAddr;
    /// DATA.
    data: Data DATA -> &'a [u8];
    /// XOR-RELAYED-ADDRESS, the first one.
    xor_relayed_address: XorRelayedAddress XOR_RELAYED_ADDRESS -> SocketAddr;
    /// REQUESTED-TRANSPORT: an IP protocol number.
    requested_transport: RequestedTransport REQUESTED_TRANSPORT -> u8;
    /// EVEN-PORT: whether the next higher port is to be reserved, too.
    even_port: EvenPort EVEN_PORT -> bool;
    /// RESERVATION-TOKEN.
    reservation_token: ReservationToken RESERVATION_TOKEN -> &'a [u8; 8];
    /// REQUESTED-ADDRESS-FAMILY.
    requested_address_family: RequestedAddressFamily REQUESTED_ADDRESS_FAMILY -> super::AddressFamily;
    /// ADDITIONAL-ADDRESS-FAMILY.
    additional_address_family: AdditionalAddressFamily ADDITIONAL_ADDRESS_FAMILY -> super::AddressFamily;
    /// ICMP.
    icmp: Icmp ICMP -> super::IcmpError;
    /// ADDRESS-ERROR-CODE, the first one.
    address_error_code: AddressErrorCode ADDRESS_ERROR_CODE -> super::AddressErrorCode<'a>;
    /// ALTERNATE-DOMAIN.
    alternate_domain: AlternateDomain ALTERNATE_DOMAIN -> &'a str;
    /// CHANGE-REQUEST.
    change_request: ChangeRequest CHANGE_REQUEST -> super::ChangeRequest;
    /// RESPONSE-ORIGIN.
    response_origin: ResponseOrigin RESPONSE_ORIGIN -> SocketAddr;
    /// OTHER-ADDRESS.
    other_address: OtherAddress OTHER_ADDRESS -> SocketAddr;
    /// PADDING.
    padding: Padding PADDING -> &'a [u8];
    /// RESPONSE-PORT.
    response_port: ResponsePort RESPONSE_PORT -> u16;
    /// CONNECTION-ID.
    connection_id: ConnectionId CONNECTION_ID -> u32;
    /// MOBILITY-TICKET.
    mobility_ticket: MobilityTicket MOBILITY_TICKET -> &'a [u8];
}

impl Message<'_> {
    /// Whether USE-CANDIDATE is there.
    pub fn use_candidate(&self) -> bool {
        self.find(AttributeType::USE_CANDIDATE).is_some()
    }

    /// Whether DONT-FRAGMENT is there.
    pub fn dont_fragment(&self) -> bool {
        self.find(AttributeType::DONT_FRAGMENT).is_some()
    }
}

/// An attribute before its value is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawAttribute<'a> {
    pub(crate) offset: usize,
    pub(crate) kind: AttributeType,
    pub(crate) value: &'a [u8],
}

/// Walks over attribute boundaries.
pub(crate) struct RawAttributes<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
}

impl<'a> RawAttributes<'a> {
    /// The next attribute, `None` at the end, or an error where one reaches past the end.
    pub(crate) fn next(&mut self) -> Result<Option<RawAttribute<'a>>, ParseError> {
        let offset = self.offset;
        let rest = self.bytes.get(offset..).unwrap_or(&[]);
        let Some((&[k0, k1, l0, l1], after)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let kind = AttributeType(u16::from_be_bytes([k0, k1]));
        let says = u16::from_be_bytes([l0, l1]);
        let padded = usize::from(says).next_multiple_of(4);
        if padded > after.len() {
            return Err(ParseError::Overrun { offset, kind, says, has: after.len() });
        }
        self.offset = offset + 4 + padded;
        Ok(Some(RawAttribute { offset, kind, value: &after[..usize::from(says)] }))
    }
}
