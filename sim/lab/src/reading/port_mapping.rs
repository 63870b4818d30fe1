//! What a message of PCP or NAT-PMP says, in a few words. Not here: what is done about it.

use std::fmt;

use rtclab_rtc::pcp::{
    MapData, PmpRequest, PmpResponse, PmpResult, Request, RequestBody, Response, ResultCode, Transport,
};

/// A message of port mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortMappingReading {
    /// A request of PCP.
    Request(Request),
    /// A response of PCP.
    Response(Response),
    /// A request of NAT-PMP.
    PmpRequest(PmpRequest),
    /// A response of NAT-PMP.
    PmpResponse(PmpResponse),
}

impl PortMappingReading {
    /// Reads a payload whose ports say that it is one.
    pub fn of(payload: &[u8]) -> Option<PortMappingReading> {
        let pcp = Request::parse(payload).ok().map(PortMappingReading::Request);
        let pcp = pcp.or_else(|| Response::parse(payload).ok().map(PortMappingReading::Response));
        let pmp = || PmpRequest::parse(payload).map(PortMappingReading::PmpRequest);
        pcp.or_else(pmp).or_else(|| PmpResponse::parse(payload).map(PortMappingReading::PmpResponse))
    }
}

fn named(protocol: u8) -> &'static str {
    match Transport::of_number(protocol) {
        Some(Transport::Udp) => "UDP",
        Some(Transport::Tcp) => "TCP",
        None => "every",
    }
}

fn asks(f: &mut fmt::Formatter<'_>, kind: &str, map: &MapData, lifetime: u32) -> fmt::Result {
    let (protocol, port) = (named(map.protocol), map.internal_port);
    match lifetime {
        0 => write!(f, "PCP {kind}: {protocol} port {port} no more"),
        _ => write!(f, "PCP {kind}: {protocol} port {port}, for {lifetime} s"),
    }
}

/// `PCP MAP: UDP port 40000, for 7200 s`, `PCP MAP answer: UDP port 40000 is 203.0.113.1:40000, for 7200 s`.
impl fmt::Display for PortMappingReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortMappingReading::Request(request) => match &request.body {
                RequestBody::Announce => f.write_str("PCP ANNOUNCE"),
                RequestBody::Map(map) => asks(f, "MAP", map, request.lifetime),
                RequestBody::Peer(peer) => {
                    asks(f, "PEER", &peer.map, request.lifetime)?;
                    write!(f, ", towards {}", peer.remote)
                }
                RequestBody::Other(opcode) => write!(f, "PCP opcode {opcode}"),
            },
            PortMappingReading::Response(response) => response_words(f, response),
            PortMappingReading::PmpRequest(PmpRequest::Address) => {
                f.write_str("NAT-PMP: which address outside?")
            }
            PortMappingReading::PmpRequest(PmpRequest::Map {
                transport, internal_port, lifetime, ..
            }) => {
                let protocol = named(transport.number());
                write!(f, "NAT-PMP: map {protocol} port {internal_port}, for {lifetime} s")
            }
            PortMappingReading::PmpResponse(response) => pmp_words(f, response),
        }
    }
}

fn response_words(f: &mut fmt::Formatter<'_>, response: &Response) -> fmt::Result {
    let Response { result, lifetime, epoch, body } = response;
    if *result != ResultCode::Success {
        return write!(f, "PCP answer: {}, for {lifetime} s", result.word());
    }
    match body {
        RequestBody::Announce => write!(f, "PCP ANNOUNCE: epoch {epoch} s"),
        RequestBody::Map(map) => grants(f, "MAP", map, *lifetime),
        RequestBody::Peer(peer) => grants(f, "PEER", &peer.map, *lifetime),
        RequestBody::Other(opcode) => write!(f, "PCP answer to opcode {opcode}"),
    }
}

fn grants(f: &mut fmt::Formatter<'_>, kind: &str, map: &MapData, lifetime: u32) -> fmt::Result {
    let (protocol, port) = (named(map.protocol), map.internal_port);
    match lifetime {
        0 => write!(f, "PCP {kind} answer: {protocol} port {port} is mapped no more"),
        _ => write!(f, "PCP {kind} answer: {protocol} port {port} is {}, for {lifetime} s", map.external),
    }
}

fn pmp_words(f: &mut fmt::Formatter<'_>, response: &PmpResponse) -> fmt::Result {
    match response {
        PmpResponse::Address { result: PmpResult::Success, external, .. } => {
            write!(f, "NAT-PMP answer: {external} outside")
        }
        PmpResponse::Map {
            result: PmpResult::Success,
            transport,
            internal_port,
            external_port,
            lifetime,
            ..
        } => {
            let protocol = named(transport.number());
            write!(f, "NAT-PMP answer: {protocol} port {internal_port} is {external_port}, for {lifetime} s")
        }
        PmpResponse::Address { result, .. }
        | PmpResponse::Map { result, .. }
        | PmpResponse::Refusal { result, .. } => write!(f, "NAT-PMP answer: result {}", result.number()),
    }
}
