//! NAT-PMP messages (RFC 6886 §3): read and written. Not here: what is made of them.

use std::net::Ipv4Addr;

use super::Transport;
use super::message::RESPONSE_BIT;

/// The version of the protocol.
pub(super) const VERSION: u8 = 0;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PmpRequest {
    /// For the outside address (§3.2).
    Address,
    /// For a mapping (§3.3).
    Map {
        /// Of what.
        transport: Transport,
        /// The port of the client's socket; 0 with a lifetime of 0 is every port.
        internal_port: u16,
        /// Suggested; 0 where there is no wish.
        external_port: u16,
        /// In seconds; 0 ends it.
        lifetime: u32,
    },
}

/// What came of a request (§3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum PmpResult {
    Success,
    UnsupportedVersion,
    NotAuthorized,
    NetworkFailure,
    OutOfResources,
    UnsupportedOpcode,
    Other(u16),
}

impl PmpResult {
    /// The code of that number.
    pub const fn of(number: u16) -> PmpResult {
        match number {
            0 => PmpResult::Success,
            1 => PmpResult::UnsupportedVersion,
            2 => PmpResult::NotAuthorized,
            3 => PmpResult::NetworkFailure,
            4 => PmpResult::OutOfResources,
            5 => PmpResult::UnsupportedOpcode,
            other => PmpResult::Other(other),
        }
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        match self {
            PmpResult::Success => 0,
            PmpResult::UnsupportedVersion => 1,
            PmpResult::NotAuthorized => 2,
            PmpResult::NetworkFailure => 3,
            PmpResult::OutOfResources => 4,
            PmpResult::UnsupportedOpcode => 5,
            PmpResult::Other(other) => other,
        }
    }
}

/// A response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PmpResponse {
    /// The outside address, or why there is none.
    Address {
        /// What came of it.
        result: PmpResult,
        /// Seconds since the server has begun to remember.
        epoch: u32,
        /// The address.
        external: Ipv4Addr,
    },
    /// A mapping, or why there is none.
    Map {
        /// What came of it.
        result: PmpResult,
        /// Seconds since the server has begun to remember.
        epoch: u32,
        /// Of what.
        transport: Transport,
        /// As asked.
        internal_port: u16,
        /// The port outside.
        external_port: u16,
        /// For how many seconds.
        lifetime: u32,
    },
    /// About a request that is not understood: of another version, or with another opcode.
    Refusal {
        /// The opcode of the request.
        opcode: u8,
        /// Why.
        result: PmpResult,
        /// Seconds since the server has begun to remember.
        epoch: u32,
    },
}

const fn opcode_of(transport: Transport) -> u8 {
    match transport {
        Transport::Udp => 1,
        Transport::Tcp => 2,
    }
}

const fn transport_of(opcode: u8) -> Option<Transport> {
    match opcode {
        1 => Some(Transport::Udp),
        2 => Some(Transport::Tcp),
        _ => None,
    }
}

impl PmpRequest {
    /// Reads a request; none if the bytes are not one that is known.
    pub fn parse(bytes: &[u8]) -> Option<PmpRequest> {
        match bytes {
            [VERSION, 0] => Some(PmpRequest::Address),
            [VERSION, opcode, _, _, rest @ ..] if rest.len() == 8 => Some(PmpRequest::Map {
                transport: transport_of(*opcode)?,
                internal_port: u16::from_be_bytes([rest[0], rest[1]]),
                external_port: u16::from_be_bytes([rest[2], rest[3]]),
                lifetime: u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]),
            }),
            _ => None,
        }
    }

    /// As bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            PmpRequest::Address => vec![VERSION, 0],
            PmpRequest::Map { transport, internal_port, external_port, lifetime } => {
                let mut bytes = vec![VERSION, opcode_of(transport), 0, 0];
                bytes.extend_from_slice(&internal_port.to_be_bytes());
                bytes.extend_from_slice(&external_port.to_be_bytes());
                bytes.extend_from_slice(&lifetime.to_be_bytes());
                bytes
            }
        }
    }
}

impl PmpResponse {
    /// Reads a response; none if the bytes are not one that is known.
    pub fn parse(bytes: &[u8]) -> Option<PmpResponse> {
        let (head, rest) = bytes.split_at_checked(8)?;
        if head[0] != VERSION || head[1] & RESPONSE_BIT == 0 {
            return None;
        }
        let opcode = head[1] & !RESPONSE_BIT;
        let result = PmpResult::of(u16::from_be_bytes([head[2], head[3]]));
        let epoch = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        match (opcode, transport_of(opcode), rest) {
            (0, _, [a, b, c, d]) => {
                Some(PmpResponse::Address { result, epoch, external: Ipv4Addr::new(*a, *b, *c, *d) })
            }
            (_, Some(transport), rest) if rest.len() == 8 => Some(PmpResponse::Map {
                result,
                epoch,
                transport,
                internal_port: u16::from_be_bytes([rest[0], rest[1]]),
                external_port: u16::from_be_bytes([rest[2], rest[3]]),
                lifetime: u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]),
            }),
            _ if result != PmpResult::Success => Some(PmpResponse::Refusal { opcode, result, epoch }),
            _ => None,
        }
    }

    /// As bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        let head = |opcode: u8, result: PmpResult, epoch: u32| {
            let mut bytes = vec![VERSION, opcode | RESPONSE_BIT];
            bytes.extend_from_slice(&result.number().to_be_bytes());
            bytes.extend_from_slice(&epoch.to_be_bytes());
            bytes
        };
        match self {
            PmpResponse::Address { result, epoch, external } => {
                let mut bytes = head(0, result, epoch);
                bytes.extend_from_slice(&external.octets());
                bytes
            }
            PmpResponse::Map { result, epoch, transport, internal_port, external_port, lifetime } => {
                let mut bytes = head(opcode_of(transport), result, epoch);
                bytes.extend_from_slice(&internal_port.to_be_bytes());
                bytes.extend_from_slice(&external_port.to_be_bytes());
                bytes.extend_from_slice(&lifetime.to_be_bytes());
                bytes
            }
            PmpResponse::Refusal { opcode, result, epoch } => head(opcode, result, epoch),
        }
    }

    /// Seconds since the server has begun to remember.
    pub const fn epoch(&self) -> u32 {
        match self {
            PmpResponse::Address { epoch, .. }
            | PmpResponse::Map { epoch, .. }
            | PmpResponse::Refusal { epoch, .. } => *epoch,
        }
    }
}
