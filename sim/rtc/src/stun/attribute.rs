//! An attribute with its value decoded: one variant a type. Not here: the order of attributes in a message.

use std::net::SocketAddr;

use super::{
    AddressErrorCode, AddressFamily, AttributeType, ErrorCode, PasswordAlgorithmList, TransactionId,
    ValueProblem, address,
};

/// RFC 8489 §14.3: fewer than 509 bytes.
pub(crate) const USERNAME_MAX: usize = 508;
/// RFC 8489 §14.9, §14.10, §14.14: fewer than 128 characters, up to 763 bytes.
const TEXT_MAX: usize = 763;
/// RFC 8489 §14.16: a domain name.
const DOMAIN_MAX: usize = 255;

/// An attribute and its value, borrowed from the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute<'a> {
    /// The sender's address as the server saw it, plain.
    MappedAddress(SocketAddr),
    /// The same, XORed on the wire.
    XorMappedAddress(SocketAddr),
    /// Who asks.
    Username(&'a str),
    /// Who asks, hashed: `SHA-256(username ":" realm)`.
    UserHash(&'a [u8; 32]),
    /// HMAC-SHA1 over what stands before it.
    MessageIntegrity(&'a [u8; 20]),
    /// HMAC-SHA256 over what stands before it, possibly truncated.
    MessageIntegritySha256(&'a [u8]),
    /// CRC-32 over what stands before it, XORed with "STUN".
    Fingerprint(u32),
    /// Why a request is refused.
    ErrorCode(ErrorCode<'a>),
    /// Where username and password are valid.
    Realm(&'a str),
    /// What the server wants to see again, to know that the request is fresh.
    Nonce(&'a str),
    /// How the server can make a key from a password.
    PasswordAlgorithms(PasswordAlgorithmList<'a>),
    /// How the client did.
    PasswordAlgorithm(PasswordAlgorithmList<'a>),
    /// What was not understood.
    UnknownAttributes(UnknownTypes<'a>),
    /// What the sender runs.
    Software(&'a str),
    /// Another server to try.
    AlternateServer(SocketAddr),
    /// The name in that server's certificate.
    AlternateDomain(&'a str),
    /// ICE: the priority a peer-reflexive candidate would get.
    Priority(u32),
    /// ICE: the controlling agent nominates.
    UseCandidate,
    /// ICE: the sender believes to be controlled; its tie-breaker.
    IceControlled(u64),
    /// ICE: the sender believes to be controlling; its tie-breaker.
    IceControlling(u64),
    /// TURN: a channel.
    ChannelNumber(u16),
    /// TURN: seconds until the allocation expires.
    Lifetime(u32),
    /// TURN: a peer.
    XorPeerAddress(SocketAddr),
    /// TURN: what is relayed.
    Data(&'a [u8]),
    /// TURN: the relayed transport address.
    XorRelayedAddress(SocketAddr),
    /// TURN: of which family it should be.
    RequestedAddressFamily(AddressFamily),
    /// TURN: an even port, and (if true) the next one reserved.
    EvenPort(bool),
    /// TURN: the IP protocol number between server and peer; 17 is UDP.
    RequestedTransport(u8),
    /// TURN: set DF towards the peer.
    DontFragment,
    /// TURN: the port reserved earlier.
    ReservationToken(&'a [u8; 8]),
    /// TURN: a second relayed address, of this family.
    AdditionalAddressFamily(AddressFamily),
    /// TURN: why one of the two families was not given.
    AddressErrorCode(AddressErrorCode<'a>),
    /// TURN: an ICMP error came back for what was relayed.
    Icmp(IcmpError),
    /// Behavior discovery: answer from another address or port than the request was sent to.
    ChangeRequest(ChangeRequest),
    /// Behavior discovery: where the response was sent from.
    ResponseOrigin(SocketAddr),
    /// Behavior discovery: the server's other address and port.
    OtherAddress(SocketAddr),
    /// Behavior discovery: bytes without meaning, to make a message longer than a link takes in one piece.
    Padding(&'a [u8]),
    /// Behavior discovery: answer to this port instead of the one the request came from.
    ResponsePort(u16),
    /// TURN over TCP: one of the connections that a relay holds.
    ConnectionId(u32),
    /// TURN mobility: what lets a client take its allocation along to another address; empty where one is asked for.
    MobilityTicket(&'a [u8]),
    /// A type that is not understood here.
    Unknown {
        /// Its type.
        kind: AttributeType,
        /// Its bytes, without padding.
        value: &'a [u8],
    },
}

/// The value of CHANGE-REQUEST (RFC 5780 §7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeRequest {
    /// From the other IP address.
    pub address: bool,
    /// From the other port.
    pub port: bool,
}

/// The value of ICMP (RFC 8656 §18.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// The ICMP or ICMPv6 type; 7 bits on the wire.
    pub icmp_type: u8,
    /// The ICMP or ICMPv6 code; 9 bits on the wire.
    pub icmp_code: u16,
    /// MTU of the next hop for "too big", otherwise zero.
    pub error_data: u32,
}

/// A list of attribute types, as UNKNOWN-ATTRIBUTES carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTypes<'a>(&'a [u8]);

impl<'a> UnknownTypes<'a> {
    /// Checks that `value` is a whole number of types.
    ///
    /// # Errors
    /// An odd number of bytes.
    pub fn from_bytes(value: &'a [u8]) -> Result<UnknownTypes<'a>, ValueProblem> {
        if value.len().is_multiple_of(2) {
            Ok(UnknownTypes(value))
        } else {
            Err(ValueProblem::List { at: value.len() - 1 })
        }
    }

    /// The types in it.
    pub fn iter(&self) -> impl Iterator<Item = AttributeType> + 'a {
        self.0.as_chunks::<2>().0.iter().map(|bytes| AttributeType(u16::from_be_bytes(*bytes)))
    }
}

impl<'a> Attribute<'a> {
    /// Its type.
    pub const fn kind(&self) -> AttributeType {
        match self {
            Attribute::MappedAddress(_) => AttributeType::MAPPED_ADDRESS,
            Attribute::XorMappedAddress(_) => AttributeType::XOR_MAPPED_ADDRESS,
            Attribute::Username(_) => AttributeType::USERNAME,
            Attribute::UserHash(_) => AttributeType::USERHASH,
            Attribute::MessageIntegrity(_) => AttributeType::MESSAGE_INTEGRITY,
            Attribute::MessageIntegritySha256(_) => AttributeType::MESSAGE_INTEGRITY_SHA256,
            Attribute::Fingerprint(_) => AttributeType::FINGERPRINT,
            Attribute::ErrorCode(_) => AttributeType::ERROR_CODE,
            Attribute::Realm(_) => AttributeType::REALM,
            Attribute::Nonce(_) => AttributeType::NONCE,
            Attribute::PasswordAlgorithms(_) => AttributeType::PASSWORD_ALGORITHMS,
            Attribute::PasswordAlgorithm(_) => AttributeType::PASSWORD_ALGORITHM,
            Attribute::UnknownAttributes(_) => AttributeType::UNKNOWN_ATTRIBUTES,
            Attribute::Software(_) => AttributeType::SOFTWARE,
            Attribute::AlternateServer(_) => AttributeType::ALTERNATE_SERVER,
            Attribute::AlternateDomain(_) => AttributeType::ALTERNATE_DOMAIN,
            Attribute::Priority(_) => AttributeType::PRIORITY,
            Attribute::UseCandidate => AttributeType::USE_CANDIDATE,
            Attribute::IceControlled(_) => AttributeType::ICE_CONTROLLED,
            Attribute::IceControlling(_) => AttributeType::ICE_CONTROLLING,
            Attribute::ChannelNumber(_) => AttributeType::CHANNEL_NUMBER,
            Attribute::Lifetime(_) => AttributeType::LIFETIME,
            Attribute::XorPeerAddress(_) => AttributeType::XOR_PEER_ADDRESS,
            Attribute::Data(_) => AttributeType::DATA,
            Attribute::XorRelayedAddress(_) => AttributeType::XOR_RELAYED_ADDRESS,
            Attribute::RequestedAddressFamily(_) => AttributeType::REQUESTED_ADDRESS_FAMILY,
            Attribute::EvenPort(_) => AttributeType::EVEN_PORT,
            Attribute::RequestedTransport(_) => AttributeType::REQUESTED_TRANSPORT,
            Attribute::DontFragment => AttributeType::DONT_FRAGMENT,
            Attribute::ReservationToken(_) => AttributeType::RESERVATION_TOKEN,
            Attribute::AdditionalAddressFamily(_) => AttributeType::ADDITIONAL_ADDRESS_FAMILY,
            Attribute::AddressErrorCode(_) => AttributeType::ADDRESS_ERROR_CODE,
            Attribute::Icmp(_) => AttributeType::ICMP,
            Attribute::ChangeRequest(_) => AttributeType::CHANGE_REQUEST,
            Attribute::ResponseOrigin(_) => AttributeType::RESPONSE_ORIGIN,
            Attribute::OtherAddress(_) => AttributeType::OTHER_ADDRESS,
            Attribute::Padding(_) => AttributeType::PADDING,
            Attribute::ResponsePort(_) => AttributeType::RESPONSE_PORT,
            Attribute::ConnectionId(_) => AttributeType::CONNECTION_ID,
            Attribute::MobilityTicket(_) => AttributeType::MOBILITY_TICKET,
            Attribute::Unknown { kind, .. } => *kind,
        }
    }

    /// Decodes the value (without padding) of an attribute of this type.
    ///
    /// # Errors
    /// The value does not have the form of its type.
    pub fn decode(
        kind: AttributeType,
        value: &'a [u8],
        id: &TransactionId,
    ) -> Result<Attribute<'a>, ValueProblem> {
        let xored = |value| address::decode(value).map(|wire| address::xor(wire, id));
        Ok(match kind {
            AttributeType::MAPPED_ADDRESS => Attribute::MappedAddress(address::decode(value)?),
            AttributeType::XOR_MAPPED_ADDRESS => Attribute::XorMappedAddress(xored(value)?),
            AttributeType::USERNAME => Attribute::Username(text(value, USERNAME_MAX)?),
            AttributeType::USERHASH => Attribute::UserHash(fixed(value)?),
            AttributeType::MESSAGE_INTEGRITY => Attribute::MessageIntegrity(fixed(value)?),
            AttributeType::MESSAGE_INTEGRITY_SHA256 => Attribute::MessageIntegritySha256(truncated(value)?),
            AttributeType::FINGERPRINT => Attribute::Fingerprint(number32(value)?),
            AttributeType::ERROR_CODE => Attribute::ErrorCode(ErrorCode::decode(value)?),
            AttributeType::REALM => Attribute::Realm(text(value, TEXT_MAX)?),
            AttributeType::NONCE => Attribute::Nonce(text(value, TEXT_MAX)?),
            AttributeType::PASSWORD_ALGORITHMS => {
                Attribute::PasswordAlgorithms(PasswordAlgorithmList::from_bytes(value)?)
            }
            AttributeType::PASSWORD_ALGORITHM => {
                Attribute::PasswordAlgorithm(PasswordAlgorithmList::from_bytes(value)?)
            }
            AttributeType::UNKNOWN_ATTRIBUTES => {
                Attribute::UnknownAttributes(UnknownTypes::from_bytes(value)?)
            }
            AttributeType::SOFTWARE => Attribute::Software(text(value, TEXT_MAX)?),
            AttributeType::ALTERNATE_SERVER => Attribute::AlternateServer(address::decode(value)?),
            AttributeType::ALTERNATE_DOMAIN => Attribute::AlternateDomain(text(value, DOMAIN_MAX)?),
            AttributeType::PRIORITY => Attribute::Priority(number32(value)?),
            AttributeType::USE_CANDIDATE => fixed(value).map(|[]| Attribute::UseCandidate)?,
            AttributeType::ICE_CONTROLLED => Attribute::IceControlled(number64(value)?),
            AttributeType::ICE_CONTROLLING => Attribute::IceControlling(number64(value)?),
            _ => return Attribute::decode_turn(kind, value, id),
        })
    }

    fn decode_turn(
        kind: AttributeType,
        value: &'a [u8],
        id: &TransactionId,
    ) -> Result<Attribute<'a>, ValueProblem> {
        let xored = |value| address::decode(value).map(|wire| address::xor(wire, id));
        Ok(match kind {
            // RFC 8656 §18.1: two bytes of number, two reserved ones that are ignored; likewise below.
            AttributeType::CHANNEL_NUMBER => {
                fixed(value).map(|[a, b, _, _]| Attribute::ChannelNumber(u16::from_be_bytes([*a, *b])))?
            }
            AttributeType::LIFETIME => Attribute::Lifetime(number32(value)?),
            AttributeType::XOR_PEER_ADDRESS => Attribute::XorPeerAddress(xored(value)?),
            AttributeType::DATA => Attribute::Data(value),
            AttributeType::XOR_RELAYED_ADDRESS => Attribute::XorRelayedAddress(xored(value)?),
            AttributeType::REQUESTED_ADDRESS_FAMILY => {
                fixed(value).map(|[f, _, _, _]| Attribute::RequestedAddressFamily(AddressFamily(*f)))?
            }
            AttributeType::EVEN_PORT => fixed(value).map(|[r]| Attribute::EvenPort(r & 0x80 != 0))?,
            AttributeType::REQUESTED_TRANSPORT => {
                fixed(value).map(|[p, _, _, _]| Attribute::RequestedTransport(*p))?
            }
            AttributeType::DONT_FRAGMENT => fixed(value).map(|[]| Attribute::DontFragment)?,
            AttributeType::RESERVATION_TOKEN => Attribute::ReservationToken(fixed(value)?),
            AttributeType::ADDITIONAL_ADDRESS_FAMILY => {
                fixed(value).map(|[f, _, _, _]| Attribute::AdditionalAddressFamily(AddressFamily(*f)))?
            }
            AttributeType::ADDRESS_ERROR_CODE => {
                Attribute::AddressErrorCode(AddressErrorCode::decode(value)?)
            }
            AttributeType::ICMP => Attribute::Icmp(IcmpError::decode(fixed(value)?)),
            _ => return Attribute::decode_usage(kind, value),
        })
    }

    /// Attributes of usages that few speak: behavior discovery, TURN over TCP, mobility.
    fn decode_usage(kind: AttributeType, value: &'a [u8]) -> Result<Attribute<'a>, ValueProblem> {
        Ok(match kind {
            AttributeType::CHANGE_REQUEST => {
                number32(value).map(|bits| Attribute::ChangeRequest(ChangeRequest::from_bits(bits)))?
            }
            AttributeType::RESPONSE_ORIGIN => Attribute::ResponseOrigin(address::decode(value)?),
            AttributeType::OTHER_ADDRESS => Attribute::OtherAddress(address::decode(value)?),
            AttributeType::PADDING => Attribute::Padding(value),
            // RFC 5780 §7.5: 16 bits "followed by 2 bytes of padding", which some count in the length and some do not.
            AttributeType::RESPONSE_PORT => match value {
                [a, b] | [a, b, _, _] => Attribute::ResponsePort(u16::from_be_bytes([*a, *b])),
                _ => return Err(ValueProblem::Length { has: value.len(), expected: 2 }),
            },
            AttributeType::CONNECTION_ID => Attribute::ConnectionId(number32(value)?),
            AttributeType::MOBILITY_TICKET => Attribute::MobilityTicket(value),
            _ => Attribute::Unknown { kind, value },
        })
    }

    /// Appends the value, without padding.
    pub(crate) fn encode_value(&self, id: &TransactionId, out: &mut Vec<u8>) {
        match *self {
            Attribute::MappedAddress(plain)
            | Attribute::AlternateServer(plain)
            | Attribute::ResponseOrigin(plain)
            | Attribute::OtherAddress(plain) => address::encode(plain, out),
            Attribute::XorMappedAddress(plain)
            | Attribute::XorPeerAddress(plain)
            | Attribute::XorRelayedAddress(plain) => address::encode(address::xor(plain, id), out),
            Attribute::Username(text)
            | Attribute::Realm(text)
            | Attribute::Nonce(text)
            | Attribute::Software(text)
            | Attribute::AlternateDomain(text) => out.extend_from_slice(text.as_bytes()),
            Attribute::UserHash(hash) => out.extend_from_slice(hash),
            Attribute::MessageIntegrity(hmac) => out.extend_from_slice(hmac),
            Attribute::ReservationToken(token) => out.extend_from_slice(token),
            Attribute::MessageIntegritySha256(value)
            | Attribute::Data(value)
            | Attribute::Padding(value)
            | Attribute::MobilityTicket(value)
            | Attribute::Unknown { value, .. } => out.extend_from_slice(value),
            Attribute::Fingerprint(number)
            | Attribute::Priority(number)
            | Attribute::Lifetime(number)
            | Attribute::ConnectionId(number) => {
                out.extend_from_slice(&number.to_be_bytes());
            }
            Attribute::ErrorCode(error) => error.encode(out),
            Attribute::PasswordAlgorithms(list) | Attribute::PasswordAlgorithm(list) => {
                out.extend_from_slice(list.as_bytes());
            }
            Attribute::UnknownAttributes(types) => out.extend_from_slice(types.0),
            Attribute::UseCandidate | Attribute::DontFragment => {}
            Attribute::IceControlled(number) | Attribute::IceControlling(number) => {
                out.extend_from_slice(&number.to_be_bytes());
            }
            Attribute::ChannelNumber(number) => {
                out.extend_from_slice(&[number.to_be_bytes(), [0, 0]].concat());
            }
            Attribute::RequestedAddressFamily(family) | Attribute::AdditionalAddressFamily(family) => {
                out.extend_from_slice(&[family.0, 0, 0, 0]);
            }
            Attribute::EvenPort(reserve_next) => out.push(if reserve_next { 0x80 } else { 0 }),
            Attribute::RequestedTransport(protocol) => out.extend_from_slice(&[protocol, 0, 0, 0]),
            Attribute::AddressErrorCode(error) => error.encode(out),
            Attribute::Icmp(error) => error.encode(out),
            Attribute::ChangeRequest(change) => out.extend_from_slice(&change.bits().to_be_bytes()),
            Attribute::ResponsePort(port) => out.extend_from_slice(&port.to_be_bytes()),
        }
    }
}

impl ChangeRequest {
    /// RFC 5780 §7.2: the bits A and B of 32; the others are ignored.
    const fn from_bits(bits: u32) -> ChangeRequest {
        ChangeRequest { address: bits & 4 != 0, port: bits & 2 != 0 }
    }

    const fn bits(self) -> u32 {
        (self.address as u32) << 2 | (self.port as u32) << 1
    }
}

impl IcmpError {
    /// RFC 8656 §18.13: 16 reserved bits, 7 bits of type, 9 bits of code, 32 bits of data.
    fn decode(value: &[u8; 8]) -> IcmpError {
        let [_, _, t, c, data @ ..] = *value;
        IcmpError {
            icmp_type: t >> 1,
            icmp_code: u16::from_be_bytes([t & 1, c]),
            error_data: u32::from_be_bytes(data),
        }
    }

    fn encode(self, out: &mut Vec<u8>) {
        let bits = u16::from(self.icmp_type) << 9 | (self.icmp_code & 0x1FF);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&bits.to_be_bytes());
        out.extend_from_slice(&self.error_data.to_be_bytes());
    }
}

fn fixed<const N: usize>(value: &[u8]) -> Result<&[u8; N], ValueProblem> {
    value.try_into().map_err(|_| ValueProblem::Length { has: value.len(), expected: N })
}

fn number32(value: &[u8]) -> Result<u32, ValueProblem> {
    fixed(value).map(|bytes| u32::from_be_bytes(*bytes))
}

fn number64(value: &[u8]) -> Result<u64, ValueProblem> {
    fixed(value).map(|bytes| u64::from_be_bytes(*bytes))
}

fn truncated(value: &[u8]) -> Result<&[u8], ValueProblem> {
    if (16..=32).contains(&value.len()) && value.len().is_multiple_of(4) {
        Ok(value)
    } else {
        Err(ValueProblem::Truncation { has: value.len() })
    }
}

pub(crate) fn text(value: &[u8], most: usize) -> Result<&str, ValueProblem> {
    if value.len() > most {
        return Err(ValueProblem::Long { has: value.len(), most });
    }
    str::from_utf8(value).map_err(|error| ValueProblem::Text { at: error.valid_up_to() })
}
