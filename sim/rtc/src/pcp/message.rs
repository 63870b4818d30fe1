//! PCP messages (RFC 6887 §7, §11.1, §12.1, §14.1): read and written. Not here: what is made of them, and NAT-PMP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::MESSAGE_BYTES_MAX;

/// The version of the protocol.
pub(super) const VERSION: u8 = 2;

/// Requests and responses begin with as many bytes.
const HEADER: usize = 24;

/// The bit of the opcode that makes a response of it.
pub(super) const RESPONSE_BIT: u8 = 0x80;

/// What is asked (RFC 6887 §19.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opcode {
    /// Whether the server still knows what it knew.
    Announce,
    /// An outside port for an inside one.
    Map,
    /// An outside port towards one remote endpoint.
    Peer,
    /// Another.
    Other(u8),
}

impl Opcode {
    const fn of(number: u8) -> Opcode {
        match number {
            0 => Opcode::Announce,
            1 => Opcode::Map,
            2 => Opcode::Peer,
            other => Opcode::Other(other),
        }
    }

    /// Its number, of seven bits.
    pub const fn number(self) -> u8 {
        match self {
            Opcode::Announce => 0,
            Opcode::Map => 1,
            Opcode::Peer => 2,
            Opcode::Other(other) => other,
        }
    }
}

/// An option (RFC 6887 §7.3). Those below 128 have to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OptionCode(pub u8);

impl OptionCode {
    /// On behalf of another host.
    pub const THIRD_PARTY: OptionCode = OptionCode(1);
    /// Another outside port than the suggested one is no use.
    pub const PREFER_FAILURE: OptionCode = OptionCode(2);
    /// Only for these remote endpoints.
    pub const FILTER: OptionCode = OptionCode(3);

    /// Whether a server that does not know it has to refuse.
    pub const fn is_mandatory(self) -> bool {
        self.0 < 128
    }
}

/// What came of a request (RFC 6887 §7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the RFC, and each has its sentence there")]
pub enum ResultCode {
    Success,
    UnsupportedVersion,
    NotAuthorized,
    MalformedRequest,
    UnsupportedOpcode,
    UnsupportedOption,
    MalformedOption,
    NetworkFailure,
    NoResources,
    UnsupportedProtocol,
    UserExceedsQuota,
    CannotProvideExternal,
    AddressMismatch,
    ExcessiveRemotePeers,
    Other(u8),
}

/// The codes in the order of their numbers, with the words of the RFC.
const CODES: [(ResultCode, &str); 14] = [
    (ResultCode::Success, "SUCCESS"),
    (ResultCode::UnsupportedVersion, "UNSUPP_VERSION"),
    (ResultCode::NotAuthorized, "NOT_AUTHORIZED"),
    (ResultCode::MalformedRequest, "MALFORMED_REQUEST"),
    (ResultCode::UnsupportedOpcode, "UNSUPP_OPCODE"),
    (ResultCode::UnsupportedOption, "UNSUPP_OPTION"),
    (ResultCode::MalformedOption, "MALFORMED_OPTION"),
    (ResultCode::NetworkFailure, "NETWORK_FAILURE"),
    (ResultCode::NoResources, "NO_RESOURCES"),
    (ResultCode::UnsupportedProtocol, "UNSUPP_PROTOCOL"),
    (ResultCode::UserExceedsQuota, "USER_EX_QUOTA"),
    (ResultCode::CannotProvideExternal, "CANNOT_PROVIDE_EXTERNAL"),
    (ResultCode::AddressMismatch, "ADDRESS_MISMATCH"),
    (ResultCode::ExcessiveRemotePeers, "EXCESSIVE_REMOTE_PEERS"),
];

impl ResultCode {
    /// The code of that number.
    pub fn of(number: u8) -> ResultCode {
        CODES.get(usize::from(number)).map_or(ResultCode::Other(number), |(code, _)| *code)
    }

    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            ResultCode::Other(number) => number,
            code => CODES.iter().position(|(known, _)| *known == code).unwrap_or_default() as u8,
        }
    }

    /// As the RFC spells it.
    pub fn word(self) -> String {
        match CODES.get(usize::from(self.number())) {
            Some((_, word)) => (*word).to_owned(),
            None => format!("result {}", self.number()),
        }
    }
}

/// What a MAP request asks for and its response grants (RFC 6887 §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapData {
    /// Known to the client and the server: whoever has it may change the mapping.
    pub nonce: [u8; 12],
    /// The number in the IP header; 0 is every protocol.
    pub protocol: u8,
    /// The port of the client's socket; 0 is every port.
    pub internal_port: u16,
    /// Outside: suggested in a request (unspecified where there is no wish), assigned in a response.
    pub external: SocketAddr,
}

/// What a PEER request asks for and its response grants (RFC 6887 §12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerData {
    /// As for MAP.
    pub map: MapData,
    /// The remote endpoint.
    pub remote: SocketAddr,
}

/// What belongs to the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// Nothing.
    Announce,
    /// Of MAP.
    Map(MapData),
    /// Of PEER.
    Peer(PeerData),
    /// Of an opcode that is not known here.
    Other(u8),
}

impl RequestBody {
    /// The opcode.
    pub const fn opcode(&self) -> Opcode {
        match self {
            RequestBody::Announce => Opcode::Announce,
            RequestBody::Map(_) => Opcode::Map,
            RequestBody::Peer(_) => Opcode::Peer,
            RequestBody::Other(number) => Opcode::Other(*number),
        }
    }
}

/// The same in a response. An error may come without.
pub type ResponseBody = RequestBody;

/// A request (RFC 6887 §7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// For how long, in seconds.
    pub lifetime: u32,
    /// The client's address as it knows it: a NAT in between would show.
    pub client: IpAddr,
    /// What is asked.
    pub body: RequestBody,
    /// Its options, in order.
    pub options: Vec<OptionCode>,
}

/// A response (RFC 6887 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What came of it.
    pub result: ResultCode,
    /// For how long, in seconds: the mapping, or the error.
    pub lifetime: u32,
    /// Seconds since the server has begun to remember.
    pub epoch: u32,
    /// What is granted, or what was asked where nothing is.
    pub body: ResponseBody,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Shorter than a header and what belongs to its opcode, longer than a message may be, or no multiple of four.
    #[error("a message has 24 to 1100 bytes, in words of four (RFC 6887 §7)")]
    Length,
    /// The version is another; the number is what it says.
    #[error("version {0} instead of 2 (RFC 6887 §9)")]
    Version(u8),
    /// A response where a request is expected, or the other way round.
    #[error("a request has the R bit clear, a response has it set (RFC 6887 §7)")]
    Direction,
    /// An option runs beyond the end.
    #[error("an option is longer than what is left of the message (RFC 6887 §7.3)")]
    Option,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// See [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Request, Malformed> {
        let (opcode, rest) = begin(bytes, false)?;
        let lifetime = u32_at(bytes, 4);
        let client = address_at(bytes, 8);
        let (body, rest) = body(opcode, rest).ok_or(Malformed::Length)?;
        Ok(Request { lifetime, client, body, options: options(rest)? })
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.body.opcode().number(), 0, 0];
        bytes.extend_from_slice(&self.lifetime.to_be_bytes());
        push_address(&mut bytes, self.client);
        push_body(&mut bytes, &self.body);
        self.options.iter().for_each(|option| bytes.extend_from_slice(&[option.0, 0, 0, 0]));
        bytes
    }
}

impl Response {
    /// Reads a response.
    ///
    /// # Errors
    /// See [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Response, Malformed> {
        let (opcode, rest) = begin(bytes, true)?;
        let result = ResultCode::of(bytes[3]);
        let (lifetime, epoch) = (u32_at(bytes, 4), u32_at(bytes, 8));
        let body = match body(opcode, rest) {
            Some((body, _)) => body,
            // RFC 6887 §8.2: an error about what could not be read may have nothing of it.
            None if result != ResultCode::Success => RequestBody::Other(opcode.number()),
            None => return Err(Malformed::Length),
        };
        Ok(Response { result, lifetime, epoch, body })
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.body.opcode().number() | RESPONSE_BIT, 0, self.result.number()];
        bytes.extend_from_slice(&self.lifetime.to_be_bytes());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&[0; 12]);
        push_body(&mut bytes, &self.body);
        bytes
    }
}

fn begin(bytes: &[u8], response: bool) -> Result<(Opcode, &[u8]), Malformed> {
    let version = *bytes.first().ok_or(Malformed::Length)?;
    if version != VERSION {
        return Err(Malformed::Version(version));
    }
    if bytes.len() < HEADER || bytes.len() > MESSAGE_BYTES_MAX || !bytes.len().is_multiple_of(4) {
        return Err(Malformed::Length);
    }
    if (bytes[1] & RESPONSE_BIT != 0) != response {
        return Err(Malformed::Direction);
    }
    Ok((Opcode::of(bytes[1] & !RESPONSE_BIT), &bytes[HEADER..]))
}

/// What belongs to the opcode, and what follows it; none if it is cut off.
fn body(opcode: Opcode, bytes: &[u8]) -> Option<(RequestBody, &[u8])> {
    let map = |bytes: &[u8]| MapData {
        nonce: bytes[..12].try_into().expect("twelve bytes"),
        protocol: bytes[12],
        internal_port: u16_at(bytes, 16),
        external: SocketAddr::new(address_at(bytes, 20), u16_at(bytes, 18)),
    };
    Some(match opcode {
        Opcode::Announce => (RequestBody::Announce, bytes),
        Opcode::Map => {
            let (own, rest) = bytes.split_at_checked(36)?;
            (RequestBody::Map(map(own)), rest)
        }
        Opcode::Peer => {
            let (own, rest) = bytes.split_at_checked(56)?;
            let remote = SocketAddr::new(address_at(own, 40), u16_at(own, 36));
            (RequestBody::Peer(PeerData { map: map(own), remote }), rest)
        }
        Opcode::Other(number) => (RequestBody::Other(number), &[]),
    })
}

fn options(mut bytes: &[u8]) -> Result<Vec<OptionCode>, Malformed> {
    let mut options = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_at_checked(4).ok_or(Malformed::Option)?;
        let padded = usize::from(u16_at(head, 2)).next_multiple_of(4);
        bytes = rest.get(padded..).ok_or(Malformed::Option)?;
        options.push(OptionCode(head[0]));
    }
    Ok(options)
}

fn push_body(bytes: &mut Vec<u8>, body: &RequestBody) {
    let map = |bytes: &mut Vec<u8>, data: &MapData| {
        bytes.extend_from_slice(&data.nonce);
        bytes.extend_from_slice(&[data.protocol, 0, 0, 0]);
        bytes.extend_from_slice(&data.internal_port.to_be_bytes());
        bytes.extend_from_slice(&data.external.port().to_be_bytes());
        push_address(bytes, data.external.ip());
    };
    match body {
        RequestBody::Announce | RequestBody::Other(_) => {}
        RequestBody::Map(data) => map(bytes, data),
        RequestBody::Peer(data) => {
            map(bytes, &data.map);
            bytes.extend_from_slice(&data.remote.port().to_be_bytes());
            bytes.extend_from_slice(&[0; 2]);
            push_address(bytes, data.remote.ip());
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// RFC 6887 §5: addresses are IPv6 ones; IPv4 is mapped into them.
fn address_at(bytes: &[u8], at: usize) -> IpAddr {
    let octets: [u8; 16] = bytes[at..at + 16].try_into().expect("sixteen bytes");
    Ipv6Addr::from(octets).to_canonical()
}

fn push_address(bytes: &mut Vec<u8>, address: IpAddr) {
    let address = match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    bytes.extend_from_slice(&address.octets());
}

/// No wish for an outside endpoint of IPv4 (RFC 6887 §11.1).
pub(super) const ANY_EXTERNAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
