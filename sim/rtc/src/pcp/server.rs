//! The server: what it checks, what it grants, how it refuses, in both protocols. Not here: how a port is mapped; the [`Gateway`] does
//! that.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::Transport;
use super::message::{
    Malformed, MapData, OptionCode, PeerData, Request, RequestBody, Response, ResponseBody, ResultCode,
};
use super::nat_pmp::{self, PmpRequest, PmpResponse, PmpResult};
use crate::reason::Reason;
use crate::time::Time;

/// How long an error counts that may soon be none (RFC 6887 §7.4), in seconds.
const ERROR_SHORT_S: u32 = 30;

/// How long another error counts, in seconds.
const ERROR_LONG_S: u32 = 30 * 60;

/// Which protocols a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// PCP, and NAT-PMP with clients that know only that.
    #[default]
    Pcp,
    /// NAT-PMP only.
    NatPmp,
}

/// What a server is told at its start. The default is what RFC 6887 §15 recommends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// What it speaks.
    pub dialect: Dialect,
    /// The shortest lifetime that it grants.
    pub lifetime_min: Duration,
    /// The longest.
    pub lifetime_max: Duration,
    /// Mappings that a client may have.
    pub mappings_per_client_max: usize,
    /// Mappings that all clients together may have.
    pub mappings_max: usize,
}

impl Default for ServerConfig {
    fn default() -> ServerConfig {
        ServerConfig {
            dialect: Dialect::Pcp,
            lifetime_min: Duration::from_secs(120),
            lifetime_max: Duration::from_secs(24 * 60 * 60),
            mappings_per_client_max: 64,
            mappings_max: 4096,
        }
    }
}

/// A mapping that a gateway is to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Of what.
    pub transport: Transport,
    /// The client's socket.
    pub internal: SocketAddr,
    /// The outside port that it would like to have.
    pub port: Option<u16>,
    /// Another port is no use to it (PREFER_FAILURE).
    pub exact: bool,
    /// Towards this endpoint only (PEER); none for everybody (MAP).
    pub remote: Option<SocketAddr>,
    /// How long it is to live at least.
    pub lifetime: Duration,
}

/// What maps ports.
pub trait Gateway {
    /// The outside address that this client's mappings have, or would have.
    fn external_address(&self, client: IpAddr) -> Option<Ipv4Addr>;

    /// Makes a mapping, or prolongs the one that there is. Returns its outside endpoint.
    ///
    /// # Errors
    /// What the client is to be told.
    fn map(&mut self, ask: &Ask) -> Result<SocketAddr, ResultCode>;

    /// Ends a mapping.
    fn unmap(&mut self, transport: Transport, internal: SocketAddr);
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The payload of the datagram.
    pub payload: Vec<u8>,
    /// Why it says what it says.
    pub reason: Reason,
}

/// What is remembered of a mapping.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// None of NAT-PMP, where anybody at the client's address may change it.
    nonce: Option<[u8; 12]>,
    expires_at: Time,
}

/// A server of PCP and NAT-PMP.
///
/// Hand each datagram to [`Server::handle_datagram`]; when the gateway has lost its mappings, call [`Server::restart`] and send
/// [`Server::announcement`] to [`super::ALL_NODES`].
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    /// When it began to remember.
    since: Time,
    held: BTreeMap<(Transport, SocketAddr), Held>,
}

/// What is granted: outside endpoint and lifetime in seconds.
type Grant = (SocketAddr, u32);

/// A refusal, and for how many seconds it counts.
type Refusal = (ResultCode, u32);

impl Server {
    /// A server that begins to remember now.
    pub fn new(config: ServerConfig, now: Time) -> Server {
        Server { config, since: now, held: BTreeMap::new() }
    }

    /// How many mappings it knows that are not over.
    pub fn mappings(&self, now: Time) -> usize {
        self.held.values().filter(|held| held.expires_at > now).count()
    }

    /// The gateway has forgotten everything: the epoch begins anew.
    pub fn restart(&mut self, now: Time) {
        self.since = now;
        self.held.clear();
    }

    /// What is sent unasked after a restart (RFC 6887 §14.1.1).
    pub fn announcement(&self, now: Time) -> Answer {
        let payload = match self.config.dialect {
            Dialect::Pcp => self.response(now, ResultCode::Success, 0, RequestBody::Announce),
            // RFC 6886 §3.2.1: there it is the outside address, which the owner asks the gateway for.
            Dialect::NatPmp => self.pmp_address(None, now),
        };
        Answer { payload, reason: Reason::PcpAnnounces }
    }

    /// Answers a datagram.
    ///
    /// # Errors
    /// It is not answered; the reason says why.
    pub fn handle_datagram(
        &mut self,
        from: SocketAddr,
        bytes: &[u8],
        now: Time,
        gateway: &mut dyn Gateway,
    ) -> Result<Answer, Reason> {
        // RFC 6887 §8.2: too short, or a response.
        let [version, opcode, ..] = *bytes else { return Err(Reason::PcpMalformed) };
        if opcode & super::message::RESPONSE_BIT != 0 {
            return Err(Reason::PcpMalformed);
        }
        self.held.retain(|_, held| held.expires_at > now);
        if version == nat_pmp::VERSION {
            return Ok(self.answer_pmp(from, bytes, now, gateway));
        }
        if self.config.dialect == Dialect::NatPmp {
            return Ok(self.refuse_pmp(opcode, PmpResult::UnsupportedVersion, now));
        }
        Ok(match Request::parse(bytes) {
            Ok(request) => self.answer(from, &request, now, gateway),
            Err(malformed) => {
                let code = match malformed {
                    Malformed::Version(_) => ResultCode::UnsupportedVersion,
                    Malformed::Option => ResultCode::MalformedOption,
                    Malformed::Length | Malformed::Direction => ResultCode::MalformedRequest,
                };
                self.refuse((code, ERROR_LONG_S), RequestBody::Other(opcode), now)
            }
        })
    }

    // ---- PCP ----

    fn answer(
        &mut self,
        from: SocketAddr,
        request: &Request,
        now: Time,
        gateway: &mut dyn Gateway,
    ) -> Answer {
        // RFC 6887 §8.2: a NAT between client and server shows here.
        if request.client != from.ip() {
            return self.refuse((ResultCode::AddressMismatch, ERROR_LONG_S), request.body, now);
        }
        let known = |option: &OptionCode| {
            *option == OptionCode::PREFER_FAILURE && matches!(request.body, RequestBody::Map(_))
        };
        if request.options.iter().any(|option| option.is_mandatory() && !known(option)) {
            return self.refuse((ResultCode::UnsupportedOption, ERROR_LONG_S), request.body, now);
        }
        let exact = request.options.contains(&OptionCode::PREFER_FAILURE);
        let granted = match request.body {
            RequestBody::Announce => {
                let payload = self.response(now, ResultCode::Success, 0, RequestBody::Announce);
                return Answer { payload, reason: Reason::PcpAnnounces };
            }
            RequestBody::Other(_) => Err((ResultCode::UnsupportedOpcode, ERROR_LONG_S)),
            RequestBody::Map(map) if request.lifetime == 0 => {
                return self.delete(from.ip(), map, now, gateway);
            }
            RequestBody::Map(map) => self.map(from.ip(), &map, (exact, None), request.lifetime, now, gateway),
            RequestBody::Peer(PeerData { map, remote }) => {
                self.map(from.ip(), &map, (false, Some(remote)), request.lifetime, now, gateway)
            }
        };
        let (external, lifetime) = match granted {
            Ok(granted) => granted,
            Err(refusal) => return self.refuse(refusal, request.body, now),
        };
        let body = match request.body {
            RequestBody::Map(map) => RequestBody::Map(MapData { external, ..map }),
            RequestBody::Peer(peer) => {
                RequestBody::Peer(PeerData { map: MapData { external, ..peer.map }, ..peer })
            }
            other => other,
        };
        let payload = self.response(now, ResultCode::Success, lifetime, body);
        Answer { payload, reason: Reason::PcpGrants }
    }

    fn map(
        &mut self,
        client: IpAddr,
        map: &MapData,
        (exact, remote): (bool, Option<SocketAddr>),
        lifetime: u32,
        now: Time,
        gateway: &mut dyn Gateway,
    ) -> Result<Grant, Refusal> {
        if map.protocol == 0 && map.internal_port != 0 {
            return Err((ResultCode::MalformedRequest, ERROR_LONG_S));
        }
        // RFC 6887 §11.3: a NAT does not give all ports of an address away.
        let transport = Transport::of_number(map.protocol).filter(|_| map.internal_port != 0);
        let transport = transport.ok_or((ResultCode::UnsupportedProtocol, ERROR_LONG_S))?;
        let internal = SocketAddr::new(client, map.internal_port);
        self.authorize(transport, internal, &map.nonce, now)?;
        let port = Some(map.external.port()).filter(|port| *port != 0);
        let ask = Ask { transport, internal, port, exact, remote, lifetime: self.lifetime(lifetime) };
        self.grant(&ask, Some(map.nonce), now, gateway)
    }

    /// RFC 6887 §11.3: whoever does not know the nonce of a mapping may not change it.
    fn authorize(
        &self,
        transport: Transport,
        internal: SocketAddr,
        nonce: &[u8; 12],
        now: Time,
    ) -> Result<(), Refusal> {
        match self.held.get(&(transport, internal)) {
            Some(Held { nonce: Some(own), expires_at }) if own != nonce => {
                let left = u32::try_from(expires_at.since(now).as_secs()).unwrap_or(u32::MAX);
                Err((ResultCode::NotAuthorized, left))
            }
            _ => Ok(()),
        }
    }

    fn lifetime(&self, asked: u32) -> Duration {
        Duration::from_secs(asked.into()).clamp(self.config.lifetime_min, self.config.lifetime_max)
    }

    /// Makes a mapping or prolongs it, in whichever protocol it was asked for.
    fn grant(
        &mut self,
        ask: &Ask,
        nonce: Option<[u8; 12]>,
        now: Time,
        gateway: &mut dyn Gateway,
    ) -> Result<Grant, Refusal> {
        let key = (ask.transport, ask.internal);
        if !self.held.contains_key(&key) {
            let own = self.held.keys().filter(|(_, internal)| internal.ip() == ask.internal.ip()).count();
            if own >= self.config.mappings_per_client_max {
                return Err((ResultCode::UserExceedsQuota, ERROR_SHORT_S));
            }
            if self.held.len() >= self.config.mappings_max {
                return Err((ResultCode::NoResources, ERROR_SHORT_S));
            }
        }
        let external = gateway.map(ask).map_err(|code| {
            let soon = matches!(
                code,
                ResultCode::NetworkFailure | ResultCode::NoResources | ResultCode::UserExceedsQuota
            );
            (code, if soon { ERROR_SHORT_S } else { ERROR_LONG_S })
        })?;
        self.held.insert(key, Held { nonce, expires_at: now + ask.lifetime });
        Ok((external, u32::try_from(ask.lifetime.as_secs()).unwrap_or(u32::MAX)))
    }

    /// RFC 6887 §15.1: one mapping, or all of the client's for a protocol, or all.
    fn delete(&mut self, client: IpAddr, map: MapData, now: Time, gateway: &mut dyn Gateway) -> Answer {
        let transport = Transport::of_number(map.protocol);
        if transport.is_none() && (map.protocol != 0 || map.internal_port != 0) {
            let code = if map.protocol == 0 {
                ResultCode::MalformedRequest
            } else {
                ResultCode::UnsupportedProtocol
            };
            return self.refuse((code, ERROR_LONG_S), RequestBody::Map(map), now);
        }
        let named = |(of, internal): &(Transport, SocketAddr)| {
            internal.ip() == client
                && transport.is_none_or(|transport| transport == *of)
                && (map.internal_port == 0 || map.internal_port == internal.port())
        };
        let keys: Vec<(Transport, SocketAddr)> = self.held.keys().filter(|key| named(key)).copied().collect();
        for (transport, internal) in keys {
            if let Err(refusal) = self.authorize(transport, internal, &map.nonce, now) {
                if map.internal_port != 0 {
                    return self.refuse(refusal, RequestBody::Map(map), now);
                }
                continue;
            }
            self.held.remove(&(transport, internal));
            gateway.unmap(transport, internal);
        }
        let payload = self.response(now, ResultCode::Success, 0, RequestBody::Map(map));
        Answer { payload, reason: Reason::PcpDeletes }
    }

    fn refuse(&self, (code, lifetime): Refusal, body: ResponseBody, now: Time) -> Answer {
        Answer { payload: self.response(now, code, lifetime, body), reason: Reason::PcpRefuses }
    }

    fn response(&self, now: Time, result: ResultCode, lifetime: u32, body: ResponseBody) -> Vec<u8> {
        Response { result, lifetime, epoch: self.epoch(now), body }.to_bytes()
    }

    fn epoch(&self, now: Time) -> u32 {
        u32::try_from(now.since(self.since).as_secs()).unwrap_or(u32::MAX)
    }

    // ---- NAT-PMP ----

    fn answer_pmp(&mut self, from: SocketAddr, bytes: &[u8], now: Time, gateway: &mut dyn Gateway) -> Answer {
        match PmpRequest::parse(bytes) {
            None => self.refuse_pmp(bytes[1], PmpResult::UnsupportedOpcode, now),
            Some(PmpRequest::Address) => {
                let payload = self.pmp_address(gateway.external_address(from.ip()), now);
                Answer { payload, reason: Reason::PcpTellsAddress }
            }
            Some(PmpRequest::Map { transport, internal_port, external_port, lifetime }) => {
                let ports = (internal_port, external_port);
                self.map_pmp(from.ip(), transport, ports, lifetime, now, gateway)
            }
        }
    }

    fn map_pmp(
        &mut self,
        client: IpAddr,
        transport: Transport,
        (internal_port, external_port): (u16, u16),
        lifetime: u32,
        now: Time,
        gateway: &mut dyn Gateway,
    ) -> Answer {
        let nothing = SocketAddr::new(client, 0);
        let internal = SocketAddr::new(client, internal_port);
        let (granted, reason) = if lifetime == 0 {
            self.delete_pmp(transport, internal, gateway);
            (Ok((nothing, 0)), Reason::PcpDeletes)
        } else if internal_port == 0 {
            (Err((ResultCode::UnsupportedProtocol, 0)), Reason::PcpRefuses)
        } else {
            let port = Some(external_port).filter(|port| *port != 0);
            let lifetime = self.lifetime(lifetime);
            let ask = Ask { transport, internal, port, exact: false, remote: None, lifetime };
            let granted = self.grant(&ask, None, now, gateway);
            let reason = if granted.is_ok() { Reason::PcpGrants } else { Reason::PcpRefuses };
            (granted, reason)
        };
        let (result, (external, lifetime)) = match granted {
            Ok(granted) => (PmpResult::Success, granted),
            Err((code, _)) => (pmp_result(code), (nothing, 0)),
        };
        let (epoch, external_port) = (self.epoch(now), external.port());
        let response = PmpResponse::Map { result, epoch, transport, internal_port, external_port, lifetime };
        Answer { payload: response.to_bytes(), reason }
    }

    /// RFC 6886 §3.4: port 0 is every port of the client.
    fn delete_pmp(&mut self, transport: Transport, internal: SocketAddr, gateway: &mut dyn Gateway) {
        let named = |(of, own): &(Transport, SocketAddr)| {
            *of == transport && own.ip() == internal.ip() && (internal.port() == 0 || *own == internal)
        };
        // What PCP has made is not ended by somebody without its nonce.
        let keys = self.held.iter().filter(|(key, held)| named(key) && held.nonce.is_none());
        let keys: Vec<(Transport, SocketAddr)> = keys.map(|(key, _)| *key).collect();
        for (transport, internal) in keys {
            self.held.remove(&(transport, internal));
            gateway.unmap(transport, internal);
        }
    }

    fn pmp_address(&self, external: Option<Ipv4Addr>, now: Time) -> Vec<u8> {
        let result = if external.is_some() { PmpResult::Success } else { PmpResult::NetworkFailure };
        let external = external.unwrap_or(Ipv4Addr::UNSPECIFIED);
        PmpResponse::Address { result, epoch: self.epoch(now), external }.to_bytes()
    }

    fn refuse_pmp(&self, opcode: u8, result: PmpResult, now: Time) -> Answer {
        let response = PmpResponse::Refusal { opcode, result, epoch: self.epoch(now) };
        Answer { payload: response.to_bytes(), reason: Reason::PcpRefuses }
    }
}

const fn pmp_result(code: ResultCode) -> PmpResult {
    match code {
        ResultCode::Success => PmpResult::Success,
        ResultCode::NotAuthorized => PmpResult::NotAuthorized,
        ResultCode::NetworkFailure => PmpResult::NetworkFailure,
        ResultCode::UnsupportedProtocol => PmpResult::UnsupportedOpcode,
        _ => PmpResult::OutOfResources,
    }
}
